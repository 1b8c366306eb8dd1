"""Answers that are kept: each with the streams it was made from, so that it goes with them and is read as they are."""

from __future__ import annotations

from collections.abc import Iterable

from mainstay.casebook import audit, ledger
from mainstay.casebook.codec import checked_instant, checked_text
from mainstay.casebook.consent import OWN_ANSWERS, known_purpose
from mainstay.casebook.openfile import OpenFile
from mainstay.casebook.views import KeptAnswer
from mainstay.errors import BadRequest
from mainstay.quantities import Instant

_KEPT = "SELECT number, version, made_us, made_offset_s, payload FROM answer WHERE name = ? ORDER BY version DESC"


class Answers(OpenFile):
    """The part of a `Casebook` that keeps answers."""

    def keep_answers(
        self, name: str, version: int, payload: bytes, derived_from: Iterable[str], *, now: Instant
    ) -> None:
        """Keeps an answer as opaque bytes with the streams it was made from. Replaces the same name and version."""
        made, names = checked_instant("now", now), sorted(set(derived_from))
        if not names:
            raise BadRequest(f"answer {name!r} names no stream it was derived from, so it could never be erased")
        with self._writing() as connection:
            streams = dict(connection.execute("SELECT name, number FROM stream"))
            missing = [stream for stream in names if stream not in streams]
            if missing:
                raise BadRequest(
                    f"answer {name!r} names streams that this casebook does not hold: {', '.join(missing)}"
                )
            connection.execute("DELETE FROM answer WHERE name = ? AND version = ?", (name, version))
            number = connection.execute(
                "INSERT INTO answer (name, version, made_us, made_offset_s, payload) VALUES (?, ?, ?, ?, ?) "
                "RETURNING number",
                (checked_text("name of an answer", name), version, *made, payload),
            ).get
            numbers = [streams[name] for name in names]
            connection.executemany("INSERT INTO answer_from VALUES (?, ?)", [(number, stream) for stream in numbers])
            audit.note(connection, self._safe, "keep answer", "", ledger.identities(connection, numbers), 1, now)

    def kept_answers(self, name: str, *, purpose: str, now: Instant) -> tuple[KeptAnswer, ...]:
        """The answers kept under a name, newest version first; without those from a stream not covered at `now`.

        They are the person's own and may hold names: for another purpose than `own_answers` an answer is made anew, and
        asking is refused (`BadRequest`). What is handed out is noted on the audit, and where all are held back, that.
        """
        if known_purpose(purpose) != OWN_ANSWERS:
            raise BadRequest(f"what is kept are the person's own answers; for {purpose} they are made anew")
        with self._noting() as connection:
            covered, _ = ledger.judge(connection, self._safe, purpose, now)
            kept, read, held_back = [], set[int](), set[int]()
            for number, version, made_us, offset_s, payload in connection.execute(_KEPT, (name,)).fetchall():
                origins = [s for (s,) in connection.execute("SELECT stream FROM answer_from WHERE answer=?", (number,))]
                if all(stream in covered for stream in origins):
                    names = tuple(sorted(covered[stream] for stream in origins))
                    kept.append(KeptAnswer(name, version, Instant(made_us, offset_s), names, payload))
                    read.update(origins)
                else:
                    held_back.update(origins)
            if kept or held_back:
                done, asked = ("read answer", read) if kept else ("read answer refused", held_back)
                audit.note(connection, self._safe, done, purpose, ledger.identities(connection, asked), len(kept), now)
        return tuple(kept)
