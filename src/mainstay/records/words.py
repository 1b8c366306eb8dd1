"""Counts and names as receipts and refusals write them."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMES = 40


def counted(number: int, noun: str, several: str | None = None) -> str:
    """A number with its noun: 1 row, 2 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {several or noun + 's'}"


def few(names: Sequence[str]) -> str:
    """The first forty names, and how many more there are."""
    shown = ", ".join(names[:MOST_NAMES])
    return shown if len(names) <= MOST_NAMES else f"{shown}, … {len(names) - MOST_NAMES} more"
