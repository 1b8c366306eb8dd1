"""The supporter: what is given and got, what options ask, how often can be kept up; from their own casebook alone."""

from dataclasses import replace

import numpy as np
import pytest

from mainstay import strain
from mainstay.futures.paths import Lever
from mainstay.futures.scenarios import limit_of, partition
from mainstay.futures.scenarios_days import days_before
from mainstay.futures.simulating import ahead
from mainstay.notice.alert import RAISES, raised_by
from mainstay.options.supporter import GIVEN, OFTEN, SIGN, answers
from mainstay.options.supporter_given import Given, given_of, kinds_of, student_half, weekly
from mainstay.options.supporter_often import _crossing, _passed, _read_off, by_hours, by_strain
from mainstay.quantities import CannotSay, Finding, Instant, Interval
from mainstay.records import logged
from mainstay.records.kinds import Statement
from mainstay.records.statements_preference import Limit, Preference, PreferenceFile
from mainstay.records.statements_scenario import Scenario, ScenarioFile
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

MONDAY = Instant.parse("2026-01-05T00:00+01:00")
LATER = MONDAY.plus_days(400)
NO_FIT = CannotSay("there is no rating", row="S9")
OPEN = "the open invitation"
OPTION = f"""name = "{OPEN}"
disclosed_ok = true
[cost.supporter]
points = [5, 15]
hours_a_week = [3, 5]
[benefit.supporter]
points = [5, 20]
"""


def at(day, hour=19.0):
    return MONDAY.plus_days(day + hour / 24.0)


def support(day, hours=2.0, tags=(), label="supper together", first="support", is_="demand"):
    return logged.event(label, is_, at(day), now=LATER, size=hours, tags=(first, *tags))


def budget(text="hours_a_week = 6\nmoney_a_month = 500\n"):
    return logged.statement("preference", f"[budget]\n{text}", now=at(0))


def option(text=OPTION):
    return logged.statement("option", text, now=at(0))


def timeline(records, **more):
    return from_records(records, (), None, as_of=LATER, **more)


def told(records, about=(), fitted=NO_FIT, **more):
    return answers(timeline(records), fitted, about, **more)


def one_of(found, about, quantity=None):
    kept = [one for one in found if one.about == about and quantity in {None, one.quantity}]
    assert len(kept) == 1, kept
    return kept[0]


TWICE_A_WEEK = [support(7 * week + day, 2.0 + 0.5 * (week % 3)) for week in range(12) for day in (1, 4)]


def test_without_a_budget_or_support_nothing_is_told():
    assert told([logged.event("deadline", "demand", at(1), now=LATER), option()]) == ()


def test_what_was_given_stands_beside_what_was_set():
    found = one_of(told([*TWICE_A_WEEK, budget()]), GIVEN)
    assert found.claim == "Support came to about 5.1 hours a week lately, of the 6 set for it."
    assert found.interval.low < 5.1 < found.interval.high
    assert (found.row, found.unit, found.n) == ("S23", "hours a week", 24)


def test_hours_that_were_not_noted_are_said_to_be_guessed():
    rows = [support(3 * k, None if k % 4 == 0 else 3.0) for k in range(20)]
    found = one_of(told([*rows, budget()]), GIVEN)
    assert "5 of 20 times without hours are counted with the mean of the others" in found.assumptions


def test_support_without_hours_or_over_few_weeks_says_so():
    without = one_of(told([support(3 * k, None) for k in range(20)]), GIVEN)
    assert without.reason == "support is on record, but not how many hours it took"
    short = one_of(told([support(k) for k in range(8)]), GIVEN)
    assert "before three whole weeks" in short.reason


def test_money_is_told_beside_its_budget():
    rows = [support(7 * k, tags=("money 40",)) for k in range(16)]
    found = one_of(told([*rows, budget()]), GIVEN, "money a month")
    assert found.claim == "Money given so far comes to about 174 a month, of the 500 set for it."


def test_tags_hold_amounts_and_nothing_else_does():
    rows = [
        support(1, tags=("money 20", "Cost: 10", "benefit 30")),
        support(2, tags=("money 5", "money 6", "cost 250", "costly 3", "benefit x")),
        support(3, 900.0),
        logged.event("walk", "relief", at(4), now=LATER, tags=("money 5",)),
    ]
    found = given_of(timeline(rows))
    assert [(one.hours, one.money, one.cost, one.benefit) for one in found] == [
        (2.0, 20.0, 10.0, 30.0),
        (2.0, 11.0, None, None),
        (None, None, None, None),
    ]


