"""A mapping proposed for an unknown table: every decision in words, what is left out and why, what must be asked.

Nothing here decides in secret: the proposal is a mapping file with a comment at each decision, and what can't be told
from the file is a question. An answer given goes in through `Answers`, and the proposal is made anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping as AMapping
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from typing import Literal

from mainstay.errors import UnreadableSource
from mainstay.records.conditions import is_missing, number
from mainstay.records.guessing_clocks import Clocks, clocks_of
from mainstay.records.guessing_columns import Look, look
from mainstay.records.guessing_kinds import Verdict, people_in, verdicts
from mainstay.records.guessing_times import MIXED, both_readings
from mainstay.records.guessing_words import SLEEP, better_by_name, says, words_of
from mainstay.records.kinds import Better
from mainstay.records.mapping import Mapping, read_mapping
from mainstay.records.tables import Table

MOST_PEOPLE_SHOWN = 12
STAND_IN_START = date(2001, 1, 1)
ASK_BETTER = """\
# The names of the columns below don't tell which end is better, so they are left out until you say it: write "low" or
# "high" after better, and take away the # in front of the lines of the table.
"""
_BARE = re.compile(r"[A-Za-z0-9_.]+")
_LOGIC = {"and", "or", "in", "is", "contains"}


@dataclass(frozen=True, slots=True)
class Answers:
    """What the person said to the questions: nothing at first."""

    zone: str | None = None
    person: str | None = None
    start: date | None = None
    day_first: AMapping[str, bool] = field(default_factory=dict)
    better: AMapping[str, Better | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """What can't be told from the file. `choices`: the answers there are; none where it is any text."""

    about: Literal["zone", "person", "start", "order", "better"]
    column: str
    text: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """A mapping file as text, the plan it makes (None while it names nothing to read), and what is open.

    `left_out`: columns with the reason. `doubts`: what looks wrong in the file itself. `trial`: the plan
    with stand-ins for what is not answered yet, for looking.
    """

    toml: str
    plan: Mapping | None
    trial: Mapping | None
    left_out: tuple[tuple[str, str], ...]
    questions: tuple[Question, ...]
    person_column: str | None
    doubts: tuple[str, ...] = ()


def propose(table: Table, answers: Answers | None = None) -> Proposal:
    """Propose a mapping for a table whose columns nobody has described.

    Refuses (`UnreadableSource`) a table without rows, or in which no column tells when anything happened.
    """
    answers = answers or Answers()
    if table.rows == 0:
        raise UnreadableSource(f"{table.name} has no rows that can be read; there is nothing to look at")
    seen = look(table)
    clocks = clocks_of(seen, dict(answers.day_first))
    if not clocks.told:
        raise UnreadableSource(
            f"no column of {table.name} tells when anything happened: no date, no time, no numbered day; "
            "without one its rows can't be placed. It has: " + ", ".join(table.header[:40])
        )
    person, people = people_in(seen)
    found = verdicts(seen, clocks, person)
    text = _Text(seen, clocks, person, found, answers)
    toml, trial = text.written(), text.written(stand_in=True)
    return Proposal(
        toml,
        read_mapping(toml) if text.reads_something else None,
        read_mapping(trial) if text.reads_something else None,
        tuple((one.column, one.why) for one in text.verdicts if one.role in ("left out", "mood words")),
        tuple(text.questions(people)),
        person,
        _doubts(seen, clocks, person),
    )


def _doubts(seen: Look, clocks: Clocks, person: str | None) -> tuple[str, ...]:
    """What looks wrong in the columns of time: two orders of day and month; study days that begin again."""
    found = [f"{name}: {clocks.writings[name].why}" for name in clocks.used if name in clocks.writings]
    found = [text for text in found if MIXED in text]
    if clocks.kind == "study day":
        days = seen.named(str(clocks.keys[0][1]))
        people = seen.named(person).cells if person else [None] * seen.table.rows
        rows = list(zip(people, (number(cell) for cell in days.cells), strict=True))
        far = (days.high - days.low) / 2
        falls = [
            one for (who, day), (other, one) in pairwise(rows) if who == other and day and one and day - one >= far
        ]
        if falls:
            found.append(
                f"ASK: {days.name} falls back {len(falls)} times within a person: where days are counted anew, "
                "as in a second period, read one period at a time (where)"
            )
    return tuple(found)


