"""The chapter for one person: what could be done (S20), how they are best reached, and what a supporter bears (S23)."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.explanations.answering import Reasoned
from mainstay.options.answering import answers
from mainstay.options.approach import answers as approach_answers
from mainstay.options.supporter import answers as supporter_answers
from mainstay.quantities import Answer, CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline


def considered(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    about: Sequence[Answer],
    reasons: Reasoned,
    withheld: str,
) -> tuple[Answer, ...]:
    """Rows S20 and S23. `about`: what was told before (S1 to S12); `withheld`: why futures are, if they are."""
    return (
        *answers(timeline, fitted, about, reasons.explained, reasons.company, withheld=withheld),
        *approach_answers(timeline),
        *supporter_answers(timeline, fitted, about, withheld=withheld),
    )
