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
    """Each job is run twice to warm up; then they take turns, so that a busy spell hits all alike."""
    once = {}
    for name, job in jobs.items():
        job()
        start = time.perf_counter()
        job()
        once[name] = time.perf_counter() - start
    share = seconds / len(jobs) / 5
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(5):
        for name, job in jobs.items():
            for _ in range(max(1, min(200, int(share / once[name])))):
                start = time.perf_counter()
                job()
                times[name].append(1e3 * (time.perf_counter() - start))
    return {name: Figure(median(values), min(values)) for name, values in times.items()}


def report(title: str, figures: Mapping[str, Figure], ours: str = "mainstay") -> None:
    """Print each figure, and the ratio of its median to ours, the fastest first."""
    print(f"\n{title:<46}{'median ms':>12}{'lowest ms':>12}{'ratio':>9}")
    for name, figure in sorted(figures.items(), key=lambda pair: pair[1].median):
        ratio = figure.median / figures[ours].median
        print(f"  {name:<44}{figure.median:>12.4g}{figure.lowest:>12.4g}{ratio:>8.3g}x")
