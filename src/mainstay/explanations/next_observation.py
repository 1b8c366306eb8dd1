"""What to record or ask next (S17): the information it is expected to bring, by what it costs the person.

The gain is that in knowing which cause is at work, over the weights as they stand (`observing`); the burden is in
minutes (`observing_burden`). At most three are told, each with what either outcome would do to the weights; the last
place is kept for what tells of the leading explanation, which is often dear: a leading one needs testing more than
others need ruling out. What was set aside is never asked about, and what strained is never asked for again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.explaining import Explained
from mainstay.explanations.observing import after, entropy_of, information
from mainstay.explanations.observing_candidates import Observation, Standing, observations, standing
from mainstay.explanations.observing_company import company_observations
from mainstay.explanations.weights import LEADS
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay, Finding, Interval, probability
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import hours_in_words, number
from mainstay.timeline.kinds import Timeline

MOST_TOLD = 3
LEAST_BITS = 0.02
"""What tells less than this is not worth asking for: a fiftieth of a question that halves what is open."""

ALL_BUT_OUT, LEAST_LEFT = 0.02, 0.25
"""A weight that falls to this, and to a quarter of what it was."""

QUANTITY = "information expected about which cause it is"
METHOD = (
    "expected entropy of the weights after it, less that before (Lindley 1956), from the mixture by which evidence is "
    "weighed; told first is what brings most for each minute. The range is no interval: it goes over how large effects "
    "are taken to be, halved and doubled"
)
ASSUMPTIONS = (
    "the causes are weighed as if one of them were the main one",
    "an answer gets as exact as like ones got in this record",
    "minutes are by a settled table; an evening counts for what it takes, not for what it gives",
)


@dataclass(frozen=True, slots=True, eq=False)
class Suggested:
    """An observation, the bits it is expected to bring by width, and what it would do to the weight of its hypothesis.

    `chance`: that it will speak for it. `now`, `if_so`, `if_not`: the weight. `leads_by`: over the unlisted cause, if
    it does and is then ahead of all others; else 0.
    """

    observation: Observation
    bits: tuple[float, ...]
    chance: float
    now: float
    if_so: float
    if_not: float
    leads_by: float

    @property
    def a_minute(self) -> float:
        """Bits for each minute that it costs."""
        return self.bits[MIDDLE] / self.observation.minutes


def suggested(
    explained: Explained, timeline: Timeline, shared: Shared | CannotSay | None = None
) -> tuple[Suggested, ...]:
    """Everything that could tell something, what brings most for each minute first; each thing to do once."""
    now = standing(explained, timeline)
    if len(now.names) < 2:
        return ()
    every = [*observations(now), *(company_observations(now, shared) if isinstance(shared, Shared) else ())]
    found = [one for one in (_weighed(now, each) for each in every) if one.bits[MIDDLE] >= LEAST_BITS]
    found.sort(key=lambda one: (-one.a_minute, one.observation.do))
    first = {one.observation.do: one for one in reversed(found)}
    return tuple(one for one in found if first[one.observation.do] is one)


def next_observation_answers(
    explained: Explained, timeline: Timeline, shared: Shared | CannotSay | None = None
) -> tuple[Answer, ...]:
    """S17: at most three things to record or ask next; or that nothing which could be asked would tell anything."""
    if explained.status in {"not_found", "cannot_say"}:
        return (_refusal("there is no pattern yet that causes could be told apart by", explained),)
    found = suggested(explained, timeline, shared)
    if not found:
        return (
            _refusal(
                "nothing that could be recorded or asked would tell the causes on record apart any further", explained
            ),
        )
    open_now = entropy_of({one.name: one.weight for one in explained.weights})
    return tuple(_told(one, open_now, max(explained.pattern.looked_at, 1)) for one in _first(found, explained.leaders))


def _first(found: tuple[Suggested, ...], leaders: tuple[str, ...]) -> tuple[Suggested, ...]:
    """The first three; the last place is kept for what tells of the leading explanation, where the others don't."""
    first = found[:MOST_TOLD]
    of_leaders = [one for one in found if one.observation.about in leaders]
    if not of_leaders or of_leaders[0] in first or len(first) < MOST_TOLD:
        return first
    return (*first[:-1], of_leaders[0])


def _refusal(reason: str, explained: Explained) -> CannotSay:
    return CannotSay(
        reason,
        row="S17",
        about="next observation",
        quantity=QUANTITY,
        n=explained.pattern.looked_at,
        method=METHOD,
        would_change="another cause, written down with what it predicts and what it says would not be",
    )


def _weighed(now: Standing, one: Observation) -> Suggested:
    bits = tuple(information(weights, chances) for weights, chances in zip(now.weights, one.chances, strict=True))
    weights, chances = now.weights[MIDDLE], one.chances[MIDDLE]
    place = now.names.index(one.about)
    so = chances[place] > chances[-1]
    if one.none:
        so[0] = False
    then, otherwise = after(weights, chances, so), after(weights, chances, ~so)
    ahead = then[place] >= max(float(then[i]) for i in range(len(then) - 1))
    return Suggested(
        one,
        bits,
        float(np.clip((weights @ chances)[so].sum(), 0.0, 1.0)),
        float(weights[place]),
        float(then[place]),
        float(otherwise[place]),
        float(then[place] / max(then[-1], 1e-12)) if ahead else 0.0,
    )


def _told(one: Suggested, open_now: float, looked_at: int) -> Finding:
    seen = one.observation
    return Finding(
        row="S17",
        about=seen.about,
        status="suggested",
        claim=f"{seen.do}. {_consequence(one)}.",
        quantity=QUANTITY,
        estimate=one.bits[MIDDLE],
        interval=Interval(min(one.bits), max(one.bits), LEVEL),
        unit="bits",
        n=looked_at,
        method=METHOD,
        assumptions=ASSUMPTIONS,
        would_change="other weights of the causes: what tells most now may tell little once something else is known",
        reason=f"it takes about {hours_in_words(seen.minutes / 60.0)}",
        detail={
            "bits_by_width": list(one.bits),
            "open_bits": open_now,
            "minutes": seen.minutes,
            "chance_that_it_speaks_for_it": probability(one.chance),
            "weight": {"now": one.now, "if_so": one.if_so, "if_not": one.if_not},
        },
    )


def _consequence(one: Suggested) -> str:
    """What either outcome would do: "If strain is lower after more sleep, “sleep” leads; if not, it is all but out"."""
    seen = one.observation
    if one.leads_by >= LEADS and one.now < one.if_so:
        so = f"leads (about {number(one.leads_by)} to 1 against a cause nobody listed)"
    elif one.if_so > one.now:
        so = f"rises from {_share(one.now)} to {_share(one.if_so)}"
    else:
        so = f"stays at {_share(one.now)}"
    out = one.if_not <= min(ALL_BUT_OUT, LEAST_LEFT * one.now)
    not_so = "it is all but out" if out else f"it falls to {_share(one.if_not)}"
    if_not = "if not, or if there was nothing of the kind" if seen.none else "if not"
    return f"If {seen.if_so}, “{seen.about}” {so}; {if_not}, {not_so}"


def _share(chance: float) -> str:
    return f"{100.0 * chance:.0f} %" if chance >= 0.01 else "under 1 %"