def test_for_a_name_counts_as_support_and_the_name_is_never_told():
    rows = [support(3 * k, first="for Jonas Vink") for k in range(20)]
    found = told([*rows, budget(), option()])
    assert one_of(found, GIVEN).n == 20
    assert "jonas" not in str(found).casefold()
    assert "vink" not in str(found).casefold()


def test_what_an_option_would_take_and_give_stands_beside_the_budget():
    found = one_of(told([budget(), option()]), OPEN)
    assert found.claim == (
        "“the open invitation” would take 3 to 5 of the 6 hours a week and 5 to 15 points from the supporter, "
        "and give 5 to 20 points back."
    )
    assert (found.estimate, found.interval) == (5.0, Interval(5.0, 5.0))
    over = one_of(told([budget("hours_a_week = 4\n"), option()]), OPEN)
    assert over.claim.endswith("; at its high end that is more hours than there are.")


def test_an_option_that_takes_nothing_says_so_and_one_about_the_person_alone_says_nothing():
    gives = option(f'name = "{OPEN}"\ndisclosed_ok = true\n[benefit.supporter]\npoints = [5, 5]\n')
    assert one_of(told([budget(), gives]), OPEN).claim == (
        "“the open invitation” would take from the supporter what is not written down, and give 5 points back."
    )
    nothing = option(
        f'name = "{OPEN}"\ndisclosed_ok = true\n'
        "[cost.supporter]\npoints = [0, 0]\n[benefit.supporter]\npoints = [5, 5]\n"
    )
    assert one_of(told([budget(), nothing]), OPEN).claim == (
        "“the open invitation” would take nothing from the supporter, and give 5 points back."
    )
    alone = option(f'name = "{OPEN}"\ndisclosed_ok = true\n[cost.person]\npoints = [5, 5]\n')
    assert told([budget(), alone]) == ()


def test_an_option_that_is_struck_out_asks_nothing_of_anybody():
    hidden = option(OPTION.replace("disclosed_ok = true", "disclosed_ok = false"))
    assert told([budget(), hidden]) == ()
    struck = Finding("S20", OPEN, "struck_out", "…", "q", 0.5, Interval(0.5, 0.5), "", 1, "m")
    assert told([budget(), option()], (struck,)) == ()
    done = [support(7 * k, 2.0, tags=(OPEN, "cost 5")) for k in range(6)]
    assert one_of(told([*done, budget(), hidden]), OPEN).claim.startswith(
        "“the open invitation” took about 2 hours a week"
    )


def test_what_came_of_an_option_stands_against_what_was_expected_benefit_as_well_as_cost():
    rows = [support(3.5 * k, 2.0, tags=(OPEN.title(), f"cost {8 + k % 2}", f"benefit {30 + k % 5}")) for k in range(20)]
    found = one_of(told([*rows, budget(), option()]), OPEN)
    assert found.claim == (
        "“the open invitation” took about 4 hours a week (3 to 5 expected), cost 8.5 points a time (5 to 15 expected) "
        "and gave 32 back (5 to 20 expected): more than it cost."
    )
    assert found.detail["came"]["benefit"]["times"] == 20
    assert found.detail["expected_cost"]["points"] == [5.0, 15.0]


def test_a_few_times_are_too_few_and_are_kept_apart():
    rows = [support(7 * k, 2.0, tags=(OPEN, "cost 50")) for k in range(3)]
    found = one_of(told([*rows, *TWICE_A_WEEK, option()]), OPEN)
    assert (found.have, found.need, found.status) == (3, 4, "cannot_say")
    assert found.detail["came"]["cost"]["mean"] == 50.0


def test_in_the_persons_casebook_an_option_that_was_done_is_no_support():
    done = [logged.event("evening", "relief", at(k), now=LATER, size=3.0, tags=(OPEN,)) for k in range(0, 60, 5)]
    found = told([*done, budget(), option()])
    assert [one.about for one in found] == [OPEN]
    assert found[0].claim.startswith("“the open invitation” would take")


def test_how_often_fits_into_the_hours_that_were_set():
    found, refused = (one for one in told([*TWICE_A_WEEK, budget()]) if one.about == OFTEN)
    assert isinstance(refused, CannotSay)
    assert found.claim.startswith("By hours alone, support can be kept up about 2.4 times a week: more would go beyond")
    assert found.interval.low < 2.4 < found.interval.high


