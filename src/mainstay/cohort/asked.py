"""What is asked of everybody, and one person's answers as rows of a table."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from mainstay.cohort.opening import Source, opened
from mainstay.cohort.rows import FAILED, FIELDS, REFUSED, TOLD, answer_row, as_bytes, end_row
from mainstay.cohort.source import Part, Refused
from mainstay.cohort.stopping import unless_asked_to_stop
from mainstay.errors import BadRequest
from mainstay.quantities import Answer, Instant
from mainstay.report.answers import AnswerContext, answer_record
from mainstay.timeline.kinds import Timeline

Work = Callable[[Source, Part, "Asked", str | None], Iterator[dict[str, Any]]]
"""The rows of one batch, or of one person in it."""


class Given(Protocol):
    """What goes with a question to every worker: small, and told from any other by its mark."""

    @property
    def mark(self) -> str:
        """A few words, the same in every run for the same content."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of everybody: `what` of WHAT (or BESIDE), as of when, read by which clock.

    `given`: what is given to everybody with the question, such as priors that others lend.
    """

    what: str
    now: Instant
    as_of: Instant | None = None
    given: Given | None = None

    def __post_init__(self) -> None:
        if self.what not in WHAT | BESIDE:
            raise BadRequest(f"{self.what!r} can't be asked of many people; it is one of {', '.join(WHAT)}")


def answered(address: str, part: Part, asked: Asked, only: str | None = None) -> bytes:
    """One batch: a row for every answer of everybody in it (or of `only` one), and one for what became of each person.

    The table comes back as bytes (Arrow), so that it travels from any worker. Nobody's fault is another's: whoever
    breaks off is a row of their own.
    """
    import polars as pl

    work = (WHAT | BESIDE)[asked.what]
    rows = list(unless_asked_to_stop(work(opened(address), part, asked, only)))
    return as_bytes(pl.DataFrame(rows, schema=_columns(asked)))


def _columns(asked: Asked) -> dict[str, Any]:
    from mainstay.cohort.rows import types

    if asked.what != "lending":
        return types()
    from mainstay.cohort import lending

    return types() | lending.types()


def took_down(person: str) -> bytes:
    """The row of somebody at whose records a worker died each time, alone too."""
    import polars as pl

    from mainstay.cohort.rows import types

    said = "the worker died of it, also alone: too little memory, or a fault in compiled code"
    return as_bytes(pl.DataFrame([end_row(person, FAILED, said, None, 0)], schema=types()))


def together(tables: Sequence[bytes]) -> bytes:
    """Several tables as one."""
    import io

    import polars as pl

    return as_bytes(pl.concat([pl.read_ipc(io.BytesIO(one)) for one in tables], how="diagonal"))


def _each(tell: Callable[[Timeline, Asked], Sequence[Answer]]) -> Work:
    """The work of a batch as that of each person's timeline, one after the other."""

    def work(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
        for person, found in source.timelines(part, now=asked.now, as_of=asked.as_of, only=only):
            yield from _person(person, found, asked, tell, source.rests_on.get(person))

    return work


def _person(
    person: str,
    found: Timeline | Refused,
    asked: Asked,
    tell: Callable[[Timeline, Asked], Sequence[Answer]],
    rests_on: str | None,
) -> list[dict[str, Any]]:
    began = time.perf_counter()
    if isinstance(found, Refused):
        return [end_row(person, REFUSED, found.reason, None, 0)]
    try:
        told = [_row(person, one, found, asked) for one in tell(found, asked)]
    except Exception as error:  # whatever breaks for one person is told of that person, and stops nobody else
        said = where_it_broke(error)
        return [end_row(person, FAILED, said, time.perf_counter() - began, 0, rests_on=rests_on)]
    seconds = time.perf_counter() - began
    return [*told, end_row(person, TOLD, "", seconds, len(told), rests_on=rests_on, read=read_of(found))]


def where_it_broke(error: BaseException) -> str:
    """What broke off and where, without what the records say."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.name}, line {place.lineno}"


def read_of(timeline: Timeline) -> tuple[int, float]:
    """How many ratings, events, stretches and samples a timeline holds, and how many days it spans."""
    count = sum(len(one.ids) for one in timeline.ratings.values())
    count += sum(len(one.ids) for one in timeline.events.values())
    count += sum(len(one.ids) for one in timeline.episodes.values())
    return count + sum(len(one.times) for one in timeline.samples.values()), timeline.days


def _row(person: str, answer: Answer, timeline: Timeline, asked: Asked) -> dict[str, Any]:
    from mainstay.cohort.group_questions import for_the_group

    context = AnswerContext(timeline.as_of, timeline.known_through, asked.now, timeline.purpose, timeline.left_out)
    record = answer_record(answer, context)
    low, high = record["interval"] or (None, None)
    failed = (record.get("detail") or {}).get("failed_check")
    said = {name: record.get(name) for name in FIELDS} | {"low": low, "high": high, "failed_check": failed}
    return answer_row(person) | said | for_the_group(record)


def _story(timeline: Timeline, asked: Asked) -> Sequence[Answer]:
    from mainstay.story import tell

    return tell(timeline, made_at=asked.now).answers


def _strain(timeline: Timeline, asked: Asked) -> Sequence[Answer]:
    from mainstay import strain

    if asked.given is None:
        return strain.answers(timeline, strain.fit(timeline))
    from mainstay.cohort.lending import Lent

    assert isinstance(asked.given, Lent)
    return strain.answers(timeline, asked.given.fitted(timeline))


def _notice(timeline: Timeline, asked: Asked) -> Sequence[Answer]:
    from mainstay.notice.answering import answers

    return answers(timeline)


def _recovery(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    from mainstay.cohort.recovery import rows_of

    return rows_of(source, part, asked, only)


def _lending(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    from mainstay.cohort.lending import rows_of

    return rows_of(source, part, asked, only)


def _held_out(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    from mainstay.cohort.held_out import rows_of

    return rows_of(source, part, asked, only)


WHAT: dict[str, Work] = {
    "recovery": _recovery, "notice": _each(_notice), "strain": _each(_strain), "story": _each(_story),
}  # fmt: skip
"""What can be asked: how fast ratings recover; what is changing; what strains and restores; the whole story."""

BESIDE: dict[str, Work] = {"lending": _lending, "held_out": _held_out}
"""What a run asks besides: what those who lend are like; whether that foresees the rest of a record better."""
