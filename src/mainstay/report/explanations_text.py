"""Explanations on a terminal: what is known, what is not, what to do next; then each cause, and the evidence."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, CannotSay
from mainstay.records.words import listed
from mainstay.report.answers import AnswerContext
from mainstay.report.explanations_data import Account, Cause, Evidence, account_of, ended
from mainstay.report.explanations_words import IN_SHORT, LEGEND, STATUS_WORDS, begun, sign, status_words, weight_words
from mainstay.report.text import alert_lines, context_line, wrapped
from mainstay.report.words import claim_of, clean, percent

if TYPE_CHECKING:
    from mainstay.notice.alert import Alert

KNOWN, UNKNOWN, NEXT = "What is known", "What is not", "What to do next"
CAUSES, EVIDENCE, PARKED, ASIDE, WORKINGS = (
    "What could be behind it",
    "The evidence, the most telling first",
    "Set aside until it says what it forbids",
    "No longer considered",
    "How this was worked out",
)
NOTHING_KNOWN = "Nothing is certain yet."
NOTHING_OPEN = "Nothing that was looked at was left open."
NOTHING_NEXT = "Nothing in particular: go on as before."
WEIGHTS_MEAN = (
    "A weight is how likely each is to be the main cause, by these records and what was thought beforehand. It is a "
    "weighing of what is on the list, not a verdict and not a diagnosis."
)
UNLISTED_NAME = "Something nobody listed"
UNLISTED_SAYS = "What is left for a cause that is not on this list. Nobody thinks of everything."
NARROWEST_EVIDENCE = 30
_BAR = 20


def explanations_lines(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    width: int = 80,
    alert: Alert | None = None,
    *,
    note: str = "",
) -> str:
    """The page of explanations as plain text at a width in columns, ending in a newline. `note`: under the date."""
    account = account_of(answers)
    lines = [*wrapped(title, width), *wrapped(context_line(context), width), *wrapped(note, width)]
    if alert is not None:
        first, *rest = alert_lines(alert)
        lines += ["", *wrapped(first, width), *(line for one in rest for line in wrapped(one, width, "  ", "  "))]
    lines += ["", *wrapped(" ".join(in_short(account)), width)] if account.overall is not None else []
    lines += _block(KNOWN, [(one, "") for one in account.known], NOTHING_KNOWN, width)
    lines += _block(UNKNOWN, [(one, "") for one in account.unknown], NOTHING_OPEN, width)
    lines += _block(NEXT, account.next, NOTHING_NEXT, width, numbered=True)
    lines += _causes(account, width)
    lines += _matrix(account, width)
    for heading, pairs in ((PARKED, account.parked), (ASIDE, account.set_aside), (WORKINGS, account.workings)):
        if pairs:
            lines += ["", heading]
            lines += [line for one in pairs for line in wrapped(f"{one[0]}: {one[1]}", width, "  ", "    ")]
    return "\n".join(lines) + "\n"


def in_short(account: Account) -> tuple[str, str]:
    """The status of the whole in words, and its claim; where it can't be said, only why. Nothing without an answer."""
    whole = account.overall
    if whole is None:
        return "", ""
    if isinstance(whole, CannotSay) and not whole.claim:
        return f"{IN_SHORT[whole.status]}.", begun(ended(whole.reason))
    return f"{IN_SHORT[whole.status]}.", claim_of(whole)


def _block(
    heading: str, told: Sequence[tuple[str, str]], nothing: str, width: int, *, numbered: bool = False
) -> list[str]:
    lines = ["", heading]
    for k, (text, more) in enumerate(told or ((nothing, ""),), 1):
        mark = f"{k} " if numbered and told else "• "
        lines += wrapped(text, width, f"  {mark}", "    ") + wrapped(more, width, "      ", "      ")
    return lines


def _causes(account: Account, width: int) -> list[str]:
    if not account.causes:
        return []
    lines = ["", CAUSES]
    for one in told_apart(account):
        lines += _unlisted(one, width) if one.unlisted else _cause(one, width)
    for sentence in silent_words(account):
        lines += ["", *wrapped(sentence, width, "  ", "  ")]
    return [*lines, "", *wrapped(WEIGHTS_MEAN, width, "  ", "  ")]


