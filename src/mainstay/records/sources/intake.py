"""What a reader gives its findings to: records are checked and counted, what can't be kept is refused with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadMapping, NaiveInstant
from mainstay.quantities import Instant, Span
from mainstay.records.collector import Collector
from mainstay.records.kinds import Batch, Body, CheckIn, Item, Receipt, Signal

Progress = Callable[[int, int], None]


@dataclass
class _Columns:
    """The samples of one channel of one device as they come, in pieces."""

    unit: str
    times: list[NDArray[np.int64]] = field(default_factory=list)
    values: list[NDArray[np.float64]] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)


class Intake:
    """One export on its way in. Rows are counted by `row`; each ends as kept, refused or empty.

    `zone`: of clocks that don't say where they stood. `now`: what happens later is refused.
    """

    def __init__(
        self, title: str, zone: ZoneInfo | None, now: Instant | None, progress: Progress | None = None
    ) -> None:
        self.title, self.zone, self.now = title, zone, now
        self.progress = progress
        self._into = Collector(title, now)
        self._items: dict[str, Item] = {}
        self._columns: dict[tuple[str, str, str], _Columns] = {}
        self._anchor: str | None = None

    def local(self, clock: datetime, fold: int = 0) -> Instant:
        """The instant of a clock that was read without an offset; refuses (`NaiveInstant`) where no zone was given.

        In the hour that comes twice when clocks go back, `fold` 0 is the first. An hour that was skipped is refused.
        """
        if self.zone is None:
            raise NaiveInstant(
                f"the times of {self.title} are local and do not say where; say it: --zone Europe/Amsterdam"
            )
        placed = clock.replace(tzinfo=self.zone, fold=fold)
        back = datetime.fromtimestamp(placed.timestamp(), self.zone).replace(tzinfo=None)
        if abs(back - clock.replace(tzinfo=None)) > timedelta(0):
            raise NaiveInstant(f"{clock:%Y-%m-%d %H:%M} was skipped when clocks went forward in {self.zone.key}")
        return Instant.of(placed)

    def at(self, utc_us: int) -> Instant:
        """An instant known in UTC, with the offset of the zone that was given (UTC without one)."""
        if self.zone is None:
            return Instant(utc_us)
        offset = datetime.fromtimestamp(utc_us / 1e6, self.zone).utcoffset()
        return Instant(utc_us, round(offset.total_seconds()) if offset else 0)

    def rows(self, read: int = 1, *, refused: int = 0, empty: int = 0) -> None:
        """Count rows: read in all, and of these how many were refused or empty."""
        self._into.rows_read += read
        self._into.rows_refused += refused
        self._into.rows_empty += empty

    def refuse(self, file: str, row: int, reason: str) -> None:
        """Count a row as read and refused, with the reason and where it stood."""
        self.rows(refused=1)
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

    def samples(
        self,
        stream: str,
        channel: str,
        unit: str,
        times_us: NDArray[np.int64],
        values: NDArray[np.float64],
        *,
        device: str = "",
        offset_s: int = 0,
    ) -> int:
        """Keep samples of a dense channel (n,), in any order and in as many pieces as come; how many were impossible.

        They become one record for each channel, device and month (UTC), whose identity is that alone: a longer export
        adds its new samples to the record that is there. A value that is not a number is left out.
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

    def finish(self) -> tuple[Batch, Receipt]:
        """The batch and its receipt."""
        for (stream, channel, device), held in self._columns.items():
            self._by_month(stream, channel, device, held)
        asked = {one.body.item for one in self._into.records.values() if isinstance(one.body, CheckIn)}
        items = tuple(item for name, item in self._items.items() if name in asked)
        return self._into.finish(items, self._anchor if self._anchor in asked else None)

    def _by_month(self, stream: str, channel: str, device: str, held: _Columns) -> None:
        if not held.times:
            return
        times, values = np.concatenate(held.times), np.concatenate(held.values)
        offsets = np.repeat(held.offsets, [len(piece) for piece in held.times])
        order = np.argsort(times, kind="stable")
        times, values, offsets = times[order], values[order], offsets[order]
        again = np.zeros(len(times), bool)
        again[1:] = (times[1:] == times[:-1]) & (values[1:] == values[:-1])
        if again.any():
            self.note(f"{channel}: {int(again.sum()):,} samples came twice, and counted once")
            times, values, offsets = times[~again], values[~again], offsets[~again]
        months: Any = times.astype("datetime64[us]").astype("datetime64[M]")
        for month in np.unique(months):
            here = np.flatnonzero(months == month)
            first, last = here[0], here[-1]
            body = Signal(channel, held.unit, times[here], values[here])
            span = Span(Instant(int(times[first]), int(offsets[first])), Instant(int(times[last]), int(offsets[last])))
            self._into.put(stream, span, body, channel, key=f"{channel}\x1f{device}\x1f{month}")
