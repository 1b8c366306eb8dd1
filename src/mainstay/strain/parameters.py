"""The parameters of the strain-and-threshold model, by name and in the person's units.

    strain   dS = (-λ S + Σ_r ρ_r role_r(t) + u(t)) dt + σ dW
    demand   S <- S + β_j m                      relief   S <- S (1 - e_k(t)),  logit e_k(t) = η_k - f_k y
    seeking  h_k(t) = exp(a_k + κ_k S(t) + d y + c₁ cos 2πτ + c₂ sin 2πτ)       recorded with chance r_k(t)
    rating   y_ij = b_0i + b_1i S(t_j) + ε,  ε ~ N(0, s_i²);  ordinal: ε logistic, the answer counts the cuts below y

y: years since the middle of the record; τ: local time of day as a fraction. Strain is in units of the anchor item.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RefugeParameters:
    """One refuge: log acts a day at zero strain, rise per unit of strain, efficacy in mid-record, fading a year.

    `own_drift_per_year`: what its own seeking drifts by, beyond what is common to all.
    """

    log_rate: float
    pull: float
    efficacy_logit: float
    fading_per_year: float
    own_drift_per_year: float = 0.0


@dataclass(frozen=True, slots=True)
class ItemParameters:
    """One item: rating at zero strain, rating per unit of strain (1 or -1 for the anchor), noise sd.

    `cuts`: ascending cut points of an ordinal item. The answer is then `lowest` and one more for each cut point that
    the latent rating exceeds, its noise logistic with that sd.
    """

    intercept: float
    slope: float
    noise_sd: float
    cuts: tuple[float, ...] = ()
    lowest: float = 1.0


@dataclass(frozen=True, slots=True)
class StrainParameters:
    """The whole model for one person. Rates are per day, drift and fading per year, strain in units of the anchor item.

    `demands`: strain added by a demand of size 1 (sizes are divided by their mean; unrecorded sizes count as 1).
    `seeking_drift_per_year`: d; exp(d) is how many times as often help is sought a year later at the same load.
    `day_rhythm`: (c₁, c₂) of the log hazard over the local day. `own_recovery`: log ratio of the recovery rate in the
    role that is oneself to the usual one.
    """

    recovery_rate_per_day: float
    noise_per_sqrt_day: float
    initial_strain: float
    tolls_per_day: dict[str, float]
    demands: dict[str, float]
    refuges: dict[str, RefugeParameters]
    items: dict[str, ItemParameters]
    seeking_drift_per_year: float = 0.0
    day_rhythm: tuple[float, float] = (0.0, 0.0)
    own_recovery: float = 0.0
