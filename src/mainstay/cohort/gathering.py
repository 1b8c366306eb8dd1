"""A study made into a data set of many people: tables with a mapping, or a data set of openESM, read once for all.

`cohort.toml` says whose consent it rests on and what is assumed, not recorded; `gathered.json` holds the receipt.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from pathlib import Path

from mainstay.cohort.gathering_characteristics import Characteristics
from mainstay.cohort.gathering_openesm import OpenEsm
from mainstay.cohort.gathering_receipt import Gathered
from mainstay.cohort.gathering_rows import RowsApart
from mainstay.cohort.gathering_tables import Tables
from mainstay.cohort.writing import write
from mainstay.errors import BadMapping, BadRequest
from mainstay.quantities import Instant, zone_named
from mainstay.records.kinds import Batch
from mainstay.records.mapping import Mapping as Plan
from mainstay.records.mapping import read_mapping
from mainstay.records.place import Place
from mainstay.records.reader import FOLDER_MAPPING
from mainstay.records.words import counted

RECEIPT = "gathered.json"
PURPOSES = ("cohort", "pooled_prior")
SHORTEST_KEY = 32
Progress = Callable[[int, int], None]
"""Told (done, total): bytes read, then people."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A file of what is known once of each person, and its column of people."""

    file: Path
    person: str


def gather(
    study: Path,
    folder: Path,
    *,
    basis: str,
    purposes: tuple[str, ...] = ("cohort",),
    mapping: Plan | Path | str | None = None,
    zone: str | None = None,
    now: Instant | None = None,
    beside: Beside | None = None,
    key: bytes | None = None,
    batch: int = 100,
    progress: Progress | None = None,
) -> Gathered:
    """Make a data set of many people in `folder` out of a study: a file or folder with a mapping that names the
    column of people, or a folder of openESM; gives the receipt, which is kept as `gathered.json`.

    A person's rows become what `mainstay add --person` makes of them. `zone` goes before the mapping's; without `now`
    nothing is in the future. `key`: people are called by a keyed hash (BLAKE2b) of their names, and each batch stands
    in the order of those. Refuses a folder that holds something, purposes that no study has, a mapping for one person,
    and a study of which nothing is kept.
    """
    for one in purposes:
        if one not in PURPOSES:
            raise BadRequest(f"{one!r} is no purpose of a data set of many people; it is one of {', '.join(PURPOSES)}")
    if not purposes:
        raise BadRequest("say what people agreed to, at least one purpose: cohort or pooled_prior")
    if key is not None and not SHORTEST_KEY <= len(key) <= hashlib.blake2b.MAX_KEY_SIZE:
        raise BadRequest(f"the key for pseudonyms has {len(key)} bytes; it needs {SHORTEST_KEY} to 64")
    if zone is not None:
        zone_named(zone)
    apart = folder / ".apart"
    receipt, known = Gathered(), Characteristics()
    rows = RowsApart(apart)
    source = _source(study, mapping, zone, now, receipt=receipt, known=known)
    called: dict[str, str] = {}

    def everybody() -> Iterator[tuple[str, Batch]]:
        source.spread(rows, progress)
        _say_who(rows, receipt, key)
        done = 0
        for some in rows.batches(batch):
            named = [(person if key is None else pseudonym(person, key), person, theirs) for person, theirs in some]
            # in the study's order a pseudonym would tell who it is
            for name, person, theirs in named if key is None else sorted(named, key=itemgetter(0)):
                found, said = source.person(person, theirs)
                receipt.add(name, said, found.records)
                if said.kept:
                    called[person] = name
                    yield name, found
                done += 1
                if progress is not None:
                    progress(done, len(rows.people))

    try:
        write(everybody(), folder, basis=basis, purposes=purposes, batch=batch, assumed=receipt.assumed)
        if not called:
            nobody = "no row names a person" if receipt.nobody else "it has no rows"
            first = next(iter(receipt.without.values()), nobody)
            raise BadMapping(f"nothing of {study.name} can be kept: {first}")
        if beside is not None:
            told_of = known.beside(beside.file, beside.person)
            strangers = len(told_of - called.keys())
            if strangers:
                who = counted(strangers, "person", "people")
                receipt.notes.append(f"{beside.file.name}: {who} in it and not in the data set")
        source.finish()
        known.write(folder, called, receipt)
        (folder / RECEIPT).write_text(json.dumps(receipt.as_json(), indent=1) + "\n", encoding="utf-8")
    finally:
        shutil.rmtree(apart, ignore_errors=True)
    return receipt


def pseudonym(person: str, key: bytes) -> str:
    """What a person is called where their name is not to be told: the same each time, not to be undone without the
    key (BLAKE2b, 128 bits; two of a million people share one by chance once in 10²⁶ times).
    """
    return hashlib.blake2b(person.encode(), key=key, digest_size=16).hexdigest()


def _source(
    study: Path,
    mapping: Plan | Path | str | None,
    zone: str | None,
    now: Instant | None,
    *,
    receipt: Gathered,
    known: Characteristics,
) -> Tables | OpenEsm:
    """How the study is read: by its mapping, else as openESM's."""
    if mapping is None and (study / FOLDER_MAPPING).is_file():
        mapping = study / FOLDER_MAPPING
    if mapping is None:
        return OpenEsm(Place(study), zone, now, receipt)
    plan = mapping if isinstance(mapping, Plan) else read_mapping(mapping)
    receipt.assumed = plan.source.assumed
    left = [name for name in ("contact", "statement") if getattr(plan, name)]
    if left:
        receipt.notes.append(f"not read for a data set of many people: {' and '.join(left)} tables of the mapping")
    source = replace(plan.source, assumed=())
    read = replace(plan, source=source, contact=(), statement=(), characteristic=())
    return Tables(study, plan, read, zone, now, receipt=receipt, known=known)


def _say_who(rows: RowsApart, receipt: Gathered, key: bytes | None) -> None:
    receipt.nobody = rows.nobody
    alike: Sequence[tuple[str, ...]] = rows.alike()
    if alike:
        shown = "" if key is not None else ": " + ", ".join(" and ".join(map(repr, one)) for one in alike[:5])
        receipt.notes.append(
            f"{len(alike):,} names differ from others in blanks, capitals or accents only, and were kept apart{shown}"
        )
