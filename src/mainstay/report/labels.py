"""Items by what they ask where their names were made for machines: “as_myself” says less than its question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mainstay.quantities import Answer
from mainstay.timeline.kinds import Timeline

FOR_MACHINES = "_"


def in_words(answers: Sequence[Answer], timeline: Timeline) -> tuple[Answer, ...]:
    """The answers for people to read: items whose names hold an underscore by their labels. Programs get the names."""
    labels = {
        f"“{name}”": f"“{rated.item.label.strip() or name.replace(FOR_MACHINES, ' ')}”"
        for name, rated in timeline.ratings.items()
        if FOR_MACHINES in name
    }
    return tuple(_named(one, labels) for one in answers) if labels else tuple(answers)


def _named(answer: Answer, labels: dict[str, str]) -> Answer:
    said = {field: getattr(answer, field) for field in ("claim", "reason", "would_change")}
    for name, label in labels.items():
        said = {field: text.replace(name, label) for field, text in said.items()}
    about = labels.get(f"“{answer.about}”", f"“{answer.about}”")[1:-1]
    return replace(answer, about=about, **said)
