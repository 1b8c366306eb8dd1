"""Worries that were written down (S1): how old each is, whether its review is due, its signs, what each course costs.

One answer for each open concern, by what was known at the timeline's date; none where nothing is written. The estimate
is the worry's age in days, which is exact: both ends of its interval are the age. What is uncertain stands apart and is
not mixed into one number: each sign has its own 90 % interval (`concern_looking`), and the losses of waiting, looking
and acting are bounds that follow from the stated ranges, not probability statements (`concern_losses`). No posterior
chance is given: nobody stated how likely the signs would be either way. A review that is due is a reminder; nothing
here is an alarm, and no false-alarm budget is used.

`detail`: `age_days`, `review` (ISO date), `review_overdue_days` (0 on its day, below 0 before it), `moved`, `by`,
`since`, `let_go_if`, `signs` (what, if_so, if_not, tied_to, expect, says, reason and their figures), `as_if_so`,
`as_if_not`, `cannot_say`, `to_judge` (counts of signs); where chances and harms were stated `likely`, `loss` (course:
[low, high] points), `least_course` (or None), `least_in_the_middle`, `could_be_least`, `depends_on`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

from mainstay.notice.concern_looking import LEVEL, Looked, looked
from mainstay.notice.concern_losses import Weighed, weighed
from mainstay.notice.series import Series, series_of
from mainstay.quantities import Answer, CannotSay, Finding, Instant, Interval
from mainstay.records.statements import Unread
from mainstay.records.statements_concern import COURSES, Concern, concerns_of
from mainstay.records.words import listed
from mainstay.timeline.kinds import Timeline

QUANTITY = "age of the worry"
METHOD = (
    "last word on each written concern; for signs tied to the records, after it was written against before: mean "
    "difference with weeks as clusters, or exact conditional ratio of rates; expected losses as bounds over the stated "
    "chances and harms"
)
COUNTS = ("no", "one", "two", "three", "four", "five")


def concern_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S1: one answer for each worry that is not let go, the oldest first; one that can't be read says why."""
    concerns, unread = concerns_of(timeline)
    open_ = [one for one in concerns if one.is_open]
    tied = any(sign.tied_to for one in open_ for sign in one.says.observable)
    series = series_of(timeline) if tied else ()
    return (*(_answer(timeline, one, series) for one in open_), *(_unreadable(one) for one in unread))


def _unreadable(unread: Unread) -> CannotSay:
    return CannotSay(
        f"a worry written {unread.written.day_in_words} can't be read: {unread.reason}",
        row="S1",
        quantity=QUANTITY,
        method=METHOD,
        would_change="the same worry written anew: mainstay log CASE concern",
    )


def _answer(timeline: Timeline, concern: Concern, series: tuple[Series, ...]) -> Finding:
    says = concern.says
    age = max(timeline.as_of.days_since(concern.begun), 0.0)
    begun = concern.begun.days_since(timeline.origin)
    until = begun if says.since is None else min(begun, _midnight(timeline, says.since))
    signs = [looked(sign, series, begun, until) for sign in says.observable]
    overdue = (timeline.as_of.as_local.date() - says.review).days
    costs = None if says.likely is None or says.harm is None else weighed(says.likely, says.harm)
    days = (timeline.as_of.as_local.date() - concern.begun.as_local.date()).days
    claim = f"{_age(concern, max(days, 0))}, and {_review(overdue, says.review)}{_signs(signs)}.{_costs(costs)}"
    return Finding(
        row="S1",
        about=says.name,
        status="found",
        claim=claim,
        quantity=QUANTITY,
        estimate=age,
        interval=Interval(age, age, LEVEL),
        unit="days",
        n=len(signs),
        method=METHOD,
        evidence=(concern.id, f"{len(signs)} signs written down"),
        assumptions=_assumptions(signs, costs),
        would_change=f"you let it go if: {says.let_go_if}",
        detail=_detail(concern, age, overdue, signs, costs),
    )


def _midnight(timeline: Timeline, day: date) -> float:
    """The beginning of a local day, in days since the origin."""
    return float((day - timeline.origin.as_local.date()).days)


def _age(concern: Concern, days: int) -> str:
    says = concern.says
    whose = f"{says.by}'s worry" if says.by else "The worry"
    written = "was written down today" if days == 0 else f"is {_days(days)} old"
    return f"{whose} “{says.name}” {written}"


def _days(days: int) -> str:
    return f"{days} day{'s' * (days != 1)}"


def _review(overdue: int, review: date) -> str:
    if overdue > 0:
        return f"its review has been due for {_days(overdue)}"
    if overdue == 0:
        return "its review is due today"
    day = Instant.of(datetime.combine(review, time(), UTC)).day_in_words
    return f"its review is in {_days(-overdue)}, on {day}"


