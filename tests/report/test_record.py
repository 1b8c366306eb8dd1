"""The picture of the record and its words: what was asked and answered, what came from where, gaps with reasons."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.report.picture import picture_svg
from mainstay.report.record_data import asked_by_day, asked_by_week, stream_lanes
from mainstay.report.record_html import record_html
from mainstay.report.record_picture import record_spec
from mainstay.report.record_words import record_lines, week_table
from mainstay.timeline.kinds import Gap
from mainstay.timeline.streams import StreamDays


def texts(spec):
    found = []
    for panel in spec["vconcat"]:
        for layer in panel["layer"]:
            said = layer["mark"].get("text")
            found += said if isinstance(said, list) else [said] if said else []
    return found


def squares(spec):
    """The rectangles of the calendar: those with a bottom of their own in pixels from the top."""
    found = []
    for panel in spec["vconcat"]:
        for layer in panel["layer"]:
            below = layer.get("encoding", {}).get("y2", {})
            if layer["mark"]["type"] == "rect" and below.get("field") == "y2":
                found.append((layer["mark"], layer["data"]["values"]))
    return found


def prompted(line, sent, answered):
    return replace(line, prompts_sent=np.array(sent, float), prompts_answered=np.array(answered, float))


def streams(days):
    every = np.arange(days, dtype=float)
    return (
        StreamDays("sleep", ("a watch",), ("episode",), days, every),
        StreamDays("diary <b>", ("m-Path",), ("check_in",), 3 * days, every[::2]),
        StreamDays("people", ("m-Path",), ("contact",), 4, np.zeros(0)),
    )


@pytest.fixture(scope="module")
def record(two_lives_record):
    line, _ = two_lives_record
    sent = np.sort(np.concatenate([np.arange(540) + hour for hour in (0.4, 0.6, 0.75)]))
    sent = sent[~((sent >= 212) & (sent < 226))]
    # all of the first, none of the last 20 days
    return prompted(line, sent, sent[sent < 520] + 0.001), streams(540)


def test_each_day_counts_what_was_asked_and_answered(make):
    line = prompted(make.timeline(3), [0.4, 0.5, 1.4, 2.4], [0.41, 1.45])
    daily = asked_by_day(line, 3)
    assert daily.sent.tolist() == [2, 1, 1]
    assert daily.answered.tolist() == [1, 1, 0]
    assert daily.share.tolist() == [0.5, 1.0, 0.0]


def test_weeks_begin_on_monday_and_keep_every_prompt(make):
    days = 24
    line = prompted(make.timeline(days), np.arange(days) + 0.5, np.arange(0, days, 2) + 0.5)
    for first_weekday in range(7):
        weekly = asked_by_week(asked_by_day(line, days), first_weekday)
        assert weekly.sent.sum() == days
        assert weekly.answered.sum() == days // 2
        assert weekly.starts[0] == 0
        assert all((start + first_weekday) % 7 == 0 for start in weekly.starts[1:])


def test_a_day_is_counted_by_the_local_clock(make):
    late = prompted(make.timeline(3), [0.99, 1.01], [])  # the clock goes forward an hour in the first evening
    moved = replace(late, offset_edges=np.array([0.0, 0.9, 3.0]), offset_hours=np.array([1.0, 2.0]))
    assert asked_by_day(late, 3).sent.tolist() == [1, 1, 0]
    assert asked_by_day(moved, 3).sent.tolist() == [0, 2, 0]


def test_without_prompts_check_ins_are_held_against_the_fullest_days(make):
    times = np.concatenate([np.arange(20) + 0.4, np.arange(10) + 0.6])
    line = make.timeline(20, ratings=[make.ratings(make.item, np.sort(times), np.ones(30), ("x",) * 30)])
    daily = asked_by_day(line, 20)
    assert daily.what == "check-ins"
    assert daily.share[:10].tolist() == [1.0] * 10
    assert daily.share[10:].tolist() == [0.5] * 10
    assert week_table(line)[1] == []
    assert "how many were missed is not known" in record_lines("t", line, (), width=90).replace("\n", " ")


def test_nothing_asked_is_no_calendar(make):
    assert asked_by_day(make.timeline(9), 9) is None
    assert "Nothing was asked" in record_lines("t", make.timeline(9), (), width=90)


def test_the_calendar_shows_each_day_once_and_unanswered_days_hollow(record):
    found = squares(record_spec(*record))
    paper, *marks = found
    assert len(paper[1]) == sum(len(values) for _, values in marks) == 540 - 14
    hollow = [values for mark, values in marks if mark.get("fillOpacity") == 0]
    assert [len(values) for values in hollow] == [20]


def test_squares_of_a_calendar_never_leave_the_sheet(record):
    for _, values in squares(record_spec(*record)):
        assert all(0 <= one["day"] < one["end"] <= 540 for one in values)


@pytest.mark.parametrize("width", [380, 1200])
def test_every_stream_source_and_gap_is_named(record, width):
    said = " ".join(texts(record_spec(*record, width=width)))
    for name in ("sleep", "diary", "a watch", "m-Path", "recording off", "Prompts answered", "check-ins"):
        assert name in said
    assert "people" not in said  # it has no place in time; the words list it


@pytest.mark.parametrize("days", [3, 24, 540, 2400])
@pytest.mark.parametrize("width", [300, 1200])
def test_it_draws_at_any_length_and_width_without_a_nan(make, days, width):
    line = prompted(make.timeline(days), np.arange(days) + 0.5, np.arange(0, days, 2) + 0.5)
    spec = record_spec(line, streams(days), width=width)
    json.dumps(spec, allow_nan=False)
    drawn = float(re.search(r'width="([\d.]+)"', picture_svg(spec)).group(1))
    assert drawn == pytest.approx(width, abs=4)


def test_the_specification_is_valid_vega_lite(record):
    import altair

    altair.VConcatChart.from_dict(record_spec(*record))


def test_a_width_that_can_not_be_drawn_is_refused(record):
    with pytest.raises(BadRequest, match="40 pixels"):
        record_spec(*record, width=40)


def test_of_many_streams_the_sparse_ones_share_a_lane():
    many = tuple(StreamDays(f"s{i:02}", ("one",), ("event",), i + 1, np.arange(i + 1, dtype=float)) for i in range(20))
    lanes = stream_lanes(many, 30.0, 5)
    assert [one.name for one in lanes] == ["s16", "s17", "s18", "s19", "16 others"]
    assert len(lanes[-1].days) == 16
    assert lanes[0].spans == [(0.0, 17.0)]


def test_the_words_hold_streams_weeks_and_gaps(record):
    line, some = record
    said = record_lines("What is on record", replace(line, left_out=("phone",)), some, width=90)
    assert "Left out, for want of consent: phone." in said
    assert re.search(r"m-Path +people +4\n", said)
    assert re.search(r"a watch +sleep +540 +2024-01-08 +2025-06-30 +540", said)
    assert "2024-01-08  21 of 21  100 %" in said
    assert re.search(r"2024-08-07 00:00 +2024-08-21 00:00 +14.0 +recording off", said)
    assert "everything: about" in said
    assert max(len(one) for one in said.splitlines()) <= 90


def test_of_many_gaps_the_longest_are_named(make):
    line = replace(
        make.timeline(900), gaps=tuple(Gap(i * 30.0, i * 30.0 + 3 + i, "no check-in or event") for i in range(25))
    )
    said = record_lines("t", line, (), width=90)
    assert said.count("no check-in or event") == 20
    assert "and 5 shorter ones" in said


def test_names_from_records_steer_neither_terminal_nor_page(make):
    line = make.timeline(9)
    rude = (StreamDays("a\x1b[31m<script>", ("s\r\n",), ("event",), 1, np.zeros(1)),)
    assert "\x1b" not in record_lines("t", line, rude, width=90)
    page = record_html("t", line, rude, made_at=Instant.parse("2024-02-01T10:00+01:00"))
    assert "<script" not in page
    assert "\x1b" not in page


def test_the_page_refers_to_nothing_outside_itself(record):
    page = record_html("What is on record", *record, made_at=Instant.parse("2025-08-01T10:00+02:00"))
    assert set(re.findall(r"https?://[^\"' )]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<table>") == 3
    assert "diary &lt;b&gt;" in page
    assert page.count("<svg") == 2
