"""Many Ornstein-Uhlenbeck series of 2,000 readings in one call: the cost of one, from a hundred series to 100,000.

Series are made and dropped in blocks, so that memory stays bounded (100,000 of them would be 3 GB); only the calls are
timed. Peers in the same run: tinygp and dynamax under jax.vmap, on as many series as they do in a few seconds.
`--all` fits 100,000 too (a minute or more).
"""

from __future__ import annotations

import argparse
import math
import time

import numpy as np
from ou_state_space import TRUTH, by_dynamax, by_tinygp
from timing import machine, race, report

READINGS, BLOCK = 2_000, 1_000


def simulated(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Times and values (count, READINGS), all series advanced side by side."""
    mean, rate, sigma, s = TRUTH
    gaps = rng.exponential(0.2, (count, READINGS))
    decay, noise = np.exp(-rate * gaps), rng.standard_normal((count, READINGS))
    sd, path = sigma / math.sqrt(2 * rate), np.empty((count, READINGS))
    path[:, 0] = noise[:, 0]
    spread = np.sqrt(1 - decay**2)
    for i in range(1, READINGS):
        path[:, i] = decay[:, i] * path[:, i - 1] + spread[:, i] * noise[:, i]
    return np.cumsum(gaps, 1), mean + sd * path + s * rng.standard_normal((count, READINGS))


def per_series(count: int, whole_fit: bool) -> str:
    """Milliseconds of one series' gradient, or fit, among this many: of the clock, and of all processors together."""
    from mainstay.numerics.ou_many import fit_many, log_likelihoods, many_series

    rng, clock, processors = np.random.default_rng(count), 0.0, 0.0
    for done in range(0, count, BLOCK):
        size = min(BLOCK, count - done)
        times, values = simulated(rng, size)
        many = many_series(times.ravel(), values.ravel(), np.arange(size + 1) * READINGS)
        parameters = np.tile(TRUTH, (size, 1))
        start, busy = time.perf_counter(), time.process_time()
        settled = fit_many(many).converged.all() if whole_fit else log_likelihoods(many, parameters)[0].all()
        clock, processors = clock + time.perf_counter() - start, processors + time.process_time() - busy
        assert settled
    return f"{1e3 * clock / count:.4f} ({1e3 * processors / count:.4f})"


def main() -> None:
    """Print the figures."""
    import jax

    from mainstay.numerics.ou_many import log_likelihoods, many_series

    parser = argparse.ArgumentParser()
    parser.add_argument("--all", action="store_true", help="fit 100,000 series too")
    everything = parser.parse_args().all
    print(f"series of {READINGS:,} readings; {machine()}")
    per_series(2, True), per_series(2, False)
    print("\nmilliseconds of one among so many: by the clock, and (by all processors together)")
    print(f"{'series':>9}{'gradient':>24}{'fit with intervals':>24}")
    for count in (100, 1_000, 10_000, 100_000):
        fit = per_series(count, True) if everything or count < 100_000 else "(with --all)"
        print(f"{count:>9,}{per_series(count, False):>24}{fit:>24}")

    for count, name, peer in ((200, "tinygp", by_tinygp), (20, "dynamax", by_dynamax)):
        times, values = simulated(np.random.default_rng(1), count)
        parameters = np.tile(TRUTH, (count, 1))
        many = many_series(times.ravel(), values.ravel(), np.arange(count + 1) * READINGS)
        vectorised = jax.jit(jax.vmap(lambda t, y, p, peer=peer: peer(t, y)(p)))
        ours, theirs = log_likelihoods(many, parameters)[0], np.asarray(vectorised(times, values, parameters)[0])
        assert np.allclose(ours, theirs, rtol=1e-8), (name, ours[:3], theirs[:3])
        report(f"gradients of {count} series", race({
            "mainstay": lambda many=many, p=parameters: log_likelihoods(many, p),
            f"{name} (jax.vmap)": lambda f=vectorised, t=times, y=values, p=parameters: np.asarray(f(t, y, p)[1]),
        }))  # fmt: skip


if __name__ == "__main__":
    main()
