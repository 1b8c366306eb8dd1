"""A calendar becomes activities named by category or calendar; titles and guests are never read."""

import zipfile

import pytest

from mainstay.errors import NaiveInstant, UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.kinds import Episode, Event
from mainstay.records.place import Place
from mainstay.records.reader import read
from mainstay.records.sources import recognised
from records.sources.samples import sample

NOW = Instant.parse("2026-11-22T00:00Z")
AMSTERDAM = "Europe/Amsterdam"


def made(tmp_path, *entries, head="", name="calendar.ics", end="END:VCALENDAR\n"):
    path = tmp_path / name
    inside = "".join(f"BEGIN:VEVENT\nUID:{i}\n{entry}\nEND:VEVENT\n" for i, entry in enumerate(entries))
    path.write_text(f"BEGIN:VCALENDAR\nVERSION:2.0\n{head}{inside}{end}")
    return path


def times(batch):
    return [f"{r.happened.start} {r.happened.end}" for r in sorted(batch.records, key=lambda r: r.happened.start)]


def labels(batch):
    return [r.body.label for r in batch.records]


def test_a_category_names_the_activity_and_nothing_that_may_name_people_is_read(tmp_path):
    path = made(
        tmp_path,
        "DTSTART:20250105T090000Z\nDTEND:20250105T100000Z\nCATEGORIES:Work,Talks\nSUMMARY:With Zora\n Zebra\n"
        "ATTENDEE;CN=Zora:mailto:z@x\nLOCATION:Zoo\nDESCRIPTION:Zzz",
        "DTSTART:20250106T090000Z\nDURATION:PT90M\nSUMMARY:Zora again",
        head="X-WR-CALNAME:Evenings\nX-WR-TIMEZONE:Europe/Amsterdam\n",
    )
    batch, receipt = read(path, now=NOW)
    assert labels(batch) == ["Work", "Evenings"]
    assert times(batch) == [
        "2025-01-05T10:00:00+01:00 2025-01-05T11:00:00+01:00",
        "2025-01-06T10:00:00+01:00 2025-01-06T11:30:00+01:00",
    ]
    assert "Zora" not in f"{batch}{receipt}"
    assert all(r.body == Episode(r.body.label, "activity") for r in batch.records)
    assert any("titles, places, notes and guests were not read" in note for note in receipt.notes)


def test_an_address_is_no_name_for_an_activity(tmp_path):
    path = made(tmp_path, "DTSTART:20250105T090000Z\nDURATION:PT1H", head="X-WR-CALNAME:zora@example.com\n")
    assert labels(read(path, now=NOW)[0]) == ["calendar"]


def test_what_recurs_keeps_its_clock_through_summer_time_without_what_was_taken_out_and_with_what_was_moved(tmp_path):
    path = made(
        tmp_path,
        "DTSTART;TZID=Europe/Amsterdam:20250324T090000\nDTEND;TZID=Europe/Amsterdam:20250324T100000\n"
        "RRULE:FREQ=DAILY;COUNT=10\nEXDATE;TZID=Europe/Amsterdam:20250326T090000",
    )
    text = path.read_text().replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\nUID:0\nRECURRENCE-ID;TZID=Europe/Amsterdam:20250331T090000\n"
        "DTSTART;TZID=Europe/Amsterdam:20250331T150000\nDTEND;TZID=Europe/Amsterdam:20250331T160000\nEND:VEVENT\n"
        "END:VCALENDAR",
    )
    path.write_text(text)
    batch, receipt = read(path, now=NOW)
    starts = [text.split(" ")[0] for text in times(batch)]
    assert len(starts) == 9
    assert "2025-03-25T09:00:00+01:00" in starts
    assert not any(start.startswith("2025-03-26") for start in starts)
    assert {"2025-03-30T09:00:00+02:00", "2025-03-31T15:00:00+02:00"} <= set(starts)
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (2, 0, 0)


def test_an_endless_series_ends_now_and_what_lies_ahead_waits(tmp_path):
    path = made(tmp_path, "DTSTART:20261101T090000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY", "DTSTART:20270101T090000Z")
    batch, receipt = read(path, now=NOW)
    assert len(batch.records) == 3
    assert (receipt.rows_read, receipt.rows_refused, receipt.rows_empty) == (2, 0, 1)
    assert any("2 times not over yet" in note for note in receipt.notes)


