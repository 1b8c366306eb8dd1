"""Has anything lastingly changed (S3): level, spread or rate, in any stream, against the person's own past, as answers.

One watch over all streams (`change_watch`), one budget over all of them. Streams that alarm together are one alert with
one sentence. An alert stands until another alarm about the same streams takes its place, or their difference is gone.
The claim says what changed and since when, never why.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.notice.budget import CHANGE_MONTHS, share_in_words
from mainstay.notice.change_classic import charts
from mainstay.notice.change_reach import Reach, days_until_judged, reach_of
from mainstay.notice.change_sizes import Size, size_of
from mainstay.notice.change_watch import Alarm, Watched, What, watched
from mainstay.notice.change_words import claim, date_of, day_in_words, in_a_row, moved
from mainstay.notice.series import Series, mostly_one_answer, series_of
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.words import counted
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Timeline

METHOD = (
    "Shiryaev-Roberts e-detector on one-step predictions by a mixture of Ornstein-Uhlenbeck processes, all streams "
    "together"
)
QUANTITY = {"level": "lasting change of level", "spread": "lasting change of spread", "rate": "lasting change of rate"}
TOO_LARGE_SD, TOO_LARGE_RATIO = 2.0, 5.0
"""Where only a change beyond these would be seen by now, that nothing was seen says nothing."""
SET_BY_HAND = 0.9
OTHERS_LEAST = 0.25
"""What moved with it moved by so many standard deviations of its own, or so much in the logarithm of its ratio."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stream's part in an alert: what moved, how far, and the share of the sum it carried (0: it moved with it)."""

    stream: int
    what: What
    size: Size
    share: float


@dataclass(frozen=True, slots=True)
class Alert:
    """Streams that alarmed together: the alarm's local day, when it began and between which days, the parts' sizes."""

    day: int
    began: float
    earliest: float
    latest: float
    parts: tuple[Part, ...]
    stands: bool


def change_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S3: one finding for each alert that stands, newest first; else that nothing changed, or that it is too early."""
    every = tuple(one for one in series_of(timeline) if len(one.times))
    series = tuple(one for one in every if not is_set_by_hand(one) and not _moves_in_bursts(one))
    if not series:
        return (
            _too_early(
                "there is nothing to watch: no signal or event, and no rating whose answers differ often enough"
            ),
        )
    found = watched(timeline, series)
    alerts = _alerts(timeline, series, found)
    detail = _detail(timeline, series, found, alerts)
    detail["not_watched"] = [one.name for one in every if one not in series]
    standing = [one for one in alerts if one.stands]
    if standing:
        return tuple(_finding(timeline, series, one, detail) for one in reversed(standing))
    return (_nothing(timeline, series, found, detail),)


def _moves_in_bursts(one: Series) -> bool:
    """A rating that mostly gets the same answer: its rare departures would pass for changes."""
    return one.kind == "rating" and mostly_one_answer(one.values)


def is_set_by_hand(one: Series) -> bool:
    """A signal that nearly always stays as it was, such as a dose: its steps are somebody's doing, and known."""
    if one.kind != "signal" or len(one.values) < 2:
        return False
    return float(np.mean(np.diff(one.values) == 0.0)) >= SET_BY_HAND


def _alerts(timeline: Timeline, series: Sequence[Series], found: Watched) -> list[Alert]:
    return [_alert(timeline, series, found.alarms, k, len(found.sums)) for k in range(len(found.alarms))]


def _touched(alarm: Alarm, series: Sequence[Series]) -> set[tuple[int, What]]:
    """Streams an alarm was about; what the items have in common is about each item."""
    touched: set[tuple[int, What]] = set()
    for move in alarm.moves:
        if move.stream < len(series):
            touched.add((move.stream, move.what))
        else:
            touched |= {(s, "level") for s, one in enumerate(series) if one.kind == "rating"}
    return touched


