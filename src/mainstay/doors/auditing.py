"""The audit in words: what was done, for what, with which streams, and whether the list is whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstay.doors.consenting import FOR
from mainstay.errors import BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook.audit import AuditEntry, Checkpoint

MOST_CHECKPOINT_BYTES = 65_536
SAID = {
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
    "set": "changed what stands there in your own words",
    "erase again": "erased again, by a receipt,",
}


def done(action: str, purpose: str) -> str:
    """What was done and for what: "read for your own answers"."""
    return SAID.get(action, action) + (f" for {FOR.get(purpose, purpose)}" if purpose else "")


def said(one: AuditEntry, names: dict[str, str]) -> str:
    """An entry in words; `names`: of the streams that are here, by identity."""
    told = done(one.action, one.purpose)
    if one.streams:
        told += f": {', '.join(streams_of(one, names))}"
    return told + (f" ({counted(one.count, 'record')})" if one.count and "answer" not in one.action else "")


def streams_of(one: AuditEntry, names: dict[str, str]) -> list[str]:
    """The names of an entry's streams, and how many are no longer here."""
    known = sorted(names[stream] for stream in one.streams if stream in names)
    gone = len(one.streams) - len(known)
    return [*known, *([counted(gone, "stream") + " no longer here"] if gone else [])]


def verdict(findings: list[str], held: Checkpoint | None, total: int) -> list[str]:
    """Whether the list is whole, in sentences; `held`: the checkpoint it was held against, `total`: its entries."""
    if findings:
        return ["This list is not whole:", *(f"  {one}" for one in findings)]
    if held is None:
        return [f"Every entry carries its seal ({total:,}). Whether the end was cut off, only a checkpoint shows."]
    after = total - held.number
    tail = "" if not after else f" The {counted(after, 'entry', 'entries')} since carry their seals too."
    return [f"Nothing was changed, removed or cut off up to the checkpoint of {held.at.as_local:%Y-%m-%d %H:%M}.{tail}"]


def checkpoint_in(content: bytes) -> Checkpoint:
    """The checkpoint that a file holds; refuses (`BadRequest`) anything else."""
    from mainstay.casebook.audit import Checkpoint

    try:
        return Checkpoint.from_json(content[:MOST_CHECKPOINT_BYTES].decode("utf-8"))
    except UnicodeDecodeError as error:
        raise BadRequest("this file is no checkpoint") from error
