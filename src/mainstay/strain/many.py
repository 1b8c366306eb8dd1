"""Many people in one call: a thread for each processor, answers in the order asked, nothing kept that is not asked for.

The kernels let go of Python's lock while they work, and each fit has scratch of its own, so people share nothing: the
results are the same to the last bit whatever the number of threads. People may come from a generator; only a few are
held at a time. One person's failure is that person's answer, and stops nobody else's.
"""

from __future__ import annotations

import os
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain.data import StrainData
from mainstay.strain.fitting import fit, fit_data
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.settings import USUAL, Settings
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
Person = Timeline | StrainData
T = TypeVar("T")

AHEAD = 4
"""People in hand for each thread: enough that one slow person leaves no thread idle."""


@dataclass(frozen=True, slots=True)
class FitFailed:
    """A person whose fit broke off: their place in the order, the error's name, what it said and where it arose."""

    position: int
    error: str
    said: str
    trace: str


@dataclass(frozen=True, slots=True, eq=False)
class Summary:
    """What is worth keeping of one person's fit: a normal in level coordinates, and what it rests on.

    `names` (p); `mean`, `prior_mean`, `prior_sd` (p,); `covariance` (p, p); `days` of record, `readings`, `acts`.
    """

    names: tuple[str, ...]
    mean: Floats
    covariance: Floats
    prior_mean: Floats
    prior_sd: Floats
    log_evidence: float
    days: float
    readings: int
    acts: int


def summary_of(fitted: StrainPosterior) -> Summary:
    """The summary of a fit: a few kilobytes, where a year with its data takes a few megabytes."""
    place, data = fitted.coordinates, fitted.data
    return Summary(
        names=place.names,
        mean=fitted.mean,
        covariance=fitted.covariance,
        prior_mean=place.prior_mean,
        prior_sd=place.prior_sd,
        log_evidence=fitted.log_evidence,
        days=data.days,
        readings=data.readings,
        acts=int(data.act_counts.sum()),
    )


def fit_many(
    people: Iterable[Person], settings: Settings = USUAL, threads: int | None = None
) -> list[StrainPosterior | CannotSay | FitFailed]:
    """Fit everybody, in order. Laid-out data keep the settings they were laid out with.

    `threads`: as many as there are processors where None. Every posterior holds its person's data: where only the
    numbers are wanted, `summarise_many` needs a thousandth of the memory.
    """
    return list(_each(people, lambda person: _fitted(person, settings), threads))


def summarise_many(
    people: Iterable[Person], settings: Settings = USUAL, threads: int | None = None
) -> Iterator[Summary | CannotSay | FitFailed]:
    """As `fit_many`, one after the other as they come, each with its summary in place of its posterior."""
    return _each(people, lambda person: _summarised(person, settings), threads)


def _fitted(person: Person, settings: Settings) -> StrainPosterior | CannotSay:
    return fit(person, settings) if isinstance(person, Timeline) else fit_data(person)


def _summarised(person: Person, settings: Settings) -> Summary | CannotSay:
    fitted = _fitted(person, settings)
    return summary_of(fitted) if isinstance(fitted, StrainPosterior) else fitted


def _tried(work: Callable[[Person], T], position: int, person: Person) -> T | FitFailed:
    try:
        return work(person)
    except Exception as error:  # whatever broke one fit must not take the others with it: it becomes their answer
        return FitFailed(position, type(error).__name__, str(error), "".join(traceback.format_exception(error)))


def _checked(people: Iterable[Person]) -> Iterator[tuple[int, Person]]:
    for position, person in enumerate(people):
        if not isinstance(person, Timeline | StrainData):
            raise BadRequest(
                f"person {position} is {type(person).__name__}; give timelines (mainstay.timeline) or laid-out data"
            )
        yield position, person


def _each(people: Iterable[Person], work: Callable[[Person], T], threads: int | None) -> Iterator[T | FitFailed]:
    """The work done for each person, in order, by so many threads; refuses fewer than one."""
    count = _processors() if threads is None else threads
    if count < 1:
        raise BadRequest(f"fitting needs at least one thread, not {threads}")
    return _one_by_one(people, work) if count == 1 else _side_by_side(people, work, count)


def _one_by_one(people: Iterable[Person], work: Callable[[Person], T]) -> Iterator[T | FitFailed]:
    for position, person in _checked(people):
        yield _tried(work, position, person)


def _side_by_side(people: Iterable[Person], work: Callable[[Person], T], threads: int) -> Iterator[T | FitFailed]:
    pool = ThreadPoolExecutor(threads, thread_name_prefix="fit")
    underway: deque[Future[T | FitFailed]] = deque()
    try:
        for position, person in _checked(people):
            underway.append(pool.submit(_tried, work, position, person))
            if len(underway) >= AHEAD * threads:
                yield underway.popleft().result()
        while underway:
            yield underway.popleft().result()
    finally:  # also where the caller stops listening half way: nobody is fitted whom nobody asked for
        pool.shutdown(cancel_futures=True)


def _processors() -> int:
    """The processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