def told_apart(account: Account) -> list[Cause]:
    """The causes that are told one by one: those with evidence for or against, and what nobody listed."""
    return [one for one in account.causes if one.has_evidence or one.unlisted]


def _unlisted(one: Cause, width: int) -> list[str]:
    return [
        "", *wrapped(UNLISTED_NAME, width, "  ", "  "), *_weight(one, width), *wrapped(UNLISTED_SAYS, width, "  ", "  ")
    ]  # fmt: skip


def silent(account: Account) -> list[Cause]:
    """The causes that are told together, because nothing on record speaks for or against them."""
    return [one for one in account.causes if not (one.has_evidence or one.unlisted)]


def silent_words(account: Account) -> list[str]:
    """Causes of which the records say nothing, and those of which they say little either way."""
    others = silent(account)
    untested, neutral = ([f"“{clean(one.name)}”" for one in others if one.untested is side] for side in (True, False))
    share = percent(sum(one.weight for one in others if one.untested))
    held = f"{'It has' if len(untested) == 1 else 'Together they have'} {share} of the weight"
    told = [f"Nothing on record yet to test these by: {listed(untested)}."] if untested else []
    told += [f"{held}, which is only what was thought beforehand."] if untested else []
    return told + ([f"What is on record says little either way about {listed(neutral)}."] if neutral else [])


def _cause(one: Cause, width: int) -> list[str]:
    status = f" ({status_words(one.status)})" if one.status in STATUS_WORDS else ""
    lines = ["", *wrapped(f"{begun(one.name)}{status}", width, "  ", "  ")]
    lines += _weight(one, width)
    lines += wrapped(one.cause, width, "  ", "  ")
    lines += [line for text in one.speaks_for for line in wrapped(f"for: {text}", width, "    + ", "      ")]
    lines += [line for text in one.speaks_against for line in wrapped(f"against: {text}", width, "    − ", "      ")]
    if one.could_speak_against and not one.speaks_against:
        lines += wrapped(could_words(one), width, "    ", "    ")
    return lines


def could_words(one: Cause) -> str:
    """What would speak against it and has not been seen."""
    return f"It would speak against it if {' or if '.join(one.could_speak_against)}."


def _weight(one: Cause, width: int) -> list[str]:
    """The weight as a bar: the range as dashes, the weight as a block."""
    low, high, at = (round(end * (_BAR - 1)) for end in (one.low, one.high, one.weight))
    bar = "".join("█" if k == at else "─" if low <= k <= high else " " for k in range(_BAR))
    return wrapped(f"Weight {weight_words(one.weight, one.low, one.high)}", width, f"  |{bar.replace(' ', chr(160))}| ")


def in_matrix(account: Account) -> list[str]:
    """The causes with a column of their own: those that say something of what is on record, the heaviest first."""
    return [one.name for one in account.causes if any(one.name in row.log_ratio for row in account.evidence)]


def _matrix(account: Account, width: int) -> list[str]:
    names = in_matrix(account)
    if not names:
        return []
    letters = [chr(ord("A") + k) for k in range(len(names))]
    lines = ["", EVIDENCE]
    lines += [
        line
        for letter, name in zip(letters, names, strict=True)
        for line in wrapped(f"{letter} {name}", width, "  ", "    ")
    ]
    lines += ["", "  " + "".join(f"{letter:<3}" for letter in letters)]
    for row in account.evidence:
        lines += _row(row, names, width)
    return [*lines, "", *wrapped(LEGEND, width, "  ", "  ")]


def _row(row: Evidence, names: Sequence[str], width: int) -> list[str]:
    signs = "".join(f"{signed(row, name):<3}" for name in names)
    room = width - len(signs) - 3
    if room < NARROWEST_EVIDENCE:
        return [f"  {signs}", *wrapped(begun(row.came_out), width, "    ", "    ")]
    told = textwrap.wrap(clean(begun(row.came_out)), room, break_on_hyphens=False) or [""]
    first, *rest = told
    return [f"  {signs} {first}", *(" " * (len(signs) + 3) + line for line in rest)]


def signed(row: Evidence, name: str) -> str:
    """The sign of one cell; empty where the cause says nothing of it."""
    return sign(row.log_ratio[name]) if name in row.log_ratio else ""
