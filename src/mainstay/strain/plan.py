"""Power before data: how many months until a drift of seeking, or relief that fades, could be seen.

The sd that a record's likelihood leaves on a drift was measured on simulated people (power_table.json, made by
tests/calibration/power.py). It follows a law with a reason behind each part:

    sd² = 12 / (years² acts) · (A + B x / (1 + C x / years^k)),      x = acts a week / check-ins a week.

12 / (years² acts) is what that many acts could tell at best, if strain were known: the variance of a Poisson rate's
slope over evenly spread acts. The bracket is what not knowing strain costs: nearly nothing (A is close to 1) where
check-ins are many times as frequent as acts, and never more than (B / C) years^k. A drift is seen when its e-value
passes one over its share of the false-alarm budget (`judge`), so the chance of seeing it follows from the sd alone.
Nothing here needs a fit or a compiled kernel.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Literal

from mainstay.errors import BadRequest
from mainstay.quantities import DAYS_PER_MONTH, DAYS_PER_YEAR, Answer, Probability, probability
from mainstay.strain.judge import (
    FALSE_ALARM_BUDGET,
    SHARE_OF_FADING,
    SHARE_OF_THRESHOLD,
    Z90,
    counted,
    e_value,
    likelihood_of,
    normal_cdf,
)

if TYPE_CHECKING:
    from mainstay.strain.data import StrainData
    from mainstay.timeline.kinds import Timeline

Question = Literal["drift", "fading"]

WEEKS_PER_MONTH = DAYS_PER_MONTH / 7.0
POWER = 0.8
FEWEST_MONTHS, FEWEST_ACTS = 3, 30
"""Below these the threshold is refused whatever the sd (`threshold`)."""

MOST_MONTHS = 60
"""Plans end here: the table was measured up to three years, and a life changes more than a plan can follow."""

STEADY_PART = 0.75
"""The alarm's e-value is the mean of those of a steady drift and of a step (`drift`). For a steady drift it passes the
mark where its own part passes one a third higher (0.72 to 0.95 over 6 to 36 months, at chances from .4 to .98)."""

LEAST_ACTS, MOST_ACTS = 0.2, 50.0
LEAST_PROMPTS, MOST_PROMPTS = 0.1, 50.0


@dataclass(frozen=True, slots=True)
class Pace:
    """How a record grows: acts of relief on record a week, check-ins answered a day."""

    acts_a_week: float
    prompts_a_day: float

    def __post_init__(self) -> None:
        for name, value, low, high in (
            ("acts of relief a week", self.acts_a_week, LEAST_ACTS, MOST_ACTS),
            ("check-ins a day", self.prompts_a_day, LEAST_PROMPTS, MOST_PROMPTS),
        ):
            if not low <= value <= high:
                raise BadRequest(f"a plan can be made for {low:g} to {high:g} {name}, not for {value:g}")


@dataclass(frozen=True, slots=True)
class SoFar:
    """What is on record already: months, the pace it had, and what its fit says of the effect (None without a fit).

    `mean` and `sd` are those of the likelihood alone, without the prior. With a mean, chances are of lives that have
    looked like this one so far (conditional power: Lan, Simon and Halperin 1982); without, of all lives of this pace.
    """

    months: float
    pace: Pace
    sd: float | None = None
    mean: float | None = None


@dataclass(frozen=True, slots=True)
class Law:
    """A, B, C and k of the module's head; `spread`: sd of log sd between people of the same pace.

    `spread_ahead`: the same for one person whose sd is already known from months that are on record; `holds`: how much
    of a person's own departure from the law (its log) is still there later.
    """

    base: float
    excess: float
    limit: float
    limit_power: float
    spread: float
    spread_ahead: float
    holds: float

    def sd(self, months: float, pace: Pace) -> float:
        """The sd a record of so many months at this pace leaves on the effect, in the middle of people."""
        acts, years = pace.acts_a_week * WEEKS_PER_MONTH * months, months / 12.0
        ratio = pace.acts_a_week / (7.0 * pace.prompts_a_day)
        bracket = self.base + self.excess * ratio / (1.0 + self.limit * ratio / years**self.limit_power)
        return math.sqrt(12.0 / acts * bracket) / years


@lru_cache(maxsize=1)
def table() -> dict[str, Any]:
    """The power table as it was measured: laws, cells, the rates of finding, and how it was made."""
    text = files("mainstay.strain").joinpath("power_table.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@lru_cache(maxsize=2)
def law(question: Question = "drift") -> Law:
    """The law of the sd of a drift, or of the fading of one refuge."""
    return Law(**table()["laws"][question])


def budget_of(question: Question, refuges: int = 1) -> float:
    """The share of the false-alarm budget that an alarm of this kind may use."""
    if question == "drift":
        return FALSE_ALARM_BUDGET * SHARE_OF_THRESHOLD * STEADY_PART
    return FALSE_ALARM_BUDGET * SHARE_OF_FADING / refuges


@lru_cache(maxsize=4096)
def z_needed(sd: float, budget: float) -> float:
    """How many sds from none the likelihood's mean must lie for an alarm within the budget: about 3."""
    low, high = 0.0, 40.0
    for _ in range(45):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if e_value(middle * sd, sd) >= 1.0 / budget else (middle, high)
    return high


