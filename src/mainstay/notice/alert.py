"""What the alert is made of: which answers raise it, how far, what would lower it, and one thing to do.

Four tiers. *Quiet*: nothing calls for attention. *Watch*: something waits for the person, such as a worry whose review
is due; no alarm. *Look*: an alarm within the one false-alarm budget says that something has changed. *Act*: by the
chances and harms the person stated, acting costs least; or harm to somebody else is on record while slips have become
more. `mainstay.story` composes them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from mainstay.notice.budget import MONTHS_PER_ALARM
from mainstay.quantities import Answer, Finding
from mainstay.strain.fading import CHANGE

Tier = Literal["quiet", "watch", "look", "act"]
TIERS: tuple[Tier, ...] = ("quiet", "watch", "look", "act")
BUDGET = f"at most one in {MONTHS_PER_ALARM:.0f} months of records, over everything and however often one looks"


@dataclass(frozen=True, slots=True)
class Raised:
    """One answer that raises the alert: to which tier, by what, what would lower it again, and what could be done."""

    tier: Tier
    row: str
    about: str
    by: str
    lowered_by: str
    action: str


@dataclass(frozen=True, slots=True)
class Alert:
    """The tier, what raised it (the highest first), and one suggested action. `budget`: how seldom it may be false."""

    tier: Tier
    sentence: str
    raised: tuple[Raised, ...]
    action: str
    budget: str = BUDGET


QUIET = Alert("quiet", "Nothing on record calls for attention.", (), "go on as you are, and look again when you like")
WRITE_IT_DOWN = (
    "write down what you think it is, what you would see if it were so and if it were not, and when you will look "
    "again: mainstay log CASE concern"
)


def _change(answer: Finding) -> Raised | None:
    if answer.detail.get("better"):
        return None
    return Raised(
        "look", "S3", answer.about, answer.claim, "it goes back, or the new level becomes what is usual", WRITE_IT_DOWN
    )


def _resilience(answer: Finding) -> Raised | None:
    if answer.estimate <= 1.0:
        return None
    lowers = "swings that fade as fast again as they did"
    return Raised("look", "S4", answer.about, answer.claim, lowers, WRITE_IT_DOWN)


def _threshold(answer: Finding) -> Raised | None:
    if answer.estimate <= 1.0:
        return None
    lowers = "help sought less often at the same load"
    return Raised("look", "S11", answer.about, answer.claim, lowers, WRITE_IT_DOWN)


def _relief(answer: Finding) -> Raised | None:
    if answer.quantity == CHANGE and answer.estimate < 0.0:
        return Raised("look", "S12", answer.about, answer.claim, "relief that lasts as long again", WRITE_IT_DOWN)
    return None


RAISES: dict[str, Callable[[Finding], Raised | None]] = {
    "S3": _change,
    "S4": _resilience,
    "S11": _threshold,
    "S12": _relief,
}


def raised_by(answers: Sequence[Answer]) -> tuple[Raised, ...]:
    """What raises the alert, the highest tier first, otherwise in the order of the answers."""
    found = [
        raised
        for answer in answers
        if isinstance(answer, Finding) and answer.status == "found" and answer.row in RAISES
        if (raised := RAISES[answer.row](answer)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -TIERS.index(one.tier)))
