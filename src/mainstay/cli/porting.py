"""What leaves a casebook whole and comes back: `export` and `import` in the open, `backup` and `restore` encrypted."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import mainstay
from mainstay.cli import asking
from mainstay.cli.erasing import read_receipt
from mainstay.cli.files import check_output, whole_file, whole_folder
from mainstay.cli.keeping import print_lines
from mainstay.doors.leaving import parcel_of, refuse_other_kept
from mainstay.errors import AlreadyThere, BadRequest, CasebookError
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.backup import BackedUp, Gone
    from mainstay.casebook.erasure import ErasureReceipt
    from mainstay.casebook.portability import Parcel, TakenIn
    from mainstay.quantities import Instant

ZIP = ".zip"
NOT_ENCRYPTED = (
    "This writes your records as ordinary files. They are not encrypted: whoever has the files can read them, and so "
    "can programs that copy your folders elsewhere. For a safe copy there is 'mainstay backup'."
)
WHY_RECEIPTS = (
    "A backup holds what it held when it was made. If you have erased something since then, it would come back with "
    "this backup. Each erasure wrote a receipt, a small file; with the newest receipt it is erased again now."
)


def export(case: Path, out: Path, *, yes: bool) -> None:
    """Write everything that may be read for the person's own answers as plain files, after a warning."""
    zipped = out.suffix.lower() == ZIP
    if zipped:
        check_output(out, (ZIP,), case)
        if out.exists():
            raise AlreadyThere(f"{out} is already there; choose another name")
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise AlreadyThere(f"{out} is already there; choose another name")
    print_lines([NOT_ENCRYPTED])
    asking.agreed("Write them?", yes)
    from mainstay.casebook import Casebook
    from mainstay.casebook.portable_files import write_folder, write_zip

    at = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        parcel = parcel_of(casebook, at)
    if zipped:
        with whole_file(out) as part:
            write_zip(parcel, part, version=mainstay.__version__)
    else:
        with whole_folder(out) as part:
            write_folder(parcel, part, version=mainstay.__version__)
    print_lines(_exported(out, parcel))


def _exported(out: Path, parcel: Parcel) -> list[str]:
    lines = [
        f"Wrote {counted(len(parcel.records), 'record')} of {counted(len(parcel.streams), 'stream')} to {out}. "
        f"{'README.md in it' if out.suffix.lower() == ZIP else out / 'README.md'} explains every file and column."
    ]
    if parcel.left_out:
        lines.append(f"Not in it, because consent does not cover your own answers now: {', '.join(parcel.left_out)}.")
    return [*lines, f"{out} is not encrypted. Delete it when you are done with it."]


def import_(case: Path, source: Path) -> None:
    """Bring an export back, into a new casebook or one that is there."""
    from mainstay.casebook import Casebook, container
    from mainstay.casebook.portable_reading import read_export

    at = asking.now()
    parcel = read_export(source)
    refuse_other_kept(parcel)
    made = not case.exists()
    secret = asking.passphrase(case, twice=made)
    if made:
        Casebook.create(case, secret, now=at).close()
    try:
        with Casebook.open(case, secret) as casebook:
            told = casebook.put_in(parcel, now=at)
    except BaseException:
        if made:
            container.remove_parts(case)  # it was made a moment ago, and holds nothing
        raise
    print_lines(_imported(case, parcel, told, made=made))


def _imported(case: Path, parcel: Parcel, told: TakenIn, *, made: bool) -> list[str]:
    new, already = sum(told.new.values()), sum(told.already.values())
    held = f"; {already:,} were there already" if already else ""
    lines = [f"{'Made' if made else 'Opened'} {case} and added {counted(new, 'record')}{held}."]
    if told.kept:
        lines.append("What was foreseen, and when options were first shown to you, came with it.")
    if "danger" in told.settings:
        lines.append("Your line for when you are in danger came with it: look on the page whether it is yours.")
    if told.different:
        streams = ", ".join(told.different)
        lines.append(f"Note: some of those say something else ({streams}); what was there first stands.")
    if told.erased:
        lines.append(f"Not brought back, because you erased it here: {', '.join(told.erased)}.")
    kept = sorted({stream.name for stream in parcel.streams} - set(told.new_streams) - set(told.erased))
    if kept:
        lines.append(f"Consent stands as it was here for what was here before: {', '.join(kept)}.")
    if told.new_streams:
        lines.append(f"Consent came with its history for: {', '.join(told.new_streams)}.")
    if parcel.left_out:
        lines.append(f"The export did not hold: {', '.join(parcel.left_out)}.")
    return [*lines, f"To see what may be read for what: mainstay consent {case} show"]


def backup(case: Path, out: Path, *, replace: bool) -> None:
    """Write an encrypted copy and say what it holds."""
    from mainstay.casebook import Casebook

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        done = casebook.back_up(out, replace=replace)
    print_lines(_backed_up(out, done))


