"""Each option in sentences (S20): struck out, dominated, recommended, better on the whole, or not shown to be.

What `detail` of an option holds, where it is known: `what`, `id`, `written`; `struck_by` (limit, reason, change);
`steps` (what, chance), `success`, `weakest`; `cost` and `benefit` by who bears them; `reversible`, `channel`,
`after_weeks`; `notes`; and where it was weighed `expected`, `gain`, `strain` (points, low, high), `by_explanation`,
`worst`, `badly`, `most_regret`, `chance_best`, `must_not`, `helps_if`, `eases_if`, `dominated_by`, `harmless`,
`not_recommended_as`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mainstay.options.limits import Strike, as_range, chance_of_all_steps, steps_of
from mainstay.options.outcomes import Outcomes
from mainstay.options.outcomes_harm import TIED
from mainstay.options.outcomes_judged import LEFT_ALONE, Judged
from mainstay.options.outcomes_levers import Followed, Standing
from mainstay.options.outcomes_waiting import Asked
from mainstay.options.tornado import Tornado
from mainstay.options.tornado_steps import weakest
from mainstay.options.worth import Compared, Question, ends
from mainstay.quantities import Answer, CannotSay, Finding, Interval, probability
from mainstay.records.statements_option import NOTHING, Burdens, Option
from mainstay.records.words import listed, quoted
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import number

Floats = NDArray[np.float64]
ROW = "S20"
GAIN, SUCCESS = "gain over leaving things as they are", "chance that all steps succeed, at the most, as written"
POINTS = "points"
METHOD = "simulated futures under each explanation, on common random numbers; expected value in stated preferences"
LIMITS_METHOD = "hard limits, before any value (lexicographic)"
ASSUMPTIONS = (
    "what is written of an option is so: its steps and their chances, what it costs, what it would change",
    "steps succeed or fail by themselves; where one fails nothing changes, and what it costs is borne all the same",
    "the weights of the causes stay as they are; those that the records speak against are left out",
)


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """All options that were weighed; at position 0 stands leaving things as they are, the options follow.

    `causes`: the explanations they were weighed under; `strain` (options, explanations, draws): what each adds to mean
    strain if it succeeds, in points (`unit`); `tornado`: what the order hangs on; `waits`: the best wait first;
    `notes`: what is told of the whole besides, each a sentence.
    """

    options: tuple[Option, ...]
    causes: tuple[Standing, ...]
    asked: Question
    compared: Compared
    judged: tuple[Judged, ...]
    strain: Floats
    unit: str
    found: Outcomes
    tornado: Tornado | None
    waits: tuple[Asked, ...]
    notes: tuple[str, ...] = ()

    def name(self, at: int) -> str:
        """What the option at a position is called."""
        return NOTHING if at == 0 else self.options[at - 1].name

    def strain_of(self, at: int) -> tuple[float, float, float]:
        """What an option adds to mean strain over the horizon if it succeeds: the mean and the ends of its interval."""
        rows = np.einsum("hd,h->d", self.strain[at], self.asked.weights)
        low, high = ends(rows)
        return float(rows.mean()), float(low), float(high)


def struck_out(option: Option, strikes: Sequence[Strike], n: int) -> Finding:
    """An option that a limit strikes out: the first reason, the others beside it, and what would have to change.

    Its estimate is the highest chance as it was written: a range that somebody wrote is no interval.
    """
    _, high = chance_of_all_steps(option.says)
    others = [one.reason for one in strikes[1:]]
    return Finding(
        row=ROW,
        about=option.name,
        status="struck_out",
        claim=f"“{option.name}” is struck out: {strikes[0].reason}.",
        quantity=SUCCESS,
        estimate=high,
        interval=Interval(high, high, LEVEL),
        unit="",
        n=n,
        method=LIMITS_METHOD,
        would_change="; ".join(dict.fromkeys(one.change for one in strikes)),
        reason=f"besides, {listed(others)}" if others else "",
        detail=written_detail(option) | {"struck_by": [_strike(one) for one in strikes]},
    )


def not_followed(option: Option, reason: str, would_change: str, n: int, notes: Sequence[str] = ()) -> CannotSay:
    """An option of which it can't be told what it would be worth."""
    return CannotSay(
        f"what “{option.name}” would do can't be told: {reason}",
        row=ROW,
        about=option.name,
        quantity=GAIN,
        n=n,
        method=METHOD,
        would_change=would_change,
        detail=written_detail(option) | {"notes": list(notes)},
    )


