"""Hours in roles ahead, of people whose role stopped, began or rested before the record's end, against what came.

PYTHONPATH=tests python -m calibration.roles 60     so many people of each kind
"""

import sys
from dataclasses import replace

import numpy as np

from calibration.futures import AHEAD_DAYS, MONDAY, ROLES, lived
from mainstay import strain
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay

KINDS = ("none", "stopped", "began", "swapped", "holiday", "holiday before")
WITHIN = (28, 91)
PATHS = 1000


def life_of(kind, seed):
    """A life in which one role (the other too, where they swap) changed two to eight weeks ago; and which role."""
    rng = np.random.default_rng([77, seed])
    since, which = float(rng.choice([14, 21, 28, 42, 56])), int(rng.integers(2))
    mine, other = ROLES[which], ROLES[1 - which]

    def changed(_, truth, schedule):
        end = max(float(ends.max()) for _, ends in schedule.roles.values()) - AHEAD_DAYS - 2
        keep = {
            "none": {},
            "stopped": {mine: lambda a, b: b < end - since},
            "began": {mine: lambda a, b: a > end - since},
            "swapped": {mine: lambda a, b: b < end - since, other: lambda a, b: a > end - since},
            "holiday": {mine: lambda a, b: (b < end - 14) | (a > end)},
            "holiday before": {mine: lambda a, b: (b < end - 60) | (a > end - 46)},
        }[kind]
        roles = dict(schedule.roles)
        for label, kept in keep.items():
            a, b = roles[label]
            roles[label] = a[kept(a, b)], b[kept(a, b)]
        return truth, replace(schedule, roles=roles)

    return lived(seed, changed), mine


def inside(kind, seeds):
    """Whether hours within 28 and 91 days lay in the middle nine tenths: (people, 2), of the role that changed."""
    found = []
    for seed in seeds:
        life, role = life_of(kind, seed)
        timeline = life.as_of(life.days)
        paths = ahead(timeline, strain.fit(timeline), days=AHEAD_DAYS, n=PATHS, rng=np.random.default_rng(seed))
        if isinstance(paths, CannotSay):
            continue
        begins = paths.begins.days_since(MONDAY)
        row = []
        for days in WITHIN:
            low, high = np.quantile(paths.hours[role][:, :days].sum(axis=1), [0.05, 0.95])
            row.append(low - 1e-3 <= life.hours(role, begins, days).sum() <= high + 1e-3)
        found.append(row)
    return np.array(found)


if __name__ == "__main__":
    for kind in KINDS:
        held = inside(kind, range(1000, 1000 + int(sys.argv[1])))
        print(kind, len(held), *(f"{days} days {share:.3f}" for days, share in zip(WITHIN, held.mean(0), strict=True)))
