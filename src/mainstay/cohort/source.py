"""Where many people's records come from, a batch at a time: only what consent covers, and nobody beside.

A source is opened anew wherever a batch is worked on: what travels is its address and the batch's key.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mainstay.cohort.layout import (
    ABOUT,
    CHARACTERISTIC_COLUMNS,
    CHARACTERISTIC_TYPES,
    CHARACTERISTICS,
    CHARACTERISTICS_STREAM,
    COLUMNS,
    CONSENT,
    CONSENT_COLUMNS,
    FORM,
    ITEM_COLUMNS,
    ITEMS,
    RECORDS,
    checked,
)
from mainstay.cohort.people import items_of, records_of
from mainstay.errors import BadRequest, MainstayError, NoConsent
from mainstay.quantities import Instant
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records

if TYPE_CHECKING:
    import polars as pl

PURPOSE = "cohort"


@dataclass(frozen=True, slots=True)
class Part:
    """One batch of people: the file and row group that hold it, and its size in rows."""

    file: str
    group: int
    rows: int

    @property
    def key(self) -> str:
        """Its name, the same in every run over the same source."""
        return f"{self.file}#{self.group}"


@dataclass(frozen=True, slots=True)
class Refused:
    """A person whose records can't be read: why, in a sentence without what they say."""

    person: str
    reason: str


