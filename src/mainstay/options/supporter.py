"""The supporter (S23): what they give and get, what each option would ask of them, how often it can be kept up.

All of it comes from one casebook. In a supporter's own, what they gave is on record (`supporter_given`), and what their
own check-ins say of too much is told from answers that are there already: nothing new alarms. In the person's casebook
there is at most a budget, as the supporter said it, and what each option would ask of it. No name in a tag is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mainstay.notice.alert import raised_by
from mainstay.options.limits import Causes, strikes
from mainstay.options.supporter_given import (
    FEWEST_WEEKS,
    Given,
    amount,
    given_of,
    kinds_of,
    mean_of,
    noted,
    student_half,
    weekly,
)
from mainstay.options.supporter_often import DAYS, Often, by_hours, by_strain
from mainstay.options.supporter_options import option_answers
from mainstay.quantities import DAYS_PER_MONTH, Answer, CannotSay, Finding, Interval
from mainstay.records.statements_option import Option, options_of
from mainstay.records.statements_preference import Budget, Preference, PreferenceFile, preference_of
from mainstay.strain.judge import LEVEL
from mainstay.strain.load import ADDED
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Timeline

ROW = "S23"
GIVEN, OFTEN, SIGN = "support given", "support that can be kept up", "early sign of too much"
DOES = "what support does to the own strain"
HOURS_A_WEEK, TIMES_A_WEEK = "hours a week", "times a week"
WATCHED = ("S3", "S11")
MOST_KINDS = 2
NOTE_IT = "each time support was given, with its hours: mainstay log CASE event … --tag support --size HOURS"


@dataclass(frozen=True, slots=True, eq=False)
class _Own:
    """A supporter's own record: its fit, what was told of it already, their preferences, why forecasts are withheld."""

    timeline: Timeline
    fitted: StrainPosterior | CannotSay
    about: Sequence[Answer]
    preference: Preference | None
    withheld: str

    @property
    def hours_a_week(self) -> float | None:
        """The hours a week that were set for support."""
        budget = None if self.preference is None else self.preference.says.budget
        return None if budget is None else budget.hours_a_week


def answers(
    timeline: Timeline, fitted: StrainPosterior | CannotSay, about: Sequence[Answer], *, withheld: str = ""
) -> tuple[Answer, ...]:
    """S23: what was given against the budget, each option's burden and benefit, how often can be kept up, early signs.

    `fitted`: of this timeline; `about`: what was told of it already (S3 to S12, S20). `withheld`: why forecasts from
    this record are withheld, where they are; then nothing is said of how often by strain. Of an option that is struck
    out only what came of it is told. Nothing at all where neither a budget nor support is on record.
    """
    preference, _ = preference_of(timeline)
    budget = None if preference is None else preference.says.budget
    options = tuple(one for one in options_of(timeline)[0] if one.says.set_aside is None)
    given = given_of(timeline, [one.name for one in options])
    if budget is None and not given:
        return ()
    left = [
        one for one in options if not _struck_out(one, preference, about) or any(each.of(one.name) for each in given)
    ]
    told = [*option_answers(timeline, left, given, budget)]
    if given:
        told = [
            *_given(timeline, given, budget),
            *told,
            *_often(_Own(timeline, fitted, about, preference, withheld), given),
            _sign(timeline, about),
        ]
    return tuple(told)


def _struck_out(option: Option, preference: Preference | None, about: Sequence[Answer]) -> bool:
    """Whether a hard limit rules an option out, by what is written of it or by what was told of it."""
    told = any(one.row == "S20" and one.about == option.name and one.status == "struck_out" for one in about)
    return told or bool(strikes(option.says, PreferenceFile() if preference is None else preference.says, Causes()))


def _given(timeline: Timeline, given: Sequence[Given], budget: Budget | None) -> list[Answer]:
    """Hours a week lately, against what was set; and money, where any was noted."""
    hours = noted(given, "hours")
    limit = None if budget is None else budget.hours_a_week
    weeks = weekly(given, timeline.days, given[0].day) if len(hours) else np.zeros(0)
    told: list[Answer] = []
    if len(weeks) < FEWEST_WEEKS:
        told.append(_too_early(given, len(hours)))
    else:
        mean = float(weeks.mean())
        half = student_half(len(weeks) - 1) * float(weeks.std(ddof=1)) / float(np.sqrt(len(weeks)))
        set_for = "" if limit is None else f", of the {amount(limit)} set for it"
        told.append(
            Finding(
                row=ROW,
                about=GIVEN,
                status="found",
                claim=f"Support came to about {amount(mean)} hours a week lately{set_for}.",
                quantity=HOURS_A_WEEK,
                estimate=mean,
                interval=Interval(max(mean - half, 0.0), mean + half, LEVEL),
                unit=HOURS_A_WEEK,
                n=len(given),
                method="mean over the last whole weeks, twelve at most",
                evidence=(place_of(timeline), f"{len(weeks)} weeks"),
                assumptions=_unnoted(given, len(hours)),
                would_change=NOTE_IT,
                detail={"weeks": weeks.tolist(), "budget_hours_a_week": limit, "times": len(given)} | _points(given),
            )
        )
    return told + _money(timeline, given, budget)


