"""Does it take longer to come back to level (S4): the ratings' recovery rate over the record, as one answer."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from mainstay.notice.rolling import rolling_signs
from mainstay.notice.series import mostly_one_answer
from mainstay.notice.settling import settled
from mainstay.notice.slowing import STEPS, Slowing, slowing, step_heights
from mainstay.numerics.ou_drift_fit import GRID
from mainstay.numerics.ou_filter import Floats
from mainstay.quantities import Answer, CannotSay, Finding, Interval, Probability, probability
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    LEVEL,
    SHARE_OF_RECOVERY,
    count_needed,
    counted,
    normal_cdf,
)
from mainstay.strain.wording import hours_in_words, number, place_of
from mainstay.timeline.kinds import Ratings, Timeline

FEWEST_ANSWERS = 60
FEWEST_DAYS = 14.0
TOGETHER = 0.8
"""Items answered at this share of the same moments, or more, are looked at jointly."""
BUDGET = SHARE_OF_RECOVERY * FALSE_ALARM_BUDGET
"""False alarms of slowing, over a whole record however often it is looked at: its part of the one budget."""
MATERIAL = math.log(2.0)
SEED = 4
QUANTITY = "time to come back to level, end of the record against its start"
METHOD = "restricted likelihood of an Ornstein-Uhlenbeck process whose rate, variance and reading noise drift"
MOMENTS_A_DAY = 1440.0


def resilience_answer(timeline: Timeline) -> Answer:
    """S4: how much longer it takes to come back to level at the end of the record than at its start.

    Items answered together are looked at jointly. Rhythm of hour and weekday, the mean's course, and drifts of the
    process's noise and of the readings' noise are free. What is not settled (`notice.settling`) is left out. Refuses
    short records, and those that can neither show nor rule out a doubling.
    """
    kept = {name: _settled(one) for name, one in timeline.ratings.items()}
    chosen = _together(replace(timeline, ratings=kept))
    if not chosen:
        return _refusal(
            "no rating changes often enough to see how it comes back: most of its answers are the same", 0, ""
        )
    first = chosen[0].item.name
    left_out = {"answers_not_yet_settled": len(timeline.ratings[first].times) - len(kept[first].times)}
    about = first if len(chosen) == 1 else "ratings answered together"
    times, values = _aligned(chosen)
    n, days = len(times), float(times[-1] - times[0])
    if n < FEWEST_ANSWERS:
        short = _short(n, FEWEST_ANSWERS, "answers")
        return _refusal("there are too few answers", n, about, detail=left_out, **short)
    if days < FEWEST_DAYS:
        short = _short(round(days, 1), FEWEST_DAYS, "days")
        return _refusal("the record is too short", n, about, detail=left_out, **short)
    found = slowing(times, values, rhythm_columns(timeline, times))
    return _judged(timeline, chosen, found, about, {**left_out, **_detail(found, times)})


def rhythm_columns(timeline: Timeline, times: Floats) -> Floats:
    """Columns (n, k) for the hour of the day, where it varies, and the day of the week, where three or more occur."""
    hours, weekdays = timeline.local_hours(times), timeline.weekdays(times)
    turn = 2.0 * np.pi * hours / 24.0
    columns: list[Floats] = []
    if float(np.std(hours)) > 1.0:
        columns += [np.sin(turn), np.cos(turn), np.sin(2.0 * turn), np.cos(2.0 * turn)]
    seen = np.unique(weekdays)
    if len(seen) > 2:
        columns += [(weekdays == day).astype(float) for day in seen[1:]]
    return np.column_stack(columns) if columns else np.empty((len(times), 0))


def _settled(ratings: Ratings) -> Ratings:
    """The answers that may be judged: asking changes people at first."""
    may = settled(ratings.times)
    ids = tuple(one for one, keep in zip(ratings.ids, may, strict=True) if keep)
    return replace(ratings, times=ratings.times[may], values=ratings.values[may], ids=ids)


def _moments(ratings: Ratings) -> np.ndarray:
    """The minutes at which an item was answered: the last answer within a minute counts."""
    return np.unique(np.round(ratings.times * MOMENTS_A_DAY).astype(np.int64))


def _together(timeline: Timeline) -> list[Ratings]:
    """The anchor, or the item answered most, and those answered with it nearly every time."""
    varied = [one for one in timeline.ratings.values() if len(one.times) > 2 and not mostly_one_answer(one.values)]
    if not varied:
        return []
    first = max(varied, key=lambda one: (one.item.name == timeline.anchor, len(one.times), one.item.name))
    chosen, common = [first], _moments(first)
    wanted = TOGETHER * len(common)
    for one in sorted(varied, key=lambda one: (-len(one.times), one.item.name)):
        both = np.intersect1d(common, _moments(one))
        if one is not first and len(both) >= wanted:
            at = np.isin(np.round(one.times * MOMENTS_A_DAY).astype(np.int64), both)
            if not mostly_one_answer(one.values[at]):
                chosen.append(one)
                common = both
    return chosen


def _aligned(chosen: list[Ratings]) -> tuple[Floats, Floats]:
    """Times (n) at which all items were answered, and their values (n, items), higher being worse."""
    common = _moments(chosen[0])
    for one in chosen[1:]:
        common = np.intersect1d(common, _moments(one))
    columns = []
    for one in chosen:
        minutes = np.round(one.times * MOMENTS_A_DAY).astype(np.int64)
        columns.append(one.item.worse_sign * one.values[np.searchsorted(minutes, common, "right") - 1])
    return common / MOMENTS_A_DAY, np.column_stack(columns)


def _short(have: float, need: float, unit: str) -> dict[str, Any]:
    return {"have": have, "need": need, "unit": unit, "would_change": f"more {unit} recorded in the same way"}


def _refusal(reason: str, n: int, about: str, **more: Any) -> CannotSay:
    return CannotSay(reason, row="S4", about=about, quantity=QUANTITY, n=n, method=METHOD, **more)


def _half_lives(found: Slowing) -> tuple[float, float]:
    """Half-lives in hours at the start and at the end."""
    hours = 24.0 * found.half_life_days
    return hours * math.exp(0.5 * found.drift), hours * math.exp(-0.5 * found.drift)


def _detail(found: Slowing, times: Floats) -> dict[str, Any]:
    start, end = _half_lives(found)
    steps = step_heights(times, found) - found.height
    signs = rolling_signs(
        times,
        found.series[:, 0],
        rate=found.rate_if_steady,
        ratio=found.noise_if_steady,
        rng=np.random.default_rng(SEED),
    )
    return {
        "half_life_hours_at_start": start,
        "half_life_hours_at_end": end,
        "p_one_look": found.p_slower,
        "e_value_slower": found.e_slower,
        "e_value_faster": found.e_faster,
        "false_alarm_budget": BUDGET,
        "interval_reaches_the_end_of_what_was_searched": found.at_the_edge,
        "components": len(found.share),
        "mean_moved_at_once_on_day": list(found.moved),
        "share_of_spread": list(found.share),
        "times_as_long_by_component": [math.exp(-one) for one in found.by_component],
        "if_at_once_log_likelihood_gain": {
            f"{share:g} of the record": float(gain) for share, gain in zip(STEPS, steps, strict=True)
        },
        "rolling_variance": {"kendall_tau": signs.variance_tau, "p": signs.variance_p},
        "rolling_autocorrelation": {"kendall_tau": signs.autocorrelation_tau, "p": signs.autocorrelation_p},
    }


def _chance(found: Slowing, *, alarm: bool) -> Probability:
    """The chance of what is claimed: of the sign where something is found, of less than a doubling where not."""
    if alarm:
        return probability(normal_cdf(abs(found.drift) / found.sd))
    return probability(normal_cdf((MATERIAL + found.drift) / found.sd))


def _judged(timeline: Timeline, chosen: list[Ratings], found: Slowing, about: str, detail: dict[str, Any]) -> Answer:
    times_as_long = math.exp(-found.drift)
    low, high = math.exp(-found.high), math.exp(-found.low)
    slower = found.e_slower >= 1.0 / BUDGET
    faster = found.e_faster >= 1.0 / BUDGET
    longest_days = max(detail[f"half_life_hours_at_{place}"] for place in ("start", "end")) / 24.0
    if not GRID[0] < found.drift < GRID[-1] or not low < high or longest_days > found.days:
        return _refusal(
            "how long it takes to come back to level lies beyond what a record like this can show",
            found.readings,
            about,
            would_change="answers that move more from one to the next, several a day",
            detail=detail,
        )
    if not slower and not faster and high >= math.exp(MATERIAL):
        return _refusal(
            "a doubling of the time it takes to come back to level can neither be seen nor ruled out",
            found.readings,
            about,
            **counted(found.readings, count_needed(found.readings, found.sd, MATERIAL), "answers"),
            would_change="more answers recorded in the same way, several a day",
            detail={"estimate": times_as_long, "low": low, "high": high, "level": LEVEL, **detail},
        )
    status = "found" if slower or faster else "not_found"
    start, end = (hours_in_words(detail[f"half_life_hours_at_{place}"]) for place in ("start", "end"))
    if slower or faster:
        claim = (
            f"It takes {'longer' if slower else 'less time'} to come back to level than it did: half of a swing has "
            f"gone after about {end} at the end of the record, and had after about {start} at its start."
        )
    else:
        claim = (
            "It does not take twice as long to come back to level as it did: half of a swing has gone after about "
            f"{end} at the end of the record, and had after about {start} at its start."
        )
    return Finding(
        row="S4",
        about=about,
        status=status,
        claim=claim,
        quantity=QUANTITY,
        estimate=times_as_long,
        interval=Interval(low, high, LEVEL),
        unit="times as long",
        n=found.readings,
        method=METHOD,
        probability=_chance(found, alarm=slower or faster),
        evidence=(place_of(timeline), f"{found.readings:,} answers on {len(chosen)} item{'s' * (len(chosen) > 1)}"),
        assumptions=(
            "recovery changes steadily over the record; the mean, hours and weekdays, and how strong the noise is may "
            "change besides",
            "answers did not become much more exact, nor more often the same as the last out of habit: either would "
            "look like slowing",
            f"{detail['answers_not_yet_settled']:,} answers from the first week, and from the first after a pause of "
            "four weeks or a change of how often was asked, are left out: being asked changes people at first",
            f"an alarm here has its part of the one false-alarm budget: {100 * BUDGET:g} % over a whole record, "
            "however often it is looked at",
            "slowing is no forecast: in a study of people coming off antidepressants such signs came before a return "
            "of depression in about one of three (Smit 2025)",
        ),
        would_change=f"more answers; the interval reaches from {number(low)} to {number(high)} times as long",
        detail=detail,
    )
