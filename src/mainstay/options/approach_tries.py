"""Tries to reach the person, as they stand on record, and the questions of an app beside them.

A try is an event of any kind with a tag `via CHANNEL` (or `via: CHANNEL`) and a tag `answered` or `unanswered`. It was
in the role that was on at its time; where the time is not known to an hour or so, neither role nor hour is. An event
that is also tagged `support` or `for NAME` is about somebody else and left out: their answering is theirs. Of whom a
try came nothing is asked.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from mainstay.options.approach_pooling import Tries
from mainstay.records.statements_hypothesis import folded
from mainstay.timeline.kinds import Events, Floats, Timeline

NO_ROLE = ""
"""The level of a time in none of the declared roles."""

KNOWN_DAYS = 1.0 / 24.0
PARTS = ("night", "morning", "afternoon", "evening")
FACTORS = ("channel", "role", "part")
STRETCH = "stretch"
STRETCH_DAYS, MOST_STRETCHES = 28, 24
"""Ways are compared within stretches of so many days, longer ones where there would be more than that."""

SHARED = 0.5
"""Two ways can be compared where at least so much of each was tried in stretches in which the other was tried too."""

WEEKS_FOR_RUNS = 8
MOST_RUNS = 10.0
_VIA = re.compile(r"via\s*:?\s+(?P<channel>.+)|via:(?P<other>.+)", re.IGNORECASE)
_ELSEWHERE = re.compile(r"support|for\s*:?\s+.+|for:.+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Try:
    """One try: its local day, by what channel ("" for an app's question), in which role, in which part of the day.

    `role` None and `part` None: not known.
    """

    day: int
    channel: str
    role: str | None
    part: str | None
    answered: bool


def about_somebody_else(tags: Iterable[str]) -> bool:
    """Whether an event's tags say that it was for somebody else: `support`, or `for NAME`."""
    return any(_ELSEWHERE.fullmatch(tag.strip()) for tag in tags)


def tries_of(timeline: Timeline) -> tuple[tuple[Try, ...], int]:
    """The tries on record, oldest first, and how many can't be told to be answered or not.

    Tries by the same channel in the same role and part of one day count as one, answered if one of them was.
    """
    found: dict[tuple[int, str, str | None, str | None], bool] = {}
    unclear = 0
    for label in sorted(timeline.events):
        events = timeline.events[label]
        for i, id_ in enumerate(events.ids):
            tags = events.tags.get(id_, ())
            channel = _channel(tags)
            if channel is None or about_somebody_else(tags):
                continue
            words = {tag.strip().casefold() for tag in tags}
            if ("answered" in words) == ("unanswered" in words):
                unclear += 1
                continue
            key = (_days(timeline, events.times[i : i + 1])[0], channel, *_circumstances(timeline, events, i))
            found[key] = found.get(key, False) or "answered" in words
    told = [Try(*key, answered) for key, answered in found.items()]
    return tuple(sorted(told, key=lambda one: (one.day, one.channel))), unclear


def prompts_of(timeline: Timeline) -> tuple[Try, ...]:
    """The questions of an app, each with its role and part of the day, and whether it was answered before the next."""
    sent = timeline.prompts_sent
    answered = np.zeros(len(sent), bool)
    at = np.searchsorted(sent, timeline.prompts_answered, "right") - 1
    answered[at[at >= 0]] = True
    columns = _days(timeline, sent), _roles(timeline, sent), _parts(timeline, sent), answered.tolist()
    return tuple(Try(day, "", role, part, got) for day, role, part, got in zip(*columns, strict=True))


def stretches_of(tries: Sequence[Try]) -> list[int]:
    """In which stretch of time each try lies, counted from the first."""
    days = np.array([one.day for one in tries], np.int64)
    since = days - days.min() if len(days) else days
    width = max(STRETCH_DAYS, math.ceil((int(since.max(initial=0)) + 1) / MOST_STRETCHES))
    return [int(one) for one in since // width]


def side_by_side(tries: Sequence[Try], factor: str, one: str, other: str) -> bool:
    """Whether two ways of a factor were tried in the same stretches of time, so that they can be compared."""
    stretch = stretches_of(tries)
    own, others = (
        [at for at, each in zip(stretch, tries, strict=True) if getattr(each, factor) == way] for way in (one, other)
    )
    both = set(own) & set(others)
    return all(sum(at in both for at in some) >= SHARED * len(some) for some in (own, others))


def counted(tries: Sequence[Try]) -> Tries:
    """The tries in groups. Where answers come in runs of weeks, they count for fewer."""
    runs = in_runs(tries)
    groups: dict[tuple[str, str | None, str | None, int], list[bool]] = defaultdict(list)
    for one, at in zip(tries, stretches_of(tries), strict=True):
        groups[(one.channel, one.role, one.part, at)].append(one.answered)
    levels = {
        "channel": tuple(sorted({key[0] for key in groups})),
        "role": tuple(sorted({key[1] for key in groups if key[1] is not None})),
        "part": tuple(part for part in PARTS if any(key[2] == part for key in groups)),
    }
    places = {
        factor: np.array([-1 if key[k] is None else levels[factor].index(str(key[k])) for key in groups], np.int64)
        for k, factor in enumerate(FACTORS)
    }
    levels[STRETCH] = tuple(str(at) for at in sorted({key[3] for key in groups}))
    places[STRETCH] = np.array([levels[STRETCH].index(str(key[3])) for key in groups], np.int64)
    tried = np.array([len(one) for one in groups.values()], float)
    answered = np.array([sum(one) for one in groups.values()], float)
    return Tries(tried / runs, answered / runs, places, levels)


def in_runs(tries: Sequence[Try]) -> float:
    """How many tries go for one: variance of a week's answers over what it would be if each stood alone, 1 at least."""
    weeks: dict[int, list[Try]] = defaultdict(list)
    cells: dict[tuple[str, str | None, str | None], list[bool]] = defaultdict(list)
    for one in tries:
        weeks[one.day // 7].append(one)
        cells[(one.channel, one.role, one.part)].append(one.answered)
    if len(weeks) < WEEKS_FOR_RUNS or len(tries) <= 2 * len(cells):
        return 1.0
    share = {key: (sum(got) + 0.5) / (len(got) + 1.0) for key, got in cells.items()}
    off = expected = 0.0
    for some in weeks.values():
        chances = [share[(one.channel, one.role, one.part)] for one in some]
        off += (sum(one.answered for one in some) - sum(chances)) ** 2
        expected += sum(chance * (1.0 - chance) for chance in chances)
    return float(np.clip(off / expected * len(tries) / (len(tries) - len(cells)), 1.0, MOST_RUNS))


def _channel(tags: Iterable[str]) -> str | None:
    for tag in tags:
        found = _VIA.fullmatch(tag.strip())
        if found and (name := (found["channel"] or found["other"] or "").strip()):
            return folded(name)
    return None


def _circumstances(timeline: Timeline, events: Events, i: int) -> tuple[str | None, str | None]:
    if events.half_widths[i] > KNOWN_DAYS:
        return None, None
    at = events.times[i : i + 1]
    return _roles(timeline, at)[0], _parts(timeline, at)[0]


def _roles(timeline: Timeline, times: Floats) -> list[str | None]:
    """The role at each time, the first by name where several overlap; None throughout where no role is declared."""
    if not timeline.roles:
        return [None] * len(times)
    found: list[str | None] = [NO_ROLE] * len(times)
    for role in reversed(timeline.roles):
        for i in np.flatnonzero(role.occupied(times)):
            found[i] = role.label
    return found


def _parts(timeline: Timeline, times: Floats) -> list[str]:
    return [PARTS[int(hour // 6.0)] for hour in timeline.local_hours(times)]


def _days(timeline: Timeline, times: Floats) -> list[int]:
    return [int(day) for day in np.floor(timeline.local_days(times))]
