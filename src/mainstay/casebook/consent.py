"""Consent: which purposes a person allows for a stream, from when and until when."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.errors import BadRequest
from mainstay.quantities import Instant

PURPOSES = ("own_answers", "supporter_view", "clinician_report", "cohort", "pooled_prior")


def known_purpose(purpose: str) -> str:
    """The purpose, if it is one that can be consented to."""
    if purpose not in PURPOSES:
        raise BadRequest(f"{purpose!r} is no purpose; it must be one of {', '.join(PURPOSES)}")
    return purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person allows for the streams they add: purposes, from `given_at` on, until before `until`.

    `until` None: until withdrawn. Refuses no purpose at all, an unknown purpose, and an end not after the start.
    """

    purposes: tuple[str, ...] = ("own_answers",)
    given_at: Instant
    until: Instant | None = None

    def __post_init__(self) -> None:
        if not self.purposes:
            raise BadRequest(f"consent needs at least one purpose: {', '.join(PURPOSES)}")
        for purpose in self.purposes:
            known_purpose(purpose)
        if self.until is not None and self.until <= self.given_at:
            raise BadRequest(f"consent can't end ({self.until}) before or when it is given ({self.given_at})")


@dataclass(frozen=True, slots=True)
class ConsentHeld:
    """The last word on one stream and purpose: given or withdrawn, at which instant, until when."""

    purpose: str
    event: str
    at: Instant
    until: Instant | None

    def valid(self, now: Instant) -> bool:
        """Whether it allows a read at the real clock: given, already begun, not yet ended (to the microsecond)."""
        return self.event == "given" and self.at <= now and (self.until is None or now < self.until)
