"""Does lending help? Each lender in turn is held out, and the rest of their record foretold with and without.

What is lent to a person here was learned from others alone: from everybody else where that can be had for each (up to
sixty lenders), else in ten folds by person. Of more than two hundred lenders, two hundred are drawn by lot. Persons
count once each, however long their record; the mean over them has an interval by Student's t. As all share the cohort
that they lend each other, the interval is of this cohort (Bates, Hastie and Tibshirani 2024).
"""

from __future__ import annotations

import hashlib
import math
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mainstay.cohort import engine
from mainstay.cohort.asked import Asked, where_it_broke
from mainstay.cohort.engine import Tell, Workers
from mainstay.cohort.group_cells import SMALLEST, in_steps
from mainstay.cohort.held_out_score import UNFORESEEN, Scored, scored
from mainstay.cohort.lending import LENT, POOLED, PURPOSE, by_lot, lenders, mark_of_lenders, start_over
from mainstay.cohort.opening import Source, opened
from mainstay.cohort.parts import GROUP, Parts, alone_in, write_whole
from mainstay.cohort.rows import FAILED, REFUSED, TOLD, answer_row, end_row
from mainstay.cohort.source import Part, Refused
from mainstay.cohort.withdrawal import any_ended, erase_ended
from mainstay.errors import BadRequest
from mainstay.numerics.ou_fit import student_quantile
from mainstay.quantities import CannotSay, Instant, Interval
from mainstay.strain.many import Summary
from mainstay.strain.pooling import Pooled, learn_priors
from mainstay.strain.population import FEWEST_PEOPLE

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]

WHAT, PLACE, TABLE = "held_out", "held-out", "held_out.parquet"
GROUP_TABLE = "held-out.parquet"
EACH_BY_ITSELF, FOLDS, MOST = 60, 10, 200
LEVEL = 0.90
UNITS = {
    "gain": "log density of a check-in, lent less usual",
    "acts_gain": "log density of a day's acts, lent less usual",
    "inside_usual": "share of check-ins within their 90 % range, usual priors",
    "inside_lent": "share of check-ins within their 90 % range, lent priors",
}
"""What is told of each person, and of all on average."""


@dataclass(frozen=True, slots=True)
class Folds:
    """Whom to hold out, and for each the place of the priors that were learned without them."""

    priors: tuple[Pooled, ...]
    fold: Mapping[str, int]
    mark: str


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean over `people`, each counted once, with its interval."""

    mean: float
    interval: Interval
    people: int


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Whether what others lend foretold better: what is told (`UNITS`) on average over people.

    `others`: from how many people the priors of one held out were learned, at least. `folds`: 0 where each person was
    left out alone. `unscored`: lenders who could not be scored; `unforeseen`: of these, those whose later record no
    draw foresaw with the usual and with lent priors (whoever neither foresaw is in both), in steps of the smallest
    cell. They are in no mean, and would be its worst cases.
    """

    means: Mapping[str, Mean]
    others: int
    folds: int
    unscored: int
    unforeseen: Mapping[str, int]

    @property
    def verdict(self) -> str:
        """In a sentence."""
        gain = self.means["gain"]
        if gain.interval.low > 0.0:
            return "lent priors foretold later check-ins better than the usual ones"
        if gain.interval.high < 0.0:
            return "lent priors foretold later check-ins worse than the usual ones: do not lend here"
        return "no difference could be shown between lent and usual priors"


def folds_of(people: Mapping[str, Summary]) -> Folds | CannotSay:
    """Who is held out, with what the others lend. Refuses so few lenders that under twenty are left to learn from."""
    names = by_lot(people)
    count = len(names) if len(names) <= EACH_BY_ITSELF else FOLDS
    fold = {name: k % max(count, 1) for k, name in enumerate(names)}
    priors: list[Pooled] = []
    for left_out in range(count):
        learned = learn_priors(people[name] for name in sorted(people) if fold[name] != left_out)
        if isinstance(learned, CannotSay):
            return replace(learned, reason="too few people lend to hold each of them out in turn")
        priors.append(learned)
    if not priors:
        return CannotSay("nobody lends", have=0, need=FEWEST_PEOPLE + 1, unit="people")
    chosen = {name: fold[name] for name in names[:MOST]}
    return Folds(tuple(priors), chosen, f"{POOLED}, in {count} folds, {mark_of_lenders(people)}")


