"""How it could turn out, told of simulated people and of paths made up: every sentence, and no number withheld."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.answering import answers
from mainstay.futures.paths import Paths
from mainstay.futures.scenarios import limit_of, looked_up, on_record, partition, what_came
from mainstay.futures.scenarios_days import days_before, days_of, usual_of
from mainstay.quantities import CannotSay, Finding, Instant
from mainstay.records.kinds import Record, Statement
from mainstay.records.statements import parsed
from mainstay.records.statements_preference import PreferenceFile
from mainstay.records.statements_scenario import OTHER, ScenarioFile, conditions
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

MIDDLE, LATE = "2024-11-01", "2025-02-01"

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "scenarios.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@cache
def person(day=MIDDLE, name="two_roles"):
    (world,) = simulate(name, 3).values()
    timeline = from_records(world.records, world.items, world.anchor, as_of=Instant.parse(f"{day}T00:00+00:00"))
    return timeline, strain.fit(timeline)


def wrote(timeline, *statements):
    """The same timeline, and what was written on its last day."""
    when = timeline.as_of
    said = [
        Record(
            f"w{at}",
            "scenarios",
            when.plus_days(-1 + at / 100),
            when.plus_days(-1 + at / 100),
            "by hand",
            Statement(form, text),
        )
        for at, (form, text) in enumerate(statements)
    ]
    kept = tuple(
        one
        for one in timeline.others
        if not (isinstance(one.body, Statement) and one.body.form in {"preference", "scenario"})
    )
    return replace(timeline, others=(*kept, *said))


def like_the_last_weeks(timeline, fitted, n=400, days=91, seed=2):
    """Futures that repeat the person's own last weeks, shifted as a whole by draws of eight sets of parameters."""
    rng = np.random.default_rng(seed)
    before = days_before(timeline, fitted)
    item = timeline.ratings[timeline.anchor].item
    rest, draw = 2.0, np.arange(n) % 8
    starts = rng.integers(0, before.n - 7, (n, days // 7 + 1))
    at = (starts[:, :, None] + np.arange(7)).reshape(n, -1)[:, :days]
    shift = rng.normal(0, 0.4, 8)[draw]
    own = next(role.label for role in timeline.roles if role.is_self)
    return Paths(
        begins=timeline.instant(timeline.days),
        days=days,
        strain=(np.nan_to_num(before.rating[at], nan=rest) - rest + shift[:, None]).astype(np.float32),
        at_rest=np.full(n, rest),
        slope=float(item.worse_sign),
        hours={name: hours[at].astype(np.float32) for name, hours in before.hours.items()},
        events={name: one[at].astype(np.uint8) for name, one in before.events.items()},
        slips=before.slips[at].astype(np.uint8),
        parameters_of=draw,
        usual=usual_of(before, own),
        assumptions=("weeks ahead are like those of the record",),
    )


@cache
def told(day=MIDDLE, withheld=None):
    timeline, fitted = person(day)
    backtest = None if withheld is None else Backtest(withheld)
    return answers(timeline, fitted, paths=like_the_last_weeks(timeline, fitted), backtest=backtest)


@dataclass(frozen=True)
class Backtest:
    withheld: str


def about(given, name):
    return next(one for one in given if one.about == name and one.quantity != "limit")


def test_the_starting_set_is_made_for_the_person():
    timeline, _ = person()
    assert [one.name for one in on_record(wrote(timeline))] == [
        "reporter given up", "rescuer given up", "both roles kept, slips growing", "strain at a new high",
        "time as oneself regained",
    ]  # fmt: skip
    assert list(looked_up(wrote(timeline)).left_out) == ["breakdown"]
    assert not any(one.says.must_not for one in on_record(wrote(timeline)))


def test_what_needs_more_than_is_on_record_is_left_out_with_its_reason():
    timeline, _ = person()
    bare = replace(
        timeline,
        events={name: one for name, one in timeline.events.items() if one.is_ != "slip"},
        episodes={name: one for name, one in timeline.episodes.items() if not one.is_self and name != "rescuer"},
    )
    known = looked_up(wrote(bare))
    assert [one.name for one in known.scenarios] == ["reporter given up", "strain at a new high"]
    assert known.left_out["role kept, slips growing"] == "no slips are on record"
    assert known.left_out["time as oneself regained"] == "no role has been declared as time as oneself"


def test_a_role_that_was_left_off_now_and_then_anyhow_is_not_told_as_given_up():
    timeline, _ = person()
    rare = timeline.episodes["rescuer"]
    keep = (rare.starts // 60).astype(int) % 2 == 0  # two months on, two months off
    now_and_then = replace(rare, starts=rare.starts[keep], ends=rare.ends[keep], ids=tuple(np.array(rare.ids)[keep]))
    known = looked_up(replace(wrote(timeline), episodes={**timeline.episodes, "rescuer": now_and_then}))
    assert re.search(r"it was so on \d+ % of the days", known.left_out["rescuer given up"])


def test_roles_that_differ_in_capitals_alone_do_not_stand_in_each_others_way():
    timeline, _ = person()
    twice = {**timeline.episodes, "Reporter": replace(timeline.episodes["rescuer"], label="Reporter")}
    known = looked_up(replace(wrote(timeline), episodes=twice))
    names = [one.name.casefold() for one in known.scenarios]
    assert len(set(names)) == len(names)
    assert "Reporter given up" in known.left_out


def test_worth_and_words_of_ones_own_stay_as_they_were_written():
    timeline, _ = person()
    own = 'name = "I move"\nrule = "strain > 5 for 2 days"\nwords = "away"\nworth = [40, 60]\npreference = 2'
    known = looked_up(wrote(timeline, ("scenario", own), ("preference", 'order = ["I move"]\nmust_not = ["I move"]')))
    says = known.scenarios[0].says
    assert (says.words, says.worth, says.preference, says.must_not) == ("away", (40.0, 60.0), 1, True)


def test_the_persons_order_and_must_nots_are_taken_from_the_preferences():
    timeline, _ = person()
    own = ("scenario", 'name = "I move"\nrule = "share_of_time(role:reporter) < 0.1 for 2 weeks"\npreference = 3')
    wished = 'order = ["i move", "other", "Rescuer given up", "holiday"]\nmust_not = ["reporter given up", "other"]'
    known = looked_up(wrote(timeline, own, ("preference", wished)))
    ranks = {one.name: one.says.preference for one in known.scenarios if one.says.preference}
    assert ranks == {"I move": 1, "rescuer given up": 3}
    assert known.other_rank == 2
    assert [one.name for one in known.scenarios if one.says.must_not] == ["reporter given up"]
    assert known.unknown == ("holiday", "other")
    without = looked_up(wrote(timeline, own))
    assert {one.name: one.says.preference for one in without.scenarios if one.says.preference} == {"I move": 3}


def test_a_limit_of_ones_own_goes_before_the_worst_fortnight():
    timeline, fitted = person()
    rated = wrote(timeline, ("preference", "[limit]\nrating = 5.5\ndays = 7"))
    known = looked_up(rated)
    limit = limit_of(rated, fitted, known.preference)
    assert (limit.rating, limit.days, limit.own) == (5.5, 7, True)
    assert "breakdown" in [one.name for one in known.scenarios]
    assert next(one for one in known.scenarios if one.name == "breakdown").says.rule == "strain > limit for 7 days"
    worst = limit_of(timeline, fitted)
    means = np.convolve(days_before(timeline, fitted).rating, np.full(14, 1 / 14), "valid")
    assert not worst.own
    assert worst.rating == pytest.approx(np.nanmax(means))


def test_no_limit_is_taken_from_a_short_record_nor_one_beyond_the_scale():
    timeline, fitted = person()
    beyond = looked_up(wrote(timeline, ("preference", "[limit]\nrating = 9")))
    assert "outside the scale" in limit_of(timeline, fitted, beyond.preference).reason
    assert "no item is rated" in limit_of(replace(timeline, ratings={}), fitted).reason
    early, fit = person("2024-02-10")
    refused = limit_of(early, fit)
    assert isinstance(refused, CannotSay)
    assert (refused.have < 56, refused.need) == (True, 56)


def test_all_ways_and_other_are_told_and_their_chances_sum_to_one():
    given = told()
    ways = [one for one in given if one.quantity == "chance of scenario" and isinstance(one, Finding)]
    assert ways[-1].about == OTHER
    assert sum(one.estimate for one in ways) == pytest.approx(1.0)
    whole = about(given, "futures")
    assert whole.detail["chances"].keys() == {one.about for one in ways}
    assert whole.estimate == max(one.estimate for one in ways)
    assert whole.claim.startswith("By ")
    for one in ways:
        assert one.detail["horizon_days"] == 91
        assert one.estimate in one.interval
        assert not one.reason


def test_the_same_records_tell_the_same_and_everything_is_plain_json():
    timeline, fitted = person()
    again = answers(timeline, fitted, paths=like_the_last_weeks(timeline, fitted))
    assert again == told()
    json.dumps([dict(one.detail) for one in again], allow_nan=False)


def test_the_fan_and_the_survival_curve_are_thin_and_in_order():
    fan = about(told(), "futures").detail["fan"]
    assert len(fan["days"]) <= 60
    assert (np.diff(np.array(fan["quantiles"]), axis=0) >= 0.0).all()
    assert all(1.0 <= value <= 7.0 for row in fan["quantiles"] for value in row)
    assert all(len(row) == len(fan["days"]) for row in fan["middle"].values())
    assert len(fan["past"]["days"]) == len(fan["past"]["mean"]) <= 28
    curve = about(told(), "own limit").detail["survival"]
    assert len(curve["days"]) == len(curve["share"]) == len(curve["low"]) <= 60
    assert curve["share"][0] == 1.0


def test_what_is_withheld_tells_its_reason_and_no_number():
    why = "over the past weeks these forecasts were no better than what is usual"
    given = told(withheld=why)
    forecasts = [one for one in given if isinstance(one, Finding) and one.unit == "share of futures"]
    assert len(forecasts) >= 6
    assert all("already" in one.claim for one in given if isinstance(one, Finding) and one not in forecasts)
    for one in forecasts:
        assert (one.status, one.reason) == ("withheld", why)
        assert not re.search(r"\d", one.claim)
        assert (one.estimate, one.interval.low, one.interval.high) == (0.5, 0.0, 1.0)
        assert not one.detail.keys() & {"fan", "chances", "survival", "within", "likeliest"}
        assert one.detail.get("median_day") is None
        assert "days_80" not in one.detail


def test_a_forecast_says_whether_it_was_tested():
    assert any("not been held" in text for text in about(told(), "futures").assumptions)
    assert any("four weeks" in text for text in about(told(withheld=""), "futures").assumptions)
    assert about(told(withheld=""), "futures").status == "found"
    timeline, fitted = person()
    short = CannotSay("the record is too short to go back in", 5, 9, "weeks", row="S19")
    given = answers(timeline, fitted, paths=like_the_last_weeks(timeline, fitted), backtest=short)
    assert any(text.endswith("past, as the record is too short to go back in") for text in given[0].assumptions)
    assert given[0].status == "found"


def test_what_is_so_already_is_said_and_not_forecast():
    timeline, fitted = person()
    written = wrote(
        timeline, ("scenario", 'name = "still at work"\nrule = "share_of_time(role:reporter) > 0.01 for 4 weeks"')
    )
    given = answers(written, fitted, paths=like_the_last_weeks(timeline, fitted))
    said = about(given, "still at work")
    assert said.claim == "“still at work” is so already, so it is not among what could come."
    assert about(given, "futures").detail["already"][0] == "still at work"


def test_what_cannot_be_read_or_told_is_said():
    timeline, fitted = person()
    written = wrote(
        timeline,
        ("scenario", 'name = "fire"\nrule = "rate(event:fire) > 1 a week for 2 weeks"'),
        ("scenario", 'name = "broken"\nrule = "soon"'),
        ("preference", 'order = ["nowhere"]'),
    )
    reasons = [
        one.reason
        for one in answers(written, fitted, paths=like_the_last_weeks(timeline, fitted))
        if isinstance(one, CannotSay)
    ]
    assert any(one.startswith("how likely “fire” is, as “fire” is not among") for one in reasons)
    assert any("can't be read" in one for one in reasons)
    assert "your preferences name “nowhere”, but no scenario of that name is on record" in reasons


def test_without_a_fit_or_paths_and_after_the_horizon_there_is_nothing_to_say():
    timeline, fitted = person()
    refused = CannotSay("the record is too short", 5, 14, "days", row="S9")
    for given in (answers(timeline, refused, paths=refused), answers(timeline, fitted, paths=refused)):
        assert [(one.row, one.about, one.status) for one in given] == [("S19", "futures", "cannot_say")]
    stale = replace(timeline, as_of=timeline.as_of.plus_days(200))
    given = answers(stale, fitted, paths=like_the_last_weeks(timeline, fitted))
    assert given[0].reason.endswith("is over")


def test_that_nothing_is_rated_is_said_once():
    timeline, fitted = person()
    paths = replace(like_the_last_weeks(timeline, fitted), at_rest=None)
    bare = replace(wrote(timeline), ratings={})
    given = answers(bare, strain.fit(bare), paths=paths)
    assert [one.reason for one in given if isinstance(one, CannotSay)] == [
        "no item is rated, so there is no scale to put a limit on",
        "how likely “breakdown” is, as no limit of your own is written down in your preferences",
    ]
    assert about(given, "futures").detail["fan"]["unit"] == "points of strain above rest"


def test_every_sentence_is_one_line_that_ends():
    for one in (*told(), *told(withheld="they were no better than what is usual")):
        if isinstance(one, Finding):
            assert re.fullmatch(r"[A-Z“\d].*\.", one.claim), one.claim


def test_what_came_is_read_off_a_record_that_goes_on():
    timeline, fitted = person()
    later, fit = person(LATE)
    scenarios = on_record(
        wrote(timeline, ("scenario", 'name = "desk"\nrule = "share_of_time(role:reporter) > 0.1 for 2 weeks"'))
    )
    racing = [one for one in scenarios if one.name == "desk"]
    begins, usual = timeline.instant(timeline.days), usual_of(days_before(timeline, fitted), "self")
    limit = limit_of(timeline, fitted)
    assert what_came(later, begins, 91, racing, limit, usual=usual) == "desk"
    quiet = [one for one in scenarios if one.name == "rescuer given up"]
    assert what_came(later, begins, 91, quiet, limit, usual=usual) == OTHER
    assert what_came(timeline, begins, 91, quiet, limit, usual=usual) is None  # nothing of it is on record yet
    high = [one for one in scenarios if one.name == "strain at a new high"]
    assert what_came(later, begins, 91, high, limit, usual=usual, fitted=fit) in {OTHER, high[0].name}
    assert what_came(later, begins, 91, high, limit, usual=usual) is None  # strain is not known without a fit


def test_what_came_is_what_a_split_of_the_same_days_says():
    timeline, fitted = person()
    later, fit = person(LATE)
    begins = timeline.instant(timeline.days)
    usual, limit = usual_of(days_before(timeline, fitted), "self"), limit_of(timeline, fitted)
    before = days_of(later, fit, begins.days_since(later.origin), 200, 0)
    came = days_of(later, fit, begins.days_since(later.origin), 0, 91)
    one = Paths(
        begins=begins, days=91, strain=(came.rating - 2.0)[None].astype(np.float32), at_rest=np.array([2.0]), slope=1.0,
        hours={name: hours[None].astype(np.float32) for name, hours in came.hours.items()},
        events={name: count[None].astype(np.uint8) for name, count in came.events.items()},
        slips=came.slips[None].astype(np.uint8), parameters_of=np.zeros(1, np.int64), usual=usual,
    )  # fmt: skip
    assert came.known.min() == 1.0
    split = partition(one, on_record(wrote(timeline)), limit, before)
    assert what_came(later, begins, 91, split.scenarios, limit, usual=usual, fitted=fit) == split.names[split.which[0]]


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split("=")[0].strip())
def test_the_examples_of_the_page_can_be_read(text):
    form = "preference" if "order =" in text else "scenario"
    assert parsed(text, PreferenceFile if form == "preference" else ScenarioFile, form)


@pytest.mark.parametrize("rule", re.findall(r"^\| `([^`]+)` \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE))
def test_the_conditions_of_the_page_are_conditions(rule):
    assert len(conditions(rule)) == 1
