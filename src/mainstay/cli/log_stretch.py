"""`log stretch`: a stretch of the past under a name of the person's own, to which now can be likened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.log_keeping import asked, from_input, keep
from mainstay.doors.noting_times import edge
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.quantities import Span
    from mainstay.records.kinds import Record


def stretch(case: Path, label: str | None, *, start: str | None, end: str | None, replaces: str | None) -> None:
    """A stretch from a day to a day. Without a name it is asked for, or read from standard input."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting

    now = asking.now()
    if start is None and (replaces is None or end is not None):
        raise BadRequest("say when it began: --from 2025-11-20 --to 2026-02-28")
    options = ("--from", "--to")
    said = None
    if start is not None:
        said = noting.from_to(edge(start, now, option="--from"), edge(end, now, option="--to", end=True), options)
    called = _name(label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        known = noting.on_record(casebook, now)
        wrong = noting.to_correct(replaces, known.records)
        span = said if said is not None else _span_of(wrong)
        keep(casebook, case, noting.stretch(called, span, known, now=now, replaces=wrong), at=now)


def _name(label: str | None) -> str:
    from mainstay.records import logged

    def one(text: str) -> str:
        logged.one_line("the name", text)
        return text

    if label is not None:
        return one(label)
    return asked("What do you call this time? ", one) if asking.at_a_terminal() else one(from_input().strip())


def _span_of(wrong: Record | None) -> Span:
    from mainstay.quantities import Span

    if wrong is None or not isinstance(wrong.happened, Span):
        raise BadRequest("what you want to correct has no beginning and end; give --from and --to")
    return wrong.happened
