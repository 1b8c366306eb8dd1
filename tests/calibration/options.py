"""Options over simulated people whose truth is known: the story's five, and what following what is recommended brings.

PYTHONPATH=tests python -m calibration.options STORY 10   two_roles and its variants: what becomes of each option
PYTHONPATH=tests python -m calibration.options TRUTH 40   who eases is drawn: how often what is useless is recommended,
                                                          and what following the best brings, beside an oracle
"""

import sys
from collections import Counter
from dataclasses import replace

import numpy as np

from mainstay import strain
from mainstay.explanations.answering import hypotheses_on_record
from mainstay.explanations.explaining import explain
from mainstay.options.answering import answers
from mainstay.options.outcomes import Looking
from mainstay.patterns.shared import shared
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import Statement
from mainstay.strain.parameters import RefugeParameters
from mainstay.strain.simulate import Schedule, simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.two_roles import (
    DRINK,
    OUT,
    PHONE,
    QUARREL,
    VISIT,
    WHERE_NOTHING_RELIEVES,
    Variant,
    lived,
    truth_of,
    two_roles,
)
from options.people import OPTIONS, PREFERENCE, statement

AS_OF = Instant.parse("2025-06-20T00:00+02:00")
WRITTEN = Instant.parse("2025-06-18T20:00+02:00")
WORLDS = ("two_roles", "warmth_restores", "nothing_restores")
TRUTHS = ("concealment", "warmth", "nothing", "each by itself")
DECIDING = {"option", "preference", "leaning", "decision", "scenario"}
USELESS = 0.02
DAYS, PLANNED = 91, "planned"
PEOPLE = ("rival", "mother", "colleague A", "old friend", "a neighbour")


def told(life, options, preference, paths=None):
    """The answers as of before the evening, by what they are about, and the timeline."""
    records = [one for one in life.records if not (isinstance(one.body, Statement) and one.body.form in DECIDING)]
    records += [statement("option", one, WRITTEN.plus_days(i / 1440)) for i, one in enumerate(options)]
    records.append(statement("preference", preference, WRITTEN))
    timeline = from_records(records, life.items, life.anchor, as_of=AS_OF)
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay):
        return {}, timeline
    company = shared(timeline, fitted)
    about = strain.answers(timeline, fitted)
    explained = explain(timeline, fitted, hypotheses_on_record(timeline), company, about)
    found = answers(timeline, fitted, about, explained, company, looking=Looking(paths=paths))
    return {one.about: one for one in found}, timeline


def story(world, people, first=1):
    """What becomes of each of the five options: by option, how often each status, with the limit that struck it out."""
    counts = {}
    for seed in range(first, first + people):
        found, _ = told(two_roles(seed, world), OPTIONS, PREFERENCE)
        for name, one in found.items():
            struck = one.detail.get("struck_by") or [{"limit": ""}]
            counts.setdefault(name, Counter())[one.status, struck[0]["limit"]] += 1
            if "may not help" in getattr(one, "claim", ""):
                counts[name]["may not help", ""] += 1
    return counts


def drawn_truth(rng, kind):
    """The share of strain that time with each truly takes away, and the variant of the world in which it is so."""

    def eases(so):
        return float(rng.uniform(0.3, 0.6)) if so else USELESS

    has = {
        "concealment": {"rival", "mother", "old friend"},
        "warmth": {"mother", "colleague A", "old friend"},
        "nothing": set(),
        "each by itself": {name for name in PEOPLE[:4] if rng.random() < 0.5},
    }[kind]
    shares = {name: eases(name in has) for name in PEOPLE}
    acts = {QUARREL: "rival", VISIT: "mother", DRINK: "colleague A", PHONE: "old friend", OUT: "rival"}
    quieter = WHERE_NOTHING_RELIEVES * (max(shares["rival"], shares["mother"]) < 0.1)
    return shares, Variant(kind, "", {label: shares[who] for label, who in acts.items()}, quieter)


def evenings(name, by=(1, 2)):
    """An option that costs nothing: planned time with somebody."""
    return (
        f'name = "{name}"\ndisclosed_ok = true\n[[step]]\nwhat = "it comes about"\nchance = [0.6, 0.9]\n'
        f'[cost.person]\npoints = [0, 0]\n[[changes]]\nlever = "acts contact:{name}"\nby = [{by[0]}, {by[1]}]\n'
    )


