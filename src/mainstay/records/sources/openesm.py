"""openESM: a data set of experience sampling as openesmdata.org gives it, `*_ts.tsv`, with its `*_metadata.json`.

A row is a questionnaire of one of many people. Answers on a scale are check-ins where the metadata tell its ends and
which end is better, else signals; yes and no are events; numbers are signals; groups and written answers are not read.
A row without any answer is a prompt that was not answered. Clocks come in three ways: bare; with letters for a zone
(`CET`), which the zone that is given must show at that moment; and with a Z. openESM's cleaning writes a clock of
unknown zone with a Z, so such a time is read as the person's clock, and the receipt says so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import PurePosixPath

from mainstay.errors import BadRecord, UnreadableSource
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Event, Prompt
from mainstay.records.mapping_tables import MISSING
from mainstay.records.place import Place
from mainstay.records.sources.csv_rows import csv_rows, header_of, number_in
from mainstay.records.sources.intake import Intake, Row
from mainstay.records.sources.openesm_plan import Plan, Stamp, metadata_of, plan_of
from mainstay.records.sources.source import Source
from mainstay.records.words import counted

_LETTERS = re.compile(r"^(?P<clock>.*\d)\s+(?P<zone>[A-Z]{2,5}|[+-]\d{2})$")
_MARK = (b'"dataset_id"', b'"n_beeps_per_day"')


@dataclass
class _Seen:
    """What was met on the way, for the notes: clocks that end in Z, beeps that have a row."""

    hours: list[int] = field(default_factory=list)
    beeps: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def _pair(place: Place) -> tuple[str, str] | None:
    """The metadata file and the data file that goes with it; None without such a pair. Refuses several pairs."""
    metadata = [file for file in place.matching("*.json") if all(mark in place.head(file) for mark in _MARK)]
    tables = [file for file in place.matching("*.tsv", "*.csv") if not PurePosixPath(file).stem.endswith("_static")]
    pairs = []
    for one in metadata:
        number = PurePosixPath(one).name.split("_")[0]
        own = [file for file in tables if PurePosixPath(file).name.startswith(f"{number}_")]
        own = own or (tables if len(metadata) == 1 else [])
        series = [file for file in own if PurePosixPath(file).stem.endswith("_ts")] or own
        if len(series) == 1:
            pairs.append((one, series[0]))
    if len(pairs) > 1:
        names = ", ".join(data for _, data in pairs[:5])
        raise UnreadableSource(
            f"{place.name} holds {len(pairs)} data sets ({names}, …); give a folder with one of them"
        )
    return pairs[0] if pairs else None


def _recognises(place: Place) -> bool:
    try:
        return _pair(place) is not None
    except UnreadableSource:
        return True  # several pairs: reading it says so


@dataclass(frozen=True, slots=True)
class Opened:
    """A data set before its rows are read: what its columns become, and the file they stand in."""

    plan: Plan
    file: str


def opened(place: Place) -> Opened:
    """The data set in a place. Refuses (`UnreadableSource`) one without its metadata, and one that tells no dates."""
    pair = _pair(place)
    if pair is None:
        raise UnreadableSource(f"{place.name} lacks the *_metadata.json or the one data file that goes with it")
    metadata, file = pair
    plan = plan_of(metadata_of(place.whole(metadata), metadata), header_of(place, file), file)
    _refuse_the_undated(plan, file)
    return Opened(plan, file)


def _read(place: Place, intake: Intake) -> None:
    found = opened(place)
    intake.needs_zone()
    who, others = _look_through(place, found, intake)
    theirs = (row for row in csv_rows(place, found.file, intake) if row[1][found.plan.person] == who)
    put(theirs, found, intake)
    if others:
        intake.note(f"{found.file}: {counted(others, 'row')} of other people not read")


def put(rows: Iterable[tuple[int, dict[str, str]]], found: Opened, intake: Intake) -> None:
    """The records of one person, from that person's rows with their numbers."""
    for item in found.plan.items.values():
        intake.declare(item, anchor=item.better == "low")
    seen = _Seen()
    for number, cells in rows:
        with intake.row(found.file, number) as row:
            _questionnaire(row, cells, found.plan, intake, seen)
    _say(found.plan, seen, intake, found.file)


def is_silent(cells: dict[str, str], plan: Plan) -> bool:
    """Whether nothing is answered in a row. Where no row of a file is, unanswered questionnaires have no rows."""
    return not any(_answers(cells, plan))


def _refuse_the_undated(plan: Plan, file: str) -> None:
    if plan.sent is None and plan.answered is None and plan.date is None:
        days = "counts study days and tells no dates" if plan.day else "tells neither days nor times"
        raise UnreadableSource(
            f"{file} {days}, so its rows can't be placed in time by themselves; where you know when it began, "
            f"`mainstay add CASE {file} --guess` proposes a mapping with a place for the date of day 1"
        )


def _look_through(place: Place, found: Opened, intake: Intake) -> tuple[str, int]:
    """Who is meant, how many rows are others'; and whether unanswered questionnaires have rows at all."""
    aside = Intake(intake.title, None, None)
    people: dict[str, int] = {}
    silent = 0
    for _, cells in csv_rows(place, found.file, aside):
        who = cells[found.plan.person]
        people[who] = people.get(who, 0) + 1
        silent += is_silent(cells, found.plan)
    if not people:
        raise UnreadableSource(f"{found.file} holds no rows that can be read")
    found.plan.prompted = found.plan.prompted and silent > 0
    who = intake.one_person(tuple(people), found.file)
    return who, sum(people.values()) - people[who]


def _answers(cells: dict[str, str], plan: Plan) -> Iterator[str]:
    """The columns of questions that hold an answer in a row."""
    return (column for column in (*plan.items, *plan.events, *plan.measures) if not _blank(cells[column]))


