"""JSON read piece by piece: no array is ever in memory as a whole, and where a file breaks off only its end is lost."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.records.place import Place
from mainstay.records.sources.intake import Intake

PIECE_BYTES = 1 << 18
LARGEST_ELEMENT = 64 << 20
"""Characters of one element of an array; a longer one is no record."""

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class JsonStream:
    """A cursor over a stream of JSON (UTF-8, with or without its mark). Refuses (`BadRecord`) what is no JSON."""

    def __init__(self, stream: IO[bytes], told: Callable[[int], None] | None = None) -> None:
        self._stream, self._told = stream, told
        self._decode = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._at, self._over = "", 0, False
        self._broken = ""

    def peek(self) -> str:
        """The next character that is no blank; empty at the end."""
        while True:
            if self._at < len(self._text) and self._text[self._at] > " ":
                return self._text[self._at]
            found = _BLANK.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """The next value, whole."""
        self.peek()
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except RecursionError as error:
                raise BadRecord("is nested too deeply") from error
            except ValueError as error:
                # Cut off in its middle, most likely: read on, unless there is no more or it has grown absurd.
                if len(self._text) - self._at > LARGEST_ELEMENT or not self._more():
                    raise BadRecord(
                        self._broken or f"is no JSON from there on: {getattr(error, 'msg', error)}"
                    ) from error
                continue
            # A number may go on in the next piece: 12 | 3, or 12 | .5
            cut_off = end == len(self._text) or (_is_number(value) and self._text[end] in ".eE+-")
            if not cut_off or not self._more():
                self._at = end
                return value

    def keys(self) -> Iterator[str]:
        """The keys of the next object; the caller takes each one's value before it asks for the next key."""
        for _ in self._items("{", "}"):
            key = self.value()
            self._expect(":")
            yield str(key)

    def elements(self) -> Iterator[Any]:
        """The values of the next array."""
        for _ in self._items("[", "]"):
            yield self.value()

    def _items(self, opens: str, closes: str) -> Iterator[None]:
        self._expect(opens)
        if self.peek() == closes:
            self._at += 1
            return
        while True:
            yield None
            if self.peek() == closes:
                self._at += 1
                return
            self._expect(",")

    def _expect(self, character: str) -> None:
        found = self.peek()
        if found != character:
            what = f"is no JSON from there on: {found or 'its end'!r} stands where {character!r} should"
            raise BadRecord(self._broken or what)
        self._at += 1

    def _more(self) -> bool:
        """Read on, at least as much again as is waiting, so that a long element is not begun again too often."""
        if self._over:
            return False
        piece = self._stream.read(max(PIECE_BYTES, len(self._text) - self._at))
        self._over = not piece
        if self._told is not None:
            self._told(len(piece))
        try:
            text = self._decode.decode(piece, self._over)
        except UnicodeDecodeError as error:
            text = error.object[: error.start].decode().removeprefix("\ufeff")
            self._over, self._broken = True, "is no text in UTF-8 from there on"
        self._text, self._at = self._text[self._at :] + text, 0
        return bool(piece)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


@contextmanager
def json_of(place: Place, file: str, intake: Intake) -> Iterator[JsonStream]:
    """A file as JSON. What breaks it off is listed as refused with the file; what came before stays."""
    try:
        with place.open(file) as stream:
            yield JsonStream(stream, intake.read)
    except (BadRecord, UnreadableSource) as error:
        intake.refuse(file, 0, str(error))


def json_rows(place: Place, file: str, intake: Intake, *under: str) -> Iterator[tuple[int, Any]]:
    """The elements of an array, numbered from 1: the file itself, or what stands in it `under` these keys.

    Where the file breaks off, or what is there is no array, that is refused with the number of the row after it.
    """
    number = 0
    try:
        with place.open(file) as opened:
            stream = JsonStream(opened, intake.read)
            for element in _elements(stream, under):
                number += 1
                yield number, element
    except (BadRecord, UnreadableSource) as error:
        intake.refuse(file, number + 1, str(error))


def _elements(stream: JsonStream, under: tuple[str, ...]) -> Iterator[Any]:
    if not under:
        yield from stream.elements()
        return
    for key in stream.keys():  # noqa: SIM118 - keys() is a cursor, not a mapping's view
        if key == under[0]:
            yield from _elements(stream, under[1:])
        else:
            stream.value()


def part(value: Any, *keys: str) -> Any:
    """What stands in an object under these keys, one below the other; None where it isn't there.

    Refuses (`BadRecord`) where something that is no object stands in the way.
    """
    for key in keys:
        if value is None:
            return None
        if not isinstance(value, dict):
            raise BadRecord(f"holds {str(value)[:40]!r} where {key!r} should stand")
        value = value.get(key)
    return value
