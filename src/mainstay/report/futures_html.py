"""What could come, as one file for a browser: how it could turn out, how urgent it is, what comes next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, Instant
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_data import HORIZONS, Ahead, Fan, Survival, Turn, ahead_of
from mainstay.report.futures_fared import FARED, SAID_MEAN, fared_lines, said_of, said_rows
from mainstay.report.futures_figures import (
    chances_figure,
    fan_figure,
    fan_words,
    held_figure,
    survival_figure,
    survival_words,
)
from mainstay.report.futures_page import (
    NONE,
    Draws,
    Table,
    beside,
    bullets,
    figure,
    lead,
    name,
    page,
    plain_table,
    section,
    sentences,
    workings,
)
from mainstay.report.futures_text import (
    CHANCES_MEAN,
    ELSE,
    NEXT,
    NOTHING,
    PREFERRED,
    REFUSED,
    URGENT,
    WITHHELD,
    heading_words,
    must_not_words,
    next_words,
    turn_words,
    urgent_words,
    when_words,
    withheld_words,
)
from mainstay.report.futures_words import chance_words, range_words, rank_words, rule_in_words, short_date, shown_name
from mainstay.report.html import escaped
from mainstay.report.text import ONE_PERSON
from mainstay.report.words import claim_of, number, would_change

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import Fared

STRAIN_AHEAD = "Strain ahead"
HARDLY_EVER = 0.97
"""Where so many futures never reach the limit, a sentence says all that a curve would."""
EVERY = 7
"""Tables of days tell one a week."""


def futures_html(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    *,
    fared: Fared | None = None,
    note: str = "",
) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched.

    `note`: said under the date.
    """
    parts = futures_parts(answers, context, fared=fared)
    return page(title, context, parts, note=note, how_to_read=ONE_PERSON)


def futures_parts(
    answers: Sequence[Answer], context: AnswerContext, *, fared: Fared | None = None, draws: Draws = figure
) -> list[str]:
    """The page without its frame, part by part. `draws`: puts the figures onto it."""
    ahead = ahead_of(answers)
    anything = ahead.shows_anything or ahead.withheld or ahead.refused
    return [
        lead(claim_of(ahead.whole), would_change(ahead.whole)) if ahead.whole is not None else "",
        "" if anything else lead(NOTHING),
        beside(heading_words(ahead), *_turns(ahead, draws)) if ahead.turns else "",
        beside(URGENT, sentences(urgent_words(ahead)), _survival(ahead, draws)),
        beside(
            STRAIN_AHEAD,
            sentences([fan_words(ahead.fan)], "quiet") if ahead.fan is not None else "",
            _fan(ahead, draws),
        ),
        section(NEXT, _nexts(ahead)),
        section(ELSE, bullets(ahead.others)),
        section(WITHHELD, bullets(withheld_words(ahead))),
        section(REFUSED, bullets(ahead.refused)),
        _fared(fared, context, draws) if fared is not None else "",
        workings(ahead.workings),
    ]


def _turns(ahead: Ahead, draws: Draws) -> tuple[str, str]:
    """The ways it could turn out: words, and the figure."""
    told = "Bars: of 100 futures, how many turn out this way; the line is the range of that."
    told += " Hollow: must not happen." if any(turn.must_not for turn in ahead.turns) else ""
    meant = [(begun(shown_name(turn.name)), said) for turn in ahead.turns if (said := _meant(turn, ahead))]
    items = "".join(f"<dt>{name(one)}</dt><dd>{escaped(said)}</dd>" for one, said in meant)
    words = (
        _order(ahead),
        f"<details><summary>What each means</summary><dl>{items}</dl></details>" if meant else "",
        sentences([CHANCES_MEAN], "quiet"),
    )
    drawn = draws(lambda width: chances_figure(ahead, width), "chances", told, turns_table(ahead))
    return "".join(words), drawn


def _order(ahead: Ahead) -> str:
    """The order of preference as a list, so that each name keeps its own direction of writing; what must not happen."""
    names = "".join(f"<li>{name(shown_name(one))}</li>" for one in ahead.order)
    told = f"<p>{PREFERRED}:</p><ol>{names}</ol>" if len(ahead.order) > 1 else ""
    return told + sentences(must_not_words(ahead))


