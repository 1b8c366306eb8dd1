"""How the person is best reached (S20): by what channel, in which role, at what time of day; their own word first.

What they wish stands before whatever the records show, and what they rule out is never suggested, however well it
worked. What the records show comes from past tries (`approach_tries`), drawn towards one another (`approach_pooling`):
of several ways that are alike one always looks best. A way is called best only where its lead on the next best leaves
out none, and it is the best of all with nine chances in ten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.casebook.consent import OWN_ANSWERS
from mainstay.options.approach_pooling import Tries, pooled
from mainstay.options.approach_tries import FACTORS, NO_ROLE, Try, counted, prompts_of, side_by_side, tries_of
from mainstay.quantities import Answer, CannotSay, Finding, Interval, probability
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_option import options_of
from mainstay.records.statements_preference import Approach, Preference, preference_of
from mainstay.records.words import listed, quoted
from mainstay.strain import judge
from mainstay.strain.judge import LEVEL
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

ROW, ABOUT = "S20", "how to reach"
WISH = "wish on record"
WISHES = "preference"
"""The stream of what was written by hand of wishes (`records.logged.statement`)."""
QUANTITY = {
    "channel": "answers by channel, best against next best",
    "role": "answers by role, best against next best",
    "part": "answers by time of day, best against next best",
}
METHOD = "binomial counts by channel, role and time of day, drawn towards one another as far as they may be alike"
SEED = 823
FEWEST_TRIES, FEWEST_OF_ONE = 8, 4
"""Tries in all, and of one way, below which nothing is said of it."""

MATERIAL = 0.15
"""A difference of 15 answers in 100 tries is one that matters."""

SURELY_BEST = 0.9
SMALLEST_ASKED = 0.1
HOURS = {
    "night": "at night (0 to 6)",
    "morning": "in the morning (6 to 12)",
    "afternoon": "in the afternoon (12 to 18)",
    "evening": "in the evening (18 to 24)",
}
LOG_TRIES = (
    "more tries on record, those without an answer too: events tagged “via CHANNEL” and “answered” or “unanswered”"
)
ASSUMPTIONS = (
    "tries without an answer were noted as readily as those with one",
    "the person is as easy to reach now as when it was tried",
    "tries by one channel on one part of a day count as one",
)


@dataclass(frozen=True, slots=True)
class Level:
    """One way and what is known of it: tries and answers as noted, and the chance of an answer with its interval."""

    name: str
    tried: int
    answered: int
    chance: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Compared:
    """The ways of one factor, the most answered first, those tried too seldom last; the lead of the first.

    `lead`: how far the first is before the next (mean, sd, low, high), `spread`: how far it is before the last (high);
    both None with fewer than two ways tried often enough. `surely`: how likely the first is the best of all that were
    tried at the same times as it; `apart`: the next was not.
    """

    factor: str
    levels: tuple[Level, ...]
    seldom: tuple[Level, ...]
    lead: tuple[float, float, float, float] | None
    spread: float | None
    surely: float
    effective: float
    apart: bool = False


def answers(timeline: Timeline) -> tuple[Answer, ...]:
    """S20, about "how to reach": the wish on record, then what past tries show of what it leaves open.

    Nothing where there is neither a wish nor a try nor an option on record. For anybody but the person nothing is
    suggested where streams are left out and no wish is among those read: what is ruled out could stand there.
    """
    preference, unread = preference_of(timeline)
    wish = None if preference is None else preference.says.approach
    tries, unclear = tries_of(timeline)
    if wish is None and not tries and not options_of(timeline)[0]:
        return ()
    told = [] if preference is None or wish is None else _wish(preference, wish)
    if why := _held_back(timeline, preference, [one.written for one in unread]):
        return (
            *told,
            _cannot_say(why, "channel", would_change="how the person wants to be reached, in their own words"),
        )
    asked = [one for one in FACTORS if one == "part" or wish is None or getattr(wish, one) is None]
    rng = np.random.default_rng(SEED)
    out = _ruled_out(wish)
    for compared in compare(tries, asked, out, rng):
        told += _told(timeline, compared, unclear=unclear, subject="tries")
    for compared in compare(prompts_of(timeline), [one for one in asked if one != "channel"], out, rng):
        told += [one for one in _told(timeline, compared, 0, subject="an app's questions") if one.status == "found"]
    return tuple(told)


def wishes_left_out(timeline: Timeline, preference: Preference | None) -> bool:
    """Whether consent keeps the person's wishes from whatever this timeline is read for, or may do so."""
    hidden = timeline.purpose != OWN_ANSWERS and bool(timeline.left_out) and preference is None
    return hidden or WISHES in timeline.left_out


def _held_back(timeline: Timeline, preference: Preference | None, unread: Sequence[Any]) -> str:
    """Why nothing may be suggested: a wish may be on record that can't be read."""
    if unread and (preference is None or max(unread) > preference.written):
        return "a wish on how to be reached may be on record that can't be read, and it goes before anything else"
    if wishes_left_out(timeline, preference):
        return "how the person wants to be reached is for them to say, and no wish of theirs is to be read here"
    return ""


