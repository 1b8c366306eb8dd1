"""Counts and names as receipts and refusals write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MOST_NAMES = 40


def counted(number: int, noun: str, several: str | None = None) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {several or noun + 's'}"


def listed(names: Iterable[str], word: str = "and") -> str:
    """Names as a sentence has them: "a", "a and b", "a, b and c"; nothing where there are none."""
    *some, last = (*names,) or ("",)
    return f"{', '.join(some)} {word} {last}" if some else last


def quoted(names: Iterable[str], word: str = "and") -> str:
    """Names of the person's own as a sentence has them: “a”, “b” and “c”."""
    return listed((f"“{name}”" for name in names), word)


def few(names: Sequence[str]) -> str:
    """The first forty names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown}, … {len(names) - MOST_NAMES} more"
