"""`simulate`: a world's people as folders, all of them or none."""

from __future__ import annotations

from pathlib import Path

from mainstay.cli.files import whole_folder
from mainstay.worlds import simulate as people_of
from mainstay.worlds import write


def simulate(world: str, out: Path, *, seed: int) -> None:
    """Write every person of the world below `out` and say how to go on."""
    people = people_of(world, seed)
    with whole_folder(out) as part:
        for folder, person in people.items():
            (part / folder).mkdir(exist_ok=True)
            write(person, part / folder)
    print(f"Simulated, and so invented: {world}, seed {seed}.")
    for folder, person in people.items():
        print(f"  {out / folder}: {person.title}, {len(person.records):,} records")
    print(f"Next: mainstay new CASE, then mainstay add CASE {out / next(iter(people))}")
