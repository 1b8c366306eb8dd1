"""The starting library: causes that are often at work, each as a file anybody could have written.

One file per cause under `library/`, in the language of `mainstay.records.statements_hypothesis`. Each says what would
speak against it; none says how likely it is. A person's own hypothesis of the same name takes its place
(`statements_hypothesis.with_library`).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from mainstay.records.statements import parsed
from mainstay.records.statements_hypothesis import HypothesisFile

ORDER = (
    "overwork",
    "relationship",
    "friends_in_trouble",
    "bereavement",
    "illness",
    "sleep",
    "season",
    "medication_change",
    "new_demand",
    "role_concealment",
    "too_little_warm_company",
)
"""The files, without their ending, in the order in which causes of equal weight are told."""


@cache
def starting_library() -> tuple[HypothesisFile, ...]:
    """The causes that come with Mainstay, always in the same order."""
    place = files("mainstay.explanations") / "library"
    return tuple(
        parsed((place / f"{name}.toml").read_text(encoding="utf-8"), HypothesisFile, "hypothesis") for name in ORDER
    )
