"""What each refuge does to strain (S12): by the model, and beside comparable moments without it, in one sentence.

That a refuge eases is said where the model says so *and* check-ins after it stand lower than after comparable moments
(`patterns.comparable`); where the two differ by more than their intervals leave open, nothing is said. Whether easing
*restores* or *only stalls* is a question about the threshold. Outside a trial what a refuge adds up to only grows with
time, so that it came to be sought more and more all the same does not show that it only stalls: without it the
threshold might have fallen faster. It is said only from a fit that was asked for it and could tell it from time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from mainstay.errors import BadRequest
from mainstay.patterns.comparable import METHOD, Comparison, Difference, compare
from mainstay.patterns.comparable_strain import half_life_hours
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.strain.criticise import Misfits, failed_checks, failed_detail, hedged
from mainstay.strain.data import FEWEST_ACTS
from mainstay.strain.fading import CHANGE
from mainstay.strain.judge import LEVEL, Z90, count_needed, counted
from mainstay.strain.load import EASED
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.refuges import MATERIAL_SHARE
from mainstay.strain.refuges import relief_answers as relief_by_the_model
from mainstay.strain.restoring import restoring_answers
from mainstay.strain.wording import hours_in_words, number, place_of
from mainstay.timeline.kinds import Timeline

QUANTITY = "strain in the six hours after, less that after comparable moments"
AT_ODDS = 2.5758293035489004
"""The model and the comparison differ by more than this many sds of both in one of a hundred people by chance."""

NO_TRIAL = (
    "whether it restores or only stalls can't be told from a record alone: how often it was sought so far only grows "
    "as time passes"
)
WOULD_CHANGE = "check-ins within some hours of “{}”, and at like times without it"


def relief_answers(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, misfits: Misfits | None = None
) -> tuple[Answer, ...]:
    """S12: one answer for each refuge on record. `misfits`: the fit's failed checks, where they are known already."""
    refuges = timeline.of_events("relief")
    if isinstance(fitted, CannotSay):
        return tuple(_refused(one.label, fitted.reason) for one in refuges)
    data = fitted.data
    if not data.settings.noise:
        raise BadRequest("a fit without process noise is for comparison: its intervals are too narrow to answer from")
    if not data.readings:
        return tuple(_refused(one.label, "without check-ins nothing shows what it eases") for one in refuges)
    misfits = failed_checks(timeline, fitted) if misfits is None else misfits
    by_model = {(one.about, one.quantity): one for one in relief_by_the_model(timeline, fitted, misfits)}
    beside = compare(timeline, fitted, data.refuges)
    found = [
        _told(
            Sides(timeline, fitted, label, by_model[label, EASED], beside[label], by_model.get((label, CHANGE))),
            misfits,
        )
        for label in data.refuges
    ]
    return (*found, *(_left_out(fitted, one.label, len(one.times)) for one in refuges if one.label not in data.refuges))


def _refused(label: str, reason: str) -> CannotSay:
    return CannotSay(
        f"what “{label}” does to strain can't be told: {reason}", row="S12", about=label, quantity=QUANTITY
    )


