"""A change in words: so much less or more, without minus signs."""

from __future__ import annotations

from mainstay.strain.wording import number

NOTHING = 5e-3


def change(by: float, unit: str) -> str:
    """A change of a size: "1.8 points of tension less"; "no change" where it would be told as nought."""
    if abs(by) < NOTHING:
        return "no change"
    return f"{number(abs(by))} {unit} {'less' if by < 0.0 else 'more'}"


def changes_between(low: float, high: float, unit: str, word: str = "to") -> str:
    """A range of changes: "0.3 points of tension less to 1.2 more", "1.2 to 2.3 points of tension less"."""
    if high < NOTHING and low < -NOTHING:
        least = number(abs(high)) if high < -NOTHING else "0"
        return f"{least} {word} {number(abs(low))} {unit} less"
    if low > -NOTHING and high > NOTHING:
        return f"{number(low) if low > NOTHING else '0'} {word} {number(high)} {unit} more"
    if low < -NOTHING:
        return f"{number(abs(low))} {unit} less {word} {number(high)} more"
    return "no change"
