"""The one false-alarm budget: at most one false alarm in 24 months of records, over all that can alarm, however often
it is looked at.

Two kinds of share. An answer about the whole record (S4, S11, S12) alarms by an e-value: the chance that it ever does
so falsely is bounded over the whole record (`strain.judge.FALSE_ALARM_BUDGET`; those are told from three months on, so
at most one in 60 months). What watches for a change at any time (S3) or for a rate (S6) alarms by an e-detector: the
mean time to a false alarm is bounded from below (Shin, Ramdas and Rinaldo 2024), and it starts anew after each alarm.
1/48 + 1/240 + 1/60 = 1/24.
"""

from __future__ import annotations

from mainstay.quantities import DAYS_PER_MONTH
from mainstay.strain.judge import FALSE_ALARM_BUDGET

MONTHS_PER_ALARM = 24.0
CHANGE_MONTHS = 48.0
SLIPS_MONTHS = 240.0
WHOLE_RECORD_MONTHS = 3.0 / FALSE_ALARM_BUDGET


def days_per_alarm(months: float) -> float:
    """The same run length in days: what an e-detector that is brought up to date daily must reach."""
    return months * DAYS_PER_MONTH


def share_in_words(months: float) -> str:
    """What an answer that alarms says of its part of the budget."""
    return (
        f"an alarm here has its part of the one false-alarm budget: this part at most one in {months:.0f} months of "
        f"records, all parts together at most one in {MONTHS_PER_ALARM:.0f}, however often it is looked at"
    )
