"""The chapter for one person: what could be done (S20), how they are best reached, and what a supporter bears (S23)."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.explanations.answering import Reasoned
from mainstay.options.answering import answers
from mainstay.options.approach import answers as approach_answers
from mainstay.options.approach import wishes_left_out
from mainstay.options.supporter import answers as supporter_answers
from mainstay.quantities import Answer, CannotSay
from mainstay.records.statements_preference import preference_of
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

_WISHES_LEFT_OUT = CannotSay(
    "what could be done is weighed by what the person wishes and rules out, and consent does not cover reading that",
    row="S20",
    about="options",
    would_change="consent for what is wished, too",
)


def considered(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    about: Sequence[Answer],
    reasons: Reasoned,
    withheld: str,
) -> tuple[Answer, ...]:
    """Rows S20 and S23. `about`: what was told before (S1 to S12); `withheld`: why futures are, if they are.

    Where consent leaves out what the person wishes and rules out, nothing is said of what could be done.
    """
    preference, _ = preference_of(timeline)
    if wishes_left_out(timeline, preference):
        return (_WISHES_LEFT_OUT, *supporter_answers(timeline, fitted, about, withheld=withheld))
    return (
        *answers(timeline, fitted, about, reasons.explained, reasons.company, withheld=withheld),
        *approach_answers(timeline),
        *supporter_answers(timeline, fitted, about, withheld=withheld),
    )