def _signs(signs: list[Looked]) -> str:
    """How many signs look like what; nothing where none could be looked at."""
    so, not_so, open_ = (_count(signs, says) for says in ("as if it were so", "as if it were not", "cannot say"))
    judge = _count(signs, "for you to judge")
    if judge == len(signs):
        return ""
    whole = {so: "look as if it were so", not_so: "look as if it were not"}.get(len(signs))
    if whole:
        every = "both" if len(signs) == 2 else f"all {COUNTS[len(signs)]}"
        return f"; {every} of its signs {whole}"
    if open_ == len(signs):
        return "; none of its signs can be told yet"
    said = [f"{COUNTS[so]} look{'s' * (so == 1)} as if it were so"] if so else []
    look = "" if said else f" look{'s' * (not_so == 1)}"
    said += [f"{COUNTS[not_so]}{look} as if it were not"] if not_so else []
    said += [f"{COUNTS[open_]} can't be told yet"] if open_ else []
    said += [f"{COUNTS[judge]} {'is' if judge == 1 else 'are'} for you to judge"] if judge else []
    return f"; of its {COUNTS[len(signs)]} signs {listed(said)}"


def _count(signs: list[Looked], says: str) -> int:
    return sum(one.says == says for one in signs)


def _costs(costs: Weighed | None) -> str:
    """What each course costs on average, and which costs least; nothing where that was not stated."""
    if costs is None:
        return ""
    ranges = [f"{course} {_points(low, high)}" for course, (low, high) in costs.loss.items()]
    laid_out = f"By what you stated, in points: {', '.join(ranges)};"
    if costs.least is not None:
        return f" {laid_out} {costs.least} costs least whatever holds within that."
    if len(costs.turns) > 1:
        return f" {laid_out} which costs least depends on {_depends(costs)}."
    return f" {laid_out} in the middle of that {costs.middle} costs least, but it hinges on {_depends(costs)}."


def _points(low: float, high: float) -> str:
    ends = dict.fromkeys((f"{low:.0f}", f"{high:.0f}"))
    return " to ".join(ends)


def _depends(costs: Weighed) -> str:
    """What the choice turns on, in words: how likely the worry is, or one harm, or several of them together."""
    if len(costs.turns) > 1:
        parts = [f"below about {_percent(chance)} {course}" for course, chance in costs.turns[:-1]]
        return f"how likely it is: {', '.join(parts)}, above that {costs.turns[-1][0]}"
    if costs.hinges:
        course, side = costs.hinges[0]
        return f"how bad {course} would be {'if it is so' if side == 'if_so' else 'if it is not'}"
    return "several of those numbers together"


def _percent(chance: float) -> str:
    return f"{100.0 * chance:.0f} %"


def _assumptions(signs: list[Looked], costs: Weighed | None) -> tuple[str, ...]:
    said = []
    if any(one.figures for one in signs):
        said.append(
            "its signs were looked at because of the worry, each with a 90 % interval of its own: what they say is no "
            "alarm, and of several that mean nothing one may look like something"
        )
        said.append(
            "weeks that don't adjoin are independent, and what was written down since was written down as before"
        )
    if costs is not None:
        said.append(
            "losses are bounds: the chance and each harm may lie anywhere within what was stated, each harm for itself"
        )
    return tuple(said)


def _detail(concern: Concern, age: float, overdue: int, signs: list[Looked], costs: Weighed | None) -> dict[str, Any]:
    says = concern.says
    found: dict[str, Any] = {
        "age_days": age,
        "begun": str(concern.begun),
        "review": says.review.isoformat(),
        "review_overdue_days": overdue,
        "moved": says.moved,
        "by": says.by,
        "since": None if says.since is None else says.since.isoformat(),
        "let_go_if": says.let_go_if,
        "signs": [
            {
                "what": one.sign.what, "if_so": one.sign.if_so, "if_not": one.sign.if_not,
                "tied_to": one.sign.tied_to, "expect": one.sign.expect, "says": one.says, "reason": one.reason,
                **one.figures,
            }
            for one in signs
        ],
        "as_if_so": _count(signs, "as if it were so"),
        "as_if_not": _count(signs, "as if it were not"),
        "cannot_say": _count(signs, "cannot say"),
        "to_judge": _count(signs, "for you to judge"),
    }  # fmt: skip
    if costs is not None:
        assert says.likely is not None
        found |= {
            "likely": list(says.likely),
            "loss": {course: list(costs.loss[course]) for course in COURSES},
            "least_course": costs.least,
            "least_in_the_middle": costs.middle,
            "could_be_least": list(costs.could),
            "depends_on": None if costs.least else _depends(costs),
        }
    return found
