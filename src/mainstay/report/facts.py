"""What stands behind an answer, fact by fact: how sure, from what, what would change it, how it was worked out."""

from __future__ import annotations

import re

from mainstay.quantities import Answer, CannotSay, Instant
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.words import between_dates, from_words, sure_words

SURE, WHENCE, CHANGES, METHOD, ASSUMED = (
    "How sure",
    "From what",
    "What would change it",
    "How it was worked out",
    "Taken for granted",
)
_DAYS = re.compile(r"(\d{4}-\d\d-\d\d)/(\d{4}-\d\d-\d\d)")
_RECORD = re.compile(r"[0-9a-f]{32}")


def facts_of(answer: Answer) -> tuple[tuple[str, str], ...]:
    """The facts behind an answer under their names, each a sentence; what it lacks is left out."""
    told = (
        (SURE, _sure(answer)),
        (WHENCE, _whence(answer)),
        (CHANGES, answer.would_change),
        (METHOD, answer.method),
        (ASSUMED, "; ".join(answer.assumptions)),
    )
    return tuple((name, ended(begun(said.strip()))) for name, said in told if said.strip())


def records_of(answer: Answer) -> tuple[str, ...]:
    """The ids of the records that an answer names one by one."""
    return () if isinstance(answer, CannotSay) else tuple(one for one in answer.evidence if _RECORD.fullmatch(one))


def _sure(answer: Answer) -> str:
    """How sure; of what is withheld, and of what to look at next, the reason instead: their numbers say nothing."""
    if isinstance(answer, CannotSay):
        return ""
    return answer.reason if answer.status == "withheld" or answer.row == "S17" else sure_words(answer)


def _whence(answer: Answer) -> str:
    if isinstance(answer, CannotSay):
        return ""
    told = [from_words(answer)] if answer.evidence[1:] and not records_of(answer) else []
    told += [_between(days) for one in answer.evidence if (days := _DAYS.fullmatch(one))]
    return ", ".join(told)


def _between(days: re.Match[str]) -> str:
    first, last = (Instant.parse(f"{day}T12:00Z") for day in days.groups())
    return f"recorded {between_dates(first, last)}"
