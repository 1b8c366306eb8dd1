"""The check on a real study: moods shuffled across days within each person, and nothing may stand out."""

import itertools
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.cohort import groups
from mainstay.cohort.asked import Asked
from mainstay.cohort.layout import COLUMNS, ITEM_COLUMNS, types
from mainstay.cohort.opening import opened
from mainstay.cohort.running import run
from mainstay.cohort.workers import threads
from mainstay.quantities import Instant

SHARED = Path(__file__).parents[3] / "shared" / "data"
TABLE = SHARED / "lifesnaps2021" / "daily_fitbit_sema_df_unprocessed.csv"
MOODS = {"ALERT": 1, "HAPPY": 1, "NEUTRAL": 0, "RESTED/RELAXED": 1, "SAD": -1, "TENSE/ANXIOUS": -1, "TIRED": -1}
PLACES = {
    "GYM": ("relief", 17),
    "OUTDOORS": ("relief", 16),
    "ENTERTAINMENT": ("relief", 18),
    "WORK/SCHOOL": ("demand", 9),
}
NOW = Instant.parse("2022-06-01T12:00+00:00")
pytestmark = pytest.mark.skipif(not TABLE.exists(), reason="the study's table is not here")


def numbers(rows, name):
    return rows[name].cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy().copy()


def shuffled(folder, seed, most):
    """The study as a data set: moods at eight in the evening, places as relief and demands, short nights as demands."""
    rng = np.random.default_rng(seed)
    (folder / "records").mkdir(parents=True)
    held = []
    days = pl.read_csv(TABLE, infer_schema_length=10_000)
    for (person,), rows in itertools.islice(days.group_by(["id"], maintain_order=True), most):
        dates = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in rows["date"]]
        mood = sum(weight * numbers(rows, name) for name, weight in MOODS.items())
        there = np.flatnonzero(np.isfinite(mood))
        mood[there] = mood[rng.permutation(there)]
        base = {"person": person, "offset_s": 0}
        for i in there:
            at = dates[i] + timedelta(hours=20)
            held.append(
                base | {"stream": "mood", "kind": "check_in", "happened": at, "label": "mood", "value": mood[i]}
            )
        slept = numbers(rows, "minutesAsleep")
        short = slept < np.nanquantile(slept, 0.25) if np.isfinite(slept).sum() > 10 else np.zeros(len(slept), bool)
        for name, (kind, hour) in PLACES.items():
            for i in np.flatnonzero(numbers(rows, name) == 1.0):
                at = dates[i] + timedelta(hours=hour)
                held.append(
                    base | {"stream": "place", "kind": "event", "happened": at, "label": name.lower(), "is": kind}
                )
        for i in np.flatnonzero(short):
            at = dates[i] + timedelta(hours=7)
            held.append(
                base | {"stream": "sleep", "kind": "event", "happened": at, "label": "short night", "is": "demand"}
            )
    pl.DataFrame(held, schema=types(COLUMNS)).write_parquet(folder / "records" / "000000.parquet")
    item = {
        "name": "mood",
        "label": "Mood",
        "low": -3.0,
        "high": 3.0,
        "better": "high",
        "ordinal": False,
        "anchor": True,
    }
    pl.DataFrame([item], schema=types(ITEM_COLUMNS)).write_parquet(folder / "items.parquet")
    (folder / "cohort.toml").write_text(
        'form = 1\n[consent]\nby = "study"\nbasis = "published"\npurposes = ["cohort"]\n'
    )
    return str(folder)


def named_in(tmp_path, seed, most):
    source = shuffled(tmp_path / "people", seed, most)
    hands = threads(1)
    run(source, tmp_path / "out", Asked("strain", NOW), workers=hands)
    hands.close()
    said = groups.of(opened(source), tmp_path / "out", now=NOW)
    assert sum((one.tests.p < 1.0).sum() for one in said.tested) >= most / 2
    return sum(one.named.people.sum() for one in said.tested)


def test_shuffled_moods_of_some_people_show_nothing(tmp_path):
    assert named_in(tmp_path, 1, 20) == 0


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1, 25))
def test_shuffled_moods_show_nothing(tmp_path, seed):
    assert named_in(tmp_path, seed, 71) == 0
