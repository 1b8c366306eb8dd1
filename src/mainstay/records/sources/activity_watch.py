"""ActivityWatch: `aw-buckets-export.json`. Which app was in front, and when somebody was at the computer.

Events come newest first and are stretches in UTC; those of one app that follow each other within a minute become one
episode. Titles of windows and addresses of pages are not kept: they say more than anybody needs here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.json_stream import JsonStream, json_of, part
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

WINDOW, AWAY = "currentwindow", "afkstatus"
KINDS = {"aw-watcher-window": WINDOW, "aw-watcher-afk": AWAY}
AT_THE_COMPUTER = "at the computer"
_WATCHER = b'"aw-watcher-'
TOGETHER_US = 60_000_000
LONGEST_S = 7 * 86_400.0
Stretch = tuple[int, int, str]


def _files(place: Place) -> list[str]:
    """The exports: their first key is `buckets`, or the watchers' buckets are named soon after the beginning."""
    return [
        file
        for file in place.matching("*.json")
        if re.match(rb'\s*\{\s*"buckets"', head := place.head(file)) or (b'"buckets"' in head and _WATCHER in head)
    ]


def _read(place: Place, intake: Intake) -> None:
    intake.needs_zone()
    for file in _files(place):
        reading = _Reading(file, intake)
        with json_of(place, file, intake) as stream:
            for key in stream.keys():  # noqa: SIM118 - keys() is a cursor, not a mapping's view
                if key == "buckets":
                    reading.buckets(stream)
                else:
                    stream.value()
        reading.finish()


class _Reading:
    """One file on its way in."""

    def __init__(self, file: str, intake: Intake) -> None:
        self._file, self._intake = file, intake
        self._number = 0
        self._stretches: dict[str, list[Stretch]] = {WINDOW: [], AWAY: []}
        self._aside: list[str] = []

    def buckets(self, stream: JsonStream) -> None:
        """The buckets: an object by name as the server writes it, or the list that its description promises."""
        if stream.peek() == "[":
            for bucket in stream.elements():
                events = part(bucket, "events")
                self._take(part(bucket, "id"), part(bucket, "type"), iter(events if isinstance(events, list) else ()))
            return
        for name in stream.keys():  # noqa: SIM118
            kind: Any = None
            for key in stream.keys():  # noqa: SIM118
                if key == "events":
                    self._take(name, kind, stream.elements())
                else:
                    value = stream.value()
                    kind = value if key == "type" else kind

    def _take(self, name: Any, written: Any, events: Iterator[Any]) -> None:
        kind = (
            written if written is not None else next((KINDS[one] for one in KINDS if str(name).startswith(one)), None)
        )
        if kind not in self._stretches:
            self._aside.append(str(name))
        for event in events:
            self._number += 1
            with self._intake.row(self._file, self._number) as row:
                if kind in self._stretches:
                    self._event(row, kind, event)

    def _event(self, row: Row, kind: str, event: Any) -> None:
        seconds = number_in(part(event, "duration"), "duration")
        label = part(event, "data", "app") if kind == WINDOW else part(event, "data", "status")
        if not seconds or label is None:
            return
        if not isinstance(label, str) or not 0 < seconds < LONGEST_S:
            raise BadRecord(f"lasts {seconds:g} seconds in {str(label)[:40]!r}")
        text = part(event, "timestamp")
        if not isinstance(text, str):
            raise BadRecord("has no timestamp")
        start = Instant.of(datetime.fromisoformat(text)).utc_us
        end = start + round(seconds * 1e6)
        if self._intake.now is not None and start > self._intake.now.utc_us:
            raise BadRecord(f"lies in the future ({Instant(start)})")
        if kind == WINDOW or label == "not-afk":
            self._stretches[kind].append((start, end, label.strip() if kind == WINDOW else AT_THE_COMPUTER))
        row.put(None)

    def finish(self) -> None:
        """Make the episodes."""
        for kind, stream in ((WINDOW, "apps"), (AWAY, "computer")):
            for start, end, label in joined(self._stretches[kind]):
                span = Span(self._intake.at(start), self._intake.at(end))
                self._intake.keep(stream, span, Episode(label, "activity"), label)
        if self._aside:
            self._intake.note(
                f"{counted(len(self._aside), 'bucket')} of other kinds not read: {', '.join(self._aside)}"
            )
        self._intake.note("titles of windows and addresses of pages are not kept")


def joined(stretches: list[Stretch]) -> Iterator[Stretch]:
    """Stretches in time, with those of one label that follow each other within a minute as one."""
    held: Stretch | None = None
    for start, end, label in sorted(stretches):
        if held is not None and held[2] == label and start - held[1] <= TOGETHER_US:
            held = held[0], max(held[1], end), label
            continue
        if held is not None:
            yield held
        held = start, end, label
    if held is not None:
        yield held


def _recognises(place: Place) -> bool:
    return bool(_files(place))


SOURCE = Source(
    name="activitywatch",
    title="ActivityWatch",
    found_at="localhost:5600 in the browser, Raw Data, Export all buckets as JSON",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="its description only",
)