def weighed_answer(weighed: Weighed, at: int, followed: Followed, notes: Sequence[str], n: int) -> Answer:
    """An option that was weighed. `at`: its position, 1 the first."""
    option, seen, found = weighed.options[at - 1], weighed.judged[at - 1], weighed.compared
    low, high = found.gain_interval[at]
    ahead = found.ahead(at, 0)
    return Finding(
        row=ROW,
        about=option.name,
        status=seen.status,
        claim=_claim(weighed, at),
        quantity=GAIN,
        estimate=float(found.gain[at]),
        interval=Interval(float(low), float(high), LEVEL),
        unit=POINTS,
        n=n,
        method=METHOD,
        probability=probability(min(max(ahead, 0.0), 1.0)),
        assumptions=(*ASSUMPTIONS, *notes),
        would_change=_would_change(weighed, at),
        reason=_bears(option),
        detail=written_detail(option) | _weighed_detail(weighed, at) | {"notes": [*followed.notes, *notes]},
    )


def _claim(weighed: Weighed, at: int) -> str:
    option, seen = weighed.options[at - 1], weighed.judged[at - 1]
    name = f"“{option.name}”"
    if seen.status == "dominated":
        return f"{name} is not noticeably better on any count than {_others(weighed, seen)}, and worse on some."
    if seen.status == "recommended":
        if not seen.best_in_all or seen.harmless:
            return f"{name} costs you nothing whichever way it goes{_asks(option)}, and {_helps(weighed, at)}."
        return f"{name} is the best, or as good as the best, whichever cause still standing it is{_asks(option)}."
    if seen.held_back:
        better = f"is better on the whole than {LEFT_ALONE}" if seen.status == "found" else "may help"
        return f"{name} {better}, but it is not recommended: {'; '.join(one.reason for one in seen.held_back)}."
    if seen.status == "found":
        return f"{name} is better on the whole than {LEFT_ALONE}{_but_not_if(weighed, at)}."
    return _not_better(weighed, at)


def _asks(option: Option) -> str:
    """What it takes of a supporter, in brackets; nothing where nothing is written of that."""
    cost = option.says.cost.supporter.counted
    parts = [
        *([f"{span(cost.hours_a_week)} hours a week"] if cost.hours_a_week[1] > 0.0 else []),
        *([f"{span(cost.money_a_month)} a month in money"] if cost.money_a_month[1] > 0.0 else []),
        *([f"{span(cost.points)} points"] if cost.points[1] > 0.0 else []),
    ]
    return f" (it takes {listed(parts)} of the supporter)" if parts else ""


def _not_better(weighed: Weighed, at: int) -> str:
    option, seen, gain = weighed.options[at - 1], weighed.judged[at - 1], weighed.compared.gain[at]
    name = f"“{option.name}”"
    if weighed.compared.gain_interval[at, 1] < 0.0 and gain < -TIED:
        return f"By what is on record {name} would be worse than {LEFT_ALONE}."
    if seen.harms:
        return f"Nothing on record shows that {name} would help, and {listed(seen.harms)}."
    if seen.harmless:
        return f"{name} costs you nothing{_asks(option)}, but it may not help: nothing on record shows that it would."
    return f"Nothing on record shows that {name} would be better than {LEFT_ALONE}."


def _others(weighed: Weighed, seen: Judged) -> str:
    return listed(LEFT_ALONE if i == 0 else f"“{weighed.name(i)}”" for i in seen.dominated_by)


def _helps(weighed: Weighed, at: int) -> str:
    """Under which causes it helps: "helps if it is “a” (…); if it is not, little or nothing of yours is lost"."""
    seen = weighed.judged[at - 1]
    where = seen.helps or seen.eases
    does = "helps" if seen.helps else f"eases strain a little ({_by_how_much(weighed, at)})"
    if len(where) == len(weighed.causes):
        return f"{does} whichever cause it is" if len(weighed.causes) > 1 else does
    names = [_explained(weighed.causes[h]) for h in where]
    return f"{does} if it is {listed(names, 'or')}; if it is not, little or nothing of yours is lost"


def _by_how_much(weighed: Weighed, at: int) -> str:
    """How much mean strain it takes away where it eases: the least of these explanations has it."""
    least = min(-float(weighed.strain[at, h].mean()) for h in weighed.judged[at - 1].eases)
    return f"by about {number(round(least, 2))} {weighed.unit}, on average over {weighed.found.days} days"


def cause_in_words(cause: Standing) -> str:
    """The causes of one group: “role concealment”, or "another cause"."""
    return quoted(cause.causes, "or") if cause.restores is not None else "another cause"


def _explained(cause: Standing) -> str:
    """The same with what its heaviest cause says, in the words it has on record."""
    name, said = cause_in_words(cause), cause.said.strip().rstrip(".")
    if cause.restores is None or not said:
        return name
    return f"{name} ({said[:1].lower()}{said[1:]})" if said[1:2].islower() else f"{name} ({said})"


