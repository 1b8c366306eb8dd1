"""No block of any page goes unlooked at: each is run, parsed by what would read it, or says why it is not."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections import defaultdict
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import TypeAdapter, ValidationError
from typer.main import get_command

from docs.blocks import ROOT, Block, blocks_of, commands_in, indented_imports, inline_commands, pages, words_of
from mainstay.cli.app import app
from mainstay.cohort.layout import ABOUT
from mainstay.cohort.source import ParquetSource
from mainstay.errors import MainstayError
from mainstay.quantities import Instant
from mainstay.records.mapping import read_mapping
from mainstay.records.statements import ExpectationFile
from mainstay.records.statements_concern import ConcernFile
from mainstay.records.statements_decision import DecisionFile, LeaningFile
from mainstay.records.statements_hypothesis import HypothesisFile
from mainstay.records.statements_option import OptionFile
from mainstay.records.statements_preference import PreferenceFile
from mainstay.records.statements_protocol import ProtocolFile
from mainstay.records.statements_scenario import ScenarioFile

BLOCKS = [block for page in pages() for block in blocks_of(page)]
LANGUAGES = {"", "console", "text", "sh", "bash", "python", "toml"}
FILES = {
    "concern": ConcernFile,
    "expectation": ExpectationFile,
    "hypothesis": HypothesisFile,
    "scenario": ScenarioFile,
    "option": OptionFile,
    "preference": PreferenceFile,
    "leaning": LeaningFile,
    "decision": DecisionFile,
    "protocol": ProtocolFile,
}
SOURCE = '[source]\nname = "x"\nzone = "UTC"\ntime = "when"\n'
PYTHON_LONG_S = 300


def where(block: Block) -> str:
    return block.where


def test_the_pages_are_found() -> None:
    assert len(pages()) > 80
    assert len(BLOCKS) > 100


def test_every_block_is_of_a_language_that_something_checks() -> None:
    assert {block.language for block in BLOCKS} <= LANGUAGES


def test_few_blocks_are_not_run_and_each_says_why() -> None:
    spared = [block for block in BLOCKS if block.not_run]
    assert len(spared) <= 6, [block.where for block in spared]
    assert all(len(block.not_run) > 15 for block in spared)


@cache
def program() -> Any:
    """The program's own parser."""
    return get_command(app)


def refused(words: list[str]) -> str:
    """What the real parser has against a command; nothing where it would run it. Placeholders are as good as values."""
    command: Any = program()
    name, arguments = "mainstay", words
    while True:
        try:
            context = command.make_context(name, list(arguments))
        except typer.Exit:  # --help, --version, --list
            return ""
        except Exception as error:
            return "" if type(error).__name__ == "NoArgsIsHelpError" else f"{type(error).__name__}: {error}"
        if not hasattr(command, "commands"):
            return ""
        arguments = [*context._protected_args, *context.args]
        if not arguments:
            return ""
        name, *arguments = arguments
        if name not in command.commands:
            return f"there is no command {name}"
        command = command.commands[name]


@pytest.mark.parametrize("line", ["tell x --no-such", "no-such", "log x no-such", "trial x look --no-such", "new"])
def test_the_parser_refuses_what_is_not_there(line: str) -> None:
    assert refused(line.split())


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_command_shown_is_one_that_the_program_takes(page: Path) -> None:
    shown = [found for block in blocks_of(page) for found in commands_in(block)]
    shown = [(place, words) for place, words in shown if "…" not in words]
    wrong = [f"{place}: mainstay {' '.join(words)}: {why}" for place, words in shown if (why := refused(words))]
    for place, line in inline_commands(page):
        why = refused(words_of(line) or []) if "…" not in line else ""
        if why and not why.startswith(("MissingParameter", "BadOptionUsage")):  # named without what it takes
            wrong.append(f"{place}: {line}: {why}")
    assert not wrong, "\n".join(wrong)


def reads(form: str, text: str) -> str:
    """Why a statement's file would be refused; nothing where it is taken."""
    try:
        TypeAdapter(FILES[form]).validate_python(tomllib.loads(text))
    except (ValidationError, MainstayError) as error:
        return str(error)
    return ""


def maps(text: str) -> str:
    """Why a mapping, or a part of one, would be refused."""
    try:
        read_mapping(text if "[source]" in text else SOURCE + text)
    except MainstayError as error:
        return str(error)
    return ""


