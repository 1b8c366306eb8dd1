"""Claims about links: every command that an answer can name is a place on the page."""

import ast
import re
from pathlib import Path

import pytest
from starlette.routing import compile_path

import mainstay
from mainstay.web import pages
from mainstay.web.links import PLACES, linked, linked_markup, suggested

HOME = Path(mainstay.__file__).parent
ANSWERS_ARE_MADE_IN = (
    "notice", "strain", "patterns", "explanations", "futures", "options", "trials", "timeline", "casebook", "doors",
    "report", "records/sources", "story.py",
)  # fmt: skip
COMMANDS = (
    "add", "audit", "consent", "demo", "erase", "explain", "export", "futures", "import", "log", "notice", "open",
    "options", "patterns", "people", "record", "roles", "serve", "share", "simulate", "tell", "trial",
)  # fmt: skip
NAMED = re.compile(rf"(?<![\w.])mainstay (?:{'|'.join(COMMANDS)})\b(?! \()")
NOT_FOR_THE_PAGE = "portable_"
"""What is written into an exported folder, and said of one that is brought back, is read without any page."""


def said_in(source):
    """Every text in a module but docstrings, with … for what is put in later."""
    tree = ast.parse(source)
    told_of = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    after = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told_of | after | parts:
            yield node.value


def named():
    for name in ANSWERS_ARE_MADE_IN:
        place = HOME / name
        for file in [place] if place.suffix else sorted(place.rglob("*.py")):
            if file.name.startswith(NOT_FOR_THE_PAGE):
                continue
            for text in said_in(file.read_text(encoding="utf-8")):
                if NAMED.search(text):
                    yield pytest.param(text, id=f"{file.stem}: {text[:40]}")


def test_commands_are_found_where_they_are_named():
    assert len(list(named())) > 15


@pytest.mark.parametrize("text", list(named()))
def test_every_command_that_an_answer_can_name_is_a_place_on_the_page(text):
    shown = str(linked(text))
    assert not NAMED.search(re.sub(r"<[^>]*>", "", shown)), shown


@pytest.mark.parametrize("link", [one for one in PLACES.values() if one.path])
def test_every_place_that_is_named_is_there(link):
    patterns = [compile_path(route.path)[0] for module in pages.ALL for route in module.ROUTES]
    assert any(one.match(link.path) for one in patterns), link.path


def test_a_suggestion_is_parted_from_the_place_where_it_is_done():
    said, link = suggested("write down what you think it is: mainstay log CASE concern")
    assert (said, link.path) == ("write down what you think it is", "/write/concern")
    assert suggested("go on as you are") == ("go on as you are", None)


def test_a_command_in_the_middle_of_a_sentence_stays_in_it():
    said, link = suggested("an option, written down with “mainstay log CASE option”: its steps")
    assert link is None
    assert linked(said) == 'an option, written down with “<a href="/write/option">Write down an option</a>”: its steps'


def test_what_records_say_is_never_markup():
    assert linked("<b>x</b> mainstay futures CASE") == '&lt;b&gt;x&lt;/b&gt; <a href="/futures">Futures</a>'


def test_markup_is_touched_between_its_tags_only():
    markup = "<p aria-label='mainstay futures CASE'>mainstay futures CASE</p>"
    assert linked_markup(markup) == "<p aria-label='mainstay futures CASE'><a href=\"/futures\">Futures</a></p>"
