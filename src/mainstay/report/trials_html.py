"""The report of a trial as one file for a browser: claims, figure, periods, effect sizes, and the guidelines."""

from __future__ import annotations

from mainstay.quantities import CannotSay
from mainstay.report.answers import AnswerContext
from mainstay.report.futures_page import bullets, figure, folded_table, lead, page, plain_table, section, sentences
from mainstay.report.text import HOW_TO_READ
from mainstay.report.trials_figures import trial_figure
from mainstay.report.trials_words import (
    ARMS,
    BESIDE,
    SAID,
    SHOWED,
    SIZES,
    STANDS,
    WRITER,
    arm_lines,
    claims,
    item_table,
    left_to_write,
    period_table,
    size_table,
    stand_lines,
)
from mainstay.trials.reporting import Report

FIGURE = "Day by day"
FIGURE_SAYS = (
    "Dots: the mean of each day’s answers. Level lines: the mean of a phase or an arm. Small dots are left out."
)


def trial_html(report: Report, context: AnswerContext) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched."""
    trial = report.standing.trial
    parts = [
        lead(trial.protocol.says.question),
        section(SHOWED, "".join(sentences([one]) + sentences(under, "quiet") for one, under in claims(report))),
        section(FIGURE, _figure(report)),
        section(BESIDE, bullets(report.checks)),
        section(STANDS, bullets(stand_lines(report.standing))),
        section(ARMS, bullets(arm_lines(report))),
        section(SIZES, plain_table(SIZES, size_table(report), "twin numbers") if size_table(report)[1] else ""),
        section(SAID, folded_table("Item by item", item_table(report)) if item_table(report)[1] else ""),
        section(WRITER, bullets(left_to_write(report))),
    ]
    return page(f"A trial: {trial.name}", context, parts, how_to_read=HOW_TO_READ)


def _figure(report: Report) -> str:
    schedule, seen = report.standing.trial.schedule, report.standing.observed
    if schedule is None or isinstance(seen, CannotSay):
        return ""
    outcome = report.standing.trial.protocol.says.outcome
    name = outcome.item or outcome.event or ""
    head, rows = period_table(report)
    table = (head, rows)
    return figure(lambda width: trial_figure(schedule, seen, name, width), "trial", FIGURE_SAYS, table)
