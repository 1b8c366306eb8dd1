"""What this chapter can answer for one person, in the order of the story."""

from __future__ import annotations

from collections.abc import Callable

from mainstay.notice.baseline import baseline_answers
from mainstay.notice.change import change_answers
from mainstay.notice.concern import concern_answers
from mainstay.notice.looking_back import looking_back_answers
from mainstay.notice.reactions import reaction_answers
from mainstay.notice.resilience import resilience_answer
from mainstay.notice.slips import slips_answers
from mainstay.quantities import Answer
from mainstay.records.logged import HARM
from mainstay.timeline.kinds import Timeline


def _resilience(timeline: Timeline) -> tuple[Answer, ...]:
    return (resilience_answer(timeline),)


def _change(timeline: Timeline) -> tuple[Answer, ...]:
    return (*change_answers(timeline), *looking_back_answers(timeline))


def _slips(timeline: Timeline) -> tuple[Answer, ...]:
    return slips_answers(timeline, timeline.tagged(HARM))


PARTS: dict[str, Callable[[Timeline], tuple[Answer, ...]]] = {
    "S1": concern_answers,
    "S2": baseline_answers,
    "S3": _change,
    "S4": _resilience,
    "S5": reaction_answers,
    "S6": _slips,
}
"""What is asked of a timeline, by its row."""


def answers(timeline: Timeline) -> tuple[Answer, ...]:
    """Rows S1 to S6 in the order of the story."""
    return tuple(answer for part in PARTS.values() for answer in part(timeline))
