"""A trial from its plan to its report, on the command line, with a clock that is set day by day."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from mainstay.cli import asking
from mainstay.quantities import Instant

PLAN = """
name = "evenings"
question = "Does an evening as oneself ease the day?"
start = 2024-03-04
matters = 0.5

[[arm]]
name = "as usual"

[[arm]]
name = "an evening as oneself"
place = "a cafe out of town"

[design]
kind = "blocks"
days = 28
seed = 4

[outcome]
item = "tension"
better = "low"
"""
SUNDAY = datetime(2024, 3, 3, 20, tzinfo=UTC)


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Sets the clock of the commands."""

    def these(moment: datetime) -> None:
        monkeypatch.setattr(asking, "now", lambda: Instant.of(moment))

    these(SUNDAY)
    return these


@pytest.fixture
def begun(case: Path, at: Callable, mainstay: Callable, folder: Path) -> Path:
    """A casebook with a diary and a trial that has begun."""
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    (folder / "plan.toml").write_text(PLAN)
    planned = mainstay("trial", case, "design", "--file", folder / "plan.toml")
    assert planned.code == 0, planned.err
    assert "16,384 ways" in planned.out
    at(SUNDAY + timedelta(minutes=5))
    started = mainstay("trial", case, "start")
    assert started.code == 0, started.err
    assert "Mon 04 Mar" in started.out
    return case


def arms(case: Path, folder: Path, mainstay: Callable) -> list[str]:
    out = folder / "days.csv"
    assert mainstay("trial", case, "calendar", "--out", out).code == 0
    return [line.split(",")[2] for line in out.read_text().splitlines()[1:]]


def test_a_trial_is_lived_from_plan_to_report(begun: Path, at: Callable, mainstay: Callable, folder: Path) -> None:
    drawn = arms(begun, folder, mainstay)
    rng = np.random.default_rng(3)
    rows, done = ["when,tension,deadline,walk"], ["day,kept,arm,note"]
    for k, arm in enumerate(drawn):
        for hour in (9, 14, 21):
            moment = datetime(2024, 3, 4 + k if k < 28 else 31, hour)
            value = int(np.clip(round(5 - 2 * (arm != "as usual") + rng.normal(0, 0.8)), 1, 7))
            rows.append(f"{moment:%Y-%m-%dT%H:%M},{value},0,0")
        done.append(f"2024-03-{4 + k:02d},yes,,")
    (folder / "lived.csv").write_text("\n".join(rows) + "\n")
    (folder / "done.csv").write_text("\n".join(done) + "\n")
    at(datetime(2024, 3, 18, 12, tzinfo=UTC))
    early = mainstay("trial", begun, "look")
    assert early.code == 0, early.err
    assert "14 of 28 days are over" in early.out
    at(datetime(2024, 4, 1, 12, tzinfo=UTC))
    assert mainstay("add", begun, folder / "lived.csv", "--map", folder / "diary.toml").code == 0
    filled = mainstay("trial", begun, "fill", "--from", folder / "done.csv")
    assert filled.code == 0, filled.err
    assert "28 days" in filled.out
    again = mainstay("trial", begun, "fill", "--from", folder / "done.csv")
    assert again.out.strip() == "Nothing new is in done.csv: 28 rows said what was there already."
    told = mainstay("trial", begun, "report", "--html", folder / "report.html")
    assert told.code == 0, told.err
    for part in ("28 of 28 days written of went as drawn", "NAP", "14 days with an answer"):
        assert part in told.out
    page = (folder / "report.html").read_text()
    assert all(part in page for part in ("<svg", "CENT 2015 12c", "SCRIBE 2016 17", "Left for you to write"))
    answers = json.loads(mainstay("trial", begun, "report", "--json").out)["answers"]
    assert any(one["row"] == "S22" and one["status"] == "relief" for one in answers)


def test_before_the_first_day_nothing_is_said_to_be_noted_or_missing(begun: Path, mainstay: Callable) -> None:
    told = mainstay("trial", begun, "look").out
    assert "the first of them is 4 March 2024; none is over yet" in told
    assert "noted" not in told


def test_what_began_is_not_written_anew_nor_drawn_again(begun: Path, mainstay: Callable, folder: Path) -> None:
    again = mainstay("trial", begun, "design", "--file", folder / "plan.toml")
    assert again.code == 2
    assert "has begun" in again.err
    assert mainstay("trial", begun, "start").code == 2


def test_a_plan_that_can_not_be_drawn_is_refused_with_what_would_do(
    case: Path, at: Callable, mainstay: Callable, folder: Path
) -> None:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    (folder / "plan.toml").write_text(PLAN.replace("days = 28", "days = 6"))
    refused = mainstay("trial", case, "design", "--file", folder / "plan.toml")
    assert refused.code == 2
    assert "days instead of 6 would be enough" in refused.err
    (folder / "plan.toml").write_text(PLAN.replace('"tension"', '"tensoin"'))
    refused = mainstay("trial", case, "design", "--file", folder / "plan.toml")
    assert "did you mean 'tension'" in refused.err


