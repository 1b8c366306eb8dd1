"""Likeness in words: which streams are now as they were then, and which are not."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.explanations.likeness_ratio import Ratio
from mainstay.explanations.likeness_weeks import Feature, Looks
from mainstay.strain.wording import number

WORDS: dict[Looks, tuple[str, str]] = {
    "level": ("higher", "lower"),
    "spread": ("more up and down", "steadier"),
    "rhythm": ("higher towards the evening", "lower towards the evening"),
    "count": ("more often", "less often"),
    "hours": ("more hours", "fewer hours"),
}
MOST_TOLD = 3
LEAST_ADDED = 0.2
LEAST_SHIFT = 0.5
"""In ordinary swings from week to week; less is called ordinary."""
MOST_TIMES = 1000.0


def alike_and_unlike(features: Sequence[Feature], ratio: Ratio) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The three streams that speak most for likeness, and the three that speak most against it, each with how."""
    shifts = ratio.shifts
    by_stream: dict[str, float] = {}
    most: dict[str, dict[bool, int]] = {}
    for i, j in enumerate(shifts.which):
        stream, adds = features[j].stream, float(ratio.by_feature[i])
        by_stream[stream] = by_stream.get(stream, 0.0) + adds
        best = most.setdefault(stream, {True: i, False: i})
        if adds > ratio.by_feature[best[True]]:
            best[True] = i
        if adds < ratio.by_feature[best[False]]:
            best[False] = i

    def phrase(stream: str, *, alike: bool) -> str:
        i = most[stream][alike]
        then, now = float(shifts.means[i, :-1].mean()), float(shifts.means[i, -1])
        return f"“{stream}” ({_how(features[shifts.which[i]].looks, then, now)})"

    order = sorted(by_stream, key=lambda one: by_stream[one])
    unlike = [one for one in order if by_stream[one] <= -LEAST_ADDED][:MOST_TOLD]
    alike = [one for one in reversed(order) if by_stream[one] >= LEAST_ADDED][:MOST_TOLD]
    return tuple(phrase(one, alike=True) for one in alike), tuple(phrase(one, alike=False) for one in unlike)


def _how(looks: Looks, then: float, now: float) -> str:
    """How it stood then and stands now: "higher", "higher then, lower now", "as usual"."""
    told = [
        "as usual" if abs(shift) < LEAST_SHIFT else WORDS[looks][0] if shift > 0.0 else WORDS[looks][1]
        for shift in (then, now)
    ]
    return told[0] if told[0] == told[1] else f"{told[0]} then, {told[1]} now"


def listed(lead: str, phrases: Sequence[str]) -> str:
    """A sentence that lists phrases, or nothing."""
    return f"{lead}{', '.join(phrases)}." if phrases else ""


def about_times(ratio: float) -> str:
    """How many times, as a person would say it."""
    return f"more than {MOST_TIMES:.0f} times" if ratio >= 0.999 * MOST_TIMES else f"about {number(ratio)} times"
