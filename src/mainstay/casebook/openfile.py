"""A casebook's file while it is open: its connection, its keys inside, and the transactions all else is done in."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from mainstay.casebook import container
from mainstay.casebook.safe import Safe
from mainstay.errors import BadRecord, CasebookError, NotACasebook

_NOTES_A_FOLD = 64  # a note takes three pages of the log, so it stays below a megabyte


class OpenFile:
    """What every part of a `Casebook` stands on. Closes itself at the end of a `with`."""

    def __init__(self, path: Path, connection: Any, safe: Safe) -> None:
        self.path = path
        self._connection, self._safe = connection, safe
        self._unfolded = 0
        # Also closed when forgotten or when Python ends: before the file system it stands on is taken down.
        self._at_end = weakref.finalize(self, connection.close, True)

    def close(self) -> None:
        """Closes the file; what was written is folded into it and the log beside it removed. Twice is harmless."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            self._at_end.detach()
            with container.plain_errors(self.path):
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open_connection(self) -> Any:
        if self._connection is None:
            raise CasebookError(f"{self.path} has been closed; open it again")
        return self._connection

    @contextmanager
    def _writing(self) -> Iterator[Any]:
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        with container.plain_errors(self.path):
            container.fold(connection)

    @contextmanager
    def _noting(self) -> Iterator[Any]:
        """A read, which writes nothing but its note: the log is folded only now and then, and at the end."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection
        self._unfolded += 1
        if self._unfolded % _NOTES_A_FOLD == 0:
            with container.plain_errors(self.path):
                container.fold(connection)

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Any]:
        connection = self._open_connection()
        with container.plain_errors(self.path):
            try:
                with container.transaction(connection, begin):
                    yield connection
            except (OverflowError, UnicodeEncodeError) as error:
                raise BadRecord(f"something in these records can't be stored as it is: {error}") from error

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """What was stored and can't be read as it was stored means a damaged file."""
        try:
            yield
        except BadRecord as error:
            raise NotACasebook(f"{self.path} is damaged ({error}); restore it from a backup") from error
