"""Whether people differ by what is known once of each of them: an age group, a questionnaire's sum.

Groups (also numbers of just two values) by Knapp and Hartung's F over random effects with one spread for all; numbers
by a slope. Over all questions and columns of a run at most one in ten of the differences named is false on average
(Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mainstay.cohort.group_cells import BEARING, Floats, Members, Told
from mainstay.cohort.group_mean import LEVEL, Together, bearers, together
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval

if TYPE_CHECKING:
    import polars as pl

FEWEST_FOR_A_SLOPE = 20
METHOD = "random effects over people with one spread: restricted likelihood, Knapp-Hartung"
PERSON = "person"


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """What is known of each person (k): numbers with NaN where unknown, or names with None."""

    name: str
    numbers: Floats | None
    names: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """A group: its name, its mean with interval on the question's scale, and of how many people."""

    name: str
    mean: float
    interval: Interval
    people: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Groups side by side, or a slope for one more of the column's unit; `chance`: of as much by lot."""

    column: str
    levels: tuple[Level, ...]
    slope: float | None
    interval: Interval | None
    chance: float
    people: int


def columns_of(known: pl.DataFrame | None, by: Sequence[str], people: Sequence[str]) -> list[Column]:
    """The columns asked for, in the order of these people. Refuses (`BadRequest`) a name that is not there."""
    import polars as pl

    if not by:
        return []
    there = [] if known is None else [name for name in known.columns if name != PERSON]
    for name in by:
        if name not in there:
            has = f"it has {', '.join(there)}" if there else "it says nothing of people beyond their records"
            raise BadRequest(f"the data set has no characteristic {name!r}; {has}")
    assert known is not None
    frame = pl.DataFrame({PERSON: list(people)}, schema={PERSON: pl.String()})
    found = frame.join(known.select(PERSON, *by), on=PERSON, how="left", maintain_order="left")
    return [_column(found[name], known[name]) for name in dict.fromkeys(by)]


def _column(values: pl.Series, of_everybody: pl.Series) -> Column:
    """Numbers of just two values in the whole data set (codes, as 1 and 2) are two groups, named by them."""
    import polars as pl

    if values.dtype == pl.Float64 and of_everybody.filter(of_everybody.is_finite()).n_unique() == 2:
        names = [one if one is None or math.isfinite(one) else None for one in values.to_list()]
        return Column(values.name, None, tuple(None if one is None else repr(one).removesuffix(".0") for one in names))
    if values.dtype == pl.Float64:
        numbers = values.to_numpy().astype(np.float64)
        return Column(values.name, np.where(np.isfinite(numbers), numbers, np.nan), ())
    said = [{True: "yes", False: "no"}.get(one, one) for one in values.to_list()]
    return Column(values.name, None, tuple(None if one is None or not str(one).strip() else str(one) for one in said))


def difference(y: Floats, v: Floats, column: Column, who: Members, told: Told) -> Difference | CannotSay:
    """Estimates (k) and variances (k) of those `who` have one (people; k are true) by a column; `told` so far."""
    if column.numbers is not None:
        return _slope(y, v, column.name, column.numbers[who], told)
    names = [name for name, is_in in zip(column.names, who, strict=True) if is_in]
    return _groups(y, v, column.name, names, told)


def _slope(y: Floats, v: Floats, name: str, x: Floats, told: Told) -> Difference | CannotSay:
    known = np.isfinite(x)
    count = int(known.sum())
    need = max(FEWEST_FOR_A_SLOPE, told.smallest)
    if count < need:
        return CannotSay(f"too few people have both a size here and “{name}”", have=count, need=need, unit="people")
    if not told.may_slope(x):
        return CannotSay(f"“{name}” differs, or differs from another column, in fewer than {told.smallest} people")
    middle = float(x[known].mean())
    unit = float(x[known].std())
    design = np.column_stack([np.ones(count), (x[known] - middle) / unit])
    found = together(y[known], v[known], design)
    w = 1.0 / (v[known] + found.between_variance)
    if bearers(w * (x[known] - np.average(x[known], weights=w)) ** 2) < BEARING * told.smallest:
        return CannotSay(f"a few people would bear nearly all of what “{name}” goes with")
    told.add_slope(x)
    at = np.array([0.0, 1.0 / unit])
    return Difference(
        name, (), float(at @ found.coefficients), found.interval(at), found.chance_by_lot([[0.0, 1.0]]), count
    )


def _groups(y: Floats, v: Floats, name: str, names: Sequence[str | None], told: Told) -> Difference | CannotSay:
    counts = {one: names.count(one) for one in set(names) if one is not None}
    kept = sorted((one for one in counts if counts[one] >= told.smallest), key=lambda one: (-counts[one], one))
    members = {one: np.array([other == one for other in names]) for one in kept}
    found: Together | None = None
    while len(kept) >= 2 and found is None:
        if not told.may([members[one] for one in kept]):
            kept.pop()  # the smallest goes with the rest
            continue
        found = _side_by_side(y, v, [members[one] for one in sorted(kept)])
        w = 1.0 / (v + found.between_variance)
        borne = [one for one in kept if bearers(w[members[one]]) >= BEARING * told.smallest]
        if len(borne) < len(kept):
            kept, found = borne, None
    if found is None:
        return CannotSay(f"“{name}” has no two groups of {told.smallest} people that could be told side by side")
    told.add([members[one] for one in kept])
    kept.sort()
    each = np.eye(len(kept))
    levels = tuple(
        Level(one, float(found.coefficients[i]), found.interval(each[i], LEVEL), int(members[one].sum()))
        for i, one in enumerate(kept)
    )
    contrasts = each[1:] - each[0]
    people = sum(level.people for level in levels)
    return Difference(name, levels, None, None, found.chance_by_lot(contrasts), people)


def _side_by_side(y: Floats, v: Floats, groups: Sequence[Members]) -> Together:
    """The mean of each group, with one spread for all."""
    rows = np.column_stack(groups).astype(np.float64)
    who = rows.any(axis=1)
    return together(y[who], v[who], rows[who])
