"""`explain`: why, as far as it can be said, with everything that could be the cause and what would tell them apart."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from mainstay.explanations.replay import Month
    from mainstay.quantities import Instant
    from mainstay.report.answers import AnswerContext

PAGES = (".html", ".htm")
ROWS = ("S10", "S11", "S12", "S13", "S14", "S15", "S16", "S17")
WIDEST = 100


def explain(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page, too.")] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Walk the last year month by month: what could be said when.")
    ] = False,
    since: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="With --replay: begin here. [default: a year before]")
    ] = None,
) -> None:
    """Weigh what could be the cause: what speaks for and against each, what is unexplained, what to look at next.

    A cause that nobody listed is always among them. What nothing could speak against is set aside. To write down a
    cause of your own: mainstay log CASE hypothesis
    """
    from mainstay.cli import asking
    from mainstay.cli.as_json import told_as_json
    from mainstay.cli.files import check_output, whole_file
    from mainstay.cli.telling import story_of
    from mainstay.errors import BadRequest
    from mainstay.report.explanations_html import explanations_html
    from mainstay.report.explanations_replay import replay_html, replay_lines
    from mainstay.report.explanations_text import explanations_lines
    from mainstay.story import ended

    if since is not None and not replay:
        raise BadRequest("--from goes with --replay; for one date there is --as-of")
    at = asking.now()
    cut = asking.as_of(as_of, at)
    if html is not None:
        check_output(html, PAGES, case)
    secret = asking.passphrase(case)
    walked = _walk(case, secret, at, cut, since) if replay else ()
    width = min(shutil.get_terminal_size().columns, WIDEST)
    if walked and html is None and not json:  # the whole story is told only where it is shown
        print(replay_lines(walked, width), end="")
        return
    told = story_of(case, secret, at, cut)
    answers = tuple(one for one in told.answers if one.row in ROWS)
    note = ended(told.timeline)
    title = f"Why, as far as {case.name} can say"
    if html is not None:
        below = replay_html(walked) if walked else ""
        with whole_file(html) as part:
            part.write_text(explanations_html(title, answers, told.context, below=below, note=note), encoding="utf-8")
    if json:
        print(told_as_json(answers, told.context, replay=[_as_record(one, told.context) for one in walked]))
    elif walked:
        print(replay_lines(walked, width), end="")
    else:
        print(explanations_lines(title, answers, told.context, width, note=note), end="")
    if html is not None:
        print(f"Wrote {html}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _walk(case: Path, secret: str, at: Instant, cut: Instant | None, since: str | None) -> tuple[Month, ...]:
    """The months of a replay, a line for each on a terminal while it is worked out."""
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.doors.replaying import months_of
    from mainstay.errors import BadRequest
    from mainstay.explanations.replay import months

    asked = asking.as_of(since, at, "--from")
    if asked is not None and asked >= (cut or at):
        raise BadRequest(f"--from {since} is not before the last date of the replay; begin it earlier")
    with Casebook.open(case, secret) as casebook:
        replay = months_of(casebook, at, cut, asked)
    watched = sys.stderr.isatty()
    walked: list[Month] = []
    for month in months(replay):
        if watched:
            print(f"\r{len(walked) + 1} of {len(replay)} dates ...", end="", file=sys.stderr, flush=True)
        walked.append(month)
    if watched:
        print("\r" + " " * 30 + "\r", end="", file=sys.stderr)
    return tuple(walked)


def _as_record(month: Month, context: AnswerContext) -> dict[str, Any]:
    """One date of a replay for other programs: the answers as of it, what was learned, and the answer in hindsight."""
    from dataclasses import replace

    from mainstay.report.answers import answer_record

    then = replace(context, as_of=month.as_of, known_through=min(month.as_of, context.known_through))
    said = (month.overall, *((month.shared,) if month.shared else ()), *month.tried)
    return {
        "as_of": str(month.as_of),
        "answers": [answer_record(one, then) for one in said],
        "learned": list(month.learned),
        "hindsight": None if month.hindsight is None else answer_record(month.hindsight, then),
    }
