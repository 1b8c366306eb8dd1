"""The story on a terminal: answers in order under plain headings, readable without colour and when piped."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.answers import AnswerContext
from mainstay.report.grouping import HEADINGS, MORE, sections
from mainstay.report.words import claim_of, clean, how_sure, lowered, would_change

if TYPE_CHECKING:
    from rich.text import Text

    from mainstay.notice.alert import Alert

__all__ = [
    "HEADINGS", "alert_lines", "clean", "context_line", "headline", "quiet_lines", "sections",
    "story_lines", "story_parts", "story_rich",
]  # fmt: skip

BRIEF = ("S2",)
"""Rows told by their claims alone: there is one for every stream."""
TIER_WORDS = {"quiet": "Quiet", "watch": "Something to watch", "look": "Worth a look", "act": "Time to act"}
PLAIN_HEADLINE = "Strain, roles, demands and relief over time"
ONE_PERSON = "These are one person's records, compared with that same person's past. They are not a diagnosis."
HOW_TO_READ = (
    "“90 % sure” means: if the model fits this person, the value lies in that range with a chance of 90 %. "
    f"{ONE_PERSON}"
)
_MARK_FOUND, _MARK_CANNOT_SAY = "•", "?"


def headline(answers: Sequence[Answer]) -> str:
    """The sentence that stands over the picture: the answer about the threshold, else a plain description."""
    found = [claim_of(answer) for answer in answers if answer.row == "S11" and isinstance(answer, Finding)]
    return found[0].removesuffix(".") if found else PLAIN_HEADLINE


def quiet_lines(answer: Answer) -> list[str]:
    """What stands under a claim: how sure and from what, and what would change it."""
    if answer.row in BRIEF or (answer.row == "S14" and not answer.about):  # causes named together, or many streams
        return []
    if answer.row in MORE:
        return _where_more(answer)
    if answer.row == "S17" and isinstance(answer, Finding):  # bits say nothing to anybody; what they come to does
        return [_sentence(answer.reason)]
    if answer.status == "withheld":
        return [_sentence(answer.reason)] if isinstance(answer, Finding) and answer.reason else []
    lines = [_sentence(how_sure(answer))] if isinstance(answer, Finding) else []
    return lines + ([would_change(answer)] if answer.would_change.strip() else [])


def _where_more(answer: Answer) -> list[str]:
    """Under the headline of a row that is told in brief: why it is withheld or would be told, and where the rest is."""
    more = MORE[answer.row]
    if answer.about != more.headline:
        return []
    if isinstance(answer, CannotSay):
        return [would_change(answer)] if answer.would_change.strip() else []
    why = [_sentence(answer.reason)] if answer.status == "withheld" and answer.reason else []
    return [*why, f"More: {more.where}"]


def context_line(context: AnswerContext) -> str:
    """As of when, and which streams were left out for want of consent."""
    line = f"As of {context.as_of.day_in_words}; records known through {context.known_through.day_in_words}."
    if context.left_out:
        line += f" Left out, because consent does not cover it: {', '.join(clean(name) for name in context.left_out)}."
    return line


def alert_lines(alert: Alert) -> list[str]:
    """The alert as sentences: its tier and what raised it most, what else did, the suggestion, and how rare it is."""
    lines = [f"{TIER_WORDS[alert.tier]}: {_lowered_first(alert.sentence)}"]
    lines += [alert.note] if alert.note else []
    if not alert.raised:
        return lines
    lines += [f"Besides: {_lowered_first(one.by)}" for one in alert.raised[1:]]
    lines.append(f"What could be done: {alert.action}.")
    lines.append(f"What would end it: {alert.raised[0].lowered_by}.")
    if alert.budget:
        lines.append(f"How rare a false alarm is: {alert.budget}.")
    return lines


def _lowered_first(sentence: str) -> str:
    return lowered(sentence if sentence.endswith(".") else f"{sentence}.")


def story_parts(
    title: str, answers: Sequence[Answer], context: AnswerContext, width: int, alert: Alert | None = None
) -> list[tuple[str, str]]:
    """The story as (role, line) pairs; roles: title, alert, heading, claim, cannot_say, quiet, blank."""
    parts = [("title", line) for line in wrapped(title, width)]
    parts += [("quiet", line) for line in wrapped(context_line(context), width)]
    if alert is not None:
        first, *rest = alert_lines(alert)
        parts += [("blank", ""), *(("alert", line) for line in wrapped(first, width))]
        parts += [("quiet", line) for more in rest for line in wrapped(more, width, first="  ", rest="  ")]
    for heading, group in sections(answers):
        parts += [("blank", ""), ("heading", heading)]
        for answer in group:
            parts += _answer_parts(answer, width)
    if not answers:
        parts += [("blank", ""), ("claim", "There is nothing to say yet: add records first.")]
    return [*parts, ("blank", ""), *(("quiet", line) for line in wrapped(HOW_TO_READ, width))]


def _answer_parts(answer: Answer, width: int) -> list[tuple[str, str]]:
    thin = isinstance(answer, CannotSay)
    mark = _MARK_CANNOT_SAY if thin else _MARK_FOUND
    claim = wrapped(claim_of(answer), width, first=f"  {mark} ", rest="    ")
    parts = [("cannot_say" if thin else "claim", line) for line in claim]
    for line in quiet_lines(answer):
        parts += [("quiet", part) for part in wrapped(line, width, first="      ", rest="      ")]
    return parts


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most this many columns, without control characters; empty text gives no line."""
    # "90 %" must not be torn apart at a line's end
    kept = clean(text).replace(" %", "\u00a0%")
    lines = textwrap.wrap(kept, max(width, 30), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def story_lines(
    title: str, answers: Sequence[Answer], context: AnswerContext, width: int = 80, alert: Alert | None = None
) -> str:
    """The story as plain text at a width in columns, ending in a newline."""
    return "\n".join(line for _, line in story_parts(title, answers, context, width, alert)) + "\n"


def story_rich(
    title: str, answers: Sequence[Answer], context: AnswerContext, width: int = 80, alert: Alert | None = None
) -> Text:
    """The same lines for a Rich console: headings bold, the quieter lines dim; no meaning rests on colour."""
    from rich.text import Text

    styles = {"title": "bold", "alert": "bold", "heading": "bold", "quiet": "dim", "cannot_say": "italic"}
    text = Text()
    for role, line in story_parts(title, answers, context, width, alert):
        text.append(line + "\n", style=styles.get(role, ""))
    return text
