"""The general reader: what is kept, what is refused and why, and identities that hold."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadMapping, NaiveInstant, UnreadableSource
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, CheckIn, Contact, Coverage, Episode, Event, Prompt, Receipt, Signal
from mainstay.records.reader import read, read_frames

NOW = Instant.local(datetime(2024, 6, 1), "Europe/Amsterdam")
SOURCE = '[source]\nname = "diary"\nzone = "Europe/Amsterdam"\ntime = "t"\n'
TENSION = '[[item]]\ncolumn = "tension"\nlow = 1\nhigh = 7\nbetter = "low"\n'
CALL = '[[event]]\nlabel = "call"\nis = "demand"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def taken(folder: Path, csv: str, mapping: str, **more: object) -> tuple[Batch, Receipt]:
    path = folder / "diary.csv"
    path.write_text(csv, encoding="utf-8")
    return read(path, mapping, now=NOW, **more)  # type: ignore[arg-type]


def values(batch: Batch) -> list[float]:
    return [record.body.value for record in batch.records if isinstance(record.body, CheckIn)]


def reasons(receipt: Receipt) -> list[tuple[int, str]]:
    return [(refusal.row, refusal.reason) for refusal in receipt.refused]


def test_a_check_in_carries_its_moment_its_zone_and_its_scale(folder: Path) -> None:
    batch, _ = taken(folder, "t,tension\n2024-03-30 09:15,4\n", SOURCE + 'anchor = "tension"\n' + TENSION)
    (record,) = batch.records
    assert str(record.happened) == "2024-03-30T09:15:00+01:00"
    assert record.known == record.happened
    assert (record.stream, record.source, batch.anchor) == ("tension", "diary", "tension")
    assert batch.items[0].high == 7


def test_rows_read_are_kept_refused_or_empty_and_nothing_else(folder: Path) -> None:
    batch, receipt = taken(
        folder, "t,tension\n2024-03-30 09:15,4\n2024-03-30 10:15,9\n2024-03-30 11:00,NA\n,\n", SOURCE + TENSION
    )
    assert (receipt.rows_read, len(batch.records), receipt.rows_refused, receipt.rows_empty) == (4, 1, 1, 2)
    assert reasons(receipt) == [(2, "tension is 9, outside its scale 1 to 7")]
    assert receipt.refused[0].place == "diary.csv"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2024-03-30 09:15,x", "no number"),
        ("2024-03-30 09:15,inf", "no number"),
        ("2024-03-30 09:15,0", "outside its scale"),
        ("tomorrow,4", "'tomorrow' is no time"),
        (",4", "has no time"),
        ("2024-03-31 02:30,4", "did not exist in Europe/Amsterdam"),
        ("2024-07-01 09:00,4", "lies in the future"),
        ("99999-01-01 09:00,4", "no time"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason(folder: Path, row: str, reason: str) -> None:
    batch, receipt = taken(folder, f"t,tension\n2024-01-01 10:00,3\n{row}\n", SOURCE + TENSION)
    assert values(batch) == [3]
    ((number, told),) = reasons(receipt)
    assert number == 2
    assert reason in told


def test_local_times_without_a_zone_are_refused_with_what_to_write(folder: Path) -> None:
    with pytest.raises(NaiveInstant, match='zone = "Europe/Amsterdam"'):
        taken(folder, "t,tension\n2024-03-30 09:15,4\n", SOURCE.replace('zone = "Europe/Amsterdam"\n', "") + TENSION)


def test_times_with_their_own_offset_need_no_zone(folder: Path) -> None:
    batch, _ = taken(folder, "t,tension\n2024-03-30 09:15 -0700,4\n", '[source]\ntime = "t"\n' + TENSION)
    assert str(batch.records[0].happened) == "2024-03-30T09:15:00-07:00"


def test_times_in_utc_take_their_local_hour_from_the_zone(folder: Path) -> None:
    batch, _ = taken(folder, "t,tension\n2024-01-30T09:15:00Z,4\n", SOURCE + TENSION)
    assert str(batch.records[0].happened) == "2024-01-30T10:15:00+01:00"


def test_a_zone_given_by_hand_goes_before_the_mapping(folder: Path) -> None:
    batch, _ = taken(folder, "t,tension\n2024-01-30 09:15,4\n", SOURCE + TENSION, zone="America/New_York")
    assert str(batch.records[0].happened) == "2024-01-30T09:15:00-05:00"


@pytest.mark.parametrize(
    ("keys", "header", "row", "happened"),
    [
        ('time = "t"\ntime_format = "unix_s"', "t", "1706606100", "2024-01-30T10:15:00+01:00"),
        ('time = "t"\ntime_format = "unix_ms"', "t", "1706606100000", "2024-01-30T10:15:00+01:00"),
        ('time = "t"\ntime_format = "%d-%m-%Y %I:%M %p"', "t", "30-01-2024 10:15 PM", "2024-01-30T22:15:00+01:00"),
        ('date = "d"\nclock = "c"', "d,c", "2024-01-30,10:15 pm", "2024-01-30T22:15:00+01:00"),
        ('date = "d"\nclock = "c"', "d,c", "2024-01-30,08:05:30", "2024-01-30T08:05:30+01:00"),
        ('date = "d"\nclock = "21:00"', "d", "2024-01-30", "2024-01-30T21:00:00+01:00"),
        ('date = "d"\ndate_format = "%d/%m/%Y"\nclock = "9:00"', "d", "30/01/2024", "2024-01-30T09:00:00+01:00"),
        ('day = "n"\nclock = "c"\nstart = 2024-01-01', "n,c", "30,9:00", "2024-01-30T09:00:00+01:00"),
    ],
)
def test_time_is_told_in_many_ways(folder: Path, keys: str, header: str, row: str, happened: str) -> None:
    mapping = f'[source]\nzone = "Europe/Amsterdam"\n{keys}\n' + TENSION
    batch, receipt = taken(folder, f"{header},tension\n{row},4\n", mapping)
    assert receipt.refused == ()
    assert str(batch.records[0].happened) == happened


@pytest.mark.parametrize(
    ("clock", "start", "end"),
    [
        ("AM", "2024-01-30T00:00:00+01:00", "2024-01-30T12:00:00+01:00"),
        ("PM", "2024-01-30T12:00:00+01:00", "2024-01-31T00:00:00+01:00"),
        ("Evening", "2024-01-30T17:00:00+01:00", "2024-01-31T00:00:00+01:00"),
        ("", "2024-01-30T00:00:00+01:00", "2024-01-31T00:00:00+01:00"),
    ],
)
def test_half_days_words_and_dates_alone_are_spans(folder: Path, clock: str, start: str, end: str) -> None:
    mapping = (
        '[source]\nzone = "Europe/Amsterdam"\ndate = "d"\nclock = "c"\nclock_spans = { Evening = ["17:00", "24:00"] }\n'
        + CALL
        + "every_row = true\n"
    )
    batch, _ = taken(folder, f"d,c\n2024-01-30,{clock}\n", mapping)
    happened = batch.records[0].happened
    assert isinstance(happened, Span)
    assert (str(happened.start), str(happened.end)) == (start, end)
    assert batch.records[0].known == happened.end


def test_the_day_clocks_change_is_23_hours_long(folder: Path) -> None:
    batch, _ = taken(folder, "t,tension\n2024-03-31,4\n", SOURCE + TENSION)
    happened = batch.records[0].happened
    assert isinstance(happened, Span)
    assert happened.days * 24 == pytest.approx(23)


def test_the_hour_that_came_twice_is_the_first_and_is_said(folder: Path) -> None:
    batch, receipt = taken(folder, "t,tension\n2023-10-29 02:30,4\n2023-10-29 12:30,4\n", SOURCE + TENSION)
    assert str(batch.records[0].happened) == "2023-10-29T02:30:00+02:00"
    assert any("1 time in the hour that came twice" in note for note in receipt.notes)


def test_a_diary_of_today_is_known_now(folder: Path) -> None:
    now = Instant.local(datetime(2024, 3, 30, 21, 0), "Europe/Amsterdam")
    (folder / "a.csv").write_text("t,tension\n2024-03-30,4\n")
    batch, receipt = read(folder / "a.csv", SOURCE + TENSION, now=now)
    assert receipt.refused == ()
    assert batch.records[0].known == now


def test_the_same_file_twice_gives_the_same_identities_and_another_answer_another(folder: Path) -> None:
    csv = "t,tension\n2024-03-30 09:15,4\n2024-03-30 09:15,5\n2024-03-30 10:15,4\n"
    first, _ = taken(folder, csv, SOURCE + TENSION)
    again, _ = taken(folder, csv, SOURCE + TENSION)
    assert [one.id for one in first.records] == [one.id for one in again.records]
    assert len({one.id for one in first.records}) == 3


def test_a_file_that_grew_keeps_the_identities_it_had(folder: Path) -> None:
    csv = "t,tension\n2024-03-30 09:15,4\n2024-03-30 09:15,5\n"
    before, _ = taken(folder, csv, SOURCE + TENSION)
    after, _ = taken(folder, csv + "2024-03-30 10:15,4\n", SOURCE + TENSION)
    assert {one.id for one in before.records} < {one.id for one in after.records}


def test_a_row_repeated_word_for_word_counts_once_and_is_said(folder: Path) -> None:
    batch, receipt = taken(folder, "t,tension\n2024-03-30 09:15,4\n2024-03-30 09:15,4\n", SOURCE + TENSION)
    assert values(batch) == [4]
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (2, 0, 0)
    assert any("word for word" in note for note in receipt.notes)


def test_a_missing_column_is_refused_with_the_columns_there(folder: Path) -> None:
    with pytest.raises(BadMapping, match=r"item 1 asks for the column 'tension'.*did you mean 'tensoin'.*t, tensoin"):
        taken(folder, "t,tensoin\n2024-03-30 09:15,4\n", SOURCE + TENSION)


def test_a_column_that_is_there_twice_is_refused(folder: Path) -> None:
    with pytest.raises(BadMapping, match="twice"):
        taken(folder, "t,tension,tension\n2024-03-30 09:15,4,5\n", SOURCE + TENSION)


@pytest.mark.parametrize("content", ["", "t,tension\n"])
def test_a_file_without_rows_is_refused(folder: Path, content: str) -> None:
    with pytest.raises(UnreadableSource, match="no rows"):
        taken(folder, content, SOURCE + TENSION)


def test_all_values_missing_is_a_receipt_that_says_so(folder: Path) -> None:
    batch, receipt = taken(folder, "t,tension\n2024-03-30 09:15,NA\n2024-03-30 09:15,\n", SOURCE + TENSION)
    assert batch.records == ()
    assert (receipt.rows_empty, receipt.kept) == (2, {})
    assert any("nothing was kept" in note for note in receipt.notes)


def test_words_become_numbers_and_an_unlisted_word_is_refused(folder: Path) -> None:
    mapping = SOURCE + TENSION + 'values = { calm = 1, "on edge" = 6 }\n'
    batch, receipt = taken(
        folder, "t,tension\n2024-03-30 09:15,on edge \n2024-03-30 10:15,odd\n2024-03-30 11:15,3\n", mapping
    )
    assert values(batch) == [6, 3]
    assert reasons(receipt) == [(2, "tension is 'odd', which values doesn't list")]


def test_decimal_commas_are_read_where_the_mapping_says_so(folder: Path) -> None:
    batch, _ = taken(folder, "t;tension\n2024-03-30 09:15;4,5\n", SOURCE + 'decimal = ","\n' + TENSION)
    assert values(batch) == [4.5]


def test_an_event_has_its_size_contacts_and_tags(folder: Path) -> None:
    mapping = SOURCE + CALL + 'when = "what contains call"\nsize = "n"\ncontacts = "who"\ntags = ["phone"]\n'
    batch, _ = taken(
        folder, "t,what,n,who\n2024-03-30 09:15,call | walk,2.5,ann | bob\n2024-03-30 10:15,walk,1,\n", mapping
    )
    assert [one.body for one in batch.records] == [Event("call", "demand", 2.5, ("ann", "bob"), ("phone",))]


@pytest.mark.parametrize("size", ["big", "-1"])
def test_a_bad_size_refuses_the_event(folder: Path, size: str) -> None:
    batch, receipt = taken(folder, f"t,n\n2024-03-30 09:15,{size}\n", SOURCE + CALL + 'every_row = true\nsize = "n"\n')
    assert batch.records == ()
    assert receipt.rows_refused == 1


def test_a_size_not_recorded_is_none(folder: Path) -> None:
    batch, _ = taken(folder, "t,n\n2024-03-30 09:15,\n", SOURCE + CALL + 'every_row = true\nsize = "n"\n')
    assert batch.records[0].body == Event("call", "demand")


def test_labels_are_renamed_and_what_is_not_listed_is_passed_over(folder: Path) -> None:
    mapping = (
        SOURCE + '[[event]]\ncolumn = "what"\nsplit = "|"\nlabels = { run = "sport", swim = "sport" }\nis = "relief"\n'
    )
    batch, receipt = taken(folder, "t,what\n2024-03-30 09:15,run | swim | read\n2024-03-30 10:15,read\n", mapping)
    assert [one.body.label for one in batch.records if isinstance(one.body, Event)] == ["sport"]
    assert receipt.rows_empty == 1


def test_the_same_act_found_again_soon_adds_no_other(folder: Path) -> None:
    csv = "t,what\n" + "".join(f"2024-03-30 {hour:02d}:00,rest\n" for hour in (18, 9, 11, 13))
    batch, _ = taken(folder, csv, SOURCE + '[[event]]\ncolumn = "what"\nis = "relief"\napart_hours = 2\n')
    assert [str(one.happened)[11:13] for one in batch.records] == ["09", "18"]


def test_what_happened_since_the_row_before_keeps_that_span(folder: Path) -> None:
    csv = "t,what\n2024-03-30 09:00,rest\n2024-03-30 10:00,rest\n2024-03-30 18:00,rest\n"
    batch, _ = taken(folder, csv, SOURCE + '[[event]]\ncolumn = "what"\nis = "relief"\nsince_hours = 2\n')
    spans = [one.happened for one in batch.records if isinstance(one.happened, Span)]
    assert [(str(one.start)[11:13], str(one.end)[11:13]) for one in spans] == [("07", "09"), ("09", "10"), ("16", "18")]
    assert [one.known for one in batch.records] == [one.end for one in spans]


EPISODE = '[[episode]]\nlabel = "nurse"\nis = "role"\n'


def spans(batch: Batch) -> list[tuple[str, str]]:
    found = [one.happened for one in batch.records if isinstance(one.body, Episode) and isinstance(one.happened, Span)]
    return [(str(span.start)[8:16], str(span.end)[8:16]) for span in found]


def test_an_episode_goes_from_start_to_end(folder: Path) -> None:
    csv = "t,a,b\n2024-03-01,2024-03-01 09:00,2024-03-01 17:00\n"
    csv += "2024-03-02,2024-03-02 09:00,2024-03-02 08:00\n2024-03-03,2024-03-03 09:00,\n"
    batch, receipt = taken(folder, csv, SOURCE + EPISODE + 'start = "a"\nend = "b"\n')
    assert spans(batch) == [("01T09:00", "01T17:00")]
    assert ["before it starts" in reason or "no end" in reason for _, reason in reasons(receipt)] == [True, True]


def test_clocks_over_midnight_end_the_next_day_only_where_said(folder: Path) -> None:
    source = '[source]\nzone = "UTC"\ndate = "d"\n'
    csv = "d,a,b\n2024-03-01,22:00,06:00\n"
    late, _ = taken(folder, csv, source + EPISODE + 'start = "a"\nend = "b"\nover_midnight = true\n')
    assert spans(late) == [("01T22:00", "02T06:00")]
    _, receipt = taken(folder, csv, source + EPISODE + 'start = "a"\nend = "b"\n')
    assert "over_midnight" in receipt.refused[0].reason


def test_an_episode_lasts_its_minutes(folder: Path) -> None:
    batch, _ = taken(folder, "t,m\n2024-03-01 09:00,90\n", SOURCE + EPISODE + 'minutes = "m"\n')
    assert spans(batch) == [("01T09:00", "01T10:30")]


def test_without_an_end_a_row_lasts_until_the_next_at_most_so_long(folder: Path) -> None:
    csv = "t,what\n2024-03-01 09:00,work\n2024-03-01 10:00,home\n2024-03-01 20:00,work\n"
    mapping = SOURCE + '[[episode]]\ncolumn = "what"\nlabels = { work = "work" }\nis = "role"\nmax_hours = 3\n'
    batch, _ = taken(folder, csv, mapping)
    assert spans(batch) == [("01T09:00", "01T10:00"), ("01T20:00", "01T23:00")]


def test_an_ignored_prompt_is_a_prompt(folder: Path) -> None:
    csv = "t,a\n2024-03-01 09:00,2024-03-01 09:03\n2024-03-01 12:00,\n"
    batch, _ = taken(folder, csv, SOURCE + '[[prompt]]\nanswered = "a"\n')
    bodies = [one.body for one in batch.records]
    assert [isinstance(body, Prompt) and body.answered is not None for body in bodies] == [True, False]


def test_coverage_comes_month_by_month(folder: Path) -> None:
    mapping = SOURCE + "[[coverage]]\nstart = 2024-01-15\nend = 2024-03-10\nintensity = 0.4\n" + TENSION
    batch, _ = taken(folder, "t,tension\n2024-03-30 09:15,4\n", mapping)
    pieces = [one.happened for one in batch.records if isinstance(one.body, Coverage)]
    assert [str(one.start)[:10] for one in pieces if isinstance(one, Span)] == [
        "2024-01-15",
        "2024-02-01",
        "2024-03-01",
    ]
    last = pieces[-1]
    assert isinstance(last, Span)
    assert str(last.end)[:10] == "2024-03-11"


def test_coverage_of_rows_refuses_an_impossible_intensity(folder: Path) -> None:
    mapping = SOURCE + '[[coverage]]\nstart = "t"\nend = "e"\nintensity = "i"\nlabels = "l"\n'
    csv = "t,e,i,l\n2024-01-01,2024-01-09,0.5,a | b\n2024-01-10,2024-01-20,1.5,a\n2024-01-20,2024-01-10,1,a\n"
    batch, receipt = taken(folder, csv, mapping)
    assert [one.body for one in batch.records] == [Coverage(("a", "b"), 0.5)]
    assert len(receipt.refused) == 2


def test_a_contact_is_known_by_what_was_known_when(folder: Path) -> None:
    mapping = (
        SOURCE + TENSION + '[[contact]]\npseudonym = "aunt"\nattributes = [{ name = "family" }, '
        '{ name = "knows_both_lives", known = 2024-04-01 }]\n'
    )
    batch, _ = taken(folder, "t,tension\n2024-03-30 09:15,4\n", mapping)
    known = {str(one.known)[:10]: one.body.attributes[0].name for one in batch.records if isinstance(one.body, Contact)}
    assert known == {"2024-03-30": "family", "2024-04-01": "knows_both_lives"}


def test_a_signal_is_kept_by_month_in_the_order_of_time(folder: Path) -> None:
    csv = "t,pulse\n2024-02-01 09:00,60\n2024-01-01 09:00,50\n2024-01-01 08:00,55\n2024-01-01 10:00,fast\n"
    batch, receipt = taken(folder, csv, SOURCE + '[[signal]]\ncolumn = "pulse"\nunit = "bpm"\n')
    bodies = [one.body for one in batch.records if isinstance(one.body, Signal)]
    assert [list(body.values) for body in bodies] == [[55, 50], [60]]
    assert all(np.all(np.diff(body.times_us) > 0) for body in bodies)
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (4, 1, 0)


PEOPLE = "who,t,tension\nann,2024-03-30 09:15,4\nbob,2024-03-30 09:15,5\n"


def test_one_person_is_read_and_the_others_are_said_to_be_passed_over(folder: Path) -> None:
    mapping = SOURCE + 'person = { column = "who", value = "bob" }\n' + TENSION
    batch, receipt = taken(folder, PEOPLE, mapping)
    assert values(batch) == [5]
    assert receipt.rows_read == 1
    assert "diary.csv: 1 row of other people not read" in receipt.notes
    assert values(taken(folder, PEOPLE, mapping, person="ann")[0]) == [4]


def test_several_people_unnamed_are_refused(folder: Path) -> None:
    with pytest.raises(BadMapping, match="ann, bob"):
        taken(folder, PEOPLE, SOURCE + 'person = { column = "who" }\n' + TENSION)


def test_where_chooses_rows(folder: Path) -> None:
    batch, _ = taken(folder, PEOPLE, SOURCE + 'where = "tension > 4"\n' + TENSION)
    assert values(batch) == [5]


def folder_of(folder: Path, mapping: str, **files: str) -> Path:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, encoding="utf-8")
    (folder / "mainstay.toml").write_text(mapping, encoding="utf-8")
    return folder


def test_a_folder_is_read_by_its_own_mapping(folder: Path) -> None:
    mapping = SOURCE + '[[file]]\npath = "a.csv"\n[[file]]\npath = "b.csv"\ntime = "when"\n' + TENSION + 'file = "a"\n'
    mapping += (
        CALL
        + 'file = "b"\nevery_row = true\n[[statement]]\npath = "worry.toml"\nform = "concern"\nwritten = 2024-02-01\n'
    )
    (folder / "worry.toml").write_text('worry = "invented"\n')
    place = folder_of(folder, mapping, a="t,tension\n2024-03-30 09:15,4\n", b="when\n2024-03-30 10:00\n")
    told: list[tuple[int, int]] = []
    _, receipt = read(place, now=NOW, progress=lambda done, total: told.append((done, total)))
    assert receipt.kept == {"call": 1, "concern": 1, "tension": 1}
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]


def test_a_folder_without_a_mapping_is_refused(folder: Path) -> None:
    with pytest.raises(BadMapping, match=r"mainstay\.toml"):
        read(folder, now=NOW)


@pytest.mark.parametrize("path", ["../secret.csv", "/etc/passwd", "link.csv"])
def test_a_mapping_names_no_file_outside_its_folder(folder: Path, path: str) -> None:
    inside = folder / "inside"
    inside.mkdir()
    (folder / "secret.csv").write_text("t,tension\n2024-03-30 09:15,4\n")
    (inside / "link.csv").symlink_to(folder / "secret.csv")
    with pytest.raises(BadMapping, match="outside"):
        read(folder_of(inside, SOURCE + f'file = "{path}"\n' + TENSION), now=NOW)


@pytest.mark.parametrize("make", [pl.DataFrame, pd.DataFrame, pa.table])
def test_a_dataframe_gives_what_its_file_gives(folder: Path, make) -> None:
    from_file, _ = taken(folder, "t,tension\n2024-03-30 09:15,4\n2024-03-30 10:15,\n", SOURCE + TENSION)
    frame = make({"t": [datetime(2024, 3, 30, 9, 15), datetime(2024, 3, 30, 10, 15)], "tension": [4.0, None]})
    batch, receipt = read_frames(frame, SOURCE + TENSION, now=NOW)
    assert [(one.id, one.body) for one in batch.records] == [(one.id, one.body) for one in from_file.records]
    assert receipt.rows_empty == 1


def test_several_dataframes_are_found_by_name() -> None:
    mapping = SOURCE + '[[file]]\npath = "a.csv"\n[[file]]\npath = "b.csv"\n' + TENSION + 'file = "a"\n' + CALL
    mapping += 'file = "b"\nevery_row = true\n'
    frames = {"a": pl.DataFrame({"t": ["2024-03-30 09:15"], "tension": [4]}), "b": pl.DataFrame({"t": ["2024-03-30"]})}
    assert read_frames(frames, mapping, now=NOW)[1].kept == {"call": 1, "tension": 1}
    with pytest.raises(BadMapping, match="'b'"):
        read_frames({"a": frames["a"]}, mapping, now=NOW)


@given(st.lists(st.tuples(st.text(max_size=12), st.text(max_size=6)), min_size=1, max_size=8))
def test_any_cells_are_accounted_for(cells: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame({"t": [one[0] for one in cells], "tension": [one[1] for one in cells]})
    batch, receipt = read_frames(frame, SOURCE + TENSION, now=NOW)
    assert receipt.rows_read == len(cells)
    assert receipt.rows_refused + receipt.rows_empty + len({one.id for one in batch.records}) <= len(cells)
    assert all(refusal.reason for refusal in receipt.refused)


def test_statements_beside_the_mapping_come_with_dataframes(folder: Path) -> None:
    worry = '[[statement]]\npath = "worry.toml"\nform = "concern"\nwritten = 2024-02-01\n'
    (folder / "worry.toml").write_text('worry = "invented"\n')
    (folder / "mainstay.toml").write_text(SOURCE + TENSION + worry)
    frame = pl.DataFrame({"t": ["2024-03-30 09:15"], "tension": [4]})
    assert read_frames(frame, folder / "mainstay.toml", now=NOW)[1].kept == {"concern": 1, "tension": 1}
    with pytest.raises(BadMapping, match="beside the mapping"):
        read_frames(frame, SOURCE + TENSION + worry, now=NOW)
