"""A world as a folder of tables with a mapping: what a person's own diary could look like, and the truth beside it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path

from mainstay.errors import AlreadyThere, BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import (
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Item,
    Prompt,
    Reaction,
    Record,
    Statement,
)
from mainstay.worlds.kinds import Truth, World

LABEL = "Simulated; numbers invented"
TRUTH_FILE = "TRUTH.md"
Rows = list[list[str]]


def write_folder(world: World, directory: Path) -> None:
    """Write `mainstay.toml`, one CSV file per kind of record, and TRUTH.md.

    A folder that a simulation wrote before is replaced; any other that holds files is refused.
    """
    truth = directory / TRUTH_FILE
    if directory.is_file():
        raise AlreadyThere(f"{directory} is a file; name a folder that may be written")
    if directory.is_dir() and any(directory.iterdir()):
        if not (truth.is_file() and LABEL in truth.read_text(encoding="utf-8")):
            raise AlreadyThere(f"{directory} already holds files that no simulation wrote; name another folder")
        for name in TABLES:
            (directory / f"{name}.csv").unlink(missing_ok=True)
        for old in directory.glob("statement_*.toml"):
            old.unlink()
    directory.mkdir(parents=True, exist_ok=True)
    parts = [_source(world)]
    for name, (header, rows_of, mapping_of) in TABLES.items():
        rows = rows_of(world)
        if rows:
            with (directory / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
                csv.writer(file, lineterminator="\n").writerows([header(world), *rows])
            parts.append(mapping_of(world))
    parts += _statements(world, directory)
    (directory / "mainstay.toml").write_text("\n".join(parts), encoding="utf-8")
    truth.write_text(truth_text(world), encoding="utf-8")


def _source(world: World) -> str:
    return (
        f"# {LABEL}. {world.title}. The truth behind it stands in {TRUTH_FILE}.\n"
        "[source]\n"
        f"name = {json.dumps(f'simulated {world.name} {world.seed}')}\n"
        f"zone = {json.dumps(world.zone)}\n"
        f"anchor = {json.dumps(world.anchor)}\n"
    )


def _statements(world: World, directory: Path) -> list[str]:
    """Files that the person wrote, each beside the mapping, and its part of the mapping."""
    parts = []
    for number, record in enumerate(_of(world, Statement), start=1):
        if isinstance(record.body, Statement):
            name = f"statement_{number}.toml"
            (directory / name).write_text(record.body.toml, encoding="utf-8")
            written = _when(_at(record))
            parts.append(f'[[statement]]\npath = "{name}"\nform = "{record.body.form}"\nwritten = {written}\n')
    return parts


def _when(moment: Instant) -> str:
    return moment.as_local.isoformat(timespec="seconds")


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return str(int(value)) if value == int(value) else repr(value)


def _of(world: World, body: type) -> list[Record]:
    return [record for record in world.records if isinstance(record.body, body)]


def _at(record: Record) -> Instant:
    if isinstance(record.happened, Span):
        raise BadRequest(f"a simulated {record.kind} at a span has no column to stand in")
    return record.happened


def _ends(record: Record) -> list[str]:
    if not isinstance(record.happened, Span):
        raise BadRequest(f"a simulated {record.kind} needs a start and an end")
    return [_when(record.happened.start), _when(record.happened.end)]


def _check_in_rows(world: World) -> Rows:
    """One row for each moment, one column for each item, as a form saves them."""
    forms: dict[Instant, dict[str, float]] = {}
    for record in _of(world, CheckIn):
        if isinstance(record.body, CheckIn):
            forms.setdefault(_at(record), {})[record.body.item] = record.body.value
    return [
        [_when(moment), *(_number(answers.get(item.name)) for item in world.items)]
        for moment, answers in sorted(forms.items())
    ]


def _event_rows(world: World) -> Rows:
    rows = []
    for record in sorted(_of(world, Event), key=_at):
        body = record.body
        if isinstance(body, Event):
            lists = ["; ".join(body.contacts), "; ".join(body.tags)]
            rows.append([_when(_at(record)), body.label, body.is_, _number(body.size), *lists])
    return rows


def _episode_rows(world: World) -> Rows:
    return sorted(
        [*_ends(record), record.body.label, record.body.is_, "yes" if record.body.is_self else "no"]
        for record in _of(world, Episode)
        if isinstance(record.body, Episode)
    )


def _prompt_rows(world: World) -> Rows:
    return [
        [_when(record.body.sent), _when(record.body.answered) if record.body.answered else ""]
        for record in _of(world, Prompt)
        if isinstance(record.body, Prompt)
    ]


def _coverage_rows(world: World) -> Rows:
    return [
        [*_ends(record), _number(record.body.intensity)]
        for record in _of(world, Coverage)
        if isinstance(record.body, Coverage)
    ]


def _contact_rows(world: World) -> Rows:
    return [
        [record.body.pseudonym, attribute.name, _when(attribute.known)]
        for record in _of(world, Contact)
        if isinstance(record.body, Contact)
        for attribute in record.body.attributes
    ]


def _reaction_rows(world: World) -> Rows:
    rows = []
    for record in _of(world, Reaction):
        body = record.body
        if isinstance(body, Reaction):
            expected = [str(body.expected_direction), _number(body.expected_size)]
            rows.append([_when(_at(record)), body.cue, body.role, *expected, _number(body.observed)])
    return rows


def _file(name: str, time: str | None = "time") -> str:
    told = f'time = "{time}"\n' if time else ""
    return f'[[file]]\npath = "{name}.csv"\n{told}'


def _check_in_mapping(world: World) -> str:
    return _file("check_ins") + "".join(_item(item) for item in world.items)


def _item(item: Item) -> str:
    return (
        f'\n[[item]]\nfile = "check_ins"\nstream = "check_ins"\ncolumn = "{item.name}"\n'
        f"label = {json.dumps(item.label)}\nlow = {_number(item.low)}\nhigh = {_number(item.high)}\n"
        f'better = "{item.better}"\nanchors = {json.dumps([item.low_anchor, item.high_anchor])}\n'
        f"ordinal = {'true' if item.ordinal else 'false'}\n"
    )


def _event_mapping(world: World) -> str:
    kinds = sorted({record.body.is_ for record in _of(world, Event) if isinstance(record.body, Event)})
    tables = [
        f'\n[[event]]\nfile = "events"\nstream = "events"\ncolumn = "label"\nwhen = "kind == {kind}"\nis = "{kind}"\n'
        'size = "size"\ncontacts = "contacts"\ntags = "tags"\n'
        for kind in kinds
    ]
    return _file("events") + "".join(tables)


def _episode_mapping(world: World) -> str:
    kinds = sorted(
        {(record.body.is_, record.body.is_self) for record in _of(world, Episode) if isinstance(record.body, Episode)}
    )
    tables = [
        f'\n[[episode]]\nfile = "episodes"\nstream = "episodes"\ncolumn = "label"\n'
        f'when = "kind == {kind} and self == {"yes" if is_self else "no"}"\nis = "{kind}"\n'
        f'{"self = true" + chr(10) if is_self else ""}start = "start"\nend = "end"\n'
        for kind, is_self in kinds
    ]
    return _file("episodes", "start") + "".join(tables)


def _prompt_mapping(world: World) -> str:
    items = json.dumps([item.name for item in world.items])
    return _file("prompts", "sent") + (
        f'\n[[prompt]]\nfile = "prompts"\nstream = "prompts"\nsent = "sent"\nanswered = "answered"\nitems = {items}\n'
    )


def _coverage_mapping(_: World) -> str:
    return _file("coverage", "start") + (
        '\n[[coverage]]\nfile = "coverage"\nstream = "coverage"\nstart = "start"\nend = "end"\n'
        'intensity = "intensity"\n'
    )


def _contact_mapping(_: World) -> str:
    return _file("contacts", "known") + (
        '\n[[contact]]\nfile = "contacts"\nstream = "contacts"\ncolumn = "pseudonym"\n'
        'attribute = "attribute"\nknown = "known"\n'
    )


def _reaction_mapping(_: World) -> str:
    return _file("reactions") + (
        '\n[[reaction]]\nfile = "reactions"\nstream = "reactions"\ncue = "cue"\nrole = "role"\n'
        'expected_direction = "expected_direction"\nexpected_size = "expected_size"\nobserved = "observed"\n'
    )


def _always(*columns: str) -> Callable[[World], Sequence[str]]:
    return lambda _: columns


TABLES: dict[str, tuple[Callable[[World], Sequence[str]], Callable[[World], Rows], Callable[[World], str]]] = {
    "check_ins": (lambda world: ["time", *(item.name for item in world.items)], _check_in_rows, _check_in_mapping),
    "events": (_always("time", "label", "kind", "size", "contacts", "tags"), _event_rows, _event_mapping),
    "episodes": (_always("start", "end", "label", "kind", "self"), _episode_rows, _episode_mapping),
    "prompts": (_always("sent", "answered"), _prompt_rows, _prompt_mapping),
    "coverage": (_always("start", "end", "intensity"), _coverage_rows, _coverage_mapping),
    "contacts": (_always("pseudonym", "attribute", "known"), _contact_rows, _contact_mapping),
    "reactions": (
        _always("time", "cue", "role", "expected_direction", "expected_size", "observed"),
        _reaction_rows,
        _reaction_mapping,
    ),
}
"""Each file of the folder: its header, its rows, and its part of the mapping."""


def truth_text(world: World) -> str:
    """The truth behind a world, as a page that says first that nobody lived it."""
    truth, model = world.truth, world.truth.parameters
    lines = [
        f"# {LABEL}",
        "",
        f"**{world.title}.** Nobody lived this. World `{world.name}`, seed {world.seed}; "
        f"{truth.days:.0f} days from {truth.origin.as_local:%Y-%m-%d} on.",
        "",
        *(f"- {note}" for note in truth.notes),
        "",
        "Strain is in points of the anchor item, rates are per day, drift and fading per year; time 0 of drift and",
        "fading is the middle of the record.",
        "",
        "| what | truth |",
        "|---|---|",
        f"| recovery half-life | {24 * math.log(2) / model.recovery_rate_per_day:.1f} hours |",
        f"| process noise | {model.noise_per_sqrt_day:g} per square root of a day |",
        f"| help sought a year later at the same load | {math.exp(model.seeking_drift_per_year):.2f} times as often |",
        *(f"| toll of {name} | {toll / 24:+.3f} an hour |" for name, toll in model.tolls_per_day.items()),
        *(f"| {name} of middling size | {added:+g} |" for name, added in model.demands.items()),
        *(row for name in model.refuges for row in _refuge_rows(name, truth)),
        *(
            f"| rating of {name} | {item.intercept:g} {item.slope:+g} × strain, noise {item.noise_sd:g} |"
            for name, item in model.items.items()
        ),
        "",
    ]
    return "\n".join(lines)


def _refuge_rows(name: str, truth: Truth) -> list[str]:
    refuge = truth.parameters.refuges[name]
    relief = f"relieves {100 / (1 + math.exp(-refuge.efficacy_logit)):.0f} % of strain"
    fading = f", log odds fall by {refuge.fading_per_year:g} a year" if refuge.fading_per_year else ""
    sought = "comes at set times only"
    if math.isfinite(refuge.log_rate):
        sought = f"{7 * math.exp(refuge.log_rate):.2f} a week at no strain, × {math.exp(refuge.pull):.2f} per point"
    count = len(truth.acts.get(name, ()))
    return [f"| {name} | {relief}{fading}; {sought}; {count} in all, written down or not |"]
