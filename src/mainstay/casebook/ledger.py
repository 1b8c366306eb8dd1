"""The consent ledger inside the file: events that are only ever added; the last word on a stream and purpose holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mainstay.casebook.codec import checked_instant
from mainstay.casebook.consent import Consent, ConsentHeld
from mainstay.quantities import Instant

_LAST = """
SELECT stream, purpose, event, at_us, at_offset_s, until_us, until_offset_s FROM consent
WHERE number IN (SELECT max(number) FROM consent GROUP BY stream, purpose) ORDER BY stream, purpose
"""


def give(connection: Any, streams: Iterable[int], consent: Consent, noted: tuple[int, int]) -> None:
    """Notes the consent for each stream and purpose; one that is already the last word is not noted again."""
    words = last_words(connection)
    at = checked_instant("given_at", consent.given_at)
    until = (None, None) if consent.until is None else checked_instant("until", consent.until)
    for stream in streams:
        held = {word.purpose: word for word in words.get(stream, ())}
        for purpose in consent.purposes:
            if held.get(purpose) != ConsentHeld(purpose, "given", consent.given_at, consent.until):
                connection.execute(
                    "INSERT INTO consent VALUES (NULL, ?, ?, 'given', ?, ?, ?, ?, ?, ?, NULL)",
                    (stream, purpose, *at, *until, *noted),
                )


def last_words(connection: Any) -> dict[int, list[ConsentHeld]]:
    """The last word on each purpose, by number of stream."""
    words: dict[int, list[ConsentHeld]] = {}
    for stream, purpose, event, at_us, at_s, until_us, until_s in connection.execute(_LAST):
        until = None if until_us is None else Instant(until_us, until_s)
        words.setdefault(stream, []).append(ConsentHeld(purpose, event, Instant(at_us, at_s), until))
    return words


def covered(connection: Any, purpose: str, now: Instant) -> tuple[dict[int, str], tuple[str, ...]]:
    """The streams (number: name) that may be read for the purpose at `now`, and the names of those that may not."""
    checked_instant("now", now)
    words = last_words(connection)
    may: dict[int, str] = {}
    may_not: list[str] = []
    for number, name in connection.execute("SELECT number, name FROM stream ORDER BY name"):
        if any(word.purpose == purpose and word.valid(now) for word in words.get(number, ())):
            may[number] = name
        else:
            may_not.append(name)
    return may, tuple(may_not)
