"""The record of a decision in words, part by part: what terminal and page both tell of it."""

from __future__ import annotations

from datetime import date

from mainstay.options.decision_record import (
    NOT_WEIGHED,
    Bears,
    Considered,
    DecisionRecord,
    Evidence,
    Expected,
    Foreseen,
)
from mainstay.quantities import Instant, Interval, in_words
from mainstay.records.statements_option import NOTHING
from mainstay.records.words import listed, quoted
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_words import chance_and_range, chance_words
from mainstay.report.options_data import STRUCK_OUT
from mainstay.report.options_words import REVERSIBLE_WORDS, STATUS_WORDS, span
from mainstay.report.words import counted, decimals_for, number

WHY, RESTS, OTHERS, EXPECTED, BORNE, LEANED, CHANGE, AGAIN = (
    "Why",
    "What it rests on",
    "What else was considered",
    "What is expected of it",
    "Who bears what",
    "The first leaning",
    "What would change it",
    "When to look again",
)
NO_REASON = "No reason was written down."
WRITE_ONE = "To write one, the decision can be written anew: mainstay log CASE decision"
LOOK = "Then: mainstay futures CASE shows what came, and mainstay log CASE decision keeps what is decided next."
MOST_ON_PAGE = 6
"""Answers and forecasts told on the one page; how many more there are is said."""
LONGEST = 300
"""Characters of one thing that is told."""
Part = tuple[str, tuple[str, ...]]


def day_words(iso: str) -> str:
    """A date as somebody would say it: "8 July 2025"; of a moment, its local date. Empty for empty."""
    if not iso:
        return ""
    day = date.fromisoformat(iso) if len(iso) == 10 else Instant.parse(iso).as_local.date()
    return in_words(day)


def heading_words(record: DecisionRecord) -> tuple[str, str]:
    """What was decided, by whom and when; and as of when it is told, with hindsight where there is any."""
    told = f"Decided on {day_words(record.on)} by {record.by}."
    known = f"Told as of {day_words(record.as_of)}, from what was known through {day_words(record.known_through)}."
    after = " That is more than was known when it was decided." if record.hindsight else ""
    return told, f"{known}{after}"


def parts_of(record: DecisionRecord) -> tuple[Part, ...]:
    """Each part under its heading, in the order of the page; what is not on record is left out."""
    parts = (
        (WHY, (begun(ended(record.why)) if record.why else NO_REASON,)),
        (RESTS, _rests(record)),
        (OTHERS, _others(record)),
        (EXPECTED, _expected(record)),
        (BORNE, tuple(one for bears in record.bears for one in _bears(bears))),
        (LEANED, _leaned(record)),
        (CHANGE, tuple(begun(ended(one)) for one in record.would_change)),
        (AGAIN, _again(record)),
    )
    return tuple((heading, tuple(_short(one) for one in told)) for heading, told in parts if told)


def _short(text: str) -> str:
    """What one person may have written at length, cut so that the page stays one."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()} …"


def _rests(record: DecisionRecord) -> tuple[str, ...]:
    shown = record.evidence[:MOST_ON_PAGE]
    more = record.evidence_more + len(record.evidence) - len(shown)
    return (*(_evidence(one) for one in shown), *_more(more, "answer"))


def _evidence(one: Evidence) -> str:
    return begun(ended(one.claim or f"“{one.about}”"))


def _more(count: int, noun: str) -> tuple[str, ...]:
    return (f"And {counted(count, f'more {noun}')} on record by then.",) if count > 0 else ()


def _others(record: DecisionRecord) -> tuple[str, ...]:
    found = _struck_first(record)
    return (*(_considered(one) for one in found[:MOST_ON_PAGE]), *_more(len(found) - MOST_ON_PAGE, "option"))


def _struck_first(record: DecisionRecord) -> list[Considered]:
    """The options that were not chosen, those that a limit struck out first."""
    return sorted((one for one in record.options if not one.chosen), key=lambda one: one.status != STRUCK_OUT)


def _considered(one: Considered) -> str:
    """An option that was not chosen: struck out with its reason, or how it stood."""
    if one.status == STRUCK_OUT and one.claim:
        return begun(ended(one.claim))
    if one.name == NOTHING and one.status == NOT_WEIGHED:
        return f"{begun(NOTHING)}: what the others were held against."
    told = "; ".join(part for part in (STATUS_WORDS.get(one.status, "not weighed"), one.reason) if part)
    return f"{begun(one.name)}: {ended(told)}"


def _expected(record: DecisionRecord) -> tuple[str, ...]:
    """What was told and expected of the choice, whether it can be undone, and the forecasts it was made with."""
    undone = REVERSIBLE_WORDS.get(record.reversible)
    shown = [one for one in record.foreseen if not one.withheld]
    told = [_evidence(record.weighed)] if record.weighed is not None else []
    told += [_amount(one) for one in record.expected]
    told += [f"It {undone}."] if undone else []
    told += [_foreseen(one) for one in shown[:MOST_ON_PAGE]]
    return (*told, *_more(len(shown) - MOST_ON_PAGE, "forecast"))


def _amount(one: Expected) -> str:
    if one.unit:
        places = decimals_for(Interval(one.low, one.high))
        at, low, high = (_signed(end, places) for end in (one.value, one.low, one.high))
        said = f"{at} ({low} to {high}) {one.unit}"
    else:
        said = chance_and_range(one.value, one.low, one.high)
    return f"{begun(one.what)}: {said}, until {day_words(one.until)}."


def _signed(value: float, places: int) -> str:
    """A number with a proper minus sign, at so many decimals."""
    return number(value, places).replace("-", "−")


def _foreseen(one: Foreseen) -> str:
    if one.chance is not None:
        said = chance_words(one.chance)
    elif one.low is not None and one.high is not None:
        said = f"between {number(one.low)} and {number(one.high)}"
    else:
        said = "forecast"
    came = ended(f"; {one.came}") if one.came else ", not due yet."
    return f"{begun(one.about)}, by {day_words(one.due)}: {said}{came}"


def _bears(one: Bears) -> tuple[str, ...]:
    takes = _amounts(one.cost_hours_a_week, one.cost_money_a_month, one.cost_points)
    gives = _amounts(one.benefit_hours_a_week, one.benefit_money_a_month, one.benefit_points)
    return (
        *((f"It takes {takes} of {one.who}.",) if takes else ()),
        *((f"It gives {one.who} {gives}.",) if gives else ()),
    )


def _amounts(*rows: tuple[float, float]) -> str:
    units = ("hours a week", "a month in money", "points")
    return listed(f"{span(values)} {unit}" for values, unit in zip(rows, units, strict=True) if values[1] > 0.0)


def _leaned(record: DecisionRecord) -> tuple[str, ...]:
    leaning = record.leaning
    told = []
    if leaning is not None:
        way = "It was followed." if leaning.followed else "What was decided is another."
        told.append(f"“{leaning.option}”, {ended(leaning.said)} {way}")
    if record.changed:
        told.append(f"The text of {quoted(record.changed)} was changed after the options were first shown.")
    return tuple(told)


def _again(record: DecisionRecord) -> tuple[str, ...]:
    if not record.look_again:
        return (f"No day to look again was written down. {WRITE_ONE}",)
    late = record.look_again_overdue_days or 0
    said = f"On {day_words(record.look_again)}."
    if late <= 0:
        return (f"{said} {LOOK}",)
    return (f"{said} That day has passed. {LOOK}",)
