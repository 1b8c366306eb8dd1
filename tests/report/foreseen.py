"""Answers of row S19 as the chapters write them, made up: a carer who also works nights, looking a season ahead."""

from dataclasses import replace

import numpy as np

from mainstay.futures.ledger_tally import About, Fared, Said
from mainstay.quantities import CannotSay, Finding, Instant, Interval

BEGINS = "2025-07-08T00:00:00+02:00"
DAYS = 91
WHY = "in the past weeks of this record these forecasts did no better than what is usual"
NOT_SHOWN = "How it could turn out is not shown."
TURNS = (
    ("nights given up", 0.31, 0.2, 0.45, 2, False, 40),
    ("both kept, slips growing", 0.34, 0.22, 0.47, 4, False, 33),
    ("breakdown", 0.08, 0.03, 0.16, None, True, 61),
    ("time for oneself again", 0.06, 0.01, 0.14, 1, False, 55),
    ("other", 0.21, 0.12, 0.32, None, False, None),
)


def finding(about, quantity, claim, estimate=0.5, low=0.2, high=0.8, *, status="found", **more):
    usual = {"unit": "", "n": 540, "method": "simulated from the person's own weeks", "row": "S19"}
    return Finding(
        about=about, status=status, claim=claim, quantity=quantity, estimate=estimate, interval=Interval(low, high),
        **{**usual, **more},
    )  # fmt: skip


def turn(name, chance, low, high, rank=None, must_not=False, half_by=None, **more):
    detail = {
        "rank": rank, "must_not": must_not, "median_day": half_by, "words": "", "rule": "", "begins": BEGINS,
        "horizon_days": DAYS, **more,
    }  # fmt: skip
    said = f"By 7 October 2025 it turns out as “{name}”."
    return finding(name, "chance of scenario", said, chance, low, high, detail=detail)


def fan():
    days = np.arange(1, DAYS + 1)
    middle = 2.4 + 0.9 * (1 - np.exp(-days / 25)) + 0.12 * np.sin(days * 0.9)
    spread = 0.5 + 0.9 * np.sqrt(days / DAYS)
    past = np.arange(-28, 1)
    return {
        "days": days.tolist(),
        "levels": [0.05, 0.25, 0.5, 0.75, 0.95],
        "quantiles": [(middle + z * spread).tolist() for z in (-1.64, -0.67, 0.0, 0.67, 1.64)],
        "unit": "worn down (1 to 7)",
        "limit": 5.5,
        "past": {"days": past.tolist(), "mean": (2.3 + 0.4 * np.sin(past * 0.8)).tolist()},
    }


def survival():
    days = np.arange(0, DAYS + 1)
    share = np.exp(-days / 300)
    return {
        "days": days.tolist(), "share": share.tolist(), "low": (share - 0.0012 * days).tolist(),
        "high": np.minimum(share + 0.001 * days, 1.0).tolist(), "level": 0.9,
    }  # fmt: skip


def whole(**more):
    order = ["time for oneself again", "nights given up", "other", "both kept, slips growing"]
    detail = {
        "begins": BEGINS, "horizon_days": DAYS, "order": order, "must_not": ["breakdown"], "fan": fan(), **more,
    }  # fmt: skip
    claim = "By 7 October 2025 the likeliest is that both are kept and slips grow: about 1 in 3"
    return finding("futures", "futures", claim, 0.34, 0.22, 0.47, detail=detail, assumptions=("weeks go on alike",))


def urgency(**more):
    limit = {"rating": 5.5, "days": 14, "from": "person", "words": "The own limit: 5.5 or more, 14 days in a row"}
    claim = "It is not urgent: in about 3 of 4 futures the own limit is not reached by 7 October 2025"
    return finding("own limit", "time to the limit", claim, detail={"survival": survival(), "limit": limit, **more})


def next_ones():
    rating = {"horizon": "tomorrow", "kind": "rating", "usual": 3.9, "begins": BEGINS}
    week = {**rating, "horizon": "next week"}
    event = {"horizon": "tomorrow", "kind": "event", "begins": BEGINS}
    worn = "Tomorrow “worn down” is likely to be about 4.2."
    return [
        finding("worn down", "tomorrow", worn, 4.2, 3.0, 5.4, detail=rating, unit="1 to 7"),
        finding("worn down", "next week", "Next week too.", 4.0, 3.4, 4.7, detail=week, unit="1 to 7"),
        finding("headache", "tomorrow", "A headache tomorrow: about 1 in 5.", 0.19, 0.11, 0.3, detail=event),
    ]


def answers():
    """A season ahead: five ways, an own limit, tomorrow and next week, and one forecast that is not shown."""
    sleep = finding("sleep", "tomorrow", "Tomorrow’s “sleep” is not shown.", status="withheld", reason=WHY)
    few = CannotSay("too few of them are on record", 3, 20, "migraines", row="S19", about="migraine")
    return [whole(), *(turn(*one) for one in TURNS), urgency(), *next_ones(), sleep, few]


def withheld():
    """Nothing of it may be seen: the numbers and curves are there, and are not to be told."""
    hidden = {"begins": BEGINS, "horizon_days": DAYS, "fan": fan(), "survival": survival()}
    return [
        finding("futures", "futures", NOT_SHOWN, 0.7317, 0.61, 0.82, status="withheld", reason=WHY, detail=hidden),
        finding("own limit", "time to the limit", NOT_SHOWN, 0.7317, status="withheld", reason=WHY, detail=hidden),
    ]


def fared(**more):
    """A ledger of a few months: two things forecast, one of them often enough for a diagram."""
    bins = tuple(
        Said(mean, share, n, n, low, high, 0.9)
        for mean, share, n, low, high in (
            (0.05, 0.04, 60, 0.01, 0.12), (0.2, 0.26, 34, 0.15, 0.42), (0.5, 0.35, 12, 0.15, 0.6),
            (0.8, 0.83, 6, 0.42, 0.99),
        )
    )  # fmt: skip
    by = (
        About("headache tomorrow", "any(event:headache) over 1 day", 70, 12, 14.2, None, None),
        About("worn down tomorrow", "mean(item:worn) over 1 day", 42, None, None, 37, 0.9),
    )
    few = CannotSay("too few forecasts have come due", 2, 20, "forecasts")
    usual = Fared(
        124, 112, 9, Instant.parse("2025-07-09T00:00+02:00"), {"nothing was recorded then": 3}, 0, by, bins,
        Said(0.9, 0.88, 42, 42, 0.78, 0.95, 0.9), few, few, True,
        "So far the forecasts did better than what is usual for you.",
    )  # fmt: skip
    return replace(usual, **more)


def nothing_written():
    few = CannotSay("too few forecasts have come due", 0, 20, "forecasts")
    return fared(written=0, n=0, waiting=0, next_due=None, unscorable={}, by=(), bins=few, held=few, better=None,
                 sentence="No forecast has come due yet.")  # fmt: skip
