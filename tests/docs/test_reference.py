"""The reference names everything that is public: Python names, records, statuses, purposes, files."""

import importlib
import inspect
import re
import sys
from dataclasses import fields
from typing import get_args

import pytest

import mainstay
from docs.blocks import ROOT
from mainstay.casebook import PURPOSES
from mainstay.records import kinds
from mainstay.report.answers import STATUSES

sys.path.insert(0, str(ROOT / "docs"))
build = importlib.import_module("build")
REFERENCE = ROOT / "docs" / "reference"
BODIES = {
    "check_in": kinds.CheckIn,
    "event": kinds.Event,
    "episode": kinds.Episode,
    "signal": kinds.Signal,
    "prompt": kinds.Prompt,
    "coverage": kinds.Coverage,
    "contact": kinds.Contact,
    "reaction": kinds.Reaction,
    "statement": kinds.Statement,
}
TOLD_AS = {"times_us": "instants", "is_": "is", "is_self": "self", "toml": "TOML"}
PUBLIC = [("mainstay", name) for name in mainstay.__all__] + [
    (module, name) for module, names in build.names_by_module().items() for name in names
]


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


@pytest.mark.parametrize(("module", "name"), PUBLIC)
def test_every_public_name_has_an_entry_with_its_words(module: str, name: str) -> None:
    thing = getattr(importlib.import_module(module), name)
    text = page("python.md")
    part = text if module == "mainstay" else text.split(f"### From `{module}`\n")[1].split("\n### ")[0]
    found = re.search(rf"^#+ {re.escape(name)}\n(.*?)(?=^#|\Z)", part, re.MULTILINE | re.DOTALL)
    assert found, f"docs/reference/python.md has no {module}.{name}: run make docs"
    words = inspect.cleandoc(thing.__doc__ or "") if inspect.isclass(thing) or inspect.isroutine(thing) else ""
    assert not words.startswith(f"{name}("), f"{module}.{name} has only the docstring a dataclass generates"
    told = re.sub(r"```.*?```|`[\w.]+`", "", found[1], flags=re.DOTALL).strip()
    assert len(told) > 15, f"{module}.{name} says nothing of itself"


def test_every_name_a_page_imports_is_there() -> None:
    for module, name in build.imports_of_pages():
        found = importlib.import_module(module)
        assert hasattr(found, name) or importlib.import_module(f"{module}.{name}"), f"{module} has no {name}"


def test_every_kind_of_record_stands_with_its_fields() -> None:
    assert {one.__name__ for one in BODIES.values()} == {one.__name__ for one in get_args(kinds.Body)}
    for kind, body in BODIES.items():
        [row] = re.findall(rf"^\| `{kind}` \| (.*) \|$", page("records.md"), re.MULTILINE)
        for field in fields(body):
            said = TOLD_AS.get(field.name, field.name.removeprefix("expected_").replace("_", " "))
            assert said in row, f"records.md: {kind} without {said}"


def test_every_form_of_statement_can_be_looked_up() -> None:
    mapped = (ROOT / "docs/howto/map-your-records.md").read_text(encoding="utf-8")
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    for form in set(get_args(kinds.StatementForm)) - {"observation", "retraction"}:
        assert form in mapped
        assert f"reference/{form}.schema.json" in index, form


def test_every_status_and_purpose_is_explained() -> None:
    missing = [name for name in STATUSES if not re.search(rf"^\| `{name}` \|", page("answers.md"), re.MULTILINE)]
    assert not missing
    assert all(f"`{purpose}`" in page("consent.md") for purpose in PURPOSES)


def test_every_schema_is_linked_from_the_index() -> None:
    index = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert all(f"reference/{file.name}" in index for file in REFERENCE.glob("*.schema.json"))


def test_every_page_is_reached_from_the_index_or_from_a_page_that_is() -> None:
    start = ROOT / "docs" / "index.md"
    reached, left = set(), [start, ROOT / "README.md"]
    while left:
        here = left.pop()
        if here in reached or here.suffix != ".md" or not here.is_file():
            continue
        reached.add(here)
        links = re.findall(r"\]\(([^)#\s]+)", here.read_text(encoding="utf-8"))
        left += [(here.parent / link).resolve() for link in links if "://" not in link]
    pages = {one for one in (ROOT / "docs").rglob("*.md") if "decisions" not in one.parts}
    assert pages <= reached, sorted(str(one.relative_to(ROOT)) for one in pages - reached)
