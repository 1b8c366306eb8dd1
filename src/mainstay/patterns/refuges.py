"""Where and when each refuge is sought, and which of them when strain is high (S10, in detail).

`mainstay.strain` tells how much oftener a refuge is sought at more strain, wherever one is. Here that hazard ratio is
taken apart, by the role one is in and by the part of the day, beside comparable hours of other weeks
(`patterns.refuges_moments`): refuges compete, each with a hazard of its own (cause-specific hazards; Prentice and
others 1978), and an act is an event that may recur. Rates by role count hours, not moments: what was not recorded, and
hours in which a refuge was impossible, are left out of the time at risk.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from functools import partial
from statistics import NormalDist
from typing import Any

import numpy as np

from mainstay.patterns.refuges_choice import choice_answer
from mainstay.patterns.refuges_moments import Beside, Ratios, Scene, beside, ratios, scene_of, why_no_pull
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.words import listed
from mainstay.strain.exposure import once
from mainstay.strain.judge import LEVEL, Z90, count_needed, counted
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.residuals import PARTS
from mainstay.strain.wording import number, place_of, times_as_often
from mainstay.timeline.kinds import Events, Floats, Timeline

FEWEST_IN_A_CELL = 10
"""Fewer acts in a role, or in a part of the day, say nothing of it by itself."""

MATERIAL_DIFFERENCE = math.log(2.0)
"""Sought under strain twice as much more often in one role as in another matters."""

NO_ROLE = "no role"
RATE = "times a week"
BY_ROLE = "hazard ratio per sixth of the scale, in one role against another"
BY_HOUR = "hazard ratio per sixth of the scale, in one part of the day against another"
METHOD = (
    "each time beside the same hour of the same weekday in other weeks of its block of about six, by strain foreseen "
    "from earlier check-ins, roles and demands: a stratified Poisson regression, its intervals by week"
)
METHOD_OF_RATES = "acts over the time at risk and on record in each role, intervals by week"


@dataclass(frozen=True, slots=True)
class Pull:
    """A log hazard ratio in one role or part of the day (`name`), its sd, and how many acts there were."""

    name: str
    mean: float
    sd: float
    n: int

    @property
    def told(self) -> bool:
        """Whether so many acts say anything of it."""
        return self.n >= FEWEST_IN_A_CELL

    @property
    def row(self) -> dict[str, Any]:
        """For the detail of an answer; without a ratio where that can't be told."""
        low, middle, high = (math.exp(self.mean + z * self.sd) for z in (-Z90, 0.0, Z90))
        ratio = {"ratio": middle, "low": low, "high": high} if self.told else {}
        return {"name": self.name, "n": self.n, **ratio}


@dataclass(frozen=True, slots=True)
class Apart:
    """Pulls by role or by part of the day, and of each its difference from the first, the commonest: mean and sd.

    `n`: the acts compared, of which one may be in two roles at once.
    """

    n: int
    pulls: tuple[Pull, ...]
    differences: tuple[tuple[Pull, float, float], ...]


def refuge_pattern_answers(timeline: Timeline, fitted: StrainPosterior) -> tuple[Answer, ...]:
    """S10 in detail: per refuge how often in each role, and whether strain's pull differs by role and by part of the

    day; then which is sought when strain is high. Refuges that the fit leaves out are left to its own answers.
    """
    if not fitted.data.refuges:
        return ()
    scene = scene_of(once(timeline), fitted)
    found: list[Answer] = []
    for label in fitted.data.refuges:
        found += [_rates(scene, label), *_pulls(scene, label)]
    choice = choice_answer(scene)
    return tuple(found) if choice is None else (*found, choice)


def _pulls(scene: Scene, label: str) -> tuple[Answer, ...]:
    """By role, where there are roles, and by part of the day; one refusal where strain is not shown to pull at all."""
    data = scene.fitted.data
    n = int(data.act_counts[data.refuges.index(label)])
    if why := why_no_pull(scene.fitted, label):
        return (
            CannotSay(
                f"{why}, so neither can it be told in which role or at which hours it does",
                row="S10",
                about=label,
                quantity=BY_ROLE,
                n=n,
                method=METHOD,
            ),
        )
    one = beside(scene, scene.acts(label))
    by_role = (_told(scene, label, pulls_by_role(scene, one), BY_ROLE, "role"),) if len(scene.roles) else ()
    return (*by_role, _told(scene, label, pulls_by_hour(scene, one), BY_HOUR, "part of the day"))


