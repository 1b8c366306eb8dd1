"""The days for a calendar, a table and a printer: nothing told that should not be, and the same days in each."""

import csv
from dataclasses import replace
from datetime import date, timedelta
from io import StringIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.statements_protocol import Arm
from mainstay.trials.calendar import as_csv, as_ics, as_page, checklist, escaped, folded_line, runs
from trials.people import begin, plan, trial_of
from trials.protocols import START, protocol

AB = ("as usual", "evening")
NOW = Instant.parse("2026-02-28T10:15:30+01:00")
EVENING = Arm(
    name="evening, at the lake; \\ alone",
    what="No phone.\nBack by ten, or later",
    place="the jetty by the old mill",
    clothes="no uniform",
    people="nobody from the newsroom",
)


def begun(says=None, **design):
    says = says or protocol("contacts", 28, a_week=2)
    says = replace(says, arm=(says.arm[0], EVENING))
    planned = plan(says)
    return trial_of(planned, begin(planned))


def events(text):
    icalendar = pytest.importorskip("icalendar")
    return list(icalendar.Calendar.from_ical(text).walk("VEVENT"))


def test_a_calendar_has_every_contact_on_its_day_and_no_other() -> None:
    trial = begun()
    found = events(as_ics(trial, now=NOW))
    days = {START + timedelta(days=int(k)) for k in np.flatnonzero(trial.schedule.arm == 1)}
    assert {one["DTSTART"].dt for one in found} == days
    assert all(one["DTEND"].dt - one["DTSTART"].dt == timedelta(days=1) for one in found)
    assert all(type(one["DTSTART"].dt) is date for one in found)


def test_periods_come_as_runs_of_days_that_fill_the_trial() -> None:
    says = protocol("blocks", 36, period=3)
    planned = plan(says)
    trial = trial_of(planned, begin(planned))
    found = events(as_ics(trial, now=NOW, discreet=False))
    assert len(found) == len(runs(trial.schedule)) == 12
    lived = [one["DTSTART"].dt + timedelta(days=k) for one in found for k in range(3)]
    assert lived == [START + timedelta(days=k) for k in range(36)]
    assert [str(one["SUMMARY"]) for one in found] == [
        f"evenings: {trial.schedule.arms[one.arm]}" for one in runs(trial.schedule)
    ]


def test_a_discreet_calendar_says_nothing_of_what_it_is_about() -> None:
    text = as_ics(begun(), now=NOW)
    for word in ("evening", "lake", "jetty", "uniform", "newsroom", "phone", "tension", "DESCRIPTION"):
        assert word not in text
    assert {str(one["SUMMARY"]) for one in events(text)} == {"Day B"}
    assert text.count("CLASS:PRIVATE") == text.count("TRANSP:TRANSPARENT") == 8


def test_in_full_the_text_comes_back_as_it_was_written() -> None:
    [one, *_] = events(as_ics(begun(), now=NOW, discreet=False))
    assert str(one["SUMMARY"]) == f"evenings: {EVENING.name}"
    assert str(one["DESCRIPTION"]).splitlines() == [
        "No phone.",
        "Back by ten, or later",
        "[ ] place: the jetty by the old mill",
        "[ ] clothes: no uniform",
        "[ ] people: nobody from the newsroom",
    ]


def test_lines_end_and_fold_as_the_standard_says() -> None:
    says = protocol("contacts", 28, a_week=2, arms=("as usual", "Ä" * 180))
    planned = plan(says)
    text = as_ics(trial_of(planned, begin(planned)), now=NOW, discreet=False)
    assert text.startswith("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:")
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75
    assert "DTSTAMP:20260228T091530Z" in text
    assert str(events(text)[0]["SUMMARY"]) == f"evenings: {'Ä' * 180}"