def _too_early(given: Sequence[Given], noted_hours: int) -> CannotSay:
    if not noted_hours:
        return CannotSay(
            "support is on record, but not how many hours it took",
            row=ROW,
            about=GIVEN,
            quantity=HOURS_A_WEEK,
            n=len(given),
            would_change=NOTE_IT,
        )
    return CannotSay(
        "how many hours a week support takes can't be told before three whole weeks of it are on record",
        row=ROW,
        about=GIVEN,
        quantity=HOURS_A_WEEK,
        n=len(given),
        would_change=NOTE_IT,
        detail={"times": len(given), "hours": float(noted(given, "hours").sum())},
    )


def _unnoted(given: Sequence[Given], noted_hours: int) -> tuple[str, ...]:
    missing = len(given) - noted_hours
    if not missing:
        return ("support that was not logged is not counted",)
    return (
        "support that was not logged is not counted",
        f"{missing} of {len(given)} times without hours are counted with the mean of the others",
    )


def _money(timeline: Timeline, given: Sequence[Given], budget: Budget | None) -> list[Answer]:
    # from the first time on: that one begins the stretch and is not one of its own
    spent = noted(given[1:], "money")
    months = (timeline.days - given[0].day) / DAYS_PER_MONTH
    if not len(spent) or months < 1.0:
        return []
    limit = None if budget is None else budget.money_a_month
    mean = float(spent.sum()) / months
    set_for = "" if limit is None else f", of the {amount(limit)} set for it"
    return [
        Finding(
            row=ROW,
            about=GIVEN,
            status="found",
            claim=f"Money given so far comes to about {amount(mean)} a month{set_for}.",
            quantity="money a month",
            estimate=mean,
            interval=Interval(mean, mean, LEVEL),
            unit="a month",
            n=len(spent),
            method="what was noted, over the months since support was first noted",
            evidence=(place_of(timeline), f"{len(spent)} times with money noted"),
            assumptions=("money that was not noted is not counted",),
            detail={"months": months, "budget_money_a_month": limit},
        )
    ]


def _points(given: Sequence[Given]) -> dict[str, Any]:
    """What support cost and gave a time, in the supporter's own points, where any were noted."""
    found: dict[str, Any] = {}
    for what in ("cost", "benefit"):
        mean = mean_of(noted(given, what))
        if mean is not None:
            found[what] = {"mean": mean.mean, "low": mean.low, "high": mean.high, "times": mean.n}
    return found


def _often(own: _Own, given: Sequence[Given]) -> list[Answer]:
    """How often can be kept up: by hours and by strain together where both say something, else by the one that does."""
    told: list[Answer] = []
    ends: list[tuple[Often, str]] = []
    if own.hours_a_week is not None:
        hours = by_hours(given, own.hours_a_week)
        if isinstance(hours, Often):
            ends.append((hours, f"more would go beyond the {amount(own.hours_a_week)} hours a week set for it"))
        else:
            told.append(_refusal(hours))
    free: list[tuple[Often | Finding, str]] = []
    for label in kinds_of(own.timeline, given)[:MOST_KINDS]:
        found = _by_strain(own, label)
        if isinstance(found, CannotSay):
            told.append(_refusal(found))
        elif isinstance(found, Finding):
            free.append((found, _what_it_does(found)))
        elif found.open_above:
            free.append((found, f"strain sets no limit to “{label}” up to {amount(found.times)} times a week"))
        else:
            ends.append((found, _by_strain_in_words(label, found)))
    if ends:
        return [_kept_up(own.timeline, ends, [said for _, said in free]), *told]
    return [*(_no_limit(own.timeline, one, said) for one, said in free), *told]


def _what_it_does(said: Finding) -> str:
    """What a kind of support does to strain, where it does not add to it."""
    if said.status == "not_found":
        return f"“{said.about}” adds nothing to strain that would matter"
    return f"“{said.about}” eases strain, by about {number(-said.estimate)} {said.unit} a time"


def _no_limit(timeline: Timeline, one: Often | Finding, said: str) -> Finding:
    """That strain sets no limit to how often support is given, as far as can be seen."""
    if isinstance(one, Finding):
        claim = f"Strain sets no limit to how often support is given: {said}."
        return replace(one, row=ROW, about=OFTEN, quantity=DOES, claim=claim)
    return Finding(
        row=ROW,
        about=OFTEN,
        status="not_found",
        claim=f"{said[:1].upper()}{said[1:]}.",
        quantity=TIMES_A_WEEK,
        estimate=one.times,
        interval=Interval(min(one.low, one.times), max(one.high, one.times), LEVEL),
        unit=TIMES_A_WEEK,
        n=one.n,
        method="own futures simulated with more and less of it",
        evidence=(place_of(timeline), f"{one.n} times"),
        detail={"chances": [list(row) for row in one.table], "limit": one.limit},
    )


