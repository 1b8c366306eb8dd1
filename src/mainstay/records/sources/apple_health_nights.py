"""Nights from stretches of sleep: what is less than an hour apart is one, and one device tells of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

HOUR = 3_600
ASLEEP = ("asleep", "light", "deep", "REM")
STAGED = ("light", "deep", "REM")


class Stretch(NamedTuple):
    """A stretch in a stage, in seconds since 1970 UTC, as a device told it; `offset_s` of the clock, `zone` or ""."""

    start: int
    end: int
    stage: str
    device: str
    offset_s: int
    zone: str


class Night(NamedTuple):
    """A sleep: from falling asleep to waking up (`label` sleep), or in bed where no device told more.

    `minutes` by stage, stretches that overlap counted once; `stretches` in order of time. `others`: devices that told
    of it too.
    """

    start: int
    end: int
    label: str
    minutes: dict[str, float]
    stretches: tuple[Stretch, ...]
    others: int

    @property
    def offset_s(self) -> int:
        """The offset of the clock that was written."""
        return self.stretches[-1].offset_s

    @property
    def zone(self) -> str:
        """The zone that the device named, or ""."""
        return next((one.zone for one in self.stretches if one.zone), "")


def nights(stretches: Sequence[Stretch]) -> Iterator[Night]:
    """The nights. Of several devices the one that told stages tells of it, and of these the one that saw most sleep."""
    group: list[Stretch] = []
    until = 0
    for stretch in sorted(stretches):
        if group and stretch.start - until >= HOUR:
            yield _night(group)
            group = []
        until = max(until, stretch.end) if group else stretch.end
        group.append(stretch)
    if group:
        yield _night(group)


def _night(group: Sequence[Stretch]) -> Night:
    by_device: dict[str, list[Stretch]] = {}
    for stretch in group:
        by_device.setdefault(stretch.device, []).append(stretch)

    def worth(device: str) -> tuple[int, int, int]:
        told = by_device[device]
        staged = any(one.stage in STAGED for one in told)
        return staged, _length(told, ASLEEP), _length(told, ("in bed",))

    chosen = by_device[max(sorted(by_device), key=worth)]
    asleep = [one for one in chosen if one.stage in ASLEEP]
    if asleep:
        start, end = asleep[0].start, max(one.end for one in asleep)
        kept = tuple(one for one in chosen if one.stage != "in bed" and one.end > start and one.start < end)
    else:
        start, end, kept = chosen[0].start, max(one.end for one in chosen), tuple(chosen)
    minutes = {"asleep": _length(kept, ASLEEP) / 60} if asleep else {}
    for stage in (*STAGED, "awake"):
        if any(one.stage == stage for one in kept):
            minutes[stage] = _length(kept, (stage,)) / 60
    in_bed = [one for one in group if one.stage == "in bed"]
    if in_bed:
        minutes["in bed"] = _length(in_bed, ("in bed",)) / 60
    return Night(start, end, "sleep" if asleep else "in bed", minutes, kept, len(by_device) - 1)


def _length(stretches: Sequence[Stretch], stages: Sequence[str]) -> int:
    """Seconds in any of the stages; what overlaps counts once. The stretches are in order of time."""
    length, until = 0, -(1 << 62)
    for one in stretches:
        if one.stage in stages and one.end > until:
            length += one.end - max(one.start, until)
            until = one.end
    return length
