"""What a supporter gets: one sealed file with what they may see and nothing else, and the answer that comes back.

Either is a plain head (what kind of file, which share, a keyslot) and JSON under ChaCha20-Poly1305; the head is
authenticated with it. A share has a passphrase of its own: it opens nothing else. Its answer is sealed under its key.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from typing import Any, Literal

from mainstay.casebook import audit, ledger
from mainstay.casebook.codec import checked_instant
from mainstay.casebook.keyslots import KEY_BYTES, KeySlot, KeySlotCost, key_for, new_master_key, seal, unseal
from mainstay.casebook.plain_json import field, instant, listed, load, moment, texts
from mainstay.casebook.safe import Safe, decrypt, encrypt
from mainstay.errors import BadRecord, BadRequest, NoConsent, NotACasebook, UnreadableSource, WrongPassphrase
from mainstay.quantities import Instant, Span

PURPOSE = "supporter_view"
MAGIC = b"mainstay share\n\x00"
FORM = 1
MOST_BYTES = 16 * 2**20
MOST_HEAD_BYTES = 16_384
MOST_MEMORY_MIB = 1024
MOST_OBSERVATIONS = 1000
LONGEST_OBSERVATION = 2000
_PADDED_TO = 4096
_MADE = "SELECT id, with_whom, made_us, made_offset_s, until_us, until_offset_s, streams FROM share ORDER BY made_us"
_WHERE = "the file"
_OTHER_KIND = {
    "share": "this file answers a share; 'mainstay share CASE --take FILE' brings it in",
    "answer": "this file is a share; what comes back from a supporter is an answer to it",
}
Kind = Literal["share", "answer"]


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """One answer as a supporter sees it: under which heading, the claim, how sure and from what, what would change it.

    The last two are empty where there is nothing to say.
    """

    heading: str
    claim: str
    how_sure: str
    would_change: str


@dataclass(frozen=True, slots=True)
class SharedView:
    """All that a share holds. `until`: from then on it does not open. `streams`: those that the answers come from."""

    with_whom: str
    made_at: Instant
    until: Instant
    as_of: Instant
    known_through: Instant
    streams: tuple[str, ...]
    answers: tuple[SharedAnswer, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A share that was made: its name, with whom, when, until when, from which streams (None for one since erased)."""

    id: str
    with_whom: str
    made_at: Instant
    until: Instant
    streams: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """A share that its passphrase opened: what it shows, and what an answer to it is sealed with."""

    view: SharedView
    share: str
    slot: KeySlot
    key: bytes = dataclass_field(repr=False)


@dataclass(frozen=True, slots=True)
class Observation:
    """What a supporter noticed, in their words, and when: an instant, or the day in which it lay."""

    happened: Instant | Span
    text: str


@dataclass(frozen=True, slots=True)
class SupporterAnswer:
    """The observations that came back: to which share, in which answer file (a random name), written when."""

    share: str
    answer: str
    made_at: Instant
    observations: tuple[Observation, ...]


def seal_share(view: SharedView, passphrase: str, cost: KeySlotCost | None = None) -> tuple[str, bytes]:
    """A new share: its random name and the file's bytes. Refuses an end not after its making."""
    if view.until <= view.made_at:
        raise BadRequest(f"a share can't end ({view.until}) before or when it is made ({view.made_at})")
    share, key = secrets.token_hex(16), new_master_key()
    slot = seal(key, passphrase, cost or KeySlotCost(), bytes.fromhex(share), "share")
    said = {
        "with": view.with_whom,
        **{name: moment(getattr(view, name)) for name in ("made_at", "until", "as_of", "known_through")},
        "streams": list(view.streams),
        "answers": [asdict(one) for one in view.answers],
    }
    return share, _seal("share", share, slot, key, said)


def open_share(content: bytes, passphrase: str, *, now: Instant) -> Opened:
    """The share in a file's bytes. `NoConsent` where it has ended, or was made ahead of the clock."""
    share, slot, key, said = _unseal("share", content, passphrase)
    answers = [
        SharedAnswer(*(field(one, name, str, _WHERE) for name in ("heading", "claim", "how_sure", "would_change")))
        for one in listed(said, "answers", _WHERE)
    ]
    moments = {name: instant(said, name, _WHERE) for name in ("made_at", "until", "as_of", "known_through")}
    view = SharedView(
        with_whom=field(said, "with", str, _WHERE),
        streams=texts(said, "streams", _WHERE),
        answers=tuple(answers),
        **moments,
    )
    if now >= view.until:
        raise NoConsent(f"what was shared here could be seen until {view.until}; ask for it to be shared anew")
    if now < view.made_at:
        raise NoConsent(
            f"this was made at {view.made_at}, which lies ahead of this machine's clock; set the clock right"
        )
    return Opened(view, share, slot, key)


def note(connection: Any, safe: Safe, share: str, view: SharedView, *, names: Iterable[str], now: Instant) -> None:
    """Notes in the caller's transaction that a share was made from these streams (names), also on the audit."""
    streams = ledger.identities(connection, ledger.streams_named(connection, names))
    connection.execute(
        "INSERT INTO share VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            share,
            view.with_whom,
            *checked_instant("made", now),
            *checked_instant("until", view.until),
            json.dumps(streams),
        ),
    )
    audit.note(connection, safe, "share", PURPOSE, streams, len(view.answers), now)


