"""`cohort`: the same question for many people, on this machine or a cluster, into two tables."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from mainstay.cli import cohort_groups, cohort_lending

if TYPE_CHECKING:
    from mainstay.cohort.engine import Progress, Tell, Workers
    from mainstay.cohort.running import Outcome

EVERY_S = 60.0
"""How often a line tells how far it is, where nobody watches a bar."""
REASONS = 5


def cohort(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="A data set of many people (a folder or an address), or a folder of casebooks.",
            show_default=False,
        ),
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder for what comes out.", show_default=False)],
    what: Annotated[
        str, typer.Option(metavar="recovery|notice|strain|story", help="What is asked of everybody.")
    ] = "recovery",
    keys: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="With casebooks: where NAME.key opens NAME.mainstay; or one file for all."),
    ] = None,
    on: Annotated[
        str,
        typer.Option(metavar="threads|processes|tls://HOST:PORT", help="Where: on this machine, or on a Dask cluster."),
    ] = "threads",
    workers: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How many work side by side here. [default: one a processor]")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could be told at the end of that day.")
    ] = None,
    pooled: cohort_lending.Pooled = False,
    priors: cohort_lending.Priors = None,
    held_out: cohort_lending.HeldOutToo = False,
    by: cohort_groups.By = None,
    smallest_cell: cohort_groups.SmallestCell = cohort_groups.SMALLEST,
    ca: Annotated[Path | None, typer.Option(metavar="FILE", help="With tls://: whose certificates count.")] = None,
    certificate: Annotated[Path | None, typer.Option(metavar="FILE", help="With tls://: this side's.")] = None,
    key: Annotated[Path | None, typer.Option(metavar="FILE", help="With tls://: its key.")] = None,
) -> None:
    """Ask the same of many people, as far as their consent for it goes, and write the answers as tables.

    \b
    recovery   how fast each rating comes back to level; about a millisecond a person
    notice     what is changing
    strain     what strains and what restores
    story      the whole story

    Threads serve recovery best; processes serve the others, and lose nobody where one of them dies.
    Ctrl+C leaves what is finished, and the same command goes on from there. The tables are not encrypted.
    """
    from mainstay.cli import asking
    from mainstay.cohort.asked import Asked
    from mainstay.cohort.model_card import Run, write_card
    from mainstay.cohort.opening import located
    from mainstay.cohort.parts import with_room_for_a_run
    from mainstay.cohort.running import run
    from mainstay.doors.telling import GETTING_READY
    from mainstay.numerics import kernels_are_kept

    at = asking.now()
    asked, address = Asked(what, at, asking.as_of(as_of, at)), located(source, keys)
    if not kernels_are_kept():
        print(GETTING_READY, file=sys.stderr, flush=True)
    asked = cohort_lending.given(asked, pooled, priors, held_out, by)
    with_room_for_a_run(out)
    together = cohort_groups.asked_for(address, by, smallest_cell, clock=asking.now)
    counted: Literal["records", "people"] = "people" if keys else "records"
    tried = None
    with _workers(on, workers, (ca, certificate, key)) as hands:
        if pooled:
            from mainstay.cohort.held_out import forget
            from mainstay.cohort.lending import run_lent

            if not held_out:
                forget(out)
            asked, done = run_lent(
                address,
                out,
                asked,
                workers=hands,
                telling=lambda name: _progress(name, counted),
                clock=asking.now,
                smallest=smallest_cell,
            )
        else:
            with _progress(what, counted) as tell:
                done = run(address, out, asked, workers=hands, tell=tell, clock=asking.now)
        if held_out:
            from mainstay.cohort.held_out import held_out as hold_out

            with _progress("held out", counted) as tell:
                tried = hold_out(
                    address, out, asked, workers=hands, tell=tell, clock=asking.now, smallest=smallest_cell
                )
    of_group = [cohort_lending.NO_GROUP] if cohort_lending.lean(asked) else together(out)
    lines = (*in_words(done, what, out), *cohort_lending.in_words(asked, tried, smallest_cell), *of_group)
    card = write_card(Run(address, out, asked, tried, smallest=smallest_cell))
    for line in lines:
        print(line)
    print(
        f"Wrote {out / 'answers.parquet'} and people.parquet. They are not encrypted: whoever has them can read them."
    )
    print(f"What was done, and what it must not be used for: {card}")


@contextmanager
def _workers(on: str, count: int | None, files: tuple[Path | None, Path | None, Path | None]) -> Iterator[Workers]:
    """Those who work, let go at the end however it comes. Refuses a place that is not known, and half of TLS."""
    from mainstay.cohort import workers
    from mainstay.errors import BadRequest

    ca, certificate, key = files
    here = {workers.THREADS: workers.threads, workers.PROCESSES: workers.processes}
    if on in here:
        if any(files):
            raise BadRequest(f"certificates are for a cluster; with --on {on} nothing leaves this machine")
        made: workers.Here | workers.Cluster = here[on](count or _processors())
    elif "://" in on:
        if ca is None or certificate is None or key is None:
            raise BadRequest("a cluster needs --ca, --certificate and --key; see docs/howto/cluster.md")
        made = workers.cluster(on, ca=ca, certificate=certificate, key=key)
    else:
        raise BadRequest(f"--on {on!r} is no place to work; it is threads, processes or tls://HOST:PORT")
    try:
        yield made
    finally:
        made.close()


def _processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _progress(what: str, counted: Literal["records", "people"]) -> Iterator[Tell]:
    """A bar with pace and time left at a terminal; elsewhere a line a minute. Stopped, it says what is kept."""
    from mainstay.cli.progress import bar, pace

    last: list[Progress] = []
    with bar(f"Asking everybody ({what})", counted) as move:
        said = [time.monotonic()] * 2

        def tell(at: Progress) -> None:
            last[:] = [at]
            done, of = at.records_done - at.records_before, at.records_of - at.records_before
            if move is not None:
                move(done, of)
            elif (now := time.monotonic()) - said[1] >= EVERY_S and done:
                said[1] = now
                left = (now - said[0]) * (of - done) / done
                print(
                    f"{at.done:,} of {at.of:,} batches; {pace(done / (now - said[0]), counted)}, about "
                    f"{left / 60:,.0f} minutes left",
                    file=sys.stderr, flush=True,
                )  # fmt: skip

        try:
            yield tell
        except KeyboardInterrupt:
            for at in last:
                kept = f"{at.done:,} of {at.of:,} batches are finished and kept; the same command goes on from there"
                print(f"\n{kept}", file=sys.stderr)
            raise


def in_words(found: Outcome, what: str, out: Path) -> list[str]:
    """What came of a run, in sentences."""
    from mainstay.cohort.rows import FAILED, REFUSED, TOLD
    from mainstay.cohort.running import PEOPLE

    lines = [f"{_people(found.people)} asked ({what}), {found.states[TOLD]:,} told."]
    if found.answers:
        lines.append(f"{found.answers:,} answers; {found.cannot_say:,} of them say why nothing can be said.")
    elif found.states[TOLD]:
        lines.append("No answers: of nobody is anything on record that this asks about, by the day as of which it is.")
    for state, became in ((REFUSED, "refused"), (FAILED, "broke off")):
        if not found.states[state]:
            continue
        lines.append(f"{_people(found.states[state])} {became}:")
        lines += [f"  {count:,}: {reason}" for reason, count in found.reasons[state].most_common(REASONS)]
        more = len(found.reasons[state]) - REASONS
        if more > 0:
            lines.append(f"  … and {more:,} more reasons, all in {out / PEOPLE}")
    return lines


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"
