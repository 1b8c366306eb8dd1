"""Consent: which purposes a person allows for a stream, from when and until when, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mainstay.casebook.terms import USES, Terms
from mainstay.errors import BadRequest
from mainstay.quantities import Instant

PURPOSES = tuple(USES)
OWN_ANSWERS = "own_answers"
ALLOWS = ("given", "renewed")
EVENTS = (*ALLOWS, "refused", "withdrawn", "expired")


def known_purpose(purpose: str) -> str:
    """The purpose, if it is one that can be consented to."""
    if purpose not in PURPOSES:
        raise BadRequest(f"{purpose!r} is no purpose; it must be one of {', '.join(PURPOSES)}")
    return purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person allows for the streams they add: purposes, from `given_at` on, until before `until`.

    `until` None: until withdrawn. `terms` None: those that are true for a person on their own machine.
    `only_where_unsaid`: where something was said of a stream and purpose before, that stands; so adding more records
    takes back no withdrawal. Refuses no purpose at all, an unknown purpose, and an end not after the start.
    """

    purposes: tuple[str, ...] = (OWN_ANSWERS,)
    given_at: Instant
    until: Instant | None = None
    terms: Terms | None = None
    only_where_unsaid: bool = False

    def __post_init__(self) -> None:
        if not self.purposes:
            raise BadRequest(f"consent needs at least one purpose: {', '.join(PURPOSES)}")
        for purpose in self.purposes:
            known_purpose(purpose)
        if self.until is not None and self.until <= self.given_at:
            raise BadRequest(f"consent can't end ({self.until}) before or when it is given ({self.given_at})")


@dataclass(frozen=True, slots=True)
class ConsentHeld:
    """The last word on one stream and purpose: which event, at which instant, and until when it allows a read."""

    purpose: str
    event: str
    at: Instant
    until: Instant | None

    def valid(self, now: Instant) -> bool:
        """Whether it allows a read at this instant: given or renewed, begun, and not yet ended (to the microsecond)."""
        return self.event in ALLOWS and self.at <= now and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One event of the ledger: what was said of which stream and purpose, dated `at`, written down `noted`.

    `terms`: the record of what was agreed to (docs/reference/consent.md); None where it is older than such records.
    """

    stream: str
    purpose: str
    event: str
    at: Instant
    until: Instant | None
    noted: Instant
    terms: dict[str, Any] | None
