"""Slips: what is said of their rate, of harm to others, and what neither later records nor longer hours can change."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from calibration import slips as cal
from mainstay.errors import BadRequest
from mainstay.notice import slips_watch
from mainstay.notice.slips import slips_answers
from mainstay.notice.slips_counts import HARM, TOGETHER, counted, hours_in
from mainstay.notice.slips_seen import shares_of
from mainstay.notice.slips_watch import BAR, log_ratios, sums, weeks_of
from mainstay.numerics.exact_rates import (
    incomplete_beta,
    next_count_limits,
    poisson_interval,
    ratio_interval,
    student_tail,
)
from mainstay.quantities import CannotSay, Finding, Instant, Span
from mainstay.records.kinds import Coverage, Episode, Event, Record
from mainstay.timeline.reader import from_records

MONDAY = Instant.parse("2024-01-08T00:00+00:00")
RNG = np.random.default_rng(6)


def record(key, when, body):
    known = when.end if isinstance(when, Span) else when
    return Record(str(key), "s", when, known, "test", body)


def at(day):
    return MONDAY.plus_days(float(day))


def life(days, *, logged=True, upto=None, roles=(), harm=(), **slips):
    """A timeline with these slips (label: days); a diary line every day, so that no day is a gap."""
    events = [record(f"line {day}", at(day + 0.9), Event("diary", "other")) for day in range(int(days))]
    for label, times in slips.items():
        events += [record(f"{label} {k}", at(day), Event(label, "slip")) for k, day in enumerate(times)]
    events += [record(f"harm {k}", at(day), Event("harmed", "slip", tags=("harm",))) for k, day in enumerate(harm)]
    for label, starts, hours in roles:
        spans = [Span(at(start), at(start + hours / 24.0)) for start in starts]
        events += [record(f"{label} {k}", span, Episode(label, "role")) for k, span in enumerate(spans)]
    if logged:
        spans = [Span(at(day), at(min(day + 7, days))) for day in np.arange(0, days, 7)]
        events += [record(f"log {span.start}", span, Coverage((), 1.0)) for span in spans]
    return from_records(events, (), None, as_of=at(upto or days))


def grown(rng=RNG, before=0.3, after=1.2, days=300, change=200):
    first = rng.uniform(0, change, rng.poisson(before * change))
    return np.sort(np.concatenate([first, rng.uniform(change, days, rng.poisson(after * (days - change)))]))


@pytest.fixture(scope="module")
def more():
    return life(300, missed=grown(np.random.default_rng(1)))


def test_intervals_of_rates_and_ratios_are_the_exact_ones():
    for count, level in ((0, 0.9), (1, 0.95), (7, 0.9), (240, 0.99), (2.5, 0.9)):
        tail = 0.5 * (1.0 - level)
        low, high = poisson_interval(count, 3.0, level)
        assert low == pytest.approx(stats.gamma.ppf(tail, count) / 3.0 if count else 0.0, rel=1e-9)
        assert high == pytest.approx(stats.gamma.ppf(1.0 - tail, count + 1.0) / 3.0, rel=1e-9)
    for a, b in ((0, 3), (5, 2), (40, 60), (3, 0)):
        low, high = ratio_interval((a, 2.0), (b, 5.0))
        share = stats.beta.ppf([0.05, 0.95], [max(a, 1e-9), a + 1], [b + 1, max(b, 1e-9)])
        assert low == pytest.approx(2.5 * share[0] / (1.0 - share[0]) if a else 0.0, rel=1e-6)
        assert high == (pytest.approx(2.5 * share[1] / (1.0 - share[1]), rel=1e-6) if b else math.inf)
    with pytest.raises(BadRequest, match="exposure must be above 0"):
        poisson_interval(3, 0.0)
    with pytest.raises(BadRequest, match="both stretches"):
        ratio_interval((3, 1.0), (2, 0.0))


def test_tails_and_limits_are_the_exact_ones_far_out_too():
    t = np.array([0.0, 0.3, 1.0, 4.0, 30.0])
    for freedom in (1.0, 3.5, 12.0, 200.0):
        assert student_tail(t, np.full(5, freedom)) == pytest.approx(stats.t.sf(t, freedom), rel=1e-9)
    assert incomplete_beta(2.5, 40.0, 0.03) == pytest.approx(stats.beta.cdf(0.03, 2.5, 40.0), rel=1e-10)
    for count, exposure, ahead in ((3, 100.0, 7.0), (60, 140.0, 7.0)):
        low, high = next_count_limits(count, exposure, ahead, 1.0, 0.00135)
        told = stats.nbinom.ppf([0.00135, 1.0 - 0.00135], count, exposure / (exposure + ahead))
        assert (low, high) == tuple(told)
    assert next_count_limits(5000, 100.0, 7.0, 1.0, 0.025)[1] == pytest.approx(350 + 1.96 * math.sqrt(374.5), rel=1e-3)


def test_the_ratio_for_a_change_is_that_of_poisson_counts_with_the_rate_averaged_out(monkeypatch):
    monkeypatch.setattr(slips_watch, "dispersion", lambda parts, week: np.ones((len(week), parts.shape[1] - 1)))
    counts = np.random.default_rng(2).poisson(0.4, 70).astype(float)
    weeks = weeks_of(counts, np.ones(70), np.ones(70, bool))
    told = log_ratios(weeks, np.array([69]), (2.0,))[0]
    rates = np.exp(np.linspace(-7.0, 3.0, 4001))

    def marginal(factor):
        heights = stats.poisson.logpmf(counts[:, None], factor[:, None] * rates[None]).sum(axis=0)
        return np.exp(heights).sum()

    for week in range(6, 8):
        raised = np.where(np.arange(70) >= 7 * week, 2.0, 1.0)
        assert told[week] == pytest.approx(math.log(marginal(raised) / marginal(np.ones(70))), abs=1e-6)


def test_without_a_change_the_ratio_is_one_in_the_mean(monkeypatch):
    monkeypatch.setattr(slips_watch, "dispersion", lambda parts, week: np.ones((len(week), parts.shape[1] - 1)))
    rng, day = np.random.default_rng(3), np.array([83])
    found = [
        np.exp(log_ratios(weeks_of(rng.poisson(0.5, 84).astype(float), np.ones(84), np.ones(84, bool)), day, (1.5,))[0])
        for _ in range(3000)
    ]
    mean, error = np.mean(found, axis=0), np.std(found, axis=0) / math.sqrt(3000)
    for week in range(5, 10):
        assert abs(mean[week] - 1.0) < 4.0 * error[week]


def test_what_was_seen_up_to_a_day_is_not_changed_by_later_days():
    rng = np.random.default_rng(4)
    counts, exposure = rng.poisson(0.7, 400).astype(float), np.where(rng.random(400) < 0.1, 0.0, 1.0)
    settled = np.arange(400) >= 7

    def rise(days):
        weeks = weeks_of(counts[:days], exposure[:days], settled[:days])
        return sums(weeks, np.ones(len(weeks.before)), np.arange(days))

    whole = rise(400)
    for days in (60, 123, 301):
        assert rise(days) == pytest.approx(whole[:days], rel=1e-12)


def test_no_slip_on_record_gives_no_answer():
    assert slips_answers(life(100), frozenset()) == ()


def test_a_short_record_says_how_many_days_there_are_and_are_needed():
    (answer,) = slips_answers(life(30, missed=[3.5, 9.5, 20.5]))
    assert isinstance(answer, CannotSay)
    assert (answer.row, answer.have, answer.need, answer.unit) == ("S6", 30, 56, "days recorded")


def test_more_slips_are_found_with_when_and_how_many_times_as_often(more):
    (answer,) = slips_answers(more)
    assert isinstance(answer, Finding)
    assert (answer.row, answer.about, answer.status) == ("S6", "missed", "found")
    assert 4.0 in answer.interval
    assert re.match(
        r"“missed” came [\d.]+ times as often since about \d+ (July|August) 2024 as before: \d+ in \d+ days",
        answer.claim,
    )
    first, last = answer.detail["since_between"]
    assert first <= "2024-07-26" <= last
    assert answer.detail["alarm"]
    assert answer.detail["raised"] > answer.detail["since"]
    assert answer.detail["evidence_for_a_rise"] >= answer.detail["evidence_needed"] == BAR
    assert any("at most one in 240 months" in one for one in answer.assumptions)
    assert not re.search(r"because|caused|risk|danger|worse", answer.claim)


def test_it_is_not_said_before_it_came(more):
    early = life(300, upto=195, missed=grown(np.random.default_rng(1)))
    assert all(answer.status != "found" for answer in slips_answers(early))


def test_fewer_slips_are_told_and_are_no_alarm():
    (answer,) = slips_answers(life(300, missed=grown(np.random.default_rng(5), before=1.2, after=0.2)))
    assert answer.status == "found"
    assert answer.estimate < 0.5
    assert answer.detail["direction"] == "fewer"
    assert not answer.detail["alarm"]
    assert not any("at most one in 240 months" in one for one in answer.assumptions)


def test_a_steady_rate_is_not_twice_as_frequent_or_too_little_is_known():
    steady = slips_answers(life(300, missed=np.sort(RNG.uniform(0, 300, 200))))[0]
    assert steady.status == "not_found"
    assert steady.interval.high < 2.0
    assert "is not twice as frequent as before" in steady.claim
    rare = slips_answers(life(120, missed=[5.5, 40.5, 80.5, 101.5]))[0]
    assert isinstance(rare, CannotSay)
    assert "neither be seen nor ruled out" in rare.reason
    assert rare.detail["count_lately"] == 1


def test_each_kind_and_all_together_share_one_promise():
    timeline = life(200, missed=np.arange(3.5, 200, 9), forgotten=np.arange(60.5, 200, 5))
    answers = slips_answers(timeline)
    assert [one.about for one in answers] == ["forgotten", "missed", TOGETHER]
    shares = np.array(shares_of(counted(timeline)))
    assert np.all(shares.sum(axis=0)[1:] == pytest.approx(1.0))
    assert np.all(shares[0, : 60 // 7 + 1] == 0.0)
    assert answers[2].n == answers[0].n + answers[1].n


def test_each_point_of_the_chart_is_held_against_what_came_before_it(more):
    chart = slips_answers(more)[0].detail["chart"]
    shorter = slips_answers(life(300, upto=140, missed=grown(np.random.default_rng(1))))[0].detail["chart"]
    assert [one["upper_limit"] for one in chart[:19]] == [one["upper_limit"] for one in shorter[:19]]
    assert chart[2]["centre"] is None
    point = chart[10]
    assert point["centre"] == pytest.approx(sum(one["count"] for one in chart[:10]) / 70.0)
    assert (point["low"], point["high"]) == pytest.approx(poisson_interval(point["count"], 7.0))
    assert not any(one["outside"] for one in chart[:28])
    sharp = slips_answers(life(300, missed=grown(np.random.default_rng(1), after=3.0)))[0].detail["chart"]
    assert any(one["outside"] == "above" for one in sharp[28:])


def test_a_long_record_is_drawn_by_four_weeks():
    chart = slips_answers(life(800, missed=np.arange(2.5, 800, 5)))[0].detail["chart"]
    assert len(chart) == math.ceil(800 / 28)
    assert chart[0]["exposure"] == pytest.approx(28.0)


def test_more_hours_in_a_role_are_no_more_slips():
    rng = np.random.default_rng(7)
    starts = [*(day + 0.4 for day in range(0, 150, 5)), *(day + 0.4 for day in range(150, 300))]
    slips = [start + rng.uniform(0, 6) / 24.0 for start in starts if rng.random() < 0.6]
    shifts = [("nurse", starts, 6.0)]
    (answer,) = slips_answers(life(300, roles=shifts, missed=slips))
    assert answer.status != "found"
    assert answer.detail["exposure_unit"] == "hours as “nurse”"
    (by_days,) = slips_answers(life(300, missed=slips))
    assert by_days.status == "found"


def test_where_slips_fall_is_told_by_role():
    starts = np.arange(0.4, 200.0)
    (answer,) = slips_answers(life(200, roles=[("nurse", starts, 6.0)], missed=np.arange(0.1, 200, 2)))
    rows = {row["role"]: row for row in answer.detail["by_role"]}
    assert rows["nurse"]["count"] == 0
    assert rows["nurse"]["hours"] == pytest.approx(1200.0, abs=1.0)
    assert rows[""]["count"] == 100
    assert rows[""]["low"] < rows[""]["per_ten_hours"] < rows[""]["high"]


def test_hours_in_roles_that_overlap_count_once():
    timeline = life(3, roles=[("a", [0.5], 6.0), ("b", [0.6], 6.0)])
    assert hours_in(timeline.roles, np.array([1.0, 2.0, 3.0])) == pytest.approx([8.4, 0.0, 0.0])


def test_where_recording_was_not_logged_it_is_said_and_counting_begins_with_the_first():
    times = np.sort(np.random.default_rng(8).uniform(200, 400, 60))
    (answer,) = slips_answers(life(400, logged=False, missed=times))
    assert answer.status != "found"
    assert answer.detail["recording_logged"] is False
    assert any("was not logged" in one for one in answer.assumptions) or isinstance(answer, CannotSay)
    (logged,) = slips_answers(life(400, missed=times))
    assert logged.status == "found"
    late = grown(np.random.default_rng(1))
    told = slips_answers(life(300, logged=False, missed=late))[0]
    assert told.claim.endswith("if everything was written down.")


def test_no_harm_is_told_with_how_seldom_it_must_then_be():
    answers = slips_answers(life(121.75, missed=np.arange(1.5, 121, 8)), frozenset())
    harm = answers[-1]
    assert (harm.about, harm.status, harm.estimate) == (HARM, "not_found", 0.0)
    assert harm.claim == "No harm to others was noted in 122 days recorded: at 95 %, no more than one in 41 days."
    assert 30.4375 / harm.interval.high == pytest.approx(121.75 / -math.log(0.05), rel=1e-6)
    assert not harm.detail["alarm"]
    assert harm.n == 15
    assert harm.evidence[1] == "15 slips in 122 days recorded"


def test_harm_noted_once_and_recording_not_logged_says_how_seldom_since():
    (*_, harm) = slips_answers(life(120, logged=False, missed=[1.5, 9.5], harm=(20.5,)), {"harm 0"})
    assert harm.claim.startswith("Harm to others was noted once: at 95 %, no more than one in 33 days since")
    assert harm.claim.endswith(", if everything was written down.")


def test_harm_to_others_is_counted_apart_with_its_exact_rate():
    timeline = life(120, missed=np.arange(1.5, 120, 6), harm=(30.5, 70.5))
    ids = {"harm 0", "harm 1"}
    answers = {one.about: one for one in slips_answers(timeline, ids)}
    harm = answers[HARM]
    assert harm.status == "found"
    assert harm.n == 2
    assert harm.claim.startswith("Harm to others was noted twice: about one in 60 days, at 90 % between one in")
    low, high = poisson_interval(2, 120.0)
    assert (harm.interval.low, harm.interval.high) == pytest.approx((30.4375 * low, 30.4375 * high), rel=1e-6)
    assert not harm.detail["alarm"]
    assert any("no part of strain" in one for one in harm.assumptions)


def test_without_knowing_what_did_harm_nothing_is_said_of_it():
    assert HARM not in [one.about for one in slips_answers(life(120, missed=[3.5, 9.5], harm=(30.5,)))]


def test_harm_that_grows_more_frequent_is_an_alarm():
    times = grown(np.random.default_rng(9), before=0.05, after=0.7)
    timeline = life(300, missed=np.arange(1.5, 300, 2), harm=times)
    harm = slips_answers(timeline, {f"harm {k}" for k in range(len(times))})[-1]
    assert harm.detail["alarm"]
    assert "more often than before since about" in harm.claim


def test_a_very_bad_day_alone_is_no_change():
    (answer,) = slips_answers(life(200, missed=[*np.arange(1.5, 200, 4), *np.linspace(150.1, 150.3, 25)]))
    assert answer.status != "found"


def test_slips_told_by_two_sources_count_once(more):
    events = more.events["missed"]
    doubled = replace(
        events,
        times=np.repeat(events.times, 2),
        sizes=np.repeat(events.sizes, 2),
        half_widths=np.repeat(events.half_widths, 2),
        ids=tuple(one for pair in ((a, a + " again") for a in events.ids) for one in pair),
        sources=(0, 1) * len(events.ids),
    )
    twice = replace(more, events={**more.events, "missed": doubled})
    assert slips_answers(twice)[0].claim == slips_answers(more)[0].claim


def test_days_that_do_not_fit_together_are_refused():
    with pytest.raises(BadRequest, match="one value for each day"):
        weeks_of(np.zeros(3), np.ones(4), np.ones(3, bool))


def test_few_false_alarms_where_nothing_changes():
    alarms, months, _, _ = cal.false_alarms("bad_days", 0.5, 30)
    assert months > 900
    assert alarms <= 8
