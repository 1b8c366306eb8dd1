"""The audit: who read which streams for what, how many records and when; streams by identity, never a name or value.

Entries are only added. Each carries HMAC-SHA256(key, seal before || entry) under a key of the casebook's own, so a
change, a removal or another order shows; what was cut off at the end shows against a checkpoint kept elsewhere. Whoever
has the passphrase has the key too: they can write the chain anew, and only an earlier checkpoint gives that away.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from mainstay.casebook.codec import checked_instant, checked_text
from mainstay.casebook.plain_json import moment
from mainstay.casebook.safe import Safe, secret
from mainstay.errors import BadRecord, BadRequest, NotACasebook
from mainstay.quantities import Instant

CHECKPOINT = "audit checkpoint"
CHECKPOINT_VERSION = 1
_SEAL_BYTES = 32
_BEFORE_THE_FIRST = bytes(_SEAL_BYTES)
CHANGES_NOTHING = (
    "read", "read refused", "read answer", "read answer refused", "read people", "keep answer", "export",
    "export refused", "share", "checkpoint",
)  # fmt: skip
"""What is done without changing what is on record, what consent covers, or what is set."""
_COLUMNS = "number, at_us, at_offset_s, action, purpose, streams, count"
_Row = tuple[int, int, int, str, str, str, int]


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """What was done, for which purpose ('' where none), with which streams (identities), to how many records, when."""

    number: int
    at: Instant
    action: str
    purpose: str
    streams: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log as it stood: which casebook, the number of the last entry, its seal and date. To be kept elsewhere."""

    case: str
    number: int
    seal: str
    at: Instant

    def as_json(self) -> str:
        """One small JSON object; nothing in it is secret."""
        fields = {
            "mainstay": CHECKPOINT,
            "version": CHECKPOINT_VERSION,
            "case": self.case,
            "number": self.number,
            "seal": self.seal,
            "at": moment(self.at),
        }
        return json.dumps(fields, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Checkpoint:
        """From `as_json`; refuses (`BadRequest`) anything else."""
        try:
            fields = json.loads(text)
            if fields["mainstay"] != CHECKPOINT or fields["version"] != CHECKPOINT_VERSION:
                raise BadRequest("this is a checkpoint of a form that this Mainstay does not know; update Mainstay")
            case, number, seal = fields["case"], fields["number"], fields["seal"]
            if (
                type(number) is not int
                or number < 1
                or type(case) is not str
                or len(bytes.fromhex(seal)) != _SEAL_BYTES
            ):
                raise ValueError
            return cls(case, number, seal, Instant.parse(fields["at"]))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadRecord) as error:
            raise BadRequest("this file is no checkpoint; 'mainstay audit CASE --checkpoint FILE' makes one") from error


def clock(connection: Any, now: Instant) -> Instant:
    """The instant at which consent is judged: now, or the latest the casebook has noted where that is later.

    Every read and every word on consent is noted, so a clock set back gains nothing. In a casebook from before there
    was an audit, what the ledger noted counts.
    """
    checked_instant("now", now)
    latest = connection.execute("SELECT at_us FROM audit ORDER BY number DESC LIMIT 1").get
    if latest is None:
        latest = connection.execute("SELECT max(noted_us) FROM consent").get
    return now if latest is None or latest <= now.utc_us else Instant(latest, now.offset_s)


def note(  # noqa: PLR0917 - others call it by this order
    connection: Any, safe: Safe, action: str, purpose: str, identities: Iterable[str], count: int, at: Instant
) -> AuditEntry:
    """Adds an entry, in the caller's transaction. Its date is never before that of the entry before it."""
    dated = clock(connection, at)
    streams = tuple(sorted(set(identities)))
    before = connection.execute("SELECT number, mac FROM audit ORDER BY number DESC LIMIT 1").fetchone()
    last, seal = before or (0, _BEFORE_THE_FIRST)
    held = json.dumps(streams, separators=(",", ":"))
    row = (last + 1, dated.utc_us, dated.offset_s, checked_text("action", action), purpose, held, count)
    connection.execute(
        f"INSERT INTO audit ({_COLUMNS}, mac) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (*row, _seal(secret(connection, safe, "audit"), seal, row)),
    )
    return AuditEntry(last + 1, dated, action, purpose, streams, count)


