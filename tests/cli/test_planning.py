"""Claims about `mainstay plan`."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from mainstay.report.answers import answers_schema

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py


def planned(mainstay: Run, *arguments: object) -> dict:
    said = mainstay("plan", *arguments, "--json")
    assert (said.code, said.err) == (0, "")
    return json.loads(said.out)


@pytest.fixture
def diary(case: Path, folder: Path, mainstay: Run) -> Callable[..., Path]:
    """The casebook with so many invented days of five check-ins, and a walk in each column of days."""

    def of(days: int, walk_every: int = 3) -> Path:
        rows = ["when,tension,deadline,walk"]
        for day in range(days):
            for prompt in range(5):
                walked = int(bool(walk_every) and prompt == 4 and day % max(walk_every, 1) == 0)
                when = datetime(2024, 1, 8, 9) + timedelta(days=day, hours=3 * prompt)
                rows.append(
                    f"{when:%Y-%m-%dT%H:%M},{2 + (day * 7 + prompt * 3) % 5},{int(prompt == 0 and day % 2)},{walked}"
                )
        (folder / "diary.csv").write_text("\n".join(rows) + "\n")
        assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
        return case

    return of


def test_without_a_casebook_anybody_gets_a_table(mainstay: Run) -> None:
    said = mainstay("plan")
    assert (said.code, said.err) == (0, "")
    assert "twice as often within a year" in said.out
    assert "18 months" in said.out
    assert "What would shorten it most" in said.out


def test_a_pace_that_is_asked_about_has_one_column(mainstay: Run) -> None:
    whole = planned(mainstay, "--acts-a-week", 3, "--prompts-a-day", 5)["plan"]
    assert {row["acts_a_week"] for row in whole["table"]} == {3.0}
    assert whole["prompts_a_day"] == 5.0


def test_the_two_ways_to_say_a_drift_agree(mainstay: Run) -> None:
    assert planned(mainstay, "--drift", 2) == planned(mainstay, "--doubling-in", 12) == planned(mainstay)
    assert planned(mainstay, "--drift", 4)["plan"] | {"claim": ""} == planned(mainstay, "--doubling-in", 6)["plan"] | {
        "claim": ""
    }


def test_a_faster_drift_shows_sooner(mainstay: Run) -> None:
    months = [planned(mainstay, "--doubling-in", k)["plan"]["months_needed"] for k in (6, 12, 24)]
    assert months == sorted(months)
    assert months[0] < months[2]


def test_a_plan_goes_on_from_the_record(diary: Callable[..., Path], mainstay: Run) -> None:
    case = diary(100)
    said = mainstay("plan", case)
    assert (said.code, said.err) == (0, "")
    told = " ".join(said.out.split())
    assert "On record so far: 3.3 months" in told
    assert "and 5 check-ins a day" in told
    assert "How fully things were recorded is not logged" in told


def test_what_months_alone_cannot_settle_is_said_in_the_plan_itself(diary: Callable[..., Path], mainstay: Run) -> None:
    claim = planned(mainstay, diary(100))["plan"]["claim"]
    assert "Once it is logged how fully things were recorded" in claim
    assert "what stands in the way today is settled, that would show" in claim


def test_the_plan_of_a_record_is_an_answer_that_keeps_the_contract(diary: Callable[..., Path], mainstay: Run) -> None:
    whole = planned(mainstay, diary(100))
    [answer] = whole["answers"]
    jsonschema.validate(answer, answers_schema())
    assert answer["status"] == "cannot_say"
    assert answer["row"] == "S11"
    assert answer["have"] == 3.3
    assert answer["need"] == whole["plan"]["months_needed"] > 3.3
    assert answer["need_unit"] == "months"


def test_what_is_asked_for_goes_before_what_is_done(diary: Callable[..., Path], mainstay: Run) -> None:
    case = diary(100)
    usual = planned(mainstay, case)["plan"]
    faster = planned(mainstay, case, "--acts-a-week", 14)["plan"]
    assert faster["acts_a_week"] == 14.0
    assert faster["prompts_a_day"] == usual["prompts_a_day"]
    assert faster["months_needed"] < usual["months_needed"]
    assert "From now on: 14 acts of relief" in " ".join(mainstay("plan", case, "--acts-a-week", 14).out.split())


def test_a_record_without_relief_has_nothing_to_go_on_from(diary: Callable[..., Path], mainstay: Run) -> None:
    said = mainstay("plan", diary(40, walk_every=0))
    assert said.code == 0
    assert "Nothing on record is marked as relief" in said.out


def test_as_of_plans_from_what_was_known_by_then(diary: Callable[..., Path], mainstay: Run) -> None:
    case = diary(100)
    assert planned(mainstay, case, "--as-of", "2024-02-28")["plan"]["months_on_record"] == pytest.approx(1.7, abs=0.1)


def test_what_consent_leaves_out_is_not_planned_from(case: Path, folder: Path, mainstay: Run) -> None:
    given = mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml", "--consent", "cohort")
    assert given.code == 0
    said = mainstay("plan", case)
    assert said.code == 2
    assert "own_answers" in said.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--drift", "2", "--doubling-in", "12"), "one of them"),
        (("--drift", "0"), "--drift 0"),
        (("--drift", "1"), "--drift 1"),
        (("--doubling-in", "-3"), "1 to 120 months"),
        (("--prompts-a-day", "0"), "check-ins a day"),
        (("--acts-a-week", "nan"), "acts of relief a week"),
        (("--as-of", "2024-01-01"), "needs a casebook"),
    ],
)
def test_misuse_is_one_sentence(mainstay: Run, arguments: tuple[str, ...], named: str) -> None:
    said = mainstay("plan", *arguments)
    assert said.code == 2
    assert said.out == ""
    assert named in said.err
    assert said.err.count("\n") == 1
