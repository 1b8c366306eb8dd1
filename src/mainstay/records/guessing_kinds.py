"""What each column could become: an answer on a scale, an event, a count, a length of time, or nothing, and why."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from mainstay.records.conditions import as_text, is_missing
from mainstay.records.guessing_clocks import Clocks
from mainstay.records.guessing_columns import Column, Look
from mainstay.records.guessing_words import (
    ACTS,
    ANSWERED,
    COUNT,
    COUNTER,
    DURATION,
    GROUPING,
    MOODS,
    NOTES,
    PERSON,
    STUDY_DAY,
    better_by_name,
    duration_unit,
    measure_unit,
    says,
)
from mainstay.records.kinds import Better

Role = Literal["item", "event", "signal", "acts", "mood words", "left out"]
KNOWN_ENDS = ((1.0, 5.0), (1.0, 7.0), (0.0, 10.0), (0.0, 100.0))
MOST_STEPS = 11
MOST_UNUSED = 6.0
"""A scale from 0 of which no more than this was seen is not taken to be one to 10, unless others of the file are."""

LONGEST_LABEL = 40
MOST_LABELS = 60
_YES = {"yes", "y", "true", "1", "ja", "oui", "si"}
_NO = {"no", "n", "false", "0", "nee", "nein", "non"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one column could become, with the reason in words. `low` and `high`: of an item; `yes`: of an event."""

    column: str
    role: Role
    why: str
    low: float = 0.0
    high: float = 0.0
    ordinal: bool = True
    better: Better | None = None
    yes: str = ""
    unit: str = ""
    split: str = ""


def people_in(look: Look) -> tuple[str | None, tuple[str, ...]]:
    """The column that tells people apart, and who they are; (None, ()) where there is one person or no such column."""
    rows = look.table.rows
    found = [
        one
        for one in look.columns
        if not one.typed_time
        and says(one.words, PERSON)
        and 2 <= len(one.counts) <= one.filled / 2
        and one.filled >= 0.99 * rows
        and (one.numbers is None or one.whole)
    ]
    if not found:
        return None, ()
    column = min(found, key=lambda one: (len(one.words), _turns(one)))
    return column.name, tuple(dict.fromkeys(as_text(cell) for cell in column.cells if cell is not None))


def _turns(column: Column) -> int:
    texts = [as_text(cell) for cell in column.cells]
    return sum(one != other for one, other in pairwise(texts))


def verdicts(look: Look, clocks: Clocks, person: str | None) -> list[Verdict]:
    """What every column could become, in the order of the file; columns of time and of people aside."""
    aside = {*clocks.used, *([person] if person else [])}
    steady = _steady(look, person)
    found = [_verdict(one, look, clocks, steady) for one in look.columns if one.name not in aside]
    return _one_family(found)


def _steady(look: Look, person: str | None) -> set[str]:
    """Columns that hold the same for a person in all rows: who they are, not how they were."""
    if person is None:
        return set()
    groups: dict[str, list[int]] = defaultdict(list)
    for row, cell in enumerate(look.named(person).cells):
        groups[as_text(cell)].append(row)
    missing = frozenset(look.missing)
    steady = set()
    for column in look.columns:
        several = [
            len({as_text(column.cells[row]) for row in rows if not is_missing(column.cells[row], missing)}) > 1
            for rows in groups.values()
            if len(rows) > 1
        ]
        if several and sum(several) <= 0.05 * len(several) and len(column.counts) > 1:
            steady.add(column.name)
    return steady


def _verdict(column: Column, look: Look, clocks: Clocks, steady: set[str]) -> Verdict:  # noqa: PLR0911 - one for each
    name, words = column.name, column.words
    if not column.counts:
        return Verdict(name, "left out", "it is empty")
    yes_no = _yes_no(column)
    if len(column.counts) == 1 and not (yes_no and column.filled < look.table.rows):
        return Verdict(name, "left out", "it says the same in every row")
    if name in steady:
        return Verdict(name, "left out", "it says the same in all rows of a person")
    if name in clocks.writings and name not in (clocks.sent, clocks.answered, clocks.begun, clocks.ended):
        how = clocks.writings[name]
        why = f"a time that {how.why}, which a mapping can't read" if how.kind == "lettered" else "another time"
        return Verdict(name, "left out", why)
    if name in clocks.writings:
        return Verdict(name, "left out", "a time; see prompts and episodes below")
    if says(words, PERSON) or _numbers_rows(column):
        return Verdict(name, "left out", "it numbers rows, days or people")
    if yes_no and says(words, ANSWERED):
        return Verdict(name, "left out", "whether a row was answered is seen in the row")
    if yes_no:
        return Verdict(name, "event", f"it holds {' and '.join(sorted(column.counts))}", yes=yes_no)
    if column.numbers is None:
        return _of_words(column)
    return _of_numbers(column)


def _numbers_rows(column: Column) -> bool:
    if says(column.words, COUNTER | STUDY_DAY) and not says(column.words, DURATION):
        return True
    several = column.filled if column.numbers is not None and len(column.numbers) == column.filled else 0
    return several > 2 and column.whole and column.high - column.low == several - 1


def _yes_no(column: Column) -> str | None:
    """The word for yes, where a column holds nothing but yes and no."""
    texts = {text.lower() for text in column.counts}
    if not texts <= _YES | _NO or not texts & _YES or len(texts) > 2:
        return None
    return next(text for text in column.counts if text.lower() in _YES)


