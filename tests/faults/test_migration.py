"""A casebook of an earlier schema whose bringing up is killed is wholly of the old schema or wholly of the new."""

import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, container, schema
from mainstay.casebook.keyslots import key_for, unseal
from mainstay.quantities import Instant

RELEASED = Path(__file__).parents[1] / "casebook" / "released" / "schema-1.mainstay"
PASSPHRASE = "four quiet words here"
THEN = Instant.parse("2024-05-01T12:00+02:00")
PROGRAM = """
import sys
from pathlib import Path
from mainstay.casebook import Casebook, blocks, container
path, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
case_id = container.read_head(path).case_id
blocks.unpack(blocks.pack(*(__import__("numpy").zeros(1, kind) for kind in ("int64", "float64"))))
print("ready", flush=True)
Casebook._under(path, key, case_id)
print("open", flush=True)
"""


@pytest.fixture(scope="module")
def master_key() -> bytes:
    head = container.read_head(RELEASED)
    return unseal(head.slots[0], PASSPHRASE, head.case_id)


def opened(path: Path, key: bytes) -> Casebook:
    return Casebook._under(path, key, container.read_head(path).case_id)


def content(casebook: Casebook) -> tuple:
    stored = casebook.read("own_answers", now=THEN)
    records = [(r.id, r.stream, r.happened, r.known, r.source, r.kind) for r in stored.records]
    samples = [(r.body.times_us.tobytes(), r.body.values.tobytes()) for r in stored.records if r.kind == "signal"]
    return records, samples, stored.items, stored.anchor


def state(path: Path, key: bytes) -> tuple[int, int, bool]:
    """The version in the file, how many records it holds, and whether the tables are those of that version."""
    connection = container.connect(path, key_for("database", key, container.read_head(path).case_id))
    try:
        version = connection.execute("PRAGMA user_version").get
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        records = connection.execute("SELECT count(*) FROM record").get
        assert connection.execute("PRAGMA integrity_check").get == "ok"
    finally:
        connection.close()
    return version, records, ("block" in tables) == (version == schema.VERSION)


@pytest.mark.parametrize("kills", [4, pytest.param(20, marks=pytest.mark.long)])
def test_a_killed_migration_leaves_the_old_or_the_new_whole(tmp_path, master_key, kills):
    path, rng = tmp_path / "old.mainstay", random.Random(kills)
    shutil.copy(RELEASED, path)
    with opened(path, master_key) as casebook:
        expected = content(casebook)
    seen = set()
    for _ in range(kills):
        container.remove_parts(path)
        shutil.copy(RELEASED, path)
        command = [sys.executable, "-c", PROGRAM, str(path), master_key.hex()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            time.sleep(rng.uniform(0, 0.06))
            process.kill()
        version, records, whole = state(path, master_key)
        assert (version in (1, schema.VERSION), records, whole) == (True, 51, True)
        with opened(path, master_key) as casebook:
            assert content(casebook) == expected
        seen.add(version)
    assert seen == {1, schema.VERSION} or kills < 20  # the kills fall on both sides


def test_two_copies_brought_up_apart_know_each_others_erasures(tmp_path, master_key):
    one, other = tmp_path / "one.mainstay", tmp_path / "other.mainstay"
    for path in (one, other):
        shutil.copy(RELEASED, path)
    with opened(one, master_key) as casebook:
        receipt = casebook.erase(["diary"], now=THEN)
    with opened(other, master_key) as casebook:
        assert casebook.replay([receipt], now=THEN) == ("diary",)
