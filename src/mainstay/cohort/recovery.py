"""How fast each rating comes back to level, for everybody in a batch in one compiled call.

A rating is taken as an Ornstein-Uhlenbeck process seen with error, fitted by restricted maximum likelihood; its
half-life is told with a 90 % interval. Of a data set in Parquet it works straight from the columns: no timeline is
laid out, so a person costs a millisecond. Ratings of which one tells nothing of the next have no half-life: none is
told where the data don't speak against that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mainstay.cohort.rows import REFUSED, TOLD, answer_row, end_row
from mainstay.cohort.source import ParquetSource, Refused
from mainstay.cohort.stopping import unless_asked_to_stop
from mainstay.numerics.ou_many import fit_many, many_series
from mainstay.report.words import number

if TYPE_CHECKING:
    import polars as pl

    from mainstay.cohort.asked import Asked
    from mainstay.cohort.opening import Source
    from mainstay.cohort.source import Part
    from mainstay.numerics.ou_fit import OuFit

Floats = NDArray[np.float64]
METHOD = "Ornstein-Uhlenbeck process seen with error, restricted maximum likelihood"
US_PER_HOUR = 3.6e9
ROW = "S4"
QUANTITY, UNIT, LEVEL = "recovery half-life", "hours", 0.90
NEEDED = ("person", "stream", "kind", "happened", "ended", "known", "label", "value")
COUNTED = ("check_in", "event", "episode", "signal")
UNSETTLED = {
    "too few readings": "too few ratings",
    "readings all the same": "every rating is the same",
    "ran away": "the ratings settle no speed of recovery",
    "too flat to settle": "the ratings settle no speed of recovery",
}
"""Why a fit says nothing, in words."""

UNRELATED = "the ratings may as well be unrelated from one to the next"
HANGS_TOGETHER = 3.84
"""By how much twice the log likelihood must exceed that of unrelated ratings, for a half-life to be told. Of ratings
that are unrelated, dealt out anew over the same times, at most 5 in 100 are then told one (without it, 5 to 26)."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """Everybody in a batch and why not, where so; on what it rests, and how many records and days that is; each
    rating's person and question, and its readings side by side.
    """

    people: dict[str, str]
    rests_on: Mapping[str, str]
    read: Mapping[str, tuple[int, float]]
    series: list[tuple[str, str, int]]
    hours: Floats
    values: Floats


def rows_of(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    """A row for each person and question, and one for what became of each person; nobody's seconds are their own."""
    if isinstance(source, ParquetSource):
        seen = _from_columns(source, part, asked, only)
    else:
        seen = _from_timelines(source, part, asked, only)
    offsets = np.concatenate([[0], np.cumsum([count for _, _, count in seen.series], dtype=np.int64)])
    fits = fit_many(many_series(seen.hours, seen.values, offsets), threads=1)
    told: dict[str, list[dict[str, Any]]] = {person: [] for person in seen.people}
    for k, (person, label, count) in enumerate(seen.series):
        readings = seen.values[offsets[k] : offsets[k + 1]]
        told[person].append(_row(person, label, count, fits[k], readings))
    for person, refused in seen.people.items():
        yield from told[person]
        state, read = (REFUSED, None) if refused else (TOLD, seen.read.get(person, (0, 0.0)))
        rests_on = seen.rests_on.get(person)
        yield end_row(person, state, refused, None, len(told[person]), rests_on=rests_on, read=read)


