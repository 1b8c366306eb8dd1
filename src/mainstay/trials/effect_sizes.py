"""The effect sizes of single-case research: of two lists of values, of a case with phases, of several cases.

`of(a, b, better=...)` gives every measure that two lists allow, each with its standard error and interval, or why not.
A `Case` is a series in order of time with the phase each value lies in; `cases_from` reads cases out of a dataframe.
None of these measures knows what else happened, and none bears that neighbouring days are alike: where the order was
drawn by lot, the test of the lot says whether there is an effect, and these say how large, in the field's units.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.records.tables import as_table
from mainstay.trials import effect_sizes_means as means
from mainstay.trials import overlap, overlap_baseline, overlap_sorted, overlap_tau
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats, Size
from mainstay.trials.kinds import WASHOUT, Observed, Schedule

Sizes = dict[str, Size | CannotSay]
LEAST_DAYS = 3
Selected = str | int | Sequence[str | int]
"""A phase by its name (every stretch of that name), or by which stretch it is, counted from 0; or several of them."""


def of(
    a: ArrayLike,
    b: ArrayLike,
    *,
    better: int,
    at_a: ArrayLike | None = None,
    at_b: ArrayLike | None = None,
    goal: float | None = None,
    scale: means.Scale = "other",
    length: float | None = None,
    intervals: float | None = None,
    level: float = LEVEL,
) -> Sizes:
    """Every effect size of B against A, by name. Values in order of time; what is missing (NaN) is left out.

    `better`: 1 where high is better, -1 where low. PET needs the times; PoGO a goal; ratios and odds what the values
    are (`scale`, see `effect_sizes_means.truncation`): without it they take them as they come.
    """
    shares = scale in means.WHOLE
    sizes: Sizes = {
        "NAP": overlap.nap(a, b, better=better, level=level),
        "Tau": overlap.tau(a, b, better=better, level=level),
        "Tau-U": overlap_tau.tau_u_simple(a, b, better=better),
        "Tau-BC": overlap_baseline.tau_bc(a, b, better=better, level=level),
        "PND": overlap.pnd(a, b, better=better),
        "PEM": overlap.pem(a, b, better=better),
        "PAND": overlap.pand(a, b, better=better),
        "IRD": overlap.ird(a, b, better=better),
        "SMD": means.smd(a, b, better=better, level=level),
        "SMD pooled": means.smd(a, b, better=better, spread="pooled", level=level),
    }
    if at_a is not None and at_b is not None:
        sizes["PET"] = overlap.pet(a, b, at_a, at_b, better=better, ci=level)
    for name, toward in (("LRRi", 1), ("LRRd", -1)):
        sizes[name] = means.lrr(
            a, b, better=better, toward=toward, scale=scale, length=length, intervals=intervals, level=level
        )
    sizes["LRM"] = means.lrm(a, b, better=better, level=level)
    if shares:
        sizes["LOR"] = means.lor(a, b, better=better, scale=scale, intervals=intervals, level=level)
    if goal is not None:
        sizes["PoGO"] = means.pogo(a, b, goal, level=level)
    return sizes


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One series: its values (n,) at times (n,) that don't fall, and the phase of each; a missing value is NaN."""

    name: str
    values: Floats
    at: Floats
    phase: tuple[str, ...]

    def __post_init__(self) -> None:
        if not len(self.values) == len(self.at) == len(self.phase):
            raise BadRequest(f"{self.name}: values, times and phases must be as long as each other")
        if np.isinf(self.values).any() or not np.isfinite(self.at).all():
            raise BadRequest(f"{self.name}: values and times must be finite; leave a missing value empty")

    @property
    def stretches(self) -> tuple[str, ...]:
        """The phases in the order in which they come, each as often as it comes back."""
        return tuple(name for k, name in enumerate(self.phase) if k == 0 or self.phase[k - 1] != name)

    @property
    def stretch(self) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """Which stretch each value lies in (n,), counted from 0."""
        changes = [k > 0 and self.phase[k - 1] != name for k, name in enumerate(self.phase)]
        return np.cumsum(np.array(changes, np.int64))

    def chosen(self, phase: Selected) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        """The rows of a phase, in their order. Refuses one that the case hasn't."""
        wanted = [phase] if isinstance(phase, (str, int)) else list(phase)
        stretches, rows = self.stretches, np.zeros(len(self.values), bool)
        for one in wanted:
            which = [k for k, name in enumerate(stretches) if (k if isinstance(one, int) else name) == one]
            if not which:
                named = ", ".join(f"{k}: {name}" for k, name in enumerate(stretches))
                raise BadRequest(f"{self.name} has no phase {one!r}; it has {named}")
            rows |= np.isin(self.stretch, which)
        return np.flatnonzero(rows)

    def pair(self, a: Selected = 0, b: Selected = 1) -> tuple[Floats, Floats, Floats, Floats]:
        """Values of A and of B, then their times, without what is missing."""
        first, second = self.chosen(a), self.chosen(b)
        if np.intersect1d(first, second).size:
            raise BadRequest(f"{self.name}: a phase can't be compared with itself")
        first, second = (rows[~np.isnan(self.values[rows])] for rows in (first, second))
        return self.values[first], self.values[second], self.at[first], self.at[second]


