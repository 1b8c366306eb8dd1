"""Tables as they arrive: CSV or Parquet files, dataframes of any kind. Cells stay as written; nothing is repaired."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.records.conditions import Cell
from mainstay.records.kinds import Refusal

LONGEST_CELL = 131_072
"""Characters; the limit of the standard CSV parser. A longer cell is most often a quotation mark that never closes."""

LONGEST_LINE = 16_000_000
MOST_COLUMNS = 10_000
PIECE = 200_000
"""Rows that are read at a time where a file is read in pieces."""

_SAMPLE_BYTES = 65_536
_DELIMITERS = (",", ";", "\t", "|")
Progress = Callable[[float], None]
"""Told the share (0 to 1) of a file that has been read."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows of one file: cells by column, all of the same length, and each row's number in the file, from 1.

    `prints` (n,) tells rows apart: rows with the same one are the same in every cell. `refused`: rows that could not
    be read as rows at all. `header`: every column of the file, whether kept or not.
    """

    name: str
    columns: Mapping[str, Sequence[Cell]]
    row_numbers: Sequence[int]
    prints: Sequence[int]
    refused: tuple[Refusal, ...] = ()
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.row_numbers)


def read_table(
    path: Path,
    *,
    format: Literal["auto", "csv", "parquet"] = "auto",  # noqa: A002 - named as in the mapping file
    delimiter: str = "auto",
    wanted: set[str] | None = None,
    progress: Progress | None = None,
) -> Table:
    """Read a CSV or Parquet file. `wanted`: only these columns are kept (all columns still tell rows apart).

    CSV: byte-order mark, encoding (UTF-8, UTF-16 with its mark, else Latin-1, which the notes say) and delimiter are
    found out; quotes may hold line breaks. A row with too few or too many cells, a cell over 131,072 characters or a
    broken quotation is refused with its number and the rest is read. Refuses a file that is empty or no table.
    """
    sample = _sample(path)
    if format == "parquet" or (format == "auto" and sample[:4] == b"PAR1"):
        return _parquet(path, progress)
    return _csv(path, sample, delimiter, wanted, progress)


def _sample(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            sample = stream.read(_SAMPLE_BYTES)
    except OSError as error:
        raise UnreadableSource(f"{path} can't be opened: {error.strerror}") from error
    if not sample.strip():
        raise UnreadableSource(f"{path.name} is empty: it has no header and no rows")
    return sample


def read_pieces(
    path: Path,
    *,
    format: Literal["auto", "csv", "parquet"] = "auto",  # noqa: A002 - named as in the mapping file
    delimiter: str = "auto",
    wanted: set[str] | None = None,
    progress: Progress | None = None,
    rows: int = PIECE,
) -> Iterator[Table]:
    """The same rows as `read_table` gives, in tables of at most so many; there is always one, if an empty one.

    A row's number is that in the file. Of a CSV file only one piece is in memory at a time.
    """
    sample = _sample(path)
    if format == "parquet" or (format == "auto" and sample[:4] == b"PAR1"):
        yield from _parquet_pieces(path, rows, progress)
        return
    encoding, *others = _encodings(sample, path.name)
    if others and not _decodes(path, encoding):
        encoding = others[0]
    yield from _csv_pieces(path, encoding, delimiter, wanted=wanted, progress=progress, most=rows)


def _csv(path: Path, sample: bytes, delimiter: str, wanted: set[str] | None, progress: Progress | None) -> Table:
    for encoding in _encodings(sample, path.name):
        try:
            [table] = _csv_pieces(path, encoding, delimiter, wanted=wanted, progress=progress, most=None)
        except UnicodeError:
            continue
        return table
    raise UnreadableSource(f"{path.name} is no text in UTF-8, UTF-16 or Latin-1")


def _csv_pieces(
    path: Path,
    encoding: str,
    delimiter: str,
    *,
    wanted: set[str] | None,
    progress: Progress | None,
    most: int | None,
) -> Iterator[Table]:
    with path.open(encoding=encoding, newline="") as stream:
        opening = stream.read(_SAMPLE_BYTES)
        stream.seek(0)
        separator = sniff_delimiter(opening) if delimiter == "auto" else delimiter
        for number, table in enumerate(_rows(path, stream, separator, wanted=wanted, progress=progress, most=most)):
            if number == 0 and encoding == "latin-1":
                note = f"{path.name} is not UTF-8; it was read as Latin-1: check its accents"
                yield replace(table, notes=(note,))
            else:
                yield table


def _decodes(path: Path, encoding: str) -> bool:
    """Whether a whole file is text in this encoding."""
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while stream.read(1 << 20):
                pass
    except UnicodeError:
        return False
    return True


def _encodings(sample: bytes, name: str) -> tuple[str, ...]:
    if sample[:4] == b"PK\x03\x04":
        raise UnreadableSource(f"{name} is a spreadsheet or a zip file; save the sheet as CSV and give that")
    if sample[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ("utf-16",)
    if b"\0" in sample:
        raise UnreadableSource(f"{name} is no text table: it holds zero bytes; give a CSV or Parquet file")
    if any(byte < 32 and byte not in b"\t\n\v\f\r\x1a\x1b" for byte in sample.split(b"\n", 1)[0]):
        raise UnreadableSource(f"{name} is no text table: its first line is not text; give a CSV or Parquet file")
    return ("utf-8-sig", "latin-1")


def sniff_delimiter(text: str) -> str:
    """The delimiter under which the first rows have the most cells, all of them the same number."""
    lines = text.splitlines(keepends=True)[:50]
    best, most = ",", (0.0, 0)
    for delimiter in _DELIMITERS:
        try:
            widths = [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        if widths and widths[0] > 1:
            # The last line of the sample may be cut off in its middle.
            body = widths[:-1] or widths
            agreement = sum(width == widths[0] for width in body) / len(body)
            if (round(agreement, 1), widths[0]) > most:
                best, most = delimiter, (round(agreement, 1), widths[0])
    return best


def _rows(
    path: Path,
    stream: TextIOWrapper,
    delimiter: str,
    *,
    wanted: set[str] | None,
    progress: Progress | None,
    most: int | None,
) -> Iterator[Table]:
    """The rows of a CSV file in tables of at most so many; None: all in one."""
    name = path.name
    if len(delimiter) != 1:
        raise BadRecord(f"the delimiter of {name} must be one character, not {delimiter!r}")
    reader = csv.reader(_watched(stream, path, progress), delimiter=delimiter, strict=True)
    try:
        header = [column.strip() for column in next(row for row in reader if row)]
    except (StopIteration, csv.Error) as error:
        raise UnreadableSource(f"{name} has no header that can be read") from error
    width = len(header)
    if width > MOST_COLUMNS:
        raise UnreadableSource(f"{name} has {width} columns; more than {MOST_COLUMNS} is no table of records")
    keep = [index for index, column in enumerate(header) if column and (wanted is None or column in wanted)]
    kept: list[tuple[str, ...]] = []
    numbers: list[int] = []
    prints: list[int] = []
    refused: list[Refusal] = []
    given = False

    def piece() -> Table:
        cells = list(zip(*kept, strict=True)) if kept else [()] * len(keep)
        columns = {header[index]: cells[place] for place, index in enumerate(keep)}
        return Table(name, columns, tuple(numbers), tuple(prints), tuple(refused), (), tuple(header))

    for number, row in _numbered(reader, name, refused):
        if len(row) > width and not any(cell.strip() for cell in row[width:]):
            row = row[:width]
        if len(row) != width:
            refused.append(Refusal(name, number, f"has {len(row)} cells where the header names {width}"))
            continue
        prints.append(hash(tuple(row)))
        kept.append(tuple([row[index] for index in keep]))
        numbers.append(number)
        if len(kept) == most:
            yield piece()
            given = True
            for gathered in (kept, numbers, prints, refused):
                gathered.clear()
    if kept or refused or not given:
        yield piece()


def _numbered(reader: Any, name: str, refused: list[Refusal]) -> Iterator[tuple[int, list[str]]]:
    """The rows with their numbers from 1; blank lines are no rows; a row that can't be parsed is refused."""
    number = 0
    while True:
        began = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            number += 1
            last = reader.line_num
            where = f"line {began}" if last <= began else f"lines {began} to {last}"
            refused.append(Refusal(name, number, f"{where} can't be read: {_in_words(error)}"))
            continue
        if row:
            number += 1
            yield number, row


