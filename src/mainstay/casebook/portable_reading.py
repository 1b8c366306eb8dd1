"""An export read back, from a folder or a zip file. Whatever is read is hostile until it has been parsed.

Nothing is unpacked onto the disk, names only ever look something up, links are refused, and sizes are bounded before
anything is read.
"""

from __future__ import annotations

import io
import json
import re
import stat
import zipfile
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from mainstay.casebook import portable_columns, terms
from mainstay.casebook.audit import AuditEntry
from mainstay.casebook.codec import decode_body, decode_item, encode_body, instant_in
from mainstay.casebook.consent import EVENTS, PURPOSES, ConsentEvent
from mainstay.casebook.plain_json import field, instant, listed, load, texts
from mainstay.casebook.portability import Packed, PackedAnswer, PackedItem, PackedStream, Parcel
from mainstay.casebook.portable_columns import BODIES, ENVELOPE, SAMPLES, Column, Row
from mainstay.casebook.portable_files import FORM
from mainstay.casebook.settings import Setting, checked
from mainstay.errors import BadRecord, MainstayError, UnreadableSource
from mainstay.quantities import Span
from mainstay.records.kinds import Record

MOST_FILES = 20_000
MOST_BYTES = 2 * 2**30
MOST_JSON_BYTES = 256 * 2**20
MOST_TABLE_BYTES = 2**30
MOST_RECORDS = 5_000_000
MOST_SAMPLES = 50_000_000  # about 2 GB of memory; equal numbers pack into next to nothing
LAST_VERSION = 2**63
_STATEMENT = re.compile(r"statements/[0-9]{4,}(-[a-z0-9-]+)?\.toml")
_SIGNAL = re.compile(r"signals/[0-9]{4,}(-[a-z0-9-]+)?\.parquet")
_IDENTITY = re.compile(r"[0-9a-f]{32}")


class Files(Protocol):
    """The files of an export, by the names an export gives them."""

    def __contains__(self, name: str) -> bool:
        """Whether there is a file of this name."""

    def read(self, name: str, most: int) -> bytes:
        """Its content; refuses (`UnreadableSource`) one of more than `most` bytes."""


