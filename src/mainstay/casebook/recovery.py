"""The recovery code: twelve words to be kept on paper, 128 random bits and a checksum (BIP39, English list)."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mnemonic import Mnemonic

WORDS = 12
_BITS = 128


def new_code() -> str:
    """Twelve words, separated by spaces."""
    return _words().generate(_BITS)


def code(typed: str) -> str:
    """The code as it was made, whatever the case, spaces, numbers or commas between the words that were typed.

    Refuses, before any key is tried, another number of words, a word that is not in the list (named by its place: the
    word itself is not repeated), and words whose checksum does not fit.
    """
    words = _split(typed)
    if len(words) != WORDS:
        raise BadRequest(f"a recovery code has {WORDS} words, and these are {len(words)}; look at the paper again")
    for place, word in enumerate(words, 1):
        if word not in _words().wordlist:
            raise BadRequest(f"word {place} of the recovery code is none of the list; look at the paper again")
    told = " ".join(words)
    if not _words().check(told):
        raise BadRequest(
            "these words don't belong together: one of them is another word of the list, or two have changed places; "
            "look at the paper again"
        )
    return told


def as_code(typed: str) -> str | None:
    """The code, where what was typed is one; else None."""
    if len(_split(typed)) != WORDS:
        return None
    try:
        return code(typed)
    except BadRequest:
        return None


def _split(typed: str) -> list[str]:
    # People number the words on paper, and type the numbers too.
    plain = unicodedata.normalize("NFKC", typed).lower().replace(",", " ").split()
    return [word for word in plain if not word.strip(".)").isdecimal()]


@cache
def _words() -> Mnemonic:
    from mnemonic import Mnemonic

    return Mnemonic("english")
