"""How much of the strain each company eases at once, and how sure that is: what attributes are then held against.

The company (a person, several at once, a place, an activity) is the unit, not the event. Refuges that the model follows
by themselves give their share as fitted; all else gives it by its jump (`strain.exposed`), as a share of the strain on
arriving. One refit serves all of them, so that their errors come with their correlations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.patterns.company import Company, by_company
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.criticise import shown_by_ratings, strain_at_acts
from mainstay.strain.data import FEWEST_ACTS
from mainstay.strain.exposed import EITHER_WAY, Exposed, exposed
from mainstay.strain.judge import normal_cdf
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.refuges import LEAST_STRAIN_AT_ACTS, MATERIAL_SHARE
from mainstay.timeline.kinds import Events, Timeline

Floats = NDArray[np.float64]

MATERIAL = MATERIAL_SHARE / 100.0
LITTLE = 0.25
"""Company that leaves three quarters of the strain or more does not ease it, where it is no likelier to than not."""

SURE = 0.90
EASING, EASING_SD = 0.4, 0.2
"""The share that company which eases takes away, and its sd from one to another."""

NOT_EASING_SD = 0.05
STRAINING, STRAINING_SD, STRAINING_CHANCE = -0.2, 0.2, 0.2
"""Company that doesn't ease leaves strain as it was, or, one in five, adds to it."""

LEAST_SHARE_SD = 0.01
HALF_A_DAY = 0.25
MOST_PARTS = 40
NOT_LOOKED_AT = {
    "demand": "noted as what strains",
    "slip": "noted as what went wrong",
    "control": "noted as having nothing to do with strain",
}
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(15)
DIFFERENT_BEYOND_CHANCE = 2.5758293035489004
"""Labels of one contact differ where their shares lie this many sds apart (one pair in a hundred by chance)."""


@dataclass(frozen=True, slots=True)
class Part:
    """The events of one label in one company: share of strain eased at once (mean, sd), from n events."""

    label: str
    event: str
    n: int
    share: float
    share_sd: float
    strain_before: float


@dataclass(frozen=True, slots=True)
class Eased:
    """One company: who or what, under which labels, how often, and the share of strain it eases at once (mean, sd).

    `strain_before`: mean strain above rest on arriving, in points. `attributes`: each with when it became known of
    them; `since`: of each, the number of events after that. `first_met`: the first event on record. `labels_differ`:
    the parts differ beyond chance.
    """

    name: str
    contacts: tuple[str, ...]
    events: tuple[str, ...]
    n: int
    share: float
    share_sd: float
    strain_before: float
    attributes: Mapping[str, Instant]
    since: Mapping[str, int]
    first_met: Instant
    parts: tuple[Part, ...]
    labels_differ: bool

    @property
    def eases(self) -> bool | None:
        """Whether it eases (True) or takes little or nothing of the strain (False); None where that is open."""
        easing, not_easing = log_likelihoods(np.array([self.share]), np.array([self.share_sd]))
        odds = float(easing[0] - not_easing[0])
        if odds >= math.log(SURE / (1.0 - SURE)):
            return True
        little = normal_cdf((LITTLE - self.share) / self.share_sd) >= SURE
        return False if odds < 0.0 and little else None


def log_likelihoods(shares: Floats, sds: Floats, easing_sd: float = EASING_SD) -> tuple[Floats, Floats]:
    """The log densities (c,) of shares told with these sds, of company that eases and of company that doesn't."""
    easing = _log_density(shares, EASING, np.hypot(sds, easing_sd))
    not_easing: Floats = np.logaddexp(
        math.log1p(-STRAINING_CHANCE) + _log_density(shares, 0.0, np.hypot(sds, NOT_EASING_SD)),
        math.log(STRAINING_CHANCE) + _log_density(shares, STRAINING, np.hypot(sds, STRAINING_SD)),
    )
    return easing, not_easing


def _log_density(values: Floats, mean: float, sd: Floats) -> Floats:
    density: Floats = -0.5 * ((values - mean) / sd) ** 2 - np.log(sd) - 0.5 * math.log(2.0 * math.pi)
    return density


