"""Where were the changes: steps are found where they are, what only drifts, bends, swings or errs is no change."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.notice.segmenting import segments

TCPD = Path(__file__).parents[2].parent / "shared" / "data" / "tcpd"
DAYS = np.arange(300.0)


def noise(seed=0, n=300):
    return np.random.default_rng(seed).normal(size=n)


def indices(found):
    return [change.index for change in found.changes]


def test_two_steps_are_found_with_their_sizes():
    y = 10.0 + noise() + 3.0 * (DAYS >= 100) - 2.0 * (DAYS >= 220)
    found = segments(DAYS, y)
    assert found.shape == "level"
    assert [abs(index - true) <= 2 for index, true in zip(indices(found), (100, 220), strict=True)] == [True, True]
    for change, true, size in zip(found.changes, (100.0, 220.0), (3.0, -2.0), strict=True):
        assert change.low < true <= change.high
        assert change.size_low[0] < size < change.size_high[0]
        assert change.log_evidence > math.log(100.0)
    assert [(piece.start, piece.end) for piece in found.pieces] == [
        (0, indices(found)[0]),
        tuple(indices(found)),
        (indices(found)[1], 300),
    ]
    assert found.pieces[1].level[0] == pytest.approx(13.0, abs=0.4)
    assert found.gain > 0.0


def test_nothing_that_changed_is_one_piece():
    found = segments(DAYS, noise(1))
    assert found.changes == ()
    assert len(found.pieces) == 1
    assert found.gain == 0.0
    assert found.log_evidence < 2.0


@pytest.mark.parametrize("slope", [-0.05, 0.01, 0.3])
def test_a_slope_is_no_staircase(slope):
    assert segments(DAYS, noise(2) + slope * DAYS).changes == ()


def test_a_smooth_bend_is_no_change():
    assert segments(DAYS, noise(3) + 6.0 * np.sin(DAYS / 300.0 * 2.0)).changes == ()


def test_a_step_on_a_slope_keeps_the_slope():
    found = segments(DAYS, 0.5 * noise(4) + 0.02 * DAYS + 4.0 * (DAYS >= 150))
    assert found.shape == "slope"
    assert indices(found) == [150]
    assert found.pieces[0].slope[0] == pytest.approx(0.02, abs=0.004)
    assert found.changes[0].size_low[0] < 4.0 < found.changes[0].size_high[0]


def test_lines_that_break_are_found_where_they_break():
    found = segments(DAYS, 0.5 * noise(5) + np.where(DAYS < 150, 0.1 * DAYS, 30.0 - 0.1 * DAYS))
    assert found.shape == "lines"
    assert len(found.changes) == 1
    assert abs(indices(found)[0] - 150) <= 8


def test_series_that_change_together_are_found_together():
    both = np.column_stack([noise(6), noise(7)])
    both[170:] += [1.2, -1.2]
    found = segments(DAYS, both)
    assert [abs(index - 170) <= 6 for index in indices(found)] == [True]
    assert found.changes[0].size[0] > 0.0 > found.changes[0].size[1]
    assert len(found.pieces[0].level) == len(found.correlation_days) == 2


def test_a_rhythm_that_is_handed_in_is_taken_out():
    weekend = (DAYS % 7 >= 5).astype(float)
    y = noise(8) + 8.0 * weekend + 2.0 * (DAYS >= 180)
    found = segments(DAYS, y, rhythm=weekend[:, None])
    assert len(found.changes) == 1
    assert abs(indices(found)[0] - 180) <= 4
    assert found.changes[0].size_low[0] < 2.0 < found.changes[0].size_high[0]


def test_wild_readings_make_no_change():
    y = noise(9)
    y[[40, 41, 200, 299]] += [30.0, 25.0, -40.0, 60.0]
    assert segments(DAYS, y).changes == ()


def test_missing_readings_keep_the_index_and_a_gap_widens_when():
    y = noise(10) + 4.0 * (DAYS >= 150)
    y[130:170] = np.nan
    [change] = segments(DAYS, y).changes
    assert 170 <= change.index <= 172
    assert change.low <= 129.0
    assert change.high >= 170.0


def test_a_long_record_is_worked_out_on_its_readings():
    times = np.arange(3650.0) / 10.0
    y = noise(11, 3650) + 1.5 * (times >= 200.0)
    [change] = segments(times, y).changes
    assert abs(change.index - 2000) <= 12
    assert change.low < 200.0 <= change.high
    assert change.high - change.low < 4.0


def test_the_same_record_gives_the_same_answer_and_units_do_not_matter():
    y = noise(12) + 2.0 * (DAYS >= 90)
    first, again, scaled = segments(DAYS, y), segments(DAYS, y), segments(7.0 + 0.01 * DAYS, -40.0 + 25.0 * y)
    assert first == again
    assert indices(first) == indices(scaled)
    assert scaled.changes[0].size[0] == pytest.approx(25.0 * first.changes[0].size[0])
    assert scaled.changes[0].low == pytest.approx(7.0 + 0.01 * first.changes[0].low)


def test_a_change_of_spread_is_found_when_asked_for():
    y = noise(13) * np.where(DAYS < 140, 1.0, 2.5)
    assert segments(DAYS, y).spread_changes == ()
    found = segments(DAYS, y, spread=True)
    assert found.changes == ()
    [change] = found.spread_changes
    assert change.low < 140.0 <= change.high
    assert change.size_low[0] < math.log(2.5) < change.size_high[0]


def test_steady_spread_is_no_change_of_spread_though_the_level_steps():
    found = segments(DAYS, noise(14) + 5.0 * (DAYS >= 100), spread=True)
    assert indices(found) == [100]
    assert found.spread_changes == ()


def test_a_rate_is_found_over_exposure_and_its_ratio_told():
    rng = np.random.default_rng(15)
    shown = rng.choice([0.0, 0.5, 1.0], 365)
    counts = rng.poisson(np.where(np.arange(365) < 200, 0.5, 2.5) * shown)
    found = segments(np.arange(365.0), counts, kind="count", exposure=shown)
    [change] = found.changes
    assert abs(change.index - 200) <= 6
    assert change.low < 200.0 <= change.high
    assert change.size_low[0] < math.log(5.0) < change.size_high[0]
    assert found.pieces[0].level[0] == pytest.approx(0.5, abs=0.15)


def test_more_recording_is_no_higher_rate():
    rng = np.random.default_rng(16)
    shown = np.where(np.arange(365) < 180, 0.2, 1.0)
    assert segments(np.arange(365.0), rng.poisson(1.5 * shown), kind="count", exposure=shown).changes == ()


@pytest.mark.parametrize(
    ("times", "values"),
    [([], []), ([1.0, 2.0, 3.0], [1.0, 2.0, 3.0]), (DAYS, np.full(300, 4.0)), (DAYS, np.full(300, np.nan))],
)
def test_too_little_to_ask_of_has_no_change(times, values):
    found = segments(times, values)
    assert found.changes == ()
    assert found.readings == int(np.sum(~np.isnan(np.asarray(values, float))))
    assert found.log_evidence == 0.0


ODD = {
    "two values": lambda rng, n: (np.arange(n) > n // 2).astype(float),
    "rare spikes": lambda rng, n: (rng.uniform(size=n) < 0.03).astype(float),
    "a random walk": lambda rng, n: rng.normal(size=n).cumsum(),
    "large numbers": lambda rng, n: 1e12 + 1e6 * rng.normal(size=n),
    "few whole numbers": lambda rng, n: rng.integers(0, 3, n).astype(float),
}


@pytest.mark.parametrize("kind", sorted(ODD))
@pytest.mark.parametrize("n", [10, 12, 17, 45, 150, 1201])
def test_odd_records_are_answered_with_finite_numbers(kind, n):
    rng = np.random.default_rng(n)
    times = np.sort(rng.choice([np.arange(n) // 2, np.cumsum(rng.pareto(0.7, n)), 1e9 + np.arange(n)])).astype(float)
    values = ODD[kind](rng, n)
    values[rng.uniform(size=n) < 0.1] = np.nan
    both = np.column_stack([values, np.ones(n)])
    for found in (segments(times, values, spread=True), segments(times, both)):
        assert math.isfinite(found.log_evidence)
        for change in (*found.changes, *found.spread_changes):
            assert change.low <= change.high
            assert np.isfinite([change.log_evidence, *change.size, *change.size_low, *change.size_high]).all()


def test_few_counts_have_no_change():
    counts = np.zeros(100)
    counts[[3, 50]] = 1.0
    found = segments(np.arange(100.0), counts, kind="count")
    assert found.changes == ()
    assert found.pieces[0].level[0] == pytest.approx(0.02)


@pytest.mark.parametrize(
    ("handed", "says"),
    [
        ({"times": DAYS[::-1], "values": DAYS}, "run back"),
        ({"times": DAYS, "values": DAYS[:-1]}, "one row per time"),
        ({"times": DAYS, "values": np.where(DAYS == 5.0, np.inf, DAYS)}, "finite"),
        ({"times": DAYS, "values": -DAYS, "kind": "count"}, "from 0 up"),
        ({"times": DAYS, "values": DAYS, "kind": "counts"}, "'reading' or 'count'"),
        ({"times": DAYS, "values": DAYS, "exposure": -DAYS}, "exposure"),
        ({"times": DAYS, "values": DAYS, "rhythm": np.full((300, 1), np.nan)}, "finite"),
    ],
)
def test_misuse_is_refused_with_words(handed, says):
    with pytest.raises(BadRequest, match=says):
        segments(**handed)


def test_the_nile_fell_when_it_is_known_to_have_fallen():
    place = TCPD / "datasets" / "nile" / "nile.json"
    if not place.exists():
        pytest.skip("the Turing change point data are not beside the project")
    flow = np.array(json.loads(place.read_text())["series"][0]["raw"], float)
    found = segments(np.arange(100.0), flow)
    [change] = found.changes
    assert abs(change.index - 28) <= 5
    assert change.size_low[0] < -247.0 < change.size_high[0]
