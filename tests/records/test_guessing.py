"""What is proposed for tables that nobody has described; all of them are invented."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mainstay.errors import UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.guessing import Answers, Proposal, propose
from mainstay.records.guessing_preview import understood
from mainstay.records.guessing_words import better_by_name
from mainstay.records.reader import read
from mainstay.records.tables import as_table, read_table

NOW = Instant.parse("2025-06-01T12:00+02:00")
DAYS = 40
START = datetime(2024, 3, 1, 20, 30)
MOMENTS = [START + timedelta(days=day, minutes=7 * day % 50) for day in range(DAYS)]
LIKERT = [1 + (3 * day) % 7 for day in range(DAYS)]
ZONED = Answers(zone="Europe/Amsterdam")


def proposed(columns: dict[str, Any], answers: Answers = ZONED) -> Proposal:
    return propose(as_table(columns, "diary.csv"), answers)


def source(proposal: Proposal) -> dict[str, Any]:
    return tomllib.loads(proposal.toml)["source"]


def tables(proposal: Proposal, kind: str) -> dict[str, dict[str, Any]]:
    found = tomllib.loads(proposal.toml).get(kind, [])
    return {one.get("column") or one.get("label"): one for one in found}


def left(proposal: Proposal) -> dict[str, str]:
    return dict(proposal.left_out)


def written(pattern: str) -> list[str]:
    return [f"{moment:{pattern}}" for moment in MOMENTS]


@pytest.mark.parametrize(
    ("cells", "keys"),
    [
        ([moment.isoformat() for moment in MOMENTS], {"time": "when"}),
        ([moment.isoformat(" ") for moment in MOMENTS], {"time": "when"}),
        ([f"{moment.isoformat()}Z" for moment in MOMENTS], {"time": "when"}),
        ([f"{moment.isoformat()}+01:00" for moment in MOMENTS], {"time": "when"}),
        (written("%Y-%m-%d %H:%M"), {"time": "when"}),
        (written("%d.%m.%Y %H:%M"), {"time": "when", "time_format": "%d.%m.%Y %H:%M"}),
        (written("%m/%d/%Y %H:%M"), {"time": "when", "time_format": "%m/%d/%Y %H:%M"}),
        (written("%m/%d/%y %I:%M %p"), {"time": "when", "time_format": "%m/%d/%y %I:%M %p"}),
        (written("%Y/%m/%d %H:%M:%S"), {"time": "when", "time_format": "%Y/%m/%d %H:%M:%S"}),
        (written("%d %b %Y %H:%M"), {"time": "when", "time_format": "%d %b %Y %H:%M"}),
        (written("%B %d, %Y %H:%M"), {"time": "when", "time_format": "%B %d, %Y %H:%M"}),
        (written("%Y-%m-%d"), {"date": "when"}),
        (written("%d-%m-%Y"), {"date": "when", "date_format": "%d-%m-%Y"}),
        (written("%Y%m%d"), {"date": "when"}),
        ([int(moment.timestamp()) for moment in MOMENTS], {"time": "when", "time_format": "unix_s"}),
        ([int(moment.timestamp() * 1000) for moment in MOMENTS], {"time": "when", "time_format": "unix_ms"}),
        (MOMENTS, {"time": "when"}),
        ([moment.date() for moment in MOMENTS], {"date": "when"}),
    ],
)
def test_a_column_of_times_is_found_however_it_is_written(cells: list[Any], keys: dict[str, str]) -> None:
    proposal = proposed({"when": cells, "tension": LIKERT})
    ways = ("time", "time_format", "date", "date_format")
    told = {key: value for key, value in source(proposal).items() if key in ways}
    assert told == keys
    assert proposal.questions == ()
    rows = understood(as_table({"when": cells, "tension": LIKERT}), proposal.plan, zone=None, person=None, now=NOW)
    assert len(rows) == 10
    assert all(not one.refused for one in rows)
    assert rows[0].kept[0].startswith("2024-03-0")


def test_a_date_and_a_clock_in_two_columns_are_joined() -> None:
    proposal = proposed({"Date": written("%Y-%m-%d"), "Time": written("%I:%M %p"), "stress": LIKERT})
    assert (source(proposal)["date"], source(proposal)["clock"]) == ("Date", "Time")


def test_parts_of_the_day_become_spans_with_hours_that_are_said_to_be_assumed() -> None:
    parts = [("morning", "evening")[day % 2] for day in range(DAYS)]
    proposal = proposed({"date": written("%Y-%m-%d"), "part": parts, "stress": LIKERT})
    assert source(proposal)["clock_spans"] == {"morning": ["06:00", "12:00"], "evening": ["18:00", "24:00"]}
    assert "assumption" in proposal.toml


def test_days_that_can_be_read_in_two_ways_are_told_with_both_and_asked_where_nothing_settles_them() -> None:
    scattered = ["03/04/2024", "04/03/2024"] * 20
    proposal = proposed({"date": scattered, "tension": LIKERT})
    [question] = proposal.questions
    assert (question.about, question.choices) == ("order", ("day", "month"))
    assert "03 April 2024" in question.text
    assert "04 March 2024" in question.text
    for first, pattern in ((True, "%d/%m/%Y"), (False, "%m/%d/%Y")):
        said = Answers(zone="UTC", day_first={"date": first})
        settled = proposed({"date": scattered, "tension": LIKERT}, said)
        assert settled.questions == ()
        assert source(settled)["date_format"] == pattern


def test_days_that_follow_one_another_settle_what_comes_first_and_the_other_reading_is_still_told() -> None:
    row = [date(2024, 3 + day // 12, 1 + day % 12) for day in range(DAYS)]
    proposal = proposed({"date": [f"{one:%m/%d/%Y}" for one in row], "tension": LIKERT})
    assert source(proposal)["date_format"] == "%m/%d/%Y"
    assert "the other reading is 03 January 2024" in proposal.toml


def test_a_file_that_mixes_two_orders_of_day_and_month_is_found_out() -> None:
    row = [date(2024, 4, 12) + timedelta(days=day) for day in range(DAYS)]
    mixed = [f"{one:%d-%m-%Y}" if one.day > 12 else f"{one:%m-%d-%Y}" for one in row]
    proposal = proposed({"date": mixed, "tension": LIKERT})
    assert source(proposal)["date_format"] == "%d-%m-%Y"
    assert "mix two orders" in proposal.doubts[0]
    straight = proposed({"date": [f"{one:%d-%m-%Y}" for one in row], "tension": LIKERT})
    assert straight.doubts == ()


def test_days_of_a_calendar_in_three_columns_are_no_study_days() -> None:
    columns = {"year": [2024] * DAYS, "month": [3, 4] * 20, "day": [1 + day % 28 for day in range(DAYS)]}
    with pytest.raises(UnreadableSource, match="tells when"):
        proposed(columns | {"tension": LIKERT})


def test_study_days_ask_for_the_first_date_and_are_shown_with_a_stand_in() -> None:
    columns = {"day": [1 + day // 4 for day in range(DAYS)], "clock": ["09:00", "12:00", "15:00", "18:00"] * 10}
    columns["worried"] = LIKERT
    proposal = proposed(columns)
    assert [one.about for one in proposal.questions] == ["start"]
    assert "start" not in source(proposal)
    assert proposal.trial.source.start == date(2001, 1, 1)
    settled = proposed(columns, Answers(zone="UTC", start=date(2024, 1, 31)))
    assert settled.questions == ()
    assert source(settled)["start"] == date(2024, 1, 31)


def test_numbered_questionnaires_of_a_study_day_keep_their_order_in_parts_of_the_day() -> None:
    columns = {"day": [1 + day // 4 for day in range(DAYS)], "beep": [1, 2, 3, 4] * 10, "worried": LIKERT}
    proposal = proposed(columns, Answers(zone="UTC", start=date(2024, 1, 31)))
    assert source(proposal)["clock_spans"]["2"] == ["11:30", "15:00"]
    assert "assumption" in proposal.toml
    second = understood(as_table(columns), proposal.plan, zone=None, person=None, now=NOW)[1]
    assert second.kept[0].startswith("2024-01-31T11:30:00+00:00 to 15:00  check-in")
    assert proposal.doubts == ()
    again = columns | {"day": [1 + day % 20 // 4 for day in range(DAYS)]}
    assert "falls back 1 times" in proposed(again, Answers(zone="UTC", start=date(2024, 1, 31))).doubts[0]


def test_local_times_ask_for_a_zone_and_are_shown_without_an_offset() -> None:
    table = as_table({"when": written("%Y-%m-%d %H:%M"), "tension": LIKERT})
    proposal = propose(table)
    assert [one.about for one in proposal.questions] == ["zone"]
    assert "zone" not in source(proposal)
    [first, *_] = understood(table, proposal.trial, zone=None, person=None, now=NOW)
    assert first.kept == ("2024-03-01 20:30:00 (zone not said)  check-in  tension = 1 (1 to 7, low is better)",)


def test_several_people_are_seen_and_asked_for_and_what_they_are_is_left_out() -> None:
    people = [f"P{day % 3}" for day in range(DAYS)]
    columns = {"participant": people, "when": written("%Y-%m-%d %H:%M"), "age": [30 + day % 3 for day in range(DAYS)]}
    columns |= {"gender": [("f", "m", "f")[day % 3] for day in range(DAYS)], "sad": LIKERT}
    proposal = proposed(columns)
    assert source(proposal)["person"] == {"column": "participant"}
    [question] = proposal.questions
    assert question.choices == ("P0", "P1", "P2")
    assert left(proposal)["age"] == "it says the same in all rows of a person"
    assert proposed(columns, Answers(zone="UTC", person="P1")).questions == ()
    rows = understood(as_table(columns), proposal.plan, zone=None, person="P1", now=NOW)
    assert [one.number for one in rows[:2]] == [2, 5]


def test_one_person_named_throughout_is_no_question() -> None:
    proposal = proposed({"id": ["anna"] * DAYS, "when": MOMENTS, "sad": LIKERT})
    assert "person" not in source(proposal)
    assert left(proposal)["id"] == "it says the same in every row"


@pytest.mark.parametrize(
    ("values", "ends"),
    [
        ([1, 2, 3, 4, 5], (1, 5)),
        ([1, 2, 3, 5, 7], (1, 7)),
        ([2, 3, 4, 6, 4], (1, 7)),
        ([0, 3, 8, 5, 2], (0, 10)),
        ([0, 12, 55, 99, 31], (0, 100)),
        ([12.5, 80.25, 99.0, 3.5, 44.0], (0, 100)),
        ([0, 1, 2, 3, 1], (0, 3)),
        ([-3, -1, 0, 2, 3], (-3, 3)),
        ([-50, 20, 50, 3, 0], (-50, 50)),
    ],
)
def test_the_ends_of_a_scale_come_from_its_values_and_the_usual_scales(values: list[float], ends: Any) -> None:
    item = tables(proposed({"when": MOMENTS, "anxious": values * 8}), "item")["anxious"]
    assert (item["low"], item["high"]) == ends
    assert item["better"] == "low"
    assert item.get("ordinal", True) is (ends[1] - ends[0] < 11)


def test_questions_of_one_file_share_their_ends() -> None:
    columns = {"when": MOMENTS, "sad": LIKERT, "calm": LIKERT[::-1], "angry": [1, 2, 1, 3] * 10}
    items = tables(proposed(columns), "item")
    assert {(one["low"], one["high"]) for one in items.values()} == {(1, 7)}
    assert {name: one["better"] for name, one in items.items()} == {"sad": "low", "calm": "high", "angry": "low"}


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("Relaxed", "high"), ("mood_down", "low"), ("moodCheerf", "high"), ("pat_restl", "low"), ("mood", "high"),
        ("sleep quality", "high"), ("negative_mood", "low"), ("not_relaxed", None), ("happy_sad", None),
        ("mood_doubt", None), ("Q7", None), ("hunger", None),
    ],
)  # fmt: skip
def test_which_end_is_better_comes_from_a_word_of_the_name_or_is_not_said(name: str, better: str | None) -> None:
    found = better_by_name(name)
    assert (found[0] if found else None) == better


def test_an_item_whose_better_end_is_unknown_is_left_out_until_it_is_said() -> None:
    columns = {"when": MOMENTS, "Q1": LIKERT, "sad": LIKERT}
    proposal = proposed(columns)
    assert set(tables(proposal, "item")) == {"sad"}
    assert [(one.about, one.column) for one in proposal.questions] == [("better", "Q1")]
    assert '# column = "Q1"' in proposal.toml
    said = proposed(columns, Answers(zone="UTC", better={"Q1": "high"}))
    assert tables(said, "item")["Q1"]["better"] == "high"
    assert proposed(columns, Answers(zone="UTC", better={"Q1": None})).questions == ()


def test_the_commented_table_of_an_unsure_item_is_one_that_can_be_read() -> None:
    toml = proposed({"when": MOMENTS, "Q1": LIKERT}).toml
    block = toml[toml.index("# [[item]]") :].split("\n\n")[0]
    table = "\n".join(line.removeprefix("# ") for line in block.splitlines()).replace('""', '"low"')
    assert tomllib.loads(table)["item"][0] == {"column": "Q1", "low": 1, "high": 7, "better": "low"}


@pytest.mark.parametrize(
    ("cells", "when"),
    [
        ([0, 1], "quarrel == 1"),
        (["yes", "no"], "quarrel == yes"),
        (["TRUE", "FALSE"], "quarrel == TRUE"),
        (["N", "Y"], "quarrel == Y"),
        (["x", ""], None),
    ],
)
def test_yes_and_no_become_events(cells: list[Any], when: str | None) -> None:
    columns = {"when": MOMENTS, "quarrel": cells * 20, "sad": LIKERT}
    event = tables(proposed(columns), "event").get("quarrel")
    assert (event or {}).get("when") == when
    if event is not None:
        assert event["is"] == "other"


def test_counts_lengths_and_measures_become_signals_with_their_unit() -> None:
    many = [(37 * day) % 900 for day in range(DAYS)]
    columns = {"when": MOMENTS, "n_steps": many, "walk_minutes": many, "sleep_h": [6.5, 7.0, 8.25, 5.5] * 10}
    columns |= {"resting_hr": [55, 60, 58, 61] * 10, "weight_kg": [70.5, 71.0, 69.5, 70.0] * 10, "duration": many}
    units = {name: one["unit"] for name, one in tables(proposed(columns), "signal").items()}
    assert units == {
        "n_steps": "count", "walk_minutes": "minutes", "sleep_h": "hours", "resting_hr": "bpm", "weight_kg": "kg",
        "duration": "minutes",
    }  # fmt: skip
    assert "if it is hours, write so" in proposed(columns).toml


def test_numbers_of_rows_constants_and_free_text_are_left_out_and_said() -> None:
    columns = {"no": range(1, DAYS + 1), "when": MOMENTS, "sad": LIKERT, "app": ["x"] * DAYS, "gone": [None] * DAYS}
    columns |= {"note": [f"today I thought about {day} things that went through my mind" for day in range(DAYS)]}
    assert left(proposed(columns)) == {
        "no": "it numbers rows, days or people",
        "app": "it says the same in every row",
        "gone": "it is empty",
        "note": "text that differs from row to row is not read",
    }


def test_tags_become_events_split_as_they_are_written_and_words_for_moods_are_asked() -> None:
    tags = ["run | work", "work", "swim | run | work", "swim"] * 10
    columns = {"when": MOMENTS, "tags": tags, "mood": ["good", "bad", "meh", "good"] * 10}
    proposal = proposed(columns)
    assert tables(proposal, "event")["tags"]["split"] == "|"
    assert "only you can put numbers" in left(proposal)["mood"]


def test_prompts_are_found_with_those_that_were_not_answered() -> None:
    sent = [moment.isoformat() for moment in MOMENTS]
    stop = [None if day % 4 == 0 else (MOMENTS[day] + timedelta(minutes=5)).isoformat() for day in range(DAYS)]
    sad = [None if day % 4 == 0 else LIKERT[day] for day in range(DAYS)]
    table = as_table({"sent": sent, "stop": stop, "sad": sad})
    proposal = propose(table, ZONED)
    [prompt] = tomllib.loads(proposal.toml)["prompt"]
    assert prompt == {"sent": "sent", "answered": "stop"}
    assert source(proposal)["time"] == "stop"
    first, second = understood(table, proposal.plan, zone=None, person=None, now=NOW)[:2]
    assert first.kept == ("2024-03-01T20:30:00+01:00  prompt  not answered",)
    assert second.kept[0].startswith("2024-03-02T20:42:00+01:00  check-in")
    assert second.kept[1].endswith("prompt  answered after 5 min")


def test_prompts_without_a_time_of_answer_go_by_whether_anything_was_answered() -> None:
    sad = [None if day % 4 == 0 else LIKERT[day] for day in range(DAYS)]
    proposal = proposed({"scheduled": MOMENTS, "sad": sad})
    answered, ignored = tomllib.loads(proposal.toml)["prompt"]
    assert answered["when"] == "sad is present"
    assert ignored == {"sent": "scheduled", "when": "sad is missing"}


def test_no_prompts_are_made_of_a_file_that_holds_only_answered_ones() -> None:
    assert "prompt" not in tomllib.loads(proposed({"sent": MOMENTS, "sad": LIKERT}).toml)


def test_starts_and_ends_of_a_table_without_questions_are_stretches() -> None:
    ends = [moment + timedelta(hours=8) for moment in MOMENTS]
    [episode] = tomllib.loads(proposed({"bedtime": MOMENTS, "end": ends}).toml)["episode"]
    assert (episode["is"], episode["start"], episode["end"]) == ("sleep", "bedtime", "end")


def test_dates_with_points_stay_dates_where_numbers_have_commas() -> None:
    dates = [f"{moment:%d.%m.%Y}" for moment in MOMENTS]
    clocks = [f"{moment:%H:%M}" for moment in MOMENTS]
    slept = [f"{6 + day % 3},{day % 10}" for day in range(DAYS)]
    said = source(proposed({"Date": dates, "Time": clocks, "Slept": slept}))
    assert (said["date"], said["date_format"], said["clock"], said["decimal"]) == ("Date", "%d.%m.%Y", "Time", ",")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_delimiter_and_decimal_sign_are_found_and_the_proposal_reads_the_file(
    tmp_path: Path, delimiter: str, decimal: str
) -> None:
    lines = [delimiter.join(("when", "stress level", "glucose"))]
    for day in range(DAYS):
        glucose = f"{4 + day % 5}{decimal}{day % 10}"
        glucose = f'"{glucose}"' if delimiter == decimal else glucose
        lines.append(delimiter.join((MOMENTS[day].isoformat(), str(LIKERT[day]), glucose)))
    path = tmp_path / "diary.csv"
    path.write_text("\n".join(lines) + "\n")
    proposal = propose(read_table(path), ZONED)
    assert source(proposal).get("decimal", ".") == decimal
    batch, receipt = read(path, proposal.plan, now=NOW)
    assert receipt.rows_refused == 0
    assert receipt.kept == {"stress level": DAYS, "glucose": 2}
    assert [item.name for item in batch.items] == ["stress level"]


def test_numbers_that_stand_for_missing_are_told_and_not_read() -> None:
    columns = {"when": MOMENTS, "sad": [value if day % 5 else 9999 for day, value in enumerate(LIKERT)]}
    proposal = proposed(columns)
    assert "9999" in source(proposal)["missing"]
    assert (tables(proposal, "item")["sad"]["high"]) == 7


def test_names_that_could_break_the_file_or_its_conditions_are_quoted() -> None:
    odd = 'a "b"\n[[event]] and c'
    proposal = proposed({"when": MOMENTS, odd: [0, 1] * 20, "is it": [0, 1] * 20, "sad\n[source]": LIKERT})
    assert set(tables(proposal, "event")) == {odd, "is it"}
    assert set(tables(proposal, "item")) == {"sad\n[source]"}
    rows = understood(
        as_table({"when": MOMENTS, odd: [0, 1] * 20, "is it": [0, 1] * 20, "sad\n[source]": LIKERT}),
        proposal.plan, zone=None, person=None, now=NOW,
    )  # fmt: skip
    assert len(rows[1].kept) == 3


def test_a_table_without_time_or_without_rows_is_refused() -> None:
    with pytest.raises(UnreadableSource, match="tells when"):
        proposed({"sad": LIKERT, "calm": LIKERT})
    with pytest.raises(UnreadableSource, match="no rows"):
        proposed({"when": [], "sad": []})


def test_identifiers_of_ten_digits_are_no_times() -> None:
    people = [1503960366 + 100_000_000 * (day % 3) for day in range(DAYS)]
    proposal = proposed({"Id": people, "date": written("%Y-%m-%d"), "sad": LIKERT})
    assert source(proposal)["date"] == "date"
    assert source(proposal)["person"] == {"column": "Id"}


def test_times_with_letters_for_a_zone_are_said_to_be_unreadable() -> None:
    lettered = [f"{moment:%Y-%m-%d %H:%M:%S} CET" for moment in MOMENTS]
    proposal = proposed({"scheduled": MOMENTS, "response": lettered, "sad": LIKERT})
    assert "letters for a zone" in left(proposal)["response"]
