"""Out of character (S5): reactions unlike what was expected, and those that came out the other way.

It is said that a reaction was unlike, how far off and how seldom that is. Never why: what it means is another question,
with other evidence. A single reaction is only ever "unlike" or "as" before, and is no alarm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.notice.expectation import FEWEST, WIDTH, Scored, foreseen, items_named, scored
from mainstay.notice.reactions_learned import (
    FEWEST_REACTIONS,
    MOST_ITEMS,
    Learned,
    chosen_items,
    learned,
    usual_changes,
)
from mainstay.notice.reactions_like import FEWEST_PAIRS, LONGEST_HOURS
from mainstay.numerics.ou_fit import student_quantile
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements import afterwards_of, expectations_of, unread_of
from mainstay.records.words import quoted
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import number, place_of
from mainstay.timeline.kinds import Floats, Timeline

CHANCE_OF_ANY = 0.025
"""Of records without anything out of character, at most so many show one: of each of the two kinds."""
MOST_TOLD = 3
"""So many of each kind are told one by one, the latest; all stand in the detail."""
MOST_LISTED = 500
HARDLY = 0.05
TAIL = 0.5 * (1.0 - LEVEL)
FORESEEN, USUAL = "reactions foreseen", "reactions as usual"
QUANTITY = "reaction, against what was expected"
SDS = "usual swings"
"""The person's own standard deviations, as people are asked for them."""
FORESEEN_METHOD = "predictive surprise under the written expectation, t predictive; Benjamini and Hochberg over all"
USUAL_METHOD = (
    "predictive surprise against earlier reactions to the cue in the role, beyond like moments; "
    "Benjamini and Hochberg over all"
)


@dataclass(frozen=True, slots=True)
class Told:
    """One reaction as it is told: `low`, `middle`, `high` expected, `observed`; `chance` None where it is not scored.

    Without a written expectation all of these are beyond what a `like` moment without the cue comes to. `said`: what is
    told to have been expected, as written or as learned.
    """

    time: float
    cue: str
    role: str
    item: str
    low: float
    middle: float
    high: float
    observed: float
    said: float
    like: float
    unit: str
    chance: float | None
    other_way: bool
    unlike: bool = False