def opens(text: str) -> str:
    """Why a data set of many people would not be opened with this as its cohort.toml."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / ABOUT).write_text(text, encoding="utf-8")
        try:
            ParquetSource(folder).covered(["anybody"], now=Instant.parse("2026-11-23T12:00Z"))
        except MainstayError as error:
            return str(error)
    return ""


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language == "toml" and not one.not_run], ids=where)
def test_every_file_shown_is_taken_by_what_would_read_it(block: Block) -> None:
    called = re.match(r"# (\S+\.toml)\n", block.text)
    text = (ROOT / "examples" / "diary" / called[1]).read_text(encoding="utf-8") if called else block.text
    refusals = {form: reads(form, text) for form in FILES} | {"mapping": maps(text), "data set": opens(text)}
    least = min(refusals.items(), key=lambda one: len(one[1]))
    assert not all(refusals.values()), f"nobody reads it; {least[0]} says: {least[1]}"


@pytest.mark.parametrize("page", [page for page in pages() if indented_imports(page)], ids=lambda page: page.stem)
def test_what_an_explanation_points_at_is_there(page: Path) -> None:
    for line in indented_imports(page):
        exec(compile(line, str(page), "exec"), {})


@pytest.mark.parametrize("block", [one for one in BLOCKS if one.language in ("bash", "sh")], ids=where)
def test_every_script_is_one_that_a_shell_can_read(block: Block) -> None:
    if not shutil.which("bash"):
        pytest.skip("needs bash")
    done = subprocess.run(["bash", "-n"], input=block.text, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


PREPARED = {
    "README.md": """
import polars as pl
from pathlib import Path
frame = pl.read_csv("diary.csv", separator=";", infer_schema=False)
""",
    "docs/explanation/casebook.md": """
from pathlib import Path
from datetime import UTC, datetime
from mainstay.quantities import Instant
from mainstay.records.reader import read
batch, _ = read("diary.csv", "diary.toml", now=Instant.of(datetime(2026, 11, 23, tzinfo=UTC)))
passphrase = "a quiet evening at home"
""",
    "docs/reference/records.md": """
import polars as pl
from datetime import UTC, datetime
from pathlib import Path
from mainstay.quantities import Instant
from mainstay.worlds import simulate, write
now = Instant.of(datetime(2026, 11, 23, tzinfo=UTC))
mapping = "diary.toml"
[person] = simulate("two_roles", seed=1).values()
Path("somebody").mkdir()
write(person, Path("somebody"))
frame_or_dictionary_of_frames = pl.read_csv("diary.csv", separator=";", infer_schema=False)
""",
    "docs/howto/roles.md": """
import mainstay
from mainstay.worlds import simulate
[person] = simulate("two_roles", seed=1).values()
timeline = mainstay.from_records(
    person.records, person.items, person.anchor, as_of=person.truth.origin.plus_days(person.truth.days)
)
""",
    "docs/howto/fit-in-python.md": "",
}
"""What a page's snippets take as given, by page. A page that is not here has snippets that say why they are not run."""
CHECKED_ELSEWHERE = {"docs/tutorial/first-story.md", "docs/howto/cohort.md", "docs/reference/cohort.md"}
"""By tests/docs/test_tutorials.py, tests/cohort/test_running_pages.py."""


def snippets() -> dict[str, list[Block]]:
    """The Python of each page, in order."""
    found = defaultdict(list)
    for block in BLOCKS:
        if block.language == "python" and not block.not_run:
            found[block.page.relative_to(ROOT).as_posix()].append(block)
    return found


def test_no_page_with_python_is_forgotten() -> None:
    assert set(snippets()) <= {*PREPARED, *CHECKED_ELSEWHERE}


SLOW = {"README.md", "docs/howto/fit-in-python.md"}
"""A whole story and a dozen fits: half a minute each on a quiet machine."""


@pytest.mark.parametrize(
    "page", [pytest.param(page, marks=[pytest.mark.long] if page in SLOW else []) for page in sorted(PREPARED)]
)
def test_the_python_of_a_page_runs_as_it_stands(page: str, tmp_path: Path, diary_folder: Callable) -> None:
    diary_folder(tmp_path)
    script = PREPARED[page] + "\n".join(block.text for block in snippets()[page])
    ast.parse(script)
    done = subprocess.run(
        [sys.executable, "-W", "error::RuntimeWarning", "-c", script], cwd=tmp_path, capture_output=True, text=True,
        timeout=PYTHON_LONG_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
