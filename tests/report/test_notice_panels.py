"""The panels of what is noticed: each only where its answer is there, and nothing that no answer says."""

import math
from dataclasses import replace

import pytest

from mainstay.notice.baseline import baseline_answers
from mainstay.quantities import CannotSay
from mainstay.report.notice_picture import notice_picture
from report.noticed import (
    HARMED,
    change,
    days_since_the_first,
    harm,
    layers,
    marks,
    ordinary,
    part,
    point,
    reaction,
    reactions,
    recovery,
    slips,
    texts,
    worry,
)


@pytest.fixture
def person(make):
    return ordinary(make)


def test_slips_with_a_chart_are_not_drawn_twice(make, person):
    assert texts(notice_picture(person, (slips(make),))).count("forgot") == 1
    assert "forgot" in texts(notice_picture(person, ()))


def test_nothing_is_marked_as_a_change_where_no_answer_says_so(make, person):
    spec = notice_picture(person, (*baseline_answers(person), slips(make), recovery(make)))
    assert not [one for one in marks(spec, type="point", shape="diamond", size=80) if "value" not in one]
    assert "noticed" not in texts(spec)


def test_a_change_is_marked_in_its_stream_alone_with_its_interval_and_both_levels(make, person):
    spec = notice_picture(person, (*baseline_answers(person), change(make, part("calm"))))
    (noticed,) = marks(spec, type="point", shape="diamond", size=80)
    assert noticed["day"] == days_since_the_first("2024-06-20")
    (interval,) = marks(spec, type="rect", opacity=0.45)
    assert (interval["day"], interval["end"]) == (
        days_since_the_first("2024-05-20"),
        days_since_the_first("2024-06-10"),
    )
    drawn = [one["value"] for one in marks(spec, type="line")]
    assert drawn.count(4.0) == drawn.count(2.5) == 2
    said = texts(spec)
    assert "Since about 3 June calm is lower than before." in said
    assert "lower since about 3 Jun noticed 20 Jun" in said
    assert said.index("calm") < said.index("worn")


def test_what_moved_with_another_stream_has_no_diamond_of_its_own(make, person):
    spec = notice_picture(person, (change(make, part("calm"), part("worn", share=0.0)),))
    assert len(marks(spec, type="point", shape="diamond", size=80)) == 1
    assert "moved with “calm”" in texts(spec)


def test_counts_changed_are_levels_a_week_and_wider_swings_have_none(make, person):
    often = part("swim", what="rate", before=0.5, after=1.0)
    spec = notice_picture(person, (change(make, often, part("worn", what="spread", before=1.0, after=2.0)),))
    assert {one["value"] for one in marks(spec, type="line")} == {3.5, 7.0}
    assert "more often since about 3 Jun" in texts(spec)
    assert "ups and downs wider since about 3 Jun" in texts(spec)


def test_changes_that_follow_each_other_end_where_the_next_begins(make, person):
    first = change(make, part("calm", before=4.0, after=3.0), began="2024-03-04", began_earliest="2024-03-01",
                   began_latest="2024-03-09", noticed="2024-03-20")  # fmt: skip
    spec = notice_picture(person, (change(make, part("calm", before=3.0, after=2.0)), first))
    ends = {one["value"]: one["day"] for one in marks(spec, type="line")}
    assert ends[3.0] == days_since_the_first("2024-06-03")
    assert ends[4.0] == days_since_the_first("2024-03-04")
    assert "and 1 change before" in texts(spec)


def test_no_change_is_told_in_words_alone(make, person):
    none = make.finding(row="S3", status="not_found", claim="Nothing has lastingly changed.", detail={"alerts": []})
    spec = notice_picture(person, (none,))
    assert "Nothing has lastingly changed." in texts(spec)
    assert not marks(spec, type="point", shape="diamond", size=80)


@pytest.mark.parametrize(
    "lacking",
    [
        {"began": None}, {"began_latest": 3}, {"noticed": None}, {"streams": None}, {"streams": [4]},
        {"streams": [part("calm", before=None)]}, {"streams": [part("nobody")]},
        {"streams": [part("calm", what="mood")]}, {"streams": [part("calm", share=None)]},
    ],
)  # fmt: skip
def test_a_change_whose_answer_lacks_a_field_is_not_marked(make, person, lacking):
    spec = notice_picture(person, (change(make, part("calm"), **lacking),))
    assert not marks(spec, type="point", shape="diamond", size=80)
    assert not marks(spec, type="line")


