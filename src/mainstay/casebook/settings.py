"""What the person has set, in their own words: one text under each name, no record, so no purpose may read it.

It goes with an export and a backup, and with the casebook. Replaced or taken away, nothing of the text before stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from mainstay.casebook import audit, container, erasure
from mainstay.casebook.codec import checked_instant, checked_text
from mainstay.casebook.openfile import OpenFile
from mainstay.errors import BadRecord
from mainstay.quantities import Instant

SettingName = Literal["danger", "role"]
NAMES: tuple[str, ...] = get_args(SettingName)
LONGEST = 4000


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: its name, when it was set, and the text."""

    name: str
    at: Instant
    text: str


class Settings(OpenFile):
    """The part of a `Casebook` that keeps settings."""

    def setting(self, name: SettingName) -> str | None:
        """The text under this name; None where nothing is set."""
        with self._reading() as connection:
            found: str | None = connection.execute("SELECT said FROM setting WHERE name = ?", (name,)).get
        return found

    def keep_setting(self, name: SettingName, text: str | None, *, now: Instant) -> None:
        """Keeps a text in place of the one before; None takes it away. That it was done is noted on the audit.

        Refuses (`BadRecord`) a name that is not among `NAMES`, and a text that is empty or longer than `LONGEST`.
        """
        with self._writing() as connection:
            connection.execute("DELETE FROM setting WHERE name = ?", (name,))
            if text is not None:
                put(connection, Setting(name, now, text))
            erasure.note_unswept(connection)
            audit.note(connection, self._safe, "set", "", (), 0, now)
        with container.plain_errors(self.path):
            erasure.sweep(self._open_connection())


def everything(connection: Any) -> tuple[Setting, ...]:
    """All that is set, by name."""
    rows = connection.execute("SELECT name, said, set_us, set_offset_s FROM setting ORDER BY name")
    return tuple(Setting(name, Instant(us, offset_s), said) for name, said, us, offset_s in rows)


def put(connection: Any, one: Setting) -> bool:
    """Keeps it, in the caller's transaction, and says so; where one of its name is there, that stands."""
    checked(one)
    kept = connection.execute(
        "INSERT OR IGNORE INTO setting VALUES (?, ?, ?, ?) RETURNING name",
        (one.name, checked_text("a setting", one.text), *checked_instant("set", one.at)),
    ).get
    return kept is not None


def checked(one: Setting) -> Setting:
    """The setting, if it is one that a casebook keeps (`BadRecord`)."""
    if one.name not in NAMES:
        raise BadRecord(f"{one.name[:40]!r} is nothing that can be set; what can be is: {', '.join(NAMES)}")
    if not one.text.strip() or len(one.text) > LONGEST:
        raise BadRecord(f"what is set is a text of 1 to {LONGEST} characters, not of {len(one.text)}")
    return one
