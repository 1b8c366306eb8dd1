"""How much a record of so many months can tell about a drift: many simulated people, each told of at several dates.

    python tests/calibration/power.py [SEED PEOPLE_PER_PACE_AND_DRIFT]     about a quarter of an hour of one core

Rewrites src/mainstay/strain/power_table.json, from which `mainstay plan` and the refusals of the threshold answer.
Every person is followed to the last date at which their drift makes sense and told of at every date before: looks at
one person are nested, as real looks are. Acts a week and check-ins a day are those that came about.
"""

from __future__ import annotations

import json
import math
import sys
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

TABLE = Path(__file__).parents[2] / "src/mainstay/strain/power_table.json"
MONTH = 365.25 / 12
WEEKS_PER_MONTH = MONTH / 7
MONTHS = (3, 6, 9, 12, 18, 24, 36)
ACTS = {1: 0.4, 2: 1.6, 4: 6.5, 8: 28.0}
"""Acts a week as they come out, and what to ask `ordinary_parameters` for: relief itself makes acts rarer."""

PROMPTS = (0.5, 1, 2, 5)
DOUBLING = math.log(2)
DRIFTS = {0.0: 36, DOUBLING / 2: 36, DOUBLING: 24, 2 * DOUBLING: 12}
"""Drift a year, and the months such a person is followed: beyond them seeking would have grown out of all measure."""

FADING = {"first refuge": 0.4, "second refuge": 0.8}
FEWEST_FOR_THE_LAW = 12
"""Acts below which an sd is far out on the tail of the likelihood, and no law is asked to hold."""

SEED, PEOPLE = 300_000, 7


def looks(
    seed: int, acts: int, prompts: float, drift: float, *, last: float | None = None, life=None, recorded: float = 1.0
) -> list[dict]:
    """One simulated person told of at every date of the table up to their last; `life` changes who they are."""
    from mainstay.timeline.reader import from_records
    from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person

    last = DRIFTS[drift] if last is None else last
    days = last * MONTH
    weeks = int(days / 7)
    per_day = max(1, round(prompts))
    records, items, anchor = ordinary_person(
        seed,
        life(ordinary_parameters(ACTS[acts], drift)) if life else ordinary_parameters(ACTS[acts], drift),
        days=days,
        check_ins_per_day=per_day,
        answered=prompts / per_day,
        recording={"": (np.linspace(0, days, weeks + 1), np.full(weeks, recorded))},
    )
    rows = []
    for months in MONTHS:
        if months <= last:
            timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(months * MONTH))
            meant = {"seed": seed, "acts": acts, "prompts": prompts, "drift": drift, "months": months}
            rows.append(meant | look(timeline))
    return rows


def look(timeline) -> dict:
    """What one fit says of the drift and of fading: means and sds of the likelihood alone, and what is answered."""
    from mainstay import strain
    from mainstay.quantities import CannotSay
    from mainstay.strain.drawing import strain_refuges
    from mainstay.strain.judge import likelihood_of
    from mainstay.strain.priors import PRIORS

    row: dict = {"n_acts": sum(len(one.times) for one in timeline.of_events("relief")), "found": False, "fading": []}
    fitted = strain.fit(timeline)
    if isinstance(fitted, CannotSay) or not fitted.data.refuges:
        return row
    data, told = fitted.data, strain.answers(timeline, fitted)
    row |= {"ratings": data.readings, "found": next(one.status for one in told if one.row == "S11") == "found"}
    if counted := [data.refuges[k] for k in strain_refuges(fitted)]:
        row["n_counted"] = sum(len(timeline.events[one].times) for one in counted)
        row["mean"], row["sd"] = fitted.common("drift", counted, PRIORS["drift"][1])
    for label in data.refuges:
        mean, sd = likelihood_of(*fitted.marginal("fading", label), PRIORS["fading"][1])
        fades = any(a.about == label and a.quantity.startswith("change in") and a.status == "found" for a in told)
        row["fading"].append((label, len(timeline.events[label].times), mean, sd, fades))
    return row


