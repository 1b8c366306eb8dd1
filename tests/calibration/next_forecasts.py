"""Tomorrow and next week on real people's records, forward in time.

The records are read where they lie beside the project. Every forecast is made from its own past only; what is scored
is what came. People are the units of every interval (bootstrap over people, 90 %). From the folder of the project with
PYTHONPATH=tests: `python -m calibration.next_forecasts PANIC`, `RATINGS fisher day 0 down`, `SHOWN fisher`,
`NULLS white 300 120`.
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np

from calibration.next_nulls import falsely_shown
from calibration.next_people import ATTACK, people
from mainstay.futures import next_events, next_prior, next_ratings
from mainstay.futures.next_answers import answers
from mainstay.futures.next_days import days_of
from mainstay.futures.next_record import Compared, judged, scored_rows
from mainstay.notice.series import series_of
from mainstay.quantities import CannotSay

FEWEST = {"prompt": 15, "day": 15, "week": 15}
DRAWS = 400


def over_people(statistic, parts, seed=1):
    """A statistic of a list of people's parts, with its 90 % interval over people drawn anew."""
    rng = np.random.default_rng(seed)
    drawn = [statistic([parts[k] for k in rng.integers(0, len(parts), len(parts))]) for _ in range(DRAWS)]
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return float(statistic(parts)), float(low), float(high)


# ratings


def rated(name, horizon, items=None, start=0):
    """For each person: by rating, the losses of every forecaster on the same forecasts, over the scale's reach.

    {forecaster: (n, 5)}: log score, squared error, absolute error, CRPS, and whether the 90 % interval held.
    """
    found = []
    for who, timeline in people(name)[start:]:
        series = series_of(timeline)
        days, own = days_of(timeline, series), {}
        for one in series:
            if one.kind != "rating" or (items and one.name not in items) or len(one.times) < FEWEST["day"]:
                continue
            if np.ptp(one.values) == 0.0:
                continue
            of = next_ratings.foretell(timeline, days, one, horizon, plain=True)
            at = scored_rows(of.targets)
            if at.sum() >= FEWEST[horizon]:
                own[one.name] = {which: _losses(of, which, at) for which in of.chances}
        if own:
            found.append((who, own))
    return found


def _losses(of, which, at):
    came, chances = of.targets.values[at], of.chances[which][at]
    miss = (of.scale.mean(chances) - came) / of.scale.reach
    low, middle, high = of.scale.quantiles(chances, (0.05, 0.5, 0.95)).T
    crps = of.scale.crps(chances, came) / of.scale.reach
    off, held = np.abs(middle - came) / of.scale.reach, (came >= low) & (came <= high)
    return np.stack([of.scores(which)[at], miss**2, off, crps, held], axis=1)


def _summed(own, which):
    return np.sum([one[which].sum(axis=0) for one in own.values()], axis=0)


def rating_table(found):
    """By forecaster: log score gained on the base rate; skill of RMSE, MAE, CRPS on the person's mean; share held."""
    parts = []
    for _, own in found:
        n = sum(len(one["ours"]) for one in own.values())
        names = set.intersection(*(set(one) for one in own.values()))
        parts.append({"n": n} | {which: _summed(own, which) for which in names})
    rows = {}
    for which in sorted(set.intersection(*(set(one) for one in parts)) - {"n"}):

        def gained(some, which=which):
            return sum(one[which][0] - one["base rate"][0] for one in some) / sum(one["n"] for one in some)

        def skill(some, column, power, which=which):
            loss = sum(one[which][column] for one in some) / sum(one["mean"][column] for one in some)
            return 1.0 - loss**power

        def held(some, which=which):
            return sum(one[which][4] for one in some) / sum(one["n"] for one in some)

        rows[which] = [
            over_people(gained, parts),
            *(over_people(lambda some, c=c, p=p: skill(some, c, p), parts) for c, p in ((1, 0.5), (2, 1.0), (3, 1.0))),
            over_people(held, parts),
        ]
    return rows, len(found), sum(len(own) for _, own in found), sum(one["n"] for one in parts)


