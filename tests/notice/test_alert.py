"""What the alert is made of: which answers raise it, how far, and that the parts of its budget add up."""

from mainstay.notice.alert import QUIET, TIERS, raised_by
from mainstay.notice.budget import CHANGE_MONTHS, MONTHS_PER_ALARM, SLIPS_MONTHS, WHOLE_RECORD_MONTHS
from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.story import alert_of
from mainstay.strain.judge import FALSE_ALARM_BUDGET, SHARE_OF_FADING, SHARE_OF_RECOVERY, SHARE_OF_THRESHOLD


def finding(row, estimate, status="found", **more):
    given = {"about": "mood", "claim": f"{row} claims", "quantity": "", "unit": "", "n": 9, "method": ""} | more
    return Finding(row=row, status=status, estimate=estimate, interval=Interval(estimate, estimate), **given)


def test_the_parts_of_the_budget_add_up_to_the_whole():
    assert abs(1 / CHANGE_MONTHS + 1 / SLIPS_MONTHS + 1 / WHOLE_RECORD_MONTHS - 1 / MONTHS_PER_ALARM) < 1e-12
    assert abs(SHARE_OF_THRESHOLD + SHARE_OF_FADING + SHARE_OF_RECOVERY - 1.0) < 1e-12
    assert abs(WHOLE_RECORD_MONTHS - 3.0 / FALSE_ALARM_BUDGET) < 1e-12


def test_without_anything_found_it_is_quiet():
    thin = CannotSay("too little", row="S4")
    assert alert_of([thin, finding("S4", 1.1, "not_found"), finding("S2", 3.0)]) is QUIET


def test_what_gets_worse_raises_it_and_what_gets_better_does_not():
    assert alert_of([finding("S4", 2.0)]).tier == "look"
    assert alert_of([finding("S11", 1.8)]).tier == "look"
    assert alert_of([finding("S4", 0.5), finding("S11", 0.6)]).tier == "quiet"


def test_every_reason_comes_with_what_would_lower_it_and_something_to_do():
    for one in raised_by([finding("S4", 2.0), finding("S11", 1.8), finding("S3", 1.0)]):
        assert one.tier in TIERS
        assert one.by.endswith("claims")
        assert one.lowered_by
        assert "mainstay" in one.action


def test_a_worry_raises_it_by_the_losses_that_were_stated_or_once_its_review_is_due():
    waiting = {"review_overdue_days": -3, "least_course": "waiting", "loss": {"waiting": [1.0, 2.0]}}
    assert alert_of([finding("S1", 9.0, detail=waiting)]).tier == "quiet"
    assert alert_of([finding("S1", 9.0, detail=waiting | {"review_overdue_days": 0})]).tier == "watch"
    assert alert_of([finding("S1", 9.0, detail=waiting | {"least_course": "looking"})]).tier == "look"
    acting = alert_of([finding("S4", 2.0), finding("S1", 9.0, detail=waiting | {"least_course": "acting"})])
    assert acting.tier == "act"
    assert acting.raised[0].loss == {"waiting": [1.0, 2.0]}
    assert len(acting.raised) == 2


def test_more_slips_raise_it_and_those_that_harm_others_ask_for_action():
    assert alert_of([finding("S6", 2.0, detail={"alarm": True})]).tier == "look"
    assert alert_of([finding("S6", 2.0, detail={"alarm": False})]).tier == "quiet"
    assert alert_of([finding("S6", 2.0, about="harm to others", detail={"alarm": True})]).tier == "act"


def test_more_events_on_unlogged_recording_are_watched_and_no_more():
    assert alert_of([finding("S3", 2.0, detail={"unlogged": True})]).tier == "watch"
    unlogged = {"alarm": True, "recording_logged": False}
    harm = alert_of([finding("S6", 2.0, about="harm to others", detail=unlogged)])
    assert (harm.tier, harm.budget) == ("watch", "")
