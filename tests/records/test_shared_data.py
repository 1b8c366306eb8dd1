"""Every data set beside the project that has a format known here: what its import gives, against counts by hand.

The counts stand in the table of docs/howto/import-esm.md and nowhere else. A row is a file, a folder or a pattern of
files, how it is read and for whom, and what comes of it. One test holds each row to the import; another counts the same
things in the file with nothing of the reader's.
"""

from __future__ import annotations

import csv
import json
import re
import shlex
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import fitdecode
import pytest

from mainstay.quantities import Instant
from mainstay.records.guessing import Answers, propose
from mainstay.records.kinds import Batch, CheckIn, Episode, Event, Prompt, Receipt, Signal
from mainstay.records.mapping import Mapping
from mainstay.records.mapping_tables import MISSING
from mainstay.records.reader import read
from mainstay.records.tables import read_table
from records.sources.openesm_copies import FRIED_QUESTIONS, fisher_2017, fried_2021

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
PAGE = ROOT / "docs" / "howto" / "import-esm.md"
NOW = Instant.parse("2026-11-22T00:00+00:00")
COUNTS = ("rows", "refused", "empty", "check-ins", "events", "episodes", "prompts", "unanswered", "samples")
COPIES: dict[str, Callable[[Path], list[dict[str, str]]]] = {"0033": fisher_2017, "0001": fried_2021}
Rows = list[dict[str, str]]


@dataclass(frozen=True)
class Line:
    """One row of the table."""

    path: str
    how: dict[str, str]
    who: str
    counts: dict[str, int]


def table() -> list[Line]:
    lines = []
    for text in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in text.strip().strip("|").split("|")]
        if len(cells) == 3 + len(COUNTS) and cells[0].startswith("`"):
            words = shlex.split(cells[1].strip("`"))
            how = dict(zip(words[::2], words[1::2], strict=True))
            counts = {name: int(cell.replace(",", "") or 0) for name, cell in zip(COUNTS, cells[3:], strict=True)}
            lines.append(Line(cells[0].strip("`"), how, cells[2].strip("`"), counts))
    return lines


LINES = table()


def there(line: Line) -> list[Path]:
    """The files or the folder that a row is about; skipped where they are not beside the project."""
    found = sorted(DATA.glob(line.path))
    if not found:
        pytest.skip(f"{line.path} is not beside the project")
    return found


def people(line: Line, everyone: Iterable[str]) -> list[str]:
    """Of whom a row tells: each, the first five or the first, by the names in the file."""
    return sorted(set(everyone))[: {"each": None, "first five": 5, "first": 1}[line.who]]


def first(line: Line, path: Path) -> str | None:
    return people(line, everyone_in(path))[0] if line.who else None


def plan(line: Line, path: Path) -> Mapping | Path | None:
    """The mapping a row is read by: one of the how-to's, or the proposal with what a person would have answered."""
    if "--map" in line.how:
        return ROOT / "docs" / "howto" / line.how["--map"]
    if "--guess" not in line.how:
        return None
    answers = Answers(line.how.get("--zone"), first(line, path), date.fromisoformat(line.how["--guess"]))
    asked = [one.column for one in propose(read_table(path), answers).questions if one.about == "better"]
    answers = Answers(answers.zone, answers.person, answers.start, better=dict.fromkeys(asked, "low"))
    return propose(read_table(path), answers).plan


def imported(line: Line, folder: Path) -> list[tuple[Batch, Receipt]]:
    """What reading gives, file by file and person by person."""
    paths = there(line)
    number = line.how.get("openesm")
    if number is not None:
        own = COPIES[number](folder)
        who = people(line, (row.get("id") or row["ID"] for row in own))
        return [read(folder, zone=line.how["--zone"], person=one, now=NOW) for one in who]
    zone, source = (None if "--map" in line.how else line.how.get("--zone")), line.how.get("--as")
    found = []
    for path in paths:
        mapping = plan(line, path)
        for one in people(line, everyone_in(path)) if line.who else [None]:
            found.append(read(path, mapping, zone=zone, source=source, person=one, now=NOW))
    return found


