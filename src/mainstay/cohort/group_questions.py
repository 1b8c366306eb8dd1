"""Which answers can be taken together over people: on what scale, and by what a person stands out.

Only what is listed in `QUESTIONS` has a mean over people. What is not (a change is told only where there was one, and
so has a size only then) is counted and no more: a mean of sizes that were told because they were large is too large.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mainstay.cohort import recovery
from mainstay.notice import resilience
from mainstay.quantities import Interval
from mainstay.strain import covariates, fading, load, refuges, restoring, threshold
from mainstay.trials.effect_sizes_kinds import normal_half

Floats = NDArray[np.float64]
Scale = Literal["plain", "log", "per cent"]


@dataclass(frozen=True, slots=True)
class Question:
    """How a quantity is taken together: its scale, and what to test of each person, if anything.

    `null`: the value at which there is nothing to tell; `more`, `less`: what is told of a person above or below it.
    `by`: by e-values that the answer holds, or by its interval. `of_all`: whether everybody whose record was read has a
    size; not so where only a clear size is told. `lacking`: who of all is the likelier to have none, and what that does
    to the mean of the others; it is withheld where they are fewer than half of those asked.
    """

    scale: Scale
    null: float | None = None
    more: str = ""
    less: str = ""
    by: Literal["e-values", "interval"] = "interval"
    of_all: bool = True
    lacking: str = ""


FAST_ONES_LACKING = (
    "People whose half-life can’t be told are not counted in: most often those who are back before their next rating. "
    "Where ratings are far apart, what is told is therefore too long."
)
QUESTIONS: Mapping[str, Question] = {
    recovery.QUANTITY: Question("log", lacking=FAST_ONES_LACKING),
    resilience.QUANTITY: Question("log", 1.0, "recovery slowed", "recovery became faster", by="e-values"),
    threshold.QUANTITY: Question("log", 1.0, "it takes less and less", "it takes more than it did", by="e-values"),
    threshold.QUANTITY_OF_A_SHORT_RECORD: Question(
        "log", 1.0, "it takes less and less", "it takes more than it did", by="e-values"
    ),
    fading.CHANGE: Question("plain", 0.0, "it eases more than it did", "it eases less than it did", by="e-values"),
    load.TOLL: Question("plain", 0.0, "an hour in it strains", "an hour in it eases"),
    load.ADDED: Question("plain", 0.0, "it adds to strain", "it takes strain away"),
    covariates.ADDED_BY_A_SIGNAL: Question("plain", 0.0, "strain rises with it", "strain falls with it"),
    load.EASED: Question("per cent", refuges.MATERIAL_SHARE, f"it eases more than {refuges.MATERIAL_SHARE:g} %"),
    refuges.HAZARD_RATIO: Question("log", 1.0, "it is sought more under strain", "it is sought less under strain"),
    restoring.QUANTITY: Question("log", 1.0, "it wears the threshold down", "it restores the threshold", of_all=False),
}


def onto(scale: Scale, values: Floats) -> Floats:
    """Values on the scale on which intervals are about symmetric. Shares are per cent, kept off 0 and 100."""
    if scale == "log":
        return np.asarray(np.log(values), np.float64)
    if scale == "per cent":
        share = np.clip(values / 100.0, 1e-6, 1.0 - 1e-6)
        return np.asarray(np.log(share / (1.0 - share)), np.float64)
    return values


def back(scale: Scale, value: float) -> float:
    """A value of that scale in the quantity's own unit."""
    if scale == "log":
        return math.exp(min(value, 700.0))
    if scale == "per cent":
        return 100.0 / (1.0 + math.exp(-value)) if value > -700.0 else 0.0
    return value


def told_to(scale: Scale, middle: float, interval: Interval) -> tuple[float, float, float]:
    """A middle and its ends in the unit, to a hundredth of how wide that is: no more than it can mean."""
    values = [back(scale, one) for one in (middle, interval.low, interval.high)]
    places = 2 - math.floor(math.log10(max(values[2] - values[1], 1e-12)))
    return (round(values[0], places), round(values[1], places), round(values[2], places))


def usable(scale: Scale, estimate: Floats, low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Which of these have an sd on the scale: finite ends in order and apart, above 0 on a scale of logarithms."""
    fine = np.isfinite(estimate) & np.isfinite(low) & np.isfinite(high) & (low < high)
    return fine & (low > 0.0) if scale == "log" else fine


def sds(scale: Scale, low: Floats, high: Floats, level: Floats) -> Floats:
    """The sd behind each interval on the scale, from its width."""
    reach = np.array([normal_half(one) for one in np.unique(level)])[np.unique(level, return_inverse=True)[1]]
    return np.asarray((onto(scale, high) - onto(scale, low)) / (2.0 * reach), np.float64)


LEANING = ("S9", "S10", "S11", "S12")
"""Rows of the strain model, in which each person's size leans towards its prior, and so a mean of them does too."""
UNCERTAIN = ("estimate", "low", "high", "level")
DISTRUSTED = "tipping_point"
"""In the detail of an answer that is refused because the record might have changed, and not life."""


def for_the_group(record: Mapping[str, Any]) -> dict[str, Any]:
    """What the group needs of an answer (`answer_record`) and one person does not.

    The estimate and interval of whom it is too uncertain to tell it: without them a group's mean would be one of clear
    cases only. And the e-values, where there are any, for more and for less: on average at most 1 where nothing is
    there, however often it is looked at.
    """
    detail = record.get("detail") or {}
    empty: dict[str, Any] = dict.fromkeys(("unsure", "unsure_low", "unsure_high", "e_more", "e_less"))
    if record["status"] == "cannot_say":
        if not all(name in detail for name in UNCERTAIN) or DISTRUSTED in detail:
            return empty
        empty |= {"unsure": detail["estimate"], "unsure_low": detail["low"], "unsure_high": detail["high"]}
        empty |= {"level": detail["level"], "unit": detail.get("unit", "")}
    return empty | _e_values(str(record["quantity"]), detail)


def _e_values(quantity: str, detail: Mapping[str, Any]) -> dict[str, Any]:
    if quantity == resilience.QUANTITY and "e_value_slower" in detail:
        return {"e_more": detail["e_value_slower"], "e_less": detail["e_value_faster"]}
    sign = {
        threshold.QUANTITY: detail.get("log_ratio_a_year"),
        threshold.QUANTITY_OF_A_SHORT_RECORD: detail.get("log_ratio_a_year"),
        fading.CHANGE: None if "logits_a_year" not in detail else -float(detail["logits_a_year"]),
    }.get(quantity)
    if sign is None or "e_value" not in detail:
        return {}
    # only the way in which the estimate points is told; the other way's is taken as nothing
    return {"e_more": detail["e_value"], "e_less": 0.0} if sign > 0 else {"e_more": 0.0, "e_less": detail["e_value"]}
