"""Two diaries that look alike. In one it takes less to tip over than before; in the other only the diary got denser."""

from __future__ import annotations

import numpy as np

from mainstay.worlds.carer import Case, carer
from mainstay.worlds.kinds import World

TWINS = {
    "falling_threshold": Case(
        title="Twin one: it takes less to tip over than before",
        note="The threshold falls: at the same load, help is sought 2.7 times as often a year later. "
        "Nine in ten things are written down throughout.",
        weeks=104,
        drift_per_year=1.0,
        recording=(0.9,) * 24,
        seeking_per_week=(0.21, 0.21),
    ),
    "denser_recording": Case(
        title="Twin two: the diary got denser",
        note="The threshold does not move. In the first month three in ten things are written down, in the last all.",
        weeks=104,
        recording=tuple(np.linspace(0.3, 1.0, 24).round(2).tolist()),
        seeking_per_week=(0.36, 0.36),
    ),
}


def twins(seed: int) -> dict[str, World]:
    """Both twins, by the name of their folder; they live the same two years of work, care and prompts."""
    return {name: carer(name, case, seed) for name, case in TWINS.items()}
