"""`log concern`: a worry is written down once, looked at on a set day, and let rest until then."""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import Told, asked, close_to, keep, listed, one_of, own_records, toml_from
from mainstay.cli.log_times import day_to_come
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Record
    from mainstay.records.statements_concern import Concern, ConcernFile, Seen

FURTHEST_REVIEW_DAYS = 3 * 366
LONGEST_REASON = 4000
SEEN: tuple[Seen, ...] = ("so", "not", "unclear")


def concern(
    case: Path, *, file: Path | None, replaces: str | None, close: str | None, review: str | None, on: str | None
) -> None:
    """Write a worry down, let one go, or move its review. Refuses options that don't go together."""
    from mainstay.casebook import Casebook

    if close is not None and (review is not None or on is not None):
        raise BadRequest("--close lets a worry go, and --review moves its day; keep one")
    if (close is not None or review is not None) and (file is not None or replaces is not None):
        raise BadRequest("--file and --replaces write a worry down; leave them out with --close and --review")
    if on is not None and review is None:
        raise BadRequest("--on says when a worry is looked at again; it goes with --review NAME")
    if review is not None and on is None and not asking.at_a_terminal():
        raise BadRequest("there is no terminal to ask on; say the day: --review NAME --on 2026-12-31")
    begun = asking.now()
    if on is not None:
        day_to_come(on, begun, within_days=FURTHEST_REVIEW_DAYS)
    writing = close is None and review is None
    toml = toml_from(file) if writing and (file is not None or not asking.at_a_terminal()) else None
    said_why = _reason() if close is not None and not asking.at_a_terminal() else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if close is not None:
            _close(casebook, case, close, said_why, begun)
        elif review is not None:
            _move(casebook, case, review, on, begun)
        else:
            _write(casebook, case, toml, replaces, begun)


def _write(casebook: Casebook, case: Path, toml: str | None, replaces: str | None, at: Instant) -> None:
    from mainstay.cli.log_interview import interview
    from mainstay.records import logged
    from mainstay.records.statements import as_toml, parsed
    from mainstay.records.statements_concern import ConcernFile

    records, items = own_records(casebook, at)
    open_ = _open(records)
    before = None if replaces is None else _named(open_, replaces)
    taken = {one.says.name for one in open_} - ({before.says.name} if before else set())
    known = _on_record(records, tuple(item.name for item in items))
    if toml is None:
        file = interview(known, _untaken(records, open_), taken, at)
    else:
        file = parsed(toml, ConcernFile, "concern")
        _check(file, known, taken, {one.id for one in records}, at)
    text = as_toml(file) if toml is None else toml
    if before is not None:
        # Its beginning goes before what was written, which stays as it is.
        text = f"begun = {before.begun.as_local.isoformat()}\nmoved = {before.says.moved}\n{text}"
        parsed(text, ConcernFile, "concern")
    now = asking.now()
    record = logged.statement("concern", text, now=now, replaces=_record(records, before))
    signs = f"{len(file.observable)} signs"
    keep(
        casebook,
        case,
        (record,),
        f"the worry “{file.name}” with {signs}, looked at again on {_day(file.review)}",
        at=now,
    )


def _close(casebook: Casebook, case: Path, name: str, why: str | None, at: Instant) -> None:
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_concern import closed

    records, _ = own_records(casebook, at)
    found = _named(_open(records), name)
    if asking.at_a_terminal():
        why = asked("Why do you let it go? Enter leaves it unsaid: ", _checked_reason)
    now = asking.now()
    text = as_toml(closed(found, now, why))
    record = logged.statement("concern", text, now=now, replaces=_record(records, found))
    keep(casebook, case, (record,), f"the worry “{found.says.name}” is let go", at=now)


def _move(casebook: Casebook, case: Path, name: str, on: str | None, at: Instant) -> None:
    from mainstay.records import logged
    from mainstay.records.statements import as_toml
    from mainstay.records.statements_concern import put_off

    records, _ = own_records(casebook, at)
    found = _named(_open(records), name)
    seen = _seen(found) if asking.at_a_terminal() else {}
    day = (
        day_to_come(on, at, within_days=FURTHEST_REVIEW_DAYS)
        if on is not None
        else asked("When will you look at it again? A day: ", lambda said: _review_day(said, at))
    )
    now = asking.now()
    record = logged.statement(
        "concern", as_toml(put_off(found, day, seen)), now=now, replaces=_record(records, found)
    )  # fmt: skip
    keep(casebook, case, (record,), f"the worry “{found.says.name}” is looked at again on {_day(day)}", at=now)


