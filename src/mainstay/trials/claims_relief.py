"""Relief at once (S22): was it better while an arm was on, than with the first arm; in sentences."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from mainstay.futures.scores import student_quantile
from mainstay.quantities import Answer, CannotSay, Finding, Interval, Probability, probability
from mainstay.records.words import counted
from mainstay.strain.wording import number
from mainstay.trials import interrupted as without_a_lot
from mainstay.trials import monitoring, placebo, randomisation, reversals
from mainstay.trials.claims_kinds import Tried, arm_days
from mainstay.trials.effect_model import Effect, posterior
from mainstay.trials.kinds import Observed
from mainstay.trials.mixtures import Mixture
from mainstay.trials.wording import changes_between

FEWEST_ARM_DAYS = 4
"""Days of an arm with answers below which relief was observed at most."""
RELIEF = "difference while it is on"
SILENT = 0.1
"""Days without an answer differ between the arms where the lot alone would do as much with a chance below this."""


def relief_answers(tried: Tried, *, rng: np.random.Generator) -> tuple[Answer, ...]:
    """Relief at once: one answer for each arm but the first."""
    return tuple(_relief(tried, arm, rng) for arm in range(1, len(tried.schedule.arms)))


def _relief(tried: Tried, arm: int, rng: np.random.Generator) -> Answer:
    name, first = tried.schedule.arms[arm], tried.schedule.arms[0]
    seen = monitoring.until(tried.observed, tried.days)
    have, base = arm_days(tried, seen, arm), arm_days(tried, seen, 0)
    if have == 0 or base < 2:
        return CannotSay(
            f"there are too few days with answers to compare “{name}” with “{first}”",
            have=min(have, base), need=2, unit="days of each", would_change="the days to come, with their check-ins",
            row="S22", about=name, quantity=RELIEF, n=len(seen.at),
        )  # fmt: skip
    if not tried.space.randomised:
        return _without_a_lot(tried, arm, seen)
    if have < FEWEST_ARM_DAYS:
        return _few(tried, arm, seen, have)
    return _drawn(tried, arm, seen, (have, base), rng)


def _drawn(tried: Tried, arm: int, seen: Observed, days: tuple[int, int], rng: np.random.Generator) -> Answer:
    """What the lot says of an arm, with the model beside it."""
    name = tried.schedule.arms[arm]
    refuse = partial(CannotSay, row="S22", about=name, quantity=RELIEF, n=len(seen.at))
    analysis = tried.says.analysis
    model = posterior(tried.schedule, seen, trend=analysis.trend, carryover=analysis.carryover)
    level = tried.space.level_of_one
    watched = monitoring.watch(tried.space, tried.schedule, seen, tried.says, days=tried.days)[arm - 1]
    early = tried.says.stopping.benefit and watched.most >= watched.mark
    detail = _detail(model, name) | {"level": level, "stake": watched.stake, "looked_at_any_time": watched.p}
    if not tried.over and not early:
        return _too_early(tried, arm, seen, watched.interval, detail)
    beside = [(schedule, monitoring.until(one, tried.days)) for schedule, one in tried.beside]
    tested = randomisation.test(
        [tried.schedule, *(schedule for schedule, _ in beside)], [seen, *(one for _, one in beside)], tried.space,
        statistic=randomisation.statistic_of(tried.says), arm=arm, rng=rng, level=level,
    )  # fmt: skip
    if isinstance(tested, CannotSay):
        return refuse(tested.reason, have=tested.have, need=tested.need, unit=tested.unit, method=tested.method)
    detail |= {"least_p": tested.least_p, "orders": tested.orders}
    interval = tested.interval if tested.interval is not None or tried.beside else _model_interval(model, name)
    if tried.over:
        detail["p"] = tested.p
    elif watched.interval is not None and not tried.beside and tested.statistic != "ratio":
        interval = watched.interval  # what carries a claim before the end
    if interval is None:
        return refuse(
            f"what “{name}” does can't be narrowed down yet: nothing is excluded",
            would_change="more days, or more even numbers of days",
            detail=detail,
        )
    silence = _silence(tried, seen, arm, rng)
    if silence is not None:
        detail["p_of_silence"] = silence
    silent = silence is not None and silence < SILENT
    differences = _differences(tried, seen, arm, rng) if tested.statistic == "ratio" else interval
    return _by_lot(
        tried, seen, tested, model, interval,
        early=early, detail=detail, days=days, level=level, silent=silent, differences=differences,
    )  # fmt: skip


def _differences(tried: Tried, seen: Observed, arm: int, rng: np.random.Generator) -> Interval | None:
    """The differences a day that fit, by the lot, of how often something happens; None where a side has no end."""
    tested = randomisation.test(
        tried.schedule, seen, tried.space, statistic="difference", arm=arm, rng=rng, level=tried.space.level_of_one
    )
    return None if isinstance(tested, CannotSay) else tested.interval


def _too_early(tried: Tried, arm: int, seen: Observed, interval: Interval | None, detail: dict[str, Any]) -> Answer:
    """Before the last day: what no look so far has ruled out. What a test would say now is not told."""
    name = tried.schedule.arms[arm]
    fits = (
        "nothing is ruled out so far"
        if interval is None
        else f"anything from {changes_between(interval.low, interval.high, seen.unit)} is not ruled out"
    )
    when = "it ended before its last day, and" if tried.ended else "its last day is to come;"
    return CannotSay(
        f"whether “{name}” makes a difference: {when} {fits}", row="S22", about=name, quantity=RELIEF, n=len(seen.at),
        method=monitoring.METHOD, assumptions=tried.assumptions, detail=detail,
        would_change="a trial that runs to its end" if tried.ended else "the days to come",
    )  # fmt: skip


def _silence(tried: Tried, seen: Observed, arm: int, rng: np.random.Generator) -> float | None:
    """How likely the lot alone makes days without an answer differ as much between the arms; None: none, or untold."""
    there = ~np.isnan(seen.by_day(tried.schedule.days))[: tried.days]
    if there.all() or tried.beside:
        return None
    none = np.zeros(0)
    days = np.asarray(np.arange(len(there)) + 0.5, np.float64)
    told = Observed(days, np.asarray(there, np.float64), "of the days", 1, 0.0, 1.0, none, none)
    tested = randomisation.test(
        tried.schedule, told, tried.space, statistic="difference", arm=arm, rng=rng, level=tried.space.level_of_one
    )
    return None if isinstance(tested, CannotSay) else tested.p


def _by_lot(
    tried: Tried,
    seen: Observed,
    tested: randomisation.Tested,
    model: Effect | CannotSay,
    interval: Interval,
    *,
    early: bool,
    detail: dict[str, Any],
    days: tuple[int, int],
    level: float,
    silent: bool,
    differences: Interval | None,
) -> Answer:
    """The verdict on an arm whose days were drawn by lot. `days`: with the arm and with the first.

    `silent`: days without an answer go with the arm. `differences`: that fit, in the units of what matters.
    """
    name, first = tested.arm, tested.against
    ratio = tested.statistic == "ratio"
    neutral = 1.0 if ratio else 0.0
    together = bool(tried.beside)  # in standard deviations, above 0 is better
    way = 1 if together else seen.better
    better = (tested.estimate - neutral) * way > 0.0
    clear = (tried.over and tested.p <= level) or early
    say = partial(
        Finding,
        row="S22",
        about=name,
        quantity=RELIEF,
        estimate=tested.estimate,
        interval=interval,
        unit=tested.unit,
        n=len(seen.at),
        method=f"randomisation test ({tested.statistic}) over the orders that could have been drawn; "
        f"{monitoring.METHOD}",
        evidence=(f"{counted(days[0], 'day')} with “{name}”, {counted(days[1], 'day')} with “{first}”",),
        assumptions=(*tried.assumptions, *filter(None, (tried.observed.hours,)), *_spent(tried, level)),
        detail=detail,
    )
    size = (
        f"{number(abs(tested.estimate))} usual swings" if together else _size(tested.estimate, tested.unit, ratio=ratio)
    )
    if clear and better and together:
        names = " and ".join(f"“{one}”" for one in _names(tried))
        return say(
            status="found",
            claim=f"Taken together, {names} were better by {size} with “{name}” than with “{first}”, on days drawn by "
            "lot; what it does to each alone can't be told from that.",
            would_change="the same trial again coming out otherwise",
        )
    if clear and better and silent:
        return say(
            status="relief_observed_recovery_untested",
            claim=f"With “{name}” it was better on the days with an answer: {size} than with “{first}”. How many days "
            "have none is not alike with the two, so that may be what is missing.",
            would_change="the same trial with an answer on every day",
            reason="answers are missing more often with one of the two",
        )
    if clear and better:
        return say(
            status="relief",
            claim=f"With “{name}” it was better at once: {size} than with “{first}”, on days drawn by lot.",
            probability=_chance(model, name, seen.better),
            would_change="the same trial again coming out otherwise",
            reason="" if tried.over else "seen before the end, by the part of the level kept for looks",
        )
    if clear:
        return say(
            status="not_found",
            claim=f"With “{name}” it was worse: {size} than with “{first}”, on days drawn by lot.",
            probability=None if together else _chance(model, name, -seen.better),
            would_change="the same trial again coming out otherwise",
        )
    longer = "a longer trial: see how many weeks it would take"
    best = max(end * way for end in (differences.low, differences.high)) if differences is not None else math.inf
    lasting = -math.inf if together else _lasting(tried, model, name)
    unit = seen.unit if ratio else tested.unit
    plain = f"{number(interval.low)} to {number(interval.high)} {tested.unit}"
    ranged = plain if ratio or together else changes_between(interval.low, interval.high, tested.unit)
    fits = f"anything from {ranged} fits"
    if best < tried.says.matters <= lasting:
        fits += f"; if it lasts into other days, {number(lasting)} {unit} may be hidden in them"
        if isinstance(model, Effect) and model.untold is not None:
            longer = f"{model.untold.would_change}, in which what lasts shows"
    best = max(best, lasting)
    if best < tried.says.matters and not tried.lived_as_drawn:
        fits += f"; and only {tried.kept} of {tried.written} days written of were lived as drawn"
    elif best < tried.says.matters and silent:
        fits += "; and answers are missing more often with one of the two"
    elif not together and best < tried.says.matters:
        return say(
            status="no_effect",
            claim=f"“{name}” did not make it better by an amount that would matter: "
            f"a difference of {number(max(best, 0.0))} {unit} or more is excluded.",
            would_change="a smaller difference counting as one that matters, and a longer trial",
        )
    return CannotSay(
        f"whether “{name}” makes a difference can't be told: {fits}",
        row="S22",
        about=name,
        quantity=RELIEF,
        n=len(seen.at),
        method=say.keywords["method"],
        assumptions=say.keywords["assumptions"],
        would_change=longer,
        detail={**detail, "estimate": tested.estimate, "low": interval.low, "high": interval.high},
    )


def _few(tried: Tried, arm: int, seen: Observed, have: int) -> Answer:
    """One to three days of an arm: relief observed at most, by where they lie among the days of the first."""
    name, first = tried.schedule.arms[arm], tried.schedule.arms[0]
    by_day = seen.by_day(tried.schedule.days)
    theirs = by_day[(tried.schedule.analysed == arm) & ~np.isnan(by_day)]
    others = by_day[(tried.schedule.analysed == 0) & ~np.isnan(by_day)]
    mean = float(theirs.mean() - others.mean())
    spread = float(others.std(ddof=1)) * (1.0 / len(theirs) + 1.0 / len(others)) ** 0.5
    reach = student_quantile(0.95, len(others) - 1) * max(spread, 1e-9)
    higher = float((others * -seen.better > float(theirs.mean()) * -seen.better).mean())
    if mean * seen.better <= reach or higher < 0.8:
        return CannotSay(
            f"{counted(have, 'day')} with “{name}” {'is' if have == 1 else 'are'} too few to say anything",
            have=have, need=FEWEST_ARM_DAYS, unit=f"days with “{name}”", row="S22", about=name, quantity=RELIEF,
            n=len(seen.at), would_change="the days to come",
        )  # fmt: skip
    return _observed(
        tried, arm, seen,
        estimate=mean, interval=Interval(mean - reach, mean + reach),
        claim=f"After “{name}” ({counted(have, 'time')}) it was better than on most days with “{first}”; "
        "that is relief observed, and whether it takes more again to tip over has not been tested.",
        method="days with the arm among the days of the first arm",
        reason="a few good days show relief, not recovery",
        share_better_than=higher,
    )  # fmt: skip


def _without_a_lot(tried: Tried, arm: int, seen: Observed) -> Answer:
    """Phases in a fixed order: all changes between them where there are several, else the first against the time before
    it."""
    name, trend = tried.schedule.arms[arm], tried.says.analysis.trend
    back = reversals.taken_back(tried.schedule, seen, days=tried.days, arm=arm, trend=trend)
    if not isinstance(back, CannotSay):
        moved = f", and so at {back.alike} of {counted(back.changes, 'change')} between the two" if back.changes else ""
        better = (f"With “{name}” it was better:", f"than with “{tried.schedule.arms[0]}”{moved}")
        told = {"changes": back.changes, "alike": back.alike, "called_at_most": reversals.CALLED}
        return _phased(tried, arm, seen, back.law, better=better, method=back.method, told=told | {
            "swing_half_life_days": back.swing_half_life_days})  # fmt: skip
    found = without_a_lot.interrupted(tried.schedule, seen, trend=trend)
    if isinstance(found, CannotSay) or found.arm != name:
        why = found.reason if isinstance(found, CannotSay) else f"“{name}” did not come right after the first phase"
        return CannotSay(why, row="S22", about=name, quantity=RELIEF, n=len(seen.at),
                         would_change="a trial with its days drawn by lot")  # fmt: skip
    better = (f"Since “{name}” it was better:", "than the time before foretold")
    told = {"called_at_most": without_a_lot.CALLED, "swing_half_life_days": found.swing_half_life_days}
    return _phased(tried, arm, seen, found.over_time, better=better, method=found.method, told=told)


def _phased(
    tried: Tried, arm: int, seen: Observed, law: Mixture, *, better: tuple[str, str], method: str, told: dict[str, Any]
) -> Answer:
    """The verdict without a lot: relief observed at most. `better`: the sentence before and after the size."""
    name, interval = tried.schedule.arms[arm], law.interval()
    told = {"p": law.p} | told
    if law.p < tried.says.analysis.level and law.mean * seen.better > 0.0:
        return _observed(
            tried, arm, seen,
            estimate=law.mean, interval=interval,
            claim=f"{better[0]} {_size(law.mean, seen.unit, ratio=False)} {better[1]}. That is {without_a_lot.WEAKER}.",
            method=method,
            reason=f"without a lot, up to {told['called_at_most']:.0%} of series in which nothing changed look like "
            f"this{_after_an_unusual_week(tried, seen)}",
            **told,
        )  # fmt: skip
    best = max(end * seen.better for end in (interval.low, interval.high))
    if tried.over and best < tried.says.matters:
        return Finding(
            row="S22", about=name, status="not_found", quantity=RELIEF, estimate=law.mean, interval=interval,
            claim=f"Since “{name}” no change for the better was seen that would matter; without a lot, something else "
            "may have hidden one.",
            unit=seen.unit, n=len(seen.at), method=method, assumptions=(without_a_lot.WEAKER,), detail=told,
            would_change="a trial with its days drawn by lot",
        )  # fmt: skip
    return CannotSay(
        f"whether “{name}” changed anything can't be told: "
        f"anything from {changes_between(interval.low, interval.high, seen.unit)} fits",
        row="S22", about=name, quantity=RELIEF, n=len(seen.at), method=method, assumptions=(without_a_lot.WEAKER,),
        detail=told, would_change="a trial with its days drawn by lot",
    )  # fmt: skip


def _after_an_unusual_week(tried: Tried, seen: Observed) -> str:
    before = placebo.before(tried.schedule, seen)
    unusual = not isinstance(before, CannotSay) and before.unusual
    return (
        "; it began after a week unlike those before, so part of it may be a return to what is usual" if unusual else ""
    )


def _names(tried: Tried) -> tuple[str, ...]:
    """What is watched, the outcome first."""
    outcome = tried.says.outcome
    return (outcome.item or outcome.event or "", *tried.space.series[1:])


def _observed(
    tried: Tried, arm: int, seen: Observed, *, estimate: float, interval: Interval, claim: str, method: str,
    reason: str, **told: Any,
) -> Finding:  # fmt: skip
    return Finding(
        row="S22", about=tried.schedule.arms[arm], status="relief_observed_recovery_untested", claim=claim,
        quantity=RELIEF, estimate=estimate, interval=interval, unit=seen.unit, n=len(seen.at), method=method,
        reason=reason, would_change="more days drawn by lot, with check-ins", detail=told,
    )  # fmt: skip


def _spent(tried: Tried, level: float) -> tuple[str, ...]:
    whole = tried.says.analysis.level
    return () if level == whole else (f"of the level of {whole:g}, {level:.3g} is left for this test at the end",)


def _size(estimate: float, unit: str, *, ratio: bool) -> str:
    if ratio:
        return f"{number(estimate)} times as often"
    return f"{number(abs(estimate))} {unit} {'lower' if estimate < 0.0 else 'higher'}"


def _model_interval(model: Effect | CannotSay, arm: str) -> Interval | None:
    return None if isinstance(model, CannotSay) else model.of(arm).interval()


def _lasting(tried: Tried, model: Effect | CannotSay, arm: str) -> float:
    """The most that an arm may make it better where it carries over into the days it is compared with."""
    if isinstance(model, CannotSay) or not tried.says.analysis.carryover:
        return -math.inf
    interval = model.of(arm).interval()
    return max(end * tried.observed.better for end in (interval.low, interval.high))


def _chance(model: Effect | CannotSay, arm: str, better: int) -> Probability | None:
    return None if isinstance(model, CannotSay) else probability(model.of(arm).chance_better(better))


def _detail(model: Effect | CannotSay, arm: str) -> dict[str, Any]:
    if isinstance(model, CannotSay):
        return {"model": model.reason}
    one = model.of(arm)
    interval = one.interval()
    told: dict[str, Any] = {
        "model": model.method, "model_low": interval.low, "model_high": interval.high,
        "swing_half_life_days": model.swing_half_life_days, "trend_a_week": model.trend_a_week,
    }  # fmt: skip
    if model.untold is not None:
        return told | {"model_estimate_untold": model.untold.reason, "would_tell": model.untold.would_change}
    return told | {
        "model_estimate": one.mean, "carries_over": model.carries_over,
        "carryover_half_life_days": model.carryover_half_life_days,
    }  # fmt: skip
