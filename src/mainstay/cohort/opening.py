"""Which source an address names: a data set in Parquet, or a folder of casebooks. A worker opens it again by that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from mainstay.cohort.layout import ABOUT
from mainstay.cohort.source import PURPOSE, ParquetSource, Part, Refused
from mainstay.errors import BadRequest
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
    from mainstay.cohort import casebooks

    if address.startswith(casebooks.SCHEME):
        return casebooks.CasebookFolder(address)
    folder = Path(address)
    if "://" not in address and not (folder / ABOUT).exists() and any(folder.glob(f"*{casebooks.ENDING}")):
        raise BadRequest(f"{address} holds casebooks; --keys says what opens them (docs/howto/cohort.md)")
    return ParquetSource(address)


def located(place: str, keys: Path | None) -> str:
    """The address of a source, with what opens it where that are casebooks. Refuses keys for what needs none."""
    from mainstay.cohort.casebooks import address_of

    if keys is None:
        return place
    if "://" in place or (Path(place) / ABOUT).exists():
        raise BadRequest(f"{place} is a data set of many people, which needs no keys; leave out --keys")
    return address_of(Path(place), keys)
