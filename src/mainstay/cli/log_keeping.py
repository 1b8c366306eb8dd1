"""What every `log` does: open the casebook, find what is known, keep one record, and say so in one line."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.errors import BadRecord, BadRequest

if TYPE_CHECKING:
    from mainstay.casebook import Added, Casebook
    from mainstay.doors.noting import Note
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Record

SHOWN_ID, MOST_IDS = 8, 5
LONGEST_INPUT = 64 * 1024
_T = TypeVar("_T")


def keep(casebook: Casebook, case: Path, note: Note, *, at: Instant) -> None:
    """Keep a note for the person's own answers, and print the receipt, and what they may not expect of it.

    Nothing that is on record is changed: what says something else under the same name and time is refused.
    """
    from mainstay.doors.noting import kept

    tell_kept(casebook, case, kept(casebook, note, at), note.records, note.said, at=at)
    if note.hints:
        print_lines(list(note.hints))


def tell_kept(
    casebook: Casebook, case: Path, added: Added, records: tuple[Record, ...], said: str, *, at: Instant
) -> None:
    """Print the receipt of what was kept by hand. Refuses where something else is on record in its place."""
    from mainstay.cli.consenting import standing_lines

    ids = f" (id {', '.join(one.id[:SHOWN_ID] for one in records)})" if len(records) <= MOST_IDS else ""
    if added.different and not added.new:
        first = records[0].id[:SHOWN_ID]
        raise BadRequest(f"something else is on record under this name and time; to correct it: --replaces {first}")
    lines = [f"Noted: {said}{ids}."] if added.new else ["That is on record already; nothing was added."]
    print_lines([*lines, *standing_lines(casebook, case, {*added.new, *added.already}, at)])


def asked(question: str, use: Callable[[str], _T]) -> _T:
    """Ask until the answer can be used. Only at a terminal; the end of input stops it, and nothing is kept."""
    from mainstay.report.words import clean

    while True:
        said = asking.word(clean(question)).strip()
        try:
            return use(said)
        except (BadRecord, BadRequest, ValueError) as refused:
            print_lines([f"  {refused}"])


def toml_from(file: Path | None) -> str:
    """The TOML of a statement: from a file, or from standard input."""
    if file is None:
        return from_input()
    if not file.is_file():
        raise BadRequest(f"there is no file at {file}; check the path")
    with file.open("rb") as stream:
        return _text(stream.read(LONGEST_INPUT + 1), file.name)


def from_input() -> str:
    """What comes by standard input, where no terminal is."""
    return _text(sys.stdin.buffer.read(LONGEST_INPUT + 1), "what came by standard input")


def _text(held: bytes, called: str) -> str:
    if len(held) > LONGEST_INPUT:
        raise BadRequest(f"{called} is longer than {LONGEST_INPUT // 1024} kB, which nobody writes by hand")
    try:
        text = held.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadRequest(f"{called} is no text in UTF-8; save it as UTF-8") from None
    if not text.strip():
        raise BadRequest(f"{called} is empty, so nothing was noted")
    return text
