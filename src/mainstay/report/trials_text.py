"""A trial on a terminal: how it stands, and its report."""

from __future__ import annotations

from mainstay.report.answers import AnswerContext
from mainstay.report.options_text import bullets
from mainstay.report.text import context_line, wrapped
from mainstay.report.trials_words import (
    ARMS,
    BESIDE,
    MOST_PERIODS,
    PERIODS,
    SAID,
    SHOWED,
    SIZES,
    STANDS,
    arm_lines,
    claims,
    period_table,
    size_table,
    stand_lines,
)
from mainstay.trials.reporting import Report
from mainstay.trials.standing import Standing

OVER = "It is over. What it showed: mainstay trial CASE report"


def look_lines(standing: Standing, context: AnswerContext, width: int = 80) -> str:
    """How a trial stands, as plain text at a width in columns."""
    lines = [*wrapped(context_line(context), width)]
    for told in [*stand_lines(standing), *([] if standing.going_on else [OVER])]:
        lines += ["", *wrapped(told, width)]
    return "\n".join(lines) + "\n"


def report_lines(report: Report, context: AnswerContext, width: int = 80) -> str:
    """The report as plain text at a width in columns."""
    trial = report.standing.trial
    lines = [
        f"Trial: {trial.name}",
        *wrapped(trial.protocol.says.question, width),
        *wrapped(context_line(context), width),
    ]
    told = claims(report)
    if told:
        lines += ["", SHOWED]
        for claim, quiet in told:
            lines += wrapped(claim, width, "  • ", "    ")
            lines += [line for one in quiet for line in wrapped(one, width, "    ", "    ")]
    lines += bullets(BESIDE, report.checks, width)
    lines += bullets(STANDS, stand_lines(report.standing), width)
    lines += bullets(ARMS, arm_lines(report), width)
    _, periods = period_table(report)
    if 0 < len(periods) <= MOST_PERIODS:
        lines += ["", PERIODS]
        lines += [f"  {when}: {arm}, {days} days, mean {mean}, SD {sd}" for when, arm, days, mean, sd in periods]
    _, sizes = size_table(report)
    if sizes:
        lines += ["", SIZES]
        lines += [f"  {name:<22} {value:>8}  SE {se:>6}  95 % {ends}" for name, value, se, ends in sizes]
    lines += ["", *wrapped(f"{SAID}, item by item, with the figure: --html OUT.html", width)]
    return "\n".join(lines) + "\n"
