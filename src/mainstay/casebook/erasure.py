"""Erasure: a stream goes with its key, its records and all that came from it; its identity stays as a tombstone.

Gone in one transaction: records, blocks, consent and terms, kept answers derived from it, items and anchors only it
asked, sources and names of people only it used, key, name. Then `sweep` writes the file anew, so that no freed page
keeps anything, and folds and empties the log. The receipt, kept outside, names tombstones only; an older copy of the
casebook that is given it (`replay`) erases again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mainstay.casebook import audit, container
from mainstay.casebook.codec import checked_instant
from mainstay.casebook.plain_json import moment
from mainstay.casebook.safe import Safe, secret
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant

RECEIPT = "erasure receipt"
RECEIPT_VERSION = 1
_ID_BYTES = 16
_MAC_BYTES = 32
TOLD_ANEW = ("story", "first look")
"""The names of kept answers that are kept only so that they need not be made again."""
_ANSWERS = "SELECT DISTINCT answer FROM answer_from WHERE stream IN ({numbers})"
_ITEMS = """SELECT item FROM item_of_stream WHERE stream IN ({numbers})
EXCEPT SELECT item FROM item_of_stream WHERE stream NOT IN ({numbers})"""
_PEOPLE = """SELECT pseudonym FROM met WHERE stream IN ({numbers})
EXCEPT SELECT pseudonym FROM met WHERE stream NOT IN ({numbers})"""
_SOURCES = """SELECT source FROM record WHERE stream IN ({numbers})
EXCEPT SELECT source FROM record WHERE stream NOT IN ({numbers})"""
_DESTROY = (
    "UPDATE record SET supersedes = NULL WHERE stream NOT IN ({numbers}) AND supersedes IN "
    "(SELECT id FROM record WHERE stream IN ({numbers}))",
    "DELETE FROM record WHERE stream IN ({numbers})",
    "DELETE FROM consent WHERE stream IN ({numbers})",
    "DELETE FROM terms WHERE number NOT IN (SELECT terms FROM consent WHERE terms IS NOT NULL)",
    "DELETE FROM item_of_stream WHERE stream IN ({numbers})",
    "DELETE FROM met WHERE stream IN ({numbers})",
    "DELETE FROM stream WHERE number IN ({numbers})",
)


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """That streams were erased: from which casebook, which identities and when, under a MAC. Names nothing else.

    It names everything erased from this casebook up to then, so the newest receipt is enough.
    """

    casebook: str
    erased: tuple[tuple[str, Instant], ...]
    mac: str

    def as_json(self) -> str:
        """One small JSON object; nothing in it says what was erased."""
        fields = {"mainstay": RECEIPT, "version": RECEIPT_VERSION, "casebook": self.casebook}
        streams = [{"stream": one, "at": moment(at)} for one, at in self.erased]
        return json.dumps({**fields, "erased": streams, "mac": self.mac}, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> ErasureReceipt:
        """From `as_json`; refuses (`BadRequest`) anything else. Whether it is genuine, only its casebook can tell."""
        try:
            fields = json.loads(text)
            if fields["mainstay"] != RECEIPT or fields["version"] != RECEIPT_VERSION:
                raise BadRequest("this is a receipt of a form that this Mainstay does not know; update Mainstay")
            erased = tuple((_hex(one["stream"], _ID_BYTES), Instant.parse(one["at"])) for one in fields["erased"])
            return cls(_hex(fields["casebook"], _ID_BYTES), erased, _hex(fields["mac"], _MAC_BYTES))
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, BadRecord) as error:
            raise BadRequest("this file is no erasure receipt; 'mainstay erase' writes them") from error


@dataclass(frozen=True, slots=True)
class WouldGo:
    """What goes with streams besides their records: kept answers (names), items (names), how many people's names."""

    answers: tuple[str, ...]
    items: tuple[str, ...]
    people: int


def would_go(connection: Any, streams: Iterable[str]) -> WouldGo:
    """What erasing these streams (names) would take with it."""
    numbers = _listed(_found(connection, streams))
    answers = f"SELECT DISTINCT name FROM answer WHERE number IN ({_ANSWERS.format(numbers=numbers)}) ORDER BY name"
    return WouldGo(
        tuple(name for (name,) in connection.execute(answers)),
        tuple(name for (name,) in connection.execute(_ITEMS.format(numbers=numbers))),
        len(connection.execute(_PEOPLE.format(numbers=numbers)).fetchall()),
    )


