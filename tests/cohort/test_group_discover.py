"""Claims about who is named among many: false ones stay under q, whatever part has something and goes together."""

import math

import numpy as np
import pytest
from scipy import stats

from mainstay.cohort.group_discover import Family, discoveries, stepped_up
from mainstay.errors import BadRequest

Q = 0.10


@pytest.mark.parametrize("seed", range(6))
def test_stepping_up_is_benjamini_and_hochberg(seed):
    rng = np.random.default_rng(seed)
    p = np.concatenate([rng.uniform(size=40), 0.01 * rng.uniform(size=10)])
    assert np.array_equal(stepped_up(p, Q), stats.false_discovery_control(p) <= Q)


def z_values(people, share, common, rng, size=3.0):
    """One-sided z of people who partly share what moves them, and who of them has something."""
    real = np.arange(people) < round(share * people)
    z = math.sqrt(common) * rng.normal() + math.sqrt(1.0 - common) * rng.normal(size=people)
    return z + size * real, real


def false_share(share, common, times, *, by_e_values=False, questions=4, people=60, seed=0):
    """The mean, over questions in which anybody is named, of the share of false ones; and the power."""
    rng = np.random.default_rng(seed)
    wrong, found = [], []
    for _ in range(times):
        tests, real = {}, {}
        for name in range(questions):
            z, real[name] = z_values(people, share if name % 2 == 0 else 0.0, common, rng)
            # for a normal z and a shift of 3: the likelihood ratio, on average 1 where there is nothing
            tests[name] = Family.by_e_values(np.exp(3.0 * z - 4.5)) if by_e_values else Family(stats.norm.sf(z))
        named = discoveries(tests, Q)
        shares = [
            (one.people & ~real[name]).sum() / one.people.sum() for name, one in named.items() if one.people.any()
        ]
        wrong.append(np.mean(shares) if shares else 0.0)
        found.append(np.mean([one.people[real[name]].mean() for name, one in named.items() if real[name].any()] or [0]))
    return np.mean(wrong), np.mean(found)


@pytest.mark.parametrize("by_e_values", [False, True])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
@pytest.mark.parametrize("common", [0.0, 0.5])
def test_false_ones_stay_under_q(share, common, by_e_values):
    times = 400
    wrong, found = false_share(share, common, times, by_e_values=by_e_values)
    assert wrong <= Q + 3.0 * math.sqrt(Q * (1.0 - Q) / times)
    if share:
        assert found > 0.2 if by_e_values else found > 0.4


def test_where_nothing_is_there_anybody_is_named_in_one_run_of_ten_at_most():
    rng = np.random.default_rng(1)
    times = 500
    hits = sum(
        any(one.people.any() for one in discoveries({k: Family(rng.uniform(size=30)) for k in range(8)}, Q).values())
        for _ in range(times)
    )
    assert hits / times <= Q + 3.0 * math.sqrt(Q * (1.0 - Q) / times)


def test_people_of_whom_nothing_can_be_said_count_as_asked():
    p = np.full(100, 1.0)
    p[0] = 0.01
    assert not discoveries({"one": Family(p)}, Q)["one"].people.any()
    assert discoveries({"one": Family(p[:5])}, Q)["one"].people[0]


def test_e_values_hold_under_any_dependence():
    # one draw decides for everybody: the worst there is
    rng = np.random.default_rng(2)
    drawn = np.exp(3.0 * rng.normal(size=2000) - 4.5)
    runs = [discoveries({"one": Family.by_e_values(np.full(50, one))}, Q) for one in drawn]
    assert np.mean([one["one"].people.any() for one in runs]) <= Q


def test_the_level_in_a_question_is_the_stricter_the_fewer_are_chosen():
    clear, nothing = Family(np.concatenate([np.full(20, 1e-9), np.ones(30)])), Family(np.ones(50))
    assert discoveries({"one": clear}, Q)["one"].q == pytest.approx(Q)
    found = discoveries({"one": clear, "two": nothing, "three": nothing, "four": nothing}, Q)
    assert found["one"].people.sum() == 20
    assert found["one"].q == pytest.approx(Q / 4)


def test_what_is_no_e_value_is_refused():
    with pytest.raises(BadRequest):
        Family.by_e_values([1.0, -0.1])
    with pytest.raises(BadRequest):
        discoveries({"one": Family(np.ones(3))}, 1.5)
