"""What could come, on a terminal: how it could turn out, how urgent it is, the next day, how forecasts fared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, Interval
from mainstay.records.words import quoted
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_data import HORIZONS, Ahead, Next, Turn, ahead_of
from mainstay.report.futures_fared import FARED, fared_lines
from mainstay.report.futures_words import chance_and_range, chance_words, rank_words, shown_name, span_words
from mainstay.report.text import context_line, wrapped
from mainstay.report.words import claim_of, decimals_for, number, would_change

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import Fared

TURNS, URGENT, NEXT, WITHHELD, REFUSED, ELSE, WORKINGS = (
    "How it could turn out",
    "How urgent it is",
    "The next day and the next week",
    "What is not shown, and why",
    "What cannot be said",
    "What else can be said of what could come",
    "How this was worked out",
)
PREFERRED = "Preferred, the best first"
NOTHING = "There is nothing to say yet of what could come."
CHANCES_MEAN = (
    "A chance is of so many futures like this person's own weeks: of each 100 of them, so many turn out this way. The "
    "range is where the chance itself could lie. It is a forecast from the past, not a verdict, and what is done "
    "changes it."
)
NARROWEST_BESIDE = 70
HARDLY_EVER = 0.02
"""Of what comes in fewer futures than that, when it comes is not told."""
_BAR = 25


def futures_lines(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    width: int = 80,
    *,
    fared: Fared | None = None,
    note: str = "",
) -> str:
    """What could come as plain text at a width in columns, ending in a newline. `note`: under the date."""
    ahead = ahead_of(answers)
    lines = [*wrapped(title, width), *wrapped(context_line(context), width), *wrapped(note, width)]
    if ahead.whole is not None:
        lines += ["", *wrapped(claim_of(ahead.whole), width), *wrapped(would_change(ahead.whole), width)]
    lines += _turns(ahead, width)
    lines += _bullets(URGENT, urgent_words(ahead), width)
    lines += _nexts(ahead, width)
    lines += _bullets(ELSE, ahead.others, width)
    lines += _bullets(WITHHELD, withheld_words(ahead), width)
    lines += _bullets(REFUSED, ahead.refused, width)
    if not (ahead.shows_anything or ahead.withheld or ahead.refused):
        lines += ["", *wrapped(NOTHING, width)]
    lines += _bullets(FARED, fared_lines(fared, context), width) if fared is not None else []
    if ahead.turns:
        lines += ["", *wrapped(CHANCES_MEAN, width)]
    if ahead.workings:
        lines += ["", WORKINGS]
        lines += [
            line for name, text in ahead.workings for line in wrapped(f"{name}: {ended(text)}", width, "  ", "    ")
        ]
    return "\n".join(lines) + "\n"


def horizon_words(ahead: Ahead) -> str:
    """Until when it is looked ahead: "by 7 October 2025, 13 weeks from 8 July 2025"."""
    if ahead.begins is None or ahead.ends is None:
        return ""
    return f"by {ahead.ends.day_in_words}, {span_words(ahead.days)} from {ahead.begins.day_in_words}"


def heading_words(ahead: Ahead) -> str:
    """The heading over the ways it could turn out, with the horizon."""
    when = horizon_words(ahead)
    return f"{TURNS} {when}" if when else TURNS


def turn_words(turn: Turn, ahead: Ahead) -> str:
    """When it comes, if it does; empty where it hardly ever does."""
    if turn.half_by is None or ahead.begins is None or turn.chance < HARDLY_EVER:
        return ""
    return f"If it comes, as likely before as after {ahead.begins.plus_days(turn.half_by).day_in_words}."


def order_words(ahead: Ahead) -> list[str]:
    """The order of preference in one sentence, and what must not happen in another."""
    told = []
    if len(ahead.order) > 1:
        told.append(f"{PREFERRED}: {'; '.join(shown_name(one) for one in ahead.order)}.")
    return [*told, *must_not_words(ahead)]


def must_not_words(ahead: Ahead) -> list[str]:
    """What must not happen, in one sentence."""
    return [f"Must not happen: {quoted(shown_name(one) for one in ahead.must_not)}."] if ahead.must_not else []


def urgent_words(ahead: Ahead) -> list[str]:
    """How urgent it is in one sentence, and what the limit is."""
    if ahead.urgency is None:
        return []
    return [claim_of(ahead.urgency), *([begun(ended(ahead.limit_words))] if ahead.limit_words else [])]


def withheld_words(ahead: Ahead) -> list[str]:
    """What is not shown and why, in words and without a number of it."""
    return [f"{said} {begun(ended(why))}" if why and why not in said else said for said, why in ahead.withheld]


def when_words(one: Next) -> str:
    """Of which day or week a forecast is: "On 9 July 2025", "In the week from 9 July 2025 on"."""
    if one.begins is None:
        return begun(one.horizon)
    day = one.begins.day_in_words
    return f"On {day}" if one.horizon == HORIZONS[0] else f"In the week from {day} on"


def next_words(one: Next) -> str:
    """The forecast itself, a rating with its range or a chance with its range, and what is usual."""
    if one.kind == "event":
        usual = "" if one.usual is None else f"; usually {chance_words(one.usual)}"
        return f"{chance_and_range(one.estimate, one.low, one.high)}{usual}"
    places = max(decimals_for(Interval(one.low, one.high)), 1)
    usual = "" if one.usual is None else f"; usually {number(one.usual, places)}"
    between = f"{number(one.low, places)} to {number(one.high, places)}"
    return f"about {number(one.estimate, places)} ({between}){usual}"


def _turns(ahead: Ahead, width: int) -> list[str]:
    if not ahead.turns:
        return []
    lines = ["", *wrapped(heading_words(ahead), width)]
    for turn in ahead.turns:
        wish = rank_words(turn.rank, must_not=turn.must_not)
        name = begun(shown_name(turn.name))
        lines += ["", *wrapped(f"{name} ({wish})" if wish else name, width, "  ", "    ")]
        lines += _bar(turn, width)
        for text in (turn.words, turn_words(turn, ahead)):
            lines += wrapped(begun(ended(text)) if text else "", width, "    ", "    ")
    orders = [line for text in order_words(ahead) for line in wrapped(text, width, "  ", "    ")]
    return [*lines, *(["", *orders] if orders else [])]


def _bar(turn: Turn, width: int) -> list[str]:
    """The chance as a bar: its range as dashes, the chance itself as a block; beside it in words, or under it."""
    said = chance_and_range(turn.chance, turn.low, turn.high)
    drawn = f"    |{bar_of(turn.chance, turn.low, turn.high, min(_BAR, width - 8))}|"
    if width < NARROWEST_BESIDE:
        return [drawn, *wrapped(said, width, "    ", "    ")]
    return wrapped(said, width, f"{drawn} ".replace(" ", "\u00a0"))


def bar_of(at: float, low: float, high: float, columns: int) -> str:
    """A place from 0 to 1 as a bar of so many columns: its range as dashes, the place itself as a block."""
    start, end, block = (round(min(max(one, 0.0), 1.0) * (columns - 1)) for one in (low, high, at))
    return "".join("█" if k == block else "─" if start <= k <= end else " " for k in range(columns))


def _nexts(ahead: Ahead, width: int) -> list[str]:
    if not ahead.nexts:
        return []
    lines = ["", NEXT]
    for horizon in HORIZONS:
        some = [one for one in ahead.nexts if one.horizon == horizon]
        lines += wrapped(when_words(some[0]), width, "  ", "  ") if some else []
        for one in some:
            lines += wrapped(f"{one.about}: {next_words(one)}", width, "    • ", "      ")
    return lines


def _bullets(heading: str, told: Sequence[str], width: int) -> list[str]:
    if not told:
        return []
    return ["", heading, *(line for text in told for line in wrapped(text, width, "  • ", "    "))]
