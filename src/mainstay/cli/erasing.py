"""`erase`: what goes is shown first, the name is typed, the receipt is written; `people`: whose names are kept."""

from __future__ import annotations

from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.files import as_sentence, whole_file
from mainstay.cli.keeping import print_lines
from mainstay.doors.erasing import (
    EVERYTHING,
    FORGOTTEN,
    KEEP_IT,
    LIMITS,
    MOST_RECEIPT_BYTES,
    WHO_SEES,
    called,
    receipt_in,
    would_go,
)
from mainstay.errors import AlreadyThere, BadRequest, CasebookError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstay.casebook import Casebook
    from mainstay.casebook.erasure import ErasureReceipt

RECEIPT_SUFFIX = ".erased.json"


def erase(case: Path, streams: tuple[str, ...], *, receipt: Path | None, replay: tuple[Path, ...], yes: bool) -> None:
    """Erase streams, or again those that receipts name; without either, write the receipt once more."""
    from mainstay.casebook import Casebook

    if streams and replay:
        raise BadRequest("give the streams to erase, or the receipts of what was erased before, not both")
    at = asking.now()
    receipts = [read_receipt(path) for path in replay]
    target = receipt or case.with_name(case.stem + RECEIPT_SUFFIX)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        _refuse_target(target, casebook.receipt())
        if receipts:
            _replay(casebook, receipts, yes)
            gone = casebook.replay(receipts, now=at)
        else:
            if not streams and (receipt is None or not casebook.receipt().erased):
                names = ", ".join(one.name for one in casebook.streams()) or "no stream"
                raise BadRequest(f"name the stream to erase; {case} holds: {names}. Nothing was erased")
            gone = streams
            if streams:
                print_lines(_would_go(casebook, streams))
                asking.named(streams, yes)
                casebook.erase(streams, now=at)
        _write_receipt(case, target, casebook.receipt(), tuple(gone))
        left = casebook.sweep()
    erased = [f"Erased: {', '.join(dict.fromkeys(gone))}."] if gone else []
    still = [f"Not quite finished: {left}."] if left else []
    print_lines([*erased, *still, f"Wrote the receipt to {target}. {KEEP_IT}", *([LIMITS] if gone else [])])


def everything(case: Path, *, yes: bool) -> None:
    """Destroy the whole casebook: its keyslots, then its files. Asks for its name, not for the passphrase."""
    from mainstay.casebook import container
    from mainstay.casebook.erasure import destroy

    container.read_head(case)
    print_lines([f"This destroys {case.name}: every record, consent and answer in it. {EVERYTHING}"])
    asking.named((case.name,), yes)
    destroy(case)
    print_lines([f"{case.name} is gone. A receipt or an export beside it, if there is one, is still there."])


def refuse_with_everything(streams: list[str], receipt: Path | None, replay: list[Path]) -> None:
    """Refuses what makes no sense beside `--everything`."""
    if streams or replay or receipt is not None:
        raise BadRequest("--everything goes alone: no stream is chosen, and nothing is left that would need a receipt")


def people(case: Path, *, forget: str | None, yes: bool) -> None:
    """List the people on record, or drop the name of one."""
    from mainstay.casebook import Casebook

    at = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if forget is None:
            found = casebook.bystanders(now=at)
            lines = [f"{called(one)}: {one.pseudonym}, in {', '.join(one.streams)}" for one in found]
            print_lines([*(lines or ["Nobody is on record."]), *([WHO_SEES] if lines else [])])
            return
        asking.named((forget,), yes)
        pseudonym = casebook.forget_bystander(forget, now=at)
        left = casebook.sweep()
    still = [f"Not quite finished: {left}."] if left else []
    print_lines([f"Forgotten. In your records they are {pseudonym} from now on.", *still, FORGOTTEN])


def read_receipt(path: Path) -> ErasureReceipt:
    """The receipt in a file; refuses what is none."""
    with path.open("rb") as file:
        content = file.read(MOST_RECEIPT_BYTES + 1)
    try:
        return receipt_in(content)
    except BadRequest as error:
        raise BadRequest(f"{path}: {error}") from error


def _write_receipt(case: Path, target: Path, receipt: ErasureReceipt, gone: tuple[str, ...]) -> None:
    try:
        with whole_file(target) as part:
            part.write_text(receipt.as_json(), encoding="utf-8")
    except (BadRequest, OSError) as error:
        if not gone:
            raise
        reason = as_sentence(error) if isinstance(error, OSError) else str(error)
        raise CasebookError(
            f"{', '.join(gone)}: erased, but the receipt is not written: {reason}. It can be written at any time: "
            f"mainstay erase {quote(str(case))} --receipt FILE"
        ) from error


def _refuse_target(target: Path, current: ErasureReceipt) -> None:
    """An older receipt of the same casebook is replaced, since the new one names all that it names; nothing else is."""
    if not target.absolute().parent.is_dir():
        raise BadRequest(f"there is no folder {target.parent} for the receipt; make it first. Nothing was erased")
    if not target.exists():
        return
    try:
        known = read_receipt(target).casebook == current.casebook
    except (BadRequest, OSError):
        known = False
    if not known:
        raise AlreadyThere(f"{target} is already there and no receipt of this casebook; give --receipt another name")


def _would_go(casebook: Casebook, streams: Iterable[str]) -> list[str]:
    lines = would_go(casebook, streams)
    return ["This will be erased and can't be brought back:", *(f"  {one}" for one in lines)]


def _replay(casebook: Casebook, receipts: list[ErasureReceipt], yes: bool) -> None:
    here = casebook.missing(receipts)
    if here:
        print_lines(_would_go(casebook, here))
        asking.named(here, yes)
    else:
        print_lines(["Nothing that these receipts name is here."])
