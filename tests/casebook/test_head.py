"""The head: two copies, of which one is always whole."""

import pytest

from mainstay.casebook import container
from mainstay.casebook import head as head_module
from mainstay.casebook.head import COPY_BYTES, HEAD_BYTES, Change, Head, decode, decode_both, encode
from mainstay.casebook.keyslots import KeySlot, KeySlotCost
from mainstay.errors import CasebookError, NotACasebook

SLOT = KeySlot("passphrase", KeySlotCost.least(), b"s" * 16, b"n" * 12, b"k" * 48)
OLD, NEW = Head(b"c" * 16, (SLOT,), 4), Head(b"c" * 16, (SLOT, SLOT), 5)
CHANGING = Head(b"c" * 16, (SLOT,), 6, Change((SLOT, SLOT), b"n" * 60, b"o" * 60))


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
    monkeypatch.setattr(head_module, "FORMAT", 3)
    newer = encode(CHANGING)
    monkeypatch.undo()
    with pytest.raises(CasebookError, match="newer Mainstay"):
        decode(newer + encode(OLD))


def test_more_slots_than_fit_are_refused():
    with pytest.raises(CasebookError, match="keyslots don't fit"):
        encode(Head(b"c" * 16, (SLOT,) * 60))


def test_a_change_of_key_on_its_way_is_told_to_who_knows_it_and_refused_by_who_does_not(monkeypatch):
    assert decode(encode(OLD) + encode(CHANGING)) == CHANGING
    monkeypatch.setattr(head_module, "FORMAT", 1)
    assert decode(encode(NEW) * 2) == NEW
    with pytest.raises(CasebookError, match="newer Mainstay"):
        decode(encode_now(CHANGING, monkeypatch) * 2)


def encode_now(head, monkeypatch):
    with monkeypatch.context() as now:
        now.setattr(head_module, "FORMAT", 2)
        return encode(head)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "case"
    container.write_new_file(path, OLD)
    with path.open("ab") as rest:
        rest.write(b"what comes after the head")
    return path


def test_a_change_of_the_head_leaves_no_copy_of_what_was_there(file):
    for slots in ((), (SLOT, SLOT), (SLOT,)):
        container.write_head(file, Head(b"c" * 16, slots))
        first, second = decode_both(file.read_bytes()[:HEAD_BYTES])
        assert (first.slots, second.slots) == (slots, slots)
        assert container.copies_agree(file)
    assert container.read_head(file).generation == OLD.generation + 3
    assert file.read_bytes()[HEAD_BYTES:] == b"what comes after the head"


@pytest.mark.parametrize("torn", [1, 2])
@pytest.mark.parametrize("half", [30, 4096, COPY_BYTES])
def test_a_change_of_the_head_torn_at_either_copy_leaves_the_old_or_the_new(file, monkeypatch, torn, half):
    writes = []

    def tear(self, data, offset):
        writes.append(offset)
        if len(writes) == torn:
            type(self).__mro__[1].xWrite(self, data[:half], offset)
            raise InterruptedError
        type(self).__mro__[1].xWrite(self, data, offset)

    import apsw

    monkeypatch.setattr(apsw, "VFSFile", type("Torn", (apsw.VFSFile,), {"xWrite": tear}))
    with pytest.raises(CasebookError):
        container.write_head(file, NEW)
    monkeypatch.undo()
    assert container.read_head(file).slots == (OLD.slots if torn == 1 and half < COPY_BYTES else NEW.slots)
    assert container.copies_agree(file) == (half == COPY_BYTES and torn == 2)
    container.write_head(file, Head(b"c" * 16, ()))
    assert [head.slots for head in decode_both(file.read_bytes()[:HEAD_BYTES])] == [(), ()]
