"""Which end of a question's scale is better, as far as its words say so. Where they don't, nobody guesses."""

from __future__ import annotations

import re

from mainstay.records.kinds import Better

LOW_IS_BETTER = re.compile(
    r"\b(?:"
    r"sad|sadness|angry|anger|anxious|anxiety|tired|fatigue|fatigued|exhausted|stress|stressed|stressful"
    r"|nervous|worried|worry|lonely|loneliness|depressed|gloomy|irritable|irritated|tense|tension|pain"
    r"|restless|bored|guilty|ashamed|afraid|scared|upset|hopeless|overwhelmed|distress|distressed|annoyed"
    r"|frustrated"
    r")\b"
)
HIGH_IS_BETTER = re.compile(
    r"\b(?:"
    r"happy|happiness|relaxed|energetic|calm|content|cheerful|joy|joyful|satisfied|rested|confident"
    r"|enthusiastic|motivated|optimistic|refreshed|grateful|peaceful"
    r")\b"
)
_TURNED = re.compile(r"\b(?:not|no|never|less|without|lack)\b")
_MARKUP = re.compile(r"<[^<>]{0,500}>")


def plain(text: str) -> str:
    """A question without its HTML, in one line."""
    return " ".join(_MARKUP.sub(" ", text).replace("&nbsp;", " ").split())


def better_end(question: str) -> Better | None:
    """The better end of the scale, where the question names one feeling and turns nothing round; else None."""
    words = plain(question).lower()
    low, high = LOW_IS_BETTER.search(words) is not None, HIGH_IS_BETTER.search(words) is not None
    if low == high or _TURNED.search(words):
        return None
    return "low" if low else "high"
