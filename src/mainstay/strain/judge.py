"""When an estimate is enough to say something: verdicts, and alarms that hold however often one looks.

A verdict compares an estimate with its own uncertainty and with what would matter to a person. An alarm asks for
more: an e-value, the likelihood ratio of a drift in one direction (half-normal, sd `scale`) against none. By Ville's
inequality it exceeds 1/α at any time with chance at most α where nothing drifts, so it may be looked at every day
(Robbins 1970; Shin, Ramdas and Rinaldo 2024). The likelihood is taken as normal in the drift, as the fit has it.
"""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, Literal

from mainstay.quantities import Probability, probability

LEVEL = 0.90
Z90 = 1.6448536269514722
"""Half the width of a 90 % interval, in sds."""

Verdict = Literal["found", "not_found", "cannot_say"]

FALSE_ALARM_BUDGET = 0.05
"""The chance, over a whole record however often it is looked at, that an answer about the whole of it alarms falsely.

Its parts below: the threshold (S11), relief that fades (S12), recovery that slows (S4). What else alarms, and how it
adds up with these, is in `mainstay.notice.budget`.
"""

SEEKS_MORE = 0.95
"""What is called driven by strain is so with at least this probability."""

OUT_OF_REACH = 10
SHARE_OF_THRESHOLD = 0.5
SHARE_OF_FADING = 0.3
SHARE_OF_RECOVERY = 0.2


def normal_cdf(z: float) -> float:
    """The standard normal distribution function."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def verdict(mean: float, sd: float, material: float, among: int = 1) -> Verdict:
    """`not_found`: the 90 % interval leaves out all that would matter; `found`: it leaves out 0; else `cannot_say`.

    Where `among` questions of one kind are asked at once, "found" asks each for its share of the 10 % (Bonferroni).
    """
    if abs(mean) + Z90 * sd < material:
        return "not_found"
    return "found" if abs(mean) > NormalDist().inv_cdf(1.0 - 0.05 / among) * sd else "cannot_say"


def chance_of_claim(mean: float, sd: float, material: float, found: Verdict) -> Probability:
    """The posterior chance of what is claimed: of the sign where found, of mattering in neither way where not."""
    if found == "found":
        return probability(normal_cdf(abs(mean) / sd))
    return probability(normal_cdf((material - mean) / sd) - normal_cdf((-material - mean) / sd))


def counted(have: float, need: int, unit: str) -> dict[str, Any]:
    """What a refusal says of counts; nothing where over ten times as much would be needed: then counts don't help."""
    return {"have": have, "need": need, "unit": unit} if need <= OUT_OF_REACH * have else {}


def count_needed(have: int, sd: float, material: float) -> int:
    """How many observations would show a material effect in four of five records like this (sd falls as 1/√n)."""
    return max(math.ceil(have * (sd * (Z90 + 0.8416) / material) ** 2), math.ceil(1.2 * have) + 1)


def likelihood_of(mean: float, sd: float, prior_sd: float) -> tuple[float, float]:
    """Mean and sd of the likelihood alone, from a normal posterior whose prior was N(0, prior_sd²)."""
    precision = max(sd**-2.0 - prior_sd**-2.0, 1e-12)
    return mean * sd**-2.0 / precision, precision**-0.5


def under_prior(like_mean: float, like_sd: float, prior_sd: float) -> tuple[float, float]:
    """Posterior mean and sd from a normal likelihood under the prior N(0, prior_sd²)."""
    precision = like_sd**-2.0 + prior_sd**-2.0
    return like_mean * like_sd**-2.0 / precision, precision**-0.5


def e_value(mean: float, sd: float, scale: float = 1.0) -> float:
    """The likelihood ratio of a positive drift ~ half-normal(scale) against none, for a likelihood N(mean, sd²)."""
    total = sd * sd + scale * scale
    z = mean / sd
    log_ratio = math.log(2.0 * sd / math.sqrt(total)) + 0.5 * z * z * scale * scale / total
    return math.exp(min(log_ratio, 700.0)) * normal_cdf(z * scale / math.sqrt(total))


def towards(mean: float, sd: float) -> float:
    """The e-value of a drift the way the estimate points. Each way keeps its own level; only one of them alarms."""
    return e_value(abs(mean), sd)
