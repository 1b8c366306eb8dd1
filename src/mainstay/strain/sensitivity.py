"""How far an answer leans on its prior: the same fit with that prior narrower or wider, without fitting again.

The posterior is a normal, so a prior N(m, s²) on one coordinate is exchanged for N(m, (c s)²) by adding
(c s)^-2 - s^-2 to that coordinate's precision.
"""

from __future__ import annotations

from collections.abc import Sequence

from mainstay.errors import BadRequest
from mainstay.strain.posterior import StrainPosterior


def sensitivity(
    posterior: StrainPosterior, kind: str, label: str = "", scales: Sequence[float] = (0.5, 1.0, 2.0)
) -> dict[float, tuple[float, float]]:
    """Mean and sd of one coordinate under its prior with the sd times each scale.

    Refuses a coordinate that the model lacks, and a scale so large that the fit without its prior would not settle.
    """
    name = f"{kind}:{label}" if label else kind
    if name not in posterior.coordinates.names:
        raise BadRequest(f"this fit has no {name!r}; it has {', '.join(posterior.coordinates.names)}")
    i = posterior.coordinates.index(kind, label)
    middle, width = float(posterior.coordinates.prior_mean[i]), float(posterior.coordinates.prior_sd[i])
    mean, sd = posterior.marginal(kind, label)
    found = {}
    for scale in scales:
        if not scale > 0.0:
            raise BadRequest(f"a prior's sd can't be {scale!r} times as wide; give a number above 0")
        more = (scale * width) ** -2.0 - width**-2.0
        precision = sd**-2.0 + more
        if not precision > 0.0:
            raise BadRequest(f"the record says nothing about {name!r}: all of its certainty is the prior's")
        found[scale] = ((mean * sd**-2.0 + middle * more) / precision, precision**-0.5)
    return found
