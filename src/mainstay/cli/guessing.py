"""`add --guess`: a mapping proposed for an unknown table, rows as it understands them, and nothing kept unasked."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import add, print_lines
from mainstay.cli.progress import bar
from mainstay.doors.bringing_in import answered, export_at
from mainstay.errors import AlreadyThere, BadRecord, BadRequest, UnreadableSource
from mainstay.quantities import zone_named
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.records.guessing import Answers, Proposal, Question
    from mainstay.records.tables import Table

ENDING = ".mainstay.toml"
MOST_TRIES = 3


def guess(
    case: Path,
    path: Path,
    *,
    out: Path | None,
    zone: str | None,
    person: str | None,
    source: str | None,
    purposes: tuple[str, ...],
) -> None:
    """Propose a mapping for a CSV or Parquet file, write it, show ten rows; keep them only after a yes at a terminal.

    Without a terminal it stops with the next command. A file that is there is never written over.
    """
    from mainstay.records.guessing import Answers, propose
    from mainstay.records.tables import read_table

    if source is not None:
        raise BadRequest("--as names what an export is and --guess finds out what a table holds; keep one")
    out = out or path.with_name(path.name + ENDING)
    _refuse_what_needs_no_guess(path, out)
    if zone is not None:
        zone_named(zone)
    with bar("Reading") as tell:
        table = read_table(path, progress=None if tell is None else lambda share: tell(round(share * 1000), 1000))
    answers = Answers(zone=zone, person=person)
    proposal = propose(table, answers)
    _refuse_a_stranger(proposal, person, path)
    if asking.at_a_terminal():
        while proposal.questions:
            answers = _answered(proposal.questions[0], answers)
            proposal = propose(table, answers)
    _write(out, proposal.toml)
    print_lines(_told(table, proposal, answers, out))
    command = _command(case, path, out, proposal, answers)
    if proposal.plan is None or proposal.questions or not asking.at_a_terminal():
        print_lines([f"Nothing was kept. Read {out}, change what is wrong, then: {command}"])
        return
    if asking.word("Keep the records as shown? Type yes, or press Enter to look at the file first: ").strip() != "yes":
        print_lines([f"Nothing was kept. Next: {command}"])
        return
    add(case, path, mapping=out, zone=None, person=answers.person, purposes=purposes, every=False)


def _refuse_what_needs_no_guess(path: Path, out: Path) -> None:
    if not path.exists():
        raise UnreadableSource(f"there is nothing at {path}; check the path")
    if not path.is_file():
        raise BadRequest(f"--guess looks at one CSV or Parquet file, and {path} is a folder; give a file of it")
    known = export_at(path)
    if known is not None:
        raise BadRequest(f"{path} is an export of {known}, which is read without guessing; leave out --guess")
    if out.exists():
        raise AlreadyThere(
            f"{out} is there already and is not written over; to use it: --map {out} without --guess; "
            "to have another proposal: --guess --map OTHER.toml"
        )


def _refuse_a_stranger(proposal: Proposal, person: str | None, path: Path) -> None:
    if person is None:
        return
    if proposal.person_column is None:
        raise BadRequest(f"no column of {path} tells people apart, so {person!r} can't be found; leave out --person")
    open_ = next((one for one in proposal.questions if one.about == "person"), None)
    if open_ is not None:
        raise BadRequest(f"nobody in {path} is called {person!r}; {open_.text}")


def _answered(question: Question, answers: Answers) -> Answers:
    """Ask one question until its answer can be used, at most three times."""
    print_lines([question.text])
    for _ in range(MOST_TRIES):
        try:
            return answered(question, asking.word("> ").strip(), answers)
        except (BadRecord, BadRequest, ValueError) as error:
            print_lines([str(error)])
    raise BadRequest("that was no answer that can be used; nothing was kept, start again")


def _write(out: Path, text: str) -> None:
    """Write a new file that only its owner can read; refuses one that is there."""
    try:
        handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise AlreadyThere(f"{out} is there already and is not written over; name another with --map") from None
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        stream.write(text)


def _told(table: Table, proposal: Proposal, answers: Answers, out: Path) -> list[str]:
    from mainstay.records.guessing_preview import understood

    lines = [f"Looked at {counted(table.rows, 'row')} of {table.name}; the proposal is in {out}."]
    if proposal.trial is not None:
        rows = understood(table, proposal.trial, zone=answers.zone, person=answers.person, now=asking.now())
        several = proposal.person_column is not None and answers.person is None
        lines += ["", f"{counted(len(rows), 'row')} as understood{' (of the first person)' if several else ''}:"]
        for one in rows:
            lines.append(f"  row {one.number}")
            lines += [f"    {text}" for text in one.kept or ("nothing",)]
            lines += [f"    not kept: {reason}" for reason in one.refused]
    if proposal.left_out:
        lines += ["", "Left out:", *(f"  {column}: {why}" for column, why in proposal.left_out)]
    if proposal.questions or proposal.doubts:
        open_ = (*proposal.doubts, *(one.text for one in proposal.questions))
        lines += ["", "To settle (marked ASK in the file):", *(f"  {text}" for text in open_)]
    return [*lines, ""]


def _command(case: Path, path: Path, out: Path, proposal: Proposal, answers: Answers) -> str:
    words = ["mainstay", "add", str(case), str(path), "--map", str(out)]
    asked = {one.about for one in proposal.questions}
    if "zone" in asked:
        words += ["--zone", "ZONE"]
    if proposal.person_column is not None:
        words += ["--person", answers.person or "WHO"]
    return " ".join(shlex.quote(word) for word in words)
