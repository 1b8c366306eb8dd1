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
from mainstay.doors.auditing import MOST_CHECKPOINT_BYTES, checkpoint_in, said, verdict
from mainstay.errors import AlreadyThere, BadRequest

if TYPE_CHECKING:
    from mainstay.casebook.audit import AuditEntry, Checkpoint

FEW = 20
NOT_WHOLE = 1


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
        print_lines(_lines(entries, names, total) + verdict(findings, held, total))
        if made is not None:
            print_lines([f"Wrote {checkpoint}. Keep it where the casebook is not; it shows later what was cut off."])
    if findings:
        raise typer.Exit(NOT_WHOLE)


def _checkpoint_in(path: Path) -> Checkpoint:
    if not path.is_file():
        raise BadRequest(f"there is no file {path}; 'mainstay audit CASE --checkpoint {path}' makes one")
    with path.open("rb") as file:
        content = file.read(MOST_CHECKPOINT_BYTES + 1)
    try:
        return checkpoint_in(content)
    except BadRequest as error:
        raise BadRequest(f"{path} is no checkpoint; 'mainstay audit CASE --checkpoint FILE' makes one") from error


def _lines(entries: tuple[AuditEntry, ...], names: dict[str, str], total: int) -> list[str]:
    if not entries:
        return ["Nothing was done with this casebook yet."]
    lines = [f"The last {len(entries)} of {total:,} entries (--last N shows more):"] if len(entries) < total else []
    return lines + [f"{one.number:>5}  {one.at.as_local:%Y-%m-%d %H:%M}  {said(one, names)}" for one in entries]


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
