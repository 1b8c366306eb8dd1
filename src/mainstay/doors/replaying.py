"""The last year month by month, as it was known at the end of each: which dates are walked, and what is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstay.quantities import DAYS_PER_YEAR
from mainstay.strain.fitting import FEWEST_DAYS
from mainstay.timeline.reader import read
from mainstay.timeline.replaying import month_ends, replayed

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.timeline.replaying import AsOf

OWN = "own_answers"


def months_of(
    casebook: Casebook, at: Instant, cut: Instant | None = None, since: Instant | None = None
) -> tuple[AsOf, ...]:
    """The ends of the months of the year up to now (or up to `cut`), or from `since` on, as they were known then.

    They begin on the day from which there is enough on record to fit, and end with the last on which anything was
    recorded.
    """
    last = cut or at
    lived = read(casebook, OWN, last, now=at)
    ends = min(last, lived.instant(lived.days).plus_days(1.0))
    first = ends.plus_days(-DAYS_PER_YEAR) if since is None else min(since, ends.plus_days(-1.0))
    begun = max(first, lived.origin.plus_days(FEWEST_DAYS))
    dates = month_ends(min(begun, ends), ends)
    return tuple(replayed(casebook, OWN, dates, since=min(begun, ends), now=at))
