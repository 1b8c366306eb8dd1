"""Fault 4: nothing that was recorded can be read outside the casebook, not even after a crash."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.casebook import Casebook
from mainstay.quantities import Instant

CANARIES = ("Zwartkopje", "Grasparkiet", "Sijsje", "Putter-oranje", "Kneutje", "Vink-geheim", "Kanarie")
PASSPHRASE = "Roodborst tapuit paapje"

PROGRAM = """
import os, sys
import numpy as np
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import *
path, passphrase, rounds = sys.argv[1], sys.stdin.readline().strip(), int(sys.argv[2])
now = Instant(0)
item = Item("Zwartkopje", "Grasparkiet" * 50, 0, 10, "low")
casebook = Casebook.create(path, passphrase, now=now, cost=KeySlotCost.least())
values = np.frombuffer(b"KanarieK" * 500, dtype=np.float64)
for k in range(rounds):
    bodies = [CheckIn("Zwartkopje", 3.0), Event("Putter-oranje" * 300, "relief", None, ("Kneutje",), ()),
              Statement("concern", "Vink-geheim" * 400), Signal("Sijsje", "bpm", np.arange(500), values)]
    records = tuple(Record(f"Sijsje {k} {n}", "Kneutje", now, now, "Putter-oranje", b) for n, b in enumerate(bodies))
    casebook.add(Batch("Putter-oranje", records, (item,)), Consent(given_at=now), now=now)
    if k % 20 == 0:
        casebook.read("own_answers", now=now)
    casebook.keep_answers("Kneutje", k, b"Vink-geheim" * 100, ("Kneutje",), now=now)
    if k % 22 == 21:
        casebook._connection.execute("SELECT body FROM record ORDER BY body || hex(digest)").fetchall()
        casebook._connection.execute("DELETE FROM record WHERE number % 5 = 0")
os.abort() if sys.argv[3] == "crash" else casebook.close()
"""


def traces(folder: Path) -> list[tuple[str, str]]:
    """Which canary (or word of the passphrase) lies readable in which file."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for canary in (*CANARIES, *PASSPHRASE.split()):
            if any(canary.encode(coding) in content for coding in ("utf-8", "utf-16-le", "utf-16-be")):
                found.append((path.name, canary))
    return found


def left_behind(tmp_path: Path, rounds: int, end: str) -> tuple[list[tuple[str, str]], set[str]]:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    places = {name: str(temporary) for name in ("TMPDIR", "TEMP", "TMP", "SQLITE_TMPDIR", "HOME")}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "case.mainstay"), str(rounds), end],
        input=f"{PASSPHRASE}\n",
        capture_output=True,
        text=True,
        check=False,
        cwd=temporary,
        env={**os.environ, **places},
    )
    (tmp_path / "said").write_text(done.stdout + done.stderr)
    assert (done.returncode == 0) == (end == "close")
    return traces(tmp_path), {path.name for path in tmp_path.iterdir() if path.is_file()}


@pytest.mark.parametrize("rounds", [25, pytest.param(1000, marks=pytest.mark.long)])
def test_a_crash_leaves_nothing_readable(tmp_path, rounds):
    found, files = left_behind(tmp_path, rounds, "crash")
    assert "case.mainstay-wal" in files  # it did crash with its log beside it
    assert found == []


def test_a_clean_end_leaves_nothing_readable(tmp_path):
    assert left_behind(tmp_path, 3, "close")[0] == []


def test_the_search_finds_what_is_readable(tmp_path):
    left_behind(tmp_path, 1, "close")
    with Casebook.open(tmp_path / "case.mainstay", PASSPHRASE) as casebook:
        records = casebook.read("own_answers", now=Instant(0)).records
    (tmp_path / "leak").write_text(repr(records))
    assert {canary for _, canary in traces(tmp_path)} >= {"Zwartkopje", "Putter-oranje", "Kneutje", "Vink-geheim"}
