"""Lasting changes (S3) as answers: what moved, since when, by how much; and when nothing can be said."""

import json
from dataclasses import replace

import numpy as np
import pytest

from calibration.change import CHANGE_DAY, ITEMS, THRESHOLD, seen, timeline_of
from mainstay.notice.change import change_answers, is_set_by_hand
from mainstay.notice.change_classic import REFERENCE, WEIGHT, charts, cusum_limit, ewma_limit
from mainstay.notice.change_sizes import size_of
from mainstay.notice.change_watch import watched
from mainstay.notice.series import Series, series_of
from mainstay.quantities import CannotSay, Finding
from mainstay.story import alert_of
from mainstay.timeline.kinds import Events, Samples
from mainstay.worlds.ordinary import MONDAY

BEGAN = "2024-06-29"


def person(seed=5, **how):
    return timeline_of(np.random.default_rng(seed), change_at=CHANGE_DAY, **how)


def cut(timeline, day):
    """The timeline as it stood at the end of a day."""

    def upto(one):
        n = int(np.searchsorted(one.times, day))
        kept = {
            name: getattr(one, name)[:n]
            for name in ("times", "values", "sizes", "half_widths", "ids")
            if hasattr(one, name)
        }
        return replace(one, **kept)

    now = MONDAY.plus_days(day)
    kinds = ("ratings", "samples", "events")
    shorter = {kind: {name: upto(one) for name, one in getattr(timeline, kind).items()} for kind in kinds}
    return replace(timeline, days=float(day), as_of=now, known_through=now, **shorter)


def only(answers) -> Finding:
    assert len(answers) == 1
    assert isinstance(answers[0], Finding)
    return answers[0]


def test_a_steady_year_has_no_lasting_change_and_says_what_would_have_been_noticed() -> None:
    answer = only(change_answers(person()))
    assert answer.status == "not_found"
    assert answer.claim.startswith("No step or shift that lasts is seen: a shift of ")
    assert "four of five" in answer.claim
    assert 0.3 < answer.estimate < 1.5
    assert answer.detail["alerts"] == []


def test_a_shift_is_told_with_its_day_direction_size_and_what_it_means() -> None:
    answer = only(change_answers(person(by={"mood": 1.2})))
    assert answer.status == "found"
    assert answer.about == "mood"
    assert answer.claim.startswith("Since about ")
    assert "“mood” is lower than before, by about" in answer.claim
    assert answer.claim.endswith("points on a scale of 1 to 7, a change for the worse.")
    fresh = replace(answer, detail=answer.detail | {"this": answer.detail["this"] | {"days_since": 9.0}})
    assert alert_of([fresh]).tier == "look"
    assert answer.detail["this"]["days_since"] > 90.0
    assert alert_of([answer]).tier == "quiet"  # by now it is what is usual
    assert answer.interval.low < -1.2 * 1.2 * np.sqrt(1.08) < answer.interval.high
    (alert,) = answer.detail["alerts"]
    assert alert["began_earliest"] <= BEGAN <= alert["began_latest"]
    assert alert["noticed"] <= "2024-08-15"


def test_a_change_for_the_better_is_told_as_such() -> None:
    answer = only(change_answers(person(by={"tension": -1.5})))
    assert "“tension” is lower than before" in answer.claim
    assert answer.claim.endswith("a change for the better.")
    assert alert_of([answer]).tier == "quiet"


def test_items_that_move_together_are_one_alert_with_one_sentence() -> None:
    answer = only(change_answers(person(by=dict.fromkeys(ITEMS, 1.0))))
    (alert,) = answer.detail["alerts"]
    assert {one["name"] for one in alert["streams"]} == set(ITEMS)
    assert answer.claim.count(".") <= 2
    assert "moved with it" in answer.claim


def test_a_rate_that_changes_is_told_in_times_as_often() -> None:
    answer = only(change_answers(person(ratio={3: 0.4})))
    assert answer.about == "event 3"
    assert "as often as before" in answer.claim
    assert answer.interval.low < 0.4 < answer.interval.high
    assert "worse" not in answer.claim


def test_wider_ups_and_downs_are_told_as_such() -> None:
    answer = only(change_answers(person(wider={"worry": 4.0})))
    assert "the ups and downs of “worry” are wider than before" in answer.claim
    assert answer.interval.low < np.sqrt(4.0) < answer.interval.high


def test_no_claim_says_why() -> None:
    for change in ({"by": {"mood": 1.2}}, {"ratio": {3: 0.4}}, {}):
        for answer in change_answers(person(**change)):
            assert isinstance(answer, Finding)
            assert not {"because", "due", "caused", "why"} & set(answer.claim.lower().split())
            assert any("nothing about why" in one for one in answer.assumptions)
            assert any("48 months" in one for one in answer.assumptions)


def test_after_a_few_weeks_it_is_too_early_and_says_how_many_days_more() -> None:
    (answer,) = change_answers(cut(person(), 20))
    assert isinstance(answer, CannotSay)
    assert answer.have is not None
    assert answer.need is not None
    assert 0 < answer.have < answer.need < 60
    assert f"about {answer.need - answer.have:.0f} more days" in answer.reason