def _backed_up(out: Path, done: BackedUp) -> list[str]:
    newest = "" if done.newest is None else f"; the newest was added on {_day(done.newest)}"
    return [
        f"Wrote {out}: {counted(done.records, 'record')}, {done.bytes / 1e6:,.1f} MB{newest}. "
        "Every page of it was read back.",
        "It is encrypted and opens with the passphrase of today, also if you change it later.",
        "What you erase from the casebook stays in this copy: delete copies that you no longer want.",
    ]


def restore(source: Path, case: Path, *, receipts: list[Path], nothing_erased: bool, replace: bool, yes: bool) -> None:
    """Bring a backup back as a casebook, with what was erased since then erased again."""
    from mainstay.casebook.backup import aside, restoring

    if receipts and nothing_erased:
        raise BadRequest("--receipts and --nothing-erased contradict each other; give one of them")
    if case.exists() and not replace:
        raise AlreadyThere(
            f"{case} is already there; restore to another name, or put the backup in its place with --replace "
            "(what is there is moved aside, not deleted)"
        )
    at = asking.now()
    read = [read_receipt(path) for path in receipts]
    secret = asking.passphrase(source)
    moved = aside(case.absolute()) if case.exists() else None
    with restoring(source, case, secret, replace=replace) as casebook:
        at_hand = _compared(case, casebook, secret, at, yes=yes) if moved else None
        if at_hand is not None:
            read.append(at_hand.receipt)
        elif not receipts and not nothing_erased:
            read += _asked_for_receipts()
        erased = casebook.replay(read, now=at) if read else ()
        closed = [] if at_hand is None else _withdraw_again(casebook, at_hand.closed, at)
        records = sum(stream.count for stream in casebook.streams())
    lines = [f"Restored {source} to {case}: {counted(records, 'record')}. Every page of it was read."]
    if erased:
        lines.append(f"Erased again, as the receipts say: {', '.join(erased)}.")
    if closed:
        lines.append(f"Withdrawn again, as it was in the casebook at hand: {', '.join(closed)}.")
    elif at_hand is None:
        lines.append(f"Consent is as it was when the backup was made; to see it: mainstay consent {case} show")
    if moved:
        lines.append(f"What was there before is now {moved.name}, with the passphrase it had. Delete it if you like.")
    print_lines([*lines, "The passphrase is the one that the backup was made under."])


@dataclass(frozen=True, slots=True)
class AtHand:
    """What a backup can't know: what was erased since, and for what (stream by identity, purpose) consent has ended."""

    receipt: ErasureReceipt
    closed: frozenset[tuple[str, str]]


def _withdraw_again(casebook: Casebook, closed: frozenset[tuple[str, str]], at: Instant) -> list[str]:
    """Ends in a backup what was ended since it was made; says of which stream and for what."""
    clock, done = casebook.clock(at), []
    for stream in casebook.streams():
        for held in stream.consent:
            if held.valid(clock) and (stream.identity, held.purpose) in closed:
                casebook.withdraw([stream.name], [held.purpose], now=at)
                done.append(f"{stream.name} for {held.purpose}")
    return done


def _compared(case: Path, older: Casebook, secret: str, at: Instant, *, yes: bool) -> AtHand | None:
    """What would be gone is said and agreed to; what the backup can't know, None where CASE can't be opened."""
    from mainstay.casebook import Casebook, container

    try:
        if container.read_head(case).case_id != container.read_head(older.path).case_id:
            raise CasebookError("it is another casebook")
        with Casebook.open(case, secret) as existing:
            gone, receipt, clock = existing.would_be_gone(older), existing.receipt(), existing.clock(at)
            closed = frozenset(
                (stream.identity, held.purpose)
                for stream in existing.streams()
                for held in stream.consent
                if not held.valid(clock)
            )
    except CasebookError as refused:
        print_lines([f"{case} can't be compared with the backup: {refused}. It will be moved aside."])
        asking.agreed("Put the backup in its place?", yes)
        return None
    print_lines([_said_of(case, gone)])
    asking.agreed("Put the backup in its place?", yes)
    return AtHand(receipt, closed)


def _said_of(case: Path, gone: Gone) -> str:
    if gone.newest is None:
        return f"{case} holds no record that the backup lacks."
    return (
        f"{case} is newer: it holds {counted(gone.records, 'record')} that the backup lacks, the newest added on "
        f"{_day(gone.newest)}. They would not be in the restored casebook."
    )


def _asked_for_receipts() -> list[ErasureReceipt]:
    """The receipts whose paths are typed; without a terminal, `--receipts` or `--nothing-erased` must say it."""
    print_lines([WHY_RECEIPTS])
    if not sys.stdin.isatty():
        raise BadRequest(
            "say which receipts there are with --receipts FILE, or that nothing was erased with --nothing-erased"
        )
    found = []
    while typed := asking.word("File of an erasure receipt (nothing, if there is none or no more): ").strip():
        found.append(read_receipt(Path(typed)))
    return found


def _day(instant: Instant) -> str:
    return f"{instant.as_local:%Y-%m-%d}"