def test_floating_times_and_whole_days_ask_for_a_zone(tmp_path):
    path = made(tmp_path, "DTSTART:20250105T090000\nDURATION:PT1H", "DTSTART;VALUE=DATE:20250330")
    with pytest.raises(NaiveInstant, match="--zone"):
        read(path, now=NOW)
    batch, _ = read(path, zone=AMSTERDAM, now=NOW)
    assert times(batch) == [
        "2025-01-05T09:00:00+01:00 2025-01-05T10:00:00+01:00",
        "2025-03-30T00:00:00+01:00 2025-03-31T00:00:00+02:00",
    ]


def test_what_took_no_time_is_an_event(tmp_path):
    path = made(
        tmp_path,
        "DTSTART;VALUE=DATE:20250427\nDTEND;VALUE=DATE:20250428\nTRANSP:TRANSPARENT",
        "DTSTART:20250105T090000Z",
        "DTSTART:20250106T090000Z\nDURATION:PT1H\nSTATUS:CANCELLED",
    )
    batch, receipt = read(path, zone=AMSTERDAM, now=NOW)
    assert [r.body for r in batch.records] == [Event("calendar", "other")] * 2
    assert receipt.rows_empty == 1
    assert any("1 time cancelled" in note for note in receipt.notes)


def test_a_bad_entry_costs_only_itself(tmp_path):
    good = "DTSTART:20250105T090000Z\nDURATION:PT1H"
    bad = {
        "DTSTART;;:20250105T090000Z": "can't be understood",
        "DURATION:PT1H": "no start",
        "DTSTART;TZID=Mars/Base:20250105T090000": "zone 'Mars/Base' is unknown",
        "DTSTART:20250105T090000Z\nDTEND:20250104T090000Z": "before it starts",
        "DTSTART:00010105T090000Z": "before the year 1900",
        "DTSTART:20250105T090000Z\nRRULE:FREQ=SECONDLY": "many times a day",
        "DTSTART:20250105T090000Z\nRRULE:FREQ=DAILY;BYMINUTE=1,2,3,4,5,6;BYSECOND=1,2": "many times a day",
        "DTSTART:19500105T090000Z\nRRULE:FREQ=DAILY": "more than 20,000 times",
        "DTSTART:20250105T090000Z\nRRULE:FREQ=NEVER": "can't be understood",
        "DTSTART:20250105T090000Z\nRRULE:FREQ=DAILY\nDTEND:20250106T100000": "only one of its times",
        "DTSTART;TZID=Europe/Amsterdam:20250330T023000\nDTEND:20250331": "ends on a date",
    }
    batch, receipt = read(made(tmp_path, good, *bad, good), now=NOW)
    assert len(batch.records) == 2
    assert (receipt.rows_read, receipt.rows_refused) == (len(bad) + 2, len(bad))
    for refusal, said in zip(receipt.refused, bad.values(), strict=True):
        assert said in refusal.reason
    assert [one.row for one in receipt.refused] == list(range(2, len(bad) + 2))


def test_a_zone_of_the_file_itself_is_used_and_a_hostile_one_is_not(tmp_path):
    zone = (
        "BEGIN:VTIMEZONE\nTZID:Our zone\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0500\n"
        "TZOFFSETTO:+0500\n{}END:STANDARD\nEND:VTIMEZONE\n"
    )
    entry = "DTSTART;TZID=Our zone:20250105T090000\nDTEND;TZID=Our zone:20250105T100000"
    batch, _ = read(made(tmp_path, entry, head=zone.format("")), now=NOW)
    assert times(batch) == ["2025-01-05T09:00:00+05:00 2025-01-05T10:00:00+05:00"]
    hostile = made(
        tmp_path,
        entry.replace("Our", "Bad"),
        head=zone.format("RRULE:FREQ=SECONDLY\n").replace("Our", "Bad"),
    )
    _, receipt = read(hostile, now=NOW)
    assert "zone 'Bad zone' is unknown" in receipt.refused[0].reason


def test_entries_that_share_an_identity_but_no_time_are_several(tmp_path):
    path = made(tmp_path, "DTSTART:20250105T090000Z\nDURATION:PT1H", "DTSTART:20250106T090000Z\nDURATION:PT1H")
    path.write_text(path.read_text().replace("UID:1", "UID:0"))
    assert len(read(path, now=NOW)[0].records) == 2


