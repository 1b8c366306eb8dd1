"""What an observation costs the person, in minutes: the burden by which expected information is divided.

| | minutes |
|---|---|
| one more thing to remember at all | 10, once |
| one more question at each check-in | 1 a week |
| an event to note when it happens, or hours from when to when | 1 a week |
| a signal that a device keeps by itself | 0.2 a week |
| going on with what is recorded already | 0.5 a week |
| a question to oneself, answered once | 2 |
| one that hurts: a loss, a separation, an illness | 15 |
| noting of each person, place or activity whether something is true of them | 1 each |
| an evening | 180, and 5 for the check-ins around it |
| a contact on a day drawn by lot | 60 each, and 5 for the check-ins around it |

The figures are settled, not measured. Only their order of size matters: the most telling is asked for first where it
costs about as much as others.
"""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.records.statements_hypothesis import Moment, same_name

NEW_THING = 10.0
ITEM_A_WEEK, EVENT_A_WEEK, SIGNAL_A_WEEK, GOING_ON_A_WEEK = 1.0, 1.0, 0.2, 0.5
QUESTION, HARD_QUESTION = 2.0, 15.0
NOTED_OF_EACH = 1.0
EVENING, BY_LOT, AROUND = 180.0, 60.0, 5.0
HURTS = (
    "bereavement", "loss", "grief", "death", "death in the family", "death of a friend", "funeral", "miscarriage",
    "separation", "divorce", "relationship", "partner", "illness", "ill", "diagnosis", "abuse", "assault", "debt",
)  # fmt: skip
"""What is hard to be asked about."""


def recording(kind: str, weeks: float) -> float:
    """Recording something new for so many weeks: an `item`, a `signal`, or events and hours."""
    a_week = {"item": ITEM_A_WEEK, "signal": SIGNAL_A_WEEK}.get(kind, EVENT_A_WEEK)
    return NEW_THING + a_week * weeks


AVOIDED = (
    "hostile", "violent", "abusive", "dangerous", "threatening", "manipulative", "former partner", "ex", "no contact",
)  # fmt: skip
"""Nobody of whom one of these is known is ever suggested as company."""


def question(about: tuple[Moment, ...]) -> float:
    """A question answered once from memory, about these moments; the first names what it is about."""
    return HARD_QUESTION if any(same_name(about[0].name, hurts) for hurts in HURTS) else QUESTION


def may_be_met(attributes: Iterable[str]) -> bool:
    """Whether company of whom these attributes are known may be suggested."""
    return not any(same_name(one, avoided) for one in attributes for avoided in AVOIDED)
