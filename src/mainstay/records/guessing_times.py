"""When a row happened: how the times of a column are written, and which columns tell it. Two readings are both told."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from mainstay.records.conditions import as_text
from mainstay.records.guessing_columns import ALMOST_ALL, Column
from mainstay.records.guessing_words import COUNTER, PERSON, STAMP, says

Kind = Literal["moment", "date", "clock", "lettered"]
MIXED = "ASK: the file may mix two orders"
_MOST_LOOKED_AT = 3_000
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?")
_LETTERED = re.compile(r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(?::\d{2})?(?:\.\d+)? ?[A-Z]{2,5}")
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}|(?:19|20)\d{6}")
_WITH_OFFSET = re.compile(r".*(?:Z|[+-]\d{2}:?\d{2})")
_NUMERIC = re.compile(
    r"(?P<a>\d{1,4})(?P<sep>[-/.])(?P<b>\d{1,2})(?P=sep)(?P<c>\d{2,4})"
    r"(?:(?P<gap>,? |T)\d{1,2}:\d{2}(?P<sec>:\d{2})?(?P<frac>\.\d+)?(?P<half> ?[AaPp][Mm])?)?"
)
_SPELLED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y", "%a, %d %b %Y")
_SPELLED_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", ", %H:%M", ", %I:%M %p")
_UNIX_S = (946_684_800.0, 4_102_444_800.0)
"""The years 2000 to 2100, in seconds from 1970."""


@dataclass(frozen=True, slots=True)
class Written:
    """How the times of a column are written. `other`: the pattern that the same cells fit as well."""

    kind: Kind
    pattern: str = "iso"
    other: str | None = None
    settled: bool = True
    why: str = ""
    says_offset: bool = False


def written(column: Column) -> Written | None:  # noqa: PLR0911 - one return for each way to write a time
    """How a column writes times; None where it writes none."""
    if column.typed_time:
        return _typed(column)
    counts = Counter(dict(column.counts.most_common(_MOST_LOOKED_AT)))
    if not counts:
        return None
    if _share(counts, _ISO_DATE.fullmatch) and (column.numbers is None or says(column.words, STAMP)):
        return Written("date") if _share(counts, _reads_as_iso) else None
    if column.numbers is not None:
        return _unix(column)
    if _share(counts, _CLOCK.fullmatch):
        return Written("clock")
    if _share(counts, _LETTERED.fullmatch):
        return Written("lettered", why="ends in letters for a zone")
    if _share(counts, _reads_as_iso):
        return Written("moment", says_offset=_share(counts, _WITH_OFFSET.fullmatch))
    return _numeric(column, counts) or _spelled(counts)


def _share(counts: Counter[str], fits: object) -> bool:
    assert callable(fits)
    return sum(count for text, count in counts.items() if fits(text)) >= ALMOST_ALL * sum(counts.values())


def _typed(column: Column) -> Written:
    first = next(cell for cell in column.cells if cell is not None)
    if isinstance(first, datetime):
        return Written("moment", says_offset=first.tzinfo is not None)
    return Written("date" if isinstance(first, date) else "clock")


def _reads_as_iso(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(re.sub(r"\s+([+-]\d\d)", r"\1", text))
    except ValueError:
        return False
    return 1900 <= moment.year <= 2100


def _unix(column: Column) -> Written | None:
    """Seconds or milliseconds from 1970: told apart by their size, from identifiers by their name or their variety."""
    assert column.numbers is not None
    if says(column.words, COUNTER | PERSON) or not (
        says(column.words, STAMP) or len(column.numbers) > column.filled / 2
    ):
        return None
    for pattern, scale in (("unix_s", 1.0), ("unix_ms", 1000.0)):
        if _UNIX_S[0] * scale <= column.low and column.high <= _UNIX_S[1] * scale:
            return Written("moment", pattern, says_offset=True)
    return None


def _numeric(column: Column, counts: Counter[str]) -> Written | None:
    shapes: Counter[tuple[str, ...]] = Counter()
    found = {}
    for text, count in counts.items():
        if match := _NUMERIC.fullmatch(text):
            parts = match.groupdict()
            half = parts["half"] or ""
            shape = (
                parts["sep"],
                str(len(parts["a"]) == 4),
                str(len(parts["c"]) == 4),
                parts["gap"] or "",
                "s" if parts["sec"] else "",
                "f" if parts["frac"] else "",
                "p" if half else "",
                " " if half.startswith(" ") else "",
            )
            shapes[shape] += count
            found[text] = (int(parts["a"]), int(parts["b"]), int(parts["c"]))
    if not shapes or shapes.most_common(1)[0][1] < ALMOST_ALL * sum(counts.values()):
        return None
    return _ordered(column, shapes.most_common(1)[0][0], list(found.values()))


def _ordered(column: Column, shape: tuple[str, ...], triples: list[tuple[int, int, int]]) -> Written | None:
    sep, year_first, long_year, gap, seconds, fraction, half, blank = shape
    clock = ""
    if gap:
        hour = "%I:%M" if half else "%H:%M"
        clock = f"{gap}{hour}{':%S' if seconds else ''}{'.%f' if fraction else ''}{blank}{'%p' if half else ''}"
    kind: Kind = "moment" if gap else "date"
    if year_first == "True":
        return Written(kind, f"%Y{sep}%m{sep}%d{clock}")
    year = "%Y" if long_year == "True" else "%y"
    by_day, by_month = f"%d{sep}%m{sep}{year}{clock}", f"%m{sep}%d{sep}{year}{clock}"
    days, months = sum(one[0] > 12 for one in triples), sum(one[1] > 12 for one in triples)
    if min(days, months) > (1.0 - ALMOST_ALL) * len(triples) or max(max(one[:2]) for one in triples) > 31:
        return None
    if days > months:
        return Written(kind, by_day, why="a day above 12 stands first" + _two_orders(column, by_day, by_month))
    if months > days:
        return Written(kind, by_month, why="a day above 12 stands second" + _two_orders(column, by_month, by_day))
    first, second = _leaps(column, by_day), _leaps(column, by_month)
    if min(first, second) < 0.5 * max(first, second):
        better, other = (by_day, by_month) if first < second else (by_month, by_day)
        return Written(kind, better, other, why="read so, the rows follow one another day by day")
    return Written(kind, by_day, by_month, settled=False, why="no day above 12 settles it")


def _two_orders(column: Column, pattern: str, other: str) -> str:
    """A warning, where dates that fit both orders lie far from all others unless they are read the other way round."""
    sure: list[datetime] = []
    unsure: list[tuple[datetime, datetime]] = []
    for text in column.counts:
        one, turned = read_by(text, pattern), read_by(text, other)
        if one is not None and turned is not None:
            unsure.append((one, turned))
        elif one is not None:
            sure.append(one)
    first, last = min(sure), max(sure)
    around = timedelta(days=31)
    far = [
        turned
        for one, turned in unsure
        if not first - around <= one <= last + around and first - around <= turned <= last + around
    ]
    if len(far) < 2:
        return ""
    return f"; {MIXED}: {len(far)} dates lie far from all others unless day and month are swapped"


def _leaps(column: Column, pattern: str) -> float:
    """How far the dates of neighbouring rows lie apart in all, in days, when they are read by a pattern."""
    total, before = 0.0, None
    for text in [as_text(cell) for cell in column.cells[:_MOST_LOOKED_AT] if cell is not None]:
        moment = read_by(text, pattern)
        if moment is not None and before is not None:
            total += abs((moment - before).days)
        before = moment or before
    return total + 1.0


def read_by(text: str, pattern: str) -> datetime | None:
    """The moment a text writes by a pattern (`iso`, `unix_s`, `unix_ms` or strptime's); None where it doesn't."""
    try:
        if pattern == "iso":
            return datetime.fromisoformat(text).replace(tzinfo=None)
        if pattern.startswith("unix"):
            return datetime(1970, 1, 1) + timedelta(seconds=float(text) / (1.0 if pattern == "unix_s" else 1e3))  # noqa: DTZ001 - shown, never kept
        return datetime.strptime(text, pattern)  # noqa: DTZ007 - shown, never kept
    except (ValueError, OverflowError):
        return None


def _spelled(counts: Counter[str]) -> Written | None:
    for day in _SPELLED:
        for clock in _SPELLED_CLOCKS:
            if _share(counts, lambda text, pattern=day + clock: read_by(text, pattern) is not None):
                return Written("moment" if clock else "date", day + clock)
    return None


def first_example(column: Column) -> str:
    """The first cell of a column that holds something, as text."""
    return next((as_text(cell) for cell in column.cells if cell is not None and as_text(cell)), "")


def both_readings(column: Column, one: Written) -> str:
    """What the first cell means by each of its two readings, in words."""
    text = first_example(column)
    readings = []
    for pattern in (one.pattern, one.other or one.pattern):
        moment = read_by(text, pattern)
        readings.append(f"{moment:%d %B %Y}" if moment else "no date")
    return f"{text} is read as {readings[0]}; the other reading is {readings[1]}"
