"""A data set of five simulated people in batches of two, each with some months on record."""

from pathlib import Path

import pytest

from mainstay.cohort.writing import write
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch
from mainstay.worlds import simulate

NOW = Instant.parse("2024-05-02T12:00+02:00")
PEOPLE = 5


@pytest.fixture(scope="session")
def worlds():
    """Whom the data set is made of, by name."""
    found = {}
    for seed in range(PEOPLE):
        [world] = simulate("two_roles", seed).values()
        early = tuple(one for one in world.records if one.known < NOW)
        found[f"p{seed}"] = Batch("simulated", early, world.items, world.anchor)
    return found


@pytest.fixture(scope="session")
def data_set(worlds, tmp_path_factory) -> Path:
    """Their records as a cohort's source."""
    folder = tmp_path_factory.mktemp("cohort") / "people"
    assert write(worlds.items(), folder, basis="simulated; nobody is real", purposes=("cohort",), batch=2) == PEOPLE
    return folder
