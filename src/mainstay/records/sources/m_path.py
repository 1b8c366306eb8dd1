"""m-Path: `*_basic.csv`, a row for each beep with what was answered, and `*_meta.csv` with the questions' words.

Its seconds count the local clock from 1970 as if that were UTC; `timeZoneOffset` says how far the clock stood from
UTC (`deltaUTC`, a difference between phone and server, is small and left out). Empty cells at the end of a row are
left out by the export. A beep is a prompt, answered when the
questionnaire was finished. Sliders (0 to 100) are check-ins where the question's words say which end is better, else
signals; choices are events, or signals where they are points of a scale (the export does not tell its ends); written
answers are not kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.kinds import Event, Item
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.source import Source
from mainstay.records.sources.wording import better_end, plain
from mainstay.records.words import counted

BASIC = {"connectionId", "questionListName", "timeStampSent", "timeStampStart", "timeStampStop", "timeZoneOffset"}
META = {"columnName", "fullQuestion", "typeQuestion"}
SLIDERS = ("_sliderNegPos", "_sliderNeutralPos", "_sliderPosNeg", "_slider")
CHOICE, SCALE_POINT, YES_NO, STEPS = "_multipleChoice_string", "_multipleChoice_likert", "_yesno", "_steps"
SLIDER_LOW, SLIDER_HIGH = 0.0, 100.0
STARTED_BY_HAND = "-1"
LARGEST_OFFSET_S = 15 * 3600


@dataclass
class _Plan:
    """What the columns of one file are: by column, the name under which its answers are kept."""

    items: dict[str, Item] = field(default_factory=dict)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    choices: dict[str, str] = field(default_factory=dict)
    yes_no: dict[str, str] = field(default_factory=dict)
    asked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    answered_later: set[str] = field(default_factory=set)


def _ending(column: str, endings: tuple[str, ...]) -> str | None:
    """The name of a column without its ending; None where it has another."""
    return next((column.removesuffix(one) for one in endings if column.endswith(one) and column != one), None)


def _plan(header: tuple[str, ...], questions: dict[str, str]) -> _Plan:
    plan = _Plan()
    for column in header:
        words = questions.get(column, "")
        if name := _ending(column, SLIDERS):
            better = better_end(words or name.replace("_", " "))
            if better is None:
                plan.numbers[column] = (name, "0 to 100")
            else:
                label = words or name
                plan.items[column] = Item(name, label, SLIDER_LOW, SLIDER_HIGH, better, ordinal=False)
        elif name := _ending(column, (CHOICE,)):
            plan.choices[column] = name
        elif name := _ending(column, (YES_NO,)):
            plan.yes_no[column] = name
        elif name := _ending(column, (STEPS,)):
            plan.numbers[column] = (name, "steps, as the phone's counter stood")
    return plan


def _questions(place: Place) -> dict[str, str]:
    """The words of each question, by column, where a `*_meta.csv` is there. Its rows are no records."""
    aside = Intake("m-Path", None, None)
    found = {}
    for file in place.matching("*meta*.csv"):
        if set(header_of(place, file)) >= META:
            for _, cells in csv_rows(place, file, aside):
                found[cells["columnName"]] = plain(cells["fullQuestion"])
    return found


def _basics(place: Place) -> list[str]:
    return [file for file in place.matching("*.csv") if set(header_of(place, file)) >= BASIC]


def _read(place: Place, intake: Intake) -> None:
    questions = _questions(place)
    for file in _basics(place):
        plan = _plan(header_of(place, file), questions)
        who, others = _look_through(place, file, plan, intake)
        for item in plan.items.values():
            intake.declare(item, anchor=True)
        for number, cells in _rows_of(who, place, file, intake):
            with intake.row(file, number) as row:
                _beep(row, cells, plan, intake)
        if others:
            intake.note(f"{file}: {counted(others, 'row')} of other people not read")
        if plan.numbers:
            names = ", ".join(sorted({name for name, _ in plan.numbers.values()}))
            intake.note(f"which end is better can't be told from the words: {names}; kept as signals")
        if any(column.endswith("_open") for column in header_of(place, file)):
            intake.note("written answers are not kept")


def _look_through(place: Place, file: str, plan: _Plan, intake: Intake) -> tuple[str, int]:
    """Who is meant, and how many rows are others'; fills in what each questionnaire asks and which beeps came again."""
    aside = Intake(intake.title, None, None)
    people: dict[str, int] = {}
    asked: dict[str, dict[str, None]] = {}
    for _, cells in csv_rows(place, file, aside, short=True):
        people[cells["connectionId"]] = people.get(cells["connectionId"], 0) + 1
        here = asked.setdefault(cells["questionListName"], {})
        here.update({item.name: None for column, item in plan.items.items() if cells.get(column, "")})
        original = cells.get("reminderForOriginalSentBeepId", "")
        if original not in ("", "0") and cells["timeStampStart"] not in ("", "0"):
            plan.answered_later.add(original)
    plan.asked = {name: tuple(items) for name, items in asked.items()}
    if not people:
        raise UnreadableSource(f"{file} holds no rows that can be read")
    who = intake.one_person(tuple(people), file)
    return who, sum(people.values()) - people[who]


