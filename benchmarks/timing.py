"""What the benchmarks share: a race of several jobs in one run, the machine in words, and a table of ratios."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

os.environ.setdefault("JAX_PLATFORMS", "cpu")
os.environ.setdefault("JAX_ENABLE_X64", "1")

Job = Callable[[], object]


class Figure(NamedTuple):
    """Milliseconds of a job: the median of its turns, and the lowest, which a busy machine moves least."""

    median: float
    lowest: float


def machine() -> str:
    """Processor, cores, how busy they are, Python and the day, in one line."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.split(":")[1].strip() for line in lines if line.startswith("model name")]
    busy = f" (load {os.getloadavg()[0]:.1f})" if hasattr(os, "getloadavg") else ""
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores{busy}, Python {platform.python_version()}, {time.strftime('%Y-%m-%d')}"


def race(jobs: Mapping[str, Job], seconds: float = 4.0) -> dict[str, Figure]:
    """Each job is run once to warm up; then they take turns, so that a busy spell hits all alike.

    A job gets its share of the seconds, and at least one timed turn, however long that takes.
    """
    share = seconds / len(jobs)
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for job in jobs.values():
        job()
    for _ in range(5):
        for name, job in jobs.items():
            spent = 1e-3 * sum(times[name])
            until = min(spent + share / 5, share)
            while not times[name] or spent < until:
                start = time.perf_counter()
                job()
                times[name].append(1e3 * (time.perf_counter() - start))
                spent += 1e-3 * times[name][-1]
    return {name: Figure(median(values), min(values)) for name, values in times.items()}


def report(title: str, figures: Mapping[str, Figure], ours: str = "mainstay") -> None:
    """Print each figure with its ratios to ours, of the medians and of the lowest, the fastest first."""
    print(f"\n{title:<46}{'median ms':>12}{'ratio':>9}{'lowest ms':>12}{'ratio':>9}")
    base = figures[ours]
    for name, figure in sorted(figures.items(), key=lambda pair: pair[1].median):
        print(f"  {name:<44}{figure.median:>12.4g}{figure.median / base.median:>9,.1f}", end="")
        print(f"{figure.lowest:>12.4g}{figure.lowest / base.lowest:>9,.1f}")
