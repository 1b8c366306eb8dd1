"""The power table against people it was not made from."""

import math

import numpy as np
import pytest

from calibration import power
from mainstay.strain import plan


def residuals(rows, points, question):
    """log sd over the law for every point, and the seed it belongs to."""
    left = power.over_law(points(rows), plan.table()["laws"][question])
    return left, [p["who"] for p in points(rows)]


def check_law(rows, points, question, slack):
    """The mean departure lies within three standard errors, counted by people, and a slack for the law's form."""
    left, who = residuals(rows, points, question)
    by_person = [left[[other == one for other in who]].mean() for one in dict.fromkeys(who)]
    error = plan.law(question).spread / math.sqrt(len(by_person))
    print(
        f"{question}: {len(left)} sds of {len(by_person)}; log sd over the law {np.mean(by_person):+.3f} ± {error:.3f}"
    )
    assert abs(np.mean(by_person)) < 3.0 * error + slack


def test_three_new_people_have_the_sds_the_table_says():
    rows = []
    for seed, acts, prompts in ((910_001, 2, 5), (910_002, 4, 1), (910_003, 8, 2)):
        rows += power.looks(seed, acts, prompts, power.DOUBLING, last=12)
    assert max(row["months"] for row in rows) == 12
    check_law(rows, power.drift_points, "drift", slack=0.05)


@pytest.mark.long
def test_new_people_of_every_pace_are_as_the_table_says():
    rows = power.simulated(920_000, 1)
    check_law(rows, power.drift_points, "drift", slack=0.02)
    check_law(rows, power.fading_points, "fading", slack=0.05)
    for drift in (one for one in power.DRIFTS if one > 0.0):
        seen = [row for row in rows if row["drift"] == drift and row["months"] == power.DRIFTS[drift]]
        planned = [
            plan.chances(
                drift,
                [row["months"]],
                plan.clipped(
                    row["n_acts"] / row["months"] / power.WEEKS_PER_MONTH, row["ratings"] / row["months"] / power.MONTH
                ),
            )[0]
            for row in seen
        ]
        found, wanted = sum(row["found"] for row in seen), sum(planned)
        print(f"drift {drift:.2f}: found in {found} of {len(seen)}, planned {wanted:.1f}")
        assert abs(found - wanted) < 3.0 * math.sqrt(sum(p * (1.0 - p) for p in planned)) + 1.0
