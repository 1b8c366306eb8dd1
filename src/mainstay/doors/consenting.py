"""Consent as every door speaks of it: purposes in words, and until when it is given."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from mainstay.doors.dates import FIRST_YEAR, midnight
from mainstay.errors import BadRecord, BadRequest

if TYPE_CHECKING:
    from mainstay.quantities import Instant

OWN = "own_answers"
FOR = {
    OWN: "your own answers",
    "supporter_view": "a supporter's view",
    "clinician_report": "a report for a clinician",
    "cohort": "a study",
    "pooled_prior": "what many share",
}
"""Each purpose in a few words, as they go after "for"."""


def until(text: str, at: Instant, option: str = "--until") -> Instant:
    """The first instant at which consent no longer holds: after the last day named, by this machine's clock.

    Refuses (`BadRequest`, by the name of the `option`) what is no date, and what has passed.
    """
    from mainstay.quantities import Instant

    try:
        day = date.fromisoformat(text.strip())
        if not FIRST_YEAR <= day.year < 9998:
            raise BadRequest(f"{option} {text}: write the year with four digits")
        end = midnight(day + timedelta(days=1))
    except ValueError:
        try:
            end = Instant.parse(text)
        except BadRecord:
            raise BadRequest(
                f"{option} {text!r} is no date; write 2027-03-31, or a time with its offset: 2027-03-31T14:30+02:00"
            ) from None
    if end <= at:
        raise BadRequest(f"{option} {text} has passed; choose a later date")
    return end
