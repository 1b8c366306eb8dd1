"""Conditions on a row, as a mapping file writes them: ``mood >= 4 and place == work or tags contains run``.

    condition   clauses joined by `and`; such groups joined by `or` (`and` binds closer)
    clause      column == value | != | < | <= | > | >= | contains value | in a|b|c | is present | is missing

Column names and values with blanks or the words above stand in quotes. Nothing is evaluated as code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mainstay.errors import BadMapping

Cell = Any
"""A cell as it arrived: text from CSV; text, number, boolean, date or time from Parquet and dataframes; None: empty."""

_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'')
_THOUSANDS = re.compile(r"-?\d{1,3}(?:\.\d{3})+(?:,\d+)?")
_CLAUSE = re.compile(
    r"""^\s*(?P<column>"[^"]+"|'[^']+'|.+?)\s*
        (?:(?P<presence>\s+is\s+(?:present|missing))\s*$
          |(?P<op>==|!=|<=|>=|<|>|(?<=\s)contains(?=\s)|(?<=\s)in(?=\s))\s*(?P<value>.*?))\s*$""",
    re.VERBOSE,
)
_TAG_EDGES = " \t\r\n[](){}'\""
_ORDER: dict[str, Callable[[float, float], bool]] = {
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison of a column with one value, or with several (`in`), or with none (`is present`)."""

    column: str
    op: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """Groups of clauses: a row fulfils it when every clause of one of the groups holds."""

    text: str
    any_of: tuple[tuple[Clause, ...], ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns it looks at, in order, each once."""
        return tuple(dict.fromkeys(clause.column for group in self.any_of for clause in group))

    def holds(self, columns: Mapping[str, Sequence[Cell]], missing: Collection[str], rows: int) -> list[bool | str]:
        """Row by row: whether it holds, or the reason why that can't be told (a text where a number is compared)."""
        answers: list[bool | str] = [False] * rows
        for group in self.any_of:
            verdicts = [_verdicts(clause, columns[clause.column], missing) for clause in group]
            for row, parts in enumerate(zip(*verdicts, strict=True)):
                if answers[row] is not True and False not in parts:
                    answers[row] = next((part for part in parts if isinstance(part, str)), True)
        return answers


def parse_condition(text: str) -> Condition:
    """Read a condition; refuses what it can't read with the ways to write one."""
    # Quoted text is masked by blanks of the same length, so that its `and` and `or` join nothing.
    masked = _QUOTED.sub(lambda found: "\0" * len(found.group()), text)
    groups, at = [], 0
    for joint in [*re.finditer(r"(?:^|\s+)or(?:\s+|$)", masked), None]:
        end = joint.start() if joint else len(text)
        groups.append(_group(text, masked, at, end))
        at = joint.end() if joint else end
    return Condition(text, tuple(groups))


def _group(text: str, masked: str, start: int, end: int) -> tuple[Clause, ...]:
    clauses, at = [], start
    for joint in [*re.finditer(r"(?:^|\s+)and(?:\s+|$)", masked[start:end]), None]:
        stop = start + joint.start() if joint else end
        clauses.append(_clause(text[at:stop]))
        at = start + joint.end() if joint else stop
    return tuple(clauses)


def _clause(text: str) -> Clause:
    found = _CLAUSE.match(text)
    value = (found["value"] or "").strip() if found else ""
    if found is None or (found["op"] and not value):
        raise BadMapping(
            f"{text.strip()!r} is no condition; write: column == value, != < <= > >=, column contains tag, "
            "column in a|b|c, column is present, column is missing"
        )
    column = _unquoted(found["column"])
    if found["presence"]:
        return Clause(column, " ".join(found["presence"].split()), ())
    if found["op"] == "in":
        return Clause(column, "in", tuple(_unquoted(part) for part in value.split("|")))
    value = _unquoted(value)
    if found["op"] in _ORDER and number(value) is None:
        raise BadMapping(f"{text.strip()!r} compares with {value!r}, which is no number")
    return Clause(column, found["op"], (value,))


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'" else text


def is_missing(cell: Cell, missing: Collection[str]) -> bool:
    """Whether a cell is empty or holds one of the words for a missing value."""
    if isinstance(cell, str):
        text = cell.strip()
        return not text or text in missing
    return cell is None


def number(cell: Cell) -> float | None:
    """The finite number in a cell; None where there is none. A boolean counts as 0 or 1."""
    if isinstance(cell, str) and "_" in cell:
        return None  # Python reads 3_0 as 30; in a record it is a slip
    try:
        value = float(cell)
    except (TypeError, ValueError):
        return None
    return value if value - value == 0.0 else None


def number_as_written(cell: Cell, decimal: str) -> float | None:
    """The number in a cell whose decimals are written with `decimal`; None where it holds none.

    With commas, points may only stand between thousands (1.234,5): 4.5 is no number then, nor is 19.01.2026.
    """
    if decimal == "." or not isinstance(cell, str):
        return number(cell)
    if "." in cell and not _THOUSANDS.fullmatch(cell.strip()):
        return None
    return number(cell.replace(".", "").replace(",", "."))


def tags(cell: Cell, split: str | None = None) -> tuple[str, ...]:
    """The parts of a list in one cell, trimmed; without `split`, parts end at ``|``, ``;`` or ``,``."""
    parts = str(cell).split(split) if split else re.split(r"[|;,]", str(cell))
    return tuple(part for part in (one.strip(_TAG_EDGES) for one in parts) if part)


def as_text(cell: Cell) -> str:
    """A cell as a label: trimmed; whole floats without their point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()


def _verdicts(clause: Clause, cells: Sequence[Cell], missing: Collection[str]) -> list[bool | str]:
    """A missing cell fulfils `is missing` and nothing else."""
    if clause.op == "is present":
        return [not is_missing(cell, missing) for cell in cells]
    if clause.op == "is missing":
        return [is_missing(cell, missing) for cell in cells]
    verdict = _comparison(clause)
    seen: dict[Cell, bool | str] = {}
    answers: list[bool | str] = []
    for cell in cells:
        if cell not in seen:
            seen[cell] = False if is_missing(cell, missing) else verdict(cell)
        answers.append(seen[cell])
    return answers


def _comparison(clause: Clause) -> Callable[[Cell], bool | str]:
    if clause.op in _ORDER:
        order, right = _ORDER[clause.op], float(clause.values[0])

        def compare(cell: Cell) -> bool | str:
            left = number(cell)
            return f"{clause.column} is {cell!r}, no number to compare with" if left is None else order(left, right)

        return compare
    if clause.op == "contains":
        return lambda cell: clause.values[0] in tags(cell)
    numbers = {value for value in map(number, clause.values) if value is not None}

    def equal(cell: Cell) -> bool:
        return as_text(cell) in clause.values or (bool(numbers) and number(cell) in numbers)

    if clause.op == "!=":
        return lambda cell: not equal(cell)
    return equal
