"""How a trial stands and what it showed, in sentences and tables that terminal and page share."""

from __future__ import annotations

from statistics import mean, stdev

from mainstay.quantities import CannotSay, in_words
from mainstay.records.statements_protocol import ProtocolFile
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_page import NONE, Table
from mainstay.report.text import quiet_lines
from mainstay.report.words import claim_of, counted
from mainstay.trials.effect_sizes_kinds import Size
from mainstay.trials.monitoring import Watched
from mainstay.trials.planning import HowLong
from mainstay.trials.power import Weeks
from mainstay.trials.reporting import KINDS, Report
from mainstay.trials.standing import Standing
from mainstay.trials.wording import changes_between

SHOWED, BESIDE, STANDS, ARMS, PERIODS, SIZES, SAID, WRITER = (
    "What it showed",
    "What was looked at beside it",
    "How it stands",
    "By what the days were drawn for",
    "Each period",
    "The field’s effect sizes",
    "What CENT 2015 and SCRIBE 2016 ask",
    "Left for you to write",
)
MOST_PERIODS = 12
"""More than these are told by arm alone."""


def stand_lines(standing: Standing) -> list[str]:
    """Where the trial is, what a look shows, how it was lived, and what of its seal does not fit."""
    trial = standing.trial
    whole, first = trial.protocol.says.design.days, in_words(trial.protocol.says.start)
    if standing.days == 0 and trial.ended is None and not trial.wrong:
        return [f"“{trial.name}” has {whole} days, the first of them is {first}; none is over yet.", *_beside(standing)]
    told = [f"{standing.days} of {whole} days are over, of “{trial.name}”, begun {first}."]
    if trial.ended is not None:
        why = f": {ended(trial.ended.says.why)}" if trial.ended.says.why else "."
        told.append(f"It was ended on {trial.ended.written.day_in_words}{why}")
    if isinstance(standing.look, CannotSay):
        told.append(claim_of(standing.look))
    elif standing.going_on:
        told.append(standing.look.said)
        told += [line for one in standing.look.watched if (line := _watched(one, standing))]
    done = standing.adherence
    if done is not None:
        told.append(_lived(standing))
    return [begun(one) for one in (*told, *_beside(standing))]


def _beside(standing: Standing) -> list[str]:
    """What of the seal does not fit, and what is on record of trials and counts for none of them."""
    return [
        *(f"Seal: {ended(one)}" for one in standing.trial.wrong),
        *(f"Left out: {ended(one)}" for one in standing.strays),
    ]


def _watched(one: Watched, standing: Standing) -> str:
    """The effects that no day so far has ruled out."""
    seen = standing.observed
    if isinstance(seen, CannotSay):
        return ""
    if one.interval is None:
        return f"So far nothing is ruled out for “{one.arm}”: {one.lots} draws of the lot are over."
    ranged = changes_between(one.interval.low, one.interval.high, seen.unit, "and")
    return (
        f"With “{one.arm}”: between {ranged}; what lies outside is ruled out, "
        f"with a chance of {1 - one.interval.level:.0%} to be wrong over all looks together."
    )


def _lived(standing: Standing) -> str:
    done = standing.adherence
    assert done is not None
    left = len(done.open_days)
    noted = f"{done.count('kept')} of {done.written} days written of went as drawn" if done.written else ""
    still = f"{counted(left, 'day')} still to be noted (mainstay trial CASE fill)" if left else ""
    return f"{'; '.join(part for part in (noted, still) if part) or 'Every day so far is noted'}."


def weeks_lines(says: ProtocolFile, told: HowLong) -> list[str]:
    """How many weeks it takes to see the difference that matters, and the threshold recover."""
    if isinstance(told.relief, CannotSay):
        return [claim_of(told.relief)]
    lines = [f"To see a difference of {says.matters:g} with a chance of 8 in 10: {_weeks(told.relief)}."]
    if told.least is not None and told.least.kind != told.relief.kind and told.least.needed is not None:
        lines.append(f"{begun(KINDS[told.least.kind])} would take {_weeks(told.least)}.")
    if isinstance(told.recovery, CannotSay):
        return [*lines, claim_of(told.recovery)]
    return [
        *lines,
        "To see whether it takes more to tip over (help sought half as often at the same strain, in stretches of two "
        f"weeks): {_weeks(told.recovery)}.",
    ]


def _weeks(one: Weeks) -> str:
    return counted(one.needed, "week") if one.needed is not None else "more than a year"


def claims(report: Report) -> list[tuple[str, list[str]]]:
    """Each claim with what stands under it."""
    return [(claim_of(one), quiet_lines(one)) for one in report.answers if one.row == "S22"]


def arm_lines(report: Report) -> list[str]:
    """Of each arm: days with an answer, their mean and sd."""
    seen = report.standing.observed
    unit = "" if isinstance(seen, CannotSay) else f" {seen.unit}"
    return [
        f"“{arm}”: {counted(len(values), 'day')} with an answer"
        + (f", mean {mean(values):.2f}{unit}" if values else "")
        + (f", SD {stdev(values):.2f}" if len(values) > 1 else "")
        for arm, values in report.by_arm.items()
    ]


def period_table(report: Report) -> Table:
    """Each period: dates, arm, days with an answer, mean and sd."""
    rows = [
        (
            in_words(one.start) if one.start == one.end else f"{in_words(one.start)} to {in_words(one.end)}",
            one.arm,
            str(one.days),
            NONE if one.mean is None else f"{one.mean:.2f}",
            NONE if one.sd is None else f"{one.sd:.2f}",
        )
        for one in report.periods
    ]
    return ("", "Drawn for", "Days with an answer", "Mean", "SD"), rows


def size_table(report: Report) -> Table:
    """The effect sizes that could be worked out, each with its standard error and interval."""
    rows = [
        (
            name if len(report.sizes) == 1 else f"{name}, {arm}",
            f"{one.estimate:.3f}",
            NONE if one.se is None else f"{one.se:.3f}",
            NONE if one.interval is None else f"{one.interval.low:.3f} to {one.interval.high:.3f}",
        )
        for arm, sizes in report.sizes.items()
        for name, one in sizes.items()
        if isinstance(one, Size)
    ]
    return ("", "Estimate", "SE", "95 % interval"), rows


def item_table(report: Report) -> Table:
    """The items of both guidelines that the record answers."""
    rows = [(f"{item.guideline} {item.number}", item.asks, said) for item, said in report.items if said]
    return ("", "What is asked", "What the record says"), rows


def left_to_write(report: Report) -> list[str]:
    """What only a writer can say, by guideline."""
    found: dict[str, list[str]] = {}
    for item, said in report.items:
        if not said:
            found.setdefault(item.guideline, []).append(f"{item.number} {item.asks}")
    return [f"{guideline}: {'; '.join(asks)}." for guideline, asks in found.items()]
