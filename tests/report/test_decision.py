"""The record of a decision, as words and as one page on paper."""

import re
import shutil
import subprocess
from dataclasses import replace

import pytest

from mainstay.options.decision_record import (
    Bears,
    Considered,
    DecisionRecord,
    Evidence,
    Expected,
    Foreseen,
    Leaned,
)
from mainstay.quantities import Instant
from mainstay.report.decision_html import decision_html
from mainstay.report.decision_text import decision_lines
from mainstay.report.decision_words import day_words, parts_of
from report.test_explanations import Page
from report.test_futures import HOSTILE

AT = Instant.parse("2025-07-08T10:00+02:00")
SHED, MOVE = "Saturdays in the shed", "move in with her"
TITLE = "What Sam decided"


def evidence(claim, row="S14"):
    return Evidence("1" * 32, row, "about", "found", claim, 0.5, 0.2, 0.8, 0.9, "")


def recorded(**more):
    gone, points, season = (0.0, 0.0), "points on the tension scale", "2025-10-06"
    held = "4.2, inside of what was expected"
    usual = DecisionRecord(
        id="a" * 64, decided=SHED, what="an afternoon of building things, no questions asked",
        why="it costs nothing if she declines", by="the person whose records these are", on="2025-07-08",
        as_of="2025-07-08T10:00:00+02:00", known_through="2025-07-08T09:00:00+02:00", hindsight=False,
        options=(
            Considered(SHED, "", True, "recommended", "", ""),
            Considered("nothing is changed", "", False, "not_weighed", "", ""),
            Considered("a cleaner on Fridays", "", False, "found", "", "it takes 120 a month"),
            Considered(MOVE, "", False, "struck_out", f"“{MOVE}” is struck out: it would touch “her flat”.", ""),
        ),
        evidence=(
            evidence("It takes less to tip over than before", "S11"),
            evidence("No time of one’s own fits best."),
        ),
        evidence_more=3,
        weighed=evidence(f"“{SHED}” costs nothing whichever way it goes.", "S20"),
        expected=(
            Expected("strain on average, if it succeeds", -0.3, -0.5, -0.1, points, season),
            Expected("chance of what must not happen", 0.04, 0.01, 0.09, "", season),
        ),
        foreseen=(
            Foreseen("headache in the next 7 days", "2025-07-07", "2025-07-14", 0.34, None, None, 0.3, False, "", None),
            Foreseen("worn down tomorrow", "2025-07-07", "2025-07-08", None, 3.1, 5.4, None, False, held, True),
            Foreseen("breakdown", "2025-07-07", "2025-10-06", 0.7317, None, None, 0.3, True, "", None),
        ),
        bears=(Bears("the supporter", (0.0, 5.0), (3.0, 4.0), gone, (5.0, 20.0), gone, gone),),
        reversible="yes",
        leaning=Leaned("a month of leave", "2025-07-01", "sealed", "sealed on 1 July 2025", followed=False),
        changed=(), would_change=("she says no twice", "two invitations declined"), look_again="2025-08-20",
        look_again_overdue_days=-43,
    )  # fmt: skip
    return replace(usual, **more)


def test_the_page_answers_what_why_on_what_and_when_to_look_again():
    text = decision_lines(TITLE, recorded(), 80)
    headings = ("Why", "What it rests on", "What else was considered", "What is expected of it", "Who bears what",
                "The first leaning", "What would change it", "When to look again")  # fmt: skip
    places = [text.index(f"\n{heading}\n") for heading in headings]
    assert places == sorted(places)
    joined = " ".join(text.split())
    for said in (
        "Decided on 8 July 2025 by the person whose records these are.",
        "Told as of 8 July 2025, from what was known through 8 July 2025.",
        f"Decided: “{SHED}”.",
        "It costs nothing if she declines.",
        "And 3 more answers on record by then.",
        "Strain on average, if it succeeds: −0.3 (−0.5 to −0.1) points on the tension scale, until 6 October 2025.",
        "Chance of what must not happen: about 4 in 100 (1 to 9), until 6 October 2025.",
        "Headache in the next 7 days, by 14 July 2025: about 34 in 100, not due yet.",
        "Worn down tomorrow, by 8 July 2025: between 3.1 and 5.4; 4.2, inside of what was expected.",
        "It takes 3 to 4 hours a week and 0 to 5 points of the supporter.",
        "“a month of leave”, sealed on 1 July 2025. What was decided is another.",
        "She says no twice.",
        "On 20 August 2025. Then: mainstay futures CASE shows what came",
    ):
        assert said in joined


