from dataclasses import replace

import numpy as np
import pytest

from mainstay.errors import BadRecord
from mainstay.futures.ledger import due, read, score, written
from mainstay.futures.ledger_rules import rule_of
from mainstay.futures.ledger_scenarios import RACE, scenario_forecasts
from mainstay.futures.paths import Paths, Usual
from mainstay.futures.scenarios import partition
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.quantities import CannotSay, Instant, Span
from mainstay.records.kinds import CheckIn, Episode, Event, Item, Record
from mainstay.records.statements_scenario import Scenario, ScenarioFile
from mainstay.timeline.reader import from_records

ITEM = Item("tension", "How tense?", 1, 7, "low", "not", "very", ordinal=False)
START = Instant.parse("2024-01-01T00:00+00:00")
BEGINS, DAYS = 60, 28
RULES = {
    "shifts given up": "share_of_time(role:shift) < 0.2 usual for 2 weeks",
    "quarrels": "rate(event:quarrel) > 3 a week for 1 weeks",
}
SCENARIOS = tuple(Scenario("", None, ScenarioFile(name=name, rule=rule)) for name, rule in RULES.items())
USUAL = Usual({"shift": 6.0}, {"quarrel": 0.1}, 0.0)
NO_LIMIT = CannotSay("no limit was written")


def at(day):
    return START.plus_days(day)


def record(name, happened, body):
    known = happened.end if isinstance(happened, Span) else happened
    return Record(name, "diary", happened, known, "d.csv", body)


def life(shifts_until, quarrels=(), days=100, as_of=101, silent=()):
    """A day has an answer, an hour at home, a shift of six until a day, and quarrels on some; silent days nothing."""
    told = [day for day in range(days) if day not in silent]
    rows = [record(f"a{day}", at(day + 0.9), CheckIn("tension", float(1 + day % 5))) for day in told]
    shifts = [day for day in told if day < shifts_until or day == days - 1]
    rows += [record(f"s{day}", Span(at(day + 0.3), at(day + 0.55)), Episode("shift", "role")) for day in shifts]
    rows += [record(f"h{day}", Span(at(day + 0.8), at(day + 0.84)), Episode("home", "role")) for day in told]
    rows += [record(f"q{k}", at(day), Event("quarrel", "demand")) for k, day in enumerate((1.5, *quarrels))]
    return from_records(rows, (ITEM,), "tension", as_of=at(as_of))


@pytest.fixture(scope="module")
def foreseen():
    n = 200
    given_up = np.arange(n) < 60
    hours = np.where(given_up[:, None], 0.0, 6.0) * np.ones((1, DAYS))
    paths = Paths(
        begins=at(BEGINS), days=DAYS, strain=np.zeros((n, DAYS), np.float32), at_rest=np.full(n, 3.0), slope=1.0,
        hours={"shift": hours.astype(np.float32)}, events={"quarrel": np.zeros((n, DAYS), np.uint8)}, slips=None,
        parameters_of=np.arange(n) // 10, usual=USUAL,
    )  # fmt: skip
    split = partition(paths, SCENARIOS, NO_LIMIT)
    return scenario_forecasts(split, NO_LIMIT, USUAL, made_as_of=at(BEGINS), begins=at(BEGINS))


def test_each_scenario_and_other_is_written_with_its_chance(foreseen):
    assert [rule_of(one.rule).name for one in foreseen] == ["shifts given up", "quarrels", "other"]
    assert [one.chance for one in foreseen] == pytest.approx([0.3, 0.0, 0.7], abs=1e-9)
    assert foreseen[0].rule == "first(scenario:shifts given up) over 28 days"
    assert read(written(foreseen)) == foreseen


def test_its_day_tells_which_came_first(foreseen):
    found = due(foreseen, life(shifts_until=61))
    assert {rule_of(one.forecast.rule).name: one.came for one in found} == {
        "shifts given up": True, "quarrels": False, "other": False,
    }  # fmt: skip
    both = due(foreseen, life(shifts_until=61, quarrels=np.linspace(60.2, 62.0, 8)))
    assert {rule_of(one.forecast.rule).name: one.came for one in both}["quarrels"] is True
    assert {rule_of(one.forecast.rule).name for one in due(foreseen, life(100)) if one.came} == {"other"}
    assert sum(bool(one.came) for one in both) == 1


def test_a_scenario_is_not_told_before_its_day_nor_where_the_record_ends_or_is_silent(foreseen):
    assert score(foreseen[0], life(61, days=70, as_of=80)).status == "open"
    ended = score(foreseen[0], life(61, days=70, as_of=101))
    assert (ended.status, ended.reason) == ("unscorable", "the record ends before that")
    silent = score(foreseen[2], life(100, silent=range(62, 86)))
    assert (silent.status, silent.came) == ("unscorable", None)


def test_a_limit_and_what_was_usual_are_those_of_the_day_it_was_written(foreseen):
    scenario = Scenario("", None, ScenarioFile(name="over", rule="strain > limit for 3 days"))
    limit = OwnLimit(6.5, 3, True, "as you wrote it down")
    paths = Paths(
        begins=at(BEGINS), days=DAYS, strain=np.zeros((20, DAYS), np.float32), at_rest=np.full(20, 3.0), slope=1.0,
        hours={}, events={}, slips=None, parameters_of=np.zeros(20, np.int64), usual=USUAL,
    )  # fmt: skip
    over, _ = scenario_forecasts(
        partition(paths, (scenario,), limit), limit, USUAL, made_as_of=at(BEGINS), begins=at(BEGINS), withheld=True
    )
    assert over.withheld
    assert '"rating":6.5' in over.detail[RACE]
    assert score(over, life(100)).came is False


@pytest.mark.parametrize("race", ["", "{}", "[]", '{"scenarios": [], "limit": null}', "x" * 10])
def test_a_scenario_without_its_race_is_refused(foreseen, race):
    with pytest.raises(BadRecord):
        score(replace(foreseen[0], detail={RACE: race}), life(100))
    with pytest.raises(BadRecord, match="of which it is none"):
        score(replace(foreseen[0], rule="first(scenario:nobody) over 28 days"), life(100))
