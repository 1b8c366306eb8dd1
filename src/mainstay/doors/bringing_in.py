"""Bringing records in: what an export is known to be, reading it, answers about an unknown table, what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest, UnreadableSource
from mainstay.quantities import zone_named
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Added, Consent
    from mainstay.quantities import Instant
    from mainstay.records.guessing import Answers, Question
    from mainstay.records.kinds import Batch, Receipt
    from mainstay.records.mapping import Mapping

Progress = Callable[[int, int], None]
OWN = "own_answers"
LEAVE_OUT = "leave out"
MOST_CHOICES_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Export:
    """An app or device whose exports are known: its name for us, its title, where a person finds the export, what its
    reader was tried on (None: read by its description only)."""

    name: str
    title: str
    found_at: str
    tried_on: str | None
    asks_zone: bool


def exports() -> tuple[Export, ...]:
    """Every export that is known by what it holds; those that are read by a mapping that comes along stand last."""
    from mainstay.records.presets import PRESETS
    from mainstay.records.sources import sources

    return (
        *(Export(one.name, one.title, one.found_at, one.tried_on, one.zone == "asked") for one in sources()),
        *(Export(one.name, one.title, one.found_at, None, asks_zone=False) for one in PRESETS.values()),
    )


def export_at(path: Path) -> str | None:
    """The title of the export that lies at a path, by what it holds; None where none is known.

    Refuses a path at which there is nothing, and a damaged zip.
    """
    from mainstay.records.place import Place
    from mainstay.records.presets import recognised as by_columns
    from mainstay.records.sources import recognised

    place = Place(path)
    try:
        known = recognised(place) or by_columns(place)
    finally:
        place.close()
    return None if known is None else known.title


def brings_its_mapping(path: Path) -> bool:
    """Whether a folder says itself what its files hold."""
    from mainstay.records.reader import FOLDER_MAPPING

    return (path / FOLDER_MAPPING).is_file()


def consent_to(purposes: tuple[str, ...], given_at: Instant) -> Consent:
    """Consent for what is brought in. Without purposes, what was said of a stream before stands."""
    from mainstay.casebook import Consent

    return Consent(purposes=purposes or (OWN,), given_at=given_at, only_where_unsaid=not purposes)


def read_source(
    path: Path,
    at: Instant,
    *,
    called: str | None = None,
    mapping: Mapping | Path | None = None,
    zone: str | None = None,
    person: str | None = None,
    source: str | None = None,
    progress: Progress | None = None,
) -> tuple[Batch, Receipt]:
    """Read a source, adding nothing. Refuses one of which no row can be kept, by what it is `called`."""
    from mainstay.records.reader import read

    batch, receipt = read(path, mapping, zone=zone, now=at, person=person, source=source, progress=progress)
    if not batch.records:
        raise UnreadableSource(nothing_kept(called or str(path), receipt))
    return batch, receipt


def answered(question: Question, said: str, answers: Answers) -> Answers:
    """The answers with one more. Refuses what is no answer to the question."""
    if question.about == "zone":
        return replace(answers, zone=zone_named(said).key)
    if question.about == "start":
        return replace(answers, start=date.fromisoformat(said))
    if question.about == "better" and not said:
        said = LEAVE_OUT
    if said not in question.choices:
        raise BadRequest(f"{said!r} is none of: {', '.join(question.choices[:MOST_CHOICES_SHOWN])}")
    if question.about == "person":
        return replace(answers, person=said)
    if question.about == "order":
        return replace(answers, day_first={**answers.day_first, question.column: said == "day"})
    better = None if said == LEAVE_OUT else "low" if said == "low" else "high"
    return replace(answers, better={**answers.better, question.column: better})  # type: ignore[dict-item]


def nothing_kept(called: str, receipt: Receipt) -> str:
    """Why a source gave no record, in one sentence."""
    if receipt.rows_read == 0:
        return f"{called} holds no rows; nothing was added"
    if not receipt.refused:
        return f"{called}: all {receipt.rows_read} rows are empty where the mapping looks; nothing was added"
    first = receipt.refused[0]
    return (
        f"{called}: none of its {receipt.rows_read} rows could be kept, so nothing was added; "
        f"the first refusal: {first.place}, row {first.row}: {first.reason}"
    )


def refused_in_words(receipt: Receipt) -> str:
    """What was refused, counted; empty where nothing was."""
    if not receipt.refused:
        return ""
    return f"Refused {counted(receipt.rows_refused, 'row') if receipt.rows_refused else 'single cells'}:"


def added_lines(called: str, added: Added) -> list[str]:
    """What the casebook took and what it had already."""
    new, already = sum(added.new.values()), sum(added.already.values())
    held = f"; {already:,} were there already" if already else ""
    lines = [f"Added {counted(new, 'new record')} to {called}{held}."]
    if added.samples:
        lines.append(f"Among them are signals with {counted(sum(added.samples.values()), 'sample')}.")
    if added.grown:
        lines.append(f"Signals that were there took up {sum(added.grown.values()):,} new samples.")
    if added.different:
        count, streams = sum(added.different.values()), ", ".join(added.different)
        lines.append(
            f"Note: {count:,} of those differ from what is held ({streams}); "
            "what was there first stands. To take the new values, make a new casebook and add the files again."
        )
    return lines
