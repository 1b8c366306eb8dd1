"""How it could turn out, in sentences (S19): on the whole, each scenario, how urgent it is, and what can't be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mainstay.futures.library import OWN_LIMIT_COUNTS
from mainstay.futures.paths import Chance, Paths
from mainstay.futures.scenarios import OnRecord, Partition
from mainstay.futures.scenarios_rules import OwnLimit
from mainstay.futures.urgency import Urgency
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_scenario import OTHER, Scenario
from mainstay.records.words import counted, quoted
from mainstay.strain.wording import number

ROW = "S19"
WHOLE, SCENARIO, LIMIT = "futures", "chance of scenario", "own limit"
UNIT = "share of futures"
METHOD = "simulated futures from draws of the strain model and the person's own weeks; intervals by variance components"
NOT_SHOWN = "How it could turn out is not shown."
NOT_SHOWN_LIMIT = "How soon strain could pass a limit is not shown."
WHAT_COMES = "what comes, and what is done about it"
NEAR_FUTURE = 28
TAIL = 0.05
NOT_MISSED = (OWN_LIMIT_COUNTS,)
"""Why something is left out that nobody need be told: it is there in another form."""

ASSUMPTIONS = ("the range of a chance is what the record leaves open about the person; a wrong model is not in it",)
UNTESTED = "these forecasts have not been held against the person's own past"
TESTED = "held against the person's own past over days to four weeks; what lies further ahead rests on the model"


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """What the sentences of one forecast share. `withheld`: why no number is shown, "" where it is; `n`: records.

    `tested`: whether they were held against the past, as an assumption.
    """

    paths: Paths
    split: Partition
    known: OnRecord
    place: str
    n: int
    withheld: str
    tested: str

    @property
    def by(self) -> str:
        """The end of the horizon: "by 7 October 2025"."""
        return f"by {self.paths.begins.plus_days(self.paths.days).day_in_words}"

    def when(self) -> dict[str, Any]:
        """From when on and how far, for other programs."""
        return {"begins": str(self.paths.begins), "horizon_days": self.paths.days}

    def shown(self, claim: str) -> str:
        """The claim, or that it is not shown."""
        return NOT_SHOWN if self.withheld else claim

    def finding(
        self, about: str, quantity: str, claim: str, chance: Chance, *, would_change: str, detail: Mapping[str, Any]
    ) -> Finding:
        """A forecast with its chance; or, where it is withheld, with no number but those of anything at all."""
        shown = not self.withheld
        return Finding(
            row=ROW,
            about=about,
            status="found" if shown else "withheld",
            claim=claim,
            quantity=quantity,
            estimate=chance.mean if shown else 0.5,
            interval=Interval(chance.low, chance.high, chance.level) if shown else Interval(0.0, 1.0, chance.level),
            unit=UNIT,
            n=self.n,
            method=METHOD,
            evidence=(self.place,),
            assumptions=(*self.paths.assumptions, *ASSUMPTIONS, self.tested),
            would_change=would_change,
            reason=self.withheld,
            detail={**self.when(), **detail},
        )


def in_100(chance: Chance) -> str:
    """A chance with its range as a person would say it: "about 12 in 100 futures (5 to 22)"."""
    low, high = 100.0 * chance.low, 100.0 * chance.high
    if chance.mean < 0.005:
        return "less than 1 in 100 futures" + (f" (at most {high:.0f})" if high >= 1.5 else "")
    if chance.mean > 0.995:
        return "more than 99 in 100 futures" + (f" (at least {low:.0f})" if low < 98.5 else "")
    between = "" if f"{low:.0f}" == f"{high:.0f}" else f" ({low:.0f} to {high:.0f})"
    return f"about {100.0 * chance.mean:.0f} in 100 futures{between}"


def on_the_whole(told: Told, fan: Mapping[str, Any]) -> Finding:
    """Which is likeliest by the end of the horizon, with the fan of strain and the chances of all."""
    split = told.split
    likeliest = max(split.names, key=lambda name: split.chances[name].mean)
    chance = split.chances[likeliest]
    what = (
        "likeliest is that none of the ways on record comes about"
        if likeliest == OTHER
        else f"“{likeliest}” is the likeliest to come first"
    )
    known = told.known
    ranked = sorted(_ranks(told).items(), key=lambda one: one[1])
    detail: dict[str, Any] = {
        "order": [name for name, _ in ranked],
        "must_not": [one.name for one in known.scenarios if one.says.must_not],
        "set_aside": dict(known.set_aside),
        "already": list(split.already),
        "left_out": {**known.left_out, **split.left_out},
        "futures": told.paths.n,
        "draws": len(set(told.paths.parameters_of.tolist())),
    }
    if not told.withheld:
        detail |= {"likeliest": likeliest, "chances": {name: _range(split.chances[name]) for name in split.names}}
        detail |= {"fan": dict(fan)}
    claim = told.shown(f"{told.by[0].upper()}{told.by[1:]}, {what}: {in_100(chance)}.")
    return told.finding(WHOLE, "likeliest way it turns out", claim, chance, would_change=_wishes(told), detail=detail)


def _wishes(told: Told) -> str:
    if told.known.preference is None:
        return (
            "what comes; and which of these you would like best and what must not happen, written down as preferences"
        )
    return WHAT_COMES


def _ranks(told: Told) -> dict[str, int]:
    ranks = {one.name: one.says.preference for one in told.known.scenarios}
    if told.known.other_rank is not None:
        ranks[OTHER] = told.known.other_rank
    return {name: rank for name, rank in ranks.items() if rank is not None}


def _range(chance: Chance) -> dict[str, float]:
    return {"chance": chance.mean, "low": chance.low, "high": chance.high, "level": chance.level}


def of_each(told: Told) -> tuple[Finding, ...]:
    """One answer for each scenario in the race, and one for *other*."""
    found = [_of_one(told, one) for one in told.split.scenarios]
    return (*found, _of_other(told))


def _of_one(told: Told, one: Scenario) -> Finding:
    chance = told.split.chances[one.name]
    claim = f"“{one.name}” comes first {told.by} in {in_100(chance)}."
    never = told.split.never.get(one.name)
    if never is not None:
        weeks = counted(max(int(never // 7), 1), "week")
        claim = f"{claim[:-1]}; it never did in the {weeks} on record, too few to tell a chance as small as that."
    detail = {
        "rank": one.says.preference,
        "must_not": one.says.must_not,
        "words": one.says.words or "",
        "rule": one.says.rule,
        "worth": None if one.says.worth is None else list(one.says.worth),
        "starting_set": one.written is None,
        **({} if never is None or told.withheld else {"at_most_by_record": _at_most(never, told.paths.days)}),
        **_times(told, one.name),
    }
    return told.finding(one.name, SCENARIO, told.shown(claim), chance, would_change=WHAT_COMES, detail=detail)


def _at_most(never: float, days: int) -> float:
    """The chance within so many days of what never came in so many known, at most, at 95 % (the rule of three)."""
    return float(1.0 - TAIL ** (days / max(never, 1e-9)))


def _of_other(told: Told) -> Finding:
    chance = told.split.chances[OTHER]
    claim = f"None of these comes about {told.by} in {in_100(chance)}."
    detail = {"rank": told.known.other_rank, "must_not": False, "words": "", "rule": ""}
    would = "another way it could turn out, written down as a scenario"
    return told.finding(OTHER, SCENARIO, told.shown(claim), chance, would_change=would, detail=detail)


def _times(told: Told, name: str) -> dict[str, Any]:
    """When, if it comes: by which day half of the futures in which it does, and the middle 80 % of them."""
    split = told.split
    when = sorted((split.when[split.which == split.names.index(name)] + 1).tolist())
    if told.withheld or not when:
        return {"median_day": None}
    first, middle, last = (when[round(share * (len(when) - 1))] for share in (0.1, 0.5, 0.9))
    return {"median_day": middle, "days_80": [first, last]}


def of_the_limit(told: Told, urgency: Urgency | CannotSay) -> Answer:
    """How soon the own limit could be reached."""
    if isinstance(urgency, CannotSay):
        return urgency
    limit = limit_detail(urgency.limit)
    if urgency.already:
        return _reached(told, urgency, limit)
    at_the_end = urgency.within[urgency.days]
    detail: dict[str, Any] = {"limit": limit}
    if not told.withheld:
        left = urgency.left
        detail |= {
            "median_day": urgency.median_day,
            "within": {str(days): _range(chance) for days, chance in urgency.within.items()},
            "survival": {
                "days": list(left),
                "share": [one.mean for one in left.values()],
                "low": [one.low for one in left.values()],
                "high": [one.high for one in left.values()],
                "level": at_the_end.level,
            },
        }
    claim = NOT_SHOWN_LIMIT if told.withheld else _how_soon(told, urgency)
    would = WHAT_COMES if urgency.limit.own else "a limit of your own, in the preferences"
    return told.finding(LIMIT, "time to the limit", claim, at_the_end, would_change=would, detail=detail)


def _how_soon(told: Told, urgency: Urgency) -> str:
    at_the_end, near = urgency.within[urgency.days], urgency.within.get(NEAR_FUTURE)
    days = counted(urgency.limit.days, "day")
    what = (
        "Your limit of strain is reached"
        if urgency.limit.own
        else f"A stretch of {days} with more strain than any on record comes"
    )
    soon = ""
    if near is not None and at_the_end.mean >= 0.005:
        soon = f"; within {counted(NEAR_FUTURE // 7, 'week')} in {in_100(near)}"
    if urgency.median_day is not None:
        day = told.paths.begins.plus_days(urgency.median_day).day_in_words
        return f"{what} by {day} in half of all futures{soon}."
    return f"{what} {told.by} in {in_100(at_the_end)}{soon}."


def _reached(told: Told, urgency: Urgency, limit: Mapping[str, Any]) -> Finding:
    days = counted(urgency.limit.days, "day")
    beyond = f"each of the last {days} was" if urgency.limit.own else f"the last {days} together were"
    return Finding(
        row=ROW,
        about=LIMIT,
        status="found",
        claim=f"Strain is beyond your limit already: {beyond} beyond it.",
        quantity="limit reached already",
        estimate=1.0,
        interval=Interval(1.0, 1.0),
        unit="yes or no",
        n=told.n,
        method="the strain model's most probable path, averaged by day",
        evidence=(told.place,),
        would_change="days below it",
        detail={**told.when(), "limit": dict(limit), "already": True},
    )


def limit_detail(limit: OwnLimit) -> dict[str, Any]:
    """The limit for other programs, and in words."""
    days, rating = counted(limit.days, "day"), number(limit.rating)
    words = (
        f"your own limit, written down {limit.written}: beyond {rating} on each of {days} in a row"
        if limit.own
        else f"you have written no limit down; {rating} stands in for it, {limit.words}: reached when the average of "
        f"{days} goes beyond it"
    )
    return {
        "rating": limit.rating,
        "days": limit.days,
        "from": "person" if limit.own else "record",
        "words": words,
    }


def of_what_is_so(told: Told) -> tuple[Finding, ...]:
    """Scenarios that are no future any more, one answer each."""
    by_name = {one.name: one for one in told.known.scenarios}
    return tuple(
        Finding(
            row=ROW,
            about=name,
            status="found",
            claim=f"“{name}” is so already, so it is not among what could come.",
            quantity="scenario that is so already",
            estimate=1.0,
            interval=Interval(1.0, 1.0),
            unit="yes or no",
            n=told.n,
            method="its rule, over the last days on record",
            evidence=(told.place,),
            would_change="its rule, if it was meant otherwise",
            detail={"rule": by_name[name].says.rule, "words": by_name[name].says.words or ""},
        )
        for name in told.split.already
    )


def of_what_cannot_be_told(known: OnRecord, split: Partition | None, told_already: str = "") -> tuple[CannotSay, ...]:
    """Statements that can't be read, names nobody has, and scenarios for which something is not on record.

    Without any futures (`split` None) the last go without saying; so do those whose reason is `told_already`.
    """
    unread = tuple(
        CannotSay(
            f"what was written {one.written.day_in_words} ({one.form}) can't be read: {one.reason}",
            row=ROW,
            would_change="the same written anew, in its place",
        )
        for one in known.unread
    )
    return (*unread, *_unknown(known), *(() if split is None else _left_out(known, split, told_already)))


def _unknown(known: OnRecord) -> tuple[CannotSay, ...]:
    forbidden_other = [one for one in known.unknown if folded(one) == OTHER]
    names = [one for one in known.unknown if folded(one) != OTHER]
    found = []
    if names:
        found.append(
            CannotSay(
                f"your preferences name {quoted(names)}, but no scenario of that name is on record",
                row=ROW,
                would_change="a scenario of that name, or its name in the preferences put right",
            )
        )
    if forbidden_other:
        found.append(
            CannotSay(
                f"“{OTHER}” can't be ruled out: it stands for everything that no scenario describes",
                row=ROW,
                would_change="what must not happen, written down as a scenario of its own",
            )
        )
    return tuple(found)


def _left_out(known: OnRecord, split: Partition, told_already: str) -> tuple[CannotSay, ...]:
    written = {one.name for one in known.scenarios if one.written is not None}
    by_reason: dict[str, list[str]] = {}
    for name, why in {**known.left_out, **split.left_out}.items():
        if why not in (*NOT_MISSED, told_already):
            by_reason.setdefault(why, []).append(name)
    return tuple(
        CannotSay(
            f"how likely {quoted(names)} {'is' if len(names) == 1 else 'are'}, as {why}",
            row=ROW,
            about=names[0] if len(names) == 1 else "",
            quantity=SCENARIO,
            would_change="the rule written anew, or what is missing recorded" if written & set(names) else "",
        )
        for why, names in by_reason.items()
    )
