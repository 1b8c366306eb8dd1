"""`options`: what could be done, what is struck out and why, who bears what; and a decision on one page."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstay.casebook import Casebook
    from mainstay.options.decision_record import DecisionRecord
    from mainstay.quantities import CannotSay, Instant
    from mainstay.story import Story
    from mainstay.timeline.kinds import Timeline

PAGES, RECORDS = (".html", ".htm"), (".html", ".htm", ".txt")
ROWS = ("S20", "S23")
WIDEST = 100
SEALS = (
    "These options were never shown to you weighed, and this look back shows them. From then on no leaning is a first "
    "one. Type yes to go on: "
)
QUESTION = "Before you see it: which would you choose? A number or a name; Enter skips: "


def options(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page, too.")] = None,
    record: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.html|txt", help="Write your last decision on one page: on what it rests, when to look again."
        ),
    ] = None,
) -> None:
    """Say which of the options on record hold up, which are struck out and why, and who bears what.

    Limits come first, then what each is worth by your own preferences, whichever cause it is. Before you see it for the
    first time you may say which you would choose; that is sealed and compared. To write down an option: mainstay log
    CASE option
    """
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.cli.as_json import told_as_json
    from mainstay.cli.files import check_output, whole_file
    from mainstay.cli.telling import story_of
    from mainstay.doors.choosing import to_lean_on, with_leaning
    from mainstay.doors.telling import never_shown, without_options
    from mainstay.report.labels import in_words
    from mainstay.report.options_html import options_html
    from mainstay.report.options_text import options_lines
    from mainstay.story import ended

    at = asking.now()
    cut = asking.as_of(as_of, at)
    for path, endings in ((html, PAGES), (record, RECORDS)):
        if path is not None:
            check_output(path, endings, case)
    secret = asking.passphrase(case)
    asks = not json and asking.at_a_terminal()
    with Casebook.open(case, secret) as casebook:
        unseen = never_shown(casebook, at)
        if asks and unseen and cut is not None:
            _agree_to_seal()
        if asks and (names := to_lean_on(casebook, at)):
            _ask_first(casebook, case, names, at)
    at = asking.now()
    told = story_of(case, secret, at, cut)
    if record is not None:
        _write_record(case, secret, told, record, at)
    if unseen and cut is not None and not asks:
        told = without_options(told)
    answers = tuple(one for one in told.answers if one.row in ROWS)
    with Casebook.open(case, secret) as casebook:
        answers = with_leaning(casebook, told.timeline, answers, at, replay=cut is not None, note=_note)
    shown = in_words(answers, told.timeline)
    title, note = f"What could be done, as far as {case.name} can say", ended(told.timeline)
    if html is not None:
        with whole_file(html) as part:
            part.write_text(options_html(title, shown, told.context, note=note), encoding="utf-8")
    if json:
        print(told_as_json(answers, told.context))
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        print(options_lines(title, shown, told.context, width, note=note), end="")
    for path in (html, record):
        if path is not None:
            print(f"Wrote {path}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _note(said: str) -> None:
    print(said, file=sys.stderr)


def _agree_to_seal() -> None:
    """Go on only where somebody who never saw the options weighed wants to see them in a look back."""
    from mainstay.cli import asking
    from mainstay.errors import BadRequest

    if asking.word(SEALS).strip().lower() != "yes":
        raise BadRequest("not confirmed, so nothing was shown and nothing is sealed")


def _ask_first(casebook: Casebook, case: Path, names: Sequence[str], at: Instant) -> None:
    """Ask which of the options, never shown weighed, it would be; keep what is answered."""
    from mainstay.cli import asking
    from mainstay.cli.keeping import print_lines
    from mainstay.cli.log_keeping import asked, keep
    from mainstay.doors import noting, noting_deciding
    from mainstay.records.statements_decision import LeaningFile
    from mainstay.records.statements_option import NOTHING

    listed = [*names, NOTHING]
    print_lines(["The options on record:", *(f"  {k} {name}" for k, name in enumerate(listed, 1))])
    chosen = asked(QUESTION, lambda said: _one_of(said, listed))
    if chosen:
        known, now = noting.on_record(casebook, at), asking.now()
        note = noting_deciding.write("leaning", LeaningFile(option=chosen), known, None, now=now)
        keep(casebook, case, note, at=now)


def _one_of(said: str, names: list[str]) -> str:
    """The name that was meant, by its number or itself; nothing for nothing. Refuses what is not among them."""
    from mainstay.errors import BadRequest
    from mainstay.records.statements_hypothesis import same_name
    from mainstay.records.typed import close_to

    if not said:
        return ""
    if said.isdecimal() and 0 < int(said) <= len(names):
        return names[int(said) - 1]
    found = next((one for one in names if same_name(one, said)), None)
    if found is None:
        raise BadRequest(f"{said[:40]!r} is none of them{close_to(said, names)}; a number from 1 to {len(names)}")
    return found


def _write_record(case: Path, secret: str, told: Story, path: Path, at: Instant) -> None:
    """The last decision on one page, told from what was known when it was made, or by the date that was asked for."""
    from dataclasses import replace
    from datetime import date

    from mainstay.cli.files import whole_file
    from mainstay.cli.telling import story_of
    from mainstay.errors import BadRequest
    from mainstay.quantities import CannotSay
    from mainstay.records.statements_decision import decisions_of
    from mainstay.report.decision_html import decision_html
    from mainstay.report.decision_text import decision_lines

    decisions, _ = decisions_of(told.timeline)
    then = told
    if told.timeline.as_of == at and decisions and told.timeline.known_through > decisions[-1].written:
        then = story_of(case, secret, at, decisions[-1].written)
    found = _record_of(case, secret, then, told.timeline, at)
    if isinstance(found, CannotSay):
        raise BadRequest(f"{found.reason}, so there is no page to write; {found.would_change}")
    if found.look_again:
        late = at.as_local.date() - date.fromisoformat(found.look_again)
        found = replace(found, look_again_overdue_days=late.days)
    title = f"A decision in {case.name}"
    with whole_file(path) as part:
        page = path.suffix.lower() in PAGES
        text = decision_html(title, found, at) if page else decision_lines(title, found)
        part.write_text(text, encoding="utf-8")


def _record_of(case: Path, secret: str, then: Story, now_known: Timeline, at: Instant) -> DecisionRecord | CannotSay:
    """The record of the last decision. `then`: the story it rests on; `now_known`: what came of its forecasts."""
    from mainstay.casebook import Casebook
    from mainstay.futures.ledger import due, ledger_of, score
    from mainstay.options.decision_record import decision_record
    from mainstay.options.leaning import NO_CHANGES, changes_since, first_leaning, round_at, rounds_of
    from mainstay.records.statements_decision import decisions_of
    from mainstay.report.answers import answer_record

    decisions, _ = decisions_of(then.timeline)
    with Casebook.open(case, secret) as casebook:
        rounds = rounds_of(casebook, then.timeline, now=at)
        forecasts = ledger_of(casebook, now=at).forecasts
    shown = round_at(rounds, decisions[-1].written) if decisions else None
    return decision_record(
        then.timeline,
        then.answers,
        ids=[str(answer_record(one, then.context)["id"]) for one in then.answers],
        standing=None if shown is None else first_leaning(then.timeline, rounds, shown),
        changes=NO_CHANGES if shown is None else changes_since(then.timeline, shown),
        scored=[*due(forecasts, now_known), *(score(one, now_known) for one in forecasts if one.due > now_known.as_of)],
    )
