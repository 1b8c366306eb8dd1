"""Priors pooled over people: they help a short record, hold the truth as often, and mislead nobody unlike others."""

import math
from functools import partial

import numpy as np
import pytest

from calibration import people, recovery

QUARTER, HALF_YEAR = 91.0, 183.0
VARIED = 17
FAR = 4.0
BUDGET = 0.05


def drawn(rng, kind="typical"):
    """One person's parameters, drawn from a population. `far`: three of the seventeen that vary lie four sds from its
    middle; `flat`: strain drives no refuge; `null`: nothing drifts.
    """
    from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
    from mainstay.worlds.ordinary import DEMANDS, REFUGES, ROLES, TENSION

    z = list(rng.standard_normal(VARIED))
    if kind == "far":
        for at in rng.choice(VARIED, 3, replace=False):
            z[at] = FAR * rng.choice([-1.0, 1.0])

    def vary(middle, sd):
        return middle + sd * z.pop()

    return StrainParameters(
        recovery_rate_per_day=math.exp(vary(math.log(0.5), 0.3)),
        noise_per_sqrt_day=math.exp(vary(math.log(0.5), 0.3)),
        initial_strain=max(0.0, rng.normal(1.5, 0.5)),
        tolls_per_day={role: toll * math.exp(vary(0.0, 0.25)) for role, toll in zip(ROLES, (1.5, 2.0), strict=True)},
        demands={label: size * math.exp(vary(0.0, 0.25)) for label, size in zip(DEMANDS, (1.0, 0.5), strict=True)},
        refuges={
            label: RefugeParameters(
                vary(math.log(2.0 / 7.0) - 2.05, 0.4) + (2.0 if kind == "flat" else 0.0),
                0.0 * z.pop() if kind == "flat" else vary(1.0, 0.25),
                vary(math.log(share / (1.0 - share)), 0.4),
                rng.normal(fading, 0.4),
            )
            for label, share, fading in zip(REFUGES, (0.5, 0.3), (0.4, 0.8), strict=True)
        },
        items={TENSION.name: ItemParameters(vary(1.0, 0.4), 1.0, math.exp(vary(0.0, 0.15)))},
        seeking_drift_per_year=0.0 if kind == "null" else rng.normal(0.4, 0.6),
        day_rhythm=(vary(-0.8, 0.25), vary(-0.5, 0.25)),
    )


def member(seed, kind="typical", days=QUARTER):
    """Truth and timeline of one person; another is drawn where the parameters are nobody's (endless acts)."""
    from mainstay.errors import BadRequest
    from mainstay.timeline.reader import from_records
    from mainstay.worlds.ordinary import MONDAY, ordinary_person

    rng = np.random.default_rng([seed, 77])
    weeks = int(days / 7)
    recording = {"": (np.linspace(0, days, weeks + 1), np.ones(weeks))}
    for again in range(20):
        truth = drawn(rng, kind)
        try:
            records, items, anchor = ordinary_person(seed + 1_000_000 * again, truth, days=days, recording=recording)
        except BadRequest:
            continue
        return truth, from_records(records, items, anchor, as_of=MONDAY.plus_days(days + 1))
    raise AssertionError(f"no person from seed {seed}")


def summary(seed, kind="typical"):
    from mainstay.strain.many import summarise_many

    (one,) = summarise_many([member(seed, kind)[1]], threads=1)
    return one


def cohort(n, seed, far=0):
    """Priors pooled over n people, `far` of them unlike the others."""
    from mainstay.strain.pooling import learn_priors

    kinds = ["far"] * far + ["typical"] * (n - far)
    return learn_priors(people.over(_summary_of_pair, list(zip(range(seed, seed + n), kinds, strict=True))))


def _summary_of_pair(pair):
    return summary(*pair)


def compared(pooled, kind, days, effects, seed):
    """One new person under the usual and the pooled priors: truth, mean and sd of both by coordinate; both's alarms."""
    from mainstay.quantities import CannotSay
    from mainstay.strain.fitting import fit
    from mainstay.strain.pooling import fit_pooled

    truth, timeline = member(seed, kind, days)
    fits = fit(timeline), fit_pooled(timeline, pooled, effects=effects)
    if any(isinstance(one, CannotSay) for one in fits):
        return None
    v = recovery.true_coordinates(fits[0].coordinates, truth, timeline)
    sds = [np.sqrt(np.diag(one.covariance)) for one in fits]
    table = {
        name: (v[i], fits[0].mean[i], sds[0][i], fits[1].mean[i], sds[1][i])
        for i, name in enumerate(fits[0].coordinates.names)
    }
    return table, [_alarm(one) for one in fits]


def _alarm(fitted):
    """The e-value of a falling threshold over all refuges; pulls that would be called found, and pulls asked about."""
    from mainstay.strain.judge import e_value, verdict
    from mainstay.strain.priors import PRIORS
    from mainstay.strain.refuges import MATERIAL_PULL

    labels = fitted.data.refuges
    mean, sd = fitted.common("drift", labels, PRIORS["drift"][1]) if labels else (0.0, 1.0)
    pulls = [verdict(*fitted.marginal("pull", label), MATERIAL_PULL, among=len(labels)) for label in labels]
    return e_value(mean, sd), pulls.count("found"), len(pulls)


