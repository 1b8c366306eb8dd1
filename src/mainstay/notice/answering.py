"""What this chapter can answer for one person, in the order of the story."""

from __future__ import annotations

from mainstay.notice.baseline import baseline_answers
from mainstay.notice.resilience import resilience_answer
from mainstay.quantities import Answer
from mainstay.timeline.kinds import Timeline


def answers(timeline: Timeline) -> tuple[Answer, ...]:
    """Rows S1 to S6 in the order of the story."""
    return (
        *baseline_answers(timeline),
        resilience_answer(timeline),
    )
