"""Keys: what opens a casebook, what does not, and what guessing costs."""

import time
import unicodedata

import pytest

from mainstay.casebook import keyslots
from mainstay.casebook.keyslots import KeySlot, KeySlotCost, key_for, new_master_key, seal, unseal
from mainstay.errors import BadRequest, NotACasebook

CASE = b"0123456789abcdef"
CHEAP = KeySlotCost.least()


@pytest.fixture(scope="module")
def sealed():
    master = new_master_key()
    return master, seal(master, "café au lait, twice", CHEAP, CASE)


def test_the_passphrase_gives_back_the_master_key(sealed):
    master, slot = sealed
    assert unseal(slot, "café au lait, twice", CASE) == master


def test_the_same_passphrase_typed_on_another_keyboard_opens(sealed):
    master, slot = sealed
    assert unseal(slot, unicodedata.normalize("NFD", "café au lait, twice"), CASE) == master


def test_another_passphrase_opens_nothing(sealed):
    assert unseal(sealed[1], "cafe au lait, twice", CASE) is None


def test_a_slot_moved_to_another_casebook_opens_nothing(sealed):
    assert unseal(sealed[1], "café au lait, twice", b"fedcba9876543210") is None


def test_a_slot_whose_cost_was_altered_opens_nothing(sealed):
    slot = sealed[1]
    altered = KeySlot(slot.kind, KeySlotCost(65, 1, 4), slot.salt, slot.nonce, slot.sealed)
    assert unseal(altered, "café au lait, twice", CASE) is None


def test_a_slot_survives_its_plain_fields(sealed):
    assert KeySlot.from_fields(sealed[1].as_fields()) == sealed[1]


def test_two_slots_of_one_passphrase_share_nothing(sealed):
    other = seal(sealed[0], "café au lait, twice", CHEAP, CASE)
    assert other.salt != sealed[1].salt
    assert other.sealed != sealed[1].sealed


def test_each_use_has_its_own_key():
    master = new_master_key()
    keys = {key_for(use, master, CASE) for use in ("database", "audit", "streams")} | {master}
    assert len(keys) == 4


@pytest.mark.parametrize("cost", [(63, 3, 4), (0, 3, 4), (256, 0, 4), (256, 3, 0), (1 << 20, 3, 4), (256.0, 3, 4)])
def test_costs_outside_the_allowed_range_are_refused(cost):
    with pytest.raises(BadRequest, match="between"):
        KeySlotCost(*cost)


def test_a_hostile_file_cannot_name_a_cost_below_the_floor_or_beyond_any_machine(sealed):
    for memory in (8, 1 << 20):
        fields = sealed[1].as_fields()
        fields["cost"]["memory_mib"] = memory
        with pytest.raises(NotACasebook):
            KeySlot.from_fields(fields)


@pytest.mark.parametrize("passphrase", ["", "   ", "\ud800"])
def test_no_passphrase_is_refused(passphrase):
    with pytest.raises(BadRequest, match="passphrase"):
        seal(new_master_key(), passphrase, CHEAP, CASE)


def test_the_default_cost_is_the_stated_one():
    assert KeySlotCost() == KeySlotCost(memory_mib=256, iterations=3, lanes=4)


def test_a_wrong_passphrase_costs_as_much_as_the_right_one(sealed, monkeypatch):
    stretched = []
    real = keyslots._stretch
    monkeypatch.setattr(keyslots, "_stretch", lambda *given: stretched.append(given[2]) or real(*given))
    start = time.perf_counter()
    unseal(sealed[1], "wrong", CASE)
    assert stretched == [CHEAP]
    assert time.perf_counter() - start > 0.005  # 64 MiB can't be filled faster
