"""Fault 6: killed at any write of a change of key, the casebook opens with the old words or the new, and goes on."""

import json
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import apsw
import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost, container, keys, recovery
from mainstay.casebook.keyslots import key_for, new_master_key, seal
from mainstay.casebook.safe import Safe, secret
from mainstay.errors import CasebookError, NotACasebook, WrongPassphrase
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Record, Signal

CHANGER = str(Path(__file__).with_name("key_changer.py"))
OLD, NEW = "four quiet words here", "four other words now"
KILLED = -9


@dataclass(frozen=True)
class Change:
    """A casebook of which copies are made, its master key, and the key and slots it is to have."""

    case: Path
    old: bytes
    new: bytes
    fresh: str
    content: object

    def change(self, case: Path, kill_at: int) -> subprocess.CompletedProcess:
        return _run(["change", str(case), self.old.hex(), self.new.hex(), str(kill_at)], self.fresh)

    def open(self, case: Path, kill_at: int) -> subprocess.CompletedProcess:
        return _run(["open", str(case), str(kill_at)], json.dumps([OLD, NEW]))


def _run(arguments: list[str], given: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, CHANGER, *arguments], input=given, capture_output=True, text=True, check=False
    )


def content(casebook: Casebook, now: Instant):
    """Everything on record, with the samples, which stand on the keys inside."""
    records = casebook.read("own_answers", now=now).records
    return sorted((r.id, r.body.values.tobytes() if isinstance(r.body, Signal) else repr(r.body)) for r in records)


@pytest.fixture
def change(case) -> Change:
    now = case.writer.NOW
    times = np.arange(0, 5_000_000_000, 1_000_000, dtype=np.int64)
    pulse = Record("pulse-1", "watch", now, now, "faults", Signal("pulse", "1/min", times, np.sin(times)))
    casebook = case.open()
    for number in range(4):
        case.add(casebook, number)
    casebook.add(Batch("faults", (pulse,)), Consent(given_at=now), now=now)
    held = content(casebook, now)
    casebook.close()
    new = new_master_key()
    fresh = seal(new, NEW, KeySlotCost.least(), container.read_head(case.path).case_id)
    return Change(case.path, case.key, new, json.dumps([fresh.as_fields()]), held)


def opened_by(path: Path) -> tuple[str, Casebook]:
    """The casebook under the words that open it; there must be some."""
    for words in (OLD, NEW):
        try:
            return words, Casebook.open(path, words)
        except WrongPassphrase:
            continue
    raise AssertionError("neither the old words nor the new open the casebook")


def whole_and_settled(change: Change, path: Path, now: Instant) -> str:
    """Checks what a kill left: all of it there, under one key alone. Which words open it now."""
    words, casebook = opened_by(path)
    assert content(casebook, now) == change.content
    casebook.close()
    head = container.read_head(path)
    assert head.change is None
    assert container.copies_agree(path)
    words = NEW if len(head.slots) == 1 and json.loads(change.fresh) == [head.slots[0].as_fields()] else OLD
    other = OLD if words == NEW else NEW
    with pytest.raises(WrongPassphrase):
        Casebook.open(path, other)
    key, gone = (change.new, change.old) if words == NEW else (change.old, change.new)
    with pytest.raises(NotACasebook):
        container.connect(path, key_for("database", gone, head.case_id))
    connection = container.connect(path, key_for("database", key, head.case_id))
    safe = Safe([key], head.case_id)
    assert len({secret(connection, safe, use) for use in ("audit", "receipts", "bystanders")}) == 3
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
    casebook = Casebook.open(path, words)
    assert content(casebook, now) == change.content
    casebook.close()
    return words


def survive(change: Change, tmp_path: Path, now: Instant, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    copy = tmp_path / "copy.mainstay"
    shutil.copy(change.case, copy)
    spared = change.change(copy, 0)
    assert spared.returncode == 0, spared.stderr
    assert whole_and_settled(change, copy, now) == NEW
    steps = int(spared.stdout.split()[0])
    ends = set()
    for number in range(kills):
        container.remove_parts(copy)
        shutil.copy(change.case, copy)
        # spread over all there is, so that the few of a small run meet each stage
        kill_at = 1 + (number * steps) // kills + (rng.randrange(steps // kills) if number else 0)
        assert change.change(copy, kill_at).returncode == KILLED
        for _ in range(number % 3):
            assert change.open(copy, rng.randrange(1, steps)).returncode in (0, KILLED)
        ends.add(whole_and_settled(change, copy, now))
    assert ends == {OLD, NEW}


def test_a_change_of_key_killed_at_any_write_leaves_the_old_or_the_new(change, case, tmp_path):
    survive(change, tmp_path, case.writer.NOW, kills=4, seed=3)


@pytest.mark.long
def test_fifty_kills_during_a_change_of_key(change, case, tmp_path):
    survive(change, tmp_path, case.writer.NOW, kills=50, seed=4)


@pytest.mark.parametrize("share", [0.3, pytest.param(0.9, marks=pytest.mark.long)])
def test_a_change_that_cannot_be_finished_yet_waits_and_nothing_is_lost(change, case, tmp_path, monkeypatch, share):
    now = case.writer.NOW
    shutil.copy(change.case, tmp_path / "spare")
    steps = int(change.change(tmp_path / "spare", 0).stdout.split()[0])
    assert change.change(case.path, int(steps * share)).returncode == KILLED
    with monkeypatch.context() as full:
        full.setattr(container, "alone", no_room)
        first = Casebook.open(case.path, OLD)
    assert keys.unfinished(case.path)
    second = Casebook.open(case.path, NEW)  # the first has it open, so this one can't finish it either
    assert keys.unfinished(case.path)
    for forbidden in (keys.change_recovery, keys.change_passphrase):
        with pytest.raises(CasebookError, match="waits to be finished"):
            forbidden(case.path, NEW, recovery.new_code(), now=now, cost=KeySlotCost.least())
    case.add(first, 4)
    case.add(second, 5)
    held = content(first, now)
    assert len(held) == len(change.content) + 2 * case.writer.RECORDS_PER_BATCH
    first.close()
    second.close()
    again = Casebook.open(case.path, OLD)
    assert content(again, now) == held
    again.close()
    assert not keys.unfinished(case.path)


def no_room(connection):
    raise apsw.FullError("as the test wants it")
