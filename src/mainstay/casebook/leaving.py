"""What can leave a casebook and come back: whole in the open, whole and encrypted, or as answers for a supporter."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from mainstay.casebook import backup, portability, sharing
from mainstay.casebook.openfile import OpenFile
from mainstay.errors import NoConsent
from mainstay.quantities import Instant


class Leaving(OpenFile):
    """The part of a `Casebook` that takes out, puts in, copies and shares."""

    def take_out(self, *, now: Instant, kept: Iterable[str] = ()) -> portability.Parcel:
        """Everything that may be read for the person's own answers, to be taken elsewhere; see `portability`.

        `kept`: the names of kept answers that go with it. Noted on the audit. Raises `NoConsent` where streams exist
        and none is covered.
        """
        with self._writing() as connection, self._sound():
            parcel = portability.take_out(connection, self._safe, now, kept)
        if parcel.left_out and not parcel.streams:
            raise NoConsent("no stream may be read for own_answers, so there is nothing that could be written out")
        return parcel

    def put_in(self, parcel: portability.Parcel, *, now: Instant) -> portability.TakenIn:
        """Puts in what was taken out, in one transaction, noted on the audit: what is there already stands."""
        with self._writing() as connection:
            return portability.put_in(connection, self._safe, parcel, now)

    def note_share(self, share: str, view: sharing.SharedView, streams: Iterable[str], *, now: Instant) -> None:
        """Notes that something was shared: with whom, until when, from which streams (names); on the audit too."""
        with self._writing() as connection:
            sharing.note(connection, self._safe, share, view, names=streams, now=now)

    def shares(self) -> tuple[sharing.Share, ...]:
        """What was shared, oldest first."""
        with self._reading() as connection:
            return sharing.made(connection)

    def back_up(self, out: str | os.PathLike[str], *, replace: bool = False) -> backup.BackedUp:
        """Copies the casebook, as it is now, to `out`, encrypted, whole and read back; see `backup.write`."""
        return backup.write(self.path, self._open_connection(), self._safe, Path(out), replace=replace)

    def would_be_gone(self, other: Leaving) -> backup.Gone:
        """What this casebook holds and an older copy of it does not: what would be gone if that took its place."""
        with self._reading() as connection, other._reading() as older:
            return backup.would_be_gone(connection, older)
