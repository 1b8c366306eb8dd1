import dataclasses

import numpy as np
import pytest

from calibration.departures import departed
from mainstay import strain
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.strain.criticise import Check, Misfits, criticise, failed_checks, told_with_misfits
from mainstay.strain.residuals import Foresight, chi_squared_tail, poisson_tails


def judged(timeline):
    """The failed checks of a timeline's fit, and its answers."""
    fitted = strain.fit(timeline)
    return failed_checks(timeline, fitted), strain.answers(timeline, fitted)


def test_gaps_add_up_to_the_acts_and_have_mean_near_one(year, fitted):
    for k, gaps in enumerate(Foresight(year, fitted).mode.gaps):
        assert len(gaps) == fitted.data.act_counts[k]
        assert gaps.mean() == pytest.approx(1.0, abs=0.05)


def test_misses_of_the_ratings_are_standard(year, fitted):
    missed = Foresight(year, fitted).mode.missed
    assert abs(missed.mean()) < 3.0 / np.sqrt(len(missed))
    assert missed.var() == pytest.approx(1.0, abs=0.02)


def test_a_life_of_the_model_passes_its_checks_and_its_answers_stay_as_they_are(year, fitted):
    assert not any(check.failed for check in criticise(year, fitted))
    assert not any(
        "rough figure" in a.claim or "as far as the model goes" in a.claim for a in strain.answers(year, fitted)
    )


def test_acts_like_clockwork_fail_and_the_answers_say_so(make_timeline):
    """A refuge sought every second day at the same hour, whatever the strain."""
    timeline = make_timeline(0, days=200.0)
    clockwork = dataclasses.replace(
        timeline.events["first refuge"],
        times=np.arange(0.8, 200, 2.0),
        sizes=np.full(100, np.nan),
        half_widths=np.zeros(100),
        ids=("",) * 100,
    )
    misfits, answers = judged(dataclasses.replace(timeline, events={**timeline.events, "first refuge": clockwork}))
    assert "first refuge" in misfits.timing
    told = [a for a in answers if a.about == "first refuge" and a.row == "S12"]
    assert [a.status for a in told] == ["cannot_say"]


def test_a_weekly_appointment_is_found_and_named():
    misfits, answers = judged(departed(1, weekly=0.5))
    assert misfits.timing["first refuge"].where == "it comes more often on Friday evenings than the model says"
    sought = next(a for a in answers if a.about == "first refuge" and a.row == "S10")
    assert "Friday evenings" in sought.claim
    assert not misfits.ratings


def test_hours_at_which_a_refuge_is_impossible_are_found():
    misfits, _ = judged(departed(1, closed_hours=(9.0, 17.0)))
    assert misfits.timing["first refuge"].kind == "clock"


def test_acts_that_call_for_more_of_their_kind_are_found():
    misfits, _ = judged(departed(2, memory=(3.0, 0.25)))
    assert misfits.timing["second refuge"].kind in {"memory", "spacing"}


def test_moods_that_pass_by_themselves_are_found_and_how_fast_strain_fades_is_refused():
    """Ratings with noise of its own half-life: the half-life would come out at half of the true one."""
    misfits, answers = judged(departed(1, moods=(0.8, 4.0)))
    assert misfits.course
    told = {a.about: a for a in answers if a.row == "S9"}
    assert told["recovery"].status == "cannot_say"
    assert misfits.course.where in told["recovery"].reason
    assert "rough figure" in told["first role"].claim


def test_an_answer_about_all_refuges_names_the_clock_that_misfits_and_nothing_else():
    finding = Finding(
        "S11",
        "threshold",
        "found",
        "It takes less to tip over than before.",
        "drift",
        2.0,
        Interval(1.5, 2.6),
        "",
        9,
        "",
    )
    clock = Check("choir", "clock", 60, 1e-9, "it comes more often on Friday evenings than the model says", True)
    told = told_with_misfits(finding, Misfits(timing={"choir": clock})).claim
    assert told.endswith("as far as the model goes: “choir” comes more often on Friday evenings than the model says.")
    bursts = Check("choir", "memory", 60, 1e-9, "it comes more often soon after", True)
    assert told_with_misfits(finding, Misfits(timing={"choir": bursts})).claim == finding.claim
    moods = Check("", "hours", 60, 1e-9, "check-ins some hours apart hang together", True)
    assert "a rough figure" in told_with_misfits(finding, Misfits(ratings=moods)).claim
    refusal = CannotSay("too few")
    assert told_with_misfits(refusal, Misfits(timing={"choir": clock})) is refusal


def test_only_checks_other_than_the_clock_keep_the_drift_from_being_told():
    misfits, _ = judged(departed(1, weekly=0.5))
    assert misfits.timing and not misfits.distrusted
    misfits, _ = judged(departed(2, memory=(3.0, 0.25)))
    assert "second refuge" in misfits.distrusted


def test_chi_squared_and_poisson_tails_agree_with_scipy():
    from scipy.stats import chi2, poisson

    for freedom in range(1, 9):
        for chi in (0.1, 3.0, 20.0, 60.0):
            assert chi_squared_tail(chi, freedom) == pytest.approx(chi2.sf(chi, freedom), rel=1e-9)
    for mean in (0.01, 0.5, 3.0, 40.0, 2000.0):
        for count in (0, 1, 5, 60):
            below, above = poisson_tails(count, mean)
            assert below == pytest.approx(poisson.cdf(count, mean), rel=1e-9, abs=1e-300)
            assert above == pytest.approx(poisson.sf(count - 1, mean), rel=1e-9, abs=1e-300)
