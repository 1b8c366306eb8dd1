"""`roles`: hours in each role, declared and inferred, how far to trust that, and where a declaration would help."""

from __future__ import annotations

import json as json_text
import shutil
import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mainstay.cli.leaving import Case

if TYPE_CHECKING:
    from mainstay.quantities import CannotSay
    from mainstay.timeline.inferring_kinds import InferredRoles
    from mainstay.timeline.kinds import Timeline

WIDEST = 100


def roles(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The same as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")
    ] = None,
    confidence: Annotated[
        float, typer.Option(metavar="CHANCE", help="An hour whose likeliest role is less sure stays open.")
    ] = 0.8,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A signal, place or activity to leave aside; may be repeated."),
    ] = None,
) -> None:
    """Say how many hours went into each role: declared, and inferred for the rest from what was seen around them.

    It is tested on hours you declared, and left unsaid where hour and weekday alone would do as well. What is inferred
    is never written into your records; declaring an hour settles it.
    """
    import mainstay
    from mainstay.casebook import Casebook
    from mainstay.cli import asking
    from mainstay.timeline.inferring import infer_roles
    from mainstay.timeline.inferring_kinds import RoleSettings
    from mainstay.timeline.reader import read

    at = asking.now()
    cut = asking.as_of(as_of, at)
    settings = RoleSettings(confidence=confidence, without=tuple(without or ()))
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        timeline = read(casebook, "own_answers", cut, now=at)
    found = infer_roles(timeline, settings)
    if json:
        held = {"mainstay": mainstay.__version__, "as_of": str(timeline.as_of), "left_out": list(timeline.left_out)}
        print(json_text.dumps(held | as_fields(timeline, found), ensure_ascii=False, indent=1, allow_nan=False))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    print("\n".join(role_lines(f"Roles in {case.name}", timeline, found, width)))


def as_fields(timeline: Timeline, found: InferredRoles | CannotSay) -> dict[str, Any]:
    """What is printed with `--json`."""
    from dataclasses import asdict

    from mainstay.quantities import CannotSay
    from mainstay.report.roles_words import MOST_HELP, declared_hours, inferred_hours, open_hours
    from mainstay.report.words import claim_of

    declared = {role: round(hours, 2) for role, hours in declared_hours(timeline).items()}
    if isinstance(found, CannotSay):
        return {
            "status": found.status, "claim": claim_of(found), "reason": found.reason, "have": found.have,
            "need": found.need, "need_unit": found.unit, "declared_hours": declared,
        }  # fmt: skip
    undeclared = found.hours * ~found.declared
    return {
        "status": "found",
        "declared_hours": declared,
        "inferred_hours": {role: round(hours, 2) for role, hours in inferred_hours(found).items()},
        "undeclared_hours": round(float(undeclared.sum()), 2),
        "open_hours": round(float(undeclared[found.decided < 0].sum()), 2),
        "hours_on_weekdays_never_declared": round(float(undeclared[~found.supported].sum()), 2),
        "confidence": found.confidence,
        "minutes": found.minutes,
        "declared_days": found.declared_days,
        "stated_share": round(found.stated, 3),
        "rests_on": [{"name": name, "hours": round(hours, 2)} for name, hours in found.rests_on],
        "tested": asdict(found.tested),
        "would_help": [
            {"weekday": day, "part": part, "open_hours": round(left, 2), "undeclared_hours": round(all_, 2)}
            for day, part, left, all_ in open_hours(timeline, found)[:MOST_HELP]
        ],
        "states": [list(state) for state in found.states],
        "cells": [
            {"from": str(timeline.instant(float(found.edges[i]))), "chance": found.chance[:, i].round(4).tolist()}
            for i in found.open_cells.nonzero()[0]
        ],
    }


def role_lines(title: str, timeline: Timeline, found: InferredRoles | CannotSay, width: int) -> list[str]:
    """The whole in words."""
    from mainstay.quantities import CannotSay
    from mainstay.report.roles_words import MOSTLY, UNSAID, learnt_from
    from mainstay.report.words import claim_of, clean, would_change

    head = [clean(title), ""]
    if isinstance(found, CannotSay):
        said = [claim_of(found), would_change(found)] if found.need is not None else [claim_of(found)]
        return [*head, *_hours(timeline, None), "", *_wrapped("Undeclared hours: " + " ".join(said), width)]
    mends = " Coverage of your roles mends that: see docs/howto/roles.md."
    parts = [_hours(timeline, found), _trust(found, width), _open(timeline, found, width),
             _wrapped(learnt_from(found), width)]  # fmt: skip
    parts += [_wrapped(UNSAID + mends, width)] if found.stated < MOSTLY else []
    return [*head, *(line for part in parts for line in [*part, ""])][:-1]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width)


def _hours(timeline: Timeline, found: InferredRoles | None) -> list[str]:
    from mainstay.report.roles_words import hours_table

    names, rows = hours_table(timeline, found)
    wide = max(len(row[0]) for row in [names, *rows])
    lines = [f"{row[0]:<{wide}}" + "".join(f"  {cell:>9}" for cell in row[1:]) for row in [names, *rows]]
    return lines if rows else ["No role was ever declared."]


def _trust(found: InferredRoles, width: int) -> list[str]:
    from mainstay.report.roles_words import trust, trust_table

    names, rows = trust_table(found)
    table = [f"  {a:<17}  {b:>10}  {c:>6}  {d:>7}" for a, b, c, d in [names, *rows]]
    return [*_wrapped(trust(found), width), "", *table]


def _open(timeline: Timeline, found: InferredRoles, width: int) -> list[str]:
    from mainstay.report.roles_words import MOST_HELP, left_open, open_hours

    said = left_open(timeline, found)
    helps = open_hours(timeline, found)[:MOST_HELP]
    if not helps:
        return _wrapped(said, width)
    wide = max(len(f"{day}, {part}") for day, part, *_ in helps)
    rows = [
        f"  {f'{day}, {part}':<{wide}}  {open_:>5,.0f} of {all_:,.0f} hours open" for day, part, open_, all_ in helps
    ]
    return [*_wrapped(said, width), "", "A declaration would help most here:", *rows]
