"""Patterns as small pictures: which company eases what, and strain after each refuge."""

import re

import pytest

from mainstay.quantities import CannotSay
from mainstay.report.patterns_pictures import after_pictures, company_picture, patterns_section
from report import explained

HOSTILE = "</td><script>alert('x')</script>"


def company(name, share, attributes, *, sd=0.05, eases=True, n=40):
    return {
        "name": name, "share": share, "share_sd": sd, "eases": eases, "n": n,
        "attributes": dict.fromkeys(attributes, "2024-01-08T00:00:00+01:00"),
    }  # fmt: skip


def attribute(name, known="2024-01-08T00:00:00+01:00"):
    return {"name": name, "known": known}


def shared(companies, attributes, about="no_part_to_play"):
    detail = {"companies": companies, "attributes": attributes}
    return explained.finding("S13", about, "unconfirmed", "It goes with what eases", detail=detail)


def eased(about, *points, unit="points on the tension scale"):
    hours = (0.0, 3.0, 6.0, 12.0, 24.0, 48.0)
    rows = [
        {
            "from_hours": hours[k], "to_hours": hours[k + 1], "points": middle, "low": middle - 0.2,
            "high": middle + 0.2, "model": {"points": middle, "low": middle - 0.1, "high": middle + 0.1},
        }
        for k, middle in enumerate(points)
    ]  # fmt: skip
    return explained.finding("S12", about, "found", "It eases", unit=unit, detail={"by_lag": rows})


@pytest.fixture
def known():
    return shared(
        [
            company("colleague A", 0.04, ["warm"], eases=False),
            company("old friend", 0.9, ["no_part_to_play"], eases=None, n=1),
            company("mother", 0.56, ["warm", "no_part_to_play"]),
        ],
        [attribute("warm"), attribute("no_part_to_play", "2025-06-11T22:00:00+02:00"), attribute("family")],
    )


def rows_of(table):
    return re.findall(r"<tr>.*?</tr>", table, flags=re.DOTALL)


def test_company_stands_by_what_it_eases_and_what_can_not_be_told_last(known):
    names = re.findall(r"<th scope='row'>([^<]+)<br>", company_picture([known]))
    assert names == ["Mother", "Colleague A", "Old friend"]


def test_the_share_is_told_in_words_beside_its_bar(known):
    _, mother, colleague, friend = rows_of(company_picture([known]))
    assert "56&nbsp;% (48 to 64&nbsp;%)" in mother
    assert "4&nbsp;% (0 to 12&nbsp;%)" in colleague
    assert "<svg" in mother
    assert "can’t be told yet" in friend
    assert "<svg" not in friend
    assert "1 time<" in friend


def test_an_attribute_is_told_by_a_dot_and_heard_as_yes(known):
    _, mother, colleague, _ = rows_of(company_picture([known]))
    assert re.findall(r"class='heard'>([^<]+)<", mother) == ["yes", "yes", "not on record"]
    assert re.findall(r"class='heard'>([^<]+)<", colleague) == ["not on record", "yes", "not on record"]


def test_what_an_answer_is_about_stands_first_and_what_became_known_later_says_so(known):
    head = rows_of(company_picture([known]))[0]
    assert re.findall(r"<span>([^<]+)</span>", head) == [
        "No part to play (known since 11 June 2025)", "Warm", "Family",
    ]  # fmt: skip


def test_refuges_are_drawn_on_one_scale(known):
    drawn = after_pictures([eased("visit", -1.0, -0.8, -0.4, -0.2, 0.0), eased("quarrel", -0.1, 0.0, 0.0, 0.0, 0.0)])
    figures = re.findall(r"<figure>.*?</figure>", drawn, flags=re.DOTALL)
    assert len(figures) == 2
    ticks = [re.findall(r"<text class='end'[^>]*>([^<]+)<", one) for one in figures]
    assert ticks[0] == ticks[1]
    heights = [[float(cy) for cy in re.findall(r"cy='([\d.]+)'", one)] for one in figures]
    assert heights[0][0] > heights[1][0]
    assert heights[0] == sorted(heights[0], reverse=True)
    assert heights[0][-1] == heights[1][-1]


def test_a_screen_reader_hears_every_number():
    drawn = after_pictures([eased("visit to mother", -1.0, -0.4)])
    (label,) = re.findall(r"aria-label='([^']+)'", drawn)
    assert "0 to 3 hours after: −1.0 (−1.2 to −0.80); 3 to 6 hours after: −0.40 (−0.60 to −0.20)." in label


def test_what_lacks_its_detail_is_left_out():
    bare = [explained.finding("S12", "visit", "found", "It eases"), explained.finding("S13", "", "found", "It is so")]
    refused = [CannotSay("too few", row="S12"), CannotSay("too few", row="S13")]
    assert patterns_section([]) == patterns_section(bare) == patterns_section(refused) == ""


def test_names_from_records_are_never_markup():
    hostile = [
        shared([company(HOSTILE, 0.5, [HOSTILE])], [attribute(HOSTILE)], HOSTILE),
        eased(HOSTILE, -1.0, -0.5, unit=HOSTILE),
    ]
    assert "<script" not in patterns_section(hostile)
