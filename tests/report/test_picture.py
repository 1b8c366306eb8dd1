"""The picture: what it draws, from what, and that it stands alone."""

import json
import math
import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.report import picture_data as data
from mainstay.report.picture import DEFAULT_TITLE, RAW_TITLE, picture_spec, picture_svg, save_picture
from mainstay.report.picture_table import picture_table
from mainstay.timeline.kinds import Gap


def texts(spec):
    found = []
    for panel in spec["vconcat"]:
        for layer in panel["layer"]:
            said = layer["mark"].get("text")
            found += said if isinstance(said, list) else [said] if said else []
    return found


def numbers(value):
    if isinstance(value, dict):
        return [n for part in value.values() for n in numbers(part)]
    if isinstance(value, list):
        return [n for part in value for n in numbers(part)]
    return [value] if isinstance(value, float) else []


@pytest.fixture(scope="module")
def wide(two_lives_record):
    return picture_spec(*two_lives_record, width=1200, title="Each month it takes less")


def test_the_specification_is_valid_vega_lite(make):
    import altair

    altair.VConcatChart.from_dict(picture_spec(edge_cases(make)["no roles"], None))


def test_the_specification_holds_no_nan(wide):
    json.dumps(wide, allow_nan=False)
    assert all(math.isfinite(value) for value in numbers(wide))


def test_the_svg_refers_to_nothing_outside_itself(wide):
    svg = picture_svg(wide)
    references = set(re.findall(r"https?://[^\"' )]+", svg))
    assert references <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert "href=" not in svg.replace("xmlns:xlink", "")
    assert "<script" not in svg


@pytest.mark.parametrize("width", [360, 400, 1200, 1400])
def test_the_sheet_is_as_wide_as_asked(two_lives_record, width):
    svg = picture_svg(picture_spec(*two_lives_record, width=width))
    drawn = float(re.search(r'width="([\d.]+)"', svg).group(1))
    assert drawn == pytest.approx(width, abs=4)


def test_it_names_both_lines_every_lane_and_every_gap(wide):
    said = " ".join(texts(wide))
    for name in ("strain", "threshold", "visit to mother", "deadline", "reporter", "myself", "recording off"):
        assert name in said
    assert "once in three days" in said


def test_the_title_is_the_sentence_given(wide):
    assert "Each month it takes less" in texts(wide)


def test_without_a_title_the_picture_claims_nothing(two_lives_record):
    timeline, curves = two_lives_record
    assert DEFAULT_TITLE in texts(picture_spec(timeline, curves))
    assert RAW_TITLE in texts(picture_spec(timeline, None))


def test_without_a_threshold_none_is_drawn_and_it_says_so(two_lives_record):
    timeline, curves = two_lives_record
    bare = replace(curves, threshold=None, threshold_low=None, threshold_high=None)
    said = " ".join(texts(picture_spec(timeline, bare)))
    assert "No threshold is drawn" in said
    assert "filled" not in said


def test_without_a_fit_the_raw_ratings_are_drawn(two_lives_record):
    said = " ".join(texts(picture_spec(two_lives_record[0], None)))
    assert "as rated, from 1 (not at all) to 7 (completely)" in said
    assert "could not be estimated" in said


def edge_cases(make):
    rating = make.ratings(make.item, np.array([0.5]), np.array([4.0]), ("a",))
    rng = np.random.default_rng(1)
    crowd = [make.events(f"kind {i}", "relief", rng.random(400) * 60) for i in range(9)]
    return {
        "one rating": make.timeline(1, ratings=[rating]),
        "less than a day": make.timeline(0.4, ratings=[rating]),
        "nothing at all": make.timeline(30, anchor=None),
        "gaps only": make.timeline(30, gaps=[make.gap(0.0, 30.0, "recording was off"), make.gap(10, 10, "x")]),
        "no roles": make.timeline(90, event_list=[make.events("visit", "relief", [3.0, 3.0, 80.0])]),
        "no acts": make.timeline(90, episode_list=[make.episodes("carer", [(0.0, 20.0), (30.0, 95.0)])]),
        "a crowd": make.timeline(60, event_list=crowd),
        "five years": make.timeline(1826, event_list=[make.events("visit", "relief", rng.random(2000) * 1826)]),
    }


