"""A zone's calendar in elapsed days: where local midnights lie when clocks are put forward and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Calendar:
    """`count` calendar days from `first` on, in a zone. Elapsed days (of 24 hours) count from `origin`, a midnight."""

    first: date
    count: int
    zone: ZoneInfo
    origin: Instant = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "origin", Instant.local(datetime.combine(self.first, time()), self.zone))

    @property
    def days(self) -> float:
        """Elapsed days from the first midnight to the last: an hour off the count after one change of clocks."""
        return self.elapsed(self.count, 0.0)

    def elapsed(self, day: int, hour: float) -> float:
        """Elapsed days at an hour by the wall clock of a calendar day; hours beyond 0 to 24 reach into other days.

        A wall-clock time that was skipped means the moment an hour later.
        """
        wall = datetime.combine(self.first, time()) + timedelta(days=day, hours=hour)
        moment = Instant.of(wall.replace(tzinfo=self.zone).astimezone(UTC))
        return moment.days_since(self.origin)

    def instant(self, elapsed: float) -> Instant:
        """The instant at this many elapsed days, to the second, with the offset of the local clock then."""
        moment = self.origin.plus_days(round(elapsed * 86_400) / 86_400)
        return Instant.of(moment.as_utc.astimezone(self.zone))

    def is_weekend(self, day: int) -> bool:
        """Whether a calendar day is a Saturday or Sunday."""
        return (self.first.weekday() + day) % 7 >= 5

    def day_of(self, when: date) -> int:
        """The number of a date, the first day being 0."""
        return (when - self.first).days

    @property
    def offsets(self) -> tuple[Floats, Floats]:
        """The local clock's offset from UTC as a step function: edges (m+1,) in elapsed days, hours (m,)."""
        edges, hours = [0.0], [self.origin.offset_s / 3600]
        for day in range(self.count):
            if self.instant(self.elapsed(day + 1, 0.0)).offset_s / 3600 != hours[-1]:
                for hour in range(24):
                    at = self.elapsed(day, 0.0) + (hour + 1) / 24
                    if self.instant(at).offset_s / 3600 != hours[-1]:
                        edges.append(at)
                        hours.append(self.instant(at).offset_s / 3600)
        return np.array([*edges, self.days]), np.array(hours)
