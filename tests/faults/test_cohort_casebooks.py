"""Fault 11, of casebooks: workers and coordinators killed while they hold them open harm none, and miss nobody."""

import random
import subprocess
import sys
import time
from contextlib import contextmanager

import polars as pl
import psutil
import pytest

from faults.test_cohort_kills import LONG_ENOUGH_S, workers_of
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.cohort.rows import TOLD
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, CheckIn, Item, Record

NOW = Instant.parse("2024-05-02T12:00+02:00")
WORDS = "four quiet words here"
posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a thing of POSIX")


def study(place, people):
    """So many casebooks under one key, each with some check-ins, and leave to read them for a study."""
    folder, key = place / "casebooks", place / "all.key"
    folder.mkdir()
    key.write_text(WORDS)
    key.chmod(0o600)
    rng, item = random.Random(5), Item("mood", "How are you?", 0.0, 10.0, "high")
    for k in range(people):
        moments = [NOW.plus_days(-one / 4) for one in range(40, 0, -1)]
        records = tuple(
            Record(f"{k}-{i}", "diary", at, at, "by hand", CheckIn("mood", float(rng.randint(0, 10))))
            for i, at in enumerate(moments)
        )
        path = folder / f"p{k:02d}.mainstay"
        with Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()) as one:
            one.add(Batch("test", records, (item,)), Consent(purposes=("cohort",), given_at=NOW), now=NOW)
    return folder, key


@contextmanager
def asking(folder, key, out):
    """The command at work on them, in processes."""
    line = [
        "cohort", str(folder), "--keys", str(key), "--out", str(out), "--on", "processes", "--workers", "2",
    ]  # fmt: skip
    command = [sys.executable, "-c", "import sys; from mainstay.cli import run; sys.exit(run(sys.argv[1:]))", *line]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def unharmed(folder, people):
    """Every casebook opens, is whole, and has the read for the study on its list."""
    paths = sorted(folder.glob("*.mainstay"))
    assert len(paths) == people
    for path in paths:
        with Casebook.open(path, WORDS) as one:
            assert one.verify() == []
            assert len(one.read("cohort", now=NOW).records) == 40
            assert ("read", "cohort") in {(entry.action, entry.purpose) for entry in one.audit_log()[:-1]}


def finished(folder, key, out, people):
    with asking(folder, key, out) as process:
        said, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert f"{people} people asked (recovery), {people} told." in said
    ends = pl.read_parquet(out / "people.parquet")
    assert ends["person"].to_list() == [f"p{k:02d}" for k in range(people)]
    assert ends["state"].to_list() == [TOLD] * people


def survive(tmp_path, people, kills, whom):
    folder, key = study(tmp_path, people)
    rng, killed, runs = random.Random(6), 0, 0
    while killed < kills:
        out = tmp_path / f"out-{runs}"
        with asking(folder, key, out) as process:
            until = time.monotonic() + LONG_ENOUGH_S
            while not (there := workers_of(process)) and process.poll() is None and time.monotonic() < until:
                time.sleep(0.02)
            time.sleep(rng.uniform(0.0, 1.0))
            for one in whom(process, there)[: kills - killed]:
                if one.is_running():
                    one.kill()
                    killed += 1
            process.wait(LONG_ENOUGH_S)
        runs += (out / "people.parquet").exists()  # what is finished has nothing left to be killed at
    finished(folder, key, out, people)
    unharmed(folder, people)


def workers_alone(process, there):
    return there


def coordinators(process, there):
    return [psutil.Process(process.pid)]


@posix
@pytest.mark.parametrize("whom", [workers_alone, coordinators])
def test_a_kill_in_the_middle_of_casebooks_harms_none(tmp_path, whom):
    survive(tmp_path, 8, 1, whom)


@posix
@pytest.mark.long
@pytest.mark.parametrize("whom", [workers_alone, coordinators])
def test_ten_kills_in_the_middle_of_casebooks_harm_none(tmp_path, whom):
    survive(tmp_path, 40, 10, whom)