def erase(connection: Any, safe: Safe, streams: Iterable[str], now: Instant) -> ErasureReceipt:
    """Destroys these streams (names) in the caller's transaction; gives the receipt of all erasures so far.

    Refuses (`BadRequest`) a name that is not there: then nothing is erased.
    """
    found = _found(connection, streams)
    _destroy(connection, safe, found, dict.fromkeys(found.values(), now), action="erase", now=now)
    return receipt(connection, safe)


def replay(connection: Any, safe: Safe, receipts: Iterable[ErasureReceipt], now: Instant) -> tuple[str, ...]:
    """Erases again what the receipts say was erased, in the caller's transaction; gives the names of what went.

    Refuses (`BadRequest`) a receipt of another casebook or one that was changed: then nothing is erased.
    """
    when: dict[str, Instant] = {}
    for one in receipts:
        _check(connection, safe, one)
        when.update(one.erased)
    there = {identity: (number, name) for number, identity, name in connection.execute(
        "SELECT number, identity, name FROM stream"
    )}  # fmt: skip
    here = {there[identity][0]: identity for identity in when if identity in there}
    if when:
        _destroy(connection, safe, here, when, action="erase again", now=now)
    return tuple(sorted(there[identity][1] for identity in here.values()))


def missing(connection: Any, safe: Safe, receipts: Iterable[ErasureReceipt]) -> tuple[str, ...]:
    """The streams (names) that the receipts say were erased and that are here: what `replay` would erase.

    Refuses as `replay` does. A casebook can't know of erasures after it was copied: whoever restores a copy must be
    asked for the newest receipt, and a newer copy of the casebook at hand can give it (`receipt`).
    """
    wanted: set[str] = set()
    for one in receipts:
        _check(connection, safe, one)
        wanted.update(identity for identity, _ in one.erased)
    found = connection.execute("SELECT name, identity FROM stream ORDER BY name")
    return tuple(name for name, identity in found if identity in wanted)


def receipt(connection: Any, safe: Safe) -> ErasureReceipt:
    """The receipt of all erasures so far, from the tombstones: it can always be written again."""
    key = secret(connection, safe, "receipts")
    tombs = connection.execute("SELECT identity, at_us, at_offset_s FROM erased ORDER BY at_us, identity")
    erased = tuple((identity, Instant(at_us, offset_s)) for identity, at_us, offset_s in tombs)
    return ErasureReceipt(_case(key), erased, _mac(key, erased))


def sweep(connection: Any, *, wait: bool = True) -> str:
    """Finishes what erasing left: writes the file anew, without freed pages, and folds and empties the log.

    '' when nothing is left; else why not yet, as a sentence. Tried again at each opening until it is done. `wait`: as
    long as for any lock, else not at all.
    """
    import apsw

    if not connection.execute("SELECT count(*) FROM unswept").get:
        return ""
    patience_ms = connection.execute("PRAGMA busy_timeout").get
    if not wait:
        connection.set_busy_timeout(0)
    try:
        connection.execute("VACUUM")
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        connection.execute("DELETE FROM unswept")
    except (apsw.BusyError, apsw.LockedError):
        return (
            "another program has this casebook open and was reading just now; until it closes, old pages stay in "
            "the log, encrypted. Close it, and open the casebook once more"
        )
    except (apsw.FullError, apsw.IOError, apsw.ReadOnlyError, apsw.NoMemError):
        return (
            "the file could not be written anew; until it is, freed pages stay in it, encrypted. Make as much room on "
            "the disk as the casebook takes, and open it once more"
        )
    finally:
        connection.set_busy_timeout(patience_ms)
    container.fold(connection)
    return ""


def note_unswept(connection: Any) -> None:
    """Notes, in the transaction that deletes something, that freed pages must be swept."""
    connection.execute("INSERT OR IGNORE INTO unswept VALUES (1)")


