"""What was said and what was done: the words on consent, and the audit with its checkpoints."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from mainstay.casebook import audit, container, erasure, ledger
from mainstay.casebook.consent import Consent, ConsentEvent
from mainstay.casebook.openfile import OpenFile
from mainstay.casebook.terms import Terms
from mainstay.quantities import Instant


class Ledgers(OpenFile):
    """The part of a `Casebook` that keeps the ledger of consent and the audit."""

    def give(self, streams: Iterable[str], consent: Consent, *, now: Instant) -> tuple[ConsentEvent, ...]:
        """Allows the purposes of the consent for these streams (none named: all); what was newly noted.

        Refuses (`BadRequest`) a stream that is not there, and a consent dated before the no that it would undo.
        """
        with self._consenting() as (connection, noted):
            ledger.give(connection, self._safe, ledger.streams_named(connection, streams), consent, now)
        return tuple(noted)

    def refuse(
        self, streams: Iterable[str], purposes: Sequence[str], *, now: Instant, terms: Terms | None = None
    ) -> tuple[ConsentEvent, ...]:
        """Notes that the person was asked to allow these purposes and said no; what was newly noted."""
        with self._consenting() as (connection, noted):
            ledger.refuse(connection, self._safe, ledger.streams_named(connection, streams), purposes, now, terms=terms)
        return tuple(noted)

    def renew(
        self, streams: Iterable[str], purposes: Sequence[str] = (), *, until: Instant | None = None, now: Instant
    ) -> tuple[ConsentEvent, ...]:
        """Lets what was given (no purpose named: all of it) go on until `until`, on the same terms."""
        with self._consenting() as (connection, noted):
            ledger.renew(connection, self._safe, ledger.streams_named(connection, streams), purposes, now, until=until)
        return tuple(noted)

    def withdraw(
        self, streams: Iterable[str] = (), purposes: Sequence[str] = (), *, now: Instant
    ) -> tuple[ConsentEvent, ...]:
        """Ends what was given, at once: for these streams and purposes, or for all of them where none is named."""
        with self._consenting() as (connection, noted):
            ledger.withdraw(connection, self._safe, ledger.streams_named(connection, streams), purposes, now)
        with container.plain_errors(self.path):
            erasure.sweep(self._open_connection())
        return tuple(noted)

    def consents(self) -> tuple[ConsentEvent, ...]:
        """The whole history of consent, in the order in which it was written."""
        with self._reading() as connection:
            return ledger.events(connection)

    def clock(self, now: Instant) -> Instant:
        """The instant at which consent is judged: `now`, or the latest that the casebook has noted if later."""
        with self._reading() as connection:
            return audit.clock(connection, now)

    def audit_log(self, last: int | None = None) -> tuple[audit.AuditEntry, ...]:
        """What was done with this casebook, oldest first, or the last so many entries of it."""
        with self._reading() as connection:
            return audit.entries(connection, last)

    def checkpoint(self, now: Instant) -> audit.Checkpoint:
        """The audit as it stands, to be kept elsewhere and given to `verify` one day."""
        with self._writing() as connection:
            return audit.checkpoint(connection, self._safe, now)

    def verify(self, checkpoint: audit.Checkpoint | None = None) -> list[str]:
        """What is wrong with the audit, in words: changed, removed, moved or cut-off entries. Nothing: it is whole."""
        with self._reading() as connection:
            return audit.verify(connection, self._safe, checkpoint)

    @contextmanager
    def _consenting(self) -> Iterator[tuple[Any, list[ConsentEvent]]]:
        """A transaction that changes consent, and a list that holds at its end what was newly noted."""
        noted: list[ConsentEvent] = []
        with self._writing() as connection:
            before = ledger.last_event(connection)
            yield connection, noted
            noted += ledger.events(connection, before)
