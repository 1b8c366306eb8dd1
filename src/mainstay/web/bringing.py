"""One source on its way into the casebook: read beside the page, asked about where needed, kept, and told of.

It lives in memory, until it is done, dropped, or the casebook is locked.
"""

from __future__ import annotations

import secrets
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mainstay.doors.bringing_in import (
    answered,
    brings_its_mapping,
    consent_to,
    export_at,
    read_source,
)
from mainstay.errors import BadRecord, BadRequest, MainstayError, NaiveInstant
from mainstay.quantities import zone_named

if TYPE_CHECKING:
    from mainstay.casebook import Added
    from mainstay.quantities import Instant
    from mainstay.records.guessing import Answers, Proposal, Question
    from mainstay.records.guessing_preview import Understood
    from mainstay.records.kinds import Batch, Receipt
    from mainstay.records.mapping import Mapping
    from mainstay.records.tables import Table
    from mainstay.web.desk import Desk
    from mainstay.web.uploads import Upload

Stage = Literal["reading", "asking", "keeping", "kept", "refused", "stopped"]
LONGEST_WAIT_S = 600.0
NAME = "bringing in"
ZONE_WANTED = "Its times are those of a clock on the wall, and it does not say where that was."


class Stopped(Exception):
    """The person stopped it, or locks the casebook."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the person said beforehand. `called`: the file's own name; `purposes`: none where only the usual one."""

    path: Path
    called: str
    purposes: tuple[str, ...] = ()
    zone: str | None = None
    person: str | None = None
    source: str | None = None


