"""The examples are what `mainstay simulate` writes with seed 1, and say so."""

from pathlib import Path

import pytest

from mainstay import worlds

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["two_roles", "twins"])
def test_examples_are_what_the_simulation_writes(name, tmp_path):
    for folder, world in worlds.simulate(name, 1).items():
        worlds.write(world, tmp_path / folder)
        kept = {path.name: path.read_text(encoding="utf-8") for path in (EXAMPLES / name / folder).iterdir()}
        fresh = {
            path.name: path.read_text(encoding="utf-8") for path in (tmp_path / folder).iterdir() if path.is_file()
        }
        assert kept == fresh
