"""Makes the diary of the tutorial: ten months of somebody who does not exist, as a spreadsheet would hold them.

    python3 examples/diary/make.py mine
        mine/diary.csv, and beside it the files that are written by hand
    python3 examples/diary/make.py mine --lived mine/days.csv
        mine/lived.csv and mine/done.csv: the weeks of the trial whose days stand in days.csv

Strain fades by itself, rises in hours at school and with the mother, jumps when something hard happens, and falls a
little with every walk and every call. The lower the mark, the sooner a walk or a call is sought; the mark sinks over
the months. Since July there are calls at night. All of it is invented. Nothing is needed but Python.
"""

from __future__ import annotations

import argparse
import csv
import math
import random
import re
from datetime import date, datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
WRITTEN_ON = date(2026, 11, 23)
"""A Monday: the day on which the tutorial was written. The files are moved by whole weeks from there to today."""
WEEKS = 44
FIRST = WRITTEN_ON - timedelta(weeks=WEEKS)
NIGHTS_SINCE = date(2026, 7, 6)
STEP_HOURS = 0.25
COLUMNS = ["Date", "Time", "Tension", "What", "Hours", "Slept"]

FADES_A_DAY, NOISE = 0.7, 0.5
TOLL_A_DAY = {"school": 3.0, "mother": 4.0}
DEMANDS = {"row at school": 0.9, "mother fell": 1.2, "call at night": 0.8}
SHARE_EASED = {"walk": 0.35, "call Lea": 0.55}
ACTS_A_DAY = {"walk": 0.10, "call Lea": 0.06}
PULL, TIMES_AS_OFTEN_A_YEAR = 0.75, 5.0
CALL, CALL_AT, SHARE_EASED_BY_LOT = "call", 7.5, 0.4


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="the folder to write")
    parser.add_argument("--lived", type=Path, metavar="DAYS.csv", help="the days that 'trial calendar' wrote")
    given = parser.parse_args()
    make(given.folder, datetime.now().astimezone().date(), given.lived)


