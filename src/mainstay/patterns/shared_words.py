"""Words and details in which S13 and S16 tell of company and what is known of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mainstay.patterns.shared_evidence import SharedAttribute
from mainstay.patterns.shared_shares import Eased
from mainstay.quantities import Interval
from mainstay.records import words
from mainstay.strain.judge import LEVEL, Z90


def quoted(name: str) -> str:
    """An attribute as a person would write it."""
    return f"“{name.replace('_', ' ')}”"


def listed(group: Iterable[Eased], word: str = "and") -> str:
    """The company by name, in the order of the alphabet."""
    return words.listed(sorted(one.name for one in group), word)


def with_verb(group: list[Eased], one: str, more: str) -> str:
    """The company by name and what it does."""
    return f"{listed(group)} {one if len(group) == 1 else more}"


def in_how_many(chance: float | None) -> str:
    """A chance as a person would say it: "about once in 6 times"."""
    if chance is None or chance > 0.9:
        return "nearly always"
    if chance >= 0.45:
        return "about every other time"
    return f"about once in {round(1.0 / chance)} times"


def interval(mean: float, sd: float) -> Interval:
    """The 90 % interval in percent, of a share with its sd."""
    return Interval(100.0 * (mean - Z90 * sd), 100.0 * (mean + Z90 * sd), LEVEL)


def company_detail(one: Eased) -> dict[str, Any]:
    """One company, JSON-safe."""
    return {
        "name": one.name,
        "events": list(one.events),
        "n": one.n,
        "share": one.share,
        "share_sd": one.share_sd,
        "strain_before": one.strain_before,
        "eases": one.eases,
        "attributes": {name: str(known) for name, known in one.attributes.items()},
        "first_met": str(one.first_met),
        "labels_differ": one.labels_differ,
        "parts": {part.event: [part.share, part.share_sd] for part in one.parts},
    }


def attribute_detail(one: SharedAttribute) -> dict[str, Any]:
    """One attribute, JSON-safe."""
    return {
        "name": one.name,
        "known": str(one.known),
        "with": list(one.companies_with),
        "without": list(one.companies_without),
        "fits": list(one.fits),
        "does_not_fit": list(one.does_not_fit),
        "same_as": list(one.same_as),
        "opposite_of": list(one.opposite_of),
        "log_ratio": {f"{width:g}": value for width, value in one.log_ratio.items()},
        "weight": one.weight,
    }
