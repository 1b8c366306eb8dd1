"""What an option would move, by explanation: its levers as the record and each possible cause have them.

What planned time with somebody takes of the strain is not in the option's file: it is what the record says.

    a cause says that company of whom a is true restores, and a is true of them:   what such company has in common,
                                                      share_c = μ + δ_c,   μ ~ N(.4, .2²),  δ_c ~ N(0, .2²)
    any other cause, or one nobody listed:            their own past occasions, of which between nothing and all carries
                                                      over to a planned one: u y, u uniform in (0, 1), y shrunk to 0
    never met:                                        N(0, .2²)

(.4 and .2: the share that company which eases takes away, and its sd from one to another: `patterns.shared_shares`.)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mainstay.explanations.clauses_kinds import Compared
from mainstay.explanations.evidence_scored import Scored
from mainstay.explanations.explaining import Explained
from mainstay.explanations.weights import UNLISTED
from mainstay.futures.paths import Lever
from mainstay.options.limits import spoken_against
from mainstay.patterns.company import attributes_of
from mainstay.patterns.shared import Shared
from mainstay.patterns.shared_shares import EASING, EASING_SD, NOT_EASING_SD, Eased, Shares, shares
from mainstay.quantities import CannotSay
from mainstay.records.statements_hypothesis import folded, same_name
from mainstay.records.statements_option import Change, LeverKind, OptionFile, Target, target
from mainstay.strain.exposed import exposed
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

CARRIES_OVER, CARRIES_OVER_SD = 0.5, 12.0**-0.5
"""How much of what occasions did so far a planned one does: anything between nothing and all."""

NAMED_AS_ON_RECORD = "the names in its levers as they are on record"
ONE_WAY = "one lever for each thing it moves, or several that move it the same way"
Share = tuple[float, float]
NEVER_MET: Share = (0.0, EASING_SD)


@dataclass(frozen=True, slots=True)
class Standing:
    """Causes that say the same of company: their names, their weight together, and what they say restores.

    `restores`: the attribute of company as it is on record; None for all causes that name none, the unlisted one among
    them. `stands`: the records don't speak against all of them. `said`: the heaviest cause in the words it has on
    record; nothing for the unlisted one.
    """

    causes: tuple[str, ...]
    weight: float
    low: float
    high: float
    restores: str | None
    stands: bool
    said: str = ""

    @property
    def name(self) -> str:
        """How it is called: its heaviest cause."""
        return self.causes[0]


@dataclass(frozen=True, slots=True)
class Moved:
    """One lever with its range: `times` and `by` a week, each as low and high; the share that each act takes."""

    kind: LeverKind
    name: str
    times: tuple[float, float] = (1.0, 1.0)
    by: tuple[float, float] = (0.0, 0.0)
    share_eased: Share | None = None
    from_day: float = 0.0

    def at(self, place: float) -> Lever:
        """The lever at a place between the low end (0) and the high one (1)."""
        low, high = self.times, self.by
        return Lever(
            self.kind,
            self.name,
            low[0] + place * (low[1] - low[0]),
            high[0] + place * (high[1] - high[0]),
            self.share_eased,
            self.from_day,
        )

    @property
    def is_range(self) -> bool:
        """Whether its ends differ."""
        return self.times[0] != self.times[1] or self.by[0] != self.by[1]


@dataclass(frozen=True, slots=True)
class Followed:
    """An option as far as the record follows it: what it moves under each explanation, in their order.

    `unfollowed`: what it names that the record knows nothing of, or levers that contradict each other, each as a
    reason; it then can't be followed at all; `change`: what would change that.
    `notes`: what was filled in.
    """

    moves: tuple[tuple[Moved, ...], ...]
    unfollowed: tuple[str, ...] = ()
    change: str = ""
    notes: tuple[str, ...] = ()


def standings(explained: Explained | None) -> tuple[Standing, ...]:
    """The causes in groups that say the same of company, heaviest first. Without causes: the unlisted one alone."""
    if explained is None:
        return (Standing((UNLISTED,), 1.0, 1.0, 1.0, None, stands=True),)
    groups: dict[str | None, list[str]] = {}
    for weight in explained.weights:
        said = None if weight.name == UNLISTED else restored_by(explained.of(weight.name))
        groups.setdefault(said, []).append(weight.name)
    found = []
    for attribute, names in groups.items():
        weights = [explained.weight(name) for name in names]
        standing = [name for name in names if name == UNLISTED or not spoken_against(explained, explained.of(name))]
        others = [one for one in explained.weights if one.name not in names]
        low = max(sum(one.low for one in weights), 1.0 - sum(one.high for one in others), 0.0)
        high = min(sum(one.high for one in weights), 1.0 - sum(one.low for one in others), 1.0)
        middle = sum(one.weight for one in weights)
        found.append(
            Standing(
                tuple(names),
                middle,
                min(low, middle),
                max(high, middle),
                attribute,
                stands=bool(standing),
                said="" if names[0] == UNLISTED else explained.of(names[0]).hypothesis.says.cause,
            )
        )
    return tuple(sorted(found, key=lambda one: -one.weight))


def restored_by(one: Scored) -> str | None:
    """The attribute on record of which a cause says that company with it eases more, if it says so of one."""
    for seen in one.observed:
        if isinstance(seen.answered, Compared) and seen.left_open == {"more"}:
            return seen.answered.attribute
    return None


@dataclass(frozen=True, slots=True, eq=False)
class Met:
    """Who and what was met, and the share of strain each takes; `companies` (c) with the covariance (c, c)."""

    companies: tuple[Eased, ...] = ()
    covariance: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    events: Mapping[str, Share] = field(default_factory=dict)

    def of(self, name: str, restores: str | None) -> Share:
        """The share (mean, sd) that planned time with a contact takes, if this attribute is what restores.

        Company that has it and is known not to ease is an exception: there the own occasions count.
        """
        known = [i for i, one in enumerate(self.companies) if any(same_name(name, who) for who in one.contacts)]
        has = restores is not None and any(same_name(restores, one) for one in self.attributes.get(folded(name), ()))
        exception = bool(known) and all(self.companies[i].eases is False for i in known)
        return self.in_common(restores) if restores is not None and has and not exception else self._own(known)

    def with_attribute(self, attribute: str, restores: str | None) -> Share:
        """The same for anybody or anything of whom an attribute is true."""
        if restores is not None and same_name(attribute, restores):
            return self.in_common(restores)
        return self._own(self._having(attribute))

    def in_common(self, attribute: str) -> Share:
        """What company with an attribute takes, if that is what restores, of one of them on a planned occasion."""
        at = self._having(attribute)
        if not at:
            return EASING, math.hypot(EASING_SD, EASING_SD)
        total = self.covariance[np.ix_(at, at)] + EASING_SD**2 * np.eye(len(at))
        precision = np.linalg.inv(total)
        weight = float(precision.sum()) + EASING_SD**-2
        seen = precision @ np.array([self.companies[i].share for i in at])
        mean = (float(seen.sum()) + EASING / EASING_SD**2) / weight
        return mean, math.hypot(weight**-0.5, EASING_SD)

    def _having(self, attribute: str) -> list[int]:
        return [i for i, one in enumerate(self.companies) if any(same_name(attribute, name) for name in one.attributes)]

    def _own(self, at: Sequence[int]) -> Share:
        if not at:
            return NEVER_MET
        block = self.covariance[np.ix_(at, at)]
        precision = np.linalg.inv(block + NOT_EASING_SD**2 * np.eye(len(at)))
        weight = float(precision.sum())
        seen = precision @ np.array([self.companies[i].share for i in at])
        return carried_over(float(seen.sum()) / weight, weight**-0.5)


def carried_over(mean: float, sd: float) -> Share:
    """What a planned occasion takes, from what others took (mean, sd): shrunk to nothing, and some of it carried."""
    keep = EASING_SD**2 / (EASING_SD**2 + sd**2)
    mean, variance = keep * mean, keep * sd**2
    spread = (variance + mean**2) * (CARRIES_OVER**2 + CARRIES_OVER_SD**2) - (CARRIES_OVER * mean) ** 2
    return CARRIES_OVER * mean, math.sqrt(spread + NOT_EASING_SD**2)


def met(
    timeline: Timeline, fitted: StrainPosterior, options: Sequence[OptionFile], company: Shared | CannotSay | None
) -> Met:
    """What the record says of everybody and everything the options would plan time with. One refit where needed.

    `company`: what `patterns.shared.shared` gave, where it was worked out already.
    """
    wanted = [target(change.lever) for option in options for change in option.changes]
    names = {folded(name): frozenset(known) for name, known in attributes_of(timeline).items()}
    found: Shared | Shares | CannotSay | None = company
    if any(one.of in ("contact", "company") for one in wanted) and not isinstance(found, Shared):
        found = shares(timeline, fitted)
    seen = _events_seen(timeline, fitted, wanted)
    if isinstance(found, Shared | Shares):
        return Met(found.companies, found.covariance, names, seen)
    return Met(attributes=names, events=seen)


def _events_seen(timeline: Timeline, fitted: StrainPosterior, wanted: Sequence[Target]) -> dict[str, Share]:
    """The share that events which are no refuges of the fit's own take: of each that an option would plan."""
    asked = {on_record(one.name, timeline.events) for one in wanted if one.kind == "acts" and one.of == "event"}
    labels = [one for one in sorted(asked - {None}, key=str) if one is not None and one not in fitted.data.refuges]
    found: dict[str, Share] = {}
    seen = exposed(timeline, fitted, labels) if labels and fitted.data.readings else None
    for label in labels:
        found[label] = NEVER_MET
        if seen is not None and not isinstance(seen, CannotSay) and label in {one.label for one in seen.effects}:
            effect = seen.of(label)
            if effect.strain_before > 0.0:
                found[label] = carried_over(-effect.mean / effect.strain_before, effect.sd / effect.strain_before)
    return found