class _Text:
    """The mapping file on its way: its tables one by one, each with what it rests on."""

    def __init__(self, seen: Look, clocks: Clocks, person: str | None, found: list[Verdict], answers: Answers) -> None:
        self.look, self.clocks, self.person, self.answers = seen, clocks, person, answers
        self.verdicts = [_with_better(one, answers) for one in found]
        self.items = [one for one in self.verdicts if one.role == "item" and one.better]
        self.unsure = [one for one in self.verdicts if one.role == "item" and not one.better]
        self.prompts = _prompts(seen, clocks, self.verdicts)
        self.answers_at = _answers_at(seen, clocks, self.verdicts) if self.prompts else None
        self.episode = "" if self.prompts else _episode(seen, clocks, self.verdicts)
        tables = [one for one in self.verdicts if one.role in ("event", "signal", "acts")]
        self.reads_something = bool(self.items or tables or self.prompts or self.episode)

    def written(self, *, stand_in: bool = False) -> str:
        """The file. `stand_in`: with a date in place of the start that nobody has said yet."""
        parts = [self._head(), self._source(stand_in=stand_in)]
        parts += [_item(one) for one in self.items]
        parts += [ASK_BETTER] if self.unsure else []
        parts += [_unsure(one) for one in self.unsure]
        parts += [self.prompts, self.episode]
        parts += [_other(one) for one in self.verdicts]
        parts.append(self._left_out())
        return "\n".join(part for part in parts if part)

    def _head(self) -> str:
        return (
            f"# Proposed by Mainstay from what stands in {self.look.table.name}. It is a proposal: read each line and\n"
            "# change what is wrong. Nothing has been kept. Every key is explained in docs/howto/map-your-records.md.\n"
        )

    def _source(self, *, stand_in: bool) -> str:
        lines = ["[source]"]
        zone = self.answers.zone
        if zone is not None:
            lines.append(f"zone = {_quoted(zone)}  # as you said")
        elif self.clocks.says_offset:
            lines.append('# zone = "Europe/Amsterdam"  # ASK: times are in UTC or say their offset; the zone gives')
            lines.append("#                            the local hour: put in the one where the person lived")
        else:
            lines.append(
                '# zone = "Europe/Amsterdam"  # ASK: the times are local; put in the zone they were written in'
            )
        for key, value, why in self.clocks.keys:
            if key == "time" and self.answers_at is not None:
                lines.append(f"time = {_quoted(self.answers_at)}  # when it was answered: answers stand there")
            else:
                lines.append(f"{key} = {_value(value)}" + (f"  # {why}" if why else ""))
        if self.clocks.kind == "study day":
            start = self.answers.start or (STAND_IN_START if stand_in else None)
            lines.append(
                f"start = {start}  # the date of day 1" if start else "# start = 2024-01-31  # ASK: the date of day 1"
            )
        lines += self._ways()
        return "\n".join(lines) + "\n"

    def _ways(self) -> list[str]:
        lines = []
        if self.person is not None:
            lines.append(f"person = {{ column = {_quoted(self.person)} }}  # several people; say whom: --person WHO")
        if self.look.decimal == ",":
            lines.append('decimal = ","  # numbers are written 4,5')
        if self.look.sentinels:
            which = ", ".join(self.look.sentinels)
            lines.append(
                f"missing = {_value(self.look.missing)}  # {which} lies far from all others: taken as no value"
            )
        anchor = next(iter(sorted(self.items, key=lambda one: one.better != "low")), None)
        if anchor is not None:
            lines.append(
                f"anchor = {_quoted(anchor.column)}  # strain is told on this scale: choose the one that says it best"
            )
        return lines

    def _left_out(self) -> str:
        out = [one for one in self.verdicts if one.role in ("left out", "mood words")]
        return (
            "\n".join(["# Left out:", *(f"#   {_plain(one.column)}: {one.why}" for one in out)]) + "\n" if out else ""
        )

    def questions(self, people: tuple[str, ...]) -> list[Question]:
        """What is still open, in the order in which it is asked."""
        asked: list[Question] = []
        name = self.look.table.name
        if self.answers.zone is None:
            why = "Its times are in UTC or say their offset" if self.clocks.says_offset else "Its times are local"
            asked.append(Question("zone", "", f"{why}: in which zone did the person live (such as Europe/Amsterdam)?"))
        if people and self.answers.person not in people:
            shown = ", ".join(people[:MOST_PEOPLE_SHOWN]) + (" …" if len(people) > MOST_PEOPLE_SHOWN else "")
            text = f"{name} holds {len(people)} people in {self.person!r}: {shown}. A casebook holds one: whose?"
            asked.append(Question("person", self.person or "", text, people))
        for column in self.clocks.unsettled:
            reading = both_readings(self.look.named(column), self.clocks.writings[column])
            asked.append(Question("order", column, f"{reading}. Which comes first, day or month?", ("day", "month")))
        if self.clocks.kind == "study day" and self.answers.start is None:
            asked.append(
                Question("start", "", "The file counts days and has no dates: which date was day 1 (2024-01-31)?")
            )
        for one in self.unsure:
            if one.column not in self.answers.better:
                text = f"{one.column} ({one.low:g} to {one.high:g}): which end is better, low or high?"
                asked.append(Question("better", one.column, text, ("low", "high", "leave out")))
        return asked


