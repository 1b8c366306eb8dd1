"""Fault 11: workers or the coordinator killed at any moment, and each person is told exactly once."""

import random
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import psutil
import pytest

from cohort.clusters import certificates, local_cluster
from mainstay.cohort.layout import ABOUT, COLUMNS, ITEM_COLUMNS, ITEMS, RECORDS, types
from mainstay.cohort.rows import FAILED, TOLD

WORK = Path(__file__).with_name("cohort_work.py")
LONG_ENOUGH_S = 300.0
posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a thing of POSIX")


def data_set(folder, people, batch):
    """A data set of people with one record each, in batches of so many."""
    (folder / RECORDS).mkdir(parents=True)
    rows = pl.DataFrame({"person": people}).with_columns(
        stream=pl.lit("diary"), kind=pl.lit("check_in"), label=pl.lit("mood"), value=pl.lit(1.0),
        happened=pl.lit(0).cast(types(COLUMNS)["happened"]), offset_s=pl.lit(0, pl.Int32()),
    )  # fmt: skip
    empty = [pl.lit(None, kind).alias(name) for name, kind in types(COLUMNS).items() if name not in rows.columns]
    whole = rows.with_columns(empty).select(list(types(COLUMNS)))
    whole.write_parquet(folder / RECORDS / "people.parquet", row_group_size=batch)
    pl.DataFrame(schema=types(ITEM_COLUMNS)).write_parquet(folder / ITEMS)
    (folder / ABOUT).write_text('form = 1\n[consent]\nby = "study"\nbasis = "nobody is real"\npurposes = ["cohort"]\n')
    return folder


