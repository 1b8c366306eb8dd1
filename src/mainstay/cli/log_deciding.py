"""`log scenario`, `option`, `preference`, `leaning`, `decision`: how it could turn out, what could be done, what is
wished, what it would be by first feeling, and what was decided. Asked for, or as TOML by standard input or --file.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cli import asking
from mainstay.cli.log_keeping import asked, from_input, keep, toml_from
from mainstay.doors.noting_reading import needed_reason
from mainstay.errors import BadRequest
from mainstay.records.typed import close_to

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.doors.noting_deciding import Form
    from mainstay.quantities import Instant


def write(case: Path, form: Form, *, file: Path | None, set_aside: str | None = None) -> None:
    """Keep one statement; of a scenario or option the last word under its name counts. Or set one of these aside."""
    from mainstay.casebook import Casebook

    if set_aside is not None and file is not None:
        raise BadRequest("--file writes one down and --set-aside lets one go; keep one")
    begun, terminal = asking.now(), asking.at_a_terminal()
    toml = toml_from(file) if set_aside is None and (file is not None or not terminal) else None
    why = needed_reason(from_input().strip(), "it") if set_aside is not None and not terminal else None
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        if set_aside is not None:
            _set_aside(casebook, case, form, set_aside, why)
        else:
            _write(casebook, case, form, toml, begun)


def _write(casebook: Casebook, case: Path, form: Form, toml: str | None, at: Instant) -> None:
    from mainstay.cli import log_deciding_interview as interview
    from mainstay.doors import noting, noting_deciding
    from mainstay.records.statements import parsed

    known = noting.on_record(casebook, at)
    starting = noting_deciding.starting_in(casebook, at) if form == "preference" else None
    kind = noting_deciding.FILES[form]
    read: Any = interview.ask(form, known, starting) if toml is None else parsed(toml, kind, form)
    now = asking.now()
    keep(casebook, case, noting_deciding.write(form, read, known, starting, now=now, toml=toml), at=now)


def _set_aside(casebook: Casebook, case: Path, form: Form, name: str, why: str | None) -> None:
    from mainstay.doors import noting, noting_deciding
    from mainstay.records.statements_hypothesis import same_name

    at = asking.now()
    known = noting.on_record(casebook, at)
    starting = noting_deciding.starting_in(casebook, at) if form == "scenario" else None
    there = noting_deciding.to_set_aside(form, known, starting)
    said = name.strip()
    place = int(said) - 1 if said.isdecimal() and 0 < int(said) <= len(there) else None
    found = there[place] if place is not None else next((one for one in there if same_name(one.name, said)), None)
    if found is None:
        names = [one.name for one in there]
        numbered = ", ".join(f"{k} {one}" for k, one in enumerate(names, 1)) or "none yet"
        what = noting_deciding.WORDS[form]
        raise BadRequest(f"no {what} of yours is called {said[:40]!r}{close_to(said, names)}; there: {numbered}")
    reason = why or asked("Why is it no longer considered? ", lambda said: needed_reason(said, "it"))
    now = asking.now()
    keep(casebook, case, noting_deciding.set_aside(form, found, reason, known, now=now), at=now)
