"""What is noted by hand, kept for the person's own answers: one batch, whichever door it came in by."""

from __future__ import annotations

from mainstay.casebook.consent import Consent
from mainstay.casebook.store import Casebook
from mainstay.casebook.views import Added
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Item, Record
from mainstay.records.logged import BY_HAND


def keep(
    casebook: Casebook,
    records: tuple[Record, ...],
    *,
    now: Instant,
    items: tuple[Item, ...] = (),
    anchor: str | None = None,
) -> Added:
    """Keep records as one batch. What was said of their streams stands; where nothing was, they may be read for it."""
    consent = Consent(given_at=casebook.clock(now), only_where_unsaid=True)
    return casebook.add(Batch(BY_HAND, records, items, anchor), consent, now=now)
