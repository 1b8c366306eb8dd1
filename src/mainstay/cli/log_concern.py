"""`log concern`: a worry is written down once, looked at on a set day, and let rest until then."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked, keep, toml_from
from mainstay.doors.noting_reading import LONGEST_REASON, reason
from mainstay.doors.noting_reading import review as review_day
from mainstay.errors import BadRequest
from mainstay.records.typed import close_to, listed, one_of

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.statements_concern import Concern, Seen

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
        review_day(on, begun)
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
    from mainstay.doors import noting, noting_concern
    from mainstay.records.statements import parsed
    from mainstay.records.statements_concern import ConcernFile

    known = noting.on_record(casebook, at)
    open_ = noting_concern.open_worries(known)
    before = None if replaces is None else _named(open_, replaces)
    if toml is None:
        taken = {one.says.name for one in open_} - ({before.says.name} if before else set())
        file = interview(noting_concern.tied_names(known), noting_concern.notes_of_others(known), taken, at)
    else:
        file = parsed(toml, ConcernFile, "concern")
    now = asking.now()
    note = noting_concern.write(file, known, now=now, toml=toml, before=before, anew="--replaces")
    keep(casebook, case, note, at=now)


def _close(casebook: Casebook, case: Path, name: str, why: str | None, at: Instant) -> None:
    from mainstay.doors import noting, noting_concern

    known = noting.on_record(casebook, at)
    found = _named(noting_concern.open_worries(known), name)
    if asking.at_a_terminal():
        why = asked("Why do you let it go? Enter leaves it unsaid: ", reason)
    now = asking.now()
    keep(casebook, case, noting_concern.let_go(found, why, known, now=now), at=now)


def _move(casebook: Casebook, case: Path, name: str, on: str | None, at: Instant) -> None:
    from mainstay.doors import noting, noting_concern

    known = noting.on_record(casebook, at)
    found = _named(noting_concern.open_worries(known), name)
    seen = _seen(found) if asking.at_a_terminal() else {}
    day = (
        review_day(on, at)
        if on is not None
        else asked("When will you look at it again? A day: ", lambda said: review_day(said, at))
    )
    now = asking.now()
    keep(casebook, case, noting_concern.moved(found, day, seen, known, now=now), at=now)


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


def _reason() -> str | None:
    """Why a worry is let go, from standard input; nothing where nothing comes."""
    return reason(sys.stdin.read(LONGEST_REASON + 1).strip())