def test_what_is_long_is_cut_and_what_is_many_is_counted():
    text = decision_lines(TITLE, full(), 100)
    assert "And 14 more options on record by then." in text
    assert "And 9 more answers on record by then." in text
    assert max(len(one) for _, told in parts_of(full()) for one in told) <= 302


def test_what_was_struck_out_stands_first_among_what_else_was_considered():
    (others,) = (told for heading, told in parts_of(recorded()) if heading == "What else was considered")
    assert others == (
        f"“{MOVE}” is struck out: it would touch “her flat”.",
        "Nothing is changed: what the others were held against.",
        "A cleaner on Fridays: better on the whole; it takes 120 a month.",
    )


def test_a_forecast_that_was_withheld_is_not_told():
    assert "73" not in decision_lines(TITLE, recorded(), 80)
    assert "breakdown" not in decision_html(TITLE, recorded(), AT).lower()


def test_hindsight_a_day_that_has_passed_and_what_is_missing_are_said():
    late = recorded(hindsight=True, look_again_overdue_days=3, why="", changed=(SHED,))
    text = " ".join(decision_lines(TITLE, late, 80).split())
    assert "That is more than was known when it was decided." in text
    assert "On 20 August 2025. That day has passed." in text
    assert "No reason was written down." in text
    assert "The text of “Saturdays in the shed” was changed after the options were first shown." in text
    bare = recorded(evidence=(), evidence_more=0, weighed=None, expected=(), foreseen=(), bears=(), reversible="",
                    leaning=None, would_change=(), look_again="", look_again_overdue_days=None)  # fmt: skip
    assert [heading for heading, _ in parts_of(bare)] == ["Why", "What else was considered", "When to look again"]
    assert "No day to look again was written down. To write one" in " ".join(decision_lines(TITLE, bare, 80).split())


def test_a_small_change_is_told_with_the_decimals_it_needs():
    small = (Expected("strain on average", -0.004, -0.012, 0.003, "points", "2025-10-06"),)
    assert "−0.004 (−0.012 to 0.003) points" in decision_lines(TITLE, recorded(expected=small), 100)


def test_dates_in_words():
    assert [day_words(one) for one in ("2025-07-08", "2025-07-08T23:30:00-05:00", "")] == [
        "8 July 2025", "8 July 2025", "",
    ]  # fmt: skip


@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_line_is_wider_than_the_terminal(width):
    assert max(len(line) for line in decision_lines(TITLE, recorded(), width).splitlines()) <= width


def test_the_page_is_whole_fetches_nothing_and_text_is_never_markup():
    hostile = recorded(
        decided=HOSTILE, what=HOSTILE, why=HOSTILE, would_change=(HOSTILE,), evidence=(evidence(HOSTILE),),
        options=(Considered(HOSTILE, HOSTILE, False, "struck_out", HOSTILE, HOSTILE),),
    )  # fmt: skip
    for one in (recorded(), hostile):
        shown = decision_html(HOSTILE, one, AT)
        seen = Page(shown)
        assert seen.open == []
        assert not {"script", "img", "link", "iframe"} & set(seen.tags)
        assert "http" not in re.sub("http-equiv", "", shown)
        assert not re.search(r"[\x00\x1b\u202e]", shown + decision_lines(HOSTILE, one, 80))


def full():
    """As much as a record may hold: long reasons, twenty options, forecasts and changes."""
    long = "it would take more hours of everybody than there are in the weeks that are left of this year"
    options = tuple(
        Considered(f"something that could be done, number {k}", "", False, "struck_out",
                   f"“something that could be done, number {k}” is struck out: {long}.", "")
        for k in range(20)
    )  # fmt: skip
    return recorded(options=options, evidence=tuple(evidence(f"{k}: {long}") for k in range(12)),
                    would_change=tuple(f"{k}: {long}" for k in range(6)), why=long * 8)  # fmt: skip


@pytest.mark.skipif(shutil.which("chromium") is None, reason="prints with chromium")
@pytest.mark.parametrize("record", [recorded(), full()], ids=["usual", "full"])
def test_it_prints_on_one_side_of_a4(record, tmp_path):
    page, paper = tmp_path / "decision.html", tmp_path / "decision.pdf"
    page.write_text(decision_html(TITLE, record, AT), encoding="utf-8")
    told = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--no-pdf-header-footer", f"--print-to-pdf={paper}", page.as_uri()]  # fmt: skip
    subprocess.run(told, check=True, capture_output=True, timeout=120)
    pages = len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))
    assert pages == 1
