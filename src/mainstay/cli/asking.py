"""What the door asks for: the passphrase (never an argument: a shell keeps its history), the date, the clock."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.errors import BadRecord, BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstay.quantities import Instant

PASSPHRASE_FILE = "MAINSTAY_PASSPHRASE_FILE"
NEW_PASSPHRASE_FILE = "MAINSTAY_NEW_PASSPHRASE_FILE"
SHARE_PASSPHRASE_FILE = "MAINSTAY_SHARE_PASSPHRASE_FILE"
SHORTEST_PASSPHRASE = 8
FIRST_YEAR = 1900


def now() -> Instant:
    """The one place where the clock is read: now, with this machine's offset."""
    from mainstay.quantities import Instant

    return Instant.of(datetime.now().astimezone())


def passphrase(case: Path, *, twice: bool = False, keyring: bool = True) -> str:
    """What opens the casebook: the passphrase, from the file that MAINSTAY_PASSPHRASE_FILE names, or what this system's
    keyring keeps for it (not where `keyring` is off), or typed unseen; `twice` for a new casebook.

    A recovery code may be given in its place. Refuses one that is empty, differs the second time or, for a new
    casebook, has fewer than 8 characters.
    """
    if keyring and not twice and not os.environ.get(PASSPHRASE_FILE) and (kept := _in_keyring(case)):
        return kept
    return _secret(f"Passphrase for {case.name}: ", PASSPHRASE_FILE, twice=twice)


def new_passphrase(case: Path) -> str:
    """What is to open the casebook: from the file that MAINSTAY_NEW_PASSPHRASE_FILE names, or typed twice."""
    return _secret(f"New passphrase for {case.name}: ", NEW_PASSPHRASE_FILE, twice=True)


def share_passphrase(file: Path, *, twice: bool = False) -> str:
    """What opens a shared file, never the casebook: from the file that MAINSTAY_SHARE_PASSPHRASE_FILE names, or typed;
    `twice` for a new share."""
    return _secret(f"Passphrase for {file.name}: ", SHARE_PASSPHRASE_FILE, twice=twice)


def recovery_code(case: Path) -> str:
    """The recovery code as it was made, from MAINSTAY_PASSPHRASE_FILE or typed; refuses what can't be one."""
    from mainstay.casebook import recovery

    return recovery.code(
        _secret(f"The twelve words of the recovery code for {case.name} (not shown): ", PASSPHRASE_FILE)
    )


def at_a_terminal() -> bool:
    """Whether somebody can see what is printed and answer it."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def word(prompt: str) -> str:
    """What is typed where it is seen. Refuses the end of input."""
    try:
        return input(prompt)
    except EOFError:
        raise BadRequest("nothing more was typed, so nothing has changed; start again") from None


def agreed(question: str, yes: bool) -> None:
    """Goes on where the person has said yes, with `--yes` or by typing it; else nothing is done (`BadRequest`)."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise BadRequest("there is no terminal to ask on; --yes says yes beforehand. Nothing was written")
    if word(f"{question} Type yes to go on: ").strip().lower() != "yes":
        raise BadRequest("not confirmed, so nothing was written")


def named(names: Iterable[str], yes: bool) -> None:
    """Goes on where `--yes` was said or each name is typed, as it is shown; spaces at its ends don't count."""
    from mainstay.report.words import clean

    if yes:
        return
    if not at_a_terminal():
        raise BadRequest("there is no terminal to ask on; --yes says yes beforehand. Nothing was erased")
    for name in dict.fromkeys(clean(one).strip() for one in names):
        if word(f"Type {name} to go on: ").strip() != name:
            raise BadRequest("that is another name, so nothing was erased")


def midnight(day: date) -> Instant:
    """The beginning of a day on this machine's clock."""
    from mainstay.quantities import Instant

    return Instant.of(datetime.combine(day, time()).astimezone())


def _in_keyring(case: Path) -> str | None:
    from mainstay.casebook import keys

    return keys.from_keyring(case) if case.is_file() else None


def _secret(prompt: str, variable: str, *, twice: bool = False) -> str:
    file = os.environ.get(variable)
    if file:
        typed = _from_file(Path(file), variable)
    elif sys.stdin.isatty():
        typed = _typed(prompt)
        if twice and typed != _typed("The same again: "):
            raise BadRequest("the two passphrases differ; nothing was made, start again")
    else:
        raise BadRequest(
            f"there is no terminal to ask for the passphrase; write it into a file that only you can read "
            f"and set {variable} to that file's path"
        )
    if not typed.strip():
        raise BadRequest("the passphrase is empty; choose a few words that only you would put together")
    if twice and len(typed) < SHORTEST_PASSPHRASE:
        raise BadRequest(f"the passphrase needs at least {SHORTEST_PASSPHRASE} characters; a few words are best")
    return typed


def _typed(prompt: str) -> str:
    try:
        return getpass(prompt)
    except EOFError:
        raise BadRequest("no passphrase was given; start again") from None


def _from_file(path: Path, variable: str) -> str:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadRequest(f"{path}, which {variable} names, holds no text in UTF-8") from error
    lines = text.split("\n")
    if len(lines) > 1 and any(line.strip() for line in lines[1:]):
        raise BadRequest(f"{path}, which {variable} names, holds more than one line; the passphrase is one line")
    if os.name == "posix" and path.stat().st_mode & 0o077:
        print(f"mainstay: note: others on this machine can read {path}; chmod 600 would stop that", file=sys.stderr)
    return lines[0] if lines else ""


def as_of(text: str | None, at: Instant, option: str = "--as-of") -> Instant | None:
    """The instant a replay is cut at. A date means the end of that day on this machine's clock; today means now.

    Refuses a date after today, a time without offset, and anything else, by the name of the `option` it was given by.
    """
    from mainstay.quantities import Instant

    if text is None:
        return None
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        try:
            cut = Instant.parse(text)
        except BadRecord:
            raise BadRequest(
                f"{option} {text!r} is no date; write 2024-03-31, or a time with its offset: 2024-03-31T14:30+02:00"
            ) from None
    else:
        cut = _end_of(day, at)
    if cut > at:
        raise BadRequest(f"{option} {text} lies in the future; choose a date up to {at.as_local:%Y-%m-%d}")
    return cut


def _end_of(day: date, at: Instant) -> Instant:
    """The last microsecond of the day on this machine's clock; now, where the day is today; after now, where later."""
    today = at.as_local.date()
    if day >= today:
        return at if day == today else at.plus_days(1)
    if day.year < FIRST_YEAR:
        raise BadRequest(f"--as-of {day} is before any record; write the year with four digits")
    after = midnight(day + timedelta(days=1))
    return replace(after, utc_us=after.utc_us - 1)
