"""Mapping files: what is read, what is refused, and that the schema says the same."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadMapping, UnreadableSource
from mainstay.records.mapping import mapping_schema, read_mapping

DOCS = Path(__file__).parents[2] / "docs"
ITEM = '[[item]]\ncolumn = "tension"\nlow = 1\nhigh = 7\nbetter = "low"\n'


def refusal(text: str) -> str:
    with pytest.raises(BadMapping) as caught:
        read_mapping(text + "\n")
    return str(caught.value)


def test_an_item_is_named_by_its_column_unless_it_has_a_name() -> None:
    (item,) = read_mapping(ITEM).items
    assert (item.name, item.label, item.worse_sign) == ("tension", "tension", 1)


def test_toml_that_cannot_be_parsed_is_refused_with_its_line() -> None:
    assert "line 2" in refusal('[source]\nzone = "UTC')


def test_toml_nested_without_end_is_refused() -> None:
    assert "TOML" in refusal("a = " + "[" * 100_000)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (ITEM + "colour = 1", ("item 1", "colour", "no such key")),
        (ITEM.replace("low = 1", 'low = "x"'), ("item 1", "low", "number")),
        (ITEM.replace('"low"', '"up"'), ("item 1", "better", "'up'")),
        (ITEM.replace("high = 7", "high = 1"), ("item 1", "low (1)")),
        (ITEM.replace("low = 1\n", ""), ("item 1", "low", "needed")),
        (ITEM + "values = { bad = 9 }", ("item 1", "bad", "outside")),
        (ITEM + 'time = "a"\ndate = "b"', ("item 1", "two ways")),
        ('[source]\nanchor = "calm"\n' + ITEM, ("anchor", "calm", "tension")),
        ('[[event]]\nlabel = "a"\nis = "demand"', ("event 1", "every_row")),
        ('[[event]]\nlabel = "a"\nis = "good"\nevery_row = true', ("event 1", "is", "'good'")),
        ('[[event]]\nlabel = "a"\nis = "demand"\nwhen = "b"', ("event 1", "when", "no condition")),
        ('[[event]]\ncolumn = "a"\nlabel = "b"\nis = "demand"', ("event 1", "either a label")),
        ('[[episode]]\nlabel = "a"\nis = "role"', ("episode 1", "max_hours")),
        ('[[coverage]]\nstart = "a"\nend = "b"\nintensity = 2', ("coverage 1", "intensity")),
        ('[[file]]\npath = "a.csv"\n[[file]]\npath = "b.csv"\n' + ITEM, ("item 1", "must say its file", "a, b")),
        ('[[file]]\npath = "a.csv"\n[[file]]\npath = "x/a.csv"\n', ("two files are called a",)),
        ('[[file]]\npath = "a.csv"\n' + ITEM + 'file = "z"', ("item 1", "'z'")),
    ],
)
def test_a_contradiction_is_refused_by_table_and_key(text: str, names: tuple[str, ...]) -> None:
    told = refusal(text)
    assert all(name in told for name in names), told


def test_a_mapping_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnreadableSource, match=r"nowhere\.toml"):
        read_mapping(Path("nowhere.toml"))


def test_the_stored_schema_is_the_schema() -> None:
    stored = json.loads((DOCS / "reference" / "mapping.schema.json").read_text(encoding="utf-8"))
    assert stored == json.loads(json.dumps(mapping_schema()))


def test_the_schema_uses_the_keys_of_the_file() -> None:
    schema = mapping_schema()
    assert {"is", "self"} <= set(schema["$defs"]["EpisodeTable"]["properties"])


def examples() -> list[str]:
    """Every TOML block of the how-to page, and every mapping beside it."""
    page = (DOCS / "howto" / "map-your-records.md").read_text(encoding="utf-8")
    blocks = [part.split("```")[0] for part in page.split("```toml\n")[1:]]
    return blocks + [path.read_text(encoding="utf-8") for path in sorted((DOCS / "howto" / "mappings").glob("*.toml"))]


@pytest.mark.parametrize("text", examples())
def test_every_example_in_the_how_to_is_a_mapping(text: str) -> None:
    read_mapping(text)


def test_every_key_is_explained_in_the_how_to() -> None:
    page = (DOCS / "howto" / "map-your-records.md").read_text(encoding="utf-8")
    keys = {key for table in mapping_schema()["$defs"].values() for key in table.get("properties", {})}
    assert {key for key in keys if f"`{key}`" not in page} == set()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=8), st.lists, max_leaves=5))
def test_any_value_in_any_place_is_a_mapping_or_a_clear_refusal(value: object) -> None:
    text = f"[[event]]\nis = {json.dumps(value)}\nlabel = {json.dumps(value)}\nevery_row = true\n"
    try:
        tomllib.loads(text)
        read_mapping(text)
    except (BadMapping, tomllib.TOMLDecodeError):
        pass


ITEM = '[[item]]\ncolumn = "tension"\nlow = 1\nhigh = 7\nbetter = "low"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ITEM.replace("low = 1", 'low = "one"'), "must be a number, without quotes"),
        (ITEM.replace("low = 1", "low = true"), "must be a number"),
        (ITEM.replace("[[item]]", "[item]"), "write [[item]] with two brackets"),
        ("[source]\nzone = 5\n" + ITEM, "must be text, in quotes"),
        ('[source]\nperson = "ann"\n' + ITEM, "a table of keys and values"),
        ('[source]\nname = ""\n' + ITEM, "is empty"),
    ],
)
def test_a_value_of_the_wrong_kind_is_refused_in_plain_words(text: str, said: str) -> None:
    told = refusal(text)
    assert said in told
    assert "Input should be" not in told


def test_a_table_given_twice_is_refused_since_it_would_count_twice() -> None:
    assert "would count twice" in refusal(ITEM + ITEM)


def test_a_mapping_that_describes_nothing_is_refused() -> None:
    assert "names nothing to read" in refusal('[source]\nzone = "Europe/Amsterdam"\n')


def test_a_mapping_that_is_no_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="is no file"):
        read_mapping(tmp_path)
