"""Many people: what one costs among 10 to 10⁵, what several workers gain, what a cluster adds, what memory it takes.

Everybody is simulated: `recovery` gets 2,000 ratings a person, written straight as Parquet; `strain` gets a world's
first months; `casebooks` the same months, encrypted. Processor time counts every thread of the process that works; the
clock's time is given beside it. With `--data DIR` the data sets are kept there, and found there by the next run.

    python benchmarks/cohort.py recovery 100 1000        cost of a person, and the most memory held
    python benchmarks/cohort.py strain 100 200
    python benchmarks/cohort.py casebooks 20             of which opening takes the most
    python benchmarks/cohort.py workers recovery 2000    one worker and two, threads and processes
    python benchmarks/cohort.py dask 400                 the same batches in processes and on a cluster here
    python benchmarks/cohort.py batches 100              what a batch of 100 costs without any work in it, likewise
    python benchmarks/cohort.py write recovery 100000 --data DIR

Beside peers: cohort_peers.py.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import runpy
import shutil
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import polars as pl
from ou_batch import simulated
from timing import machine

from mainstay.casebook import Casebook, Consent
from mainstay.cohort.asked import Asked
from mainstay.cohort.casebooks import address_of
from mainstay.cohort.layout import ABOUT, COLUMNS, ITEM_COLUMNS, ITEMS, RECORDS, types
from mainstay.cohort.rows import TOLD
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


def with_ratings(folder: Path, people: int, batch: int = BATCH) -> None:
    """People of 2,000 ratings each, a batch in each row group, ten batches of 100 a file."""
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
            folder / RECORDS / f"{first:07d}.parquet", row_group_size=batch * times.shape[1]
        )
    pl.DataFrame(schema=types(ITEM_COLUMNS)).write_parquet(folder / ITEMS)
    (folder / ABOUT).write_text(f"form = 1\n{CONSENT}")


def some_months(seeds: int, months: float) -> list[Batch]:
    """The first months of so many people of two roles."""
    found = []
    for seed in range(seeds):
        [world] = simulate("two_roles", seed).values()
        until = min(one.known.utc_us for one in world.records) + int(months * 30 * 86_400e6)
        early = tuple(one for one in world.records if one.known.utc_us < until)
        found.append(Batch("simulated", early, world.items, world.anchor))
    return found


def with_strain(folder: Path, people: int, batch: int = BATCH, months: float = MONTHS_OF_STRAIN) -> None:
    """People of two roles with some months on record."""
    found = some_months(min(SEEDS, people), months)
    everybody = ((f"p{k:07d}", found[k % len(found)]) for k in range(people))
    write(everybody, folder, basis="simulated; nobody is real", purposes=("cohort",), batch=batch)


def spent() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def timed(source: str, what: str, hands, place: Path) -> tuple[float, float]:
    """Seconds by the clock and by the processors (this process alone) of one run into a folder of its own."""
    out = Path(tempfile.mkdtemp(prefix="told-", dir=place))
    began, busy = time.perf_counter(), spent()
    done = run(source, out, Asked(what, NOW), workers=hands)
    took = time.perf_counter() - began, spent() - busy
    shutil.rmtree(out)
    assert done.states[TOLD] == done.people, done.reasons
    return took


def beside(make, *given) -> None:
    """The data set made in a process of its own, so that what that holds is not counted."""
    maker = multiprocessing.get_context("spawn").Process(target=make, args=given)
    maker.start()
    maker.join()
    assert maker.exitcode == 0


MAKES = {"recovery": with_ratings, "strain": with_strain}


@contextmanager
def people(what: str, count: int, place: Path, *more: object, kept: bool = False):
    """A data set of so many; written where it is not there yet, and removed again unless it is to be kept."""
    source = place / "-".join(map(str, (what, count, *more)))
    if not (source / ABOUT).exists():
        shutil.rmtree(source, ignore_errors=True)
        began = time.perf_counter()
        beside(MAKES[what], source, count, *more)
        print(f"(wrote {source.name} in {time.perf_counter() - began:.0f} s)", flush=True)
    yield source
    if not kept:
        shutil.rmtree(source)


def most_held() -> float:
    """The most memory this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def cost(what: str, counts: list[int], place: Path, *, kept: bool = False, workers: int = 1) -> None:
    """What a person costs among so many, in threads of this process; warmed up first."""
    hands = threads(workers)
    with people(what, BATCH if what == "recovery" else 4, place) as warm:
        # the first batch of its size takes memory that later ones find again
        for _ in range(2):
            timed(str(warm), what, hands, place)
    print(f"{what}, {workers} thread(s); {machine()}")
    print(f"{'people':>9}{'ms clock':>12}{'ms cpu':>12}{'people/s/core':>15}{'most MB':>10}")
    for count in counts:
        with people(what, count, place, kept=kept) as source:
            line(count, *timed(str(source), what, hands, place))
    hands.close()


def line(count: int, clock: float, busy: float) -> None:
    """One row of `cost`."""
    each = f"{1e3 * clock / count:>12.3f}{1e3 * busy / count:>12.3f}{count / busy:>15,.1f}"
    print(f"{count:>9,}{each}{most_held():>10,.0f}", flush=True)


