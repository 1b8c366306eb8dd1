r"""People a second on one core, of a whole run and beside peers, in one run: strain with opponents, and OU alone.

A whole run reads Parquet, asks for consent, fits with intervals and writes both tables. No peer does such a run, and
none fits strain; so beside `recovery` stands what its core costs in them: as many evaluations of value and gradient
(tinygp and dynamax under jax.vmap, in float64) as their own L-BFGS needs for such a series. Everything is told in
processor time, all threads of this process together.

    make .venv-bench/.ready
    PYTHONPATH=src OMP_NUM_THREADS=1 NUMBA_CACHE_DIR=.venv-bench/kernels \
      .venv-bench/bin/python benchmarks/cohort_peers.py --strain 100 --people 1000
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
from ou_batch import simulated
from ou_state_space import TRUTH, Valued, by_dynamax, by_tinygp, fitted_by_scipy
from timing import machine

from cohort import people, timed

FITTED = {"tinygp": 10, "dynamax": 3}
"""Series that a peer's L-BFGS is counted on."""
AT_ONCE = {"tinygp": 200, "dynamax": 20}
"""Series under one jax.vmap: as many as take a few seconds."""
TURNS = 3


def processor_seconds(job: Callable[[], object]) -> float:
    """The lowest of some turns, all threads of this process together; the first, which compiles, does not count."""
    job()
    took = []
    for _ in range(TURNS):
        began = time.process_time()
        job()
        took.append(time.process_time() - began)
    return min(took)


def evaluations(valued: Valued) -> int:
    """How many values with gradient a fit by L-BFGS takes."""
    count = 0

    def counted(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        nonlocal count
        count += 1
        return valued(parameters)

    fitted_by_scipy(counted)
    return count


def of_ours(what: str, count: int, place: Path, hands) -> float:
    """Processor seconds a person of a whole run, one thread."""
    with people(what, 4, place) as warm:
        timed(str(warm), what, hands, place)
    with people(what, count, place, kept=True) as source:
        return min(timed(str(source), what, hands, place)[1] for _ in range(1 if what == "strain" else 2)) / count


def of_our_fit(count: int) -> float:
    """Processor seconds a series of the fit alone, with intervals."""
    from mainstay.numerics.ou_many import fit_many, many_series

    times, values = simulated(np.random.default_rng(1), count)
    many = many_series(times.ravel(), values.ravel(), np.arange(count + 1) * times.shape[1])
    assert fit_many(many, threads=1).converged.all()
    return processor_seconds(lambda: fit_many(many, threads=1)) / count


def of_a_peer(name: str, peer: Callable[[np.ndarray, np.ndarray], Valued]) -> tuple[float, float]:
    """Processor seconds of a value with gradient, among many under jax.vmap; and how many of these a fit takes."""
    import jax

    from mainstay.numerics.ou_many import log_likelihoods, many_series

    count = AT_ONCE[name]
    times, values = simulated(np.random.default_rng(1), count)
    parameters = np.tile(TRUTH, (count, 1))
    vectorised = jax.jit(jax.vmap(lambda t, y, p: peer(t, y)(p)))
    many = many_series(times.ravel(), values.ravel(), np.arange(count + 1) * times.shape[1])
    ours, theirs = log_likelihoods(many, parameters)[0], np.asarray(vectorised(times, values, parameters)[0])
    assert np.allclose(ours, theirs, rtol=1e-8), (name, ours[:3], theirs[:3])
    each = processor_seconds(lambda: np.asarray(vectorised(times, values, parameters)[1])) / count
    return each, median(evaluations(peer(times[k], values[k])) for k in range(FITTED[name]))


def main() -> None:
    """Print the table."""
    from mainstay.cohort.workers import threads

    parser = argparse.ArgumentParser()
    parser.add_argument("--strain", type=int, default=100, help="people of strain, four months each")
    parser.add_argument("--people", type=int, default=1_000, help="people of recovery, 2,000 ratings each")
    parser.add_argument("--data", type=Path, help="where the data sets are kept")
    asked = parser.parse_args()
    print(f"{machine()}\n{'':<66}{'ms cpu':>10}{'people/s/core':>15}{'ratio':>8}", flush=True)

    def line(name: str, seconds: float, base: float | None = None) -> None:
        ratio = "" if base is None else f"{seconds / base:>8,.1f}"
        print(f"{name:<66}{1e3 * seconds:>10.3f}{1 / seconds:>15,.1f}{ratio}", flush=True)

    with tempfile.TemporaryDirectory(prefix="cohort-") as temporary:
        place, hands = asked.data or Path(temporary), threads(1)
        place.mkdir(parents=True, exist_ok=True)
        strain = of_ours("strain", asked.strain, place, hands)
        line(f"strain, σ > 0, four months: a whole run, {asked.strain:,} people", strain)
        whole = of_ours("recovery", asked.people, place, hands)
        hands.close()
    fit = of_our_fit(200)
    line(f"OU, 2,000 readings: a whole run, {asked.people:,} people", whole, fit)
    line("OU: the fit alone, with intervals, 200 series", fit, fit)
    for name, peer in (("tinygp", by_tinygp), ("dynamax", by_dynamax)):
        each, count = of_a_peer(name, peer)
        told = f"{name}, jax.vmap: {1e3 * each:.3f} ms a gradient × {count:.0f} evaluations"
        line(f"OU: {told}", each * count, fit)
    print("Of strain there is no peer. Ratios are to our fit alone; the peers' fits are without intervals.")


if __name__ == "__main__":
    main()
