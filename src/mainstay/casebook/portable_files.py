"""An export as files: tables in Parquet, ledgers in JSON, statements as written, and a README that explains them all.

What is written is not encrypted: that is what an export is for. `portable_reading` brings it back.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from mainstay.casebook.codec import encode_body, encode_item
from mainstay.casebook.plain_json import dump, moment
from mainstay.casebook.portability import PackedAnswer, Parcel
from mainstay.casebook.portable_columns import BODIES, ENVELOPE, SAMPLES, Column, Row, schema, to_frame
from mainstay.casebook.settings import NAMES
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Record, Signal, Statement

if TYPE_CHECKING:
    import polars as pl

FORM = 1
Write = Callable[[str, bytes], None]
_MARKS = re.compile(r"[\\`\[<&|]")
_SLUG = re.compile(r"[^a-z0-9]+")

ABOUT = {
    "README.md": "this page",
    "schema.json": "the same for programs: a JSON Schema of every JSON file and of the rows of every table",
    "export.json": "when this was written, by which version, which streams are in it, which are not, and every file",
    "items.json": "the questions with their scales, and the question on whose scale strain is told",
    "consents.json": "what each stream may be used for, with the whole history",
    "audit.json": "who read which stream for what; streams stand there under their identities",
    "kept.json": "what can't be worked out again: forecasts as they were written down, when options were first shown",
    "settings.json": "what you have set in your own words",
}


def write_files(parcel: Parcel, write: Write, *, version: str) -> None:
    """Writes every file of the export with `write(name, content)`, the list of files (`export.json`) last.

    `version`: of the Mainstay that writes.
    """
    files: list[dict[str, Any]] = []

    def put(name: str, content: bytes, about: str, rows: int | None = None) -> None:
        write(name, content)
        files.append({"path": name, "bytes": len(content), "rows": rows, "about": about})

    for name, content, about, rows in _tables(parcel):
        put(name, content, about, rows)
    for name, held in _ledgers(parcel).items():
        put(name, dump(held), ABOUT[name])
    put("schema.json", dump(export_schema()), ABOUT["schema.json"])
    put("README.md", readme(parcel, files, version).encode(), ABOUT["README.md"])
    write("export.json", dump(_list_of(parcel, files, version)))


def write_zip(parcel: Parcel, path: Path | IO[bytes], *, version: str) -> None:
    """The export as one zip file at `path`, or into an open one. Tables are packed already: the zip only holds them."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED, strict_timestamps=True) as packed:

        def write(name: str, content: bytes) -> None:
            entry = zipfile.ZipInfo(name)  # its date is the zip format's first: the export says its own
            entry.external_attr = 0o600 << 16
            packed.writestr(entry, content)

        write_files(parcel, write, version=version)


def write_folder(parcel: Parcel, folder: Path, *, version: str) -> None:
    """The export as files in an empty folder that is there; folder and files are their owner's alone."""
    folder.chmod(0o700)

    def write(name: str, content: bytes) -> None:
        path = folder / name
        path.parent.mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600)
        path.write_bytes(content)

    write_files(parcel, write, version=version)


def _tables(parcel: Parcel) -> Iterator[tuple[str, bytes, str, int | None]]:
    """Every table and statement: name, content, what it is, how many rows."""
    rows: dict[str, list[Row]] = {kind: [] for kind in BODIES}
    channels = sorted({one.record.body.channel for one in parcel.records if isinstance(one.record.body, Signal)})
    files = {channel: _numbered("signals", place, channel, "parquet") for place, channel in enumerate(channels, 1)}
    samples: dict[str, list[Record]] = {channel: [] for channel in channels}
    statements = 0
    for order, packed in enumerate(parcel.records, 1):
        record = packed.record
        row = _envelope(record, packed.added, order)
        if isinstance(record.body, Statement):
            statements += 1
            name = _numbered("statements", statements, record.body.form, "toml")
            row |= {"form": record.body.form, "file": name}
            yield name, record.body.toml.encode(), "a statement as it was written", None
        else:
            row |= json.loads(encode_body(record.body))
        if isinstance(record.body, Signal):
            samples[record.body.channel].append(record)
            row["file"] = files[record.body.channel]
        rows[record.kind].append(row)
    for kind, (about, columns) in BODIES.items():
        if rows[kind]:
            frame = to_frame(rows[kind], (*ENVELOPE, *columns))
            yield f"records/{kind}.parquet", _parquet(frame), about, len(frame)
    for channel, records in samples.items():
        frame = _samples(records)
        yield files[channel], _parquet(frame), f"what was measured: {channel}", len(frame)


def _envelope(record: Record, added: Instant, order: int) -> Row:
    span = isinstance(record.happened, Span)
    start, end = (record.happened.start, record.happened.end) if isinstance(record.happened, Span) else (None, None)
    begun = start if span else record.happened
    assert isinstance(begun, Instant)
    return {
        "id": record.id,
        "order": order,
        "stream": record.stream,
        "source": record.source,
        "happened": _pair(begun),
        "ended": None if end is None else _pair(end),
        "known": _pair(record.known),
        "added": _pair(added),
        "supersedes": record.supersedes,
    }


