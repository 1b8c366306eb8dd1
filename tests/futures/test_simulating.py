"""Paths ahead: what they hold, what levers do to them, and that the same chance drives them whatever is moved."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.futures.paths import Lever
from mainstay.futures.simulating import Settings, ahead, beginning, rating_paths
from mainstay.quantities import CannotSay
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import DEMANDS, MONDAY, REFUGES, ROLES, ordinary_parameters, ordinary_person

FEW = Settings(draws=60, threads=1)


def timeline_of(seed, days):
    recording = {"": (np.array([0.0, days]), np.array([0.8]))}
    records, items, anchor = ordinary_person(seed, ordinary_parameters(), days=days, recording=recording)
    return from_records(records, items, anchor, as_of=MONDAY.plus_days(days + 1))


@pytest.fixture(scope="module")
def begun():
    timeline = timeline_of(3, 200.0)
    found = beginning(timeline, strain.fit(timeline))
    assert not isinstance(found, CannotSay), found
    return found


def paths_of(begun, *levers, days=28, n=600, seed=1, settings=FEW):
    rng = np.random.default_rng(seed)
    found = ahead(begun.timeline, begun.fitted, days=days, n=n, rng=rng, levers=levers, settings=settings, begun=begun)
    assert not isinstance(found, CannotSay), found
    return found


def test_paths_hold_what_they_promise(begun):
    paths = paths_of(begun)
    assert paths.n == 600 and paths.strain.shape == (600, 28) and paths.strain.dtype == np.float32
    assert set(paths.hours) == set(ROLES) and set(paths.events) == {*REFUGES, *DEMANDS}
    assert all(one.shape == (600, 28) for one in (*paths.hours.values(), *paths.events.values()))
    assert paths.slips is None and paths.usual.slips == 0.0
    assert paths.begins == begun.timeline.instant(begun.timeline.days)
    assert np.array_equal(np.bincount(paths.parameters_of), np.full(60, 10))
    assert np.isfinite(paths.strain).all() and 0.3 < paths.strain.std() < 3.0


def test_what_happens_is_counted_recorded_or_not(begun):
    paths = paths_of(begun, n=2000)
    for label in DEMANDS:  # half a demand a day, of which four in five are on record
        assert paths.events[label].mean() == pytest.approx(paths.usual.rates[label], rel=0.12)
        on_record = len(begun.timeline.events[label].times) / begun.timeline.days
        assert paths.usual.rates[label] == pytest.approx(on_record / 0.8, rel=0.02)
    for label in ROLES:
        assert paths.hours[label].mean() == pytest.approx(paths.usual.hours[label], rel=0.12)


def test_the_same_seed_gives_the_same_paths_on_any_number_of_threads(begun):
    one, two = paths_of(begun), paths_of(begun, settings=replace(FEW, threads=3))
    assert np.array_equal(one.strain, two.strain)
    assert not np.array_equal(one.strain, paths_of(begun, seed=2).strain)


def test_levers_meet_the_same_chance(begun):
    """A lever that begins later changes nothing before; one that does next to nothing changes next to nothing."""
    plain = paths_of(begun)
    later = paths_of(begun, Lever("demands", DEMANDS[0], times=0.0, from_day=14.0))
    assert np.array_equal(plain.strain[:, :14], later.strain[:, :14])
    assert later.events[DEMANDS[0]][:, 14:].sum() == 0
    assert np.array_equal(plain.from_weeks[:, :2], later.from_weeks[:, :2])
    hardly = paths_of(begun, Lever("demands", DEMANDS[0], times=0.98))
    apart = (hardly.strain - plain.strain).astype(float)
    by_chance = paths_of(begun, Lever("demands", DEMANDS[0], times=0.98), seed=2).strain - plain.strain
    assert apart.std() < 0.35 * by_chance.std()
    assert np.mean(hardly.from_weeks == plain.from_weeks) > 0.97


def test_more_than_one_thing_can_be_moved(begun):
    plain = paths_of(begun, n=1500)
    off = paths_of(begun, Lever("hours", ROLES[0], times=0.5), n=1500)
    assert off.hours[ROLES[0]].mean() == pytest.approx(0.5 * plain.hours[ROLES[0]].mean(), rel=0.02)
    assert off.strain.mean() < plain.strain.mean() - 0.1
    more = paths_of(begun, Lever("hours", ROLES[1], by=7.0), n=1500)
    assert more.hours[ROLES[1]].mean() == pytest.approx(plain.hours[ROLES[1]].mean() + 1.0, rel=0.1)
    often = paths_of(begun, Lever("demands", DEMANDS[0], by=7.0), n=1500)
    assert often.events[DEMANDS[0]].mean() == pytest.approx(plain.events[DEMANDS[0]].mean() + 1.0, rel=0.05)
    shut = paths_of(begun, Lever("opportunity", REFUGES[0], times=0.0), n=1500)
    assert shut.events[REFUGES[0]].sum() == 0 and shut.strain.mean() > plain.strain.mean()


def test_planned_acts_come_evenly_and_ease(begun):
    plain = paths_of(begun, n=1500)
    planned = paths_of(begun, Lever("acts", "a walk", by=2.0, share_eased=(0.5, 0.05)), n=1500)
    assert planned.events["a walk"].sum(axis=1).min() >= 7 and planned.events["a walk"].sum(axis=1).max() <= 9
    assert planned.strain.mean() < plain.strain.mean() - 0.1
    again = paths_of(begun, Lever("acts", REFUGES[0], by=2.0), n=1500)
    assert again.strain.mean() < plain.strain.mean()
    assert again.events[REFUGES[0]].mean() > plain.events[REFUGES[0]].mean()


@pytest.mark.parametrize(
    ("lever", "names"),
    [
        (Lever("hours", "a third role", times=0.5), ROLES[0]),
        (Lever("hours", "", times=2.0), "oneself"),
        (Lever("demands", "a third demand", times=0.5), DEMANDS[0]),
        (Lever("opportunity", "a third refuge", times=0.5), REFUGES[0]),
        (Lever("acts", "a walk", by=1.0), REFUGES[0]),
    ],
)
def test_a_lever_that_names_what_is_not_there_is_misuse(begun, lever, names):
    with pytest.raises(BadRequest, match=names):
        paths_of(begun, lever)


def test_no_fit_and_too_few_weeks_are_refused(begun):
    rng = np.random.default_rng(0)
    short = timeline_of(4, 40.0)
    refused = ahead(short, strain.fit(short), rng=rng)
    assert isinstance(refused, CannotSay) and refused.need == 8 and refused.have == 5
    none = ahead(short, CannotSay("too short", row="S9", quantity="strain"), rng=rng)
    assert isinstance(none, CannotSay) and none.row == "S19"
    with pytest.raises(BadRequest, match="0 days"):
        ahead(begun.timeline, begun.fitted, days=0, rng=rng)
    with pytest.raises(BadRequest, match="too many at once"):
        ahead(begun.timeline, begun.fitted, days=3650, n=1_000_000, rng=rng)


def test_lives_with_less_on_record_go_on_too():
    """Without check-ins, without roles, demands or refuges there is less to tell, and it is told."""
    for without in ("check_ins", "roles", "demands", "refuges"):
        records, items, anchor = ordinary_person(9, ordinary_parameters(8.0), days=150.0)
        records = tuple(one for one in records if one.stream != without)
        timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(151))
        paths = ahead(timeline, strain.fit(timeline), days=14, n=200, rng=np.random.default_rng(0), settings=FEW)
        assert not isinstance(paths, CannotSay) and np.isfinite(paths.strain).all()
        assert (paths.at_rest is None) == (without == "check_ins")
        assert bool(paths.hours) == (without != "roles")
        assert len(paths.events) == (4 if without in ("check_ins", "roles") else 2)


def test_what_is_too_rare_for_the_fit_comes_as_often_as_it_did(begun):
    records, items, anchor = ordinary_person(3, ordinary_parameters(), days=200.0)
    seen = 0
    kept = []
    for one in records:
        if one.stream == "refuges" and one.body.label == REFUGES[1]:
            seen += 1
            if seen % 15:
                continue
        kept.append(one)
    timeline = from_records(kept, items, anchor, as_of=MONDAY.plus_days(201))
    found = beginning(timeline, strain.fit(timeline))
    assert [one.label for one in found.rare] == [REFUGES[1]]
    paths = paths_of(found, n=3000)
    assert paths.events[REFUGES[1]].mean() == pytest.approx(found.rare[0].rate * (1 + 0.5 / found.rare[0].n), rel=0.2)
    twice = paths_of(found, Lever("opportunity", REFUGES[1], times=2.0), n=3000)
    assert twice.events[REFUGES[1]].mean() == pytest.approx(2 * paths.events[REFUGES[1]].mean(), rel=0.1)
    assert np.array_equal(twice.strain, paths.strain)


def test_a_fit_without_noise_is_not_run_forward(begun):
    bare = strain.fit(begun.timeline, strain.Settings(noise=False))
    with pytest.raises(BadRequest, match="without process noise"):
        ahead(begun.timeline, bare, rng=np.random.default_rng(0))


def test_strain_starts_where_the_record_ends(begun):
    """The first days lie about where strain stood, and it is as unsure as it was known; later it forgets."""
    paths = paths_of(begun, days=28, n=3000)
    end = begun.start.drawn(paths.draws)[0]
    first = np.array([paths.strain[paths.parameters_of == k, 0].mean() for k in range(len(end))])
    assert np.corrcoef(first, end)[0, 1] > 0.5
    assert paths.strain[:, 0].std() < paths.strain[:, 27].std()


def test_ratings_have_their_own_error(begun):
    rng = np.random.default_rng(0)
    paths = paths_of(begun, n=2000)
    told = rating_paths(paths, begun.fitted, "tension", rng)
    many = rating_paths(paths, begun.fitted, "tension", rng, readings=25)
    expected = paths.at_rest[:, None] + paths.slope * paths.strain_asked
    assert told.shape == paths.strain.shape and told.min() >= 1.0 and told.max() <= 7.0
    assert np.std(many - expected) < np.std(told - expected)
    assert told.mean() == pytest.approx(begun.timeline.ratings["tension"].values.mean(), abs=0.3)
    with pytest.raises(BadRequest, match="tension"):
        rating_paths(paths, begun.fitted, "calm", rng)
