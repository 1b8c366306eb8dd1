"""What a reader gives its findings to: records are checked and counted, what can't be kept is refused with a reason."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadMapping, BadRecord, NaiveInstant
from mainstay.quantities import Instant, Span
from mainstay.records.collector import Collector
from mainstay.records.kinds import Batch, Body, CheckIn, Item, Prompt, Receipt, Signal
from mainstay.records.moments import whole_day
from mainstay.records.words import counted, few

LATEST_US = 253_370_764_800_000_000
"""The beginning of the year 9999: nothing can be dated later."""

Progress = Callable[[int, int], None]
PIECE = 65_536
"""Samples that are gathered one by one before they are put away together."""

QUARTER_HOUR_US = 900_000_000
"""Clocks change at quarters of an hour (UTC), so that an offset holds for one."""


@dataclass
class _Columns:
    """The samples of one channel of one device as they come, in pieces."""

    unit: str
    times: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    offsets: list[int | None] = field(default_factory=list)


class Row:
    """One row on its way in: kept where anything of it was, else refused with the first reason, else empty.

    What can't be a record (`BadRecord`, or a date that no calendar has) is its refusal and never stops the reading.
    """

    __slots__ = ("_file", "_intake", "_kept", "_number", "_reasons")

    def __init__(self, intake: Intake, file: str, number: int) -> None:
        self._intake, self._file, self._number = intake, file, number
        self._kept = False
        self._reasons: list[str] = []

    def put(self, reason: str | None) -> None:
        """Take note of what became of one part of the row: None is kept, else why it was not."""
        if reason is None:
            self._kept = True
        else:
            self._reasons.append(reason)

    def __enter__(self) -> Row:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        bad = isinstance(error, (BadRecord, ValueError, OverflowError))
        if error is not None and not bad:
            return False
        if bad:
            self._reasons.append(str(error))
        self._intake.rows(refused=int(bool(self._reasons) and not self._kept), empty=int(self._empty))
        for reason in dict.fromkeys(self._reasons):
            self._intake.mention(self._file, self._number, reason)
        return True

    @property
    def _empty(self) -> bool:
        return not self._kept and not self._reasons


class Intake:
    """One export on its way in. Rows are counted by `row`; each ends as kept, refused or empty.

    `zone`: of clocks that don't say where they stood. `now`: what happens later is refused. `person`: which of
    several people in the export is meant.
    """

    def __init__(
        self,
        title: str,
        zone: ZoneInfo | None,
        now: Instant | None,
        progress: Progress | None = None,
        person: str | None = None,
    ) -> None:
        self.title, self.zone, self.now = title, zone, now
        self.progress, self.person = progress, person
        self.bytes_in_all, self._bytes_read = 1, 0
        self._offsets: dict[int, int] = {}
        self._pending: dict[tuple[str, str, str, str, int], tuple[array[int], array[float]]] = {}
        self._into = Collector(title, now)
        self._items: dict[str, Item] = {}
        self._columns: dict[tuple[str, str, str], _Columns] = {}
        self._anchor: str | None = None

    def local(self, clock: datetime, fold: int = 0) -> Instant:
        """The instant of a clock that was read without an offset; refuses (`NaiveInstant`) where no zone was given.

        In the hour that comes twice when clocks go back, `fold` 0 is the first. An hour that was skipped is refused.
        """
        zone = self.needs_zone()
        placed = clock.replace(tzinfo=zone, fold=fold)
        back = datetime.fromtimestamp(placed.timestamp(), zone).replace(tzinfo=None)
        if abs(back - clock.replace(tzinfo=None)) > timedelta(0):
            raise NaiveInstant(f"{clock:%Y-%m-%d %H:%M} was skipped when clocks went forward in {zone.key}")
        return Instant.of(placed)

    def row(self, file: str, number: int) -> Row:
        """Begin a row, counted from 1; `with intake.row(file, number) as row:` settles what became of it."""
        return Row(self, file, number)

    def read(self, count: int) -> None:
        """Tell that so many more bytes of the export have been read."""
        self._bytes_read += count
        if self.progress is not None:
            self.progress(min(self._bytes_read, self.bytes_in_all), self.bytes_in_all)

    def needs_zone(self) -> ZoneInfo:
        """The zone of its clocks; refuses (`NaiveInstant`) where none was given."""
        if self.zone is None:
            raise NaiveInstant(
                f"the times of {self.title} are local and do not say where; say it: --zone Europe/Amsterdam"
            )
        return self.zone

    def one_person(self, people: Sequence[str], where: str) -> str:
        """Who of several people in the export is meant; refuses (`BadMapping`) where that is not said."""
        if self.person is not None:
            if self.person not in people:
                raise BadMapping(f"{where} holds nobody called {self.person!r}; it holds {few(people)}")
            return self.person
        if len(people) > 1:
            raise BadMapping(f"{where} holds {len(people)} people: {few(people)}; name one: --person WHO")
        return people[0] if people else ""

    def day(self, day: date) -> Span:
        """A local calendar day. What is known of a whole day is known at its end."""
        return whole_day(day, self.needs_zone())

    def at(self, utc_us: int) -> Instant:
        """An instant known in UTC, with the offset of the zone that was given (UTC without one)."""
        if self.zone is None:
            return Instant(utc_us)
        quarter = utc_us // QUARTER_HOUR_US
        offset_s = self._offsets.get(quarter)
        if offset_s is None:
            offset = datetime.fromtimestamp(utc_us / 1e6, self.zone).utcoffset()
            offset_s = self._offsets[quarter] = round(offset.total_seconds()) if offset else 0
        return Instant(utc_us, offset_s)

    @property
    def bounds(self) -> tuple[int, int]:
        """The first and the last moment at which anything can have happened (UTC microseconds)."""
        return self._into.earliest_us, LATEST_US if self.now is None else self.now.utc_us

    def rows(self, read: int = 1, *, refused: int = 0, empty: int = 0) -> None:
        """Count rows: read in all, and of these how many were refused or empty."""
        self._into.rows_read += read
        self._into.rows_refused += refused
        self._into.rows_empty += empty

    def refuse(self, file: str, row: int, reason: str) -> None:
        """Count a row as read and refused, with the reason and where it stood."""
        self.rows(refused=1)
        self.mention(file, row, reason)

    def mention(self, file: str, row: int, reason: str) -> None:
        """List a refusal without counting its row: of one of its cells, or a row that is counted elsewhere."""
        self._into.list_refusal(file, row, reason)

    def note(self, text: str) -> None:
        """Say something on the receipt, once."""
        self._into.notes.append(text)

    def declare(self, item: Item, *, anchor: bool = False) -> None:
        """An item that check-ins answer; `anchor`: strain is told on its scale unless an earlier one is."""
        known = self._items.setdefault(item.name, item)
        if known != item:
            raise BadMapping(f"the export asks {item.name!r} on two scales; read it as a table with a mapping")
        if anchor and self._anchor is None:
            self._anchor = item.name

    def check_in(self, stream: str, at: Instant | Span, item: str, value: float, key: str = "") -> str | None:
        """Keep an answer; why not, where it lies outside its scale or its time can't be."""
        scale = self._items[item]
        if not scale.low <= value <= scale.high:
            return f"{item} is {value:g}, outside its scale {scale.low:g} to {scale.high:g}"
        return self.keep(stream, at, CheckIn(item, value), key or item)

    def keep(self, stream: str, happened: Instant | Span, body: Body, label: str) -> str | None:
        """Keep a record; why not, where it lies in the future or before 1900. Counting its row is the reader's."""
        reason = self._into.impossible(happened)
        if reason is None:
            self._into.put(stream, happened, body, label)
        return reason

    def prompt(self, sent: Instant, answered: Instant | None, items: tuple[str, ...], label: str) -> str | None:
        """Keep a prompt, known once it was answered; why not, where that was before it was sent."""
        if answered is not None and answered < sent:
            return f"was answered ({answered}) before it was sent ({sent})"
        happened = sent if answered is None else Span(sent, answered)
        return self.keep("prompts", happened, Prompt(sent, answered, items), label)

    def samples(
        self,
        stream: str,
        channel: str,
        unit: str,
        times_us: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        device: str = "",
        offset_s: int | None = 0,
    ) -> int:
        """Keep samples of a dense channel (n,), in any order and in as many pieces as come; how many were impossible.

        They become one record for each channel, device and month (UTC), whose identity is that alone: a longer export
        adds its new samples to the record that is there. A value that is not a number is left out. `offset_s`: of the
        clock that wrote them; None where the zone that was given says it.
        """
        good = np.isfinite(values) & (times_us >= self._into.earliest_us)
        if self.now is not None:
            good &= times_us <= self.now.utc_us
        held = self._columns.setdefault((stream, channel, device), _Columns(unit))
        if held.unit != unit:
            raise BadMapping(f"{channel} comes in {held.unit} and in {unit}; give it in one unit")
        if good.any():
            held.times.append(times_us[good])
            held.values.append(values[good])
            held.offsets.append(offset_s)
        return int(len(good) - good.sum())

    def sample(
        self, stream: str, channel: str, unit: str, at: Instant, value: float, *, device: str = ""
    ) -> str | None:
        """Keep one sample of a dense channel (see `samples`); why not, where it can't be."""
        reason = self._into.impossible(at)
        if reason is not None:
            return reason
        key = (stream, channel, unit, device, at.offset_s)
        held = self._pending.get(key)
        if held is None:
            held = self._pending[key] = (array("q"), array("d"))
        held[0].append(at.utc_us)
        held[1].append(value)
        if len(held[0]) >= PIECE:
            self._put_away(key)
        return None

    def daily(self, stream: str, unit: str, day: date, value: float, *, device: str = "") -> str | None:
        """Keep a value of a whole local day as a sample at the day's end; a day that is not over yet is left out."""
        end = self.day(day).end
        if self.now is not None and end > self.now:
            return f"{day} is not over yet; it comes with the next export"
        return self.sample(stream, stream, unit, end, value, device=device)

    def _put_away(self, key: tuple[str, str, str, str, int]) -> None:
        stream, channel, unit, device, offset_s = key
        times, values = self._pending.pop(key)
        self.samples(stream, channel, unit, np.array(times), np.array(values), device=device, offset_s=offset_s)

    def finish(self) -> tuple[Batch, Receipt]:
        """The batch and its receipt."""
        for key in list(self._pending):
            self._put_away(key)
        for (stream, channel, device), held in self._columns.items():
            self._by_month(stream, channel, device, held)
        asked = {one.body.item for one in self._into.records.values() if isinstance(one.body, CheckIn)}
        items = tuple(item for name, item in self._items.items() if name in asked)
        batch, receipt = self._into.finish(items, self._anchor if self._anchor in asked else None)
        return replace(batch, anchor_is_proposed=True), receipt

    def _by_month(self, stream: str, channel: str, device: str, held: _Columns) -> None:
        if not held.times:
            return
        sizes = [len(piece) for piece in held.times]
        times, values = np.concatenate(held.times), np.concatenate(held.values)
        held.times.clear()
        held.values.clear()
        which = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
        if (times[1:] < times[:-1]).any():
            order = np.argsort(times, kind="stable")
            times, values, which = times[order], values[order], which[order]
        again = np.zeros(len(times), bool)
        again[1:] = (times[1:] == times[:-1]) & (values[1:] == values[:-1])
        if again.any():
            self.note(f"{channel}: {counted(int(again.sum()), 'sample')} came twice, and counted once")
            times, values, which = times[~again], values[~again], which[~again]

        def moment(sample: np.int64) -> Instant:
            offset = held.offsets[which[sample]]
            return self.at(int(times[sample])) if offset is None else Instant(int(times[sample]), offset)

        months: Any = times.astype("datetime64[us]").astype("datetime64[M]")
        begins = np.flatnonzero(np.concatenate([[True], months[1:] != months[:-1]]))
        for first, after in zip(begins, [*begins[1:], len(times)], strict=True):
            body = Signal(channel, held.unit, times[first:after], values[first:after])
            span = Span(moment(first), moment(after - 1))
            self._into.put(stream, span, body, channel, key=f"{channel}\x1f{device}\x1f{months[first]}")
