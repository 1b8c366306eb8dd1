"""Keys inside the encrypted file, each sealed under a key for its use: with a key goes all that only it opens."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, Literal

from mainstay.casebook.keyslots import KEY_BYTES, key_for
from mainstay.errors import NotACasebook

Use = Literal["streams", "audit", "receipts", "bystanders"]
NONCE_BYTES = 12


def encrypt(key: bytes, data: bytes, bound_to: bytes) -> bytes:
    """A random nonce, and the data under ChaCha20-Poly1305 (RFC 8439); `bound_to` is authenticated with it."""
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, data, bound_to)


def decrypt(key: bytes, sealed: bytes, bound_to: bytes) -> bytes | None:
    """What `encrypt` was given; None where key, data or what it is bound to is another."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    try:
        return ChaCha20Poly1305(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError):
        return None


class Safe:
    """Seals keys under the master key's key for their use, and opens them again.

    While a master key is being changed there are two: the first seals, either opens.
    """

    def __init__(self, master_keys: Sequence[bytes], case_id: bytes) -> None:
        self._master_keys, self._case_id = tuple(master_keys), case_id

    @property
    def master_key(self) -> bytes:
        """The master key that seals."""
        return self._master_keys[0]

    def new(self, use: Use, name: str) -> tuple[bytes, bytes]:
        """A new random key of 32 bytes, and itself sealed; it opens again only under the same use and name."""
        key = secrets.token_bytes(KEY_BYTES)
        return key, self.seal(use, name, key)

    def seal(self, use: Use, name: str, key: bytes) -> bytes:
        """The key, sealed."""
        return encrypt(key_for(use, self._master_keys[0], self._case_id), key, f"{use} {name}".encode())

    def derived(self, what: str) -> bytes:
        """32 bytes that follow from the master key: the same in every copy of a casebook that is under it."""
        return key_for(f"derived {what}", self._master_keys[0], self._case_id)

    def open(self, use: Use, name: str, sealed: bytes) -> bytes:
        """The key again; refuses (`NotACasebook`) what was not sealed here under this use and name."""
        for master_key in self._master_keys:
            key = decrypt(key_for(use, master_key, self._case_id), sealed, f"{use} {name}".encode())
            if key is not None:
                return key
        raise NotACasebook("a key inside this casebook is damaged; restore the file from a backup")


def secret(connection: Any, safe: Safe, use: Use) -> bytes:
    """The casebook's own key for `audit`, `receipts` or `bystanders`: it outlives a change of the master key."""
    return safe.open(use, "", connection.execute("SELECT sealed FROM secret WHERE use = ?", (use,)).get)