def rows_of(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    """Of everybody in a batch who is held out: a row for each figure, and one for what became of them."""
    folds = asked.given
    assert isinstance(folds, Folds)
    for person in source.people(part):
        if person not in folds.fold or (only is not None and person != only):
            continue
        for name, found in source.timelines(part, now=asked.now, as_of=asked.as_of, only=person):
            began = time.perf_counter()
            if isinstance(found, Refused):
                yield end_row(name, REFUSED, found.reason, None, 0)
                continue
            rests_on = source.rests_on.get(name)
            try:
                told = scored(found, folds.priors[folds.fold[name]], _seed(name))
            except Exception as error:  # whatever breaks for one person is told of that person, and stops nobody else
                yield end_row(name, FAILED, where_it_broke(error), None, 0, rests_on=rests_on)
                continue
            rows = [] if isinstance(told, CannotSay) else _figures(name, told)
            reason = told.reason if isinstance(told, CannotSay) else ""
            yield from rows
            yield end_row(name, TOLD, reason, time.perf_counter() - began, len(rows), rests_on=rests_on)


def _seed(person: str) -> int:
    return int.from_bytes(hashlib.blake2b(person.encode(), digest_size=4).digest(), "big")


def _figures(person: str, told: Scored) -> list[dict[str, Any]]:
    counts = dict.fromkeys(UNITS, told.check_ins) | {"acts_gain": told.days}
    return [
        answer_row(person) | {"row": "S9", "about": name, "quantity": words, "estimate": value, "n": counts[name]}
        for name, words in UNITS.items()
        if (value := getattr(told, name)) is not None
    ]


def held_out(
    address: str,
    out: Path,
    asked: Asked,
    *,
    workers: Workers,
    tell: Tell = lambda _: None,
    clock: Callable[[], Instant] | None = None,
    smallest: int = SMALLEST,
) -> HeldOut | CannotSay:
    """Holds out each lender of a run (`lending.lent`) in turn, and says whether lending helped.

    `asked`: as `lending.lent` gave it. The scores of each person go to `held_out.parquet`, what they say on average to
    `group/held-out.parquet`. Refuses (`BadRequest`) a run in which nobody was asked to lend.
    """
    if asked.given is None or not (out / LENT).is_dir():
        raise BadRequest("only priors that are pooled here can be tried on those who lend them: ask with --pooled")
    source = opened(address)
    parts, place = source.parts(), out / PLACE
    with alone_in(out):
        lending = replace(asked, what="lending", given=None)
        lends = Parts(out / LENT, address, lending)
        folds = folds_of(lenders(lends, parts))
        if isinstance(folds, CannotSay):
            forget(out)
            return folds
        start_over(place, folds.mark)
        asking = replace(asked, what=WHAT, given=folds)
        kept = Parts(place, address, asking)
        engine.run(address, parts, asking, kept=kept, workers=workers, tell=tell)
        now, ends = asked.now if clock is None else clock(), partial(_drop, out)
        if any_ended(opened(address), lends, parts, now=now, purpose=PURPOSE):
            forget(out)
            return CannotSay("somebody stopped lending meanwhile; the same command works it out without them")
        kept.only(parts, first=ends)
        erase_ended(opened(address), kept, parts, now=now, first=ends)
        people = _gathered(kept, parts)
        found = judged(people, folds, smallest)
        _drop(out)
        _write(people, out / TABLE)
        if isinstance(found, HeldOut) and found.means["gain"].people >= smallest:
            _write(as_table(found, smallest), out / GROUP / GROUP_TABLE)
    return found


def forget(out: Path) -> None:
    """Removes what holding out left in a run's folder: scores of people whose consent nobody asks for again."""
    _drop(out)
    shutil.rmtree(out / PLACE, ignore_errors=True)


def _drop(out: Path) -> None:
    for place in (out / TABLE, out / GROUP / GROUP_TABLE):
        place.unlink(missing_ok=True)


def _gathered(kept: Parts, parts: Sequence[Part]) -> pl.DataFrame:
    """A row for everybody who was held out: their scores, on how many check-ins and days; what became of them."""
    import polars as pl

    whole = pl.concat([kept.table(part) for part in parts])
    ends = whole.filter(pl.col("state").is_not_null()).select("person", "state", "reason")
    figures = whole.filter(pl.col("state").is_null())
    for name in UNITS:
        one = figures.filter(pl.col("about") == name)
        ends = ends.join(one.select("person", pl.col("estimate").alias(name)), on="person", how="left")
    for name, of in (("check_ins", "gain"), ("days", "acts_gain")):
        one = figures.filter(pl.col("about") == of)
        ends = ends.join(one.select("person", pl.col("n").alias(name)), on="person", how="left")
    return ends


def judged(people: pl.DataFrame, folds: Folds, smallest: int = SMALLEST) -> HeldOut | CannotSay:
    """What the scores say on average. Refuses under twenty people who could be scored."""
    count = people["gain"].is_not_null().sum()
    if count < FEWEST_PEOPLE:
        return CannotSay(
            "too few people lend and have a record long enough to foretell its rest from its beginning",
            have=int(count), need=FEWEST_PEOPLE, unit="people",
        )  # fmt: skip
    means = {
        name: mean_over(people[name].drop_nulls().to_numpy())
        for name in UNITS
        if people[name].is_not_null().sum() >= FEWEST_PEOPLE
    }
    others = min(one.people for one in folds.priors)
    by_fold = 0 if len(folds.priors) == len(folds.fold) else len(folds.priors)
    missed = {
        arm: int(people["reason"].is_in([UNFORESEEN[arm], UNFORESEEN["both"]]).sum()) for arm in ("usual", "lent")
    }
    steps = {arm: in_steps(missing, smallest) for arm, missing in missed.items()}
    return HeldOut(means, others, by_fold, people.height - int(count), steps)


def mean_over(values: Floats) -> Mean:
    """The mean over people (n,) with its interval at 90 %, by Student's t."""
    freedom = len(values) - 1
    half = student_quantile(0.5 + 0.5 * LEVEL, freedom) * float(values.std(ddof=1)) / math.sqrt(len(values))
    middle = float(values.mean())
    return Mean(middle, Interval(middle - half, middle + half, LEVEL), len(values))


def as_table(found: HeldOut, smallest: int = SMALLEST) -> pl.DataFrame:
    """What may be shared: a row for each figure, over all who were scored; of how many, in steps of the smallest cell.

    Each row says besides how many no draw foresaw, with either priors. Nothing of fewer people than the smallest cell.
    """
    import polars as pl

    rows = [
        {
            "quantity": UNITS[name], "mean": one.mean, "low": one.interval.low, "high": one.interval.high,
            "level": LEVEL, "people": in_steps(one.people, smallest),
        }
        | {f"unforeseen_{arm}": count for arm, count in found.unforeseen.items()}
        for name, one in found.means.items()
        if one.people >= smallest
    ]  # fmt: skip
    return pl.DataFrame(rows)


def _write(table: pl.DataFrame, place: Path) -> None:
    import io

    held = io.BytesIO()
    table.write_parquet(held, compression="zstd")
    write_whole(place, held.getvalue())