def everyone_in(path: Path) -> list[str]:
    if any(path.glob("*/survey_answers")):
        return [folder.name for folder in path.iterdir()]
    names = ("id", "ID", "Id", "participant", "connectionId", "subj_id", "uid")
    files = [path] if path.is_file() else sorted(path.glob("*.csv"))
    return [row[name] for file in files for row in rows_of(file) for name in names if name in row]


def rows_of(path: Path) -> Rows:
    text = path.read_text(encoding="utf-8-sig")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream, delimiter=";" if text.split("\n", 1)[0].count(";") > 3 else ","))


def counted(found: list[tuple[Batch, Receipt]]) -> dict[str, int]:
    bodies = [record.body for batch, _ in found for record in batch.records]
    prompts = [one for one in bodies if isinstance(one, Prompt)]
    return {
        "rows": sum(receipt.rows_read for _, receipt in found),
        "refused": sum(receipt.rows_refused for _, receipt in found),
        "empty": sum(receipt.rows_empty for _, receipt in found),
        "check-ins": sum(isinstance(one, CheckIn) for one in bodies),
        "events": sum(isinstance(one, Event) for one in bodies),
        "episodes": sum(isinstance(one, Episode) for one in bodies),
        "prompts": len(prompts),
        "unanswered": sum(one.answered is None for one in prompts),
        "samples": sum(len(one.values) for one in bodies if isinstance(one, Signal)),
    }


def name(line: Line) -> str:
    return " ".join([line.path, *line.how.values(), line.who])


@pytest.mark.parametrize("line", LINES, ids=name)
def test_the_import_gives_what_the_table_says(line: Line, tmp_path: Path) -> None:
    found = imported(line, tmp_path)
    assert counted(found) == line.counts
    for batch, receipt in found:
        assert sum(receipt.kept.values()) == len(batch.records)
        assert len({record.id for record in batch.records}) == len(batch.records)


def test_the_table_names_every_data_set_that_has_a_format_known_here() -> None:
    sets = {line.path.split("/")[0] for line in LINES}
    assert {"bringmann2013", "fisher2017", "fried2021", "kossakowski2017", "wright2017", "importers"} <= sets
    assert {"panic24_jang2024", "pmdata2019", "lifesnaps2021", "studentlife2013", "mpath_example"} <= sets
    assert {"selftracker_daylio_abid", "fitbit_furberg2016"} <= sets
    kinds = {line.path.split("/")[1] for line in LINES if line.path.startswith("importers/")}
    here = {path.name for path in (DATA / "importers").glob("*") if path.is_dir()}
    assert kinds >= here


# By hand: each function counts in the file what the import should have made of it, with no help from the reader.


def has(cell: str) -> bool:
    return cell.strip() not in ("", *MISSING)


def distinct(rows: Rows) -> Rows:
    return list({tuple(row.values()): row for row in rows}.values())


def by_columns(line: Line, path: Path) -> dict[str, int]:
    """A table read by a proposal: rows that differ, of the person; cells that hold something, column by column."""
    mapping = plan(line, path)
    assert isinstance(mapping, Mapping)
    person = mapping.source.person
    who = first(line, path)
    own = [row for row in rows_of(path) if person is None or row[person.column] == who]
    answers = [
        float(cell)
        for item in mapping.item
        for row in distinct(own)
        if has(cell := row[item.column]) and cell not in mapping.source.missing
    ]
    samples = sum(has(row[one.column]) for one in mapping.signal for row in distinct(own))
    return {"rows": len(own), "check-ins": len(answers), "samples": samples}


