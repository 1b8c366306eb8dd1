"""The record of a decision on a terminal."""

from __future__ import annotations

from mainstay.options.decision_record import DecisionRecord
from mainstay.report.decision_words import heading_words, parts_of
from mainstay.report.explanations_data import ended
from mainstay.report.explanations_words import begun
from mainstay.report.options_text import bullets
from mainstay.report.text import wrapped


def decision_lines(title: str, record: DecisionRecord, width: int = 80) -> str:
    """The record as plain text at a width in columns, ending in a newline."""
    lines = [*wrapped(title, width)]
    for text in heading_words(record):
        lines += wrapped(text, width)
    lines += ["", *wrapped(f"Decided: “{record.decided}”.", width)]
    lines += wrapped(begun(ended(record.what)) if record.what else "", width)
    for heading, told in parts_of(record):
        lines += bullets(heading, told, width)
    return "\n".join(lines) + "\n"
