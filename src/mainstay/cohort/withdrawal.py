"""Consent once more, when a run is done: whoever's ended meanwhile is in no table, and their part is rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from mainstay.cohort.opening import Source
from mainstay.cohort.parts import Parts
from mainstay.cohort.rows import ENDS, REFUSED, as_bytes
from mainstay.cohort.source import PURPOSE, Part
from mainstay.quantities import Instant

if TYPE_CHECKING:
    import polars as pl


def erase_ended(
    source: Source,
    kept: Parts,
    parts: Iterable[Part],
    *,
    now: Instant,
    purpose: str = PURPOSE,
    first: Callable[[], None] = lambda: None,
) -> int:
    """Rewrites finished batches without the answers of those whose consent no longer holds; gives how many people.

    Consent is judged at `now`, for the purpose and by what each person's answers rest on (`rests_on` of their last
    row). Who is dropped stays as one row: refused, and why. Whole batch by whole batch, so that a kill in between
    leaves nothing half rewritten; done again, it changes nothing. `first` is done before any is rewritten: what
    was made of them goes before they do, since after a kill nobody would know any more that it has to.
    """
    count = 0
    for part in parts:
        over = _ended(source, kept.table(part, ["person", "state", "rests_on"]), now, purpose)
        if over:
            if not count:
                first()
            kept.keep(part, as_bytes(without(kept.table(part), over)))
            count += len(over)
    return count


def any_ended(source: Source, kept: Parts, parts: Iterable[Part], *, now: Instant, purpose: str) -> bool:
    """Whether the consent of anybody in these batches holds no longer. Nothing is rewritten."""
    tables = (kept.table(part, ["person", "state", "rests_on"]) for part in parts)
    return any(_ended(source, table, now, purpose) for table in tables)


def without(table: pl.DataFrame, over: Mapping[str, str]) -> pl.DataFrame:
    """A batch without the answers of these people: each is refused, for the reason given."""
    import polars as pl

    hit = pl.col("person").is_in(list(over))
    table = table.filter(~hit | pl.col("state").is_not_null())
    why = pl.col("person").replace_strict(over, default=None, return_dtype=pl.String())
    said = dict.fromkeys(ENDS) | {"state": pl.lit(REFUSED), "reason": why, "n": pl.lit(0, pl.Int64())}
    return table.with_columns(
        pl.when(hit).then(value).otherwise(pl.col(name)).alias(name) for name, value in said.items()
    )


def _ended(source: Source, table: pl.DataFrame, now: Instant, purpose: str) -> dict[str, str]:
    ends = table.filter(table["state"].is_not_null() & (table["state"] != REFUSED))
    if ends.is_empty():
        return {}
    rests_on = dict(zip(ends["person"].to_list(), ends["rests_on"].to_list(), strict=True))
    return source.ended(rests_on, now=now, purpose=purpose)
