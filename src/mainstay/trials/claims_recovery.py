"""Recovery of the threshold (S22), judged by the lot that drew the days: does it take more to tip over with an arm?"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.strain.wording import number
from mainstay.trials import randomisation
from mainstay.trials.claims_kinds import Tried, not_tested
from mainstay.trials.kinds import Observed

RECOVERY = "help sought beyond what strain explains, a day"


def recovery_answers(tried: Tried, seeking: Observed | CannotSay, *, rng: np.random.Generator) -> tuple[Answer, ...]:
    """Recovery of the threshold: one answer for each arm but the first.

    `seeking`: by day, acts of relief less those that strain explains (`claims_seeking`), low being better.
    """
    return tuple(_recovery(tried, seeking, arm, rng) for arm in range(1, len(tried.schedule.arms)))


def _recovery(tried: Tried, seeking: Observed | CannotSay, arm: int, rng: np.random.Generator) -> Answer:
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
        tried.schedule, seeking, lot, statistic="difference", arm=arm, rng=rng, level=level
    )  # fmt: skip
    if isinstance(tested, CannotSay) or tested.interval is None:
        why = tested.reason if isinstance(tested, CannotSay) else "nothing is excluded yet"
        return refuse(why, would_change="a longer trial")
    say = partial(
        Finding, row="S22", about=name, quantity=RECOVERY, estimate=tested.estimate, interval=tested.interval,
        unit="acts a day", n=len(seeking.at),
        method="acts of relief less those that strain explains (strain-and-threshold model), tested by the same lot",
        assumptions=(
            *tried.assumptions,
            "what was recorded was recorded as fully on all days",
            "strain is followed rightly by the check-ins, whichever arm is on",
        ),
        detail={"p": tested.p, "orders": tested.orders, "level": level},
    )  # fmt: skip
    if tested.p <= level and tested.estimate < 0.0:
        return say(
            status="recovery",
            claim=f"With “{name}” it took more to tip over: at the same strain, help was sought "
            f"{number(abs(tested.estimate))} times a day less often.",
            would_change="the same trial again coming out otherwise",
        )
    if tested.p <= level:
        return say(
            status="not_found",
            claim=f"With “{name}” it took less to tip over, not more.",
            would_change="the same trial again coming out otherwise",
        )
    return refuse(
        f"whether “{name}” lets it take more again can't be told: anything from {number(tested.interval.low)} to "
        f"{number(tested.interval.high)} acts a day fits",
        method=say.keywords["method"], would_change="a longer trial", detail=say.keywords["detail"],
    )  # fmt: skip
