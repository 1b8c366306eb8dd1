"""What the door asks for: the passphrase (never an argument: a shell keeps its history), the date, the clock."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from getpass import getpass
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.doors.dates import FIRST_YEAR, as_of, midnight
from mainstay.doors.passphrases import refuse_different, refuse_empty, refuse_unfit
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mainstay.quantities import Instant

__all__ = [
    "FIRST_YEAR", "agreed", "as_of", "at_a_terminal", "midnight", "named", "new_passphrase", "now", "passphrase",
    "recovery_code", "share_passphrase", "word",
]  # fmt: skip
PASSPHRASE_FILE = "MAINSTAY_PASSPHRASE_FILE"
NEW_PASSPHRASE_FILE = "MAINSTAY_NEW_PASSPHRASE_FILE"
SHARE_PASSPHRASE_FILE = "MAINSTAY_SHARE_PASSPHRASE_FILE"


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


def _in_keyring(case: Path) -> str | None:
    from mainstay.casebook import keys

    return keys.from_keyring(case) if case.is_file() else None


def _secret(prompt: str, variable: str, *, twice: bool = False) -> str:
    file = os.environ.get(variable)
    if file:
        typed = _from_file(Path(file), variable)
    elif sys.stdin.isatty():
        typed = _typed(prompt)
        if twice:
            refuse_different(typed, _typed("The same again: "))
    else:
        raise BadRequest(
            f"there is no terminal to ask for the passphrase; write it into a file that only you can read "
            f"and set {variable} to that file's path"
        )
    (refuse_unfit if twice else refuse_empty)(typed)
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
