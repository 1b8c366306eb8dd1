"""Evidence against hypotheses: one row for each observation, the most telling first (Heuer 1999)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.explanations.clauses_kinds import Compared, Measured
from mainstay.explanations.evidence import MIDDLE
from mainstay.explanations.evidence_scored import Key, Scored
from mainstay.explanations.weights import Weight
from mainstay.records.statements_hypothesis import Clause, moments, subjects
from mainstay.records.words import quoted


@dataclass(frozen=True, slots=True)
class Row:
    """One observation: what was looked at, how it came out, and by hypothesis the log ratio against an unlisted cause.

    Hypotheses that say nothing of it are not there: for them, as for the unlisted cause, it is 0. `telling`: the sd of
    the log ratios over all candidates, weighted by their weights as they stand. `n`: the records behind it.
    """

    looked_at: str
    came_out: str
    log_ratios: Mapping[str, float]
    telling: float
    n: int
    evidence: tuple[str, ...] = ()


def matrix(scored: Sequence[Scored], weights: Sequence[Weight]) -> tuple[Row, ...]:
    """The rows, the most telling first. `scored`: those that are ranked; `weights`: of them and the unlisted cause."""
    share = {one.name: one.weight for one in weights}
    by_key: dict[Key, tuple[str, Measured | Compared, dict[str, float]]] = {}
    for one in scored:
        for seen in one.observed:
            first = said_of((*seen.predicts, *seen.forbids)[0])
            by_key.setdefault(seen.key, (first, seen.answered, {}))[2][one.name] = seen.logs[MIDDLE]
    rows = [
        Row(
            looked_at,
            answered.words,
            logs,
            _spread(logs, share),
            answered.n,
            answered.evidence if isinstance(answered, Measured) else answered.bears_out,
        )
        for looked_at, answered, logs in by_key.values()
    ]
    for one in scored:
        for stated in one.hypothesis.says.evidence:
            logs = {one.name: 0.5 * (math.log(stated.ratio[0]) + math.log(stated.ratio[1]))}
            rows.append(Row(f"stated by hand on {stated.on}", stated.what, logs, _spread(logs, share), 0))
    return tuple(sorted(rows, key=lambda row: -row.telling))


STREAMS = {
    "seeking": "help sought at the same strain",
    "relief": "what company eases",
    "demands": "what is asked",
    "roles": "time in roles",
    "self": "time as oneself",
}
LEVELS = ("strain", "item", "signal")
"""Streams that are higher or lower; the others are more or less."""

WHENS = {"over time": "late in the record than early", "in winter": "in winter than in summer", "since": "since then"}
MOMENTS_SAID = {
    "since": "since {} than before",
    "after": "after {}",
    "in": "in company of whom {} is true",
    "during": "during {}",
    "with": "when {} is higher",
}


def said_of(clause: Clause) -> str:
    """A clause in its own words, or else as a sentence made of its parts: "strain is higher after “a row”"."""
    if clause.words:
        return clause.words
    about, when = subjects(clause.stream), moments(clause.when)
    what = STREAMS.get(about[0].kind, about[0].kind) if not about[0].name else quoted((x.name for x in about), "or")
    higher = about[0].kind in LEVELS
    way = {"more": "higher" if higher else "more", "less": "lower" if higher else "less", "same": "the same"}
    names = quoted((one.name.replace("_", " ") for one in when), "or")
    at = MOMENTS_SAID[when[0].word].format(names) if when[0].name else WHENS[when[0].word]
    return f"{what} is {way[clause.direction]} {at}"


def matrix_detail(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """The rows for the answer's detail."""
    return [
        {
            "words": row.looked_at,
            "came_out": row.came_out,
            "log_ratio": {name: round(value, 4) for name, value in row.log_ratios.items()},
            "diagnosticity": round(row.telling, 4),
            "n": row.n,
        }
        for row in rows
    ]


def _spread(logs: Mapping[str, float], share: Mapping[str, float]) -> float:
    mean = sum(share[name] * logs.get(name, 0.0) for name in share)
    return math.sqrt(sum(share[name] * (logs.get(name, 0.0) - mean) ** 2 for name in share))
