"""What could be done, on a terminal: what holds up, what still stands, what is struck out and why, who bears what."""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.quantities import Answer
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.futures_text import bar_of
from mainstay.report.options_data import (
    DOMINATED,
    RECOMMENDED,
    STANDING,
    Bar,
    Choice,
    Deciding,
    Worth,
    deciding_of,
)
from mainstay.report.options_words import (
    POINTS_MEAN,
    STATUS_WORDS,
    best_words,
    borne_words,
    gain_words,
    missed_words,
    name_of,
    points,
    signed,
    steps_words,
    ways_words,
    worth_words,
)
from mainstay.report.text import context_line, wrapped
from mainstay.report.words import claim_of, would_change

BEST, STILL, NO_BETTER, OUT, COMPARED, HANGS, WAIT, REACH, LEANED, SUPPORTER, REFUSED, ELSE, WORKINGS = (
    "What holds up",
    "What still stands",
    "No better than another",
    "Struck out, and why",
    "What each is worth",
    "What the order hangs on",
    "Deciding now or waiting",
    "How to reach the person",
    "The first leaning",
    "What it asks of the supporter",
    "What cannot be said",
    "What else can be said of the options",
    "How this was worked out",
)
NOTHING = "No option is on record yet. To write one down: mainstay log CASE option"
COLUMNS = ("On average", "Against leaving things as they are", "If it goes badly", "Most that could be missed", "Best")
MISSED_MEANS = (
    "“Most that could be missed”: by how much another option would have been better in the case least in its favour. "
    "“Best”: how likely it is to be the best of all of them."
)
MOST_BARS = 8
_BAR = 21


def options_lines(
    title: str, answers: Sequence[Answer], context: AnswerContext, width: int = 80, *, note: str = ""
) -> str:
    """What could be done as plain text at a width in columns, ending in a newline. `note`: under the date."""
    deciding = deciding_of(answers)
    lines = [*wrapped(title, width), *wrapped(context_line(context), width), *wrapped(note, width)]
    if deciding.whole is not None:
        lines += ["", *(line for text in lead_words(deciding.whole) for line in wrapped(text, width))]
    elif not deciding.choices and not deciding.refused:
        lines += ["", *wrapped(NOTHING, width)]
    lines += _choices(BEST, deciding.of(RECOMMENDED), width)
    lines += _choices(STILL, deciding.of(*STANDING, "cannot_say"), width)
    lines += _choices(NO_BETTER, deciding.of(DOMINATED), width)
    lines += _struck(deciding.struck, width)
    lines += _compared(deciding.weighed, width)
    lines += _hangs(deciding, width)
    for heading, said in after(deciding):
        lines += bullets(heading, said, width)
    if deciding.workings:
        told = [f"{name}: {ended(text)}" for name, text in deciding.workings]
        lines += ["", WORKINGS, *(line for one in told for line in wrapped(one, width, "  ", "    "))]
    return "\n".join(lines) + "\n"


def after(deciding: Deciding) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """What is told in sentences under headings of their own, after the options themselves."""
    return (
        (WAIT, deciding.waiting),
        (REACH, deciding.approach),
        (LEANED, deciding.leaning),
        (SUPPORTER, deciding.supporter),
        (ELSE, deciding.others),
        (REFUSED, deciding.refused),
    )


def about(choice: Choice) -> list[str]:
    """What is said of one option under its claim."""
    told = [ended(begun(choice.what))] if choice.what else []
    told += borne_words(choice) + steps_words(choice) + ways_words(choice)
    changes = choice.would_change.strip()
    return told + ([f"What would change this: {ended(changes)}"] if changes else [])


def struck_words(choice: Choice) -> tuple[str, list[str]]:
    """Why an option is struck out, the reason first; what else stands in its way, and what would have to change."""
    if not choice.strikes:
        return choice.said, []
    first, *others = choice.strikes
    told = [f"Besides: {ended(one.reason)}" for one in others]
    changes = "; ".join(dict.fromkeys(one.change for one in choice.strikes if one.change))
    told += [f"What would change this: {ended(changes)}"] if changes else []
    return f"{begun(first.reason)} (“{choice.name}”).", told


