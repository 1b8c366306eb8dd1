"""Which streams of a record its own past did not foresee, and which ways it could turn out are told from those."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mainstay.futures.backtest_judge import FAR_OUT_LEVEL, NO_BETTER_LEVEL, FarOut, Tried, over_targets
from mainstay.futures.ledger_rules import SLIPS
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_scenario import Scenario

Stream = tuple[str, str]
"""What is watched, as a rule says it ("share" or "rate"), and of which role or event."""

WATCHED = {"hours": "share", "refuge": "rate", "demand": "rate", "slips": "rate"}
WEEKS = (7, 28)
"""Rules look over weeks: a stream is judged by its week and its four weeks ahead."""
TOO_NARROW_SDS = 3.0
"""The bar of one stream: there are several, each with two chances to be found wrong."""
WORSE = 0.15
"""Of one stream, the least share of the base rate's loss that matters."""


def not_foreseen(tried: Sequence[Tried], step: float) -> dict[Stream, str]:
    """The streams that what is usual for the person tells better, or of which too much came unforeseen; and why.

    The odds are those of the backtest as a whole. A stream of which too few forecasts could be held against what came
    is not among them.
    """
    found: dict[Stream, str] = {}
    for one in tried:
        if one.target.kind not in WATCHED or one.target.days not in WEEKS:
            continue
        name = one.target.rule.name
        if _worse(one, step):
            found[WATCHED[one.target.kind], name] = f"{_said(one)} came otherwise than such futures foresaw"
        elif _too_narrow(one, step):
            found[WATCHED[one.target.kind], name] = f"too much came of {_said(one)} that such futures had not foreseen"
    return found


def _worse(one: Tried, step: float) -> bool:
    gain = over_targets([one], [one.gain], step, NO_BETTER_LEVEL)
    return gain is not None and gain.high < -WORSE


def _too_narrow(one: Tried, step: float) -> bool:
    if not np.isfinite(one.rank).any():
        return False
    square = over_targets([one], [one.far_out], step, FAR_OUT_LEVEL)
    days = one.target.days
    return square is not None and FarOut(square, square.n * min(step / days, 1.0), days).beyond(TOO_NARROW_SDS)


def _said(one: Tried) -> str:
    name = one.target.rule.name
    if one.target.kind == "hours":
        return f"hours in “{name}”"
    return "slips" if name == SLIPS else f"“{name}”"


def told_from(scenarios: Iterable[Scenario], missed: Mapping[Stream, str], oneself: str = "") -> dict[str, str]:
    """The scenarios whose rule reads a stream that was not foreseen, and why, as a clause.

    `oneself`: the role that is oneself, for rules about time as oneself.
    """
    known = {(watched, folded(name)): why for (watched, name), why in missed.items()}
    found = {}
    for one in scenarios:
        for each in one.conditions:
            name = oneself if each.watched == "share" and each.name == "self" else each.name
            why = known.get((each.watched, folded(name)))
            if why is not None:
                found[one.name] = f"tried on your own past, {why}"
    return found
