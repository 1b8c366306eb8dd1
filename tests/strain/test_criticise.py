import dataclasses

import numpy as np
import pytest

from mainstay import strain
from mainstay.strain.criticise import criticise, kolmogorov_p, rescaled_gaps


def test_gaps_add_up_to_the_acts_and_have_mean_near_one(fitted):
    for k, gaps in enumerate(rescaled_gaps(fitted).values()):
        assert len(gaps) == fitted.data.act_counts[k]
        assert gaps.mean() == pytest.approx(1.0, abs=0.1)


def test_acts_of_the_model_pass_its_check(fitted):
    assert not any(check.failed for check in criticise(fitted))


def test_acts_like_clockwork_fail_it_and_the_answers_say_so(make_timeline):
    """A refuge sought every second day at the same hour, whatever the strain."""
    timeline = make_timeline(0, days=200.0)
    clockwork = dataclasses.replace(
        timeline.events["first refuge"],
        times=np.arange(0.8, 200, 2.0),
        sizes=np.full(100, np.nan),
        half_widths=np.zeros(100),
        ids=("",) * 100,
    )
    timeline = dataclasses.replace(timeline, events={**timeline.events, "first refuge": clockwork})
    fitted = strain.fit(timeline)
    assert [check.refuge for check in criticise(fitted) if check.failed] == ["first refuge"]
    told = [a for a in strain.answers(timeline, fitted) if a.about == "first refuge" and a.row == "S12"]
    assert [a.status for a in told] == ["cannot_say"]


def test_kolmogorov_p_agrees_with_scipy():
    from scipy.stats import kstest

    rng = np.random.default_rng(0)
    for n in (25, 80, 300):
        sample = rng.uniform(size=n) ** 1.1
        exact = kstest(sample, "uniform")
        assert kolmogorov_p(exact.statistic, n) == pytest.approx(exact.pvalue, rel=0.05, abs=0.005)