def _left_out(fitted: StrainPosterior, label: str, n: int) -> CannotSay:
    """A refuge that the fit leaves out: too seldom, or known to the day only."""
    if label in fitted.data.coarse:
        return CannotSay(
            f"“{label}” is noted by the day, so what it eases at once can't be seen",
            row="S12",
            about=label,
            quantity=QUANTITY,
            n=n,
            would_change=f"the time of day of “{label}”",
        )
    return CannotSay(
        f"“{label}” was recorded too rarely",
        have=n,
        need=FEWEST_ACTS,
        unit="times",
        row="S12",
        about=label,
        quantity=QUANTITY,
        n=n,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Sides:
    """One refuge from both sides: the model's answer, the comparison, and, where it eases, whether that fades."""

    timeline: Timeline
    fitted: StrainPosterior
    label: str
    by_model: Answer
    beside: Comparison | CannotSay
    fading: Answer | None


def _told(sides: Sides, misfits: Misfits) -> Answer:
    label, data, model, beside = sides.label, sides.fitted.data, sides.by_model, sides.beside
    n = len(sides.timeline.events[label].times)
    method = f"{sides.fitted.method}; {METHOD}"
    refuse = partial(
        CannotSay,
        row="S12",
        about=label,
        quantity=QUANTITY,
        n=n,
        method=method,
        would_change=WOULD_CHANGE.format(label),
        detail=_detail(sides),
    )
    if isinstance(beside, CannotSay):
        return refuse(beside.reason, have=beside.have, need=beside.need, unit=beside.unit)
    now = beside.at_once
    if isinstance(model, CannotSay):
        return refuse(f"{model.reason}; {_stood(now, data.unit_name, f'“{label}”')}")
    if at_odds(now):
        return refuse(
            f"what “{label}” does can't be said: by the model strain is {_way(_model(now)[0])} for it, but "
            f"{_stood(now, data.unit_name)}"
        )
    eases = model.status == "found"
    if eases and now.interval.high >= 0.0:
        return refuse(
            f"by the model “{label}” eases, but too few comparable moments without it are there to bear that out; "
            f"{_stood(now, data.unit_name)}",
            **counted(now.acts, count_needed(now.acts, now.sd, abs(_model(now)[0])), "times"),
        )
    if not eases and now.interval.high < -_material(now, model):
        return refuse(f"by the model “{label}” does nothing that would matter, but {_stood(now, data.unit_name)}")
    misfit = misfits.timing.get(label) or misfits.course
    restoring = _restoring(sides) if eases else None
    return Finding(
        row="S12",
        about=label,
        status=(restoring or "found") if eases else "does_nothing",
        claim=hedged(_eases(sides, now, restoring) if eases else _does_nothing(sides, now, model), misfit),
        quantity=QUANTITY,
        estimate=now.points,
        interval=now.interval,
        unit=data.unit_name,
        n=now.acts,
        method=method,
        evidence=(place_of(sides.timeline), f"{now.acts} of {n} occasions, moments of {now.days} other days"),
        assumptions=(
            "whatever else brings both the act and calm shows in the strain, the hour, the role or the day before it",
            *(() if data.recording_known else ("everything was written down",)),
        ),
        would_change=WOULD_CHANGE.format(label),
        reason="" if restoring or not eases else NO_TRIAL,
        detail={**_detail(sides), **failed_detail(misfit)},
    )


def at_odds(now: Difference) -> bool:
    """Whether the model and the comparison differ beyond both intervals, and by more than chance has them differ."""
    mean, sd = _model(now)
    apart = mean + Z90 * sd < now.interval.low or mean - Z90 * sd > now.interval.high
    return apart and abs(mean - now.points) > AT_ODDS * math.hypot(sd, now.sd)


def _model(now: Difference) -> tuple[float, float]:
    """What the model says of a refuge of its own, which it always does."""
    assert now.model is not None
    return now.model


def _material(now: Difference, model: Finding) -> float:
    """What would matter, in points: a tenth of the strain, by what the model's own share amounts to."""
    return abs(_model(now)[0]) * MATERIAL_SHARE / max(model.estimate, 1e-9)


def _restoring(sides: Sides) -> Literal["restores", "only_stalls"] | None:
    """Whether a fit that was asked for it says that the refuge moves the threshold; None where it can't."""
    if not sides.fitted.data.settings.restoring:
        return None
    told = next(one for one in restoring_answers(sides.timeline, sides.fitted) if one.about == sides.label)
    if isinstance(told, CannotSay):
        return None
    return "restores" if told.status == "found" and told.estimate < 1.0 else "only_stalls"


def _way(points: float, unit: str = "") -> str:
    """-0.8 -> "0.80 points on the tension scale lower"; without a unit "0.80 lower"."""
    size = number(round(abs(points), 2))
    return f"{size} {unit} {'lower' if points < 0.0 else 'higher'}".replace("  ", " ")


def _stood(now: Difference, unit: str, what: str = "it") -> str:
    low, high = _way(now.interval.low), _way(now.interval.high)
    return (
        f"after {what} strain was {_way(now.points, unit)} than after comparable moments without it ({low} to {high})"
    )


def _eases(sides: Sides, now: Difference, restoring: str | None) -> str:
    last = {
        "restores": ", and it restores: at the same load help came to be sought less",
        "only_stalls": ", but it only stalls: at the same load help came to be sought no less",
    }.get(restoring or "", "")
    return (
        f"“{sides.label}” eases: within six hours of it strain is {_way(_model(now)[0], sides.fitted.data.unit_name)} "
        f"by the model, and {_way(now.points)} than after comparable moments without it; half of that is gone after "
        f"about {_lasts(sides)}{last}."
    )


def _does_nothing(sides: Sides, now: Difference, model: Finding) -> str:
    low, high = _way(now.interval.low), _way(now.interval.high)
    return (
        f"“{sides.label}” does nothing that would matter: by the model it takes away no more than "
        f"{max(round(model.interval.high), 1)} % of the strain, and within six hours of it strain is between {low} and "
        f"{high} than after comparable moments without it, in {sides.fitted.data.unit_name}."
    )


def _lasts(sides: Sides) -> str:
    """The model's half-life; where the lags rule it out, from the one to the other."""
    middle, low, high = half_life_hours(sides.fitted, Z90)
    lags = sides.beside.lasting if isinstance(sides.beside, Comparison) else None
    if lags is None or ((lags.high or math.inf) >= low and (lags.low or 0.0) <= high):
        return hours_in_words(middle)
    first, last = sorted((middle, lags.hours))
    return f"{hours_in_words(first)}, or as long as {hours_in_words(last)}"


def _detail(sides: Sides) -> dict[str, Any]:
    middle, low, high = half_life_hours(sides.fitted, Z90)
    beside = sides.beside
    detail: dict[str, Any] = {
        "restores": "cannot_say",
        "by_the_model": _side(sides.by_model),
        "half_life_hours": {"by_the_model": middle, "low": low, "high": high, "level": LEVEL},
    }
    if sides.fading:
        detail["fading"] = _side(sides.fading)
    restoring = _restoring(sides)
    if restoring:
        detail["restores"] = restoring
    else:
        detail["restores_reason"] = NO_TRIAL
    if isinstance(beside, CannotSay):
        return detail
    if beside.lasting:
        lags = beside.lasting
        detail["half_life_hours"]["by_the_lags"] = {"hours": lags.hours, "low": lags.low, "high": lags.high}
    return {
        **detail,
        "occasions": beside.acts,
        "beside_comparable_moments": _row(beside.at_once),
        "by_lag": [_row(one) for one in beside.lags],
        "other_items": {name: _row(one) for name, one in beside.others.items()},
        "balance": {
            name: {"all_moments": before, "comparable_moments": after}
            for name, (before, after) in beside.balance.items()
        },
    }


def _side(answer: Answer) -> dict[str, Any]:
    if isinstance(answer, CannotSay):
        return {"status": answer.status, "reason": answer.reason}
    interval = answer.interval
    return {
        "status": answer.status,
        "estimate": answer.estimate,
        "low": interval.low,
        "high": interval.high,
        "unit": answer.unit,
    }


def _row(one: Difference) -> dict[str, Any]:
    """A difference as it stands in the detail; points towards worse."""
    row: dict[str, Any] = {
        "from_hours": one.from_hours,
        "to_hours": one.to_hours,
        "points": one.points,
        "low": one.interval.low,
        "high": one.interval.high,
        "occasions": one.acts,
        "days": one.days,
        "hours_after": one.hours,
        "another_came": one.followed_acts,
        "moments_another_came": one.followed_moments,
    }
    if one.model:
        mean, sd = one.model
        row["model"] = {"points": mean, "low": mean - Z90 * sd, "high": mean + Z90 * sd}
    return row
