"""What people are like, learned from those who lend and given to everybody: a pass over the same people before theirs.

Who consented to lend (`pooled_prior`) is fitted from the streams that this covers; of the fit a summary of a few
kilobytes is kept in parts of its own, under the same rules as answers: each person once, kept whole or not at all,
erased where consent ends. What is learned of all of them (`strain.pooling`) is what a person is like, never what
strains or eases them nor how they change (docs/decisions/0011-pooled-priors.md).
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstay.cohort import engine
from mainstay.cohort.asked import Asked, read_of, where_it_broke
from mainstay.cohort.engine import Tell, Workers
from mainstay.cohort.group_cells import SMALLEST
from mainstay.cohort.group_files import DIFFERENCES, DISCOVERIES, GROUPS, PAGE, REASONS, SHRUNKEN
from mainstay.cohort.lending_file import as_file, from_file, mark_of, rounded
from mainstay.cohort.lending_told import told_apart
from mainstay.cohort.opening import Source, opened
from mainstay.cohort.parts import ASKED, GROUP, PARTS, Parts, alone_in, begun, drop_tables, write_whole
from mainstay.cohort.rows import FAILED, REFUSED, TOLD, answer_row, end_row
from mainstay.cohort.running import Outcome, first_begun, run
from mainstay.cohort.source import Part, Refused
from mainstay.cohort.withdrawal import erase_ended
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Instant
from mainstay.strain.fitting import fit
from mainstay.strain.many import Summary, summary_of
from mainstay.strain.pooling import Pooled, fit_pooled, learn_priors
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

if TYPE_CHECKING:
    import polars as pl

WHAT, LENT, PRIORS = "lending", "lent", "priors.json"
PURPOSE = "pooled_prior"
POOLED, GIVEN = "pooled from those who lend", "given in a file"
OF_THE_GROUP = (*(f"{GROUP}/{name}" for name in (GROUPS, REASONS, DIFFERENCES, PAGE)), SHRUNKEN, DISCOVERIES)
"""Never made of answers that lean on each other."""
MOST_LENDERS = 5_000
"""More say nothing new of how people differ, and would all be held at once."""


@dataclass(frozen=True, slots=True)
class Lent:
    """The priors that everybody is told with: where they come from, and what tells them from others (`mark`)."""

    pooled: Pooled | CannotSay
    mark: str

    def fitted(self, timeline: Timeline) -> StrainPosterior | CannotSay:
        """One person's fit, under these priors as far as the person is like the others."""
        return fit(timeline) if isinstance(self.pooled, CannotSay) else fit_pooled(timeline, self.pooled)


def from_a_file(place: Path) -> Lent:
    """Priors that another cohort lent. Refuses (`BadRequest`) a file that no cohort could have written."""
    pooled = from_file(place)
    return Lent(pooled, f"{GIVEN}, {mark_of(pooled)}")


def types() -> dict[str, pl.DataType]:
    """The columns of what is kept of a lender, beside those of every table; the covariance as its lower triangle."""
    import polars as pl

    numbers = dict.fromkeys(("mean", "triangle", "prior_mean", "prior_sd"), pl.List(pl.Float64()))
    counts = dict.fromkeys(("readings", "acts"), pl.Int64())
    return {"names": pl.List(pl.String()), **numbers, **counts, "log_evidence": pl.Float64(), "span": pl.Float64()}


def rows_of(source: Source, part: Part, asked: Asked, only: str | None) -> Iterator[dict[str, Any]]:
    """Of everybody in a batch who lends a row with their summary; of everybody one for what became of them."""
    people = source.timelines(part, now=asked.now, as_of=asked.as_of, purpose=PURPOSE, only=only)
    for person, found in people:
        began = time.perf_counter()
        if isinstance(found, Refused):
            yield end_row(person, REFUSED, found.reason, None, 0)
            continue
        rests_on = source.rests_on.get(person)
        try:
            fitted = fit(found)
        except Exception as error:  # whatever breaks for one person is told of that person, and stops nobody else
            yield end_row(person, FAILED, where_it_broke(error), time.perf_counter() - began, 0, rests_on=rests_on)
            continue
        reason, seconds = "", time.perf_counter() - began
        if isinstance(fitted, StrainPosterior):
            yield answer_row(person) | as_row(summary_of(fitted))
        else:
            reason = fitted.reason
        yield end_row(person, TOLD, reason, seconds, int(not reason), rests_on=rests_on, read=read_of(found))


def as_row(one: Summary) -> dict[str, Any]:
    """A summary as columns."""
    return {
        "names": list(one.names), "mean": one.mean.tolist(),
        "triangle": one.covariance[_lower(len(one.names))].tolist(),
        "prior_mean": one.prior_mean.tolist(), "prior_sd": one.prior_sd.tolist(), "log_evidence": one.log_evidence,
        "span": one.days, "readings": one.readings, "acts": one.acts,
    }  # fmt: skip


def from_row(row: Mapping[str, Any]) -> Summary:
    """The summary again."""
    size = len(row["names"])
    covariance = np.zeros((size, size))
    covariance[_lower(size)] = row["triangle"]
    covariance = covariance + np.tril(covariance, -1).T
    mean, prior_mean, prior_sd = (np.array(row[name]) for name in ("mean", "prior_mean", "prior_sd"))
    return Summary(
        tuple(row["names"]), mean, covariance, prior_mean, prior_sd, row["log_evidence"], row["span"], row["readings"],
        row["acts"],
    )  # fmt: skip


def _lower(size: int) -> Any:
    return np.tril_indices(size)


