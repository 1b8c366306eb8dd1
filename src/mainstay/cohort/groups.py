"""What only a group can say, from the answers of a run: means, spread, differences, and in whom there is something.

Two kinds of files come out. Under `group/` nothing rests on fewer people than the smallest cell, and it may be shared.
`shrunken.parquet` and `discoveries.parquet` are about single people and stay where `answers.parquet` is.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mainstay.cohort.group_cells import BEARING, SMALLEST, Floats, Told, block_means, checked, in_steps
from mainstay.cohort.group_differences import Column, Difference, columns_of, difference
from mainstay.cohort.group_discover import Family, Named, Q, discoveries, stepped_up
from mainstay.cohort.group_mean import FEWEST, GroupMean, group_mean
from mainstay.cohort.group_reading import GroupQuestion, Read, read, rests_on
from mainstay.cohort.group_shrink import Shrunken, shrunken
from mainstay.cohort.opening import Source
from mainstay.cohort.parts import alone_in
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Instant

if TYPE_CHECKING:
    import polars as pl

LENDING = "pooled_prior"
WAYS = ("more", "less")
BORNE_BY_FEW = "a few people’s sizes are so much surer than all others’ that a mean would be theirs alone"


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One question of the group: how many people (in steps), its mean, and what differs by what is known of people."""

    of: GroupQuestion
    asked: int
    with_size: int
    why_not: tuple[tuple[str, int], ...]
    mean: GroupMean | CannotSay
    blocks: Floats
    differences: tuple[tuple[str, Difference | CannotSay], ...]
    smallest: int


@dataclass(frozen=True, slots=True, eq=False)
class Tested:
    """One thing asked of everybody, one way: whose answers, and who is named. `tests` and `named` go by `who`."""

    words: str
    by: str
    who: tuple[tuple[GroupQuestion, int], ...]
    tests: Family
    named: Named


@dataclass(frozen=True, slots=True, eq=False)
class Groups:
    """All that a run says of its people together. `differs`: the largest chance by lot that is still told as different.

    `too_few`: how many questions were asked of fewer people than the smallest cell, and so are not told of at all.
    """

    people: int
    smallest: int
    groups: tuple[Group, ...]
    too_few: int
    differs: float
    tested: tuple[Tested, ...]
    drawn: tuple[tuple[GroupQuestion, Shrunken | CannotSay], ...]
    lends: Mapping[str, bool]
    q: float = Q


def of(
    source: Source,
    out: Path,
    *,
    now: Instant,
    by: Sequence[str] = (),
    smallest: int = SMALLEST,
    q: float = Q,
) -> Groups:
    """What the answers of a finished run in `out` say of its people together, written beside them.

    `by`: characteristics to tell people apart by. Refuses (`BadRequest`) a folder without answers, a characteristic
    that the data set doesn't have, and a smallest cell below five.
    """
    from mainstay.cohort.group_files import write

    checked(smallest)
    with alone_in(out):
        found = read(out)
        said = together(found, source, rests_on(out), now=now, by=by, smallest=smallest, q=q)
        write(said, out)
    return said


def check(source: Source, *, by: Sequence[str], smallest: int, now: Instant) -> None:
    """Refuses (`BadRequest`) now what `of` would refuse when all the work is done."""
    checked(smallest)
    if by:
        columns_of(_characteristics(source, now), by, ())


def together(
    found: Read,
    source: Source,
    rested: Mapping[str, str | None],
    *,
    now: Instant,
    by: Sequence[str] = (),
    smallest: int = SMALLEST,
    q: float = Q,
) -> Groups:
    """The same without files. Who lends to others is judged now, by what each person's answers rest on."""
    large = [one for one in found.questions if len(one.people) >= smallest]
    known = _characteristics(source, now) if by else None
    groups = tuple(_group(one, known, by, smallest) for one in large)
    chances = [one.chance for group in groups for _, one in group.differences if isinstance(one, Difference)]
    named = stepped_up(chances, q)
    differs = max((chance for chance, is_named in zip(chances, named, strict=True) if is_named), default=-1.0)
    over = source.ended(rested, now=now, purpose=LENDING)
    lends = {person: person not in over for person in rested}
    drawn = tuple((one, _drawn(one, lends)) for one in found.questions if not one.without)
    return Groups(
        in_steps(found.people, smallest), smallest, groups, len(found.questions) - len(large), differs,
        _tested(found.questions, q), drawn, lends, q,
    )  # fmt: skip


