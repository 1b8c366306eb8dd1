"""Items by what they ask where their names were made for machines: “as_myself” says less than its question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mainstay.quantities import Answer
from mainstay.timeline.kinds import Timeline

FOR_MACHINES = "_"


def in_words(answers: Sequence[Answer], timeline: Timeline) -> tuple[Answer, ...]:
    """The answers for people to read: items whose names hold an underscore by their labels. Programs get the names."""
    labels = {f"“{name}”": f"“{name_in_words(name, timeline)}”" for name in timeline.ratings if FOR_MACHINES in name}
    return tuple(_named(one, labels) for one in answers) if labels else tuple(answers)


def name_in_words(name: str, timeline: Timeline) -> str:
    """What an item is called where people read: its label if its name holds an underscore, else the name."""
    if FOR_MACHINES not in name or name not in timeline.ratings:
        return name
    label = timeline.ratings[name].item.label.strip()
    return label if label not in ("", name) else name.replace(FOR_MACHINES, " ")


def stream_in_words(name: str) -> str:
    """What a stream is called where people read: without the underscores of a name made for machines."""
    return name.replace(FOR_MACHINES, " ").replace("check ins", "check-ins")


def _named(answer: Answer, labels: dict[str, str]) -> Answer:
    said = {field: getattr(answer, field) for field in ("claim", "reason", "would_change", "method")}
    assumptions = answer.assumptions
    for name, label in labels.items():
        said = {field: text.replace(name, label) for field, text in said.items()}
        assumptions = tuple(text.replace(name, label) for text in assumptions)
    about = labels.get(f"“{answer.about}”", f"“{answer.about}”")[1:-1]
    return replace(answer, about=about, assumptions=assumptions, **said)
