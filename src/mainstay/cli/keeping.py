"""What goes into a casebook: `new`, and `add` with its receipt."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.progress import bar
from mainstay.doors import bringing_in
from mainstay.errors import AlreadyThere, BadRequest, UnreadableSource
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Added, Casebook, Consent
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Receipt

SUFFIX = ".mainstay"
FEW = 20


def new(case: Path) -> None:
    """Make an empty casebook."""
    if case.exists():
        raise AlreadyThere(f"{case} is already there; choose another name, or add to it with 'mainstay add'")
    if not case.absolute().parent.is_dir():
        raise BadRequest(f"there is no folder {case.parent}; make it first")
    secret = asking.passphrase(case, twice=True)
    from mainstay.casebook import Casebook

    Casebook.create(case, secret, now=asking.now()).close()
    warn_if_synchronised(case)
    print(f"Made {case}, encrypted with your passphrase. Without the passphrase nobody can read it, you included.")
    if case.suffix != SUFFIX:
        print(f"(The name is up to you; {SUFFIX} at the end would tell others what it is.)")
    print(f"Next: mainstay add {case} PATH")


def add(
    case: Path,
    path: Path,
    *,
    mapping: Path | None,
    zone: str | None,
    person: str | None,
    source: str | None = None,
    purposes: tuple[str, ...],
    every: bool,
) -> None:
    """Read a source into the casebook and print the receipt. Without purposes, what was said of a stream stands."""
    from mainstay.casebook import Casebook
    from mainstay.cli.consenting import standing_lines

    at = asking.now()
    if not path.exists():
        raise UnreadableSource(f"there is nothing at {path}; check the path")
    if mapping is not None and source is not None:
        raise BadRequest("--map and --as are two ways to say what the file holds; keep one")
    consent = bringing_in.consent_to(purposes, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        consent = replace(consent, given_at=casebook.clock(at))
        receipt, added = take(casebook, path, at, consent, mapping=mapping, zone=zone, person=person, source=source)
        standing = standing_lines(casebook, case, {*added.new, *added.already}, at)
    print_lines([*receipt_lines(receipt, every=every), *added_lines(case, added), *standing])
    warn_if_synchronised(case)


def warn_if_synchronised(case: Path) -> None:
    """Say on the error stream that another program copies the casebook's folder elsewhere, if one does."""
    from mainstay.casebook.places import synchronised_by

    program = synchronised_by(case)
    if program is not None:
        print(
            f"mainstay: note: {case} lies in a folder that {program} copies elsewhere. It is encrypted there too, but "
            "older copies stay when something is erased, and a copy taken while it is written may be broken. A folder "
            "that is not copied is better.",
            file=sys.stderr,
        )


def print_lines(lines: list[str]) -> None:
    """Print lines in which names from records may stand; such a name can't steer the terminal."""
    from mainstay.report.text import clean

    print("\n".join(clean(line) for line in lines))


def take(
    casebook: Casebook,
    path: Path,
    at: Instant,
    consent: Consent,
    *,
    mapping: Path | None = None,
    zone: str | None = None,
    person: str | None = None,
    source: str | None = None,
) -> tuple[Receipt, Added]:
    """Read and add. Refuses a source of which no row can be kept; then nothing is added."""
    with bar("Reading") as progress:
        batch, receipt = bringing_in.read_source(
            path, at, mapping=mapping, zone=zone, person=person, source=source, progress=progress
        )
    with bar("Keeping", "records") as progress:
        return receipt, casebook.add(batch, consent, now=at, progress=progress)


def receipt_lines(receipt: Receipt, *, every: bool = False) -> list[str]:
    """What became of every row: read, kept by stream, empty, refused with reasons and row numbers."""
    lines = [f"Read {counted(receipt.rows_read, 'row')} from {receipt.source}."]
    if receipt.kept:
        width = max(len(name) for name in receipt.kept)
        lines += ["Records found, by stream:"]
        lines += [f"  {name:<{width}}  {count:>9,}" for name, count in sorted(receipt.kept.items())]
    if receipt.rows_empty:
        lines.append(f"Nothing to read in {counted(receipt.rows_empty, 'row')}.")
    if receipt.refused:
        lines.append(bringing_in.refused_in_words(receipt))
        lines += _refusals(receipt, len(receipt.refused) if every else FEW)
    return lines + [f"Note: {note}" for note in receipt.notes]


def _refusals(receipt: Receipt, most: int) -> list[str]:
    lines = [f"  {one.place}, row {one.row}: {one.reason}" for one in receipt.refused[:most]]
    if len(receipt.refused) > most:
        lines.append(f"  … and {len(receipt.refused) - most:,} more (--every-refusal prints them)")
    return lines


def added_lines(case: Path, added: Added) -> list[str]:
    """What the casebook took, and what comes next."""
    return [*bringing_in.added_lines(str(case), added), f"Next: mainstay tell {case}"]
