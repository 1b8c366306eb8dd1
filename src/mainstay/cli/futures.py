"""`futures`: how it could turn out, how urgent it is, what comes next, and how the forecasts so far fared."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from mainstay.doors.foretelling import Foreseen
    from mainstay.futures.ledger_tally import Fared
    from mainstay.quantities import Answer, Instant
    from mainstay.timeline.kinds import Timeline

PAGES = (".html", ".htm")
ROW = "S19"
WIDEST = 100
MOST_WEEKS = 52


def futures(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be foreseen at the end of that day.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page, too.")] = None,
    weeks: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, max=MOST_WEEKS, help="Look so many weeks ahead. [default: 13]"),
    ] = None,
) -> None:
    """Say how it could turn out and how likely each way is, how soon your own limit could be reached, and what is next.

    Chances come with a range. Where forecasts of your own past were no better than saying what is usual, none is shown.
    Each forecast made today is written down; when its date has come it is held against what happened, and you see how
    they fared. To write down a way it could turn out: mainstay log CASE scenario
    """
    from mainstay.cli import asking
    from mainstay.cli.as_json import told_as_json
    from mainstay.cli.files import check_output, whole_file
    from mainstay.cli.telling import story_of
    from mainstay.doors.foretelling import A_SEASON, DAYS_A_WEEK, Foreseen
    from mainstay.futures.answering import verdict_of
    from mainstay.report.futures_html import futures_html
    from mainstay.report.futures_text import futures_lines
    from mainstay.report.labels import in_words
    from mainstay.story import ended

    at = asking.now()
    cut = asking.as_of(as_of, at)
    if html is not None:
        check_output(html, PAGES, case)
    secret = asking.passphrase(case)
    told = story_of(case, secret, at, cut)
    answers = tuple(one for one in told.answers if one.row == ROW)
    if weeks is not None:
        answers = _further(told.timeline, answers, weeks)
    foreseen = Foreseen(DAYS_A_WEEK * weeks if weeks else A_SEASON, verdict_of(answers)) if cut is None else None
    fared = _ledger(case, secret, told.timeline, at, foreseen)
    shown = in_words(answers, told.timeline)
    title, note = f"What could come, as far as {case.name} can say", ended(told.timeline)
    if html is not None:
        with whole_file(html) as part:
            page = futures_html(title, shown, told.context, fared=fared, note=note)
            part.write_text(page, encoding="utf-8")
    if json:
        print(told_as_json(answers, told.context, fared=fared))
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        print(futures_lines(title, shown, told.context, width, fared=fared, note=note), end="")
    if html is not None:
        print(f"Wrote {html}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _further(timeline: Timeline, told: tuple[Answer, ...], weeks: int) -> tuple[Answer, ...]:
    """The ways it could turn out over another horizon, in place of those told; tomorrow and next week stay.

    What the story's backtest withheld is withheld over any horizon.
    """
    from mainstay.doors.foretelling import DAYS_A_WEEK
    from mainstay.futures.answering import answers, verdict_of
    from mainstay.futures.next_answers import QUANTITY
    from mainstay.strain.fitting import fit

    kept = tuple(one for one in told if one.quantity in QUANTITY.values())
    return (*answers(timeline, fit(timeline), backtest=verdict_of(told), days=DAYS_A_WEEK * weeks), *kept)


def _ledger(case: Path, secret: str, timeline: Timeline, at: Instant, foreseen: Foreseen | None) -> Fared:
    """How the forecasts in the ledger fared; those of now, where there are any, are written down first."""
    from mainstay.casebook import Casebook
    from mainstay.doors import foretelling
    from mainstay.errors import CasebookError

    with Casebook.open(case, secret) as casebook:
        if foreseen is not None:
            made = foretelling.made_now(casebook, timeline, foreseen, at)
            try:
                foretelling.write_down_now(casebook, timeline, made, at)
            except CasebookError as refused:
                print(f"mainstay: note: the forecasts are not written down: {refused}", file=sys.stderr)
        # what another program wrote meanwhile stands in it, too
        return foretelling.fared_by(casebook, timeline, at, replay=foreseen is None)
