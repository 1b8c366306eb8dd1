"""People who were met, called, quarrelled with: under pseudonyms, their names sealed and given to their owner alone.

A pseudonym is a keyed hash (BLAKE2b) of the name, in one casebook the same for the same name, in two casebooks never.
Letter case, width and spaces don't make another name. Only `Event.contacts` and `Contact.pseudonym` are seen to: a
label, a tag or a statement may name somebody in plain words.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Any

from mainstay.casebook.safe import Safe, decrypt, encrypt, secret
from mainstay.errors import BadRequest, NotACasebook
from mainstay.records.kinds import Body, Contact, Event, Record

SOMEBODY = "somebody"
_DIGEST_BYTES = 5  # eight letters: among a thousand people two share one with a chance of one in two million
_PSEUDONYM = re.compile(r"person-[a-z2-7]{8}")


@dataclass(frozen=True, slots=True)
class Bystander:
    """Somebody on record: the pseudonym, the name, and the streams in which they occur.

    The name is None once it is `forgotten`, and while no stream in which they occur may be read.
    """

    pseudonym: str
    name: str | None
    streams: tuple[str, ...]
    forgotten: bool = False


class Bystanders:
    """The people of one casebook, while records are added: gives pseudonyms and seals the names behind them."""

    def __init__(self, connection: Any, safe: Safe) -> None:
        self._connection = connection
        self._key = secret(connection, safe, "bystanders")
        self._given: dict[str, str] = {}

    def hide(self, body: Body) -> Body:
        """The body with pseudonyms in place of names; a pseudonym stays as it is."""
        if isinstance(body, Event) and body.contacts and isinstance(body.contacts, tuple | list):
            return replace(body, contacts=tuple(self._pseudonym(name) for name in body.contacts))
        if isinstance(body, Contact):
            return replace(body, pseudonym=self._pseudonym(body.pseudonym))
        return body

    def hidden(self, record: Record) -> Record:
        """The record with pseudonyms in place of names."""
        body = self.hide(record.body)
        return record if body is record.body else replace(record, body=body)

    def keep(self, met: Iterable[tuple[Body, int]]) -> None:
        """Seals the names of those whom these (hidden) bodies name, and notes in which streams (numbers) they occur.

        A name that was forgotten is not sealed again.
        """
        names = {pseudonym: name for name, pseudonym in reversed(self._given.items())}
        pairs = sorted({(person, stream) for body, stream in met for person in _people(body)})
        for pseudonym, stream in pairs:
            if pseudonym in names:
                sealed = encrypt(self._key, names[pseudonym].encode(), pseudonym.encode())
                self._connection.execute("INSERT OR IGNORE INTO bystander VALUES (?, ?)", (pseudonym, sealed))
            self._connection.execute(
                "INSERT OR IGNORE INTO met SELECT pseudonym, ? FROM bystander WHERE pseudonym = ?", (stream, pseudonym)
            )

    def _pseudonym(self, name: str) -> str:
        if not isinstance(name, str) or not name or _PSEUDONYM.fullmatch(name):
            return name
        if name not in self._given:
            self._given[name] = pseudonym(self._key, name)
        return self._given[name]


def pseudonym(key: bytes, name: str) -> str:
    """`person-` and eight letters: what this name is called in the casebook whose key this is."""
    same = " ".join(unicodedata.normalize("NFKC", name).casefold().split())
    digest = hashlib.blake2b(same.encode(), digest_size=_DIGEST_BYTES, key=key).digest()
    return "person-" + base64.b32encode(digest).decode().lower()


def names(connection: Any, safe: Safe) -> dict[str, str]:
    """The names by pseudonym, without those that were forgotten. For the person's own eyes."""
    key = secret(connection, safe, "bystanders")
    found = connection.execute("SELECT pseudonym, sealed_name FROM bystander WHERE sealed_name IS NOT NULL")
    return {pseudonym: _opened(key, pseudonym, sealed) for pseudonym, sealed in found}


def named(body: Body, names: dict[str, str]) -> Body:
    """The body with names in place of the pseudonyms whose names are given."""
    if isinstance(body, Event) and body.contacts:
        return replace(body, contacts=tuple(names.get(person, person) for person in body.contacts))
    if isinstance(body, Contact) and body.pseudonym in names:
        return replace(body, pseudonym=names[body.pseudonym])
    return body


def listed(connection: Any, safe: Safe, covered: Container[str]) -> tuple[Bystander, ...]:
    """Everybody on record, those with names first, in order of the alphabet.

    A name is given where one of the streams in which somebody occurs is `covered` (names).
    """
    known = names(connection, safe)
    streams: dict[str, list[str]] = {one: [] for (one,) in connection.execute("SELECT pseudonym FROM bystander")}
    met = "SELECT pseudonym, name FROM met JOIN stream ON stream.number = met.stream ORDER BY name"
    for one, stream in connection.execute(met):
        streams[one].append(stream)
    everybody = [
        Bystander(
            one, known.get(one) if any(name in covered for name in where) else None, tuple(where), one not in known
        )
        for one, where in streams.items()
    ]
    return tuple(sorted(everybody, key=lambda one: (one.name is None, one.name or one.pseudonym)))


def without(text: str, people: Iterable[str]) -> str:
    """The text with these names, and with all pseudonyms, as "somebody", whatever their letters' case."""
    said = unicodedata.normalize("NFC", text)
    names = [re.escape(unicodedata.normalize("NFC", name)) for name in sorted(people, key=len, reverse=True)]
    every = "|".join([*(name.replace(r"\ ", r"\s+") for name in names), _PSEUDONYM.pattern])
    return re.sub(rf"(?<!\w)(?:{every})(?!\w)", SOMEBODY, said, flags=re.IGNORECASE)


def forget(connection: Any, safe: Safe, name: str) -> str:
    """Drops the name of somebody, given by name or pseudonym, and the kept answers in which it may stand.

    Gives the pseudonym, which stays. Refuses (`BadRequest`) a name that is not on record or forgotten already.
    """
    known = names(connection, safe)
    called = name if name in known else pseudonym(secret(connection, safe, "bystanders"), name)
    if called not in known:
        raise BadRequest(f"{name!r} is nobody whose name is kept here; 'mainstay people CASE' lists them")
    connection.execute("UPDATE bystander SET sealed_name = NULL WHERE pseudonym = ?", (called,))
    connection.execute(
        "DELETE FROM answer WHERE number IN (SELECT answer FROM answer_from WHERE stream IN "
        "(SELECT stream FROM met WHERE pseudonym = ?))",
        (called,),
    )
    return called


def _people(body: Body) -> tuple[str, ...]:
    if isinstance(body, Event):
        return body.contacts
    return (body.pseudonym,) if isinstance(body, Contact) else ()


def _opened(key: bytes, pseudonym: str, sealed: bytes) -> str:
    name = decrypt(key, sealed, pseudonym.encode())
    if name is None:
        raise NotACasebook("a name inside this casebook is damaged; restore the file from a backup")
    return name.decode()