def _of_words(column: Column) -> Verdict:
    name, counts = column.name, column.counts
    split = _splitter(column)
    labels = {part.strip() for text in counts for part in (text.split(split) if split else [text])}
    lengths = sum(len(text) * count for text, count in counts.items()) / column.filled
    if says(column.words, GROUPING):
        return Verdict(name, "left out", "it names a group or a condition; a mapping can select by it (where)")
    if says(column.words, NOTES) or (not split and (lengths > LONGEST_LABEL or len(labels) > MOST_LABELS)):
        return Verdict(name, "left out", "text that differs from row to row is not read")
    if says(column.words, MOODS):
        return Verdict(name, "mood words", "words for how it was; only you can put numbers to them")
    if says(column.words, ACTS) or split:
        return Verdict(name, "acts", f"{len(labels)} different labels", split=split or "")
    return Verdict(name, "left out", "words that could be anything; say in the mapping what they are")


def _splitter(column: Column) -> str | None:
    """The character between several labels in one cell, where cells hold lists of labels that come again."""
    for split in ("|", ";", ","):
        lists = sum(count for text, count in column.counts.items() if split in text)
        parts = [part.strip() for text in column.counts for part in text.split(split)]
        short = parts and sum(map(len, parts)) / len(parts) <= 25
        if lists >= 0.2 * column.filled and short and len(set(parts)) <= 0.7 * len(parts):
            return split
    return None


def _of_numbers(column: Column) -> Verdict:
    name, words = column.name, column.words
    length, measure = duration_unit(words), measure_unit(words)
    if measure is not None and not (column.whole and len(column.numbers or ()) <= 7 and measure == "points"):
        return Verdict(name, "signal", f"a measure, by its name; {_seen(column)}", unit=measure)
    if length is not None:
        return _length(column, length)
    if says(words, COUNT) and column.low >= 0:
        return Verdict(name, "signal", f"a count, by its name; {_seen(column)}", unit="count")
    ends = ends_of(column)
    if ends is None:
        return Verdict(name, "signal", f"numbers of unknown meaning; {_seen(column)}", unit="as recorded")
    low, high, why = ends
    steps = column.whole and high - low < MOST_STEPS
    return Verdict(name, "item", why, low=low, high=high, ordinal=steps)


def _length(column: Column, unit: str) -> Verdict:
    if unit != "unsaid":
        return Verdict(column.name, "signal", f"a length of time in {unit}, by its name; {_seen(column)}", unit=unit)
    hours = column.high <= 24 and not column.whole
    unit, other = ("hours", "minutes") if hours else ("minutes", "hours")
    why = f"a length of time that names no unit: read as {unit}; if it is {other}, write so; {_seen(column)}"
    return Verdict(column.name, "signal", why, unit=unit)


def _seen(column: Column) -> str:
    return f"seen are {column.low:g} to {column.high:g}"


def ends_of(column: Column) -> tuple[float, float, str] | None:  # noqa: PLR0911 - one return for each kind of scale
    """The ends of a scale that a column's numbers fit, and why; None where they look like no scale."""
    low, high, several = column.low, column.high, len(column.numbers or ())
    if low < 0:
        end = max(-low, high)
        if high > 0 and end in (2.0, 3.0, 4.0, 5.0, 50.0, 100.0) and (column.whole or end >= 50):
            return -end, end, f"{_seen(column)}; taken to be even on both sides of 0"
        if column.whole and high - low < MOST_STEPS and several > 2:
            return low, high, f"{_seen(column)}; the scale may go further"
        return None
    named = better_by_name(column.name) is not None
    if several < (2 if named else 3) or high <= 1 or high > 100:
        return None
    if not column.whole and not named and (high <= 10 or several <= MOST_STEPS):
        return None
    for first, last in KNOWN_ENDS:
        if first <= low and high <= last and (last - first < MOST_STEPS or high > 60):
            if first == 0.0 and high <= MOST_UNUSED:
                return low, high, f"{_seen(column)}; the scale may go further"
            return first, last, f"{_seen(column)}; {first:g} to {last:g} is the usual scale with room for these"
    return None


def _one_family(found: list[Verdict]) -> list[Verdict]:
    """Questions of one file share their ends: a narrow one among wide ones has not been used to its end."""
    items = [one for one in found if one.role == "item"]
    for low, most, high in ((1.0, 5.0, 7.0), (0.0, MOST_UNUSED, 10.0), (0.0, 10.0, 100.0)):
        here = [one for one in items if one.low == low and (one.high <= most or one.high == high)]
        wide = sum(one.high == high for one in here)
        if wide > 1 and 2 * wide >= len(here):
            narrow = {one.column for one in here if one.high != high}
            found = [_widened(one, (low, high)) if one.column in narrow else one for one in found]
    even = [one.high for one in items if one.low == -one.high and one.high <= MOST_STEPS]
    if even:
        ends = (-max(even), max(even))
        found = [_widened(one, ends) if ends[0] < one.low == -one.high and one.role == "item" else one for one in found]
    return found


def _widened(one: Verdict, ends: tuple[float, float]) -> Verdict:
    seen = re.split(";", one.why)[0]
    why = f"{seen}; other questions of this file go from {ends[0]:g} to {ends[1]:g}"
    return replace(one, low=ends[0], high=ends[1], why=why, ordinal=ends[1] - ends[0] < MOST_STEPS)
