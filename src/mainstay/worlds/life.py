"""What fills a simulated life (hours in roles, demands, prompts) and how it is written down."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    Body,
    CheckIn,
    Coverage,
    Episode,
    EpisodeIs,
    Event,
    Is,
    Item,
    Prompt,
    Record,
    record_id,
)
from mainstay.strain.simulate import Simulated
from mainstay.worlds.calendar import Calendar

Floats = NDArray[np.float64]
Stretches = tuple[Floats, Floats]
SOURCE = "simulated"
SIZES = np.array([1.0, 2.0, 3.0])
SIZE_CHANCES = np.array([0.45, 0.35, 0.20])
MEAN_SIZE = float(SIZES @ SIZE_CHANCES)
"""Demands are written down as small (1), middling (2) or big (3); the model works with size over this mean."""


def habit(
    rng: np.random.Generator,
    calendar: Calendar,
    *,
    weekdays: float,
    weekends: float,
    hour: float,
    hours: float,
    spread: float = 0.5,
    free: Sequence[range] = (),
) -> Stretches:
    """Stretches that begin about `hour` by the wall clock and last about `hours`, on a share of weekdays and weekends.

    `free`: calendar days on which it never happens. `spread`: sd in hours of the beginning; lengths vary by a fifth.
    """
    rows = []
    for day in range(calendar.count):
        happens = rng.random() < (weekends if calendar.is_weekend(day) else weekdays)
        begin, length = hour + rng.normal(0, spread), hours * np.exp(rng.normal(0, 0.2))
        if happens and not any(day in days for days in free):
            rows.append((calendar.elapsed(day, begin), calendar.elapsed(day, begin + length)))
    return stretches(rows, calendar.days)


def stretches(rows: Sequence[tuple[float, float]], days: float) -> Stretches:
    """Starts and ends, ascending, inside the record, merged where they overlap."""
    merged: list[list[float]] = []
    for start, end in sorted((max(0.0, start), min(end, days)) for start, end in rows if start < days and end > 0):
        if merged and start <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    return np.array([row[0] for row in merged]), np.array([row[1] for row in merged])


def joined(*parts: Stretches, days: float) -> Stretches:
    """All stretches as one."""
    return stretches([row for part in parts for row in zip(*part, strict=True)], days)


def without(part: Stretches, *others: Stretches) -> Stretches:
    """The stretches of `part` that touch none of the others: a person acts in one role at a time."""
    free = np.ones(len(part[0]), dtype=bool)
    for starts, ends in others:
        free &= np.searchsorted(starts, part[1], "left") == np.searchsorted(ends, part[0], "right")
    return part[0][free], part[1][free]


def inside(times: Floats, part: Stretches) -> NDArray[np.bool_]:
    """Whether each time lies in a stretch."""
    within: NDArray[np.bool_] = np.searchsorted(part[0], times, "right") > np.searchsorted(part[1], times, "right")
    return within


def demands_in(
    rng: np.random.Generator, role: Stretches, per_hour: float, growth: Callable[[Floats], Floats] | None = None
) -> Stretches:
    """Demands during a role: times, and sizes over their mean. `growth`: share of the rate at each time, at most 1."""
    starts, ends = role
    counts = rng.poisson((ends - starts) * 24 * per_hour)
    where = np.repeat(np.arange(len(starts)), counts)
    times = np.sort(starts[where] + (ends - starts)[where] * rng.random(len(where)))
    if growth is not None:
        times = times[rng.random(len(times)) < growth(times)]
    return times, rng.choice(SIZES, len(times), p=SIZE_CHANCES) / MEAN_SIZE


@dataclass(frozen=True, slots=True, eq=False)
class Prompts:
    """Questionnaires offered: `sent` (n,) and `answered` (n,) in elapsed days, NaN where nothing came back."""

    sent: Floats
    answered: Floats

    @property
    def answers(self) -> Floats:
        """When something came back."""
        return self.answered[np.isfinite(self.answered)]


def prompts(rng: np.random.Generator, calendar: Calendar, per_day: int, answered: float, off: Stretches) -> Prompts:
    """One prompt in each of `per_day` equal blocks between 8 and 22 hours; none while recording is off."""
    block = 14.0 / per_day
    sent = np.array(
        [
            calendar.elapsed(day, 8.0 + block * (slot + rng.random()))
            for day in range(calendar.count)
            for slot in range(per_day)
        ]
    )
    sent = sent[~inside(sent, off)]
    delay = rng.exponential(4.0, len(sent)).clip(0.5, 25.0) / 1440
    back = (rng.random(len(sent)) < answered) & (sent + delay < calendar.days)
    return Prompts(sent, np.where(back, sent + delay, np.nan))


def steps(edges: Sequence[float], shares: Sequence[float], off: Stretches) -> Stretches:
    """Recording intensity as a step function: edges (m+1,) and shares (m,), nothing where recording is off."""
    cut = np.unique(np.concatenate([np.asarray(edges, dtype=np.float64), *off]))
    middle = (cut[:-1] + cut[1:]) / 2
    share = np.asarray(shares, dtype=np.float64)[np.searchsorted(edges, middle, "right") - 1]
    return cut, np.where(inside(middle, off), 0.0, share)


@dataclass(frozen=True, slots=True)
class Kept:
    """How events of one label are written down: what they are, who was there, tags; by when it was (elapsed days)."""

    is_: Is
    contacts: Callable[[float], tuple[str, ...]] = lambda _: ()
    tags: Callable[[float], tuple[str, ...]] = lambda _: ()


class Diary:
    """Collects records in the order they are written; every time is on the person's own clock, to the second."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self._records: list[Record] = []

    @property
    def records(self) -> tuple[Record, ...]:
        """What was written so far."""
        return tuple(self._records)

    def write(self, stream: str, happened: Instant | Span, body: Body) -> None:
        """One record; it could be known when it ended."""
        known = happened.end if isinstance(happened, Span) else happened
        self._records.append(
            Record(record_id(SOURCE, stream, f"{happened} {body}"), stream, happened, known, SOURCE, body)
        )

    def at(self, elapsed: float) -> Instant:
        """The instant at this many elapsed days."""
        return self.calendar.instant(float(elapsed))

    def span(self, start: float, end: float) -> Span:
        """The span between two elapsed days."""
        return Span(self.at(start), self.at(end))

    def episodes(self, label: str, part: Stretches, is_: EpisodeIs = "role", *, is_self: bool = False) -> None:
        """Stretches of one label."""
        for start, end in zip(*part, strict=True):
            self.write("episodes", self.span(start, end), Episode(label, is_, is_self))

    def events(self, label: str, times: Floats, kept: Kept, sizes: Floats | None = None) -> None:
        """Events of one label; sizes as the person writes them: 1, 2 or 3."""
        for index, time in enumerate(times):
            size = None if sizes is None else float(round(sizes[index] * MEAN_SIZE))
            when = float(time)
            self.write("events", self.at(when), Event(label, kept.is_, size, kept.contacts(when), kept.tags(when)))

    def check_ins(self, items: Sequence[Item], ratings: Mapping[str, Stretches]) -> None:
        """Answers, rounded to whole points and kept on the scale, as a form does."""
        for item in items:
            for time, value in zip(*ratings[item.name], strict=True):
                self.write(
                    "check_ins", self.at(time), CheckIn(item.name, float(min(max(round(value), item.low), item.high)))
                )

    def prompts(self, given: Prompts, items: Sequence[Item]) -> None:
        """Questionnaires offered, answered or not."""
        asked = tuple(item.name for item in items)
        for sent, answered in zip(given.sent, given.answered, strict=True):
            offered_at, back = self.at(sent), self.at(answered) if np.isfinite(answered) else None
            happened = offered_at if back is None else Span(offered_at, back)
            self.write("prompts", happened, Prompt(offered_at, back, asked))

    def coverage(self, recording: Stretches) -> None:
        """How much was written down of everything, by the person's own estimate: edges (m+1,) and shares (m,)."""
        edges, shares = recording
        for start, end, share in zip(edges[:-1], edges[1:], shares, strict=True):
            if share > 0:  # where recording was off, an episode says so
                self.write("coverage", self.span(start, end), Coverage((), round(float(share), 3)))

    def noted(self, rng: np.random.Generator, label: str, times: Floats, kept: Kept, recording: Stretches) -> None:
        """Of events outside the model, those that were written down."""
        edges, shares = recording
        chance = shares[np.clip(np.searchsorted(edges, times, "right") - 1, 0, len(shares) - 1)]
        self.events(label, times[rng.random(len(times)) < chance], kept)

    def recorded(self, simulated: Simulated, kept: Mapping[str, Kept]) -> None:
        """The demands and acts that were written down."""
        for label, (times, sizes) in simulated.demands.items():
            self.events(label, times, kept[label], sizes)
        for label, acts in simulated.acts.items():
            self.events(label, acts, kept[label])