def on_record(name: str, known: Mapping[str, object] | Sequence[str]) -> str | None:
    """The name as it is on record, written however; None where it is not."""
    return next((one for one in known if same_name(one, name)), None)


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What options are read against: the record and its fit, who was met, and the explanations."""

    timeline: Timeline
    fitted: StrainPosterior
    met: Met
    causes: tuple[Standing, ...]


def followed(option: OptionFile, ground: Ground) -> Followed:
    """What an option moves under each explanation; what it names that is not on record is told in words."""
    unfollowed: list[str] = []
    notes: list[str] = []
    moves: list[list[Moved]] = [[] for _ in ground.causes]
    for change in option.changes:
        what = target(change.lever)
        if reason := _not_there(what, ground.timeline, ground.fitted) or _fewer(change, what, ground.fitted):
            unfollowed.append(reason)
            continue
        if note := _filled_in(what, ground.met):
            notes.append(note)
        for row, cause in zip(moves, ground.causes, strict=True):
            row.append(_moved(change, ground, cause.restores, 7.0 * option.after_weeks))
    would_change = [NAMED_AS_ON_RECORD] if unfollowed else []
    if against := _contradicting(option.changes):
        unfollowed += [f"it would make “{name}” both more and less" for name in against]
        would_change.append(ONE_WAY)
    return Followed(
        moves=tuple(tuple(row) for row in moves),
        unfollowed=tuple(dict.fromkeys(unfollowed)),
        change="; ".join(would_change),
        notes=tuple(dict.fromkeys(notes)),
    )


def _contradicting(changes: Sequence[Change]) -> tuple[str, ...]:
    """What two levers of one option move in opposite ways, whatever lies between their ends."""
    ways: dict[tuple[str, str], set[int]] = {}
    for change in changes:
        what = target(change.lever)
        low, high, still = (*change.times, 1.0) if change.times is not None else (*(change.by or (0.0, 0.0)), 0.0)
        way = -1 if high < still else 1 if low > still else 0
        ways.setdefault((what.kind, folded(what.name or what.of)), set()).add(way)
    return tuple(name for (_, name), told in ways.items() if {-1, 1} <= told)


def _not_there(what: Target, timeline: Timeline, fitted: StrainPosterior) -> str:
    """Why a lever can't be followed, in words; nothing where it can."""
    data = fitted.data
    if what.of == "self":
        return "" if any(one.is_self for one in timeline.roles) else "no role on record is said to be oneself"
    if what.of == "role":
        return _missing(what.name, {one.label for one in timeline.roles}, data.roles, "role")
    if what.kind == "demands":
        return _missing(what.name, {one.label for one in timeline.of_events("demand")}, data.demands, "demand")
    if what.kind == "opportunity":
        return _missing(what.name, {one.label for one in timeline.of_events("relief")}, data.refuges, "refuge")
    if what.of == "event" and on_record(what.name, timeline.events) is None:
        return f"no event “{what.name}” is on record"
    return ""


