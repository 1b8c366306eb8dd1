"""How little two phases overlap: NAP and Tau, PND, PEM, PET, PAND, IRD, and the conservative dual criterion.

Each takes the values of A and of B in their order and which way is better, and gives a share between 0 and 1 (Tau: -1
to 1), as the R package SingleCaseES does; the R package scan gives the same in percent. Missing values are left out.
Formulas: Pustejovsky (2019), Psychological Methods 24, 217-235, and the papers named at each.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.trials.effect_sizes_kinds import (
    LEVEL,
    NO_LAW,
    Floats,
    Size,
    binomial_tail,
    normal_half,
    phases,
    too_few,
    two_sided,
)

Errors = Literal["unbiased", "hanley", "null"]
HALVINGS = 60


def _wins(a: Floats, b: Floats) -> Floats:
    """(m, n): 1 where B's value is better, one half where they tie."""
    won: Floats = (b > a[:, None]) + 0.5 * (b == a[:, None])
    return won


def nap(
    a: ArrayLike, b: ArrayLike, *, better: int = 1, level: float = LEVEL, se: Errors = "unbiased"
) -> Size | CannotSay:
    """Non-overlap of all pairs (Parker and Vannest 2009): the chance that a value of B is better than one of A.

    `se`: the unbiased estimate (Sen 1967; Mee 1990), that of Hanley and McNeil (1982), or what holds if there is no
    effect. Interval: Newcombe (2006), method 5. `detail`: wins, ties, the rank sum test's W and one-sided p (normal,
    corrected for ties and continuity, as R's wilcox.test), Cohen's d by NAP.
    """
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if min(m, n) < 2:
        return too_few("NAP", min(m, n), 2, "each phase")
    won = _wins(a, b)
    share = float(won.mean())
    error = math.sqrt(max(_nap_variance(won, share, se), 0.0))
    ties, wins = int((won == 0.5).sum()), int((won == 1.0).sum())
    spread = 3.464 * (1.0 - math.sqrt((1.0 - share) / 0.5))
    w = float((1.0 - won).sum())
    detail = {"wins": wins, "ties": ties, "pairs": m * n, "w": w, "p": _rank_sum_p(a, b, w), "d": spread}
    return Size("NAP", share, error, newcombe(share, m, n, level), (m, n), detail=detail)


def _nap_variance(won: Floats, share: float, kind: Errors) -> float:
    m, n = int(won.shape[0]), int(won.shape[1])
    if kind == "null":
        return (m + n + 1) / (12.0 * m * n)
    off = won - share
    rows = float((off.sum(axis=1) ** 2).sum()) / (m * n**2)
    columns = float((off.sum(axis=0) ** 2).sum()) / (m**2 * n)
    least = 0.5 / (m * n)
    inside = min(max(share, least), 1.0 - least)
    if kind == "hanley":
        return (inside * (1.0 - inside) + (n - 1) * rows + (m - 1) * columns) / (m * n)
    if kind == "unbiased":
        cells = float((off**2).mean())
        return (inside * (1.0 - inside) + n * rows + m * columns - 2.0 * cells) / ((m - 1) * (n - 1))
    raise BadRequest(f"the standard error of NAP is 'unbiased', 'hanley' or 'null', not {kind!r}")


def newcombe(share: float, m: int, n: int, level: float) -> Interval:
    """Newcombe's (2006) interval 5 of P(B > A): both ends by halving."""
    h, z = 0.5 * (m + n) - 1.0, normal_half(level)

    def off(x: float) -> float:
        left = m * n * (share - x) ** 2 * (2.0 - x) * (1.0 + x)
        return left - z * z * x * (1.0 - x) * (2.0 + h + (1.0 + 2.0 * h) * x * (1.0 - x))

    low = _root(off, 0.0, share) if share > 0.0 else 0.0
    high = _root(off, 1.0, share) if share < 1.0 else 1.0
    return Interval(low, high, level)