def _with_better(one: Verdict, answers: Answers) -> Verdict:
    if one.role != "item":
        return one
    if one.column in answers.better:
        said = answers.better[one.column]
        if said is None:
            return replace(one, role="left out", why="you left it out")
        return replace(one, better=said, why=f"{one.why}; which end is better: as you said")
    named = better_by_name(one.column)
    if named is None or one.low < 0.0 == one.high:  # with 0 at its upper end, less than none is no name's meaning
        return one
    return replace(one, better=named[0], why=f'{one.why}; "{named[1]}" in its name says that {named[0]} is better')


def _item(one: Verdict) -> str:
    lines = [
        f"# {one.why}",
        "[[item]]",
        f"column = {_quoted(one.column)}",
        f"low = {one.low:g}",
        f"high = {one.high:g}",
        f"better = {_quoted(one.better or '')}",
    ]
    if not one.ordinal:
        lines.append("ordinal = false  # a slider, not steps")
    return "\n".join(lines) + "\n"


def _unsure(one: Verdict) -> str:
    lines = [
        f"# ASK: {_plain(one.column)}: {one.why}",
        f"# [[item]]\n# column = {_quoted(one.column)}\n# low = {one.low:g}\n# high = {one.high:g}",
        '# better = ""',
    ]
    return "\n".join([*lines, "# ordinal = false"] if not one.ordinal else lines) + "\n"


def _other(one: Verdict) -> str:
    name = _quoted(one.column)
    if one.role == "signal":
        return f"# {one.why}\n[[signal]]\ncolumn = {name}\nunit = {_quoted(one.unit)}\n"
    what = 'is = "other"  # or "demand", "relief", "slip", "control": what is it to the person?\n'
    if one.role == "event":
        when = _quoted(f"{_operand(one.column)} == {one.yes}")
        return f"# {one.why}: an event where it says {one.yes}\n[[event]]\nlabel = {name}\nwhen = {when}\n{what}"
    if one.role == "acts":
        split = f"split = {_quoted(one.split)}\n" if one.split else ""
        return f"# {one.why}; to keep some or to give them names, add labels\n[[event]]\ncolumn = {name}\n{split}{what}"
    if one.role == "mood words":
        block = (
            f'# [[item]]\n# column = {name}\n# low = 1\n# high = 5\n# better = "high"\n# values = {{ "good" = 4 }}\n'
        )
        return f"# ASK: {_plain(one.column)} holds {one.why}: list them all in values and take away the #\n{block}"
    return ""