def _alert(timeline: Timeline, series: Sequence[Series], alarms: Sequence[Alarm], k: int, days: int) -> Alert:
    before, alarm, later = alarms[:k], alarms[k], alarms[k + 1 :]
    first = alarm.moves[0]
    parts = []
    for stream, what in sorted(_touched(alarm, series)):
        moves = [one for one in alarm.moves if (one.stream, one.what) == (stream, what)]
        own = moves[0] if moves else first
        start = max((one.moves[0].began for one in before if (stream, what) in _touched(one, series)), default=0.0)
        end = min((one.moves[0].began for one in later if (stream, what) in _touched(one, series)), default=days)
        size = size_of(timeline, series[stream], what, start=start, began=own.began, end=max(end, alarm.day + 1.0))
        if size is not None and (moves or (size.is_a_change(what) and abs(size.own_sd) >= OTHERS_LEAST)):
            parts.append(Part(stream, what, size, sum(one.share for one in moves)))
    parts.sort(key=lambda part: (-round(part.share, 3), -abs(part.size.own_sd)))
    superseded = set().union(*(_touched(one, series) for one in later)) if later else set()
    stands = any((part.stream, part.what) not in superseded and part.size.is_a_change(part.what) for part in parts)
    return Alert(alarm.day, first.began, first.earliest, first.latest, tuple(parts), stands)


def _finding(timeline: Timeline, series: Sequence[Series], alert: Alert, detail: dict[str, Any]) -> Finding:
    lead = alert.parts[0]
    one, size = series[lead.stream], lead.size
    others = [series[part.stream].name for part in alert.parts[1:] if part.stream != lead.stream]
    said = moved(one, lead.what, size) + WAY_IN_WORDS[_way(one, lead)]
    unlogged = all(_is_unlogged(timeline, series[part.stream]) for part in alert.parts)
    ways = {_way(series[part.stream], part) for part in alert.parts}
    unit = one.unit if lead.what == "level" else "times as large" if lead.what == "spread" else "times as often"
    return Finding(
        row="S3",
        about=one.name,
        status="found",
        claim=claim(timeline, alert.began, said, list(dict.fromkeys(others))),
        quantity=QUANTITY[lead.what],
        estimate=size.estimate,
        interval=Interval(size.low, size.high, LEVEL),
        unit=unit,
        n=size.n,
        method=METHOD,
        evidence=(
            place_of(timeline),
            f"{size.days[0]} days before it and {size.days[1]} since; it began between "
            f"{day_in_words(timeline, alert.earliest)} and {day_in_words(timeline, alert.latest)}, and was noticed on "
            f"{day_in_words(timeline, alert.day)}",
        ),
        assumptions=_assumptions(timeline, [series[part.stream] for part in alert.parts]),
        would_change="the same difference no longer there, or another change, in what is recorded from here on",
        detail={**detail, "this": _told(timeline, series, alert), "better": ways == {-1}, "unlogged": unlogged},
    )


def _way(one: Series, part: Part) -> int:
    """+1 for the worse, -1 for the better; 0 where neither the person nor the scale says which direction is worse."""
    if one.worse == 0 or part.what == "spread":
        return 0
    return 1 if (part.size.own_sd > 0.0) == (one.worse > 0) else -1


WAY_IN_WORDS = {1: ", a change for the worse", 0: "", -1: ", a change for the better"}


def _is_unlogged(timeline: Timeline, one: Series) -> bool:
    """A count without a log of how fully it was recorded: more of it may be more of it written down."""
    return one.kind == "count" and not (timeline.recording.get(one.name) or timeline.recording.get(""))


def _assumptions(timeline: Timeline, series: Sequence[Series]) -> tuple[str, ...]:
    said = [
        "what changed and when is read from the records alone: it says nothing about why",
        "ups and downs with half-lives up to about five days, hours, weekdays and missing prompts count as no change; "
        "holidays, longer moods and large seasons do",
        "an alarm comes when a change looks largest: the size may turn out somewhat smaller",
        share_in_words(CHANGE_MONTHS),
    ]
    if any(_is_unlogged(timeline, one) for one in series):
        said.insert(0, "as much of it was written down as before: how much was recorded is not logged")
    return tuple(said)