def entries(connection: Any, last: int | None = None) -> tuple[AuditEntry, ...]:
    """The log in order, or its last entries. Refuses (`NotACasebook`) what `note` would not have written."""
    newest = connection.execute(
        f"SELECT {_COLUMNS} FROM audit ORDER BY number DESC LIMIT ?", (-1 if last is None else last,)
    )
    return tuple(_entry(row) for row in reversed(newest.fetchall()))


def last_change(connection: Any) -> int:
    """The number of the last entry that changed what is on record, what consent covers, or what is set; 0: none."""
    marks = ",".join("?" * len(CHANGES_NOTHING))
    found: int | None = connection.execute(
        f"SELECT number FROM audit WHERE action NOT IN ({marks}) ORDER BY number DESC LIMIT 1", CHANGES_NOTHING
    ).get
    return found or 0


def checkpoint(connection: Any, safe: Safe, now: Instant) -> Checkpoint:
    """Notes that a checkpoint is made, and gives it: that entry is its last."""
    made = note(connection, safe, "checkpoint", "", (), 0, now)
    seal = connection.execute("SELECT mac FROM audit WHERE number = ?", (made.number,)).get
    return Checkpoint(_case(secret(connection, safe, "audit")), made.number, seal.hex(), made.at)


def verify(connection: Any, safe: Safe, held: Checkpoint | None = None) -> list[str]:
    """What is wrong with the log, in words; nothing where it is whole. `held`: a checkpoint that was kept elsewhere."""
    key = secret(connection, safe, "audit")
    findings: list[str] = []
    before, number, at_checkpoint = _BEFORE_THE_FIRST, 0, None
    for *entry, seal in connection.execute(f"SELECT {_COLUMNS}, mac FROM audit ORDER BY number"):
        row: _Row = tuple(entry)
        if row[0] != number + 1:
            findings.append(_missing(number + 1, row[0] - 1))
        elif not hmac.compare_digest(seal, _seal(key, before, row)):
            findings.append(f"entry {row[0]} does not carry its seal: it, or the one before it, was changed or moved")
        before, number = seal, row[0]
        if held is not None and number == held.number:
            at_checkpoint = (seal.hex(), row[1])
    if held is not None:
        findings += _against(held, _case(key), number, at_checkpoint)
    return findings


def _against(held: Checkpoint, case: str, last: int, found: tuple[str, int] | None) -> Iterator[str]:
    if held.case != case:
        yield "the checkpoint is of another casebook, or this one's audit key has been replaced"
    elif last < held.number:
        yield f"the log ends at entry {last}, and the checkpoint names entry {held.number}: the end was cut off"
    elif found is not None and found != (held.seal, held.at.utc_us):
        yield f"entry {held.number} is not the one that the checkpoint names: the log was written anew up to there"


def _missing(first: int, last: int) -> str:
    if last < first:
        return f"entry {last + 1} stands where none can be"
    return f"entry {first} is missing" if first == last else f"entries {first} to {last} are missing"


def _seal(key: bytes, before: bytes, row: _Row) -> bytes:
    """HMAC-SHA256 over the seal before and the entry as a JSON list."""
    said = json.dumps(row, separators=(",", ":")).encode()
    return hmac.digest(key, before + said, hashlib.sha256)


def _case(key: bytes) -> str:
    """What a checkpoint calls this casebook: it follows from the audit key, and so outlives a change of all others."""
    return hmac.digest(key, b"mainstay audit checkpoint", hashlib.sha256)[:16].hex()


def _entry(row: _Row) -> AuditEntry:
    number, at_us, at_s, action, purpose, held, count = row
    try:
        streams = json.loads(held)
    except ValueError as error:
        raise NotACasebook(f"entry {number} of the audit can't be read; restore the casebook from a backup") from error
    if not (isinstance(streams, list) and all(isinstance(one, str) for one in streams)):
        raise NotACasebook(f"entry {number} of the audit can't be read; restore the casebook from a backup")
    return AuditEntry(number, Instant(at_us, at_s), action, purpose, tuple(streams), count)
