"""Beiwe: `<person>/survey_answers/<survey>/<time of submission>.csv`, and `survey_timings` with every touch.

All times are UTC. Beiwe does not write when a survey was sent: a prompt begins when it was opened, or when it expired
unopened. A slider that nobody moved stands where it began, which is no answer: where the timings show that, it is left
out. Sliders are check-ins where the question's words say which end is better, else signals; choices are events; written
answers are not kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import PurePosixPath

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Event, Item
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.source import Source
from mainstay.records.sources.wording import better_end, plain

ANSWERS, TIMINGS = "survey_answers", "survey_timings"
QUESTION = {"question id", "question type", "question text", "question answer options", "answer"}
NOT_ANSWERED = {"", "NOT_PRESENTED", "NO_ANSWER_SELECTED", "NOT_ANSWERED", "SKIPPED"}
TOGETHER_US = 5_000_000
"""What the timings and the answers say of one submission lies no further apart."""

_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)[ _T](\d\d)_(\d\d)_(\d\d)")
_ENDS = re.compile(r"min\s*=\s*(-?[\d.]+)\s*;\s*max\s*=\s*(-?[\d.]+)")
_LONGEST_NAME = 80


@dataclass
class _Survey:
    """What the timings tell of one survey: its openings, and which sliders were moved."""

    submitted: list[int] = field(default_factory=list)
    expired: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    shown: dict[str, list[int]] = field(default_factory=dict)
    moved: dict[str, list[int]] = field(default_factory=dict)


def _person(file: str, folder: str) -> str:
    parts = PurePosixPath(file).parts
    at = parts.index(folder) if folder in parts else 0
    return parts[at - 1] if at else ""


def _survey(file: str) -> str:
    return PurePosixPath(file).parent.name


def _files(place: Place, folder: str) -> list[str]:
    return [
        file
        for file in place.matching("*.csv")
        if set(header_of(place, file)) >= QUESTION and ("timestamp" in header_of(place, file)) == (folder == TIMINGS)
    ]


def _recognises(place: Place) -> bool:
    return any(set(header_of(place, file)) >= QUESTION for file in place.matching("*.csv"))


def _read(place: Place, intake: Intake) -> None:
    intake.needs_zone()
    files = {folder: _files(place, folder) for folder in (ANSWERS, TIMINGS)}
    people = dict.fromkeys(_person(file, folder) for folder, some in files.items() for file in some)
    who = intake.one_person(tuple(people), place.name)
    reading = _Reading(intake)
    for file in (one for one in files[TIMINGS] if _person(one, TIMINGS) == who):
        for number, cells in csv_rows(place, file, intake):
            with intake.row(file, number) as row:
                reading.touch(row, cells, _survey(file))
    for file in (one for one in files[ANSWERS] if _person(one, ANSWERS) == who):
        at = _submission(file)
        for number, cells in csv_rows(place, file, intake):
            with intake.row(file, number) as row:
                reading.answer(row, cells, _survey(file), at)
    reading.prompts()
    intake.note("written answers are not kept; when surveys were sent is not in the export: prompts begin when opened")
    others = sum(_person(file, folder) != who for folder, some in files.items() for file in some)
    if others:
        intake.note(f"{others:,} files of other people not read")


def _submission(file: str) -> int | None:
    """The time in a file's name, in microseconds UTC."""
    found = _TIME.search(PurePosixPath(file).name)
    if found is None:
        return None
    try:
        moment = datetime(*(int(one) for one in found.groups()), tzinfo=UTC)  # type: ignore[arg-type,misc]
    except ValueError:
        return None
    return Instant.of(moment).utc_us


