"""Statements: what is read from the TOML people write, and what is refused with a reason."""

import json
import re
import tomllib
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as some

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Reaction, Record, Statement
from mainstay.records.statements import (
    LARGEST_STATEMENT_BYTES,
    ExpectationFile,
    afterwards_of,
    as_toml,
    expectation_for,
    expectations_of,
    parsed,
    unread_of,
)
from mainstay.records.statements_concern import ConcernFile

DOCS = Path(__file__).parent.parent.parent / "docs"
MONDAY = Instant.parse("2026-01-05T09:00+01:00")


def statement(day, toml, form="expectation"):
    at = MONDAY.plus_days(day)
    return Record(f"e{day}", "expectations", at, at, "by hand", Statement(form, toml))


def timeline(*records):
    return SimpleNamespace(others=records)


def expected(cue="smirk", role="rival", direction=1, size=1.5, more=""):
    return f'cue = "{cue}"\nrole = "{role}"\ndirection = {direction}\nsize = {size}\n{more}'


def test_an_expectation_says_cue_role_item_direction_size_and_when_it_was_written():
    (one,) = expectations_of(timeline(statement(2, expected(more='item = "tension"'))))
    assert (one.id, one.cue, one.role, one.item) == ("e2", "smirk", "rival", "tension")
    assert (one.direction, one.size, one.written) == (1, 1.5, MONDAY.plus_days(2))
    assert not one.afterwards


def test_the_last_one_written_before_a_moment_counts():
    found = expectations_of(
        timeline(statement(4, expected(size=2)), statement(1, expected()), statement(2, expected(role="")))
    )
    assert [one.id for one in found] == ["e1", "e2", "e4"]
    assert expectation_for(found, "smirk", "rival", MONDAY.plus_days(3)).id == "e1"
    assert expectation_for(found, "smirk", "rival", MONDAY.plus_days(4)).id == "e1"
    assert expectation_for(found, "smirk", "rival", MONDAY.plus_days(5)).id == "e4"
    assert expectation_for(found, "smirk", "", MONDAY.plus_days(5)).id == "e2"
    assert expectation_for(found, "smirk", "rival", MONDAY) is None


def test_one_for_any_role_stands_where_none_is_for_the_very_role():
    found = expectations_of(timeline(statement(1, expected()), statement(2, expected(role=""))))
    assert expectation_for(found, "smirk", "rival", MONDAY.plus_days(3)).id == "e1"
    assert expectation_for(found, "smirk", "carer", MONDAY.plus_days(3)).id == "e2"
    assert expectation_for(found, "frown", "carer", MONDAY.plus_days(3)) is None


def test_one_written_afterwards_predicts_nothing_and_names_its_reaction():
    found = expectations_of(timeline(statement(1, expected(more='afterwards = true\nreaction = "r7"'))))
    assert expectation_for(found, "smirk", "rival", MONDAY.plus_days(9)) is None
    assert afterwards_of(found) == {"r7"}


def test_other_records_and_forms_are_left_alone():
    reaction = Record("r", "reactions", MONDAY, MONDAY, "by hand", Reaction("smirk", "rival", 1, 1.0, -1.0))
    told = timeline(reaction, statement(1, "name = 'x'", form="concern"))
    assert expectations_of(told) == ()
    assert unread_of(told) == ()


def test_what_cannot_be_read_is_told_with_its_reason_and_the_rest_is_read():
    told = timeline(statement(1, expected(direction=2)), statement(3, expected()))
    assert [one.id for one in expectations_of(told)] == ["e3"]
    (unread,) = unread_of(told)
    assert (unread.id, unread.form, unread.written) == ("e1", "expectation", MONDAY.plus_days(1))
    assert "direction: 2 is not one of -1, 0 or 1" in unread.reason


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ("size = 1\ndirection = 1", "cue: is needed"),
        (expected(cue=""), "cue: is empty"),
        (expected(cue="  "), "cue: is empty"),
        (expected(cue=r"a\u001b[2J"), "one line without control characters"),
        (expected(cue="x" * 201), "at most 200"),
        (expected(size=0), "direction 0 (the same) goes with size 0"),
        (expected(direction=0), "direction 0 (the same) goes with size 0"),
        (expected(size=-1), "out of range"),
        (expected(size=11), "out of range"),
        (expected(size="nan"), "finite"),
        (expected(size='"1"'), "must be a number"),
        (expected(more="afterwards = true"), "the reaction it was written for"),
        (expected(more="why = 'x'"), "there is no such key"),
        (expected(more='note = """a\\u001bb"""'), "control characters"),
        ("a = " + "[" * 3000, "nested too deeply"),
        ("a = " + "9" * 5000, "far too long"),
        ("a = 1\n" * 2, "TOML"),
        ("x" * LARGEST_STATEMENT_BYTES + "xx", "longer than 64 kB"),
        (".".join(["a"] * 20_000) + " = 1", "there is no such key"),
        ("\x00", "TOML"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_key(toml, why):
    with pytest.raises(BadRecord, match="expectation") as refused:
        parsed(toml, ExpectationFile, "expectation")
    assert why in str(refused.value)
    assert len(str(refused.value)) < 400


WORDS = some.text(
    some.characters(exclude_categories=["Cc", "Cs", "Cf", "Co", "Cn", "Zl", "Zp", "Zs"]), min_size=1, max_size=20
)


@given(WORDS, some.sampled_from([-1, 1]), some.floats(1e-9, 10.0), some.none() | WORDS)
def test_what_is_written_out_is_read_again_as_it_was(cue, direction, size, note):
    file = ExpectationFile(cue=cue, direction=direction, size=size, note=note)
    assert parsed(as_toml(file), ExpectationFile, "expectation") == file


@given(some.text(max_size=300))
def test_any_text_is_read_or_refused(text):
    try:
        read = parsed(text, ExpectationFile, "expectation")
    except BadRecord as refused:
        assert str(refused)
    else:
        assert read.direction in (-1, 0, 1)


@pytest.mark.parametrize(
    ("page", "kind", "form"), [("log", ExpectationFile, "expectation"), ("concern", ConcernFile, "concern")]
)
def test_the_examples_of_the_how_to_pages_are_read_and_fit_the_stored_schema(page, kind, form):
    (example,) = re.findall(
        r"```toml\n(.*?)```", (DOCS / "howto" / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL
    )
    read = parsed(example, kind, form)
    assert parsed(as_toml(read), kind, form) == read
    schema = json.loads((DOCS / "reference" / f"{form}.schema.json").read_text(encoding="utf-8"))
    plain = json.loads(json.dumps(tomllib.loads(example), default=str))
    jsonschema.validate(plain, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain | {"no such key": 1}, schema)