def test_nothing_to_watch_is_said() -> None:
    (answer,) = change_answers(replace(person(), ratings={}, samples={}, events={}))
    assert isinstance(answer, CannotSay)
    assert answer.row == "S3"


def test_looking_every_day_sees_what_looking_once_sees() -> None:
    timeline = person(by={"mood": 1.5})
    series, whole = seen(timeline)
    first = whole.alarms[0].day
    for day in (100, first, first + 1, first + 30):
        early = watched(cut(timeline, day), series_of(cut(timeline, day)))
        assert np.array_equal(early.sums, whole.sums[:day])
        assert [one.day for one in early.alarms] == [one.day for one in whole.alarms if one.day < day]
    assert len(series) == 10


def test_an_alert_stands_until_its_difference_is_gone() -> None:
    timeline = person(by={"mood": 1.5})
    back = timeline.ratings["mood"]
    again = person()
    later = np.where(back.times < 260.0, back.values, again.ratings["mood"].values)
    returned = replace(timeline, ratings={**timeline.ratings, "mood": replace(back, values=later)})
    answers = change_answers(returned)
    alerts = answers[0].detail["alerts"]
    assert len(alerts) == 2
    assert alerts[0]["streams"][0]["estimate"] < 0.0 < alerts[1]["streams"][0]["estimate"]
    assert [one["stands"] for one in alerts] == [False, True]
    assert len(answers) == 1


def test_a_log_of_recording_takes_the_place_of_an_assumption() -> None:
    timeline = person(ratio={3: 0.4})
    unlogged = only(change_answers(replace(timeline, recording={})))
    logged = only(change_answers(timeline))
    assert any("as much of it was written down" in one for one in unlogged.assumptions)
    assert not any("as much of it was written down" in one for one in logged.assumptions)


def test_a_dose_that_somebody_sets_is_not_watched() -> None:
    days = np.arange(200.0) + 0.4
    dose = Samples("dose", "mg", days, np.where(days < 100.0, 150.0, 75.0))
    timeline = person()
    answer = change_answers(replace(timeline, samples={**timeline.samples, "dose": dose}))[0]
    assert answer.detail["not_watched"] == ["dose"]
    assert "dose" not in answer.detail["streams"]
    (one,) = [one for one in series_of(timeline) if one.kind == "signal"]
    assert not is_set_by_hand(one)


def test_details_are_plain_json() -> None:
    for change in ({"by": {"mood": 1.2}}, {}):
        (answer,) = change_answers(person(**change))
        assert json.loads(json.dumps(answer.detail)) == answer.detail


def test_a_size_has_its_interval_widened_by_autocorrelation() -> None:
    rng = np.random.default_rng(1)
    timeline = person()
    times = np.arange(200.0) + 0.5
    noise = rng.normal(size=200)
    slow = np.zeros(200)
    for i in range(1, 200):
        slow[i] = 0.8 * slow[i - 1] + 0.6 * noise[i]

    def series(values):
        return Series("s", "signal", times, values, np.ones(200), 0, "units", np.ones(200, bool))

    white, autocorrelated = (
        size_of(timeline, series(values), "level", start=0.0, began=100.0, end=200.0) for values in (noise, slow)
    )
    assert white is not None
    assert autocorrelated is not None
    assert autocorrelated.high - autocorrelated.low > 1.5 * (white.high - white.low)
    assert size_of(timeline, series(noise), "level", start=0.0, began=198.0, end=200.0) is None


def test_a_rate_with_no_events_on_one_side_has_a_finite_interval() -> None:
    timeline = person()
    late = np.arange(100.0, 200.0) + 0.5
    events = Events("e", "other", late, np.full(100, np.nan), np.zeros(100), ("",) * 100)
    (one,) = [one for one in series_of(replace(timeline, events={"e": events})) if one.kind == "count"]
    size = size_of(timeline, one, "rate", start=0.0, began=100.0, end=200.0)
    assert size is not None
    assert 10.0 < size.low < size.high < np.inf


@pytest.mark.parametrize("chart", ["cusum", "ewma"])
def test_charts_have_the_run_length_their_limits_promise(chart) -> None:
    wanted, rng = 400.0, np.random.default_rng(2)
    limit = cusum_limit(wanted) if chart == "cusum" else ewma_limit(wanted)
    lengths = []
    for _ in range(400):
        high = low = smooth = 0.0
        day = 0
        for score in rng.normal(size=8000):
            day += 1
            if chart == "cusum":
                high, low = max(high + score - REFERENCE, 0.0), max(low - score - REFERENCE, 0.0)
                over = max(high, low) >= limit
            else:
                smooth += WEIGHT * (score - smooth)
                over = abs(smooth) >= limit
            if over:
                break
        lengths.append(day)
    assert abs(np.mean(lengths) - wanted) < 0.2 * wanted


def test_charts_see_a_large_shift_within_days_and_give_its_direction() -> None:
    scores = np.random.default_rng(3).normal(size=(300, 2))
    scores[200:, 1] -= 2.0
    found = charts(scores, [0, 1], THRESHOLD)
    for some in found.values():
        assert (some[0].column, some[0].up) == (1, False)
        assert 200 <= some[0].day < 215