def drop_told(connection: Any, streams: Iterable[int]) -> None:
    """Deletes, in the caller's transaction, what can be told anew and was made from any of these streams (numbers)."""
    answers = _ANSWERS.format(numbers=_listed(streams))
    marks = ",".join("?" * len(TOLD_ANEW))
    gone = connection.execute(
        f"DELETE FROM answer WHERE name IN ({marks}) AND number IN ({answers}) RETURNING number", TOLD_ANEW
    ).fetchall()
    if gone:
        note_unswept(connection)


def destroy(path: Path) -> None:
    """The whole casebook: its keyslots first, so that nothing left on the disk can be opened, then its files.

    Needs no passphrase. Refuses what is no casebook, and one that is open in another program.
    """
    container.read_head(path)
    container.overwrite_head(path)
    with container.plain_errors(path):
        container.remove_parts(path)


def _destroy(
    connection: Any,
    safe: Safe,
    streams: dict[int, str],
    tombs: dict[str, Instant],
    *,
    action: str,
    now: Instant,
) -> None:
    """Destroys streams (number: identity) and sets tombstones (identity: when)."""
    receipt_id = secrets.token_hex(_ID_BYTES)
    numbers = _listed(streams)
    count = connection.execute(f"SELECT count(*) FROM record WHERE stream IN ({numbers})").get
    items, people, sources = (
        connection.execute(found.format(numbers=numbers)).fetchall() for found in (_ITEMS, _PEOPLE, _SOURCES)
    )
    connection.execute(f"DELETE FROM answer WHERE number IN ({_ANSWERS.format(numbers=numbers)})")
    for statement in _DESTROY:
        connection.execute(statement.format(numbers=numbers))
    connection.executemany("DELETE FROM anchor WHERE item = ?", items)
    connection.executemany("DELETE FROM item WHERE name = ?", items)
    connection.executemany("DELETE FROM bystander WHERE pseudonym = ?", people)
    connection.executemany("DELETE FROM source WHERE number = ?", sources)
    connection.executemany(
        "INSERT OR IGNORE INTO erased VALUES (?, ?, ?, ?)",
        [(identity, receipt_id, *checked_instant("erased", at)) for identity, at in tombs.items()],
    )
    note_unswept(connection)
    audit.note(connection, safe, action, "", streams.values(), count, now)


def _found(connection: Any, streams: Iterable[str]) -> dict[int, str]:
    """The identities of these streams (names) by number."""
    there = {name: (number, identity) for name, number, identity in connection.execute(
        "SELECT name, number, identity FROM stream ORDER BY name"
    )}  # fmt: skip
    wanted = tuple(dict.fromkeys(streams))
    unknown = [name for name in wanted if name not in there]
    if unknown or not wanted:
        what = f"there is no stream {', '.join(map(repr, unknown))}" if unknown else "name the stream to erase"
        raise BadRequest(f"{what}; this casebook holds: {', '.join(there) or 'none'}. Nothing was erased")
    return dict(there[name] for name in wanted)


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _check(connection: Any, safe: Safe, one: ErasureReceipt) -> None:
    key = secret(connection, safe, "receipts")
    if not hmac.compare_digest(one.casebook, _case(key)):
        raise BadRequest("this receipt is of another casebook; nothing was erased")
    if not hmac.compare_digest(one.mac, _mac(key, one.erased)):
        raise BadRequest("this receipt was changed after it was written; nothing was erased. Use another copy of it")


def _case(key: bytes) -> str:
    """What a receipt calls this casebook: it follows from the receipts key, which every copy of the casebook shares."""
    return hmac.digest(key, b"mainstay erasure receipt", hashlib.sha256)[:_ID_BYTES].hex()


def _mac(key: bytes, erased: tuple[tuple[str, Instant], ...]) -> str:
    """HMAC-SHA256 over what the receipt says, as JSON."""
    said = json.dumps([RECEIPT, RECEIPT_VERSION, [[one, at.utc_us, at.offset_s] for one, at in erased]])
    return hmac.digest(key, said.encode(), hashlib.sha256).hex()


def _hex(text: Any, length: int) -> str:
    if type(text) is not str or len(bytes.fromhex(text)) != length or text != text.lower():
        raise ValueError("no such number")
    return text
