"""Ways it could turn out, over simulated futures: which comes first, how likely each is, and the person's word on them.

Of several scenarios the first to be fulfilled is what happens; on one day, one that must not happen goes before the
others, then the one the person likes least, then the one that stands first on record. Where none is fulfilled within
the horizon it is *other*. What is so already when futures begin is left out: it is no future.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from mainstay.errors import BadRequest
from mainstay.futures.library import DAYS_OF_A_LIMIT, starting_set
from mainstay.futures.paths import Chance, Paths, Usual, Whole
from mainstay.futures.scenarios_chances import chances_of
from mainstay.futures.scenarios_days import Days, days_before, days_of, nothing_before
from mainstay.futures.scenarios_rules import Asked, Ground, OwnLimit, first_days, holding, holds_at_start
from mainstay.quantities import CannotSay, Instant
from mainstay.records.statements import Unread
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_preference import Preference, preference_of
from mainstay.records.statements_scenario import OTHER, Scenario, scenarios_of, with_starting_set
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

FEWEST_DAYS_FOR_A_LIMIT = 56
SELDOM = 0.01
"""A chance below this is smaller than a record of a year or two can tell."""


@dataclass(frozen=True, slots=True)
class OnRecord:
    """The scenarios that count by the timeline's date, what was left out, and what the person wants of them.

    `scenarios`: the person's own, then the starting set; their rank and what must not happen are those of the last
    preferences, where these have an order or name them. `other_rank`: where *other* stands in that order, if it does.
    `left_out`: by name of the starting set, why. `set_aside`: by name, why. `unknown`: names in the preferences that no
    scenario has. `unread`: statements that can't be read.
    """

    scenarios: tuple[Scenario, ...]
    preference: Preference | None
    other_rank: int | None
    left_out: Mapping[str, str]
    set_aside: Mapping[str, str]
    unknown: tuple[str, ...]
    unread: tuple[Unread, ...]


def on_record(timeline: Timeline) -> tuple[Scenario, ...]:
    """The scenarios that count: what the person wrote, then the starting set, with the person's order and must-nots."""
    return looked_up(timeline).scenarios


def looked_up(timeline: Timeline) -> OnRecord:
    """The same with all that goes with it.

    An order in the preferences takes the place of the ranks in scenario files, whole: who is not named there is
    unranked. A scenario must not happen where either file says so.
    """
    written, unread = scenarios_of(timeline)
    preference, unread_preferences = preference_of(timeline)
    limit = None if preference is None else preference.says.limit
    starting = starting_set(timeline, None if limit is None else limit.days)
    known = with_starting_set(written, starting.scenarios)
    set_aside = {one.name: one.says.set_aside for one in written if one.says.set_aside is not None}
    left_out = {name: why for name, why in starting.left_out.items() if folded(name) not in _names(written)}
    order = () if preference is None else preference.says.order
    forbidden = () if preference is None else preference.says.must_not
    there = _names(known) | {OTHER} | {folded(one) for one in (*left_out, *set_aside)}
    unknown = tuple(dict.fromkeys(one for one in (*order, *forbidden) if folded(one) not in there))
    if any(folded(one) == OTHER for one in forbidden):
        unknown = (*unknown, OTHER)
    ranks = {folded(name): rank for rank, name in enumerate(order, 1)}
    return OnRecord(
        scenarios=tuple(_as_wished(one, ranks, {folded(name) for name in forbidden}) for one in known),
        preference=preference,
        other_rank=ranks.get(OTHER),
        left_out=left_out,
        set_aside=set_aside,
        unknown=unknown,
        unread=(*unread, *unread_preferences),
    )


def _names(scenarios: Iterable[Scenario]) -> set[str]:
    return {folded(one.name) for one in scenarios}


def _as_wished(one: Scenario, ranks: Mapping[str, int], forbidden: set[str]) -> Scenario:
    rank = ranks.get(folded(one.name)) if ranks else one.says.preference
    return replace(
        one, says=replace(one.says, preference=rank, must_not=one.says.must_not or folded(one.name) in forbidden)
    )


