"""Many batches over any executor: each person exactly once, whoever is killed; a few batches in hand, never all.

A batch goes out whole and comes back whole; the coordinator alone writes. What is on disk is never worked out again, so
a run that was killed goes on where it was. A batch that was there twice when a worker died is worked out apart: whole,
then person by person, until the one who does it is found. That person is reported, and everybody else is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass, field
from typing import Protocol

from mainstay.cohort.asked import Asked, answered, together, took_down
from mainstay.cohort.opening import opened
from mainstay.cohort.parts import Parts
from mainstay.cohort.source import Part
from mainstay.cohort.workers import Here, processes
from mainstay.errors import BadRequest

IN_HAND = 2
"""Batches handed out for each worker: enough that none waits, few enough that little is held."""
TRIES = 2


class Workers(Protocol):
    """Where work is done: an executor that can be had anew when one of its workers has died."""

    @property
    def count(self) -> int:
        """How many work side by side."""

    def executor(self) -> Executor:
        """The executor that works now; the same until it is renewed."""

    def renew(self) -> None:
        """Another executor in place of one whose worker died."""

    def fell(self, error: BaseException) -> bool:
        """Whether the error says that a worker died rather than that the work failed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is: batches finished of all, and how many of them were there before it began; records likewise."""

    done: int
    of: int
    before: int
    records_done: int
    records_of: int
    records_before: int


Tell = Callable[[Progress], None]


def run(
    address: str, parts: Sequence[Part], asked: Asked, *, kept: Parts, workers: Workers, tell: Tell = lambda _: None
) -> None:
    """Work out every batch that is not finished; returns when all are.

    A batch that can't be worked out whole (a file that can't be read) doesn't stop the others: the first such error is
    raised at the end. What can't be written, or workers that are all gone (`BadRequest`), stop the run at once.
    """
    waiting = [one for one in reversed(parts) if not kept.there(one)]
    count = _Count(parts, tuple(waiting), tell)
    broke: dict[Part, int] = {}
    suspects: list[Part] = []
    failed: list[BaseException] = []
    underway: dict[Future[bytes], tuple[Part, Executor]] = {}

    while waiting or underway:
        _hand_out(address, waiting, asked, workers, underway)
        for future in wait(underway, return_when=FIRST_COMPLETED).done:
            part, boat = underway.pop(future)
            error = _error_of(future)
            if error is None:
                kept.keep(part, future.result())
                count.one_more(part)
            elif workers.fell(error):
                # whoever was in the same boat comes back too; only a batch that was there each time is a suspect
                broke[part] = broke.get(part, 0) + 1
                (suspects if broke[part] >= TRIES else waiting).append(part)
                if boat is workers.executor():
                    workers.renew()
            else:
                failed.append(error)
    worker = processes(1)
    try:
        for part in suspects:
            try:
                table = _apart(worker, address, part, asked)
            except Exception as error:
                failed.append(error)
            else:
                kept.keep(part, table)
                count.one_more(part)
    finally:
        worker.close()
    if failed:
        raise failed[0]


def _error_of(future: Future[bytes]) -> BaseException | None:
    """What went wrong with a batch. Refuses (`BadRequest`) to go on where those who worked on it are all gone."""
    try:
        return future.exception()
    except CancelledError as error:
        raise BadRequest(
            "those who do the work are gone (the cluster was closed, or can't be reached any more); what is finished "
            "is kept, and the same command goes on from there"
        ) from error


def _hand_out(
    address: str,
    waiting: list[Part],
    asked: Asked,
    workers: Workers,
    underway: dict[Future[bytes], tuple[Part, Executor]],
) -> None:
    while waiting and len(underway) < IN_HAND * workers.count:
        boat = workers.executor()
        try:
            future = boat.submit(answered, address, waiting[-1], asked)
        except Exception as error:
            if not workers.fell(error):
                raise
            workers.renew()  # it sank before it was boarded
        else:
            underway[future] = (waiting.pop(), boat)


@dataclass(slots=True)
class _Count:
    """What is finished, told each time that there is more of it."""

    parts: Sequence[Part]
    waiting: Sequence[Part]
    tell: Tell
    done: int = field(init=False)
    records: int = field(init=False)
    now: Progress = field(init=False)

    def __post_init__(self) -> None:
        self.done = len(self.parts) - len(self.waiting)
        of = sum(one.rows for one in self.parts)
        self.records = of - sum(one.rows for one in self.waiting)
        self.now = Progress(self.done, len(self.parts), self.done, self.records, of, self.records)
        self.tell(self.now)

    def one_more(self, part: Part) -> None:
        self.done, self.records = self.done + 1, self.records + part.rows
        was = self.now
        self.now = Progress(self.done, was.of, was.before, self.records, was.records_of, was.records_before)
        self.tell(self.now)


def _apart(worker: Here, address: str, part: Part, asked: Asked) -> bytes:
    """A batch whose worker died twice: whole in a process of its own, then person by person, each tried twice."""
    whole = _alone(worker, address, part, asked, None)
    if whole is not None:
        return whole
    return together(
        [
            _alone(worker, address, part, asked, person)
            or _alone(worker, address, part, asked, person)
            or took_down(person)
            for person in opened(address).people(part)
        ]
    )


def _alone(worker: Here, address: str, part: Part, asked: Asked, only: str | None) -> bytes | None:
    """The work in a process of its own; None where that process died."""
    while True:
        try:
            future = worker.executor().submit(answered, address, part, asked, only)
            break
        except BrokenExecutor:
            worker.renew()
    error = future.exception()
    if error is None:
        return future.result()
    if not worker.fell(error):
        raise error
    worker.renew()
    return None
