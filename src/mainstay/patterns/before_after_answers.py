"""Before and after, in words: what came with what, and never why."""

from __future__ import annotations

from mainstay.patterns.before_after import FALSE_DISCOVERIES, Association, associations
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

METHOD = (
    "each moment beside the same hour of the same weekday in the other weeks of its block of about six; "
    "chance by dealing the weeks of a block out anew; false discoveries held at a tenth (Benjamini and Hochberg 1995)"
)
ASSUMPTIONS = (
    "that one comes after the other does not make it the cause: something else may bring both",
    "what was not recorded on a day that was recorded otherwise counts as not having happened",
)
WOULD_CHANGE = "more weeks on record, or a planned change of the one while the other is recorded"


def association_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """One answer for each pair that stands out, then one for all others; each says how many were tried."""
    pairs = associations(timeline)
    if not pairs:
        return ()
    tried = pairs[0].tried
    if not tried:
        return (
            CannotSay(
                "too little is on record to compare the time around anything with other weeks: " + pairs[0].reason,
                about="before and after",
                quantity="pairs tried",
                method=METHOD,
                would_change=WOULD_CHANGE,
            ),
        )
    told = [one for one in pairs if one.status == "found"]
    return (*(_found(timeline, one, told) for one in told), _rest(pairs, tried, len(told)))


def _found(timeline: Timeline, one: Association, told: list[Association]) -> Finding:
    assert one.estimate is not None
    assert one.interval is not None
    is_ratio = one.kind == "events"
    return Finding(
        row="",
        about=f"{one.first} then {one.second}" if one.windows != "before" else f"{one.second} before {one.first}",
        status="found",
        claim=f"{claim(one)}{_already(one, told)}",
        quantity="relative incidence" if is_ratio else "mean difference of readings",
        estimate=one.estimate,
        interval=one.interval,
        unit="times as often" if is_ratio else "points",
        n=one.n,
        method=METHOD,
        evidence=(place_of(timeline), f"{one.n:,} records, one of {len(told)} that stand out among {one.tried} tried"),
        assumptions=ASSUMPTIONS,
        detail={
            "windows": one.windows,
            "within_hours": one.within_hours,
            "p": one.p,
            "q": one.q,
            "tried": one.tried,
            "false_discovery_rate": FALSE_DISCOVERIES,
        },
    )


def claim(one: Association) -> str:
    """What was seen, without how many pairs were tried: "After A, B came 2.1 times as often within a day"."""
    assert one.estimate is not None
    span = "a day" if one.within_hours == 24.0 else f"{one.within_hours:g} hours"
    if one.kind == "events":
        when = f"within {span}" if one.windows == "after" else "on the next day"
        return f"After “{one.first}”, “{one.second}” came {one.estimate:.2g} times as often {when} as in other weeks"
    way = "higher" if one.estimate > 0.0 else "lower"
    stood = f"“{one.second}” stood {abs(one.estimate):.2g} points {way}"
    return f"Within {span} {one.windows} “{one.first}”, {stood} than from a like level in other weeks"


def _already(one: Association, told: list[Association]) -> str:
    """What keeps "after" from sounding like more than it is: it was already so before."""
    if one.kind != "rating" or one.windows != "after":
        return ""
    before = [
        other for other in told if (other.first, other.second, other.windows) == (one.first, one.second, "before")
    ]
    if before and (before[0].estimate or 0.0) * (one.estimate or 0.0) > 0.0:
        return ", and it stood so before already"
    return ""


def _rest(pairs: tuple[Association, ...], tried: int, told: int) -> Finding:
    others, thin = tried - told, len(pairs) - tried
    claim = f"{others} of {tried} pairs tried show nothing beyond chance, or too little to tell"
    left = f"; {thin} more are too seldom on record to be tried" if thin else ""
    return Finding(
        row="",
        about="before and after",
        status="not_found",
        claim=claim + left,
        quantity="pairs that do not stand out",
        estimate=float(others),
        interval=Interval(float(others), float(others)),
        unit="pairs",
        n=tried,
        method=METHOD,
        assumptions=ASSUMPTIONS,
        would_change=WOULD_CHANGE,
        detail={"tried": tried, "not_tried": thin, "false_discovery_rate": FALSE_DISCOVERIES},
    )
