"""The starting library: every cause can be read, can be wrong, and says so in words."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from mainstay.explanations.library import ORDER, starting_library
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_hypothesis import Hypothesis, HypothesisFile, moments, subjects, with_library

LIBRARY = starting_library()
PAGE = Path(__file__).parents[2] / "docs" / "howto" / "hypotheses.md"


def named(name):
    return next(one for one in LIBRARY if one.name == name)


def test_every_file_is_in_the_order_and_read_once():
    there = {one.name.removesuffix(".toml") for one in (files("mainstay.explanations") / "library").iterdir()}
    assert set(ORDER) == there
    assert len(ORDER) == len(there) == len(LIBRARY)
    assert starting_library() is starting_library()


def test_the_causes_asked_for_are_there():
    assert [one.name for one in LIBRARY] == [name.replace("_", " ") for name in ORDER]
    assert len({one.name.casefold() for one in LIBRARY}) == len(LIBRARY)


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.name)
def test_each_predicts_something_and_forbids_something(one):
    assert one.predicts
    assert one.forbids


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.name)
def test_none_forbids_what_it_predicts(one):
    def key(clause):
        return subjects(clause.stream), clause.direction, moments(clause.when)

    assert not {key(clause) for clause in one.predicts} & {key(clause) for clause in one.forbids}


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.name)
def test_each_is_told_in_words_that_fit_after_if(one):
    for clause in (*one.predicts, *one.forbids):
        assert clause.words, clause
        assert clause.words[0].islower()
        assert not clause.words.endswith(".")
    assert one.cause.endswith(".")
    assert one.ask


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.name)
def test_none_comes_with_a_chance_or_a_day_of_its_own(one):
    assert one.prior is None
    assert one.since is None
    assert one.set_aside is None
    assert not one.evidence


@pytest.mark.parametrize("one", LIBRARY, ids=lambda one: one.name)
def test_written_and_read_again_each_is_the_same(one):
    assert parsed(as_toml(one), HypothesisFile, "hypothesis") == one


def test_overwork_could_be_disproved_by_more_seeking_at_the_same_strain():
    assert [(one.stream, one.direction, one.when) for one in named("overwork").forbids] == [
        ("seeking", "more", "over time")
    ]


@pytest.mark.parametrize(
    ("name", "attribute"), [("role concealment", "no_part_to_play"), ("too little warm company", "warm")]
)
def test_company_of_one_kind_must_ease_more_and_neither_the_same_nor_less(name, attribute):
    says = named(name)
    assert {one.direction for one in says.forbids} == {"same", "less"}
    for clause in (*says.predicts, *says.forbids):
        assert clause.stream == "relief"
        assert moments(clause.when)[0].name == attribute


def test_what_a_person_set_aside_is_not_brought_back_by_the_library():
    aside = HypothesisFile(name="Friends_in trouble", cause="theirs", set_aside="they are well")
    own = HypothesisFile(name="season", cause="the dark months")
    left = with_library([Hypothesis("a", None, aside), Hypothesis("b", None, own)], LIBRARY)
    assert {one.name for one in left} == {one.name for one in LIBRARY} - {"friends in trouble"}
    assert next(one for one in left if one.name == "season").says is own
    assert len(left) == len(LIBRARY) - 1


def test_the_page_about_hypotheses_names_every_cause_and_its_example_can_be_read():
    text = PAGE.read_text(encoding="utf-8")
    named_there = re.findall(r"^\| ([a-z ]+) \|", text.partition("## What comes with Mainstay")[2], re.MULTILINE)
    assert [name for name in named_there if name != "name"] == [one.name for one in LIBRARY]
    example = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    assert [parsed(one, HypothesisFile, "hypothesis").name for one in example] == ["commute"]