def hang_words(deciding: Deciding) -> list[str]:
    """The weakest links, and how far the best is ahead of the next."""
    tornado = deciding.tornado
    if tornado is None:
        return list(deciding.weakest)
    best = begun(tornado.of) or "The best"
    if tornado.flat:
        said = (
            f"{best} and the next are within a point of each other, and nothing that was tried puts them further apart."
        )
    else:
        ahead = points(tornado.ahead)
        said = f"{best} is {ahead} {'point' if ahead == '1' else 'points'} ahead of the next."
    return [*deciding.weakest, said]


def lead_words(whole: Answer | None) -> tuple[str, str]:
    """What stands first: the answer on the whole, and what would change it."""
    return ("", "") if whole is None else (claim_of(whole), would_change(whole))


def bullets(heading: str, told: Sequence[str], width: int) -> list[str]:
    """Sentences as a list under a heading; nothing where there are none."""
    if not told:
        return []
    return ["", heading, *(line for text in told for line in wrapped(text, width, "  • ", "    "))]


def _choices(heading: str, choices: Sequence[Choice], width: int) -> list[str]:
    if not choices:
        return []
    lines = ["", heading]
    for one in choices:
        lines += wrapped(one.said, width, "  • ", "    ")
        lines += [line for text in about(one) for line in wrapped(text, width, "      ", "      ")]
    return lines


def _struck(choices: Sequence[Choice], width: int) -> list[str]:
    if not choices:
        return []
    lines = ["", OUT]
    for one in choices:
        first, more = struck_words(one)
        lines += wrapped(first, width, "  ✗ ", "    ")
        lines += [line for text in more for line in wrapped(text, width, "      ", "      ")]
    return lines


def _compared(weighed: Sequence[Choice], width: int) -> list[str]:
    """What each is worth: a line for its range and the rest in words, since a terminal is narrow."""
    if not weighed:
        return []
    lines = ["", COMPARED]
    for one in weighed:
        status = STATUS_WORDS.get(one.status, "")
        lines += ["", *wrapped(f"{name_of(one)} ({status})" if status else name_of(one), width, "  ", "    ")]
        lines += _worth(one.expected, width) if one.expected is not None else []
        lines += wrapped(worth_in_words(one), width, "    ", "    ")
    return [*lines, "", *wrapped(f"{POINTS_MEAN} {MISSED_MEANS}", width, "  ", "  ")]


def _worth(worth: Worth, width: int) -> list[str]:
    bar = bar_of(worth.points / 100.0, worth.low / 100.0, worth.high / 100.0, min(_BAR, width - 8))
    return wrapped(f"{worth_words(worth)} points", width, f"    |{bar}| ".replace(" ", "\u00a0"), "    ")


def worth_in_words(one: Choice) -> str:
    """What else is told of the worth of an option, in one sentence; empty where nothing is."""
    told = [f"{gain_words(one.gain)} against leaving things as they are"] if one.gain is not None else []
    told += [f"{points(one.badly)} if it goes badly"] if one.badly is not None else []
    told += [f"{missed_words(one.most_missed)} could be missed at most"] if one.most_missed is not None else []
    told += [f"the best of all in {best_words(one)}"] if one.chance_best is not None else []
    return ended(begun("; ".join(told))) if told else ""


def cells(one: Choice) -> list[str]:
    """The row of one option in the table of what each is worth."""
    return [
        worth_words(one.expected) if one.expected is not None else "",
        gain_words(one.gain) if one.gain is not None else "",
        points(one.badly) if one.badly is not None else "",
        missed_words(one.most_missed) if one.most_missed is not None else "",
        best_words(one),
    ]


def _hangs(deciding: Deciding, width: int) -> list[str]:
    tornado = deciding.tornado
    bars = [] if tornado is None or tornado.flat else [bar_words(bar) for bar in tornado.bars[:MOST_BARS]]
    return bullets(HANGS, [*hang_words(deciding), *bars], width)


def bar_words(bar: Bar) -> str:
    """What one thing does to how far the best is ahead."""
    turns = f"; {bar.turns}" if bar.turns else ""
    return f"{begun(bar.what)}: from {signed(bar.low)} to {signed(bar.high)} points ahead{turns}."
