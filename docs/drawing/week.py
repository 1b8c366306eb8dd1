"""A week of strain, and what a diary sees of it."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from drawing.canvas import QUIET, Box, Canvas, Floats
from drawing.parts import CARE, SEED, WORK, closing, heading, legend, weekly
from mainstay.report.figure import LIGHT
from mainstay.strain.parameters import ItemParameters, RefugeParameters, StrainParameters
from mainstay.strain.simulate import Schedule, simulate

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


LEVEL, RATE = 2.0, 0.9
SOUGHT = (("walk", 0.09, 0.95, -0.2), ("friend", 0.04, 1.05, 0.2))
DAY = (-0.8, -0.9)


def _once_a_day() -> float:
    """The rating at which the refuges together are sought once a day, averaged over the hours."""
    grid = np.linspace(0.0, 6.0, 601)
    rates = np.i0(math.hypot(*DAY)) * sum(rate * np.exp(pull * grid) for _, rate, pull, _ in SOUGHT)
    return LEVEL + float(np.interp(1.0, rates, grid))


@cache
def _week() -> tuple[Floats, Floats, dict[str, Floats], Floats, Floats, Floats]:
    """Days 14 to 21 of a life: path times and strain (on the 1-7 scale), acts, check-in times and answers, demands."""
    rng = np.random.default_rng(SEED)
    demands = np.array([14.46, 15.62, 16.45, 17.41, 17.83, 19.55])
    check_ins = np.sort(np.concatenate([14 + np.arange(7) + hour / 24 for hour in (8.0, 12.4, 17.2, 21.8)]))
    check_ins = check_ins[rng.random(len(check_ins)) < 0.9]
    parameters = StrainParameters(
        recovery_rate_per_day=RATE,
        noise_per_sqrt_day=0.4,
        initial_strain=0.5,
        tolls_per_day={"work": 3.2, "care": 4.4},
        demands={"demand": 1.0},
        refuges={name: RefugeParameters(math.log(rate), pull, logit, 0.0) for name, rate, pull, logit in SOUGHT},
        items={"tension": ItemParameters(LEVEL, 1.0, 0.7)},
        day_rhythm=DAY,
    )
    schedule = Schedule(
        days=21.0,
        roles={"work": weekly(WORK, 21), "care": weekly(CARE, 21)},
        demands={"demand": (demands, np.ones(len(demands)))},
        check_ins={"tension": check_ins},
    )
    one = simulate(parameters, schedule, rng, grid_hours=1 / 6)
    answers = np.clip(np.rint(one.ratings["tension"][1]), 1, 7)
    inside = one.path_times >= 14.0
    acts = {name: times[times >= 14.0] for name, times in one.true_acts.items()}
    return one.path_times[inside], one.path_strain[inside] + LEVEL, acts, check_ins, answers, demands


def week(canvas: Canvas) -> str:
    times, strain, acts, check_ins, answers, demands = _week()
    heading(
        canvas,
        "A week of strain, and what a diary sees of it",
        "The line is never seen. On record are the dots, the acts and the hours below.",
    )
    refuges = {
        "walk": ("a walk", LIGHT.refuges[0], "diamond"),
        "friend": ("a friend called", LIGHT.refuges[1], "circle"),
    }
    left = 0.0 if canvas.narrow else 108.0
    box = Box(canvas, left + 18, canvas.at + 8, canvas.width - left - 26, 230, (14, 21), (1, 7))
    for value in (1, 3, 5, 7):
        box.level(value, str(value))
    if not canvas.narrow:
        canvas.words("tension,", 0, box.y + 6, QUIET)
        canvas.words("1 to 7", 0, box.y + 22, QUIET)
    limit = _once_a_day()
    box.level(limit, colour=LIGHT.threshold, dash=(5, 4), width=1.5)
    box.line(times, strain, LIGHT.strain, 2.0)
    box.points(check_ins, answers, LIGHT.strain_fine, size=26)
    for name, (_, colour, shape) in refuges.items():
        at = np.array([strain[max(int(np.searchsorted(times, t)) - 1, 0)] for t in acts[name]])
        box.points(acts[name], at + 0.42, colour, shape, 84)
    canvas.at = box.y + box.height + 16
    legend(canvas, box.x, [("strain", LIGHT.strain, "line"), ("a check-in", LIGHT.strain_fine, "circle"),
                            ("where help is sought once a day", LIGHT.threshold, "dashes"),
                            *((text, colour, shape) for text, colour, shape in refuges.values())])  # fmt: skip
    canvas.at += 10
    for label, spans, colour in (("at work", WORK, LIGHT.roles[0]), ("caring for her mother", CARE, LIGHT.roles[1])):
        lane = _lane(canvas, box, label, 10)
        starts, ends = weekly(spans, 7)
        lane.bars(14 + starts, 14 + ends, 1.0, 0.0, colour)
    lane = _lane(canvas, box, "something hard happens", 12)
    lane.bars(demands - 0.013, demands + 0.013, 1.0, 0.0, LIGHT.demand)
    for day, name in enumerate(WEEKDAYS):
        canvas.words(name, float(box.px(14.5 + day)), canvas.at + 8, QUIET, align="center")
    canvas.at += 16
    closing(canvas, "A simulated person; every number is invented.")
    return (
        "A line of strain over one week rises through hours at work and of care and at hard moments, and fades between "
        "them. Check-ins scatter about it. Walks and calls come mostly near a dashed line, and strain drops at each."
    )


def _lane(canvas: Canvas, box: Box, label: str, height: float) -> Box:
    if canvas.narrow:
        canvas.words(label, box.x, canvas.at + 7, QUIET)
        canvas.at += 15
    lane = Box(canvas, box.x, canvas.at, box.width, height, box.across, (0.0, 1.0))
    if not canvas.narrow:
        for i, line in enumerate(label.rsplit(" ", 1) if len(label) > 16 else [label]):
            canvas.words(line, 0, canvas.at + height / 2 - (6 if len(label) > 16 else 0) + 13 * i, QUIET)
    canvas.rule(box.x, box.x + box.width, canvas.at + height + 2)
    canvas.at += height + (12 if canvas.narrow else 20)
    return lane
