"""What a group shows, in plain sentences: what, how sure, from how many, what would change it."""

from __future__ import annotations

from mainstay.cohort.group_differences import Difference
from mainstay.cohort.group_mean import GroupMean
from mainstay.cohort.group_questions import LEANING, back, told_to
from mainstay.cohort.group_reading import GroupQuestion
from mainstay.cohort.groups import Group, Groups, Tested
from mainstay.quantities import CannotSay, Interval
from mainstay.report.words import counted, number

LINES_OF_MEANS = 4
LEANS = (
    "Each person’s size leans towards what is usual before anything is recorded, and so does this mean: the range is "
    "of the mean of such estimates, and the truth may lie beside it (docs/explanation/groups.md)."
)
SEVERAL = 0.5
"""Above this share of what differs is between people themselves, more records of each would narrow little."""


def named(one: GroupQuestion) -> str:
    """What was asked: "recovery half-life of “valence”"."""
    return f"{one.quantity} (“{one.about}”)" if one.about else one.quantity


def middle(one: GroupQuestion) -> str:
    """What a mean of it is called: on average, or, on a scale of logarithms, in the middle."""
    return "in the middle" if one.question is not None and one.question.scale != "plain" else "on average"


def count(people: int, smallest: int) -> str:
    """A count in steps: "40 people or more", "fewer than 10 people"."""
    return f"{people:,} people or more" if people else f"fewer than {smallest} people"


def in_unit(one: GroupQuestion, value: float) -> str:
    """A value of the question's scale, in its unit."""
    scale = "plain" if one.question is None else one.question.scale
    return number(back(scale, value))


def ends(one: GroupQuestion, interval: Interval) -> str:
    """An interval in the question's unit: "1.2 to 2.6 hours"."""
    tail = f" {one.unit}" if one.unit else ""
    return f"{in_unit(one, interval.low)} to {in_unit(one, interval.high)}{tail}"


def mean_words(group: Group) -> list[str]:
    """What the group shows of a question: its mean, how people differ, what would change it; or why nothing."""
    one, mean = group.of, group.mean
    if isinstance(mean, CannotSay):
        need = f"; {mean.need:,.0f} {mean.unit} are needed" if mean.need is not None else ""
        return [f"{_begun(named(one))}: cannot say: {mean.reason}{need}."]
    what = f"as estimated, {middle(one)}" if one.row in LEANING else middle(one)
    unit = f" {one.unit}" if one.unit else ""
    return [
        f"{_begun(named(one))}: {what} {in_unit(one, mean.mean)}{unit}, 90 % sure: {ends(one, mean.interval)}; "
        f"from {count(group.with_size, group.smallest)}.",
        f"A further person’s own, 90 % sure: {ends(one, mean.next_one)}.",
        _missing(group),
        one.question.lacking if one.question is not None else "",
        LEANS if one.row in LEANING else "",
        _would_change(mean),
    ]


def _missing(group: Group) -> str:
    return (
        f"Asked: {count(group.asked, group.smallest)}; with a size: {count(group.with_size, group.smallest)}. This is "
        "about those in whom a size can be told, who may be unlike the others."
    )


def _would_change(mean: GroupMean) -> str:
    if mean.share_between > SEVERAL:
        return "More people would make this surer; longer records of the same people would change little."
    return "Longer records of each person would make this surer, and so would more people."


