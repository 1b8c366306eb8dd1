"""What the model can answer for one person, in story order: load, refuges, threshold and relief."""

from __future__ import annotations

from dataclasses import replace

from mainstay.quantities import Answer, CannotSay
from mainstay.strain.criticise import failed_checks
from mainstay.strain.load import load_answers, self_hours
from mainstay.strain.posterior import METHOD, StrainPosterior
from mainstay.strain.refuges import refuge_answers, relief_answers
from mainstay.strain.threshold import threshold_answer
from mainstay.timeline.kinds import Timeline


def answers(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> tuple[Answer, ...]:
    """Rows S9 to S12 in story order."""
    if isinstance(fitted, CannotSay):
        rows = ("S9", "S10", "S11", "S12") if timeline.of_events("relief") else ("S9",)
        return (*(replace(fitted, row=row) for row in rows), self_hours(timeline))
    if not fitted.data.readings:
        unscaled = CannotSay(
            "without check-ins strain has no scale, and can't be told from a taste for what is sought",
            n=int(fitted.data.act_counts.sum()),
            method=METHOD,
            would_change="a rating of strain once a day or more",
        )
        return (*(replace(unscaled, row=row) for row in ("S9", "S10", "S11", "S12")), self_hours(timeline))
    misfits = failed_checks(timeline, fitted)
    return (
        *load_answers(timeline, fitted, misfits),
        self_hours(timeline),
        *refuge_answers(timeline, fitted, misfits),
        threshold_answer(timeline, fitted, misfits.timing),
        *relief_answers(timeline, fitted, misfits),
    )
