"""Where the changes were (S3, in hindsight): each stream cut into pieces over its whole record, with dates and sizes.

Not an alarm: the whole record is looked at once, now. In a stream that changes nowhere a change is told in at most one
record of twenty (`notice.segmenting`); how many streams were looked at is said.
"""

from __future__ import annotations

import math

import numpy as np

from mainstay.notice.change import is_set_by_hand
from mainstay.notice.resilience import rhythm_columns
from mainstay.notice.segmenting import Change, Segmentation, segments
from mainstay.notice.series import Series, mostly_one_answer, series_of
from mainstay.quantities import Answer, Finding, Interval
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import number, place_of, times_as_often
from mainstay.timeline.kinds import Timeline

FEWEST_DAYS, FEWEST_READINGS, FEWEST_COUNTED = 28.0, 40, 20
QUANTITY = "size of the last change of level, in hindsight"
METHOD = (
    "penalised cuts of the whole record against level, line and curves, with Ornstein-Uhlenbeck noise; hour and "
    "weekday taken out"
)


def looking_back_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S3 in hindsight: one finding for each stream whose level changed, with when and by how much; none for the others.

    Streams under 28 days, 40 readings or 20 events are not looked at, nor signals that somebody sets by hand, nor
    ratings that mostly get the same answer.
    """
    looked = [one for one in series_of(timeline) if _is_enough(one) and not is_set_by_hand(one)]
    cut = [(one, _cut(timeline, one)) for one in looked]
    return tuple(_finding(timeline, one, found, len(looked)) for one, found in cut if found.changes)


def _rows(one: Series) -> np.ndarray:
    return np.asarray(one.settled & (one.exposure > 0.0))


def _is_enough(one: Series) -> bool:
    rows = _rows(one)
    times = one.times[rows]
    if len(times) < FEWEST_READINGS or times[-1] - times[0] < FEWEST_DAYS or not np.ptp(one.values[rows]) > 0.0:
        return False
    if one.kind == "rating" and mostly_one_answer(one.values[rows]):
        return False
    return one.kind != "count" or float(one.values[rows].sum()) >= FEWEST_COUNTED


def _cut(timeline: Timeline, one: Series) -> Segmentation:
    rows = _rows(one)
    times, values = one.times[rows], one.values[rows]
    if one.kind == "count":
        return segments(times, values, kind="count", exposure=one.exposure[rows])
    return segments(times, values, rhythm=rhythm_columns(timeline, times))


def _finding(timeline: Timeline, one: Series, found: Segmentation, among: int) -> Finding:
    counts, last = one.kind == "count", found.changes[-1]
    ends = last.size[0], last.size_low[0], last.size_high[0]
    estimate, low, high = (math.exp(end) for end in ends) if counts else ends
    times = len(found.changes)
    how_often = "changed once" if times == 1 else f"changed {times} times"
    when = [_when(timeline, one, change) for change in found.changes]
    return Finding(
        row="S3",
        about=one.name,
        status="found",
        claim=f"Looking back, “{one.name}” {how_often}: {'; '.join(when)}.",
        quantity=QUANTITY,
        estimate=estimate,
        interval=Interval(low, high, LEVEL),
        unit="times as often" if counts else one.unit,
        n=found.readings,
        method=METHOD,
        evidence=(place_of(timeline), f"{found.readings:,} {'days' if counts else 'readings'}"),
        assumptions=(
            f"hindsight over {among} streams, no alarm: in a stream that changes nowhere a change is told in at most "
            "one record of twenty",
            "it says what changed and when, nothing about why",
        ),
        would_change="more records before and after",
        detail={
            "hindsight": True,
            "shape": found.shape,
            "changes": [_told(timeline, change) for change in found.changes],
            "streams_looked_at": among,
        },
    )


def _when(timeline: Timeline, one: Series, change: Change) -> str:
    likeliest = min(max(change.time, change.low), change.high)
    begun, first, last = (timeline.instant(day).day_in_words for day in (likeliest, change.low, change.high))
    if first == last:
        return f"{_how(one, change)} on {begun}"
    year = f" {begun.rsplit(' ', 1)[1]}"
    return f"{_how(one, change)} about {begun} ({first.removesuffix(year)} to {last.removesuffix(year)})"


def _how(one: Series, change: Change) -> str:
    if change.size_low[0] < 0.0 < change.size_high[0]:
        return "in its course"
    if one.kind == "count":
        return f"to {times_as_often(math.exp(change.size[0]))}"
    return f"{'up' if change.size[0] > 0.0 else 'down'} by {number(abs(change.size[0]))}"


def _told(timeline: Timeline, change: Change) -> dict[str, object]:
    return {
        "began": str(timeline.instant(change.time)),
        "began_earliest": str(timeline.instant(change.low)),
        "began_latest": str(timeline.instant(change.high)),
        "size": change.size[0],
        "low": change.size_low[0],
        "high": change.size_high[0],
        "log_evidence": change.log_evidence,
    }