class FolderFiles:
    """The files in a folder; links are refused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, name: str) -> Path | None:
        path = self._folder
        for part in name.split("/"):
            path = path / part
            if path.is_symlink():
                raise UnreadableSource(f"{path} is a link; an export holds none, so it was not followed")
        return path if path.is_file() else None

    def __contains__(self, name: str) -> bool:
        return self._path(name) is not None

    def read(self, name: str, most: int) -> bytes:
        """Its content."""
        path = self._path(name)
        if path is None:
            raise UnreadableSource(f"{self._folder} holds no {name}; it is no whole export")
        with path.open("rb") as file:
            return _bounded(file.read(most + 1), name, most)


class ZipFiles:
    """The files in a zip, in its root or in one folder. Sizes are added up before anything is read."""

    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._zip = packed
        entries = packed.infolist()
        if len(entries) > MOST_FILES:
            raise UnreadableSource(f"the zip file holds {len(entries):,} files; an export never holds so many")
        if sum(entry.file_size for entry in entries) > MOST_BYTES:
            raise UnreadableSource(f"the zip file would unpack to more than {MOST_BYTES >> 30} GiB; it was not read")
        self._entries: dict[str, zipfile.ZipInfo] = {}
        for entry in entries:
            _safe_entry(entry)
            if not entry.is_dir():
                if entry.filename in self._entries:
                    raise UnreadableSource(f"the zip file holds {entry.filename!r} twice")
                self._entries[entry.filename] = entry
        roots = {
            name.removesuffix("export.json")
            for name in self._entries
            if name.endswith("export.json") and name.count("/") <= 1
        }
        self._root = min(roots, key=len) if roots else ""

    def __contains__(self, name: str) -> bool:
        return self._root + name in self._entries

    def read(self, name: str, most: int) -> bytes:
        """Its content."""
        entry = self._entries.get(self._root + name)
        if entry is None:
            raise UnreadableSource(f"the zip file holds no {name}; it is no whole export")
        if entry.file_size > most:
            raise UnreadableSource(f"{name} is larger than it can be in an export; it was not read")
        try:
            with self._zip.open(entry) as file:
                content = file.read(most + 1)
        except Exception as error:  # each way of packing raises its own
            raise UnreadableSource(f"{name} in the zip file is damaged: {error}") from error
        return _bounded(content, name, most)


def _safe_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.rstrip("/").split("/")
    if name.startswith("/") or "\\" in name or ":" in parts[0] or any(part in ("", ".", "..") for part in parts):
        raise UnreadableSource(f"the zip file names {name!r}, which leads out of its folder; it was not read")
    mode = entry.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise UnreadableSource(f"{name!r} in the zip file is a link or no ordinary file; it was not read")


def _bounded(content: bytes, name: str, most: int) -> bytes:
    if len(content) > most:
        raise UnreadableSource(f"{name} is larger than it can be in an export; it was not read")
    return content


def read_export(path: Path) -> Parcel:
    """The parcel in a folder or zip file that `mainstay export` wrote. Refuses anything else with words."""
    if path.is_dir():
        return _read(FolderFiles(path))
    if not path.exists():
        raise UnreadableSource(f"there is nothing at {path}; check the path")
    try:
        with zipfile.ZipFile(path) as packed:
            return _read(ZipFiles(packed))
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableSource(f"{path} is neither a folder nor a zip file that 'mainstay export' wrote") from error


def _read(files: Files) -> Parcel:
    if "export.json" not in files:
        raise UnreadableSource("there is no export.json in it; only what 'mainstay export' wrote can be imported")
    whole = _json(files, "export.json")
    form = field(whole, "form", int, "export.json")
    if form != FORM:
        newer = "was written by a newer Mainstay; update Mainstay" if form > FORM else "has a form that is not known"
        raise UnreadableSource(f"this export {newer}")
    streams = tuple(_stream(one) for one in listed(whole, "streams", "export.json"))
    names = {one.name for one in streams}
    if len(names) != len(streams) or len({one.identity for one in streams}) != len(streams):
        raise BadRecord("export.json names a stream twice")
    items, anchors = _items(_json(files, "items.json"), names)
    consents = _consents(_json(files, "consents.json"), names)
    audit = listed(_json(files, "audit.json"), "entries", "audit.json")
    return Parcel(
        made_at=instant(whole, "made_at", "export.json"),
        streams=tuple(sorted(streams, key=lambda one: one.name)),
        records=_records(files, names),
        items=items,
        anchors=anchors,
        consents=consents,
        audit=tuple(_audit_entry(one) for one in audit),
        left_out=texts(whole, "left_out", "export.json"),
        kept=_kept(_json(files, "kept.json"), names) if "kept.json" in files else (),
        settings=_settings(_json(files, "settings.json")) if "settings.json" in files else (),
    )


def _json(files: Files, name: str) -> dict[str, Any]:
    return load(files.read(name, MOST_JSON_BYTES), name)


def _stream(held: Any) -> PackedStream:
    identity = field(held, "identity", str, "export.json")
    if not _IDENTITY.fullmatch(identity):
        raise BadRecord(f"export.json gives a stream the identity {identity!r}, which is none")
    return PackedStream(field(held, "name", str, "export.json"), identity, instant(held, "added", "export.json"))


def _items(held: dict[str, Any], names: set[str]) -> tuple[tuple[PackedItem, ...], tuple[str, ...]]:
    items = []
    for one in listed(held, "items", "items.json"):
        streams = texts(one, "streams", "items.json")
        item = decode_item(json.dumps({name: value for name, value in one.items() if name != "streams"}))
        items.append(PackedItem(item, tuple(stream for stream in streams if stream in names)))
    known = {one.item.name for one in items}
    if len(known) != len(items):
        raise BadRecord("items.json names an item twice")
    anchors = texts(held, "anchors", "items.json")
    unknown = next((name for name in anchors if name not in known), None)
    if unknown is not None:
        raise BadRecord(f"items.json tells strain on {unknown!r}, which is no item in it")
    return tuple(items), anchors


def _consents(held: dict[str, Any], names: set[str]) -> tuple[ConsentEvent, ...]:
    where = "consents.json"
    agreed = {field(one, "record_id", str, where): one for one in listed(held, "terms", where)}
    for id_, record in agreed.items():
        if terms.record_id(record) != id_:
            raise BadRecord(f"{where}: the terms {id_!r} do not say what was agreed to; they were changed")
    events = []
    for one in listed(held, "events", where):
        stream, event = field(one, "stream", str, where), field(one, "event", str, where)
        purpose = field(one, "purpose", str, where)
        on = None if one.get("terms") is None else field(one, "terms", str, where)
        if stream not in names:
            raise BadRecord(f"{where} speaks of a stream {stream!r} that export.json does not list")
        if on is not None and on not in agreed:
            raise BadRecord(f"{where} names terms {on!r} that it does not hold")
        if purpose not in PURPOSES:
            raise BadRecord(f"{where}: {purpose!r} is no purpose; it must be one of {', '.join(PURPOSES)}")
        if event not in EVENTS:
            raise BadRecord(f"{where}: {event!r} is nothing that can happen to a consent: {', '.join(EVENTS)}")
        at, noted = instant(one, "at", where), instant(one, "noted", where)
        until = None if one.get("until") is None else instant(one, "until", where)
        events.append(ConsentEvent(stream, purpose, event, at, until, noted, None if on is None else agreed[on]))
    return tuple(events)


def _audit_entry(held: Any) -> AuditEntry:
    where = "audit.json"
    kinds: dict[str, type] = {"number": int, "action": str, "purpose": str, "count": int}
    found = {name: field(held, name, kind, where) for name, kind in kinds.items()}
    return AuditEntry(at=instant(held, "at", where), streams=texts(held, "streams", where), **found)


def _kept(held: dict[str, Any], names: set[str]) -> tuple[PackedAnswer, ...]:
    """What was kept, as JSON that whoever keeps it still has to judge."""
    where, found = "kept.json", []
    for one in listed(held, "kept", where):
        name, version = field(one, "name", str, where), field(one, "version", int, where)
        streams = texts(one, "streams", where)
        unknown = next((stream for stream in streams if stream not in names), None)
        if unknown is not None or not streams:
            raise BadRecord(f"{where} keeps {name!r} of {unknown!r}, a stream that export.json does not list")
        if not 0 <= version < LAST_VERSION:
            raise BadRecord(f"{where} gives {name!r} the version {version}, which is none")
        said = json.dumps(listed(one, "said", where), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        found.append(PackedAnswer(name, version, instant(one, "made", where), streams, said.encode()))
    if len({(one.name, one.version) for one in found}) != len(found):
        raise BadRecord(f"{where} names a version twice")
    return tuple(found)


def _settings(held: dict[str, Any]) -> tuple[Setting, ...]:
    where = "settings.json"
    found = [
        checked(Setting(field(one, "name", str, where), instant(one, "set", where), field(one, "said", str, where)))
        for one in listed(held, "settings", where)
    ]
    if len({one.name for one in found}) != len(found):
        raise BadRecord(f"{where} names something twice")
    return tuple(found)


def _records(files: Files, names: set[str]) -> tuple[Packed, ...]:
    placed: list[tuple[int, Packed]] = []
    seen: set[str] = set()
    statements: set[str] = set()
    for kind, (_, columns) in BODIES.items():
        called = f"records/{kind}.parquet"
        if called not in files:
            continue
        rows = _rows(files, called, (*ENVELOPE, *columns), MOST_RECORDS - len(placed))
        samples = _signals(files, rows) if kind == "signal" else {}
        for row in rows:
            if kind == "statement" and row["file"] in statements:
                raise BadRecord(f"{called} names the file {row['file']!r} twice; each statement has one of its own")
            if kind == "statement":
                statements.add(row["file"])
            if row["stream"] not in names:
                raise BadRecord(f"{called} holds a record of stream {row['stream']!r}, which export.json does not list")
            if row["id"] in seen:
                raise BadRecord(f"the record {row['id']!r} stands in this export twice")
            seen.add(row["id"])
            placed.append((row["order"], _packed(files, kind, columns, row, samples)))
    placed.sort(key=lambda one: one[0])
    return tuple(packed for _, packed in placed)


def _packed(files: Files, kind: Any, columns: tuple[Column, ...], row: Row, samples: dict[str, Any]) -> Packed:
    body = {column.name: row[column.name] for column in columns}
    if kind == "statement":
        name = body.pop("file")
        if not _STATEMENT.fullmatch(name):
            raise BadRecord(f"records/statement.parquet names a file {name!r}, which is no statement")
        try:
            body["toml"] = files.read(name, portable_columns.MOST_TEXT_BYTES).decode()
        except UnicodeDecodeError as error:
            raise BadRecord(f"{name} is no text in UTF-8") from error
    elif kind == "signal":
        body.pop("file")
    decoded = decode_body(kind, json.dumps(body), samples.get(row["id"]))
    encode_body(decoded)
    begun = instant_in("happened", row["happened"])
    happened = begun if row["ended"] is None else Span(begun, instant_in("ended", row["ended"]))
    known, added = instant_in("known", row["known"]), instant_in("added", row["added"])
    record = Record(row["id"], row["stream"], happened, known, row["source"], decoded, row["supersedes"])
    return Packed(record, added)


def _signals(files: Files, rows: list[Row]) -> dict[str, Any]:
    """Times and values (n,) of each signal by the id of its record; a record without numbers has none of either."""
    import polars as pl

    found: dict[str, Any] = {row["id"]: (np.zeros(0, np.int64), np.zeros(0)) for row in rows}
    left = MOST_SAMPLES
    for name in dict.fromkeys(row["file"] for row in rows):
        if not _SIGNAL.fullmatch(name):
            raise BadRecord(f"records/signal.parquet names a file {name!r}, which is no signal")
        frame = _frame(files, name, SAMPLES, left)
        left -= len(frame)
        if any(frame[column].null_count() for column in frame.columns):
            raise BadRecord(f"{name} is empty in places where every row needs a value")
        for part in frame.with_columns(pl.col("time").cast(pl.Int64)).partition_by("record", maintain_order=True):
            record = part["record"][0]
            if record not in found:
                raise BadRecord(
                    f"{name} holds numbers of a record {record!r} that records/signal.parquet does not list"
                )
            if len(found[record][0]):
                raise BadRecord(f"the numbers of record {record!r} stand in two files")
            found[record] = (part["time"].to_numpy(), part["value"].to_numpy())
    return found


def _rows(files: Files, name: str, columns: tuple[Column, ...], most: int) -> list[Row]:
    return portable_columns.to_rows(_frame(files, name, columns, most), columns, name)


def _frame(files: Files, name: str, columns: tuple[Column, ...], most: int) -> Any:
    """The table in a Parquet file: its columns and its number of rows are judged before its rows are read."""
    import polars as pl

    content = files.read(name, MOST_TABLE_BYTES)
    try:
        portable_columns.check(pl.read_parquet_schema(io.BytesIO(content)), columns, name)
        count = pl.scan_parquet(io.BytesIO(content)).select(pl.len()).collect().item()
        if count > most:
            raise BadRecord(f"{name} holds {count:,} rows, more than an export can")
        frame = pl.read_parquet(io.BytesIO(content))
        portable_columns.check(frame.schema, columns, name)
        if len(frame) != count:
            raise BadRecord(f"{name} holds another number of rows than it says")
    except MainstayError:
        raise
    except (Exception, pl.exceptions.PanicException) as error:
        raise BadRecord(f"{name} can't be read as a Parquet file") from error
    return frame
