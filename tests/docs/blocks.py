"""The fenced blocks of the documentation, where they stand, and the commands in them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
GENERATED = "Written by `make docs`"
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_NOT_RUN = re.compile(r"<!-- not run: (?P<why>[^>]+) -->\n\s*$")
_INLINE = re.compile(r"`(mainstay [^`\n]+)`|^    (mainstay .+)$", re.MULTILINE)
_INDENTED_IMPORT = re.compile(r"^    ((?:from|import) mainstay.*)$", re.MULTILINE)
_PLACEHOLDERS = {"KIND": "event", "VERB": "look"}
_COMMENT = re.compile(r"\s{2,}#.*$|\s{3,}\S.*$")


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block. `not_run`: the reason the page gives for what nobody can run as it stands."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str

    @property
    def where(self) -> str:
        """The page and the line, for a test's name."""
        return f"{self.page.relative_to(ROOT).as_posix()}:{self.line}"


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a console block, and the lines it is said to print."""

    where: str
    command: str
    shown: tuple[str, ...]


def pages() -> list[Path]:
    """Every page that somebody wrote: the root's, docs/ and examples/; not the generated ones."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return sorted(page for page in found if GENERATED not in page.read_text(encoding="utf-8")[:100])


def blocks_of(page: Path) -> list[Block]:
    """The fenced blocks of a page, from top to bottom."""
    text = page.read_text(encoding="utf-8")
    found = []
    for match in _FENCE.finditer(text):
        before = text[: match.start()]
        why = _NOT_RUN.search(before)
        found.append(
            Block(page, before.count("\n") + 1, match["language"], match["text"], why["why"].strip() if why else "")
        )
    return found


def inline_commands(page: Path) -> Iterator[tuple[str, str]]:
    """Commands of ours in running text and in indented lines, with where they stand."""
    text = page.read_text(encoding="utf-8")
    prose = _FENCE.sub(lambda match: "\n" * match[0].count("\n"), text)
    for match in _INLINE.finditer(prose):
        yield f"{page.relative_to(ROOT).as_posix()}:{prose[: match.start()].count(chr(10)) + 1}", match[1] or match[2]


def indented_imports(page: Path) -> list[str]:
    """What of ours an explanation imports in its indented lines, to say where things are."""
    return [match[1] for match in _INDENTED_IMPORT.finditer(page.read_text(encoding="utf-8"))]


def commands_in(block: Block) -> Iterator[tuple[str, list[str]]]:
    """The words after `mainstay` of each of our commands in a block, without prompts, comments and what is beside."""
    joined = block.text.replace("\\\n", " ")
    for number, line in enumerate(joined.splitlines()):
        words = words_of(line.strip().removeprefix("$ "))
        if words is not None:
            yield f"{block.page.relative_to(ROOT).as_posix()}:{block.line + number + 1}", words


def words_of(line: str) -> list[str] | None:
    """The words after `mainstay` of a line that calls it; None for any other line."""
    line = _COMMENT.sub("", re.sub(r"^(?:[A-Z_]+=\S+ )+", "", line))
    if not re.match(r"(?:\.venv/bin/)?mainstay(?: |$)", line):
        return None
    words = shlex.split(re.split(r" (?:\||>|&&) ", line)[0], comments=True)
    return [_PLACEHOLDERS.get(word, word) for word in words[1:]]


def steps_of(block: Block) -> list[Step]:
    """The commands of a console block, each with the lines under it."""
    steps: list[Step] = []
    command, shown = "", list[str]()
    for line in [*block.text.replace("\\\n", " ").splitlines(), "$ "]:
        if line.startswith("$ "):
            if command:
                steps.append(Step(block.where, command, tuple(shown)))
            command, shown = line[2:].strip(), []
        else:
            shown.append(line)
    return steps


def differences(shown: tuple[str, ...], said: str) -> str:
    """Why what is shown is not what was said; nothing where it is. `…` stands for anything, within a line or as a line
    of its own; how lines are broken is no matter."""
    text = " ".join(said.split())
    parts = [" ".join(part.split()) for part in "\n".join(shown).split("…")]
    at = 0
    for k, part in enumerate(parts):
        last = k == len(parts) - 1
        found = text.rfind(part) if last and k else text.find(part, at)
        if found < at or (k == 0 and found != 0):
            return f"shown: {part[:300]}\nprinted there: {text[at : at + 600]}"
        at = found + len(part)
    return "" if at == len(text) else f"not shown, and no … says so: {text[at : at + 600]}"
