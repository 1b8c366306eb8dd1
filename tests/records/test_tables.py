"""Tables as they arrive."""

from __future__ import annotations

import datetime
from pathlib import Path

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import UnreadableSource
from mainstay.records.tables import LONGEST_CELL, LONGEST_LINE, as_table, read_table, sniff_delimiter


def written(folder: Path, content: str | bytes, name: str = "diary.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(tmp_path: Path, delimiter: str) -> None:
    text = "\n".join(delimiter.join(row) for row in [["a", "b", "c"], ["1", "x y", "3"], ["4", "5", "6"]])
    table = read_table(written(tmp_path, text))
    assert {name: list(cells) for name, cells in table.columns.items()} == {
        "a": ["1", "4"],
        "b": ["x y", "5"],
        "c": ["3", "6"],
    }


def test_a_list_of_tags_in_a_cell_is_no_delimiter() -> None:
    assert sniff_delimiter("day,tags\n1,walk | run | swim\n2,read\n") == ","


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_marks_and_encodings_leave_no_trace(tmp_path: Path, encoding: str) -> None:
    table = read_table(written(tmp_path, "größe,b\né,1\n".encode(encoding)))
    assert list(table.columns["größe"]) == ["é"]
    assert table.notes == ()


def test_latin_1_is_read_and_said(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "größe,b\né,1\n".encode("latin-1")))
    assert list(table.columns["größe"]) == ["é"]
    assert "Latin-1" in table.notes[0]


def test_latin_1_far_into_the_file_is_read_too(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, b"a,b\n" + b"1,2\n" * 100_000 + "é,1\n".encode("latin-1")))
    assert table.rows == 100_001
    assert "Latin-1" in table.notes[0]


def test_quotes_may_hold_line_breaks(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'a,b\n"two\nlines",1\nx,2\n'))
    assert list(table.columns["a"]) == ["two\nlines", "x"]
    assert list(table.row_numbers) == [1, 2]


def test_a_bad_row_is_refused_by_number_and_the_rest_is_read(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'a,b\n1,2\n3\n4,5,6\n7,"x"y\n8,9\n10,11,,\n'))
    assert list(table.columns["a"]) == ["1", "8", "10"]
    assert [refusal.row for refusal in table.refused] == [2, 3, 4]
    assert list(table.row_numbers) == [1, 5, 6]


def test_a_quotation_that_never_closes_is_refused_with_its_lines(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, 'a,b\n1,2\n3,"4\n5,6\n'))
    assert list(table.columns["a"]) == ["1"]
    assert "lines 3 to 4" in table.refused[0].reason


def test_a_monstrous_cell_is_refused(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, f"a,b\n1,{'x' * (LONGEST_CELL + 1)}\n2,3\n"))
    assert list(table.columns["a"]) == ["2"]
    assert "longer than" in table.refused[0].reason


def test_a_line_without_end_is_refused_before_it_fills_memory(tmp_path: Path) -> None:
    with pytest.raises(UnreadableSource, match="line 2"):
        read_table(written(tmp_path, b"a,b\n" + b"x" * (LONGEST_LINE + 1)))


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b" \n\n", "is empty"), (b"a\0b\n1,2\n", "zero bytes"), (b"PAR1 not really", "Parquet")],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(UnreadableSource, match=words):
        read_table(written(tmp_path, content))


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_a_clear_refusal(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.mktemp("fuzz"), content)
    try:
        table = read_table(path)
    except UnreadableSource:
        return
    assert all(len(cells) == table.rows for cells in table.columns.values())


def test_parquet_keeps_its_types(tmp_path: Path) -> None:
    moment = datetime.datetime(2024, 1, 1, 9, tzinfo=datetime.UTC)
    pl.DataFrame({"t": [moment], "x": [1.5], "tags": [["a", "b"]]}).write_parquet(tmp_path / "a.parquet")
    table = read_table(tmp_path / "a.parquet")
    assert [cells[0] for cells in table.columns.values()] == [moment, 1.5, "a | b"]


FRAME = {"t": [datetime.datetime(2024, 1, 1), None], "x": [1.0, None], "n": [1, 2], "s": ["a", None]}


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table, lambda data: pl.DataFrame(data).lazy(), dict])
def test_any_dataframe_gives_the_same_cells(make) -> None:
    table = as_table(make(FRAME), "frame")
    assert {name: list(cells) for name, cells in table.columns.items()} == FRAME


def test_what_is_no_dataframe_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="no dataframe"):
        as_table([1, 2, 3])


def test_rows_that_are_the_same_in_every_cell_have_the_same_print(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, "a,b\n1,2\n1,3\n1,2\n"), wanted={"a"})
    assert table.prints[0] == table.prints[2] != table.prints[1]
    assert list(table.columns) == ["a"]
    assert table.header == ("a", "b")


@pytest.mark.parametrize("junk", [b"PK\x03\x04" + b"\x07" * 50, b"\x1f\x8b\x08\x05\x06 a,b\n1,2\n"])
def test_junk_called_csv_is_refused_without_quoting_it(tmp_path: Path, junk: bytes) -> None:
    with pytest.raises(UnreadableSource) as refused:
        read_table(written(tmp_path, junk))
    assert str(refused.value).isprintable()
    assert "CSV" in str(refused.value)


def test_a_dictionary_of_no_columns_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="no dataframe and no column"):
        as_table({"tension": 5})
