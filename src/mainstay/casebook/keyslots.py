"""Keys: a passphrase opens a slot, the slot holds the master key, the master key gives one key per use."""

from __future__ import annotations

import json
import secrets
import threading
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

from mainstay.errors import BadRequest, NotACasebook

KEY_BYTES = 32
MEMORY_FLOOR_MIB = 64
MEMORY_CEILING_MIB = 4096
_SALT_BYTES = 16
_NONCE_BYTES = 12
# Two threads that stretch at once wait for each other for ever: OpenSSL's Argon2 shares its threads by process.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeySlotCost:
    """What one guess at a passphrase costs: Argon2id (RFC 9106) memory in MiB, passes over it, parallel lanes.

    Below 64 MiB is refused: it would make guessing cheap. So are costs no machine of a person could pay
    (a hostile file could name them).
    """

    memory_mib: int = 256
    iterations: int = 3
    lanes: int = 4

    def __post_init__(self) -> None:
        for name, low, high in (
            ("memory_mib", MEMORY_FLOOR_MIB, MEMORY_CEILING_MIB),
            ("iterations", 1, 64),
            ("lanes", 1, 64),
        ):
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise BadRequest(f"the cost of a keyslot needs {name} between {low} and {high}, not {value!r}")

    @classmethod
    def least(cls) -> KeySlotCost:
        """The floor: 64 MiB, one pass. For tests and very small machines."""
        return cls(MEMORY_FLOOR_MIB, 1, 4)


@dataclass(frozen=True, slots=True)
class KeySlot:
    """One way to the master key: its cost, a random salt, and the master key sealed under what the passphrase gives."""

    kind: str
    cost: KeySlotCost
    salt: bytes
    nonce: bytes
    sealed: bytes

    def as_fields(self) -> dict[str, Any]:
        """The slot as plain JSON fields; nothing in it is secret."""
        return {
            "kind": self.kind,
            "cost": asdict(self.cost),
            "salt": self.salt.hex(),
            "nonce": self.nonce.hex(),
            "sealed": self.sealed.hex(),
        }

    @classmethod
    def from_fields(cls, fields: dict[str, Any]) -> KeySlot:
        """From `as_fields`; refuses anything malformed or with a cost outside the allowed range."""
        try:
            slot = cls(
                str(fields["kind"]),
                KeySlotCost(**fields["cost"]),
                bytes.fromhex(fields["salt"]),
                bytes.fromhex(fields["nonce"]),
                bytes.fromhex(fields["sealed"]),
            )
        except (KeyError, TypeError, ValueError, BadRequest) as error:
            raise NotACasebook("a keyslot of this casebook is damaged; restore the file from a backup") from error
        if len(slot.salt) != _SALT_BYTES or len(slot.nonce) != _NONCE_BYTES:
            raise NotACasebook("a keyslot of this casebook is damaged; restore the file from a backup")
        return slot


def keep_out_of_core_dumps() -> None:
    """From here on this process leaves no core file, in which keys would lie readable. Where a limit can't be set
    (Windows), nothing is done; a dump that the system hands to another program is that program's to refuse."""
    try:
        import resource
    except ImportError:
        return
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (0, most))


def new_master_key() -> bytes:
    """32 random bytes from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def seal(master_key: bytes, passphrase: str, cost: KeySlotCost, case_id: bytes, kind: str = "passphrase") -> KeySlot:
    """A new slot that opens with the passphrase. Kind, cost, salt and casebook are authenticated with the key."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    salt, nonce = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_NONCE_BYTES)
    cipher = ChaCha20Poly1305(_stretch(passphrase, salt, cost))
    sealed = cipher.encrypt(nonce, master_key, _bound_to(kind, cost, salt, case_id))
    return KeySlot(kind, cost, salt, nonce, sealed)


def unseal(slot: KeySlot, passphrase: str, case_id: bytes) -> bytes | None:
    """The master key, or None where the passphrase does not open this slot. Costs the same either way."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    cipher = ChaCha20Poly1305(_stretch(passphrase, slot.salt, slot.cost))
    try:
        return cipher.decrypt(slot.nonce, slot.sealed, _bound_to(slot.kind, slot.cost, slot.salt, case_id))
    except InvalidTag:
        return None


def key_for(use: str, master_key: bytes, case_id: bytes) -> bytes:
    """The 32-byte key of one use (`database`, and those of `safe.py`): HKDF-SHA256 (RFC 5869)."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(SHA256(), KEY_BYTES, salt=case_id, info=f"mainstay casebook 1 {use}".encode()).derive(master_key)


def _stretch(passphrase: str, salt: bytes, cost: KeySlotCost) -> bytes:
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

    # The same passphrase is typed as different code points on different keyboards; NFC makes them one.
    typed = unicodedata.normalize("NFC", passphrase)
    if not typed.strip():
        raise BadRequest("the passphrase is empty; choose a few words that only you would put together")
    try:
        secret = typed.encode()
    except UnicodeEncodeError as error:
        raise BadRequest("the passphrase holds something that is no character; type it again") from error
    stretch = Argon2id(
        salt=salt, length=KEY_BYTES, iterations=cost.iterations, lanes=cost.lanes, memory_cost=cost.memory_mib * 1024
    )
    with _one_at_a_time:
        return stretch.derive(secret)


def _bound_to(kind: str, cost: KeySlotCost, salt: bytes, case_id: bytes) -> bytes:
    facts = ["mainstay keyslot 1", kind, cost.memory_mib, cost.iterations, cost.lanes, salt.hex(), case_id.hex()]
    return json.dumps(facts).encode()