def difference_words(group: Group, name: str, one: Difference | CannotSay, differs: float) -> str:
    """What a difference between people comes to."""
    if isinstance(one, CannotSay):
        need = f"; {one.need:,.0f} {one.unit} are needed" if one.need is not None else ""
        return f"By {name}: cannot say: {one.reason}{need}."
    often = _percent(one.chance)
    verdict = (
        f"people differ; as much would come by chance in {often} of such groups"
        if one.chance <= differs
        else f"no difference that can be told from chance, by which as much comes in {often} of such groups"
    )
    if one.slope is None or one.interval is None:
        told = "; ".join(
            f"{level.name}: {in_unit(group.of, level.mean)} ({ends(group.of, level.interval)})" for level in one.levels
        )
        return f"By {name}: {verdict}. {_begun(told)}."
    per = f"for each one more of “{name}”"
    if group.of.question is not None and group.of.question.scale != "plain":
        odds = "the odds are " if group.of.question.scale == "per cent" else ""
        at, low, high = told_to("log", one.slope, one.interval)
        told = f"{odds}{at:g} times as much {per}, 90 % sure: {low:g} to {high:g}"
    else:
        at, low, high = told_to("plain", one.slope, one.interval)
        told = f"{at:g} {group.of.unit} {per}, 90 % sure: {low:g} to {high:g}"
    return f"By {name}: {verdict}. {_begun(told)}."


def tested_words(one: Tested) -> str:
    """In how many people something stands out, among how many asked, and at which level they are named."""
    asked = len(one.who)
    found = int(one.named.people.sum())
    question = one.who[0][0].quantity
    if not found:
        return f"“{_begun(one.words)}” ({question}): of {counted(asked, 'answer')}, none stands out from chance."
    return f"“{_begun(one.words)}” ({question}): {found:,} of {counted(asked, 'answer')}{at_level(one)}."


def at_level(one: Tested) -> str:
    """At which level people are named, and whether their intervals lean: " (named at 5 %)"."""
    leans = ", by intervals that lean" if one.by == "p-value" and one.who[0][0].row in LEANING else ""
    return f" (named at {100.0 * one.named.q:.2g} %{leans})"


def false_words(said: Groups) -> str:
    """How many of all who are named are false, and what that does not say."""
    found = [one for one in said.tested if one.named.people.any()]
    leans = (
        " Intervals that lean can be off, most where records are short: by these it may be more."
        if any("lean" in at_level(one) for one in found)
        else ""
    )
    return (
        f"Over all for which somebody is named, at most {100 * said.q:g} % of those named are false on average; "
        f"for one alone it may be more.{leans}"
    )


def lines(said: Groups) -> list[str]:
    """Up to ten lines for the terminal."""
    shown = [group for group in said.groups if isinstance(group.mean, GroupMean)]
    told = [mean_words(group)[0] for group in shown[:LINES_OF_MEANS]]
    if len(shown) > LINES_OF_MEANS:
        told.append(f"… and {len(shown) - LINES_OF_MEANS:,} more questions in group/group.html")
    if not shown:
        told.append(f"No question has a size in enough people ({max(said.smallest, 10)}) to tell a mean.")
    found = [(group, one) for group in shown for _, one in group.differences if isinstance(one, Difference)]
    apart = [(group, one) for group, one in found if one.chance <= said.differs]
    if found:
        told.append(f"{counted(len(found), 'difference')} between people looked for; told from chance: {len(apart):,}.")
    told += [tested_words(one) for one in said.tested if one.named.people.any()]
    if any(one.named.people.any() for one in said.tested):
        told.append(false_words(said))
    if said.tested and not any(one.named.people.any() for one in said.tested):
        told.append("In nobody does anything stand out from what chance would make among so many.")
    told.append(lending_words(said))
    return told


def lending_words(said: Groups) -> str:
    """Whose estimates were drawn towards the others', and why not."""
    done = [one for one in (one for _, one in said.drawn) if not isinstance(one, CannotSay)]
    if done:
        lenders = max(one.lenders for one in done)
        return f"Each person’s estimate beside those of the {lenders:,} who lend theirs: shrunken.parquet"
    for one in (one for _, one in said.drawn):
        if isinstance(one, CannotSay) and one.need is not None:
            return (
                f"Nobody’s estimate is drawn towards the others’: {one.have:,.0f} people lend theirs (consent for "
                f"pooled_prior), {one.need:,.0f} are needed."
            )
    return "Nobody’s estimate is drawn towards the others’: no size to draw."


def _percent(chance: float) -> str:
    return "less than 0.1 %" if chance < 0.001 else f"{100.0 * chance:.2g} %"


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
