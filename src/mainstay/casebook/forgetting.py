"""What can be forgotten: streams with all that came from them, and the names of people."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.casebook import audit, bystanders, container, erasure, ledger, sharing
from mainstay.casebook.bystanders import Bystander
from mainstay.casebook.consent import OWN_ANSWERS
from mainstay.casebook.openfile import OpenFile
from mainstay.quantities import Instant


class Forgetting(OpenFile):
    """The part of a `Casebook` that erases."""

    def would_go(self, streams: Iterable[str]) -> erasure.WouldGo:
        """What erasing these streams would take with it, besides their records."""
        with self._reading() as connection:
            return erasure.would_go(connection, streams)

    def erase(self, streams: Iterable[str], *, now: Instant) -> erasure.ErasureReceipt:
        """Erases streams with all that came from them, all of it or nothing; then clears freed pages (see `sweep`).

        Gives the receipt of all erasures so far, to be kept outside: an older copy of the casebook needs it.
        """
        with self._writing() as connection:
            receipt = erasure.erase(connection, self._safe, streams, now)
        self.sweep()
        return receipt

    def replay(self, receipts: Iterable[erasure.ErasureReceipt], *, now: Instant) -> tuple[str, ...]:
        """Erases again what the receipts say was erased; the names of what went. Refuses forged and foreign ones."""
        with self._writing() as connection:
            gone = erasure.replay(connection, self._safe, receipts, now)
        self.sweep()
        return gone

    def missing(self, receipts: Iterable[erasure.ErasureReceipt]) -> tuple[str, ...]:
        """The streams that the receipts say were erased and that are here: what `replay` would erase."""
        with self._reading() as connection:
            return erasure.missing(connection, self._safe, receipts)

    def receipt(self) -> erasure.ErasureReceipt:
        """The receipt of all erasures so far, written again."""
        with self._reading() as connection:
            return erasure.receipt(connection, self._safe)

    def sweep(self) -> str:
        """Clears what erasing left in freed pages and in the log; '' when nothing is left, else why not yet."""
        with container.plain_errors(self.path):
            return erasure.sweep(self._open_connection())

    def bystanders(self, *, now: Instant) -> tuple[Bystander, ...]:
        """The people on record, for the person's own eyes: names from streams that may be read for `own_answers` now.

        Noted on the audit.
        """
        with self._noting() as connection:
            covered, _ = ledger.judge(connection, self._safe, OWN_ANSWERS, now)
            found = bystanders.listed(connection, self._safe, set(covered.values()))
            asked, count = ledger.identities(connection, covered), sum(one.name is not None for one in found)
            audit.note(connection, self._safe, "read people", OWN_ANSWERS, asked, count, now)
        return found

    def nameless(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The texts with everybody on record, and everybody something was shared with, as "somebody"."""
        with self._reading() as connection:
            people = set(bystanders.names(connection, self._safe).values())
            people |= {share.with_whom for share in sharing.made(connection)}
        return tuple(bystanders.without(text, people) for text in texts)

    def forget_bystander(self, name: str, *, now: Instant) -> str:
        """Drops somebody's name, given by name or pseudonym, and the kept answers in which it may stand.

        Gives the pseudonym, under which the records go on. The name is not kept again when it comes again.
        """
        with self._writing() as connection:
            pseudonym = bystanders.forget(connection, self._safe, name)
            erasure.note_unswept(connection)
            audit.note(connection, self._safe, "forget person", "", (), 1, now)
        self.sweep()
        return pseudonym
