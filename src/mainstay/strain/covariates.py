"""Signals that may feed strain (S9), where asked for by name: what a day with one of them higher by its sd adds."""

from __future__ import annotations

from functools import partial

from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.judge import LEVEL, Z90, chance_of_claim, verdict
from mainstay.strain.load import MATERIAL_TOLL, after_hours, estimate, questions, too_thin
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Timeline

ADDED_BY_A_SIGNAL = "strain added by a day of a signal one sd higher"


def covariate_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """One answer for each signal asked for; a signal that never changes is named as such."""
    known = [_covariate(timeline, fitted, channel) for channel in fitted.data.covariates]
    flat: list[Answer] = [
        CannotSay(
            f"“{channel}” never changes in the record",
            row="S9",
            about=channel,
            quantity=ADDED_BY_A_SIGNAL,
            method=fitted.method,
        )
        for channel in fitted.data.settings.covariates
        if channel not in fitted.data.covariates
    ]
    return (*known, *flat)


def _covariate(timeline: Timeline, fitted: StrainPosterior, channel: str) -> Answer:
    if refusal := too_thin(fitted, channel, ADDED_BY_A_SIGNAL):
        return refusal
    data, n = fitted.data, len(timeline.samples[channel].times)
    day, day_sd = after_hours(fitted, channel, 24.0, "covariate")
    found = verdict(day, day_sd, MATERIAL_TOLL, among=questions(fitted) + len(data.covariates))
    refuse = partial(CannotSay, row="S9", about=channel, quantity=ADDED_BY_A_SIGNAL, n=n, method=fitted.method)
    if found == "cannot_say":
        return refuse(
            f"whether “{channel}” feeds strain can't be told yet",
            would_change=f"more days on which “{channel}” differs, with check-ins on them",
            detail=estimate(day * data.unit, day_sd * data.unit, data.unit_name),
        )
    return Finding(
        row="S9",
        about=channel,
        status=found,
        claim=(
            f"A day on which “{channel}” is higher than usual {'adds' if day > 0 else 'takes away'} about "
            f"{number(abs(day) * data.unit)} {data.unit_name}."
            if found == "found"
            else f"Strain does not follow “{channel}” by an amount that would matter."
        ),
        quantity=ADDED_BY_A_SIGNAL,
        estimate=day * data.unit,
        interval=Interval((day - Z90 * day_sd) * data.unit, (day + Z90 * day_sd) * data.unit, LEVEL),
        unit=data.unit_name,
        n=n,
        method=fitted.method,
        probability=chance_of_claim(day, day_sd, MATERIAL_TOLL, found),
        evidence=(place_of(timeline), f"{n:,} values of “{channel}”"),
        assumptions=(
            f"“{channel}” comes before strain and not from it",
            "higher than usual: by its standard deviation, for a whole day",
        ),
        would_change=f"a trial in which “{channel}” is set by lot",
    )
