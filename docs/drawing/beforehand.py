"""What is held possible before a record: lives, and courses of a threshold; and two diaries that look alike."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from drawing.canvas import INK, QUIET, Box, Canvas, Floats
from drawing.parts import CARE, SEED, WORK, closing, heading, legend, weekly
from mainstay.errors import BadRequest
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.report.figure import LIGHT
from mainstay.strain.parameters import RefugeParameters, StrainParameters
from mainstay.strain.priors import PRIORS
from mainstay.strain.settings import Shape
from mainstay.strain.simulate import Schedule, simulate

MONTH = DAYS_PER_YEAR / 12.0
DRAWN = 200


def twins(canvas: Canvas) -> str:
    from mainstay.worlds import simulate as worlds

    people = worlds("twins", 3)
    heading(
        canvas,
        "Two diaries that look alike",
        "In both, the dark bars grow. In one, more happened; in the other, more was written down.",
    )
    gap = 16.0 if canvas.narrow else 40.0
    left = 26.0
    wide = canvas.width - left if canvas.narrow else (canvas.width - left - gap) / 2.0
    titles = {"falling_threshold": "It takes less to tip over than before", "denser_recording": "The diary got denser"}
    top, bottom = canvas.at, canvas.at
    for i, (name, title) in enumerate(titles.items()):
        world = people[name]
        at, x = (bottom + 10 * i, left) if canvas.narrow else (top, left + i * (wide + gap))
        edges = np.linspace(0.0, world.truth.days, 25)
        true = np.histogram(np.concatenate(list(world.truth.acts.values())), edges)[0].astype(float)
        kept = np.zeros(24)
        for record in world.records:
            if getattr(record.body, "label", "") in world.truth.acts:
                start = getattr(record.happened, "start", record.happened)
                kept[int(np.clip(np.searchsorted(edges, start.days_since(world.truth.origin)) - 1, 0, 23))] += 1
        canvas.words(title, x, at + 6, INK, size=canvas.layout.body, bold=True)
        box = Box(canvas, x, at + 22, wide, 130, (0, 24), (0, 40))
        for tick in (0, 20, 40):
            box.level(tick, str(tick) if i == 0 or canvas.narrow else "")
        months = np.arange(24.0)
        box.bars(months + 0.1, months + 0.9, true, 0.0, LIGHT.strain_band)
        box.bars(months + 0.1, months + 0.9, np.minimum(kept, true), 0.0, LIGHT.strain)
        canvas.words("month 1", x, box.y + 140, QUIET)
        canvas.words("24", x + wide, box.y + 140, QUIET, align="right")
        bottom = max(bottom, box.y + 152)
    canvas.at = bottom + 6
    legend(canvas, left, [("acts of relief written down", LIGHT.strain, "rect"),
                           ("happened, not written down", LIGHT.strain_band, "rect")])  # fmt: skip
    closing(canvas, "Simulated people; every number is invented.")
    return "Acts of relief a month, twice. The part written down rises in both; what happened rises only in one."


@dataclass(frozen=True)
class Life:
    times: Floats
    strain: Floats
    acts: Floats
    words: str


@cache
def _lives() -> tuple[list[Life], int]:
    """Six lives drawn from the priors, in the order they came, and how many of 200 draws no person could live."""
    rng = np.random.default_rng(SEED)
    lives: list[Life] = []
    passed = 0
    occupancy = np.array([sum(b - a for _, a, b in spans) / 168 for spans in (WORK, CARE)])

    def prior(kind: str) -> float:
        return float(rng.normal(*PRIORS[kind]))

    for _ in range(DRAWN):
        rate, noise = math.exp(prior("log_recovery_rate")), math.exp(prior("log_noise"))
        gains, added = np.array([prior("gain"), prior("gain")]), prior("demand")
        log_rate, pull, logit = prior("log_rate"), prior("pull"), prior("efficacy")
        eased = 1 / (1 + math.exp(-logit))
        mean = (rate * float(gains @ occupancy) + 0.5 * added) / (rate + eased * math.exp(log_rate))
        item, rhythm = prior("mean_rating"), (prior("rhythm"), prior("rhythm"))
        parameters = StrainParameters(
            recovery_rate_per_day=rate,
            noise_per_sqrt_day=noise,
            initial_strain=mean + prior("start"),
            tolls_per_day={"work": rate * gains[0], "care": rate * gains[1]},
            demands={"demand": added},
            refuges={"relief": RefugeParameters(log_rate - pull * mean, pull, logit, 0.0)},
            items={},
            day_rhythm=rhythm,
        )
        times = np.sort(rng.uniform(0, 28, rng.poisson(14)))
        schedule = Schedule(
            days=28.0,
            roles={"work": weekly(WORK, 28), "care": weekly(CARE, 28)},
            demands={"demand": (times, np.ones(len(times)))},
        )
        try:
            one = simulate(parameters, schedule, rng, grid_hours=0.5)
        except BadRequest:
            passed += 1
            continue
        acts = one.true_acts["relief"]
        if len(acts) > 28 * 6:
            passed += 1
            continue
        if len(lives) == 6:
            continue
        inside = one.path_times >= 14
        hours = 24 * math.log(2) / rate
        gone = f"fades by half in {hours:.0f} h" if hours < 48 else f"fades by half in {hours / 24:.0f} days"
        a_week = len(acts) / 4
        often = f"{a_week:.0f} acts a week" if a_week >= 1.5 else "an act a week" if a_week >= 0.6 else "hardly an act"
        strain = one.path_strain[inside] - mean + item + 1.0
        lives.append(Life(one.path_times[inside], strain, acts[acts >= 14], f"{gone}, {often}"))
    return lives, passed


def prior_lives(canvas: Canvas) -> str:
    lives, passed = _lives()
    heading(
        canvas,
        "What the model holds possible before it has seen a record",
        "Two weeks of six lives drawn from its starting assumptions, all with the same hours of work and care.",
    )
    columns = 2 if canvas.narrow else 3
    left, gap = 16.0, 18.0 if canvas.narrow else 26.0
    wide = (canvas.width - left - (columns - 1) * gap) / columns
    low = math.floor(min(1.0, *(float(life.strain.min()) for life in lives)))
    high = math.ceil(max(7.0, *(float(life.strain.max()) for life in lives)))
    low, high = max(low, -3), min(high, 12)
    for i, life in enumerate(lives):
        row, column = divmod(i, columns)
        y = canvas.at + row * 146
        box = Box(canvas, left + column * (wide + gap), y + 30, wide, 96, (14, 28), (low, high))
        lines = life.words.split(", ")
        canvas.words(lines[0], box.x, y + 5, QUIET)
        canvas.words(lines[1], box.x, y + 19, QUIET)
        box.bars(np.array([14.0]), np.array([28.0]), 7.0, 1.0, LIGHT.gap)
        for tick in (1, 7):
            box.level(tick, str(tick) if column == 0 else "")
        box.line(life.times, life.strain, LIGHT.strain, 1.3)
        if len(life.acts):
            box.bars(life.acts - 0.05, life.acts + 0.05, low + 0.07 * (high - low), low, LIGHT.refuges[0])
    canvas.at += math.ceil(len(lives) / columns) * 146
    legend(canvas, left, [("strain", LIGHT.strain, "line"), ("acts of relief", LIGHT.refuges[0], "rect"),
                           ("the scale from 1 to 7", LIGHT.gap, "rect")])  # fmt: skip
    closing(
        canvas,
        f"In the order they were drawn. Of {DRAWN} draws {passed} were lives of over six acts a day, and passed over. "
        "A record soon rules out most lives.",
    )
    return "Six small pictures of two weeks of strain drawn from the priors: calm, restless, slow and fast lives."


def shapes(canvas: Canvas) -> str:
    heading(
        canvas,
        "Three ways in which it may come to take less",
        "How often help is sought at the same strain, against the start. Pale: other courses held possible beforehand.",
    )
    rng = np.random.default_rng(SEED)
    days = 18 * MONTH
    times = np.linspace(0.0, days, 271)
    left, gap = 30.0, 12.0 if canvas.narrow else 28.0
    wide = (canvas.width - left - 2 * gap) / 3.0
    titles = ("Steadily", "At once", "Wandering")
    walk = Shape("wander")
    high = math.log(5.0)

    def others(draw: Callable[[], Floats]) -> list[Floats]:
        """Seven courses of a kind that stay inside the picture."""
        found: list[Floats] = []
        while len(found) < 7:
            course = draw()
            if float(np.abs(course - course[0]).max()) < high:
                found.append(course)
        return found

    def step(size: float, day: float) -> Floats:
        return size * Shape("step", day).single(times, days)

    steady = Shape("linear").single(times, days)
    courses = [
        [0.75 * steady, *others(lambda: rng.standard_normal() * steady)],
        [step(1.1, 0.55 * days), *others(lambda: step(rng.standard_normal(), rng.uniform(0.1, 0.9) * days))],
        others(lambda: rng.standard_normal(walk.pieces(days)) @ walk.many(times, days)),
    ]
    courses[2].sort(key=lambda one: abs(float(one[-1] - one[0]) - 1.0))
    for i, title in enumerate(titles):
        box = Box(canvas, left + i * (wide + gap), canvas.at + 22, wide, 150, (0, 18), (-high, high))
        canvas.words(title, box.x, canvas.at + 5, INK, size=canvas.layout.body, bold=True)
        for ratio, label in ((0.25, "× ¼"), (0.5, "× ½"), (1, "× 1"), (2, "× 2"), (4, "× 4")):
            box.level(math.log(ratio), label if i == 0 else "")
        for course in courses[i][1:]:
            box.line(times / MONTH, course - course[0], LIGHT.strain_band, 1.3)
        box.line(times / MONTH, courses[i][0] - courses[i][0][0], LIGHT.threshold, 2.6)
        canvas.words("month 1", box.x, box.y + 160, QUIET)
        canvas.words("18", box.x + wide, box.y + 160, QUIET, align="right")
    canvas.at += 192
    closing(canvas, "Invented courses; the sizes of steady, sudden and wandering change are made comparable.")
    return "Three panels: a steady rise, a rise at one day, and a rise that comes and goes, among fainter courses."
