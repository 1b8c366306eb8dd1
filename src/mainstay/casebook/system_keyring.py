"""The keyring of the operating system, as one more way into a casebook on this machine. Optional: extra `keyring`."""

from __future__ import annotations

import secrets
from typing import Any

from mainstay.casebook.keyslots import KeySlot
from mainstay.errors import BadRequest

SERVICE = "mainstay"
_PREFIX = "mainstay keyring secret "
# Kept sealed by the system under the login. Others exist that write plain files, or nothing at all.
SAFE_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
    "keyring.backends.macOS",
    "keyring.backends.Windows",
)


def new_secret() -> str:
    """256 random bits, marked so that they can't be taken for a passphrase."""
    return _PREFIX + secrets.token_hex(32)


def is_secret(text: str) -> bool:
    """Whether it is what `new_secret` made."""
    return text.startswith(_PREFIX)


def refuse_unsafe() -> None:
    """Refuses, with what to do, where there is no keyring that keeps a secret sealed."""
    _safe_backend()


def keep(case_id: bytes, slot: KeySlot, secret: str) -> None:
    """Puts the secret of a slot into the keyring."""
    from keyring.errors import KeyringError

    try:
        _safe_backend().set_password(SERVICE, _name(case_id, slot), secret)
    except KeyringError as error:
        raise BadRequest(f"this system's keyring would not keep the key: {error}; unlock it and try again") from error


def find(case_id: bytes, slot: KeySlot) -> str | None:
    """The secret of a slot; None where it is of another kind or machine, or the keyring is absent, unsafe or locked."""
    if slot.kind != "keyring":
        return None
    try:
        backend = _safe_backend()
    except BadRequest:
        return None
    from keyring.errors import KeyringError

    try:
        found = backend.get_password(SERVICE, _name(case_id, slot))
    except KeyringError:
        return None
    return found if found is not None and is_secret(found) else None


def forget(case_id: bytes, slot: KeySlot) -> None:
    """Takes the secret of a slot out of the keyring, if it is there; without the slot it opens nothing anyway."""
    if find(case_id, slot) is None:
        return
    from contextlib import suppress

    from keyring.errors import KeyringError

    with suppress(KeyringError):
        _safe_backend().delete_password(SERVICE, _name(case_id, slot))


def _safe_backend() -> Any:
    try:
        import keyring
    except ImportError as error:
        raise BadRequest(
            "the system's keyring can't be reached without a further package: pip install 'mainstay[keyring]'"
        ) from error
    chosen = keyring.get_keyring()
    for backend in getattr(chosen, "backends", [chosen]):
        if type(backend).__module__ in SAFE_BACKENDS:
            return backend
    raise BadRequest(
        "this system has no keyring that keeps a secret sealed under your login, so the key was not put there; "
        "go on with the passphrase"
    )


def _name(case_id: bytes, slot: KeySlot) -> str:
    return f"{case_id.hex()} {slot.salt.hex()}"