class Bringing:
    """The work on one source, in a thread of its own; what a page shows of it can be read at any time.

    `stage` and, depending on it: `share` (0 to 1) read or kept so far, `table` with `proposal`, `rows` and `answers`
    to look at, `said` why it was refused and whether the `zone_is_wanted`, `receipt` and `added`.
    """

    def __init__(self, desk: Desk, wanted: Wanted, upload: Upload | None = None) -> None:
        self.key = secrets.token_urlsafe(9)
        self.desk, self.wanted, self._upload = desk, wanted, upload
        self.stage: Stage = "reading"
        self.share = 0.0
        self.said = ""
        self.zone_is_wanted = False
        self.table: Table | None = None
        self.proposal: Proposal | None = None
        self.answers: Answers | None = None
        self.rows: tuple[Understood, ...] = ()
        self.receipt: Receipt | None = None
        self.added: Added | None = None
        self._stopped = False
        self._at_work: threading.Thread | None = None

    @property
    def works(self) -> bool:
        """Whether it is being worked on, so that a page may look again in a moment."""
        return self.stage in ("reading", "keeping")

    @property
    def is_upload(self) -> bool:
        """Whether it came through the browser."""
        return self._upload is not None

    def begin(self) -> None:
        """Look what it is: an export that is known is read and kept; of any other table a reading is proposed."""
        self._do("reading", self._look)

    def again(self, **said: str | None) -> None:
        """Begin anew, with more said of it: `zone`, `person`, `source`. Refuses a zone that does not exist."""
        if said.get("zone"):
            zone_named(str(said["zone"]))
        self.wanted = replace(self.wanted, **said)  # type: ignore[arg-type]
        self.begin()

    def answer(self, said: dict[tuple[str, str], str]) -> dict[tuple[str, str], str]:
        """Take answers by (what about, column), and propose anew. What could not be used comes back, each with why."""
        assert self.proposal is not None and self.answers is not None
        answers = self.answers
        wrong: dict[tuple[str, str], str] = {}
        for question in self.proposal.questions:
            name = (question.about, question.column)
            text = said.get(name, "").strip()
            if not text:
                continue
            try:
                answers = answered(question, text, answers)
            except (BadRecord, BadRequest, ValueError):
                wrong[name] = _not_that(question)
        self.answers = answers
        self._propose()
        return wrong

    def keep(self) -> None:
        """Keep the table as it was shown. Refuses (`BadRequest`) while something is open that must be known."""
        assert self.proposal is not None
        if any(one.about != "better" for one in self.proposal.questions) or self.proposal.plan is None:
            raise BadRequest("something below has to be said before these records can be kept")
        self._do("reading", self._keep_as_shown)

    def close(self) -> None:
        """Stop, and let go of everything."""
        self._stopped = True
        if self._upload is not None:
            self._upload.close()
        if self.stage not in ("kept", "refused"):
            self.stage = "stopped"
        self.table = self.proposal = self.answers = None
        self.rows = ()

    def wait(self, patience_s: float) -> None:
        """Returns when the work is done, at the latest after so long."""
        if self._at_work is not None:
            self._at_work.join(patience_s)

    def _do(self, stage: Stage, work: Callable[[], None]) -> None:
        if self.works and self._at_work is not None and self._at_work.is_alive():
            return
        self.stage, self.share, self.said, self.zone_is_wanted = stage, 0.0, "", False
        self._at_work = threading.Thread(target=self._guarded, args=(work,), name=NAME, daemon=True)
        self._at_work.start()

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Stopped:
            self.stage = "stopped"
        except MainstayError as error:
            self.zone_is_wanted = isinstance(error, NaiveInstant)
            self._refused(ZONE_WANTED if self.zone_is_wanted else on_the_page(str(error), self.wanted))
        except Exception as error:  # its message may hold what the records say: only its kind and its place are told
            if not self._stopped:
                place = traceback.extract_tb(error.__traceback__)[-1]
                print(
                    f"mainstay: a fault in reading: {type(error).__name__} at {place.filename}:{place.lineno}",
                    file=sys.stderr,
                )
            self._refused("Something in Mainstay itself went wrong while reading this; nothing was added.")

    def _refused(self, said: str) -> None:
        """Why it goes no further; where it was stopped, what it worked on was let go of under its hands."""
        self.said = said
        self.stage = "stopped" if self._stopped else "refused"

    def _told(self, done: int, total: int) -> None:
        if self._stopped or self.desk.is_leaving:
            raise Stopped
        self.share = done / max(1, total)

    def _now(self) -> Instant:
        return self.desk.clock()

    def _look(self) -> None:
        from mainstay.records.guessing import Answers
        from mainstay.records.tables import read_table

        want = self.wanted
        if want.source is None and not brings_its_mapping(want.path) and export_at(want.path) is None:
            if not want.path.is_file():
                raise BadRequest("nothing in that folder is an export that is known here; bring in one of its tables")
            self.table = read_table(want.path, progress=lambda share: self._told(round(share * 1000), 1000))
            self.answers = Answers(zone=want.zone)
            self._propose()
            self.stage = "asking"
            return
        self._take(None, want.zone, want.person)

    def _propose(self) -> None:
        from mainstay.records.guessing import propose
        from mainstay.records.guessing_preview import understood

        assert self.table is not None and self.answers is not None
        self.proposal = propose(self.table, self.answers)
        trial = self.proposal.trial
        self.rows = (
            ()
            if trial is None
            else tuple(
                understood(self.table, trial, zone=self.answers.zone, person=self.answers.person, now=self._now())
            )
        )

    def _keep_as_shown(self) -> None:
        assert self.proposal is not None and self.proposal.plan is not None and self.answers is not None
        plan = self.proposal.plan
        name = plan.source.name or Path(self.wanted.called).stem
        anchor = None if self._strain_is_told() else plan.source.anchor
        named = replace(plan, source=replace(plan.source, name=name, anchor=anchor))
        self._take(named, None, self.answers.person)

    def _strain_is_told(self) -> bool:
        """Whether strain is told on a scale already: a table whose columns were guessed does not take its place."""
        try:
            return self.desk.timeline().anchor is not None
        except MainstayError:
            return False

    def _take(self, plan: Mapping | None, zone: str | None, person: str | None) -> None:
        batch, receipt = read_source(
            self.wanted.path, self._now(), called=self.wanted.called, mapping=plan, zone=zone, person=person,
            source=self.wanted.source, progress=self._told,
        )  # fmt: skip
        self.share, self.stage = 0.0, "keeping"
        self._keep(batch, receipt)
        if self._upload is not None:
            self._upload.close()
        self.table = self.proposal = self.answers = None
        self.rows = ()
        self.stage = "kept"

    def _keep(self, batch: Batch, receipt: Receipt) -> None:
        now = self._now()
        with self.desk.writing(LONGEST_WAIT_S) as book:
            if self._stopped:
                raise Stopped
            consent = consent_to(self.wanted.purposes, book.clock(now))
            self.added = book.add(batch, consent, now=now, progress=self._told)
        self.receipt = receipt


def on_the_page(said: str, wanted: Wanted) -> str:
    """What a reader says, without the words of the command line and the name that the file has for us."""
    for ours, theirs in (
        (str(wanted.path), wanted.called), (wanted.path.name, wanted.called),
        ("name one: --person WHO", "say below whose are meant"),
        ("name one by their number: --person 0", "say below whose are meant"),
        ("; say the zone: --zone Europe/Amsterdam", ""), ("; --zone says otherwise", ""),
        (", give --zone UTC", ", bring them in again with the zone UTC"),
    ):  # fmt: skip
        said = said.replace(ours, theirs)
    return said


def _not_that(question: Question) -> str:
    if question.about == "zone":
        return "no zone has that name; one is written like Europe/Amsterdam"
    if question.about == "start":
        return "that is no date; one is written like 2024-01-31"
    return "choose one of those that are offered"
