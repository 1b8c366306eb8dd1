"""`log hypothesis`: a possible cause is written down with what it predicts and forbids, said anew, or set aside."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.log_keeping import asked, from_input, keep, toml_from
from mainstay.doors.noting_reading import needed_reason
from mainstay.errors import BadRequest
from mainstay.records.typed import close_to

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.statements_hypothesis import Hypothesis


def hypothesis(case: Path, *, file: Path | None, replaces: str | None, set_aside: str | None) -> None:
    """Write a possible cause down, say one anew, or set one aside. Refuses options that don't go together."""
    from mainstay.casebook import Casebook

    if set_aside is not None and (file is not None or replaces is not None):
        raise BadRequest("--file and --replaces write a cause down; leave them out with --set-aside")
    begun = asking.now()
    terminal = asking.at_a_terminal()
    toml = toml_from(file) if set_aside is None and (file is not None or not terminal) else None
    why = needed_reason(from_input().strip(), "a cause") if set_aside is not None and not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if set_aside is not None:
            _set_aside(casebook, case, set_aside, why, begun)
        else:
            _write(casebook, case, toml, replaces, begun)


def _write(casebook: Casebook, case: Path, toml: str | None, replaces: str | None, at: Instant) -> None:
    from mainstay.cli.log_hypothesis_interview import interview
    from mainstay.doors import noting, noting_hypothesis
    from mainstay.records.statements import parsed
    from mainstay.records.statements_hypothesis import HypothesisFile

    known = noting.on_record(casebook, at)
    own = noting_hypothesis.own_causes(known)
    before = None if replaces is None else _named(own, replaces, "cause of yours")
    if toml is None:
        file = interview(known.clause_names, noting_hypothesis.taken_names(known, before), at)
    else:
        file = parsed(toml, HypothesisFile, "hypothesis")
    now = asking.now()
    note = noting_hypothesis.write(file, known, now=now, toml=toml, before=before, anew="--replaces")
    keep(casebook, case, note, at=now)


def _set_aside(casebook: Casebook, case: Path, name: str, why: str | None, at: Instant) -> None:
    from mainstay.doors import noting, noting_hypothesis

    known = noting.on_record(casebook, at)
    found = _named(noting_hypothesis.considered(known), name, "cause")
    if why is None:
        why = asked("Why is it no longer considered? ", lambda said: needed_reason(said, "a cause"))
    now = asking.now()
    keep(casebook, case, noting_hypothesis.set_aside(found, why, known, now=now), at=now)


def _named(known: tuple[Hypothesis, ...], name: str, what: str) -> Hypothesis:
    """The one of this number, the first being 1, or of this name. A number keeps a name out of the shell's history."""
    from mainstay.records.statements_hypothesis import same_name

    said = name.strip()
    if said.isdecimal() and 0 < int(said) <= len(known):
        return known[int(said) - 1]
    found = next((one for one in known if same_name(one.name, said)), None)
    if found is None:
        names = [one.name for one in known]
        numbered = ", ".join(f"{k} {one}" for k, one in enumerate(names, 1)) or "none yet"
        raise BadRequest(f"no {what} is called {said[:40]!r}{close_to(said, names)}; on record: {numbered}")
    return found