@pytest.mark.parametrize(
    "case",
    ["one rating", "less than a day", "nothing at all", "gaps only", "no roles", "no acts", "a crowd", "five years"],
)
def test_a_picture_is_drawn_of(make, case):
    timeline = edge_cases(make)[case]
    for width in (360, 1200):
        assert picture_svg(picture_spec(timeline, None, width=width)).startswith("<svg")
    picture_table(timeline, None)


def test_five_years_of_curves_become_few_points(make):
    timeline, curves = make.two_lives(1826, off=((300, 330),))
    spec = picture_spec(timeline, curves)
    assert len(json.dumps(spec)) < 1_500_000
    lengths = [len(layer["data"]["values"]) for panel in spec["vconcat"] for layer in panel["layer"]]
    assert max(lengths) <= 2000


def test_hostile_labels_are_shown_as_they_are_and_do_nothing(make):
    label = "</text><script>alert(1)</script>{{x}} \x1b[2J \ud800 \u202e \x00"
    line = make.timeline(60, event_list=[make.events(label, "relief", [5.0, 9.0])], gaps=[make.gap(20.0, 30.0, label)])
    svg = picture_svg(picture_spec(line, None, width=1200, title=label))
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg
    ElementTree.fromstring(svg)
    assert "\x1b" not in svg


@pytest.mark.parametrize("width", [0, 100, 9000])
def test_an_absurd_width_is_refused(two_lives_record, width):
    with pytest.raises(BadRequest, match=str(width)):
        picture_spec(*two_lives_record, width=width)


@pytest.mark.parametrize(
    ("suffix", "magic"), [(".svg", b"<svg"), (".png", b"\x89PNG"), (".pdf", b"%PDF"), (".PNG", b"\x89PNG")]
)
def test_the_ending_chooses_the_form(make, tmp_path, suffix, magic):
    path = tmp_path / f"picture{suffix}"
    save_picture(picture_spec(edge_cases(make)["no roles"], None), path)
    assert path.read_bytes().startswith(magic)


def test_another_ending_is_refused_and_nothing_is_written(make, tmp_path):
    path = tmp_path / "picture.gif"
    with pytest.raises(BadRequest, match=r"picture\.gif"):
        save_picture(picture_spec(edge_cases(make)["no roles"], None), path)
    assert not path.exists()


def test_dark_and_light_draw_the_same(two_lives_record):
    from mainstay.report.figure import DARK, LIGHT

    light, dark = (json.dumps(picture_spec(*two_lives_record, dark=dark)) for dark in (False, True))
    for one, other in zip(LIGHT.colours(), DARK.colours(), strict=True):
        light = light.replace(f'"{one}"', f'"{other}"')
    assert light == dark


# the numbers drawn


def test_bins_keep_the_mean_of_the_curve(two_lives_record):
    timeline, curves = two_lives_record
    bins = data.strain_bins(curves, timeline.days, 1000)
    assert bins.bin_days == 1.0
    assert bins.mean.mean() == pytest.approx(curves.strain.mean())


@given(st.floats(0.2, 4000), st.integers(200, 2000))
def test_a_bin_is_never_too_narrow_to_see(days, pixels):
    size = data.bin_days_for(days, pixels, 1.3)
    assert size * pixels / days >= 1.3 or size == data.BIN_DAYS[-1]


@given(st.lists(st.floats(0, 100), max_size=60), st.floats(0.1, 20))
def test_stacked_marks_never_cover_each_other(moments, column):
    times = np.sort(np.array(moments))
    middles, level = data.stacked(times, column)
    places = list(zip(np.round(middles, 9).tolist(), level.tolist(), strict=True))
    assert len(set(places)) == len(places)
    assert data.crowd(times, column) == max(level, default=0) + 1


