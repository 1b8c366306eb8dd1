"""JSON and CSV of exports piece by piece: what breaks off loses only its end, and nothing grows with the file."""

import json

import pytest

from mainstay.errors import BadRecord
from mainstay.records.place import Place
from mainstay.records.sources import json_stream
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake
from mainstay.records.sources.json_stream import json_of, json_rows, part
from records.sources.samples import NOW, rows


@pytest.fixture
def intake():
    return Intake("Some app", None, NOW)


@pytest.fixture
def file(tmp_path):
    def write(content):
        (tmp_path / "x").write_bytes(content if isinstance(content, bytes) else content.encode())
        return Place(tmp_path / "x")

    return write


@pytest.mark.parametrize("piece", [1, 7, 1 << 18])
def test_an_array_reads_the_same_in_pieces_of_any_size(file, intake, monkeypatch, piece):
    monkeypatch.setattr(json_stream, "PIECE_BYTES", piece)
    content = [{"a": [1, 2.5, "é,]}"]}, 12, -3.25e2, None, "x" * 50, []]
    place = file("\ufeff " + json.dumps(content, indent=1))
    assert list(json_rows(place, "x", intake)) == list(enumerate(content, 1))
    nested = file(json.dumps({"b": {"c": 1}, "d": {"e": content}, "f": 2}))
    assert [one for _, one in json_rows(nested, "x", intake, "d", "e")] == content
    assert rows(intake.finish()[1]) == (0, 0, 0)


@pytest.mark.parametrize(
    "content", ['[{"a": 1}, {"a"', '[{"a": 1} 2', '[{"a": 1}, ' + "[" * 100_000, '[{"a": 1}, \x80]']
)
def test_where_a_file_breaks_off_its_end_is_refused(file, intake, content):
    assert list(json_rows(file(content.encode("latin-1")), "x", intake)) == [(1, {"a": 1})]
    _, receipt = intake.finish()
    assert [(one.place, one.row) for one in receipt.refused] == [("x", 2)]


def test_an_absurd_element_is_not_read_on_for_ever(file, intake, monkeypatch):
    monkeypatch.setattr(json_stream, "LARGEST_ELEMENT", 1000)
    monkeypatch.setattr(json_stream, "PIECE_BYTES", 100)
    assert list(json_rows(file('[1, "' + "x" * 5000 + '"]'), "x", intake)) == [(1, 1)]
    assert rows(intake.finish()[1]) == (1, 1, 0)


def test_what_is_no_object_is_told(file, intake):
    with json_of(file("[1]"), "x", intake) as stream:
        assert list(stream.keys()) == []
    assert "should" in intake.finish()[1].refused[0].reason
    assert (part({"a": {"b": 3}}, "a", "b"), part({"a": None}, "a", "b"), part({}, "a")) == (3, None, None)
    with pytest.raises(BadRecord, match="where 'b' should stand"):
        part({"a": 5}, "a", "b")


def test_rows_of_another_width_or_with_broken_quotes_cost_only_themselves(file, intake):
    place = file('\ufeffa,b\n1,2\n3\n\n4,5,6\n7,8,,\n"9"x,1\n10,11\n')
    assert [(number, one["a"]) for number, one in csv_rows(place, "x", intake)] == [(1, "1"), (4, "7"), (6, "10")]
    receipt = intake.finish()[1]
    assert [one.row for one in receipt.refused] == [2, 3, 5]
    short = Intake("Some app", None, NOW)
    assert dict(csv_rows(place, "x", short, short=True))[2] == {"a": "3", "b": ""}


def test_a_line_in_latin_1_is_read_and_told(file, intake):
    place = file("a;b\nGrün;1\n".encode("latin-1"))
    assert [one for _, one in csv_rows(place, "x", intake)] == [{"a": "Grün", "b": "1"}]
    assert "Latin-1" in intake.finish()[1].notes[0]
    assert header_of(place, "x") == ("a", "b")
    assert header_of(file('a,"b\nc"\n'), "x") == ()


def test_utf_16_and_nothing_are_told(file, intake):
    assert list(csv_rows(file("a,b\n1,2\n".encode("utf-16")), "x", intake)) == []
    assert "UTF-16" in intake.finish()[1].refused[0].reason
    assert list(csv_rows(file(b""), "x", Intake("Some app", None, NOW))) == []


def test_numbers_in_cells():
    assert [number_in(one, "x") for one in ("3.5", 4, " ", None, "-1e2")] == [3.5, 4.0, None, None, -100.0]
    for odd in ("x", "nan", True, "1_0", [1], float("inf")):
        with pytest.raises(BadRecord, match="no number"):
            number_in(odd, "x")
