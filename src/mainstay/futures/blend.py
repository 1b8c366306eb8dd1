"""Several forecasts made into one by how likely each called what came: never much worse than the best of them.

Bayes' rule over forecasters: a forecaster's weight is its share before anything is seen times the chance it gave to
all that came since. The logarithmic loss of the mixture is then at most log(1 / share) above that of any one of them,
over the whole record. Before each step a little of the weight is dealt out anew by the first shares, so that what was
poor once may become good later (fixed share; Herbster and Warmuth 1998). Scores of forecasts whose spans overlap say
the same several times over and are counted in part.
"""

from __future__ import annotations

import numpy as np

from mainstay.errors import BadRequest
from mainstay.timeline.kinds import Floats

SHARE = 0.002


def weights(
    scores: Floats, made: Floats, due: Floats, shares: Floats, *, share: float = SHARE, overlap: float = 1.0
) -> Floats:
    """Each forecaster's weight (forecasters, n) at each forecast, from the log scores known when it was made.

    `scores` (forecasters, n): NaN where nothing came. `made`, `due` (n,): when each was made and when it could be
    scored, both ascending. `shares` (forecasters,): before anything is seen. `overlap`: by what a score is divided.
    """
    if scores.ndim != 2 or scores.shape != (len(shares), len(made)) or len(made) != len(due):
        raise BadRequest(f"scores {scores.shape} need a share for each forecaster and a time for each forecast")
    first = shares / shares.sum()
    log, seen = np.log(first), 0
    found = np.empty(scores.shape)
    for i in range(len(made)):
        while seen < i and due[seen] <= made[i]:
            if np.isfinite(scores[0, seen]):
                log = log + scores[:, seen] / overlap
                now = np.exp(log - log.max())
                log = np.log((1.0 - share) * now / now.sum() + share * first)
            seen += 1
        now = np.exp(log - log.max())
        found[:, i] = now / now.sum()
    return found


def mixed(chances: Floats, by: Floats) -> Floats:
    """The mixture (n, cells) of forecasts (forecasters, n, cells) by their weights (forecasters, n)."""
    mixture: Floats = np.einsum("kng,kn->ng", chances, by)
    return mixture
