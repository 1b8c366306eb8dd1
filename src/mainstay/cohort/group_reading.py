"""The answers of a run, question by question: whom it was asked of, who has a size, and why others have none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mainstay.cohort.group_cells import Floats, Members
from mainstay.cohort.group_mean import LEVEL, steadied
from mainstay.cohort.group_questions import QUESTIONS, Question, onto, sds, usable
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    import polars as pl

ANSWERS, PEOPLE = "answers.parquet", "people.parquet"
PARTS = "parts"
READ = (
    "person", "row", "about", "quantity", "status", "estimate", "low", "high", "level", "unit", "reason",
    "unsure", "unsure_low", "unsure_high", "e_more", "e_less",
)  # fmt: skip
FEW_UNITS = 1
NOT_TOGETHER = "of this there is no one size in everybody, so it has no mean"


@dataclass(frozen=True, slots=True, eq=False)
class GroupQuestion:
    """One question as asked of people (k): who has a size, and on the question's scale how large and how sure.

    `y`, `sd` (k): NaN of those without. `why_not`: of those without, how many for which reason. `without`: why there is
    no mean of it, whoever has a size; empty where there is one.
    """

    row: str
    about: str
    quantity: str
    unit: str
    question: Question | None
    people: tuple[str, ...]
    has: Members
    y: Floats
    sd: Floats
    e_more: Floats
    e_less: Floats
    why_not: Mapping[str, int] = field(default_factory=dict)
    without: str = ""

    @property
    def sizes(self) -> tuple[Floats, Floats]:
        """Of those who have a size: estimates and sds for taking them together (see `steadied`)."""
        y = self.y[self.has]
        return y, steadied(y, self.sd[self.has])


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """A run's answers: how many people it had, how many of them were told, and every question of more than a few."""

    people: int
    told: int
    questions: tuple[GroupQuestion, ...]


def read(out: Path) -> Read:
    """The tables of a finished run. Refuses (`BadRequest`) a folder without them, or one of an earlier form."""
    import polars as pl

    try:
        people = pl.read_parquet(out / PEOPLE, columns=["state"])
        answers = pl.read_parquet(out / ANSWERS, columns=list(READ))
    except FileNotFoundError as error:
        raise BadRequest(f"{out} holds no answers yet; run `mainstay cohort` into it first") from error
    except pl.exceptions.ColumnNotFoundError as error:
        raise BadRequest(f"{out} was written by an earlier version; run it into another folder") from error
    told = int((people["state"] == "told").sum())
    return Read(people.height, told, tuple(_questions(answers)))


def _questions(answers: pl.DataFrame) -> Iterator[GroupQuestion]:
    for (row, about, quantity), of_it in answers.group_by(["row", "about", "quantity"], maintain_order=True):
        if quantity:
            yield _question(str(row or ""), str(about or ""), str(quantity), of_it)


def _question(row: str, about: str, quantity: str, answers: pl.DataFrame) -> GroupQuestion:
    import polars as pl

    answers = answers.unique("person", keep="first", maintain_order=True)
    either = {one: pl.coalesce(one, other) for one, other in _EITHER}
    answers = answers.with_columns(**either, level=pl.col("level").fill_null(LEVEL))
    estimate, low, high, level = (
        answers[name].fill_null(float("nan")).to_numpy() for name in ("estimate", "low", "high", "level")
    )
    question = QUESTIONS.get(quantity)
    scale = "plain" if question is None else question.scale
    has = usable(scale, estimate, low, high)
    y, sd = (np.full(len(has), np.nan) for _ in range(2))
    y[has], sd[has] = onto(scale, estimate[has]), sds(scale, low[has], high[has], level[has])
    units = [one for one in answers["unit"].filter(pl.Series(has)).unique(maintain_order=True).to_list() if one]
    without = "" if question is not None and question.of_all else NOT_TOGETHER
    if not without and len(units) > FEW_UNITS:
        without = "people’s answers are in different units"
    reasons = answers.filter(~pl.Series(has)).select(pl.col("reason").fill_null("")).to_series().to_list()
    e_more, e_less = (answers[name].fill_null(0.0).to_numpy() for name in ("e_more", "e_less"))
    return GroupQuestion(
        row, about, quantity, units[0] if units else "", question, tuple(answers["person"].to_list()),
        has, y, sd, e_more, e_less, why_not=Counter(reasons), without=without,
    )  # fmt: skip


_EITHER = (("estimate", "unsure"), ("low", "unsure_low"), ("high", "unsure_high"))


def rests_on(out: Path) -> dict[str, str | None]:
    """Of everybody told, on what their answers rest (see `Source.ended`). Refuses (`BadRequest`) one without parts."""
    import polars as pl

    files = sorted((out / PARTS).glob("*.arrow"))
    if not files:
        raise BadRequest(f"{out / PARTS} is gone, which says what people’s answers rest on; the same command makes it")
    ends = pl.concat([pl.read_ipc(one, columns=["person", "state", "rests_on"]) for one in files])
    ends = ends.filter(pl.col("state") == "told")
    return dict(zip(ends["person"].to_list(), ends["rests_on"].to_list(), strict=True))