def test_a_day_is_noted_by_hand_or_asked_for(begun: Path, at: Callable, mainstay: Callable, typed: Callable) -> None:
    at(datetime(2024, 3, 5, 21, tzinfo=UTC))
    noted = mainstay("trial", begun, "fill", "--day", "yesterday", "--kept", "no", "--instead", "as usual")
    assert noted.code == 0, noted.err
    assert mainstay("trial", begun, "fill", "--day", "2024-03-20", "--kept", "yes").code == 2
    at(datetime(2024, 3, 5, 21, 1, tzinfo=UTC))
    asked = typed("yes", "yes")
    assert mainstay("trial", begun, "fill").code == 0
    assert sum("05 Mar" in one for one in asked) == 1
    assert not any("04 Mar" in one for one in asked)


def test_a_trial_ends_once_with_its_reason(begun: Path, at: Callable, mainstay: Callable, comes: Callable) -> None:
    at(datetime(2024, 3, 12, 21, tzinfo=UTC))
    comes("we moved house")
    ended = mainstay("trial", begun, "end")
    assert ended.code == 0, ended.err
    assert "after 9 of 28 days" in ended.out
    comes("again")
    assert mainstay("trial", begun, "end").code == 2
    assert "we moved house" in mainstay("trial", begun, "look").out


def test_a_trial_is_asked_for_at_a_terminal(
    case: Path, at: Callable, mainstay: Callable, typed: Callable, folder: Path
) -> None:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    typed(
        "an evening", "", "a cafe", "", "", "An Evening", "", "tension", "0.5", "contacts", "2", "6", "tomorrow", "1",
        "Does it ease?", "free evenings",
    )  # fmt: skip
    kept = mainstay("trial", case, "design")
    assert kept.code == 0, kept.err
    assert "the other days need a name of their own" in kept.out
    assert "85,766,121 ways" in kept.out
    assert "From 4 March 2024" in kept.out
    said = kept.out.strip().splitlines()[-1].partition("mainstay trial ")[2]
    assert shlex.split(said)[1:] == ["start", "free evenings"]


def test_several_baselines_are_drawn_and_tested_together(
    case: Path, at: Callable, mainstay: Callable, folder: Path
) -> None:
    mapping = (folder / "diary.toml").read_text() + (
        '\n[[item]]\ncolumn = "walk"\nlabel = "calm"\nlow = 0\nhigh = 1\nbetter = "high"\n'
    )
    (folder / "two.toml").write_text(mapping)
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "two.toml").code == 0
    phases = 'phases = ["as usual", "an evening as oneself"]'
    plan = PLAN.replace('kind = "blocks"', f'kind = "start_by_lot"\nleast = 7\n{phases}')
    plan = plan.replace("matters = 0.5\n", 'matters = 0.5\nbaselines = ["walk"]\n')
    (folder / "plan.toml").write_text(plan)
    planned = mainstay("trial", case, "design", "--file", folder / "plan.toml")
    assert planned.code == 0, planned.err
    assert mainstay("trial", case, "start").code == 0
    rng = np.random.default_rng(3)
    rows = ["when,tension,deadline,walk"]
    for k in range(28):
        moment = datetime(2024, 3, 4, 12) + timedelta(days=k)
        rows.append(f"{moment:%Y-%m-%dT%H:%M},{rng.integers(1, 8)},0,{rng.integers(0, 2)}")
    (folder / "lived.csv").write_text("\n".join(rows) + "\n")
    at(datetime(2024, 4, 2, 12, tzinfo=UTC))
    assert mainstay("add", case, folder / "lived.csv", "--map", folder / "two.toml").code == 0
    told = mainstay("trial", case, "report")
    assert told.code == 0, told.err
    assert "can't be told" in told.out
    assert "standard deviations" in told.out


def test_a_table_that_is_no_file_is_refused_at_once(begun: Path, mainstay: Callable, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    for place in ("pipe", "nowhere.csv", "."):
        refused = mainstay("trial", begun, "fill", "--from", folder / place)
        assert refused.code == 2
        assert "there is no file" in refused.err


def test_an_event_and_a_design_are_asked_for_until_they_can_be(
    case: Path, at: Callable, mainstay: Callable, typed: Callable, folder: Path
) -> None:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    asked = typed(
        "a {short} walk", "out of doors", "", "", "", "", "deadline", "less", "zero", "1",
        "blocks", "3", "5", "1", "2", "contacts", "2", "٣", "8", "2024-03-02", "", "", "Does it help?", "walks",
    )  # fmt: skip
    kept = mainstay("trial", case, "design")
    assert kept.code == 0, kept.err
    assert "What would do: " in kept.out
    assert "'zero' is no number" in kept.out
    assert "2024-03-02 will not do" in kept.out
    assert any("How many times each, 3 days with it and 3 without?" in one for one in asked)
    assert "“as usual” or “a {short} walk”" in kept.out
