"""What refuges share, where attributes are dealt out by chance and where one tells what eases; and the replay.

PYTHONPATH=tests python -m calibration.shared NULLS 2000    attributes by chance: how often one comes out, at each line
PYTHONPATH=tests python -m calibration.shared POWER 2000    one attribute tells what eases: how often it comes out
PYTHONPATH=tests python -m calibration.shared REPLAY 20     two_roles at three dates, and its variants: the statuses
PYTHONPATH=tests python -m calibration.shared SHARES 20     the shares of two_roles against the truth
"""

import math
import sys
from collections import Counter

import numpy as np

from mainstay import strain
from mainstay.patterns.rare_answers import rare_answers
from mainstay.patterns.shared import Shared, shared
from mainstay.patterns.shared_answers import LINE, shared_answers
from mainstay.patterns.shared_evidence import chance_fit, weigh
from mainstay.patterns.shared_shares import Eased
from mainstay.quantities import Instant
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

START = Instant.parse("2024-01-08T00:00+01:00")
KINDS = ("each by itself", "two kinds", "all alike")
LINES = (2.0, 3.0, 4.0, 6.0, 10.0)
REASONS = {"no_part_to_play": "role concealment", "warm": "too little warm company"}
DATES = {"before the call": "2025-06-10", "after the call": "2025-06-13", "after the evening": "2025-07-03"}
TRUE_SHARES = {
    "two_roles": {"colleague A": 0.02, "colleague B": 0.02, "old friend": 0.5},
    "warmth_restores": {"mother": 0.55, "rival": 0.02, "colleague A": 0.45, "colleague B": 0.45, "old friend": 0.5},
    "nothing_restores": dict.fromkeys(("mother", "rival", "colleague A", "colleague B", "old friend"), 0.02),
}


def true_shares(rng, kind, count):
    """The shares that companies truly ease where nothing is shared: any amount, two kinds, or all the same."""
    if kind == "each by itself":
        return rng.uniform(0.0, 0.65, count)
    if kind == "two kinds":
        return np.where(rng.random(count) < 0.5, rng.uniform(0.3, 0.6, count), 0.02)
    return np.full(count, rng.uniform(0.0, 0.6))


def dealt(rng, count):
    """An attribute that some have and some lack, each by the toss of a coin."""
    while True:
        has = rng.random(count) < 0.5
        if 0 < has.sum() < count:
            return has


def record(rng, truth, attributes, late=False):
    """What is seen of such companies: shares with errors of .02 to .12. `late`: known after they were met."""
    known = START.plus_days(40.0 if late else 0.0)
    sds = np.exp(rng.uniform(math.log(0.02), math.log(0.12), len(truth)))
    companies = [
        Eased(
            name=f"person {i}",
            contacts=(f"person {i}",),
            events=("visit",),
            n=20,
            share=float(share + sd * rng.standard_normal()),
            share_sd=float(sd),
            strain_before=2.0,
            attributes={name: known for name, has in attributes.items() if has[i]},
            since={},
            first_met=START.plus_days(1.0),
            parts=(),
            labels_differ=False,
        )
        for i, (share, sd) in enumerate(zip(truth, sds, strict=True))
    ]
    covariance = np.diag(sds**2)
    attributes_, nothing = weigh(companies, covariance)
    return Shared(tuple(companies), covariance, attributes_, nothing, chance_fit(companies), {}, "simulated")


def leading(seen, reasons):
    """Status and name of what is said first, with the ratio of the best attribute over the number with a reason."""
    from calibration.reactions import timeline as columns

    bare = columns(np.arange(0.5, 60.0), [np.ones(60)], {"visit": np.array([3.0])}, days=60)
    first = shared_answers(bare, object(), reasons, seen)[0]
    best = max((one.log_ratio[1.0] for one in seen.attributes), default=-math.inf)
    places = len({frozenset(one.companies_with) for one in seen.attributes})
    return first.status, first.about, math.exp(best) / max(places, 1)