def _characteristics(source: Source, now: Instant) -> pl.DataFrame | None:
    told = getattr(source, "characteristics", None)
    if told is None:
        raise BadRequest("a folder of casebooks knows nothing of people beyond their records; leave out --by")
    known: pl.DataFrame | None = told(now)
    return known


def _group(one: GroupQuestion, known: pl.DataFrame | None, by: Sequence[str], smallest: int) -> Group:
    size = int(one.has.sum())
    mean: GroupMean | CannotSay
    if one.without:
        mean = CannotSay(one.without)
    elif size < max(FEWEST, smallest):
        mean = CannotSay("too few people have a size", need=max(FEWEST, smallest), unit="people")
    elif one.question is not None and one.question.lacking and 2 * size < len(one.people):
        mean = CannotSay("fewer than half of those asked have one, and a mean of these would be too long")
    else:
        mean = group_mean(*one.sizes)
        if isinstance(mean, GroupMean) and mean.borne_by < BEARING * smallest:
            mean = CannotSay(BORNE_BY_FEW)
    told = isinstance(mean, GroupMean)
    blocks = block_means(one.y[one.has], smallest) if told else np.empty(0)
    differences = _differences(one, columns_of(known, by, one.people), smallest) if told else ()
    reasons = tuple((why, in_steps(count, smallest)) for why, count in one.why_not.items() if count >= smallest)
    return Group(
        one, in_steps(len(one.people), smallest), in_steps(size, smallest),
        tuple(sorted(reasons, key=lambda pair: -pair[1])), mean, blocks, differences, smallest,
    )  # fmt: skip


def _differences(
    one: GroupQuestion, columns: Sequence[Column], smallest: int
) -> tuple[tuple[str, Difference | CannotSay], ...]:
    told, (y, sd) = Told(int(one.has.sum()), smallest), one.sizes
    return tuple((column.name, difference(y, sd**2, column, one.has, told)) for column in columns)


def _drawn(one: GroupQuestion, lends: Mapping[str, bool]) -> Shrunken | CannotSay:
    who = np.array([lends.get(person, False) for person in one.people], np.bool_)
    if not one.has.any():
        return CannotSay("nobody has a size")
    return shrunken(*one.sizes, who[one.has])


def _tested(questions: Sequence[GroupQuestion], q: float) -> tuple[Tested, ...]:
    """Everything that is tested of people: one family for each row, quantity and way, whatever it is about."""
    families: dict[tuple[str, str, str], list[GroupQuestion]] = {}
    for one in questions:
        for way in WAYS:
            if one.question is not None and one.question.null is not None and getattr(one.question, way):
                families.setdefault((one.row, one.quantity, way), []).append(one)
    tests = {name: _tests(some, name[2]) for name, some in families.items()}
    named = discoveries(tests, q)
    return tuple(
        Tested(
            getattr(some[0].question, name[2]),
            "e-value" if tests[name].e is not None else "p-value",
            tuple((one, i) for one in some for i in range(len(one.people))),
            tests[name],
            named[name],
        )
        for name, some in families.items()
    )


def _tests(some: Sequence[GroupQuestion], way: str) -> Family:
    asked = some[0].question
    assert asked is not None
    assert asked.null is not None
    if asked.by == "e-values":
        return Family.by_e_values(np.concatenate([one.e_more if way == "more" else one.e_less for one in some]))
    sign = 1.0 if way == "more" else -1.0
    return Family(np.concatenate([_one_sided(one, asked.null, sign) for one in some]))


def _one_sided(one: GroupQuestion, null: float, sign: float) -> Floats:
    """P-values (k) of the interval: 1 of whom there is no size, who were asked all the same."""
    from mainstay.cohort.group_questions import onto

    assert one.question is not None
    at = float(onto(one.question.scale, np.array([null]))[0])
    p = np.ones(len(one.people))
    z = sign * (one.y[one.has] - at) / one.sd[one.has]
    p[one.has] = [0.5 * math.erfc(each / math.sqrt(2.0)) for each in z]
    return p