def pulls_by_role(scene: Scene, one: Beside) -> Apart:
    """The pull in each role and in none, beside what each role by itself does to the rate."""
    columns = np.concatenate([one.strain[None], one.strain * one.roles, one.roles])
    found = ratios(one, columns)
    inside = one.at_own(np.moveaxis(one.roles, 0, -1)) >= 0.5
    names = (NO_ROLE, *scene.fitted.data.roles)
    picks = np.zeros((len(names), len(columns)))
    picks[:, 0] = 1.0
    picks[1:, 1 : len(names)] = np.eye(len(names) - 1)
    return _apart(
        len(one.own), found, names, picks, np.concatenate([[(~inside.any(axis=1)).sum()], inside.sum(axis=0)])
    )


def pulls_by_hour(scene: Scene, one: Beside) -> Apart:
    """The pull in each part of the day; the part is that of all moments an event is compared with."""
    part = np.minimum((one.hours * (len(PARTS) / 24.0)).astype(np.int64), len(PARTS) - 1)
    inside = part == np.arange(len(PARTS))[:, None]
    columns = np.concatenate([one.strain * inside[:, :, None], one.roles])
    found = ratios(one, columns)
    picks = np.eye(len(PARTS), len(columns))
    return _apart(len(one.own), found, PARTS, picks, inside.sum(axis=1))


def _apart(n: int, found: Ratios, names: tuple[str, ...], picks: Floats, counts: Floats) -> Apart:
    order = np.argsort(-counts, kind="stable")
    pulls = [Pull(names[i], float(picks[i] @ found.mean), found.sd(picks[i]), int(counts[i])) for i in order]
    apart = [picks[i] - picks[order[0]] for i in order]
    differences = [
        (pull, float(way @ found.mean), found.sd(way)) for pull, way in zip(pulls, apart, strict=True) if pull.told
    ]
    return Apart(n, tuple(pulls), tuple(differences[1:]))


def _told(scene: Scene, label: str, apart: Apart, quantity: str, what: str) -> Answer:
    """Whether strain's pull differs: found, shown not to matter, or not to be told yet."""
    told = [one for one in apart.pulls if one.told]
    detail = {"pulls": [one.row for one in apart.pulls], "level": LEVEL}
    refuse = partial(CannotSay, row="S10", about=label, quantity=quantity, n=apart.n, method=METHOD, detail=detail)
    if len(told) < 2:
        return refuse(
            f"“{label}” came too seldom in more than one {what} to compare what strain does there",
            have=sorted(one.n for one in apart.pulls)[-2],
            need=FEWEST_IN_A_CELL,
            unit=f"occasions in a second {what}",
        )
    line = NormalDist().inv_cdf(1.0 - 0.05 / len(scene.fitted.data.refuges) / len(apart.differences))
    other, mean, sd = max(apart.differences, key=lambda one: abs(one[1]) / one[2])
    differs = abs(mean) > line * sd
    shown = f"at {scene.fitted.data.one_step} more it comes"
    if not differs and any(abs(one) + Z90 * its >= MATERIAL_DIFFERENCE for _, one, its in apart.differences):
        widest = max(its for _, _, its in apart.differences)
        return refuse(
            f"whether “{label}” goes with strain more in one {what} than in another can't be told yet: "
            f"{shown} {_listed(told)} so far",
            **counted(apart.n, count_needed(apart.n, widest, MATERIAL_DIFFERENCE), "times"),
            would_change=f"more occasions of “{label}”, and check-ins shortly before them",
        )
    how = f"more in one {what} than in another" if differs else f"about alike in each {what} that can be told"
    return Finding(
        row="S10",
        about=label,
        status="found" if differs else "not_found",
        claim=f"“{label}” goes with strain {how}: {shown} {_listed(told, ends=True)}.",
        quantity=quantity,
        estimate=math.exp(mean),
        interval=Interval(math.exp(mean - Z90 * sd), math.exp(mean + Z90 * sd), LEVEL),
        unit="times",
        n=apart.n,
        method=METHOD,
        evidence=(place_of(scene.timeline), f"{apart.n} occasions"),
        assumptions=("beyond strain, hours, weekday and role, nothing decides when it comes",),
        would_change=f"more occasions of “{label}” in each {what}",
        detail={**detail, "against": [other.name, apart.pulls[0].name]},
    )


def _listed(told: list[Pull], *, ends: bool = False) -> str:
    """'2.4 times as often in no role and 2.1 times in “rescuer”', with the ends of the intervals if asked."""
    parts = []
    for i, one in enumerate(told):
        low, middle, high = (math.exp(one.mean + z * one.sd) for z in (-Z90, 0.0, Z90))
        often = f"{number(middle)} times" + (" as often" if i == 0 else "")
        parts.append(f"{often} {_place(one.name)}" + (f" ({number(low)} to {number(high)})" if ends else ""))
    return listed(parts)


