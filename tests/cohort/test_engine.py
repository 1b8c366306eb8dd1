"""Claims about many batches: each person exactly once, whoever dies."""

from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool

import polars as pl
import pytest

from cohort.conftest import NOW, PEOPLE
from mainstay.cohort import asked as asking
from mainstay.cohort import engine
from mainstay.cohort.asked import Asked, answered
from mainstay.cohort.engine import run
from mainstay.cohort.parts import Parts
from mainstay.cohort.rows import FAILED, TOLD
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.workers import threads
from mainstay.errors import BadRequest


@pytest.fixture
def ready(data_set, tmp_path):
    source = ParquetSource(str(data_set))
    asked = Asked("recovery", NOW)
    return source, asked, Parts(tmp_path / "out", source.address, asked)


def states(kept, source):
    ends = kept.whole(source.parts()).collect().filter(pl.col("state").is_not_null())
    return dict(zip(ends["person"].to_list(), ends["state"].to_list(), strict=True))


def test_everybody_is_told_exactly_once_by_however_many_threads(ready, tmp_path):
    source, asked, kept = ready
    run(source.address, source.parts(), asked, kept=kept, workers=threads(3))
    one = Parts(tmp_path / "alone", source.address, asked)
    run(source.address, source.parts(), asked, kept=one, workers=threads(1))
    assert states(kept, source) == {f"p{k}": TOLD for k in range(PEOPLE)}
    assert kept.whole(source.parts()).collect().equals(one.whole(source.parts()).collect())


def test_what_is_finished_is_not_worked_out_again(ready, monkeypatch):
    source, asked, kept = ready
    first, *_ = source.parts()
    run(source.address, [first], asked, kept=kept, workers=threads(1))
    worked = []
    monkeypatch.setattr(
        engine, "answered", lambda address, part, said: worked.append(part) or answered(address, part, said)
    )
    told = []
    run(source.address, source.parts(), asked, kept=kept, workers=threads(1), tell=told.append)
    assert first not in worked
    assert (told[0].done, told[0].before, told[-1].done, told[-1].of) == (1, 1, 3, 3)
    assert len(states(kept, source)) == PEOPLE


def test_another_question_does_not_go_into_the_same_folder(ready, tmp_path):
    source, _, _ = ready
    with pytest.raises(BadRequest, match="what"):
        Parts(tmp_path / "out", source.address, Asked("strain", NOW))


def test_somebody_whose_analysis_breaks_stops_nobody_else(data_set, tmp_path, monkeypatch):
    source, asked = ParquetSource(str(data_set)), Asked("notice", NOW)
    kept = Parts(tmp_path / "out", source.address, asked)
    seen = []

    def breaks(timeline, said):
        seen.append(timeline)
        if len(seen) == 2:
            raise ZeroDivisionError("secret words from a record")
        return ()

    monkeypatch.setitem(asking.WHAT, "notice", asking._each(breaks))
    run(source.address, source.parts(), asked, kept=kept, workers=threads(1))
    found = states(kept, source)
    assert sorted(found.values()) == [FAILED, *[TOLD] * (PEOPLE - 1)]
    assert "secret" not in str(kept.whole(source.parts()).collect().to_dicts())


class Dying:
    """Workers of which one dies now and then, with all that it had in hand, as processes do."""

    def __init__(self, deadly):
        self.count, self.deadly, self.renewed = 2, deadly, 0

    def executor(self):
        return self

    def submit(self, work, *given):
        pool = ThreadPoolExecutor(1)
        if self.deadly(given[1], self.renewed):
            return pool.submit(self._die)
        return pool.submit(work, *given)

    def _die(self):
        raise BrokenProcessPool("a worker died")

    def renew(self):
        self.renewed += 1

    def fell(self, error):
        return isinstance(error, BrokenProcessPool)


def test_a_worker_that_dies_once_costs_nobody_anything(ready):
    source, asked, kept = ready
    died = []

    def once(part, renewed):
        if not died:
            died.append(part)
            return True
        return False

    run(source.address, source.parts(), asked, kept=kept, workers=Dying(once))
    assert states(kept, source) == {f"p{k}": TOLD for k in range(PEOPLE)}


def test_the_one_whose_records_kill_every_worker_is_found_and_reported(ready, monkeypatch):
    source, asked, kept = ready
    guilty = "p3"

    def alone(worker, address, part, said, only):
        if only == guilty or (only is None and guilty in source.people(part)):
            return None
        return answered(address, part, said, only)

    monkeypatch.setattr(engine, "_alone", alone)
    run(
        source.address, source.parts(), asked, kept=kept,
        workers=Dying(lambda part, renewed: guilty in source.people(part)),
    )  # fmt: skip
    assert states(kept, source) == {f"p{k}": FAILED if f"p{k}" == guilty else TOLD for k in range(PEOPLE)}


class Leaving(Dying):
    """Workers that are all gone after the first batch, as those of a cluster that is closed."""

    def submit(self, work, *given):
        future = ThreadPoolExecutor(1).submit(work, *given) if given[1].file == "000000.parquet" else Future()
        future.cancel()
        if future.cancelled():
            future.set_running_or_notify_cancel()
        return future


def test_where_all_workers_are_gone_the_run_ends_with_a_sentence_and_keeps_what_is_finished(ready):
    source, asked, kept = ready
    workers = Leaving(lambda part, renewed: False)
    workers.count = 1
    with pytest.raises(BadRequest, match="are gone"):
        run(source.address, source.parts(), asked, kept=kept, workers=workers)
    run(source.address, source.parts(), asked, kept=kept, workers=threads(1))
    assert states(kept, source) == {f"p{k}": TOLD for k in range(PEOPLE)}
