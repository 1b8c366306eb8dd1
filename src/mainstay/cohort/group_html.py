"""A group's page: one file without network or script, in which nothing rests on fewer people than the smallest cell."""

from __future__ import annotations

from mainstay.cohort.group_cells import in_steps
from mainstay.cohort.group_differences import Difference
from mainstay.cohort.group_figures import difference_figure, group_figure
from mainstay.cohort.group_mean import METHOD, GroupMean
from mainstay.cohort.group_words import (
    at_level,
    count,
    difference_words,
    ends,
    false_words,
    in_unit,
    mean_words,
    middle,
    named,
)  # fmt: skip
from mainstay.cohort.groups import Group, Groups
from mainstay.quantities import CannotSay
from mainstay.report.futures_page import PAGE_SHEET, bullets, figure, lead, section, sentences, workings
from mainstay.report.html import escaped, page_head
from mainstay.report.words import counted

TITLE = "What a group shows"
BLOCKS = (
    "Blocks: people’s estimates in order, equally many in each; where a block is high, they lie close together. "
    "Estimates scatter more than people do."
)
HOW_TO_READ = (
    "“90 % sure” means: in 9 of 10 such groups the value lies in the range, if people differ about normally on the "
    "scale used and nobody’s record is another’s. Nothing here says what holds for one person. What is told is of "
    "those in whom a size can be told; others who were asked may be unlike them."
)


def group_html(said: Groups) -> str:
    """The whole as one self-contained page. All text from records is escaped; nothing is fetched."""
    with_mean = [group for group in said.groups if isinstance(group.mean, GroupMean)]
    blocks = f"<p>{escaped(BLOCKS)}</p>" if any(len(group.blocks) for group in with_mean) else ""
    parts = [
        page_head(TITLE).replace("</style>", f"{PAGE_SHEET}</style>", 1),
        f"<header><h1>{TITLE}</h1><p class='quiet'>{escaped(_under(said))}</p></header><main>",
        lead(_first(said, len(with_mean))),
        *(_question(f"q{i}", group, said) for i, group in enumerate(with_mean)),
        section("In how many people something stands out", bullets(_stands_out(said))),
        section("What cannot be said", bullets(_cannot(said))),
        f"</main><footer><p>{escaped(HOW_TO_READ)} {escaped(_in_one_step(said))}</p>",
        f"{blocks}<p>{escaped(_cells(said))}</p></footer></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def _under(said: Groups) -> str:
    return f"{count(said.people, said.smallest)} in the data set. People are counted in steps of {said.smallest}."


def _first(said: Groups, shown: int) -> str:
    if not shown:
        return "No question has a size in enough people to say anything of the group."
    named_ = [one for group in said.groups for _, one in group.differences if isinstance(one, Difference)]
    apart = sum(one.chance <= said.differs for one in named_)
    told = f"{shown} question{'s' * (shown != 1)} can be told of the group."
    return f"{told} {counted(len(named_), 'difference')} looked for; told from chance: {apart}." if named_ else told


def _question(key: str, group: Group, said: Groups) -> str:
    mean = group.mean
    assert isinstance(mean, GroupMean)
    first, *more = mean_words(group)
    drawn = figure(lambda width: group_figure(group, mean, width), key, "", _table(group, mean))
    claim = first.removeprefix(f"{_heading(group)}: ")
    parts = [f"<p class='claim'>{escaped(claim[:1].upper() + claim[1:])}</p>", sentences(more, "quiet"), drawn]
    for i, (name, one) in enumerate(group.differences):
        parts.append(sentences([difference_words(group, name, one, said.differs)]))
        if isinstance(one, Difference) and one.levels:
            parts.append(_compared(f"{key}d{i}", group, one))
    parts.append(workings([("Method", METHOD), ("People", _sizes(group))]))
    return section(_heading(group), *parts)


def _heading(group: Group) -> str:
    text = named(group.of)
    return text[:1].upper() + text[1:]


def _table(group: Group, mean: GroupMean) -> tuple[list[str], list[list[str]]]:
    names = ["", "estimate", "90 % sure"]
    rows = [
        [middle(group.of), in_unit(group.of, mean.mean), ends(group.of, mean.interval)],
        ["a further person", in_unit(group.of, mean.mean), ends(group.of, mean.next_one)],
    ]
    blocks = [in_unit(group.of, float(one)) for one in group.blocks]
    rows += [[f"block {i + 1} of {len(blocks)}", one, "–"] for i, one in enumerate(blocks)]
    return names, rows


def _compared(key: str, group: Group, one: Difference) -> str:
    rows = [
        [level.name, in_unit(group.of, level.mean), ends(group.of, level.interval),
         count(in_steps(level.people, group.smallest), group.smallest)]
        for level in one.levels
    ]  # fmt: skip
    table = (["", middle(group.of), "90 % sure", "from"], rows)
    return figure(lambda width: difference_figure(group, one, width), key, "", table)


def _sizes(group: Group) -> str:
    told = f"asked: {count(group.asked, group.smallest)}; with a size: {count(group.with_size, group.smallest)}"
    why = [f"{reason} ({count(people, group.smallest)})" for reason, people in group.why_not]
    return f"{told}; without: {'; '.join(why)}" if why else told


def _stands_out(said: Groups) -> list[str]:
    told = []
    for one in said.tested:
        people = len({question.people[i] for question, i in one.who})
        if people < said.smallest:
            continue
        asked = count(in_steps(people, said.smallest), said.smallest)
        found = len({question.people[i] for (question, i), hit in zip(one.who, one.named.people, strict=True) if hit})
        told.append(
            f"{one.words[:1].upper()}{one.words[1:]} ({one.who[0][0].quantity}): "
            f"{count(in_steps(found, said.smallest), said.smallest)}, of {asked} asked{at_level(one)}."
        )
    return [*told, false_words(said)] if told else told


def _cannot(said: Groups) -> list[str]:
    told = [mean_words(group)[0] for group in said.groups if isinstance(group.mean, CannotSay)]
    if said.too_few:
        asked = "1 question was" if said.too_few == 1 else f"{said.too_few} questions were"
        told.append(f"{asked} asked of fewer than {said.smallest} people each, and nothing is told of them here.")
    return told


def _in_one_step(said: Groups) -> str:
    return (
        f"People are counted in steps of {said.smallest}: also where as many have a size as were asked, up to "
        f"{said.smallest - 1} may have none."
    )


def _cells(said: Groups) -> str:
    return (
        f"Nothing on this page rests on fewer than {said.smallest} people, also where it is put together with the "
        "tables beside it. Whoever publishes the same group twice (a few people more or less, other columns to tell "
        "people apart by, another smallest cell) gives that up: one can be subtracted from the other."
    )
