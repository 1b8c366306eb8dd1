"""What was measured of tomorrow and next week, on real people whose records lie beside the project, and on nulls."""

import numpy as np
import pytest

from calibration import next_forecasts as cal
from calibration import next_nulls as nulls
from calibration.next_people import there
from mainstay.futures.next_record import FALSELY_SHOWN
from mainstay.futures.scores import share_interval

SLACK = 1.4


def needs(name):
    if not there(name):
        pytest.skip(f"{name} is not beside the project")


def test_the_area_under_the_curve_counts_ties_half():
    came = np.array([1.0, 0.0, 1.0, 0.0])
    assert cal.auc(came, np.array([0.9, 0.1, 0.5, 0.5])) == 0.875
    assert np.isnan(cal.auc(np.zeros(3), np.ones(3)))


def test_nothing_is_shown_in_a_few_people_in_whom_nothing_can_be_foreseen():
    people, _, tried = nulls.falsely_shown("everything", 3, days=90)
    assert tried >= 12
    assert people == 0


@pytest.mark.long
@pytest.mark.parametrize("kind", nulls.NULLS)
def test_few_people_in_whom_nothing_can_be_foreseen_are_shown_a_forecast(kind):
    people, _, _ = nulls.falsely_shown(kind, 200)
    assert share_interval(people, 200, 0.95)[1] <= SLACK * FALSELY_SHOWN


@pytest.mark.long
def test_weeks_that_were_recorded_thinly_without_a_log_seldom_look_foreseeable():
    people, _, _ = nulls.falsely_shown(nulls.THINNED, 200)
    assert people <= 20


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "folder", "horizon"),
    [
        ("fisher", "fisher2017", "day"), ("fisher", "fisher2017", "prompt"), ("pmdata", "pmdata2019", "day"),
        ("pmdata", "pmdata2019", "week"), ("fried", "fried2021", "prompt"),
    ],
)  # fmt: skip
def test_ratings_are_forecast_better_than_by_any_baseline(name, folder, horizon):
    needs(folder)
    rows, *_ = cal.rating_table(cal.rated(name, horizon))
    ours = rows["ours"]
    assert ours[0][1] > 0.0
    assert ours[3][1] > 0.0
    for plain in ("mean", "last value", "seasonal naive", "EWMA", "regression on lags", "base rate"):
        assert ours[0][0] > rows[plain][0][0], plain
        assert ours[3][0] > rows[plain][3][0], plain


@pytest.mark.long
@pytest.mark.parametrize(("name", "folder"), [("pmdata", "pmdata2019"), ("panic", "panic24_jang2024")])
def test_what_is_shown_stays_better_than_the_base_rate(name, folder):
    needs(folder)
    some = [one for one in cal.shown(name) if one[3]]
    assert some
    assert np.mean([one[5] for one in some]) > 0.0


@pytest.mark.long
def test_most_of_what_tells_people_with_panic_apart_is_who_they_are():
    needs("panic24_jang2024")
    for others in (False, True):
        rows = cal.event_table(cal.risks(others=others))
        assert rows["rate"][0][0] > 0.85
        assert rows["ours"][1][0] < rows["ours"][0][0] - 0.1
        assert rows["ours"][1][0] > rows["rate"][1][0]
        assert rows["ours"][3][0] > 0.0
        assert rows["ours"][4][0] > 0.0
