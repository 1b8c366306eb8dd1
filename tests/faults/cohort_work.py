"""Works for the tests of kills: told by files, so that every process sees the same. Loaded by the path of this file."""

import os
import signal
import sys
import time
from pathlib import Path

from mainstay.cohort import asked
from mainstay.cohort.asked import Asked
from mainstay.cohort.rows import TOLD, answer_row, end_row
from mainstay.cohort.running import run
from mainstay.cohort.workers import cluster, processes
from mainstay.quantities import Instant

NOW = Instant.parse("2024-05-02T12:00+02:00")
SLOW_S = 0.02


def everybody(source, part, said, only):
    """One answer for each person, with the moment at which it was given; whoever is called deadly kills its worker."""
    for person in source.people(part):
        if only in (None, person):
            if person.startswith("deadly"):
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(SLOW_S)
            yield answer_row(person) | {"row": "S4", "status": "found", "estimate": 1.0, "quantity": "test"}
            yield end_row(person, TOLD, "", SLOW_S, 1)


asked.WHAT["recovery"] = everybody


def tell(at):
    """A line for each batch that is kept."""
    print(at.done, at.before, flush=True)


def main() -> None:
    """A coordinator: source, folder, workers (how many; or a cluster, and where its certificates are).

    Says when it begins and each batch that is kept.
    """
    source, out, place, *folder = sys.argv[1:]
    print("ready", flush=True)
    if folder:
        files = {name: Path(folder[0], f"{name}.pem") for name in ("ca", "certificate", "key")}
        hands = cluster(place, **files)
    else:
        hands = processes(int(place))
    try:
        done = run(
            source,
            Path(out),
            Asked("recovery", NOW),
            workers=hands,
            tell=lambda at: print(at.done, at.before, flush=True),
        )
    finally:
        hands.close()
    print("through", dict(done.states), flush=True)


if __name__ == "__main__":
    main()
