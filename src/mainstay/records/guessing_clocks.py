"""Which columns of a table tell when a row happened, and which tell when it was asked, answered, begun and ended."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.records.guessing_columns import Column, Look
from mainstay.records.guessing_times import Written, both_readings, first_example, written
from mainstay.records.guessing_words import ANSWERED, BEEP, BEGUN, DELIVERED, ENDED, PLANNED, STAMP, STUDY_DAY, says

MOSTLY = 0.5
PARTS_OF_DAY = {
    "morning": ("06:00", "12:00"),
    "noon": ("11:00", "14:00"),
    "afternoon": ("12:00", "18:00"),
    "evening": ("18:00", "24:00"),
    "night": ("21:00", "24:00"),
}
WAKING = (8, 22)
MOST_BEEPS = 12
_HALVES = {"am", "pm"}


@dataclass(frozen=True, slots=True, eq=False)
class Clocks:
    """How the rows of a table tell time. `keys`: of [source], each with its comment; `asks_zone`: local or in UTC."""

    keys: tuple[tuple[str, object, str], ...]
    kind: str
    writings: dict[str, Written]
    used: frozenset[str]
    pattern: str
    says_offset: bool
    sent: str | None = None
    answered: str | None = None
    begun: str | None = None
    ended: str | None = None
    unsettled: tuple[str, ...] = ()

    @property
    def told(self) -> bool:
        """Whether the table tells time at all."""
        return self.kind != "none"


def clocks_of(look: Look, day_first: dict[str, bool]) -> Clocks:
    """Find the columns of time. `day_first`: what the person said of dates that can be read in two ways."""
    writings = {}
    for column in look.columns:
        if (found := written(column)) is not None:
            writings[column.name] = _as_said(found, day_first.get(column.name))
    rows = max(1, look.table.rows)
    moments = _full_enough(look, writings, "moment", rows)
    dates = _full_enough(look, writings, "date", rows)
    if moments:
        return _by_moments(look, moments, writings)
    if dates:
        return _by_dates(look, dates, writings)
    calendar = any(says(one.words, frozenset({"month", "year"})) for one in look.columns)
    day = None if calendar else next((one for one in look.columns if _counts_days(one)), None)
    if day is not None:
        return _by_study_day(look, day, writings)
    return Clocks((), "none", writings, frozenset(), "iso", says_offset=False)


def _as_said(found: Written, day_first: bool | None) -> Written:
    if day_first is None or found.other is None:
        return found
    patterns = sorted((found.pattern, found.other))  # %d… comes before %m…
    return Written(found.kind, patterns[0] if day_first else patterns[1], None, why="as you said")


def _full_enough(look: Look, writings: dict[str, Written], kind: str, rows: int) -> list[Column]:
    return [
        one
        for one in look.columns
        if one.name in writings and writings[one.name].kind == kind and one.filled >= MOSTLY * rows
    ]


def _pick(columns: list[Column], *hints: frozenset[str]) -> Column | None:
    """The first column whose name holds a hint, the hints in turn."""
    return next((one for hint in hints for one in columns if says(one.words, hint)), None)


def _by_moments(look: Look, moments: list[Column], writings: dict[str, Written]) -> Clocks:
    every = [one for one in look.columns if one.name in writings and writings[one.name].kind == "moment"]
    sent, begun = _pick(moments, DELIVERED, PLANNED), _pick(every, BEGUN)
    fullest = max(moments, key=lambda one: one.filled)
    main = sent or (begun if begun in moments else None) or _pick(moments, STAMP) or fullest
    how = writings[main.name]
    alike = [one for one in every if writings[one.name].pattern == how.pattern and one is not main]
    answered = _pick([one for one in alike if one is not begun], ANSWERED) or (begun if begun in alike else None)
    ended = _pick([one for one in alike if one is not begun], ENDED)
    keys = [("time", main.name, _read_as(main, how))]
    if how.pattern != "iso":
        keys.append(("time_format", how.pattern, how.why))
    return Clocks(
        tuple(keys),
        "moment",
        writings,
        frozenset({main.name}),
        how.pattern,
        how.says_offset,
        sent=main.name if sent or (begun and answered) else None,
        answered=answered.name if answered else None,
        begun=begun.name if begun and writings[begun.name].pattern == how.pattern else None,
        ended=ended.name if ended else None,
        unsettled=() if how.settled else (main.name,),
    )


def _by_dates(look: Look, dates: list[Column], writings: dict[str, Written]) -> Clocks:
    day = _pick(dates, STAMP) or dates[0]
    how = writings[day.name]
    keys: list[tuple[str, object, str]] = [("date", day.name, _read_as(day, how))]
    if how.pattern != "iso":
        keys.append(("date_format", how.pattern, how.why))
    more, used, roles = _clock_keys(look, writings)
    return Clocks(
        (*keys, *more),
        "date and clock" if more else "date",
        writings,
        frozenset({day.name, *used}),
        "clock",
        says_offset=False,
        unsettled=() if how.settled else (day.name,),
        sent=roles.get("sent"),
        answered=roles.get("answered"),
        begun=roles.get("begun"),
        ended=roles.get("ended"),
    )


def _by_study_day(look: Look, day: Column, writings: dict[str, Written]) -> Clocks:
    more, used, roles = _clock_keys(look, writings)
    beep = None if more else next((one for one in look.columns if _counts_beeps(one)), None)
    if beep is not None:
        more, used = _parts_by_beep(beep), {beep.name}
    keys = (("day", day.name, f"the number of the day, {day.low:g} to {day.high:g}"), *more)
    sent, answered = roles.get("sent"), roles.get("answered")
    own = frozenset({day.name, *used})
    return Clocks(keys, "study day", writings, own, "clock", says_offset=False, sent=sent, answered=answered)


def _counts_days(column: Column) -> bool:
    small = column.numbers is not None and column.whole and column.low >= 0 and column.high <= 2_000
    return small and says(column.words, STUDY_DAY) and len(column.numbers or ()) > 1


def _counts_beeps(column: Column) -> bool:
    few = column.numbers is not None and column.whole and column.low == 1 and 2 <= column.high <= MOST_BEEPS
    return few and says(column.words, BEEP)


def _parts_by_beep(beep: Column) -> list[tuple[str, object, str]]:
    """Equal parts of the waking day for the numbered questionnaires of a day, so that their order is kept."""
    count = int(beep.high)
    minutes = [WAKING[0] * 60 + (WAKING[1] - WAKING[0]) * 60 * part // count for part in range(count + 1)]
    edges = [f"{one // 60:02d}:{one % 60:02d}" for one in minutes]
    spans = {str(part + 1): (edges[part], edges[part + 1]) for part in range(count)}
    return [
        ("clock", beep.name, "the number of the questionnaire in its day: its part of the day is kept, no moment"),
        (
            "clock_spans",
            spans,
            f"ASK: equal parts of {WAKING[0]}:00 to {WAKING[1]}:00 are an assumption: put in the hours",
        ),
    ]


def _clock_keys(
    look: Look, writings: dict[str, Written]
) -> tuple[list[tuple[str, object, str]], set[str], dict[str, str | None]]:
    """The column of the time of day, if there is one, and which clocks tell what."""
    clocks = [one for one in look.columns if one.name in writings and writings[one.name].kind == "clock"]
    if clocks:
        sent, begun = _pick(clocks, DELIVERED, PLANNED), _pick(clocks, BEGUN)
        main = sent or begun or _pick(clocks, STAMP) or max(clocks, key=lambda one: one.filled)
        others = [one for one in clocks if one is not main and one is not begun]
        answered = _pick(others, ANSWERED)
        ended = _pick(others, ENDED)
        roles = {
            "sent": sent.name if sent else None,
            "answered": answered.name if answered else None,
            "begun": begun.name if begun else None,
            "ended": ended.name if ended else None,
        }
        return [("clock", main.name, f"the time of day, such as {first_example(main)}")], {main.name}, roles
    parts = next((one for one in look.columns if _parts_of_day(one)), None)
    if parts is None:
        return [], set(), {}
    spans = {word: PARTS_OF_DAY[word.lower()] for word in parts.counts if word.lower() not in _HALVES}
    keys: list[tuple[str, object, str]] = [("clock", parts.name, "a part of the day: that span is kept, no moment")]
    if spans:
        keys.append(("clock_spans", spans, "the hours are an assumption: change them to what the words mean here"))
    return keys, {parts.name}, {}


def _parts_of_day(column: Column) -> bool:
    words = {text.lower() for text in column.counts}
    return bool(words) and words <= _HALVES | set(PARTS_OF_DAY)


def _read_as(column: Column, how: Written) -> str:
    if how.other is not None:
        return both_readings(column, how)
    if how.pattern in ("unix_s", "unix_ms"):
        unit, wrong = ("seconds", "milliseconds") if how.pattern == "unix_s" else ("milliseconds", "seconds")
        return f"{unit} since 1970 in UTC; read as {wrong}, they would not lie between 2000 and 2100"
    return f"such as {first_example(column)}"
