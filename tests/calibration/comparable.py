"""People in whom relief does nothing, and people in whom it eases: what comparable moments make of it.

PYTHONPATH=tests python -m calibration.comparable at_once 40             every kind: bias, coverage, "eases", the model
PYTHONPATH=tests python -m calibration.comparable lags 40 ordinary       the same by lag
PYTHONPATH=tests python -m calibration.comparable told 30 nothing        the answers' statuses
PYTHONPATH=tests python -m calibration.comparable naive 40 nothing       what a plain before and after says
"""

import math
import sys
from collections import Counter
from dataclasses import replace

import numpy as np

from mainstay import strain
from mainstay.patterns.comparable import AT_ONCE, LAGS, compare
from mainstay.patterns.comparable_moments import answers_of, matched, moments_beside, told
from mainstay.patterns.comparable_strain import eased, foreseen
from mainstay.patterns.relief_answers import relief_answers
from mainstay.quantities import CannotSay
from mainstay.records.kinds import CheckIn, Event, Item, Record, record_id
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, REFUGES, TENSION, ordinary_parameters, ordinary_year, records_of

DAYS = 365.0
NOTHING = -12.0
"""Logit of a share that is none."""


def life(rng, *, shares=(0.5, 0.3), pull=1.0, days=DAYS, acts=4.0, noise=0.5, drift=0.0, **year):
    """The parameters of a person whose refuges take away these shares, and a year of theirs."""
    truth = ordinary_parameters(acts, drift, noise)
    logits = [math.log(s / (1.0 - s)) if s else NOTHING for s in shares]
    refuges = {
        label: replace(truth.refuges[label], efficacy_logit=logit, fading_per_year=0.0, pull=pull,
                       log_rate=truth.refuges[label].log_rate - 4.0 * (pull - 1.0) - (0.7 if not any(shares) else 0.0))
        for label, logit in zip(REFUGES, logits, strict=True)
    }  # fmt: skip
    return replace(truth, refuges=refuges), ordinary_year(rng, days=days, **year)


def ordinary(rng):
    return life(rng)


def nothing(rng):
    """Relief comes at the peaks, the more so the higher they are, and does nothing."""
    return life(rng, shares=(0.0, 0.0))


def nothing_strong(rng):
    return life(rng, shares=(0.0, 0.0), pull=1.8, acts=1.2)


def nothing_slow(rng):
    """Little that is on record drives strain: it wanders."""
    truth, year = life(rng, shares=(0.0, 0.0), noise=1.0, acts=0.7)
    return replace(truth, recovery_rate_per_day=0.35), year


def nothing_few(rng):
    """Two check-ins a day, half of them answered."""
    return life(rng, shares=(0.0, 0.0), check_ins_per_day=3, answered=0.5)


def nothing_half_a_year(rng):
    return life(rng, shares=(0.0, 0.0), days=182.0, acts=3.0)


def one_of_two(rng):
    return life(rng, shares=(0.0, 0.5))


def rising(rng):
    """A quarter of the acts is written down at first, all at the end, and no log says so."""
    truth, year = life(rng, shares=(0.0, 0.4))
    edges = np.linspace(0.0, DAYS, 53)
    return truth, replace(year, recording={label: (edges, np.linspace(0.25, 1.0, 52)) for label in REFUGES})


def by_the_clock(rng):
    """What is sought follows the evenings steeply."""
    truth, year = life(rng, shares=(0.0, 0.4))
    return replace(truth, day_rhythm=(-1.6, -1.2)), year


def few_check_ins(rng):
    return life(rng, check_ins_per_day=3, answered=0.6)


KINDS = {
    "ordinary": ordinary, "one of two": one_of_two, "few check-ins": few_check_ins, "by the clock": by_the_clock,
    "rising recording": rising, "whole numbers": ordinary, "fewer answers when strained": ordinary,
    "nothing": nothing, "nothing, strong pull": nothing_strong, "nothing, wandering": nothing_slow,
    "nothing, few check-ins": nothing_few, "nothing, half a year": nothing_half_a_year,
    "nothing, fewer answers when strained": nothing, "nothing, noise that lingers": nothing,
    "nothing, sought when a rating is high": nothing,
}  # fmt: skip
WHOLE = Item("tension", "How tense are you?", 1, 7, "low", "not at all", "very", ordinal=True)


def person(kind, seed):
    """A timeline, the truth, and what truly was: the simulated life."""
    rng = np.random.default_rng([seed, 12])
    truth, year = KINDS[kind](rng)
    lived = simulate(truth, year, rng, grid_hours=0.25)
    records, item = records_of(year, lived), TENSION
    if kind == "whole numbers":
        records, item = tuple(map(_whole, records)), WHOLE
    if "fewer answers" in kind:
        records = tuple(
            one for one in records
            if not isinstance(one.body, CheckIn) or rng.random() < 1.0 / (1.0 + math.exp(1.0 * (one.body.value - 3.5)))
        )  # fmt: skip
    if "lingers" in kind:
        records = _lingering(records, rng)
    if "rating is high" in kind:
        records = _called_for(records, rng)
    cut = MONDAY.plus_days(year.days + 1.0)
    return from_records(records, (item,), item.name, as_of=cut), truth, lived


def _whole(record):
    if not isinstance(record.body, CheckIn):
        return record
    return replace(record, body=CheckIn(record.body.item, float(np.clip(round(record.body.value), 1, 7))))


def _lingering(records, rng, keep=0.6):
    """Part of a rating's own noise lingers to the next, which the model knows nothing of."""
    found, noise = [], 0.0
    for one in records:
        if isinstance(one.body, CheckIn):
            noise = keep * noise + 0.6 * rng.normal()
            one = replace(one, body=CheckIn(one.body.item, one.body.value + noise))
        found.append(one)
    return tuple(found)


