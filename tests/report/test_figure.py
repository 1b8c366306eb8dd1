"""The figure grammar: palettes, layout, labels and axes."""

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.report.figure import (
    DARK,
    LIGHT,
    balanced,
    darkened,
    date_ticks,
    label_lines,
    layout_for,
    nice_ticks,
    shortened,
    text_width,
    wrapped,
)  # fmt: skip


def luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_every_light_colour_has_one_meaning():
    assert len(set(LIGHT.colours())) == len(LIGHT.colours())


def test_a_picture_in_the_dark_keeps_each_meaning_and_nothing_of_the_light():
    light = " ".join(f'<path fill="{one}"/>' for one in LIGHT.colours())
    assert darkened(light) == " ".join(f'<path fill="{one}"/>' for one in DARK.colours())


def test_both_palettes_pair_up():
    assert len(LIGHT.colours()) == len(DARK.colours())


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_words_can_be_read_on_the_paper(palette):
    for colour in (palette.ink, palette.quiet, palette.strain, palette.threshold):
        assert contrast(colour, palette.paper) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_marks_and_lanes_stand_out_from_the_paper(palette):
    for colour in (*palette.refuges, palette.demand, palette.oneself):
        assert contrast(colour, palette.paper) >= 3.0
    for colour in (*palette.roles, palette.record):
        assert contrast(colour, palette.paper) >= 2.0


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_in_grey_the_line_stands_out_from_band_and_filling(palette):
    assert contrast(palette.strain, palette.strain_band) >= 4.0
    assert contrast(palette.strain, palette.over) >= 2.5
    assert contrast(palette.over, palette.strain_band) >= 1.4


def test_a_phone_has_its_own_layout():
    assert layout_for(380).narrow
    assert not layout_for(1200).narrow


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.integers(3, 8))
def test_ticks_are_few_round_and_inside(low, span, most):
    ticks = nice_ticks(low, low + span, most)
    assert 1 <= len(ticks) <= most + 1
    assert all(low - 1e-6 * span <= tick <= low + span * (1 + 1e-6) for tick in ticks)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2050, 1, 1)), st.integers(1, 4000), st.integers(250, 1600))
def test_date_ticks_stay_inside_and_apart(first, days, pixels):
    ticks = date_ticks(first, days, pixels)
    assert ticks
    assert ticks[0].year
    assert all(0 <= tick.day <= days for tick in ticks)
    gaps = [(b.day - a.day) * pixels / days for a, b in itertools.pairwise(ticks)]
    assert all(gap >= 30 for gap in gaps)


def test_the_first_day_does_not_run_into_the_next():
    first, second = date_ticks(dt.date(2012, 8, 13), 99, 800)[:2]
    assert "Aug" in first.label
    assert (second.day - first.day) * 800 / 99 >= 1.5 * text_width(first.label, 12) + 6


def test_a_year_stands_under_its_first_tick_only():
    ticks = date_ticks(dt.date(2024, 1, 8), 540, 1000)
    assert [tick.year for tick in ticks if tick.year] == ["2024", "2025"]


@given(st.text(max_size=80), st.floats(40, 300))
def test_a_shortened_label_fits_and_is_never_empty(text, width):
    shown = shortened(text, 12, width)
    assert shown
    assert text_width(shown, 12) <= width or len(shown) <= 2


def test_control_characters_are_taken_out_of_labels():
    assert shortened("a\x1b[31mb\nc", 12, 200) == "a [31mb c"


@given(st.lists(st.text(st.characters(categories=["L"]), min_size=1, max_size=9), min_size=1, max_size=30))
def test_wrapping_loses_no_word(parts):
    text = " ".join(parts)
    assert " ".join(wrapped(text, 12, 160)).split() == text.split()


def test_a_title_leaves_no_word_alone_on_its_last_line():
    lines = balanced(
        "It takes less to tip over than before: at the same load, help is sought twice as often as a year ago", 23, 800
    )
    assert len(lines) == 2
    assert len(lines[1]) > len(lines[0]) / 2


def test_a_label_takes_no_more_lines_than_it_has():
    assert len(label_lines("one two three four five six seven eight nine ten", 12, 60, 2)) == 2