def test_the_same_calendar_twice_gives_the_same_identities_and_a_zip_of_several_is_read(tmp_path):
    one = made(tmp_path, "DTSTART:20250105T090000Z\nDURATION:PT1H", head="X-WR-CALNAME:Work\n", name="a.ics")
    two = made(tmp_path, "DTSTART:20250106T090000Z\nDURATION:PT1H", name="b.ics")
    with zipfile.ZipFile(tmp_path / "calendars.zip", "w") as together:
        together.write(one)
        together.write(two)
    told = []
    batch, _ = read(tmp_path / "calendars.zip", now=NOW, progress=lambda done, total: told.append((done, total)))
    assert recognised(Place(tmp_path / "calendars.zip")).name == "calendar"
    apart = {r.id for path in (one, two) for r in read(path, now=NOW)[0].records}
    assert {r.id for r in batch.records} == apart
    assert told[-1][0] == told[-1][1]


def test_other_encodings_long_lines_and_a_lost_end_are_said(tmp_path):
    path = made(tmp_path, "DTSTART:20250105T090000Z\nDURATION:PT1H\nCATEGORIES:Caf\u00e9", end="BEGIN:VEVENT\nUID:9\n")
    path.write_bytes(path.read_text().encode("latin-1") + b"X-LONG:" + b"x" * 3_000_000 + b"\n")
    batch, receipt = read(path, now=NOW)
    assert labels(batch) == ["Café"]
    assert any("Latin-1" in note for note in receipt.notes)
    assert any("as if cut off" in note for note in receipt.notes)


def test_what_is_no_calendar_is_not_recognised(tmp_path):
    (tmp_path / "x.ics").write_text("BEGIN:V\nRRULE:%n;BYMONTH=")
    assert recognised(Place(tmp_path / "x.ics")) is None
    with pytest.raises(UnreadableSource, match="BEGIN:VCALENDAR"):
        read(tmp_path / "x.ics", source="calendar", now=NOW)


SAMPLES = {
    "alarm_etar_future": (1, 0, 1), "alarm_etar_notification": (1, 0, 1), "alarm_etar_notification_clicked": (1, 0, 1),
    "alarm_google_acknowledged": (1, 0, 1), "alarm_google_future": (1, 0, 1), "alarm_thunderbird_2_future": (1, 0, 1),
    "alarm_thunderbird_2_notification_5_min_postponed": (1, 0, 1),
    "alarm_thunderbird_2_notification_5_min_postponed_and_closed": (1, 0, 1),
    "alarm_thunderbird_2_notification_5_min_postponed_and_popped_up": (1, 0, 1),
    "alarm_thunderbird_2_notification_popped_up": (1, 0, 1), "alarm_thunderbird_closed": (1, 0, 1),
    "alarm_thunderbird_future": (1, 0, 1), "alarm_thunderbird_snoozed_until_1457": (1, 0, 1),
    "america_new_york": (1, 0, 1), "america_new_york_forward_reference": (1, 1, 0), "big_bad_calendar": (20, 20, 0),
    "bom_calendar": (0, 0, 0), "broken_ical": (1, 1, 0), "calendar_with_unicode": (0, 0, 0), "empty": (0, 0, 0),
    "example": (3, 0, 3), "issue_1050_all_components": (1, 0, 1),
    "issue_1050_calendar_with_events_and_todos": (2, 0, 2),
    "issue_1050_forward_timezone_reference": (1, 0, 1), "issue_1050_timezone_only_calendar": (0, 0, 0),
    "issue_466_convert_tzid_with_slash": (1, 0, 214),
    "rfc_5545_RDATE_example": (6, 6, 0), "tutorial_example": (2, 0, 2),
}  # fmt: skip
"""Entries, refused ones and times kept, counted by hand: 214 Fridays from 21 October 2022 to 20 November 2026."""


@pytest.mark.parametrize("name", SAMPLES)
def test_the_published_samples_count_as_by_hand(name):
    batch, receipt = read(sample(f"importers/ics_icalendar/{name}.ics"), source="calendar", zone=AMSTERDAM, now=NOW)
    assert (receipt.rows_read, receipt.rows_refused, len(batch.records)) == SAMPLES[name]