def of_openesm(line: Line, path: Path) -> dict[str, int]:
    """Rows whose clock stood in another zone are refused; rows never issued hold nothing."""
    rows = [row | {"who": row.get("id") or row["ID"]} for row in rows_of(path)]
    who = people(line, (row["who"] for row in rows))
    own = [row for row in rows if row["who"] in who]
    if line.how["openesm"] == "0001":
        asked = [f"Q{number}" for number, _ in enumerate(FRIED_QUESTIONS, 1)]
        issued = [row for row in own if has(row["Issued"])]
        here = [row for row in issued if row["Issued"].endswith((" CET", " CEST"))]
    else:
        asked = [one for one in own[0] if one not in ("who", "id", "start", "finish", "lag", "tdif", "cumsumT")]
        issued = here = own
    answers = sum(has(row[one]) for row in here for one in asked)
    return {
        "rows": len(own),
        "refused": len(issued) - len(here),
        "empty": len(own) - len(issued),
        "prompts": len(here),
        "unanswered": sum(not any(has(row[one]) for one in asked) for row in here),
        "check-ins": answers - line.counts["samples"],
    }


def of_kossakowski(line: Line, path: Path) -> dict[str, int]:
    whole = [row for row in rows_of(path) if row["resp_abort"] == "no"]
    columns = ("pat_restl", "pat_agitate", "mood_irritat", "mood_relaxed", "mood_down")
    return {
        "rows": len(whole),
        "check-ins": sum(row[one] != "" for row in whole for one in columns),
        "episodes": sum(row["act_what1"] in ("work/studies", "caring for others") for row in whole),
        "samples": sum(row["concentrat"] != "" for row in whole),
    }


def of_panic(line: Line, path: Path) -> dict[str, int]:
    read_here = ("emotion_diary", "panic_events", "caffeine", "alcohol", "workouts", "smoking_meals_menstruation")
    files = {one: rows_of(path / f"{one}.csv") for one in read_here}
    diary = distinct(files["emotion_diary"])
    scales = ("anxiety", "irritability", "negative_mood")
    return {
        "rows": sum(map(len, files.values())),
        "check-ins": sum(has(row[one]) for row in diary for one in scales),
    }


def of_pmdata(line: Line, path: Path) -> dict[str, int]:
    wellness, sleep = rows_of(path / "wellness.csv"), rows_of(path / "fitbit_sleep.csv")
    on_scale = sum(row[one] in tuple("12345") for row in wellness for one in ("stress", "fatigue", "mood"))
    return {"check-ins": on_scale, "episodes": len(distinct(sleep))}


def of_daylio(line: Line, path: Path) -> dict[str, int]:
    return {"rows": len(rows_of(path))}


def of_daylio_mapped(line: Line, path: Path) -> dict[str, int]:
    return {"rows": len(rows_of(path)), "check-ins": len(rows_of(path))}


def of_apple(line: Line, path: Path) -> dict[str, int]:
    file = path if path.is_file() else next(path.rglob("export.xml"))
    return {"rows": len(re.findall(r"<(?:Record|Workout|ActivitySummary)[ \n]", file.read_text()))}


def of_activity_watch(line: Line, path: Path) -> dict[str, int]:
    events = [one for bucket in json.loads(path.read_text())["buckets"].values() for one in bucket["events"]]
    return {"rows": len(events), "empty": sum(one["duration"] == 0 for one in events)}


def of_beiwe(line: Line, path: Path) -> dict[str, int]:
    content = {file: rows_of(file) for file in path.rglob("*.csv")}
    answers = [row for file, some in content.items() if "survey_answers" in file.parts for row in some]
    return {"rows": sum(map(len, content.values())), "events": sum(row["answer"].startswith("[") for row in answers)}


def of_fitbit(line: Line, path: Path) -> dict[str, int]:
    csv_rows = sum(len(rows_of(file)) for file in path.glob("*.csv"))
    days = [file for file in path.glob("*.json") if not file.name.startswith("time_in")]
    return {"rows": csv_rows + sum(len(json.loads(file.read_text())) for file in days)}


