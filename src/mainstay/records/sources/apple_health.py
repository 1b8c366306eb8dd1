"""Apple Health: everything an iPhone exports, read as it streams by, however large and however broken.

An export writes every time at the offset of the phone on the day of the export, so a winter's night may be an hour off
and a journey is lost; nights and workouts name their zone, and `--zone` goes before that. Amounts that add up (steps,
energy) are kept by the hour, of the device that counted most in it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from itertools import pairwise
from typing import IO, Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.quantities import Instant, Span, zone_named
from mainstay.records.kinds import Episode, Event, Item
from mainstay.records.place import Place
from mainstay.records.sources import apple_health_types as types
from mainstay.records.sources.apple_health_nights import Night, Stretch, nights
from mainstay.records.sources.apple_health_totals import Totals
from mainstay.records.sources.intake import Intake
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

_ROOT = b"<HealthData"
_HEAD = 1 << 16
_PIECE = 1 << 21
_EXPORT_DATE = re.compile(rb'<ExportDate\s+value\s*=\s*"([^"<]{1,40})"')
_ATTRIBUTE = re.compile(rb"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')""")
_NOTHING_IN = 256 << 20
_A_DAY, _US = 86_400, 1_000_000
_STAGE_UNIT = "0 up, 1 awake, 2 REM, 3 light, 4 deep, 5 asleep"
_STAGE_NUMBER = {"awake": 1.0, "REM": 2.0, "light": 3.0, "deep": 4.0, "asleep": 5.0}
_STAGE_CHANNEL = {
    "asleep": "asleep",
    "light": "light sleep",
    "deep": "deep sleep",
    "REM": "REM sleep",
    "awake": "awake in bed",
    "in bed": "in bed",
}
MOOD = Item(
    "state of mind", "How do you feel right now?", -1, 1, "high", "very unpleasant", "very pleasant", ordinal=False
)
DAILY_MOOD = Item(
    "mood of the day", "How did you feel today?", -1, 1, "high", "very unpleasant", "very pleasant", ordinal=False
)


def _files(place: Place) -> tuple[str, ...]:
    """The export's xml files, whatever the phone's language calls them; those of clinical documents are none."""
    found = place.matching("*.xml")
    if len(found) > 1:
        found = tuple(file for file in found if "cda" not in file.lower()) or found
    return tuple(file for file in found if _ROOT in place.head(file, _HEAD))


def _recognises(place: Place) -> bool:
    return bool(_files(place))


def _read(place: Place, intake: Intake) -> None:
    files = _files(place)
    if not files:
        raise UnreadableSource(f"{place.name} holds no Apple Health export; make one: {SOURCE.found_at}")
    intake.bytes_in_all = max(1, sum(place.size_of(file) for file in files))
    for file in files:
        _Export(place, file, intake).read()


