"""Simulated people who record what was suggested: the information they get, against what was expected of it.

PYTHONPATH=tests python tests/explanations/test_next_observation_people.py 50
"""

import sys
from dataclasses import replace

import numpy as np
import pytest

from mainstay.explanations.clauses import measure, questions_of
from mainstay.explanations.clauses_kinds import Measured, Unmeasured
from mainstay.explanations.evidence import STATES, predicted
from mainstay.explanations.evidence_scored import scored
from mainstay.explanations.observing import chances_of_states, estimates_to_come, information, states_of_size
from mainstay.explanations.observing_candidates import PRECISION
from mainstay.quantities import CannotSay
from mainstay.records.kinds import Event
from mainstay.records.statements import parsed
from mainstay.records.statements_hypothesis import Hypothesis, HypothesisFile
from mainstay.strain import fit
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, TENSION, ordinary_parameters, ordinary_year, records_of

DAYS, WEEKS, USUAL = 126, 4, 0.75
NEWS = """
name = "friends in trouble"
cause = "Somebody close is in trouble."
[[predicts]]
stream = "strain"
direction = "more"
when = "after event:news"
[[forbids]]
stream = "strain"
direction = "less"
when = "after event:news"
"""


def jump(rng, *, is_the_cause):
    """What news does to strain, in steps: drawn as the evidence has it."""
    state = "more" if is_the_cause else rng.choice(["more", "same", "less"], p=[0.25, 0.5, 0.25])
    if state == "same":
        return 0.1 * USUAL * rng.normal()
    return (1.0 if state == "more" else -1.0) * USUAL * np.sqrt(2.0 * rng.exponential())


def person(rng, size):
    """Eighteen weeks, and in the last four of them news now and then, which is noted."""
    usual = ordinary_parameters()
    parameters = replace(usual, demands={**usual.demands, "news": float(size)})
    schedule = ordinary_year(rng, days=float(DAYS))
    times = np.sort(rng.uniform(DAYS - 7.0 * WEEKS, DAYS - 0.5, 1 + rng.poisson(3.0)))
    schedule = replace(schedule, demands={**schedule.demands, "news": (times, np.ones(len(times)))})
    records = records_of(schedule, simulate(parameters, schedule, rng))
    records = tuple(
        replace(one, body=Event("news", "other")) if isinstance(one.body, Event) and one.body.label == "news" else one
        for one in records
    )
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(float(DAYS)))


def entropy(weight):
    both = np.array([weight, 1.0 - weight])
    return float(-(both * np.log2(np.maximum(both, 1e-300))).sum())


def expected_bits(weight):
    """As `observing_candidates` has it for something like this of which nothing is on record yet."""
    left_open = [predicted("more"), frozenset(STATES)]
    chances = estimates_to_come(states_of_size(1.0), chances_of_states(left_open), PRECISION["after"])[1]
    return information(np.array([weight, 1.0 - weight]), chances)


def got_bits(seed):
    """Bits expected, bits got, and how exact the answer was over the usual size; None where it came out unmeasured."""
    rng = np.random.default_rng([17, seed])
    weight = float(rng.uniform(0.1, 0.9))
    is_the_cause = bool(rng.random() < weight)
    timeline = person(rng, jump(rng, is_the_cause=is_the_cause))
    hypothesis = Hypothesis("", None, parsed(NEWS, HypothesisFile, "hypothesis"))
    fitted = fit(timeline)
    assert not isinstance(fitted, CannotSay)
    measures = measure(timeline, fitted, questions_of(hypothesis))
    (answered,) = set(measures.found.values())
    if isinstance(answered, Unmeasured):
        return expected_bits(weight), 0.0, None
    assert isinstance(answered, Measured)
    ratio = np.exp(scored(hypothesis, measures).candidate.logs[1])
    then = weight * ratio / (weight * ratio + 1.0 - weight)
    return expected_bits(weight), entropy(weight) - entropy(then), answered.sd / answered.usual


def calibrated(people):
    rows = [got_bits(seed) for seed in range(people)]
    exact = [one for _, _, one in rows if one is not None]
    expected, got = (np.array([row[k] for row in rows]) for k in (0, 1))
    return expected, got, exact


@pytest.mark.long
def test_what_was_suggested_tells_about_as_much_as_was_expected():
    expected, got, exact = calibrated(50)
    spread = (got - expected).std() / np.sqrt(len(got))
    assert abs((got - expected).mean()) < 3.0 * spread
    assert np.median(exact) == pytest.approx(PRECISION["after"], rel=0.6)


if __name__ == "__main__":
    wanted, found, sds = calibrated(int(sys.argv[1]))
    error = (found - wanted).std() / np.sqrt(len(found))
    print(f"bits expected {wanted.mean():.3f}, got {found.mean():.3f} ± {error:.3f}; ", end="")
    print(f"sd over usual {np.quantile(sds, [0.1, 0.5, 0.9]).round(2)} in {len(sds)} of {len(found)}")
