"""Statuses, signs and weights of explanations as words a person without statistics can read."""

from __future__ import annotations

import math

from mainstay.report.words import percent

STATUS_WORDS = {
    "established_explained": "established and explained",
    "established_unexplained": "established, unexplained",
    "suggested": "suggested",
    "unconfirmed": "unconfirmed",
    "tied": "tied",
    "parked": "set aside until it says what it forbids",
    "found": "established",
    "not_found": "not established",
    "cannot_say": "cannot be said yet",
    "relief_observed_recovery_untested": "relief observed, recovery untested",
}
STATUS_MEANS = {
    "established_explained": "the pattern is certain, and one cause has stood up to tests it could have failed",
    "established_unexplained": "the pattern is certain, and nothing on the list accounts for it so far",
    "suggested": "the evidence leans this way and could still turn",
    "unconfirmed": "a candidate: nothing has put it to the test yet",
    "tied": "the records cannot tell it from another",
    "not_found": "looked for with enough evidence, and not found",
    "cannot_say": "there is too little evidence to say",
}
"""What each status means, for those under the causes that are weighed."""

IN_SHORT = {
    "established_explained": "The pattern is established and explained",
    "established_unexplained": "The pattern is established, and unexplained",
    "suggested": "The pattern is established; an explanation is suggested",
    "unconfirmed": "The pattern is established; an explanation stands out, unconfirmed",
    "tied": "The pattern is established; explanations are tied",
    "not_found": "No pattern is established",
    "cannot_say": "Whether there is a pattern cannot be said yet",
}
"""The status of the whole, as the first words of the page."""

SPEAKS, SPEAKS_CLEARLY = math.log(1.25), math.log(3.0)
NEXT_TO_NOTHING = 0.01
SIGNS = ("−−", "−", "·", "+", "++")
SIGN_WORDS = ("clearly against", "against", "nothing", "for", "clearly for")
LEGEND = (
    "++ speaks clearly for a cause, + for it, · says nothing either way, − speaks against it, −− clearly against it. "
    "Where a place is empty, the cause says nothing of it. Clearly: at least three times as likely, or as unlikely, if "
    "this is the cause as if one is at work that nobody listed."
)


def status_words(status: str) -> str:
    """The status as a person would say it."""
    return STATUS_WORDS.get(status, status.replace("_", " "))


def place_of_sign(log_ratio: float) -> int:
    """Where among `SIGNS` a log evidence ratio stands."""
    strength = 2 if abs(log_ratio) >= SPEAKS_CLEARLY else 1 if abs(log_ratio) >= SPEAKS else 0
    return 2 + (strength if log_ratio > 0 else -strength)


def sign(log_ratio: float) -> str:
    """A log evidence ratio as a sign: ++, +, ·, − or −−."""
    return SIGNS[place_of_sign(log_ratio)]


def sign_words(log_ratio: float) -> str:
    """The same for whoever hears it read out."""
    return SIGN_WORDS[place_of_sign(log_ratio)]


def ratio_words(log_ratio: float) -> str:
    """A log evidence ratio as times: "3.2 times as likely", "5 times less likely"."""
    if abs(log_ratio) < 0.05:
        return "as likely"
    times = math.exp(min(abs(log_ratio), math.log(1000.0)))
    shown = "more than 999" if times >= 999.5 else f"{times:.0f}" if times >= 9.95 else f"{times:.1f}"
    return f"{shown} times {'as' if log_ratio > 0 else 'less'} likely"


def weight_words(weight: float, low: float, high: float) -> str:
    """A weight and its range: "46 % (between 30 and 70 %)", "3 % (12 % at most)"."""
    if high < NEXT_TO_NOTHING:
        return percent(weight)
    if low < NEXT_TO_NOTHING:
        return f"{percent(weight)} ({percent(high)} at most)"
    return f"{percent(weight)} (between {100.0 * low:.0f} and {percent(high)})"


def begun(text: str) -> str:
    """The text as the beginning of a sentence, or by itself."""
    return text[:1].upper() + text[1:]
