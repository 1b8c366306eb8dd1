"""The replay: what is said of why, of simulated people with a known truth, as of dates about what became known."""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.explanations.replay import months
from mainstay.quantities import Answer, Instant
from mainstay.timeline.replaying import as_of_each
from mainstay.worlds import simulate

BEFORE, AFTER_THE_CALL, AFTER_THE_EVENING = "2025-06-11", "2025-06-13", "2025-07-04"
END = "2025-07-08"
NO_PART, CONCEALMENT = "no_part_to_play", "role concealment"
WARM, WARM_COMPANY = "warm", "too little warm company"


@dataclass(frozen=True)
class Told:
    """What one date of a replay says, in short: statuses and names."""

    overall: str
    leading: tuple[str, ...]
    shared: tuple[str, str]
    tried: tuple[str, ...]


def at(day: str) -> Instant:
    """Midnight UTC at the beginning of a day."""
    return Instant.parse(f"{day}T00:00+00:00")


def replay(world: str, seed: int, *days: str, folder: str = "") -> list[Told]:
    """What each date says of one simulated person."""
    person = simulate(world, seed)[folder]
    dates = [at(day) for day in days]
    walked = months(as_of_each(person.records, person.items, person.anchor, dates))
    return [_told(one.overall, one.shared, one.tried) for one in walked]


def _told(overall: Answer, shared: Answer | None, tried: tuple[Answer, ...]) -> Told:
    return Told(
        overall.status,
        tuple(overall.detail.get("leading", ())),
        ("", "") if shared is None else (shared.status, shared.about),
        tuple(one.about for one in tried),
    )


def before_the_call(told: Told) -> bool:
    """Certain, and not explained: nothing of what the call will tell is there."""
    return (
        told.overall == "established_unexplained"
        and not told.leading
        and told.shared == ("established_unexplained", "")
        and not told.tried
    )


def after_the_call(told: Told) -> bool:
    """With whom no part has to be played ranks first, and is unconfirmed; nothing has been tried."""
    return _no_part_leads(told) and not told.tried


def after_the_evening(told: Told) -> bool:
    """The same, and relief was observed once; that anything recovers is claimed nowhere."""
    return _no_part_leads(told) and told.tried == ("evening with the rival",)


def _no_part_leads(told: Told) -> bool:
    return told.overall == "unconfirmed" and told.leading == (CONCEALMENT,) and told.shared == ("unconfirmed", NO_PART)