def _ruled_out(wish: Approach | None) -> dict[str, frozenset[str]]:
    if wish is None:
        return {}
    never = {"channel": wish.not_channels, "role": wish.not_roles}
    return {factor: frozenset(folded(one) for one in names) for factor, names in never.items()}


def _wish(preference: Preference, wish: Approach) -> list[Answer]:
    wanted = [f"by “{wish.channel}”"] if wish.channel else []
    wanted += [f"in the role “{wish.role}”"] if wish.role else []
    never = [f"by {quoted(wish.not_channels, 'or')}"] if wish.not_channels else []
    never += [f"in the role {quoted(wish.not_roles, 'or')}"] if wish.not_roles else []
    if not wanted and not never:
        return []
    parts = ([f"to be reached {', '.join(wanted)}"] if wanted else []) + (
        [f"never to be reached {listed(never, 'or')}"] if never else []
    )
    claim = f"The person's own wish is {', and '.join(parts)}; it goes before anything past tries show."
    return [
        Finding(
            row=ROW,
            about=ABOUT,
            status="found",
            claim=claim,
            quantity=WISH,
            estimate=1.0,
            interval=Interval(1.0, 1.0, LEVEL),
            unit="wish",
            n=1,
            method="the last word on how to be reached, as it was written",
            evidence=(preference.id, f"what was written on {preference.written.day_in_words}"),
            would_change="another wish: mainstay log CASE preference",
            detail={
                "theirs": True,
                "channel": wish.channel,
                "role": wish.role,
                "not_channels": list(wish.not_channels),
                "not_roles": list(wish.not_roles),
            },
        )
    ]


def compare(
    tries: Sequence[Try], factors: Sequence[str], ruled_out: dict[str, frozenset[str]], rng: np.random.Generator
) -> list[Compared]:
    """Each factor's ways against each other. Ways that were ruled out inform the rest and are not among them."""
    if not tries or not factors:
        return []
    counts = counted(tries)
    posterior = pooled(counts, rng)
    found = []
    for factor in factors:
        names = counts.levels[factor]
        if names == ("",) or not names:
            continue
        draws = posterior.chances(factor) if len(names) > 1 else None
        found.append(_compared(tries, counts, factor, draws, ruled_out.get(factor, frozenset())))
    return [one for one in found if one.levels or one.seldom]


def _compared(tries: Sequence[Try], counts: Tries, factor: str, draws: Any, ruled_out: Collection[str]) -> Compared:
    names = counts.levels[factor]
    kept = [k for k, name in enumerate(names) if folded(name) not in ruled_out]
    levels = {k: _level(tries, factor, names[k], None if draws is None else draws[:, k]) for k in kept}
    often = sorted((k for k in kept if levels[k].tried >= FEWEST_OF_ONE), key=lambda k: -levels[k].chance)
    seldom = tuple(levels[k] for k in kept if k not in often)
    effective = float(counts.tried.sum())
    ordered = tuple(levels[k] for k in often)
    if len(often) < 2 or draws is None:
        return Compared(factor, ordered, seldom, None, None, 0.0, effective)
    beside = [often[0], *(k for k in often[1:] if side_by_side(tries, factor, names[often[0]], names[k]))]
    if often[1] not in beside:
        return Compared(factor, ordered, seldom, None, None, 0.0, effective, apart=True)
    lead = draws[:, often[0]] - draws[:, often[1]]
    low, high = np.quantile(lead, [0.05, 0.95])
    last = float(np.quantile(draws[:, often[0]] - draws[:, beside[-1]], 0.95))
    surely = float(np.mean(draws[:, beside].argmax(axis=1) == 0))
    told = (float(lead.mean()), float(lead.std()), float(low), float(high))
    return Compared(factor, ordered, seldom, told, last, surely, effective)


def _level(tries: Sequence[Try], factor: str, name: str, draws: Any) -> Level:
    of = [one.answered for one in tries if getattr(one, factor) == name]
    if draws is None:
        return Level(name, len(of), sum(of), sum(of) / len(of), 0.0, 1.0)
    low, high = np.quantile(draws, [0.05, 0.95])
    return Level(name, len(of), sum(of), float(draws.mean()), float(low), float(high))