def _by_strain_in_words(label: str, found: Often) -> str:
    return (
        f"with more of “{label}”, strain would pass the own limit within {DAYS // 7} weeks with a chance above "
        f"{100.0 * found.allowed:.0f} %"
    )


def _kept_up(timeline: Timeline, ends: Sequence[tuple[Often, str]], free: Sequence[str]) -> Finding:
    """The lowest of what can be kept up, and what sets it; the ends of the interval are the lowest of theirs."""
    lowest, why = min(ends, key=lambda one: one[0].times)
    low, high = min(one.low for one, _ in ends), min(one.high for one, _ in ends)
    by = "" if len(ends) > 1 or free else "By hours alone, " if not lowest.table else "By strain alone, "
    head = f"{by}support can be kept up about {amount(lowest.times)} times a week"
    also = "".join(f"; {one}" for one in free)
    return Finding(
        row=ROW,
        about=OFTEN,
        status="found",
        claim=f"{head[:1].upper()}{head[1:]}: {why}{also}.",
        quantity=TIMES_A_WEEK,
        estimate=lowest.times,
        interval=Interval(min(low, lowest.times), max(high, lowest.times), LEVEL),
        unit=TIMES_A_WEEK,
        n=lowest.n,
        method="hours set over hours a time; own futures simulated with more and less of it",
        evidence=(place_of(timeline), f"{lowest.n} times"),
        assumptions=(
            "times to come take as long as those before",
            "what else is asked stays as it was",
        ),
        would_change="more times on record with their hours, and check-ins within some hours after them",
        detail={
            "by": [
                {
                    "times": one.times, "low": one.low, "high": one.high, "sets": said,
                    "chances": [list(row) for row in one.table], "limit": one.limit,
                }
                for one, said in ends
            ]
        },
    )  # fmt: skip


def _by_strain(own: _Own, label: str) -> Often | CannotSay | Finding:
    """How often by strain; what it does to strain, where it adds none; refuses where what it adds is not known."""
    if isinstance(own.fitted, CannotSay):
        return own.fitted
    if label not in own.fitted.data.demands:
        is_ = own.timeline.events[label].is_
        why = "it was recorded too rarely" if is_ == "demand" else f"it is on record as “{is_}”"
        return CannotSay(
            f"what “{label}” does to the own strain can't be told: {why}",
            would_change=f"“{label}” logged as something asked (--is demand): whether it strains or eases is then told",
        )
    said = next((one for one in own.about if one.row == "S9" and one.about == label and one.quantity == ADDED), None)
    if not isinstance(said, Finding):
        return said or CannotSay(f"what “{label}” adds to strain is not known")
    if said.status == "not_found" or said.estimate < 0.0:
        return said
    if own.withheld:
        return CannotSay(f"how often “{label}” can be given below the own limit can't be told: {own.withheld}")
    return by_strain(own.timeline, own.fitted, own.preference, label)


def _refusal(why: CannotSay) -> CannotSay:
    return CannotSay(
        why.reason,
        have=why.have,
        need=why.need,
        unit=why.unit,
        row=ROW,
        about=OFTEN,
        quantity=TIMES_A_WEEK,
        n=why.n,
        method=why.method,
        would_change=why.would_change,
        detail=why.detail,
    )


def _sign(timeline: Timeline, about: Sequence[Answer]) -> Answer:
    """What the supporter's own check-ins say of too much, from answers that are there; no alarm of its own."""
    raised = [
        one for one in raised_by(about) if one.row in (*WATCHED, "S4", "S6", "S12") and one.tier in ("look", "act")
    ]
    watched = [one for one in about if one.row in WATCHED and isinstance(one, Finding)]
    if not raised and not watched:
        return CannotSay(
            "it is too early to say from these records whether it is becoming too much",
            row=ROW,
            about=SIGN,
            quantity=SIGN,
            would_change="more check-ins of one's own, on ordinary days too",
        )
    count = float(len(raised))
    if raised:
        first = raised[0].by.strip().rstrip(".")
        claim = f"An early sign in the supporter's own records, whatever is behind it: {first[:1].lower()}{first[1:]}."
    else:
        claim = "Nothing in the supporter's own records says that it is becoming too much."
    return Finding(
        row=ROW,
        about=SIGN,
        status="found" if raised else "not_found",
        claim=claim,
        quantity=SIGN,
        estimate=count,
        interval=Interval(count, count, LEVEL),
        unit="signs",
        n=len(watched),
        method="what is told of these records already, within the one false-alarm budget; no alarm of its own",
        evidence=(place_of(timeline), "what is watched in these records"),
        assumptions=("a sign says nothing of why",),
        would_change=raised[0].lowered_by if raised else "more check-ins of one's own",
        detail={"signs": [{"row": one.row, "about": one.about, "tier": one.tier, "by": one.by} for one in raised]},
    )