def test_the_filling_stands_only_where_strain_is_above(two_lives_record):
    timeline, curves = two_lives_record
    bins = data.strain_bins(curves, timeline.days, 800)
    day, foot, top = data.over(bins)
    assert np.all(top >= foot)
    below = bins.mean < bins.threshold
    heights = np.interp(bins.day, day, top - foot)
    assert np.allclose(heights[below], 0.0, atol=1e-9)
    assert np.allclose(heights[~below & ~bins.unknown], (bins.mean - bins.threshold)[~below & ~bins.unknown], atol=1e-6)


def test_time_above_is_not_told_from_a_few_moments(two_lives_record):
    _, curves = two_lives_record
    edges = np.array([0.0, 7.0, 14.0])
    mostly_unknown = replace(curves, unknown=(curves.times > 0.5), threshold=np.full_like(curves.strain, -9.0))
    assert data.share_above(mostly_unknown, edges).tolist() == [0.0, 0.0]
    known = replace(curves, threshold=np.full_like(curves.strain, -9.0))
    assert data.share_above(known, edges).tolist() == [1.0, 1.0]


def test_hours_in_a_role_add_up(make):
    line = make.timeline(60, episode_list=[make.episodes("carer", [(0.5, 1.0), (20.0, 20.25), (59.9, 70.0)])])
    [lane] = data.role_lanes(line, 60.0, 7.0, 5)
    hours = float((lane.hours_a_week * (lane.ends - lane.starts) / 7).sum())
    assert hours == pytest.approx(24 * (0.5 + 0.25 + 0.1))


def test_rare_kinds_share_a_lane_and_no_event_is_lost(make):
    kinds = tuple(make.events(f"kind {i}", "demand", np.arange(i + 1.0)) for i in range(9))
    lanes = data.event_lanes(kinds, 5)
    assert len(lanes) == 5
    assert sum(len(lane.times) for lane in lanes) == sum(len(kind.times) for kind in kinds)
    assert lanes[-1].label == "5 others"


def test_oneself_comes_last_among_the_roles(two_lives_record):
    lanes = data.role_lanes(two_lives_record[0], 540.0, 7.0, 5)
    assert [lane.label for lane in lanes] == ["reporter", "rescuer", "myself"]


def test_the_table_counts_every_act_and_leaves_the_unknown_empty(make):
    timeline, curves = make.two_lives(200, off=((31 + 22, 31 + 22 + 31),))
    names, rows = picture_table(timeline, curves)
    column = names.index("visit to mother (relief), times")
    assert sum(int(row[column]) for row in rows) == len(timeline.events["visit to mother"].times)
    unknown = replace(curves, unknown=np.ones_like(curves.unknown))
    names, rows = picture_table(timeline, unknown)
    assert all(row[1] == "" for row in rows)


def test_many_short_gaps_are_left_to_the_caption_and_no_word_is_cut(two_lives_record):
    timeline, curves = two_lives_record
    gaps = [Gap(20.0 * k, 20.0 * k + 4, "no check-in or event") for k in range(20)] + [Gap(420, 520, "recording off")]
    spec = picture_spec(replace(timeline, gaps=tuple(gaps)), curves)
    above = [text for text in texts(spec) if not text.startswith("One person")]
    assert "recording off" in above
    assert not [text for text in above if text.startswith("nothing was rec")]
    assert "Shaded: no check-in or event." in spec["description"]


def test_where_recording_was_not_logged_nothing_is_said_to_stand_above_the_threshold(two_lives_record):
    timeline, curves = two_lives_record
    spec = picture_spec(replace(timeline, recording={}), curves)
    said = " ".join([*texts(spec), spec["description"]])
    assert "read nothing into its slope and height" in said
    assert "time above threshold" not in said
    assert "illed: strain" not in said
