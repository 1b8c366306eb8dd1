"""Answers as the page tells them: the claim first, what stands behind it one click away, what reads alike told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.quantities import Answer, CannotSay
from mainstay.report.facts import facts_of, records_of
from mainstay.report.grouping import once, sections
from mainstay.report.words import claim_of

MOST_AT_ONCE = 4
"""How many answers stand under a heading before the rest is folded away."""


@dataclass(frozen=True, slots=True)
class Told:
    """One answer: its claim, whether it is a refusal, the facts behind it by name, the ids of records it names."""

    claim: str
    thin: bool
    facts: tuple[tuple[str, str], ...] = ()
    records: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """The answers under one heading: those shown, those folded away, and what can't be said, folded beside others."""

    heading: str
    shown: tuple[Told, ...]
    more: tuple[Told, ...] = ()
    thin: tuple[Told, ...] = ()


def groups_of(answers: Sequence[Answer]) -> tuple[Group, ...]:
    """The answers under their headings, in the order of the story."""
    return tuple(_group(heading, group) for heading, group in sections(answers))


def each_of(answers: Sequence[Answer]) -> tuple[Told, ...]:
    """Every answer by itself, in order: where a page tells them in a figure and other words first.

    Refusals that read the same stand together, with the names of what they are about.
    """
    return tuple(map(told_of, once(answers)))


def told_of(answer: Answer) -> Told:
    """One answer. Of what was put together from several, the facts behind the first say nothing: they are left out."""
    whole = bool(answer.about) or isinstance(answer, CannotSay)
    return Told(
        claim_of(answer), isinstance(answer, CannotSay), facts_of(answer) if whole else (), records_of(answer)
    )  # fmt: skip


def _group(heading: str, answers: Sequence[Answer]) -> Group:
    told = [told_of(one) for one in answers]
    said, thin = [one for one in told if not one.thin], tuple(one for one in told if one.thin)
    if not said:
        return Group(heading, thin[:MOST_AT_ONCE], thin[MOST_AT_ONCE:])
    return Group(heading, tuple(said[:MOST_AT_ONCE]), tuple(said[MOST_AT_ONCE:]), thin)
