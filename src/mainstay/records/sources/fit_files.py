"""FIT files, as watches and bike computers write them: what was measured when, with the clock that they carried."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Episode
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import number_in
from mainstay.records.sources.intake import Intake, Row

FIT_EPOCH_S = 631_065_600
"""1989-12-31 UTC, from which FIT counts its seconds, in seconds since 1970."""

LARGEST_FIT = 64 << 20
LARGEST_OFFSET_S = 15 * 3600
_QUARTER_HOUR_S = 900
_LOW_16 = 0xFFFF
_ON_FOOT = ("walking", "running")

POINTS: dict[str, tuple[str, str, str, float]] = {
    "record": ("heart_rate", "heart rate", "bpm", 1),
    "hrv_value": ("value", "heart rate variability", "ms", 1),
    "respiration_rate": ("respiration_rate", "respiration", "breaths per minute", 1),
    "spo2_data": ("reading_spo2", "oxygen saturation", "%", 1),
    "stress_level": ("stress_level_value", "measured stress", "points", 0),
}
"""By message: the field, the channel, its unit, and the least value that is a measurement and no sign for none."""

READ = {*POINTS, "monitoring", "session", "weight_scale"}
Fields = dict[str, Any]


class _Damaged(BadRecord):
    """The decoder can't go on."""


def fit_files(place: Place) -> list[str]:
    """The FIT files of a place, by what their header says."""
    return [file for file in place.matching("*.fit") if place.head(file, 12)[8:12] == b".FIT"]


def read_fit(place: Place, file: str, intake: Intake) -> None:
    """Read a file: heart rate and other samples, sessions of sport, steps. Where it breaks off, the rest is refused."""
    try:
        content = place.whole(file, LARGEST_FIT)
    except UnreadableSource as error:
        intake.refuse(file, 0, str(error))
        return
    clock = None if intake.zone is not None else _own_offset(content)
    reading = _Reading(intake, clock)
    number = 0
    try:
        for name, fields in _messages(content):
            reading.look_at(name, fields)
            if name in READ:
                number += 1
                if clock is None:
                    intake.needs_zone()
                with intake.row(file, number) as row:
                    reading.take(row, name, fields)
    except _Damaged as error:
        intake.refuse(file, number + 1, str(error))


def _messages(content: bytes) -> Iterator[tuple[str, Fields]]:
    """The messages of a file with their fields; refuses (`_Damaged`) where it is damaged from there on."""
    import fitdecode

    options = {"check_crc": fitdecode.CrcCheck.RAISE, "error_handling": fitdecode.ErrorHandling.IGNORE}
    try:
        with fitdecode.FitReader(BytesIO(content), **options) as frames:
            for frame in frames:
                if frame.frame_type == fitdecode.FIT_FRAME_DATA:
                    yield frame.name, {one.name: one.value for one in frame.fields if one.value is not None}
    except Exception as error:
        # The decoder does not say what it may stumble over in a damaged file; all of it means the same here.
        raise _Damaged(f"is damaged from there on: {error}") from error


def _own_offset(content: bytes) -> int | None:
    """How far the device's clock stood from UTC, in seconds, where the file says so."""
    try:
        for name, fields in _messages(content):
            utc, local = fields.get("timestamp"), fields.get("local_timestamp")
            if name in {"activity", "monitoring_info"} and isinstance(utc, datetime) and isinstance(local, datetime):
                apart = round((local - utc).total_seconds() / _QUARTER_HOUR_S) * _QUARTER_HOUR_S
                return apart if abs(apart) <= LARGEST_OFFSET_S else None
    except _Damaged:
        return None
    return None