@dataclass(frozen=True, slots=True, eq=False)
class Shares:
    """All companies (c), the covariance of their shares (c, c), what was left out and why, and the fit behind it."""

    companies: tuple[Eased, ...]
    covariance: Floats
    left_out: Mapping[str, str]
    method: str


def shares(timeline: Timeline, fitted: StrainPosterior) -> Shares | CannotSay:
    """The share of strain that each company eases at once. Refuses what has no check-ins or no company.

    Left out: demands, slips and controls; what is noted by the day only; company met in calm, where there is no share
    to ease; a refuge whose relief the check-ins around it do not show.
    """
    split, parts = by_company(timeline)
    left_out: dict[str, str] = {}
    kept: list[Company] = []
    for part in sorted(parts, key=lambda one: -len(split.events[one.label].times)):
        if why := _unusable(split.events[part.label]):
            left_out[part.label] = why
        elif len(kept) == MOST_PARTS:
            left_out[part.label] = f"only the {MOST_PARTS} met most often are looked at"
        else:
            kept.append(part)
    if not kept:
        return CannotSay(
            "of nobody and nothing that was met is any attribute on record",
            quantity="share of the strain eased",
            would_change="a contact file: who and what is met, and what is true of them",
        )
    found = _refit(split, fitted, kept)
    if isinstance(found, CannotSay):
        return found
    kept = [one for one in kept if _in_the_fit(found, one.label, left_out)]
    if not kept:
        return _MET_UNSEEN
    rows, covariance = _parts(split, found, kept)
    usable = [i for i, row in enumerate(rows) if _shown(split, found, row, left_out)]
    if not usable:
        return _MET_UNSEEN
    companies, pooled = _pooled(
        timeline, [kept[i] for i in usable], [rows[i] for i in usable], covariance[np.ix_(usable, usable)], split
    )
    return Shares(companies, pooled, left_out, found.posterior.method)


_MET_UNSEEN = CannotSay(
    "none of those whose attributes are on record was met under strain that could be followed",
    quantity="share of the strain eased",
    would_change="check-ins shortly before and after meeting them",
)


def _in_the_fit(found: Exposed, label: str, left_out: dict[str, str]) -> bool:
    there = label in found.posterior.data.refuges or label in {one.label for one in found.effects}
    if not there:
        left_out[label] = "noted by the day only"
    return there


def _unusable(events: Events) -> str:
    if events.is_ in NOT_LOOKED_AT:
        return NOT_LOOKED_AT[events.is_]
    if float(np.median(events.half_widths)) > HALF_A_DAY:
        return "its time of day is not on record"
    return ""


def _refit(split: Timeline, fitted: StrainPosterior, kept: Sequence[Company]) -> Exposed | CannotSay:
    """The fit with a term for every company that is no refuge of the model's own."""
    refuges = {one.label for one in split.of_events("relief") if len(one.times) >= FEWEST_ACTS}
    return exposed(split, fitted, [one.label for one in kept if one.label not in refuges])


def _parts(split: Timeline, found: Exposed, kept: Sequence[Company]) -> tuple[list[Part], Floats]:
    """Every part's share and the covariance of the shares (m, m), from the likelihood without the exposures' prior."""
    posterior = found.posterior
    unit, at_acts = posterior.data.unit, strain_at_acts(posterior)
    effects = {one.label: one for one in found.effects}
    refuge = np.array([one.label not in effects for one in kept])
    at = [
        posterior.coordinates.index("efficacy" if own else "demand", one.label)
        for one, own in zip(kept, refuge, strict=True)
    ]
    mean, covariance = _without_prior(posterior.mean[at], posterior.covariance[np.ix_(at, at)], refuge)
    sd = np.sqrt(np.diag(covariance))
    rows, share_sd = [], np.empty(len(kept))
    for i, one in enumerate(kept):
        n = len(split.events[one.label].times)
        if refuge[i]:
            values = 1.0 / (1.0 + np.exp(-(mean[i] + sd[i] * NODES)))
            weights = WEIGHTS / WEIGHTS.sum()
            share = float(values @ weights)
            share_sd[i] = math.sqrt(max(float((values - share) ** 2 @ weights), LEAST_SHARE_SD**2))
            before = unit * at_acts[one.label]
        else:
            before = effects[one.label].strain_before
            steps = max(before / unit, 1e-3)
            share, share_sd[i] = -float(mean[i]) / steps, float(sd[i]) / steps
        rows.append(Part(one.label, one.event, n, share, float(share_sd[i]), before))
    signed = np.where(refuge, 1.0, -1.0) * share_sd / sd
    return rows, covariance * np.outer(signed, signed)


