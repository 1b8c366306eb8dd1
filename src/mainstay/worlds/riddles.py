"""Diaries that invite a wrong explanation. The right answer to each is to keep quiet, and to say why."""

from __future__ import annotations

from mainstay.worlds.kinds import World, Written
from mainstay.worlds.two_roles import (
    DRINK,
    KNOWN_FROM_THE_START,
    NOTHING,
    OUT,
    QUARREL,
    VISIT,
    WHERE_NOTHING_RELIEVES,
    Variant,
    lived,
)

VAGUE_OVERWORK = """name = "overwork"
cause = "It is all too much work, one way or another."

[[predicts]]
stream = "strain"
direction = "more"
when = "during role:reporter"
words = "work adds strain"
"""
"""Whatever happens, it can be called overwork: nothing that it says could turn out otherwise."""

RIDDLES = {
    "peaks_only": Variant(
        "What is sought at the worst moments, and does nothing",
        "Visits and quarrels come when strain is highest, and it would have eased anyway: they do nothing.",
        NOTHING,
        WHERE_NOTHING_RELIEVES,
        drift_per_year=0.0,
    ),
    "tied": Variant(
        "Two things true of the same people",
        "Visits restore. The mother and the friend are warm, and no part has to be played with them; of the others "
        "neither is true: which of the two it is can't be told from this record.",
        {VISIT: 0.55, QUARREL: 0.02, DRINK: 0.02, OUT: 0.02},
        known={
            "mother": ("warm", "no_part_to_play", "out_of_town"),
            "old friend": ("warm", "no_part_to_play", "out_of_town"),
            "rival": ("in_town", "out_of_town"),
            "colleague A": ("in_town",),
            "colleague B": ("in_town",),
        },
        told=((), ""),
    ),
    "unlisted_cause": Variant(
        "What restores is something nobody wrote down",
        "Visits and quarrels restore, drinks do not; nothing that is known of the people goes with that.",
        known={
            "mother": ("family", "warm", "out_of_town"),
            "rival": ("in_town", "hostile"),
            "colleague A": ("in_town", "warm"),
            "colleague B": ("in_town", "warm"),
            "old friend": ("warm", "out_of_town"),
        },
        told=((), ""),
    ),
    "vague_overwork": Variant(
        "An explanation that nothing could disprove",
        "As in two_roles, but nothing is learned from the call, and overwork is on record as the cause, put in such a "
        "way that nothing could speak against it.",
        known=KNOWN_FROM_THE_START,
        told=((), ""),
        written=(Written("hypothesis", VAGUE_OVERWORK),),
    ),
}


def riddles(seed: int) -> dict[str, World]:
    """All of them, by the name of their folder."""
    return {name: lived(variant, name, seed) for name, variant in RIDDLES.items()}
