"""The head of a casebook file: the keyslots, readable without a key, kept twice so that no torn write loses them."""

from __future__ import annotations

import hashlib
import json
import struct
from dataclasses import dataclass

from mainstay.casebook.keyslots import KeySlot
from mainstay.errors import CasebookError, NotACasebook

MAGIC = b"mainstay casebook\n\x00\x00\x00\x00\x00\x00"  # 24 bytes
FORMAT = 1
COPY_BYTES = 8192
HEAD_BYTES = 2 * COPY_BYTES
_FIXED = struct.Struct("<24sIQI")  # magic, format, generation, length of the JSON text
_CHECK_BYTES = 32


@dataclass(frozen=True, slots=True)
class Head:
    """Who may try to open the file: its identity (16 random bytes) and its keyslots. Nothing in it is secret.

    `generation` counts changes; of the two copies in the file the whole one with the higher generation holds.
    """

    case_id: bytes
    slots: tuple[KeySlot, ...]
    generation: int = 1


def encode(head: Head) -> bytes:
    """One copy: 8,192 bytes with a BLAKE2b checksum at its end."""
    fields = {"case": head.case_id.hex(), "slots": [slot.as_fields() for slot in head.slots]}
    text = json.dumps(fields, separators=(",", ":")).encode()
    room = COPY_BYTES - _FIXED.size - _CHECK_BYTES
    if len(text) > room:
        raise CasebookError(f"{len(head.slots)} keyslots don't fit in the head of a casebook; remove one first")
    front = (_FIXED.pack(MAGIC, FORMAT, head.generation, len(text)) + text).ljust(COPY_BYTES - _CHECK_BYTES, b"\x00")
    return front + hashlib.blake2b(front, digest_size=_CHECK_BYTES).digest()


def decode(both: bytes) -> Head:
    """The head from the first 16,384 bytes of a file: the whole copy with the higher generation.

    Refuses what carries no mark of a casebook, what is damaged in both copies, and what a newer Mainstay wrote.
    """
    copies = [both[start : start + COPY_BYTES] for start in (0, COPY_BYTES)]
    if not any(copy.startswith(MAGIC) for copy in copies):
        raise NotACasebook("this file is not a casebook; make one with 'mainstay new'")
    heads = [head for head in map(_decode_copy, copies) if head is not None]
    if not heads:
        raise NotACasebook("the head of this casebook is damaged; restore the file from a backup")
    return max(heads, key=lambda head: head.generation)


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
        return Head(
            bytes.fromhex(fields["case"]), tuple(KeySlot.from_fields(slot) for slot in fields["slots"]), generation
        )
    except (KeyError, TypeError, ValueError) as error:
        raise NotACasebook("the head of this casebook is damaged; restore the file from a backup") from error
