"""What has come since a hypothesis was written down, by itself: the part of its evidence that was foreseen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mainstay.explanations.clauses import measure, questions_of
from mainstay.explanations.clauses_kinds import Compared
from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.evidence_scored import Observed, Scored, scored
from mainstay.explanations.weights import LEAST_EVIDENCE
from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import subjects
from mainstay.strain.fitting import fit
from mainstay.timeline.kinds import Gap, Timeline

LEAST_DAYS = 60.0
NOT_LOOKED_AT = "before it was written down"


def borne_out_since(timeline: Timeline, leader: Scored) -> str:
    """When a hypothesis was written down, if what was recorded since bears it out by itself; else nothing.

    All that was before is left out as if it had not been recorded, and the model is fitted anew to the rest. Evidence
    of a factor of three is asked for, in its favour however large effects are taken to be. Company is not looked at:
    there it takes people first met since.
    """
    written, best = leader.hypothesis.written, leader.best
    if written is None or best is None or isinstance(best.answered, Compared) or _is_of_hours(best):
        return ""
    day = written.days_since(timeline.origin)
    if day <= 0.0 or timeline.days - day < LEAST_DAYS:
        return ""
    later = since(timeline, day)
    fitted = fit(later)
    if isinstance(fitted, CannotSay):
        return ""
    again = scored(leader.hypothesis, measure(later, fitted, questions_of(leader.hypothesis)))
    logs = again.candidate.logs
    foreseen = again.against is None and logs[MIDDLE] >= LEAST_EVIDENCE and min(logs) > 0.0
    return written.day_in_words if foreseen else ""


def _is_of_hours(seen: Observed) -> bool:
    """Whether what speaks for it is how many hours were spent in roles, which are kept from before."""
    kinds = {subject.kind for clause in (*seen.predicts, *seen.forbids) for subject in subjects(clause.stream)}
    return bool(kinds & {"role", "roles", "self"})


def since(timeline: Timeline, day: float) -> Timeline:
    """The timeline with nothing on record before a day (since its origin); hours in roles are kept."""
    ratings = {
        name: replace(one, times=one.times[at], values=one.values[at], ids=_kept(one.ids, at))
        for name, one in timeline.ratings.items()
        if (at := one.times >= day).any()
    }
    events = {label: one.where(at) for label, one in timeline.events.items() if (at := one.times >= day).any()}
    samples = {
        channel: replace(one, times=one.times[at], values=one.values[at])
        for channel, one in timeline.samples.items()
        if (at := one.times >= day).any()
    }
    episodes = {
        label: one if one.is_ == "role" else replace(one, starts=one.starts[at], ends=one.ends[at], ids=())
        for label, one in timeline.episodes.items()
        if (at := one.starts >= day).any() or one.is_ == "role"
    }
    later = tuple(gap for gap in timeline.gaps if gap.end > day)
    gaps = (Gap(0.0, day, NOT_LOOKED_AT), *later)
    return replace(timeline, ratings=ratings, events=events, samples=samples, episodes=episodes, gaps=gaps)


def _kept(ids: tuple[str, ...], at: np.ndarray) -> tuple[str, ...]:
    return tuple(one for one, kept in zip(ids, at, strict=True) if kept)