class _Reading:
    """One person's surveys on their way in."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._surveys: dict[str, _Survey] = {}
        self._answered: dict[str, set[int]] = {}
        self._asked: dict[str, dict[str, None]] = {}
        self._items: dict[str, Item | None] = {}
        self._scales: dict[str, tuple[float, float]] = {}

    def touch(self, row: Row, cells: dict[str, str], name: str) -> None:
        """A line of the timings (iOS names the event; Android writes it where the question's id else stands)."""
        milliseconds = number_in(cells["timestamp"], "timestamp")
        if milliseconds is None:
            raise BadRecord("has no timestamp")
        at = round(milliseconds * 1000)
        if self._intake.now is not None and at > self._intake.now.utc_us:
            raise BadRecord(f"lies in the future ({Instant(at)})")
        survey = self._surveys.setdefault(cells.get("survey id") or name, _Survey())
        question, happening = cells["question id"], cells.get("event", "").lower()
        if not happening:
            happening = "changed" if cells["question type"] else question.lower()
        if "submit" in happening:
            survey.submitted.append(at)
        elif happening == "expired":
            survey.expired.append(at)
        else:
            survey.opened.append(at)
            where = survey.moved if happening == "changed" else survey.shown
            where.setdefault(question, []).append(at)
        row.put(None)

    def answer(self, row: Row, cells: dict[str, str], name: str, at: int | None) -> None:
        """An answer of a survey that was handed in."""
        if at is None:
            raise BadRecord("its file's name holds no time")
        self._answered.setdefault(name, set()).add(at)
        answer, kind = cells["answer"].strip(), cells["question type"]
        if answer.upper() in NOT_ANSWERED:
            return
        moment = self._intake.at(at)
        text = plain(cells["question text"])[:_LONGEST_NAME] or cells["question id"]
        if kind == "slider":
            if self._touched(name, cells["question id"], at):
                row.put(self._slider(cells, text, moment, name, answer))
        elif kind in {"radio_button", "checkbox"}:
            for choice in (one.strip() for one in answer.strip("[]").split(";") if one.strip()):
                row.put(self._intake.keep(text, moment, Event(choice, "other"), choice))
        elif kind == "free_response" and "NUMERIC" in cells["question answer options"].upper():
            value = number_in(answer, text)
            if value is not None:
                row.put(self._intake.sample(text, text, "as answered", moment, value))

    def _touched(self, name: str, question: str, at: int) -> bool:
        """Whether a slider was moved before it was handed in; where no timings are there, it is taken to have been."""
        survey = self._surveys.get(name)
        began = (
            max((one for one in survey.shown.get(question, ()) if one <= at + TOGETHER_US), default=None)
            if survey
            else None
        )
        if survey is None or began is None or at - began > 3_600_000_000:
            return True
        first = min(one for one in survey.shown[question] if at - one <= 3_600_000_000)
        return any(first <= one <= at + TOGETHER_US for one in survey.moved.get(question, ()))

    def _slider(self, cells: dict[str, str], text: str, at: Instant, survey: str, answer: str) -> str | None:
        value = number_in(answer, text)
        ends = _ENDS.search(cells["question answer options"])
        better = better_end(text)
        if value is None:
            return None
        if ends is None or better is None or not float(ends[1]) < float(ends[2]):
            unit = f"{ends[1]} to {ends[2]}" if ends else "as answered"
            return self._intake.sample(text, f"{text} ({unit})", unit, at, value)
        scale = float(ends[1]), float(ends[2])
        name = text if self._scales.setdefault(text, scale) == scale else f"{text} ({scale[0]:g} to {scale[1]:g})"
        self._intake.declare(Item(name, text, *scale, better), anchor=True)
        self._asked.setdefault(survey, {})[name] = None
        return self._intake.check_in(name, at, name, value)

    def prompts(self) -> None:
        """The prompts of every survey: handed in, expired, or opened and left."""
        for name in dict.fromkeys((*self._surveys, *self._answered)):
            items = tuple(self._asked.get(name, ()))
            for sent, answered in _offered(self._surveys.get(name, _Survey()), self._answered.get(name, set())):
                reply = None if answered is None else self._intake.at(answered)
                reason = self._intake.prompt(self._intake.at(sent), reply, items, name)
                if reason is not None:
                    self._intake.note(f"a prompt of survey {name} {reason}")


def _offered(survey: _Survey, answers: set[int]) -> list[tuple[int, int | None]]:
    """When a survey was opened or expired, and when it was handed in (None: never), in time.

    Answers that were stored at the moment of expiry were handed in by the app, not by the person.
    """
    ends = dict.fromkeys(survey.submitted, True) | dict.fromkeys(survey.expired, False)
    ends |= {at: True for at in answers if not any(abs(at - end) <= TOGETHER_US for end in ends)}
    found: list[tuple[int, int | None]] = []
    opened = sorted(survey.opened)
    before = 0
    for end in sorted(ends):
        since = [at for at in opened if before < at <= end]
        found.append((since[0] if since else end, end if ends[end] else None))
        before = end
    left = [at for at in opened if at > before]
    return [*found, *([(left[0], None)] if left else [])]


SOURCE = Source(
    name="beiwe",
    title="Beiwe",
    found_at="the study's team downloads it: Data Access, surveys; one folder for each person",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="published samples",
)