def test_slips_that_became_more_frequent_show_since_when_and_when_it_was_noticed(make, person):
    detail = {**slips(make).detail, "since": "2024-06-03", "since_between": ["2024-05-20", "2024-06-10"],
              "raised": "2024-06-20"}  # fmt: skip
    spec = notice_picture(person, (slips(make, status="found", estimate=2.4, detail=detail),))
    (noticed,) = [one["day"] for one in marks(spec, type="point", shape="diamond", size=80)]
    assert noticed == days_since_the_first("2024-06-20")
    assert "more often since about 3 Jun" in texts(spec)


def test_a_point_outside_the_limits_has_another_shape(make, person):
    spec = notice_picture(person, (slips(make),))
    outside = marks(spec, type="point", shape="triangle-up")
    expected = [week for week in range(28) if week >= 4 and week % 3 + (4 if week > 20 else 0) > 0.6 * 7]
    assert len(outside) == len(expected) > 0
    assert "no alarm by itself" in texts(spec)


def test_harm_to_others_has_a_mark_for_each_time_and_words_where_there_was_none(make, person):
    spec = notice_picture(person, (harm(make),))
    assert [one["day"] for one in marks(spec, shape="cross")] == [person.events["forgot"].times[k] for k in HARMED]
    assert "noted 3 times" in texts(spec)
    none = notice_picture(person, (harm(make, n=0),))
    assert not marks(none, shape="cross")
    assert "none noted" in texts(none)


def test_recovery_is_drawn_through_the_two_half_lives_with_the_interval_of_their_ratio(make, person):
    spec = notice_picture(person, (recovery(make),))
    (band,) = [layer["data"]["values"] for layer in layers(spec) if layer["mark"]["type"] == "area"]
    ends = [value["value"] for value in marks(spec, type="line")]
    assert ends[0] == pytest.approx(math.log(8.0))
    assert ends[-1] == pytest.approx(math.log(16.0))
    assert band[-1]["high"] - band[-1]["low"] == pytest.approx(0.5 * math.log(3.3 / 1.2))
    assert band[1]["high"] == pytest.approx(band[1]["low"])
    assert "16 hours at the end, 8 hours at the start" in texts(spec)


def test_slowing_that_was_not_found_is_a_dashed_line_and_says_so(make, person):
    found, not_found = (notice_picture(person, (recovery(make, status=status),)) for status in ("found", "not_found"))
    assert not marks(found, strokeDash=[4, 4])
    assert len(marks(not_found, type="line", strokeDash=[4, 4])) == 3
    assert "not twice as long as it was" in texts(not_found)
    assert "not twice" not in texts(found)


def test_refusals_are_told_in_words_and_draw_nothing(make, person):
    refused = CannotSay("there are too few answers", 12, 60, "answers", row="S4", about="worn")
    spec = notice_picture(person, (refused,))
    assert not marks(spec, type="area")
    assert "There are 12 answers; about 60 are needed." in texts(spec)


def test_slips_and_worries_that_can_not_be_told_are_words(make, person):
    slip = CannotSay("there is too little on record to compare with", 9, 56, "days recorded", row="S6", about="forgot")
    unread = CannotSay("a worry written 3 May 2024 can't be read: it has no review", row="S1")
    said = texts(notice_picture(person, (slip, unread)))
    assert "There are 9 days recorded; about 56 are needed." in said
    assert "A worry written 3 May 2024 can't be read: it has no review." in said


def test_fewer_slips_are_told_without_the_mark_of_an_alarm(make, person):
    detail = {
        **slips(make).detail,
        "since": "2024-06-03",
        "since_between": ["2024-05-20", "2024-06-10"],
        "raised": None,
    }
    spec = notice_picture(person, (slips(make, status="found", estimate=0.4, detail=detail),))
    assert "less often since about 3 Jun" in texts(spec)
    assert not marks(spec, type="point", shape="diamond", size=80)


def test_what_is_overdue_of_a_worry_is_hollow_and_a_far_review_an_arrow(make, person):
    overdue = notice_picture(person, (worry(make),))
    assert len(marks(overdue, type="rect", fillOpacity=0, strokeDash=[3, 2])) == 1
    assert "76 days old" in texts(overdue)
    assert "was due 1 Jul" in texts(overdue)
    far = notice_picture(person, (worry(make, review="2026-07-01", review_overdue_days=-700),))
    assert not marks(far, type="rect", fillOpacity=0, strokeDash=[3, 2])
    assert len(marks(far, shape="triangle-right")) == 1


