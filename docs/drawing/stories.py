"""Three stories that look alike as a trend, and how the model tells them apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from drawing.canvas import INK, QUIET, Box, Canvas, Floats
from drawing.parts import SEED, closing, heading
from mainstay.quantities import DAYS_PER_YEAR
from mainstay.report.figure import LIGHT

STORIES = {
    "load": "The load grew",
    "fading": "Relief faded",
    "threshold": "It takes less",
}
PEOPLE = 12


@dataclass(frozen=True)
class Monthly:
    """By month, averaged over people: acts, demands, answers; by truth: share eased, seeking at the same strain."""

    acts: Floats
    answers: Floats
    demands: Floats
    eased: Floats
    sought: Floats


def _case(story: str):
    from mainstay.worlds.carer import Case

    change = {
        "load": {"load_growth": 4.5},
        "fading": {"fadings_per_year": (1.7, 1.7), "seeking_per_week": (0.38, 0.38)},
        "threshold": {"drift_per_year": 0.85},
    }[story]
    return Case(title=STORIES[story], note="", recording=(1.0,), **change)


@cache
def _people(story: str):
    from mainstay.worlds.carer import carer

    return [carer(story, _case(story), SEED + i) for i in range(PEOPLE)]


def _monthly(story: str) -> Monthly:
    from mainstay.worlds.carer import FALL, RUSH, TENSION, VISIT

    worlds = _people(story)
    days = worlds[0].truth.days
    edges = np.linspace(0.0, days, 19)
    acts = sum(np.histogram(np.concatenate(list(w.truth.acts.values())), edges)[0] for w in worlds) / PEOPLE
    month, demands, answers, counts = np.diff(edges), np.zeros(18), np.zeros(18), np.zeros(18)
    for w in worlds:
        for record in w.records:
            body = record.body
            start = getattr(record.happened, "start", record.happened)
            at = int(np.clip(np.searchsorted(edges, start.days_since(w.truth.origin)) - 1, 0, 17))
            if getattr(body, "label", None) in {RUSH, FALL}:
                demands[at] += 1 / PEOPLE
            elif getattr(body, "item", None) == TENSION.name:
                answers[at] += body.value
                counts[at] += 1
    parameters = worlds[0].truth.parameters
    visit = parameters.refuges[VISIT]
    year = (0.5 * (edges[:-1] + edges[1:]) - days / 2.0) / DAYS_PER_YEAR
    eased = 1.0 / (1.0 + np.exp(visit.fading_per_year * year - visit.efficacy_logit))
    sought = np.exp(parameters.seeking_drift_per_year * (year - year[0]))
    return Monthly(acts / month * 30.4, answers / counts, demands / month * 7.0, 100.0 * eased, sought)


def stories(canvas: Canvas) -> str:
    heading(
        canvas,
        "Three different lives, one and the same rising line",
        "All three seek relief more and more often. The thick line is what changed behind it.",
    )
    told = {story: _monthly(story) for story in STORIES}
    left = 34.0
    gap = 12.0 if canvas.narrow else 28.0
    wide = (canvas.width - left - 2 * gap) / 3.0
    rows: list[tuple[str, str, tuple[float, float], tuple[float, ...], str]] = [
        ("On record: acts of relief, a month", "acts", (0, 40), (0, 20, 40), ""),
        ("On record: tension, 1 to 7, on average", "answers", (2.7, 4.3), (3, 4), ""),
        ("Behind it: hard moments, a week", "demands", (0, 20), (0, 20), "load"),
        ("Behind it: share of strain one act takes away, in per cent", "eased", (0, 100), (0, 100), "fading"),
        ("Behind it: help sought at the same strain, times as often", "sought", (0, 4), (1, 4), "threshold"),
    ]
    highs = {
        "acts": 10 * math.ceil(max(float(one.acts.max()) for one in told.values()) / 10),
        "demands": 5 * math.ceil(max(float(one.demands.max()) for one in told.values()) / 5),
    }
    for i, title in enumerate(STORIES.values()):
        x = left + i * (wide + gap)
        canvas.words(title, x, canvas.at + 4, INK, size=canvas.layout.body, bold=True)
    canvas.at += 22
    colours = {"load": LIGHT.demand, "fading": LIGHT.refuges[0], "threshold": LIGHT.threshold}
    for label, name, up, ticks, cause in rows:
        if name in highs:
            up = (0, highs[name])
            ticks = (0, highs[name])
        for line in label.split("\n"):
            canvas.words(line, left, canvas.at + 5, QUIET)
        canvas.at += 16
        tall = 74.0 if name == "acts" else 50.0
        for i, story in enumerate(STORIES):
            box = Box(canvas, left + i * (wide + gap), canvas.at, wide, tall, (0, 18), up)
            for tick in ticks:
                box.level(tick, f"{tick:g}" if i == 0 else "")
            values = getattr(told[story], name)
            x = np.arange(18.0)
            if name == "acts":
                box.bars(x + 0.12, x + 0.88, values, 0.0, LIGHT.strain_fine)
            else:
                changed = cause == story
                colour = colours[story] if changed else LIGHT.strain if name == "answers" else LIGHT.record
                box.line(x + 0.5, values, colour, 3.0 if changed else 1.8)
        canvas.at += tall + 14
    for i in range(3):
        x = left + i * (wide + gap)
        canvas.words("month 1", x, canvas.at, QUIET)
        canvas.words("18", x + wide, canvas.at, QUIET, align="right")
    canvas.at += 8
    closing(canvas, f"Averages over {PEOPLE} simulated people for each story; every number is invented.")
    return (
        "Three columns. In each, acts of relief a month rise over eighteen months. In the first hard moments grew, in "
        "the second the share of strain one act takes away fell, in the third help is sought oftener at one strain."
    )


def _trend(times: Floats, days: float) -> tuple[float, float]:
    """A plain Poisson trend of counts by week: log ratio a year and its sd."""
    edges = np.linspace(0.0, days, round(days / 7.0) + 1)
    counts = np.histogram(times, edges)[0].astype(float)
    design = np.stack([np.ones(len(counts)), (0.5 * (edges[1:] + edges[:-1]) - days / 2) / DAYS_PER_YEAR])
    at = np.array([math.log(counts.mean()), 0.0])
    for _ in range(20):
        expected = np.exp(at @ design)
        covariance = np.linalg.inv((design * expected) @ design.T)
        at = at + covariance @ (design @ (counts - expected))
    return float(at[1]), math.sqrt(float(covariance[1, 1]))


@cache
def _told_apart() -> dict[str, list[tuple[float, float, float]]]:
    """By story: (low, middle, high) of the plain trend, of the share eased (points), of the drift; the first person."""
    from mainstay.strain.drift import drift_of
    from mainstay.strain.fitting import fit
    from mainstay.strain.judge import Z90
    from mainstay.timeline.reader import from_records

    found = {}
    for story in STORIES:
        w = _people(story)[0]
        end = w.truth.origin.plus_days(w.truth.days + 1.0)
        fitted = fit(from_records(w.records, w.items, w.anchor, as_of=end))
        trend, trend_sd = _trend(np.concatenate(list(w.truth.acts.values())), w.truth.days)
        labels = fitted.data.refuges
        fading, fading_sd = fitted.common("fading", labels, 1.0)
        centre = float(np.mean([fitted.marginal("efficacy", label)[0] for label in labels]))
        half = w.truth.days / DAYS_PER_YEAR / 2.0
        drift = drift_of(fitted, courses=False)

        def change(value: float, half: float = half, centre: float = centre) -> float:
            return 100.0 / (1 + math.exp(value * half - centre)) - 100.0 / (1 + math.exp(-value * half - centre))

        found[story] = [
            tuple(math.exp(trend + z * trend_sd) for z in (-Z90, 0.0, Z90)),
            tuple(change(fading + z * fading_sd) for z in (Z90, 0.0, -Z90)),
            tuple(math.exp(drift.mean + z * drift.sd) for z in (-Z90, 0.0, Z90)),
        ]
    return found


def told_apart(canvas: Canvas) -> str:
    heading(
        canvas,
        "The trend looks the same; the model tells them apart",
        "One simulated person for each story. Bars: 90 % intervals; grey where they hold “no change”.",
    )
    found = _told_apart()
    left = 0.0 if canvas.narrow else 120.0
    gap = 12.0 if canvas.narrow else 30.0
    wide = (canvas.width - left - 2 * gap) / 3.0
    ends = [(0.5, 4.0, 1.0), (-80.0, 40.0, 0.0), (0.5, 4.0, 1.0)]
    heads = [
        ("A plain trend:", "acts, against", "a year earlier"),
        ("The model:", "share eased, end", "against start"),
        ("The model:", "sought at the same", "strain, a year on"),
    ]
    for i, lines in enumerate(heads):
        for j, line in enumerate(lines):
            canvas.words(line, left + i * (wide + gap), canvas.at + 6 + 15 * j, QUIET if j else INK, bold=not j)
    canvas.at += 56
    first = canvas.at
    for story, title in STORIES.items():
        if canvas.narrow:
            canvas.words(title, 0, canvas.at + 2, INK, bold=True, halo=LIGHT.paper)
            canvas.at += 16
        else:
            canvas.words(title, 0, canvas.at + 18, INK, size=canvas.layout.body, bold=True)
        for i, (low, middle, high) in enumerate(found[story]):
            bottom, top, none = ends[i]
            log = i != 1
            place = math.log if log else float
            box = Box(canvas, left + i * (wide + gap), canvas.at, wide, 36, (place(bottom), place(top)), (0, 1))
            sure = not low <= none <= high
            colour = (LIGHT.strain_fine, LIGHT.refuges[0], LIGHT.threshold)[i] if sure else LIGHT.record
            box.line(np.array([place(low), place(high)]), np.array([0.5, 0.5]), colour, 3.0)
            box.points(place(middle), 0.5, colour, "circle", 70)
            at = float(np.clip(box.px(place(middle)), box.x + 22, box.x + box.width - 22))
            words = f"× {middle:.1f}" if log else f"{round(middle):+d} points".replace("-", "−").replace("+0", "0")
            canvas.words(words, at, canvas.at + 4, INK if sure else QUIET, align="center", halo=LIGHT.paper)
        canvas.at += 44
    for i, (bottom, top, none) in enumerate(ends):
        place = math.log if i != 1 else float
        box = Box(canvas, left + i * (wide + gap), first, wide, 10, (place(bottom), place(top)), (0, 1))
        x = float(box.px(place(none)))
        canvas.layers.insert(0, {
            "data": {"values": [{}]},
            "mark": {"type": "rule", "color": LIGHT.record, "strokeWidth": 1, "strokeDash": [2, 3]},
            "encoding": {"x": {"value": x}, "y": {"value": first - 4}, "y2": {"value": canvas.at - 4}},
        })  # fmt: skip
        canvas.words("no change", x, canvas.at + 5, QUIET, align="center")
    canvas.at += 12
    closing(canvas, "Every number is invented.")
    return "Intervals for three people: a plain trend rises in all three; relief eases less only in the second; "\
        "help is sought oftener at the same strain only in the third."  # fmt: skip