def _place(name: str) -> str:
    return name if name in PARTS else f"in {name}" if name == NO_ROLE else f"in “{name}”"


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a refuge came in one role: acts, times a week with 90 % ends, and the hours a week in that role."""

    name: str
    n: int
    a_week: float
    low: float
    high: float
    hours_a_week: float


def rates_by_role(scene: Scene, label: str) -> tuple[Rate, ...]:
    """Rates in all, in no role and in each role, corrected for what was not recorded or not possible.

    In all alone where the time of day is mostly not known.
    """
    acts, grid = scene.acts(label), scene.grid
    at = scene.interval(acts.times)
    seen = scene.seen(acts) * grid.dt
    known = np.where(grid.unknown, 0.0, grid.dt)
    week = np.floor(grid.middles / 7.0).astype(np.int64)
    weeks = int(week.max(initial=0)) + 1
    none = np.clip(1.0 - scene.roles.sum(axis=0), 0.0, 1.0)
    rows = {"": np.ones(len(none)), NO_ROLE: none, **dict(zip(scene.fitted.data.roles, scene.roles, strict=True))}
    if label in scene.fitted.data.vague:
        rows = {"": rows[""]}
    found = []
    for name, inside in rows.items():
        at_risk, share = float((seen * inside).sum()), float((known * inside).sum() / max(known.sum(), 1e-9))
        n = float(inside[at].sum())
        rate = n / max(at_risk, 1e-9)
        left = np.bincount(week[at], inside[at], weeks) - rate * np.bincount(week, seen * inside, weeks)
        spread = math.sqrt(max(float(left @ left) * weeks / max(weeks - 1, 1), n, 1.0)) / max(n, 1.0)
        a_week = 7.0 * rate * share
        low, high = (a_week * math.exp(z * spread) for z in (-Z90, Z90))
        found.append(Rate(name, round(n), a_week, low, high, 168.0 * share))
    return tuple(found)


def _rates(scene: Scene, label: str) -> Answer:
    whole, *parts = rates_by_role(scene, label)
    told = sorted((one for one in parts if one.n >= FEWEST_IN_A_CELL), key=lambda one: -one.a_week)
    seldom = [one for one in parts if 0 < one.n < FEWEST_IN_A_CELL]
    claim = f"“{label}” came {number(whole.a_week)} times a week"
    if len(parts) > 1 and told:
        claim += ": " + ", ".join(f"{number(one.a_week)} {_place(one.name)}" for one in told)
        few = " and ".join(f"{_place(one.name)} ({one.n})" for one in seldom)
        claim += f", and too seldom {few} to say" if few else ""
    beside_none = beside_no_role(scene, scene.acts(label))
    line = NormalDist().inv_cdf(1.0 - 0.05 / max(len(scene.roles), 1) / len(scene.fitted.data.refuges))
    clear = [one for one in beside_none if abs(one.mean) > line * one.sd]
    if clear:
        most = max(clear, key=lambda one: abs(one.mean) / one.sd)
        often = times_as_often(math.exp(most.mean))
        claim += f"; at the same hour and the same strain it comes {often} in “{most.name}” as in no role"
    return Finding(
        row="S10",
        about=label,
        status="found",
        claim=claim + ".",
        quantity="rate by role",
        estimate=whole.a_week,
        interval=Interval(whole.low, whole.high, LEVEL),
        unit=RATE,
        n=whole.n,
        method=METHOD_OF_RATES,
        evidence=(place_of(scene.timeline), f"{whole.n} occasions"),
        assumptions=("what was not recorded came at the same rate as what was, in the same role",),
        would_change=f"hours at which “{label}” was impossible, if they were logged",
        detail={
            "roles": [asdict(one) for one in parts if one.hours_a_week > 0.0],
            "beside_no_role_at_the_same_strain": [one.row for one in beside_none],
        },
    )


def beside_no_role(scene: Scene, acts: Events) -> tuple[Pull, ...]:
    """What being in a role by itself does to the log rate, at the same hour and the same strain, against no role.

    Only of roles in which ten acts were, or would have been if they came there as in other weeks. `n`: acts there.
    """
    if acts.label in scene.fitted.data.vague or not scene.fitted.data.readings:
        return ()
    one = beside(scene, acts)
    found = ratios(one, np.concatenate([one.strain[None], one.roles]))
    share = one.weights / one.weights.sum(axis=1, keepdims=True)
    rows = []
    for i, name in enumerate(scene.fitted.data.roles):
        n = int((one.at_own(one.roles[i]) >= 0.5).sum())
        if max(n, float((share * one.roles[i]).sum())) >= FEWEST_IN_A_CELL:
            rows.append(Pull(name, *found.one(1 + i), n))
    return tuple(rows)
