"""What a reader meets at midnight: dates of nobody's life, people not looked for, names that are none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from mainstay.errors import BadMapping
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Receipt
from mainstay.records.reader import read

NOW = Instant.local(datetime(2024, 6, 1), "Europe/Amsterdam")
SOURCE = '[source]\nname = "diary"\nzone = "Europe/Amsterdam"\ntime = "t"\n'
TENSION = '[[item]]\ncolumn = "tension"\nlow = 1\nhigh = 7\nbetter = "low"\n'
PEOPLE = "who,t,tension\nann,2024-03-30 09:15,4\nbob,2024-03-30 09:15,5\n"


def taken(folder: Path, csv: str, mapping: str, **more: object) -> tuple[Batch, Receipt]:
    path = folder / "diary.csv"
    path.write_text(csv, encoding="utf-8")
    return read(path, mapping, now=NOW, **more)  # type: ignore[arg-type]


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.reason) for refusal in receipt.refused]


def test_a_person_who_can_not_be_looked_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadMapping, match="in which column"):
        taken(tmp_path, PEOPLE, SOURCE + TENSION, person="ann")


def test_what_found_nothing_is_on_the_receipt(tmp_path: Path) -> None:
    never = '[[event]]\nlabel = "swim"\nwhen = "tension > 6"\nis = "relief"\n'
    _, receipt = taken(tmp_path, "t,tension\n2024-03-30 09:15,4\n", SOURCE + TENSION + never)
    assert receipt.notes == ("diary.csv: no row gave anything for event 1 (swim)",)


def test_a_date_before_anybodys_records_is_refused(tmp_path: Path) -> None:
    _, receipt = taken(tmp_path, "t,tension\n1899-12-30 00:00,4\n2024-03-30 09:15,4\n", SOURCE + TENSION)
    [(row, reason)] = reasons(receipt)
    assert row == 1
    assert "before the year 1900" in reason


def test_an_underscore_makes_no_number(tmp_path: Path) -> None:
    _, receipt = taken(tmp_path, "t,tension\n2024-03-30 09:15,0_4\n2024-03-30 09:16,4\n", SOURCE + TENSION)
    assert reasons(receipt) == [(1, "tension is '0_4', no number")]


def test_a_file_name_with_control_characters_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mainstay.toml").write_text(SOURCE.rstrip() + '\nfile = "a\\u0000b"\n' + TENSION)
    with pytest.raises(BadMapping, match="control characters"):
        read(tmp_path, now=NOW)
