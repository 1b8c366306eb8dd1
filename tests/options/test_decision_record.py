"""The record of a decision on one page: what was decided, on what, what was expected, what came; nothing added."""

import json
from dataclasses import replace

import pytest

from mainstay.errors import BadRequest
from mainstay.futures.ledger import Scored
from mainstay.futures.paths import Forecast
from mainstay.options.decision_record import (
    MOST_EVIDENCE,
    MOST_OF_A_ROW,
    DecisionRecord,
    decision_record,
)
from mainstay.options.leaning import Changes, Seal, Shown, first_leaning, seal_of
from mainstay.quantities import CannotSay, Finding, Instant, Interval
from mainstay.records import logged
from mainstay.records.statements_option import NOTHING
from mainstay.timeline.reader import from_records

MONDAY = Instant.parse("2026-01-05T09:00+01:00")
OPEN, BAIT = "the open invitation", "the bait"
OPTIONS = (
    f'name = "{OPEN}"\ndisclosed_ok = true\nwhat = "supper every other week"\n[cost.supporter]\nhours_a_week = [2, 3]\n'
    "[benefit.supporter]\npoints = [10, 30]\n",
    f'name = "{BAIT}"\ndisclosed_ok = false\n',
)
DECISION = (
    f'option = "{OPEN}"\nwhy = "it costs nothing"\nwould_change = ["he says no twice"]\nlook_again = 2026-02-20\n'
)


def day(number):
    return MONDAY.plus_days(number)


def case(at, *more, as_of=None, purpose="own_answers"):
    records = [logged.statement("option", text, now=day(k / 10)) for k, text in enumerate(OPTIONS)]
    records += [logged.statement(form, text, now=day(when)) for form, text, when in more]
    return from_records(records, (), None, as_of=day(at if as_of is None else as_of), purpose=purpose)


def answer(row, about, status="found", **more):
    said = Finding(row, about, status, f"{about}: {status}.", "q", 0.4, Interval(0.2, 0.6), "", 3, "m")
    return replace(said, **more)


ANSWERS = (
    answer("S11", "threshold"),
    answer("S13", "no part to play", "established_explained"),
    CannotSay("too little", row="S12", about="walk"),
    answer(
        "S20",
        OPEN,
        "recommended",
        would_change="two invitations declined",
        detail={
            "strain": {"points": -0.3, "low": -0.5, "high": -0.1, "unit": "points", "days": 91},
            "must_not": {"chance": 0.04, "low": 0.01, "high": 0.1},
        },
    ),
    answer("S20", BAIT, "struck_out", detail={"struck_by": [{"reason": "it would have to be hidden to work"}]}),
    answer("S20", NOTHING, "dominated"),
)


def decided(at=10.0, **more):
    made = case(at, ("decision", DECISION, 10))
    found = decision_record(made, ANSWERS, **more)
    assert isinstance(found, DecisionRecord)
    return found


def test_it_says_what_was_decided_by_whom_on_what_and_when_to_look_again():
    page = decided(ids=[f"{k:032x}" for k in range(len(ANSWERS))])
    assert (page.decided, page.why, page.on) == (OPEN, "it costs nothing", "2026-01-15")
    assert page.what == "supper every other week"
    assert page.by == "the person whose records these are"
    assert [(one.row, one.estimate) for one in page.evidence] == [("S11", 0.4), ("S13", 0.4)]
    assert page.evidence[0].id == f"{0:032x}"
    assert page.weighed.id == f"{3:032x}"
    assert page.would_change == ("he says no twice", "two invitations declined")
    assert (page.look_again, page.look_again_overdue_days) == ("2026-02-20", -36)
    assert not page.hindsight


def test_options_stand_with_their_reasons_and_leaving_things_as_they_are_is_one_of_them():
    page = decided()
    assert [(one.name, one.status, one.chosen) for one in page.options] == [
        (OPEN, "recommended", True),
        (BAIT, "struck_out", False),
        (NOTHING, "dominated", False),
    ]
    (out,) = page.struck_out
    assert out.reason == "it would have to be hidden to work"


def test_what_it_was_to_do_stands_with_its_date():
    strain, must_not = decided().expected
    assert (strain.value, strain.low, strain.high, strain.until) == (-0.3, -0.5, -0.1, "2026-04-16")
    assert (must_not.what, must_not.value) == ("chance of what must not happen", 0.04)


def test_costs_name_who_bears_them_and_who_gains():
    (only,) = decided().bears
    assert (only.who, only.cost_hours_a_week, only.benefit_points) == ("the supporter", (2.0, 3.0), (10.0, 30.0))


def test_it_is_plain_text_and_numbers():
    said = decided().plain
    assert json.loads(json.dumps(said, allow_nan=False)) == said
    assert said["options"][1]["reason"] == "it would have to be hidden to work"


