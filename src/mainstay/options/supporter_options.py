"""What each option takes from a supporter and gives them: as expected, against the budget, and as it came (S23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mainstay.options.supporter_given import Given, Mean, amount, mean_of, noted
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements_option import Burden, Counted, Option
from mainstay.records.statements_preference import Budget
from mainstay.records.words import listed
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

ROW = "S23"
ASKED, CAME = "hours asked of the supporter at the most, as written", "cost and benefit, as they came"
FEWEST_TIMES = 4
NOTHING = (0.0, 0.0)
Pair = tuple[float, float]


def option_answers(
    timeline: Timeline, options: Sequence[Option], given: Sequence[Given], budget: Budget | None
) -> tuple[Answer, ...]:
    """For each option that bears on a supporter: what it asks, against the budget; once it is under way, what came."""
    told = []
    for one in options:
        times = [each for each in given if each.of(one.name)]
        if times:
            told.append(_came(timeline, one, times))
        elif _says_anything(one):
            told.append(_asked(one, budget))
    return tuple(told)


def _says_anything(option: Option) -> bool:
    return not (option.says.cost.supporter.counted.nothing and option.says.benefit.supporter.counted.nothing)


def _asked(option: Option, budget: Budget | None) -> Finding:
    """What an option would ask and give, as it was written. The estimate is the hours a week at the most: a range that
    was written down is no interval.
    """
    cost, benefit = option.says.cost.supporter.counted, option.says.benefit.supporter.counted
    hours, money = _limits(budget)
    parts = [
        *([f"{_range(cost.hours_a_week)} {_of(hours)}hours a week"] if cost.hours_a_week != NOTHING else []),
        *([f"{_range(cost.money_a_month)} {_of(money)}a month in money"] if cost.money_a_month != NOTHING else []),
        *([f"{_range(cost.points)} points"] if cost.points != NOTHING else []),
    ]
    if option.says.cost.supporter == Burden():
        takes = "would take from the supporter what is not written down"
    else:
        takes = f"would take {listed(parts) or 'nothing'} from the supporter"
    most = cost.hours_a_week[1]
    over = [
        *(["hours"] if hours is not None and cost.hours_a_week[1] > hours else []),
        *(["money"] if money is not None and cost.money_a_month[1] > money else []),
    ]
    at_most = f"; at its high end that is more {' and '.join(over)} than there are" if over else ""
    return Finding(
        row=ROW,
        about=option.name,
        status="found",
        claim=f"“{option.name}” {takes}{_gains(benefit)}{at_most}.",
        quantity=ASKED,
        estimate=most,
        interval=Interval(most, most, LEVEL),
        unit="hours a week",
        n=1,
        method="as it was written in the option, beside the budget",
        evidence=(option.id, "what was written of it"),
        assumptions=("ranges are as they were written, and no probability statements",),
        would_change="what it really takes, once it was done: events tagged with its name",
        detail=_written(option)
        | {"over_at_its_high_end": over, "budget": {"hours_a_week": hours, "money_a_month": money}},
    )


def _limits(budget: Budget | None) -> tuple[float | None, float | None]:
    return (None, None) if budget is None else (budget.hours_a_week, budget.money_a_month)


def _of(limit: float | None) -> str:
    return "" if limit is None else f"of the {amount(limit)} "


def _gains(benefit: Counted) -> str:
    parts = [
        *([f"{_range(benefit.points)} points"] if benefit.points != NOTHING else []),
        *([f"{_range(benefit.hours_a_week)} hours a week"] if benefit.hours_a_week != NOTHING else []),
        *([f"{_range(benefit.money_a_month)} of money a month"] if benefit.money_a_month != NOTHING else []),
    ]
    return f", and give {listed(parts)} back" if parts else ""


def _came(timeline: Timeline, option: Option, times: Sequence[Given]) -> Answer:
    """What it took and gave so far, against what was expected. Refuses under four times, with what came so far."""
    # from the first time on: that one begins the stretch and is not one of its own
    weeks = max((timeline.days - times[0].day) / 7.0, 1.0)
    means = {what: mean_of(noted(times, what)) for what in ("hours", "cost", "benefit")}
    money = noted(times, "money")
    detail = _written(option) | {
        "times": len(times),
        "weeks": weeks,
        "came": {what: None if mean is None else _row(mean) for what, mean in means.items()},
        "money": float(money.sum()) if len(money) else None,
    }
    if len(times) < FEWEST_TIMES:
        return CannotSay(
            f"what “{option.name}” takes and gives can't be told from so few times",
            have=len(times),
            need=FEWEST_TIMES,
            unit="times",
            row=ROW,
            about=option.name,
            quantity=CAME,
            n=len(times),
            would_change="more times on record, each with its hours, and what it cost and gave in points",
            detail=detail,
        )
    cost, benefit = option.says.cost.supporter.counted, option.says.benefit.supporter.counted
    hours = means["hours"]
    parts = []
    a_week = None if hours is None else hours.mean * (len(times) - 1) / weeks
    if a_week is not None:
        parts.append(f"took about {amount(a_week)} hours a week{_expected(cost.hours_a_week)}")
    if (points := means["cost"]) is not None:
        parts.append(f"cost {amount(points.mean)} points a time{_expected(cost.points)}")
    if (points := means["benefit"]) is not None:
        parts.append(f"gave {amount(points.mean)} back{_expected(benefit.points)}")
    if not parts:
        return CannotSay(
            f"“{option.name}” is on record {len(times)} times, but not what it took or gave",
            row=ROW,
            about=option.name,
            quantity=CAME,
            n=len(times),
            would_change="the hours of each time as its size, and tags such as “cost 10” and “benefit 30”",
            detail=detail,
        )
    low, high = _hours_interval(hours, len(times) - 1, weeks, a_week)
    better = _more_than_it_cost(means["cost"], means["benefit"])
    return Finding(
        row=ROW,
        about=option.name,
        status="found",
        claim=f"“{option.name}” {listed(parts)}{better}.",
        quantity=CAME,
        estimate=a_week or 0.0,
        interval=Interval(low, high, LEVEL),
        unit="hours a week",
        n=len(times),
        method="means of what was noted each time, beside what was written in the option",
        evidence=(place_of(timeline), f"{len(times)} times"),
        assumptions=("times that were not logged are not counted",),
        would_change="more times on record",
        detail=detail,
    )


def _hours_interval(hours: Mean | None, times: int, weeks: float, a_week: float | None) -> Pair:
    if hours is None or a_week is None:
        return 0.0, 0.0
    if hours.low is None or hours.high is None:
        return a_week, a_week
    return hours.low * times / weeks, hours.high * times / weeks


def _more_than_it_cost(cost: Mean | None, benefit: Mean | None) -> str:
    """That it gave more than it took, where both were noted and their intervals lie apart; nothing the other way."""
    if cost is None or benefit is None or cost.high is None or benefit.low is None:
        return ""
    return ": more than it cost" if benefit.low > cost.high else ""


def _expected(pair: Pair) -> str:
    return "" if pair == NOTHING else f" ({_range(pair)} expected)"


def _range(pair: Pair) -> str:
    low, high = (amount(end) for end in pair)
    return low if low == high else f"{low} to {high}"


def _row(mean: Mean) -> dict[str, Any]:
    return {"mean": mean.mean, "low": mean.low, "high": mean.high, "times": mean.n}


def _written(option: Option) -> dict[str, Any]:
    return {
        "expected_cost": option.says.cost.supporter.written,
        "expected_benefit": option.says.benefit.supporter.written,
    }