def lent(
    address: str,
    out: Path,
    asked: Asked,
    *,
    workers: Workers,
    tell: Tell = lambda _: None,
    clock: Callable[[], Instant] | None = None,
    smallest: int = SMALLEST,
) -> Asked:
    """What is asked, with the priors that those who consent to it lend; these are written to `group/priors.json`.

    Goes on with what an earlier run left in `lent/`. Where somebody who lent has withdrawn since, they are erased
    there, the priors are learned anew, and answers that rested on the former ones are dropped, to be worked out again.
    Under twenty lenders with check-ins nothing is learned: `given.pooled` says so, and the usual priors stand. Under
    `smallest` it is used here, and no file of it is written.
    """
    if asked.what != "strain":
        raise BadRequest(f"priors are lent for --what strain; {asked.what!r} takes none")
    source = opened(address)
    parts, place = source.parts(), out / LENT
    with alone_in(out):
        if not str((begun(out) or {}).get("priors", POOLED)).startswith(POOLED):
            raise BadRequest(f"{out} holds a run in which nobody lent; choose another folder, or remove that one")
        asked = replace(asked, as_of=asked.as_of or first_begun(place) or asked.now)
        asking = replace(asked, what=WHAT, given=None)
        kept = Parts(place, address, asking)
        engine.run(address, parts, asking, kept=kept, workers=workers, tell=tell)
        ends, at = partial(drop_tables, out), asked.now if clock is None else clock()
        kept.only(parts, first=ends)
        erase_ended(opened(address), kept, parts, now=at, purpose=PURPOSE, first=ends)
        people = lenders(kept, parts)
        learned = learn_priors(people.values())
        pooled = learned if isinstance(learned, CannotSay) else rounded(told_apart(learned, people.values(), smallest))
        apart = "" if smallest == SMALLEST else f", told from {smallest} people"
        given = Lent(pooled, f"{POOLED}, {mark_of_lenders(people)}{apart}")
        start_over(out, given.mark)
        if not isinstance(pooled, CannotSay):
            for made in OF_THE_GROUP:
                (out / made).unlink(missing_ok=True)
        (out / GROUP).mkdir(mode=0o700, exist_ok=True)
        if isinstance(pooled, CannotSay) or pooled.people < smallest:
            (out / GROUP / PRIORS).unlink(missing_ok=True)
        else:
            write_whole(out / GROUP / PRIORS, as_file(pooled, smallest))
    return replace(asked, given=given)


Telling = Callable[[str], AbstractContextManager[Tell]]
"""What follows one pass of a run, by the name of the pass."""


def run_lent(
    address: str,
    out: Path,
    asked: Asked,
    *,
    workers: Workers,
    telling: Telling = lambda _: nullcontext(lambda _: None),
    clock: Callable[[], Instant] | None = None,
    smallest: int = SMALLEST,
) -> tuple[Asked, Outcome]:
    """Both passes: what people lend each other, then everybody's answers; gives what was asked in the end.

    Where somebody who lent withdrew while the answers were worked out, these are worked out again without them.
    """
    with telling(WHAT) as tell:
        asking = lent(address, out, asked, workers=workers, tell=tell, clock=clock, smallest=smallest)
    while True:
        with telling(asked.what) as tell:
            done = run(address, out, asking, workers=workers, tell=tell, clock=clock)
        again = lent(address, out, asked, workers=workers, clock=clock, smallest=smallest)
        if _mark(again) == _mark(asking):
            return asking, done
        asking = again


def _mark(asked: Asked) -> str | None:
    return None if asked.given is None else asked.given.mark


def start_over(out: Path, mark: str) -> None:
    """Drops what an earlier run worked out under priors that were pooled from other people than these."""
    held = str((begun(out) or {}).get("priors"))
    if not held.startswith(POOLED) or held == mark:
        return
    drop_tables(out)
    for part in (out / PARTS).glob("*.arrow"):
        part.unlink()
    (out / ASKED).unlink()


def lenders(kept: Parts, parts: Sequence[Part]) -> dict[str, Summary]:
    """Who lends what, in order of names; at most `MOST_LENDERS` of them, drawn by a hash of their names.

    Whoever stands in more than one batch lends nothing: half a record is not that person's record.
    """
    counts = Counter(name for part in parts for name in _names(kept, part))
    chosen = set(by_lot(name for name, count in counts.items() if count == 1)[:MOST_LENDERS])
    found: dict[str, Summary] = {}
    for part in parts:
        if chosen.intersection(_names(kept, part)):
            table = kept.table(part)
            rows = table.filter(table["state"].is_null()).iter_rows(named=True)
            found |= {row["person"]: from_row(row) for row in rows if row["person"] in chosen}
    return dict(sorted(found.items()))


def mark_of_lenders(people: Mapping[str, Summary]) -> str:
    """What tells these lenders, with what was kept of each, from any others; what is learned of them follows."""
    held = hashlib.blake2b(digest_size=12)
    for name, one in sorted(people.items()):
        held.update("\0".join((name, *one.names)).encode())
        for numbers in (one.mean, one.covariance, one.prior_mean, one.prior_sd):
            held.update(np.ascontiguousarray(numbers).tobytes())
    return held.hexdigest()


def by_lot(people: Iterable[str]) -> list[str]:
    """People in an order that has nothing to do with them, the same every time."""
    return sorted(people, key=lambda name: hashlib.blake2b(name.encode(), digest_size=8).digest())


def _names(kept: Parts, part: Part) -> list[str]:
    table = kept.table(part, ["person", "state"])
    return table.filter(table["state"].is_null())["person"].to_list()
