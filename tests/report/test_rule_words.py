"""Claims about the words of a scenario's rule: what it says, exactly, and nothing of how it is typed."""

import pytest

from mainstay.report.futures_words import rule_in_words


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            "share_of_time(self) > 1.3 usual for 8 weeks",
            "time as oneself is more than 1.3 times its usual share of all hours, on average over 8 weeks",
        ),
        (
            "share_of_time(role:night nurse) < 0.125 for 10 days",
            "time in the role “night nurse” is less than 12.5 % of all hours, on average over 10 days",
        ),
        ("strain > limit for 14 days", "strain stays above the person’s own limit for 2 weeks in a row"),
        ("strain < 3.25 for 1 day", "strain stays below 3.25 as a day’s mean for 1 day"),
        (
            "rate(slips) > 2 a week for 4 weeks and rate(event:swim) < 0.5 usual for 1 week",
            "slips come more than 2 times a week, on average over 4 weeks; and “swim” comes less than 0.5 times as "
            "often as usual, on average over 1 week",
        ),
        ("something of another form", "something of another form"),
    ],
)
def test_a_rule_is_told_in_words(rule, words):
    assert rule_in_words(rule) == words