def told(pooled, kind, n, seed, days=QUARTER, effects=False):
    """What pooling did to n new people: ratios of rmse and of sd where something was lent; coverage, alarms of both."""
    from mainstay.strain.pooling import EFFECTS

    given = people.over(partial(compared, pooled, kind, days, effects), range(seed, seed + n))
    kept = [one for one in given if one is not None]
    rows = {}
    for table, _ in kept:
        for name, row in table.items():
            rows.setdefault(name, []).append(row)
    ratios, inside, lent, far = [], [], [], []
    for name, listed in rows.items():
        a, prior = np.array(listed), pooled.prior(name)
        errors, sds = a[:, [1, 3]] - a[:, [0]], a[:, [2, 4]]
        held = np.abs(errors) < recovery.Z90 * sds
        root, wide = np.sqrt((errors**2).mean(axis=0)), sds.mean(axis=0)
        inside.append(held)
        if prior is not None and (effects or name.split(":")[0] not in EFFECTS):
            ratios.append((root[1] / root[0], wide[1] / wide[0]))
            lent.append(held)
            far.append(held[np.abs(a[:, 0] - prior.mean) > 3.0 * prior.sd])
        print(
            f"{name:26s} rmse {root[0]:.2f} -> {root[1]:.2f}  sd {wide[0]:.2f} -> {wide[1]:.2f}  "
            f"90 % interval holds {held[:, 0].mean():.3f} -> {held[:, 1].mean():.3f}"
        )
    alarms, far = np.array([alarm for _, alarm in kept]), np.concatenate(far)
    result = {
        "fitted": len(kept),
        "rmse": float(np.exp(np.log(np.array(ratios)[:, 0]).mean())),
        "width": float(np.exp(np.log(np.array(ratios)[:, 1]).mean())),
        "holds": np.concatenate(inside).mean(axis=0).round(3),
        "lent": np.concatenate(lent).mean(axis=0).round(3),
        "least_lent": min(float(held[:, 1].mean()) for held in lent),
        "far": (len(far), far.mean(axis=0).round(3) if len(far) else None),
        "alarms": (alarms[:, :, 0] >= 1.0 / BUDGET).sum(axis=0),
        "driven": (alarms[:, :, 1].sum(axis=0) / alarms[:, :, 2].sum(axis=0)).round(3),
    }
    print(f"{kind}, {days:.0f} days, {n} people, effects {'lent' if effects else 'their own'}: {result}\n")
    return result


def test_three_months_lean_on_twenty_others_and_stay_true():
    found = told(cohort(20, 0), "typical", 8, 5000)
    assert found["fitted"] == 8
    assert found["rmse"] < 1.0
    assert found["width"] < 0.95
    assert found["holds"][1] > 0.80


@pytest.fixture(scope="module")
def sixty():
    return cohort(60, 0)


@pytest.mark.long
def test_three_months_lean_on_sixty_others(sixty):
    found = told(sixty, "typical", 200, 5000)
    assert found["rmse"] < 0.85
    assert found["width"] < 0.85
    assert found["lent"][1] >= 0.87
    assert found["least_lent"] >= 0.82


@pytest.mark.long
def test_a_tenth_of_the_cohort_unlike_the_rest_does_no_harm():
    found = told(cohort(60, 0, far=6), "typical", 100, 5000)
    assert found["rmse"] < 0.9
    assert found["lent"][1] >= 0.87


@pytest.mark.long
def test_people_unlike_the_others_are_held_about_as_often_as_without(sixty):
    found = told(sixty, "far", 150, 7000)
    assert found["rmse"] < 1.0
    assert found["lent"][1] >= found["lent"][0] - 0.03


@pytest.mark.long
def test_refuges_that_strain_does_not_drive_are_not_lent_a_drive(sixty):
    found = told(sixty, "flat", 100, 8000)
    assert found["driven"][1] <= found["driven"][0] + 0.02


@pytest.mark.long
def test_where_nothing_drifts_pooling_adds_no_alarm(sixty):
    from scipy.stats import binom

    found = told(sixty, "null", 200, 9000, days=HALF_YEAR)
    assert found["alarms"][1] <= min(binom.ppf(0.99, 200, BUDGET), found["alarms"][0] + 2)


@pytest.mark.long
@pytest.mark.parametrize("kind", ["typical", "far", "flat"])
def test_effects_lent_where_asked_are_closer_on_average(sixty, kind):
    found = told(sixty, kind, 100, {"typical": 5000, "far": 7000, "flat": 8000}[kind], effects=True)
    assert found["fitted"] == 100
    if kind == "typical":
        assert found["rmse"] < 0.85
        assert found["lent"][1] >= 0.87
