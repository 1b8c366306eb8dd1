"""`mainstay record`: what is on record in words, and the picture beside it."""

import pytest


@pytest.fixture
def kept(case, folder, mainstay):
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    return case


def test_it_says_what_is_on_record(kept, mainstay):
    said = mainstay("record", kept)
    assert said.code == 0
    assert "On record from 2024-01-08 to 2024-01-10: 3 days" in said.out
    assert "diary" in said.out
    assert "15 check-ins" in said.out


@pytest.mark.parametrize("ending", ["svg", "png", "pdf", "html"])
def test_the_picture_is_written_in_the_form_its_name_says(kept, mainstay, folder, ending):
    out = folder / f"record.{ending}"
    said = mainstay("record", kept, "--picture", out)
    assert said.code == 0
    begins = {"svg": b"<svg", "png": b"\x89PNG", "pdf": b"%PDF", "html": b"<!doctype html>"}[ending]
    assert out.read_bytes().startswith(begins)
    assert "not encrypted" in said.err
    assert out.stat().st_mode & 0o077 == 0


def test_as_of_leaves_out_what_came_later(kept, mainstay):
    assert "to 2024-01-08: 1 day" in mainstay("record", kept, "--as-of", "2024-01-08").out


def test_another_ending_and_the_casebook_itself_are_refused(kept, mainstay, folder):
    assert mainstay("record", kept, "--picture", folder / "record.gif").code == 2
    before = kept.read_bytes()
    assert mainstay("record", kept, "--picture", kept).code == 2
    assert kept.read_bytes() == before