def _root(off: Callable[[float], float], outside: float, inside: float) -> float:
    """Where `off` passes 0 between a place where it is positive (outside) and one where it is not."""
    for _ in range(HALVINGS):
        middle = 0.5 * (outside + inside)
        outside, inside = (middle, inside) if off(middle) > 0.0 else (outside, middle)
    return 0.5 * (outside + inside)


def _rank_sum_p(a: Floats, b: Floats, w: float) -> float:
    """One-sided p of Wilcoxon's W (A over B) against B being better."""
    m, n = len(a), len(b)
    counts = np.unique(np.concatenate((a, b)), return_counts=True)[1]
    off = float((counts.astype(float) ** 3 - counts).sum()) / ((m + n) * (m + n - 1.0))
    variance = m * n / 12.0 * ((m + n + 1.0) - off)
    if variance <= 0.0:
        return 1.0
    z = (w - 0.5 * m * n + 0.5) / math.sqrt(variance)
    return 0.5 * two_sided(z) if z < 0.0 else 1.0 - 0.5 * two_sided(z)


def tau(
    a: ArrayLike, b: ArrayLike, *, better: int = 1, level: float = LEVEL, se: Errors = "unbiased"
) -> Size | CannotSay:
    """Tau without any trend taken out (Parker et al. 2011): 2 NAP - 1, with NAP's errors doubled."""
    found = nap(a, b, better=better, level=level, se=se)
    if isinstance(found, CannotSay):
        return too_few("Tau", int(found.have or 0), 2, "each phase")
    if found.se is None or found.interval is None:
        raise BadRequest("NAP came without its errors")
    ends = Interval(2.0 * found.interval.low - 1.0, 2.0 * found.interval.high - 1.0, level)
    return Size("Tau", 2.0 * found.estimate - 1.0, 2.0 * found.se, ends, found.n)


def pnd(a: ArrayLike, b: ArrayLike, *, better: int = 1) -> Size | CannotSay:
    """Share of B beyond the best value of A (Scruggs et al. 1987)."""
    a, b = phases(a, b, better)
    if min(len(a), len(b)) < 1:
        return too_few("PND", 0, 1, "each phase")
    beyond = int((b > a.max()).sum())
    return Size("PND", beyond / len(b), None, None, (len(a), len(b)), NO_LAW, {"beyond": beyond})


def pem(a: ArrayLike, b: ArrayLike, *, better: int = 1, ties: float = 0.5) -> Size | CannotSay:
    """Share of B beyond the median of A (Ma 2006); a tie counts `ties` (SingleCaseES one half, scan 0).

    `detail`: the one-sided binomial p against one half, ties not counted, and χ² with its p.
    """
    a, b = phases(a, b, better)
    if min(len(a), len(b)) < 1:
        return too_few("PEM", 0, 1, "each phase")
    middle, n = float(np.median(a)), len(b)
    beyond, tied = int((b > middle).sum()), int((b == middle).sum())
    chi = (2.0 * beyond - n) ** 2 / n
    tests = {"beyond": beyond, "p": binomial_tail(beyond, n), "chi2": chi, "chi2_p": two_sided(math.sqrt(chi))}
    return Size("PEM", (beyond + ties * tied) / n, None, None, (len(a), n), NO_LAW, tests)


def line(at: Floats, values: Floats) -> tuple[float, float]:
    """Intercept and slope of least squares. Refuses times that are all the same."""
    spread = at - at.mean()
    if not (spread != 0.0).any():
        raise BadRequest("a line needs values at two different times at least")
    slope = float(spread @ values) / float(spread @ spread)
    return float(values.mean()) - slope * float(at.mean()), slope


