"""The head: two copies, of which one is always whole."""

import pytest

from mainstay.casebook import head as head_module
from mainstay.casebook.head import COPY_BYTES, HEAD_BYTES, Head, decode, encode
from mainstay.casebook.keyslots import KeySlot, KeySlotCost
from mainstay.errors import CasebookError, NotACasebook

SLOT = KeySlot("passphrase", KeySlotCost.least(), b"s" * 16, b"n" * 12, b"k" * 48)
OLD, NEW = Head(b"c" * 16, (SLOT,), 4), Head(b"c" * 16, (SLOT, SLOT), 5)


@pytest.mark.parametrize("both", [encode(OLD) + encode(NEW), encode(NEW) + encode(OLD)])
def test_the_newer_copy_holds(both):
    assert len(both) == HEAD_BYTES
    assert decode(both) == NEW


@pytest.mark.parametrize("written", [1, 24, 100, 4096, COPY_BYTES - 1])
def test_a_torn_write_of_one_copy_leaves_the_other(written):
    torn = encode(NEW)[:written] + encode(Head(b"c" * 16, (SLOT,), 3))[written:]
    assert decode(torn + encode(OLD)) == OLD


def test_damage_in_both_copies_is_told():
    both = bytearray(encode(OLD) + encode(NEW))
    both[40] ^= 1
    both[COPY_BYTES + 40] ^= 1
    with pytest.raises(NotACasebook, match="damaged"):
        decode(bytes(both))


@pytest.mark.parametrize("content", [b"", b"SQLite format 3\x00", b"x" * HEAD_BYTES])
def test_another_file_is_not_a_casebook(content):
    with pytest.raises(NotACasebook, match="not a casebook"):
        decode(content)


def test_a_newer_format_is_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr(head_module, "FORMAT", 2)
    newer = encode(NEW)
    monkeypatch.undo()
    with pytest.raises(CasebookError, match="newer Mainstay"):
        decode(newer + encode(OLD))


def test_more_slots_than_fit_are_refused():
    with pytest.raises(CasebookError, match="keyslots don't fit"):
        encode(Head(b"c" * 16, (SLOT,) * 60))
