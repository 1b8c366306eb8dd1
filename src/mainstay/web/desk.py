"""The casebook while its page is open: unlocked once, read through the one door, locked again when nobody looks.

What was told is held in memory only, and only as long as it would be told again: once another program has written, once
consent covers something else, or on another day, it is read anew. Stories are worked out beside the page, one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mainstay.errors import CasebookError, MainstayError, NoConsent

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.story import Story
    from mainstay.timeline.kinds import Timeline

_T = TypeVar("_T")
OWN = "own_answers"
IDLE_S = 15 * 60.0
PATIENCE_S = 0.3
"""How long a page waits for a story before it is shown without: short enough not to be felt."""
SOON_S = 0.7
MOST_HELD, MOST_MADE = 12, 48
TURN_S = 5.0
"""How long a page waits for its turn with the file before it says that something is being written."""
GETTING_READY = "This machine is made ready first, which it needs once and takes some minutes."
TELLING = "The story is worked out from your records: a minute or so, longer where the machine is busy."
READING = "Your records are being read. This takes some seconds."


class Locked(MainstayError):
    """The casebook is not open: the person is asked for the passphrase."""


class Busy(MainstayError):
    """The casebook is being written, and that takes longer than a page waits."""


class Gone(CasebookError):
    """The file that was unlocked is no longer where it was."""


class Beside(Protocol):
    """What a page keeps in memory beside the records; closed when the casebook is locked."""

    def close(self) -> None:
        """Let go of everything."""


@dataclass(frozen=True, slots=True)
class Working:
    """A story that is being worked out: what to say meanwhile."""

    said: str


class Desk:
    """One casebook behind one page. Safe to use from several threads: the file is used by one at a time.

    `clock` gives the time of day; `tick` seconds that never go back, for idleness.
    """

    def __init__(
        self, path: Path, clock: Callable[[], Instant], tick: Callable[[], float], idle_s: float = IDLE_S
    ) -> None:
        self.path, self.clock, self.idle_s = path, clock, idle_s
        self.once_told: Callable[[Story], None] = lambda _: None
        """Called, beside the page, with every story as of now once it is told."""
        self.said: list[str] = []
        self.beside: dict[str, Beside] = {}
        self._tick, self._touched = tick, tick()
        self._file = threading.RLock()
        self._book: Casebook | None = None
        self._place: tuple[int, int] | None = None
        self._leaving = False
        self._stamp: tuple[Any, ...] | None = None
        self._timelines: dict[Instant | None, Timeline] = {}
        self._stories: dict[Instant | None, Future[Story]] = {}
        self._waiting: str = ""
        self._workers = ThreadPoolExecutor(1, "story")
        self._made: dict[tuple[str, Instant | None], Future[Any]] = {}
        self._makers = ThreadPoolExecutor(1, "beside")

    @property
    def name(self) -> str:
        """What the person called the casebook."""
        return self.path.name

    @property
    def is_open(self) -> bool:
        """Whether it is unlocked. One left alone for too long is not any more."""
        return self._book is not None and not self._leaving and not self._left_alone

    @property
    def _left_alone(self) -> bool:
        return self._tick() - self._touched > self.idle_s

    def touch(self) -> None:
        """Somebody is there."""
        self._touched = self._tick()

    def unlock(self, passphrase: str) -> None:
        """Open the casebook. Refuses (`WrongPassphrase`) what opens no keyslot."""
        from mainstay.casebook import Casebook

        with self._turn():
            if not self.is_open:
                self.lock()
                self._book = Casebook.open(self.path, passphrase)
                self._place = _place_of(self.path)
            self.touch()

    def begin(self, patience_s: float = 0.0) -> None:
        """Begin to tell the story, so that the first page need not wait for it; what stands in the way, it says."""
        with suppress(MainstayError):
            self.story(patience_s=patience_s)

    def begin_soon(self) -> None:
        """Begin once what is shown meanwhile is on the screen: reading the records takes the time that painting needs.

        Whoever needs the story before that begins it.
        """
        if None not in self._stories:
            later = threading.Timer(SOON_S, self.begin)
            later.daemon = True
            later.start()

    @property
    def is_told(self) -> bool:
        """Whether the story as of now lies ready. It may be that something was changed since: `story` looks."""
        job = self._stories.get(None)
        return job is not None and job.done()

    def more_of(self, story: Story) -> None:
        """Something more was made of the story as of now: `once_told` is called with it again."""
        job = self._stories.get(None)
        if job is not None and job.done() and not job.cancelled() and job.exception() is None and job.result() is story:
            self._workers.submit(self._after, job)

    def lock(self) -> None:
        """Close the file and forget all that was read from it. Long writing stops first, and leaves nothing behind."""
        self._leaving = True
        with self._file:
            book, self._book = self._book, None
            self._leaving = False
            beside, self.beside = self.beside, {}
            self.forget()
            self.said.clear()
            for one in beside.values():
                one.close()
            if book is not None:
                book.close()

    def lock_if_left_alone(self) -> None:
        """Lock it where nobody was there for too long."""
        if self._book is not None and self._left_alone:
            self.lock()

    def close(self) -> None:
        """Lock, and let the worker go."""
        self.lock()
        for pool in (self._workers, self._makers):
            pool.shutdown(wait=False, cancel_futures=True)

    def forget(self) -> None:
        """Something was written: what is held in memory is read anew."""
        with self._file:
            for job in (*self._stories.values(), *self._made.values()):
                job.cancel()
            self._stamp = None
            self._stories, self._timelines, self._made = {}, {}, {}

    @property
    def is_leaving(self) -> bool:
        """Whether somebody waits for it to be locked: long work stops then."""
        return self._leaving

    @contextmanager
    def _turn(self, wait_s: float | None = None) -> Iterator[None]:
        if not self._file.acquire(timeout=TURN_S if wait_s is None else wait_s):
            raise Busy("the casebook is being written just now; try again in a moment")
        try:
            yield
        finally:
            self._file.release()

    @contextmanager
    def casebook(self, wait_s: float | None = None) -> Iterator[Casebook]:
        """The open casebook, for one thread at a time. Raises `Locked` where it is not open, `Busy` where another
        thread is long at work with it, `Gone` where its file was moved away or replaced."""
        with self._turn(wait_s):
            if self._book is None or not self.is_open:
                raise Locked("the casebook is locked; open it with your passphrase")
            if _place_of(self.path) != self._place:
                self.lock()
                raise Gone(
                    f"{self.name} was moved, removed or replaced while this page was open, so the page has closed it; "
                    "put it back where it was and open it again"
                )
            yield self._book

    @contextmanager
    def writing(self, wait_s: float | None = None) -> Iterator[Casebook]:
        """As `casebook`, where something will be written: what was held in memory is forgotten afterwards."""
        with self.casebook(wait_s) as book:
            try:
                yield book
            finally:
                self.forget()

    def timeline(self, cut: Instant | None = None) -> Timeline:
        """What consent covers for the person's own answers, as of now or as of `cut`."""
        from mainstay.timeline.reader import read

        with self.casebook() as book:
            now = self._fresh(book)
            if cut not in self._timelines:
                if len(self._timelines) >= MOST_HELD:
                    del self._timelines[next(one for one in self._timelines if one is not None)]
                self._timelines[cut] = read(book, OWN, cut, now=now)
            held = self._timelines[cut]
            return held if cut is not None else replace(held, as_of=max(now, held.as_of))

    def story(self, cut: Instant | None = None, patience_s: float = PATIENCE_S) -> Story | Working:
        """The story as of now or as of `cut`, if it is there within `patience_s`; else what to say meanwhile.

        Raises what stood in the way, where something did.
        """
        with self.casebook() as book:
            self._fresh(book)
            if self._stamp is not None and not self._stamp[1] and book.streams():
                raise NoConsent("nothing on record may be read for your own answers")
            job = self._stories.get(cut)
            if job is None:
                self._drop(cut)
                job = self._workers.submit(self._told, book, cut)
                self._stories[cut] = job
                if cut is None:
                    self._workers.submit(self._after, job)
        return self._awaited(self._stories, cut, job, patience_s, self._waiting)

    def made(
        self,
        name: str,
        make: Callable[[Timeline], _T],
        cut: Instant | None = None,
        *,
        said: str = "",
        patience_s: float = PATIENCE_S,
    ) -> _T | Working:
        """What `make` makes of the timeline, beside the page and once; what is `said` where it takes longer.

        Held under its name as long as the timeline is. Raises what stood in the way, where something did.
        """
        with self.casebook() as book:
            self._fresh(book)
            job: Future[_T] | None = self._made.get((name, cut))
            if job is None:
                if len(self._made) >= MOST_MADE:
                    self._made.pop(next(iter(self._made))).cancel()
                job = self._makers.submit(lambda: make(self.timeline(cut)))
                self._made[name, cut] = job
        return self._awaited(self._made, (name, cut), job, patience_s, said)

    def _awaited(
        self, jobs: dict[Any, Future[_T]], name: object, job: Future[_T], patience_s: float, said: str
    ) -> _T | Working:
        try:
            return job.result(timeout=patience_s)
        except (NotYet, CancelledError):  # cancelled: something was written meanwhile, and it is told anew
            return Working(said or READING)
        except Exception:
            with self._file:  # what stood in the way may have passed: the next to ask tries again
                if jobs.get(name) is job:
                    del jobs[name]
            raise

    def _drop(self, asked: Instant | None) -> None:
        """Of the replays that nobody waits for any more, those not yet begun; of the finished, the oldest."""
        for cut in [one for one, job in self._stories.items() if one not in (None, asked) and job.cancel()]:
            del self._stories[cut]
        while len(self._stories) >= MOST_HELD:
            del self._stories[next(one for one in self._stories if one is not None)]

    def _fresh(self, book: Casebook) -> Instant:
        """The time now, after forgetting what would be told otherwise by now."""
        now = self.clock()
        stamp = (*book.stamp(OWN, now=now), now.as_local.date())
        if stamp != self._stamp:
            self.forget()
            self._stamp = stamp
        return now

    def _after(self, job: Future[Story]) -> None:
        """What is made of a story once it is there; without one, whoever asked for it was told why."""
        if not job.cancelled() and job.exception() is None:
            with suppress(MainstayError):  # locked, moved or written meanwhile: it is made of the next
                self.once_told(job.result())

    def _told(self, book: Casebook, cut: Instant | None) -> Story:
        from mainstay.doors import telling
        from mainstay.doors.kept import recall
        from mainstay.numerics import kernels_are_kept
        from mainstay.story import tell

        now, timeline = self.clock(), self.timeline(cut)
        with self._file:
            story = recall(book, timeline, now) if cut is None and self._book is book else None
        if story is None:
            self._waiting = TELLING if kernels_are_kept() else f"{GETTING_READY} {TELLING}"
            story = tell(timeline, made_at=now)
            self._waiting = ""
            with self._file:
                if cut is None and self._book is book:
                    telling.keep_or_note(book, story, now, self.said.append)
        with self._file:
            if self._book is not book:
                raise Locked("the casebook was locked meanwhile")
            return telling.with_options(book, story, now, replay=cut is not None, note=self.said.append)


def _place_of(path: Path) -> tuple[int, int] | None:
    """Which file lies at a path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