def _told(timeline: Timeline, seen: Compared, unclear: int, *, subject: str) -> list[Answer]:
    """What is said of one factor: the best way, or that it makes no difference, or why it can't be told.

    Of the time of day only what is found is told.
    """
    tries = sum(one.tried for one in (*seen.levels, *seen.seldom))
    detail = _detail(seen, unclear, subject)
    if seen.lead is None or tries < FEWEST_TRIES or seen.spread is None:
        return [] if seen.factor == "part" else [_too_few(seen, tries, detail)]
    mean, sd, low, high = seen.lead
    best, following = seen.levels[0], seen.levels[1]
    found = low > 0.0 and seen.surely >= SURELY_BEST
    same = not found and seen.spread < MATERIAL
    if not found and not same:
        if seen.factor == "part":
            return []
        reason = (
            f"{_which(seen.factor)} can't be told yet: {_tally(seen)}, and that may be luck, or how else those tries "
            "differed"
        )
        need = judge.count_needed(tries, sd, max(mean, SMALLEST_ASKED))
        return [_cannot_say(reason, seen.factor, n=tries, detail=detail, **judge.counted(tries, need, "tries"))]
    claim = (
        f"{_says(seen.factor, best.name, subject)}: in about {_of_100(best.chance)} of 100, against "
        f"{_of_100(following.chance)} {_otherwise(seen.factor, following.name)}{_next_best(seen)}."
        if found
        else f"{_no_matter(seen.factor)}: {subject} are answered about as often, whichever it is."
    )
    chance = seen.surely if found else None
    return [
        Finding(
            row=ROW,
            about=ABOUT,
            status="found" if found else "not_found",
            claim=claim,
            quantity=QUANTITY[seen.factor] if subject == "tries" else f"{subject}: {QUANTITY[seen.factor]}",
            estimate=100.0 * mean,
            interval=Interval(100.0 * low, 100.0 * high, LEVEL),
            unit="percentage points",
            n=tries,
            method=METHOD,
            probability=None if chance is None else probability(chance),
            evidence=(place_of(timeline), f"{tries} {subject}"),
            assumptions=ASSUMPTIONS,
            would_change=LOG_TRIES if subject == "tries" else "more of them, answered or not",
            detail=detail,
        )
    ]


def _cannot_say(reason: str, factor: str, **more: Any) -> CannotSay:
    said = {"would_change": LOG_TRIES, "method": METHOD, "quantity": QUANTITY[factor], **more}
    return CannotSay(reason, row=ROW, about=ABOUT, **said)


def _too_few(seen: Compared, tries: int, detail: dict[str, Any]) -> CannotSay:
    if seen.apart:
        first, following = (_otherwise(seen.factor, one.name) for one in seen.levels[:2])
        reason = (
            f"{_which(seen.factor)} can't be told: {first} and {following} were tried at different times, so they "
            "can't be compared"
        )
        both = "tries both ways within the same weeks, those without an answer too"
        return _cannot_say(reason, seen.factor, n=tries, detail=detail, would_change=both)
    if tries >= FEWEST_TRIES and len(seen.levels) == 1:
        only = seen.levels[0]
        reason = (
            f"{_which(seen.factor)} can't be told: {_otherwise(seen.factor, only.name)} it was tried often enough "
            f"({_times(only)}), and no other way was"
        )
        return _cannot_say(reason, seen.factor, n=tries, detail=detail)
    reason = f"{_which(seen.factor)} can't be told from so few tries"
    need = max(FEWEST_TRIES, 2 * FEWEST_OF_ONE, tries + 1)
    return _cannot_say(reason, seen.factor, have=tries, need=need, unit="tries", n=tries, detail=detail)


def _which(factor: str) -> str:
    return {"channel": "by what the person is best reached", "role": "in which role the person is best reached"}.get(
        factor, "at what time of day the person is best reached"
    )


def _says(factor: str, name: str, subject: str) -> str:
    if factor == "channel":
        return f"Tries by “{name}” are answered most"
    where = HOURS[name] if factor == "part" else _in_role(name)
    return f"{subject[:1].upper()}{subject[1:]} are answered most {where}"


def _otherwise(factor: str, name: str) -> str:
    if factor == "channel":
        return f"by “{name}”"
    return HOURS[name] if factor == "part" else _in_role(name)


def _next_best(seen: Compared) -> str:
    return ", the next best" if len(seen.levels) > 2 else ""


def _in_role(name: str) -> str:
    return "in none of the roles" if name == NO_ROLE else f"in the role “{name}”"


def _no_matter(factor: str) -> str:
    what = {"channel": "by what it is tried", "role": "in which role it is tried", "part": "when it is tried"}
    return f"It makes no difference that would matter {what[factor]}"


def _tally(seen: Compared) -> str:
    """The first two ways as they were noted."""
    return " and ".join(f"{_otherwise(seen.factor, one.name)} {_times(one)}" for one in seen.levels[:2])


def _times(one: Level) -> str:
    return f"{one.answered} of {one.tried} were answered"


def _of_100(chance: float) -> int:
    return round(100.0 * chance)


def _detail(seen: Compared, unclear: int, subject: str) -> dict[str, Any]:
    def row(one: Level, *, often: bool) -> dict[str, Any]:
        return {
            "name": one.name, "tried": one.tried, "answered": one.answered, "chance": one.chance,
            "low": one.low, "high": one.high, "tried_often_enough": often,
        }  # fmt: skip

    return {
        "factor": seen.factor,
        "of": subject,
        "ways": [row(one, often=True) for one in seen.levels] + [row(one, often=False) for one in seen.seldom],
        "chance_it_is_the_best": seen.surely,
        "lead": None if seen.lead is None else {"mean": seen.lead[0], "low": seen.lead[2], "high": seen.lead[3]},
        "unclear": unclear,
        "tries_that_count": seen.effective,
    }