def _blank(cell: str) -> bool:
    return not cell.strip() or cell.strip() in MISSING


def _questionnaire(row: Row, cells: dict[str, str], plan: Plan, intake: Intake, seen: _Seen) -> None:
    answered = any(_answers(cells, plan))
    sent = _moment(cells, plan.sent, intake, seen)
    replied = _moment(cells, plan.answered, intake, seen) if answered else None
    _count_beep(cells, plan, seen)
    if plan.prompted and sent is not None:
        reply = (replied or sent) if answered else None
        if reply is not None and reply < sent:
            row.put(f"was answered ({reply}) before it was sent ({sent})")
        else:
            asked = tuple(one.name for one in plan.items.values())
            happened = sent if reply is None else Span(sent, reply)
            row.put(intake.keep("prompts", happened, Prompt(sent, reply, asked), "prompt"))
    if not answered:
        return
    at: Instant | Span | None = replied or sent
    if at is None and plan.date is not None:
        at = _of_date(cells, plan.date, intake, seen)
    if at is None:
        raise BadRecord("has answers and no time")
    _keep(row, cells, plan, intake, at)


def _keep(row: Row, cells: dict[str, str], plan: Plan, intake: Intake, at: Instant | Span) -> None:
    for column, item in plan.items.items():
        if not _blank(cells[column]):
            value = number_in(cells[column], item.name)
            row.put(intake.check_in(item.name, at, item.name, value) if value is not None else None)
    moment = at.end if isinstance(at, Span) else at
    for column, (name, unit) in plan.measures.items():
        if not _blank(cells[column]):
            value = number_in(cells[column], name)
            row.put(intake.sample(name, name, unit, moment, value) if value is not None else None)
    for column, (name, yes) in plan.events.items():
        if not _blank(cells[column]) and number_in(cells[column], name) == yes:
            row.put(intake.keep(name, at, Event(name, "other"), name))
        elif not _blank(cells[column]):
            row.put(None)


def _moment(cells: dict[str, str], stamp: Stamp | None, intake: Intake, seen: _Seen) -> Instant | None:
    """The moment in the columns of a time; None where one of them is empty. Refuses what is no time."""
    if stamp is None or any(_blank(cells[column]) for column in stamp.columns):
        return None
    parts = [cells[column].strip() for column in stamp.columns]
    text = parts[0] if len(parts) == 1 else f"{parts[0].removesuffix('Z').split('T')[0]} {parts[1].split('T')[-1]}"
    lettered = _LETTERS.match(text)
    if lettered:
        text = lettered["clock"]
    try:
        clock = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError as error:
        raise BadRecord(f"{stamp.columns[0]} is {text!r}, which is no time") from error
    if clock.tzinfo is not None:
        return Instant.of(clock)
    at = intake.local(clock)
    if lettered:
        return _as_lettered(clock, lettered["zone"], at, intake)
    if text.endswith("Z"):
        seen.hours.append(clock.hour)
    return at


def _of_date(cells: dict[str, str], column: str, intake: Intake, seen: _Seen) -> Instant | Span | None:
    """The whole day of a date; its moment, where a clock is written with it."""
    at = _moment(cells, Stamp((column,)), intake, seen)
    return intake.day(at.as_local.date()) if at is not None and ":" not in cells[column] else at


def _as_lettered(clock: datetime, letters: str, at: Instant, intake: Intake) -> Instant:
    """The moment of a clock with letters for its zone; in an hour that came twice they tell which one is meant.

    Refuses letters that the zone that was given did not show then: the person's clock stood elsewhere.
    """
    zone = intake.needs_zone()
    for fold in (0, 1):
        if clock.replace(tzinfo=zone, fold=fold).tzname() == letters:
            return intake.local(clock, fold) if fold else at
    raise BadRecord(f"its clock showed {letters}, which {zone.key} did not then: give the zone where this person was")


def _count_beep(cells: dict[str, str], plan: Plan, seen: _Seen) -> None:
    if plan.day is not None and plan.beep is not None and not (_blank(cells[plan.day]) or _blank(cells[plan.beep])):
        day, beep = number_in(cells[plan.day], "day"), number_in(cells[plan.beep], "beep")
        if day is not None and beep is not None:
            seen.beeps[int(day)].add(int(beep))


def _say(plan: Plan, seen: _Seen, intake: Intake, file: str) -> None:
    if seen.hours:
        intake.note(
            f"{file}: times end in Z, as openESM writes clocks of unknown zone; they are read as the person's clock "
            f"(hours {min(seen.hours)} to {max(seen.hours)}). Should they be in UTC, give --zone UTC"
        )
    if seen.beeps and plan.beeps_a_day is not None and plan.prompted:
        days = max(seen.beeps) - min(seen.beeps) + 1
        gone = days * plan.beeps_a_day - sum(len(beeps) for beeps in seen.beeps.values())
        if gone > 0:
            intake.note(f"{counted(gone, 'questionnaire')} of {days} days have no row; none was made up for them")
    if not plan.prompted:
        intake.note("no prompts: the file holds answered questionnaires only, or asks at events")
    if plan.unsure:
        names = ", ".join(plan.unsure)
        intake.note(f"the ends of the scale, or which is better, can't be told: {names}; kept as signals")
    if plan.left_out:
        intake.note(f"not kept: {', '.join(plan.left_out)}")
    if plan.unmatched:
        intake.note(f"described in the metadata and not in {file}: {', '.join(plan.unmatched)}")


SOURCE = Source(
    name="openesm",
    title="openESM",
    found_at="openesmdata.org: a data set's *_ts.tsv and its *_metadata.json, in one folder; name one person",
    recognises=_recognises,
    read=_read,
    zone="asked",
    tried_on="published samples",
)