def _nothing(timeline: Timeline, series: Sequence[Series], found: Watched, detail: dict[str, Any]) -> Answer:
    reaches = [one for one in (reach_of(found, series, s) for s in range(len(series))) if one is not None]
    if not reaches:
        have, need = days_until_judged(found, series)
        if not math.isfinite(need):
            return _too_early("nothing has been recorded for long enough, or lately, to be watched", detail=detail)
        more = max(round(need - have), 1)
        return _too_early(
            f"it is too early to tell a change from what is usual: about {more} more days at this pace",
            have=round(have),
            need=round(have) + more,
            unit="days",
            would_change="more days recorded in the same way",
            detail=detail,
        )
    readings = sorted((one for one in reaches if one.kind != "count"), key=lambda one: one.change)
    rates = sorted((one for one in reaches if one.kind == "count"), key=lambda one: one.change)
    told = _reach_in_words(series, readings, rates)
    if not told:
        return _too_early(
            "nothing stands out, but only a very large change would have been seen by now",
            would_change="more days recorded in the same way",
            detail=detail,
        )
    chosen = readings if readings and readings[0].change <= TOO_LARGE_SD else rates
    days = chosen[0].days
    values = [one.change if chosen is readings else math.exp(one.change) for one in chosen]
    return Finding(
        row="S3",
        about=chosen[0].name if len(reaches) == 1 else "everything watched",
        status="not_found",
        claim=f"No step or shift that lasts is seen: {told} would have been noticed within {days} "
        "days in four of five such records.",
        quantity=f"least lasting change of the easiest stream seen in four of five such records within {days} days",
        estimate=values[0],
        interval=Interval(values[0], values[0], LEVEL),
        unit="standard deviations of its own readings" if chosen is readings else "times as often",
        n=int(sum(len(one.times) for one in series)),
        method=METHOD,
        evidence=(place_of(timeline), counted(len(reaches), "stream")),
        assumptions=_assumptions(timeline, series),
        would_change="a change that lasts; smaller ones take longer to show",
        detail={
            **detail,
            "reach": [{"name": one.name, "kind": one.kind, "change": one.change, "days": one.days} for one in reaches],
        },
    )


def _reach_in_words(series: Sequence[Series], readings: Sequence[Reach], rates: Sequence[Reach]) -> str:
    words = []
    if readings and readings[0].change <= TOO_LARGE_SD:
        best = readings[0]
        unit = next(one.unit for one in series if one.name == best.name and one.kind == best.kind)
        words.append(f"a shift of “{best.name}” by about {number(best.in_units)} {unit}")
    if rates and rates[0].change <= math.log(TOO_LARGE_RATIO):
        words.append(f"“{rates[0].name}” about {number(math.exp(rates[0].change))} times as often")
    return ", or ".join(words)


def _too_early(reason: str, **more: Any) -> CannotSay:
    return CannotSay(reason, row="S3", about="everything watched", quantity="lasting change", method=METHOD, **more)


def _told(timeline: Timeline, series: Sequence[Series], alert: Alert) -> dict[str, Any]:
    return {
        "noticed": date_of(timeline, alert.day),
        "began": date_of(timeline, alert.began),
        "days_since": max(timeline.days - alert.day, 0.0),
        "began_earliest": date_of(timeline, alert.earliest),
        "began_latest": date_of(timeline, alert.latest),
        "stands": alert.stands,
        "streams": [
            {
                "name": series[part.stream].name,
                "what": part.what,
                "estimate": part.size.estimate,
                "low": part.size.low,
                "high": part.size.high,
                "unit": series[part.stream].unit if part.what == "level" else "times",
                "own_sd": part.size.own_sd,
                "before": part.size.before,
                "after": part.size.after,
                "share_of_the_evidence": part.share,
            }
            for part in alert.parts
        ],
    }


def _detail(timeline: Timeline, series: Sequence[Series], found: Watched, alerts: Sequence[Alert]) -> dict[str, Any]:
    columns = [c for c in range(len(series)) if np.isfinite(found.scores[:, c]).any()]
    classic = charts(found.scores, columns, found.threshold)
    days = np.flatnonzero(found.sums > 0.0)
    return {
        "months_per_false_alarm": CHANGE_MONTHS,
        "threshold": found.threshold,
        "evidence": [[date_of(timeline, float(day)), round(float(found.sums[day]), 3)] for day in days],
        "alerts": [_told(timeline, series, one) for one in alerts],
        "streams": [one.name for one in series],
        "classic": {
            name: [{"name": series[one.column].name, "day": date_of(timeline, one.day), "up": one.up} for one in some]
            for name, some in classic.items()
        },
        "classic_streams": in_a_row([series[c].name for c in columns]) if columns else "",
    }