class ParquetSource:
    """A data set in Parquet at any address that fsspec knows: a folder here, `s3://…`, `memory://…`."""

    def __init__(self, address: str) -> None:
        import fsspec

        self.address = address
        self._files, self._root = fsspec.core.url_to_fs(address)
        try:
            with self._files.open(f"{self._root}/{ABOUT}", "rb") as file:
                about = tomllib.loads(file.read().decode("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadRequest(
                f"{address} holds no {ABOUT} that can be read; docs/reference/cohort.md says how"
            ) from error
        if about.get("form") != FORM:
            raise BadRequest(f"{address} is of form {about.get('form')!r}; this version reads form {FORM}")
        self.about: dict[str, Any] = about
        self._items: pl.DataFrame | None = None
        self._consent: pl.DataFrame | None = None

    def parts(self) -> tuple[Part, ...]:
        """Every batch, in the order of files and row groups."""
        import pyarrow.parquet as pq

        found = []
        for path in sorted(self._files.glob(f"{self._root}/{RECORDS}/*.parquet")):
            with self._files.open(path, "rb") as file:
                held = pq.ParquetFile(file).metadata
            name = path.rsplit("/", 1)[-1]
            found += [Part(name, k, held.row_group(k).num_rows) for k in range(held.num_row_groups)]
        if not found:
            raise BadRequest(f"{self.address} holds no {RECORDS}/*.parquet; there is nobody to analyse")
        return tuple(found)

    def people(self, part: Part) -> tuple[str, ...]:
        """Who is in a batch, in order."""
        return tuple(self.frame(part)["person"].unique(maintain_order=True).to_list())

    def frame(self, part: Part, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """The rows of one batch, checked for their columns; only those that are wanted, where not all are."""
        import polars as pl
        import pyarrow.parquet as pq

        with self._files.open(f"{self._root}/{RECORDS}/{part.file}", "rb") as file:
            held = pq.ParquetFile(file)
            known = None if columns is None else [one for one in columns if one in held.schema_arrow.names]
            read = pl.from_arrow(held.read_row_group(part.group, columns=known))
        assert isinstance(read, pl.DataFrame)
        checked(read.schema, tuple(one for one in COLUMNS if columns is None or one.name in columns), part.file)
        return read

    def timelines(
        self,
        part: Part,
        *,
        now: Instant,
        as_of: Instant | None = None,
        purpose: str = PURPOSE,
        only: str | None = None,
    ) -> Iterator[tuple[str, Timeline | Refused]]:
        """Everybody in a batch (or `only` one), one after the other: their timeline for the purpose, or why not."""
        items, anchor = items_of(self.items())
        frame = self.frame(part)
        if only is not None:
            frame = frame.filter(frame["person"] == only)
        for (person,), rows in frame.group_by(["person"], maintain_order=True):
            name = str(person)
            try:
                streams = self.covered(name, purpose, now)
                records = records_of(rows, streams)
                if not records:
                    raise NoConsent("no stream may be read for this purpose")
                left = tuple(sorted(set(rows["stream"].unique()) - streams)) if streams is not None else ()
                found = from_records(records, items, anchor, as_of=as_of or now, purpose=purpose, left_out=left)
            except MainstayError as refused:
                yield name, Refused(name, str(refused))
            else:
                yield name, found

    def items(self) -> pl.DataFrame:
        """The questions."""
        if self._items is None:
            self._items = self.table(ITEMS, ITEM_COLUMNS)
        return self._items

    def covered(self, person: str, purpose: str, now: Instant) -> frozenset[str] | None:
        """The streams that this person's consent covers for the purpose now; None: all, by the study's own consent.

        `cohort.toml` says which of the two it is: `[consent] by = "table"`, or `by = "study"` with its `basis` and
        the `purposes` it covers. Refuses (`BadRequest`) a data set that says neither.
        """
        held = self._held(purpose, now)
        return held if held is None else frozenset(held.filter(held["person"] == person)["stream"].to_list())

    def allowed(self, frame: pl.DataFrame, now: Instant, purpose: str = PURPOSE) -> pl.DataFrame:
        """The rows of a batch that consent covers for the purpose now."""
        held = self._held(purpose, now)
        return frame if held is None else frame.join(held, on=["person", "stream"], how="semi", maintain_order="left")

    def _held(self, purpose: str, now: Instant) -> pl.DataFrame | None:
        """Person and stream of every consent that holds; None where the study's own covers everybody."""
        import polars as pl

        said = self.about.get("consent", {})
        if said.get("by") == "study":
            if not str(said.get("basis", "")).strip():
                raise BadRequest(
                    f'{ABOUT}: [consent] by = "study" needs its basis: what was agreed to, and where it is'
                )
            nobody = pl.DataFrame(schema={"person": pl.String(), "stream": pl.String()})
            return None if purpose in said.get("purposes", ()) else nobody
        if said.get("by") != "table":
            raise BadRequest(f'{ABOUT} does not say whose consent it rests on: [consent] by = "table" or "study"')
        if self._consent is None:
            self._consent = _consent_of(self.address, self._files.ukey(f"{self._root}/{CONSENT}"))
        at = pl.lit(now.utc_us).cast(pl.Datetime("us", "UTC"))
        return self._consent.filter(
            (pl.col("purpose") == purpose) & (pl.col("from") <= at)
            & (pl.col("until").is_null() | (at < pl.col("until")))
        ).select("person", "stream")  # fmt: skip

    def characteristics(self, now: Instant, purpose: str = PURPOSE) -> pl.DataFrame | None:
        """What is known once of each person whose consent covers it for the purpose; None where there is no such file.

        Refuses (`BadRequest`) a person who stands in it twice, and a column that holds neither words, numbers nor
        yes and no.
        """
        import polars as pl

        if not self._files.exists(f"{self._root}/{CHARACTERISTICS}"):
            return None
        found = self.table(CHARACTERISTICS, CHARACTERISTIC_COLUMNS)
        if found["person"].is_duplicated().any():
            raise BadRequest(f"somebody stands in {CHARACTERISTICS} twice; each person has one row there")
        for name, type_ in found.schema.items():
            if str(type_) not in CHARACTERISTIC_TYPES:
                known = ", ".join(CHARACTERISTIC_TYPES)
                raise BadRequest(f"column {name!r} of {CHARACTERISTICS} holds {type_}; it may be one of {known}")
        held = self._held(purpose, now)
        if held is None:
            return found
        return found.join(held.filter(pl.col("stream") == CHARACTERISTICS_STREAM), on="person", how="semi")

    def table(self, name: str, columns: Any) -> pl.DataFrame:
        """One of the tables beside the records, checked for its columns."""
        import polars as pl

        with self._files.open(f"{self._root}/{name}", "rb") as file:
            found = pl.read_parquet(file.read())
        checked(found.schema, columns, name)
        return found


@lru_cache(maxsize=1)
def _consent_of(address: str, mark: str) -> pl.DataFrame:
    """The table of consent, kept by each worker for its next batch as long as the file is the same (its `mark`)."""
    return ParquetSource(address).table(CONSENT, CONSENT_COLUMNS)
