"""What the alert is made of: which answers raise it, how far, what would lower it, and one thing to do.

Four tiers. *Quiet*: nothing calls for attention. *Watch*: something waits for the person, such as a worry whose review
is due; no alarm. *Look*: an alarm within the one false-alarm budget says that something has changed. *Act*: by the
chances and harms the person stated, acting costs least; or slips that harm somebody else have become more frequent.
`mainstay.story` composes them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from mainstay.notice.budget import MONTHS_PER_ALARM
from mainstay.notice.slips_counts import HARM
from mainstay.notice.usual import LATELY_DAYS
from mainstay.quantities import Answer, Finding
from mainstay.strain.fading import CHANGE

Tier = Literal["quiet", "watch", "look", "act"]
TIERS: tuple[Tier, ...] = ("quiet", "watch", "look", "act")
BUDGET = f"at most one in {MONTHS_PER_ALARM:.0f} months of records, over everything and however often one looks"


@dataclass(frozen=True, slots=True)
class Raised:
    """One answer that raises the alert: to which tier, by what, what would lower it again, and what could be done.

    `loss`: of each course (waiting, looking, acting) the expected loss, low and high, where chances and harms were
    stated.
    """

    tier: Tier
    row: str
    about: str
    by: str
    lowered_by: str
    action: str
    loss: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """The tier, what raised it (the highest first), and one suggested action.

    `budget`: how seldom it may be false, where an alarm raised it; else empty. `note`: that the records ended a while
    ago, where they did.
    """

    tier: Tier
    sentence: str
    raised: tuple[Raised, ...]
    action: str
    budget: str = ""
    note: str = ""


QUIET = Alert("quiet", "Nothing on record calls for attention.", (), "go on as you are, and look again when you like")
TOO_EARLY = Alert(
    "quiet", "It is too early to say whether anything has changed.", (), "go on recording, and look again in some weeks"
)
WRITE_IT_DOWN = (
    "write down what you think it is, what you would see if it were so and if it were not, and when you will look "
    "again: mainstay log CASE concern"
)


LOG_RECORDING = "log how fully each stretch was recorded; till then this may be better records alone"
COURSE_TIERS: dict[str | None, Tier] = {"looking": "look", "acting": "act"}


def _concern(answer: Finding) -> Raised | None:
    """A worry: by the course that costs least under what was stated; else watched once its review is due."""
    course, overdue = answer.detail.get("least_course"), answer.detail.get("review_overdue_days", -1)
    tier = COURSE_TIERS.get(course)
    if tier is None and overdue < 0:
        return None
    action = {
        "acting": f"do what you planned for “{answer.about}”: by what you stated, that costs least",
        "looking": f"look at the signs of “{answer.about}”: by what you stated, that costs least",
    }.get(
        course or "",
        f"look at “{answer.about}” again, then move or close it: mainstay log CASE concern --review NUMBER",
    )
    return Raised(
        tier or "watch", "S1", answer.about, answer.claim, answer.would_change, action, answer.detail.get("loss", {})
    )


def _change(answer: Finding) -> Raised | None:
    """A change that is not for the better, as long as what is usual still reaches back before it."""
    this = answer.detail.get("this", {})
    if answer.detail.get("better") or answer.detail.get("hindsight") or this.get("days_since", 0.0) > LATELY_DAYS:
        return None
    lowers = "it goes back, or the new level becomes what is usual"
    if answer.detail.get("unlogged"):
        return Raised("watch", "S3", answer.about, answer.claim, lowers, LOG_RECORDING)
    return Raised("look", "S3", answer.about, answer.claim, lowers, WRITE_IT_DOWN)


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


def _slips(answer: Finding) -> Raised | None:
    """More slips than before. Harm to others that grows asks for action: it falls on somebody else."""
    if not answer.detail.get("alarm"):
        return None
    tier: Tier = "act" if answer.about == HARM else "look"
    action = "take from your week what can wait, and let somebody check what must not go wrong"
    if not answer.detail.get("recording_logged", True):
        # more of them on record may be more of them written down
        tier, action = "watch", LOG_RECORDING
    return Raised(tier, "S6", answer.about, answer.claim, "as few slips again as before", action)


RAISES: dict[str, Callable[[Finding], Raised | None]] = {
    "S1": _concern,
    "S3": _change,
    "S4": _resilience,
    "S6": _slips,
    "S11": _threshold,
    "S12": _relief,
}


ALARMS = ("S3", "S4", "S6", "S11", "S12")
"""The rows that alarm, each with its part of the one budget."""


def raised_by(answers: Sequence[Answer]) -> tuple[Raised, ...]:
    """What raises the alert, the highest tier first, otherwise in the order of the answers."""
    found = [
        raised
        for answer in answers
        if isinstance(answer, Finding) and answer.status == "found" and answer.row in RAISES
        if (raised := RAISES[answer.row](answer)) is not None
    ]
    return tuple(sorted(found, key=lambda one: -TIERS.index(one.tier)))
