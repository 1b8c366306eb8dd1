"""Does anything restore the threshold, or does it only stall (S12, second part)?

What would restore adds up: acts so far, hours as oneself so far. Outside a trial these rise with time itself, so their
effect on the threshold can hardly be told from its drift. That is the answer, unless the fit was asked for restoring
terms and they left the passing of time behind.
"""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.judge import LEVEL, Z90, chance_of_claim, verdict
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import place_of, times_as_often
from mainstay.timeline.kinds import Floats, Timeline

QUANTITY = "seeking at the same load after what should restore, against without it"
LEARNT = 0.5
"""A restoring term is looked at only where the record leaves less than this share of its prior's sd.

Where only the sum of it and the drift is known, their equal priors split it, and 0.71 of the sd is left.
"""

MATERIAL = math.log(1.25)


def restoring_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """One refusal for all by default, with how closely what might restore follows time; else an answer for each."""
    data = fitted.data
    if data.settings.restoring:
        return tuple(_restoring(timeline, fitted, label) for label in data.restorers)
    if not strain_refuges(fitted):  # then there is no threshold to restore
        return ()
    closeness = max(with_time(_so_far(timeline, label)) for label in data.refuges)
    return (
        CannotSay(
            "whether anything restores the threshold, or only stalls, can't be told from a record alone: "
            "what was done so far only grows as time passes",
            row="S12",
            about="restoring",
            quantity=QUANTITY,
            n=int(data.act_counts.sum()),
            method=fitted.method,
            would_change="a trial: weeks with and without it, drawn by lot",
            detail={"correlation_with_time": closeness},
        ),
    )


def _so_far(timeline: Timeline, label: str) -> Floats:
    """The count of acts so far, once a day."""
    days = np.arange(1.0, max(timeline.days, 2.0))
    return np.searchsorted(timeline.events[label].times, days).astype(float)


def with_time(so_far: Floats) -> float:
    """The correlation of what has been done so far with time."""
    if float(np.ptp(so_far)) == 0.0:
        return 0.0
    return float(np.corrcoef(so_far, np.arange(len(so_far)))[0, 1])


def _restoring(timeline: Timeline, fitted: StrainPosterior, label: str) -> Answer:
    mean, sd = fitted.marginal("restoring", label)
    n = len(timeline.events[label].times) if label in timeline.events else 0
    refuse = partial(CannotSay, row="S12", about=label, quantity=QUANTITY, n=n, method=fitted.method)
    learnt = sd / fitted.prior_sd("restoring", label)
    told = {"share_of_prior_sd_left": learnt, "log_ratio_over_the_record": mean}
    what = "hours as yourself" if label == "oneself" else f"“{label}”"
    found = verdict(mean, sd, MATERIAL, among=len(fitted.data.restorers))
    if learnt > LEARNT or found == "cannot_say":
        return refuse(
            f"whether {what} restored the threshold can't be told from time passing"
            if learnt > LEARNT
            else f"whether {what} restored the threshold is still too uncertain",
            would_change="a trial: weeks with and without it, drawn by lot",
            detail=told,
        )
    ratio, low, high = (math.exp(-value) for value in (mean, mean + Z90 * sd, mean - Z90 * sd))
    over = "over the record, at the same load, help came to be sought"
    return Finding(
        row="S12",
        about=label,
        status=found,
        claim=(
            f"With {what} adding up {over} {times_as_often(ratio)}: it {'restores' if mean > 0 else 'wears'}."
            if found == "found"
            else f"With {what} adding up {over} about as often: it neither restores nor wears."
        ),
        quantity=QUANTITY,
        estimate=ratio,
        interval=Interval(low, high, LEVEL),
        unit="times as often",
        n=n,
        method=fitted.method,
        probability=chance_of_claim(mean, sd, MATERIAL, found),
        evidence=(place_of(timeline),),
        assumptions=("what else changed in the same months did so steadily",),
        would_change="a trial: weeks with and without it, drawn by lot",
        detail=told,
    )
