"""CSV files of an export, row by row, with what can't be read refused; and what stands in a cell."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import zip_longest
from typing import IO, Any

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.records.conditions import number
from mainstay.records.place import Place
from mainstay.records.sources.intake import Intake
from mainstay.records.tables import LONGEST_LINE, MOST_COLUMNS, sniff_delimiter


def header_of(place: Place, file: str) -> tuple[str, ...]:
    """The column names of a CSV file by its first bytes; empty where it has none that can be read."""
    line = place.head(file).removeprefix(b"\xef\xbb\xbf").split(b"\n", 1)[0].strip(b"\r")
    delimiter = sniff_delimiter(_text_of_head(place, file))
    try:
        return tuple(cell.strip() for cell in next(csv.reader([_text(line)], delimiter=delimiter, strict=True), []))
    except csv.Error:
        return ()


def csv_rows(place: Place, file: str, intake: Intake, *, short: bool = False) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file with their numbers from 1 after the header. Blank lines are no rows.

    A row of another width than the header, or one whose quotes are broken, is refused and the rest is read. `short`:
    the export leaves out empty cells at the end of a row. The delimiter is found out. The text is UTF-8; a line
    that isn't is read as Latin-1, which the receipt says.
    """
    row_number = 0
    try:
        with place.open(file) as stream:
            reader = csv.reader(
                _lines(stream, file, intake), delimiter=sniff_delimiter(_text_of_head(place, file)), strict=True
            )
            header: list[str] | None = None
            for row in _readable(reader):
                if header is None:
                    if isinstance(row, csv.Error) or len(row) > MOST_COLUMNS:
                        raise UnreadableSource(f"{file} has no header that can be read")
                    header = [cell.strip() for cell in row]
                    continue
                row_number += 1
                if isinstance(row, csv.Error):
                    intake.refuse(file, row_number, f"can't be read as a row: {row}")
                    continue
                cells = row[: len(header)] if not any(cell.strip() for cell in row[len(header) :]) else row
                if len(cells) > len(header) or (len(cells) < len(header) and not short):
                    reason = f"has {len(row)} cells where the header names {len(header)}"
                    intake.refuse(file, row_number, reason)
                    continue
                yield row_number, dict(zip_longest(header, cells, fillvalue=""))
    except UnreadableSource as error:
        intake.refuse(file, row_number + 1, str(error))


def number_in(cell: Any, what: str) -> float | None:
    """The number a cell or JSON value holds; None where it is empty; refuses (`BadRecord`) anything else."""
    if cell is None or (isinstance(cell, str) and not cell.strip()):
        return None
    value = None if isinstance(cell, bool) else number(cell)
    if value is None:
        raise BadRecord(f"{what} is {str(cell)[:40]!r}, which is no number")
    return value


def _readable(reader: Any) -> Iterator[list[str] | csv.Error]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield error
            continue
        if any(cell.strip() for cell in row):
            yield row


def _text_of_head(place: Place, file: str) -> str:
    return place.head(file).decode("utf-8-sig", "replace")


def _lines(stream: IO[bytes], file: str, intake: Intake) -> Iterator[str]:
    first = True
    while line := stream.readline(LONGEST_LINE + 1):
        intake.read(len(line))
        if len(line) > LONGEST_LINE:
            raise UnreadableSource(f"a line of {file} is longer than {LONGEST_LINE:,} bytes; that is no table")
        if first and line[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise UnreadableSource(f"{file} is written in UTF-16; save it as UTF-8")
        if first:
            line, first = line.removeprefix(b"\xef\xbb\xbf"), False
        text = _text(line)
        if len(text) == len(line) and not line.isascii():
            intake.note(f"{file} is not all UTF-8; some lines were read as Latin-1: check their accents")
        yield text


def _text(line: bytes) -> str:
    """A line as UTF-8; one that isn't, as Latin-1."""
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1")
