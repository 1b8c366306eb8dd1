"""The table that comes out: a row for every answer, and one for what became of each person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

TOLD, REFUSED, FAILED = "told", "refused", "failed"
FIELDS = (
    "row", "about", "status", "claim", "quantity", "estimate", "low", "high", "level", "probability", "unit", "n",
    "reason", "have", "need", "need_unit", "method",
)  # fmt: skip
"""What the table holds of an answer; the words and curves that only one person needs stay with that person."""
NUMBERS = ("estimate", "low", "high", "level", "probability", "have", "need")


def types() -> dict[str, pl.DataType]:
    """The columns: the person, each answer's fields, and in the person's last row their state and its seconds."""
    import polars as pl

    fields: dict[str, pl.DataType] = {name: pl.Float64() if name in NUMBERS else pl.String() for name in FIELDS}
    return {"person": pl.String(), **fields, "n": pl.Int64(), "state": pl.String(), "seconds": pl.Float64()}


def answer_row(person: str) -> dict[str, Any]:
    """A row of an answer, still empty."""
    return dict.fromkeys(FIELDS) | {"person": person, "state": None, "seconds": None}


def end_row(person: str, state: str, reason: str, seconds: float | None, answers: int) -> dict[str, Any]:
    """What became of a person: told, refused or failed and why; how many answers, in how many seconds of theirs."""
    return dict.fromkeys(FIELDS) | {
        "person": person, "state": state, "reason": reason, "seconds": seconds, "n": answers
    }  # fmt: skip
