"""Which source an address names: a data set in Parquet, or a folder of casebooks. A worker opens it again by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol

from mainstay.cohort.source import PURPOSE, ParquetSource, Part, Refused
from mainstay.quantities import Instant
from mainstay.timeline.kinds import Timeline


class Source(Protocol):
    """Many people's records in batches: whatever has these can be analysed."""

    address: str

    @property
    def rests_on(self) -> Mapping[str, str]:
        """Of everybody whose timeline was given since the source was opened: on what it rests, as `ended` takes it."""

    def parts(self) -> tuple[Part, ...]:
        """Every batch, in an order that stays; its key names the same people in every run."""

    def people(self, part: Part) -> tuple[str, ...]:
        """Who is in a batch, in order."""

    def timelines(
        self,
        part: Part,
        *,
        now: Instant,
        as_of: Instant | None = None,
        purpose: str = PURPOSE,
        only: str | None = None,
    ) -> Iterator[tuple[str, Timeline | Refused]]:
        """Everybody in a batch (or `only` one): their timeline for the purpose, or why not."""

    def ended(self, rests_on: Mapping[str, str | None], *, now: Instant, purpose: str = PURPOSE) -> dict[str, str]:
        """Of these people, with what was read of each, those whose consent for it holds no longer, and why."""


def opened(address: str) -> Source:
    """The source at an address. Refuses (`BadRequest`) what holds neither."""
    return ParquetSource(address)