def _rows_of(who: str, place: Place, file: str, intake: Intake) -> Iterator[tuple[int, dict[str, str]]]:
    return (
        (number, cells) for number, cells in csv_rows(place, file, intake, short=True) if cells["connectionId"] == who
    )


def _moment(cells: dict[str, str], column: str, intake: Intake) -> Instant | None:
    """The instant of a count of local seconds; None where it is empty or 0."""
    seconds = number_in(cells.get(column), column)
    if not seconds:
        return None
    offset = number_in(cells["timeZoneOffset"], "timeZoneOffset")
    if offset is None:
        return intake.local(Instant(round(seconds * 1e6)).as_utc.replace(tzinfo=None))
    if abs(offset) > LARGEST_OFFSET_S:
        raise BadRecord(f"timeZoneOffset is {offset:g} seconds, which no clock shows")
    return Instant(round((seconds - offset) * 1e6), round(offset))


def _beep(row: Row, cells: dict[str, str], plan: _Plan, intake: Intake) -> None:
    sent = _moment(cells, "originalTimeStampSent", intake) or _moment(cells, "timeStampSent", intake)
    answered = _moment(cells, "timeStampStop", intake) or _moment(cells, "timeStampStart", intake)
    questionnaire = cells["questionListName"]
    if cells.get("sentBeepId", "") in plan.answered_later and answered is None:
        row.put(None)  # its reminder was answered, and stands for both
    elif sent is not None and cells.get("scheduledBeepId") != STARTED_BY_HAND:
        items = plan.asked.get(questionnaire, ())
        row.put(intake.prompt(sent, answered, items, questionnaire))
    if answered is not None:
        _answers(row, cells, plan, intake, answered)


def _answers(row: Row, cells: dict[str, str], plan: _Plan, intake: Intake, at: Instant) -> None:
    for column, item in plan.items.items():
        value = number_in(cells.get(column), item.name)
        if value is not None:
            row.put(intake.check_in(item.name, at, item.name, value))
    for column, (name, unit) in plan.numbers.items():
        value = number_in(cells.get(column), name)
        if value is not None:
            row.put(intake.sample(name, name, unit, at, value))
    for column, name in plan.choices.items():
        point = number_in(cells.get(f"{name}{SCALE_POINT}"), name)
        if point is not None:
            row.put(intake.sample(name, name, "scale point", at, point))
            continue
        for choice in _chosen(cells.get(column, "")):
            row.put(intake.keep(name, at, Event(choice, "other"), choice))
    for column, name in plan.yes_no.items():
        value = number_in(cells.get(column), name)
        if value is not None:
            row.put(intake.keep(name, at, Event(name, "other"), name) if value else None)


def _chosen(cell: str) -> list[str]:
    """The choices in a cell: each in quotes of its own, with commas between."""
    if not cell.strip():
        return []
    try:
        found = json.loads(f"[{cell}]")
    except (ValueError, RecursionError):
        found = [cell]
    return [" ".join(str(one).split()) for one in found if str(one).strip()]


def _recognises(place: Place) -> bool:
    return bool(_basics(place))


SOURCE = Source(
    name="m-path",
    title="m-Path",
    found_at="dashboard.m-path.io, Data, Export; the *_basic.csv, best in one folder with its *_meta.csv",
    recognises=_recognises,
    read=_read,
    tried_on="published samples",
)
