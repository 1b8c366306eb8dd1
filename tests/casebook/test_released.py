"""Casebooks that earlier versions wrote open today, with everything in them (tests/casebook/released)."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from mainstay.casebook import Casebook, schema
from mainstay.errors import CasebookError
from mainstay.quantities import Instant
from mainstay.records.kinds import Signal

RELEASED = Path(__file__).with_name("released")
PASSPHRASE = "four quiet words here"
THEN = Instant.parse("2024-05-01T12:00+02:00")


@pytest.fixture
def first(tmp_path):
    """A copy of a casebook of the first schema: a diary, acts, a watch, and a stream for own answers and a cohort."""
    shutil.copy(RELEASED / "schema-1.mainstay", tmp_path / "old.mainstay")
    return tmp_path / "old.mainstay"


def content(casebook):
    stored = casebook.read("own_answers", now=THEN)
    return stored.items, stored.anchor, [(r.id, r.stream, r.happened, r.known, r.source) for r in stored.records]


def test_a_casebook_of_the_first_schema_is_brought_up_with_all_it_held(first):
    with Casebook.open(first, PASSPHRASE) as casebook:
        assert casebook._connection.execute("PRAGMA user_version").get == schema.VERSION
        before = content(casebook)
        assert len(before[2]) == 51
        heart = next(r.body for r in casebook.read("own_answers", now=THEN).records if r.stream == "heart")
        assert isinstance(heart, Signal)
        assert np.array_equal(np.diff(heart.times_us), np.full(2999, 1_800_000_000))
        assert heart.values[0] == 60.0
        assert heart.values.sum() == pytest.approx(60 * 3000, abs=200)
        assert [one.payload for one in casebook.kept_answers("story", purpose="own_answers", now=THEN)] == [
            b'{"kept": true}'
        ]
        assert {one.name: len(one.consent) for one in casebook.streams()} == {
            "acts": 1, "diary": 1, "heart": 1, "movement": 2,
        }  # fmt: skip
    with Casebook.open(first, PASSPHRASE) as casebook:
        assert content(casebook) == before


def test_a_newer_casebook_is_refused_with_a_sentence(first):
    with Casebook.open(first, PASSPHRASE) as casebook:
        casebook._connection.execute(f"PRAGMA user_version={schema.VERSION + 1}")
    with pytest.raises(CasebookError, match="newer Mainstay"):
        Casebook.open(first, PASSPHRASE)
