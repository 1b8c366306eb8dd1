"""All options together (S20): which hold up, or that none is clearly better than changing nothing, or what to wait for.

What `detail` of this answer holds: `begins`, `horizon_days`; `scenarios` (name, chance with nothing changed, value,
must_not); `explanations` (name, causes, weight, low, high, restores); `nothing` (expected, chance_best, most_regret,
badly); `ranking`; `tornado` (of, ahead, bars of what, low, high, turns); `waiting` (a sentence) and `waits` (do, about,
weeks, worth, net); `recommended`, `struck_out`; `runs`, `paths`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mainstay.futures.scenarios import Partition
from mainstay.options.limits import Strike, as_range
from mainstay.options.option_answers import (
    ASSUMPTIONS,
    GAIN,
    LIMITS_METHOD,
    METHOD,
    POINTS,
    ROW,
    Weighed,
    cause_in_words,
    weighed_row,
)
from mainstay.options.outcomes_harm import TIED
from mainstay.options.outcomes_judged import LEFT_ALONE
from mainstay.options.outcomes_waiting import Asked
from mainstay.options.tornado import Bar, Tornado
from mainstay.options.values import Values
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.records.statements_option import Option
from mainstay.records.words import quoted
from mainstay.strain.judge import LEVEL

WHOLE = "options"
MOST_BARS = 12
MOST_WAITS = 6
Struck = Mapping[str, tuple[Strike, ...]]


def not_weighed(options: Sequence[Option], struck: Struck, why: str, would_change: str, n: int) -> Answer:
    """The answer on the whole where nothing is said of worth: all are struck out, or why it can't be told."""
    out = [one.name for one in options if struck[one.name]]
    detail = {"struck_out": out, "recommended": []}
    if len(out) == len(options):
        return Finding(
            row=ROW,
            about=WHOLE,
            status="not_found",
            claim=f"{_all_of(len(out))} struck out; what would have to change stands with each.",
            quantity="options that no limit strikes out",
            estimate=0.0,
            interval=Interval(0.0, 0.0, LEVEL),
            unit="options",
            n=max(n, 1),
            method=LIMITS_METHOD,
            would_change="another option, or one of these done otherwise",
            detail=detail,
        )
    left = [one.name for one in options if not struck[one.name]]
    return CannotSay(
        f"no limit strikes out {quoted(left)}, but what that would be worth can't be told: {why}",
        row=ROW,
        about=WHOLE,
        quantity=GAIN,
        n=n,
        method=LIMITS_METHOD,
        would_change=would_change,
        detail=detail,
    )


def _all_of(count: int) -> str:
    return "The one option on record is" if count == 1 else f"All {count} options on record are"


def on_the_whole(weighed: Weighed, options: Sequence[Option], struck: Struck, n: int) -> Answer:
    """The answer on the whole: what holds up, told of the option that comes first among those."""
    out = [one.name for one in options if struck[one.name]]
    if not weighed.options:
        if len(out) == len(options):
            return not_weighed(options, struck, "", "", n)
        return not_weighed(options, struck, "they name what is not on record", "names as they are on record", n)
    best = _first(weighed)
    found = weighed.compared
    holds = [
        one.name for one, seen in zip(weighed.options, weighed.judged, strict=True) if seen.status == "recommended"
    ]
    low, high = found.gain_interval[best]
    waits = _wait(weighed)
    return Finding(
        row=ROW,
        about=WHOLE,
        status="found" if holds else "not_found",
        claim=" ".join((_claim(weighed, best, holds, waits, len(out)), *weighed.notes)),
        quantity=GAIN,
        estimate=float(found.gain[best]),
        interval=Interval(float(low), float(high), LEVEL),
        unit=POINTS,
        n=max(n, 1),
        method=METHOD,
        assumptions=ASSUMPTIONS + weighed_values(weighed).assumptions,
        would_change=_hangs_most(weighed) or "another option, or other preferences",
        detail=_detail(weighed) | {"struck_out": out, "recommended": holds, "waiting": waits},
    )


def weighed_values(weighed: Weighed) -> Values:
    """What the person wants of the scenarios; options are weighed only where that is on record."""
    values = weighed.found.wants.values
    assert isinstance(values, Values)
    return values


def _holding(weighed: Weighed) -> list[int]:
    return [at for at, seen in enumerate(weighed.judged, 1) if seen.status == "recommended"]


def _first(weighed: Weighed) -> int:
    """The option the answer is told of: of those that hold up the one worth most, else the one worth most of all."""
    among = _holding(weighed) or list(range(1, len(weighed.options) + 1))
    return max(among, key=lambda at: float(weighed.compared.expected[at]))


def _claim(weighed: Weighed, best: int, holds: Sequence[str], waits: str, out: int) -> str:
    if len(holds) > 1:
        return f"{quoted(_by_worth(weighed, holds))} hold up, the one worth most first{_out(out)}."
    if holds:
        why = "it is the best, or as good, whatever the cause"
        if weighed.judged[best - 1].harmless:
            why = "it costs you nothing whichever way it goes"
        return f"“{holds[0]}” holds up: {why}{_out(out)}."
    if waits:
        return waits
    if weighed.judged[best - 1].status == "found":
        return f"No option holds up whatever the cause; “{weighed.name(best)}” is worth most on the whole{_out(out)}."
    return f"No option is clearly better than {LEFT_ALONE}{_out(out)}."