def expected_sd(months: float, pace: Pace, so_far: SoFar | None = None, question: Question = "drift") -> float:
    """The sd to be expected after so many months in all, of which `so_far` is on record already."""
    known = law(question)
    if so_far is None or so_far.months <= 0.0:
        return known.sd(months, pace)
    usual = known.sd(months, _mixed(months, pace, so_far))
    if so_far.sd is None:
        return usual
    return usual * math.exp(known.holds * math.log(so_far.sd / known.sd(so_far.months, so_far.pace)))


def _mixed(months: float, pace: Pace, so_far: SoFar) -> Pace:
    """The mean pace over the whole record: as it was so far, then as planned."""
    before = min(so_far.months / months, 1.0)
    # a mean of two paces at one end of what can be planned for may be rounded past that end
    return clipped(
        before * so_far.pace.acts_a_week + (1.0 - before) * pace.acts_a_week,
        before * so_far.pace.prompts_a_day + (1.0 - before) * pace.prompts_a_day,
    )


def _enough_acts(months: float, pace: Pace, so_far: SoFar | None) -> float:
    """The chance that by then there are the acts without which a threshold is refused (their count is Poisson)."""
    have = so_far.months * so_far.pace.acts_a_week * WEEKS_PER_MONTH if so_far else 0.0
    more = pace.acts_a_week * WEEKS_PER_MONTH * max(months - (so_far.months if so_far else 0.0), 0.0)
    missing = FEWEST_ACTS - 0.5 - have
    if missing <= 0.0:
        return 1.0
    return normal_cdf((more - missing) / math.sqrt(more)) if more > 0.0 else 0.0


def _at_one_look(
    effect: float, months: float, pace: Pace, so_far: SoFar | None, *, question: Question, budget: float
) -> float:
    """The chance that the effect is found by a look after exactly so many months."""
    if months < FEWEST_MONTHS:
        return 0.0
    known = law(question)
    middle = expected_sd(months, pace, so_far, question)
    spread = known.spread if so_far is None or so_far.sd is None else known.spread_ahead
    total = 0.0
    for weight, step in ((1 / 6, -math.sqrt(3.0)), (2 / 3, 0.0), (1 / 6, math.sqrt(3.0))):
        total += weight * _passes(effect, middle * math.exp(step * spread), so_far, budget)
    return total * (_enough_acts(months, pace, so_far) if question == "drift" else 1.0)


def _passes(effect: float, sd: float, so_far: SoFar | None, budget: float) -> float:
    """The chance that an estimate of this sd passes the alarm's mark, given what the record says so far.

    Estimates of one growing record are sums: what there is, weighted by its information 1/sd², and what is still to
    come, which is independent of it.
    """
    if so_far is None or so_far.sd is None or so_far.mean is None:
        return normal_cdf(abs(effect) / sd - z_needed(round(sd, 6), budget))
    held, mean = so_far.sd**-2.0, so_far.mean * math.copysign(1.0, effect)
    more = max(sd**-2.0, held * 1.001) - held
    sd = (held + more) ** -0.5
    expected, mark = held * mean + more * abs(effect), z_needed(round(sd, 6), budget) / sd
    return normal_cdf((expected - mark) / math.sqrt(more))


