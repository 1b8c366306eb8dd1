"""The person's own weeks: which are lived again, what they bring, and how hours in roles move on."""

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.paths import Lever
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.futures.weeks_level import levels_of
from mainstay.quantities import CannotSay, Span
from mainstay.records.kinds import Episode, Record, record_id
from mainstay.strain.parameters import ItemParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, records_of

DAYS = 196.0
WEEKS = int(DAYS / 7)
TRUTH = StrainParameters(
    recovery_rate_per_day=0.6,
    noise_per_sqrt_day=0.5,
    initial_strain=1.0,
    tolls_per_day={"job": 2.0},
    demands={"deadline": 0.8, "storm": 3.0},
    refuges={},
    items={TENSION.name: ItemParameters(1.5, 1.0, 0.7)},
)


def lived(seed, hours, *, days=DAYS, deadlines=0.3, storms=()):
    """Records of a life with so many hours (weeks,) of work from Monday to Friday, and deadlines that come with it."""
    rng = np.random.default_rng(seed)
    starts = np.array([7 * w + d + 9 / 24 for w in range(len(hours)) for d in range(5)])
    lengths = np.repeat(hours, 5) / 5 / 24 * rng.uniform(0.9, 1.1, len(starts))
    starts, lengths = starts[lengths > 0.0], lengths[lengths > 0.0]
    due = rng.random(len(starts)) < deadlines
    asked = (np.arange(days)[:, None] + np.array([9.5, 13.0, 17.5, 21.0]) / 24).ravel() + rng.uniform(
        0, 0.03, int(days) * 4
    )
    schedule = Schedule(
        days=days,
        roles={"job": (starts, starts + lengths)},
        demands={
            "deadline": ((starts + 0.5 * lengths)[due], np.ones(int(due.sum()))),
            "storm": (np.array(storms, float), np.ones(len(storms))),
        },
        check_ins={TENSION.name: asked},
    )
    return records_of(schedule, simulate(TRUTH, schedule, rng))


def timeline_of(records, days=DAYS):
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(days + 0.5))


def begun_of(records, days=DAYS):
    timeline = timeline_of(records, days)
    found = beginning(timeline, strain.fit(timeline))
    assert not isinstance(found, CannotSay), found
    return found


def switched_off(first, last):
    span = Span(MONDAY.plus_days(first), MONDAY.plus_days(last))
    return Record(
        record_id("simulated", "off", str(first)), "off", span, span.end, "simulated", Episode("off", "recording-off")
    )


def around(records, first, last, streams):
    """The records without those of these streams that lie between two days."""
    low, high = MONDAY.plus_days(first), MONDAY.plus_days(last)

    def inside(one):
        return low <= (one.happened.start if isinstance(one.happened, Span) else one.happened) <= high

    return tuple(one for one in records if one.stream not in streams or not inside(one))


def hours_ahead(begun, days=84, n=800):
    rng = np.random.default_rng(5)
    paths = ahead(begun.timeline, begun.fitted, days=days, n=n, rng=rng, begun=begun, settings=Settings(draws=80))
    return paths.hours["job"], paths


@pytest.fixture(scope="module")
def steady():
    return lived(1, np.full(WEEKS, 40.0))


def test_weeks_begin_as_the_paths_do_and_hold_the_hours(steady):
    begun = begun_of(steady)
    weeks = begun.weeks
    assert np.allclose(np.diff(weeks.starts), 7.0) and np.isclose(weeks.starts[-1], begun.timeline.days - 7.0)
    assert weeks.usual_hours["job"] == pytest.approx(40 / 7, rel=0.03)
    a_day = weeks.share.reshape(len(weeks.starts), 7, -1).sum(axis=(0, 2))
    assert (a_day > 0).sum() in (5, 6) and weeks.silent == 0
    hours, paths = hours_ahead(begun)
    assert hours.mean() == pytest.approx(40 / 7, rel=0.03)
    assert paths.from_weeks.min() >= 0 and paths.from_weeks.max() < len(weeks.starts)
    assert paths.from_weeks.mean() > 0.5 * (len(weeks.starts) - 1)  # recent weeks are likelier


def test_a_week_with_recording_off_is_no_week_without_work(steady):
    records = (*around(steady, 70, 83.9, ("roles", "demands", "check_ins")), switched_off(70, 84))
    begun = begun_of(records)
    assert not np.any((begun.weeks.starts > 67) & (begun.weeks.starts < 79))
    assert hours_ahead(begun)[0].mean() == pytest.approx(40 / 7, rel=0.04)


