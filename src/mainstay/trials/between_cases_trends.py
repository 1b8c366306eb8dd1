"""Design-comparable effect sizes of multiple baselines with trends (models MB1 to MB5 of Pustejovsky and others 2014).

Time, from a centre, and time since the treatment of a case began, each as powers; those that vary from case to case
are told apart. The effect is that of a trial between groups in which treatment begins at one time for all (`start`)
and is looked at later (`follow`), in the sd between and within cases at that time. As scdhlm's `calc_BCSMD`.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.trials.between_cases_mixed import fit, rows_of
from mainstay.trials.between_cases_reml import Comparable, comparable
from mainstay.trials.effect_sizes_kinds import LEVEL, Floats

Powers = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Trends:
    """Powers of time in the baseline and of time since treatment began (0: a level, a step), and which of them vary.

    What varies must be there for all, and the level always is and varies.
    """

    base: Powers = (0, 1)
    effect: Powers = (0, 1)
    base_varies: Powers = (0,)
    effect_varies: Powers = ()

    def __post_init__(self) -> None:
        if 0 not in self.base or 0 not in self.base_varies or not self.effect:
            raise BadRequest("a level for each case (power 0) and some effect must be in the model")
        if not (set(self.base_varies) <= set(self.base) and set(self.effect_varies) <= set(self.effect)):
            raise BadRequest("a power that varies from case to case must be in the model for all")


@dataclass(frozen=True, slots=True)
class _Cases:
    owner: list[Hashable]
    time: Floats
    since: Floats
    on: Floats


def restricted_trends(
    outcome: ArrayLike,
    treated: ArrayLike,
    case: Sequence[Hashable],
    time: ArrayLike,
    trends: Trends | None = None,
    *,
    center: float | None = None,
    start: float | None = None,
    follow: float | None = None,
    autoregressive: bool = True,
    level: float = LEVEL,
) -> Comparable | CannotSay:
    """g at `follow` of a treatment begun at `start`. If not given: `start`, the earliest last baseline; `follow`, so
    much later as the shortest treatment of the cases that began then; `center`, `follow`.

    Needs both phases in every case. Refuses a follow-up that is not after the start.
    """
    model, y = trends or Trends(), np.asarray(outcome, np.float64)
    found = _cases(y, treated, case, time)
    if isinstance(found, CannotSay):
        return found
    y = y[np.isfinite(y)]
    default = default_times(found.owner, found.on, found.time)
    begun = default[0] if start is None else start
    seen = default[1] if follow is None else follow
    if not seen > begun:
        raise BadRequest(f"the follow-up, {seen:g}, must come after the start of treatment, {begun:g}")
    middle = seen if center is None else center
    base = {power: (found.time - middle) ** power for power in model.base}
    effect = {power: found.on if power == 0 else found.since**power for power in model.effect}
    x = np.column_stack((*base.values(), *effect.values()))
    z = np.column_stack(
        (*(base[power] for power in model.base_varies), *(effect[power] for power in model.effect_varies))
    )
    fitted = fit(rows_of(y, x, z, found.owner, found.time), autoregressive=autoregressive)
    if isinstance(fitted, CannotSay):
        return fitted
    weights = [0.0] * len(base) + [(seen - begun) ** power for power in model.effect]
    spread = [(seen - middle) ** power for power in model.base_varies] + [0.0] * len(model.effect_varies)
    return comparable(fitted, weights, spread=spread, level=level)


def _cases(y: Floats, treated: ArrayLike, case: Sequence[Hashable], time: ArrayLike) -> _Cases | CannotSay:
    t, on, owner = np.asarray(time, np.float64), np.asarray(treated).astype(float), list(case)
    if len({len(y), len(t), len(on), len(owner)}) != 1:
        raise BadRequest("outcome, treatment, case and time must be as long as each other")
    known = np.isfinite(y)
    t, on, owner = t[known], on[known], [one for one, kept in zip(owner, known, strict=True) if kept]
    since = np.zeros(len(t))
    for name in dict.fromkeys(owner):
        own = np.array([one == name for one in owner])
        if not (on[own] == 0.0).any() or not (on[own] == 1.0).any():
            return CannotSay(f"case {name} has values in one of both phases only", quantity="g")
        last = float(t[own & (on == 0.0)].max())
        since[own] = np.where(on[own] == 1.0, np.maximum(t[own] - last, 0.0), 0.0)
    return _Cases(owner, t, since, on)


def default_times(case: Sequence[Hashable], treated: ArrayLike, time: ArrayLike) -> tuple[float, float]:
    """Start and follow-up as scdhlm takes them: the earliest last baseline, and the shortest treatment after it."""
    t, on = np.asarray(time, np.float64), np.asarray(treated).astype(bool)
    ends, lengths = {}, {}
    for name in dict.fromkeys(case):
        own = np.array([one == name for one in case])
        ends[name] = float(t[own & ~on].max())
        lengths[name] = float(np.ptp(t[own & on])) + 1.0
    first = min(ends.values())
    return first, first + min(length for name, length in lengths.items() if ends[name] == first)