def test_without_a_decision_there_is_nothing_to_record():
    found = decision_record(case(5), ANSWERS)
    assert isinstance(found, CannotSay)
    assert (found.have, found.need) == (0, 1)
    broken = decision_record(case(11, ("decision", "option =", 10)), ANSWERS)
    assert isinstance(broken, CannotSay)
    assert "can't be read" in broken.reason


def test_what_was_known_later_is_called_hindsight():
    later = case(30, ("decision", DECISION, 10), ("preference", "least_chance = 0.5", 20))
    assert decision_record(later, ANSWERS).hindsight
    cut = case(30, ("decision", DECISION, 10), ("preference", "least_chance = 0.5", 20), as_of=10)
    assert not decision_record(cut, ANSWERS).hindsight


def test_a_day_to_look_again_that_is_past_is_counted():
    assert decision_record(case(60, ("decision", DECISION, 10)), ()).look_again_overdue_days == 14


def test_what_was_decided_may_be_none_of_the_options_or_to_leave_things():
    other = decision_record(case(11, ("decision", 'option = "move away"', 10)), ANSWERS)
    assert other.options[0].name == "move away"
    assert other.options[0].status == "chosen"
    assert other.bears == ()
    left = decision_record(case(11, ("decision", f'option = "{NOTHING}"', 10)), ANSWERS)
    assert [one.name for one in left.options if one.chosen] == [NOTHING]
    assert left.weighed.status == "dominated"


def test_an_option_that_was_not_weighed_is_not_made_to_look_weighed():
    page = decision_record(case(11, ("decision", DECISION, 10)), ())
    assert [one.status for one in page.options] == ["chosen", "not_weighed", "not_weighed"]
    assert (page.weighed, page.expected) == (None, ())


def test_the_page_stays_a_page():
    many = tuple(answer(row, f"a {k}") for row in ("S11", "S3", "S6", "S9", "S12", "S13") for k in range(9))
    page = decision_record(case(11, ("decision", DECISION, 10)), many)
    assert len(page.evidence) == MOST_EVIDENCE
    assert page.evidence_more == len(many) - MOST_EVIDENCE
    assert max(sum(one.row == row for one in page.evidence) for row in ("S11", "S3")) == MOST_OF_A_ROW
    assert page.evidence[0].row == "S11"


def forecast(made, due, chance=0.3, **more):
    rule = more.pop("rule", "rate(slips) >= 2 over 7 days")
    return Forecast("more slips", rule, day(made), day(due), "event", chance=chance, base_chance=0.2, **more)


def test_what_was_foreseen_is_told_with_what_came():
    mine = Scored(forecast(9, 40), "scored", "", 3.0, came=True)
    old = Scored(forecast(5, 40, 0.9), "scored", "", 3.0, came=True)
    after = Scored(forecast(12, 41, rule="r2"), "scored", "", 3.0, came=False)
    long_ago = Scored(forecast(-50, 42, rule="r3"), "open")
    past = Scored(forecast(2, 8, rule="r4"), "scored", "", 0.0, came=False)
    value = replace(forecast(9, 20, None), kind="value", levels=(0.05, 0.95), quantiles=(2.0, 4.0), base_chance=None)
    held = Scored(replace(value, rule="mean(mood)"), "scored", "", 3.14, held=True)
    open_ = Scored(forecast(9, 99, 0.1), "open")
    page = decided(scored=(mine, old, after, long_ago, past, held, open_))
    assert [(one.due, one.chance, one.came) for one in page.foreseen] == [
        ("2026-01-25", None, "3.14, inside of what was expected"),
        ("2026-02-14", 0.3, "it came"),
        ("2026-04-14", 0.1, ""),
    ]
    assert [one.about for one in page.came] == ["more slips", "more slips"]
    assert (page.foreseen[0].low, page.foreseen[0].high, page.foreseen[0].as_expected) == (2.0, 4.0, True)


def test_the_leaning_stands_with_how_it_was_sealed_and_whether_it_was_followed():
    made = case(11, ("leaning", f'option = "{BAIT}"', 1), ("decision", DECISION, 10))
    (record,) = [one for one in made.others if one.body.form == "leaning"]
    shown = Shown(1, day(2), {BAIT: "x"}, (BAIT,), (seal_of(record),))
    page = decision_record(made, ANSWERS, standing=first_leaning(made, (shown,), shown), changes=Changes((OPEN,)))
    assert (page.leaning.option, page.leaning.how, page.leaning.followed) == (BAIT, "sealed", False)
    assert page.leaning.said.startswith("written on 6 January 2026 and sealed")
    assert page.changed == (OPEN,)
    assert isinstance(shown.seals[0], Seal)


def test_misuse_is_refused():
    with pytest.raises(BadRequest, match="2 ids"):
        decided(ids=["a", "b"])
    with pytest.raises(BadRequest, match="supporter_view"):
        decision_record(case(11, ("decision", DECISION, 10), purpose="supporter_view"), ANSWERS)
