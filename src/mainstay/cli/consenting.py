"""`consent`: what each stream may be read for; giving, refusing, renewing and withdrawing it, and how that went."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.doors.consenting import OWN
from mainstay.doors.consenting import until as until_of
from mainstay.errors import BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Casebook, ConsentEvent, ConsentHeld, StreamOverview
    from mainstay.quantities import Instant

ACTIONS = ("show", "give", "refuse", "renew", "withdraw")
FEW = 3


def consent(
    case: Path, action: str, streams: tuple[str, ...], *, purposes: tuple[str, ...], until: str | None, history: bool
) -> None:
    """Do one thing with consent and say what was done. Refuses what does not go together before asking anything."""
    if action not in ACTIONS:
        raise BadRequest(f"{action!r} can't be done with consent; what can be done is: {', '.join(ACTIONS)}")
    if until is not None and action not in ("give", "renew"):
        raise BadRequest(f"--until goes with give and renew; there is nothing for {action!r} to do with it")
    if history and action != "show":
        raise BadRequest("--history goes with show")
    if action == "refuse" and not purposes:
        raise BadRequest("say what is refused: --purpose cohort, for example")
    from mainstay.casebook import Casebook
    from mainstay.casebook.consent import known_purpose

    for purpose in purposes:
        known_purpose(purpose)
    at = asking.now()
    end = None if until is None else until_of(until, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        lines = _done(casebook, case, action, streams, purposes=purposes, until=end, history=history, at=at)
    print_lines(lines)


def standing_lines(casebook: Casebook, case: Path, names: Iterable[str], at: Instant) -> list[str]:
    """After records were added: which of these streams may still not be read for the person's own answers."""
    clock, wanted = casebook.clock(at), set(names)
    closed = [
        stream.name
        for stream in casebook.streams()
        if stream.name in wanted and any(one.purpose == OWN and not one.valid(clock) for one in stream.consent)
    ]
    if not closed:
        return []
    return [
        f"Note: what you said of {', '.join(closed)} stands: not to be read for {OWN} now.",
        f"To allow it again: mainstay consent {case} give {' '.join(_quoted(name) for name in closed)}",
    ]


def _done(
    casebook: Casebook,
    case: Path,
    action: str,
    streams: tuple[str, ...],
    *,
    purposes: tuple[str, ...],
    until: Instant | None,
    history: bool,
    at: Instant,
) -> list[str]:
    from mainstay.casebook import Consent
    from mainstay.casebook.terms import notice

    clock = casebook.clock(at)
    behind = [_behind(clock)] if clock > at else []
    if action == "show":
        return behind + (_history(casebook, streams, purposes) if history else _shown(casebook, streams, clock))
    if action == "withdraw":
        return behind + _withdrawn(casebook.withdraw(streams, purposes, now=at), case)
    if action == "renew":
        return behind + _said(casebook.renew(streams, purposes, until=until, now=at))
    if action == "refuse":
        return behind + (_said(casebook.refuse(streams, purposes, now=at)) or ["This was refused already."])
    said = Consent(purposes=purposes or (OWN,), given_at=clock, until=until)
    told = [f"{purpose}: {notice(purpose)}" for purpose in said.purposes]
    noted = casebook.give(streams, said, now=at)
    return behind + told + (_said(noted) or ["There are no records yet, and so nothing to consent to."])


def _behind(clock: Instant) -> str:
    return (
        f"Note: this machine's clock is behind. The casebook has noted {_minute(clock)}, and consent is judged by "
        "the later of the two."
    )


def _shown(casebook: Casebook, names: tuple[str, ...], clock: Instant) -> list[str]:
    streams = casebook.streams()
    unknown = [name for name in names if name not in {stream.name for stream in streams}]
    if unknown:
        raise BadRequest(f"there is no stream {unknown[0]!r}; there are: {', '.join(one.name for one in streams)}")
    if not streams:
        return ["There are no records yet, and so nothing to consent to."]
    return [line for one in streams if not names or one.name in names for line in _consent_lines(one, clock)]


def _consent_lines(stream: StreamOverview, clock: Instant) -> list[str]:
    lines = [f"{stream.name}: {counted(stream.count, 'record')}{_extent(stream)}"]
    lines += [f"  {_held(held, clock)}" for held in stream.consent]
    return lines if stream.consent else [*lines, "  may be read for nothing"]


def _extent(stream: StreamOverview) -> str:
    if stream.first is None or stream.last is None:
        return ""
    return f", {stream.first.as_local:%Y-%m-%d} to {stream.last.as_local:%Y-%m-%d}"


def _held(held: ConsentHeld, clock: Instant) -> str:
    return f"{held.purpose}: {_event(held)}{_not_now(held, clock)}"


def _not_now(held: ConsentHeld, clock: Instant) -> str:
    if held.event not in ("given", "renewed") or held.valid(clock):
        return ""
    return " (not begun)" if clock < held.at else " (ended)"


def _event(one: ConsentHeld | ConsentEvent) -> str:
    said = f"{one.event} {_minute(one.at)}"
    if one.event not in ("given", "renewed"):
        return said
    return f"{said}, " + ("until withdrawn" if one.until is None else f"until {_minute(one.until)}")


def _history(casebook: Casebook, names: tuple[str, ...], purposes: tuple[str, ...]) -> list[str]:
    found = [
        one
        for one in casebook.consents()
        if (not names or one.stream in names) and (not purposes or one.purpose in purposes)
    ]
    lines = [f"{_minute(one.noted)}  {one.stream}, {one.purpose}: {_event(one)}" for one in found]
    return lines or ["Nothing was said about consent yet."]


def _said(noted: tuple[ConsentEvent, ...]) -> list[str]:
    streams: dict[str, list[str]] = {}
    for one in noted:
        if one.event != "expired":
            streams.setdefault(f"{one.purpose}, {_event(one)}", []).append(one.stream)
    return [f"{said}: {', '.join(names)}" for said, names in streams.items()]


def _withdrawn(noted: tuple[ConsentEvent, ...], case: Path) -> list[str]:
    ended = [one for one in noted if one.event == "withdrawn"]
    if not ended:
        return ["None of this was allowed, so there was nothing to withdraw."]
    names = dict.fromkeys(one.stream for one in ended)
    some = [_quoted(name) for name in names] if len(names) <= FEW else ["STREAM"]
    return [
        *_said(noted),
        "From now on these records are not read for that. They are still in the casebook.",
        "To have them forgotten, with all that was made from them:",
        *(f"  mainstay erase {case} {name}" for name in some),
    ]


def _quoted(name: str) -> str:
    from shlex import quote

    return quote(name)


def _minute(at: Instant) -> str:
    return f"{at.as_local:%Y-%m-%d %H:%M}"