def test_few_hours_noted_say_how_many_are_needed():
    given = [Given(float(k), "x", 2.0, None, None, None, frozenset()) for k in range(5)]
    found = by_hours(given, 6.0)
    assert (found.have, found.need) == (5, 6)


def test_the_interval_by_hours_holds_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(4)
    held = []
    for _ in range(1500):
        n, mean = int(rng.integers(6, 25)), rng.uniform(0.5, 4.0)
        hours = rng.gamma(4.0, mean / 4.0, n)  # half as wide as they are long, skewed
        given = [Given(float(k), "x", float(one), None, None, None, frozenset()) for k, one in enumerate(hours)]
        found = by_hours(given, 6.0)
        held.append(found.low <= 6.0 / mean <= found.high)
    assert 0.87 <= np.mean(held) <= 0.92


def test_students_interval_is_the_books():
    # Student's t at .95, from any table
    assert [round(student_half(f), 3) for f in (1, 5, 11, 30)] == [6.314, 2.015, 1.796, 1.697]


def test_weeks_are_whole_and_twelve_at_most():
    given = [Given(float(d), "x", 1.0, None, None, None, frozenset()) for d in range(200)]
    assert weekly(given, 200.0).tolist() == [7.0] * 12
    assert len(weekly(given[:5], 20.0, since=0.0)) == 2


def test_a_label_stands_for_support_if_nearly_all_of_it_is():
    rows = [*TWICE_A_WEEK, *(support(k, label="call") for k in range(5))]
    rows += [logged.event("call", "demand", at(100 + k), now=LATER) for k in range(20)]
    here = timeline(rows)
    assert kinds_of(here, given_of(here)) == ("supper together",)


def test_without_a_fit_it_is_said_why_strain_can_not_be_asked():
    (refused,) = [one for one in told([*TWICE_A_WEEK]) if one.about == OFTEN]
    assert refused.reason == "there is no rating"
    assert refused.row == "S23"


# What follows takes a simulated person as a supporter: one kind of what is asked of them is the support they give.


@pytest.fixture(scope="module")
def fitted_supporter():
    (person,) = simulate("two_roles", 1).values()
    records = [one for one in person.records if not isinstance(one.body, Statement)]
    made = from_records(records, person.items, person.anchor, as_of=Instant.parse("2025-07-08T00:00+00:00"))
    fitted = strain.fit(made)
    deadline = made.events["deadline"]
    given = replace(deadline, tags=dict.fromkeys(deadline.ids, ("support",)), sizes=np.full(len(deadline.ids), 1.0))
    return replace(made, events=made.events | {"deadline": given}), fitted, strain.answers(made, fitted)


def limited(made, rating, **more):
    return Preference("x", made.as_of, PreferenceFile(limit=Limit(rating=rating, days=14), **more))


def test_how_often_by_strain_keeps_the_chance_it_promises(fitted_supporter):
    made, fitted, _ = fitted_supporter
    wishes = limited(made, 3.5)
    found = by_strain(made, fitted, wishes, "deadline")
    assert found.low < found.times < found.high
    assert not found.open_above
    usual = 7.0 * float(fitted.data.demand_rate[fitted.data.demands.index("deadline")])
    lever = Lever("demands", "deadline", times=found.times / usual)
    paths = ahead(made, fitted, n=3000, rng=np.random.default_rng(77), levers=(lever,))
    limit = limit_of(made, fitted, wishes)
    over = Scenario("", None, ScenarioFile(name="own limit", rule="strain > limit for 14 days"))
    passed = _passed(paths, partition(paths, (over,), limit, days_before(made, fitted)), limit)
    assert 0.06 < passed.mean() < 0.15


def test_a_limit_that_strain_passes_anyway_is_not_laid_at_supports_door(fitted_supporter):
    made, fitted, _ = fitted_supporter
    found = by_strain(made, fitted, limited(made, 3.0), "deadline")
    assert isinstance(found, CannotSay)
    assert "even without any of it, so how often support is given is not what decides that" in found.reason
    already = by_strain(made, fitted, limited(made, 2.3), "deadline")
    assert "beyond the own limit as it is" in already.reason


