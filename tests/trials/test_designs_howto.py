"""The how-to's plan is one that can be read and drawn, and its refusal is what is said."""

import re
from dataclasses import replace
from pathlib import Path

from mainstay.records.statements import parsed
from mainstay.records.statements_protocol import ProtocolFile, StoppingTable
from mainstay.trials.designs import space
from trials.protocols import protocol

PAGE = (Path(__file__).parents[2] / "docs/howto/trial.md").read_text()


def test_the_plan_on_the_page_can_be_drawn() -> None:
    [plan] = re.findall(r"```toml\n(.*?)```", PAGE, re.S)
    found = space(parsed(plan, ProtocolFile, "protocol"))
    assert found.count > 10**8
    assert found.arms == ("as usual", "evening")


def test_the_refusal_on_the_page_is_the_one_that_is_given() -> None:
    says = protocol("start_by_lot", 30, phases=("as usual", "evening"), least=7)
    refused = space(replace(says, stopping=StoppingTable()))
    said = " ".join(PAGE.replace("> ", "").split())
    assert f"{refused.reason}; what would do: {refused.would_change}" in said
