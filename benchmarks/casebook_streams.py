"""Dense signals: 2.6 million samples of a watch, written to a casebook and read back, beside plain files without keys.

Peers in the same run, neither encrypted: one Parquet file by polars (zstd), and rows of a SQLite table. Three signals:
a pulse every twelve seconds in whole beats; one with noise from reading to reading, in tenths, at uneven times; and the
intervals between beats in milliseconds, each at its own time. Writing ends when the disk has it (SQLite's
synchronous=FULL; the Parquet file is synced).
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
from timing import Job, machine, race, report

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Record, Signal

SAMPLES = 2_600_000
START = Instant.parse("2024-01-01T00:00+00:00")
CONSENT = Consent(given_at=START)


def signals() -> dict[str, Signal]:
    """By name, with what is hard about them."""
    rng = np.random.default_rng(1)
    slow = 62 + 8 * np.sin(np.arange(SAMPLES) * (2 * np.pi / 7_200)) + np.cumsum(rng.normal(0, 0.02, SAMPLES)) % 6
    every = np.arange(SAMPLES, dtype=np.int64) * 12_000_000
    gaps = rng.choice([10, 11, 12, 13, 14], SAMPLES).astype(np.int64) * 1_000_000
    beats = np.round(60_000 / (slow + rng.normal(0, 2, SAMPLES)))
    return {
        "whole beats, every 12 s": Signal("pulse", "per minute", START.utc_us + every, np.round(slow)),
        "tenths, noisy, 10 to 14 s": Signal(
            "pulse", "per minute", START.utc_us + np.cumsum(gaps), np.round(slow + rng.normal(0, 2, SAMPLES), 1)
        ),
        "beat to beat, ms": Signal(
            "interval", "ms", START.utc_us + np.cumsum(beats.astype(np.int64)) * 1_000, beats
        ),
    }  # fmt: skip


def fresh(folder: Path, name: str) -> Path:
    """A file of this name that is not there."""
    for path in folder.glob(f"{name}*"):
        path.unlink()
    return folder / name


def to_casebook(casebook: Casebook, signal: Signal) -> None:
    """As a stream of its own, each time another."""
    name = f"watch {time.perf_counter_ns()}"
    casebook.add(Batch(name, (Record(name, name, START, START, name, signal),)), CONSENT, now=START)


def to_parquet(path: Path, signal: Signal) -> None:
    """Plain, by polars, synced."""
    with path.open("wb") as file:
        pl.DataFrame({"at": signal.times_us, "value": signal.values}).write_parquet(file, compression="zstd")
        os.fsync(file.fileno())


def to_rows(folder: Path, signal: Signal) -> None:
    """One row a sample, in one transaction."""
    connection = sqlite3.connect(fresh(folder, "rows"))
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE sample (at INTEGER PRIMARY KEY, value REAL) WITHOUT ROWID")
    pairs = zip(signal.times_us.tolist(), signal.values.tolist(), strict=True)
    connection.executemany("INSERT INTO sample VALUES (?, ?)", pairs)
    connection.commit()
    connection.close()


def from_rows(folder: Path) -> pl.DataFrame:
    """All rows as a frame."""
    connection = sqlite3.connect(folder / "rows")
    found = connection.execute("SELECT at, value FROM sample").fetchall()
    connection.close()
    return pl.DataFrame(found, schema={"at": pl.Int64, "value": pl.Float64}, orient="row")


def compare(folder: Path, name: str, signal: Signal) -> None:
    """Sizes, and races of writing and reading."""
    casebook = Casebook.create(fresh(folder, "case"), "four quiet words", now=START, cost=KeySlotCost.least())
    empty = casebook.path.stat().st_size
    casebook.add(Batch("w", (Record("w", "w", START, START, "w", signal),)), CONSENT, now=START)
    size = casebook.path.stat().st_size - empty
    parquet = folder / "plain.parquet"
    writing: dict[str, Job] = {
        "mainstay": partial(to_casebook, casebook, signal),
        "polars: plain Parquet, not encrypted": partial(to_parquet, parquet, signal),
        "sqlite3: rows, not encrypted": partial(to_rows, folder, signal),
    }
    figures = race(writing, 6.0)
    print(f"\n== {name}: {size / 1e6:.2f} MB, plain Parquet {parquet.stat().st_size / 1e6:.2f} MB, ", end="")
    print(f"rows {(folder / 'rows').stat().st_size / 1e6:.0f} MB")
    report(f"write {SAMPLES:,} samples, on the disk", figures)
    reading: dict[str, Job] = {
        "mainstay": partial(casebook.samples, "w", signal.channel, "own_answers", now=START),
        "polars: plain Parquet, not encrypted": partial(pl.read_parquet, parquet),
        "sqlite3: rows, not encrypted": partial(from_rows, folder),
    }
    report("read as a frame", race(reading, 6.0))
    first = Instant(int(signal.times_us[0]))
    month: Job = partial(
        casebook.samples, "w", signal.channel, "own_answers", now=START, start=first, end=first.plus_days(29)
    )
    report("read one month", race({"mainstay": month}, 1.0))
    assert casebook.samples("w", signal.channel, "own_answers", now=START)["value"].equals(pl.Series(signal.values))
    casebook.close()


def main() -> None:
    """Print the figures."""
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        for name, signal in signals().items():
            compare(Path(folder), name, signal)


if __name__ == "__main__":
    main()
