"""The consent ledger inside the file: events that are only ever added; the last word on a stream and purpose holds.

It is kept so that the last event written is the last word: a yes dated before the no it would undo is refused, and a no
always holds. Everything is judged at the casebook's clock (`audit.clock`), which never runs back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.casebook import audit, erasure
from mainstay.casebook import terms as agreed
from mainstay.casebook.codec import checked_instant
from mainstay.casebook.consent import ALLOWS, OWN_ANSWERS, PURPOSES, Consent, ConsentEvent, ConsentHeld, known_purpose
from mainstay.casebook.safe import Safe
from mainstay.casebook.terms import Terms
from mainstay.errors import BadRequest
from mainstay.quantities import Instant

_LAST = """
SELECT stream, purpose, event, at_us, at_offset_s, until_us, until_offset_s, terms FROM consent
WHERE number IN (SELECT max(number) FROM consent GROUP BY stream, purpose) ORDER BY stream, purpose
"""
_EVENTS = """
SELECT stream.name, purpose, event, at_us, at_offset_s, until_us, until_offset_s, noted_us, noted_offset_s, terms.body
FROM consent JOIN stream ON stream.number = consent.stream LEFT JOIN terms ON terms.number = consent.terms
WHERE consent.number > ? ORDER BY consent.number
"""
_INSERT = (
    "INSERT INTO consent (stream, purpose, event, at_us, at_offset_s, until_us, until_offset_s, noted_us, "
    "noted_offset_s, terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True)
class _Word:
    """The last word on one stream (number) and purpose, and the number of its terms."""

    stream: int
    held: ConsentHeld
    terms: int | None

    @property
    def allows(self) -> bool:
        return self.held.event in ALLOWS


def give(connection: Any, safe: Safe, streams: Iterable[int], consent: Consent, now: Instant) -> None:
    """Notes the consent for each stream and purpose; one that is already the last word is not noted again.

    Refuses (`BadRequest`) a consent dated before the refusal, withdrawal or end that it would undo.
    """
    clock, words = _ready(connection, safe, now)
    checked_instant("given_at", consent.given_at)
    for purpose in dict.fromkeys(consent.purposes):
        said = ConsentHeld(purpose, "given", consent.given_at, consent.until)
        new = []
        for stream in streams:
            word = words.get((stream, purpose))
            if word is None or (word.held != said and not consent.only_where_unsaid):
                if word is not None and not word.allows and consent.given_at < word.held.at:
                    raise BadRequest(_undoes(connection, word, consent.given_at))
                new.append(stream)
        _note(connection, safe, new, said, clock, terms=consent.terms or Terms())


def refuse(
    connection: Any, safe: Safe, streams: Iterable[int], purposes: Sequence[str], now: Instant, *, terms: Terms | None
) -> None:
    """Notes that the person was asked and said no; once, where it is the last word already."""
    clock, words = _ready(connection, safe, now)
    for purpose in dict.fromkeys(purposes):
        last = {stream: words.get((stream, known_purpose(purpose))) for stream in streams}
        new = [stream for stream, word in last.items() if word is None or word.held.event != "refused"]
        _note(connection, safe, new, ConsentHeld(purpose, "refused", clock, None), clock, terms=terms or Terms())


def renew(
    connection: Any, safe: Safe, streams: Iterable[int], purposes: Sequence[str], now: Instant, *, until: Instant | None
) -> None:
    """Lets what was given go on until `until` (None: until withdrawn), on the same terms; also what has just ended.

    Refuses an end that has passed, and where nothing of it is given: what was refused or withdrawn is given anew.
    """
    clock, words = _ready(connection, safe, now)
    if until is not None:
        checked_instant("until", until)
        if until <= clock:
            raise BadRequest(f"consent can't be renewed until {until}: that has passed ({clock}); give a later date")
    wanted = _chosen(words, streams, purposes)
    found = [word for word in wanted if word.allows or word.held.event == "expired"]
    if not found:
        raise BadRequest("there is no consent to renew here; give it anew with 'mainstay consent CASE give'")
    for word in found:
        start = max(clock, word.held.at) if word.allows else clock
        if until is not None and until <= start:
            raise BadRequest(f"consent can't be renewed until {until}: it begins only at {start}; give a later date")
        held = ConsentHeld(word.held.purpose, "renewed", start, until)
        _note(connection, safe, [word.stream], held, clock, terms=_terms(connection, word.terms) or Terms())


def withdraw(connection: Any, safe: Safe, streams: Iterable[int], purposes: Sequence[str], now: Instant) -> None:
    """Ends what was given, from now on. Where nothing was given there is nothing to end, and nothing is noted."""
    clock, words = _ready(connection, safe, now)
    _end(connection, safe, [word for word in _chosen(words, streams, purposes) if word.allows], "withdrawn", clock)


def judge(connection: Any, safe: Safe, purpose: str, now: Instant) -> tuple[dict[int, str], tuple[str, ...]]:
    """As `covered`, after noting what has expired: for the door, inside its transaction."""
    _ready(connection, safe, now)
    return covered(connection, purpose, now)


def covered(connection: Any, purpose: str, now: Instant) -> tuple[dict[int, str], tuple[str, ...]]:
    """The streams (number: name) that may be read for the purpose at `now`, and the names of those that may not."""
    clock, words = audit.clock(connection, now), _last_words(connection)
    may: dict[int, str] = {}
    may_not: list[str] = []
    for number, name in connection.execute("SELECT number, name FROM stream ORDER BY name"):
        word = words.get((number, purpose))
        if word is not None and word.held.valid(clock):
            may[number] = name
        else:
            may_not.append(name)
    return may, tuple(may_not)


def last_words(connection: Any) -> dict[int, list[ConsentHeld]]:
    """The last word on each purpose, by number of stream."""
    words: dict[int, list[ConsentHeld]] = {}
    for word in _last_words(connection).values():
        words.setdefault(word.stream, []).append(word.held)
    return words


def events(connection: Any, after: int = 0) -> tuple[ConsentEvent, ...]:
    """The history in the order in which it was written, or what was written after the event with this number."""
    found = []
    for name, purpose, event, at_us, at_s, until_us, until_s, noted_us, noted_s, body in connection.execute(
        _EVENTS, (after,)
    ):
        until = None if until_us is None else Instant(until_us, until_s)
        at, noted = Instant(at_us, at_s), Instant(noted_us, noted_s)
        found.append(ConsentEvent(name, purpose, event, at, until, noted, body and agreed.read(body)))
    return tuple(found)


def last_event(connection: Any) -> int:
    """The number of the last event; 0 where there is none."""
    return connection.execute("SELECT max(number) FROM consent").get or 0


def streams_named(connection: Any, names: Iterable[str]) -> tuple[int, ...]:
    """The numbers of these streams, of all where none is named; refuses a name that is not there."""
    there = dict(connection.execute("SELECT name, number FROM stream ORDER BY name"))
    wanted = tuple(dict.fromkeys(names)) or tuple(there)
    for name in wanted:
        if name not in there:
            held = f"it holds {', '.join(there)}" if there else "it holds none yet"
            raise BadRequest(f"there is no stream {name!r} in this casebook; {held}")
    return tuple(there[name] for name in wanted)


def identities(connection: Any, streams: Iterable[int]) -> tuple[str, ...]:
    """The identities of these streams, by which the audit and the terms speak of them."""
    numbers = ",".join(map(str, streams))
    return tuple(one for (one,) in connection.execute(f"SELECT identity FROM stream WHERE number IN ({numbers})"))


def _ready(connection: Any, safe: Safe, now: Instant) -> tuple[Instant, dict[tuple[int, str], _Word]]:
    """The clock and the last words, after noting what has expired by then."""
    clock, words = audit.clock(connection, now), _last_words(connection)
    over = [word for word in words.values() if word.allows and word.held.until is not None and word.held.until <= clock]
    if over:
        _end(connection, safe, over, "expired", clock)
        words = _last_words(connection)
    return clock, words


def _chosen(words: dict[tuple[int, str], _Word], streams: Iterable[int], purposes: Sequence[str]) -> list[_Word]:
    wanted = [known_purpose(purpose) for purpose in purposes] or PURPOSES
    return [words[key] for key in ((stream, purpose) for stream in streams for purpose in wanted) if key in words]


def _note(
    connection: Any,
    safe: Safe,
    streams: Sequence[int],
    held: ConsentHeld,
    clock: Instant,
    *,
    terms: Terms | dict[str, Any],
) -> None:
    """One agreement, its events, and their entry on the audit; nothing where there is no stream."""
    if not streams:
        return
    names = identities(connection, streams)
    if isinstance(terms, Terms):
        record = terms.agreement(held.purpose, names, held.at, held.until)
    else:
        record = agreed.covering(terms, names, held.at, held.until)
    number = agreed.keep(connection, record)
    write(connection, [(stream, held, number) for stream in streams], clock)
    audit.note(connection, safe, f"consent {held.event}", held.purpose, names, 0, clock)


def _end(connection: Any, safe: Safe, words: Iterable[_Word], event: str, clock: Instant) -> None:
    """Notes for each of these words that it is over: `expired` when it ran out, `withdrawn` now; on its own terms."""
    by_purpose: dict[str, list[_Word]] = {}
    for word in words:
        by_purpose.setdefault(word.held.purpose, []).append(word)
    for purpose, some in by_purpose.items():
        ends = [
            (one.stream, ConsentHeld(purpose, event, (one.held.until or clock) if event == "expired" else clock, None),
             one.terms)
            for one in some
        ]  # fmt: skip
        write(connection, ends, clock)
        names = identities(connection, (one.stream for one in some))
        audit.note(connection, safe, f"consent {event}", purpose, names, 0, clock)


def write(connection: Any, events: Iterable[tuple[int, ConsentHeld, int | None]], clock: Instant) -> None:
    """Writes events down, at the casebook's clock, as (stream, what was said, number of its terms).

    Where one is a no to the person's own answers, what was told from that stream goes: it can be told anew.
    """
    events, noted = tuple(events), checked_instant("now", clock)
    over = [stream for stream, held, _ in events if held.purpose == OWN_ANSWERS and held.event not in ALLOWS]
    erasure.drop_told(connection, over)
    for stream, held, terms in events:
        until = (None, None) if held.until is None else checked_instant("until", held.until)
        at = checked_instant("at", held.at)
        connection.execute(_INSERT, (stream, held.purpose, held.event, *at, *until, *noted, terms))


def _last_words(connection: Any) -> dict[tuple[int, str], _Word]:
    words = {}
    for stream, purpose, event, at_us, at_s, until_us, until_s, terms in connection.execute(_LAST):
        until = None if until_us is None else Instant(until_us, until_s)
        words[stream, purpose] = _Word(stream, ConsentHeld(purpose, event, Instant(at_us, at_s), until), terms)
    return words


def _terms(connection: Any, number: int | None) -> dict[str, Any] | None:
    body = None if number is None else connection.execute("SELECT body FROM terms WHERE number = ?", (number,)).get
    return None if body is None else agreed.read(body)


def _undoes(connection: Any, word: _Word, given_at: Instant) -> str:
    name = connection.execute("SELECT name FROM stream WHERE number = ?", (word.stream,)).get
    happened = {"expired": "ended", "refused": "was refused"}.get(word.held.event, "was withdrawn")
    return (
        f"this consent is dated {given_at}, but consent to read {name!r} for {word.held.purpose} {happened} later, "
        f"at {word.held.at}; nothing was changed: give it with a date after that"
    )
