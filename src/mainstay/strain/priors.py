"""The priors of the fit's coordinates: independent normals, each on something a person can judge.

Strain is in steps: a sixth of the anchor's scale; without check-ins, what multiplies the seeking of the commonest
refuge by e. A setting may replace any of them, by the coordinate's whole name or by its kind.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

PRIORS: dict[str, tuple[float, float]] = {
    "log_recovery_rate": (math.log(0.7), 1.0),  # half-life about a day, between 3 hours and a week
    "log_noise": (math.log(0.5), 1.0),
    "start": (0.0, 1.5),  # steps above mean strain on the first day
    "gain": (1.0, 2.5),  # steps of strain a role would reach if never left
    "demand": (0.5, 1.5),  # steps of strain an average demand adds
    "log_rate": (math.log(0.2), 2.0),  # acts a day at ordinary strain
    "pull": (0.0, 1.5),  # change of the log rate with one step of strain; either sign
    "efficacy": (-0.5, 1.5),  # logit of the share of strain an act takes away, in mid-record
    "fading": (0.0, 1.0),  # fall of that logit a year
    "growth": (0.0, 1.0),  # steps a year by which strain at rest, or the gain of every role, changes
    "covariate": (0.0, 1.0),  # steps of strain reached if a covariate stayed one sd above its mean
    "drift": (0.0, 1.0),  # rise of the log rate a year at the same strain; log 2 is a doubling
    "habit": (0.0, 1.0),  # what the controls leave open of the growth of recording: its sd is theirs
    "rhythm": (0.0, 1.0),
    "wander": (0.0, 1.0),  # the steps of a random walk whose change over a year has sd 1
    "restoring": (0.0, 1.0),  # fall of the log rate by what had restored until the end of the record
    "tone": (0.0, 0.5),  # steps by which ratings follow the clock, apart from strain
    "mean_rating": (3.0, 2.0),  # steps of the item's scale
    "loading": (1.0, 1.0),  # times the item's worse sign
    "log_rating_noise": (math.log(0.8), 1.0),
    "log_occasion": (math.log(0.4), 1.0),  # steps by which the moment moves all answers to one prompt
    "gap": (0.0, 0.5),  # log width of an answer category against the others
    "own_recovery": (0.0, 0.7),  # log ratio of the recovery rate as oneself to the usual one
    "fade_wander": (0.0, 1.0),
}


def prior_of(name: str, given: Mapping[str, tuple[float, float]]) -> tuple[float, float]:
    """Mean and sd of the prior of a coordinate such as "pull:family": its own, its kind's, or the usual one."""
    kind = name.split(":", maxsplit=1)[0]
    return given.get(name) or given.get(kind) or PRIORS[kind]