def _without_prior(mean: Floats, covariance: Floats, refuge: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Mean and covariance without the exposures' own prior N(0, 1.5²): it draws rare company towards nothing."""
    precision = np.linalg.inv(covariance)
    alone = precision - np.diag(np.where(refuge, 0.0, EITHER_WAY[1] ** -2.0))
    lowest = float(np.linalg.eigvalsh(alone)[0])
    if lowest <= 0.0:  # company that the check-ins say nothing of
        alone += np.eye(len(mean)) * (1e-4 - lowest)
    freed = np.linalg.inv(alone)
    return freed @ precision @ mean, freed


def _shown(split: Timeline, found: Exposed, row: Part, left_out: dict[str, str]) -> bool:
    data = found.posterior.data
    if row.strain_before < LEAST_STRAIN_AT_ACTS * data.unit:
        left_out[row.label] = "met in calm: there is no strain of which a share could be eased"
    elif row.label in data.refuges and row.share > MATERIAL and not shown_by_ratings(split, data, row.label, -1):
        left_out[row.label] = "the check-ins around it do not show what the whole record says it eases"
    return row.label not in left_out


def _pooled(
    timeline: Timeline, kept: Sequence[Company], rows: Sequence[Part], covariance: Floats, split: Timeline
) -> tuple[tuple[Eased, ...], Floats]:
    """One contact counts once, under however many labels: parts of like attributes are pooled by their precision."""
    groups: dict[tuple[object, frozenset[str]], list[int]] = {}
    for i, one in enumerate(kept):
        groups.setdefault((one.contacts or one.event, frozenset(one.attributes)), []).append(i)
    weights = np.zeros((len(groups), len(kept)))
    for row, at in enumerate(groups.values()):
        inverse = np.linalg.inv(covariance[np.ix_(at, at)])
        weights[row, at] = inverse.sum(axis=0) / inverse.sum()
    pooled = weights @ covariance @ weights.T
    names = [kept[at[0]].name for at in groups.values()]
    companies = []
    for row, (name, at) in enumerate(zip(names, groups.values(), strict=True)):
        parts = tuple(rows[i] for i in at)
        n = np.array([part.n for part in parts])
        times = np.sort(np.concatenate([split.events[part.label].times for part in parts]))
        known = _first_known([kept[i] for i in at])
        events = tuple(dict.fromkeys(part.event for part in parts))
        apart = np.array([[a.share - b.share for a in parts] for b in parts])
        spread = np.diag(covariance)[at][:, None] + np.diag(covariance)[at] - 2.0 * covariance[np.ix_(at, at)]
        companies.append(
            Eased(
                name=name if names.count(name) == 1 else f"{name} ({', '.join(events)})",
                contacts=kept[at[0]].contacts,
                events=events,
                n=int(n.sum()),
                share=float(weights[row, at] @ [part.share for part in parts]),
                share_sd=math.sqrt(float(pooled[row, row])),
                strain_before=float(n @ [part.strain_before for part in parts]) / float(n.sum()),
                attributes=known,
                since={one: int((times > day.days_since(timeline.origin)).sum()) for one, day in known.items()},
                first_met=timeline.instant(float(times[0])),
                parts=parts,
                labels_differ=bool((np.abs(apart) > DIFFERENT_BEYOND_CHANCE * np.sqrt(np.maximum(spread, 1e-9))).any()),
            )
        )
    return tuple(companies), pooled


def _first_known(parts: Sequence[Company]) -> dict[str, Instant]:
    known: dict[str, Instant] = {}
    for part in parts:
        for name, day in part.attributes.items():
            known[name] = min(day, known.get(name, day))
    return known
