"""Priors pooled over people as a file: aggregates alone, so that they can be given to others. Read as a stranger's.

    {"form": 1, "people": 210, "of": {"log_recovery_rate": {"mean": -0.41, "sd": 0.52}, …}}

Every coordinate rests on twenty people or more (`strain.pooling`); of how many is said in tens, so that nobody can be
had by subtraction. Effects are not lent and not in it, and neither are
the usual priors that these stand in for: those are the program's own.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

from mainstay.cohort.group_cells import SMALLEST, in_steps
from mainstay.errors import BadRequest
from mainstay.strain.pooling import EFFECTS, Pooled
from mainstay.strain.population import BY_KIND, BY_NAME, FEWEST_PEOPLE, FLOOR, PooledPrior, kind_of
from mainstay.strain.priors import PRIORS

FORM = 1
MOST_BYTES, MOST_COORDINATES, LONGEST_NAME = 1_000_000, 2_000, 200
FARTHEST_SDS = 6.0
"""A mean that lies farther from the usual one, in the usual prior's sds, is no population of people."""
WIDEST = 10.0
LENT = BY_NAME - EFFECTS
"""What people lend each other: what they are like, never what strains or eases them, nor how they change."""
MOST_PEOPLE = 10**9


def as_file(pooled: Pooled, smallest: int = SMALLEST) -> bytes:
    """What is pooled as the file's content: the same bytes for the same priors; nothing of fewer than `smallest`."""
    enough = {name: one for name, one in pooled.of.items() if one.people >= smallest}
    lent = sorted((name, one) for name, one in enough.items() if kind_of(name) in LENT)
    said = {
        "form": FORM, "people": max(in_steps(pooled.people, smallest), FEWEST_PEOPLE),
        "of": {name: {"mean": one.mean, "sd": one.sd} for name, one in lent},
    }  # fmt: skip
    return (json.dumps(said, indent=1, ensure_ascii=False) + "\n").encode()


def mark_of(pooled: Pooled) -> str:
    """What tells these priors from any others."""
    return hashlib.blake2b(as_file(pooled), digest_size=12).hexdigest()


def rounded(pooled: Pooled) -> Pooled:
    """What is pooled as it is handed on and used here alike: in steps of about a hundredth of the coordinate's sd.

    That is far less than what is uncertain about either, and more than most single people move them by.
    """
    return replace(pooled, of={name: _in_steps_of_sd(one) for name, one in pooled.of.items()})


def _in_steps_of_sd(one: PooledPrior) -> PooledPrior:
    step, digits = _step(one.sd)
    mean, sd = (round(round(number / step) * step, digits) for number in (one.mean, one.sd))
    least = FLOOR * one.usual_sd
    return replace(one, mean=mean, sd=sd if sd >= least else round(math.ceil(least / step) * step, digits))


def _step(sd: float) -> tuple[float, int]:
    """The least of 1, 2, 5, 10, … that is a hundredth of the sd or more, with its decimals."""
    decade = math.floor(math.log10(sd / 100.0))
    times = next(times for times in (1, 2, 5, 10) if times * 10.0**decade >= sd / 100.0 * (1.0 - 1e-9))
    return times * 10.0**decade, max(-decade, 0)


def from_file(place: Path) -> Pooled:
    """The priors in a file. Refuses (`BadRequest`), naming what, anything that no cohort could have lent.

    That is: more than a megabyte, another form, a coordinate that is never lent (drift, fading, what restores), a mean
    or sd that is no number or that no population has, or fewer people than twenty.
    """
    try:
        with place.open("rb") as file:
            held = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise BadRequest(f"{place} can't be read: {error.strerror or error}") from error
    if len(held) > MOST_BYTES:
        raise BadRequest(f"{place} is larger than a file of priors can be ({MOST_BYTES:,} bytes)")
    try:
        said = json.loads(held.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadRequest(f"{place} is no file of priors: {str(error)[:100]}") from error
    if not isinstance(said, dict) or said.get("form") != FORM or not isinstance(said.get("of"), dict):
        raise BadRequest(f"{place} is no file of priors of form {FORM}, as `mainstay cohort … --pooled` writes it")
    of = said["of"]
    if not 1 <= len(of) <= MOST_COORDINATES:
        raise BadRequest(f"{place} holds {len(of):,} coordinates; it may be 1 to {MOST_COORDINATES:,}")
    people = said.get("people")
    if not isinstance(people, int) or isinstance(people, bool) or not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise BadRequest(f"{place} rests on {str(people)[:20]} people; at least {FEWEST_PEOPLE} are needed")
    return Pooled(people, 0, {name: _prior(place, name, one, people) for name, one in of.items()})


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) < len(pairs):
        raise ValueError("the same name stands in it twice")
    return held


def _prior(place: Path, name: str, one: object, people: int) -> PooledPrior:
    kind = kind_of(name)
    if len(name) > LONGEST_NAME or not name.isprintable() or kind not in LENT or (name == kind not in BY_KIND):
        raise BadRequest(f"{place}: {name[:50]!r} is nothing that people lend each other (docs/howto/cohort.md)")
    if not isinstance(one, dict) or set(one) != {"mean", "sd"}:
        raise BadRequest(f"{place}: {name!r} needs mean and sd, and nothing else")
    usual, usual_sd = PRIORS[kind]
    mean, sd = _number(place, name, one["mean"]), _number(place, name, one["sd"])
    if abs(mean - usual) > FARTHEST_SDS * usual_sd:
        raise BadRequest(f"{place}: {name!r} has its mean at {mean:g}, far from anybody ({usual:g} ± {usual_sd:g})")
    if not FLOOR * usual_sd * (1.0 - 1e-9) <= sd <= WIDEST * usual_sd:
        raise BadRequest(f"{place}: {name!r} has sd {sd:g}; people differ by {FLOOR * usual_sd:g} at the least")
    return PooledPrior(people, mean, sd, usual, usual_sd)


def _number(place: Path, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise BadRequest(f"{place}: {name!r} holds {str(value)[:20]!r} where a number belongs")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise BadRequest(f"{place}: {name!r} holds {str(value)[:20]} where a finite number belongs")
    return number
