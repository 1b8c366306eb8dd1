"""`futures`: how it could turn out, how urgent it is, what comes next, and how the forecasts so far fared."""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import Fared
    from mainstay.quantities import Answer, Instant
    from mainstay.timeline.kinds import Timeline

PAGES = (".html", ".htm")
ROW = "S19"
WIDEST = 100
MOST_WEEKS = 52


@dataclass(frozen=True, slots=True)
class _Tested:
    """What the story's own backtest came to: why forecasts are withheld; "" where they are not."""

    withheld: str


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
    from mainstay.report.futures_html import futures_html
    from mainstay.report.futures_text import futures_lines
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
    fared = _ledger(case, secret, told.timeline, at, now_told=cut is None)
    title, note = f"What could come, as far as {case.name} can say", ended(told.timeline)
    if html is not None:
        with whole_file(html) as part:
            page = futures_html(title, answers, told.context, fared=fared, note=note)
            part.write_text(page, encoding="utf-8")
    if json:
        print(told_as_json(answers, told.context))
    else:
        width = min(shutil.get_terminal_size().columns, WIDEST)
        print(futures_lines(title, answers, told.context, width, fared=fared, note=note), end="")
    if html is not None:
        print(f"Wrote {html}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _further(timeline: Timeline, told: tuple[Answer, ...], weeks: int) -> tuple[Answer, ...]:
    """The ways it could turn out over another horizon, in place of those told; tomorrow and next week stay.

    What the story's backtest withheld is withheld over any horizon.
    """
    from mainstay.futures.answering import answers
    from mainstay.futures.next_answers import QUANTITY
    from mainstay.futures.scenario_answers import TESTED, WHOLE
    from mainstay.strain.fitting import fit

    whole = next((one for one in told if one.about == WHOLE), None)
    withheld = whole.reason if whole is not None and whole.status == "withheld" else ""
    tested = whole is not None and TESTED in whole.assumptions
    kept = tuple(one for one in told if one.quantity in QUANTITY.values())
    backtest = _Tested(withheld) if tested or withheld else None
    return (*answers(timeline, fit(timeline), backtest=backtest, days=7 * weeks), *kept)


def _ledger(case: Path, secret: str, timeline: Timeline, at: Instant, *, now_told: bool) -> Fared:
    """How the forecasts written down by the timeline's date fared. As of now today's are written down first.

    Once a day is enough: what was written first that day stands.
    """
    from mainstay.casebook import Casebook
    from mainstay.errors import CasebookError
    from mainstay.futures.ledger import ledger_of, write_down
    from mainstay.futures.ledger_tally import fared
    from mainstay.futures.next_answers import forecasts

    with Casebook.open(case, secret) as casebook:
        held = ledger_of(casebook, now=at).forecasts
        today = at.as_local.date()
        if now_told and not any(one.made_as_of.as_local.date() == today for one in held):
            streams = {one.name for one in casebook.streams()} - set(timeline.left_out)
            try:
                held = (*held, *write_down(casebook, forecasts(timeline), streams, now=at))
            except CasebookError as refused:
                print(f"mainstay: note: the forecasts are not written down: {refused}", file=sys.stderr)
    return fared([one for one in held if one.made_as_of <= timeline.as_of], timeline)