def _pair(instant: Instant) -> tuple[int, int]:
    return instant.utc_us, instant.offset_s


def _samples(records: Sequence[Record]) -> pl.DataFrame:
    import polars as pl

    parts = []
    for record in records:
        assert isinstance(record.body, Signal)
        values = {"time": record.body.times_us, "value": record.body.values}
        parts.append(pl.DataFrame(values).select(pl.lit(record.id).alias("record"), "time", "value"))
    return pl.concat(parts).cast(schema(SAMPLES))  # type: ignore[arg-type]


def _numbered(folder: str, place: int, words: str, ending: str) -> str:
    slug = _SLUG.sub("-", words.lower()).strip("-")[:40]
    return f"{folder}/{place:04}{'-' + slug if slug else ''}.{ending}"


def _parquet(frame: pl.DataFrame) -> bytes:
    packed = io.BytesIO()
    frame.write_parquet(packed, compression="zstd", statistics=False)
    return packed.getvalue()


def _ledgers(parcel: Parcel) -> dict[str, Any]:
    agreed = {one.terms["record_id"]: one.terms for one in parcel.consents if one.terms is not None}
    return {
        "items.json": {
            "items": [json.loads(encode_item(one.item)) | {"streams": list(one.streams)} for one in parcel.items],
            "anchors": list(parcel.anchors),
        },
        "consents.json": {
            "events": [
                {
                    "stream": one.stream,
                    "purpose": one.purpose,
                    "event": one.event,
                    "at": moment(one.at),
                    "until": None if one.until is None else moment(one.until),
                    "noted": moment(one.noted),
                    "terms": None if one.terms is None else one.terms["record_id"],
                }
                for one in parcel.consents
            ],
            "terms": list(agreed.values()),
        },
        "audit.json": {"entries": [asdict(one) | {"at": moment(one.at)} for one in parcel.audit]},
        "kept.json": {"kept": [_kept(one) for one in parcel.kept]},
        "settings.json": {
            "settings": [{"name": one.name, "set": moment(one.at), "said": one.text} for one in parcel.settings]
        },
    }


def _kept(one: PackedAnswer) -> dict[str, Any]:
    held = {"name": one.name, "version": one.version, "made": moment(one.made), "streams": list(one.streams)}
    return held | {"said": json.loads(one.payload)}


def _list_of(parcel: Parcel, files: list[dict[str, Any]], version: str) -> dict[str, Any]:
    count = {stream.name: 0 for stream in parcel.streams}
    for one in parcel.records:
        count[one.record.stream] += 1
    return {
        "mainstay": version,
        "form": FORM,
        "made_at": moment(parcel.made_at),
        "streams": [
            {"name": one.name, "identity": one.identity, "added": moment(one.added), "records": count[one.name]}
            for one in parcel.streams
        ],
        "left_out": list(parcel.left_out),
        "files": files,
    }


def readme(parcel: Parcel, files: Sequence[dict[str, Any]], version: str) -> str:
    """The page beside the files: what each file and column means, what is not there, and how to bring it back."""
    lines = [
        "# Your records",
        "",
        f"Written by Mainstay {version} on {parcel.made_at.as_local:%Y-%m-%d at %H:%M}. "
        "**These files are not encrypted: whoever has them can read them.** Delete them when you are done, "
        "also from the bin and from places that copy this folder.",
        "",
        "Parquet files are tables: Python (Polars, pandas), R (arrow), DuckDB and others open them. The rest is text.",
        "To bring all of it back: `mainstay import CASE` and this folder or zip file.",
        "",
        "## Streams",
        "",
        *(f"- {_inline(one.name)}" for one in parcel.streams),
        *(["- none"] if not parcel.streams else []),
        "",
    ]
    if parcel.left_out:
        lines += [
            "**Not in here**, because they may not be read for your own answers now: "
            + ", ".join(map(_inline, parcel.left_out))
            + ".",
            "",
        ]
    lines += ["## Files", "", "| file | rows | what it is |", "|---|---|---|"]
    for one in [*files, {"path": "README.md", "rows": None, "about": ABOUT["README.md"]}]:
        lines.append(f"| `{one['path']}` | {'' if one['rows'] is None else one['rows']} | {_inline(one['about'])} |")
    lines += [f"| `export.json` |  | {ABOUT['export.json']} |", ""]
    lines += columns_page()
    lines += [
        "## What is not here",
        "",
        "- Answers: `mainstay tell CASE --json` works them out again. What can't be is in `kept.json`.",
        "- The names behind pseudonyms: they belong to other people. `mainstay backup` keeps them, encrypted.",
        "- Keys and passphrases.",
        "",
    ]
    return "\n".join(lines)


