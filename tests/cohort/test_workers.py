"""Claims about where batches are worked on: here, or on a cluster that only its own certificates open."""

import os
import threading
import time

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from cohort.clusters import certificates, local_cluster
from cohort.conftest import NOW, PEOPLE
from mainstay.cli import run as command
from mainstay.cohort import asked as asking
from mainstay.cohort import workers
from mainstay.cohort.asked import Asked
from mainstay.cohort.running import ANSWERS, run
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.workers import cluster, processes, threads
from mainstay.errors import BadRequest

ASKED = Asked("recovery", NOW)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return certificates(tmp_path_factory.mktemp("tls") / "ours")


@pytest.fixture(scope="module")
def there(files):
    """A cluster at work."""
    with local_cluster(files) as found:
        yield found


@pytest.fixture(scope="module")
def by_threads(data_set, tmp_path_factory):
    """What threads say."""
    hands = threads(1)
    out = tmp_path_factory.mktemp("threads")
    run(str(data_set), out, ASKED, workers=hands)
    hands.close()
    return pl.read_parquet(out / ANSWERS)


def test_processes_say_what_threads_say(data_set, tmp_path, by_threads):
    hands = processes(2)
    run(str(data_set), tmp_path / "out", ASKED, workers=hands)
    hands.close()
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / ANSWERS), by_threads, rel_tol=1e-9)


def test_a_cluster_over_tls_says_what_threads_say(there, files, data_set, tmp_path, by_threads, capsys):
    address = there.scheduler_address
    assert address.startswith("tls://")
    given = [part for name, path in files.items() for part in (f"--{name}", str(path))]
    line = ["cohort", str(data_set), "--out", str(tmp_path / "out"), "--on", address, *given]
    assert command([*line, "--as-of", NOW.as_local.isoformat()]) == 0
    assert f"{PEOPLE} told" in capsys.readouterr().out
    assert_frame_equal(pl.read_parquet(tmp_path / "out" / ANSWERS), by_threads, rel_tol=1e-9)


def test_a_plain_client_is_refused_by_the_cluster(there):
    from distributed import Client

    with pytest.raises(OSError):
        Client(there.scheduler_address.replace("tls://", "tcp://"), timeout=3)


def test_a_certificate_of_another_authority_is_refused(there, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "ANSWER_S", 3.0)
    with pytest.raises(BadRequest, match="other certificates"):
        cluster(there.scheduler_address, **certificates(tmp_path / "theirs"))


def test_a_certificate_without_our_authority_is_refused(there, files, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "ANSWER_S", 3.0)
    theirs = certificates(tmp_path / "theirs")
    with pytest.raises(BadRequest, match="other certificates"):
        cluster(there.scheduler_address, **(theirs | {"ca": files["ca"]}))


def test_records_never_go_in_the_clear(files):
    with pytest.raises(BadRequest, match="in the clear"):
        cluster("tcp://127.0.0.1:8786", **files)


def test_a_certificate_that_is_not_there_is_named(files, tmp_path):
    with pytest.raises(BadRequest, match=r"missing\.pem"):
        cluster("tls://127.0.0.1:8786", **(files | {"key": tmp_path / "missing.pem"}))


def test_a_cluster_without_workers_is_said(files, monkeypatch):
    monkeypatch.setattr(workers, "WORKER_S", 1.0)
    with local_cluster(files, workers=0) as empty, pytest.raises(BadRequest, match="no worker"):
        cluster(empty.scheduler_address, **files)


def test_threads_that_are_let_go_stop_before_the_next_answer(data_set, monkeypatch):
    begun, go_on, given = threading.Event(), threading.Event(), []

    def slowly(source, part, said, only):
        for k in range(100):
            given.append(k)
            begun.set()
            go_on.wait(30)
            yield {"person": f"p{k}"}

    monkeypatch.setitem(asking.WHAT, "recovery", slowly)
    hands = threads(1)
    source = ParquetSource(str(data_set))
    future = hands.executor().submit(asking.answered, source.address, source.parts()[0], ASKED)
    assert begun.wait(30)
    hands.close()
    go_on.set()
    with pytest.raises(BadRequest, match="stopped"):
        future.result(30)
    assert given == [0]


def test_processes_that_are_let_go_leave_in_the_middle_of_their_work():
    import psutil

    hands = processes(1)
    pid = hands.executor().submit(os.getpid).result(60)
    hands.executor().submit(time.sleep, 600)
    hands.close()
    psutil.wait_procs([psutil.Process(pid)] if psutil.pid_exists(pid) else [], timeout=30)
    assert not psutil.pid_exists(pid)


def test_a_process_that_died_is_told_from_work_that_failed():
    hands = processes(1)
    try:
        died = hands.executor().submit(os._exit, 1).exception(60)
        assert hands.fell(died)
        hands.renew()
        assert not hands.fell(hands.executor().submit(int, "x").exception(60))
        assert hands.executor().submit(int, "1").result(60) == 1
    finally:
        hands.close()
