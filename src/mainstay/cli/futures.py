"""`futures`: how it could turn out, how urgent it is, what comes next, and how the forecasts so far fared."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from mainstay.futures.answering import Verdict
    from mainstay.futures.ledger_tally import Fared
    from mainstay.futures.paths import Forecast
    from mainstay.quantities import Answer, Instant
    from mainstay.timeline.kinds import Timeline

PAGES = (".html", ".htm")
ROW = "S19"
WIDEST = 100
MOST_WEEKS = 52
DAYS_A_WEEK, A_SEASON = 7, 91


@dataclass(frozen=True, slots=True)
class _Foreseen:
    """What is told of how it could turn out: for how many days, and what the story's backtest said, if it could."""

    days: int
    tested: Verdict | None

    @property
    def withheld(self) -> bool:
        """Whether it is withheld."""
        return self.tested is not None and bool(self.tested.withheld)


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
    foreseen = _Foreseen(DAYS_A_WEEK * weeks if weeks else A_SEASON, verdict_of(answers)) if cut is None else None
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
    from mainstay.futures.answering import answers, verdict_of
    from mainstay.futures.next_answers import QUANTITY
    from mainstay.strain.fitting import fit

    kept = tuple(one for one in told if one.quantity in QUANTITY.values())
    return (*answers(timeline, fit(timeline), backtest=verdict_of(told), days=DAYS_A_WEEK * weeks), *kept)


def _ledger(case: Path, secret: str, timeline: Timeline, at: Instant, foreseen: _Foreseen | None) -> Fared:
    """How the forecasts in the ledger fared; those of now, where there are any, are written down first.

    Once a day is enough: what was written first that day stands. Of a replay only what was written down by its date.
    """
    from mainstay.casebook import Casebook
    from mainstay.errors import CasebookError
    from mainstay.futures.ledger import from_which, ledger_of, write_down
    from mainstay.futures.ledger_tally import fared

    with Casebook.open(case, secret) as casebook:
        held = ledger_of(casebook, now=at).forecasts
        if foreseen is None:
            return fared([one for one in held if one.made_as_of <= timeline.as_of], timeline)
        today = at.as_local.date()
        made = _made_now(timeline, [one for one in held if one.made_as_of.as_local.date() == today], foreseen)
        try:
            for some, streams in from_which(made, casebook.streams(), timeline):
                write_down(casebook, some, streams, now=at)
        except CasebookError as refused:
            print(f"mainstay: note: the forecasts are not written down: {refused}", file=sys.stderr)
        # what another program wrote meanwhile stands in it, too
        return fared(ledger_of(casebook, now=at).forecasts, timeline)


def _made_now(timeline: Timeline, today: Sequence[Forecast], foreseen: _Foreseen) -> tuple[Forecast, ...]:
    """What is foreseen now and not written down yet today: tomorrow, next week, and how it could turn out."""
    from mainstay.futures.ledger_rules import rule_of
    from mainstay.futures.next_answers import forecasts

    rules = [rule_of(one.rule) for one in today]
    near = () if any(one.quantity != "first" for one in rules) else forecasts(timeline)
    far = any(one.quantity == "first" and one.days == foreseen.days for one in rules)
    return (*near, *(() if far else _turns(timeline, foreseen)))


def _turns(timeline: Timeline, foreseen: _Foreseen) -> tuple[Forecast, ...]:
    """The chances of the ways it could turn out, drawn as those that are told; nothing where none can be."""
    import numpy as np

    from mainstay.futures.answering import FUTURES, SEED
    from mainstay.futures.backtest_streams import told_from
    from mainstay.futures.ledger_scenarios import scenario_forecasts
    from mainstay.futures.scenarios import limit_of, looked_up, partition
    from mainstay.futures.scenarios_days import days_before
    from mainstay.futures.simulating import ahead
    from mainstay.quantities import CannotSay
    from mainstay.strain.fitting import fit

    fitted = fit(timeline)
    if isinstance(fitted, CannotSay):
        return ()
    paths = ahead(timeline, fitted, days=foreseen.days, n=FUTURES, rng=np.random.default_rng(SEED))
    if isinstance(paths, CannotSay):
        return ()
    known = looked_up(timeline)
    limit, tested = limit_of(timeline, fitted, known.preference), foreseen.tested
    missed = {} if tested is None else told_from(known.scenarios, tested.missed, paths.usual.oneself)
    told = tuple(one for one in known.scenarios if one.name not in missed)
    split = partition(paths, told, limit, days_before(timeline, fitted))
    return scenario_forecasts(
        split, limit, paths.usual, made_as_of=timeline.as_of, begins=paths.begins, withheld=foreseen.withheld
    )
