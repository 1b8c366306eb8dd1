"""What a report of a trial holds besides its claims: its periods, the field's effect sizes, what the guidelines ask.

Nothing is said here that is not on record; what only a writer can say (background, ethics, funding) is left to be said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from mainstay.quantities import Answer, CannotSay, Finding, in_words
from mainstay.records.statements_protocol import OutcomeTable
from mainstay.records.words import counted
from mainstay.trials import effect_sizes
from mainstay.trials.calendar import runs
from mainstay.trials.checklists import Item, filled
from mainstay.trials.designs import DesignSpace, how_many
from mainstay.trials.effect_sizes_kinds import Size
from mainstay.trials.kinds import WASHOUT, Observed, Schedule
from mainstay.trials.standing import Standing

KINDS = {
    "phases": "phases in a fixed order (AB, ABAB…)",
    "start_by_lot": "phases whose changes were drawn by lot",
    "alternating": "alternating periods in an order drawn by lot",
    "blocks": "randomised blocks of periods",
    "contacts": "planned contacts on days drawn by lot",
}


@dataclass(frozen=True, slots=True)
class Period:
    """A period or phase: from `start` to `end`, its arm, days with an answer, mean and sd of their daily means."""

    start: date
    end: date
    arm: str
    days: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """A report. `by_arm`: the means of each arm's days; `sizes`: of each arm against the first, by name.

    `items`: of both guidelines, as filled.
    """

    standing: Standing
    answers: tuple[Answer, ...]
    checks: tuple[str, ...]
    periods: tuple[Period, ...]
    by_arm: dict[str, list[float]]
    sizes: dict[str, dict[str, Size | CannotSay]]
    items: tuple[tuple[Item, str], ...]


def report(standing: Standing, answers: Sequence[Answer], checks: Sequence[str] = ()) -> Report:
    """The report of a trial. `answers`: rows S21 and S22 of it; `checks`: what was looked at beside them."""
    schedule, seen = standing.trial.schedule, standing.observed
    if schedule is None or isinstance(seen, CannotSay):
        return Report(standing, tuple(answers), tuple(checks), (), {}, {}, filled(_plan_facts(standing)))
    periods = _periods(schedule, seen)
    facts = _facts(standing, schedule, answers, periods)
    facts["others"] = " ".join(checks)
    sizes = _sizes(schedule, seen)
    return Report(standing, tuple(answers), tuple(checks), periods, _by_arm(schedule, seen), sizes, filled(facts))


def _by_arm(schedule: Schedule, seen: Observed) -> dict[str, list[float]]:
    by_day = seen.by_day(schedule.days)
    known = np.isfinite(by_day)
    return {name: by_day[known & (schedule.analysed == arm)].tolist() for arm, name in enumerate(schedule.arms)}


def _periods(schedule: Schedule, seen: Observed) -> tuple[Period, ...]:
    by_day = seen.by_day(schedule.days)
    by_day[schedule.analysed == WASHOUT] = np.nan
    found = []
    for run in runs(schedule):
        begins = (run.first - schedule.start).days
        values = by_day[begins : begins + run.days]
        values = values[np.isfinite(values)]
        found.append(
            Period(
                run.first,
                run.first + timedelta(days=run.days - 1),
                schedule.arms[run.arm],
                len(values),
                float(values.mean()) if len(values) else None,
                float(values.std(ddof=1)) if len(values) > 1 else None,
            )
        )
    return tuple(found)


def _sizes(schedule: Schedule, seen: Observed) -> dict[str, dict[str, Size | CannotSay]]:
    by_day = seen.by_day(schedule.days)
    known = np.isfinite(by_day)
    at = np.arange(schedule.days, dtype=np.float64)
    first = known & (schedule.analysed == 0)
    found = {}
    for arm, name in enumerate(schedule.arms[1:], 1):
        other = known & (schedule.analysed == arm)
        found[name] = effect_sizes.of(by_day[first], by_day[other], better=seen.better, at_a=at[first], at_b=at[other])
    return found


def _plan_facts(standing: Standing) -> dict[str, str]:
    """What the plan alone answers."""
    trial = standing.trial
    says, allowed = trial.protocol.says, trial.space
    outcome = says.outcome.item or says.outcome.event or ""
    design = says.design
    facts = {
        "title": f"An N-of-1 trial (single-case experimental design): {says.name}",
        "rationale": "what helps one person is to be known for this person; each day serves as its own comparison",
        "question": says.question,
        "design": f"{KINDS[design.kind]}; {design.days} days from {in_words(says.start)}, "
        f"washout {counted(design.washout, 'day')}",
        "setting": "; ".join(
            f"{arm.name}: {', '.join(part for part in (arm.place, arm.clothes, arm.people) if part)}"
            for arm in says.arm
            if arm.place or arm.clothes or arm.people
        ) or "in daily life, by the person's own records",
        "arms": "; ".join(f"{arm.name}{f': {arm.what}' if arm.what else ''}" for arm in says.arm),
        "outcome": _asked(says.outcome, outcome),
        "measure": f"{outcome} as the person answered or noted it; reliability was not assessed",
        "length": f"planned as {design.days} days; the smallest difference that matters: {says.matters:g}",
        "stopping": _stopping(standing),
        "blinding": "nobody was blinded: the person knew on each day what it was drawn for",
        "who": "the order was drawn by this program and carried out by the person",
        "concealment": "the whole order was drawn at once when the trial began; it could be seen from then on",
        "replication": f"with {len(says.baselines)} further baselines" if says.baselines else "none within this trial",
        "equipment": "Mainstay, on the person's own machine",
        "series": "one person",
        "seal": _seal(standing),
        "generality": "one person; for others it is a question, not an answer",
        "analysis": f"randomisation test at level {says.analysis.level:g} in all; regression with swings, "
        f"{'trend' if says.analysis.trend else 'no trend'} and "
        f"{'carryover' if says.analysis.carryover else 'no carryover'}",
        "correlation": "swings from day to day, trend and carryover are parts of the model; the test needs none",
    }  # fmt: skip
    if isinstance(allowed, CannotSay):
        return facts
    return facts | _lot_facts(allowed)


def _asked(table: OutcomeTable, outcome: str) -> str:
    """What the plan asks for, first things first."""
    looked_at = f"{outcome}, {'lower' if table.better == 'low' else 'higher'} is better"
    if table.claim == "relief":
        return looked_at
    return f"first: acts of relief beyond what strain explains, fewer is better; beside it: {looked_at}"


def _stopping(standing: Standing) -> str:
    says = standing.trial.protocol.says
    looked = sum(one.says.kind == "looked" for one in standing.trial.notes)
    parts = ["looks on any day", f"it was looked at {counted(looked, 'time')}"]
    parts += ["may end early for benefit"] if says.stopping.benefit else []
    parts += ["may end early for futility"] if says.stopping.futility else []
    parts += [f"ends if likely worse by {says.stopping.harm:g}"] if says.stopping.harm is not None else []
    parts += [f"ends if {one.item} is at {one.limit:g} for {counted(one.days, 'day')}" for one in says.harm]
    if isinstance(standing.trial.space, DesignSpace):
        parts.append(f"level left for the end: {standing.trial.space.level:.3g}")
    return "; ".join(parts)


def _lot_facts(allowed: DesignSpace) -> dict[str, str]:
    if not allowed.randomised:
        return {"drawing": "nothing was drawn by lot", "restrictions": "none, as nothing was drawn"}
    return {
        "drawing": "yes, by a random number generator, each admissible order as likely, so that a test can be exact",
        "restrictions": f"{how_many(allowed.count)} admissible orders",
    }


def _seal(standing: Standing) -> str:
    trial = standing.trial
    if trial.begun is None:
        return "the plan is in the casebook and not sealed yet"
    told = f"in the casebook, sealed on {trial.begun.written.day_in_words}, digest {trial.begun.says.digest}"
    return f"{told}; but {'; '.join(trial.wrong)}" if trial.wrong else told


def _facts(
    standing: Standing, schedule: Schedule, answers: Sequence[Answer], periods: Sequence[Period]
) -> dict[str, str]:
    trial, done = standing.trial, standing.adherence
    seen = standing.observed
    claims = [one for one in answers if one.row == "S22"]
    effect = [
        f"{one.claim} ({one.estimate:.3g}, {one.interval.level:.0%} interval {one.interval.low:.3g} to "
        f"{one.interval.high:.3g} {one.unit})"
        for one in claims
        if isinstance(one, Finding)
    ]
    last = schedule.start + timedelta(days=max(standing.days - 1, 0))
    with_answer = sum(one.days for one in periods)
    washed = int((schedule.analysed == WASHOUT).sum())
    facts = _plan_facts(standing) | {
        "order": "".join("ABCDEF"[arm] for arm in schedule.arm.tolist()),
        "changes": "; ".join(trial.wrong) or "none on record",
        "completed": f"{standing.days} of {schedule.days} days",
        "dates": f"from {in_words(schedule.start)} to {in_words(last)}",
        "analysed": f"{with_answer} days with an answer; {washed} days of washout left out",
        "missing": f"{max(standing.days - with_answer - washed, 0)} days without an answer",
        "periods": f"{len(periods)} periods, in the table",
        "effect": " ".join(effect),
        "summary": " ".join(effect),
        "limitations": _limitations(standing),
        "binary": "not such an outcome" if trial.protocol.says.outcome.item else "",
    }
    if trial.ended is not None:
        facts["ended"] = f"ended on {trial.ended.written.day_in_words}: {trial.ended.says.why or 'no reason written'}"
    elif standing.days >= schedule.days:
        facts["ended"] = "no, it ran to its end"
    if done is not None and done.written:
        facts["fidelity"] = f"{done.count('kept')} of {done.written} days written of went as drawn"
    if not isinstance(standing.look, CannotSay):
        harmed = standing.look.stop == "harm"
        facts["harms"] = standing.look.said if harmed else "no limit of harm stated before was passed"
    if isinstance(seen, Observed) and len(seen.before):
        facts["baseline"] = f"{len(seen.before)} answers from before, mean {seen.before_value.mean():.3g} {seen.unit}"
    return facts


def _limitations(standing: Standing) -> str:
    parts = ["not blinded", "answers are the person's own"]
    if isinstance(standing.trial.space, DesignSpace) and not standing.trial.space.randomised:
        parts.append("nothing was drawn by lot, so what else changed can't be told apart")
    parts += list(standing.trial.wrong)
    return "; ".join(parts)
