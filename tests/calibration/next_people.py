"""Real people's records that lie beside the project, read where they lie, as timelines."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from mainstay.quantities import Instant
from mainstay.records.reader import read
from mainstay.timeline.reader import from_records

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
MAPPINGS = ROOT / "docs" / "howto" / "mappings"
NOW = Instant.parse("2026-11-01T00:00+00:00")
ATTACK = "panic attack"
BETTER_HIGH = {"energetic", "enthusiastic", "content", "positive", "accepted"}
NOT_ITEMS = ("id", "start", "finish", "lag", "tdif", "cumsumT", "hours")

WORN = "".join(
    f'\n[[file]]\npath = "{path}.csv"\nname = "{name}"\ndate = "date"\n' for path, name in (
        ("daily_HR_date", "heart"), ("daily_foot_date", "feet"), ("daily_sleep", "nights"),
        ("daily_circadian_parameter", "rhythm"),
    )
) + "".join(
    f'\n[[signal]]\nfile = "{file}"\ncolumn = "{column}"\nchannel = "{file} {column}"\nunit = "{unit}"\n'
    for file, column, unit in (
        ("heart", "HR_mean", "bpm"), ("heart", "HR_max", "bpm"), ("heart", "HR_var", "bpm2"),
        ("heart", "HR_hvar_mean", "bpm2"), ("feet", "foot_mean", "steps"), ("feet", "foot_max", "steps"),
        ("feet", "foot_hvar_mean", "steps2"), ("nights", "sleep_duration", "hours"), ("nights", "sleep_in", "hours"),
        ("nights", "sleep_out", "hours"), ("rhythm", "acr", "hours"), ("rhythm", "amp", "bpm"),
        ("rhythm", "mesor", "bpm"),
    )
)  # fmt: skip
"""What the wristband of the study on panic told, day by day, besides what the mapping in the docs takes."""


def there(name):
    """Whether a data set lies beside the project."""
    return (DATA / name).exists()


def _people_in(path, column):
    with path.open(newline="") as file:
        return sorted({row[column] for row in csv.DictReader(file)})


def _fisher():
    path = DATA / "fisher2017" / "fisher2017_raw_timestamps.csv"
    with path.open(newline="") as file:
        items = [one for one in next(csv.reader(file)) if one not in NOT_ITEMS]
    text = (
        '[source]\nname="fisher"\nzone="America/Los_Angeles"\nfile="fisher2017_raw_timestamps.csv"\ntime="start"\n'
        'time_format="%m/%d/%Y %H:%M"\nperson={column="id"}\nanchor="down"\n'
    )
    for one in items:
        better = "high" if one in BETTER_HIGH else "low"
        text += f'[[item]]\ncolumn="{one}"\nlow=0\nhigh=100\nbetter="{better}"\nordinal=false\n'
    return path, text, _people_in(path, "id")


def _fried():
    path = DATA / "fried2021" / "authors_clean_ema.csv"
    text = (
        '[source]\nname="fried"\nzone="Europe/Amsterdam"\nfile="authors_clean_ema.csv"\ntime="Scheduled"\n'
        'person={column="ID"}\n'
    )
    text += "".join(f'[[item]]\ncolumn="Q{k}"\nlow=1\nhigh=5\nbetter="low"\n' for k in range(1, 18))
    return path, text, _people_in(path, "ID")


def _pmdata():
    path = DATA / "pmdata2019"
    text = (MAPPINGS / "pmdata2019.toml").read_text()
    for column, low, high in (("sleep_quality", 1, 5), ("soreness", 1, 5), ("readiness", 1, 10)):
        text += f'\n[[item]]\nfile = "wellness"\ncolumn = "{column}"\nlow = {low}\nhigh = {high}\nbetter = "high"\n'
    return path, text, _people_in(path / "wellness.csv", "participant")


def _panic():
    path = DATA / "panic24_jang2024"
    names = {name for file in ("panic_events.csv", "emotion_diary.csv") for name in _people_in(path / file, "id")}
    return path, (MAPPINGS / "panic24_jang2024.toml").read_text() + WORN, sorted(names)


SETS = {"fisher": _fisher, "fried": _fried, "pmdata": _pmdata, "panic": _panic}


@cache
def people(name):
    """Everybody of a data set as (who, timeline)."""
    path, text, names = SETS[name]()
    found = []
    for who in names:
        batch, _ = read(path, text, now=NOW, person=who)
        found.append((who, from_records(batch.records, batch.items, batch.anchor, as_of=NOW)))
    return tuple(found)
