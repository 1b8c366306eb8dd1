"""Claims about the paper to take along."""

import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mainstay.casebook.consent import ConsentHeld
from mainstay.casebook.views import StreamOverview
from mainstay.quantities import CannotSay, Finding, Instant, Interval, Span
from mainstay.records.kinds import CheckIn, Item, Record
from mainstay.report.answers import AnswerContext
from mainstay.report.paper import NOT_A_DEVICE, paper_of
from mainstay.report.paper_html import paper_html
from mainstay.report.paper_pdf import paper_pdf
from mainstay.timeline.reader import from_records

NOW = Instant.of(datetime(2026, 1, 1, tzinfo=UTC))
HOSTILE = '#panic("no") $x$ *b* \\ ${ #read("/etc/passwd") // <b>\x07'


@pytest.fixture
def timeline():
    item = Item("tension", "How tense are you?", 1.0, 7.0, "low")
    at = [Instant.of(datetime(2025, 12, day, 9, tzinfo=UTC)) for day in range(1, 20)]
    records = tuple(
        Record(f"r{k}", "diary", one, one, "by hand", CheckIn("tension", float(1 + k % 7))) for k, one in enumerate(at)
    )
    return from_records(records, (item,), "tension", as_of=NOW)


def answers(claim="It takes less to tip over than before."):
    return (
        Finding(
            "S11", "", "found", claim, "rate", 2.0, Interval(1.5, 2.5, 0.9), "times", 12, "a model",
            assumptions=("ratings mean the same throughout",),
        ),
        CannotSay("too few demands", have=3, need=20, unit="demands", row="S9", about="work"),
    )  # fmt: skip


def paper(timeline, told, streams=()):
    context = AnswerContext(NOW, NOW, NOW, "own_answers", ())
    return paper_of("What anna tells", told, context, timeline, curves=None, streams=streams, alert=None)


def test_it_holds_summary_evidence_methods_limits_and_consent(timeline):
    stream = StreamOverview(
        "diary", {"check_in": 19}, Span(NOW.plus_days(-30), NOW),
        (
            ConsentHeld("own_answers", "given", NOW.plus_days(-40), NOW.plus_days(40)),
            ConsentHeld("clinician_report", "withdrawn", NOW.plus_days(-2), None),
        ),
    )  # fmt: skip
    found = paper(timeline, answers(), (stream,))
    assert [claim for _, claim, _ in found.summary] == ["It takes less to tip over than before."]
    assert [heading for heading, _ in found.evidence] == [
        "What adds strain",
        "Does it take less to tip over than before",
    ]
    assert found.methods == (
        ("Does it take less to tip over than before", ("A model",), ("Ratings mean the same throughout",)),
    )
    assert NOT_A_DEVICE in found.limits
    assert any("1 can’t be answered" in one for one in found.limits)
    assert found.consent[1] == (
        ("diary", "19", "2025-12-02", "2026-01-01", "given until 10 February 2026", "withdrawn"),
    )


def test_what_consent_does_not_cover_is_named_among_the_limits(timeline):
    context = AnswerContext(NOW, NOW, NOW, "clinician_report", ("letters",))
    found = paper_of("A paper", answers(), context, timeline, curves=None, streams=(), alert=None)
    assert any("letters" in one for one in found.limits)
    assert ("Read for", "a clinician’s report") in found.facts


def test_nothing_in_the_records_is_run_by_the_typesetter(timeline, tmp_path):
    made = paper_pdf(paper(timeline, answers(HOSTILE)), None)
    assert made.startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        (tmp_path / "paper.pdf").write_bytes(made)
        text = subprocess.run(
            ["pdftotext", "-layout", tmp_path / "paper.pdf", "-"], check=True, capture_output=True, text=True
        ).stdout
        assert '#panic("no") $x$ *b*' in re.sub(r"\s+", " ", text)


def test_it_is_tagged_for_screen_readers_and_names_no_place_of_this_machine(timeline):
    made = paper_pdf(paper(timeline, answers()), None)
    assert b"pdfuaid" in made or b"/MarkInfo" in made
    assert bytes(Path.cwd()) not in made
    assert bytes(Path.home()) not in made


def test_without_an_answer_the_paper_says_so(timeline):
    found = paper(timeline, answers()[1:])
    assert found.summary == ()
    assert paper_pdf(replace(found, methods=(), evidence=()), None).startswith(b"%PDF-")


def test_the_page_holds_what_the_paper_holds_and_escapes_it(timeline):
    stream = StreamOverview("<script>x</script>", {"check_in": 19}, Span(NOW.plus_days(-30), NOW), ())
    context = AnswerContext(NOW, NOW, NOW, "own_answers", ())
    told = answers("<b>It takes less.</b>")
    found = paper(timeline, told, (stream,))
    page = paper_html(found, told, context, timeline, curves=None, alert=None)
    places = [page.index(f"<h2>{heading}</h2>") for heading in ("In short", "Methods", "Limits")]
    assert places == sorted(places)
    assert page.index("The consent it rests on") > places[-1]
    assert "<b>It takes" not in page
    assert "<script" not in page
