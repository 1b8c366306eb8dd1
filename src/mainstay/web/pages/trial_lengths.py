"""How long a trial takes, from the person's own days: in general, for each way of dealing out the days, for a plan.

All of it is worked out by simulation beside the page, once for a timeline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.doors.trials_fields import Known, from_fields
from mainstay.quantities import CannotSay, Instant
from mainstay.records.words import counted, listed
from mainstay.report.trials_words import weeks_lines
from mainstay.report.words import claim_of
from mainstay.trials.planning import chance, how_long, how_long_each
from mainstay.web.desk import Working
from mainstay.web.pages.trial_found import item_words
from mainstay.web.showing import desk_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from mainstay.records.statements_protocol import ProtocolFile
    from mainstay.timeline.kinds import Timeline
    from mainstay.trials.power import Weeks

PATIENCE_S = 8.0
"""How long a form waits for what each way takes, before it is shown without."""
WISHED = "with a chance of 8 in 10"
USUAL = {
    "days": {"pairs": "28"},
    "contacts": {"a_week": "2", "weeks": "8"},
    "blocks": {"period": "3", "washout": "0", "pairs": "10"},
    "start": {"weeks": "20"},
}
"""Each way of dealing out the days, with the fields that its form begins with."""
FIXED = {"days": {"kind": "blocks", "period": "1", "washout": "0"}}
"""What a way stands for where it is a kind of design with some of its fields settled."""
NAMES = {
    "days": "on half of all days",
    "contacts": "on two days a week",
    "blocks": "three days with it by three without",
    "start": "in a single change",
}
_LEFT = {"what": "", "place": "", "clothes": "", "people": "", "usual": "", "start": "", "harm": "", "question": "?"}


@dataclass(frozen=True, slots=True)
class Way:
    """A way of dealing out the days: what it takes in words, and the fields with which its form begins."""

    name: str
    takes: str
    begins: Mapping[str, str]
    weeks: int | None


def in_general(request: Request) -> tuple[str, ...] | Working:
    """Before there is a plan: what a clear difference on the main item would take; nothing where that can't be said."""
    desk = desk_of(request)
    timeline = desk.timeline(None)
    rated = timeline.ratings.get(timeline.anchor or "")
    if rated is None or rated.item.better is None:
        return ()
    item = rated.item
    size = f"{(item.high - item.low) / 6.0:.1g}"
    asked = {"tried": "something new", "outcome": item.name, "better": "", "matters": size}
    found = ways(request, asked, Known((item,), (), (), desk.clock()), patience_s=0.3)
    if isinstance(found, Working):
        return found
    told = [one for one in found if one.weeks is not None]
    if not told:
        return tuple(dict.fromkeys(one.takes for one in found))[:1]
    said = listed([f"{counted(one.weeks or 0, 'week')} {NAMES[one.name]}" for one in told], "or")
    return (
        f"From your own days so far, a difference of {size} in “{item_words(item)}” would show {WISHED} after {said}.",
    )


def ways(
    request: Request, said: dict[str, str], known: Known, *, patience_s: float = PATIENCE_S
) -> tuple[Way, ...] | Working:
    """Each way of dealing out the days with the time it takes. `said`: what the first fields of a plan say."""
    plans = {}
    for name, begins in USUAL.items():
        read = from_fields(_LEFT | said | {"name": _free(known)} | as_kind(name, begins), known)
        if not isinstance(read, tuple):
            plans[name] = read
    if not plans:
        return untold()

    def worked_out(timeline: Timeline) -> tuple[Weeks, ...] | CannotSay:
        return how_long_each(timeline, tuple(plans.values()))

    asked = "|".join(said.get(one, "") for one in ("outcome", "better", "matters"))
    found = desk_of(request).made(
        f"trial ways|{asked}", worked_out, patience_s=patience_s,
        said="How long a trial would take is being worked out from your own days. This takes some seconds.",
    )  # fmt: skip
    if isinstance(found, Working):
        return found
    if isinstance(found, CannotSay):
        return untold(claim_of(found))
    return tuple(_way(name, one) for name, one in zip(plans, found, strict=True))


def untold(why: str = "") -> tuple[Way, ...]:
    """The ways without the time they take."""
    return tuple(Way(name, why, begins, None) for name, begins in USUAL.items())


def as_kind(way: str, fields: Mapping[str, str]) -> dict[str, str]:
    """The fields of a plan that a way stands for, its own among them."""
    return {"kind": way} | dict(fields) | FIXED.get(way, {})


def _way(name: str, found: Weeks) -> Way:
    begins = dict(USUAL[name])
    if found.needed is None:
        weeks, most = found.chances[-1]
        return Way(name, f"More than a year; after {weeks} weeks the chance is {in_ten(float(most))}.", begins, None)
    if "pairs" in begins:
        begins["pairs"] = str(-(-7 * found.needed // (2 * int(as_kind(name, begins)["period"]))))
    else:
        begins["weeks"] = str(found.needed)
    return Way(name, f"About {counted(found.needed, 'week')}.", begins, found.needed)


def _free(known: Known) -> str:
    """A name that no trial has: these plans are worked out, not kept."""
    return "not kept " + "x" * (1 + max((len(one) for one in known.begun), default=0))


def of_plan(request: Request, key: str, says: ProtocolFile) -> str | Working:
    """The chance that a plan shows what it looks for, in a sentence."""
    found = desk_of(request).made(
        f"trial chance|{key}", lambda timeline: chance(timeline, says), patience_s=1.0,
        said="How likely it is to show something is being worked out from your own days.",
    )  # fmt: skip
    if isinstance(found, Working):
        return found
    if isinstance(found, CannotSay):
        return f"How likely it is to show something can't be told: {claim_of(found)}"
    few = " More weeks would raise it; 8 in 10 is usually wanted." if float(found) < 0.75 else ""
    days = counted(says.design.days, "day")
    chance_words = in_ten(float(found))
    return f"If it makes a difference of {says.matters:g}, the chance that these {days} show it is {chance_words}.{few}"


def whole(request: Request, key: str, says: ProtocolFile, cut: Instant | None) -> list[str] | Working:
    """What the plan takes, the way that takes least, and recovery, in sentences."""
    return desk_of(request).made(
        f"trial length|{key}", lambda timeline: weeks_lines(says, how_long(timeline, says)), cut,
        said="How long it takes is being worked out from your own days. This takes some seconds.",
    )  # fmt: skip


def in_ten(share: float) -> str:
    """A chance as so many in ten."""
    tenths = round(10.0 * share)
    return "more than 9 in 10" if tenths >= 10 else "less than 1 in 10" if tenths < 1 else f"about {tenths} in 10"
