"""Mappings that come with Mainstay, for exports of which no real one could be had: known by their columns, untested.

Each is a mapping file as anybody may write it (docs/howto/map-your-records.md); the receipt says that it is untested.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path

from mainstay.errors import BadMapping
from mainstay.records.mapping import Mapping, read_mapping
from mainstay.records.mapping_tables import FileTable, ItemTable, RowTable, SignalTable, SourceTable, TimeKeys
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import header_of

UNTESTED = "untested on a real export: check a few records against the app"
_HERE = Path(__file__).parent
_FILES_OWN = ("delimiter", "decimal", "missing", "where", "person", "start")


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of file of an export: the mapping that reads it, and the columns by which it is known."""

    mapping: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class Preset:
    """An app or device whose exports are read by mappings, and where a person finds the export."""

    name: str
    title: str
    found_at: str
    parts: tuple[Part, ...]

    def files_in(self, place: Place) -> dict[str, Part]:
        """The files of a place that its mappings read, each with its part."""
        found = {}
        for file in place.matching("*.csv"):
            columns = set(header_of(place, file))
            part = next((one for one in self.parts if columns >= one.columns), None)
            if part is not None:
                found[file] = part
        return found

    def plan(self, place: Place) -> Mapping:
        """The mapping of all files of a place that it reads. Refuses (`BadMapping`) a place without any, and a zip."""
        files = self.files_in(place)
        if not files:
            raise BadMapping(f"{place.name} holds no file with the columns of an export of {self.title}")
        if place.path.is_file() and place.files != (place.path.name,):
            raise BadMapping(
                f"{place.name} is a zip; unzip it and give the folder, for {self.title} is read by mappings"
            )
        whole = Mapping()
        for file, part in files.items():
            whole = _joined(whole, read_mapping(_HERE / part.mapping), file, set(header_of(place, file)))
        return replace(whole, source=SourceTable(name=self.title, anchor=whole.source.anchor))


def _joined(whole: Mapping, plan: Mapping, file: str, columns: set[str]) -> Mapping:
    """A mapping with the tables of another for one more file; tables of columns that it lacks are left out."""
    keys = {one.name: getattr(plan.source, one.name) for one in fields(TimeKeys)}
    own = {name: getattr(plan.source, name) for name in _FILES_OWN}
    tables = {
        kind: (*getattr(whole, kind), *(replace(one, file=file) for one in getattr(plan, kind) if _there(one, columns)))
        for kind in ("item", "event", "episode", "prompt", "signal")
    }
    listed = (*whole.file, FileTable(path=file, name=file, **keys, **own))
    source = SourceTable(anchor=whole.source.anchor or plan.source.anchor)
    return replace(whole, source=source, file=listed, **tables)


def _there(table: RowTable, columns: set[str]) -> bool:
    return not isinstance(table, (ItemTable, SignalTable)) or table.column in columns


PRESETS: dict[str, Preset] = {
    "bearable": Preset(
        "bearable",
        "Bearable",
        "in the app: More, Settings, Export data, CSV",
        (Part("bearable.toml", frozenset({"date formatted", "time of day", "category", "rating/amount", "detail"})),),
    ),
    "oura": Preset(
        "oura",
        "Oura",
        "cloud.ouraring.com, Export data; unzip it and give the folder App Data",
        (
            Part("oura_nights.toml", frozenset({"bedtime_start", "bedtime_end", "total_sleep_duration"})),
            Part("oura_activity.toml", frozenset({"day", "steps", "active_calories"})),
            Part("oura_readiness.toml", frozenset({"day", "score", "temperature_deviation"})),
        ),
    ),
    "whoop": Preset(
        "whoop",
        "Whoop",
        "in the app: More, App settings, Data export; unzip it and give the folder",
        (
            Part("whoop_cycles.toml", frozenset({"Recovery score %", "Wake onset", "Cycle end time", "Day Strain"})),
            Part("whoop_sleeps.toml", frozenset({"Sleep onset", "Wake onset", "Nap"})),
            Part("whoop_workouts.toml", frozenset({"Workout start time", "Workout end time", "Activity name"})),
            Part("whoop_journal.toml", frozenset({"Cycle start time", "Question text", "Answered yes"})),
        ),
    ),
    "radar-base": Preset(
        "radar-base",
        "RADAR-base",
        "the study's team exports it: one folder for each person, CSV files for each topic and hour",
        (
            Part(
                "radar_questionnaires.toml", frozenset({"key.userId", "value.timeNotification", "value.timeCompleted"})
            ),
            Part("radar_heart_rate.toml", frozenset({"key.userId", "value.time", "value.heartRate"})),
        ),
    ),
}
"""By the name that `mainstay add --as` takes."""


def recognised(place: Place) -> Preset | None:
    """The preset whose columns a file of this place has; None where none knows it."""
    return next((one for one in PRESETS.values() if one.files_in(place)), None)
