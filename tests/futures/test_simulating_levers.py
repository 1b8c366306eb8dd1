"""What levers do to what drives the paths: hours that find room, demands that come with them, acts more or fewer."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.futures.driving import Known, awake, driving
from mainstay.futures.paths import Lever
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Event, Record, record_id
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import DEMANDS, MONDAY, REFUGES, ROLES, ordinary_parameters, ordinary_person

DAYS = 150.0


def tea(day):
    at = MONDAY.plus_days(float(day))
    return Record(record_id("simulated", "tea", str(day)), "tea", at, at, "simulated", Event("tea", "other"))


@pytest.fixture(scope="module")
def begun():
    """Five months in which the second role is oneself, and tea is had every third day."""
    records, items, anchor = ordinary_person(5, ordinary_parameters(6.0), days=DAYS)
    records = tuple(
        replace(one, body=replace(one.body, is_self=True)) if getattr(one.body, "label", "") == ROLES[1] else one
        for one in records
    )
    more = tuple(tea(day) for day in np.arange(0.7, DAYS, 3.0))
    timeline = from_records((*records, *more), items, anchor, as_of=MONDAY.plus_days(DAYS + 1))
    found = beginning(timeline, strain.fit(timeline))
    assert not isinstance(found, CannotSay), found
    return found


def driven(begun, *levers, days=14):
    return driving(begun.weeks, begun.known, levers, days)


def hours_a_week(begun, shares):
    return 24.0 / begun.weeks.cells * shares.sum(axis=1).mean(axis=0)


def paths_of(begun, *levers, n=1200):
    rng, settings = np.random.default_rng(1), Settings(draws=60, threads=1)
    return ahead(begun.timeline, begun.fitted, days=28, n=n, rng=rng, levers=levers, settings=settings, begun=begun)


def test_more_hours_find_room_beside_the_other_roles(begun):
    before = hours_a_week(begun, driven(begun).share[0])
    drive = driven(begun, Lever("hours", ROLES[0], times=1.5, by=4.0))
    assert hours_a_week(begun, drive.share[-1] + drive.added[-1])[0] == pytest.approx(1.5 * before[0] + 4.0, rel=0.01)
    assert hours_a_week(begun, drive.added[-1])[0] == pytest.approx(4.0, rel=0.05)
    assert np.array_equal(drive.share[-1][:, :, 1], begun.weeks.share[:, :, 1])
    room = np.maximum(begun.weeks.share.sum(axis=2), 1.0) + 1e-9  # these two roles overlap now and then
    assert np.all((drive.share[-1] + drive.added[-1]).sum(axis=2) <= room)
    all_of_it = driven(begun, Lever("hours", ROLES[0], by=168.0))
    everything = all_of_it.share[-1] + all_of_it.added[-1]
    assert np.all(everything.sum(axis=2) <= room) and hours_a_week(begun, everything).sum() > 165.0


def test_fewer_hours_are_shorter_stretches_with_fewer_of_their_demands(begun):
    drive = driven(begun, Lever("hours", ROLES[0], by=-10.0))
    assert hours_a_week(begun, drive.share[-1])[0] == pytest.approx(
        begun.weeks.usual_hours[ROLES[0]] * 7 - 10.0, rel=0.05
    )
    brought = begun.weeks.listed.role == 0
    assert np.all(drive.keep[-1][brought] <= 1.0) and np.all(drive.keep[-1][~brought] == 1.0)
    gone = driven(begun, Lever("hours", ROLES[0], times=0.0))
    assert np.allclose(gone.keep[-1][brought], 1.0 - begun.weeks.listed.brought[brought])


def test_the_empty_name_is_oneself(begun):
    drive = driven(begun, Lever("hours", "", by=5.0))
    apart = hours_a_week(begun, drive.share[-1] + drive.added[-1]) - hours_a_week(begun, driven(begun).share[-1])
    assert apart == pytest.approx([0.0, 5.0], abs=0.05)
    assert paths_of(begun).usual.oneself == ROLES[1]


def test_levers_begin_on_their_day(begun):
    drive = driven(
        begun,
        Lever("hours", ROLES[0], times=0.5, from_day=3.0),
        Lever("opportunity", REFUGES[0], times=0.0, from_day=9.5),
    )
    assert drive.phase.tolist() == [0] * 3 + [1] * 7 + [2] * 4 or drive.phase.tolist() == [0] * 3 + [1] * 6 + [2] * 5
    assert np.array_equal(drive.share[0], begun.weeks.share) and np.array_equal(drive.share[1], drive.share[2])
    assert drive.open[1].max() == 1.0 and drive.open[2][:, :, 0].max() == 0.0


def test_acts_come_more_or_less_often(begun):
    plain, usual = paths_of(begun), begun.known.refuges[REFUGES[0]]
    fewer = paths_of(begun, Lever("acts", REFUGES[0], times=0.5))
    assert fewer.events[REFUGES[0]].mean() < 0.8 * plain.events[REFUGES[0]].mean()
    more = driven(begun, Lever("acts", REFUGES[0], times=3.0))
    assert more.planned[-1][0] == pytest.approx(2.0 * usual)
    teas = paths_of(begun, Lever("acts", "tea", times=2.0, by=1.0, share_eased=(0.3, 0.0)))
    assert teas.events["tea"].mean() == pytest.approx(1 / 3 + 1 / 7, rel=0.05)
    assert teas.strain.mean() < plain.strain.mean()
    worse = paths_of(begun, Lever("acts", "tea", by=3.0, share_eased=(-0.3, 0.0)))
    assert worse.strain.mean() > plain.strain.mean()


def test_demands_come_more_or_less_often(begun):
    plain = paths_of(begun).events[DEMANDS[0]].mean()
    usual = begun.known.demands[DEMANDS[0]]
    assert paths_of(begun, Lever("demands", DEMANDS[0], times=2.0)).events[DEMANDS[0]].mean() == pytest.approx(
        plain + usual, rel=0.1
    )
    assert paths_of(begun, Lever("demands", DEMANDS[0], by=-50.0)).events[DEMANDS[0]].sum() == 0


def test_planned_acts_keep_to_the_day():
    share = awake(0.0, 24)
    assert share.sum() == pytest.approx(1.0) and share[:8].sum() == 0.0 and share[22:].sum() == 0.0
    assert awake(0.5, 24)[:10].min() > 0.0  # a day that begins at noon


def test_levers_that_can_not_be_moved_are_misuse(begun):
    with pytest.raises(BadRequest, match="'coffee'"):
        driving(begun.weeks, begun.known, (Lever("acts", "coffee", times=2.0, share_eased=(0.1, 0.1)),), 7)
    with pytest.raises(BadRequest, match="none"):
        driving(begun.weeks, Known({}, {}, {}), (Lever("acts", "coffee", by=1.0),), 7)
    with pytest.raises(BadRequest, match="at most 64"):
        paths_of(begun, *[Lever("hours", ROLES[0], times=0.99)] * 65)
