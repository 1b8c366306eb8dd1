"""Ways in, and how they are changed: a slot alone, or the master key with all that stands on it.

A new passphrase or recovery code rewrites the head and nothing else. A new master key goes in this order, each step
whole or not at all, with every other program kept out: the head names the slots of both keys; the keys inside are
sealed anew; every page is written under the new key; it is read back; the head lets the old key go. Whoever opens the
casebook after a kill in between, with the old words or the new, has both keys and finishes it: see decision 0013.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from mainstay.casebook import audit, container, places, recovery, schema, system_keyring
from mainstay.casebook.head import Change, Head
from mainstay.casebook.keyslots import (
    KeySlot,
    KeySlotCost,
    keep_out_of_core_dumps,
    key_for,
    new_master_key,
    seal,
    unseal,
)
from mainstay.casebook.safe import Safe, decrypt, encrypt
from mainstay.errors import BadRequest, CasebookError, NotACasebook, WrongPassphrase
from mainstay.quantities import Instant

# What opens without this machine: of these one always stays.
_BY_WORDS = ("passphrase", "recovery")


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a passphrase or code opened: the head it was found in, the slot, and the master key.

    In the middle of a change there are two master keys, the new one first.
    """

    head: Head
    slot: KeySlot
    master_keys: tuple[bytes, ...] = field(repr=False)


def slots(path: Path) -> tuple[KeySlot, ...]:
    """The ways in, as the head names them; no key is needed to see them, and none of them is secret."""
    head = container.read_head(path)
    return head.slots if head.change is None else head.change.slots


def unfinished(path: Path) -> bool:
    """Whether a change of the master key waits to be finished at the next opening."""
    return container.read_head(path).change is not None


def unlock(path: Path, secret: str) -> Unlocked:
    """The master key, by a passphrase, a recovery code or what the system's keyring keeps.

    Every slot that could open with it is tried, also after one did: time tells neither which slot opens nor how near a
    guess was. Where none opens: `WrongPassphrase`, which says nothing more.
    """
    places.refuse_network_share(path)
    keep_out_of_core_dumps()
    head = container.read_head(path)
    tried = _as_each_kind(secret)
    found: list[tuple[KeySlot, bytes, bool]] = []
    with container.plain_errors(path):
        for new, some in ((False, head.slots), (True, () if head.change is None else head.change.slots)):
            for slot in some:
                if slot.kind in tried:
                    key = unseal(slot, tried[slot.kind], head.case_id)
                    if key is not None:
                        found.append((slot, key, new))
    if not found:
        raise WrongPassphrase("this passphrase does not open the casebook")
    slot, key, new = found[0]
    return Unlocked(head, slot, _both_keys(head, key, new=new))


def opened(path: Path, secret: str) -> tuple[Any, Safe]:
    """The database at `path`, open, and the safe for the keys inside. Finishes a change of key that was cut short."""
    unlocked = unlock(path, secret)
    try:
        return connected(path, unlocked.head, unlocked.master_keys)
    except NotACasebook:
        # Another program may have changed the key since the head was read.
        if container.read_head(path).says_the_same(unlocked.head):
            raise
    return opened(path, secret)


def connected(path: Path, head: Head, master_keys: tuple[bytes, ...]) -> tuple[Any, Safe]:
    """As `opened`, with the keys at hand. Where a change can't be finished now (another program has the casebook open,
    the disk is full), it is left as it is: everything can be read and written, and the next opening goes on with it.
    """
    if head.change is not None:
        return _gone_on_with(path, head, *master_keys)
    connection = container.connect(path, key_for("database", master_keys[0], head.case_id))
    try:
        if not container.copies_agree(path):
            # A kill between the two copies; if it can't be mended now, either copy alone still serves.
            with suppress(CasebookError), _locked(path, connection) as there:
                container.write_head(path, there)
    except BaseException:
        connection.close(True)
        raise
    return connection, Safe(master_keys, head.case_id)


def change_passphrase(path: Path, secret: str, new: str, *, now: Instant, cost: KeySlotCost | None = None) -> None:
    """From now on `new` is the passphrase; `secret` is the old one, or the recovery code where that is forgotten.

    Only a slot is rewritten: whoever has an older copy of the file and the old passphrase can read that copy.
    """
    with _changing(path, secret, "change passphrase", now) as (head, master_key, put):
        fresh = seal(master_key, new, cost or KeySlotCost(), head.case_id)
        put((fresh, *_without(head.slots, "passphrase")))


def change_recovery(path: Path, secret: str, code: str, *, now: Instant, cost: KeySlotCost | None = None) -> None:
    """From now on `code` is the recovery code (see `recovery.new_code`), and no other."""
    told = recovery.code(code)
    with _changing(path, secret, "change recovery code", now) as (head, master_key, put):
        fresh = seal(master_key, told, cost or KeySlotCost(), head.case_id, "recovery")
        put((*_without(head.slots, "recovery"), fresh))


