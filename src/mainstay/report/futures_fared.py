"""How forecasts so far fared: how many came due, how chances and ranges held, and what waits for its date."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import CannotSay
from mainstay.report.explanations_words import begun
from mainstay.report.futures_words import range_words, short_date, shown_name
from mainstay.report.words import counted, lowered

if TYPE_CHECKING:
    from mainstay.futures.ledger_tally import About, Fared, Said
    from mainstay.report.answers import AnswerContext

FARED = "How forecasts so far fared"
MOST_THINGS, FEWEST_HELD = 12, 8
"""How many things are told one by one; and of how few forecasts it is not told what was to be expected."""
NONE_YET = "No forecast has been written down yet."
NONE_BY_THEN = "No forecast had been written down by then."
HOW_FAR = {"tomorrow": "the next day", "7 days": "the next 7 days"}
"""How far ahead a forecast looks, in the words of whoever reads of it later."""
SAID_MEAN = (
    "Of all forecasts that said about so many in 100, how many came. On the thin line they came just as often as was "
    "said; where the upright line of a dot crosses it, the difference may be luck."
)


def fared_lines(fared: Fared, context: AnswerContext) -> list[str]:
    """The ledger in sentences: counts first, then what it comes to, then how each thing fared."""
    if not fared.written:
        return [NONE_BY_THEN if context.as_of < context.made_at else NONE_YET]
    untold = [
        f"{counted(many, 'forecast')} could not be scored: {lowered(why)}." for why, many in fared.unscorable.items()
    ]
    most = sorted(fared.by, key=lambda one: -one.n)
    each = [f"{begun(thing_words(one.about))}: {kind_words(one)}." for one in most[:MOST_THINGS]]
    each += [f"{len(most) - MOST_THINGS} other things were forecast, too."] if len(most) > MOST_THINGS else []
    return [counts_words(fared), *([fared.sentence] if fared.n else []), *each, *untold]


def counts_words(fared: Fared) -> str:
    """How many forecasts have come due and how many wait."""
    were = "was" if fared.n == 1 else "were"
    done = f"{counted(fared.n, 'forecast')} so far came due and {were} held against what happened"
    told = [done if fared.n else "None of the forecasts written down could be held against what happened yet"]
    if fared.waiting:
        due = f", the next on {short_date(fared.next_due)}" if fared.next_due is not None else ""
        told.append(f"{fared.waiting:,} {'waits' if fared.waiting == 1 else 'wait'} to come due{due}")
    return f"{'; '.join(told)}."


def thing_words(about: str) -> str:
    """What was forecast and how far ahead, as a sentence has it: "tension, the next day"."""
    what, so, when = about.rpartition(": ")
    return f"{shown_name(what)}, {HOW_FAR.get(when, when)}" if so else about


def kind_words(one: About) -> str:
    """How the forecasts of one thing fared, against what was to be expected by them where there are several."""
    if one.came is not None and one.expected is not None:
        told, expected = f"{one.came} of {one.n} came", one.expected
    elif one.inside is not None and one.level is not None:
        told, expected = f"{one.inside} of {one.n} lay in the range given", one.level * one.n
    else:
        return f"{one.n} came due"
    return told if one.n < FEWEST_HELD else f"{told}, about {expected:.0f} were to be expected"


def said_of(fared: Fared) -> tuple[Said, ...]:
    """What the diagram is drawn of; nothing where too few came due."""
    return () if isinstance(fared.bins, CannotSay) else fared.bins


def said_rows(said: Sequence[Said]) -> tuple[list[str], list[list[str]]]:
    """The diagram of chances as a table: what was said, what came, and where that could lie."""
    head = ["Said, in 100", "Came, in 100", "Range", "Forecasts"]
    return head, [
        [f"{100 * one.mean:.0f}", f"{100 * one.share:.0f}", range_words(one.low, one.high), f"{one.n}"] for one in said
    ]