def _but_not_if(weighed: Weighed, at: int) -> str:
    behind = weighed.compared.by_explanation[at] - weighed.compared.by_explanation.max(axis=0)
    worst = int(np.argmin(behind))
    if behind[worst] >= -TIED:
        return ", though not by much"
    return f", but not the best if it is {cause_in_words(weighed.causes[worst])}"


def _would_change(weighed: Weighed, at: int) -> str:
    seen = weighed.judged[at - 1]
    if seen.held_back:
        return "; ".join(dict.fromkeys(one.change for one in seen.held_back))
    if seen.status == "recommended":
        return "other chances of its steps, another order of preference, or other weights of the causes"
    return "an occasion with check-ins before, meanwhile and after, or other weights of the causes"


def _bears(option: Option) -> str:
    """What a supporter gains by it, where that is written: what is booked as a sacrifice may be none."""
    gains, points = option.says.benefit.supporter.counted.points, option.says.cost.supporter.counted.points
    if gains[1] <= 0.0:
        return ""
    if sum(gains) > sum(points):
        return f"to the supporter it is no sacrifice: it gives {span(gains)} points and takes {span(points)}"
    return f"it gives the supporter {span(gains)} points and takes {span(points)}"


def span(values: tuple[float, float]) -> str:
    """A stated range: "3 to 5", or one number."""
    low, high = values
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def written_detail(option: Option) -> dict[str, Any]:
    """What is written of an option, for pages."""
    says = option.says
    low, high = chance_of_all_steps(says)
    found: dict[str, Any] = {
        "id": option.id,
        "written": None if option.written is None else str(option.written),
        "what": says.what or "",
        "steps": [{"what": one.what, "chance": list(one.chance)} for one in says.step],
        "success": {"low": low, "high": high, "said": as_range(low, high)},
        "cost": _borne(says.cost),
        "benefit": _borne(says.benefit),
        "changes": [{"lever": one.lever, "times": one.times, "by": one.by} for one in says.changes],
        "reversible": says.reversible,
        "disclosed_ok": says.disclosed_ok,
        "after_weeks": says.after_weeks,
        "channel": says.channel or "",
        "needs": list(says.needs),
        "met": list(says.met),
        "rests_on": list(says.rests_on),
        "struck_by": [],
    }
    if link := weakest(steps_of(says)):
        step = says.step[link.step]
        found["weakest"] = {
            "what": step.what, "chance": list(step.chance), "if_sure": link.if_sure, "share": link.share
        }  # fmt: skip
    return found


def _borne(burdens: Burdens) -> dict[str, Any]:
    return {who: one.written for who, one in (("person", burdens.person), ("supporter", burdens.supporter))}


def _strike(one: Strike) -> dict[str, str]:
    return {"limit": one.limit, "reason": one.reason, "change": one.change}


def _weighed_detail(weighed: Weighed, at: int) -> dict[str, Any]:
    found, seen = weighed.compared, weighed.judged[at - 1]
    strain, low, high = weighed.strain_of(at)
    worst = int(found.worst_explanation[at])
    return weighed_row(weighed, at) | {
        "strain": {"points": strain, "low": low, "high": high, "unit": weighed.unit, "days": weighed.found.days},
        "by_explanation": {
            cause.name: float(points) for cause, points in zip(weighed.causes, found.by_explanation[at], strict=True)
        },
        "worst": {"explanation": weighed.causes[worst].name, "points": float(found.worst[at])},
        "over_weights": found.over_weights[at].tolist(),
        "must_not": {
            "chance": float(found.must_not_expected[at]),
            "low": float(found.must_not_interval[at, 0]),
            "high": float(found.must_not_interval[at, 1]),
        },
        "helps_if": [cause_in_words(weighed.causes[h]) for h in seen.helps],
        "eases_if": [cause_in_words(weighed.causes[h]) for h in seen.eases],
        "dominated_by": [weighed.name(i) for i in seen.dominated_by],
        "harmless": seen.harmless,
        "not_recommended_as": [one.reason for one in seen.held_back],
    }


def weighed_row(weighed: Weighed, at: int) -> dict[str, Any]:
    """What a table of the options holds of the one at a position, leaving things as they are at 0.

    How likely it is the best is not told of what is within a point of another: that would be simulation noise.
    """
    found = weighed.compared
    apart = np.abs(np.delete(found.expected, at) - found.expected[at]) >= TIED
    return {
        "expected": _range(found.expected[at], found.interval[at]),
        "gain": _range(found.gain[at], found.gain_interval[at]),
        "chance_best": float(found.chance_best[at]) if apart.all() else None,
        "most_regret": float(found.most_regret[at]),
        "badly": float(found.badly[at]),
        "never_beaten": bool(found.unbeaten[at]),
    }


def _range(value: float, interval: Floats) -> dict[str, float]:
    return {"points": float(value), "low": float(interval[0]), "high": float(interval[1])}