def add_keyring(path: Path, secret: str, *, now: Instant) -> None:
    """Lets the keyring of this system open the casebook too. Refuses (`BadRequest`) where no safe one is found."""
    system_keyring.refuse_unsafe()
    with _changing(path, secret, "add keyring", now) as (head, master_key, put):
        # 256 random bits need no costly stretching: the floor.
        random = system_keyring.new_secret()
        fresh = seal(master_key, random, KeySlotCost.least(), head.case_id, "keyring")
        here = [slot for slot in head.slots if system_keyring.find(head.case_id, slot) is not None]
        system_keyring.keep(head.case_id, fresh, random)
        put((*(slot for slot in head.slots if slot not in here), fresh))
        for slot in here:
            system_keyring.forget(head.case_id, slot)


def remove(path: Path, secret: str, kind: str, *, now: Instant) -> None:
    """Takes away every slot of this kind. Refuses to take the last passphrase or recovery code."""
    with _changing(path, secret, f"remove {kind}", now) as (head, _, put):
        left, gone = _without(head.slots, kind), [slot for slot in head.slots if slot.kind == kind]
        if not gone:
            there = ", ".join(sorted({slot.kind for slot in head.slots}))
            raise BadRequest(f"{path.name} has no way in of the kind {kind!r}; what it has: {there}")
        if not any(slot.kind in _BY_WORDS for slot in left):
            raise BadRequest(f"the {kind} is the only one left that opens {path.name} anywhere; add another first")
        put(left)
        for slot in gone:
            system_keyring.forget(head.case_id, slot)


def from_keyring(path: Path) -> str | None:
    """What this system's keyring keeps to open the casebook; None where it keeps nothing, or there is no safe one."""
    head = container.read_head(path)
    return next((found for slot in head.slots if (found := system_keyring.find(head.case_id, slot))), None)


def rotate(
    path: Path, passphrase: str, *, now: Instant, code: str | None = None, cost: KeySlotCost | None = None
) -> None:
    """A new master key under the same passphrase and, if given, a new recovery code; everything is encrypted anew.

    No other way in stays. The old key goes when all has been read back under the new one. Refuses, with nothing
    changed, while another program has the casebook open, and what opens no passphrase slot.
    """
    unlocked = unlock(path, passphrase)
    if unlocked.slot.kind != "passphrase":
        raise BadRequest(
            "a change of the master key needs the passphrase itself; if it is forgotten, set another first"
        )
    case_id, cost = unlocked.head.case_id, cost or KeySlotCost()
    new = new_master_key()
    words = {"passphrase": passphrase} | ({} if code is None else {"recovery": recovery.code(code)})
    with container.plain_errors(path):
        fresh = tuple(seal(new, text, cost, case_id, kind) for kind, text in words.items())
        for slot in fresh:
            if unseal(slot, words[slot.kind], case_id) != new:
                raise CasebookError("the new key could not be confirmed; nothing has changed, start again")
    change_master_key(path, unlocked.head, unlocked.master_keys, new, fresh, now=now)
    for slot in unlocked.head.slots:
        system_keyring.forget(case_id, slot)


def refuse_in_use(path: Path, unlocked: Unlocked) -> None:
    """Refuses (`CasebookError`) while another program has the casebook open, as `rotate` would."""
    connection, _ = connected(path, unlocked.head, unlocked.master_keys)
    try:
        _keep_others_out(path, connection)
    finally:
        connection.close(True)


def change_master_key(
    path: Path, head: Head, master_keys: tuple[bytes, ...], new: bytes, fresh: tuple[KeySlot, ...], *, now: Instant
) -> None:
    """Carries out `rotate`: from the key that opens `head` to `new`, which opens with the `fresh` slots."""
    connection, safe = connected(path, head, master_keys)
    try:
        schema.bring_up(connection, safe)
        _keep_others_out(path, connection)
        there = container.read_head(path)
        if there.change is not None or not there.says_the_same(_finished(head)):
            raise CasebookError(f"the ways into {path.name} were changed meanwhile; start again")
        old = master_keys[0]
        change = Change(
            fresh, encrypt(old, new, _bound(head.case_id, "new")), encrypt(new, old, _bound(head.case_id, "old"))
        )
        with container.plain_errors(path), container.transaction(connection):
            audit.note(connection, safe, "change master key", "", (), 0, now)
        changing = replace(there, change=change)
        container.write_head(path, changing)
        try:
            _carry_out(path, connection, changing, new, old)
        except CasebookError as error:
            raise CasebookError(
                f"the change of key has begun but could not be finished: {error}. Until it is, the old words and the "
                "new ones both open the casebook; it goes on when the casebook is opened again"
            ) from error
    finally:
        connection.close(True)