def _in_words(error: csv.Error) -> str:
    text = str(error)
    if "unexpected end" in text:
        return "a quotation mark opens there and never closes"
    if "field larger" in text:
        return f"a cell is longer than {LONGEST_CELL} characters; a quotation mark may be missing"
    return f"a quotation mark stands where none may ({text})" if "expected after" in text else text


def _watched(stream: TextIOWrapper, path: Path, progress: Progress | None) -> Iterator[str]:
    """The lines of a file, telling now and then how far it has been read."""
    size = max(1, path.stat().st_size)
    number = 0
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise UnreadableSource(f"line {number + 1} of {path.name} is longer than {LONGEST_LINE:,} characters")
        if progress is not None and number % 20_000 == 0:
            progress(min(1.0, os.lseek(stream.fileno(), 0, os.SEEK_CUR) / size))
        number += 1
        yield line
    if progress is not None:
        progress(1.0)


def _parquet(path: Path, progress: Progress | None) -> Table:
    [table] = _parquet_pieces(path, None, progress)
    return table


def _parquet_pieces(path: Path, most: int | None, progress: Progress | None) -> Iterator[Table]:
    import polars as pl

    try:
        lazy = pl.scan_parquet(path, glob=False)
        rows = lazy.select(pl.len()).collect().item()
        for first in range(0, max(rows, 1), most or max(rows, 1)):
            table = as_table(lazy.slice(first, most).collect(), path.name)
            yield replace(table, row_numbers=range(first + 1, first + table.rows + 1))
            if progress is not None:
                progress(min(1.0, (first + table.rows) / max(rows, 1)))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableSource(f"{path.name} can't be read as Parquet: {error}") from error


