"""`trial` look and report: how a trial stands, and what it showed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.trial_common import chosen, refuse_hidden
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.report.answers import AnswerContext
    from mainstay.timeline.kinds import Timeline
    from mainstay.trials.sealing import Trial
    from mainstay.trials.standing import Standing

PAGES = (".html", ".htm")
WIDEST = 100


def look(case: Path, name: str | None, *, json: bool, as_of: str | None) -> None:
    """Say how a trial stands, and keep that it was looked at; a look back at an earlier day is not kept."""
    from mainstay.casebook import Casebook
    from mainstay.report.trials_text import look_lines
    from mainstay.trials.standing import stands

    at = asking.now()
    cut = asking.as_of(as_of, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline, trial = _read(casebook, case, name, at, cut)
        standing = stands(timeline, trial)
        if cut is None and trial.is_open:
            _note_look(casebook, standing, at)
    context = _context(timeline, at)
    if json:
        _print_json(timeline, standing, context)
    else:
        print(look_lines(standing, context, _width()), end="")


def report(case: Path, name: str | None, *, json: bool, as_of: str | None, html: Path | None) -> None:
    """Report a trial, on the terminal and as a page."""
    from mainstay.casebook import Casebook
    from mainstay.cli.files import check_output, whole_file
    from mainstay.quantities import CannotSay
    from mainstay.report.trials_html import trial_html
    from mainstay.report.trials_text import report_lines
    from mainstay.trials.answering import answers_of, tried_in
    from mainstay.trials.cross_checks import cross_checks
    from mainstay.trials.reporting import report as reported
    from mainstay.trials.standing import stands

    at = asking.now()
    cut = asking.as_of(as_of, at)
    if html is not None:
        check_output(html, PAGES, case)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline, trial = _read(casebook, case, name, at, cut)
    standing, context = stands(timeline, trial), _context(timeline, at)
    if json:
        _print_json(timeline, standing, context)
        return
    tried = tried_in(timeline, standing)
    checks = () if isinstance(tried, CannotSay) else cross_checks(tried, standing.adherence)
    told = reported(standing, answers_of(timeline, standing), checks)
    if html is not None:
        with whole_file(html) as part:
            part.write_text(trial_html(told, context), encoding="utf-8")
    print(report_lines(told, context, _width()), end="")
    if html is not None:
        print(f"Wrote {html}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _read(casebook: Casebook, case: Path, name: str | None, at: Instant, cut: Instant | None) -> tuple[Timeline, Trial]:
    """The person's own timeline, and the trial that is meant; refuses one that has not begun by then."""
    from mainstay.timeline.reader import read
    from mainstay.trials.sealing import trials_of

    timeline = read(casebook, "own_answers", cut, now=at)
    refuse_hidden(timeline.left_out, case)
    trial = chosen(trials_of(timeline), name)
    if trial.begun is None:
        raise BadRequest(f"“{trial.name}” has not begun, so there is nothing to look at: mainstay trial CASE start")
    return timeline, trial


def _note_look(casebook: Casebook, standing: Standing, at: Instant) -> None:
    """Keep that it was looked at, and what was seen: the report tells how often."""
    from mainstay.casebook import Consent
    from mainstay.quantities import CannotSay
    from mainstay.records import logged
    from mainstay.records.kinds import Batch
    from mainstay.records.logged import BY_HAND
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_protocol import TrialFile

    said = standing.look.reason if isinstance(standing.look, CannotSay) else standing.look.said
    note = TrialFile(trial=standing.trial.name, kind="looked", day=at.as_local.date(), said=said)
    record = logged.statement("trial", as_toml(note), now=at)
    consent = Consent(given_at=casebook.clock(at), only_where_unsaid=True)
    casebook.add(Batch(BY_HAND, (record,), (), None), consent, now=at)


def _print_json(timeline: Timeline, standing: Standing, context: AnswerContext) -> None:
    from mainstay.cli.as_json import told_as_json
    from mainstay.trials.answering import answers_of

    print(told_as_json(answers_of(timeline, standing), context))


def _context(timeline: Timeline, at: Instant) -> AnswerContext:
    from mainstay.report.answers import AnswerContext

    return AnswerContext(timeline.as_of, timeline.known_through, at, timeline.purpose, timeline.left_out)


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)
