"""What every `log` does: open the casebook, find what is known, keep one record, and say so in one line."""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.errors import BadRecord, BadRequest
from mainstay.records.words import few

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant, Span
    from mainstay.records.kinds import Item, Record

SHORTEST_ID, SHOWN_ID, MOST_IDS = 6, 8, 5
LONGEST_INPUT = 64 * 1024
_T = TypeVar("_T")


class Told:
    """Records as a timeline holds them, for what is asked of statements: those that were corrected are left out."""

    def __init__(self, records: tuple[Record, ...]) -> None:
        corrected = {one.supersedes for one in records}
        self._others = tuple(one for one in records if one.id not in corrected)

    @property
    def others(self) -> tuple[Record, ...]:
        """The records that stand."""
        return self._others


def keep(
    casebook: Casebook,
    case: Path,
    records: tuple[Record, ...],
    said: str,
    *,
    at: Instant,
    items: tuple[Item, ...] = (),
    anchor: str | None = None,
) -> None:
    """Keep records as one batch, for the person's own answers, and print the receipt.

    Nothing that is on record is changed: what says something else under the same name and time is refused.
    """
    from mainstay.casebook import Consent
    from mainstay.cli.consenting import standing_lines
    from mainstay.records.kinds import Batch
    from mainstay.records.logged import BY_HAND

    consent = Consent(given_at=casebook.clock(at), only_where_unsaid=True)
    added = casebook.add(Batch(BY_HAND, records, items, anchor), consent, now=at)
    ids = f" (id {', '.join(one.id[:SHOWN_ID] for one in records)})" if len(records) <= MOST_IDS else ""
    if added.different and not added.new:
        first = records[0].id[:SHOWN_ID]
        raise BadRequest(f"something else is on record under this name and time; to correct it: --replaces {first}")
    lines = [f"Noted: {said}{ids}."] if added.new else ["That is on record already; nothing was added."]
    print_lines([*lines, *standing_lines(casebook, case, {*added.new, *added.already}, at)])


def own_records(casebook: Casebook, at: Instant) -> tuple[tuple[Record, ...], tuple[Item, ...]]:
    """The records and items that may be read for the person's own answers."""
    found = casebook.read("own_answers", now=at)
    return found.records, found.items


def to_correct(text: str | None, records: Iterable[Record]) -> Record | None:
    """The record that is corrected, by the first letters of its id. Refuses one that is not there, or corrected."""
    if text is None:
        return None
    wanted = text.strip().lower()
    if len(wanted) < SHORTEST_ID:
        raise BadRequest(f"--replaces needs at least the first {SHORTEST_ID} letters of an id, as a receipt shows it")
    known = tuple(records)
    found = [one for one in known if one.id.startswith(wanted)]
    if len(found) != 1:
        why = "several records have" if found else "no record that may be read has"
        raise BadRequest(f"{why} an id that begins with {text.strip()[:40]!r}")
    later = next((one for one in known if one.supersedes == found[0].id), None)
    if later is not None:
        raise BadRequest(f"that was corrected already, by {later.id[:SHOWN_ID]}; correct this one")
    return found[0]


def close_to(name: str, known: Iterable[str]) -> str:
    """A hint where a name that is known looks much like the one given."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def listed(names: Iterable[str]) -> str:
    """Names in order, or that there are none."""
    return few(sorted(names)) or "none yet"


def asked(question: str, use: Callable[[str], _T]) -> _T:
    """Ask until the answer can be used. Only at a terminal; the end of input stops it, and nothing is kept."""
    from mainstay.report.words import clean

    while True:
        said = asking.word(clean(question)).strip()
        try:
            return use(said)
        except (BadRecord, BadRequest, ValueError) as refused:
            print_lines([f"  {refused}"])


def number(said: str) -> float:
    """A number as it is typed, with a point or a comma."""
    try:
        return float(said.replace(",", "."))
    except ValueError:
        raise BadRequest(f"{said[:40]!r} is no number") from None


def one_of(said: str, words: tuple[str, ...]) -> str:
    """One of a few words, in small letters."""
    if said.lower() not in words:
        raise BadRequest(f"one of: {', '.join(words)}")
    return said.lower()


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


def when_in_words(happened: Instant | Span, at: Instant) -> str:
    """When something happened, as somebody would say it: "today, 14:02"; of a span, its day."""
    from mainstay.quantities import Span

    if isinstance(happened, Span):
        return _day(happened.start, at)
    return f"{_day(happened, at)}, {happened.as_local:%H:%M}"


def stretch_in_words(span: Span, at: Instant) -> str:
    """From when to when: "today, 07:00 to 15:30"."""
    same = span.start.as_local.date() == span.end.as_local.date()
    end = f"{span.end.as_local:%H:%M}" if same else when_in_words(span.end, at)
    return f"{when_in_words(span.start, at)} to {end}"


def _day(moment: Instant, at: Instant) -> str:
    days = (at.as_local.date() - moment.as_local.date()).days
    return {0: "today", 1: "yesterday"}.get(days) or moment.day_in_words