def pet(
    a: ArrayLike, b: ArrayLike, at_a: ArrayLike, at_b: ArrayLike, *, better: int = 1, ci: float = LEVEL
) -> Size | CannotSay:
    """Share of B beyond the straight line through A, at their times. `detail`: `beyond_band`, the share beyond the
    line's one-sided band at `ci` (from three values in A), and the one-sided binomial p against one half (scan).
    """
    times_a, times_b = np.asarray(at_a, np.float64), np.asarray(at_b, np.float64)
    a, times_a = _with_times(a, times_a)
    b, times_b = _with_times(b, times_b)
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if m < 2 or n < 1 or len(np.unique(times_a)) < 2:
        return too_few("PET", min(m, n), 2, "A at different times, and one in B,")
    start, slope = line(times_a, a)
    expected = start + slope * times_b
    beyond = int((b > expected).sum())
    detail = {"beyond": float(beyond), "p": binomial_tail(beyond, n)}
    if m > 2:
        off, spread = a - start - slope * times_a, times_a - times_a.mean()
        scale = math.sqrt(float(off @ off) / (m - 2.0))
        reach = scale * np.sqrt(1.0 / m + (times_b - times_a.mean()) ** 2 / float(spread @ spread))
        detail["beyond_band"] = float((b > expected + normal_half(2.0 * ci - 1.0) * reach).mean())
    return Size("PET", beyond / n, None, None, (m, n), NO_LAW, detail)


def _with_times(values: ArrayLike, at: Floats) -> tuple[Floats, Floats]:
    found = np.asarray(values, np.float64)
    if found.shape != at.shape:
        raise BadRequest(f"{found.size} values came with {at.size} times; give one time for each value")
    known = ~(np.isnan(found) | np.isnan(at))
    return found[known], at[known]


def kept_apart(a: Floats, b: Floats) -> int:
    """The most values that can stay so that every one of B is above every one of A (both turned so high is better)."""
    cuts = np.concatenate(([-np.inf], np.unique(np.concatenate((a, b)))))
    below = np.searchsorted(np.sort(a), cuts, side="right")
    above = len(b) - np.searchsorted(np.sort(b), cuts, side="right")
    return int((below + above).max())


def pand(a: ArrayLike, b: ArrayLike, *, better: int = 1) -> Size | CannotSay:
    """Share of all values left after taking out the fewest so that the phases don't overlap (Parker et al. 2007).

    The other reckoning of the same paper, by sorting, with its tests, is `overlap_sorted.pand_sorted`.
    """
    a, b = phases(a, b, better)
    m, n = len(a), len(b)
    if min(m, n) < 1:
        return too_few("PAND", 0, 1, "each phase")
    kept = kept_apart(a, b)
    return Size("PAND", kept / (m + n), None, None, (m, n), NO_LAW, {"overlapping": m + n - kept})


def ird(a: ArrayLike, b: ArrayLike, *, better: int = 1) -> Size | CannotSay:
    """Robust improvement rate difference (Parker, Vannest and Brown 2009): 1 - (m + n)²/(2 m n) (1 - PAND)."""
    found = pand(a, b, better=better)
    if isinstance(found, CannotSay):
        return too_few("IRD", 0, 1, "each phase")
    (m, n), share = found.n, found.estimate
    return Size("IRD", 1.0 - (m + n) ** 2 / (2.0 * m * n) * (1.0 - share), None, None, (m, n), NO_LAW)


def ird_of_cases(cases: list[tuple[ArrayLike, ArrayLike]], *, better: int = 1) -> float:
    """IRD of several cases together, from what overlaps in all of them over all their values (scan).

    Refuses no case, and phases without a value.
    """
    turned = [phases(a, b, better) for a, b in cases]
    if not turned or any(min(len(a), len(b)) < 1 for a, b in turned):
        raise BadRequest("IRD of several cases needs at least one case, with values in both phases of each")
    m, n = sum(len(a) for a, _ in turned), sum(len(b) for _, b in turned)
    share = sum(kept_apart(a, b) for a, b in turned) / (m + n)
    return 1.0 - (m + n) ** 2 / (2.0 * m * n) * (1.0 - share)
