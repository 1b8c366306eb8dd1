"""If I am in danger: what the person wants to read then, and whom they would call. Their words; no number is ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.errors import BadRecord

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant

LONGEST_WORDS, LONGEST_CONTACT, MOST_CONTACTS = 280, 80, 4


@dataclass(frozen=True, slots=True)
class Danger:
    """The person's own words, and whom they chose with the number: "Ben, 0123". Each is one line.

    Refuses (`BadRecord`) nothing at all, what is too long to be read at a glance, and more than one line.
    """

    words: str
    contacts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.words and not self.contacts:
            raise BadRecord("write what you want to read then, or whom to call")
        if len(self.words) > LONGEST_WORDS or not self.words.isprintable():
            raise BadRecord(f"your words are one line of at most {LONGEST_WORDS} characters; say it shorter")
        if len(self.contacts) > MOST_CONTACTS:
            raise BadRecord(f"{MOST_CONTACTS} people or numbers are the most; fewer are found faster")
        for one in self.contacts:
            if not one.strip() or len(one) > LONGEST_CONTACT or not one.isprintable():
                raise BadRecord(f"a name with its number is one line of at most {LONGEST_CONTACT} characters")


def danger_in(casebook: Casebook) -> Danger | None:
    """What the person has set; None where they have set nothing."""
    held = casebook.setting("danger")
    if held is None:
        return None
    try:
        said = json.loads(held)
        return Danger(str(said["words"]), tuple(str(one) for one in said["contacts"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadRecord("what was set for danger can't be read; set it anew") from error


def keep(casebook: Casebook, danger: Danger | None, at: Instant) -> None:
    """Keeps it in place of what was set before; None takes it away."""
    said = None
    if danger is not None:
        said = json.dumps({"words": danger.words, "contacts": list(danger.contacts)}, ensure_ascii=False)
    casebook.keep_setting("danger", said, now=at)