def cost_of_opening(count: int, place: Path) -> None:
    """What casebooks under passphrases of the usual cost take, one thread: asked for recovery; then, unchanged since,
    asked once more whether consent holds."""
    folder, key, given = place / "casebooks", place / "key", NOW.plus_days(-30)
    folder.mkdir()
    key.write_text("quiet words")
    key.chmod(0o600)
    [batch] = some_months(1, MONTHS_OF_STRAIN)
    for k in range(count):
        with Casebook.create(folder / f"p{k:04d}.mainstay", "quiet words", now=given) as one:
            one.add(batch, Consent(purposes=("own_answers", "cohort"), given_at=given), now=given)
    hands = threads(1)
    with people("recovery", 4, place) as warm:
        timed(str(warm), "recovery", hands, place)
    print(f"casebooks of {len(batch.records):,} records, 1 thread; {machine()}")
    print(f"{'people':>9}{'ms clock':>12}{'ms cpu':>12}{'people/s/core':>15}{'most MB':>10}")
    line(count, *timed(address_of(folder, key), "recovery", hands, place))
    hands.close()


def gain(what: str, count: int, place: Path, *, kept: bool = False) -> None:
    """One worker and two, threads and processes, in turns: the clock's time of each and the ratio of the lowest."""
    more = () if what == "recovery" else (25,)
    # batches enough to warm up that every worker gets some
    with people(what, count, place, *more, kept=kept) as source, people(what, 16, place, 2) as warm:
        print(f"{what}, {count:,} people; {machine()}")
        for name, make in (("threads", threads), ("processes", processes)):
            took: dict[int, list[float]] = {1: [], 2: []}
            for workers in (1, 2, 2, 1):
                hands = make(workers)
                timed(str(warm), what, hands, place)
                before = os.getloadavg()[0]
                took[workers].append(timed(str(source), what, hands, place)[0])
                hands.close()
                print(
                    f"{name:<10} {workers} worker(s): {took[workers][-1]:.2f} s by the clock (load {before:.1f})",
                    flush=True,
                )
            print(f"{name:<10} two workers are {min(took[1]) / min(took[2]):.2f} × one")


@contextmanager
def on_dask(place: Path):
    """Two processes here, and a cluster of two here over TLS."""
    shared = runpy.run_path(str(Path(__file__).parent.parent / "tests" / "cohort" / "clusters.py"))
    files = shared["certificates"](place / "tls")
    with shared["local_cluster"](files) as there:
        hands = {"processes": processes(2), "dask": cluster(there.scheduler_address, **files)}
        yield hands
        for one in hands.values():
            one.close()


def added_by_dask(count: int, place: Path, *, kept: bool = False) -> None:
    """The same batches of strain (a month on record) in two processes, and on a cluster of two here over TLS."""
    with (
        people("strain", count, place, BATCH, 1.0, kept=kept) as source,
        people("strain", 4, place, 1) as warm,
        on_dask(place) as hands,
    ):
        print(f"strain of a month, {count:,} people in batches of {BATCH}; {machine()}")
        for one in hands.values():
            timed(str(warm), "strain", one, place)
        for turn in range(2):
            for name in ("processes", "dask") if turn % 2 == 0 else ("dask", "processes"):
                print(
                    f"{name:<10} {timed(str(source), 'strain', hands[name], place)[0]:.2f} s by the clock", flush=True
                )


def nothing(people: list[str]) -> list[str]:
    """A batch without work: names there and back."""
    return people


def price_of_a_batch(count: int, place: Path) -> None:
    """Milliseconds of a batch of 100 people without work, in two processes and on a cluster of two; in turns."""
    names = [f"p{k:07d}" for k in range(BATCH)]
    with on_dask(place) as hands:
        print(f"{count} batches of {BATCH} people without work; {machine()}")
        for turn in range(4):
            for name in ("processes", "dask") if turn % 2 == 0 else ("dask", "processes"):
                doing = hands[name].executor()
                began = time.perf_counter()
                for future in [doing.submit(nothing, names) for _ in range(count)]:
                    future.result()
                warm = "" if turn else " (the first time)"
                print(f"{name:<10} {1e3 * (time.perf_counter() - began) / count:.2f} ms a batch{warm}", flush=True)


def main() -> None:
    """Print the figures that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("recovery", "strain", "casebooks", "workers", "dask", "batches", "write"))
    parser.add_argument("given", nargs="+", help="how many people; after workers and write also of what")
    parser.add_argument("--data", type=Path, help="where the data sets are kept")
    parser.add_argument("--threads", type=int, default=1, help="of recovery and strain")
    asked = parser.parse_args()
    kept, given = asked.data is not None, asked.given
    with tempfile.TemporaryDirectory(prefix="cohort-") as temporary:
        place = asked.data or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        if asked.what == "workers":
            gain(given[0], int(given[1]), place, kept=kept)
        elif asked.what == "write":
            for count in given[1:]:
                with people(given[0], int(count), place, kept=True):
                    pass
        elif asked.what == "dask":
            added_by_dask(int(given[0]), Path(temporary) if not kept else place, kept=kept)
        elif asked.what == "batches":
            price_of_a_batch(int(given[0]), Path(temporary))
        elif asked.what == "casebooks":
            cost_of_opening(int(given[0]), Path(temporary))
        else:
            cost(asked.what, [int(one) for one in given], place, kept=kept, workers=asked.threads)


if __name__ == "__main__":
    main()
