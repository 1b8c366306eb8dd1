"""Protocols for these tests: two arms, an item, and whatever a test asks for of the design."""

from dataclasses import replace
from datetime import date

from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_protocol import (
    AnalysisTable,
    Arm,
    DesignTable,
    OutcomeTable,
    ProtocolFile,
    StoppingTable,
)

START = date(2026, 3, 2)


def protocol(kind, days, *, arms=("as usual", "evening"), level=0.05, baselines=(), outcome=None, **design):
    return ProtocolFile(
        name="evenings",
        question="Does an evening as oneself help?",
        start=START,
        arm=tuple(Arm(name=one) for one in arms),
        design=DesignTable(kind=kind, days=days, **design),
        outcome=outcome or OutcomeTable(item="tension", better="low"),
        matters=1.0,
        analysis=AnalysisTable(level=level),
        stopping=StoppingTable(benefit=False),
        baselines=tuple(baselines),
    )


def written(says, **changes):
    """The text of a protocol, as a file holds it; reading it gives the same."""
    says = replace(says, **changes)
    text = as_toml(says)
    assert parsed(text, ProtocolFile, "protocol") == says
    return text