def _seen(found: Concern) -> dict[str, Seen]:
    """What the person saw of the signs that nothing on record is tied to."""
    mine = [one for one in found.says.observable if one.tied_to is None]
    if not mine:
        return {}
    print_lines([f"What do you see of “{found.says.name}” now? so, not or unclear; Enter leaves it as it was."])
    seen: dict[str, Seen] = {}
    for sign in mine:
        print_lines([f"{sign.what}: so, {sign.if_so}; not, {sign.if_not}"])
        said = asked("> ", lambda text: one_of(text, SEEN) if text else "")
        word = next((one for one in SEEN if one == said), None)
        if word is not None:
            seen[sign.what] = word
    return seen


def _open(records: tuple[Record, ...]) -> tuple[Concern, ...]:
    from mainstay.records.statements_concern import concerns_of

    return tuple(one for one in concerns_of(Told(records))[0] if one.is_open)


def _named(open_: tuple[Concern, ...], name: str) -> Concern:
    """The open worry of this number, the oldest being 1, or of this name, whatever its letters' case.

    A number keeps what somebody worries about out of the shell's history.
    """
    if name.strip().isdigit() and 0 < int(name) <= len(open_):
        return open_[int(name) - 1]
    same = [one for one in open_ if one.says.name.casefold() == name.strip().casefold()]
    exact = [one for one in same if one.says.name == name.strip()]
    if len(exact or same) != 1:
        names = [one.says.name for one in open_]
        numbered = listed([f"{k} {one}" for k, one in enumerate(names, 1)])
        raise BadRequest(f"no open worry is called {name.strip()[:40]!r}{close_to(name, names)}; open: {numbered}")
    return (exact or same)[0]


def _record(records: tuple[Record, ...], found: Concern | None) -> Record | None:
    return None if found is None else next(one for one in records if one.id == found.id)


def _untaken(records: tuple[Record, ...], open_: tuple[Concern, ...]) -> tuple[Record, ...]:
    """What supporters wrote that no open worry takes up yet, the latest first."""
    from mainstay.records.kinds import Statement

    taken = {one.says.observation for one in open_}
    theirs = [one for one in records if isinstance(one.body, Statement) and one.body.form == "observation"]
    return tuple(sorted((one for one in theirs if one.id not in taken), key=lambda one: one.known, reverse=True))


def _on_record(records: tuple[Record, ...], items: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """The names a sign can be tied to, by what they are."""
    from mainstay.records.kinds import Event, Signal

    events = {one.body.label for one in records if isinstance(one.body, Event)}
    signals = {one.body.channel for one in records if isinstance(one.body, Signal)}
    return {"item": tuple(sorted(items)), "event": tuple(sorted(events)), "signal": tuple(sorted(signals))}


def _check(file: ConcernFile, known: dict[str, tuple[str, ...]], taken: set[str], ids: set[str], at: Instant) -> None:
    """Refuses a file whose worry is open already, that looks back or far ahead, or names what is not on record."""
    if file.begun is not None or file.closed is not None or file.moved:
        raise BadRequest("begun, moved and closed are written by Mainstay; leave them out")
    if file.name in taken:
        raise BadRequest(f"a worry called {file.name!r} is open already; to say it anew: --replaces {file.name!r}")
    day_to_come(file.review.isoformat(), at, within_days=FURTHEST_REVIEW_DAYS)
    if file.since is not None and file.since > at.as_local.date():
        raise BadRequest(f"since = {file.since} lies in the future")
    if file.observation is not None and file.observation not in ids:
        raise BadRequest(f"observation: no record that may be read has the id {file.observation[:40]!r}")
    for sign in file.observable:
        for kind, names in known.items():
            name = getattr(sign, kind)
            if name is not None and name not in names:
                raise BadRequest(
                    f"no {kind} on record is called {name!r}{close_to(name, names)}; known: {listed(names)}"
                )


def _review_day(said: str, at: Instant) -> date:
    return day_to_come(said, at, within_days=FURTHEST_REVIEW_DAYS)


def _reason() -> str | None:
    """Why a worry is let go, from standard input; nothing where nothing comes."""
    return _checked_reason(sys.stdin.read(LONGEST_REASON + 1).strip())


def _checked_reason(text: str) -> str | None:
    if len(text) > LONGEST_REASON:
        raise BadRequest(f"the reason is longer than {LONGEST_REASON} characters; say it in a few lines")
    if not all(line.replace("\t", " ").isprintable() for line in text.splitlines()):
        raise BadRequest("the reason holds control characters; write it as plain text")
    return text or None


def _day(day: date) -> str:
    from mainstay.quantities import Instant

    return Instant.of(datetime.combine(day, time(), UTC)).day_in_words
