"""A small casebook to try things on."""

from pathlib import Path

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, CheckIn, Event, Item, Record, record_id

NOW = Instant(1_700_000_000_000_000, 3600)
PASSPHRASE = "four quiet words here"


@pytest.fixture
def now() -> Instant:
    return NOW


@pytest.fixture
def passphrase() -> str:
    return PASSPHRASE


@pytest.fixture
def new_casebook(tmp_path: Path):
    """Makes a casebook at the lowest cost that is allowed; closed at the end of the test."""
    made: list[Casebook] = []

    def make(name: str = "case.mainstay") -> Casebook:
        made.append(Casebook.create(tmp_path / name, PASSPHRASE, now=NOW, cost=KeySlotCost.least()))
        return made[-1]

    yield make
    for casebook in made:
        casebook.close()


@pytest.fixture
def diary() -> Batch:
    """Six check-ins on one item in stream `diary`, and two events in stream `acts`."""
    item = Item("tension", "How tense are you?", 0.0, 10.0, "low", "calm", "unbearable")
    records = [
        Record(
            record_id("d", "diary", str(k)),
            "diary",
            NOW.plus_days(-k),
            NOW.plus_days(-k),
            "d.csv",
            CheckIn("tension", float(k)),
        )
        for k in range(6)
    ]
    records += [
        Record(
            record_id("d", "acts", str(k)),
            "acts",
            NOW.plus_days(-k),
            NOW.plus_days(-k),
            "d.csv",
            Event("quarrel", "relief"),
        )
        for k in range(2)
    ]
    return Batch("d.csv", tuple(records), (item,), "tension")
