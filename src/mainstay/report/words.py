"""Numbers as words a tired person can read: how often, how long, when, how sure, and why not."""

from __future__ import annotations

import math
import re

from mainstay.quantities import Answer, CannotSay, Finding, Instant, Interval

_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_HOURS_PER_MONTH = 30.44 * 24


def clean(text: str) -> str:
    """Text from records without control characters: they could steer a terminal, or break a picture."""
    return "".join(char if char.isprintable() else " " for char in text)


def number(value: float, decimals: int | None = None) -> str:
    """The number at a precision a reader can use: 0.12, 1.8, 27, 1,204. Never "-0"."""
    if decimals is None:
        size = abs(value)
        decimals = 0 if size >= 10 or size == 0 else 1 if size >= 1 else min(2 - math.floor(math.log10(size)) - 1, 6)
    text = f"{value:,.{max(decimals, 0)}f}"
    return text.removeprefix("-") if float(text.replace(",", "")) == 0 else text


def decimals_for(interval: Interval) -> int:
    """How many decimals the width of the interval deserves: enough to tell its ends apart, no more."""
    width = interval.high - interval.low
    if width <= 0:
        return 2
    order = math.floor(math.log10(width))
    leading = width / 10**order
    return min(max(-order + (1 if leading < 2 else 0), 0), 6)


def times_as_often(ratio: float) -> str:
    """A ratio of rates: "1.8 times as often", "about as often", "about twice as often"."""
    if 0.95 <= ratio <= 1.05:
        return "about as often"
    if 1.95 <= ratio <= 2.05:
        return "about twice as often"
    if 0.48 <= ratio <= 0.52:
        return "about half as often"
    return f"{f'{ratio:.2g}' if ratio < 10 else number(ratio)} times as often"


def hours(value: float) -> str:
    """Hours: "4.5 hours", "1 hour", "20 minutes"."""
    if abs(value) < 1:
        return counted(round(value * 60), "minute")
    text = number(value).removesuffix(".0")
    return "1 hour" if text == "1" else f"{text} hours"


def about_duration(length_hours: float) -> str:
    """A length of time, roughly, as people say it: "about a day and a half"; input in hours."""
    if length_hours < 0.75:
        return f"about {max(round(length_hours * 12) * 5, 5)} minutes"
    for size, one, many, until in (
        (1.0, "an hour", "hours", 20.0),
        (24.0, "a day", "days", 14 * 24.0),
        (7 * 24.0, "a week", "weeks", 10 * 7 * 24.0),
        (_HOURS_PER_MONTH, "a month", "months", 22 * _HOURS_PER_MONTH),
        (365.25 * 24, "a year", "years", math.inf),
    ):
        if length_hours < until:
            return f"about {_halves(length_hours / size, one, many)}"
    raise AssertionError(length_hours)


def _halves(length: float, one: str, many: str) -> str:
    """The length to the nearest half below three, to the nearest whole above."""
    halves = round(length * 2) if length < 3 else 2 * round(length)
    whole, half = divmod(max(halves, 1), 2)
    if whole == 0:
        return f"half {one}"
    if whole == 1:
        return f"{one} and a half" if half else one
    return f"{whole} and a half {many}" if half else f"{whole} {many}"


def date(instant: Instant) -> str:
    """The local date: "8 January 2024"."""
    local = instant.as_local
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def between_dates(start: Instant, end: Instant) -> str:
    """Two local dates: "between 8 January 2024 and 2 July 2025"; one date where they are the same."""
    first, last = date(start), date(end)
    return f"on {first}" if first == last else f"between {first} and {last}"


def percent(share: float) -> str:
    """A share as a percentage: "12 %"; never a round 0 or 100 where it is neither."""
    if 0 < share < 0.01:
        return "less than 1 %"
    if 0.99 < share < 1:
        return "more than 99 %"
    return f"{share * 100:.0f} %"


def counted(count: float, noun: str, plural: str = "") -> str:
    """A count with its noun: "1 act", "9 acts"."""
    return f"{_amount(count)} {noun if count == 1 else plural or noun + 's'}"


def lies_between(interval: Interval, unit: str = "") -> str:
    """A credible interval: "90 % sure it lies between 1.2 and 2.6 times as often"."""
    if unit == "hours" and interval.high > 72.0:
        interval, unit = Interval(interval.low / 24.0, interval.high / 24.0, interval.level), "days"
    places = decimals_for(interval)
    span = f"between {number(interval.low, places)} and {number(interval.high, places)}"
    return f"{percent(interval.level)} sure it lies {span}{' ' + unit if unit else ''}"


def how_sure(finding: Finding) -> str:
    """How sure and from how much, in one line: "90 % sure it lies between 1.2 and 2.6; from 312 occasions"."""
    parts = [lies_between(finding.interval, finding.unit)]
    if finding.probability is not None:
        parts.append(f"{percent(min(finding.probability, 0.999))} likely to be so")
    if finding.evidence[1:]:
        parts.append(f"from {clean(' and '.join(finding.evidence[1:]))}")
    elif finding.n:
        parts.append(f"from {counted(finding.n, 'record')}")
    return "; ".join(parts)


_REFUSAL = re.compile(r"\b(can't|cannot|uncertain)\b", re.IGNORECASE)


def cannot_say_sentence(answer: CannotSay) -> str:
    """Why there is no answer, and what would be needed: "Cannot say: … There are 9 acts; about 30 are needed."."""
    claim = _ended(answer.claim)
    reason = _ended(answer.reason[:1].upper() + answer.reason[1:])
    if claim:
        said = claim if answer.reason.strip(". ") in claim else f"{claim} {reason}"
    elif _REFUSAL.search(reason):
        said = reason
    else:
        said = f"Cannot say: {_lowered(reason)}" if reason else "Cannot say."
    return f"{said} {_needed(answer)}".strip()


def _needed(answer: CannotSay) -> str:
    """How much there is and how much is needed. Where there is as much as needed, a count is not what is missing."""
    have, need, noun = answer.have, answer.need, answer.unit or "records"
    if need is None:
        return f"On record: {_amount(have)} {noun}." if have is not None else ""
    if have is None:
        return f"About {_amount(need)} {noun} are needed."
    if have >= need:
        return ""
    if noun == "times":
        return f"It was recorded {'once' if have == 1 else f'{_amount(have)} times'}; about {_amount(need)} are needed."
    if have == 1:
        return f"There is 1 of the {_amount(need)} {noun} needed."
    return f"There are {_amount(have)} {noun}; about {_amount(need)} are needed."


def _amount(count: float) -> str:
    return f"{count:,.0f}" if float(count).is_integer() else number(count)


def _ended(sentence: str) -> str:
    text = sentence.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def _lowered(sentence: str) -> str:
    """The sentence as a part of another: its first letter small, unless its first word is an abbreviation or "I"."""
    first = sentence.split(" ", 1)[0]
    return sentence if first == "I" or (len(first) > 1 and first.isupper()) else sentence[:1].lower() + sentence[1:]


def claim_of(answer: Answer) -> str:
    """The answer as one sentence, whichever kind it is."""
    return cannot_say_sentence(answer) if isinstance(answer, CannotSay) else _ended(answer.claim)


def would_change(answer: Answer) -> str:
    """What would change the answer, as a sentence; empty where none was given."""
    text = answer.would_change.strip()
    return f"What would change this: {_lowered(_ended(text))}" if text else ""