def test_hours_and_strain_together_tell_the_lower_of_the_two(fitted_supporter):
    made, fitted, about = fitted_supporter
    text = "[limit]\nrating = 3.5\n[budget]\nhours_a_week = {}\n"
    tight, wide = (
        one_of(answers(with_wish(made, text.format(hours)), fitted, about), OFTEN, "times a week") for hours in (4, 90)
    )
    assert tight.claim == (
        "Support can be kept up about 4 times a week: more would go beyond the 4 hours a week set for it."
    )
    assert (
        "with more of “deadline”, strain would pass the own limit within 13 weeks with a chance above 10 %"
        in wide.claim
    )
    assert wide.estimate < 20


def with_wish(made, text):
    written = logged.statement("preference", text, now=made.as_of.plus_days(-1))
    return replace(made, others=(*made.others, written))


def test_forecasts_that_are_withheld_are_withheld_here_too(fitted_supporter):
    made, fitted, about = fitted_supporter
    found = answers(made, fitted, about, withheld="forecasts were no better than the usual")
    assert "forecasts were no better than the usual" in one_of(found, OFTEN).reason


def test_support_that_eases_sets_no_limit_and_is_said_to(fitted_supporter):
    made, fitted, about = fitted_supporter
    eases = [
        replace(one, estimate=-0.4, interval=Interval(-0.6, -0.2))
        if one.row == "S9" and one.about == "deadline"
        else one
        for one in about
    ]
    found = one_of(answers(made, fitted, eases), OFTEN)
    assert found.claim == (
        "Strain sets no limit to how often support is given: “deadline” eases strain, by about 0.40 points on the "
        "tension scale a time."
    )
    with_budget = answers(with_wish(made, "[budget]\nhours_a_week = 4\n"), fitted, eases)
    assert one_of(with_budget, OFTEN).claim.endswith(
        "; “deadline” eases strain, by about 0.40 points on the tension scale a time."
    )


def test_support_that_is_logged_as_nothing_asked_can_not_be_weighed(fitted_supporter):
    made, fitted, about = fitted_supporter
    rows = made.events["deadline"]
    other = replace(rows, label="evening", is_="other")
    found = answers(
        replace(made, events=made.events | {"evening": other, "deadline": replace(rows, tags={})}), fitted, about
    )
    assert "it is on record as “other”" in one_of(found, OFTEN).reason


def change(claim="Tension has been higher since about 3 March 2026.", status="found", **detail):
    said = {"this": {"days_since": 5.0}, "better": False} | detail
    return Finding("S3", "tension", status, claim, "change", 1.0, Interval(0.5, 1.5), "points", 9, "m", detail=said)


def test_an_early_sign_is_what_is_told_already_and_alarms_no_second_time():
    about = (change(), CannotSay("too early", row="S11"))
    found = one_of(told(TWICE_A_WEEK, about), SIGN)
    assert found.claim == (
        "An early sign in the supporter's own records, whatever is behind it: tension has been higher since about "
        "3 March 2026."
    )
    assert "S23" not in RAISES
    assert raised_by((found,)) == ()


def test_no_sign_is_told_only_where_something_was_watched():
    quiet = one_of(told(TWICE_A_WEEK, (change(status="not_found"),)), SIGN)
    assert (quiet.status, quiet.claim) == (
        "not_found",
        "Nothing in the supporter's own records says that it is becoming too much.",
    )
    better = one_of(told(TWICE_A_WEEK, (change(better=True),)), SIGN)
    assert better.status == "not_found"
    early = one_of(told(TWICE_A_WEEK, (CannotSay("too early", row="S3"),)), SIGN)
    assert isinstance(early, CannotSay)


def test_the_persons_check_ins_say_nothing_of_the_supporter():
    found = told([budget(), option()], (change(),))
    assert [one.about for one in found] == [OPEN]


def test_reading_off_is_straight_between_what_was_looked_at():
    assert _crossing(np.array([0.0, 2.0, 4.0]), np.array([0.0, 0.05, 0.15]), 0.1) == pytest.approx(3.0)
    assert _crossing(np.array([0.0, 2.0]), np.array([0.2, 0.3]), 0.1) == 0.0
    assert _crossing(np.array([0.0, 2.0]), np.array([0.0, 0.1]), 0.1) == 2.0
    # a chance that dips by luck does not make more of it safer
    table = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 0.12, 0.08, 0.2], [2.0, 0.09, 0.05, 0.15]])
    found = _read_off(table, 0.1, "x", 5)
    assert found.times < 1.0
    assert not found.open_above
