"""`log stretch`: a stretch of the past under a name of the person's own, to which now can be likened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.log_keeping import asked, from_input, keep, own_records, to_correct
from mainstay.cli.log_times import edge
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstay.quantities import Instant, Span
    from mainstay.records.kinds import Record

A_MOMENT = 1e-6
"""In days: a stretch that ends with its last day ends at midnight, which is told as that day."""


def stretch(case: Path, label: str | None, *, start: str | None, end: str | None, replaces: str | None) -> None:
    """A stretch from a day to a day. Without a name it is asked for, or read from standard input."""
    from mainstay.casebook import Casebook
    from mainstay.quantities import Span
    from mainstay.records import logged

    now = asking.now()
    if start is None and (replaces is None or end is not None):
        raise BadRequest("say when it began: --from 2025-11-20 --to 2026-02-28")
    said = None if start is None else (edge(start, now, option="--from"), edge(end, now, option="--to", end=True))
    if said is not None and said[1] <= said[0]:
        raise BadRequest(f"it can't end ({said[1]}) before it begins ({said[0]}); check --from and --to")
    called = _name(label)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, _ = own_records(casebook, now)
        wrong = to_correct(replaces, records)
        span = Span(*said) if said is not None else _span_of(wrong)
        _refuse_outside_the_record(span, records)
        record = logged.stretch(called, span, now=now, replaces=wrong)
        last = span.end.plus_days(-A_MOMENT)
        keep(casebook, case, (record,), f"“{called}”, {span.start.day_in_words} to {last.day_in_words}", at=now)


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


def _refuse_outside_the_record(span: Span, records: Iterable[Record]) -> None:
    """A stretch that reaches beyond what was recorded would make the record seem longer than it is."""
    from mainstay.quantities import Span
    from mainstay.records.kinds import Contact, Coverage, Statement

    def begun(record: Record) -> Instant:
        return record.happened.start if isinstance(record.happened, Span) else record.happened

    def ended(record: Record) -> Instant:
        return record.happened.end if isinstance(record.happened, Span) else record.happened

    lived = [one for one in records if not isinstance(one.body, Contact | Coverage | Statement) and not _stretch(one)]
    if not lived:
        raise BadRequest("nothing is on record yet that a stretch could be told by; add records first")
    first = min((begun(one) for one in lived), key=lambda one: one.utc_us)
    last = max((ended(one) for one in lived), key=lambda one: one.utc_us).plus_days(-A_MOMENT)
    if span.start.as_local.date() < first.as_local.date():
        raise BadRequest(f"nothing is on record before {first.day_in_words}; give --from {first.as_local.date()}")
    if span.end.plus_days(-A_MOMENT).as_local.date() > last.as_local.date():
        raise BadRequest(f"nothing is on record after {last.day_in_words}; give --to {last.as_local.date()}")


def _stretch(record: Record) -> bool:
    """Whether a record is a stretch of the past itself, which says nothing of what was lived."""
    from mainstay.quantities import Span
    from mainstay.records.kinds import Episode
    from mainstay.records.logged import SHORTEST_STRETCH_DAYS

    activity = isinstance(record.body, Episode) and record.body.is_ == "activity"
    return activity and isinstance(record.happened, Span) and record.happened.days >= SHORTEST_STRETCH_DAYS