def drift_points(rows: list[dict]) -> list[dict]:
    """Every sd of a drift, with the months, acts and check-ins it came from, and how far the estimate was off."""
    return [
        {
            "who": row["seed"],
            "months": row["months"],
            "acts": row["n_counted"],
            "prompts": row["ratings"] / row["months"] / MONTH,
            "sd": row["sd"],
            "z": (row["mean"] - row["drift"]) / row["sd"],
        }
        for row in rows
        if row.get("n_counted", 0) >= FEWEST_FOR_THE_LAW
    ]


def fading_points(rows: list[dict]) -> list[dict]:
    """The same for the fading of each refuge."""
    return [
        {
            "who": (row["seed"], label),
            "months": row["months"],
            "acts": n,
            "prompts": row["ratings"] / row["months"] / MONTH,
            "sd": sd,
            "z": (mean - FADING[label]) / sd,
        }
        for row in rows
        for label, n, mean, sd, _ in row["fading"]
        if n >= FEWEST_FOR_THE_LAW and sd < 20.0
    ]


def fit_law(points: list[dict]) -> tuple[dict, np.ndarray]:
    """The law's numbers, by least squares on log sd (bounded influence), and the residual of every point."""
    from scipy.optimize import least_squares

    months, acts, prompts, sd = (np.array([p[k] for p in points], float) for k in ("months", "acts", "prompts", "sd"))
    ratio = acts / (months * WEEKS_PER_MONTH) / (7.0 * prompts)
    best = 0.5 * np.log(12.0 / (months / 12.0) ** 2 / acts)

    def residual(theta: np.ndarray) -> np.ndarray:
        limited = 1.0 + np.exp(theta[2]) * ratio / (months / 12.0) ** theta[3]
        bracket = np.exp(theta[0]) + np.exp(theta[1]) * ratio / limited
        return np.log(sd) - best - 0.5 * np.log(bracket)

    found = least_squares(residual, [0.0, 0.0, -1.0, 0.5], loss="soft_l1", f_scale=0.2)
    left = residual(found.x)
    law = {
        "base": math.exp(found.x[0]),
        "excess": math.exp(found.x[1]),
        "limit": math.exp(found.x[2]),
        "limit_power": found.x[3],
        "spread": left.std(),
        "spread_ahead": left.std(),
        "holds": 1.0,
    }
    return {name: round(float(value), 4) for name, value in law.items()}, left


def persistence(points: list[dict], left: np.ndarray) -> tuple[float, float]:
    """How much of a person's departure from the law is still there at later looks, and the sd of the rest.

    Asked of people of several lives: among people of one life there is less to hold on to than among real ones.
    """
    by_person = defaultdict(list)
    for point, residual in zip(points, left, strict=True):
        by_person[point["who"]].append((point["months"], residual))
    pairs = [
        (now, later)
        for seen in by_person.values()
        for month, now in seen
        for after, later in seen
        if 6 <= month < after
    ]
    now, later = np.array(pairs).T
    slope = float(np.clip((now @ later) / (now @ now), 0.0, 1.0))
    return slope, float((later - slope * now).std())


def cells(points: list[dict], left: np.ndarray, rows: list[dict]) -> list[dict]:
    """Mean log sd and mean residual by cell of the design."""
    meant = {(row["seed"], row["months"]): (row["acts"], row["prompts"]) for row in rows}
    grouped = defaultdict(list)
    for point, residual in zip(points, left, strict=True):
        grouped[(*meant[point["who"], point["months"]], point["months"])].append(
            (point["acts"] / point["months"] / WEEKS_PER_MONTH, point["sd"], residual)
        )
    return [
        {
            "acts_a_week": round(float(np.mean([one[0] for one in some])), 2),
            "prompts_a_day": prompts,
            "months": months,
            "people": len(some),
            "sd": round(float(np.exp(np.mean(np.log([one[1] for one in some])))), 4),
            "log_sd_over_law": round(float(np.mean([one[2] for one in some])), 3),
        }
        for (_, prompts, months), some in sorted(grouped.items())
    ]