def test_the_dates_run_on_to_a_review_that_is_near_and_say_so(make, person):
    near = notice_picture(person, (worry(make, review="2024-08-05", review_overdue_days=-10),))
    ends = {
        layer["encoding"]["x"]["scale"]["domain"][1]
        for layer in layers(near)
        if "scale" in layer.get("encoding", {}).get("x", {})
    }
    assert ends == {211.0}
    assert "The dates run on beyond 26 July 2024" in texts(near)


def test_the_courses_that_may_cost_least_are_filled_the_others_hollow(make, person):
    spec = notice_picture(person, (worry(make),))
    assert len(marks(spec, type="rect", fillOpacity=0, y=6)) == 2
    assert texts(spec).count("costs least") == 1


def test_the_wrong_way_is_told_by_shape_and_in_words(make, person):
    spec = notice_picture(
        person, (reactions(make, reaction(4, -1.2, other_way=True), reaction(5, 0.9), reaction(6, 3.0, unlike=True)),)
    )
    assert len(marks(spec, shape="triangle-left")) == 1
    assert len(marks(spec, shape="diamond")) == 1
    said = texts(spec)
    assert "the other way 1.2 less; expected 1.0 more" in said
    assert "unlike what was expected 3.0 more" in said
    assert "about as expected 0.90 more" in said


def test_of_many_reactions_those_that_were_unlike_are_drawn(make, person):
    plain = [reaction(day, 1.0) for day in range(1, 20)]
    spec = notice_picture(person, (reactions(make, *plain, reaction(25, -2.0, other_way=True)),))
    assert "cue 25" in texts(spec)
    assert "cue 19" not in texts(spec)
    assert "1 of 20 reactions are drawn." in texts(spec)


def test_of_reactions_as_usual_only_those_that_were_unlike_are_drawn(make, person):
    usual = replace(reactions(make, reaction(4, -1.2, other_way=True), reaction(5, 0.9)), method="as usual")
    said = texts(notice_picture(person, (usual,)))
    assert "cue 4" in said
    assert "cue 5" not in said


LACKING = {
    "S4 start": lambda make: recovery(make, detail={"half_life_hours_at_end": 16.0}),
    "S4 text": lambda make: recovery(make, detail={"half_life_hours_at_start": "8", "half_life_hours_at_end": 16.0}),
    "S4 nothing": lambda make: recovery(make, detail={}),
    "S6 chart": lambda make: slips(make, detail={"exposure_unit": "days"}),
    "S6 unit": lambda make: slips(make, detail={"chart": [point(1, 2)]}),
    "S6 odd unit": lambda make: slips(make, detail={"chart": [point(1, 2)], "exposure_unit": "moons"}),
    "S6 rate": lambda make: slips(make, detail={"exposure_unit": "days", "chart": [point(1, 2, rate=None)]}),
    "S6 date": lambda make: slips(make, detail={"exposure_unit": "days", "chart": [point(1, 2, to="soon")]}),
    "S6 rows": lambda make: slips(make, detail={"exposure_unit": "days", "chart": [3, 4]}),
    "S6 empty": lambda make: slips(make, detail={"exposure_unit": "days", "chart": []}),
    "S1 begun": lambda make: worry(make, begun=None),
    "S1 review": lambda make: worry(make, review="whenever"),
    "S1 overdue": lambda make: worry(make, review_overdue_days=None),
    "S5 rows": lambda make: reactions(make, {"cue": "a"}, 4),
    "S5 expected": lambda make: reactions(make, reaction(4, 1.0, expected={"low": 1.0})),
    "S5 when": lambda make: reactions(make, reaction(4, 1.0, when="2024-03-04T10:00")),
    "S5 chance": lambda make: reactions(make, reaction(4, 1.0, chance=None)),
}


@pytest.mark.parametrize("lacking", LACKING.values(), ids=LACKING.keys())
def test_a_panel_whose_answer_lacks_a_field_is_left_out(make, person, lacking):
    answer = lacking(make)
    bare = replace(person, events={}, ratings={"worn": person.ratings["worn"]})
    without = texts(notice_picture(bare, ()))
    assert texts(notice_picture(bare, (answer,))) == without


def test_a_worry_without_stated_harms_has_no_ranges(make, person):
    assert "What each course would cost" in texts(notice_picture(person, (worry(make),)))
    for lacking in (
        {"loss": None},
        {"loss": {"waiting": [1, 2]}},
        {"loss": {"waiting": [3, 1], "looking": [0, 1], "acting": [0, 1]}},
    ):
        assert "What each course would cost" not in texts(notice_picture(person, (worry(make, **lacking),)))
