"""The names of `mainstay.strain` and the page that shows how to work with them."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from mainstay import strain

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "fit-in-python.md"
TREES = [ast.parse(block) for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)]
NODES = [node for tree in TREES for node in ast.walk(tree)]
IMPORTED = {
    (node.module, alias.name)
    for node in NODES
    if isinstance(node, ast.ImportFrom) and str(node.module).startswith("mainstay.strain.")
    for alias in node.names
}
USED = {
    node.attr
    for node in NODES
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "strain"
}


def test_the_page_shows_fits_of_one_and_of_many():
    assert "fit" in USED
    assert ("mainstay.strain.many", "fit_many") in IMPORTED


@pytest.mark.parametrize(("module", "name"), sorted(IMPORTED))
def test_what_the_page_imports_is_there_and_public_unless_its_module_bears_the_name(module, name):
    found = getattr(import_module(module), name)
    if module != f"mainstay.strain.{name}":
        assert getattr(strain, name) is found


def test_every_public_name_resolves_to_what_its_module_has():
    assert set(strain.__all__) >= USED
    for name in strain.__all__:
        found = getattr(strain, name)
        assert getattr(import_module(found.__module__), name) is found
    assert set(dir(strain)) >= set(strain.__all__)


def test_no_public_name_is_that_of_a_module():
    """Such a name would be the module or the function, depending on what was imported first."""
    modules = {path.stem for path in Path(strain.__file__).parent.glob("*.py")}
    assert not modules & set(strain.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no_such_name"):
        strain.no_such_name  # noqa: B018
