import math
from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.answering import Verdict, answers, verdict_of
from mainstay.futures.backtest import Backtest, Settings, backtest, known_then, one_step_of, origins_of
from mainstay.futures.backtest_cut import cut, midnight
from mainstay.futures.backtest_judge import (
    FarOut,
    OneStep,
    Tried,
    borne_out,
    far_out_of,
    gains_of,
    over_targets,
    reach_of,
    reasons_of,
    sentence,
)
from mainstay.futures.backtest_streams import not_foreseen, told_from
from mainstay.futures.backtest_targets import (
    Futures,
    Target,
    base_rate,
    foreseen,
    outcomes,
    recorded_lately,
    targets_of,
)
from mainstay.futures.ledger_rules import Rule
from mainstay.futures.paths import Paths, Usual
from mainstay.futures.scores import MeanOverTime
from mainstay.futures.simulating import ahead
from mainstay.quantities import CannotSay, Instant
from mainstay.records.statements_scenario import Scenario, ScenarioFile
from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person, ordinary_year

DAYS = 200
FEW = Settings(origins=24, refits=1, paths=80, draws=20)


@pytest.fixture(scope="module")
def person():
    records, items, anchor = ordinary_person(5, days=float(DAYS), check_ins_per_day=3)
    timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(DAYS + 1))
    return timeline, strain.fit(timeline)


@pytest.fixture(scope="module")
def tested(person):
    return backtest(*person, settings=FEW)


def test_forecasts_are_made_from_moments_of_the_record_that_turn_through_the_week(person):
    timeline, _ = person
    days = origins_of(timeline, 40)
    assert days[0] >= 63
    assert days[-1] <= timeline.days - 1
    assert len(np.unique(np.diff(days))) == 1
    assert len({int(day) % 7 for day in days}) == 7
    assert len(origins_of(cut(timeline, 60.0), 40)) == 0


def test_a_backtest_says_what_it_tried_and_gives_the_same_twice(person, tested):
    assert isinstance(tested, Backtest)
    assert {one.target.days for one in tested.tried} == {1, 7, 28}
    assert {one.target.kind for one in tested.tried} == {"rating", "refuge", "hours", "demand"}
    assert all(len(one.loss) == len(tested.origins) for one in tested.tried)
    assert tested.origins[0] < tested.origins[-1]
    again = backtest(*person, settings=FEW)
    assert again.gains == tested.gains
    assert tested.reach == reach_of(tested.gains)
    assert again.reasons == tested.reasons


def test_nothing_that_came_later_moves_a_forecast(person, tested):
    """The same from a record that ends earlier, up to there."""
    timeline, fitted = person
    last = midnight(timeline, int(timeline.days) - 20)
    days = origins_of(timeline, FEW.origins)
    shorter = cut(timeline, last)
    rate = Target(Rule("mean", "tension", 7), "rating")
    whole, part = outcomes(timeline, [rate])[0], outcomes(shorter, [rate])[0]
    for origin in days[days < last]:
        assert np.array_equal(base_rate(rate, whole, int(origin)), base_rate(rate, part, int(origin)))
        then, again = (cut(one, midnight(one, int(origin))) for one in (timeline, shorter))
        assert known_then(then, fitted).data.knots.tobytes() == known_then(again, fitted).data.knots.tobytes()


def test_a_short_record_is_not_tried(person):
    timeline, fitted = person
    found = backtest(cut(timeline, 80.0), fitted, settings=FEW)
    assert isinstance(found, CannotSay)
    assert (found.have, found.need) == (80, 126)


def test_what_came_is_what_the_record_says_and_unknown_where_it_does_not(person):
    timeline, _ = person
    label = "first refuge"
    targets = (Target(Rule("count", label, 7, 1.0), "refuge"), Target(Rule("hours", "first role", 1), "hours"))
    came = outcomes(timeline, targets)
    times = timeline.events[label].times
    for day in (40, 90, 150):
        assert came[0, day] == float(((times >= day - 7) & (times < day)).any())
    assert np.isnan(came[0, :7]).all()
    role = timeline.episodes["first role"]
    day = 30
    held = np.minimum(role.ends, day) - np.maximum(role.starts, day - 1)
    assert came[1, day] == pytest.approx(24.0 * np.maximum(held, 0.0).sum())