def made(connection: Any) -> tuple[Share, ...]:
    """The shares that were made, oldest first."""
    names = dict(connection.execute("SELECT identity, name FROM stream"))
    return tuple(
        Share(id_, name, Instant(us, s), Instant(until, until_s), tuple(names.get(one) for one in json.loads(streams)))
        for id_, name, us, s, until, until_s, streams in connection.execute(_MADE)
    )


def seal_answer(opened: Opened, observations: tuple[Observation, ...], *, now: Instant) -> bytes:
    """The answer to a share as a file's bytes: it opens with the share's passphrase. Refuses none, or too much."""
    said = {
        "answer": secrets.token_hex(16),
        "made_at": moment(now),
        "observations": [_observation_out(one, now) for one in _bounded(observations)],
    }
    return _seal("answer", opened.share, opened.slot, opened.key, said)


def open_answer(content: bytes, passphrase: str) -> SupporterAnswer:
    """The answer in a file's bytes, by the passphrase of the share it answers."""
    share, _, _, said = _unseal("answer", content, passphrase)
    made_at = instant(said, "made_at", _WHERE)
    found = tuple(_observation_in(one) for one in listed(said, "observations", _WHERE))
    for one in _bounded(found):
        _observation_out(one, made_at)
    return SupporterAnswer(share, field(said, "answer", str, _WHERE), made_at, found)


def _bounded(observations: tuple[Observation, ...]) -> tuple[Observation, ...]:
    if not 0 < len(observations) <= MOST_OBSERVATIONS:
        raise BadRequest(f"an answer holds between 1 and {MOST_OBSERVATIONS} observations, not {len(observations)}")
    return observations


def _observation_out(one: Observation, now: Instant) -> dict[str, Any]:
    start, end = (one.happened.start, one.happened.end) if isinstance(one.happened, Span) else (one.happened, None)
    if not one.text.strip() or len(one.text) > LONGEST_OBSERVATION or not one.text.isprintable():
        raise BadRequest(f"an observation is one line of 1 to {LONGEST_OBSERVATION} characters, not {one.text[:40]!r}")
    if start > now:
        raise BadRequest(f"an observation can't be of {start}: that lies in the future")
    return {"text": one.text, "start": moment(start), "end": None if end is None else moment(end)}


def _observation_in(held: Any) -> Observation:
    text, start = field(held, "text", str, _WHERE), instant(held, "start", _WHERE)
    return Observation(start if held.get("end") is None else Span(start, instant(held, "end", _WHERE)), text)


def _seal(kind: Kind, share: str, slot: KeySlot, key: bytes, said: dict[str, Any]) -> bytes:
    head = json.dumps({"form": FORM, "kind": kind, "share": share, "slot": slot.as_fields()}).encode()
    front = MAGIC + len(head).to_bytes(4, "little") + head
    text = json.dumps(said, ensure_ascii=False, allow_nan=False).encode()
    # Its length would say how much is shared: it is filled up with blanks, which JSON ignores.
    text += b" " * (-len(text) % _PADDED_TO)
    return front + encrypt(_key(kind, share, key), text, front)


def _unseal(kind: Kind, content: bytes, passphrase: str) -> tuple[str, KeySlot, bytes, dict[str, Any]]:
    """The share's name, slot and key, and what the file says. Refuses another kind of file, and one that is damaged.

    What trying a passphrase may cost is bounded: a hostile file could ask for all memory.
    """
    head, front = _head(content)
    if head["kind"] != kind:
        raise UnreadableSource(_OTHER_KIND[kind])
    share, slot = head["share"], head["slot"]
    if slot.cost.memory_mib > MOST_MEMORY_MIB:
        raise UnreadableSource(f"this file asks for {slot.cost.memory_mib} MiB of memory to be opened; it was not")
    key = unseal(slot, passphrase, bytes.fromhex(share))
    if key is None:
        raise WrongPassphrase("this passphrase does not open the file")
    text = decrypt(_key(kind, share, key), content[len(front) :], front) if len(key) == KEY_BYTES else None
    if text is None:
        raise UnreadableSource("this file is damaged, or was changed; ask for it again")
    return share, slot, key, load(text, _WHERE)


def _head(content: bytes) -> tuple[dict[str, Any], bytes]:
    size = int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "little")
    start = len(MAGIC) + 4
    if not content.startswith(MAGIC) or len(content) > MOST_BYTES or not 0 < size <= MOST_HEAD_BYTES:
        raise UnreadableSource("this is no file that 'mainstay share' or 'mainstay open' wrote")
    front = content[: start + size]
    try:
        head = load(front[start:], _WHERE)
        if field(head, "form", int, _WHERE) > FORM:
            raise UnreadableSource("this file was written by a newer Mainstay; update Mainstay to open it")
        share, kind = field(head, "share", str, _WHERE), field(head, "kind", str, _WHERE)
        if len(bytes.fromhex(share)) != 16:
            raise ValueError
        return {"kind": kind, "share": share, "slot": KeySlot.from_fields(field(head, "slot", dict, _WHERE))}, front
    except (BadRecord, NotACasebook, ValueError) as error:
        if isinstance(error, UnreadableSource):
            raise
        raise UnreadableSource("this file is damaged, or was changed; ask for it again") from error


def _key(kind: Kind, share: str, key: bytes) -> bytes:
    return key_for(f"share {kind}", key, bytes.fromhex(share))
