"""The table that comes out: a row for every answer, and one for what became of each person."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

TOLD, REFUSED, FAILED = "told", "refused", "failed"
FIELDS = (
    "row", "about", "status", "claim", "quantity", "estimate", "low", "high", "level", "probability", "unit", "n",
    "reason", "have", "need", "need_unit", "method", "failed_check",
    "unsure", "unsure_low", "unsure_high", "e_more", "e_less",
)  # fmt: skip
"""What the table holds of an answer; the words and curves that only one person needs stay with that person.

`unsure` and what follows: what only the group reads (`group_questions.for_the_group`).
"""
ENDS = ("state", "seconds", "records", "days", "rests_on")
"""What it holds of a person besides, in their last row."""
NUMBERS = (
    "estimate", "low", "high", "level", "probability", "have", "need",
    "unsure", "unsure_low", "unsure_high", "e_more", "e_less",
)  # fmt: skip


def types() -> dict[str, pl.DataType]:
    """The columns: the person, each answer's fields; in the person's last row their state, its seconds, how many
    records over how many days, and on what the answers rest, in words of the source's own (see `Source.ended`)."""
    import polars as pl

    fields: dict[str, pl.DataType] = {name: pl.Float64() if name in NUMBERS else pl.String() for name in FIELDS}
    last: dict[str, pl.DataType] = {
        "state": pl.String(), "seconds": pl.Float64(), "records": pl.Int64(), "days": pl.Float64(),
        "rests_on": pl.String(),
    }  # fmt: skip
    return {"person": pl.String(), **fields, "n": pl.Int64(), **last}


def answer_row(person: str) -> dict[str, Any]:
    """A row of an answer, still empty."""
    return dict.fromkeys((*FIELDS, *ENDS)) | {"person": person}


def end_row(
    person: str,
    state: str,
    reason: str,
    seconds: float | None,
    answers: int,
    *,
    rests_on: str | None = None,
    read: tuple[int, float] | None = None,
) -> dict[str, Any]:
    """What became of a person: told, refused or failed and why; how many answers, in how many seconds of theirs.

    `read`: how many records they rest on, and how many days these span.
    """
    records, days = read or (None, None)
    return answer_row(person) | {
        "state": state, "reason": reason, "seconds": seconds, "n": answers, "rests_on": rests_on,
        "records": records, "days": days,
    }  # fmt: skip


def as_bytes(table: pl.DataFrame) -> bytes:
    """A table as Arrow bytes, so that it travels from any worker."""
    import io

    held = io.BytesIO()
    table.write_ipc(held, compression="zstd")
    return held.getvalue()