def cases_from(
    table: Any, *, case: str | None = "case", phase: str = "phase", values: str = "values", mt: str = "mt"
) -> tuple[Case, ...]:
    """The cases of a dataframe (polars, pandas, Arrow, or a mapping of column to values), in the order they come.

    `case` None: all rows are one case. Rows are put in order of their time within a case. Refuses columns that are
    not there, values and times that are no numbers, and rows without a phase or a time.
    """
    columns = as_table(table).columns
    wanted = [name for name in (case, phase, values, mt) if name is not None]
    for name in wanted:
        if name not in columns:
            raise BadRequest(f"the table has no column {name!r}; it has {', '.join(columns)}")
    rows = range(len(columns[values]))
    owner = ["1"] * len(rows) if case is None else [str(one) for one in columns[case]]
    number = {name: [_number(one, name, row) for row, one in enumerate(columns[name])] for name in (values, mt)}
    found = []
    for name in dict.fromkeys(owner):
        own = sorted((row for row in rows if owner[row] == name), key=lambda row: number[mt][row])
        if any(columns[phase][row] is None or math.isnan(number[mt][row]) for row in own):
            raise BadRequest(f"{name}: a row has no {phase} or no {mt}")
        at, value = (np.array([number[column][row] for row in own]) for column in (mt, values))
        found.append(Case(name, value, at, tuple(str(columns[phase][row]) for row in own)))
    return tuple(found)


def _number(cell: Hashable, column: str, row: int) -> float:
    if cell is None:
        return math.nan
    try:
        return float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise BadRequest(f"row {row + 1} of {column!r} holds {cell!r}, which is no number") from None


def of_case(case: Case, *, better: int, a: Selected = 0, b: Selected = 1, **given: Any) -> Sizes:
    """`of` for two phases of a case, or two groups of phases (`a=("A1", "A2")`)."""
    first, second, at_a, at_b = case.pair(a, b)
    return of(first, second, better=better, at_a=at_a, at_b=at_b, **given)


def case_of(schedule: Schedule, observed: Observed, name: str = "trial") -> Case:
    """A trial as a case: the mean of each day, and as its phase the arm it was drawn for; washout is left out.

    Days without any value are missing. Refuses a trial whose every day is washout.
    """
    days = np.flatnonzero(schedule.analysed != WASHOUT)
    if days.size == 0:
        raise BadRequest(f"{name}: every day of it is washout, so there is nothing to compare")
    values = observed.by_day(schedule.days)[days]
    return Case(name, values, days.astype(float), tuple(schedule.arms[k] for k in schedule.analysed[days]))


def of_trial(schedule: Schedule, observed: Observed, arm: int = 1, **given: Any) -> Sizes | CannotSay:
    """Every effect size of an arm against the first one, day by day. `given`: as for `of`.

    Trends within phases (Tau-U, Tau-BC, PET) mean little where arms alternate. Refuses an arm that isn't there.
    """
    if not 0 < arm < len(schedule.arms):
        raise BadRequest(f"arm {arm} can't be compared with the first; the arms are {', '.join(schedule.arms)}")
    case = case_of(schedule, observed)
    lived = {name: int((~np.isnan(case.values[np.array(case.phase) == name])).sum()) for name in schedule.arms}
    first, second = schedule.arms[0], schedule.arms[arm]
    least = min(lived[first], lived[second])
    if least < LEAST_DAYS:
        reason = f"{first} and {second} need {LEAST_DAYS} days with a value each"
        return CannotSay(reason=reason, have=least, need=LEAST_DAYS, unit="days", quantity="effect size")
    return of_case(case, better=observed.better, a=first, b=second, **given)


