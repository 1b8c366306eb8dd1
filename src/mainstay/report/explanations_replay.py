"""The explanations month by month: what could be said on each date, and what can be said of it with hindsight."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.records.words import listed
from mainstay.report.explanations_words import begun, status_words
from mainstay.report.html import escaped
from mainstay.report.text import wrapped
from mainstay.report.words import percent

HEADING = "Month by month"
INTRODUCTION = "What could be said at the end of each month, from what was known by then."
WITH_HINDSIGHT = "with what is known now"
COLUMNS = ("As of", "What could be said", "Leading", "Weight", "What became known")
HINDSIGHT_COLUMN = "With what is known now"
NONE, EMPTY_CLASS = "–", " class='empty'"
MOST_LEARNED = 6
_DATE = 18
_WHICH = re.compile(r" \([0-9a-f]{6}\)$")
"""Which record it was: it keeps two apart that say the same, and is not for reading."""


class Month(Protocol):
    """One date of a replay, as `explanations.replay` works it out: S14 on the whole as of then and with hindsight."""

    @property
    def as_of(self) -> Instant:
        """The date."""

    @property
    def overall(self) -> Answer:
        """The answer on the whole, from what was known then."""

    @property
    def tried(self) -> Sequence[Answer]:
        """What was arranged once and relieved (S16)."""

    @property
    def learned(self) -> Sequence[str]:
        """What became known since the date before, in words."""

    @property
    def hindsight(self) -> Answer | None:
        """The answer on the whole with what is known by the last date; None where that would be the same."""


@dataclass(frozen=True, slots=True)
class Said:
    """What could be said of the cause: its status in words, which led, its weight, and what helped once."""

    status: str
    leading: str = ""
    weight: float | None = None
    once: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """In one line: "unconfirmed: role concealment, 54 %"."""
        share = f", {percent(self.weight)}" if self.weight is not None else ""
        return f"{self.status}: {self.leading}{share}" if self.leading else self.status


def said_of(overall: Answer, tried: Sequence[Answer] = ()) -> Said:
    """The answer on the whole (S14) as a line has it. `tried`: what was arranged once and relieved (S16)."""
    once = tuple(f"{status_words(one.status)}: {one.about}" for one in tried)
    leading = [str(name) for name in overall.detail.get("leading", ())]
    if isinstance(overall, CannotSay) or not leading:
        return Said(status_words(overall.status), once=once)
    return Said(status_words(overall.status), listed(leading), overall.estimate, once)


def hindsight_of(month: Month) -> Said | None:
    """What can be said of that date by now; None where it is what could be said then."""
    if month.hindsight is None:
        return None
    then, now = said_of(month.overall), said_of(month.hindsight)
    return None if (now.status, now.leading) == (then.status, then.leading) else now


def replay_lines(months: Sequence[Month], width: int = 80) -> str:
    """The replay as plain text at a width in columns, ending in a newline."""
    lines = [*wrapped(f"{HEADING}. {INTRODUCTION}", width)]
    for one in months:
        then, now = said_of(one.overall, one.tried), hindsight_of(one)
        first, indent = f"  {one.as_of.day_in_words:<{_DATE}}", " " * (_DATE + 2)
        lines += ["", *wrapped(then.words, width, first.replace(" ", "\u00a0"), indent)]
        for text in then.once:
            lines += wrapped(text, width, indent, indent)
        if one.learned:
            lines += wrapped(f"became known: {'; '.join(_few(one.learned))}", width, indent, f"{indent}  ")
        if now is not None:
            lines += wrapped(f"{WITH_HINDSIGHT}: {now.words}", width, indent, f"{indent}  ")
    return "\n".join(lines).replace("\u00a0", " ") + "\n"


def replay_html(months: Sequence[Month], address: Callable[[Month], str] | None = None) -> str:
    """The replay as a section of a page: a table, which on a phone stands as one block for each date.

    `address`: where the whole can be read as of a date; each date is a link to it then.
    """
    hindsight = any(hindsight_of(one) is not None for one in months)
    columns = (*COLUMNS, HINDSIGHT_COLUMN) if hindsight else COLUMNS
    head = "".join(f"<th role='columnheader' scope='col'>{name}</th>" for name in columns)
    body = "".join(_row(one, columns, address) for one in months)
    return (
        f"<section class='wide-section'><h2>{HEADING}</h2><p class='quiet'>{INTRODUCTION}</p>"
        "<div class='scroll'><table class='replay' role='table'><thead role='rowgroup'>"
        f"<tr role='row'>{head}</tr></thead><tbody role='rowgroup'>{body}</tbody></table></div></section>"
    )


def _row(one: Month, columns: Sequence[str], address: Callable[[Month], str] | None) -> str:
    then, now = said_of(one.overall, one.tried), hindsight_of(one)
    cells = [
        "; ".join([begun(then.status), *then.once]),
        begun(then.leading) or NONE,
        percent(then.weight) if then.weight is not None else NONE,
        "; ".join(_few(one.learned)) or NONE,
        *([begun(now.words) if now else "the same"] if len(columns) > len(COLUMNS) else []),
    ]
    told = "".join(
        f"<td role='cell' data-label='{name}'{EMPTY_CLASS if cell == NONE else ''}>{escaped(cell)}</td>"
        for name, cell in zip(columns[1:], cells, strict=True)
    )
    day = escaped(one.as_of.day_in_words)
    day = f"<a href='{escaped(address(one))}'>{day}</a>" if address is not None else day
    return f"<tr role='row'><th role='rowheader' scope='row'>{day}</th>{told}</tr>"


def _few(learned: Sequence[str]) -> list[str]:
    """The first few things that became known, and how many more there were; what was written, once for each form."""
    times = Counter(_WHICH.sub("", one) for one in learned)
    learned = [one if count == 1 else f"{one}, {count} times" for one, count in times.items()]
    more = len(learned) - MOST_LEARNED
    return [*learned[:MOST_LEARNED], *([f"and {more} more"] if more > 0 else [])]
