"""Claims about how chapters stand, side by side: what one says does not sound as if another were wrong."""

import pytest

from mainstay.quantities import CannotSay, Finding, Interval
from mainstay.report.standing import noticed


def finding(row, about, status, claim, estimate=2.0, **more):
    return Finding(
        row=row, about=about, status=status, claim=claim, quantity=more.pop("quantity", "q"), estimate=estimate,
        interval=Interval(estimate - 0.5, estimate + 0.5), unit="", n=90, method="m", **more,
    )  # fmt: skip


NOTHING = finding("S3", "everything watched", "not_found", "No step or shift that lasts is seen: one would have been.")
LESS = finding("S11", "threshold", "found", "It takes less to tip over than before: at the same load, twice as often.")
MORE = finding("S11", "threshold", "found", "It takes more to tip over than before: at the same load, half.", 0.5)
STEP = finding("S3", "tension", "found", "“tension” has been higher since May.", detail={"this": {"days_since": 3.0}})


def test_no_step_beside_a_slow_change_that_alarms_says_how_the_two_go_together():
    found = noticed([NOTHING, LESS])
    assert found.clause == "No step or shift that lasts is seen; but slowly, it takes less to tip over than before"
    assert found.said == (
        "No step or shift that lasts is seen. But slowly, and to be seen only when strain is reckoned with, it takes "
        "less to tip over than before: Pattern tells of that."
    )


@pytest.mark.parametrize("besides", [MORE, CannotSay("too little", row="S11", about="threshold")])
def test_what_raises_no_alarm_is_left_to_its_own_chapter(besides):
    assert noticed([NOTHING, besides]).clause == "No step or shift that lasts is seen"


def test_a_step_is_told_by_itself():
    assert "slowly" not in noticed([STEP, LESS]).said
