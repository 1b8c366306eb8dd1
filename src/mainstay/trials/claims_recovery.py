"""Recovery of the threshold (S22), judged by the lot that drew the days: does it take more to tip over with an arm?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.strain.wording import number
from mainstay.trials import randomisation
from mainstay.trials.claims_kinds import Sought, Tried, not_tested
from mainstay.trials.randomisation import Tested
from mainstay.trials.wording import changes_between

RECOVERY = "help sought beyond what strain explains, a day"
FULLY = "what was recorded was recorded as fully on all days"


def recovery_answers(tried: Tried, seeking: Sought | CannotSay, *, rng: np.random.Generator) -> tuple[Answer, ...]:
    """Recovery of the threshold: one answer for each arm but the first.

    `seeking`: by day, acts of relief less those that strain explains (`claims_seeking`), low being better. A change is
    said only if what else was written down did not change as much with the arm: less on record looks like less sought.
    """
    return tuple(_recovery(tried, seeking, arm, rng) for arm in range(1, len(tried.schedule.arms)))


def _recovery(tried: Tried, seeking: Sought | CannotSay, arm: int, rng: np.random.Generator) -> Answer:
    name = tried.schedule.arms[arm]
    refuse = partial(CannotSay, row="S22", about=name, quantity=RECOVERY)
    if (refusal := not_tested(tried.space, tried.schedule)) is not None:
        seeking = refusal
    if isinstance(seeking, CannotSay):
        return refuse(seeking.reason, have=seeking.have, need=seeking.need, unit=seeking.unit,
                      would_change=seeking.would_change)  # fmt: skip
    if not tried.over:
        return refuse(
            "it ended before its last day, and recovery takes weeks to show"
            if tried.ended
            else "recovery takes weeks to show and is told when the trial is over",
            would_change="a trial that runs to its end" if tried.ended else "the days to come",
        )
    level = tried.space.level_of_one
    lot = replace(tried.space, series=("",))  # further baselines say nothing of seeking
    tested = randomisation.test(
        tried.schedule, seeking.acts, lot, statistic="difference", arm=arm, rng=rng, level=level
    )  # fmt: skip
    if isinstance(tested, CannotSay) or tested.interval is None:
        why = tested.reason if isinstance(tested, CannotSay) else "nothing is excluded yet"
        return refuse(why, would_change="a longer trial")
    apart = None if seeking.per_act is None else _beside(tried, seeking, tested, rng)
    return _judged(tried, len(seeking.acts.at), tested, tested.interval, apart)


def _judged(tried: Tried, n: int, tested: Tested, interval: Interval, apart: float | None) -> Answer:
    """The verdict from `n` days. `apart`: p of help parting from what else was written down; None: too little was."""
    name, level = tested.arm, tried.space.level_of_one
    say = partial(
        Finding, row="S22", about=name, quantity=RECOVERY, estimate=tested.estimate, interval=interval,
        unit="acts a day", n=n,
        method="acts of relief less those that strain explains (strain-and-threshold model), tested by the same lot",
        assumptions=(
            *tried.assumptions,
            FULLY if apart is None else f"{FULLY}, by what else was written down on them",
            "strain is followed rightly by the check-ins, whichever arm is on",
        ),
        would_change="the same trial again coming out otherwise",
        detail={"p": tested.p, "orders": tested.orders, "level": level, "p_beside_what_else_was_written": apart},
    )  # fmt: skip
    clear = tested.p <= level
    its_own = apart is None or apart <= level
    if clear and its_own and tested.estimate > 0.0:
        return say(status="not_found", claim=f"With “{name}” it took less to tip over, not more.")
    if clear and its_own:
        return say(
            status="recovery",
            claim=f"With “{name}” it took more to tip over: at the same strain, help was sought "
            f"{number(abs(tested.estimate))} times a day less often.",
        )
    refuse = partial(
        CannotSay, row="S22", about=name, quantity=RECOVERY, method=say.keywords["method"],
        detail=say.keywords["detail"],
    )  # fmt: skip
    if clear:
        way = "less" if tested.estimate < 0.0 else "more"
        return refuse(
            f"with “{name}” help was sought {way} often at the same strain, but it may be that {way} was written down: "
            "what else is on record does not rule that out",
            would_change="the same trial with all days written down as fully",
        )
    return refuse(
        f"whether “{name}” lets it take more again can't be told: anything from "
        f"{changes_between(interval.low, interval.high, 'acts a day')} fits",
        would_change="a longer trial",
    )


def _beside(tried: Tried, seeking: Sought, tested: Tested, rng: np.random.Generator) -> float:
    """How likely the lot alone parts help from what else was written down by as much, the same way; else 1.

    Days that are written down less fully lose as large a share of the one as of the other.
    """
    assert seeking.per_act is not None
    less = replace(seeking.acts, value=seeking.acts.value - seeking.per_act)
    lot, arm = replace(tried.space, series=("",)), tried.schedule.arms.index(tested.arm)
    apart = randomisation.test(
        tried.schedule, less, lot, statistic="difference", arm=arm, rng=rng, level=tried.space.level_of_one
    )
    return 1.0 if isinstance(apart, CannotSay) or apart.estimate * tested.estimate <= 0.0 else apart.p