def make(folder: Path, today: date, lived: Path | None = None) -> None:
    """Write the folder as of `today`: the diary ends on the Sunday before. With `lived`, the days of a trial as `trial
    calendar` wrote them: the diary of these days, and which of them went as drawn."""
    later = timedelta(weeks=(today - WRITTEN_ON).days // 7)
    folder.mkdir(exist_ok=True)
    if lived is not None:
        with lived.open(newline="", encoding="utf-8") as stream:
            drawn = {date.fromisoformat(row["day"]) - later: row["drawn"] for row in csv.DictReader(stream)}
        missed = [day for day, arm in drawn.items() if arm == CALL][3::7]
        rows = life(2, {day: arm for day, arm in drawn.items() if day not in missed}, min(drawn), len(drawn))
        write(folder / "lived.csv", rows, later)
        done = [f"{day + later},{'no,as usual' if day in missed else 'yes,'}" for day in drawn]
        (folder / "done.csv").write_text("\n".join(["day,kept,arm", *done]) + "\n", encoding="utf-8")
        print(f"{folder / 'lived.csv'}: {len(rows)} rows, {min(drawn) + later} to {max(drawn) + later}.")
        return
    rows = mess(life(1, {}, FIRST, WEEKS * 7))
    write(folder / "diary.csv", rows, later)
    for file in sorted(HERE.glob("*.toml")):
        (folder / file.name).write_text(moved(file.read_text(encoding="utf-8"), later), encoding="utf-8")
    last = WRITTEN_ON + later - timedelta(days=1)
    print(f"{folder / 'diary.csv'}: {len(rows)} rows, {FIRST + later} to {last}. All of it is invented.")


def moved(text: str, later: timedelta) -> str:
    """The text with every date moved."""
    return re.sub(r"\d{4}-\d\d-\d\d", lambda found: str(date.fromisoformat(found[0]) + later), text)


def life(seed: int, drawn: dict[date, str], first: date, days: int) -> list[dict[str, object]]:
    """What one would write down of so many days: the rows, in order, with `at` for date and time."""
    rng = random.Random(seed)
    rows: list[dict[str, object]] = []
    strain, hours, year = 1.5, round(24 / STEP_HOURS), (WRITTEN_ON - FIRST).days / 365
    for day in range(days):
        when = first + timedelta(days=day)
        roles = roles_of(when, rng)
        asked = sorted(rng.gauss(clock, 0.4) for clock in (7.5, 12.5, 17.5, 21.5) if rng.random() < 0.85)
        rows += [noted(when, start, What=role, Hours=round(end - start, 1)) for role, (start, end) in roles.items()]
        if rng.random() < 0.3:
            rows.append(noted(when, rng.uniform(9, 19), What="groceries"))
        mark = math.log(TIMES_AS_OFTEN_A_YEAR) * ((when - FIRST).days / 365 - year / 2)
        for step in range(hours):
            clock = step * STEP_HOURS
            inside = [role for role, (start, end) in roles.items() if start <= clock < end]
            span = STEP_HOURS / 24
            strain += sum(TOLL_A_DAY[role] for role in inside) * span - FADES_A_DAY * strain * span
            strain += rng.gauss(0, NOISE * math.sqrt(span))
            for label in hard_moments(when, clock, inside, rng):
                strain += DEMANDS[label]
                rows.append(noted(when, clock + rng.random() * STEP_HOURS, What=label))
            awake = math.exp(-1.3 * math.cos(2 * math.pi * (clock - 3) / 24))
            for label, share in SHARE_EASED.items():
                rate = ACTS_A_DAY[label] * math.exp(PULL * strain + mark) * awake
                if 6.5 <= clock < 23 and rng.random() < rate * span:
                    strain *= 1 - share
                    rows.append(noted(when, clock + rng.random() * STEP_HOURS, What=label))
            if drawn.get(when) == CALL and clock == CALL_AT:
                strain *= 1 - SHARE_EASED_BY_LOT
            for at in [at for at in asked if clock <= at < clock + STEP_HOURS]:
                value = min(10, max(0, round(1.2 + 1.5 * strain + rng.gauss(0, 0.9))))
                row = noted(when, at, Tension=value)
                if at == asked[0] and at < 10:
                    row["Slept"] = round(min(9.5, max(3.0, rng.gauss(7.4 - 0.25 * strain, 0.7))), 1)
                rows.append(row)
    return sorted(rows, key=lambda row: row["at"])  # type: ignore[arg-type, return-value]


def roles_of(when: date, rng: random.Random) -> dict[str, tuple[float, float]]:
    """Hours at school and with the mother, by the clock."""
    held: dict[str, tuple[float, float]] = {}
    if when.weekday() < 5 and rng.random() < 0.92:
        held["school"] = (7.9 + rng.gauss(0, 0.15), 15.2 + rng.gauss(0, 0.6))
    if rng.random() < (0.55 if when.weekday() < 5 else 0.75):
        start = (17.0 if when.weekday() < 5 else 11.0) + rng.gauss(0, 0.5)
        held["mother"] = (start, start + max(1.0, rng.gauss(3.0, 0.6)))
    return held


def hard_moments(when: date, clock: float, inside: list[str], rng: random.Random) -> list[str]:
    """What is asked in this quarter of an hour."""
    chances = {
        "row at school": 0.06 if "school" in inside else 0.0,
        "mother fell": 0.10 if "mother" in inside else 0.0,
        "call at night": (0.12 if when >= NIGHTS_SINCE else 0.02) if clock < 5 else 0.0,
    }
    return [label for label, an_hour in chances.items() if rng.random() < an_hour * STEP_HOURS]


def noted(when: date, clock: float, **cells: object) -> dict[str, object]:
    """One row of the diary, at a time of day."""
    return {"at": datetime.combine(when, datetime.min.time()) + timedelta(minutes=round(clock * 60)), **cells}


def mess(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """What diaries are like: an answer off the scale, one that was skipped, a row that stands there twice."""
    answers = [row for row in rows if "Tension" in row]
    answers[40]["Tension"] = 11
    for k in (25, 90, 91, 260):
        answers[k]["Tension"] = "-"
    answers[333]["Tension"] = "7?"
    return [*rows, rows[-1]]


def write(file: Path, rows: list[dict[str, object]], later: timedelta) -> None:
    """As a spreadsheet writes it in much of Europe: semicolons, days first, commas in numbers."""
    with file.open("w", newline="", encoding="utf-8") as stream:
        out = csv.DictWriter(stream, COLUMNS, delimiter=";", restval="", lineterminator="\n")
        out.writeheader()
        for row in rows:
            at = row["at"]
            assert isinstance(at, datetime)
            at += later
            cells = {name: str(value).replace(".", ",") for name, value in row.items() if name != "at"}
            out.writerow({"Date": f"{at:%d.%m.%Y}", "Time": f"{at:%H:%M}", **cells})


if __name__ == "__main__":
    main()