def test_a_day_that_was_not_recorded_is_lived_as_another_of_its_weekday(steady):
    records = around(steady, 72.0, 72.99, ("roles", "demands", "check_ins"))
    full, holed = begun_of(steady), begun_of(records)
    assert len(full.weeks.starts) == len(holed.weeks.starts)
    assert holed.weeks.usual_hours["job"] == pytest.approx(full.weeks.usual_hours["job"], rel=0.01)


def test_weeks_whose_diary_of_roles_is_silent_are_not_lived_again(steady):
    begun = begun_of(around(steady, 42, 69.9, ("roles",)))
    assert begun.weeks.silent == 4 or begun.weeks.silent == 3
    hours, paths = hours_ahead(begun)
    assert hours.mean() == pytest.approx(40 / 7, rel=0.04)
    assert any("not written down" in one for one in paths.assumptions)


def test_fewer_than_eight_weeks_are_refused(steady):
    refused = beginning(timeline := timeline_of(steady, 50.0), strain.fit(timeline))
    assert isinstance(refused, CannotSay) and (refused.have, refused.need, refused.unit) == (7, 8, "weeks")


def test_hours_that_moved_go_on_from_where_they_are_and_grow_unsure():
    rng = np.random.default_rng(3)
    steps = np.clip(np.cumsum(np.concatenate([[40.0], rng.normal(0, 3.0, WEEKS - 1)])), 8.0, 70.0)
    moving, still = begun_of(lived(2, steps)), begun_of(lived(2, np.full(WEEKS, 40.0)))
    assert hours_ahead(moving, days=14)[0].mean() * 7 == pytest.approx(steps[-4:].mean(), rel=0.2)

    def spread(begun, week):
        hours = hours_ahead(begun, days=364)[0][:, 7 * week : 7 * week + 7].sum(axis=1)
        return np.subtract(*np.quantile(hours, [0.8, 0.2]))  # a job may also be lost, the longer ahead the likelier

    assert spread(moving, 50) > 1.4 * spread(moving, 0)
    assert spread(moving, 50) > 1.5 * spread(still, 50)


def test_a_role_given_up_stays_given_up():
    begun = begun_of(lived(4, np.where(np.arange(WEEKS) < 18, 40.0, 3.0)))
    hours, paths = hours_ahead(begun, days=28)
    assert hours.mean() < 1.6
    assert paths.events["deadline"].mean() < 0.2


YEAR = np.arange(52)


def steps(levels):
    return np.array([one.weight @ one.step for one in levels.now])


