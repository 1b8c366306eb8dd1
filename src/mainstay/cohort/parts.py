"""What is finished, a file for each batch: there whole or not at all, and found again by whoever goes on."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import mainstay
from mainstay.cohort.asked import Asked
from mainstay.cohort.layout import ABOUT
from mainstay.cohort.source import Part
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    import polars as pl

GROUP = "group"
PARTS, ASKED, LOCK = "parts", "asked.json", ".at-work"
OWNERS_ALONE = 0o700
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MAGIC = b"ARROW1"
"""The beginning and the end of every Arrow file."""


class Parts:
    """The folder of one run. Refuses one that another question, source or version began."""

    def __init__(self, out: Path, address: str, asked: Asked) -> None:
        self.folder = out / PARTS
        as_of = None if asked.as_of is None else asked.as_of.as_local.isoformat()
        given = None if asked.given is None else asked.given.mark
        said = {
            "source": address, "what": asked.what, "as_of": as_of, "priors": given, "version": mainstay.__version__
        }  # fmt: skip
        self.folder.mkdir(mode=OWNERS_ALONE, parents=True, exist_ok=True)
        held = begun(out)
        if held is None:
            write_whole(out / ASKED, (json.dumps(said, indent=1) + "\n").encode())
        else:
            differs = [name for name, value in said.items() if held.get(name) != value]
            if differs:
                raise BadRequest(
                    f"{out} holds a run with another {differs[0]} ({held.get(differs[0])}); choose another folder, or "
                    "remove that one"
                )
        for torn in self.folder.glob(".*.new"):
            torn.unlink(missing_ok=True)

    def place(self, part: Part) -> Path:
        """Where a batch's table goes; a batch that changed its size is another."""
        name = hashlib.blake2b(f"{part.key} {part.rows}".encode(), digest_size=8).hexdigest()
        return self.folder / f"{name}.arrow"

    def there(self, part: Part) -> bool:
        """Whether a batch is finished: its file is there from beginning to end."""
        try:
            with self.place(part).open("rb") as file:
                head = file.read(len(MAGIC))
                file.seek(-len(MAGIC), os.SEEK_END)
                return head == MAGIC == file.read()
        except OSError:
            return False

    def keep(self, part: Part, table: bytes) -> None:
        """Keep a batch's table: it is there whole, on the disk, or not at all. Twice is harmless."""
        write_whole(self.place(part), table)

    def only(self, parts: Iterable[Part], *, first: Callable[[], None] = lambda: None) -> int:
        """Removes every table of a batch that is none of these, of people who are no longer in the source; how many.

        `first` is done before any is removed.
        """
        wanted = {self.place(one) for one in parts}
        others = [there for there in self.folder.glob("*.arrow") if there not in wanted]
        if others:
            first()
        for there in others:
            there.unlink()
        return len(others)

    def table(self, part: Part, columns: list[str] | None = None) -> pl.DataFrame:
        """A finished batch. Refuses (`BadRequest`) a file that is damaged, and removes it: it is worked out again."""
        import polars as pl

        place = self.place(part)
        try:
            return pl.read_ipc(place, columns=columns)
        except pl.exceptions.PolarsError as error:
            place.unlink()
            raise BadRequest(f"{place} was damaged and is removed; the same command works it out again") from error

    def whole(self, parts: Iterable[Part]) -> pl.LazyFrame:
        """All finished batches in their order."""
        import polars as pl

        return pl.concat([pl.scan_ipc(self.place(one)) for one in parts])


def drop_tables(out: Path) -> None:
    """Removes every table of a run, and all that was made of its people together: all of it can be made anew."""
    for made in (*out.glob("*.parquet"), *(out / GROUP).glob("*")):
        if not made.is_dir():
            made.unlink()


def begun(out: Path) -> dict[str, Any] | None:
    """What the run in a folder was asked, or None where none was begun. Refuses (`BadRequest`) what can't be read."""
    place = out / ASKED
    try:
        held = json.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise BadRequest(f"{place} does not say what was asked; choose another folder") from error
    if not isinstance(held, dict):
        raise BadRequest(f"{place} does not say what was asked; choose another folder")
    return held


@contextmanager
def alone_in(out: Path) -> Iterator[None]:
    """Nobody else works in this folder meanwhile, on this machine; refuses (`BadRequest`) where somebody does, and a
    folder that holds anything but a run: tables are replaced there and removed.

    The system holds the lock, so that it goes with whoever is killed.
    """
    with_room_for_a_run(out)
    out.mkdir(mode=OWNERS_ALONE, parents=True, exist_ok=True)
    with (out / LOCK).open("a+b") as file:
        try:
            _lock(file)
        except OSError as error:
            raise BadRequest(f"another run is at work in {out}; wait until it is done, or choose another") from error
        yield


def with_room_for_a_run(out: Path) -> None:
    """Refuses (`BadRequest`) a file, a data set, and a folder that holds something and no run."""
    if out.exists() and not out.is_dir():
        raise BadRequest(f"{out} is a file; what comes out goes into a folder of its own")
    if (out / ABOUT).exists():
        raise BadRequest(f"{out} is a data set of many people; what comes out goes into a folder of its own")
    if out.exists() and any(out.iterdir()) and not any((out / name).exists() for name in (LOCK, ASKED)):
        raise BadRequest(f"{out} holds something that is no run of mainstay cohort; choose a new folder")


def _lock(file: IO[bytes]) -> None:
    if os.name == "posix":
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    else:
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]


def write_whole(place: Path, held: bytes) -> None:
    """A file, readable by its owner alone, that is there whole, on the disk, or not at all."""
    building = place.with_name(f".{place.name}.{secrets.token_hex(4)}.new")
    try:
        with (
            room_for(place),
            os.fdopen(os.open(building, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file,
        ):
            file.write(held)
            file.flush()
            os.fsync(file.fileno())
        building.replace(place)
    finally:
        building.unlink(missing_ok=True)


@contextmanager
def room_for(place: Path) -> Iterator[None]:
    """Where the disk is full, or a limit on files is reached, says so, and what to do (`BadRequest`)."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise BadRequest(
            f"there is no room left to write {place}; what is finished is kept: make some room, and the same command "
            "goes on from there"
        ) from error