def finding(rows: list[dict]) -> list[dict]:
    """How often a drift was found at a look, and by then, beside the chance the plan gives for each record's pace."""
    by_then, grouped = defaultdict(bool), defaultdict(list)
    for row in rows:
        by_then[row["seed"]] |= row["found"]
        if row["drift"] > 0.0:
            planned = _planned(row, row["drift"], row["n_acts"], "drift")
            grouped[round(row["drift"], 4), row["months"]].append((row["found"], by_then[row["seed"]], planned))
    return _rates("drift", grouped, ("found", "found_by_then", "planned"))


def finding_fading(rows: list[dict]) -> list[dict]:
    """How often the fading of a refuge was found at a look, beside the chance the plan gives."""
    grouped = defaultdict(list)
    for row in rows:
        for label, n, _, _, found in row["fading"]:
            planned = _planned(row, FADING[label], n, "fading")
            grouped[FADING[label], row["months"]].append((found, planned))
    return _rates("fading", grouped, ("found", "planned"))


def _planned(row: dict, effect: float, acts: int, question: str) -> float:
    from mainstay.strain.plan import budget_of, chances, clipped

    pace = clipped(acts / row["months"] / WEEKS_PER_MONTH, row.get("ratings", 0) / row["months"] / MONTH)
    budget = budget_of(question, len(FADING))
    return chances(effect, [row["months"]], pace, question=question, budget=budget)[0]


def _rates(name: str, grouped: dict, columns: tuple[str, ...]) -> list[dict]:
    return [
        {name: effect, "months": months, "looks": len(some)}
        | {column: round(float(rate), 3) for column, rate in zip(columns, np.mean(some, axis=0), strict=True)}
        for (effect, months), some in sorted(grouped.items())
    ]


def _pull(truth, pull):
    # the level moves with the pull, so that acts come about as often
    shift = 1.5 * (1.0 - pull)
    refuges = {k: replace(one, pull=pull, log_rate=one.log_rate + shift) for k, one in truth.refuges.items()}
    return replace(truth, refuges=refuges)


LIVES = {
    "ordinary": (lambda truth: truth, 1.0),
    "pull .5": (lambda truth: _pull(truth, 0.5), 1.0),
    "pull 1.5": (lambda truth: _pull(truth, 1.5), 1.0),
    "one refuge of the two": (
        lambda truth: replace(truth, refuges=dict(list(truth.refuges.items())[:1])),
        1.0,
    ),
    "rating noise 2": (
        lambda truth: replace(truth, items={k: replace(one, noise_sd=2.0) for k, one in truth.items.items()}),
        1.0,
    ),
    "process noise 1": (lambda truth: replace(truth, noise_per_sqrt_day=1.0), 1.0),
    "recovery twice as fast": (lambda truth: replace(truth, recovery_rate_per_day=1.0), 1.0),
    "six in ten recorded": (lambda truth: truth, 0.6),
}
"""Other people than the table's: what they are, and the share of acts and demands that is recorded."""