def shown(name, items=None, split=0.6, horizons=("day", "week")):
    """Chosen on the first part of each record, held against the rest: (person, rating, horizon, shown, before, after).

    `before`, `after`: log score gained a forecast on the base rate in either part; NaN without enough.
    """
    found = []
    for who, timeline in people(name):
        series = series_of(timeline)
        days, tried = days_of(timeline, series), []
        for one in series:
            if one.kind != "rating" or (items and one.name not in items) or np.ptp(one.values) == 0.0:
                continue
            for horizon in horizons:
                of = next_ratings.foretell(timeline, days, one, horizon)
                tried.append((one.name, horizon, of.scores("ours"), of.scores("base rate"), of.targets))
        for label in days.events:
            came = days.happened(label)
            if min((came == 1.0).sum(), (came == 0.0).sum()) >= 8 and not items:
                for horizon in horizons:
                    of = next_events.foretell(days, label, horizon)
                    tried.append((label, horizon, of.scores("ours"), of.scores("base rate"), of.targets))
        found += [(who, *one) for one in _split(tried, split)]
    return found


def _split(tried, split):
    first = []
    for name, horizon, ours, base, targets in tried:
        edge = targets.made[0] + split * (targets.made[-1] - targets.made[0])
        before, after = targets.due <= edge, (targets.made >= edge) & np.isfinite(targets.values)
        if (scored_rows(targets) & before).sum() >= 20 and after.sum() >= 5:
            first.append((name, horizon, ours, base, targets, before, after))
    compared = []
    for _, _, ours, base, targets, before, _ in first:
        known = replace(targets, values=np.where(before, targets.values, np.nan))
        compared.append(Compared(np.where(before, ours, np.nan), np.where(before, base, np.nan), known))
    for (name, horizon, ours, base, *_, after), verdict in zip(first, judged(compared), strict=True):
        if not isinstance(verdict.gain, CannotSay):
            yield name, horizon, verdict.shown, verdict.gain.mean, float((ours[after] - base[after]).mean())


def whole_record(name, horizons=("day", "week")):
    """As the person would see it, judged on the whole record: how many are shown of how many, people with any."""
    told = [(who, answers(timeline)) for who, timeline in people(name)]
    every = [one for _, some in told for one in some]
    status = {kind: sum(one.status == kind for one in every) for kind in ("found", "withheld", "cannot_say")}
    return status, sum(any(one.status == "found" for one in some) for _, some in told), len(told)


# events


def risks(label=ATTACK, horizon="day", *, others=False, name="panic", fewest=20):
    """By person: whether it came (n,), and each forecaster's chances (n,); a prior learned from the others or none."""
    everyone = [(who, days_of(timeline)) for who, timeline in people(name)]
    known = [(who, days) for who, days in everyone if label in days.events or days.means]
    for _, days in known:
        if label not in days.events:
            days.events[label], days.exposure[label] = np.zeros(days.count), _watched(days)
    found = []
    for who, days in known:
        if np.isfinite(days.happened(label)).sum() < fewest:
            continue
        rest = [one for other, one in known if other != who and np.isfinite(one.happened(label)).sum() >= fewest]
        prior = next_prior.learned(rest, label, horizon) if others else next_events.WEAK
        of = next_events.foretell(days, label, horizon, prior=prior, plain=True)
        at = np.isfinite(of.targets.values) & (of.targets.made >= 7.0)
        if at.any():
            found.append((who, of.targets.values[at], {which: one[at] for which, one in of.chances.items()}))
    return found


def _watched(days):
    """Days within the record of somebody who never had one: those that any rating was given on, and two days around."""
    seen = np.any([np.isfinite(one) for one in days.means.values()], axis=0).astype(float)
    return (np.convolve(seen, np.ones(3), "same") > 0).astype(float)