def _fewer(change: Change, what: Target, fitted: StrainPosterior) -> str:
    """Why fewer acts can't be followed: what was not sought by strain is not in the futures to be taken out of them."""
    less = (change.by is not None and change.by[0] < 0.0) or (change.times is not None and change.times[0] < 1.0)
    if what.kind != "acts" or not less or on_record(what.name, fitted.data.refuges) is not None:
        return ""
    return f"less of “{what.name}” than now can't be followed, only more"


def _missing(name: str, recorded: set[str], fitted: Sequence[str], what: str) -> str:
    if on_record(name, fitted) is not None:
        return ""
    if on_record(name, tuple(recorded)) is not None:
        return f"the {what} “{name}” was recorded too rarely to be followed"
    return f"no {what} “{name}” is on record"


def _filled_in(what: Target, known: Met) -> str:
    people = {folded(who) for one in known.companies for who in one.contacts}
    if what.of == "contact" and folded(what.name) not in people:
        return f"no time with “{what.name}” could be followed yet, so what it would ease is open"
    having = {folded(name) for one in known.companies for name in one.attributes}
    if what.of == "company" and folded(what.name) not in having:
        return f"nobody with “{what.name}” was met under strain yet, so what it would ease is open"
    return ""


def _moved(change: Change, ground: Ground, restores: str | None, from_day: float) -> Moved:
    what, known = target(change.lever), ground.met
    times, by = change.times or (1.0, 1.0), change.by or (0.0, 0.0)
    if what.of == "contact":
        return Moved("acts", what.name, times, by, known.of(what.name, restores), from_day)
    if what.of == "company":
        return Moved("acts", what.name, times, by, known.with_attribute(what.name, restores), from_day)
    if what.of == "self":
        return Moved(what.kind, "", times, by, None, from_day)
    if what.of == "role":
        return Moved(what.kind, on_record(what.name, ground.fitted.data.roles) or "", times, by, None, from_day)
    name = on_record(what.name, ground.timeline.events) or ""
    return Moved(what.kind, name, times, by, known.events.get(name), from_day)
