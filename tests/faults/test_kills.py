"""Fault 1: a writer killed at any moment loses nothing it acknowledged and leaves no half transaction."""

import random
import subprocess
import sys
import time

import pytest


def kill_once(case, first: int, wait_s: float) -> int:
    """Starts the writer at batch `first`, kills it `wait_s` after its first word; how many batches it said are in."""
    command = [sys.executable, case.script, str(case.path), case.key.hex(), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        said = process.stdout.readline()
        time.sleep(wait_s)
        process.kill()
        said += process.stdout.read()
    complete = [line for line in said.split("\n")[:-1] if line]
    return int(complete[-1]) + 1


def survive(case, kills: int, seed: int) -> None:
    rng = random.Random(seed)
    first = 0
    for _ in range(kills):
        acknowledged = kill_once(case, first, rng.uniform(0, 0.12))
        casebook = case.open()
        found = case.content(casebook)
        casebook.close()
        held = len(found) // case.writer.RECORDS_PER_BATCH
        assert held in (acknowledged, acknowledged + 1)  # the one it was killed in may have been finished
        assert found == case.content_after(held)
        first = held


def test_a_killed_writer_loses_nothing_acknowledged_and_leaves_no_half_batch(case):
    survive(case, kills=6, seed=1)


@pytest.mark.long
def test_two_hundred_kills_lose_nothing(case):
    survive(case, kills=200, seed=2)