def limit_of(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, preference: Preference | None = None
) -> OwnLimit | CannotSay:
    """The person's own limit of strain: as they wrote it, else the highest mean of any fourteen days on record.

    Refuses where no item is rated, where the limit written lies outside the item's scale, and to take one from a record
    of which less than eight weeks are known.
    """
    rated = timeline.ratings.get(timeline.anchor or "")
    if isinstance(fitted, CannotSay):
        return replace(fitted, row="S19", about="limit", quantity="own limit of strain")
    if fitted.data.anchor is None or rated is None:
        return _no_limit("no item is rated, so there is no scale to put a limit on", "check-ins on one item")
    item, wished = rated.item, None if preference is None else preference.says.limit
    if preference is not None and wished is not None:
        if not item.low <= wished.rating <= item.high:
            scale = f"the scale of “{item.name}” ({item.low:g} to {item.high:g})"
            why = f"the limit of {wished.rating:g} lies outside {scale}"
            return _no_limit(why, "a limit within the scale, in the preferences")
        return OwnLimit(wished.rating, wished.days, True, "as you wrote it down", preference.written.day_in_words)
    return _worst_fortnight(days_before(timeline, fitted), item.worse_sign, item.name)


def _worst_fortnight(days: Days, worse: int, name: str) -> OwnLimit | CannotSay:
    rating = np.zeros(0) if days.rating is None else worse * days.rating
    known = int(np.isfinite(rating).sum())
    if known < FEWEST_DAYS_FOR_A_LIMIT:
        return replace(
            _no_limit(
                "you have written no limit down, and the record is too short to take one from it",
                "a limit in the preferences, or more weeks on record",
            ),
            have=known,
            need=FEWEST_DAYS_FOR_A_LIMIT,
            unit="days on record",
        )
    means = np.convolve(rating, np.full(DAYS_OF_A_LIMIT, 1.0 / DAYS_OF_A_LIMIT), "valid")
    whole = means[np.isfinite(means)]
    if not len(whole):
        return _no_limit("no two weeks on end are on record to take a limit from", "a limit in the preferences")
    words = f"as high as the average of the worst two weeks on record on “{name}”"
    return OwnLimit(
        worse * float(whole.max()), DAYS_OF_A_LIMIT, False, words if worse > 0 else words.replace("high", "low")
    )


def _no_limit(reason: str, would_change: str) -> CannotSay:
    return CannotSay(reason, row="S19", about="limit", quantity="own limit of strain", would_change=would_change)


@dataclass(frozen=True, slots=True, eq=False)
class Partition:
    """Which scenario each future is. `names`: those in the race, in order on record, and *other* last.

    `which` (n,): index into `names`; `when` (n,): the day on which it is fulfilled, from 0, and `days` for *other*.
    `scenarios`: those in the race. `already`: names of what is so already. `left_out`: by name, why it can't be told.
    `never`: what next to no future holds and the record never held: how many days of it are known.
    """

    names: tuple[str, ...]
    which: Whole
    when: Whole
    days: int
    chances: Mapping[str, Chance]
    scenarios: tuple[Scenario, ...]
    already: tuple[str, ...] = ()
    left_out: Mapping[str, str] = field(default_factory=dict)
    never: Mapping[str, float] = field(default_factory=dict)


def partition(
    paths: Paths,
    scenarios: Sequence[Scenario],
    limit: OwnLimit | CannotSay,
    before: Days | None = None,
) -> Partition:
    """Split futures into what happens first in each.

    `before`: the record by days up to where futures begin (`scenarios_days.days_before`); without it windows look back
    no further than that, and nothing is told as being so already.
    """
    ground = Ground(nothing_before() if before is None else before, paths, paths.usual, limit, paths.slope)
    rules, racing, already, left_out = _ready(ground, scenarios)
    first = first_days(rules, paths.n, paths.days)
    which, when = _race(first, racing, paths.days)
    names = (*(one.name for one in racing), OTHER)
    hits = which[:, None] == np.arange(len(names))
    chances = dict(zip(names, chances_of(hits, paths.parameters_of), strict=True))
    never = {
        one.name: float(ground.before.known.sum())
        for one in racing
        if chances[one.name].mean < SELDOM and not _was_ever(ground, one)
    }
    return Partition(names, which, when, paths.days, chances, racing, already, left_out, never)


