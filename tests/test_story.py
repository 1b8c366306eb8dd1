"""Claims about the whole flow: records in, answers out, by the casebook or from dataframes."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import mainstay
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.errors import BadRequest, NaiveInstant
from mainstay.quantities import CannotSay, Instant
from mainstay.records.reader import read
from mainstay.story import Story, analyse, tell
from mainstay.timeline.reader import read as read_timeline
from mainstay.worlds import simulate, write

NOW = Instant.of(datetime(2026, 1, 1, tzinfo=UTC))
EARLY = Instant.parse("2024-05-01T00:00+02:00")
TINY = """
[source]
zone = "Europe/Amsterdam"
time = "when"
[[item]]
column = "mood"
low = 1
high = 7
better = "high"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of a simulated person as `mainstay simulate` writes them."""
    place = tmp_path_factory.mktemp("somebody")
    [person] = simulate("two_roles", 1).values()
    write(person, place)
    return place


@pytest.fixture(scope="module")
def by_casebook(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Story:
    """The story by the long way: reader, casebook, timeline."""
    batch, _ = read(folder, now=NOW)
    path = tmp_path_factory.mktemp("case") / "somebody.mainstay"
    with Casebook.create(path, "four quiet words", now=NOW, cost=KeySlotCost.least()) as casebook:
        casebook.add(batch, Consent(given_at=NOW), now=NOW)
        return tell(read_timeline(casebook, "own_answers", EARLY, now=NOW), made_at=NOW)


def as_polars(path: Path) -> Any:
    return pl.read_csv(path)


def as_pandas(path: Path) -> Any:
    import pandas as pd

    return pd.read_csv(path)


def as_arrow(path: Path) -> Any:
    from pyarrow import csv

    return csv.read_csv(path)


def said(story: Story) -> list[dict[str, Any]]:
    """What the answers say; the records' ids, which carry the source's name, aside."""
    return [{name: part for name, part in one.items() if name not in ("id", "from")} for one in story.records()]


@pytest.mark.parametrize("load", [as_polars, as_pandas, as_arrow])
def test_any_dataframe_gives_the_answers_of_the_casebook(
    load: Callable[[Path], Any], folder: Path, by_casebook: Story
) -> None:
    frames = {path.stem: load(path) for path in folder.glob("*.csv")}
    story = analyse(frames, folder / "mainstay.toml", now=NOW, as_of=EARLY)
    assert said(story) == said(by_casebook)
    assert story.curves is not None
    assert by_casebook.curves is not None
    np.testing.assert_array_equal(story.curves.strain, by_casebook.curves.strain)


def test_a_story_has_its_rows_in_order(by_casebook: Story) -> None:
    rows = list(dict.fromkeys(answer.row for answer in by_casebook.answers))
    assert rows == sorted(rows, key=lambda row: int(row[1:]))
    assert {"S2", "S4", "S9", "S10", "S11", "S12"} <= set(rows)


def test_the_same_records_give_the_same_story(by_casebook: Story) -> None:
    again = tell(by_casebook.timeline, made_at=NOW)
    assert again.records() == by_casebook.records()


def test_one_frame_needs_no_name_and_a_thin_one_is_an_answer() -> None:
    frame = pl.DataFrame({"when": ["2024-01-08T09:00", "2024-01-08T21:00", "soon"], "mood": [3, 4, 5]})
    story = analyse(frame, TINY, now=datetime(2025, 1, 1, tzinfo=UTC))
    assert isinstance(story.answers[0], CannotSay)
    assert story.curves is None
    assert story.receipt is not None
    assert (story.receipt.rows_read, story.receipt.rows_refused) == (3, 1)


def test_a_notebook_writes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    analyse(pl.DataFrame({"when": ["2024-01-08T09:00"], "mood": [3]}), TINY, now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_clock_without_zone_and_a_date_to_come_are_refused() -> None:
    frame = pl.DataFrame({"when": ["2024-01-08T09:00"], "mood": [3]})
    with pytest.raises(NaiveInstant):
        analyse(frame, TINY, now=datetime(2025, 1, 1))
    with pytest.raises(BadRequest, match="future"):
        analyse(frame, TINY, now=EARLY, as_of=NOW)


def test_the_public_door_is_the_story(folder: Path) -> None:
    assert mainstay.analyse is analyse
    assert mainstay.tell is tell


def test_a_moment_that_is_none_is_refused() -> None:
    with pytest.raises(BadRequest, match="no moment"):
        analyse({}, "a = 1", now="2024-01-01")  # type: ignore[arg-type]
