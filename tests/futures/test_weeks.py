"""The person's own weeks: which are lived again, what they bring, and how hours in roles move on."""

import numpy as np
import pytest

from mainstay import strain
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
    assert moving.weeks.levels.now[0] * moving.weeks.levels.mean[0] == pytest.approx(steps[-4:].mean(), rel=0.2)

    def spread(begun, week):
        return hours_ahead(begun, days=364)[0][:, 7 * week : 7 * week + 7].sum(axis=1).std()

    assert spread(moving, 50) > 1.4 * spread(moving, 0)
    assert spread(moving, 50) > 2.0 * spread(still, 50)


def test_a_role_given_up_stays_given_up():
    begun = begun_of(lived(4, np.where(np.arange(WEEKS) < 18, 40.0, 3.0)))
    hours, paths = hours_ahead(begun, days=28)
    assert hours.mean() < 1.6
    assert paths.events["deadline"].mean() < 0.2


def test_levels_are_drawn_towards_standing_still():
    rng = np.random.default_rng(0)
    week = np.arange(52)
    still = levels_of(40 + 4 * rng.standard_normal((52, 20)), week)
    assert np.median(still.drawn_steps(400, rng)) < 0.01
    assert np.allclose(still.smooth.mean(), 1.0, atol=0.02)
    moving = levels_of(
        40 + np.cumsum(2.0 * rng.standard_normal((52, 20)), axis=0) + rng.standard_normal((52, 20)), week
    )
    assert np.median(moving.drawn_steps(400, rng)) > 0.015


def test_weeks_like_the_one_before_follow_where_the_record_shows_it():
    """Two weeks on, two weeks off: after a full week an empty one is no surprise, at random it would be."""
    alternating = np.where((np.arange(WEEKS) // 4) % 2 == 0, 50.0, 10.0)
    begun = begun_of(lived(6, alternating))
    assert begun.weeks.alike.min() < 0.5
    hours, _ = hours_ahead(begun, days=14)
    last = alternating[-1]
    assert abs(hours[:, :7].sum(axis=1).mean() - last) < abs(hours[:, :7].sum(axis=1).mean() - (60.0 - last))


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
