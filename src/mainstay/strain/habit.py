"""How the habit of recording changed, from controls: things unrelated to strain that the same habit records.

Their log rate is a constant and a random walk by months whose change over a year has sd 1 (the prior). The recording
of everything else is taken to follow it, and to have been complete where it was highest: only its course is known.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mainstay.strain.exposure import recording_of
from mainstay.strain.settings import Shape, years_since_middle
from mainstay.timeline.kinds import Floats, Recording, Timeline

FEWEST_CONTROLS = 20
PRIOR_SD_A_YEAR = 1.5
"""Wider than the drift's: a diary may grow threefold within a year, and what the controls show must win."""

PIECE_DAYS = 7.0
NEWTON_STEPS = 50
CLEAR = 2.5758293035489004
"""A trend so many sds from none comes by chance in one record of a hundred."""

LEAST_SHARE = 0.01
"""What is on record was recorded, even where the log says that nothing was."""


@dataclass(frozen=True, slots=True, eq=False)
class Habit:
    """Recording by week: edges (m+1,) in days, intensity (m,) up to 1; `slope_sd`: sd of its log trend a year."""

    edges: Floats
    intensity: Floats
    slope_sd: float
    controls: int


@dataclass(frozen=True, slots=True, eq=False)
class Trend:
    """The trend of a log rate a year, with its sd."""

    a_year: float
    sd: float

    @property
    def clear(self) -> bool:
        """Whether chance alone would hardly give such a trend."""
        return abs(self.a_year) > CLEAR * self.sd


def _weeks(timeline: Timeline, times: Floats) -> tuple[Floats, Floats, Floats]:
    """Edges (m+1,) of the weeks, events in each and days in each (m,). Stretches with recording off count not."""
    edges = np.linspace(0.0, timeline.days, max(round(timeline.days / PIECE_DAYS), 2) + 1)
    exposure = np.diff(edges)
    for gap in timeline.gaps:
        exposure -= np.clip(np.minimum(edges[1:], gap.end) - np.maximum(edges[:-1], gap.start), 0.0, None)
    counts = np.histogram(times, edges)[0].astype(float)
    return edges, counts, np.where(counts > 0, np.maximum(exposure, 1.0), np.maximum(exposure, 0.0))


def trend_beside_log(timeline: Timeline) -> Trend | None:
    """How the controls grew or shrank beyond what was logged of recording; none where the log is right.

    Of all controls whose recording was logged, together; None with fewer than 20 of them. Where weeks scatter by more
    than chance, so does the trend.
    """
    logged = [one for one in timeline.of_events("control") if recording_of(timeline, one.label) is not None]
    times = np.concatenate([np.zeros(0), *(one.times for one in logged)])
    if len(times) < FEWEST_CONTROLS:
        return None
    edges, counts, exposure = _weeks(timeline, times)
    middles = 0.5 * (edges[:-1] + edges[1:])
    stated = [(len(one.times), recording_of(timeline, one.label)) for one in logged]
    share = sum(n * steps.at(middles) for n, steps in stated if steps is not None) / len(times)
    exposure = exposure * np.where(counts > 0, np.maximum(share, LEAST_SHARE), share)
    known = exposure > 0.0
    design = np.stack([np.ones(len(middles)), years_since_middle(middles, timeline.days)])[:, known]
    coefficients, covariance = log_linear(design, counts[known], exposure[known], 10.0)
    expected = exposure[known] * np.exp(coefficients @ design)
    scatter = float(((counts[known] - expected) ** 2 / expected).sum()) / max(int(known.sum()) - 2, 1)
    return Trend(float(coefficients[1]), float(np.sqrt(covariance[1, 1] * max(scatter, 1.0))))


def habit_of(timeline: Timeline) -> Habit | None:
    """The habit from all controls together; None with fewer than 20 of them."""
    times = np.concatenate([np.zeros(0), *(one.times for one in timeline.of_events("control"))])
    if len(times) < FEWEST_CONTROLS:
        return None
    edges, counts, exposure = _weeks(timeline, times)
    middles = 0.5 * (edges[:-1] + edges[1:])
    walk = Shape("wander").many(middles, timeline.days) * PRIOR_SD_A_YEAR
    design = np.vstack([np.ones(len(middles)), walk])
    coefficients, covariance = log_linear(design, counts, exposure, 1.0)
    log_rate = coefficients @ design
    year = years_since_middle(middles, timeline.days)
    weight = exposure * (year - year.mean())
    slope = design @ weight / float(weight @ year)
    return Habit(edges, np.exp(log_rate - log_rate.max()), float(np.sqrt(slope @ covariance @ slope)), len(times))


def log_linear(design: Floats, counts: Floats, exposure: Floats, prior_sd: float) -> tuple[Floats, Floats]:
    """Posterior mode and covariance of a Poisson's log-linear coefficients, from rows of a design (c, n).

    The first row is all ones and its coefficient free; the others have priors N(0, prior_sd²).
    """
    prior = np.full(len(design), prior_sd**-2.0)
    prior[0] = 0.0
    at: Floats = np.zeros(len(design))
    at[0] = np.log(counts.sum() / exposure.sum())
    for _ in range(NEWTON_STEPS):
        expected = exposure * np.exp(at @ design)
        gradient = design @ (counts - expected) - prior * at
        precision = (design * expected) @ design.T + np.diag(prior)
        step = np.linalg.solve(precision, gradient)
        at = at + np.clip(step, -1.0, 1.0)
        if float(np.abs(step).max()) < 1e-9:
            break
    covariance = np.asarray(np.linalg.inv(precision), np.float64)
    return at, covariance


def with_habit(timeline: Timeline, habit: Habit) -> Timeline:
    """The timeline with the habit as the recording of everything that has no log of its own."""
    return replace(timeline, recording={**timeline.recording, "": Recording("", habit.edges, habit.intensity)})