def ahead_of(*hours, weeks=13, n=4000):
    """Levels in the weeks ahead (n, weeks, r) and the shares of paths that rest in the last, by role."""
    found = levels_of(np.stack(hours, axis=1), np.arange(len(hours[0])))
    drawn = found.drawn(np.arange(n) // 4, weeks, np.random.default_rng(0))
    return found, drawn, (drawn[:, -1] == 0.0).mean(axis=0)


def steady_hours(seed=0, sd=4.0):
    return 40 + sd * np.random.default_rng(seed).standard_normal(52)


def after(hours, weeks, times):
    return np.where(YEAR[::-1] < weeks, times * hours, hours)


def test_hours_that_a_lever_adds_come_though_the_role_rests():
    begun = begun_of(lived(4, np.where(np.arange(WEEKS) < 18, 40.0, 3.0)))
    paths = ahead(
        begun.timeline, begun.fitted, days=28, n=400, rng=np.random.default_rng(5), begun=begun,
        levers=(Lever("hours", "job", by=7.0),), settings=Settings(draws=80),
    )  # fmt: skip
    assert np.median(paths.hours["job"].mean(axis=1)) == pytest.approx(1.0, rel=0.1)


def test_levels_are_drawn_towards_standing_still():
    rng = np.random.default_rng(0)
    still = levels_of(40 + 4 * rng.standard_normal((52, 20)), YEAR)
    assert np.median(steps(still)) < 0.02
    assert np.allclose(still.smooth * still.full, 40, rtol=0.08) and not still.rests.any()
    moving = levels_of(
        40 + np.cumsum(2.0 * rng.standard_normal((52, 20)), axis=0) + rng.standard_normal((52, 20)), YEAR
    )
    assert np.median(steps(moving)) > 2.0 * np.median(steps(still))


def test_a_role_that_stopped_may_stay_away_or_come_back_and_the_longer_it_rests_the_less():
    found, drawn, resting = ahead_of(steady_hours(), *(after(steady_hours(k), k, 0.0) for k in (2, 4, 8, 16)))
    assert resting[0] < 0.1
    assert np.all(np.diff(resting[1:]) > 0.0) and 0.25 < resting[1] < 0.65 and resting[4] > 0.75
    total = drawn.sum(axis=1)
    for r in (1, 2, 3, 4):  # both what stays away and what comes back at once lie in the middle nine tenths
        assert np.quantile(total[:, r], 0.05) == 0.0
    assert np.quantile(total[:, 1], 0.95) > 12.0
    assert found.rests[:, 4].sum() == 16


def test_pauses_that_ended_before_make_a_return_likelier():
    often = steady_hours(1)
    for first in (8, 22, 36):
        often[first : first + 2] = 0.0
    often[-2:] = 0.0
    _, _, resting = ahead_of(often, after(steady_hours(1), 2, 0.0))
    assert resting[0] < 0.6 * resting[1]


def test_a_role_that_began_goes_on_from_its_first_weeks_at_a_level_that_is_not_yet_sure():
    lately = [np.where(YEAR[::-1] < k, steady_hours(k), 0.0) for k in (2, 5)]
    _, drawn, resting = ahead_of(*lately)
    assert np.all(resting < 0.25)
    mean = drawn.mean(axis=1)
    assert np.all(np.abs(np.median(mean, axis=0) - 1.0) < 0.2)
    assert np.quantile(mean[:, 0], 0.9) - np.quantile(mean[:, 0], 0.5) > np.quantile(mean[:, 1], 0.9) - np.quantile(
        mean[:, 1], 0.5
    )


def test_a_role_that_takes_half_its_hours_since_weeks_goes_on_so():
    _, drawn, _ = ahead_of(after(steady_hours(), 8, 0.5), after(steady_hours(), 1, 0.5))
    assert np.median(drawn[:, 0], axis=0) == pytest.approx([0.5, 0.95], abs=0.1)


def test_weeks_as_they_always_were_are_hardly_ever_taken_for_a_change():
    """A false alarm in the level as the record ends, beyond what its own weeks allow: fewer than one role in twenty."""
    rng = np.random.default_rng(4)
    some = rng.gamma(4.0, 10.0, (52, 100))
    for hours in (some, np.where(rng.random(some.shape) < 0.3, 0.0, some)):
        found = levels_of(hours, YEAR)
        level = np.array([one.weight @ one.mean for one in found.now]) * found.full
        going = np.where(hours > 0.0, hours, np.nan)
        assert np.mean(np.abs(level / np.nanmean(going, axis=0) - 1.0) > 0.4) < 0.05
        assert np.mean((found.stays.weight * found.stays.rests_now).sum(axis=1) > 0.5) < 0.05


def test_weeks_like_the_one_before_follow_where_the_record_shows_it():
    """A week on, a week off: after an empty week a full one is no surprise, at random it would be."""
    alternating = np.where(np.arange(WEEKS) % 2 == 0, 50.0, 10.0)
    begun = begun_of(lived(6, alternating))
    assert begun.weeks.alike.min() < 0.5
    hours, _ = hours_ahead(begun, days=14)
    assert hours[:, :7].sum(axis=1).mean() > hours[:, 7:].sum(axis=1).mean() + 5.0


def test_four_weeks_on_and_four_off_go_on_from_where_they_are():
    begun = begun_of(lived(6, np.where((np.arange(WEEKS) // 4) % 2 == 0, 50.0, 10.0)))
    assert hours_ahead(begun, days=14)[0][:, :7].sum(axis=1).mean() > 40.0


def test_demands_come_with_the_time_that_brings_them(steady):
    begun = begun_of(steady)
    assert begun.weeks.by_role[0, 0] > 0.5
    assert np.all(begun.weeks.listed.role == 0) and begun.weeks.listed.brought.min() > 0.7


def test_how_often_demands_come_is_as_unsure_as_their_count(steady):
    begun = begun_of(steady)
    often = begun.weeks.drawn_often(4000, np.random.default_rng(0))[:, 0]
    n = len(begun.timeline.events["deadline"].times)
    assert often.mean() == pytest.approx(1.0, abs=0.02)
    assert 1.0 < often.std() * np.sqrt(n) < 1.35  # recent weeks weigh more: fewer count


def test_weeks_that_began_with_such_strain_are_likelier_where_the_record_shows_it():
    """Storms come on Saturdays, and after one hardly any work is done: what strain does to roles carries over."""
    rng = np.random.default_rng(11)
    days = 40 * 7.0
    storm = rng.random(40) < 0.5
    hours = np.concatenate([[45.0], np.where(storm[:-1], 10.0, 45.0)])
    at = 7.0 * np.flatnonzero(storm) + 5.6
    calm = lived(12, hours, days=days, deadlines=0.0, storms=at)
    begun = begun_of(calm, days)
    assert begun.weeks.sharpness > 0.0
    worked, paths = hours_ahead(begun, days=56)
    before = paths.strain.reshape(paths.n, 8, 7)[:, :-1, 6]
    after = worked.reshape(paths.n, 8, 7).sum(axis=2)[:, 1:]
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] < -0.3
