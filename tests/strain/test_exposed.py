"""What an event of any kind does to strain at once, as a term of its own in the model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import Event, Record, record_id
from mainstay.strain.exposed import exposed
from mainstay.strain.judge import Z90
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate
from mainstay.worlds.ordinary import MONDAY, ordinary_person

END = Instant.parse("2026-01-01T00:00+00:00")


def two_roles(name: str, seed: int):
    (world,) = simulate(name, seed).values()
    return from_records(world.records, world.items, world.anchor, as_of=END)


def with_idle_events(seed: int, days: float, count: int):
    """An ordinary person with events that do nothing, at random times."""
    records, items, anchor = ordinary_person(seed, days=days)
    rng = np.random.default_rng(1000 + seed)
    idle = [
        Record(record_id("t", "idle", str(k)), "idle", at, at, "t", Event("idle", "other"))
        for k, at in enumerate(MONDAY.plus_days(float(day)) for day in rng.uniform(5, days - 5, count))
    ]
    return from_records((*records, *idle), items, anchor, as_of=END)


def test_company_that_relieves_is_told_from_company_that_does_not():
    names = "drink with a colleague", "evening with the rival"
    for world, eases, does_not in (("two_roles", names[1], names[0]), ("warmth_restores", names[0], names[1])):
        timeline = two_roles(world, 4)
        found = exposed(timeline, strain.fit(timeline), names)
        assert found.of(eases).chance_it_eases > 0.99
        assert abs(found.of(does_not).mean) < 3 * found.of(does_not).sd
        assert found.of(eases).strain_before > 1.0


def test_what_does_nothing_is_covered_by_its_interval_whether_it_came_once_or_often():
    inside, sds = 0, []
    seeds = range(10)
    for seed in seeds:
        for count in (1, 20):
            timeline = with_idle_events(seed, 120.0, count)
            effect = exposed(timeline, strain.fit(timeline), ["idle"]).of("idle")
            inside += abs(effect.mean) < Z90 * effect.sd
            sds.append(effect.sd)
    # 20 intervals at .90: 13 or fewer inside has a chance of less than .003
    assert inside >= 14
    assert np.mean(sds[0::2]) > 2.5 * np.mean(sds[1::2])


def test_a_refuge_may_be_looked_at_as_an_exposure_and_is_then_no_refuge():
    timeline = two_roles("two_roles", 4)
    found = exposed(timeline, strain.fit(timeline), ["visit to mother"])
    assert found.posterior.data.refuges == ("quarrel with the rival",)
    assert found.of("visit to mother").chance_it_eases > 0.99


def test_unknown_labels_are_named_and_without_check_ins_nothing_is_said():
    timeline = two_roles("two_roles", 4)
    fitted = strain.fit(timeline)
    with pytest.raises(BadRequest, match="no event 'visit to nobody'"):
        exposed(timeline, fitted, ["visit to nobody"])
    alone = replace(timeline, ratings={}, anchor=None)
    assert isinstance(exposed(alone, strain.fit(alone), ["visit to mother"]), CannotSay)
