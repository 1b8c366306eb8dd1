"""Harm to others (S6): a criterion of its own, counted apart from other slips and never a part of strain."""

from __future__ import annotations

from typing import Any

import numpy as np

from mainstay.notice.budget import SLIPS_MONTHS, share_in_words
from mainstay.notice.slips_counts import HARM, Counted
from mainstay.notice.slips_seen import Watched, amount, detail_of, since_week
from mainstay.notice.slips_watch import BAR, RATIOS, WEEK
from mainstay.numerics.exact_rates import poisson_interval
from mainstay.quantities import DAYS_PER_MONTH, Answer, CannotSay, Finding, Interval
from mainstay.records.logged import HARM as HARM_TAG
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import if_all_noted, place_of
from mainstay.timeline.kinds import Timeline

HARM_METHOD = "exact Poisson interval"


def _one_in(days: float) -> str:
    return f"one in {amount(days)} days"


def no_harm_answer(timeline: Timeline, stream: Counted) -> Answer:
    """Nothing noted among the slips on record: how seldom it then is at the least, exactly."""
    days = float(stream.exposure.sum()) if not stream.within else float(np.count_nonzero(stream.exposure))
    if not days > 0.0:
        return CannotSay("no days are on record yet", row="S6", about=HARM, quantity=HARM, method=HARM_METHOD)
    high = poisson_interval(0, days, LEVEL)[1]
    claim = (
        f"No harm to others was noted in {amount(days)} days recorded: at {50 + 50 * LEVEL:.0f} %, no more than "
        f"{_one_in(1.0 / high)}."
    )
    detail = {"alarm": False, "days_recorded": days, "harm_noted": 0}
    n = len(stream.times) + stream.elsewhere
    rests_on = f"{n} slips in {amount(days)} days recorded"
    return _harm_finding(
        timeline,
        stream.logged,
        "not_found",
        claim,
        a_day=(0.0, 0.0, high),
        n=n,
        rests_on=rests_on,
        detail=detail,
    )


def harm_answer(timeline: Timeline, seen: Watched) -> Answer:
    """What was noted: the rate with its exact interval; and whether it is more frequent than before."""
    stream = seen.stream
    n, days = len(stream.times), float(stream.exposure.sum())
    counts = int(stream.counts.sum())
    if not days > 0.0:
        reason = "harm to others was noted, but not long enough ago to tell how often"
        return CannotSay(reason, row="S6", about=HARM, quantity=HARM, n=n, method=HARM_METHOD)
    low, high = poisson_interval(counts, days, LEVEL)
    alarm = bool(seen.rise[-1] >= BAR)
    most = _one_in(1.0 / high)
    often = f"at {50 + 50 * LEVEL:.0f} %, no more than {most} since"
    if counts:
        often = f"about {_one_in(days / counts)}, at {100 * LEVEL:.0f} % between {_one_in(1.0 / low)} and {most}"
    claim = f"Harm to others was noted {_times(n)}: {often}."
    if alarm:
        since = timeline.instant(stream.starts(since_week(seen, RATIOS)[0] * WEEK) + 1e-6).day_in_words
        claim = f"{claim[:-1]}; more often than before since about {since}."
    detail = detail_of(timeline, seen, {"alarm": alarm, "days_recorded": days, "harm_noted": n})
    rests_on = f"{n} in {amount(days)} days recorded"
    return _harm_finding(
        timeline, stream.logged, "found", claim, a_day=(counts / days, low, high), n=n, rests_on=rests_on, detail=detail
    )


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _harm_finding(
    timeline: Timeline,
    logged: bool,
    status: str,
    claim: str,
    *,
    a_day: tuple[float, float, float],
    n: int,
    rests_on: str,
    detail: dict[str, Any],
) -> Finding:
    rate, low, high = (DAYS_PER_MONTH * one for one in a_day)
    return Finding(
        row="S6",
        about=HARM,
        status=status,
        claim=if_all_noted(claim, known=logged),
        quantity="harm to others noted",
        estimate=rate,
        interval=Interval(low, high, LEVEL),
        unit="times a month",
        n=n,
        method=HARM_METHOD,
        evidence=(place_of(timeline), rests_on),
        assumptions=(
            f"a slip counts as harm to others where it carries the tag “{HARM_TAG}”; it is counted apart, and is no "
            "part of strain",
            "recording intensity is as logged" if logged else "how fully slips were written down was not logged",
            share_in_words(SLIPS_MONTHS) if detail["alarm"] else "a count, not an alarm",
        ),
        would_change="any slip that did harm to others, tagged so",
        detail=detail,
    )
