"""Amounts by the hour: what a watch and a phone both counted counts once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Values = NDArray[np.float64]
HOUR = 3_600
_MOST_RAW = 1_000_000


class Total(NamedTuple):
    """One channel by the hour: the ends of hours (n,) in seconds since 1970 UTC and the amounts (n,).

    `twice`: amounts that came word for word twice. `shared`: hours in which several devices counted.
    """

    channel: str
    unit: str
    ends: Seconds
    amounts: Values
    twice: int
    shared: int


class _Device:
    """The amounts of one channel of one device: raw ones for a while, then by the hour."""

    def __init__(self) -> None:
        self.raw: list[tuple[Seconds, Seconds, Values]] = []
        self.hours: list[tuple[Seconds, Values]] = []
        self.twice = 0

    def fold(self) -> None:
        """Spread the raw amounts over the hours they lasted, each once."""
        if not self.raw:
            return
        start, end, value = (np.concatenate(column) for column in zip(*self.raw, strict=True))
        self.raw = []
        order = np.lexsort((value, end, start))
        start, end, value = start[order], end[order], value[order]
        again = np.zeros(len(start), bool)
        again[1:] = (start[1:] == start[:-1]) & (end[1:] == end[:-1]) & (value[1:] == value[:-1])
        self.twice += int(again.sum())
        start, end, value = start[~again], end[~again], value[~again]
        first, last = start // HOUR, np.maximum(start, end - 1) // HOUR
        many = last - first + 1
        row = np.repeat(np.arange(len(start)), many)
        hour = np.repeat(first, many) + np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
        inside = np.minimum(end[row], (hour + 1) * HOUR) - np.maximum(start[row], hour * HOUR)
        share = np.where(many[row] == 1, 1.0, inside / np.maximum(1, end[row] - start[row]))
        self.hours.append(_summed(hour, share * value[row]))
        if len(self.hours) > 16:
            self.hours = [_summed(*(np.concatenate(column) for column in zip(*self.hours, strict=True)))]


class Totals:
    """All channels of an export that add up.

    Of the devices that counted in an hour the one that counted most counts: each misses what it did not see. An amount
    that lasted longer than an hour is spread evenly. Memory is bounded by the hours: amounts that repeat others word
    for word are found among two million at a time.
    """

    def __init__(self) -> None:
        self._devices: dict[tuple[str, str], dict[str, _Device]] = {}
        self._raw = 0

    def add(self, channel: str, unit: str, device: str, start: Seconds, end: Seconds, value: Values) -> None:
        """Amounts (n,) of a device, each from a start to an end in seconds since 1970 UTC."""
        into = self._devices.setdefault((channel, unit), {}).setdefault(device, _Device())
        into.raw.append((start, end, value))
        self._raw += len(start)
        if self._raw > _MOST_RAW:
            self._fold()

    def _fold(self) -> None:
        for devices in self._devices.values():
            for device in devices.values():
                device.fold()
        self._raw = 0

    def finish(self, until: int | None) -> Iterator[Total]:
        """Every channel by the hour, up to the last hour that was over at `until` (seconds since 1970 UTC)."""
        self._fold()
        for (channel, unit), devices in self._devices.items():
            columns = [pair for device in devices.values() for pair in device.hours]
            of_device = [np.full(len(hours), number) for number, one in enumerate(devices.values())
                         for hours, _ in one.hours]  # fmt: skip
            hours, amounts = (np.concatenate(column) for column in zip(*columns, strict=True))
            which = np.concatenate(of_device)
            # the pieces of one device that share an hour belong together
            both, place = np.unique(np.stack([hours, which]), axis=1, return_inverse=True)
            summed = np.bincount(place.ravel(), amounts, both.shape[1])
            each, place = np.unique(both[0], return_inverse=True)
            most = np.full(len(each), -np.inf)
            np.maximum.at(most, place, summed)
            over = (each + 1) * HOUR <= until if until is not None else np.ones(len(each), bool)
            shared = int((np.bincount(place) > 1).sum())
            twice = sum(device.twice for device in devices.values())
            yield Total(channel, unit, (each[over] + 1) * HOUR, most[over], twice, shared)


def _summed(hours: Seconds, amounts: Values) -> tuple[Seconds, Values]:
    each, place = np.unique(hours, return_inverse=True)
    return each, np.bincount(place, amounts, len(each)).astype(np.float64)
