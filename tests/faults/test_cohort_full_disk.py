"""Fault 3, of many people: a disk that is full at any file gives a clear error, and room lets the run go on."""

import shutil
import sys

import polars as pl
import pytest

from cohort.conftest import PEOPLE, data_set, worlds  # noqa: F401 - fixtures
from faults.test_full_disk import little_room
from mainstay.cli import asking
from mainstay.cli import run as command
from mainstay.cohort.asked import Asked
from mainstay.cohort.rows import TOLD
from mainstay.cohort.running import ANSWERS, run
from mainstay.cohort.workers import threads
from mainstay.quantities import Instant

NOW = Instant.parse("2024-05-02T12:00+02:00")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the limit on file size is a thing of POSIX")


@pytest.fixture
def hands():
    here = threads(1)
    yield here
    here.close()


def find_no_room(line, most, capsys):
    """Runs the command where no file may grow beyond so many bytes: one sentence, and what to do."""
    with little_room(most):
        assert command(line) == 2
    said = capsys.readouterr().err
    assert "no room left to write" in said
    assert "goes on from there" in said
    assert len(said.splitlines()) == 1


@pytest.fixture
def line(data_set, tmp_path, monkeypatch):  # noqa: F811
    monkeypatch.setattr(asking, "now", lambda: NOW)
    return ["cohort", str(data_set), "--out", str(tmp_path / "out"), "--workers", "1"]


@pytest.fixture
def whole(data_set, tmp_path, hands):  # noqa: F811
    """What a run leaves where there is room."""
    run(str(data_set), tmp_path / "whole", Asked("recovery", NOW), workers=hands)
    return tmp_path / "whole"


def same_as(whole, out):
    assert pl.read_parquet(out / "people.parquet")["state"].to_list() == [TOLD] * PEOPLE
    assert pl.read_parquet(out / ANSWERS).equals(pl.read_parquet(whole / ANSWERS))
    assert not list(out.rglob("*.new"))


@pytest.mark.parametrize("most", [0, 50, 500, 2_000])
def test_a_batch_that_finds_no_room_stops_the_run_and_room_lets_it_go_on(whole, line, tmp_path, capsys, most):
    assert most < min(one.stat().st_size for one in (whole / "parts").iterdir())
    find_no_room(line, most, capsys)
    assert not list((tmp_path / "out").rglob("*.arrow*"))
    assert not list((tmp_path / "out").rglob("*.new"))
    assert command(line) == 0
    same_as(whole, tmp_path / "out")


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_table_that_finds_no_room_is_not_left_half_and_no_batch_is_done_again(whole, line, tmp_path, capsys, share):
    out = shutil.copytree(whole, tmp_path / "out")
    (out / ANSWERS).unlink()
    find_no_room(line, int(share * (whole / ANSWERS).stat().st_size), capsys)
    assert not (out / ANSWERS).exists()
    assert not list(out.rglob("*.new"))
    held = {one: one.stat().st_mtime_ns for one in (out / "parts").iterdir()}
    assert command(line) == 0
    assert held == {one: one.stat().st_mtime_ns for one in (out / "parts").iterdir()}
    same_as(whole, out)