def columns_page() -> list[str]:
    """Every table and column in plain words, as Markdown; docs/reference/export.md holds the same."""
    lines = [
        "## Columns of every file in `records`",
        "",
        "Moments are in UTC; the column with `_offset_s` beside one is the local clock's offset in seconds, so that "
        "moment + offset is what the clock on the wall showed.",
        "",
        *_column_lines(ENVELOPE),
    ]
    for kind, (about, columns) in BODIES.items():
        lines += [
            f"## `records/{kind}.parquet`",
            "",
            f"{about} Besides the columns above:",
            "",
            *_column_lines(columns),
        ]
    lines += [
        "## Files in `signals`",
        "",
        "One for each channel, one row for each number.",
        "",
        *_column_lines(SAMPLES),
    ]
    return lines


def _column_lines(columns: Sequence[Column]) -> list[str]:
    lines = ["| column | type | meaning |", "|---|---|---|"]
    for column in columns:
        empty = ", may be empty" if column.may_be_empty else ""
        lines.append(f"| `{column.name}` | {_TYPE_WORDS[column.plain_type]}{empty} | {column.meaning} |")
        if column.plain_type == "instant":
            lines.append(f"| `{column.name}_offset_s` | whole number{empty} | Its offset from UTC in seconds. |")
    return [*lines, ""]


_TYPE_WORDS = {
    "text": "text",
    "number": "number",
    "whole": "whole number",
    "truth": "true or false",
    "texts": "list of texts",
    "instant": "moment (UTC)",
    "moment": "moment (UTC)",
    "attributes": "list of (name, known, known_offset_s)",
}


def _inline(text: str) -> str:
    """Text from records that stands as it is in Markdown: it opens no picture, link, table or line of its own."""
    plain = "".join(char if char.isprintable() else " " for char in text)
    return _MARKS.sub(r"\\\g<0>", plain)


def export_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of every file; docs/reference/export.schema.json is its copy.

    Under `$defs` stands each JSON file by its name, and each table by its path as the schema of one of its rows.
    """
    text, when, whole = {"type": "string"}, {"type": "string", "format": "date-time"}, {"type": "integer"}
    texts = {"type": "array", "items": text}
    stream = {
        "name": text,
        "identity": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "added": when,
        "records": whole,
    }
    file = {"path": text, "bytes": whole, "rows": _or_null(whole), "about": text}
    item = {
        **dict.fromkeys(("name", "label", "low_anchor", "high_anchor"), text),
        "low": {"type": "number"},
        "high": {"type": "number"},
        "better": {"enum": ["low", "high"]},
        "ordinal": {"type": "boolean"},
        "streams": texts,
    }
    consent = {
        **dict.fromkeys(("stream", "purpose", "event"), text),
        **dict.fromkeys(("at", "noted"), when),
        "until": _or_null(when),
        "terms": _or_null(text),
    }
    entry = {"number": whole, "at": when, "action": text, "purpose": text, "streams": texts, "count": whole}
    kept = {"name": text, "version": whole, "made": when, "streams": texts, "said": {"type": "array"}}
    agreed = {"type": "object", "properties": {"record_id": text}, "required": ["record_id"]}
    defs = {
        "export.json": _object(
            {
                "mainstay": text,
                "form": {"const": FORM},
                "made_at": when,
                "streams": _list(stream),
                "left_out": texts,
                "files": _list(file),
            }
        ),
        "items.json": _object({"items": _list(item), "anchors": texts}),
        "consents.json": _object({"events": _list(consent), "terms": {"type": "array", "items": agreed}}),
        "audit.json": _object({"entries": _list(entry)}),
        "kept.json": _object({"kept": _list(kept)}),
        "settings.json": _object({"settings": _list({"name": {"enum": list(NAMES)}, "set": when, "said": text})}),
        **{f"records/{kind}.parquet": _row_schema((*ENVELOPE, *columns)) for kind, (_, columns) in BODIES.items()},
        "signals/*.parquet": _row_schema(SAMPLES),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Mainstay export, form {FORM}",
        "$defs": defs,
    }


def _row_schema(columns: Sequence[Column]) -> dict[str, Any]:
    text, when, whole = {"type": "string"}, {"type": "string"}, {"type": "integer"}
    attribute = {"name": text, "known": when, "known_offset_s": whole}
    types: dict[str, dict[str, Any]] = {
        "text": text,
        "number": {"type": "number"},
        "whole": whole,
        "truth": {"type": "boolean"},
        "texts": {"type": "array", "items": text},
        "instant": when,
        "moment": when,
        "attributes": _list(attribute),
    }
    fields: dict[str, Any] = {}
    for column in columns:
        kind = {**types[column.plain_type], "description": column.meaning}
        fields[column.name] = _or_null(kind) if column.may_be_empty else kind
        if column.plain_type == "instant":
            fields[f"{column.name}_offset_s"] = _or_null(whole) if column.may_be_empty else whole
    return _object(fields)


def _object(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _list(fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": _object(fields)}


def _or_null(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}
