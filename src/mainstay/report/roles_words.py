"""Hours in each role in words and tables: declared and inferred, how far to trust that, and what would help."""

from __future__ import annotations

from mainstay.report.words import clean, percent
from mainstay.timeline.inferring_kinds import InferredRoles
from mainstay.timeline.kinds import Timeline

NO_ROLE = "no role"
MOSTLY = 0.9
MOST_HELP = 5
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ((0, 6, "night"), (6, 12, "morning"), (12, 18, "afternoon"), (18, 24, "evening"))
UNSAID = (
    "It was never stated which days were declared. So a day without any declared role counts as not declared, and "
    "the hours between the roles of a declared day as in no role. If you leave out days on which you had no role, "
    "inferred hours come out too many (in simulated lives by a fifth, and by half for a rarer role)."
)


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


def hours_table(timeline: Timeline, found: InferredRoles | None) -> tuple[list[str], list[list[str]]]:
    """Column names and rows: role, hours declared, and hours inferred where there are any."""
    declared = declared_hours(timeline)
    if found is None:
        return ["hours", "declared"], [[clean(name), f"{hours:,.0f}"] for name, hours in declared.items()]
    told = inferred_hours(found)
    declared[NO_ROLE] = float((found.chance[0] * found.hours * found.declared).sum())
    rows = [[clean(name), f"{hours:,.0f}", f"{told[name]:,.0f}"] for name, hours in declared.items()]
    return ["hours", "declared", "inferred"], rows


def trust(found: InferredRoles) -> str:
    """How often what is inferred was so, where it could be compared with what was declared."""
    t = found.tested
    return (
        f"Tested on {t.hours:,.0f} declared hours of {t.days} days, each told without its own declaration: in "
        f"{percent(t.decided)} of them one role (or none) was at least {percent(found.confidence)} likely, and in "
        f"{percent(t.right)} of these it was the one declared. Hour and weekday alone would say so much of "
        f"{percent(t.clock_decided)}, and be right in {percent(t.clock_right)} of these."
    )


def trust_table(found: InferredRoles) -> tuple[list[str], list[list[str]]]:
    """Column names and rows: the chances given, their mean, how often it was so, in how many hours."""
    rows = [
        [f"{percent(row.low)} to {percent(row.high)}", _tenths(row.said), _tenths(row.was), f"{row.hours:,.0f}"]
        for row in found.tested.table
        if row.hours >= 1.0
    ]
    return ["given a chance of", "on average", "was so", "hours"], rows


def _tenths(share: float) -> str:
    """A share with a tenth of a per cent: near 0 and 100 % whole ones hide how good a chance was."""
    return f"{share * 100:.1f} %"


def left_open(timeline: Timeline, found: InferredRoles) -> str:
    """How many undeclared hours stay open, and why."""
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
    return said


def learnt_from(found: InferredRoles) -> str:
    """What the chances were learnt from, and what they are not."""
    looks = ", ".join(f"{clean(name)} (seen in {hours:,.0f} hours)" for name, hours in found.rests_on)
    return (
        f"From {looks}, the hour and the weekday, learnt on {found.declared_days} declared days. Inferred hours are "
        "chances added up, never facts: two hours at 50 % count as one. They stand in no record. A declared episode "
        "settles its own hours."
    )
