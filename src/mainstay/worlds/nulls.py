"""People in whom nothing drifts, each with something that looks as if it did. No alarm about the threshold is right."""

from __future__ import annotations

from mainstay.worlds.carer import Case, carer
from mainstay.worlds.kinds import World

NULLS = {
    "steady": Case(
        title="Nothing changes",
        note="Nothing changes over the eighteen months.",
    ),
    "tripling_load": Case(
        title="The load triples",
        note="Demands come three times as often at the end as at the start; at the same load, help is sought as ever.",
        load_growth=3.0,
    ),
    "fading_relief": Case(
        title="What helps helps less",
        note="Visits and swims relieve less and less; at the same load, help is sought as ever.",
        fadings_per_year=(1.2, 1.2),
    ),
    "no_link": Case(
        title="Refuges by habit",
        note="Visits and swims come by habit, whatever the strain: a threshold has no meaning here.",
        seeking_per_week=(2.5, 2.0),
        pulls=(0.0, 0.0),
    ),
}


def nulls(seed: int) -> dict[str, World]:
    """All of them, by the name of their folder, each with a life of their own."""
    return {name: carer(name, case, seed + number) for number, (name, case) in enumerate(NULLS.items())}
