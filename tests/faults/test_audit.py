"""Fault 8: an audit that was edited, thinned out, put in another order or cut off is found out against a checkpoint."""

import random

import pytest

from faults.ledgers import in_memory
from mainstay.casebook import audit
from mainstay.quantities import Instant

ENTRIES = 40
COLUMNS = ("at_us", "at_offset_s", "action", "purpose", "streams", "count", "mac")


def a_log(rng: random.Random):
    """A casebook with a log, and the checkpoint that ends it."""
    casebook = in_memory()
    for number in range(ENTRIES):
        streams = [f"{rng.getrandbits(128):032x}" for _ in range(rng.randint(0, 3))]
        action = rng.choice(("read", "read refused", "add", "export"))
        audit.note(
            casebook._connection, casebook._safe, action, "own_answers", streams, rng.randint(0, 9), Instant(number)
        )
    return casebook, casebook.checkpoint(Instant(ENTRIES))


def edit(rng, run) -> None:
    number, column = rng.randint(1, ENTRIES), rng.choice(COLUMNS)
    old = run(f"SELECT {column} FROM audit WHERE number = ?", (number,)).get
    if isinstance(old, int):
        new = old + rng.choice((-1, 1, 1000))
    elif isinstance(old, bytes):
        place = rng.randrange(len(old))
        new = old[:place] + bytes([old[place] ^ (1 << rng.randrange(8))]) + old[place + 1 :]
    else:
        new = rng.choice((old + " ", "x", "[]x", old.upper() + "!"))
    run(f"UPDATE audit SET {column} = ? WHERE number = ?", (new, number))


def remove(rng, run) -> None:
    first = rng.randint(1, ENTRIES)
    last = min(ENTRIES, first + rng.randint(0, 5))
    run("DELETE FROM audit WHERE number BETWEEN ? AND ?", (first, last))
    if rng.random() < 0.5:  # and the gap closed
        shifted = last - first + 1
        run("UPDATE audit SET number = -number WHERE number > ?", (last,))
        run("UPDATE audit SET number = -number - ? WHERE number < 0", (shifted,))


def reorder(rng, run) -> None:
    one, other = rng.sample(range(1, ENTRIES + 2), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        run("UPDATE audit SET number = ? WHERE number = ?", (new, old))


def cut_off(rng, run) -> None:
    run("DELETE FROM audit WHERE number > ?", (rng.randint(0, ENTRIES),))


@pytest.mark.parametrize("times", [80, pytest.param(1000, marks=pytest.mark.long)])
def test_every_edit_removal_reordering_and_truncation_is_found(times):
    rng = random.Random(times)
    casebook, checkpoint = a_log(rng)
    assert casebook.verify(checkpoint) == []
    for count in range(times):
        harm = (edit, remove, reorder, cut_off)[count % 4]
        casebook._connection.execute("SAVEPOINT whole")
        harm(rng, casebook._connection.execute)
        assert casebook_verify(casebook, checkpoint), harm.__name__
        casebook._connection.execute("ROLLBACK TO whole")
        casebook._connection.execute("RELEASE whole")
    assert casebook.verify(checkpoint) == []


def casebook_verify(casebook, checkpoint) -> list[str]:
    return audit.verify(casebook._connection, casebook._safe, checkpoint)


@pytest.mark.parametrize("times", [10, pytest.param(200, marks=pytest.mark.long)])
def test_who_holds_the_key_and_writes_the_log_anew_is_found_against_an_older_checkpoint(times):
    rng = random.Random(times)
    for _ in range(times):
        casebook, checkpoint = a_log(rng)
        gone = rng.randint(1, ENTRIES)
        kept = [one for one in casebook.audit_log() if one.number != gone]
        casebook._connection.execute("DELETE FROM audit")
        for one in [*kept, kept[-1]]:
            audit.note(casebook._connection, casebook._safe, one.action, one.purpose, one.streams, one.count, one.at)
        assert casebook.verify() == []
        assert any("written anew" in finding for finding in casebook.verify(checkpoint))
        casebook.close()
