"""The picture of what is noticed: the sheet, its streams, its words, and the page it stands on."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.notice.baseline import baseline_answers
from mainstay.notice.series import series_of
from mainstay.report.figure import DARK, LIGHT
from mainstay.report.notice_html import notice_html
from mainstay.report.notice_picture import TITLE, notice_picture
from mainstay.report.picture import picture_svg
from mainstay.timeline.kinds import Samples
from report.noticed import everything, layers, marks, ordinary, ratings, slow, texts

WIDTHS = [300, 380, 1160]


@pytest.fixture
def person(make):
    return ordinary(make)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_whole_sheet_is_as_wide_as_asked_and_holds_no_nan(make, person, width):
    spec = notice_picture(person, everything(make, person), width=width, title="What is changing")
    json.dumps(spec, allow_nan=False)
    svg = picture_svg(spec)
    assert float(re.search(r'width="([\d.]+)"', svg).group(1)) == pytest.approx(width, abs=4)
    assert "NaN" not in svg
    assert "href=" not in svg.replace("xmlns:xlink", "")


@pytest.mark.parametrize(("dark", "palette"), [(False, LIGHT), (True, DARK)])
def test_every_colour_is_the_palette_s_so_that_a_page_can_swap_it(make, person, dark, palette):
    svg = picture_svg(notice_picture(person, everything(make, person), dark=dark))
    assert set(re.findall(r"(?:fill|stroke)=\"(#[0-9a-fA-F]+)\"", svg)) <= set(palette.colours())


def test_the_specification_is_valid_vega_lite(make, person):
    import altair

    altair.VConcatChart.from_dict(notice_picture(person, everything(make, person)))


@pytest.mark.parametrize("days", [1, 3, 60, 2600])
@pytest.mark.parametrize("width", WIDTHS)
def test_it_draws_at_any_length(make, days, width):
    rng = np.random.default_rng(days)
    line = make.timeline(
        days,
        ratings=[ratings(make, *slow(rng, days, 1))],
        event_list=[make.events("swim", "relief", rng.uniform(0, days, days))],
    )
    spec = notice_picture(line, baseline_answers(line), width=width)
    json.dumps(spec, allow_nan=False)
    assert "<svg" in picture_svg(spec)


def test_without_a_record_it_is_a_sheet_with_a_title(make):
    spec = notice_picture(make.timeline(1), ())
    assert texts(spec).startswith(TITLE)
    assert "<svg" in picture_svg(spec)


def test_a_width_that_can_not_be_drawn_is_refused(person):
    with pytest.raises(BadRequest, match="40 pixels"):
        notice_picture(person, (), width=40)


def test_the_usual_level_and_range_are_those_of_the_answer(make, person):
    told = {one.about: one for one in baseline_answers(person)}
    spec = notice_picture(person, (told["worn"],))
    bands = [value for value in marks(spec, type="area") if value["high"] != value["low"]]
    low, high = told["worn"].detail["nine_of_ten"]
    assert {round(one["low"], 9) for one in bands} == {round(low, 9)}
    assert {round(one["high"], 9) for one in bands} == {round(high, 9)}
    # the claim is about the last three months: before that the same is drawn paler
    assert max(one["day"] for one in bands) - sorted({one["day"] for one in bands})[-2] == pytest.approx(90.0, abs=1.0)
    assert told["worn"].estimate in {value["value"] for value in marks(spec, type="line")}


def test_where_it_is_too_early_to_say_no_level_is_drawn_and_the_words_say_what_is_missing(make):
    line = make.timeline(12, ratings=[ratings(make, *slow(np.random.default_rng(1), 12))])
    spec = notice_picture(line, baseline_answers(line))
    assert not marks(spec, type="area")
    assert not marks(spec, type="line")
    assert "can’t tell yet: " in texts(spec)
    assert "of about 28 days" in texts(spec)


def test_readings_that_are_not_judged_are_hollow(make, person):
    line = replace(person, events={})
    spec = notice_picture(line, ())
    hollow = marks(spec, type="point", filled=False)
    assert len(hollow) == sum(int((~one.settled).sum()) for one in series_of(line))
    assert all(value["day"] < 8.0 for value in hollow)


def test_a_small_change_of_a_rating_is_not_blown_up(make):
    times = np.arange(60) + 0.5
    line = make.timeline(60, ratings=[ratings(make, times, 3.0 + 0.1 * (times > 30))])
    spec = notice_picture(line, ())
    (low, high), *_ = [
        layer["encoding"]["y"]["scale"]["domain"]
        for layer in layers(spec)
        if layer["mark"]["type"] == "point" and layer["encoding"]["y"]["field"] == "value"
    ]
    assert high - low >= 3.0


def test_bars_are_rates_as_if_recorded_whole(make):
    half = make.recording("", np.array([0.0, 70.0, 140.0, 210.0]), np.array([1.0, 0.6, 0.3]))
    line = make.timeline(210, event_list=[make.events("swim", "relief", np.arange(0.5, 210.0))], recording=[half])
    spec = notice_picture(line, ())
    found = sorted((value["day"], value["value"]) for value in marks(spec, type="rect") if "value" in value)
    bars = [value for _, value in found]
    assert bars == pytest.approx([7.0] * 10 + [7.0 / 0.6] * 10, rel=0.02)


def test_in_the_first_weeks_bars_are_days(make):
    line = make.timeline(14, event_list=[make.events("swim", "relief", [2.5, 2.6, 9.5])])
    spec = notice_picture(line, ())
    assert {value["day"] // 1: value["value"] for value in marks(spec, type="rect") if value.get("value")} == {
        2: 2,
        9: 1,
    }
    assert "times a day" in texts(spec)


def test_a_few_wild_values_do_not_press_the_others_flat(make):
    times = np.arange(100) + 0.5
    values = 60.0 + np.random.default_rng(1).normal(0, 2, 100)
    values[40] = 5000.0
    pulse = Samples("pulse", "beats a minute", times, values)
    line = replace(make.timeline(100), samples={"pulse": pulse})
    spec = notice_picture(line, ())
    shown = [one["value"] for one in marks(spec, type="point")]
    assert len(shown) == 100
    assert max(shown) < 90.0
    assert "What stands at the edge of its pane lies beyond it." in texts(spec)
    calm = replace(line, samples={"pulse": replace(pulse, values=np.minimum(values, 66.0))})
    assert "lies beyond it" not in texts(notice_picture(calm, ()))


def test_at_most_eight_streams_are_drawn_the_anchor_first_and_the_others_named(make):
    rng = np.random.default_rng(2)
    many = [ratings(make, *slow(rng, 40, 1), name=f"item {k:02}") for k in range(12)]
    line = replace(make.timeline(40, ratings=many), anchor="item 11")
    said = texts(notice_picture(line, baseline_answers(line)))
    assert said.index("item 11") < said.index("item 00")
    assert "not drawn: “item 07”, “item 08”, “item 09” and “item 10”." in said


def test_what_is_not_drawn_is_named_in_words(make):
    rng = np.random.default_rng(2)
    many = [ratings(make, *slow(rng, 40, 1), name=f"item_{k:02}") for k in range(10)]
    line = replace(make.timeline(40, ratings=many), anchor="item_00")
    said = texts(notice_picture(line, baseline_answers(line)))
    assert "not drawn: “item 08” and “item 09”." in said


def test_the_usual_range_is_left_out_where_the_answer_lacks_it(make, person):
    told = [replace(one, detail={}) for one in baseline_answers(person)]
    spec = notice_picture(person, told)
    assert not marks(spec, type="area")
    assert "usually" in texts(spec)


def test_the_description_tells_what_was_found(make, person):
    spec = notice_picture(person, everything(make, person), title="A title")
    said = spec["description"]
    assert said.startswith("A title.")
    assert "It takes longer to come back to level than it did." in said
    assert "One person’s records between 8 January 2024" in said


def test_names_from_records_are_cleaned(make):
    rude = make.timeline(40, ratings=[ratings(make, *slow(np.random.default_rng(3), 40), name="a\x1b[31m<script>")])
    spec = notice_picture(rude, baseline_answers(rude))
    assert "\x1b" not in json.dumps(spec, ensure_ascii=False)


def test_the_page_holds_both_pictures_the_answers_and_nothing_from_elsewhere(make, person):
    answers = everything(make, person)
    page = notice_html("What <b> is changing", person, answers, make.context())
    assert set(re.findall(r"https?://[^\"' )]+", page)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert page.count("<svg") == 2
    assert "<script" not in page
    assert "What &lt;b&gt; is changing" in page
    assert "Content-Security-Policy" in page
    assert "Harm was noted." in page