def nulls(kind, count, attributes, people, seed=0, late=False):
    """Shares of records in which an attribute dealt by chance is suggested or leads, and past each of the lines."""
    rng = np.random.default_rng([seed, KINDS.index(kind), count, attributes])
    statuses, ratios = Counter(), []
    for _ in range(people):
        dealt_out = {f"a{k}": dealt(rng, count) for k in range(attributes)}
        seen = record(rng, true_shares(rng, kind, count), dealt_out, late)
        status, _, ratio = leading(seen, dict.fromkeys(dealt_out, "a reason"))
        statuses[status] += 1
        ratios.append(ratio)
    past = [float(np.mean(np.array(ratios) >= line)) for line in LINES]
    return statuses["suggested"] / people, statuses["unconfirmed"] / people, statuses["tied"] / people, past


def power(count, attributes, people, seed=0):
    """Shares of records in which the one attribute that tells what eases is suggested, and in which it is first."""
    rng = np.random.default_rng([seed, count, attributes])
    suggested = first = 0
    for _ in range(people):
        has = dealt(rng, count)
        others = {f"a{k}": dealt(rng, count) for k in range(1, attributes)}
        seen = record(rng, np.where(has, rng.uniform(0.3, 0.6, count), 0.02), {"true": has, **others})
        status, about, _ = leading(seen, dict.fromkeys(("true", *others), "a reason"))
        suggested += about == "true" and status == "suggested"
        first += about == "true"
    return suggested / people, first / people


def person(world, day, seed):
    """A simulated person as of a day, and the fit."""
    (one,) = simulate(world, seed).values()
    timeline = from_records(one.records, one.items, one.anchor, as_of=Instant.parse(f"{day}T00:00+00:00"))
    return timeline, strain.fit(timeline)


def replayed(world, day, seed):
    """What is said first of what is shared, the statuses by attribute, and what is said of the evening."""
    timeline, fitted = person(world, day, seed)
    told = shared_answers(timeline, fitted, REASONS)
    rare = {one.about: one.status for one in rare_answers(timeline, fitted)}
    return (told[0].about, told[0].status), {one.about: one.status for one in told}, rare


def replay(world, day, people, seed=1):
    """How often each is said first; of the evening; and of "knows both lives"."""
    first, evening, knows = Counter(), Counter(), Counter()
    for k in range(people):
        lead, told, rare = replayed(world, day, seed + k)
        first[lead] += 1
        evening[rare.get("evening with the rival", "-")] += 1
        knows[told.get("knows_both_lives", "-")] += 1
    return dict(first), dict(evening), dict(knows)


def covered(world, people, seed=1):
    """By company of the world: how often the 90 % interval of its share holds the truth, and mean miss in sds."""
    held = {name: [] for name in TRUE_SHARES[world]}
    for k in range(people):
        found = shared(*person(world, "2025-07-08", seed + k))
        for one in found.companies:
            if one.name in held:
                held[one.name].append((one.share - TRUE_SHARES[world][one.name]) / one.share_sd)
    return {
        name: (round(float(np.mean(np.abs(z) <= 1.645)), 2), round(float(np.mean(z)), 2)) for name, z in held.items()
    }


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        print("line", LINE, "lines", LINES, "suggested, unconfirmed, tied; past each line")
        for late in (False, True):
            for count in (4, 5, 6):
                for attributes in (1, 2, 3, 6):
                    rows = [nulls(kind, count, attributes, people, late=late) for kind in KINDS]
                    mean = [round(float(np.mean([row[i] for row in rows])), 3) for i in range(3)]
                    print("known late" if late else "known", count, attributes, "on the average", mean, flush=True)
                    for kind, row in zip(KINDS, rows, strict=True):
                        print("   ", kind, [round(one, 3) for one in row[:3]], row[3], flush=True)
    elif what == "POWER":
        for count in (4, 5, 6, 7, 8):
            for attributes in (1, 2, 3, 6):
                print(count, attributes, power(count, attributes, people), flush=True)
    elif what == "REPLAY":
        for name, day in DATES.items():
            print("two_roles", name, *replay("two_roles", day, people), flush=True)
        for world in ("warmth_restores", "nothing_restores"):
            for day in ("2025-06-10", "2025-07-08"):
                print(world, day, *replay(world, day, people), flush=True)
    else:
        for world in TRUE_SHARES:
            print(world, covered(world, people), flush=True)