class _Export:
    """One export on its way in."""

    def __init__(self, place: Place, file: str, intake: Intake) -> None:
        from mainstay.records.sources.apple_health_scan import Scan

        self.place, self.file, self.intake = place, file, intake
        self.scan = Scan()
        self.names = self.scan.names
        self.row = 0
        self.totals = Totals()
        self.samples: dict[tuple[str, str, str, int], list[tuple[NDArray[np.int64], NDArray[np.float64]]]] = {}
        self.units: dict[str, str] = {}
        self.stretches: list[Stretch] = []
        self.episodes: list[tuple[int, int, str, str, str, int, str]] = []
        self.left_out: Counter[str] = Counter()
        self.twice = 0
        self.zones: Counter[str] = Counter()
        self.offsets: set[int] = set()
        self.zone_infos: dict[str, ZoneInfo | None] = {"": None}

    def read(self) -> None:
        """Read it to its end, or as far as it goes."""
        head = _EXPORT_DATE.search(self.place.head(self.file, _HEAD))
        made = _seconds(head.group(1).decode("ascii", "replace")) if head else None
        broken = ""
        try:
            with self.place.open(self.file) as stream:
                for rows in self.scan.rows(self._pieces(stream)):
                    self._take(rows)
        except UnreadableSource as error:
            if not self.row:
                raise
            broken = str(error)
        if not self.scan.found:
            raise UnreadableSource(f"{self.file} holds no Apple Health export; make one: {SOURCE.found_at}")
        self._end(made[0] if made else None)
        self._say(broken)

    def _pieces(self, stream: IO[bytes]) -> Iterator[bytes]:
        done = 0
        while piece := stream.read(_PIECE):
            done += len(piece)
            self.intake.read(len(piece))
            if done > _NOTHING_IN and not self.row:
                raise UnreadableSource(f"{self.file}: nothing was found in its first {done >> 20} MB; it is no export")
            yield piece

    def _take(self, rows: Any) -> None:
        from mainstay.records.sources import apple_health_scan as scan

        what = rows.what
        self.intake.rows(len(what))
        for index in np.flatnonzero(what >= scan.MISSPELT):
            self._refuse(int(index), scan.REASONS[int(what[index])])
        for number, count in zip(*np.unique(rows.type[what == scan.LEFT_OUT], return_counts=True), strict=True):
            self._leave_out(self.names[int(number)], int(count))
        twice = int((what == scan.TWICE).sum())
        self.twice += twice
        self.intake.rows(0, empty=twice)
        for index in np.flatnonzero(what == scan.TAG):
            self._tag(int(index), rows)
        records = np.flatnonzero(what == scan.RECORD)
        if len(records):
            self._records(rows, records)
        self.row += len(what)

    def _refuse(self, index: int, reason: str) -> None:
        """Refuse a row of this piece; it is counted as read already."""
        self.intake.rows(0, refused=1)
        self.intake.mention(self.file, self.row + index + 1, reason)

    def _refuse_many(self, indices: NDArray[np.int64], bad: NDArray[np.bool_], reason: Callable[[int], str]) -> Any:
        for index in indices[bad]:
            self._refuse(int(index), reason(int(index)))
        return indices[~bad]

    def _leave_out(self, name: str, count: int) -> None:
        self.left_out[name] += count
        self.intake.rows(0, empty=count)

    def _records(self, rows: Any, indices: NDArray[np.int64]) -> None:
        earliest, latest = self.intake.bounds
        when = np.where(rows.start[indices] * _US < earliest, 1, 0) + np.where(rows.end[indices] * _US > latest, 2, 0)
        indices = self._refuse_many(
            indices, when > 0, lambda i: f"lies in the future or before 1900 ({_clock(rows.end[i], rows.offset[i])})"
        )
        quarters = rows.offset[indices] // 900 + 128
        key = ((rows.type[indices].astype(np.int64) << 16 | (rows.unit[indices] + 1)) << 16) | (
            rows.source[indices] + 1
        )
        key = key << 8 | quarters
        order = np.argsort(key, kind="stable")
        indices, key = indices[order], key[order]
        if not len(key):
            return
        bounds = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]]))
        for first, after in pairwise(bounds):
            self._group(rows, indices[first:after])

    def _group(self, rows: Any, indices: NDArray[np.int64]) -> None:
        """Records of one type, unit, device and offset."""
        first = int(indices[0])
        type_, device = self.names[int(rows.type[first])], self.names[int(rows.source[first])]
        offset = int(rows.offset[first])
        self.offsets.add(offset)
        if type_.startswith(types.QUANTITY):
            self._quantities(rows, indices, type_, device, offset)
        elif type_ == types.SLEEP:
            self._sleep(rows, indices, device, offset)
        elif type_ == types.MINDFUL:
            for i in indices:
                self._episode(rows, int(i), "mindful minutes", "mindful minutes", device)
        elif type_ in types.STATES_OF_MIND:
            for i in indices:
                self._mood(int(i), (int(rows.start[i]), offset), float(rows.value[i]), MOOD)
        else:
            self._leave_out(type_, len(indices))

    def _quantities(self, rows: Any, indices: NDArray[np.int64], type_: str, device: str, offset: int) -> None:
        written = self.names[int(rows.unit[indices[0]])]
        unit, factor, constant = types.unit_of(type_, written)
        channel = types.channel_of(type_)
        kept_in = self.units.setdefault(channel, unit)
        if kept_in != unit:
            every = np.ones(len(indices), bool)
            self._refuse_many(indices, every, lambda _: f"{channel} is in {written} here and in {kept_in} elsewhere")
            return
        bad = ~np.isfinite(rows.value[indices])
        indices = self._refuse_many(
            indices, bad, lambda i: f"{channel}: {self.names[int(rows.word[i])][:40]!r} is no number"
        )
        value = rows.value[indices] * factor + constant
        start, end = rows.start[indices], rows.end[indices]
        if not types.adds_up(type_):
            if len(indices):
                self.samples.setdefault((channel, unit, device, offset), []).append((end * _US, value))
            return
        bad = (end - start > _A_DAY) | (value < 0)
        self._refuse_many(indices, bad, lambda _: f"{channel} of more than a day at once, or less than none")
        if (~bad).any():
            self.totals.add(channel, unit, device, start[~bad], end[~bad], value[~bad])

    def _sleep(self, rows: Any, indices: NDArray[np.int64], device: str, offset: int) -> None:
        for i in indices:
            word = self.names[int(rows.word[i])] or f"{rows.value[i]:g}"
            stage = types.stage_of(word)
            if stage is None:
                self._refuse(int(i), f"{word[:60]!r} is no stage of sleep")
            elif rows.end[i] - rows.start[i] > _A_DAY:
                self._refuse(int(i), "a sleep of more than a day")
            else:
                zone = self._zone(self.names[int(rows.zone[i])])
                self.stretches.append(Stretch(int(rows.start[i]), int(rows.end[i]), stage, device, offset, zone))

    def _zone(self, name: str) -> str:
        """The name of a zone, noted; "" for one that is unknown."""
        if name not in self.zone_infos:
            self.zone_infos[name] = None
            with suppress(BadRecord):
                self.zone_infos[name] = zone_named(name)
        if self.zone_infos[name] is None:
            return ""
        self.zones[name] += 1
        return name

    def _episode(self, rows: Any, i: int, stream: str, label: str, device: str) -> None:
        zone = self._zone(self.names[int(rows.zone[i])])
        self.episodes.append((int(rows.start[i]), int(rows.end[i]), stream, label, device, int(rows.offset[i]), zone))

    def _tag(self, index: int, rows: Any) -> None:
        """A workout or a state of mind."""
        from mainstay.records.sources.apple_health_bytes import plain

        text = rows.text(index)
        said = {plain(name): plain(double or single) for name, double, single in _ATTRIBUTE.findall(text)}
        start = _seconds(said.get("startDate") or said.get("date") or "")
        end = _seconds(said.get("endDate", "")) or start
        if start is None or end is None or end[0] < start[0]:
            self._refuse(index, "its start or its end is no time with an offset, such as 2016-11-20 17:57:19 -0700")
        elif not self.intake.bounds[0] <= start[0] * _US <= end[0] * _US <= self.intake.bounds[1]:
            self._refuse(index, f"lies in the future or before 1900 ({_clock(*end)})")
        elif text.startswith(b"<Workout"):
            if end[0] - start[0] > 7 * _A_DAY:
                self._refuse(index, "a workout of more than a week")
                return
            zone = self._zone(self.names[int(rows.zone[index])])
            label = types.activity_of(said.get("workoutActivityType", "")) or "workout"
            self.episodes.append((start[0], end[0], "exercise", label, said.get("sourceName", ""), start[1], zone))
        else:
            item = DAILY_MOOD if "daily" in said.get("kind", "").lower() else MOOD
            tags = re.split(r"\s*[,;|]\s*", ",".join((said.get("labels", ""), said.get("associations", ""))))
            try:
                valence = float(said.get("valence", said.get("value", "")))
            except ValueError:
                valence = np.nan
            self._mood(index, start, valence, item, tuple(tag for tag in tags if tag))

    def _mood(self, index: int, at: tuple[int, int], valence: float, item: Item, tags: tuple[str, ...] = ()) -> None:
        self.intake.declare(item, anchor=item is MOOD)
        moment = self._moment(*at, "")
        why = (
            "says no valence"
            if np.isnan(valence)
            else self.intake.check_in("state of mind", moment, item.name, valence)
        )
        if why is not None:
            self._refuse(index, why)
        elif tags:
            self.intake.keep("state of mind", moment, Event(item.name, "other", tags=tags), item.name)

    def _moment(self, at: int, offset: int, zone: str) -> Instant:
        """An instant with its local offset: of the zone it names, else of the zone that was given, else as written."""
        info = self.zone_infos.get(zone) or self.intake.zone
        if info is None:
            return Instant(at * _US, offset)
        away = datetime.fromtimestamp(at, info).utcoffset()
        return Instant(at * _US, round(away.total_seconds()) if away else 0)

    def _end(self, made: int | None) -> None:
        """What could only be known when all was read."""
        if self.intake.zone is None and self.zones:
            name = self.zones.most_common(1)[0][0]
            self.intake.zone = self.zone_infos[name]
            self.intake.note(
                f"local hours follow {name}, the zone that most nights and workouts name; --zone says otherwise"
            )
        elif self.intake.zone is None and len(self.offsets) == 1:
            self.intake.note(
                "all times are written at one offset, that of the day of the export: in the other half of the year "
                "local hours may be one off; say the zone: --zone Europe/Amsterdam"
            )
        zoned = self.intake.zone is not None
        for (channel, unit, device, offset), pieces in self.samples.items():
            times, values = (np.concatenate(column) for column in zip(*pieces, strict=True))
            pieces.clear()
            self.intake.samples(
                channel, channel, unit, times, values, device=device, offset_s=None if zoned else offset
            )
        offset_of = None if zoned else next(iter(sorted(self.offsets)), 0)
        for total in self.totals.finish(min(self.intake.bounds[1] // _US, made if made is not None else 1 << 62)):
            self.intake.samples(
                total.channel, total.channel, total.unit, total.ends * _US, total.amounts, offset_s=offset_of
            )
            if total.shared:
                self.intake.note(
                    f"{total.channel}: in {counted(total.shared, 'hour')} several devices counted; "
                    "the one that counted most counts"
                )
            if total.twice:
                self.intake.note(f"{total.channel}: {counted(total.twice, 'amount')} came twice, and counted once")
        self._keep_nights()
        self._keep_episodes()

    def _keep_nights(self) -> None:
        others = 0
        for night in nights(self.stretches):
            others += night.others > 0
            self._keep_night(night)
        if others:
            self.intake.note(
                f"sleep: {counted(others, 'night')} told by several devices; "
                "the one that told stages, or saw most, counts"
            )

    def _keep_night(self, night: Night) -> None:
        up = self._moment(night.end, night.offset_s, night.zone)
        span = Span(self._moment(night.start, night.offset_s, night.zone), up)
        self.intake.keep("sleep", span, Episode(night.label, "sleep"), night.label)
        for stage, minutes in night.minutes.items():
            self._sleep_signal(_STAGE_CHANNEL[stage], "minutes", [night.end], [minutes], up.offset_s)
        staged = [one for one in night.stretches if one.stage in _STAGE_NUMBER]
        if any(one.stage != "asleep" for one in staged):
            times = [*(one.start for one in staged), night.end]
            numbers = [*(_STAGE_NUMBER[one.stage] for one in staged), 0.0]
            self._sleep_signal("stage of sleep", _STAGE_UNIT, times, numbers, up.offset_s)

    def _sleep_signal(self, channel: str, unit: str, times: list[int], values: list[float], offset: int) -> None:
        self.intake.samples(
            "sleep", channel, unit, np.array(times, np.int64) * _US, np.array(values, np.float64), offset_s=offset
        )

    def _keep_episodes(self) -> None:
        merged = 0
        last: dict[str, tuple[int, int, str]] = {}
        for start, end, stream, label, device, offset, zone in sorted(self.episodes):
            before = last.get(label)
            if before is not None and before[2] != device and 2 * (min(end, before[1]) - start) > end - start:
                merged += 1
                continue
            span = Span(self._moment(start, offset, zone), self._moment(end, offset, zone))
            self.intake.keep(stream, span, Episode(label, "activity"), label)
            last[label] = (start, end, device)
        if merged:
            self.intake.note(f"{counted(merged, 'workout')} told by a second device at the same time, and counted once")

    def _say(self, broken: str) -> None:
        note = self.intake.note
        if self.twice:
            note(f"{counted(self.twice, 'record')} inside correlations stand in the export twice, and counted once")
        if self.left_out:
            told = ", ".join(f"{count:,} {_plain(name)}" for name, count in sorted(self.left_out.items())[:40])
            note(f"left out, as nothing here reads them: {told}")
        if broken:
            note(f"the file is damaged and was read only in part: {broken}")
        elif not self.scan.ended:
            note("the export ends before its end, as if cut off; make it again if you can")
        if self.scan.junk:
            note("what stands after the end of the export and is no record was left out")


def _plain(name: str) -> str:
    return types.in_words(re.sub(r"^HK(Category|Data|Correlation)Type(Identifier)?", "", name)[:60])


def _seconds(written: str) -> tuple[int, int] | None:
    """Seconds since 1970 UTC and the offset of a time as the export writes it."""
    try:
        moment = Instant.of(datetime.strptime(written, "%Y-%m-%d %H:%M:%S %z"))
    except (ValueError, BadRecord):
        return None
    return moment.utc_us // _US, moment.offset_s


def _clock(seconds: int, offset: int) -> str:
    return str(Instant(int(seconds) * _US, int(offset)))


SOURCE = Source(
    name="apple-health",
    title="Apple Health",
    found_at="on the iPhone: Health, your picture at the top right, Export All Health Data",
    recognises=_recognises,
    read=_read,
    tried_on="published samples",
)
