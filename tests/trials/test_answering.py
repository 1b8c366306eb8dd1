"""The answers of one trial: what its plan asks for comes first."""

from dataclasses import replace

import pytest

from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import OutcomeTable
from mainstay.trials.answering import answers_of
from mainstay.trials.claims_recovery import RECOVERY
from mainstay.trials.claims_relief import RELIEF
from mainstay.trials.reporting import report
from mainstay.trials.standing import stands
from trials.people import answer, begin, done, plan, timeline, trial_of
from trials.protocols import protocol


@pytest.mark.parametrize(("claim", "first"), [("relief", RELIEF), ("recovery", RECOVERY)])
def test_the_claim_that_the_plan_asks_for_comes_first(claim, first) -> None:
    planned = plan(
        replace(protocol("contacts", 28, a_week=2), outcome=OutcomeTable(item="tension", better="low", claim=claim))
    )
    records = planned, begin(planned), *(answer(k, 4.0 + k % 3) for k in range(28)), done(3, "yes")
    line = timeline(*records)
    standing = stands(line, trial_of(*records))
    lived, *claims = answers_of(line, standing, CannotSay("no fit is needed here"))
    assert lived.row == "S21"
    assert claims[0].quantity == first
    assert {one.quantity for one in claims} == {RELIEF, RECOVERY}
    told = {item.asks: said for item, said in report(standing, (lived, *claims)).items}
    assert any(one.startswith("first: acts of relief") for one in told.values()) == (claim == "recovery")
