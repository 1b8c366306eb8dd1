"""Numbers as words a tired person can read: how often, how long, when, how sure, and why not."""

from __future__ import annotations

import math
import re

from mainstay.quantities import Answer, CannotSay, Finding, Instant, Interval


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
    """How many decimals the width of the interval deserves: enough to tell its ends apart, and an end from zero."""
    width = interval.high - interval.low
    if width <= 0:
        return 2
    order = math.floor(math.log10(width))
    leading = width / 10**order
    places = max(-order + (1 if leading < 2 else 0), 0)
    nearest = min(abs(end) for end in (interval.low, interval.high))
    while 0.0 < nearest < 0.5 * 10**-places and places < 3:
        places += 1
    return min(places, 6)


def between_dates(start: Instant, end: Instant) -> str:
    """Two local dates: "between 8 January 2024 and 2 July 2025"; one date where they are the same."""
    first, last = start.day_in_words, end.day_in_words
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


SIGNED = ("percentage points", "points", "% of the strain")
"""Units told as so much more or less, where an interval reaches below zero."""


def lies_between(interval: Interval, unit: str = "") -> str:
    """A credible interval: "90 % sure it lies between 1.2 and 2.6 times as often"; without minus signs where it can."""
    if unit == "hours" and interval.high > 72.0:
        interval, unit = Interval(interval.low / 24.0, interval.high / 24.0, interval.level), "days"
    places = decimals_for(interval)
    return f"{percent(interval.level)} sure it lies between {_ends(interval, unit, places)}"


def _ends(interval: Interval, unit: str, places: int) -> str:
    head = next((one for one in SIGNED if unit.startswith(one)), "")
    always = head == SIGNED[0]
    if not head or (interval.low >= 0 and not always):
        return f"{number(interval.low, places)} and {number(interval.high, places)}{' ' + unit if unit else ''}"
    low, high = (number(abs(end), places) for end in (interval.low, interval.high))
    tail = unit.removeprefix(head)
    if interval.high <= 0:
        return f"{high} and {low} {head} less{tail}"
    if interval.low >= 0:
        return f"{low} and {high} {head} more{tail}"
    return f"{low} {head} less and {high} more{tail}"


def how_sure(finding: Finding) -> str:
    """How sure and from how much, in one line: "90 % sure it lies between 1.2 and 2.6; from 312 occasions"."""
    return "; ".join(one for one in (sure_words(finding), from_words(finding)) if one)


def sure_words(finding: Finding) -> str:
    """How sure: where it lies, and how likely it is to be so; empty where it is exact."""
    exact = finding.interval.low == finding.interval.high
    parts = [] if exact else [_range_of(finding)]
    if finding.probability is not None:
        parts.append(f"{percent(min(finding.probability, 0.999))} likely to be so")
    return "; ".join(parts)


def from_words(finding: Finding) -> str:
    """From how much: "from 312 occasions"; empty where nothing is counted."""
    if finding.evidence[1:]:
        return f"from {clean(' and '.join(finding.evidence[1:]))}"
    return f"from {counted(finding.n, 'record')}" if finding.n else ""


def _range_of(finding: Finding) -> str:
    """The interval; of a weight among causes the range over all that was thought beforehand, which is no interval."""
    if finding.unit != "share of the weight":
        return lies_between(finding.interval, finding.unit)
    low, high = percent(finding.interval.low), percent(finding.interval.high)
    said = f"weight {percent(finding.estimate)}"
    return said if low == high else f"{said}, from {low} to {high} over all that may be thought beforehand"


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
        said = f"Cannot say: {lowered(reason)}" if reason else "Cannot say."
    return f"{said} {_needed(answer)}".strip()


def _needed(answer: CannotSay) -> str:
    """How much there is and how much is needed. Where there is as much as needed, a count is not what is missing."""
    have, need, noun = answer.have, answer.need, answer.unit or "records"
    if need is None:
        return f"On record: {_amount(have)} {noun}." if have is not None else ""
    if have is None:
        return f"About {_roughly(need)} {noun} are needed."
    if have >= need:
        return ""
    if noun == "times":
        return (
            f"It was recorded {'once' if have == 1 else f'{_amount(have)} times'}; about {_roughly(need)} are needed."
        )
    if have == 1:
        return f"There is 1 of the {_roughly(need)} {noun} needed."
    return f"There are {_amount(have)} {noun}; about {_roughly(need)} are needed."


def _amount(count: float) -> str:
    return f"{count:,.0f}" if float(count).is_integer() else number(count)


def _roughly(count: float) -> str:
    """A count that is itself an estimate: two digits of it."""
    return _amount(count if count < 100 else round(count, 1 - math.floor(math.log10(count))))


def _ended(sentence: str) -> str:
    text = sentence.strip()
    return text if not text or text[-1] in ".!?" else text + "."


def lowered(sentence: str) -> str:
    """The sentence as a part of another: its first letter small, unless its first word is an abbreviation or "I"."""
    first = sentence.split(" ", 1)[0]
    return sentence if first == "I" or (len(first) > 1 and first.isupper()) else sentence[:1].lower() + sentence[1:]


def claim_of(answer: Answer) -> str:
    """The answer as one sentence, whichever kind it is."""
    return cannot_say_sentence(answer) if isinstance(answer, CannotSay) else _ended(answer.claim)


def would_change(answer: Answer) -> str:
    """What would change the answer, as a sentence; empty where none was given."""
    text = answer.would_change.strip()
    return f"What would change this: {lowered(_ended(text))}" if text else ""