def _from_columns(source: ParquetSource, part: Part, asked: Asked, only: str | None) -> _Seen:
    import polars as pl

    frame = source.frame(part, NEEDED)
    if only is not None:
        frame = frame.filter(pl.col("person") == only)
    in_order = frame["person"].unique(maintain_order=True).to_list()
    people = dict.fromkeys(in_order, "no stream may be read for this purpose")
    frame = source.allowed(frame, asked.now)
    rests_on = source.rested(frame)
    people |= dict.fromkeys(rests_on, "")
    ratings = frame.filter(pl.col("kind") == "check_in")
    broken = ratings.filter(~pl.col("value").is_finite().fill_null(False))["person"].unique().to_list()
    people |= dict.fromkeys(broken, "a check-in holds no number")
    place = pl.col("person").replace_strict(in_order, list(range(len(in_order))), return_dtype=pl.Int32())
    asked_at = (asked.as_of or asked.now).utc_us
    seen = (
        (ratings.filter(~pl.col("person").is_in(broken)) if broken else ratings)
        .lazy()
        .with_columns(at=pl.coalesce("ended", "happened").dt.timestamp("us"))
        .filter(pl.coalesce(pl.col("known").dt.timestamp("us"), pl.col("at")) <= asked_at)
        .select("person", "label", "at", "value")
        .sort(place, "label", "at", maintain_order=True)
        .collect()
    )
    series = seen.group_by("person", "label", maintain_order=True).len()
    hours, values = seen["at"].to_numpy() / US_PER_HOUR, seen["value"].to_numpy()
    return _Seen(people, rests_on, _read(frame, asked_at), list(series.iter_rows()), hours, values)


def _read(frame: pl.DataFrame, until_us: int) -> dict[str, tuple[int, float]]:
    """How many records of each person happened until then, and how many days they span."""
    import polars as pl

    at = pl.col("happened")
    counts = (
        frame.filter(pl.col("kind").is_in(COUNTED), at.dt.timestamp("us") <= until_us)
        .group_by("person")
        .agg(pl.len(), days=(at.max() - at.min()).dt.total_seconds() / 86_400.0)
    )
    return {person: (count, days) for person, count, days in counts.iter_rows()}


def _from_timelines(source: Source, part: Part, asked: Asked, only: str | None) -> _Seen:
    from mainstay.cohort.asked import read_of

    people: dict[str, str] = {}
    read: dict[str, tuple[int, float]] = {}
    series: list[tuple[str, str, int]] = []
    hours, values = [np.empty(0)], [np.empty(0)]
    given = source.timelines(part, now=asked.now, as_of=asked.as_of, only=only)
    for person, found in unless_asked_to_stop(given):
        if isinstance(found, Refused):
            people[person] = found.reason
            continue
        people[person], read[person] = "", read_of(found)
        for label, ratings in found.ratings.items():
            series.append((person, label, len(ratings.times)))
            hours.append(ratings.times * 24.0)
            values.append(ratings.values)
    return _Seen(people, source.rests_on, read, series, np.concatenate(hours), np.concatenate(values))


def unrelated_log_likelihood(readings: Floats) -> float:
    """The restricted log likelihood of readings (n,) of which none tells of another: normal, one mean, one variance."""
    n = len(readings)
    variance = float(np.var(readings, ddof=1))
    return -0.5 * (n - 1) * (math.log(2.0 * math.pi * variance) + 1.0) - 0.5 * math.log(n)


def _row(person: str, label: str, count: int, fit: OuFit, readings: Floats) -> dict[str, Any]:
    said = answer_row(person) | {"row": ROW, "about": label, "quantity": QUANTITY, "n": count, "method": METHOD}
    reason = UNSETTLED[fit.status] if not fit.converged else ""
    if fit.converged and 2.0 * (fit.log_likelihood - unrelated_log_likelihood(readings)) < HANGS_TOGETHER:
        reason = UNRELATED
    if reason:
        return said | {"status": "cannot_say", "claim": f"Cannot say: {reason}.", "reason": reason}
    interval = fit.interval("half_life", LEVEL)
    estimate = fit.value("half_life")
    return said | {
        "status": "found", "estimate": estimate, "low": interval.low, "high": interval.high,
        "level": LEVEL, "unit": UNIT,
        "claim": f"“{label}” is half way back to level after about {number(estimate)} hours.",
    }  # fmt: skip