def turns_table(ahead: Ahead) -> Table:
    """The ways it could turn out with the chance of each, its range, and where it stands in what is preferred."""
    rows = [
        (
            begun(shown_name(turn.name)),
            chance_words(turn.chance),
            range_words(turn.low, turn.high),
            rank_words(turn.rank, must_not=turn.must_not),
        )
        for turn in ahead.turns
    ]
    return ("How it could turn out", "Chance", "Range", "Preferred"), rows


def _meant(turn: Turn, ahead: Ahead) -> str:
    """What is meant by it: the person's own words, when it counts as come, and when it comes if it does."""
    rule = f"It counts as come when: {ended(rule_in_words(turn.rule))}" if turn.rule else ""
    words = begun(ended(turn.words)) if turn.words else ""
    return " ".join(one for one in (words, rule, turn_words(turn, ahead)) if one)


def _survival(ahead: Ahead, draws: Draws) -> str:
    survival, begins = ahead.survival, ahead.begins
    if survival is None or begins is None or survival.low[-1] > HARDLY_EVER:
        return ""
    table = survival_table(survival, begins)
    told = survival_words(survival, begins)
    return draws(lambda width: survival_figure(survival, begins, width), "time", told, table)


def survival_table(survival: Survival, begins: Instant) -> Table:
    """The curve of time to the limit week by week."""
    rows = [
        (
            short_date(begins.plus_days(survival.days[k])),
            f"{100 * survival.share[k]:.0f} in 100",
            range_words(survival.low[k], survival.high[k]),
        )
        for k in _weekly(survival.days)
    ]
    return ("By", "Limit not yet reached", "Range"), rows


def _weekly(days: Sequence[float]) -> list[int]:
    """The places of the first day of each week, and of the last day."""
    weeks = [math.floor(day / EVERY) for day in days]
    firsts = [k for k in range(len(days)) if k == 0 or weeks[k] != weeks[k - 1]]
    return sorted({*firsts, len(days) - 1})


def _fan(ahead: Ahead, draws: Draws) -> str:
    fan, begins = ahead.fan, ahead.begins
    if fan is None or begins is None:
        return ""
    return draws(lambda width: fan_figure(fan, begins, width), "strain", "", fan_table(fan, begins))


def fan_table(fan: Fan, begins: Instant) -> Table:
    """Strain ahead week by week: the middle, and between what half and nine in ten of the futures lie."""

    def between(lower: float, upper: float, k: int) -> str:
        ends = [fan.at(one)[k] for one in (lower, upper)]
        return f"{number(ends[0], 1)} to {number(ends[1], 1)}"

    pairs = [(low, high) for low, high in ((0.25, 0.75), (0.05, 0.95)) if low in fan.levels and high in fan.levels]
    names = {(0.25, 0.75): "Half of the futures", (0.05, 0.95): "Nine in ten"}
    middle = fan.at(0.5) if 0.5 in fan.levels else None
    rows = [
        (
            short_date(begins.plus_days(fan.days[k])),
            *((number(middle[k], 1),) if middle is not None else ()),
            *(between(*pair, k) for pair in pairs),
        )
        for k in _weekly(fan.days)
    ]
    head = ("Day", *(("Middle",) if middle is not None else ()), *(names[pair] for pair in pairs))
    return head, rows


def _nexts(ahead: Ahead) -> str:
    """What is forecast of each thing for the next day and the next week, as one table."""
    if not ahead.nexts:
        return ""
    there = {horizon: one for horizon in HORIZONS for one in ahead.nexts if one.horizon == horizon}
    said = {(one.about, one.horizon): next_words(one) for one in ahead.nexts}
    names = dict.fromkeys(one.about for one in ahead.nexts)
    rows = [(one, *(said.get((one, horizon), NONE) for horizon in there)) for one in names]
    return plain_table(NEXT, (("What is watched", *map(when_words, there.values())), rows), "plain stacked")


def _fared(fared: Fared, context: AnswerContext, draws: Draws) -> str:
    """How forecasts so far fared; the diagram only where enough chances came due."""
    said = said_of(fared)
    drawn = draws(lambda width: held_figure(said, width), "held", SAID_MEAN, said_rows(said)) if said else ""
    return beside(FARED, bullets(fared_lines(fared, context)), drawn)