def auc(came, chances):
    """The chance that a day with one was called likelier than a day without; NaN without both."""
    high, low = chances[came == 1.0], chances[came == 0.0]
    if not len(high) or not len(low):
        return np.nan
    order = np.sort(low)
    ties = np.searchsorted(order, high, "left") + np.searchsorted(order, high, "right")
    return float(ties.sum() / (2.0 * len(high) * len(low)))


def within(some, which):
    """AUC within each person, weighted by how many pairs of days they have."""
    pairs, total = 0.0, 0.0
    for _, came, chances in some:
        number = float((came == 1.0).sum() * (came == 0.0).sum())
        if number:
            pairs, total = pairs + number, total + number * auc(came, chances[which])
    return total / pairs if pairs else np.nan


def typical(some, which, least=5):
    """The mean over people of their own AUC, of those with at least five days with one."""
    each = [auc(came, chances[which]) for _, came, chances in some if came.sum() >= least]
    return float(np.nanmean(each)) if np.isfinite(each).any() else np.nan


def _all(some, which):
    return np.concatenate([one[1] for one in some]), np.concatenate([one[2][which] for one in some])


def event_table(found):
    """By forecaster: AUC pooled, within people by pairs and by person; Brier skill and log score gained on the base."""
    rows = {}
    for which in found[0][2]:

        def pooled(some, which=which):
            return auc(*_all(some, which))

        def brier(some, which=which):
            came, ours = _all(some, which)
            base = _all(some, "base rate")[1]
            return 1.0 - float(((ours - came) ** 2).sum() / ((base - came) ** 2).sum())

        def gained(some, which=which):
            came, ours = _all(some, which)
            base = _all(some, "base rate")[1]
            return float(np.mean(np.log(np.where(came == 1.0, ours / base, (1.0 - ours) / (1.0 - base)))))

        rows[which] = [
            over_people(pooled, found), over_people(lambda some, w=which: within(some, w), found),
            over_people(lambda some, w=which: typical(some, w), found), over_people(brier, found),
            over_people(gained, found),
        ]  # fmt: skip
    return rows


def _cell(one, digits=3):
    return f"{one[0]:.{digits}f} ({one[1]:.{digits}f} to {one[2]:.{digits}f})"


def main(argv):
    what = argv[0]
    if what == "PANIC":
        for horizon in ("day", "week"):
            for others in (False, True):
                found = risks(horizon=horizon, others=others)
                days, came = sum(len(one[1]) for one in found), int(sum(one[1].sum() for one in found))
                print(f"\n{horizon}, prior {'of others' if others else 'weak'}: {len(found)} people, {came} of {days}")
                for which, row in event_table(found).items():
                    print(f"| {which} | " + " | ".join(_cell(one) for one in row) + " |", flush=True)
    elif what == "RATINGS":
        rows, many, items, n = rating_table(
            rated(argv[1], argv[2], items=argv[4:], start=int(argv[3]) if argv[3:] else 0)
        )
        print(f"{argv[1]} {argv[2]}: {many} people, {items} ratings, {n} forecasts")
        for which, row in rows.items():
            print(f"| {which} | " + " | ".join(_cell(one) for one in row) + " |")
    elif what == "SHOWN":
        found = shown(argv[1], horizons=tuple(argv[2:]) or ("day", "week"))
        for verdict in (True, False):
            some = [one for one in found if one[3] == verdict]
            later = np.array([one[5] for one in some])
            print(
                f"{argv[1]} {'shown' if verdict else 'withheld'}: {len(some)} of {len(found)}, later gain "
                f"{later.mean() if some else np.nan:.3f}, better later {np.mean(later > 0) if some else np.nan:.2f}"
            )
        if not argv[2:]:
            print(*whole_record(argv[1]))
    elif what == "NULLS":
        print(argv[1], *falsely_shown(argv[1], int(argv[2]), days=int(argv[3])))


if __name__ == "__main__":
    main(sys.argv[1:])
