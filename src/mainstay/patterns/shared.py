"""What refuges share (S13): which attribute of people, places and activities goes with easing, and which do not.

With four or five companies and half a dozen attributes, one of them fits by chance often: a fit alone is never an
explanation here, and `chance` says how often it would come about so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mainstay.patterns.shared_evidence import SharedAttribute, chance_fit, weigh
from mainstay.patterns.shared_shares import Eased, Floats, shares
from mainstay.quantities import CannotSay
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

FEWEST_COMPANIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Shared:
    """Each company (c), what it eases, and the covariance of that (c, c); each attribute, the one that fits best first.

    `nothing`: the weight of "nothing is shared", .5 beforehand. `chance`: how often one of these attributes would fit
    as well as the best, were it chance which company eases. `left_out`: events not counted, and why.
    """

    companies: tuple[Eased, ...]
    covariance: Floats
    attributes: tuple[SharedAttribute, ...]
    nothing: float
    chance: float | None
    left_out: Mapping[str, str]
    method: str

    def of(self, name: str) -> SharedAttribute:
        """One attribute by its name on record."""
        return next(one for one in self.attributes if one.name == name)


def shared(timeline: Timeline, fitted: StrainPosterior) -> Shared | CannotSay:
    """What company eases and what it has in common. Refuses under three companies that could be followed.

    `fitted`: of the same timeline. About as long as one refit.
    """
    found = shares(timeline, fitted)
    if isinstance(found, CannotSay):
        return found
    if len(found.companies) < FEWEST_COMPANIES:
        return CannotSay(
            "what refuges share takes several people, places or activities of whom something is known",
            have=len(found.companies),
            need=FEWEST_COMPANIES,
            unit="people, places or activities",
            quantity="share of the strain eased",
            n=sum(one.n for one in found.companies),
            method=found.method,
            would_change="attributes of the others that are met, in the contact file",
        )
    attributes, nothing = weigh(found.companies, found.covariance)
    return Shared(
        found.companies,
        found.covariance,
        attributes,
        nothing,
        chance_fit(found.companies),
        found.left_out,
        found.method,
    )
