"""Many people: what one costs among 10² to 10⁵, what several workers gain, what a cluster adds, what memory it takes.

Everybody is simulated: `recovery` gets 2,000 ratings a person, written straight as Parquet; `strain` gets a world's
first months. Processor time counts every process that took part; the clock's time is given beside it.

    python benchmarks/cohort.py recovery 100 1000        cost of a person, and the most memory held
    python benchmarks/cohort.py strain 100 200
    python benchmarks/cohort.py workers recovery 2000    one worker and two, threads and processes
    python benchmarks/cohort.py dask 400                 the same batches in processes and on a cluster here
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import runpy
import shutil
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl
from ou_batch import simulated

from mainstay.cohort.asked import Asked
from mainstay.cohort.layout import ABOUT, COLUMNS, ITEM_COLUMNS, ITEMS, RECORDS, types
from mainstay.cohort.running import run
from mainstay.cohort.workers import cluster, processes, threads
from mainstay.cohort.writing import write
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch
from mainstay.worlds import simulate

NOW = Instant.parse("2024-05-02T12:00+02:00")
BATCH, FILE = 100, 1_000
CONSENT = '[consent]\nby = "study"\nbasis = "simulated; nobody is real"\npurposes = ["cohort"]\n'
MONTHS_OF_STRAIN = 4.0
SEEDS = 20
"""Simulated people of the strain model that differ; a larger data set has them again under other names."""


def with_ratings(folder: Path, people: int) -> None:
    """People of 2,000 ratings each, a batch in each row group, ten batches a file."""
    (folder / RECORDS).mkdir(parents=True)
    kinds, rng = types(COLUMNS), np.random.default_rng(1)
    for first in range(0, people, FILE):
        count = min(FILE, people - first)
        times, values = simulated(rng, count)
        names = np.repeat(np.char.mod("p%07d", np.arange(first, first + count)), times.shape[1])
        rows = pl.DataFrame({"person": names, "value": values.ravel()}).with_columns(
            stream=pl.lit("diary"), kind=pl.lit("check_in"), label=pl.lit("mood"), offset_s=pl.lit(0, pl.Int32()),
            happened=pl.Series((times.ravel() * 3.6e9).astype(np.int64)).cast(kinds["happened"]),
        )  # fmt: skip
        rows = rows.with_columns(pl.lit(None, kind).alias(name) for name, kind in kinds.items() if name not in rows)
        rows.select(list(kinds)).write_parquet(
            folder / RECORDS / f"{first:07d}.parquet", row_group_size=BATCH * times.shape[1]
        )
    pl.DataFrame(schema=types(ITEM_COLUMNS)).write_parquet(folder / ITEMS)
    (folder / ABOUT).write_text(f"form = 1\n{CONSENT}")


def with_strain(folder: Path, people: int, batch: int = BATCH, months: float = MONTHS_OF_STRAIN) -> None:
    """People of two roles with some months on record."""
    found = []
    for seed in range(min(SEEDS, people)):
        [world] = simulate("two_roles", seed).values()
        until = min(one.known.utc_us for one in world.records) + int(months * 30 * 86_400e6)
        early = tuple(one for one in world.records if one.known.utc_us < until)
        found.append(Batch("simulated", early, world.items, world.anchor))
    everybody = ((f"p{k:07d}", found[k % len(found)]) for k in range(people))
    write(everybody, folder, basis="simulated; nobody is real", purposes=("cohort",), batch=batch)


def spent() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def timed(source: Path, what: str, hands) -> tuple[float, float]:
    """Seconds by the clock and by the processors (this process alone) of one run into a folder of its own."""
    out = Path(tempfile.mkdtemp(prefix="told-", dir=source.parent))
    began, busy = time.perf_counter(), spent()
    run(str(source), out, Asked(what, NOW), workers=hands)
    took = time.perf_counter() - began, spent() - busy
    shutil.rmtree(out)
    return took


def beside(make, *given) -> None:
    """The data set made in a process of its own, so that what that holds is not counted."""
    maker = multiprocessing.get_context("spawn").Process(target=make, args=given)
    maker.start()
    maker.join()
    assert maker.exitcode == 0


def most_held() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def cost(what: str, counts: list[int], place: Path) -> None:
    """What a person costs among so many, one thread; warmed up first."""
    make = with_ratings if what == "recovery" else with_strain
    make(place / "warm", 4)
    hands = threads(1)
    timed(place / "warm", what, hands)
    print(f"{'people':>9}{'ms clock':>12}{'ms cpu':>12}{'people/s/core':>15}{'most MB':>10}")
    for count in counts:
        source = place / f"{what}-{count}"
        beside(make, source, count)
        clock, busy = timed(source, what, hands)
        print(
            f"{count:>9,}{1e3 * clock / count:>12.3f}{1e3 * busy / count:>12.3f}{count / busy:>15,.1f}"
            f"{most_held():>10,.0f}",
            flush=True,
        )
        shutil.rmtree(source)
    hands.close()


def gain(what: str, count: int, place: Path) -> None:
    """One worker and two, threads and processes: the clock's time and the ratio."""
    source = place / "people"
    with_ratings(source, count) if what == "recovery" else with_strain(source, count, 25)
    for name, make in (("threads", threads), ("processes", processes)):
        took = []
        for workers in (1, 2):
            hands = make(workers)
            with_warm = place / f"warm-{name}-{workers}"
            (with_ratings if what == "recovery" else with_strain)(with_warm, 4)
            timed(with_warm, what, hands)
            began = os.getloadavg()[0]
            took.append(timed(source, what, hands)[0])
            print(
                f"{name:<10} {workers} worker(s): {took[-1]:.2f} s by the clock (load before: {began:.1f})", flush=True
            )
            hands.close()
        print(f"{name:<10} two workers are {took[0] / took[1]:.2f} × one")


def added_by_dask(count: int, place: Path) -> None:
    """The same batches of strain (a month on record) in two processes, and on a cluster of two here over TLS."""
    shared = runpy.run_path(str(Path(__file__).parent.parent / "tests" / "cohort" / "clusters.py"))
    source, files = place / "people", shared["certificates"](place / "tls")
    with_strain(source, count, months=1.0)
    with_strain(place / "warm", 4, 1)
    with shared["local_cluster"](files) as there:
        hands = {"processes": processes(2), "dask": cluster(there.scheduler_address, **files)}
        for one in hands.values():
            timed(place / "warm", "strain", one)
        for turn in range(2):
            for name in ("processes", "dask") if turn % 2 == 0 else ("dask", "processes"):
                print(f"{name:<10} {timed(source, 'strain', hands[name])[0]:.2f} s by the clock", flush=True)
        for one in hands.values():
            one.close()


def main() -> None:
    """Print the figures that were asked for."""
    what, *rest = sys.argv[1:] or ["recovery", "100", "1000"]
    place = Path(tempfile.mkdtemp(prefix="cohort-"))
    try:
        if what == "workers":
            gain(rest[0], int(rest[1]), place)
        elif what == "dask":
            added_by_dask(int(rest[0]), place)
        else:
            cost(what, [int(one) for one in rest], place)
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
