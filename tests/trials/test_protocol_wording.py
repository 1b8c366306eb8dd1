"""What a plan's file gets wrong is said in plain words, by key."""

import pytest

from mainstay.errors import BadRecord
from mainstay.records.statements import parsed
from mainstay.records.statements_protocol import ProtocolFile

PLAN = """
name = "evenings"
question = "Does it help?"
start = 2024-03-04
matters = 0.5

[[arm]]
name = "as usual"

[[arm]]
name = "an evening"

[design]
kind = "blocks"
days = 28

[outcome]
item = "tension"
better = "low"
"""


@pytest.mark.parametrize(
    ("was", "now", "told"),
    [
        ("days = 28", 'days = "28"', "design days: must be a whole number, without quotes or a point"),
        ("days = 28", "days = 28.5", "design days: must be a whole number, without quotes or a point"),
        ("days = 28", "days = -3", "design days: -3 is out of range; the least is 1"),
        ("matters = 0.5", "matters = 0", "matters: 0 is out of range; it must be above 0.0"),
        ("[design]", "[[design]]", "design: there is one of these; write [design] with one bracket on each side"),
        ('[[arm]]\nname = "an evening"', "", "arm: at least 2 are needed, and 1 given"),
        ('"an evening"', "5", "arm 2 name: must be text, in quotes"),
        ('"an evening"', f'"{"a" * 300}"', "arm 2 name: has 300 characters; at most 200 will do"),
        ('"an evening"', '"a\\nb"', "arm 2 name: must be one line without control characters"),
        ("matters = 0.5", 'matters = 0.5\nbaselines = "a"', "baselines: must be a list in square brackets"),
    ],
)
def test_it_is_told_by_its_key_in_words_and_once(was, now, told) -> None:
    with pytest.raises(BadRecord) as refused:
        parsed(PLAN.replace(was, now, 1), ProtocolFile, "protocol")
    assert str(refused.value) == f"the protocol: {told}"
