"""`audit`: what was done with a casebook, whether that list is whole, and checkpoints of it to keep elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import typer

import mainstay
from mainstay.cli import asking
from mainstay.cli.files import check_output, whole_file
from mainstay.cli.keeping import print_lines
from mainstay.errors import AlreadyThere, BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook.audit import AuditEntry, Checkpoint

FEW = 20
NOT_WHOLE = 1
_LARGEST_CHECKPOINT = 65_536
_SAID = {
    "read": "read",
    "read people": "listed the people on record",
    "read refused": "not read, for want of consent,",
    "read answer": "looked at what was kept (the story, forecasts, first showings)",
    "read answer refused": "nothing that was kept told, for want of consent,",
    "keep answer": "kept a story, forecasts or a first showing",
    "add": "added records",
    "checkpoint": "made a checkpoint",
    "export": "took records out",
    "erase": "erased",
    "export refused": "took nothing out, for want of consent,",
    "import": "brought an export back",
    "forget person": "forgot somebody's name",
    "change passphrase": "changed the passphrase",
    "change recovery code": "changed the recovery code",
    "change master key": "changed the key of everything",
    "add keyring": "let this system's keyring open it",
    "remove passphrase": "took the passphrase away",
    "remove recovery": "took the recovery code away",
    "remove keyring": "took the keyring away",
    "share": "made a file to share",
}
_FOR = {
    "own_answers": "your own answers",
    "supporter_view": "a supporter's view",
    "clinician_report": "a report for a clinician",
    "cohort": "a study",
    "pooled_prior": "what many share",
}


def audit(case: Path, *, checkpoint: Path | None, verify: Path | None, last: int | None, as_json: bool) -> None:
    """Print the log and what is wrong with it; exit code 1 where something is. A checkpoint is made last."""
    held = None if verify is None else _checkpoint_in(verify)
    if checkpoint is not None:
        check_output(checkpoint, (".json",), case)
        if checkpoint.exists():
            raise AlreadyThere(f"{checkpoint} is already there, and worth keeping: choose another name")
    from mainstay.casebook import Casebook

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        findings = casebook.verify(held)
        total = len(entries := casebook.audit_log())
        entries = entries[-(last or total or 1) :] if as_json else entries[-(last or FEW) :]
        names = {stream.identity: stream.name for stream in casebook.streams()}
        made = casebook.checkpoint(asking.now()) if checkpoint is not None else None
    if checkpoint is not None and made is not None:
        with whole_file(checkpoint) as part:
            part.write_text(made.as_json(), encoding="utf-8")
    if as_json:
        print(json.dumps(_as_fields(entries, names, findings), ensure_ascii=False, indent=1))
    else:
        print_lines(_lines(entries, names, total) + _verdict(findings, held, total))
        if made is not None:
            print_lines([f"Wrote {checkpoint}. Keep it where the casebook is not; it shows later what was cut off."])
    if findings:
        raise typer.Exit(NOT_WHOLE)


def _checkpoint_in(path: Path) -> Checkpoint:
    from mainstay.casebook.audit import Checkpoint

    if not path.is_file():
        raise BadRequest(f"there is no file {path}; 'mainstay audit CASE --checkpoint {path}' makes one")
    with path.open("rb") as file:
        content = file.read(_LARGEST_CHECKPOINT + 1)
    try:
        return Checkpoint.from_json(content[:_LARGEST_CHECKPOINT].decode("utf-8"))
    except (UnicodeDecodeError, BadRequest) as error:
        raise BadRequest(f"{path} is no checkpoint; 'mainstay audit CASE --checkpoint FILE' makes one") from error


def _lines(entries: tuple[AuditEntry, ...], names: dict[str, str], total: int) -> list[str]:
    if not entries:
        return ["Nothing was done with this casebook yet."]
    lines = [f"The last {len(entries)} of {total:,} entries (--last N shows more):"] if len(entries) < total else []
    return lines + [f"{one.number:>5}  {one.at.as_local:%Y-%m-%d %H:%M}  {_said(one, names)}" for one in entries]


def _said(one: AuditEntry, names: dict[str, str]) -> str:
    said = _SAID.get(one.action, one.action) + (f" for {_FOR.get(one.purpose, one.purpose)}" if one.purpose else "")
    if one.streams:
        known = sorted(names[stream] for stream in one.streams if stream in names)
        gone = len(one.streams) - len(known)
        said += ": " + ", ".join([*known, *([counted(gone, "stream") + " no longer here"] if gone else [])])
    return said + (f" ({counted(one.count, 'record')})" if one.count and "answer" not in one.action else "")


def _verdict(findings: list[str], held: Checkpoint | None, total: int) -> list[str]:
    if findings:
        return ["This list is not whole:", *(f"  {one}" for one in findings)]
    if held is None:
        return [f"Every entry carries its seal ({total:,}). Whether the end was cut off, only a checkpoint shows."]
    after = total - held.number
    tail = "" if not after else f" The {counted(after, 'entry', 'entries')} since carry their seals too."
    return [f"Nothing was changed, removed or cut off up to the checkpoint of {held.at.as_local:%Y-%m-%d %H:%M}.{tail}"]


def _as_fields(entries: tuple[AuditEntry, ...], names: dict[str, str], findings: list[str]) -> dict[str, object]:
    return {
        "mainstay": mainstay.__version__,
        "entries": [
            {
                "number": one.number,
                "at": one.at.as_local.isoformat(timespec="microseconds"),
                "action": one.action,
                "purpose": one.purpose,
                "streams": [{"identity": stream, "name": names.get(stream)} for stream in one.streams],
                "count": one.count,
            }
            for one in entries
        ],
        "findings": findings,
    }
