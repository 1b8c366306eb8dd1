"""Are slips more frequent than before (S6), and is anybody harmed? Counts with exposure, one answer for each kind."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

import numpy as np

from mainstay.notice.budget import SLIPS_MONTHS, share_in_words
from mainstay.notice.slips_chart import date_of
from mainstay.notice.slips_counts import HARM, TOGETHER, Counted, counted
from mainstay.notice.slips_harm import harm_answer, no_harm_answer
from mainstay.notice.slips_seen import Watched, amount, detail_of, shares_of, since_week, watched
from mainstay.notice.slips_watch import BAR, RATIOS, WEEK, dispersion, fewer
from mainstay.numerics.exact_rates import ratio_interval
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain import judge
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import if_all_noted, place_of, times_as_often, uncounted
from mainstay.timeline.kinds import Timeline

FEWEST_DAYS = 56
"""Four weeks to learn from and four to compare with them."""
LATELY = 0.25
"""Where nothing has changed, this last share of what was recorded is compared with all before it."""
MATERIAL = math.log(2.0)
QUANTITY = "slips lately, against before"
METHOD = (
    "Shiryaev-Roberts e-detector on weekly counts, the rate before unknown, tempered by their dispersion; "
    "conditional binomial interval"
)


def slips_answers(timeline: Timeline, harmed: Collection[str] | None = None) -> tuple[Answer, ...]:
    """S6: for each kind of slip, and all together, whether it is more frequent than before; harm to others apart.

    `harmed`: the ids of the slips that did harm to others; None, where that is not known, gives no answer about harm.
    No answer at all where no slip was ever recorded. Refuses under 56 recorded days, and where a doubling can neither
    be seen nor ruled out. A rise is an alarm with its part of the one budget; a fall is told and is none.
    """
    streams = counted(timeline, harmed)
    if not streams:
        return ()
    shares = shares_of(streams)
    told = [
        _answer(timeline, watched(stream, share))
        for stream, share in zip(streams, shares, strict=True)
        if stream.about != HARM
    ]
    if harmed is None:
        return tuple(told)
    noted = [watched(one, share) for one, share in zip(streams, shares, strict=True) if one.about == HARM]
    widest = next((one for one in streams if one.about == TOGETHER), streams[0])
    return (*told, harm_answer(timeline, noted[0]) if noted else no_harm_answer(timeline, widest))


def _answer(timeline: Timeline, seen: Watched) -> Answer:
    stream = seen.stream
    n, days = int(stream.counts.sum()), int((stream.exposure > 0.0).sum())
    if days < FEWEST_DAYS:
        more = "more days recorded in the same way, days without a slip included"
        counts = {"have": days, "need": FEWEST_DAYS, "unit": "days recorded", "would_change": more}
        return _refusal(
            stream, "there is too little on record to compare with", n, counts, detail_of(timeline, seen, {})
        )
    if seen.rise[-1] >= BAR:
        return _changed(timeline, seen, n, "more")
    if seen.fall >= BAR:
        return _changed(timeline, seen, n, "fewer")
    return _unchanged(timeline, seen, n)


def _refusal(stream: Counted, reason: str, n: int, counts: dict[str, Any], detail: dict[str, Any]) -> CannotSay:
    return CannotSay(
        reason, row="S6", about=stream.about, quantity=QUANTITY, n=n, method=METHOD, detail=detail, **counts
    )


def _compared(seen: Watched, week: int) -> tuple[tuple[float, float], tuple[float, float], float]:
    """Slips and exposure from a week on, and before it, and the dispersion."""
    day = week * WEEK
    x, e = seen.stream.counts, seen.stream.exposure
    noise = float(dispersion(seen.weeks.parts, np.array([seen.last // WEEK]))[0, week])
    return (float(x[day:].sum()), float(e[day:].sum())), (float(x[:day].sum()), float(e[:day].sum())), noise


def _ratio(seen: Watched, week: int) -> tuple[float, float, float]:
    """How many times as often since a week, with its interval; counts weigh less as they are more dispersed."""
    (n, e), (before, base), noise = _compared(seen, week)
    low, high = ratio_interval((n / noise, e), (before / noise, base), LEVEL)
    return (n / e) / (before / base) if before else math.inf, low, high


def _changed(timeline: Timeline, seen: Watched, n: int, way: str) -> Finding:
    week, first, last = since_week(seen, fewer() if way == "fewer" else RATIOS)
    ratio, low, high = _ratio(seen, week)
    ends = [_ratio(seen, one)[1:] for one in sorted({first, last} - {week})]
    low, high = min([low, *(one[0] for one in ends)]), max([high, *(one[1] for one in ends)])
    (after, e), (before, base), noise = _compared(seen, week)
    stream = seen.stream
    since = timeline.instant(stream.starts(week * WEEK) + 1e-6).day_in_words
    claim = (
        f"{_named(stream)} came {times_as_often(ratio)} since about {since} "
        f"as before: {_counts(after, e, stream)}, against {_counts(before, base, stream)}."
    )
    detail = {
        "since": date_of(timeline, stream, week * WEEK),
        "since_between": [date_of(timeline, stream, one * WEEK) for one in (first, last)],
        "dispersion": noise,
        **_compared_detail(seen, week),
    }
    detail = detail_of(timeline, seen, {"alarm": way == "more", "direction": way, **detail})
    return _finding(timeline, seen, status="found", claim=claim, ratio=(ratio, low, high), n=n, detail=detail)


def _lately(stream: Counted) -> int:
    """The week from which on the last quarter of what was recorded lies, four weeks at least."""
    recorded = np.cumsum(stream.exposure)
    day = int(np.searchsorted(recorded, (1.0 - LATELY) * recorded[-1]))
    known = np.flatnonzero(stream.exposure > 0.0)
    return max(min(day, int(known[-28])) // WEEK, 1)


def _unchanged(timeline: Timeline, seen: Watched, n: int) -> Answer:
    stream, week = seen.stream, _lately(seen.stream)
    (after, e), (before, base), noise = _compared(seen, week)
    ratio, low, high = _ratio(seen, week) if base > 0.0 else (math.inf, 0.0, math.inf)
    detail = detail_of(timeline, seen, {"direction": "none", "dispersion": noise, **_compared_detail(seen, week)})
    if not high < math.exp(MATERIAL):
        sd = math.sqrt(noise * (1.0 / max(after, 0.5) + 1.0 / max(before, 0.5)))
        counts = judge.counted(n, judge.count_needed(max(n, 1), sd, MATERIAL), "times")
        counts["would_change"] = "more weeks recorded in the same way"
        rising = math.isfinite(ratio) and low > 1.0
        reason = (
            "lately it looks more frequent, but not yet surely enough to rule out chance, looked at again and again"
            if rising
            else "a doubling can neither be seen nor ruled out"
        )
        return _refusal(stream, reason, n, counts, detail)
    since = timeline.instant(stream.starts(week * WEEK) + 1e-6).day_in_words
    claim = (
        f"{_named(stream)} {'are' if stream.about == TOGETHER else 'is'} not twice as frequent as before: "
        f"since {since} {_counts(after, e, stream)}, against {_counts(before, base, stream)}."
    )
    return _finding(timeline, seen, status="not_found", claim=claim, ratio=(ratio, low, high), n=n, detail=detail)


def _finding(
    timeline: Timeline,
    seen: Watched,
    *,
    status: str,
    claim: str,
    ratio: tuple[float, float, float],
    n: int,
    detail: dict[str, Any],
) -> Finding:
    stream = seen.stream
    return Finding(
        row="S6",
        about=stream.about,
        status=status,
        claim=if_all_noted(claim, known=stream.logged),
        quantity=QUANTITY,
        estimate=ratio[0],
        interval=Interval(ratio[1], ratio[2], LEVEL),
        unit="times as often",
        n=n,
        method=METHOD,
        evidence=(place_of(timeline), f"{n} in {amount(float(stream.exposure.sum()))} {stream.unit}"),
        assumptions=_assumptions(timeline, stream, detail["alarm"]),
        would_change="more weeks recorded in the same way, days without a slip included",
        detail=detail,
    )


def _assumptions(timeline: Timeline, stream: Counted, alarm: bool) -> tuple[str, ...]:
    recording = (
        "recording intensity is as logged"
        if stream.logged
        else "how fully slips were written down was not logged: it is taken as the same all along, from the day after "
        "the first one"
    )
    told = ["compared with this person's own past only", recording]
    if stream.within:
        elsewhere = f"; {stream.elsewhere} outside of them are not counted" if stream.elsewhere else ""
        told.append(f"held against {stream.unit}{elsewhere}")
    told.append(
        share_in_words(SLIPS_MONTHS)
        if alarm
        else "only a rise is an alarm; a fall, or no change, uses none of the budget"
    )
    return (*told, *uncounted(timeline))


def _compared_detail(seen: Watched, week: int) -> dict[str, Any]:
    (after, e), (before, base), _ = _compared(seen, week)
    return {
        "count_lately": int(after),
        "exposure_lately": e,
        "count_before": int(before),
        "exposure_before": base,
    }


def _named(stream: Counted) -> str:
    return stream.about.capitalize() if stream.about in (TOGETHER, HARM) else f"“{stream.about}”"


def _counts(count: float, exposure: float, stream: Counted) -> str:
    return f"{count:.0f} in {amount(exposure)} {stream.unit}"
