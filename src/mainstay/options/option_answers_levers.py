"""Where no option is on record: how to write one, and which levers would move strain most, by what is established.

A lever is told only of what an answer about strain has found (S9: what an hour in a role and a demand add) or of
company that eases for certain (S13), and never of company that is not to be suggested or of what is done alone: what
eases at once may do harm otherwise. Each is simulated at one hour or one occasion a week.
`detail` holds `levers` (lever, said, points, low, high), the largest effect first, and `unit`, `horizon_days`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.explanations.observing_burden import may_be_met
from mainstay.futures.paths import Lever, Paths
from mainstay.futures.simulating import Settings, ahead, beginning
from mainstay.options.outcomes import Looking
from mainstay.options.outcomes_levers import carried_over
from mainstay.options.worth import ends
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.strain.load import ADDED, TOLL
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import number
from mainstay.timeline.kinds import Timeline

ROW, WHOLE, QUANTITY = "S20", "options", "mean strain"
METHOD = "simulated futures with one lever moved, against the same futures with nothing changed"
HOW = "an option, written down with “mainstay log CASE option”: its steps, who bears what, and what it would change"
PATHS, PATHS_A_DRAW = 800, 10
MOST_LEVERS, MOST_SAID = 12, 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """One lever as options write it, moved by one a week, and how that is said."""

    written: str
    said: str
    lever: Lever


def nothing_written(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    about_strain: Sequence[Answer],
    company: Shared | CannotSay | None,
    looking: Looking,
) -> CannotSay:
    """The answer where no option is on record. Without a fit no lever is told."""
    told: list[dict[str, Any]] = []
    if not isinstance(fitted, CannotSay):
        told = effects(timeline, fitted, candidates(fitted, about_strain, company), looking)
    detail: dict[str, Any] = {"levers": told, "horizon_days": looking.days, "recommended": [], "struck_out": []}
    if not isinstance(fitted, CannotSay):
        detail["unit"] = fitted.data.unit_name
    return CannotSay(
        f"no option is on record to weigh{_most(told, detail.get('unit', ''))}",
        row=ROW,
        about=WHOLE,
        quantity=QUANTITY,
        n=len(told),
        method=METHOD,
        would_change=HOW,
        detail=detail,
    )


def _most(told: Sequence[dict[str, Any]], unit: str) -> str:
    """The levers that would lower strain most, as half a sentence."""
    lower = [one for one in told if one["high"] < 0.0][:MOST_SAID]
    if not lower:
        return ""
    said = "; ".join(f"{one['said']}, {number(-one['points'])}" for one in lower)
    return f". By the model strain would on average be lower with, in {unit}: {said}"


def candidates(
    fitted: StrainPosterior, about_strain: Sequence[Answer], company: Shared | CannotSay | None
) -> tuple[Candidate, ...]:
    """The levers of what is established."""
    data = fitted.data
    found: list[Candidate] = []
    for one in about_strain:
        if not isinstance(one, Finding) or one.status != "found":
            continue
        name = one.about
        if one.quantity == TOLL and name in data.roles:
            more = one.estimate < 0.0
            lever = Lever("hours", name, by=1.0 if more else -1.0)
            said = f"an hour a week {'more' if more else 'less'} as “{name}”"
            found.append(Candidate(f"hours role:{name}", said, lever))
        elif one.quantity == ADDED and name in data.demands:
            said = f"one “{name}” a week less"
            found.append(Candidate(f"demands event:{name}", said, Lever("demands", name, by=-1.0)))
    for met in company.companies if isinstance(company, Shared) else ():
        if met.eases and met.contacts and may_be_met(met.attributes):
            share = carried_over(met.share, met.share_sd)
            lever = Lever("acts", met.contacts[0], by=1.0, share_eased=share)
            said = f"one planned occasion a week more with “{met.name}”"
            found.append(Candidate(f"acts contact:{met.contacts[0]}", said, lever))
    return tuple(found[:MOST_LEVERS])


def effects(
    timeline: Timeline, fitted: StrainPosterior, moved: Sequence[Candidate], looking: Looking
) -> list[dict[str, Any]]:
    """What each adds to mean strain over the horizon, in points with intervals; the one that lowers it most first."""
    if not moved:
        return []
    settings = Settings(draws=PATHS // PATHS_A_DRAW)
    begun = beginning(timeline, fitted, settings)
    if isinstance(begun, CannotSay):
        return []

    def mean_strain(levers: tuple[Lever, ...]) -> np.ndarray | None:
        rng = np.random.default_rng(looking.seed)
        paths: Paths | CannotSay = ahead(
            timeline, fitted, days=looking.days, n=PATHS, rng=rng, levers=levers, settings=settings, begun=begun
        )
        if isinstance(paths, CannotSay):
            return None
        of = paths.strain.mean(axis=1, dtype=np.float64)
        return np.bincount(paths.parameters_of, weights=of) / np.bincount(paths.parameters_of)

    base = mean_strain(())
    told = []
    for one in moved:
        with_it = mean_strain((one.lever,))
        if base is None or with_it is None:
            return []
        low, high = ends(with_it - base)
        told.append(
            {
                "lever": one.written,
                "said": one.said,
                "points": float((with_it - base).mean()),
                "low": float(low),
                "high": float(high),
            }
        )
    return sorted(told, key=lambda one: one["points"])