def truly(life, parameters, share, rng, a_week=1.5, runs=30):
    """Mean strain over the season to come with so many planned acts of this true share a week, less that without.

    The exact simulator over the last 91 days of what truly happened to the person, from strain as it stood.
    """
    days = AS_OF.days_since(life.truth.origin)
    start = float(np.interp(days, life.truth.path_times, life.truth.path_strain))
    refuges = {**parameters.refuges, PLANNED: RefugeParameters(-np.inf, 0.0, float(np.log(share / (1 - share))), 0.0)}
    known = replace(
        parameters, refuges=refuges, items={}, initial_strain=start, seeking_drift_per_year=0.0, day_rhythm=(0.0, 0.0)
    )
    roles, demands = happened(life, days - DAYS, days)
    sums = np.zeros(2)
    for _ in range(runs):
        times = np.sort(rng.uniform(0.0, DAYS, rng.poisson(a_week * DAYS / 7.0)))
        for i, planned in enumerate((np.empty(0), times)):
            arranged = {PLANNED: planned}
            schedule = Schedule(days=DAYS, roles=roles, demands=demands, arranged=arranged)
            sums[i] += simulate(known, schedule, rng, step_minutes=15.0).path_strain.mean()
    return float(sums[1] - sums[0]) / runs


def happened(life, start, end):
    """Hours in roles and demands on record between two days, from the first of them on."""
    roles, demands = {}, {}
    for one in life.records:
        if one.kind == "episode" and one.body.is_ == "role":
            a, b = one.happened.start.days_since(life.truth.origin), one.happened.end.days_since(life.truth.origin)
            if a >= start and b <= end:
                roles.setdefault(one.body.label, []).append((a - start, b - start))
        elif one.kind == "event" and one.body.is_ == "demand":
            at = one.happened if isinstance(one.happened, Instant) else one.happened.start
            day = at.days_since(life.truth.origin)
            if start <= day < end:
                demands.setdefault(one.body.label, []).append((day - start, one.body.size or 1.0))
    edges = {label: tuple(np.array(sorted(rows)).T) for label, rows in roles.items()}
    asked = {label: np.array(sorted(rows)).T for label, rows in demands.items()}
    return edges, {label: (rows[0], rows[1] / rows[1].mean()) for label, rows in asked.items()}


def person(seed):
    """One person with a truth drawn: for each option its status, true share, expected worth; and what following brings.

    `followed`, `oracle`: what the option recommended first, and the one truly best, do to mean strain; None: none is.
    """
    rng = np.random.default_rng([seed, 8])
    kind = TRUTHS[seed % len(TRUTHS)]
    shares, variant = drawn_truth(rng, kind)
    life = lived(variant, kind, seed)
    found, _ = told(life, [evenings(name) for name in PEOPLE], PREFERENCE)
    rows = {name: (found[name].status, shares[name]) for name in PEOPLE if name in found}
    first = next(
        (n for n in found["options"].detail.get("ranking", ()) if rows.get(n, ("",))[0] == "recommended"), None
    )
    parameters = truth_of(variant)
    best = max(PEOPLE, key=lambda name: shares[name])
    followed = None if first is None else truly(life, parameters, shares[first], rng)
    oracle = truly(life, parameters, shares[best], rng) if shares[best] > USELESS else 0.0
    return kind, rows, first, followed, oracle


def truth(people, first=1):
    """All people: counts of statuses by whether an option is truly useless, and what following brought."""
    counts, followed, rows = Counter(), [], []
    for seed in range(first, first + people):
        kind, options, name, brought, oracle = person(seed)
        for status, share in options.values():
            counts[kind, share > 0.1, status] += 1
        if name is not None:
            followed.append((kind, options[name][1] > 0.1, brought))
        rows.append((kind, 0.0 if brought is None else brought, oracle))
    return counts, followed, rows


def main(what, people, first=1):
    """Print the figures."""
    if what == "STORY":
        for world in WORLDS:
            print(world, people)
            for name, counts in story(world, people, first).items():
                print("   ", name, dict(counts))
        return
    counts, followed, rows = truth(people, first)
    for kind in TRUTHS:
        for useful in (True, False):
            those = {status: n for (k, u, status), n in counts.items() if (k, u) == (kind, useful)}
            print(kind, "useful" if useful else "useless", those)
    print("first recommended:", len(followed), "truly useful:", sum(one[1] for one in followed))
    print("what following it brought:", np.round(sorted(one[2] for one in followed), 3))
    brought, oracle = np.array([[one[1], one[2]] for one in rows]).T
    print(f"mean strain: followed {brought.mean():.3f}, oracle {oracle.mean():.3f}")
    print(f"regret {(brought - oracle).mean():.3f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
