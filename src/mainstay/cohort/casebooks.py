"""A folder of casebooks as a source: each opened by its own key, and read through its own door for a study.

What travels is the address: the folder, and where the keys are. A worker reads the key of the casebook that it opens;
no key is in a command, a batch or a message. A casebook notes the read like any other (`mainstay audit`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from mainstay.cohort.layout import KINDS
from mainstay.cohort.source import ENDED, PURPOSE, Part, Refused
from mainstay.errors import BadRequest, MainstayError, NoConsent
from mainstay.quantities import Instant
from mainstay.records.kinds import Coverage, Event, Record
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records, known_by

if TYPE_CHECKING:
    from mainstay.casebook import Casebook

SCHEME, ENDING, KEY_ENDING = "casebooks:", ".mainstay", ".key"
CUT_EVERY, MOST = 16, 64
"""Casebooks of a batch: after how many it ends on average, and at the latest."""
LONGEST_KEY = 1_000
PURPOSES = (PURPOSE, "pooled_prior")
"""For which it is noted whether consent covers what was read, so that a casebook need not be opened to ask."""
NOT_COVERED = "no stream may be read for this purpose"
GONE = "the casebook is no longer there"
TAKEN_AWAY = "the casebook was taken away before the run was done"


def address_of(folder: Path, keys: Path) -> str:
    """The address of a folder of casebooks, with where the keys are: a folder of `NAME.key`, or one file for all."""
    return f"{SCHEME}{quote(str(folder.absolute()))}?keys={quote(str(keys.absolute()))}"


class CasebookFolder:
    """The casebooks of a folder (`NAME.mainstay`), each a person called NAME; opened by `NAME.key`.

    A key is a file of one line, readable by its owner alone: a passphrase, or the words of a recovery code. Whoever
    can't be opened or read is refused and told why, and nobody else is held up by it.
    """

    def __init__(self, address: str) -> None:
        self.address = address
        self.rests_on: dict[str, str] = {}
        parts = urlsplit(address.removeprefix(SCHEME))
        given = parse_qs(parts.query).get("keys", [])
        if len(given) != 1:
            raise BadRequest(f"{address} does not say where the keys of the casebooks are")
        self.folder, self.keys = Path(unquote(parts.path)), Path(given[0])
        if not self.folder.is_dir():
            raise BadRequest(f"there is no folder of casebooks at {self.folder}")
        if not self.keys.exists():
            raise BadRequest(f"there are no keys at {self.keys}; docs/howto/cohort.md says how they lie there")

    def parts(self) -> tuple[Part, ...]:
        """The batches, in order of names. Each is called after who is in it, so that a casebook that comes or goes
        makes one or two batches others, and leaves the rest."""
        names = [one.stem for one in self.folder.glob(f"[!.]*{ENDING}") if one.is_file()]
        if not names:
            raise BadRequest(f"{self.folder} holds no casebook (NAME{ENDING}); there is nobody to analyse")
        return tuple(Part(_digest("\n".join(some)), 0, len(some), some) for some in batches(names))

    def people(self, part: Part) -> tuple[str, ...]:
        """Who is in a batch, in order."""
        return part.names

    def timelines(
        self,
        part: Part,
        *,
        now: Instant,
        as_of: Instant | None = None,
        purpose: str = PURPOSE,
        only: str | None = None,
    ) -> Iterator[tuple[str, Timeline | Refused]]:
        """Everybody in a batch (or `only` one), one casebook open at a time: their timeline for the purpose, or why
        not. Contacts and what people wrote are left behind."""
        for name in part.names:
            if only in (None, name):
                try:
                    found, self.rests_on[name] = self._one(name, now, as_of, purpose)
                except MainstayError as refused:
                    yield name, Refused(name, self._in_words(refused, name))
                else:
                    yield name, found

    def ended(self, rests_on: Mapping[str, str | None], *, now: Instant, purpose: str = PURPOSE) -> dict[str, str]:
        """Of these people, with what was read of each, those whose consent for it holds no longer, and why.

        A casebook that nobody has written to since is not opened again; one that can't be asked is no yes.
        """
        over = {name: self._over(name, json.loads(read), now, purpose) for name, read in rests_on.items() if read}
        return {name: why for name, why in over.items() if why}

    def _one(self, name: str, now: Instant, as_of: Instant | None, purpose: str) -> tuple[Timeline, str]:
        with self._opened(name) as casebook:
            try:
                stored = casebook.read(purpose, now=now)
            except NoConsent:
                raise NoConsent(NOT_COVERED) from None
            named = {stream.name: stream.identity for stream in casebook.streams()}
            covered = {one: _covered(casebook, now, one) for one in {purpose, *PURPOSES}}
        read = sorted({named.get(record.stream, "") for record in stored.records})
        if (stored.left_out and not read) or not covered[purpose].keys() >= set(read):
            raise NoConsent(NOT_COVERED)
        until = {one: _until(held, read) for one, held in sorted(covered.items()) if held.keys() >= set(read)}
        rests_on = {"streams": read, "until_us": until, "file": _mark(self._path(name))}
        asked_at = as_of or now
        # what a correction or a retraction stands for goes first: retractions are among what stays behind
        records = kept(known_by(stored.records, asked_at))
        if not records:
            raise BadRequest(f"nothing was known yet on {asked_at}" if stored.records else "there is nothing on record")
        found = from_records(
            records, stored.items, stored.anchor, as_of=asked_at, purpose=purpose, left_out=stored.left_out
        )
        return found, json.dumps(rests_on)

    def _over(self, name: str, read: Mapping[str, Any], now: Instant, purpose: str) -> str | None:
        if not self._path(name).is_file():
            return TAKEN_AWAY
        until = read["until_us"].get(purpose)
        if until is not None and until <= now.utc_us:
            return ENDED
        if read["file"] is not None and read["file"] == _mark(self._path(name)):
            return None if purpose in read["until_us"] else ENDED
        try:
            with self._opened(name) as casebook:
                covered = _covered(casebook, now, purpose)
        except MainstayError as refused:
            return f"consent could not be asked for once more: {self._in_words(refused, name)}"
        return None if covered.keys() >= set(read["streams"]) else ENDED

    def _opened(self, name: str) -> Casebook:
        from mainstay.casebook import Casebook

        if not self._path(name).is_file():
            raise BadRequest(GONE)
        return Casebook.open(self._path(name), key_in(self.keys if self.keys.is_file() else self._key(name)))

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}{ENDING}"

    def _key(self, name: str) -> Path:
        return self.keys / f"{name}{KEY_ENDING}"

    def _in_words(self, refused: MainstayError, name: str) -> str:
        """Why a casebook was refused, without where it lies."""
        path = self._path(name)
        return str(refused).replace(str(path), "the casebook").replace(str(path.parent), "its folder")


def batches(names: Iterable[str]) -> list[tuple[str, ...]]:
    """Names in their order, a batch ending after a name that says so by its hash, and after `MOST` at the latest."""
    found: list[tuple[str, ...]] = []
    held: list[str] = []
    for name in sorted(names):
        held.append(name)
        if len(held) == MOST or int(_digest(name), 16) % CUT_EVERY == 0:
            found.append(tuple(held))
            held = []
    return [*found, tuple(held)] if held else found


def key_in(place: Path) -> str:
    """What opens a casebook, from a file of one line. Refuses (`BadRequest`) one that others can read, is not there
    or holds more."""
    try:
        with place.open(encoding="utf-8-sig") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise BadRequest("its key can be read by others on this machine; chmod 600 the key's file")
            first, rest = file.readline(LONGEST_KEY), file.read(LONGEST_KEY)
    except FileNotFoundError:
        raise BadRequest("there is no key for it") from None
    except (OSError, UnicodeDecodeError) as error:
        raise BadRequest("its key can't be read") from error
    if rest.strip():
        raise BadRequest("its key is not one line")
    return first.rstrip("\r\n")


def kept(records: Sequence[Record]) -> tuple[Record, ...]:
    """What a study gets of a casebook's records: no contact, nothing written to oneself, nobody's name."""
    return tuple(_unnamed(one) for one in records if one.kind in KINDS and not _of_refuges(one))


def _unnamed(record: Record) -> Record:
    body = record.body
    return replace(record, body=replace(body, contacts=())) if isinstance(body, Event) and body.contacts else record


def _of_refuges(record: Record) -> bool:
    return isinstance(record.body, Coverage) and record.body.opportunity is not None


def _covered(casebook: Casebook, now: Instant, purpose: str) -> dict[str, int | None]:
    """The streams (by identity) that hold something and may be read for the purpose, and when their consent ends."""
    clock = casebook.clock(now)
    return {
        stream.identity: None if said.until is None else said.until.utc_us
        for stream in casebook.streams()
        if stream.count
        for said in stream.consent
        if said.purpose == purpose and said.valid(clock)
    }


def _until(covered: Mapping[str, int | None], read: Sequence[str]) -> int | None:
    """When the first consent for one of these streams ends; None where none does."""
    return min((until for one in read if (until := covered[one]) is not None), default=None)


def _mark(path: Path) -> list[int] | None:
    """What is another value once the closed casebook was written to; None where some program has it open."""
    if path.with_name(f"{path.name}-wal").exists():
        return None
    there = path.stat()
    return [there.st_size, there.st_mtime_ns, there.st_ctime_ns, there.st_ino]


def _digest(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