def reaction_answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S5: reactions unlike what was expected of them, written before or learned from this person's own past.

    One answer for each kind of expectation, or, where some came out unlike, one for each of the latest of these. The
    bar is set for as many reactions as were scored (Benjamini and Hochberg 1995): of records in which nothing is out of
    character at most 5 % show any. Refuses fewer than three earlier foreseen reactions, and five to a cue in a role.
    """
    chosen = chosen_items(timeline)
    usual = usual_changes(timeline, tuple(dict.fromkeys((*chosen, *items_named(timeline)))))
    first = chosen[0] if chosen else None
    written = _written(scored(foreseen(timeline, usual, first)))
    kinds = {name: usual[name] for name in chosen if name in usual}
    own = learned(timeline, kinds)
    answers = (*_written_answers(timeline, written), *_usual_answers(timeline, own))
    return answers or (
        CannotSay(
            "no expectation was written before, and no event has check-ins around it",
            row="S5",
            about=USUAL,
            quantity=QUANTITY,
            would_change="check-ins within hours before and after what happens, or expectations written before",
        ),
    )


def unlike(chances: Floats, share: float = CHANCE_OF_ANY) -> np.ndarray:
    """Which chances (n,) pass the bar of Benjamini and Hochberg at this share; NaN were not scored and never pass."""
    known = np.flatnonzero(np.isfinite(chances))
    ordered = known[np.argsort(chances[known], kind="stable")]
    below = np.flatnonzero(chances[ordered] <= share * np.arange(1, len(ordered) + 1) / max(len(ordered), 1))
    passed = np.zeros(len(chances), bool)
    if len(below):
        passed[ordered[: below[-1] + 1]] = True
    return passed


def _written(found: tuple[Scored, ...]) -> list[Told]:
    passed = unlike(np.array([math.nan if one.chance is None else one.chance for one in found]))
    return [
        Told(
            time=one.foreseen.time,
            cue=one.foreseen.cue,
            role=one.foreseen.role,
            item=one.foreseen.item,
            low=one.low,
            middle=one.middle,
            high=one.high,
            observed=one.foreseen.observed,
            said=float(one.foreseen.direction * one.foreseen.size),
            like=0.0,
            unit=SDS,
            chance=one.chance,
            other_way=one.other_way and bool(passed[k]),
            unlike=bool(passed[k]),
        )
        for k, one in enumerate(found)
    ]


def _written_answers(timeline: Timeline, told: list[Told]) -> tuple[Answer, ...]:
    unread, after = unread_of(timeline), afterwards_of(expectations_of(timeline))
    if not told and not unread and not expectations_of(timeline):
        return ()
    assumptions = (
        f"a written size may be off by {WIDTH:g} {SDS} (own standard deviations), more or less; how exact they are is "
        "learned",
        "that it was expected before is taken from the record",
        *((f"{len(after)} expected only afterwards are left out",) if after else ()),
        *((f"{len(unread)} expectations can't be read: {unread[0].reason}",) if unread else ()),
    )
    count = sum(one.chance is not None for one in told)
    if not count:
        return (
            CannotSay(
                "there are too few reactions for which something was expected before",
                have=len(told),
                need=FEWEST + 1,
                unit="reactions",
                row="S5",
                about=FORESEEN,
                quantity=QUANTITY,
                n=len(told),
                method=FORESEEN_METHOD,
                assumptions=assumptions,
                would_change="more expectations written before their cue comes, and what came of them",
                detail=_detail(timeline, told),
            ),
        )
    return _findings(timeline, told, FORESEEN, FORESEEN_METHOD, assumptions)


def _usual_answers(timeline: Timeline, own: tuple[Learned, ...]) -> tuple[Answer, ...]:
    if not own:
        return ()
    told = _learned_told(timeline, own)
    assumptions = (
        f"a reaction is the change from the check-in before to the one after, at most {LONGEST_HOURS:.0f} hours apart",
        "compared with this person's own earlier reactions to the same cue in the same role, beyond what changes from "
        "a like level, over a like time, at like hours come to without it",
        f"looked at on {quoted(sorted({one.item for one in own}))} (at most {MOST_ITEMS} ratings)",
    )
    if not any(one.chance is not None for one in told):
        most = max(int(one.earlier.max()) + 1 for one in own)
        return (
            CannotSay(
                "no cue has come often enough in one role, with check-ins around it, to know what is usual",
                have=min(most, FEWEST_REACTIONS),
                need=FEWEST_REACTIONS + 1,
                unit="times",
                row="S5",
                about=USUAL,
                quantity=QUANTITY,
                n=len(told),
                method=USUAL_METHOD,
                assumptions=assumptions,
                would_change=f"check-ins within hours before and after; {FEWEST_PAIRS} such pairs come first",
                detail=_detail(timeline, told),
            ),
        )
    return _findings(timeline, told, USUAL, USUAL_METHOD, assumptions)


def _learned_told(timeline: Timeline, own: tuple[Learned, ...]) -> list[Told]:
    passed = unlike(np.concatenate([one.chance for one in own]))
    told, at, roles = [], 0, (*(role.label for role in timeline.roles), "")
    for one in own:
        units = f"points of “{one.item}”"
        effect, other = one.change - one.like, one.other_way
        reach = student_quantile(0.95, 10.0) * one.reach
        for k in range(len(one.times)):
            chance, off = float(one.chance[k]), bool(passed[at + k])
            told.append(
                Told(
                    time=float(one.times[k]),
                    cue=one.cue,
                    role=roles[one.role[k]],
                    item=one.item,
                    low=float(one.added[k] - reach[k]),
                    middle=float(one.added[k]),
                    high=float(one.added[k] + reach[k]),
                    observed=float(effect[k]),
                    said=float(one.added[k]),
                    like=float(one.like[k]),
                    unit=units,
                    chance=chance if math.isfinite(chance) else None,
                    other_way=bool(other[k]) and off,
                    unlike=off,
                )
            )
        at += len(one.times)
    return sorted(told, key=lambda one: (one.time, one.item, one.cue))


def _findings(
    timeline: Timeline, told: list[Told], about: str, method: str, assumptions: tuple[str, ...]
) -> tuple[Answer, ...]:
    """One answer for each of the latest that came out the other way or unlike; else one that says there was none."""
    judged = [one for one in told if one.chance is not None]
    other = [one for one in judged if one.other_way][-MOST_TOLD:]
    rest = [one for one in judged if one.unlike and not one.other_way][-MOST_TOLD:]
    whole = (
        *assumptions,
        f"{len(judged):,} reactions were scored and the bar is set for so many: where nothing is out of character, at "
        f"most {100 * 2 * CHANCE_OF_ANY:.0f} % of records show any",
        "one reaction alone is unlike or as before, no more; this is no alarm and uses none of the false-alarm budget",
    )
    detail = _detail(timeline, told)
    evidence = (place_of(timeline), f"{len(judged):,} reactions scored, {len(told):,} on record")
    common: dict[str, Any] = {
        "row": "S5",
        "n": len(judged),
        "method": method,
        "evidence": evidence,
        "assumptions": whole,
    }
    common["would_change"] = "more reactions to the same cue in the same role"
    if not other and not rest:
        high = 100.0 * (1.0 - TAIL ** (1.0 / len(judged)))
        claim = _none_claim(about, len(judged))
        return (
            Finding(
                about=about,
                status="not_found",
                claim=claim,
                quantity="reactions that stand out",
                estimate=0.0,
                interval=Interval(0.0, high, LEVEL),
                unit="of a hundred",
                detail=detail,
                **common,
            ),
        )
    return tuple(
        Finding(
            about=one.cue,
            status="found",
            claim=_claim(timeline, one, about),
            quantity=QUANTITY,
            estimate=one.observed - one.middle,
            interval=Interval(one.observed - one.high, one.observed - one.low, LEVEL),
            unit=f"{one.unit} from what was expected",
            detail={**_reaction(timeline, one), **detail} if k == 0 else _reaction(timeline, one),
            **common,
        )
        for k, one in enumerate((*other, *rest))
    )


def _none_claim(about: str, count: int) -> str:
    what = "what was expected before" if about == FORESEEN else "what is usual for this person"
    some = f"all {count:,}" if count > 1 else "the one"
    return f"No reaction stands out: {some} that could be scored {'were' if count > 1 else 'was'} about {what}."


def _claim(timeline: Timeline, one: Told, about: str) -> str:
    when = timeline.instant(one.time).day_in_words
    where = f" as “{one.role}”" if one.role else ""
    unlike_what = "was unlike what was expected" if about == FORESEEN else "was unlike before"
    how = "came out the other way" if one.other_way else unlike_what
    subject = f"“{one.item}”" if one.item else "it"
    beyond = "compared with like moments without it, " if about == USUAL else ""
    unit = f" (in {SDS})" if one.unit == SDS else ""
    return (
        f"The reaction to “{one.cue}”{where} on {when} {how}: {beyond}{subject} was expected {_expected(one.said)} and "
        f"{_moved(one.observed)}{unit}; about {_seldom(one.chance)} would be so far off."
    )


def _expected(value: float) -> str:
    if abs(value) < HARDLY:
        return "to stay as it was"
    return f"to {'rise' if value > 0 else 'fall'} by {number(abs(value))}"


def _moved(value: float) -> str:
    if abs(value) < HARDLY:
        return "stayed as it was"
    return f"{'rose' if value > 0 else 'fell'} by {number(abs(value))}"


def _seldom(chance: float | None) -> str:
    """One reaction in so many, to two digits."""
    one_in = 1.0 / max(chance or 1.0, 1e-9)
    return f"one reaction in {float(f'{one_in:.2g}'):,.0f}"


def _reaction(timeline: Timeline, one: Told) -> dict[str, Any]:
    """A reaction as other programs and a lollipop picture take it; surprise in bits, -log2 of its chance."""
    return {
        "when": timeline.instant(one.time).as_local.isoformat(timespec="minutes"),
        "cue": one.cue,
        "role": one.role,
        "item": one.item,
        "expected": {"low": one.low, "middle": one.middle, "high": one.high},
        "observed": one.observed,
        "like_moments": one.like,
        "unit": one.unit,
        "chance": one.chance,
        "surprise_bits": None if one.chance is None else max(-math.log2(max(one.chance, 1e-300)), 0.0),
        "unlike": one.unlike,
        "other_way": one.other_way,
    }


def _detail(timeline: Timeline, told: list[Told]) -> dict[str, Any]:
    """Each reaction, the latest MOST_LISTED of them and all that came out unlike."""
    listed = [one for k, one in enumerate(told) if one.unlike or k >= len(told) - MOST_LISTED]
    return {
        "alarm": False,
        "reactions": [_reaction(timeline, one) for one in listed],
        "reactions_on_record": len(told),
        "reactions_scored": sum(one.chance is not None for one in told),
        "share_of_records_with_any_by_chance": CHANCE_OF_ANY,
    }
