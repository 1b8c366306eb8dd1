"""The drift of seeking at the same strain: how large, how sure, in what course, and what it rests on."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.judge import LEVEL, Z90, towards, under_prior
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.shapes import Course, drift_course
from mainstay.strain.wording import times_as_often
from mainstay.timeline.kinds import Timeline

SHAPE_WORDS = {
    "none": "no change",
    "linear": "a steady change",
    "step": "a change at once",
    "wander": "a change that comes and goes",
}


@dataclass(frozen=True, slots=True)
class Drift:
    """The drift of seeking common to the refuges that rise with strain: a year, and told over at most a year.

    `evidence`: the e-value of a drift the way the estimate points, against none: the mean of those of a steady drift
    and of a step in an unknown month, which is an e-value too.
    """

    mean: float
    sd: float
    like_mean: float
    like_sd: float
    prior_sd: float
    evidence: float
    years: float
    course: Course | None

    def told(self, value: float) -> float:
        """How many times as often, over a year or over the whole record where that is shorter."""
        return math.exp(value * min(self.years, 1.0))

    @property
    def ago(self) -> str:
        """What the present is compared with."""
        return "a year ago" if self.years >= 1.0 else "at the start of the record"

    @property
    def words(self) -> str:
        """'2.3 times as often as a year ago'."""
        return f"{times_as_often(self.told(self.mean))} as {self.ago}"


def drift_of(fitted: StrainPosterior, courses: bool = True) -> Drift:
    """The common drift of a fit in which some refuge rises with strain; without `courses`, a steady one alone."""
    labels = [fitted.data.refuges[k] for k in strain_refuges(fitted)]
    width = fitted.prior_sd("drift", labels[0])
    like_mean, like_sd = fitted.common("drift", labels, width)
    mean, sd = under_prior(like_mean, like_sd, width)
    course = drift_course(fitted) if courses else None
    evidence = towards(like_mean, like_sd)
    if course is not None:
        evidence = 0.5 * (evidence + (course.e_up if like_mean > 0.0 else course.e_down))
    return Drift(mean, sd, like_mean, like_sd, width, evidence, fitted.data.days / DAYS_PER_YEAR, course)


def chance_strain_drives(fitted: StrainPosterior) -> dict[str, float]:
    """By refuge, the chance that strain makes it likelier at all (pull above 0); 1 for the one that measures strain."""
    data = fitted.data
    return {
        label: 1.0 if label == data.pull_anchor else fitted.chance_above("pull", label, 0.0) for label in data.refuges
    }


def course_detail(timeline: Timeline, course: Course | None) -> dict[str, Any]:
    """The shapes compared: log marginal likelihoods against no change, the chosen one, and when a step lay."""
    if course is None:
        return {}
    low, high = (timeline.instant(min(day, timeline.days)).as_local.date() for day in course.step_between(LEVEL))
    return {
        "shape": SHAPE_WORDS[course.chosen],
        "shape_log_evidence": {SHAPE_WORDS[kind]: value for kind, value in course.log_evidence.items()},
        "if_at_once_between": [str(low), str(high)],
    }


def prior_sensitivity(drift: Drift) -> dict[str, list[float]]:
    """Low, middle and high of the drift as told, with the prior half and twice as wide."""
    found = {}
    for scale in (0.5, 1.0, 2.0):
        centre, half = under_prior(drift.like_mean, drift.like_sd, scale * drift.prior_sd)
        found[f"prior_sd_{scale * drift.prior_sd:g}"] = [
            drift.told(value) for value in (centre - Z90 * half, centre, centre + Z90 * half)
        ]
    return found


def fading_sensitivity(fitted: StrainPosterior) -> dict[str, list[float]]:
    """Low, middle and high of the drift as told, with the prior of fading half and twice as wide.

    With acts alone, relief that fades and a threshold that falls are nearly one thing: what tells them apart is this
    prior. From the normal posterior, without another fit.
    """
    at = np.arange(fitted.coordinates.size)[fitted.coordinates.block("fading")]
    width = fitted.coordinates.prior_sd[at]
    precision = np.linalg.inv(fitted.covariance)
    toward = precision @ fitted.mean
    found = {}
    for scale in (0.5, 1.0, 2.0):
        changed = precision.copy()
        changed[at, at] += width**-2.0 * (scale**-2.0 - 1.0)
        covariance = np.linalg.inv(changed)
        drift = drift_of(replace(fitted, mean=covariance @ toward, covariance=covariance), courses=False)
        found[f"prior_sd_{scale * float(width[0]):g}"] = [
            drift.told(value) for value in (drift.mean - Z90 * drift.sd, drift.mean, drift.mean + Z90 * drift.sd)
        ]
    return found


def drift_detail(
    timeline: Timeline, fitted: StrainPosterior, drift: Drift, *, shift: float, budget: float
) -> dict[str, Any]:
    """All that stands behind the sentence: for the file, the page's "how sure" and a statistician."""
    return {
        "estimate": drift.told(drift.mean),
        "low": drift.told(drift.mean - Z90 * drift.sd),
        "high": drift.told(drift.mean + Z90 * drift.sd),
        "level": LEVEL,
        "unit": "times as often",
        "log_ratio_a_year": drift.mean,
        "e_value": drift.evidence,
        "false_alarm_share": budget,
        "prior_sensitivity": prior_sensitivity(drift),
        "chance_strain_drives": chance_strain_drives(fitted),
        "same_as_a_shift_of_ratings_a_year": shift,
        **course_detail(timeline, drift.course),
    }