class _Reading:
    """One file on its way in: what its later messages need to know of the earlier ones."""

    def __init__(self, intake: Intake, offset_s: int | None) -> None:
        self._intake, self._offset_s = intake, offset_s
        self._device = ""
        self._last_s: int | None = None
        self._strides: dict[str, float] = {}
        self._from_midnight = False
        self._weighed: set[Any] = set()

    def look_at(self, name: str, fields: Fields) -> None:
        """Remember what a message says of those after it."""
        at = fields.get("timestamp")
        if isinstance(at, datetime):
            self._last_s = int(at.timestamp()) - FIT_EPOCH_S
        if name == "file_id":
            product = fields.get("garmin_product", fields.get("product", ""))
            self._device = f"{fields.get('manufacturer', '')} {product}".strip()
        if name == "monitoring_info" and isinstance(fields.get("local_timestamp"), datetime):
            self._from_midnight = fields["local_timestamp"].strftime("%H%M%S") == "000000"

    def take(self, row: Row, name: str, fields: Fields) -> None:
        """Keep what a message measured."""
        if name == "session":
            self._session(row, fields)
        elif name == "monitoring":
            self._monitoring(row, fields)
        elif name == "weight_scale":
            self._weight(row, fields)
        else:
            field, channel, unit, least = POINTS[name]
            value = number_in(fields.get(field), field)
            if value is not None and value >= least:
                at = self._instant(fields.get("stress_level_time", fields.get("timestamp")))
                row.put(self._intake.sample(channel, channel, unit, at, value, device=self._device))

    def _instant(self, moment: Any) -> Instant:
        if isinstance(moment, int):
            raise BadRecord("its time counts from when the device was switched on, and names no date")
        if not isinstance(moment, datetime):
            raise BadRecord("has no time")
        return self._placed(Instant.of(moment.astimezone(UTC)).utc_us)

    def _placed(self, utc_us: int) -> Instant:
        return self._intake.at(utc_us) if self._offset_s is None else Instant(utc_us, self._offset_s)

    def _session(self, row: Row, fields: Fields) -> None:
        start = self._instant(fields.get("start_time"))
        seconds = number_in(fields.get("total_elapsed_time"), "total_elapsed_time")
        if seconds is None or seconds < 0:
            raise BadRecord("a session without a length")
        label = str(fields.get("sport", "sport"))
        span = Span(start, self._placed(start.utc_us + round(seconds * 1e6)))
        row.put(self._intake.keep("exercise", span, Episode(label, "activity"), label))

    def _monitoring(self, row: Row, fields: Fields) -> None:
        """Heart rate and steps of a day. Times may give their low 16 bits only; steps are counted up from midnight."""
        at = self._monitored(fields)
        beats = number_in(fields.get("heart_rate"), "heart_rate")
        if beats:
            row.put(self._intake.sample("heart rate", "heart rate", "bpm", at, beats, device=self._device))
        kind = fields.get("activity_type")
        strides = number_in(fields.get("cycles"), "cycles")
        counted = number_in(fields.get("steps"), "steps")
        if counted is None and strides is not None:
            counted = 2 * strides
        if counted is None or kind not in _ON_FOOT:
            return
        before = self._strides.get(kind, 0.0 if self._from_midnight else None)
        self._strides[kind] = counted
        if before is not None:
            made = counted - before if counted >= before else counted
            row.put(self._intake.sample("steps", "steps", "steps", at, made, device=self._device))

    def _monitored(self, fields: Fields) -> Instant:
        low = fields.get("timestamp_16")
        if low is None or "timestamp" in fields:
            return self._instant(fields.get("timestamp"))
        if self._last_s is None or not isinstance(low, int):
            raise BadRecord("has only a part of its time, and nothing before it to complete it")
        self._last_s += (low - self._last_s) & _LOW_16
        return self._placed((self._last_s + FIT_EPOCH_S) * 1_000_000)

    def _weight(self, row: Row, fields: Fields) -> None:
        who = str(fields.get("user_profile_index", ""))
        self._weighed.add(who)
        if self._intake.person is None and len(self._weighed) > 1:
            raise BadRecord("this scale weighed several people; name one by their number: --person 0")
        weight = number_in(fields.get("weight"), "weight")
        if weight and who in {"", self._intake.person or who}:
            at = self._instant(fields.get("timestamp"))
            row.put(self._intake.sample("weight", "weight", "kg", at, weight, device=self._device))
