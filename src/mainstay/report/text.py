"""The story on a terminal: answers in order under plain headings, readable without colour and when piped."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.report.answers import AnswerContext
from mainstay.report.words import claim_of, clean, how_sure, would_change

if TYPE_CHECKING:
    from rich.text import Text

__all__ = [
    "HEADINGS", "clean", "context_line", "headline", "quiet_lines", "sections",
    "story_lines", "story_parts", "story_rich",
]  # fmt: skip

HEADINGS: dict[str, str] = {
    "S9": "What adds strain",
    "S10": "What is sought when it is too much",
    "S11": "Does it take less and less",
    "S12": "Does relief still help",
}
"""The rows that are told, in the order of the story."""
OTHER_HEADING = "What else the records say"
WORDS_FOR = {"recovery half-life": "how long strain takes to fade"}
"""How a quantity is named that belongs to no label of the person's own."""
PLAIN_HEADLINE = "Strain, roles, demands and relief over time"
HOW_TO_READ = (
    "“90 % sure” means: if the model fits this person, the value lies in that range with a chance of 90 %. "
    "These are one person's records, compared with that same person's past. They are not a diagnosis."
)
_MARK_FOUND, _MARK_CANNOT_SAY = "•", "?"


def sections(answers: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    """The answers under their headings, in the order of the story; rows without a heading come last.

    One reason that stands in the way of several things is told once under its heading, with their names.
    """
    told: list[tuple[str, list[Answer]]] = [
        (heading, [answer for answer in answers if answer.row == row]) for row, heading in HEADINGS.items()
    ]
    told.append((OTHER_HEADING, [answer for answer in answers if answer.row not in HEADINGS]))
    return [(heading, _once(group)) for heading, group in told if group]


def _once(group: Sequence[Answer]) -> list[Answer]:
    """The answers of one heading, with refusals that read the same put together at the place of the first."""
    alike: dict[tuple[str, str], list[CannotSay]] = {}
    for answer in group:
        if isinstance(answer, CannotSay) and answer.about:
            alike.setdefault((claim_of(answer), would_change(answer)), []).append(answer)
    told: list[Answer] = []
    for answer in group:
        same = alike.get((claim_of(answer), would_change(answer)), []) if isinstance(answer, CannotSay) else []
        if len(same) < 2 or not any(one is answer for one in same):
            told.append(answer)
        elif same[0] is answer:
            told.append(replace(same[0], claim=f"{claim_of(answer)} This concerns {_names(same)}."))
    return told


def _names(answers: Sequence[CannotSay]) -> str:
    names = list(dict.fromkeys(WORDS_FOR.get(one.quantity, f"“{one.about}”") for one in answers))
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def headline(answers: Sequence[Answer]) -> str:
    """The sentence that stands over the picture: the answer about the threshold, else a plain description."""
    found = [claim_of(answer) for answer in answers if answer.row == "S11" and isinstance(answer, Finding)]
    return found[0].removesuffix(".") if found else PLAIN_HEADLINE


def quiet_lines(answer: Answer) -> list[str]:
    """What stands under a claim: how sure and from what, and what would change it."""
    lines = [_sentence(how_sure(answer))] if isinstance(answer, Finding) else []
    return lines + ([would_change(answer)] if answer.would_change.strip() else [])


def context_line(context: AnswerContext) -> str:
    """As of when, and which streams were left out for want of consent."""
    line = f"As of {context.as_of.day_in_words}; records known through {context.known_through.day_in_words}."
    if context.left_out:
        line += f" Left out, because consent does not cover it: {', '.join(clean(name) for name in context.left_out)}."
    return line


def story_parts(title: str, answers: Sequence[Answer], context: AnswerContext, width: int) -> list[tuple[str, str]]:
    """The story as (role, line) pairs; roles: title, heading, claim, cannot_say, quiet, blank."""
    parts = [("title", line) for line in wrapped(title, width)]
    parts += [("quiet", line) for line in wrapped(context_line(context), width)]
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
    return text[:1].upper() + text[1:] + "."


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    """The text in lines of at most this many columns, without control characters; empty text gives no line."""
    # "90 %" must not be torn apart at a line's end
    kept = clean(text).replace(" %", "\u00a0%")
    lines = textwrap.wrap(kept, max(width, 30), initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    return [line.replace("\u00a0", " ") for line in lines]


def story_lines(title: str, answers: Sequence[Answer], context: AnswerContext, width: int = 80) -> str:
    """The story as plain text at a width in columns, ending in a newline."""
    return "\n".join(line for _, line in story_parts(title, answers, context, width)) + "\n"


def story_rich(title: str, answers: Sequence[Answer], context: AnswerContext, width: int = 80) -> Text:
    """The same lines for a Rich console: headings bold, the quieter lines dim; no meaning rests on colour."""
    from rich.text import Text

    styles = {"title": "bold", "heading": "bold", "quiet": "dim", "cannot_say": "italic"}
    text = Text()
    for role, line in story_parts(title, answers, context, width):
        text.append(line + "\n", style=styles.get(role, ""))
    return text
