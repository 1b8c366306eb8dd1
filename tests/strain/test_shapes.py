from dataclasses import replace

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.strain.fitting import fit, refit
from mainstay.strain.settings import Settings, Shape
from mainstay.strain.shapes import drift_course, fading_course
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of


def person(seed, *, drift=0.0, step=None, refuges=2):
    """An ordinary year with everything recorded; `step`: the day and the size of a change of seeking."""
    from mainstay.strain.simulate import simulate

    rng = np.random.default_rng(seed)
    schedule = ordinary_year(rng)
    if step:
        schedule = replace(schedule, seeking={"": (np.array([0.0, step[0], 365.0]), np.array([0.0, step[1]]))})
    truth = ordinary_parameters(drift_per_year=drift)
    truth = replace(truth, refuges=dict(list(truth.refuges.items())[:refuges]))
    records = records_of(schedule, simulate(truth, schedule, rng))
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(365))


@pytest.fixture(scope="module")
def stepped():
    fitted = fit(person(1, step=(220.0, 1.2)))
    return fitted, drift_course(fitted)


def test_a_step_is_told_from_a_steady_drift_and_dated(stepped):
    _, course = stepped
    low, high = course.step_between(0.9)
    assert course.chosen == "step"
    assert low <= 220.0 <= high <= low + 92.0
    assert course.e_up > 100.0 > 1.0 > course.e_down


def test_a_steady_drift_is_called_steady():
    course = drift_course(fit(person(1, drift=1.5)))
    assert course.chosen == "linear"
    assert course.log_evidence["linear"] > course.log_evidence["none"] + 3.0


def test_where_nothing_moves_no_course_is_chosen():
    assert [drift_course(fit(person(seed))).chosen for seed in (1, 2, 3)] == ["none"] * 3


def test_evidence_in_closed_form_equals_the_evidence_of_whole_fits():
    """With one refuge the shapes can be fitted one by one: Laplace's evidence of each against none."""
    fitted = fit(person(4, drift=1.0, refuges=1))
    course = drift_course(fitted)
    none = refit(fitted, Settings(drift=Shape("none"))).log_evidence
    assert course.log_evidence["linear"] == pytest.approx(fitted.log_evidence - none, abs=0.25)
    assert course.log_evidence["wander"] == pytest.approx(course.walked.log_evidence - none, abs=0.25)
    day = float(np.mean(course.step_days[5:7]))
    stepped = refit(fitted, Settings(drift=Shape("step", day)))
    at_day = course.log_evidence["step"] + np.log(12 * course.step_chance[5])
    assert at_day == pytest.approx(stepped.log_evidence - none, abs=0.5)


def test_relief_that_fades_steadily_is_called_steady():
    fitted = fit(person(3))
    course = fading_course(fitted)
    assert set(course.log_evidence) == {"none", "linear", "step", "wander"}
    assert course.step_chance.sum() == pytest.approx(1.0)


def test_a_refit_with_the_same_settings_changes_nothing(stepped):
    fitted, _ = stepped
    again = refit(fitted, fitted.data.settings)
    assert np.allclose(again.mean, fitted.mean, atol=0.02 * np.sqrt(np.diag(fitted.covariance)))
    assert again.log_evidence == pytest.approx(fitted.log_evidence, abs=0.01)


def test_a_random_walk_moves_by_one_sd_a_year_and_is_zero_in_mid_record():
    walk = Shape("wander").many(np.array([0.0, 182.625, 365.25]), 365.25)
    assert np.allclose(walk[:, 1], 0.0)
    assert np.sum((walk[:, 2] - walk[:, 0]) ** 2) == pytest.approx(1.0)


def test_a_step_without_its_day_is_refused():
    with pytest.raises(BadRequest, match="a step needs its day"):
        Shape("step")