def _called_for(records, rng, hours=0.5):
    """What is sought comes soon after a high rating, for its noise as much as for strain, besides as strain has it."""
    found = []
    for one in records:
        found.append(one)
        if isinstance(one.body, CheckIn) and rng.random() < 0.35 / (1.0 + math.exp(-2.5 * (one.body.value - 5.5))):
            label = REFUGES[int(rng.random() < 0.5)]
            at = one.happened.plus_days(rng.exponential(hours) / 24.0)
            found.append(
                Record(record_id("simulated", label, str(at)), label, at, at, "simulated", Event(label, "relief"))
            )
    return tuple(found)


def truly_eased(truth, lived, timeline, fitted, label, window):
    """What the acts that were compared truly took away, by the hours of their ratings, in points."""
    moments = moments_beside(timeline, fitted, one := foreseen(fitted, fitted.mean), label)
    answers = answers_of(fitted, one, timeline.ratings[fitted.data.anchor], lasting := eased(fitted, one))
    after = told(answers, moments.acts, moments.next_act, window, lasting)
    pairs = matched(moments, after, told(answers, moments.others, moments.next_other, window, lasting))
    times = moments.acts[pairs.acts]
    # seconds are dropped on the way into the records; the grid is after what happens at it
    before = lived.path_strain[np.searchsorted(lived.path_times, times - 2.0 / 1440.0, "right") - 1]
    share = 1.0 / (1.0 + math.exp(-truth.refuges[label].efficacy_logit))
    left = np.exp(-truth.recovery_rate_per_day * after.hours[pairs.acts] / 24.0)
    return -float((share * before * left).mean())


def told_of(kind, seed, windows=(AT_ONCE,)):
    """Per refuge and window: difference, interval, truth, the model's; None where nothing can be said."""
    timeline, truth, lived = person(kind, seed)
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        return []
    rows = []
    for label, one in compare(timeline, fitted, fitted.data.refuges).items():
        if isinstance(one, CannotSay):
            rows.append(None)
            continue
        for each in (one.at_once, *one.lags):
            window = (each.from_hours, each.to_hours)
            if window in windows:
                rows.append(
                    (label, window, each, truly_eased(truth, lived, timeline, fitted, label, window), one.lasting)
                )
    return rows


def summary(rows):
    """Mean difference, mean error, its sd by what was said, coverage, shares below and above 0, against the model."""
    said = [row for row in rows if row is not None]
    errors = np.array([each.points - true for _, _, each, true, _ in said])
    sds = np.array([each.sd for _, _, each, _, _ in said])
    held = np.mean([true in each.interval for _, _, each, true, _ in said])
    low = np.mean([each.interval.high < 0.0 for _, _, each, _, _ in said])
    high = np.mean([each.interval.low > 0.0 for _, _, each, _, _ in said])
    apart = np.mean([_apart(each) for _, _, each, _, _ in said])
    return {
        "n": len(said), "silent": len(rows) - len(said), "difference": np.mean([row[2].points for row in said]),
        "model": np.mean([row[2].model[0] for row in said]), "error": errors.mean(), "sd": sds.mean(),
        "error by its sd": (errors / sds).std(), "held": held, "eases": low, "worse": high, "apart": apart,
        "acts": np.mean([row[2].acts for row in said]),
    }  # fmt: skip


def _apart(each):
    """Whether neither interval reaches the other."""
    mean, sd = each.model
    return mean + 1.645 * sd < each.interval.low or mean - 1.645 * sd > each.interval.high


def next_day(timeline, label):
    """A plain before and after: the next day's mean less the last within three hours before, in standard errors."""
    ratings = timeline.ratings[TENSION.name]
    change = []
    for t in timeline.events[label].times:
        before = (ratings.times < t) & (ratings.times > t - 0.125)
        after = (ratings.times > t) & (ratings.times < t + 1.0)
        if before.any() and after.any():
            change.append(ratings.values[after].mean() - ratings.values[before][-1])
    return np.mean(change) / np.std(change) * math.sqrt(len(change))


def plain(kind, people):
    """The share of refuges of which a plain before and after says "eases"."""
    return float(
        np.mean([next_day(person(kind, seed)[0], label) < -1.645 for seed in range(people) for label in REFUGES])
    )


def statuses(kind, people):
    """The statuses of the answers, refuge by refuge."""
    found = []
    for seed in range(people):
        timeline, _, _ = person(kind, seed)
        found += [(one.about, one.status) for one in relief_answers(timeline, strain.fit(timeline))]
    return Counter(found)


def report(kind, people, windows):
    rows = [row for seed in range(people) for row in told_of(kind, seed, windows)]
    for label in REFUGES:
        for window in windows:
            some = [row for row in rows if row is None or (row[0], row[1]) == (label, window)]
            if any(some):
                found = " ".join(f"{name} {value:.2f}" for name, value in summary(some).items())
                print(f"{kind}, {label}, {window[0]:g}-{window[1]:g} h: {found}", flush=True)


if __name__ == "__main__":
    what, people, kinds = sys.argv[1], int(sys.argv[2]), sys.argv[3:] or list(KINDS)
    for kind in kinds:
        if what == "naive":
            print(f"{kind}: eases {plain(kind, people):.2f}", flush=True)
        elif what == "told":
            print(f"{kind}: {dict(statuses(kind, people))}", flush=True)
        else:
            report(kind, people, LAGS if what == "lags" else (AT_ONCE,))
