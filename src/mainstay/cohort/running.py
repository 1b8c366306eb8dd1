"""One whole run over many people: batch after batch, then two tables: every answer, and what became of each person."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cohort import engine
from mainstay.cohort.asked import WHAT, Asked
from mainstay.cohort.engine import Tell, Workers
from mainstay.cohort.opening import opened
from mainstay.cohort.parts import Parts, alone_in, begun, drop_tables, room_for
from mainstay.cohort.rows import ENDS, FAILED, REFUSED
from mainstay.cohort.source import Part
from mainstay.cohort.withdrawal import erase_ended
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant

if TYPE_CHECKING:
    import polars as pl

ANSWERS, PEOPLE = "answers.parquet", "people.parquet"
OF_A_PERSON = ("person", "state", "reason", "n", "records", "days", "seconds")
ROWS_TOGETHER = 200_000
"""Rows of a group in the tables that come out: what is held in memory at a time."""
TWICE = "the records stand in more than one batch"


@dataclass(slots=True)
class Outcome:
    """What came of a run: how many people were told, refused and failed, and why; how many answers they got."""

    people: int = 0
    answers: int = 0
    cannot_say: int = 0
    seconds: float = 0.0
    states: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=lambda: {REFUSED: Counter(), FAILED: Counter()})


def run(
    address: str,
    out: Path,
    asked: Asked,
    *,
    workers: Workers,
    tell: Tell = lambda _: None,
    clock: Callable[[], Instant] | None = None,
) -> Outcome:
    """Ask everybody in the source, into the folder `out`; goes on with what an earlier run left there.

    Without `as_of` everybody is told as of the moment the run first began, also where it is finished later. Consent is
    judged when a batch is worked out (`asked.now`) and once more before the tables are written, at the time that
    `clock` then says (None: `asked.now`): whoever's has ended is refused, and nothing of their answers is kept.
    Refuses (`BadRequest`) a folder where another run is at work, or that holds the answers to another question.
    """
    if asked.what not in WHAT:
        raise BadRequest(f"{asked.what!r} has no answers of its own; ask one of {', '.join(WHAT)}")
    source = opened(address)
    parts = source.parts()
    with alone_in(out):
        asked = replace(asked, as_of=asked.as_of or first_begun(out) or asked.now)
        kept = Parts(out, address, asked)
        engine.run(address, parts, asked, kept=kept, workers=workers, tell=tell)
        ends, at = partial(drop_tables, out), asked.now if clock is None else clock()
        kept.only(parts, first=ends)
        erase_ended(opened(address), kept, parts, now=at, first=ends)
        return gathered(kept, parts, out)


def first_begun(out: Path) -> Instant | None:
    """As of when a run in a folder was first begun; None where none was."""
    held = (begun(out) or {}).get("as_of")
    if held is None:
        return None
    try:
        return Instant.parse(str(held))
    except BadRecord as error:
        raise BadRequest(f"{out} does not say as of when it was begun; choose another folder") from error


def gathered(kept: Parts, parts: Sequence[Part], out: Path) -> Outcome:
    """The two tables from all finished batches, whole or not at all, a batch at a time in memory.

    Whoever stands in more than one batch has failed: half a record is not that person's record.
    """
    import polars as pl

    found = Outcome()
    twice = _twice(kept, parts)
    with _Table(out / ANSWERS) as answers, _Table(out / PEOPLE) as people:
        for part in parts:
            table = kept.table(part)
            if twice:
                table = _failed(table, twice)
            ends = table.filter(pl.col("state").is_not_null())
            told = table.filter(pl.col("state").is_null()).drop(ENDS)
            answers.add(told)
            people.add(ends.select(OF_A_PERSON).rename({"n": "answers"}))
            _count(found, told, ends)
    return found


def _twice(kept: Parts, parts: Sequence[Part]) -> frozenset[str]:
    """Whose records stand in more than one batch, found by eight bytes a person."""
    import numpy as np
    import polars as pl

    hashes = [_ends(kept, part).select(pl.col("person").hash(seed=1)).to_series().to_numpy() for part in parts]
    values, counts = np.unique(np.concatenate(hashes) if hashes else np.empty(0, np.uint64), return_counts=True)
    suspects = values[counts > 1]
    if not len(suspects):
        return frozenset()
    seen: Counter[str] = Counter()
    for part in parts:
        ends = _ends(kept, part)
        seen.update(ends.filter(pl.col("person").hash(seed=1).is_in(suspects))["person"].to_list())
    return frozenset(person for person, count in seen.items() if count > 1)


def _ends(kept: Parts, part: Part) -> pl.DataFrame:
    table = kept.table(part, ["person", "state"])
    return table.filter(table["state"].is_not_null())


def _failed(table: pl.DataFrame, twice: frozenset[str]) -> pl.DataFrame:
    import polars as pl

    hit = pl.col("person").is_in(sorted(twice))
    table = table.filter(~hit | pl.col("state").is_not_null())
    said = {"state": pl.lit(FAILED), "reason": pl.lit(TWICE), "n": pl.lit(0, pl.Int64())}
    return table.with_columns(
        pl.when(hit).then(value).otherwise(pl.col(name)).alias(name) for name, value in said.items()
    )


def _count(found: Outcome, told: pl.DataFrame, ends: pl.DataFrame) -> None:
    found.people += ends.height
    found.answers += told.height
    found.cannot_say += int((told["status"] == "cannot_say").sum())
    found.seconds += float(ends["seconds"].sum())
    found.states.update(ends["state"].to_list())
    for state, counter in found.reasons.items():
        counter.update(ends.filter(ends["state"] == state)["reason"].to_list())


class _Table:
    """A Parquet file written a group of rows at a time, readable by its owner alone, whole or not at all."""

    def __init__(self, place: Path) -> None:
        self.place, self.building = place, place.with_name(f".{place.name}.new")
        self.held: list[pl.DataFrame] = []
        self.writer: Any = None

    def __enter__(self) -> _Table:
        self.building.unlink(missing_ok=True)
        os.close(os.open(self.building, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        return self

    def add(self, rows: pl.DataFrame) -> None:
        """More rows."""
        self.held.append(rows)
        if sum(one.height for one in self.held) >= ROWS_TOGETHER:
            self._write()

    def _write(self) -> None:
        import polars as pl
        import pyarrow.parquet as pq

        if not self.held:
            return
        table = pl.concat(self.held).to_arrow(compat_level=pl.CompatLevel.oldest())
        with room_for(self.place):
            if self.writer is None:
                self.writer = pq.ParquetWriter(self.building, table.schema, compression="zstd")
            self.writer.write_table(table)
        self.held = []

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._write()
                self.close()
                self.building.replace(self.place)
        finally:
            try:
                self.close()
            finally:
                self.building.unlink(missing_ok=True)

    def close(self) -> None:
        """Lets the file go; twice is harmless."""
        writer, self.writer = self.writer, None
        if writer is not None:
            with room_for(self.place):
                writer.close()