def _carry_out(path: Path, connection: Any, head: Head, new: bytes, old: bytes) -> None:
    """From a head that names both keys to one that names the new one alone; `connection` keeps all others out."""
    assert head.change is not None
    with container.plain_errors(path):
        with container.transaction(connection):
            _seal_anew(connection, Safe([new, old], head.case_id))
        container.encrypt_anew(connection, key_for("database", new, head.case_id))
        connection.execute("PRAGMA shrink_memory").fetchall()  # what is checked next comes from the disk
        said = connection.execute("PRAGMA quick_check").get
    if said != "ok":
        raise NotACasebook(f"under the new key {path.name} does not read as it was written: {said}")
    container.write_head(path, _finished(head))


def _gone_on_with(path: Path, head: Head, new: bytes, old: bytes) -> tuple[Any, Safe]:
    """The casebook in the middle of a change of key: finished if that can be done now, usable in any case.

    The old key is tried first: a rollback journal left by a kill is under the old key, and only it can play it back.
    """
    new_key, old_key = (key_for("database", key, head.case_id) for key in (new, old))
    try:
        connection = container.connect(path, old_key)
    except NotACasebook:
        connection = container.connect(path, new_key)  # only the head was still to be written
        try:
            with _locked(path, connection) as there:
                if there.change is not None:
                    container.write_head(path, _finished(there))
        except BaseException:
            connection.close(True)
            raise
        return connection, Safe([new], head.case_id)
    try:
        _keep_others_out(path, connection)
        _carry_out(path, connection, head, new, old)
    except CasebookError:
        connection.close(True)
        under, safe = container.connect, Safe([new, old], head.case_id)
        try:
            return under(path, old_key), safe
        except NotACasebook:
            return under(path, new_key), safe
    connection.close(True)
    return container.connect(path, new_key), Safe([new], head.case_id)


def _keep_others_out(path: Path, connection: Any) -> None:
    try:
        with container.plain_errors(path):
            container.alone(connection)
    except CasebookError as error:
        raise CasebookError(
            f"{path.name} is open in another program (the page, or another command): the key can't be changed under "
            "it; close it there and start again"
        ) from error


def _seal_anew(connection: Any, safe: Safe) -> None:
    """Every key inside that is sealed under the old master key, sealed under the new one."""
    streams = connection.execute("SELECT identity, sealed_key FROM stream WHERE sealed_key IS NOT NULL").fetchall()
    connection.executemany(
        "UPDATE stream SET sealed_key = ? WHERE identity = ?",
        [(safe.seal("streams", name, safe.open("streams", name, sealed)), name) for name, sealed in streams],
    )
    secrets = connection.execute("SELECT use, sealed FROM secret").fetchall()
    connection.executemany(
        "UPDATE secret SET sealed = ? WHERE use = ?",
        [(safe.seal(use, "", safe.open(use, "", sealed)), use) for use, sealed in secrets],
    )


@contextmanager
def _changing(
    path: Path, secret: str, action: str, now: Instant
) -> Iterator[tuple[Head, bytes, Callable[[tuple[KeySlot, ...]], None]]]:
    """The head, the master key, and what puts other slots into the head; no two programs are in here at once.

    What is done is noted on the audit; where it fails, nothing is.
    """
    connection, safe = opened(path, secret)
    try:
        schema.bring_up(connection, safe)
        with _locked(path, connection) as head:
            if head.change is not None:
                raise CasebookError(
                    f"a change of key of {path.name} waits to be finished; close the casebook in other programs first"
                )
            audit.note(connection, safe, action, "", (), 0, now)
            yield head, safe.master_key, lambda some: container.write_head(path, replace(head, slots=some))
    finally:
        connection.close(True)


@contextmanager
def _locked(path: Path, connection: Any) -> Iterator[Head]:
    """The head as it is while nobody else can write; the database is written to only if nothing fails."""
    with container.plain_errors(path), container.transaction(connection):
        yield container.read_head(path)


def _both_keys(head: Head, key: bytes, *, new: bool) -> tuple[bytes, ...]:
    if head.change is None:
        return (key,)
    wrapped = head.change.old_under_new if new else head.change.new_under_old
    other = decrypt(key, wrapped, _bound(head.case_id, "old" if new else "new"))
    if other is None:
        raise NotACasebook("the head of this casebook is damaged; restore the file from a backup")
    return (key, other) if new else (other, key)


def _as_each_kind(secret: str) -> dict[str, str]:
    """What was typed, as each kind of slot takes it."""
    if system_keyring.is_secret(secret):
        return {"keyring": secret}
    code = recovery.as_code(secret)
    return {"passphrase": secret} | ({} if code is None else {"recovery": code})


def _finished(head: Head) -> Head:
    return head if head.change is None else replace(head, slots=head.change.slots, change=None)


def _without(some: tuple[KeySlot, ...], kind: str) -> tuple[KeySlot, ...]:
    return tuple(slot for slot in some if slot.kind != kind)


def _bound(case_id: bytes, which: str) -> bytes:
    return f"mainstay change of key 1 {which} {case_id.hex()}".encode()
