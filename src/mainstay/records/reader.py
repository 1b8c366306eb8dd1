"""The general reader: any CSV, Parquet or dataframe with a mapping, or a folder with ``mainstay.toml``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mainstay.errors import BadMapping, UnreadableSource
from mainstay.quantities import Instant, zone_named
from mainstay.records.kinds import Batch, Receipt
from mainstay.records.mapping import Mapping, is_text, read_mapping
from mainstay.records.mapping_tables import FileTable, is_written_out
from mainstay.records.place import Place
from mainstay.records.presets import PRESETS, UNTESTED, Preset
from mainstay.records.presets import recognised as recognised_by_columns
from mainstay.records.reading import Reading
from mainstay.records.sources import named, recognised
from mainstay.records.sources.intake import Intake
from mainstay.records.sources.source import Source
from mainstay.records.tables import as_table, read_table

FOLDER_MAPPING = "mainstay.toml"
Progress = Callable[[int, int], None]
"""Told (done, total), in units of its own."""


def read(
    path: Path | str,
    mapping: Mapping | Path | str | None = None,
    *,
    zone: str | None = None,
    now: Instant | None = None,
    person: str | None = None,
    source: str | None = None,
    progress: Progress | None = None,
) -> tuple[Batch, Receipt]:
    """Read a file with a mapping, a folder with the mapping of its files or with ``mainstay.toml``, or an app's export.

    An export (a file, folder or zip) is known by what it holds; `source` names its kind where that fails.

    `zone`: of the clocks that wrote local times; goes before the mapping's. `now`: what happens later is refused
    (without it nothing is). `person`: which of several people in the files, before the mapping's `person.value`.
    Every cell that can't be kept is on the receipt with file, row and reason. Raises: `NaiveInstant` where local
    times have no zone, `BadMapping` where the mapping and the files don't fit, `UnreadableSource`.
    """
    path = Path(path)
    if not path.exists():
        raise UnreadableSource(f"there is no file or folder {path}")
    if not path.is_file() and not path.is_dir():
        raise UnreadableSource(f"{path} is no file and no folder; save what it holds into a file and give that")
    if mapping is None:
        if not (path / FOLDER_MAPPING).is_file():
            return _export(path, source, zone=zone, now=now, person=person, progress=progress)
        mapping = path / FOLDER_MAPPING
    plan = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    listed = files_of(plan, path.name if path.is_file() else None)
    if path.is_file() and len(listed) > 1:
        raise BadMapping(f"the mapping names {len(listed)} files and {path.name} is one file; give their folder")
    places = [path if path.is_file() else inside(path, one.path) for one in listed]
    work = Reading(plan, zone, now, person, path.stem if path.is_file() else path.name)
    sizes = [place.stat().st_size for place in places]
    total, before = max(1, sum(sizes)), 0
    for one, place, size in zip(listed, places, sizes, strict=True):
        opened, done = _halves(progress, before, size, total)
        wanted = work.columns(one)
        table = read_table(place, format=one.format, delimiter=one.delimiter, wanted=wanted, progress=opened)
        work.take(one, table, done)
        before += size
    for statement in plan.statement:
        work.statement(inside(path if path.is_dir() else path.parent, statement.path), statement)
    return work.finish()


def _export(
    path: Path,
    source: str | None,
    *,
    zone: str | None,
    now: Instant | None,
    person: str | None,
    progress: Progress | None,
) -> tuple[Batch, Receipt]:
    place = Place(path)
    try:
        kind = _kind(place, source)
        if isinstance(kind, Source):
            intake = Intake(kind.title, zone_named(zone) if zone else None, now, progress, person)
            intake.bytes_in_all = max(1, place.size)
            kind.read(place, intake)
            return intake.finish()
        plan = kind.plan(place)
    finally:
        place.close()
    batch, receipt = read(path, plan, zone=zone, now=now, person=person, progress=progress)
    return batch, replace(receipt, notes=(f"{kind.title} is read by a mapping that is {UNTESTED}", *receipt.notes))


def _kind(place: Place, source: str | None) -> Source | Preset:
    """Whose export this is: the source that is named, else the one that knows it by what it holds."""
    if source is not None:
        return PRESETS[source] if source in PRESETS else named(source, *PRESETS)
    kind = recognised(place) or recognised_by_columns(place)
    if kind is None:
        raise BadMapping(
            f"{place.name} is no export that is known here and has no {FOLDER_MAPPING}; "
            "it needs a mapping that says which column is what (--map MAP.toml)"
        )
    return kind


def read_frames(
    frames: Any,
    mapping: Mapping | Path | str,
    *,
    zone: str | None = None,
    now: Instant | None = None,
    person: str | None = None,
) -> tuple[Batch, Receipt]:
    """Read dataframes (polars, pandas, Arrow) with a mapping: one frame, or a dictionary of frames by file name.

    Statements stay files: those that a mapping file names are read beside it. A mapping without a place is refused
    with `BadMapping` where it names any.
    """
    plan = mapping if isinstance(mapping, Mapping) else read_mapping(mapping)
    beside = None if isinstance(mapping, Mapping) or is_text(mapping) else Path(mapping).parent
    if plan.statement and beside is None:
        raise BadMapping("statements are files beside the mapping; give the mapping's path, or leave them out of it")
    named = isinstance(frames, dict) and all(hasattr(type(frame), "columns") for frame in frames.values()) and frames
    given: dict[str, Any] = dict(frames) if named else {"table": frames}
    listed = files_of(plan, next(iter(given)) if len(given) == 1 else None)
    work = Reading(plan, zone, now, person, "dataframes")
    for one in listed:
        name = one.called if one.called in given else one.path
        if len(listed) == 1 and len(given) == 1:
            name = next(iter(given))
        if name not in given:
            raise BadMapping(f"the mapping reads {one.called!r}; the dataframes are {', '.join(map(str, given))}")
        work.take(one, as_table(given[name], str(name)), None)
    for statement in plan.statement:
        work.statement(inside(beside or Path(), statement.path), statement)
    return work.finish()


def _halves(
    progress: Progress | None, before: int, size: int, total: int
) -> tuple[Callable[[float], None], Callable[[float], None]]:
    """How to tell the progress of one file: opening it is half of its work, making its records the other."""

    def tell(share: float) -> None:
        if progress is not None:
            progress(before + round(size * share), total)

    return (lambda share: tell(share / 2)), (lambda share: tell((1 + share) / 2))


def files_of(plan: Mapping, only: str | None) -> tuple[FileTable, ...]:
    """The files a mapping lists; without any, the one that is given."""
    if plan.file:
        return plan.file
    name = plan.source.file or only
    if name is None:
        if any(not is_written_out(table) for _, _, table in plan.row_tables()):
            raise BadMapping('the mapping lists no files; write [source] file = "diary.csv", or [[file]] tables')
        return ()
    return (FileTable(path=name, format=plan.source.format, delimiter=plan.source.delimiter),)


def inside(folder: Path, name: str) -> Path:
    """A file of a folder; refuses what lies outside of it."""
    if not name.isprintable():
        raise BadMapping(f"{name!r} is no name of a file; write it without control characters")
    place = (folder / name).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise BadMapping(f"{name!r} lies outside the folder {folder.name}; a mapping may only name files inside")
    if not place.is_file():
        raise UnreadableSource(f"the mapping names {name!r}, which is not in the folder {folder}")
    return place
