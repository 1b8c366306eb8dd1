"""Points, burdens and chances of options as words: "3 to 5 hours a week", "4 points better (−1 to 9)"."""

from __future__ import annotations

from mainstay.records.statements_option import NOTHING
from mainstay.records.words import listed
from mainstay.report.explanations_words import begun
from mainstay.report.futures_words import chance_words, range_words
from mainstay.report.options_data import A_POINT, Bears, Choice, Link, Range, Worth
from mainstay.report.words import number

STATUS_WORDS = {
    "recommended": "recommended",
    "found": "better on the whole",
    "not_found": "not shown to be better",
    "dominated": "no better than another",
    "struck_out": "struck out",
    "cannot_say": "cannot be told",
}
REVERSIBLE_WORDS = {"yes": "can be undone", "partly": "can be undone in part", "no": "cannot be undone"}
POINTS_MEAN = (
    "Points run from 0, the worst way it could turn out, to 100, the best, by what was said to be preferred. They "
    "order what is written here and measure nothing else."
)


def span(values: Range) -> str:
    """A range as it was written: "3 to 5", or one number."""
    low, high = (f"{one:,.10g}" for one in values)
    return low if low == high else f"{low} to {high}"


def bears_words(bears: Bears) -> str:
    """What is borne or gained: "3 to 5 hours a week and 20 points"; empty where nothing is."""
    told = [
        f"{span(values)} {unit}"
        for values, unit in (
            (bears.hours_a_week, "hours a week"),
            (bears.money_a_month, "a month in money"),
            (bears.points, "points"),
        )
        if values[1] > 0.0
    ]
    return listed(told)


def borne_words(choice: Choice) -> list[str]:
    """Who bears what and who gains what, a sentence for each."""
    says = {
        ("cost", "person"): "It takes {} of the person",
        ("benefit", "person"): "Besides, it gives the person {}",
        ("cost", "supporter"): "It takes {} of the supporter",
        ("benefit", "supporter"): "It gives the supporter {}",
    }
    borne = choice.borne or {}
    return [f"{text.format(said)}." for key, text in says.items() if key in borne and (said := bears_words(borne[key]))]


def signed(value: float) -> str:
    """A number of points with its sign: "+4", "−1", "0"."""
    shown = number(abs(value), 0 if abs(value) >= 9.5 else 1).removesuffix(".0")
    return shown if shown == "0" else f"{'+' if value > 0 else '−'}{shown}"


def points(value: float) -> str:
    """Points without a sign where there is none: "62"."""
    shown = number(abs(value), 0)
    return shown if shown == "0" or value > 0 else f"−{shown}"


def worth_words(worth: Worth) -> str:
    """Points with their range: "62 (50 to 71)"."""
    return f"{points(worth.points)} ({points(worth.low)} to {points(worth.high)})"


def gain_words(worth: Worth) -> str:
    """How much better than leaving things as they are, with the range: "+4 (−1 to +9)"; not what is next to nothing."""
    if max(abs(worth.low), abs(worth.high)) < A_POINT:
        return "less than a point either way"
    return f"{signed(worth.points)} ({signed(worth.low)} to {signed(worth.high)})"


def missed_words(most: float) -> str:
    """The most that could be missed, in points: "9", "less than a point"."""
    return "less than a point" if most < A_POINT else points(most)


def link_words(link: Link) -> str:
    """A step and its chance: "she says yes: 60 to 80 in 100"."""
    return f"“{link.what}”: {range_words(link.low, link.high)}"


def steps_words(choice: Choice) -> list[str]:
    """How likely all steps together are to succeed, and which is the weakest."""
    if choice.success is None:
        return []
    told = [f"All its steps succeed in {range_words(*choice.success)}."]
    if choice.weakest is not None and len(choice.steps) > 1:
        told.append(f"Its weakest link is {link_words(choice.weakest)}.")
    return told


def ways_words(choice: Choice) -> list[str]:
    """Whether it can be undone, when it takes effect, and how the person would be asked."""
    weeks = f"{choice.after_weeks:g} {'week' if choice.after_weeks == 1.0 else 'weeks'}"
    told = [f"It {REVERSIBLE_WORDS[choice.reversible]}."] if choice.reversible in REVERSIBLE_WORDS else []
    told += [f"It takes effect after {weeks}."] if choice.after_weeks else []
    return told + ([f"It would be brought up so: “{choice.channel}”."] if choice.channel else [])


def name_of(choice: Choice) -> str:
    """The name of an option as it is shown."""
    return begun(choice.name)


def best_words(choice: Choice) -> str:
    """How likely it is to be the best of all: "about 1 in 3"; empty where it was not weighed."""
    return "" if choice.chance_best is None else chance_words(choice.chance_best)


def is_nothing(choice: Choice) -> bool:
    """Whether it is to leave things as they are."""
    return choice.name == NOTHING
