"""The head of a casebook file: the keyslots, readable without a key, kept twice so that no torn write loses them."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass, replace
from typing import Any

from mainstay.casebook.keyslots import KeySlot
from mainstay.errors import CasebookError, NotACasebook

MAGIC = b"mainstay casebook\n\x00\x00\x00\x00\x00\x00"  # 24 bytes
FORMAT = 2  # of a head in the middle of a change of key; any other is format 1, which every Mainstay reads
COPY_BYTES = 8192
HEAD_BYTES = 2 * COPY_BYTES
_FIXED = struct.Struct("<24sIQI")  # magic, format, generation, length of the JSON text
_CHECK_BYTES = 32


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the master key on its way: the slots of the new key, and each of the two keys sealed under the other.

    So whoever opens any slot has both keys, and can finish what a kill left half done.
    """

    slots: tuple[KeySlot, ...]
    new_under_old: bytes
    old_under_new: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Who may try to open the file: its identity (16 random bytes) and its keyslots. Nothing in it is secret.

    `generation` counts changes; of the two copies in the file the whole one with the higher generation holds.
    """

    case_id: bytes
    slots: tuple[KeySlot, ...]
    generation: int = 1
    change: Change | None = None

    def says_the_same(self, other: Head) -> bool:
        """Whether the two let in the same keys, whatever their generations."""
        return replace(self, generation=0) == replace(other, generation=0)


def encode(head: Head) -> bytes:
    """One copy: 8,192 bytes with a BLAKE2b checksum at its end."""
    fields: dict[str, Any] = {"case": head.case_id.hex(), "slots": [slot.as_fields() for slot in head.slots]}
    if head.change is not None:
        fields["change"] = {
            "slots": [slot.as_fields() for slot in head.change.slots],
            "new_under_old": head.change.new_under_old.hex(),
            "old_under_new": head.change.old_under_new.hex(),
        }
    version = FORMAT if head.change is not None else 1
    text = json.dumps(fields, separators=(",", ":")).encode()
    room = COPY_BYTES - _FIXED.size - _CHECK_BYTES
    if len(text) > room:
        raise CasebookError(f"{len(head.slots)} keyslots don't fit in the head of a casebook; remove one first")
    front = (_FIXED.pack(MAGIC, version, head.generation, len(text)) + text).ljust(COPY_BYTES - _CHECK_BYTES, b"\x00")
    return front + hashlib.blake2b(front, digest_size=_CHECK_BYTES).digest()


def decode(both: bytes) -> Head:
    """The head from the first 16,384 bytes of a file: the whole copy with the higher generation.

    Refuses what carries no mark of a casebook, what is damaged in both copies, and what a newer Mainstay wrote.
    """
    if not any(copy.startswith(MAGIC) for copy in _copies(both)):
        raise NotACasebook("this file is not a casebook; make one with 'mainstay new'")
    heads = [head for head in decode_both(both) if head is not None]
    if not heads:
        raise NotACasebook("the head of this casebook is damaged; restore the file from a backup")
    return max(heads, key=lambda head: head.generation)


def decode_both(both: bytes) -> tuple[Head | None, Head | None]:
    """The two copies as they lie in the file; None for one that is not whole."""
    first, second = map(_decode_copy, _copies(both))
    return first, second


def _copies(both: bytes) -> tuple[bytes, bytes]:
    return both[:COPY_BYTES], both[COPY_BYTES:HEAD_BYTES]


def _decode_copy(copy: bytes) -> Head | None:
    if len(copy) != COPY_BYTES or not copy.startswith(MAGIC):
        return None
    front, check = copy[:-_CHECK_BYTES], copy[-_CHECK_BYTES:]
    if hashlib.blake2b(front, digest_size=_CHECK_BYTES).digest() != check:
        return None
    _, version, generation, length = _FIXED.unpack_from(front)
    if version > FORMAT:
        raise CasebookError("this casebook was written by a newer Mainstay; update Mainstay to open it")
    try:
        fields = json.loads(front[_FIXED.size : _FIXED.size + length])
        change = fields.get("change")
        return Head(
            bytes.fromhex(fields["case"]),
            _slots(fields),
            generation,
            None
            if change is None
            else Change(_slots(change), bytes.fromhex(change["new_under_old"]), bytes.fromhex(change["old_under_new"])),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise NotACasebook("the head of this casebook is damaged; restore the file from a backup") from error


def _slots(fields: dict[str, Any]) -> tuple[KeySlot, ...]:
    return tuple(KeySlot.from_fields(slot) for slot in fields["slots"])
