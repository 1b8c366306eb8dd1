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
NO_ROLE = "no role"
MOSTLY = 0.9
MOST_HELP = 5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ((0, 6, "night"), (6, 12, "morning"), (12, 18, "afternoon"), (18, 24, "evening"))


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


def declared_hours(timeline: Timeline) -> dict[str, float]:
    """The declared hours in each role."""
    return {role.label: role.hours for role in timeline.roles}


def inferred_hours(found: InferredRoles) -> dict[str, float]:
    """The chances of each role in undeclared hours, added up, and those of no role."""
    weight = found.hours * found.open_cells
    told = {role: float((found.share[j] * weight).sum()) for j, role in enumerate(found.roles)}
    return told | {NO_ROLE: float((found.chance[0] * weight).sum())}


def open_hours(timeline: Timeline, found: InferredRoles) -> list[tuple[str, str, float, float]]:
    """Weekday, part of the day, hours that stay open, undeclared hours: the most open first."""
    middles = found.middles
    weekday, hour = timeline.weekdays(middles), timeline.local_hours(middles)
    undeclared = found.hours * ~found.declared
    left = undeclared * (found.decided < 0)
    rows = []
    for j, day in enumerate(WEEKDAYS):
        for begin, end, part in PARTS:
            there = (weekday == j) & (hour >= begin) & (hour < end)
            rows.append((day, part, float(left[there].sum()), float(undeclared[there].sum())))
    return sorted((row for row in rows if row[2] > 0.0), key=lambda row: -row[2])


def as_fields(timeline: Timeline, found: InferredRoles | CannotSay) -> dict[str, Any]:
    """What is printed with `--json`."""
    from dataclasses import asdict

    from mainstay.quantities import CannotSay
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
    from mainstay.report.words import claim_of, clean, would_change

    head = [clean(title), ""]
    if isinstance(found, CannotSay):
        said = [claim_of(found), would_change(found)] if found.need is not None else [claim_of(found)]
        return [*head, *_hours(timeline, None), "", *_wrapped("Undeclared hours: " + " ".join(said), width)]
    looks = ", ".join(f"{clean(name)} (seen in {hours:,.0f} hours)" for name, hours in found.rests_on)
    learnt = (
        f"From {looks}, the hour and the weekday, learnt on {found.declared_days} declared days. Inferred hours are "
        "chances added up, never facts: two hours at 50 % count as one. They stand in no record. A declared episode "
        "settles its own hours."
    )
    unsaid = (
        "It was never stated which days were declared. So a day without any declared role counts as not declared, and "
        "the hours between the roles of a declared day as in no role. If you leave out days on which you had no role, "
        "inferred hours come out too many (in simulated lives by a fifth, and by half for a rarer role). Coverage of "
        "your roles mends that: see docs/howto/roles.md."
    )
    parts = [_hours(timeline, found), _trust(found, width), _open(timeline, found, width), _wrapped(learnt, width)]
    parts += [_wrapped(unsaid, width)] if found.stated < MOSTLY else []
    return [*head, *(line for part in parts for line in [*part, ""])][:-1]


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width)


def _hours(timeline: Timeline, found: InferredRoles | None) -> list[str]:
    from mainstay.report.words import clean

    declared, told = declared_hours(timeline), {} if found is None else inferred_hours(found)
    names = [*declared, *([NO_ROLE] if found is not None else [])]
    wide = max([len(clean(name)) for name in names] + [len("hours")])
    lines = [f"{'hours':<{wide}}  {'declared':>9}" + (f"  {'inferred':>9}" if found is not None else "")]
    for name in names:
        said = f"{declared[name]:>9,.0f}" if name in declared else f"{_declared_none(found):>9,.0f}"
        more = f"  {told[name]:>9,.0f}" if found is not None else ""
        lines.append(f"{clean(name):<{wide}}  {said}{more}")
    return lines if names else ["No role was ever declared."]


def _declared_none(found: InferredRoles | None) -> float:
    return 0.0 if found is None else float((found.chance[0] * found.hours * found.declared).sum())


def _trust(found: InferredRoles, width: int) -> list[str]:
    from mainstay.report.words import percent

    t = found.tested
    said = (
        f"Tested on {t.hours:,.0f} declared hours of {t.days} days, each told without its own declaration: in "
        f"{percent(t.decided)} of them one role (or none) was at least {percent(found.confidence)} likely, and in "
        f"{percent(t.right)} of these it was the one declared. Hour and weekday alone would say so much of "
        f"{percent(t.clock_decided)}, and be right in {percent(t.clock_right)} of these."
    )
    table = [f"  {'given a chance of':<17}  {'on average':>10}  {'was so':>6}  {'hours':>7}"]
    for row in t.table:
        if row.hours >= 1.0:
            between = f"{percent(row.low)} to {percent(row.high)}"
            table.append(f"  {between:<17}  {_tenths(row.said):>10}  {_tenths(row.was):>6}  {row.hours:>7,.0f}")
    return [*_wrapped(said, width), "", *table]


def _tenths(share: float) -> str:
    """A share with a tenth of a per cent: near 0 and 100 % whole ones hide how good a chance was."""
    return f"{share * 100:.1f} %"


def _open(timeline: Timeline, found: InferredRoles, width: int) -> list[str]:
    from mainstay.report.words import percent

    undeclared = found.hours * ~found.declared
    left = float(undeclared[found.decided < 0].sum())
    total = float(undeclared.sum())
    strange = float(undeclared[~found.supported].sum())
    said = f"{left:,.0f} of {total:,.0f} undeclared hours ({percent(left / total)}) stay open: "
    said += f"no role, nor none, is {percent(found.confidence)} likely."
    if strange > 0:
        days = {WEEKDAYS[int(j)] + "s" for j in timeline.weekdays(found.middles[~found.supported & ~found.declared])}
        named = ", ".join(day for day in (f"{day}s" for day in WEEKDAYS) if day in days)
        said += f" {strange:,.0f} of them lie on weekdays of which fewer than three days were declared ({named})."
    helps = open_hours(timeline, found)[:MOST_HELP]
    if not helps:
        return _wrapped(said, width)
    wide = max(len(f"{day}, {part}") for day, part, *_ in helps)
    rows = [
        f"  {f'{day}, {part}':<{wide}}  {open_:>5,.0f} of {all_:,.0f} hours open" for day, part, open_, all_ in helps
    ]
    return [*_wrapped(said, width), "", "A declaration would help most here:", *rows]
