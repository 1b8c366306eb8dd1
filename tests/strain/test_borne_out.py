import dataclasses

import numpy as np
import pytest

from calibration import unrelated
from mainstay import strain
from mainstay.strain.drawing import strain_refuges
from mainstay.strain.posterior import Shown


def about(answers, row, label):
    return next(a for a in answers if a.row == row and a.about == label)


def test_what_is_there_is_borne_out(fitted):
    assert fitted.shown == Shown()


def test_pulls_that_the_check_ins_do_not_bear_out_are_refused_and_make_no_threshold(year, fitted):
    lonely = dataclasses.replace(fitted, shown=Shown(pulls={"first refuge": "check-ins"}))
    told = strain.answers(year, lonely)
    assert about(told, "S10", "first refuge").status == "cannot_say"
    assert about(told, "S10", "second refuge").status == "found"
    assert strain_refuges(lonely) == (1,)
    none = dataclasses.replace(fitted, shown=Shown(strain="check-ins"))
    told = strain.answers(year, none)
    assert about(told, "S10", "second refuge").status == "cannot_say"
    assert about(told, "S9", "recovery").status == "cannot_say"
    assert "no meaning" in about(told, "S11", "threshold").reason


@pytest.mark.parametrize(("why", "said"), [("slow", "over the seasons"), ("clock", "hours of the day")])
def test_what_only_keeps_to_the_same_time_is_told_as_that(year, fitted, why, said):
    answer = about(
        strain.answers(year, dataclasses.replace(fitted, shown=Shown(pulls={"first refuge": why}))),
        "S10",
        "first refuge",
    )
    assert said in answer.reason
    assert "alone can't show" in answer.reason


def test_a_pull_known_to_more_than_tenfold_only_is_refused(year, fitted):
    at = fitted.coordinates.index("pull", "first refuge")
    mean, covariance = fitted.mean.copy(), fitted.covariance.copy()
    mean[at] = 4.0
    covariance[at, at] = 0.72**2
    answer = about(
        strain.answers(year, dataclasses.replace(fitted, mean=mean, covariance=covariance)), "S10", "first refuge"
    )
    assert answer.status == "cannot_say"
    assert "too uncertain" in answer.reason


def test_white_check_ins_bear_nothing_out():
    for seed in (70_000, 70_001):
        assert strain.fit(unrelated.white(seed)).shown.strain


def test_what_only_changes_over_the_seasons_is_seen_as_that():
    fitted = strain.fit(unrelated.two_seasons_with_moods(70_002))
    assert fitted.shown == Shown(pulls={"walk": "slow"})


def test_without_check_ins_nothing_speaks_against_the_acts(make_timeline):
    assert strain.fit(make_timeline(0, days=120.0, check_ins_per_day=0)).shown == Shown()


def test_without_refuges_strain_alone_is_asked_about(make_timeline):
    timeline = make_timeline(0, days=60.0)
    kept = {label: one for label, one in timeline.events.items() if one.is_ != "relief"}
    fitted = strain.fit(dataclasses.replace(timeline, events=kept))
    assert fitted.shown == Shown()
    assert np.all(np.isfinite(fitted.mean))
