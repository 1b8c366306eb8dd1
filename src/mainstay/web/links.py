"""Commands that answers name, as places on the page: who reads the page needs no terminal.

Answers are made once for every door, so they name the command that does what they suggest. Each of these commands is
written out here with the place where the page does the same. What has no place on the page is said in words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.report.html import escaped

if TYPE_CHECKING:
    from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Link:
    """A place on the page and what it is called there. Without a path: words alone."""

    path: str
    said: str


_OPTIONS = r"(?: --[a-z-]+(?: [A-Z0-9][A-Z0-9.]*| [a-z_]+)?)*"
"""What follows a command: its options with their values."""
PLACES: dict[str, Link] = {
    r"log CASE concern --review NUMBER": Link("/write/concern", "Your worries"),
    r"log CASE concern": Link("/write/concern", "Write down a worry"),
    r"log CASE option": Link("/write/option", "Write down an option"),
    r"log CASE decision": Link("/write/decision", "Write down a decision"),
    r"log CASE leaning": Link("/write/leaning", "Write down a leaning"),
    r"log CASE preference": Link("/write/preference", "Write down what you would prefer"),
    r"log CASE hypothesis": Link("/write/hypothesis", "Write down a cause"),
    r"log CASE scenario": Link("/write/scenario", "Write down a way it could turn out"),
    r"log CASE event … --tag support --size HOURS": Link(
        "/write/event", "Write down an event, tagged “support”, with its hours as its size"
    ),
    r"log CASE event": Link("/write/event", "Write down an event"),
    r"log CASE check-in(?: ITEM VALUE)?": Link("/write", "Check in"),
    r"futures CASE": Link("/futures", "Futures"),
    r"options(?: CASE)?": Link("/options", "Options"),
    r"trial CASE [a-z]+": Link("/trial", "Trial"),
    rf"consent CASE (?:give|withdraw){_OPTIONS}": Link("/consent", "Consent"),
    rf"audit CASE{_OPTIONS}": Link("/consent/audit", "Consent, who read what"),
    r"people CASE": Link("/consent/people", "Consent, people"),
    rf"share CASE{_OPTIONS}": Link("/share", "Share"),
    r"share": Link("/share", "Share"),
    r"open": Link("/share", "Share"),
    r"erase": Link("/consent", "Consent, erase"),
    r"import CASE": Link("", "from the terminal, into a new casebook"),
    r"add CASE [^`”'\n]{1,400}? --guess": Link("/record/add", "Record, bring in a file"),
    r"tell --draws": Link("", "from the terminal, not from this page"),
}
"""The commands after `mainstay`, as patterns; the longer before the shorter."""
_QUOTES = "[“‘`']|&#x27;|&#39;"
_COMMAND = re.compile(
    rf"(?P<quoted>{_QUOTES})?mainstay (?:{'|'.join(f'(?P<k{k}>{one})' for k, one in enumerate(PLACES))})"
    r"(?![\w-])(?:[”’`']|&#x27;|&#39;)?"
)
_TAG = re.compile(r"(<[^>]*>)")
_LINKS = tuple(PLACES.values())


def linked(text: str) -> Markup:
    """Text from anywhere for the page: escaped, and each command it names a link to the place that does the same."""
    from markupsafe import Markup

    return Markup(_COMMAND.sub(_anchor, escaped(text)))


def linked_markup(markup: str) -> Markup:
    """The same for markup of this package's own, whose text is escaped already: only text between tags is touched."""
    from markupsafe import Markup

    parts = _TAG.split(markup)
    return Markup("".join(part if part.startswith("<") else _COMMAND.sub(_anchor, part) for part in parts))


def suggested(text: str) -> tuple[str, Link | None]:
    """A suggestion without the command at its end, and the place where it is done; None where it names none."""
    every = list(_COMMAND.finditer(text))
    if not every or text[every[-1].end() :].strip(" ."):
        return text, None
    found = every[-1]
    link = _link_of(found)
    return (text[: found.start()].rstrip(" :;,"), link) if link.path else (text, None)


def _link_of(found: re.Match[str]) -> Link:
    return next(link for k, link in enumerate(_LINKS) if found[f"k{k}"] is not None)


def _anchor(found: re.Match[str]) -> str:
    link = _link_of(found)
    said = escaped(link.said)
    shown = f'<a href="{link.path}">{said}</a>' if link.path else said
    return f"“{shown}”" if found["quoted"] else shown