def test_entries_keep_their_identity_and_no_two_share_one() -> None:
    planned = plan(protocol("contacts", 28, a_week=2))
    trial = trial_of(planned, begin(planned))
    first, later = (
        [str(one["UID"]) for one in events(as_ics(trial, now=moment))] for moment in (NOW, NOW.plus_days(3))
    )
    assert first == later
    assert len(set(first)) == 8
    other = trial_of(planned, begin(planned, seed=8))
    assert not set(first) & {str(one["UID"]) for one in events(as_ics(other, now=NOW))}


@given(st.text(max_size=300))
def test_any_text_is_one_value_that_a_reader_takes_back(text) -> None:
    line = folded_line(f"SUMMARY:{escaped(text)}")
    assert all(len(part.encode("utf-8", "surrogatepass")) <= 75 for part in line.split("\r\n"))
    assert "\n" not in line.replace("\r\n ", "")
    assert "\r" not in line.replace("\r\n ", "")
    assert line.replace("\r\n ", "") == f"SUMMARY:{escaped(text)}"


def test_a_table_has_a_row_for_each_day_and_room_for_what_was_done() -> None:
    says = protocol("blocks", 36, period=3, washout=1, arms=("=usual()", "evening"))
    planned = plan(says)
    trial = trial_of(planned, begin(planned))
    rows = list(csv.DictReader(StringIO(as_csv(trial))))
    assert [one["day"] for one in rows] == [(START + timedelta(days=k)).isoformat() for k in range(36)]
    assert [one["analysed"] == "yes" for one in rows] == (trial.schedule.analysed >= 0).tolist()
    assert {one["drawn"] for one in rows} == {"'=usual()", "evening"}
    assert rows[0]["weekday"] == "Mon"
    assert all(one["kept"] == one["arm"] == one["note"] == "" for one in rows)


def test_a_page_to_print_has_the_setting_and_a_box_for_each_day() -> None:
    text = as_page(begun(), roles=("Newsroom", "rescuer"))
    assert "nobody from the newsroom   (recalls Newsroom)" in text
    assert text.count("____") >= 28
    assert "Mon 2026-03-02" in text
    assert "From 2 March 2026 to 29 March 2026" in text
    assert max(len(line) for line in text.splitlines()) <= 120


def test_the_setting_tells_which_role_it_recalls() -> None:
    ticks = checklist(begun().protocol.says, roles=("newsroom", "mill", "old"))
    assert [(one.about, one.recalls) for one in ticks] == [
        ("place", ("mill", "old")),
        ("clothes", ()),
        ("people", ("newsroom",)),
    ]
    assert checklist(begun().protocol.says, roles=("new", ""))[2].recalls == ()


def test_several_baselines_stand_side_by_side() -> None:
    says = protocol("start_by_lot", 40, phases=("as usual", "evening"), least=5, baselines=("sleep",))
    planned = plan(says)
    trial = trial_of(planned, begin(planned))
    quiet, full = (events(as_ics(trial, now=NOW, discreet=one)) for one in (True, False))
    assert [str(one["SUMMARY"]) for one in quiet] == ["Day A", "Day B", "Day A2", "Day B2"]
    assert str(full[3]["SUMMARY"]) == "evenings, sleep: evening"
    assert full[3]["DTSTART"].dt == START + timedelta(days=int((trial.schedules[1].arm == 0).sum()))
    assert len({str(one["UID"]) for one in quiet}) == 4
    rows = list(csv.DictReader(StringIO(as_csv(trial))))
    assert [one["drawn, sleep"] for one in rows] == [AB[arm] for arm in trial.schedules[1].arm]
    assert as_page(trial).count("sleep: B") == int(trial.schedules[1].arm.sum())


def test_a_trial_without_days_has_no_calendar() -> None:
    waiting = trial_of(plan(protocol("contacts", 28, a_week=2)))
    for written in (as_csv, as_page, lambda one: as_ics(one, now=NOW)):
        with pytest.raises(BadRequest, match="no days yet"):
            written(waiting)
