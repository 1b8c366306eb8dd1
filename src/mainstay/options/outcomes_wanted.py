"""How good each scenario would be to the person, and which must not be: in the order in which futures count them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mainstay.futures.scenarios import OnRecord
from mainstay.options.values import Values, Wish, drawn_values
from mainstay.quantities import CannotSay

Floats = NDArray[np.float64]
VALUES = 400


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """What the person wants of the scenarios, in the order in which they are counted: values, and what must not be."""

    scenarios: tuple[str, ...]
    values: Values | CannotSay
    must_not: NDArray[np.bool_]

    @property
    def draws(self) -> Floats:
        """Draws of how good each scenario is (draws, s), in points; all alike where nobody said."""
        return np.full((1, len(self.scenarios)), 50.0) if isinstance(self.values, CannotSay) else self.values.draws

    @property
    def middle(self) -> Floats:
        """About how good each scenario is (s,), in points."""
        return np.asarray(self.draws.mean(axis=0))


def wanted(names: Sequence[str], known: OnRecord, rng: np.random.Generator) -> Wanted:
    """What is wanted of the scenarios with these names, *other* among them. `known`: `futures.scenarios.looked_up`."""
    by_name = {one.name: one.says for one in known.scenarios}
    said = [
        Wish(name, by_name[name].preference, by_name[name].worth, by_name[name].must_not)
        if name in by_name
        else Wish(name, known.other_rank)
        for name in names
    ]
    must_not = np.array([one.must_not for one in said], dtype=bool)
    return Wanted(tuple(names), drawn_values(said, VALUES, rng), must_not)
