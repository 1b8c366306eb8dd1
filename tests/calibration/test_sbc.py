"""Simulation-based calibration: where truths come from the prior, posteriors say what they ought to."""

import numpy as np
import pytest

from calibration import people, sbc

TOLD = {"acts_only": "drift"}
"""Of acts alone nothing is told but the drift: the others are printed, and not asked to be right."""


def check(name, n, by):
    """Ranks of n people are uniform and 90 % intervals hold the truth, inside bands for all of them that are told."""
    from scipy.stats import kstest

    found = people.over(sbc.ranked, [(name, seed) for seed in range(n)])
    fitted = [one for one in found if isinstance(one, sbc.Ranked)]
    at = np.array([getattr(one, by) for one in fitted if getattr(one, by) is not None])
    names = sbc.names_of(sbc.CASES[name])
    print(f"\n{name}, {by}: {n} people, {n - len(fitted)} refused by the fit, {len(fitted) - len(at)} by the draws")
    low, high = people.binomial_band(len(at), 0.90, len(names))
    outside, crooked = [], []
    for j, label in enumerate(names):
        held = float(np.mean((at[:, j] > 0.05) & (at[:, j] < 0.95)))
        p = float(kstest(at[:, j], "uniform").pvalue)
        print(f"  {label:28s} held {held:.3f}  mean rank {at[:, j].mean():.3f}  KS p {p:.4f}")
        if not label.startswith(TOLD.get(name, "")):
            continue
        outside += [label] if not low <= held <= high else []
        crooked += [label] if p < 0.01 / len(names) else []
    print(f"  band {low:.3f} to {high:.3f}; outside it: {outside}; ranks not uniform: {crooked}")
    return len(at), outside, crooked


def test_sixteen_people_from_the_prior_hold_their_truths():
    assert check("with_noise", 16, "weighted")[1:] == ([], [])


@pytest.mark.long
@pytest.mark.parametrize("name", ["without_noise", "with_noise", "ordinal", "acts_only"])
def test_weighted_draws_of_a_thousand_people_are_calibrated(name):
    n, outside, crooked = check(name, 1000, "weighted")
    assert (outside, crooked) == ([], [])
    assert n > 100
