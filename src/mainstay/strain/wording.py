"""Numbers as the claims of this chapter say them."""

from __future__ import annotations

import math

from mainstay.timeline.kinds import Timeline


def number(value: float) -> str:
    """Two significant digits below ten, whole numbers above: 0.06, 1.4, 23."""
    size = abs(value)
    if size >= 10:
        return f"{value:.0f}"
    if size >= 1:
        return f"{value:.1f}"
    return f"{value:.2f}" if size >= 0.1 or size == 0 else f"{value:.2g}"


FRACTIONS = (
    (1 / 10, "a tenth"),
    (1 / 8, "an eighth"),
    (1 / 6, "a sixth"),
    (1 / 5, "a fifth"),
    (1 / 4, "a quarter"),
    (1 / 3, "a third"),
    (2 / 5, "two fifths"),
    (1 / 2, "half"),
    (3 / 5, "three fifths"),
    (2 / 3, "two thirds"),
    (3 / 4, "three quarters"),
    (4 / 5, "four fifths"),
    (9 / 10, "nine tenths"),
)


def times_as_often(ratio: float) -> str:
    """1.8 -> '1.8 times as often'; 0.22 -> 'about a fifth as often'; near 1 -> 'about as often'."""
    if 0.95 < ratio < 1.05:
        return "about as often"
    if ratio > 10.0:
        return "more than ten times as often"
    if ratio < 0.095:
        return "less than a tenth as often"
    if ratio < 1.0:
        nearest = min(FRACTIONS, key=lambda known: abs(math.log(known[0] / ratio)))
        return f"about {nearest[1]} as often"
    return f"{number(ratio)} times as often"


def hours_in_words(hours: float) -> str:
    """A length of time a person would say: minutes, hours or days."""
    if hours < 1.5:
        return f"{max(round(60 * hours / 5) * 5, 5)} minutes"
    if hours < 48:
        return f"{round(hours)} hours"
    return f"{number(hours / 24)} days"


def place_of(timeline: Timeline) -> str:
    """The dates an answer rests on, as first/last."""
    last = timeline.instant(max(timeline.days - 1e-6, 0.0))
    return f"{timeline.origin.as_local.date()}/{last.as_local.date()}"


def if_all_noted(claim: str, *, known: bool) -> str:
    """A claim of a size that holds if everything was written down, where how fully it was is not `known`."""
    return claim if known else f"{claim[:-1]}, if everything was written down."


def uncounted(timeline: Timeline) -> tuple[str, ...]:
    """The assumption that a log of recording reaching beyond what is on record stands for nothing there."""
    if timeline.unlived_days < 1.0:
        return ()
    return (
        f"{round(timeline.unlived_days)} days for which recording was stated, but nothing is on record, don't count",
    )
