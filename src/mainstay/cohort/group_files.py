"""What a group says, as files: under `group/` what may be shared, and beside it the tables of single people."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cohort.group_differences import METHOD as COMPARED
from mainstay.cohort.group_differences import Difference
from mainstay.cohort.group_html import group_html
from mainstay.cohort.group_mean import LEVEL, METHOD
from mainstay.cohort.group_questions import LEANING, Scale, back, told_to
from mainstay.cohort.group_reading import GroupQuestion
from mainstay.cohort.groups import Group, Groups
from mainstay.cohort.layout import Column, types
from mainstay.cohort.parts import OWNERS_ALONE, write_whole
from mainstay.quantities import CannotSay

if TYPE_CHECKING:
    import polars as pl

GROUP = "group"
GROUPS, REASONS, DIFFERENCES, PAGE = "groups.parquet", "reasons.parquet", "differences.parquet", "group.html"
SHRUNKEN, DISCOVERIES = "shrunken.parquet", "discoveries.parquet"
HOLDS_PRIORS = "of estimates that lean towards what is usual before anything is recorded"
QUESTION = (
    Column("row", "String", "The row of the product's table."),
    Column("about", "String", "Which item, refuge or role."),
    Column("quantity", "String", "What was estimated."),
)
OF_GROUPS = (
    *QUESTION,
    Column("unit", "String", "The unit of the mean and of where a further person lies."),
    Column("people_asked", "Int32", "People asked, in steps of the smallest cell: 40 means 40 to 49, 0 fewer than 10."),
    Column("people_with_size", "Int32", "Of these, in how many a size can be told; in steps."),
    Column("mean", "Float64", "The mean of people; of ratios and times the middle, of shares by their odds."),
    Column("low", "Float64", "The lower end of its interval."),
    Column("high", "Float64", "The upper end."),
    Column("spread", "Float64", "The sd between people, on `scale`."),
    Column("spread_low", "Float64", "The lower end of its interval."),
    Column("spread_high", "Float64", "The upper end."),
    Column("next_low", "Float64", "The lower end of where a further person's own value lies."),
    Column("next_high", "Float64", "The upper end."),
    Column("level", "Float64", "How sure each interval is."),
    Column("scale", "String", "On what scale people were taken together: plain, log, or log odds (per cent)."),
    Column("reason", "String", "Why there is no mean."),
    Column("need", "Float64", "How many people it takes."),
    Column("method", "String", "How it was worked out."),
)
OF_REASONS = (
    *QUESTION,
    Column("reason", "String", "Why no size can be told."),
    Column("people", "Int32", "Of how many, in steps; a reason of fewer than the smallest cell is not told."),
)
OF_DIFFERENCES = (
    *QUESTION,
    Column("by", "String", "The characteristic."),
    Column("group", "String", "The group; empty for a number, which has a slope."),
    Column("people", "Int32", "How many people, in steps."),
    Column(
        "estimate", "Float64", "The group's mean; of a number what one more of it goes with (times, on log scales)."
    ),
    Column("low", "Float64", "The lower end of its interval."),
    Column("high", "Float64", "The upper end."),
    Column("level", "Float64", "How sure the interval is."),
    Column("by_lot", "Float64", "How often people who do not differ would differ as much by lot."),
    Column("differs", "Boolean", "Whether it is told as a difference, at most one in ten of those being false."),
    Column("reason", "String", "Why nothing is told."),
    Column("method", "String", "How it was worked out."),
)
OF_SHRUNKEN = (
    Column("person", "String", "Whom it is about. This table is not to be shared."),
    *QUESTION,
    Column("unit", "String", "The unit."),
    Column("estimate", "Float64", "The estimate, drawn towards the mean of those who lend."),
    Column("low", "Float64", "The lower end of its interval."),
    Column("high", "Float64", "The upper end."),
    Column("level", "Float64", "How sure the interval is, over people."),
    Column("own_share", "Float64", "Which share of it is the person's own record."),
    Column("lends", "Boolean", "Whether their consent covers lending to others (pooled_prior)."),
)
OF_DISCOVERIES = (
    Column("person", "String", "Whom it is about. This table is not to be shared."),
    *QUESTION,
    Column("says", "String", "What is asked: that recovery slowed, that it adds to strain, …"),
    Column("evidence", "String", "By what: e-value (evidence) or p-value (interval)."),
    Column("value", "Float64", "The e-value or p-value."),
    Column("named", "Boolean", "Whether it is told of this person."),
    Column(
        "q",
        "Float64",
        "The level at which people were named for this. Over all that somebody is named for, at most one in ten of "
        "those named is false on average; in one alone it may be more.",
    ),
)


def write(said: Groups, out: Path) -> None:
    """Every file, readable by its owner alone, whole or not at all."""
    folder = out / GROUP
    folder.mkdir(mode=OWNERS_ALONE, exist_ok=True)
    _write(folder / GROUPS, OF_GROUPS, [_mean(one) for one in said.groups])
    _write(folder / REASONS, OF_REASONS, [row for one in said.groups for row in _reasons(one)])
    _write(folder / DIFFERENCES, OF_DIFFERENCES, [row for one in said.groups for row in _differences(one, said)])
    write_whole(folder / PAGE, group_html(said).encode())
    _write(out / SHRUNKEN, OF_SHRUNKEN, _shrunken(said))
    _write(out / DISCOVERIES, OF_DISCOVERIES, _discoveries(said))


def _write(place: Path, columns: tuple[Column, ...], rows: list[dict[str, Any]]) -> None:
    import polars as pl

    held = io.BytesIO()
    table: pl.DataFrame = pl.DataFrame(rows, schema=types(columns))
    table.write_parquet(held, compression="zstd")
    write_whole(place, held.getvalue())


def _of(one: GroupQuestion) -> dict[str, Any]:
    return {"row": one.row, "about": one.about, "quantity": one.quantity}


def _scale(one: GroupQuestion) -> Scale:
    return "plain" if one.question is None else one.question.scale


def _mean(group: Group) -> dict[str, Any]:
    one, mean = group.of, group.mean
    said = dict.fromkeys(types(OF_GROUPS)) | _of(one)
    said |= {"unit": one.unit, "people_asked": group.asked, "people_with_size": group.with_size}
    lacking = one.question.lacking if one.question is not None else ""
    said["method"] = "; ".join(x for x in (METHOD, HOLDS_PRIORS if one.row in LEANING else "", lacking) if x)
    if isinstance(mean, CannotSay):
        return said | {"reason": mean.reason, "need": mean.need}
    scale = _scale(one)
    values = told_to(scale, mean.mean, mean.interval)
    spread = told_to("plain", mean.between_sd, mean.between_interval)
    after = told_to(scale, mean.mean, mean.next_one)
    names = ("mean", "low", "high", "spread", "spread_low", "spread_high", "next_low", "next_high")
    said |= dict(zip(names, (*values, *spread, *after[1:]), strict=True))
    return said | {"level": LEVEL, "scale": scale}


def _reasons(group: Group) -> list[dict[str, Any]]:
    return [_of(group.of) | {"reason": why, "people": count} for why, count in group.why_not]


def _differences(group: Group, said: Groups) -> list[dict[str, Any]]:
    rows = []
    for name, one in group.differences:
        row = dict.fromkeys(types(OF_DIFFERENCES)) | _of(group.of) | {"by": name, "method": COMPARED}
        if isinstance(one, CannotSay):
            rows.append(row | {"reason": one.reason})
            continue
        row |= {"by_lot": float(f"{one.chance:.2g}"), "differs": one.chance <= said.differs, "level": LEVEL}
        rows += [row | cells for cells in _cells(group, one, said.smallest)]
    return rows


def _cells(group: Group, one: Difference, smallest: int) -> list[dict[str, Any]]:
    from mainstay.cohort.group_cells import in_steps

    scale = _scale(group.of)
    if one.slope is not None and one.interval is not None:
        values = told_to("plain" if scale == "plain" else "log", one.slope, one.interval)
        return [
            {"people": in_steps(one.people, smallest)} | dict(zip(("estimate", "low", "high"), values, strict=True))
        ]
    return [
        {"group": level.name, "people": in_steps(level.people, smallest)}
        | dict(zip(("estimate", "low", "high"), told_to(scale, level.mean, level.interval), strict=True))
        for level in one.levels
    ]


def _shrunken(said: Groups) -> list[dict[str, Any]]:
    rows = []
    for one, drawn in said.drawn:
        if isinstance(drawn, CannotSay):
            continue
        people = [person for person, is_in in zip(one.people, one.has, strict=True) if is_in]
        values = zip(people, drawn.estimates, drawn.low, drawn.high, drawn.own_share, strict=True)
        for person, *ends, own in values:
            estimate, low, high = (back(_scale(one), float(end)) for end in ends)
            rows.append(
                {"person": person, **_of(one), "unit": one.unit, "estimate": estimate, "low": low, "high": high,
                 "level": LEVEL, "own_share": float(own), "lends": said.lends.get(person, False)}
            )  # fmt: skip
    return rows


def _discoveries(said: Groups) -> list[dict[str, Any]]:
    return [
        {"person": question.people[i], **_of(question), "says": one.words, "evidence": one.by,
         "value": float(one.tests.p[k] if one.tests.e is None else one.tests.e[k]),
         "named": bool(one.named.people[k]), "q": one.named.q}
        for one in said.tested
        for k, (question, i) in enumerate(one.who)
    ]  # fmt: skip