def test_the_base_rate_is_the_own_past_and_knows_weekdays_where_they_differ():
    target = Target(Rule("hours", "work", 1), "hours")
    came = np.array([math.nan, *np.tile([8.0, 8.0, 8.0, 8.0, 8.0, 0.0, 0.0], 20)])
    came = came + np.linspace(0.0, 0.1, len(came))
    origin = 140
    weekday = came[1 + (origin % 7) : origin + 1 : 7]
    assert np.array_equal(np.sort(base_rate(target, came, origin)), np.sort(weekday))
    flat = np.random.default_rng(1).normal(size=141)
    assert len(base_rate(target, flat, origin)) == origin
    assert base_rate(target, came, 3) is None
    event = Target(Rule("count", "x", 1, 1.0), "refuge")
    (chance,) = base_rate(event, np.ones(141), origin)
    assert 0.9 < chance < 1.0


def small_paths(n=50, days=28):
    counts = np.tile(np.array([1, 0], np.uint8), (n, days // 2))
    return Paths(
        begins=Instant.parse("2024-01-01T00:00+00:00"), days=days, strain=np.zeros((n, days), np.float32), at_rest=None,
        slope=1.0, hours={"work": np.full((n, days), 2.0, np.float32)}, events={"visit": counts}, slips=counts,
        parameters_of=np.zeros(n, np.int64), usual=Usual({"work": 2.0}, {"visit": 0.5}, 0.5),
    )  # fmt: skip


def test_futures_are_read_by_the_same_rules():
    futures = Futures(small_paths(), np.full((50, 28), 3.5), {}, np.random.default_rng(1))
    for rule, expected in (
        (Rule("mean", "tension", 7), 3.5),
        (Rule("hours", "work", 7), 14.0),
        (Rule("count", "visit", 28), 14.0),
        (Rule("count", "visit", 1, 1.0), 1.0),
        (Rule("count", "slips", 28), 14.0),
    ):
        assert np.all(foreseen(Target(rule, "x"), futures) == expected)
    assert foreseen(Target(Rule("count", "unknown", 7), "x"), futures) is None
    assert foreseen(Target(Rule("hours", "work", 29), "x"), futures) is None
    thinned = replace(futures, recorded={"visit": 0.5})
    assert foreseen(Target(Rule("count", "visit", 28), "x"), thinned).mean() == pytest.approx(7.0, abs=1.0)


def test_what_was_recorded_lately_is_what_was_logged(person):
    timeline, _ = person
    assert recorded_lately(timeline) == {}
    kinds = {one.kind for one in targets_of(timeline, ("first refuge",), ("first role",), True, ("first demand",))}
    assert kinds == {"rating", "refuge", "hours", "slips", "demand"}


def tried_of(days, loss, base, rank=None, kind="rating"):
    n = len(loss)
    place = np.full(n, np.nan) if rank is None else rank
    rule = Rule("mean", "tension", days)
    return Tried(Target(rule, kind), np.asarray(loss), np.asarray(base), place, np.zeros(n), np.zeros(n))


FINE = OneStep("", 2.9, 2000)
GAIN = {1: MeanOverTime(0.1, 0.05, 6, 60, 0.5)}


def at(days, mean, sd=0.01):
    return {days: MeanOverTime(mean, sd, 6, 60, 0.5)}


def test_forecasts_that_gain_nothing_are_withheld_and_a_sentence_says_so():
    rng = np.random.default_rng(2)
    noise = 0.2 * rng.normal(size=60)
    worse, better = (gains_of([tried_of(1, 1.0 + noise, 1.0 + noise + by)], 5.0) for by in (-0.1, 0.1))
    assert reasons_of(worse, {}, FINE) == ("no better",)
    assert reasons_of(better, {}, FINE) == ()
    assert sentence(("no better",)).startswith("Tried on your own past")
    assert sentence(()) == ""
    assert sentence(("no better", "leaps")).count(".") == 1


def test_a_loss_at_one_horizon_is_not_made_good_by_a_gain_at_another():
    assert reasons_of({**at(1, 0.3), **at(7, -0.1)}, {}, FINE) == ("no better",)
    assert reasons_of({**at(1, 0.3), **at(7, -0.03)}, {}, FINE) == ()
    assert reasons_of({**at(1, -0.03), **at(7, -0.03)}, {}, FINE) == ("no better",)


def test_how_far_ahead_forecasts_were_better_is_said():
    assert reach_of({**at(1, 0.1), **at(7, 0.1), **at(28, 0.1)}) == 28
    assert reach_of({**at(1, 0.1), **at(7, 0.0), **at(28, 0.1)}) == 1
    assert reach_of({**at(1, 0.1), **at(28, 0.1)}) == 1
    assert reach_of(at(1, 0.001)) == 0
    assert "up to a week ahead" in borne_out(7)
    assert "model alone" in borne_out(0)


def test_hours_in_roles_need_not_be_better_than_what_is_usual():
    assert gains_of([tried_of(1, np.full(60, 2.0), np.ones(60), kind="hours")], 5.0) == {}


def scenario(name, rule):
    return Scenario("", None, ScenarioFile(name=name, rule=rule))


def test_a_way_told_from_a_stream_that_was_not_foreseen_is_named():
    rng = np.random.default_rng(4)
    rule, event = Rule("hours", "Work", 7), Rule("count", "visit", 28)
    even, far = rng.random(60), np.where(rng.random(60) < 0.5, 0.001, 0.999)
    nothing = np.zeros(60)
    right = Tried(Target(event, "refuge"), np.ones(60), np.ones(60), even, nothing, nothing)
    wrong = Tried(Target(rule, "hours"), np.ones(60), np.ones(60), far, nothing, nothing)
    lost = Tried(Target(event, "demand"), np.full(60, 1.5), np.ones(60), even, nothing, nothing)
    assert not_foreseen([right], 5.0) == {}
    missed = not_foreseen([right, wrong], 5.0)
    assert list(missed) == [("share", "Work")]
    assert list(not_foreseen([lost], 5.0)) == [("rate", "visit")]
    told = (
        scenario("less work", "share_of_time(role:work) < 0.5 usual for 4 weeks"),
        scenario("more visits", "rate(event:visit) > 2 usual for 4 weeks and strain > limit for 1 day"),
        scenario("breakdown", "strain > limit for 14 days"),
    )
    found = told_from(told, missed)
    assert list(found) == ["less work"]
    assert "hours in “Work”" in found["less work"]
    as_self = (scenario("as myself", "share_of_time(self) < 0.5 usual for 4 weeks"),)
    assert told_from(as_self, missed) == {}
    assert list(told_from(as_self, missed, oneself="Work")) == ["as myself"]


def test_a_stream_of_which_little_could_be_tried_is_not_called_unforeseen():
    wrong = tried_of(28, np.full(20, 9.0), np.ones(20), np.full(20, 0.999), kind="hours")
    assert not_foreseen([wrong], 5.0) == {}


def test_ranges_that_are_too_narrow_are_withheld_and_right_ones_rarely():
    rng = np.random.default_rng(3)
    shares = {}
    for spread in (1.0, 1.6):
        found = []
        for _ in range(300):
            z = spread * rng.normal(size=60)
            rank = np.array([0.5 * math.erfc(-one / math.sqrt(2.0)) for one in z])
            far_out = far_out_of([tried_of(1, np.ones(60), np.ones(60), rank)], 5.0)
            found.append("too narrow" in reasons_of(GAIN, far_out, FINE))
        shares[spread] = np.mean(found)
    assert shares[1.0] <= 0.02
    assert shares[1.6] >= 0.9


def test_a_long_horizon_is_judged_only_where_enough_of_it_does_not_overlap():
    short, long = tried_of(1, np.ones(40), np.ones(40)), tried_of(28, np.ones(40), np.full(40, 5.0))
    found = over_targets([short, long], [short.gain, long.gain], 5.0, 0.9)
    assert found.mean == 0.0
    assert far_out_of([replace(long, rank=np.full(40, 0.5))], 5.0) == {}


def test_what_the_fits_own_checks_find_withholds_too():
    far_out = {1: FarOut(MeanOverTime(1.0, 0.1, 6, 60, 0.9), 60.0, 1)}
    assert reasons_of(GAIN, far_out, replace(FINE, failed="months")) == ("another course",)
    assert reasons_of(GAIN, far_out, replace(FINE, failed="clock")) == ()
    assert reasons_of(GAIN, far_out, OneStep("", 3.6, 2000)) == ("leaps",)
    assert reasons_of(GAIN, far_out, OneStep("", math.nan, 0)) == ()
    assert reasons_of(GAIN, far_out, OneStep("", 3.6, 50)) == ()
    assert reasons_of(GAIN, far_out, OneStep("", 3.6, 2000, expected=0.5)) == ()


def test_demands_that_go_unrecorded_give_misses_heavier_tails_by_an_amount_that_is_known():
    """Lives of which the log says that one demand in seven is missed, each of them large: the model is right."""
    excess, expected = [], []
    for seed in range(8):
        truth = ordinary_parameters()
        truth = replace(truth, demands=dict.fromkeys(truth.demands, 2.5), noise_per_sqrt_day=0.4)
        records, items, anchor = ordinary_person(
            seed, truth, ordinary_year(
                np.random.default_rng(seed), days=300.0, check_ins_per_day=5,
                recording={"": (np.array([0.0, 300.0]), np.array([0.85]))},
            ),
        )  # fmt: skip
        timeline = from_records(records, items, anchor, as_of=MONDAY.plus_days(301))
        fitted = strain.fit(timeline)
        if isinstance(fitted, CannotSay):
            continue
        found = one_step_of(timeline, fitted)
        excess.append(found.fourth - 3.0)
        expected.append(found.expected)
    assert len(excess) >= 5
    assert np.mean(excess) > 0.2
    assert 0.5 * np.mean(excess) < np.mean(expected) < 2.0 * np.mean(excess)


def test_what_is_shown_says_how_far_it_was_borne_out_and_leaves_out_what_was_not_foreseen(person):
    timeline, fitted = person
    paths = ahead(timeline, fitted, days=60, n=200, rng=np.random.default_rng(1))
    missed = {("share", "First role"): "hours in “first role” came otherwise than such futures foresaw"}
    told = answers(timeline, fitted, paths=paths, backtest=Verdict("", 7, missed))
    whole = told[0]
    assert "up to a week ahead; further ahead they rest on the model alone." in whole.claim
    assert whole.detail["better_than_usual_days"] == 7
    names = {one.about for one in told if one.quantity == "chance of scenario" and not isinstance(one, CannotSay)}
    left = [one.reason for one in told if isinstance(one, CannotSay) and "tried on your own past" in one.reason]
    assert len(left) == 1
    assert "hours in “first role”" in left[0]
    full = answers(timeline, fitted, paths=paths, backtest=Verdict("", 7, {}))
    assert names < {one.about for one in full if one.quantity == "chance of scenario"}
    assert verdict_of(told) == Verdict("", 7, missed)
    hidden = answers(timeline, fitted, paths=paths, backtest=Verdict("No.", 7, missed))
    assert "rest on the model" not in hidden[0].claim
    assert verdict_of(hidden).withheld == "No."
    assert verdict_of(answers(timeline, fitted, paths=paths)) is None
    assert not any("came otherwise" in getattr(one, "reason", "") for one in hidden)
