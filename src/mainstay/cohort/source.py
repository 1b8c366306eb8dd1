"""Where many people's records come from, a batch at a time: only what consent covers, and nobody beside.

A source is opened anew wherever a batch is worked on: what travels is its address and the batch's key.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
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
ENDED = "consent ended before the run was done"


@dataclass(frozen=True, slots=True)
class Part:
    """One batch of people: the file and row group that hold it, and its size in rows. Of casebooks: who is in it, a
    file called after that, and how many."""

    file: str
    group: int
    rows: int
    names: tuple[str, ...] = ()

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
        self._files.invalidate_cache()  # consent as it is now, not as it was when the folder was last listed
        try:
            with self._files.open(f"{self._root}/{ABOUT}", "rb") as file:
                about = tomllib.loads(file.read().decode("utf-8"))
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadRequest(
                f"{address} is no data set of many people (it holds no {ABOUT} that can be read); mainstay gather "
                "makes one out of a study's tables"
            ) from error
        if about.get("form") != FORM:
            raise BadRequest(f"{address} is of form {about.get('form')!r}; this version reads form {FORM}")
        self.about: dict[str, Any] = about
        self.rests_on: dict[str, str] = {}
        self._items: pl.DataFrame | None = None
        self._consent: dict[str, pl.DataFrame] = {}

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
        covered = self.covered(frame["person"].unique().to_list(), now=now, purpose=purpose)
        for (person,), rows in frame.group_by(["person"], maintain_order=True):
            name, there = str(person), set(rows["stream"].unique())
            streams = None if covered is None else covered.get(name, frozenset())
            try:
                records = records_of(rows, streams)
                if not records:
                    raise NoConsent("no stream may be read for this purpose")
                read = there if streams is None else there & streams
                left = tuple(sorted(there - read))
                found = from_records(records, items, anchor, as_of=as_of or now, purpose=purpose, left_out=left)
            except MainstayError as refused:
                yield name, Refused(name, str(refused))
            else:
                self.rests_on[name] = json.dumps(sorted(read))
                yield name, found

    def items(self) -> pl.DataFrame:
        """The questions."""
        if self._items is None:
            self._items = self.table(ITEMS, ITEM_COLUMNS)
        return self._items

    def covered(
        self, people: Sequence[str], *, now: Instant, purpose: str = PURPOSE
    ) -> dict[str, frozenset[str]] | None:
        """The streams that each of these people's consent covers for the purpose now (nobody: no entry); None: all of
        everybody, by the study's own consent.

        `cohort.toml` says which of the two it is: `[consent] by = "table"`, or `by = "study"` with its `basis` and
        the `purposes` it covers. Refuses (`BadRequest`) a data set that says neither.
        """
        held = self._held(purpose, now, people)
        if held is None:
            return None
        found: dict[str, set[str]] = {}
        for person, stream in held.iter_rows():
            found.setdefault(person, set()).add(stream)
        return {person: frozenset(streams) for person, streams in found.items()}

    def allowed(self, frame: pl.DataFrame, now: Instant, purpose: str = PURPOSE) -> pl.DataFrame:
        """The rows of a batch that consent covers for the purpose now."""
        held = self._held(purpose, now, frame["person"].unique().to_list())
        return frame if held is None else frame.join(held, on=["person", "stream"], how="semi", maintain_order="left")

    def rested(self, frame: pl.DataFrame) -> dict[str, str]:
        """Of everybody in these rows, from which streams they are, as `ended` takes it."""
        import polars as pl

        # rows of one person and stream mostly stand together: the first of each stretch is enough, and quicker found
        begins = [pl.col(name).ne_missing(pl.col(name).shift()) for name in ("person", "stream")]
        pairs = frame.select("person", "stream").filter(begins[0] | begins[1]).unique()
        found: dict[str, list[str]] = {}
        for person, stream in pairs.iter_rows():
            found.setdefault(person, []).append(stream)
        return {person: json.dumps(sorted(streams)) for person, streams in found.items()}

    def ended(self, rests_on: Mapping[str, str | None], *, now: Instant, purpose: str = PURPOSE) -> dict[str, str]:
        """Of these people, with the streams that were read of each, those whose consent for it holds no longer."""
        held = self.covered(list(rests_on), now=now, purpose=purpose)
        if held is None:
            return {}
        still = {
            person: person in held and held[person].issuperset(json.loads(read or "[]"))
            for person, read in rests_on.items()
        }
        return {person: ENDED for person, holds in still.items() if not holds}

    def _held(self, purpose: str, now: Instant, people: Sequence[str] | None = None) -> pl.DataFrame | None:
        """Person and stream of every consent that holds (of these people); None where the study's covers everybody."""
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
        if purpose not in self._consent:
            mark = self._files.ukey(f"{self._root}/{CONSENT}")
            self._consent[purpose] = _consent_of(self.address, mark, purpose)
        said_of = self._consent[purpose] if people is None else _of(self._consent[purpose], people)
        at = pl.lit(now.utc_us).cast(pl.Datetime("us", "UTC"))
        return said_of.filter(
            (pl.col("from") <= at) & (pl.col("until").is_null() | (at < pl.col("until")))
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


@lru_cache(maxsize=2)
def _consent_of(address: str, mark: str, purpose: str) -> pl.DataFrame:
    """What consent.parquet says of a purpose, in order of people; kept by each worker for its next batch as long as
    the file is the same (its `mark`)."""
    table = ParquetSource(address).table(CONSENT, CONSENT_COLUMNS)
    return table.filter(table["purpose"] == purpose).drop("purpose").sort("person")


def _of(table: pl.DataFrame, people: Sequence[str]) -> pl.DataFrame:
    """The rows of these people, in a table that is in order of people: found by halving, not by looking through it."""
    import numpy as np
    import polars as pl

    wanted = pl.Series(sorted(set(people)), dtype=pl.String())
    first, after = (table["person"].search_sorted(wanted, side=side).to_numpy() for side in ("left", "right"))
    counts = (after - first).astype(np.int64)
    before = np.cumsum(counts) - counts
    return table[np.repeat(first.astype(np.int64) - before, counts) + np.arange(counts.sum())]
