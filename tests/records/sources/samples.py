"""What tests of readers share: where published samples lie, and what a batch holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Receipt, Record, Signal

DATA = Path(__file__).parents[4] / "shared" / "data"
NOW = Instant.parse("2025-06-01T12:00+02:00")


def sample(name: str) -> Path:
    """A published sample by its path; a test that needs it is skipped where it isn't."""
    place = DATA / name
    if not place.exists():
        pytest.skip(f"{name} is not beside the project")
    return place


def bodies(batch: Batch, kind: type) -> list[Record]:
    """The records of one kind."""
    return [record for record in batch.records if isinstance(record.body, kind)]


def channel(batch: Batch, name: str) -> list[Record]:
    """The records of one channel, a month each."""
    return [record for record in bodies(batch, Signal) if record.body.channel == name]


def values(batch: Batch, name: str) -> list[float]:
    """The samples of one channel, in time."""
    return [float(value) for record in channel(batch, name) for value in record.body.values]


def rows(receipt: Receipt) -> tuple[int, int, int]:
    """Rows read, refused and empty."""
    return receipt.rows_read, receipt.rows_refused, receipt.rows_empty
