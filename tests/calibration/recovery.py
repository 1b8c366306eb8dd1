"""Where a simulated person's truth lies in the coordinates of the fit, and how often intervals hold it."""

import math

import numpy as np

from mainstay.strain.coordinates import Coordinates
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit_data
from mainstay.strain.parameters import StrainParameters
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Z90 = 1.6448536269514722


def true_coordinates(place: Coordinates, truth: StrainParameters, timeline: Timeline) -> np.ndarray:
    """The truth in level coordinates; demand effects are those of a demand of the mean recorded size."""
    data, v = place.data, np.zeros(place.size)
    unit = data.unit
    v[0] = math.log(truth.recovery_rate_per_day)
    v[1] = math.log(truth.noise_per_sqrt_day / unit)
    v[place.block("gain")] = [truth.tolls_per_day[r] / unit / truth.recovery_rate_per_day for r in data.roles]
    sizes = {j: np.nanmean(timeline.events[j].sizes) for j in data.demands}
    v[place.block("demand")] = [truth.demands[j] * sizes[j] / unit for j in data.demands]
    refuges = [truth.refuges[k] for k in data.refuges]
    v[place.block("efficacy")] = [one.efficacy_logit for one in refuges]
    v[place.block("fading")] = [one.fading_per_year for one in refuges]
    v[place.block("pull")] = [one.pull * unit for one in refuges]
    v[place.block("drift")] = truth.seeking_drift_per_year
    v[place.block("rhythm")] = (*truth.day_rhythm, 0.0)
    mean, _ = place.mean_strain(v)
    v[2] = truth.initial_strain / unit - mean
    v[place.block("log_rate")] = [one.log_rate + one.pull * unit * mean for one in refuges]
    for i, name in enumerate(data.items):
        item, series = truth.items[name], timeline.ratings[name].item
        step = (series.high - series.low) / 6.0
        loading = item.slope * unit / step
        v[place.block("mean_rating").start + i] = (item.intercept - series.low) / step + loading * mean
        v[place.block("log_rating_noise").start + i] = math.log(item.noise_sd / step)
        if i:
            v[place.block("loading").start + i - 1] = loading
    return v


def z_scores(timeline: Timeline, truth: StrainParameters) -> dict[str, float] | None:
    """(estimate - truth) / sd for every coordinate, and for the toll ρ of each role; None where the fit refused."""
    posterior = fit_data(strain_data(timeline))
    if not isinstance(posterior, StrainPosterior):
        return None
    v = true_coordinates(posterior.coordinates, truth, timeline)
    sd = np.sqrt(np.diag(posterior.covariance))
    scores = dict(zip(posterior.coordinates.names, (posterior.mean - v) / sd, strict=True))
    rate = math.exp(posterior.mean[0])
    for role in posterior.data.roles:
        at = posterior.coordinates.index("gain", role)
        toll = rate * posterior.mean[at]
        slope = np.zeros(len(v))
        slope[0], slope[at] = toll, rate
        sd_toll = math.sqrt(slope @ posterior.covariance @ slope)
        scores[f"toll:{role}"] = (toll - truth.tolls_per_day[role] / posterior.data.unit) / sd_toll
    return scores