def other_lives(seed: int, people: int) -> dict[str, list[dict]]:
    """The looks at people of other lives, four paces each, whose seeking doubles within a year."""
    lives: dict[str, list[dict]] = {}
    for name, (life, recorded) in LIVES.items():
        lives[name] = []
        for one in range(people):
            acts, prompts = (2, 4)[one % 2], (1, 5)[one // 2 % 2]
            seen = looks(seed, acts, prompts, DOUBLING, last=18, life=life, recorded=recorded)
            lives[name] += seen
            seed += 1
    return lives


def over_law(points: list[dict], law: dict) -> np.ndarray:
    """log sd over the law, for every point."""
    from mainstay.strain.plan import Law, clipped

    known = Law(**law)
    paces = [clipped(p["acts"] / p["months"] / WEEKS_PER_MONTH, p["prompts"]) for p in points]
    return np.array([math.log(p["sd"] / known.sd(p["months"], pace)) for p, pace in zip(points, paces, strict=True)])


def departures(lives: dict[str, list[dict]], law: dict) -> list[dict]:
    """How far the law of the drift carries to other lives: log sd over the law from a year on, and the error in sds."""
    told = []
    for name, rows in lives.items():
        points = [p for p in drift_points(rows) if p["months"] >= 12]
        over = over_law(points, law)
        told.append(
            {
                "life": name,
                "people": len({row["seed"] for row in rows}),
                "looks": len(points),
                "log_sd_over_law": round(float(over.mean()), 3),
                "spread": round(float(over.std()), 3),
                "error_in_sds": round(float(np.mean([p["z"] for p in points])), 2),
            }
        )
    return told


def simulated(seed: int, people: int, log=None) -> list[dict]:
    """The looks at `people` people of every pace and drift, seeds counted up from `seed`."""
    rows: list[dict] = []
    for _ in range(people):
        for acts in ACTS:
            for prompts in PROMPTS:
                for drift in DRIFTS:
                    rows += looks(seed, acts, prompts, drift)
                    seed += 1
        if log:
            print(f"{len({row['seed'] for row in rows})} people", file=log, flush=True)
    return rows


def write_table(rows: list[dict], lives: dict[str, list[dict]], seed: int, people: int) -> None:
    """Fit the laws, write the table, and add what the plan then gives beside what was found."""
    from mainstay.strain import plan

    points, relief = drift_points(rows), fading_points(rows)
    (drift, left), (fading, _) = fit_law(points), fit_law(relief)
    many = [row for some in lives.values() for row in some]
    for law, seen in ((drift, drift_points(many)), (fading, fading_points(many))):
        holds, ahead = persistence(seen, over_law(seen, law))
        law |= {"spread_ahead": round(ahead, 4), "holds": round(holds, 4)}
    nulls = [row for row in rows if row["drift"] == 0.0]
    spots = cells(points, left, rows)
    paces = [one["acts_a_week"] for one in spots]
    alarmed = {row["seed"] for row in nulls if row["found"]}
    whole = {
        "about": "sd of the likelihood: drift of seeking (log, a year), fading of one refuge (logit, a year)",
        "made_on": datetime.now(UTC).date().isoformat(),
        "made_by": f"python tests/calibration/power.py {seed} {people}",
        "people": len({row["seed"] for row in rows}),
        "looks": len(rows),
        "simulated": "worlds/ordinary.py: recording complete, pull 1, process noise .5, relief fades, looks nested",
        "measured": {
            "months": [3, 36],
            "acts_a_week": [round(min(paces), 1), round(max(paces), 1)],
            "prompts_a_day": [0.5, 5],
        },
        "alarm": "the mean of the e-values of a steady drift and of a step",
        "laws": {"drift": drift, "fading": fading},
        "error_in_sds": {
            name: [round(float(np.mean([p["z"] for p in some])), 3), round(float(np.std([p["z"] for p in some])), 3)]
            for name, some in (("drift", points), ("fading", relief))
        },
        "nulls": {"people": len({row["seed"] for row in nulls}), "alarms_in_all_looks": len(alarmed)},
        "cells": spots,
        "finding": [],
        "finding_fading": [],
        "other_lives": departures(lives, drift),
    }
    TABLE.write_text(_as_text(whole), encoding="utf-8")
    plan.table.cache_clear()
    plan.law.cache_clear()
    whole |= {"finding": finding(rows), "finding_fading": finding_fading(rows)}
    TABLE.write_text(_as_text(whole), encoding="utf-8")


def _as_text(whole: dict) -> str:
    """JSON with one row of a table a line."""
    lines = []
    for name, part in whole.items():
        if isinstance(part, list) and part:
            rows = ",\n  ".join(json.dumps(one) for one in part)
            lines.append(f' "{name}": [\n  {rows}\n ]')
        else:
            lines.append(f' "{name}": {json.dumps(part)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main() -> None:
    """Simulate, fit the laws, write the table."""
    given = [int(one) for one in sys.argv[1:]]
    seed, people = given if given else (SEED, PEOPLE)
    rows = simulated(seed, people, sys.stderr)
    write_table(rows, other_lives(seed + 100_000, 4 * people), seed, people)


if __name__ == "__main__":
    main()