@contextmanager
def coordinator(source, out, *workers):
    """A coordinator at work, in a process of its own."""
    command = [sys.executable, str(WORK), str(source), str(out), *map(str, workers or (2,))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def workers_of(process):
    """Its workers that are there now: what its fork server has forked."""
    try:
        below = psutil.Process(process.pid).children(recursive=True)
        return [one for one in below if "forkserver" in " ".join(one.parent().cmdline())]
    except (psutil.NoSuchProcess, AttributeError):
        return []


def told_once(out, people):
    """Everybody in the tables exactly once, with one answer; what became of each."""
    ends, answers = pl.read_parquet(out / "people.parquet"), pl.read_parquet(out / "answers.parquet")
    assert ends["person"].to_list() == people
    told = ends.filter(pl.col("state") == TOLD)["person"].to_list()
    assert answers["person"].to_list() == told
    return dict(zip(ends["person"].to_list(), ends["state"].to_list(), strict=True))


def survive_killed_workers(tmp_path, kills, people, batch):
    source = data_set(tmp_path / "people", [f"p{k:04d}" for k in range(people)], batch)
    rng, killed = random.Random(1), 0
    with coordinator(source, tmp_path / "out") as process:
        while killed < kills and process.poll() is None:
            time.sleep(rng.uniform(0.0, 0.5))
            there = workers_of(process)
            if there:
                rng.choice(there).kill()
                killed += 1
        said, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert said.splitlines()[-1] == f"through {{'told': {people}}}"
    assert killed == kills
    told_once(tmp_path / "out", [f"p{k:04d}" for k in range(people)])


@posix
def test_killed_workers_cost_nobody_anything(tmp_path):
    survive_killed_workers(tmp_path, kills=3, people=120, batch=5)


@posix
@pytest.mark.long
def test_twenty_killed_workers_cost_nobody_anything(tmp_path):
    survive_killed_workers(tmp_path, kills=20, people=2_000, batch=10)


def survive_killed_coordinators(tmp_path, kills, people, batch):
    source, out = data_set(tmp_path / "people", [f"p{k:04d}" for k in range(people)], batch), tmp_path / "out"
    rng, held, amid = random.Random(2), {}, 0
    for _ in range(kills):
        with coordinator(source, out) as process:
            for _ in range(rng.choice((1, 1, 2, 3))):
                process.stdout.readline()
            time.sleep(rng.uniform(0.0, 0.3))
            there = workers_of(process)
            process.kill()
        gone, alive = psutil.wait_procs(there, timeout=30)
        assert not alive, f"{alive} outlived their coordinator; {len(gone)} left with it"
        now = {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("*.arrow")}
        assert held.items() <= now.items()  # what was finished is there still, and was not done again
        amid += len(held) < len(now) < -(-people // batch)
        held = now
    with coordinator(source, out) as process:
        said, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert said.splitlines()[0] == f"{len(held)} {len(held)}"
    told_once(out, [f"p{k:04d}" for k in range(people)])
    return amid


@posix
def test_a_killed_coordinator_goes_on_where_it_was_and_leaves_no_worker_behind(tmp_path):
    survive_killed_coordinators(tmp_path, kills=2, people=120, batch=5)


@posix
@pytest.mark.long
def test_twenty_killed_coordinators_go_on_where_they_were(tmp_path):
    assert survive_killed_coordinators(tmp_path, kills=20, people=2_000, batch=10) > 0


@posix
def test_the_one_at_whom_every_worker_dies_is_found_and_everybody_else_is_told(tmp_path):
    people = [f"p{k:02d}" for k in range(12)]
    people[6] = "deadly"
    source = data_set(tmp_path / "people", people, 4)
    with coordinator(source, tmp_path / "out") as process:
        _, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert told_once(tmp_path / "out", people) == dict.fromkeys(people, TOLD) | {"deadly": FAILED}
    ends = pl.read_parquet(tmp_path / "out" / "people.parquet")
    assert "the worker died" in ends.filter(pl.col("person") == "deadly")["reason"][0]


@posix
def test_a_second_coordinator_is_refused_until_the_first_is_gone(tmp_path):
    people = [f"p{k:03d}" for k in range(200)]
    source, out = data_set(tmp_path / "people", people, 20), tmp_path / "out"
    with coordinator(source, out) as first:
        assert first.stdout.readline() == "0 0\n"
        with coordinator(source, out) as second:
            _, wrong = second.communicate(timeout=LONG_ENOUGH_S)
        assert second.returncode == 1
        assert "another run is at work" in wrong
    with coordinator(source, out) as third:
        _, wrong = third.communicate(timeout=LONG_ENOUGH_S)
    assert third.returncode == 0, wrong
    told_once(out, people)


def survive_killed_workers_of_a_cluster(tmp_path, kills, people, batch):
    files = certificates(tmp_path / "tls")
    source, out = data_set(tmp_path / "people", [f"p{k:04d}" for k in range(people)], batch), tmp_path / "out"
    rng, killed = random.Random(3), 0
    with (
        local_cluster(files, preload=[str(WORK)]) as cluster,
        coordinator(source, out, cluster.scheduler_address, tmp_path / "tls") as process,
    ):
        process.stdout.readline()
        while killed < kills and process.poll() is None:
            time.sleep(rng.uniform(0.0, 0.5))
            there = [one.pid for one in cluster.workers.values() if one.pid and psutil.pid_exists(one.pid)]
            if there:
                psutil.Process(rng.choice(there)).kill()
                killed += 1
        said, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert said.splitlines()[-1] == f"through {{'told': {people}}}"
    assert killed == kills
    told_once(out, [f"p{k:04d}" for k in range(people)])


@posix
def test_a_killed_worker_of_a_cluster_costs_nobody_anything(tmp_path):
    survive_killed_workers_of_a_cluster(tmp_path, kills=1, people=60, batch=5)


@posix
@pytest.mark.long
def test_twenty_killed_workers_of_a_cluster_cost_nobody_anything(tmp_path):
    survive_killed_workers_of_a_cluster(tmp_path, kills=20, people=2_000, batch=10)


def survive_killed_coordinators_of_a_cluster(tmp_path, kills, people, batch):
    files, names = certificates(tmp_path / "tls"), [f"p{k:04d}" for k in range(people)]
    source, out = data_set(tmp_path / "people", names, batch), tmp_path / "out"
    rng, held = random.Random(4), {}
    with local_cluster(files, preload=[str(WORK)]) as cluster:
        there = (cluster.scheduler_address, tmp_path / "tls")
        pids = {one.pid for one in cluster.workers.values()}
        for _ in range(kills):
            with coordinator(source, out, *there) as process:
                for _ in range(rng.choice((1, 2, 3, 4))):
                    process.stdout.readline()
                time.sleep(rng.uniform(0.0, 0.3))
                process.kill()
            now = {path.name: path.stat().st_mtime_ns for path in (out / "parts").glob("*.arrow")}
            assert held.items() <= now.items()
            held = now
        with coordinator(source, out, *there) as process:
            said, wrong = process.communicate(timeout=LONG_ENOUGH_S)
        assert {one.pid for one in cluster.workers.values()} == pids  # nobody's fault but the coordinator's
    assert process.returncode == 0, wrong
    assert said.splitlines()[0] == f"{len(held)} {len(held)}"
    assert 0 < len(held) < -(-people // batch)
    told_once(out, names)


@posix
def test_a_killed_coordinator_of_a_cluster_goes_on_where_it_was(tmp_path):
    survive_killed_coordinators_of_a_cluster(tmp_path, kills=1, people=200, batch=5)


@posix
@pytest.mark.long
def test_twenty_killed_coordinators_of_a_cluster_go_on_where_they_were(tmp_path):
    survive_killed_coordinators_of_a_cluster(tmp_path, kills=20, people=4_000, batch=10)


@posix
def test_the_one_at_whom_every_worker_of_a_cluster_dies_is_found_and_everybody_else_is_told(tmp_path):
    import dask

    files, people = certificates(tmp_path / "tls"), [f"p{k:02d}" for k in range(12)]
    people[6] = "deadly"
    source, out = data_set(tmp_path / "people", people, 4), tmp_path / "out"
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        local_cluster(files, preload=[str(WORK)]) as cluster,
        coordinator(source, out, cluster.scheduler_address, tmp_path / "tls") as process,
    ):
        _, wrong = process.communicate(timeout=LONG_ENOUGH_S)
    assert process.returncode == 0, wrong
    assert told_once(out, people) == dict.fromkeys(people, TOLD) | {"deadly": FAILED}
    ends = pl.read_parquet(out / "people.parquet")
    assert "the worker died" in ends.filter(pl.col("person") == "deadly")["reason"][0]
