"""Changes are told as so much less or more, without minus signs."""

import numpy as np
import pytest

from calibration.trials import observed, protocol
from mainstay.trials.adherence import Adherence
from mainstay.trials.claims import Tried
from mainstay.trials.cross_checks import cross_checks
from mainstay.trials.designs import space
from mainstay.trials.drawing import draw
from mainstay.trials.wording import change, changes_between


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-0.3, 1.2, "0.30 points less to 1.2 more"),
        (-2.3, -1.2, "1.2 to 2.3 points less"),
        (1.2, 23.0, "1.2 to 23 points more"),
        (-2.3, 0.0, "0 to 2.3 points less"),
        (0.0, 2.3, "0 to 2.3 points more"),
        (-1e-9, 1e-9, "no change"),
    ],
)
def test_a_range_of_changes(low, high, told) -> None:
    assert changes_between(low, high, "points") == told


def test_a_change() -> None:
    assert [change(by, "points") for by in (-1.84, 0.5, 1e-4)] == ["1.8 points less", "0.50 points more", "no change"]


def test_what_is_looked_at_beside_the_claims_has_no_minus_sign() -> None:
    of = protocol("blocks", 60)
    allowed, rng = space(of), np.random.default_rng(1)
    drawn = draw(allowed, rng)
    tried = Tried(of, allowed, drawn, observed(rng, drawn, effect=-1.0, before=30), 60, True)
    lived = np.where(np.arange(60) == 3, 1 - drawn.arm, drawn.arm)
    how = tuple("no" if k == 3 else "kept" for k in range(60))
    told = cross_checks(tried, Adherence(how, lived, np.ones(60, bool), ((),) * 60))
    assert any("less" in one and "90 % sure: " in one for one in told)
    assert not any(sign in one for one in told for sign in (" -", "(-", "−"))
