"""Simulated people with a known truth, labelled so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from pathlib import Path

    from mainstay.worlds.kinds import World

WORLDS = {
    "two_roles": "a reporter who is also a rescuer, for eighteen months: it takes less to tip over than before",
    "warmth_restores": "the same life, but warmth is what restores",
    "nothing_restores": "the same life, but nothing restores",
    "twins": "two diaries that look alike: a falling threshold, and a diary that only got denser",
    "nulls": "four people in whom nothing drifts: steady, load that triples, relief that fades, refuges by habit",
    "riddles": "four diaries that invite a wrong explanation: peaks, a tie, a cause nobody listed, a vague theory",
}
"""Every world by name, with one line for the reader."""


def simulate(name: str, seed: int) -> dict[str, World]:
    """The people of a world by the folder each belongs in ("" where there is only one). Refuses unknown names."""
    if name not in WORLDS:
        raise BadRequest(f"there is no simulated world called {name!r}; choose one of {', '.join(WORLDS)}")
    if seed < 0:
        raise BadRequest(f"a seed is a whole number from 0 on, not {seed}")
    if name == "twins":
        from mainstay.worlds.twins import twins

        return twins(seed)
    if name == "nulls":
        from mainstay.worlds.nulls import nulls

        return nulls(seed)
    if name == "riddles":
        from mainstay.worlds.riddles import riddles

        return riddles(seed)
    from mainstay.worlds.two_roles import two_roles

    return {"": two_roles(seed, name)}


def write(world: World, directory: Path) -> None:
    """Write a world as a folder that `mainstay add` takes as it is, with its truth beside it."""
    from mainstay.worlds.folder import write_folder

    write_folder(world, directory)