def chances(
    effect: float,
    months: Sequence[float],
    pace: Pace,
    so_far: SoFar | None = None,
    *,
    question: Question = "drift",
    budget: float | None = None,
) -> tuple[Probability, ...]:
    """The chance that an effect (log ratio, or logits, a year) has been seen after each of these months in all.

    It is taken to be there from the first day on record, at this size, and strain to drive what is sought. Seen "by
    then" is taken at the best single look up to then, a month apart: more looks can only add a little, so a longer
    record never has less of a chance.
    """
    allowed = budget_of(question) if budget is None else budget
    found, best, look = {}, 0.0, math.floor(so_far.months) + 1 if so_far else 1
    for until in sorted(months):
        for month in [*range(look, math.floor(until) + 1), until]:
            best = max(best, _at_one_look(effect, float(month), pace, so_far, question=question, budget=allowed))
        look = max(look, math.floor(until) + 1)
        found[until] = probability(min(best, 1.0))
    return tuple(found[one] for one in months)


def months_until(
    effect: float,
    pace: Pace,
    so_far: SoFar | None = None,
    *,
    power: float = POWER,
    question: Question = "drift",
    budget: float | None = None,
) -> int | None:
    """Months on record in all until the effect would have been seen in a share `power` of such lives.

    Always more than are on record; None where it would take over five years.
    """
    if effect == 0.0 or not math.isfinite(effect):
        raise BadRequest(f"a plan needs an effect of some size, not {effect}")
    if not 0.0 < power < 1.0:
        raise BadRequest(f"the wanted chance lies between 0 and 1, such as 0.8, not {power}")
    allowed = budget_of(question) if budget is None else budget
    first = math.floor(so_far.months) + 1 if so_far else 1
    for month in range(first, MOST_MONTHS + 1):
        if _at_one_look(effect, float(month), pace, so_far, question=question, budget=allowed) >= power:
            return month
    return None


def months_needed(
    effect: float,
    acts_a_week: float,
    prompts_a_day: float,
    *,
    power: float = POWER,
    sd_now: float | None = None,
    mean_now: float | None = None,
    months_now: float | None = None,
    question: Question = "drift",
    refuges: int = 1,
) -> int | None:
    """`months_until` for a record that goes on as it went: what a refusal says is needed.

    `sd_now`, `mean_now`: of the likelihood that the fit of `months_now` months left. For fading, `refuges` share the
    budget, and the acts are those of the refuge asked about. A pace beyond what can be planned for is taken at its
    nearest.
    """
    pace = clipped(acts_a_week, prompts_a_day)
    so_far = None if months_now is None else SoFar(months_now, pace, sd_now, mean_now)
    return months_until(effect, pace, so_far, power=power, question=question, budget=budget_of(question, refuges))


def months_told(
    data: StrainData, acts: int, effect: float, *, mean: float, sd: float, question: Question = "drift"
) -> dict[str, Any]:
    """What a refusal says of months: those on record, and in all until an effect of this size could be seen.

    `acts`: those that the effect is read from; `mean`, `sd`: of its likelihood. Nothing where months would not help.
    """
    months, check_ins = data.days / DAYS_PER_MONTH, float((data.problem.read_item == 0).sum())
    need = months_needed(
        math.copysign(effect, mean),
        7.0 * acts / data.days,
        check_ins / data.days,
        sd_now=sd,
        mean_now=mean,
        months_now=months,
        question=question,
        refuges=len(data.refuges),
    )
    return {} if need is None else counted(round(months, 1), need, "months")


def clipped(acts_a_week: float, prompts_a_day: float) -> Pace:
    """The nearest pace that can be planned for."""
    return Pace(min(max(acts_a_week, LEAST_ACTS), MOST_ACTS), min(max(prompts_a_day, LEAST_PROMPTS), MOST_PROMPTS))


