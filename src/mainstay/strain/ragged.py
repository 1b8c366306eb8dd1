"""Fits of many people as plain arrays, people one after the other: what a file of columns can hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import CannotSay
from mainstay.strain.many import FitFailed, Summary
from mainstay.strain.posterior import METHOD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

STATUSES = ("fitted", "cannot_say", "failed")


@dataclass(frozen=True, slots=True, eq=False)
class FlatFits:
    """Fits, refusals and failures of n people.

    Person i has the coordinates `offsets[i]` to `offsets[i + 1]` of `coordinate` (places in `names`), `mean`,
    `prior_mean` and `prior_sd`, and of `triangles` the lower triangle of the covariance by rows, p (p + 1) / 2 numbers.
    `status` (n,) counts through `STATUSES`; `log_evidence`, `days`, `readings`, `acts` (n,) are 0 without a fit.
    `reason` (n): why there is none, `about` (n): the unit of `have` and `need` (n,; NaN where no count would help), or
    the name of the error.
    """

    names: tuple[str, ...]
    offsets: Ints
    coordinate: Ints
    mean: Floats
    prior_mean: Floats
    prior_sd: Floats
    triangles: Floats
    status: Ints
    log_evidence: Floats
    days: Floats
    readings: Ints
    acts: Ints
    reason: tuple[str, ...]
    about: tuple[str, ...]
    have: Floats
    need: Floats

    def __len__(self) -> int:
        return len(self.status)


def flattened(fits: Iterable[Summary | CannotSay | FitFailed]) -> FlatFits:
    """The flat form of what `summarise_many` gives; a failure's trace is not kept."""
    people = list(fits)
    fitted = [one for one in people if isinstance(one, Summary)]
    names = tuple(dict.fromkeys(name for one in fitted for name in one.names))
    place = {name: at for at, name in enumerate(names)}
    whole = [one if isinstance(one, Summary) else None for one in people]
    said = [one if isinstance(one, CannotSay) else None for one in people]
    return FlatFits(
        names=names,
        offsets=np.cumsum([0, *(len(one.names) if one else 0 for one in whole)], dtype=np.int64),
        coordinate=np.array([place[name] for one in fitted for name in one.names], np.int64),
        mean=_strung([one.mean for one in fitted]),
        prior_mean=_strung([one.prior_mean for one in fitted]),
        prior_sd=_strung([one.prior_sd for one in fitted]),
        triangles=_strung([one.covariance[np.tril_indices(len(one.mean))] for one in fitted]),
        status=np.array([_status(one) for one in people], np.int64),
        log_evidence=np.array([one.log_evidence if one else 0.0 for one in whole]),
        days=np.array([one.days if one else 0.0 for one in whole]),
        readings=np.array([one.readings if one else 0 for one in whole], np.int64),
        acts=np.array([one.acts if one else 0 for one in whole], np.int64),
        reason=tuple(_reason(one) for one in people),
        about=tuple(_about(one) for one in people),
        have=np.array([_count(one.have) if one else np.nan for one in said]),
        need=np.array([_count(one.need) if one else np.nan for one in said]),
    )


def restored(flat: FlatFits) -> list[Summary | CannotSay | FitFailed]:
    """The people again, in order."""
    sizes = np.diff(flat.offsets)
    ends = np.cumsum(sizes * (sizes + 1) // 2)
    return [_person(flat, i, int(ends[i])) for i in range(len(flat))]


def _person(flat: FlatFits, i: int, end: int) -> Summary | CannotSay | FitFailed:
    if STATUSES[flat.status[i]] == "failed":
        return FitFailed(i, flat.about[i], flat.reason[i], "")
    if STATUSES[flat.status[i]] == "cannot_say":
        have, need = (None if np.isnan(one[i]) else float(one[i]) for one in (flat.have, flat.need))
        return CannotSay(
            flat.reason[i], have=have, need=need, unit=flat.about[i], row="S9", quantity="strain", method=METHOD
        )
    mine = slice(flat.offsets[i], flat.offsets[i + 1])
    size = int(flat.offsets[i + 1] - flat.offsets[i])
    lower = np.zeros((size, size))
    lower[np.tril_indices(size)] = flat.triangles[end - size * (size + 1) // 2 : end]
    return Summary(
        names=tuple(flat.names[at] for at in flat.coordinate[mine]),
        mean=flat.mean[mine],
        covariance=lower + np.tril(lower, -1).T,
        prior_mean=flat.prior_mean[mine],
        prior_sd=flat.prior_sd[mine],
        log_evidence=float(flat.log_evidence[i]),
        days=float(flat.days[i]),
        readings=int(flat.readings[i]),
        acts=int(flat.acts[i]),
    )


def _strung(parts: Sequence[Floats]) -> Floats:
    return np.concatenate(parts) if parts else np.zeros(0)


def _count(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _status(one: Summary | CannotSay | FitFailed) -> int:
    return 0 if isinstance(one, Summary) else 1 if isinstance(one, CannotSay) else 2


def _reason(one: Summary | CannotSay | FitFailed) -> str:
    return "" if isinstance(one, Summary) else one.reason if isinstance(one, CannotSay) else one.said


def _about(one: Summary | CannotSay | FitFailed) -> str:
    return "" if isinstance(one, Summary) else one.unit if isinstance(one, CannotSay) else one.error