def of_fit(line: Line, path: Path) -> dict[str, int]:
    """Sessions and heart rates as the decoder lists them, where a file can be read to its end and knows its dates."""
    with fitdecode.FitReader(path, check_crc=fitdecode.CrcCheck.DISABLED) as frames:
        every = [one for one in frames if one.frame_type == fitdecode.FIT_FRAME_DATA]
    dated = [one for one in every if isinstance(one.get_value("timestamp", fallback=None), datetime)]
    beats = [one for one in dated if one.name == "record" and one.get_value("heart_rate", fallback=None)]
    weights = [one for one in dated if one.name == "weight_scale"]
    return {"episodes": sum(one.name == "session" for one in dated), "samples": len(beats) + len(weights)}


def of_google(line: Line, path: Path) -> dict[str, int]:
    tables = sum(len(file.read_text().splitlines()) - 1 for file in path.rglob("*.csv"))
    read_here = [one for one in path.rglob("*.json") if "heart_rate.bpm" in one.name or "sleep.segment" in one.name]
    points = sum(len(json.loads(file.read_text())["Data Points"]) for file in read_here)
    sessions = len(list(path.rglob("All Sessions/*.json")))
    return {"rows": tables + points + sessions, "episodes": len({"biking", "walking"}) + 3}


def of_calendar(line: Line, path: Path) -> dict[str, int]:
    return {"rows": path.read_bytes().count(b"BEGIN:VEVENT")}


def of_m_path(line: Line, path: Path) -> dict[str, int]:
    own = rows_of(path / "example_basic.csv")
    sliders = [one for one in own[0] if re.search(r"_slider(NegPos|NeutralPos|PosNeg)?$", one)]
    assert len(sliders) > 5
    return {"rows": len(own), "prompts": sum(row["scheduledBeepId"] != "-1" for row in own)}


def of_points(line: Line, path: Path) -> dict[str, int]:
    return {"rows": path.read_text().count('"effective_time_frame"')}


HANDS: dict[str, Callable[[Line, Path], dict[str, int]]] = {
    "kossakowski2017.toml": of_kossakowski,
    "panic24_jang2024.toml": of_panic,
    "pmdata2019.toml": of_pmdata,
    "selftracker_daylio_abid.toml": of_daylio_mapped,
    "selftracker_daylio_abid": of_daylio,
    "daylio_sample": of_daylio,
    "apple_health_healthkit_to_sqlite": of_apple,
    "activitywatch": of_activity_watch,
    "beiwe": of_beiwe,
    "fitbit_export_pmdata_p01": of_fitbit,
    "fitbit_export_pmdata_p03": of_fitbit,
    "garmin_fit_fitparse": of_fit,
    "Google": of_google,
    "ics_icalendar": of_calendar,
    "mpath": of_m_path,
    "google_takeout_fit_niimpy": of_points,
}


def hand(line: Line) -> Callable[[Line, Path], dict[str, int]]:
    if "openesm" in line.how:
        return of_openesm
    if "--guess" in line.how:
        return by_columns
    mapped = Path(line.how.get("--map", "")).name
    return HANDS[mapped] if mapped else next(HANDS[part] for part in reversed(Path(line.path).parts) if part in HANDS)


@pytest.mark.parametrize("line", LINES, ids=name)
def test_the_table_is_what_a_count_by_hand_gives(line: Line) -> None:
    by_hand = Counter[str]()
    for path in there(line):
        by_hand.update(hand(line)(line, path))
    assert by_hand
    assert {key: line.counts[key] for key in by_hand} == dict(by_hand)


def test_every_kind_of_record_is_met_somewhere() -> None:
    total = Counter[str]()
    for line in LINES:
        total.update(line.counts)
    assert all(total[one] > 0 for one in COUNTS)
