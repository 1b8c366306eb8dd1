"""Fault: killed at any moment while a trial is begun or a day is filled in, nothing is lost and it goes on."""

import importlib.util
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.casebook.by_hand import keep
from mainstay.doors import trials as steps
from mainstay.records import logged

LIVER = Path(__file__).with_name("trial_liver.py")
PASSPHRASE = "four quiet words here"
A_COMMAND_OR_TWO_S, LONG_ENOUGH_S = 0.25, 300.0


@pytest.fixture(scope="module")
def liver():
    specification = importlib.util.spec_from_file_location("trial_liver", LIVER)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def planned(tmp_path, liver):
    """A casebook with a trial that is written down and has not begun."""
    path = tmp_path / "planned.mainstay"
    before = liver.evening(-1)
    tension = logged.described("tension", 1.0, 7.0, "low")
    with Casebook.create(path, PASSPHRASE, now=before, cost=KeySlotCost.least()) as casebook:
        keep(
            casebook,
            (logged.check_in(tension, 4.0, before, now=before),),
            now=before,
            items=(tension,),
            anchor="tension",
        )
        record = steps.on_record(casebook, now=before)
        steps.keep_plan(casebook, steps.plan_from_file(liver.PLAN, record), record, now=before)
    (tmp_path / "passphrase").write_text(PASSPHRASE)
    (tmp_path / "passphrase").chmod(0o600)
    return path


def kill_once(case, first, last, words, wait_s):
    """Lives the trial from a day on and kills it `wait_s` after it said so many words more than that it is ready.

    Gives the last day it said it had noted.
    """
    environment = os.environ | {"MAINSTAY_PASSPHRASE_FILE": str(case.with_name("passphrase"))}
    command = [sys.executable, str(LIVER), str(case), str(first), str(last)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "ready\n"
        said = "".join(process.stdout.readline() for _ in range(words))
        try:
            process.wait(wait_s)
        except subprocess.TimeoutExpired:
            process.kill()
        said += process.stdout.read()
    assert process.returncode <= 0  # killed, or through; never stopped by a refusal
    days = [line for line in said.split("\n")[:-1] if line]
    return int(days[-1]) if days else first - 1


def lived(case, liver):
    """The trial as the casebook has it, and the days that are noted."""
    with Casebook.open(case, PASSPHRASE) as casebook:
        [trial] = steps.on_record(casebook, now=liver.evening(liver.DAYS + 1)).trials
    return trial, sorted({(one.says.day - trial.protocol.says.start).days + 1 for one in trial.notes})


def survive(planned, liver, kills, seed, days):
    rng = random.Random(seed)
    at_the_start, in_between, case, seal, first = 0, 0, None, None, 0
    for number in range(kills):
        if case is None or first > days or number % 2 == 0:
            case, seal, first = planned.with_name(f"{number}.mainstay"), None, 0
            shutil.copyfile(planned, case)
        told = kill_once(case, first, days, rng.choice((0, 0, 1, 3)), rng.uniform(0.0, A_COMMAND_OR_TWO_S))
        trial, noted = lived(case, liver)
        last = noted[-1] if noted else 0 if trial.begun is not None else -1
        assert last in (told, told + 1)  # the one it was killed in may have been finished
        assert noted == list(range(1, last + 1))
        assert trial.wrong == ()
        if trial.begun is not None:
            assert trial.schedule.days == liver.DAYS
            assert seal in (None, trial.begun.says.digest)
            seal = trial.begun.says.digest
        at_the_start += last <= 0
        in_between += 0 < last < days
        first = last + 1
    if first <= days:
        assert kill_once(case, first, days, 0, LONG_ENOUGH_S) == days
    trial, noted = lived(case, liver)
    assert noted == list(range(1, days + 1))
    assert seal in (None, trial.begun.says.digest)
    return at_the_start, in_between


def test_a_killed_beginning_or_day_loses_nothing_and_goes_on(planned, liver):
    survive(planned, liver, kills=2, seed=1, days=4)


@pytest.mark.long
def test_twenty_kills_of_a_trial_lose_nothing(planned, liver):
    at_the_start, in_between = survive(planned, liver, kills=20, seed=2, days=liver.DAYS)
    assert at_the_start > 0
    assert in_between > 0