@dataclass(frozen=True, slots=True)
class Together:
    """Several cases: the sizes of each, and what is weighed together. Measures that can't be are a `CannotSay`."""

    cases: Mapping[str, Sizes]
    tau_u: Mapping[str, overlap_tau.TauOverall | CannotSay]
    pand: overlap_sorted.SortedPand | CannotSay
    ird: float | CannotSay


WEIGHED = tuple(row for row in overlap_tau.ROWS if row.startswith("A vs"))


def of_cases(cases: Sequence[Case], *, better: int, a: Selected = 0, b: Selected = 1, **given: Any) -> Together:
    """Every case, and Tau-U, PAND and IRD of all of them together. Refuses no case and two cases of one name."""
    if len({case.name for case in cases}) != len(cases) or not cases:
        raise BadRequest("give at least one case, each with a name of its own")
    pairs: list[tuple[ArrayLike, ArrayLike]] = [case.pair(a, b)[:2] for case in cases]
    tables = [overlap_tau.tau_u(first, second, better=better) for first, second in pairs]
    thin = next((table for table in tables if isinstance(table, CannotSay)), None)
    weighed: dict[str, overlap_tau.TauOverall | CannotSay] = {}
    for row in WEIGHED:
        rows = [table[row] for table in tables if not isinstance(table, CannotSay)]
        weighed[row] = thin if thin is not None else overlap_tau.tau_overall(rows, level=given.get("level", LEVEL))
    pand = overlap_sorted.pand_sorted(pairs, better=better)
    ird = pand if isinstance(pand, CannotSay) else overlap.ird_of_cases(pairs, better=better)
    each = {case.name: of_case(case, better=better, a=a, b=b, **given) for case in cases}
    return Together(each, weighed, pand, ird)


def overview(case: Case, *, better: int = 1, a: Selected = 0, b: Selected = 1) -> dict[str, float | CannotSay]:
    """One line of the table that the R package scan calls overlap: shares in percent, the Tau family not turned.

    Tau_U(A): A vs. B less the trend of A; Tau_U(BA): with the trend of B too; Base_Tau: Tarlow's; Diff_trend: the
    slopes' difference; SMD by A's sd; Hedges_g corrected.
    """
    first, second, at_a, at_b = case.pair(a, b)
    shares: dict[str, Size | CannotSay] = {
        "PND": overlap.pnd(first, second, better=better),
        "PEM": overlap.pem(first, second, better=better, ties=0.0),
        "PET": overlap.pet(first, second, at_a, at_b, better=better),
        "NAP": overlap.nap(first, second, better=better),
    }
    line: dict[str, float | CannotSay] = {name: _percent(one) for name, one in shares.items()}
    nap, pand = shares["NAP"], overlap_sorted.pand_sorted([(first, second)], better=better)
    line["NAP rescaled"] = nap if isinstance(nap, CannotSay) else 200.0 * nap.estimate - 100.0
    line["PAND"] = pand if isinstance(pand, CannotSay) else 100.0 * pand.share
    ird = overlap.ird(first, second, better=better)
    line["IRD"] = ird if isinstance(ird, CannotSay) else ird.estimate
    table = overlap_tau.tau_u(first, second)
    for name, row in (("Tau_U(A)", WEIGHED[1]), ("Tau_U(BA)", WEIGHED[3])):
        line[name] = table if isinstance(table, CannotSay) else table[row].tau
    base = overlap_baseline.corrected_tau(first, second, at_a, at_b)
    line["Base_Tau"] = base if isinstance(base, CannotSay) else base.tau
    different = means.differences(first, second)
    if isinstance(different, CannotSay):
        line |= dict.fromkeys(("Diff_mean", "SMD", "Hedges_g"), different)
    else:
        line["Diff_mean"] = different.mean_b - different.mean_a
        line["SMD"], line["Hedges_g"] = different.glass, different.hedges_corrected
    if min(len(np.unique(at_a)), len(np.unique(at_b))) < 2:
        line["Diff_trend"] = CannotSay("a slope needs values at two different times in each phase")
    else:
        line["Diff_trend"] = overlap.line(at_b, second)[1] - overlap.line(at_a, first)[1]
    return line


def _percent(size: Size | CannotSay) -> float | CannotSay:
    return size if isinstance(size, CannotSay) else 100.0 * size.estimate