def _was_ever(ground: Ground, one: Scenario) -> bool:
    """Whether the record held it on any of its days."""
    if not ground.before.n:
        return False
    then = Ground(nothing_before(), ground.before, ground.usual, ground.limit, ground.slope)
    rule = [each for each in (then.asked(condition) for condition in one.conditions) if not isinstance(each, str)]
    return len(rule) == len(one.conditions) and bool(holding(rule).any())


def _ready(
    ground: Ground, scenarios: Sequence[Scenario]
) -> tuple[list[list[Asked]], tuple[Scenario, ...], tuple[str, ...], dict[str, str]]:
    """The rules of the scenarios in the race, those scenarios, the names of what is so already, what was left out."""
    if len(_names(scenarios)) < len(scenarios):
        raise BadRequest("two scenarios have the same name; name each once")
    rules, racing, already = [], [], []
    left_out: dict[str, str] = {}
    for one in scenarios:
        asked = [ground.asked(condition) for condition in one.conditions]
        refused = next((why for why in asked if isinstance(why, str)), None)
        rule = [each for each in asked if not isinstance(each, str)]
        if refused is not None:
            left_out[one.name] = refused
        elif holds_at_start(rule):
            already.append(one.name)
        else:
            rules.append(rule)
            racing.append(one)
    return rules, tuple(racing), tuple(already), left_out


def tie_order(scenarios: Sequence[Scenario]) -> Whole:
    """The place of each scenario (m,) where several are fulfilled on one day; the lowest is what happens.

    What must not happen comes first, then what is liked least, then what has no rank, each in order on record.
    """
    keys = [
        (not one.says.must_not, one.says.preference is None, -(one.says.preference or 0), at)
        for at, one in enumerate(scenarios)
    ]
    places = np.empty(len(keys), np.int64)
    places[[at for *_, at in sorted(keys)]] = np.arange(len(keys))
    return places


def _race(first: Whole, racing: Sequence[Scenario], days: int) -> tuple[Whole, Whole]:
    """Which comes first (n,), the number of scenarios for *other*, and when (n,)."""
    count = len(racing)
    if not count:
        n = first.shape[1]
        return np.zeros(n, np.int64), np.full(n, days, np.int64)
    order = tie_order(racing)
    winner = np.argmin(first * count + order[:, None], axis=0)
    when = first[winner, np.arange(first.shape[1])]
    return np.where(when < days, winner, count), when


def what_came(
    later: Timeline,
    begins: Instant,
    days: int,
    scenarios: Sequence[Scenario],
    limit: OwnLimit | CannotSay,
    *,
    usual: Usual,
    fitted: StrainPosterior | None = None,
) -> str | None:
    """Which of the scenarios came within so many days, by a record that goes on past where futures began.

    `scenarios`: those in the race (`Partition.scenarios`); `usual`: as of then; `fitted`: a fit of the later record,
    without which strain is not known. None where the record can't tell: too little of what would settle it is known.
    "other" where none came.
    """
    moment = begins.days_since(later.origin)
    back = max((one.days for each in scenarios for one in each.conditions), default=0)
    before, came = days_of(later, fitted, moment, back, 0), days_of(later, fitted, moment, 0, days)
    if came.rating is None:
        came = replace(came, rating=np.full(days, np.nan))
    rated = later.ratings.get(later.anchor or "")
    slope = 1.0 if rated is None else float(rated.item.worse_sign)
    ground = Ground(before, came, usual, limit, slope)
    asked = [[ground.asked(condition) for condition in one.conditions] for one in scenarios]
    if any(isinstance(each, str) for rule in asked for each in rule):
        return None
    rules = [[each for each in rule if not isinstance(each, str)] for rule in asked]
    at_latest = first_days(rules, 1, days)[:, 0]
    at_earliest = first_days(rules, 1, days, unknown=True)[:, 0]
    if (at_earliest == days).all():
        return OTHER
    order = tie_order(scenarios)
    at = int(np.argmin(at_latest * len(rules) + order))
    sooner = at_earliest * len(rules) + order < at_latest[at] * len(rules) + order[at]
    sooner[at] = False
    return None if at_latest[at] == days or sooner.any() else scenarios[at].name