def as_table(frame: Any, name: str = "table") -> Table:
    """A table from any dataframe: polars, pandas, pyarrow, whatever speaks Arrow; or a mapping of column to values."""
    columns = {str(column): [_plain(value) for value in values] for column, values in _columns(frame, name).items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise UnreadableSource(f"the columns of {name} differ in length: {sorted(lengths)}")
    rows = lengths.pop() if lengths else 0
    if not columns:
        raise UnreadableSource(f"{name} has no columns")
    prints = [hash(row) for row in zip(*columns.values(), strict=True)]
    return Table(name, columns, range(1, rows + 1), prints, header=tuple(columns))


def _columns(frame: Any, name: str) -> dict[str, list[Any]]:
    if isinstance(frame, dict):
        if any(isinstance(values, str) or not isinstance(values, Iterable) for values in frame.values()):
            raise UnreadableSource(f"{name} holds something that is no dataframe and no column of values")
        return {column: list(values) for column, values in frame.items()}
    if hasattr(frame, "collect") and hasattr(frame, "lazy"):
        frame = frame.collect()
    if hasattr(frame, "to_dict") and type(frame).__module__.startswith("polars"):
        return {column: frame[column].to_list() for column in frame.columns}
    if type(frame).__module__.startswith("pandas"):
        return {str(column): frame[column].tolist() for column in frame.columns}
    if hasattr(frame, "__arrow_c_stream__") or hasattr(frame, "__dataframe__"):
        import polars as pl

        arrived = pl.DataFrame(frame) if hasattr(frame, "__arrow_c_stream__") else pl.from_dataframe(frame)
        return {column: arrived[column].to_list() for column in arrived.columns}
    raise UnreadableSource(f"{name} is a {type(frame).__name__}, no dataframe; give a polars, pandas or Arrow table")


def _plain(value: Any) -> Cell:
    """A cell as a plain value; a missing one is None; a list becomes ``a | b``."""
    if value is None or isinstance(value, (str, bool, int)):
        return value
    # Missing numbers and times of other libraries differ from themselves, or are called so.
    if str(value) in ("nan", "NaT", "<NA>"):
        return None
    if isinstance(value, (list, tuple)):
        return " | ".join(str(part) for part in value)
    for plain in ("to_pydatetime", "item"):
        if hasattr(value, plain):
            return _plain_again(getattr(value, plain)())
    return value if isinstance(value, (float, datetime, date, time)) else str(value)


def _plain_again(value: Any) -> Cell:
    return value if isinstance(value, (str, bool, int, float, datetime, date, time)) else str(value)
