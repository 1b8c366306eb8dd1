"""Nulls first: noise that rises, prompts that go missing, rhythm; then slowing itself, beside Kendall's tau."""

import math

import pytest

from calibration import resilience as cal
from mainstay.notice.resilience import resilience_answer
from mainstay.quantities import Instant

AT_ONE_LOOK = 0.05
KNOWN_TO_LOOK_A_LITTLE_LIKE_SLOWING = ("readings_become_exact", "mean_moves_at_once")


def most(chance, people):
    """Three standard errors above a chance."""
    return chance + 3.0 * math.sqrt(chance * (1.0 - chance) / people)


def test_few_false_alarms_where_only_the_noise_rises():
    by_p, by_e, _ = cal.alarms("noise_of_the_process_rises", 150, 40, seed=21)
    assert by_p <= most(AT_ONE_LOOK, 40)
    assert by_e == 0.0


@pytest.mark.long
@pytest.mark.parametrize("kind", sorted(set(cal.NULLS) - set(KNOWN_TO_LOOK_A_LITTLE_LIKE_SLOWING)))
def test_false_alarms_stay_under_stated_rate(kind):
    by_p, by_e, covered = cal.alarms(kind, 200, 400)
    assert by_p <= most(AT_ONE_LOOK, 400)
    assert by_e <= cal.BUDGET
    assert covered >= 0.85


@pytest.mark.long
@pytest.mark.parametrize("kind", KNOWN_TO_LOOK_A_LITTLE_LIKE_SLOWING)
def test_what_looks_a_little_like_slowing_stays_under_a_sixth(kind):
    by_p, by_e, _ = cal.alarms(kind, 200, 400)
    assert by_p <= 0.15
    assert by_e <= cal.BUDGET


@pytest.mark.long
@pytest.mark.parametrize(
    "kind",
    ["steady", "noise_of_the_process_rises", "all_noise_rises", "more_and_more_go_missing", "mean_moves_late",
     "mean_moves_at_once", "rounded_to_seven"],
)  # fmt: skip
def test_a_long_record_keeps_the_stated_rate_too(kind):
    by_p, by_e, covered = cal.alarms(kind, 1500, 200)
    assert by_p <= most(AT_ONE_LOOK, 200)
    assert by_e == 0.0
    assert covered >= 0.84


@pytest.mark.long
@pytest.mark.parametrize(("n", "people", "least"), [(200, 400, 0.88), (1500, 300, 0.94)])
def test_slowing_is_told_from_a_steady_process_ahead_of_rolling_signs(n, people, least):
    (ours, autocorrelation, variance), _, _ = cal.power(n, people)
    assert ours >= least
    assert ours > autocorrelation > variance


@pytest.mark.long
@pytest.mark.parametrize(("n", "people"), [(200, 400), (1500, 300)])
def test_on_the_way_to_a_fold_it_is_ahead_of_rolling_autocorrelation(n, people):
    (ours, autocorrelation, _), _, _ = cal.power(n, people, cal.folding)
    assert ours > autocorrelation + 0.02


@pytest.mark.long
def test_looking_again_and_again_keeps_the_budget():
    by_e, by_p = cal.ever_alarmed(600, 200)
    assert by_e <= cal.BUDGET
    assert by_p > by_e


@pytest.mark.long
def test_a_person_before_a_published_relapse_is_not_called_slowed_on_too_little(kossakowski):
    answer = resilience_answer(kossakowski)
    assert answer.status == "cannot_say"
    assert 2.0 < answer.detail["estimate"] < 8.0


@pytest.fixture
def kossakowski():
    from mainstay.records.reader import read
    from mainstay.timeline.reader import from_records
    from records.test_published_data import MAPPINGS, data

    now = Instant.parse("2026-01-01T00:00+00:00")
    batch, _ = read(data("kossakowski2017/esm_days_1_99.csv"), MAPPINGS / "kossakowski2017.toml", now=now)
    return from_records(batch.records, batch.items, batch.anchor, as_of=now)
