"""Exports of apps at the command line: listed, known by what they hold or named, added once."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py


@pytest.fixture
def steps(folder: Path) -> Path:
    path = folder / "steps-2024-11-02.json"
    path.write_text(json.dumps([{"dateTime": f"11/02/24 06:{minute:02d}:00", "value": "7"} for minute in range(30)]))
    return path


def test_the_list_names_every_export_and_needs_no_casebook(mainstay: Run) -> None:
    said = mainstay("add", "--list")
    assert said.code == 0
    for name in ("fitbit", "daylio", "garmin", "google-fit", "m-path", "beiwe", "activitywatch", "whoop", "oura"):
        assert f"--as {name})" in said.out
    assert "takeout.google.com" in said.out
    assert "no export: read by its description" in said.out


def test_an_export_is_known_and_adding_it_twice_changes_nothing(case: Path, steps: Path, mainstay: Run) -> None:
    first = mainstay("add", case, steps, "--zone", "Europe/Oslo")
    assert first.code == 0, first
    assert "Read 30 rows from Fitbit." in first.out
    again = mainstay("add", case, steps, "--zone", "Europe/Oslo", "--as", "fitbit")
    assert "Added 0 new records" in again.out


def test_an_export_named_as_what_it_is_not_or_in_two_ways_is_refused(case: Path, steps: Path, mainstay: Run) -> None:
    assert "is no source" in mainstay("add", case, steps, "--as", "nonsense").err
    assert "keep one" in mainstay("add", case, steps, "--as", "fitbit", "--map", steps).err
    assert mainstay("add", case, steps, "--as", "daylio", "--zone", "UTC").code == 2
    assert "--zone" in mainstay("add", case, steps).err
