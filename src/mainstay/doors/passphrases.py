"""What a new passphrase has to be, whichever door it is typed at."""

from __future__ import annotations

from mainstay.errors import BadRequest

SHORTEST = 8


def refuse_empty(typed: str) -> None:
    """Refuses (`BadRequest`) what is nothing but spaces."""
    if not typed.strip():
        raise BadRequest("the passphrase is empty; choose a few words that only you would put together")


def refuse_unfit(typed: str) -> None:
    """Refuses (`BadRequest`) a new passphrase that is empty or too short."""
    refuse_empty(typed)
    if len(typed) < SHORTEST:
        raise BadRequest(f"the passphrase needs at least {SHORTEST} characters; a few words are best")


def refuse_different(typed: str, again: str) -> None:
    """Refuses (`BadRequest`) a new passphrase that was typed otherwise the second time."""
    if typed != again:
        raise BadRequest("the two passphrases differ; nothing was made, start again")
