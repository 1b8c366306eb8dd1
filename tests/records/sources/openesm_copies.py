"""Published sets as openESM writes them: the copies beside the project carry their authors' own names and clocks."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path

from records.sources.samples import sample

METADATA = "openesm_reference/data/metadata"
Row = dict[str, str]
FISHER_NAMES = {
    "tension": "muscle_tension", "concentrate": "difficulty_concentrating", "ruminate": "rumination",
    "avoid_act": "avoid_activity", "procrast": "procrastination",
}  # fmt: skip
FRIED_QUESTIONS = [
    "difficulties_relaxing", "irritable", "worry", "nervous", "nothing_look_forward", "anhedonia", "tired", "hungry",
    "alone", "angry", "social_offline", "social_online", "time_music", "procrastinated", "time_outdoors",
    "covid_occupied", "covid_worry", "time_home",
]  # fmt: skip


STAMPS = ("start", "finish")


def as_openesm(
    folder: Path, number: str, origin: str, rename: dict[str, str], change: Callable[[Row], Row] = dict
) -> list[Row]:
    """Write a copy of a published set with openESM's names, tabs and NA, and its metadata beside it; its own rows."""
    path, metadata = sample(origin), sample(METADATA)
    [about] = metadata.glob(f"{number}_*_metadata.json")
    shutil.copy(about, folder)
    with path.open(encoding="utf-8-sig", newline="") as stream:
        own = list(csv.DictReader(stream))
    written = [change(row) for row in own]
    names = [rename.get(name, name.lower()) for name in written[0]]
    lines = ["\t".join(names), *("\t".join(cell or "NA" for cell in row.values()) for row in written)]
    (folder / f"{number}_set_ts.tsv").write_text("\n".join(lines) + "\n")
    return own


def fisher_2017(folder: Path) -> list[Row]:
    """Fisher and others 2017: clocks become what openESM makes of clocks without a zone."""
    origin = "fisher2017/fisher2017_raw_timestamps.csv"
    return as_openesm(
        folder, "0033", origin, FISHER_NAMES, lambda row: row | {name: _iso(row[name]) for name in STAMPS}
    )


def fried_2021(folder: Path) -> list[Row]:
    """Fried and others 2021. Its `Day` is a date and its `time` repeats Scheduled; nothing read rests on either."""
    questions = {f"Q{number}": name for number, name in enumerate(FRIED_QUESTIONS, 1)}
    return as_openesm(folder, "0001", "fried2021/authors_clean_ema.csv", questions)


def _iso(text: str) -> str:
    if text in ("", "NA"):
        return "NA"
    day, clock = text.split(" ")
    month, number, year = day.split("/")
    return f"{year}-{int(month):02d}-{int(number):02d}T{clock.rjust(5, '0')}:00Z"