def _out(count: int) -> str:
    return f"; {count} {'is' if count == 1 else 'are'} struck out" if count else ""


def _by_worth(weighed: Weighed, names: Sequence[str]) -> list[str]:
    return [weighed.name(at) for at in weighed.compared.ranking if weighed.name(at) in names]


def _wait(weighed: Weighed) -> str:
    """What is worth waiting for before anything is chosen for good; empty where nothing is."""
    first = weighed.waits[0] if weighed.waits else None
    if first is None or first.worth.net <= TIED:
        return ""
    held = f"within {first.weeks:g} weeks" if first.weeks else "at once"
    meanwhile = weighed.name(first.worth.meanwhile)
    beside = f" “{meanwhile}” can begin meanwhile." if first.worth.meanwhile != 0 else ""
    do = _lower(first.what.observation.do)
    return f"Before anything is chosen for good it is worth knowing more {held}: {do}.{beside}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:] if sentence[1:2].islower() else sentence


def _detail(weighed: Weighed) -> dict[str, Any]:
    found, values = weighed.found, weighed_values(weighed)
    return {
        "begins": str(found.begins),
        "horizon_days": found.days,
        "runs": found.runs,
        "paths": found.paths,
        "scenarios": _scenarios(found.split, found.chances.mean(axis=0), values, found.wants.must_not),
        "explanations": [
            {
                "name": cause.name,
                "said": cause_in_words(cause),
                "causes": list(cause.causes),
                "weight": float(weight),
                "low": cause.low,
                "high": cause.high,
                "restores": cause.restores,
            }
            for cause, weight in zip(weighed.causes, weighed.asked.weights, strict=True)
        ],
        "nothing": weighed_row(weighed, 0),
        "ranking": [weighed.name(at) for at in weighed.compared.ranking],
        "least_regret": weighed.name(weighed.compared.least_regret),
        "tornado": None if weighed.tornado is None else _tornado(weighed, weighed.tornado),
        "waits": [_waited(weighed, one) for one in weighed.waits[:MOST_WAITS]],
    }


def _scenarios(split: Partition, chances: np.ndarray, values: Values, must_not: np.ndarray) -> list[dict[str, Any]]:
    words = {one.name: one.says.words or "" for one in split.scenarios}
    return [
        {
            "name": name,
            "words": words.get(name, ""),
            "chance": float(chance),
            "value": float(value),
            "must_not": bool(no),
        }
        for name, chance, value, no in zip(values.names, chances, values.middle, must_not, strict=True)
    ]


def _waited(weighed: Weighed, one: Asked) -> dict[str, Any]:
    return {
        "do": one.what.observation.do,
        "about": one.what.observation.about,
        "minutes": one.what.observation.minutes,
        "weeks": one.weeks,
        "worth": one.worth.evsi,
        "worth_low": one.worth.evsi_interval[0],
        "worth_high": one.worth.evsi_interval[1],
        "net": one.worth.net,
        "meanwhile": weighed.name(one.worth.meanwhile),
    }


def _tornado(weighed: Weighed, told: Tornado) -> dict[str, Any]:
    of = weighed.name(told.best)
    return {
        "of": LEFT_ALONE if told.best == 0 else f"“{of}”",
        "next": weighed.name(told.second),
        "ahead": told.ahead,
        "bars": [_bar(weighed, one) for one in told.bars[:MOST_BARS] if one.swing > 0.0],
    }


def _bar(weighed: Weighed, bar: Bar) -> dict[str, Any]:
    turns = ""
    if bar.flips and bar.turns_at is not None and bar.to is not None:
        other = LEFT_ALONE if bar.to == 0 else f"“{weighed.name(bar.to)}”"
        turns = f"at {_at(bar)} {other} is as good"
    return {"what": _what(weighed, bar), "low": bar.ahead_low, "high": bar.ahead_high, "turns": turns}


def _at(bar: Bar) -> str:
    assert bar.turns_at is not None
    if bar.input.kind in ("step", "weight"):
        return as_range(bar.turns_at, bar.turns_at)
    if bar.input.kind == "effect":
        return f"{abs(bar.turns_at):.0f} points {'less' if bar.turns_at < 0.0 else 'more'} than is to be expected"
    return f"{bar.turns_at:.0f} points"


def _what(weighed: Weighed, bar: Bar) -> str:
    """What an input is, in words."""
    one = bar.input
    if one.kind == "value":
        return f"how good “{weighed.found.scenarios[one.of]}” would be"
    if one.kind == "weight":
        return f"how likely it is that it is {cause_in_words(weighed.causes[one.of])}"
    name = weighed.name(one.of)
    if one.kind == "step":
        return f"the chance of “{weighed.options[one.of - 1].says.step[one.part].what}” (“{name}”)"
    return f"what “{name}” costs" if one.kind == "cost" else f"how much “{name}” changes if it succeeds"


def _hangs_most(weighed: Weighed) -> str:
    """What would turn the order within its range: the widest such bar. Nothing where hardly anything is ahead."""
    if weighed.tornado is None or weighed.tornado.ahead <= TIED:
        return ""
    turning = [bar for bar in weighed.tornado.bars if bar.flips]
    return f"{_what(weighed, turning[0])} ({_bar(weighed, turning[0])['turns']})" if turning else ""
