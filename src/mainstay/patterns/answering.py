"""The patterns as `tell` and `patterns` tell them: what the model says of refuges and what stands beside it."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.patterns.before_after_answers import association_answers
from mainstay.patterns.pretexts_answers import pretext_answers
from mainstay.patterns.refuges import refuge_pattern_answers
from mainstay.patterns.relief_answers import relief_answers
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.strain.load import EASED
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline


def with_patterns(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, about_strain: Sequence[Answer]
) -> tuple[Answer, ...]:
    """The answers about strain (S9 to S12) with pretexts, and with relief set beside comparable moments.

    What the model alone says a refuge takes away yields to that, unless there are too few comparable moments.
    """
    if isinstance(fitted, CannotSay) or not fitted.data.readings:
        return tuple(about_strain)
    beside = {one.about: one for one in relief_answers(timeline, fitted)}
    told: list[Answer] = []
    for one in about_strain:
        by_model = one.row == "S12" and one.quantity == EASED and one.about in beside
        if not by_model:
            told.append(one)
            continue
        both = beside.pop(one.about)
        too_few = isinstance(both, CannotSay) and both.need is not None and isinstance(one, Finding)
        told += [one, both] if too_few else [both]
    return (*told, *beside.values(), *pretext_answers(timeline, fitted))


def in_detail(timeline: Timeline, fitted: StrainPosterior | CannotSay) -> tuple[Answer, ...]:
    """What only the `patterns` command tells: where and when refuges are sought (S10), and what came before what."""
    where = () if isinstance(fitted, CannotSay) else refuge_pattern_answers(timeline, fitted)
    return (*where, *association_answers(timeline))