@dataclass(frozen=True, slots=True)
class Shortening:
    """One way to see sooner: `what` (check-ins or acts), the pace it means, and the months in all it would take."""

    what: Literal["check-ins", "acts"]
    pace: Pace
    months: int | None


def shortenings(
    effect: float, pace: Pace, so_far: SoFar | None = None, *, power: float = POWER, most_acts: float | None = None
) -> tuple[Shortening, ...]:
    """Twice the check-ins, and twice the acts on record, from now on; the one that shortens most comes first.

    `most_acts`: how many acts a week there are to be recorded, where that is known.
    """
    acts = min(2.0 * pace.acts_a_week, MOST_ACTS if most_acts is None else most_acts)
    ways: list[tuple[Literal["check-ins", "acts"], Pace]] = [
        ("check-ins", replace(pace, prompts_a_day=min(2.0 * pace.prompts_a_day, MOST_PROMPTS)))
    ]
    if acts > pace.acts_a_week:
        ways.append(("acts", replace(pace, acts_a_week=acts)))
    tried = [Shortening(what, faster, months_until(effect, faster, so_far, power=power)) for what, faster in ways]
    return tuple(sorted(tried, key=lambda one: MOST_MONTHS + 1 if one.months is None else one.months))


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What of a record counts towards seeing a drift: its months and pace, and what stands in the way.

    `acts`: of relief, those of the refuges that rise with strain where a fit could tell; `check_ins`: answers of the
    anchor item. `so_far` is None where the pace is below what can be planned for. `logged`: how fully relief was
    recorded is stated for nearly all of the time; `recorded_share`: the share, 1 where nothing is stated; `told_apart`:
    a drift can be told from recording that grew, by what is stated or by what control streams show.
    """

    months: float
    acts: int
    check_ins: int
    refuges: int
    so_far: SoFar | None
    logged: bool
    recorded_share: float
    told_apart: bool


def on_record(timeline: Timeline, threshold: Answer | None = None) -> OnRecord:
    """What a timeline has; `threshold` is its answer about the threshold (S11), whose sd the plan then goes on from."""
    from mainstay.strain.exposure import recording_logged, recording_of

    relief = timeline.of_events("relief")
    detail = threshold.detail if threshold else {}
    mean, sd = _likelihood_told(detail, timeline.days / DAYS_PER_YEAR)
    acts = threshold.n if threshold and sd is not None else sum(len(one.times) for one in relief)
    anchor = timeline.ratings.get(timeline.anchor or "")
    check_ins = len(anchor.times) if anchor else 0
    months = timeline.days / DAYS_PER_MONTH
    weekly, daily = acts / max(timeline.days / 7.0, 1e-9), check_ins / max(timeline.days, 1e-9)
    enough = weekly >= LEAST_ACTS and (daily >= LEAST_PROMPTS or sd is not None)
    stated = [steps for one in relief if (steps := recording_of(timeline, one.label)) is not None]
    shares = [float(one.intensity @ (one.edges[1:] - one.edges[:-1])) / timeline.days for one in stated]
    logged = bool(relief) and recording_logged(timeline, relief)
    return OnRecord(
        months=months,
        acts=acts,
        check_ins=check_ins,
        refuges=len(relief),
        so_far=SoFar(months, clipped(weekly, daily), sd, mean) if enough else None,
        logged=logged,
        recorded_share=sum(shares) / len(shares) if shares else 1.0,
        told_apart="tipping_point" not in detail if sd is not None else logged,
    )


def _likelihood_told(detail: Mapping[str, Any], years: float) -> tuple[float | None, float | None]:
    """Mean and sd of the likelihood of the drift a year, from what an answer tells of its sensitivity to the prior."""
    for name, (low, middle, high) in detail.get("prior_sensitivity", {}).items():
        width, told_over = float(name.removeprefix("prior_sd_")), min(years, 1.0)
        mean, sd = math.log(middle) / told_over, (math.log(high) - math.log(low)) / (2.0 * Z90 * told_over)
        return likelihood_of(mean, sd, width)
    return None, None