def _prompts(seen: Look, clocks: Clocks, found: list[Verdict]) -> str:
    """Prompts, where some rows were asked and not answered; else nothing is known of those ignored."""
    sent, rows = clocks.sent, seen.table.rows
    items = [one.column for one in found if one.role == "item"]
    if sent is None or not items:
        return ""
    head = "[[prompt]]\n" + f"sent = {_quoted(sent)}\n"
    if clocks.answered is not None and seen.named(clocks.answered).filled < rows:
        empty = rows - seen.named(clocks.answered).filled
        why = f"# asked at {_plain(sent)}, answered at {_plain(clocks.answered)}; {empty} of {rows} were not"
        return f"{why}\n{head}answered = {_quoted(clocks.answered)}\n"
    if clocks.pattern == "clock" and clocks.answered is None:
        return ""
    fullest = sorted(items, key=lambda name: -seen.named(name).filled)[:8]
    if seen.named(fullest[0]).filled >= rows:
        return ""
    any_ = _quoted(" or ".join(f"{_operand(name)} is present" for name in fullest))
    none = _quoted(" and ".join(f"{_operand(name)} is missing" for name in fullest))
    answered = clocks.answered or sent
    at = (
        f"answered at {_plain(answered)}"
        if clocks.answered
        else "when they were answered is not told: taken as at once"
    )
    return (
        f"# asked at {_plain(sent)}; rows with an answer were answered, rows without were not\n# ({at})\n"
        f"{head}answered = {_quoted(answered)}\nwhen = {any_}\n\n{head}when = {none}\n"
    )


def _answers_at(seen: Look, clocks: Clocks, found: list[Verdict]) -> str | None:
    """The column of the moment of answering, where each row that says anything has it; else None: when it was asked."""
    if clocks.kind != "moment" or clocks.answered is None:
        return None
    missing = frozenset(seen.missing)
    asked = seen.named(clocks.answered).cells
    silent = [row for row, cell in enumerate(asked) if is_missing(cell, missing)]
    said = [one.column for one in found if one.role in ("item", "event", "signal", "acts")]
    lost = any(not is_missing(seen.named(name).cells[row], missing) for name in said for row in silent)
    return None if lost else clocks.answered


def _episode(seen: Look, clocks: Clocks, found: list[Verdict]) -> str:
    """A stretch from a column of starts to one of ends, in a table that asks nothing."""
    if clocks.begun is None or clocks.ended is None or any(one.role == "item" for one in found):
        return ""
    words = (*words_of(clocks.begun), *words_of(clocks.ended), *words_of(seen.table.name))
    sleep = says(words, SLEEP)
    kind = "sleep" if sleep else "activity"
    label = "sleep" if sleep else seen.table.name.rsplit(".", 1)[0].replace("_", " ")
    over = "over_midnight = true  # an end before its start is the next day's\n" if clocks.pattern == "clock" else ""
    return (
        f"# from {_plain(clocks.begun)} to {_plain(clocks.ended)}: a stretch\n[[episode]]\nlabel = {_quoted(label)}\n"
        f'is = {_quoted(kind)}  # or "role", "place", "activity", "sleep", "recording-off"\n'
        f"start = {_quoted(clocks.begun)}\nend = {_quoted(clocks.ended)}\n{over}"
    )


def _operand(name: str) -> str:
    """A column's name as a condition writes it."""
    if _BARE.fullmatch(name) and name.lower() not in _LOGIC:
        return name
    return f"'{name}'" if '"' in name else f'"{name}"'


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _plain(text: str) -> str:
    """A name as a comment may hold it: on one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _value(value: object) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_quoted(key)} = {_value(one)}" for key, one in value.items()) + " }"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(one) for one in value) + "]"
    return _quoted(str(value))
