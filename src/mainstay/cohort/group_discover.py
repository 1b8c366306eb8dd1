"""In whom is there something to tell, among many who were asked: with a bound on how many of those are false.

Each person, question and way (more, less) has a p-value: 1/e where there is an e-value (e-BH, Wang and Ramdas 2022:
right under any dependence), else the one-sided one of the interval (Benjamini and Hochberg 1995: right where people go
together, if at all, in the same way; Benjamini and Yekutieli 2001). Questions are chosen first, by Simes' test of each
(of e-values by their mean), then people in them at q times the share of questions chosen (Benjamini and Bogomolov
2014): on average over the questions in which anybody is named, at most q of those named are false.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
Q = 0.10
_Name = TypeVar("_Name", bound=Hashable)


@dataclass(frozen=True, slots=True, eq=False)
class Family:
    """One question, one way: p-values (k) of everybody asked, 1 where nothing can be said; e-values (k) if by these."""

    p: Floats
    e: Floats | None = None

    @classmethod
    def by_e_values(cls, e: ArrayLike) -> Family:
        """From e-values (k). Refuses (`BadRequest`) what is below 0 or no number."""
        values = np.asarray(e, np.float64)
        if np.isnan(values).any() or (values < 0.0).any():
            raise BadRequest("an e-value is a number from 0 on")
        return cls(np.minimum(1.0, 1.0 / np.maximum(values, 1.0)), values)

    @property
    def anybody(self) -> float:
        """A p-value for there being nobody in whom there is anything."""
        if self.e is not None:
            return float(min(1.0, 1.0 / max(float(self.e.mean()), 1e-300)))
        ordered = np.sort(self.p)
        return float(min(1.0, (len(ordered) * ordered / np.arange(1, len(ordered) + 1)).min()))


def stepped_up(p: ArrayLike, q: float) -> NDArray[np.bool_]:
    """Which are named at q (Benjamini and Hochberg): all up to the last whose p is at most q times its share."""
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    under = np.flatnonzero(values[order] <= q * np.arange(1, len(values) + 1) / max(len(values), 1))
    named = np.zeros(len(values), np.bool_)
    if len(under):
        named[order[: under[-1] + 1]] = True
    return named


@dataclass(frozen=True, slots=True, eq=False)
class Named:
    """Who is named (k), and the level at which people in this question were: a bound only over all."""

    people: NDArray[np.bool_]
    q: float


def discoveries(tests: Mapping[_Name, Family], q: float = Q) -> dict[_Name, Named]:
    """Who is named in each of all the questions of a run."""
    if not 0.0 < q < 1.0:
        raise BadRequest(f"the share of false ones lies between 0 and 1, such as 0.1, not {q}")
    if not tests:
        return {}
    chosen = stepped_up([one.anybody for one in tests.values()], q)
    inside = q * float(chosen.sum()) / len(tests)
    return {
        name: Named(stepped_up(one.p, inside) if is_chosen else np.zeros(len(one.p), np.bool_), inside or q)
        for (name, one), is_chosen in zip(tests.items(), chosen, strict=True)
    }
