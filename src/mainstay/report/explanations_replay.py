"""The explanations month by month: what could be said on each date, and what can be said of it with hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.report.explanations_data import RELIEVED_ONCE, WHOLE
from mainstay.report.explanations_words import begun, status_words
from mainstay.report.html import escaped
from mainstay.report.text import wrapped
from mainstay.report.words import listed, percent

HEADING = "Month by month"
INTRODUCTION = "What could be said at the end of each month, from what was known by then."
WITH_HINDSIGHT = "with what is known now"
COLUMNS = ("As of", "What could be said", "Leading", "Weight", "What became known")
HINDSIGHT_COLUMN = "With what is known now"
NONE, EMPTY_CLASS = "–", " class='empty'"
MOST_LEARNED = 6
_DATE = 18


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


@dataclass(frozen=True, slots=True)
class Month:
    """One date of a replay: what could be said then, what had become known, and what can be said of it by now.

    `with_hindsight` is None where what is known now makes no difference.
    """

    at: Instant
    then: Said
    learned: tuple[str, ...] = ()
    with_hindsight: Said | None = None


def month_of(
    at: Instant, answers: Sequence[Answer], learned: Sequence[str] = (), with_hindsight: Sequence[Answer] | None = None
) -> Month:
    """One row of the replay. `answers`: of rows S14 and S16 as of that date; `with_hindsight`: the same with what is
    known now of people and causes."""
    then = _said(answers)
    now = None if with_hindsight is None else _said(with_hindsight)
    same = now is None or (now.status, now.leading) == (then.status, then.leading)
    return Month(at, then, tuple(learned), None if same else now)


def _said(answers: Sequence[Answer]) -> Said:
    overall = next((one for one in answers if one.row == "S14" and one.about == WHOLE), None)
    once = tuple(
        f"{status_words(one.status)}: {one.about}"
        for one in answers
        if one.row == "S16" and one.status == RELIEVED_ONCE[-1]
    )
    if overall is None or isinstance(overall, CannotSay):
        return Said(status_words("cannot_say"), once=once)
    leading = [str(name) for name in overall.detail.get("leading", ())]
    weight = overall.estimate if leading else None
    return Said(status_words(overall.status), listed(leading), weight, once)


def replay_lines(months: Sequence[Month], width: int = 80) -> str:
    """The replay as plain text at a width in columns, ending in a newline."""
    lines = [*wrapped(f"{HEADING}. {INTRODUCTION}", width)]
    for one in months:
        first, indent = f"  {one.at.day_in_words:<{_DATE}}", " " * (_DATE + 2)
        lines += ["", *wrapped(one.then.words, width, first.replace(" ", "\u00a0"), indent)]
        for text in one.then.once:
            lines += wrapped(text, width, indent, indent)
        if one.learned:
            lines += wrapped(f"became known: {'; '.join(_few(one.learned))}", width, indent, f"{indent}  ")
        if one.with_hindsight is not None:
            lines += wrapped(f"{WITH_HINDSIGHT}: {one.with_hindsight.words}", width, indent, f"{indent}  ")
    return "\n".join(lines).replace("\u00a0", " ") + "\n"


def replay_section(months: Sequence[Month]) -> str:
    """The replay as a section of a page: a table, which on a phone stands as one block for each date."""
    hindsight = any(one.with_hindsight is not None for one in months)
    columns = (*COLUMNS, HINDSIGHT_COLUMN) if hindsight else COLUMNS
    head = "".join(f"<th role='columnheader' scope='col'>{name}</th>" for name in columns)
    body = "".join(_row(one, columns) for one in months)
    return (
        f"<section class='wide-section'><h2>{HEADING}</h2><p class='quiet'>{INTRODUCTION}</p>"
        "<div class='scroll'><table class='replay' role='table'><thead role='rowgroup'>"
        f"<tr role='row'>{head}</tr></thead><tbody role='rowgroup'>{body}</tbody></table></div></section>"
    )


def _row(one: Month, columns: Sequence[str]) -> str:
    then = one.then
    cells = [
        "; ".join([begun(then.status), *then.once]),
        begun(then.leading) or NONE,
        percent(then.weight) if then.weight is not None else NONE,
        "; ".join(_few(one.learned)) or NONE,
        *(
            [begun(one.with_hindsight.words) if one.with_hindsight else "the same"]
            if len(columns) > len(COLUMNS)
            else []
        ),
    ]
    told = "".join(
        f"<td role='cell' data-label='{name}'{EMPTY_CLASS if cell == NONE else ''}>{escaped(cell)}</td>"
        for name, cell in zip(columns[1:], cells, strict=True)
    )
    return f"<tr role='row'><th role='rowheader' scope='row'>{escaped(one.at.day_in_words)}</th>{told}</tr>"


def _few(learned: Sequence[str]) -> list[str]:
    """The first few things that became known, and how many more there were."""
    more = len(learned) - MOST_LEARNED
    return [*learned[:MOST_LEARNED], *([f"and {more} more"] if more > 0 else [])]
