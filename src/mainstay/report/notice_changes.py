"""The changes that stand (S3), by the stream in which each was noticed, as the picture marks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mainstay.notice.series import Series
from mainstay.quantities import Answer
from mainstay.report.notice_data import Shift, day_in, number_in
from mainstay.timeline.kinds import Timeline

WAYS = {
    ("level", True): "higher", ("level", False): "lower", ("spread", True): "ups and downs wider",
    ("spread", False): "ups and downs narrower", ("rate", True): "more often", ("rate", False): "less often",
}  # fmt: skip
A_WEEK = 7.0


def shifts_of(timeline: Timeline, series: Sequence[Series], answers: Sequence[Answer]) -> dict[str, tuple[Shift, ...]]:
    """The changes of each stream, by its name, in the order in which they began. Only what answers say that stands."""
    named = {one.name: one for one in series}
    found: dict[str, list[Shift]] = {}
    for answer in answers:
        alert = answer.detail.get("this")
        if answer.status != "found" or not isinstance(alert, Mapping):
            continue
        parts = alert.get("streams")
        for part in parts if isinstance(parts, list | tuple) else ():
            if isinstance(part, Mapping) and (one := named.get(str(part.get("name")))) is not None:
                shift = _shift(timeline, one, alert, part, answer.about)
                found.setdefault(one.name, []).extend([shift] if shift is not None else [])
    return {name: tuple(sorted(some, key=lambda shift: shift.since)) for name, some in found.items() if some}


def _shift(
    timeline: Timeline, series: Series, alert: Mapping[str, Any], part: Mapping[str, Any], lead: str
) -> Shift | None:
    """One stream's part; one that carried none of the alarm moved with another and was not noticed by itself."""
    since, first, last = (day_in(timeline, alert, name) for name in ("began", "began_earliest", "began_latest"))
    before, after, share = (number_in(part, name) for name in ("before", "after", "share_of_the_evidence"))
    what = part.get("what")
    if since is None or first is None or last is None or before is None or after is None or share is None:
        return None
    way = WAYS.get((str(what), after > before))
    noticed = day_in(timeline, alert, "noticed")
    if way is None or noticed is None:
        return None
    scale = A_WEEK if series.kind == "count" else 1.0
    before, after = (None, None) if what == "spread" else (scale * before, scale * after)
    along = lead if share <= 0.0 and lead != series.name else ""
    return Shift(way, since, min(first, since), max(last, since), None if along else noticed, before, after, along)
