"""The first leaning beside what came out (S20), and how leanings fared over several decisions: told, not judged.

Whether a leaning is the same as what is recommended is a fact: its estimate is 1 or 0 and its interval has no width.
Over several decisions it is a share, with an interval (Jeffreys) that holds if the next decision is like those before.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mainstay.numerics.exact_rates import beta_quantile
from mainstay.options.leaning import NO_CHANGES, Changes, Shown, Standing, changes_since, first_leaning, standings
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements import HasStatements
from mainstay.records.statements_decision import Decision, decisions_of
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_option import NOTHING, options_of
from mainstay.records.words import quoted
from mainstay.strain.judge import LEVEL
from mainstay.timeline.kinds import Timeline

ROW, ABOUT = "S20", "first leaning"
QUANTITY, FARED = "first leaning and what is recommended", "first leanings and what was decided"
METHOD = "the sealed text and date of the leaning against the option that comes out as recommended"
WAITS = "the options, once they are shown: mainstay options CASE"
TOO_LATE = "next time, a leaning written before the options are looked at: mainstay log CASE leaning"
FEWEST_DECISIONS = 5
"""Below that many decisions with a sealed leaning, how leanings fare is chance."""


@dataclass(frozen=True, slots=True)
class Settled:
    """A round that was decided: its leaning as sealed, and the decision."""

    shown: Shown
    standing: Standing
    decision: Decision


def leaning_answers(
    timeline: Timeline, rounds: Sequence[Shown], shown: Shown | None, recommended: Sequence[str]
) -> tuple[Answer, ...]:
    """S20: the leaning of the round that is open against what is recommended, what was changed since, how others fared.

    `shown`: the first showing of the options on the timeline (`leaning.first_shown`); without one nothing is told of
    them. `recommended`: the names of the options that come out as recommended now.
    """
    told: list[Answer] = []
    if shown is not None:
        # a replay of an earlier day holds the options as they were before
        changes = NO_CHANGES if timeline.as_of < shown.at else changes_since(timeline, shown)
        standing = first_leaning(timeline, rounds, shown)
        if standing is not None:
            known = [*(one.name for one in options_of(timeline)[0]), *shown.names]
            told.append(compared(standing, recommended, changes, known))
        if changes.any:
            told.append(_changed(shown, changes))
    fared = how_they_fared(timeline, rounds)
    return (*told, *(() if fared is None else (fared,)))


def not_shown_by_then(
    timeline: Timeline, rounds: Sequence[Shown], shown: Shown | None, recommended: Sequence[str]
) -> tuple[Answer, ...]:
    """`leaning_answers` of a replay: a showing later than its date had not been; the last leaning waited for it."""
    before = tuple(one for one in rounds if one.at <= timeline.as_of)
    if shown in before:
        return leaning_answers(timeline, before, shown, recommended)
    waiting = [one for one in standings(timeline, before) if one.how == "not shown yet"]
    told = (_waited(waiting[-1], recommended),) if waiting else ()
    return (*told, *leaning_answers(timeline, before, None, recommended))


def _waited(standing: Standing, recommended: Sequence[str]) -> Answer:
    """A leaning that waited for the options to be shown."""
    reason, leaning = "the options had not been shown yet", standing.leaning
    claim = f"The leaning towards “{leaning.says.option}” was written on {leaning.written.day_in_words}; {reason}."
    return replace(compared(standing, recommended), reason=reason, claim=claim)


def recommended_in(answers: Sequence[Answer]) -> tuple[str, ...]:
    """The names of the options that answers of S20 recommend."""
    return tuple(one.about for one in answers if one.row == ROW and one.status == "recommended")


def compared(
    standing: Standing, recommended: Sequence[str], changes: Changes = NO_CHANGES, known: Sequence[str] | None = None
) -> Answer:
    """The first leaning and what comes out as recommended: the same or another. What is no first leaning says so.

    `known`: the names of all options on record, where they are to be checked: a leaning towards another is refused.
    """
    leaning = standing.leaning
    option = leaning.says.option
    detail = {
        "leaning": option,
        "why": leaning.says.why,
        "sure": None if leaning.says.sure is None else list(leaning.says.sure),
        "how": standing.how,
        "written": str(leaning.written),
        "shown": None if standing.shown is None else str(standing.shown.at),
        "recommended": list(recommended),
        "changed": list(changes.changed),
    }
    if known is not None and not any(folded(one) == folded(option) for one in (*known, NOTHING)):
        return CannotSay(
            f"the leaning is towards “{option}”, and no option of that name is on record",
            row=ROW,
            about=ABOUT,
            quantity=QUANTITY,
            n=1,
            method=METHOD,
            would_change="that option written down: mainstay log CASE option; or a leaning towards one that is",
            detail=detail,
        )
    if standing.how != "sealed":
        return CannotSay(
            f"the leaning towards “{option}” was {standing.said}"
            if standing.how in ("afterwards", "not shown yet")
            else f"the leaning towards “{option}” is {standing.said}",
            row=ROW,
            about=ABOUT,
            quantity=QUANTITY,
            n=1,
            method=METHOD,
            would_change=WAITS if standing.how == "not shown yet" else TOO_LATE,
            detail=detail,
        )
    same = any(folded(one) == folded(option) for one in recommended)
    claim = f"The leaning, {standing.said}, was “{option}”; {_outcome(recommended, same=same)}."
    if any(folded(one) == folded(option) for one in changes.changed):
        claim = f"{claim[:-1]}, though its text was changed since."
    return Finding(
        row=ROW,
        about=ABOUT,
        status="found",
        claim=claim,
        quantity=QUANTITY,
        estimate=float(same),
        interval=Interval(float(same), float(same), LEVEL),
        unit="1 if the same",
        n=1,
        method=METHOD,
        evidence=(leaning.id, "the leaning as it was sealed"),
        assumptions=("a leaning that is the same proves neither right, and one that is another neither wrong",),
        detail=detail,
    )


def _outcome(recommended: Sequence[str], *, same: bool) -> str:
    if not recommended:
        return "nothing comes out as recommended now"
    if not same:
        return f"what comes out now is {quoted(recommended, 'or')}"
    others = len(recommended) - 1
    beside = "" if not others else f", beside {'another' if others == 1 else f'{others} others'}"
    return f"the same comes out now{beside}"


def _changed(shown: Shown, changes: Changes) -> Finding:
    """What was changed in the options after they were first shown; told, as it may follow what was seen."""
    parts = []
    if changes.changed:
        parts.append(f"the text of {quoted(changes.changed)} was changed")
    if changes.added:
        parts.append(f"{quoted(changes.added)} {'was' if len(changes.added) == 1 else 'were'} added")
    if changes.gone:
        parts.append(f"{quoted(changes.gone)} {'was' if len(changes.gone) == 1 else 'were'} set aside")
    many = float(len(changes.changed) + len(changes.added) + len(changes.gone))
    return Finding(
        row=ROW,
        about="options as first shown",
        status="found",
        claim=f"Since the options were first shown on {shown.at.day_in_words}, {', and '.join(parts)}.",
        quantity="options changed since they were first shown",
        estimate=many,
        interval=Interval(many, many, LEVEL),
        unit="options",
        n=len(shown.names),
        method="digests of the options' texts as first shown, against those of now",
        evidence=(str(shown.at), "the options as they were first shown"),
        detail={"changed": list(changes.changed), "added": list(changes.added), "gone": list(changes.gone)},
    )


def settled(timeline: HasStatements, rounds: Sequence[Shown]) -> tuple[Settled, ...]:
    """The rounds that were decided and had a sealed leaning, oldest first."""
    decisions = decisions_of(timeline)[0]
    found = []
    for shown in rounds:
        until = next((one.at for one in rounds if one.round == shown.round + 1), None)
        after = [one for one in decisions if one.written > shown.at and (until is None or one.written <= until)]
        standing = first_leaning(timeline, rounds, shown)
        if after and standing is not None and standing.how == "sealed":
            found.append(Settled(shown, standing, after[0]))
    return tuple(found)


def how_they_fared(timeline: HasStatements, rounds: Sequence[Shown]) -> Answer | None:
    """Over several decisions: how often the leaning was decided for, and how often it was what was recommended.

    None where fewer than two were decided; refuses below five.
    """
    found = settled(timeline, rounds)
    if len(found) < 2:
        return None
    known = [one for one in found if one.shown.best is not None]
    decided = sum(_same(one.standing, (one.decision.says.option,)) for one in found)
    recommended = sum(_same(one.standing, one.shown.best or ()) for one in known)
    detail = {
        "decisions": len(found),
        "decided": decided,
        "recommended": recommended,
        "recommended_of": len(known),
        "each": [
            {
                "shown": str(one.shown.at),
                "leaning": one.standing.leaning.says.option,
                "recommended": None if one.shown.best is None else list(one.shown.best),
                "decided": one.decision.says.option,
            }
            for one in found
        ],
    }
    if len(found) < FEWEST_DECISIONS:
        return CannotSay(
            "how first leanings fare can't be told from so few decisions",
            have=len(found),
            need=FEWEST_DECISIONS,
            unit="decisions with a leaning sealed before",
            row=ROW,
            about=ABOUT,
            quantity=FARED,
            n=len(found),
            method=METHOD,
            detail=detail,
        )
    n, tail = len(found), (1.0 - LEVEL) / 2.0
    low = beta_quantile(tail, decided + 0.5, n - decided + 0.5) if decided else 0.0
    high = beta_quantile(1.0 - tail, decided + 0.5, n - decided + 0.5) if decided < n else 1.0
    also = f", and {_of(recommended, len(known))} it was what came out as recommended" if known else ""
    return Finding(
        row=ROW,
        about=ABOUT,
        status="found",
        claim=f"Of {n} decisions with a leaning sealed before, {decided} went the way of the leaning{also}.",
        quantity=FARED,
        estimate=decided / n,
        interval=Interval(low, high, LEVEL),
        unit="of the decisions",
        n=n,
        method="share of the decisions, with its Jeffreys interval",
        evidence=(found[-1].decision.id, f"{n} decisions with a leaning sealed before"),
        assumptions=("decisions to come are like those before",),
        would_change="more decisions with a leaning sealed before",
        detail=detail,
    )


def _of(count: int, whole: int) -> str:
    return f"in {count} of {whole}"


def _same(standing: Standing, options: Sequence[str]) -> bool:
    return any(folded(one) == folded(standing.leaning.says.option) for one in options)
