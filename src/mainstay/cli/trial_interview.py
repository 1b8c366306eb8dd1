"""The questions behind `trial CASE design`, one by one: what is tried, what is looked at, how days are dealt out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked
from mainstay.records.words import few

if TYPE_CHECKING:
    from mainstay.doors.trials_fields import Known
    from mainstay.records.statements_protocol import ProtocolFile

INTRODUCTION = (
    "One thing is tried, on days that are drawn by lot, and compared with days as usual.",
    "What is decided now is sealed when the trial begins. Ctrl-C stops; before the last question nothing is kept.",
    "",
)
SETTING = ("", "The setting, so that nothing in it recalls a role. Enter leaves one out.")
DESIGNS = (
    "",
    "How are the days dealt out?",
    "  contacts   so many days a week, which days is drawn by lot: a visit, an evening, a walk",
    "  blocks     days by turns: some days with it, as many without, in an order drawn by lot",
    "  start      once begun it stays; the day it begins is drawn by lot (weaker, but some things can't be undone)",
)
OF_DESIGN = {
    "contacts": (("a_week", "On how many days a week? "), ("weeks", "For how many weeks? ")),
    "start": (("weeks", "How many weeks is the whole, before and after? "),),
    "blocks": (
        ("period", "How many days at a time, such as 3? "),
        ("washout", "How many days until it has worn off, to be left out? Enter: none: "),
        ("pairs", "How many times each, {period} days with it and {period} without? "),
    ),
}


def ask(known: Known) -> ProtocolFile:
    """Ask for a protocol, field by field (`doors.trials_fields`), each until its answer can be used."""
    from mainstay.doors.trials_fields import own_better, protocol_of, read_field

    values: dict[str, Any] = {}

    def field(name: str, question: str) -> Any:
        values[name] = asked(question.format(**values), lambda said: read_field(name, said, known, values))
        return values[name]

    print_lines(list(INTRODUCTION))
    field("tried", "What is tried, in a few words, such as an evening as oneself? ")
    field("what", "What is done, exactly, on such a day? Enter leaves it out: ")
    print_lines(list(SETTING))
    field("place", "  Where? ")
    field("clothes", "  In which clothes? ")
    field("people", "  With whom? ")
    field("usual", "And on the other days? Enter: as usual: ")
    print_lines(_to_look_at(known))
    outcome = field("outcome", "Its name: ")
    unit = "points" if known.item(outcome) is not None else "times a day"
    if own_better(known, outcome) is None:
        field("better", f"Which is better, less or more of “{_plain(outcome)}”? ")
    else:
        values["better"] = own_better(known, outcome)
    field("matters", f"What difference would matter to you, in {unit}, at the least? ")
    _design(values, known, field)
    field("start", "Which is the first day? Enter: next Monday: ")
    field("harm", f"How many {unit} worse would it have to be for you to stop? Enter: no such limit: ")
    field("question", "What do you want to know, in a sentence? ")
    field("name", "A short name for the trial: ")
    return protocol_of(values, known)


def _design(values: dict[str, Any], known: Known, field: Any) -> None:
    """Ask for a design until one is found that can be drawn."""
    from mainstay.doors.trials_fields import protocol_of
    from mainstay.quantities import CannotSay
    from mainstay.trials.designs import space

    tried_out = {"start": known.now.as_local.date(), "harm": None, "question": "tried out", "name": "tried out"}
    while True:
        print_lines(list(DESIGNS))
        kind = field("kind", "contacts, blocks or start? ")
        for name, question in OF_DESIGN[kind]:
            field(name, question)
        found = space(protocol_of(values | tried_out, known))
        if not isinstance(found, CannotSay):
            return
        print_lines([f"  {found.reason}. What would do: {found.would_change}"])


def _to_look_at(known: Known) -> list[str]:
    names = sorted(one.name for one in known.items)
    return [
        "",
        "What is looked at?",
        *([f"  Items you answer: {few(names)}"] if names else []),
        *([f"  Events you note: {few(known.events)}"] if known.events else []),
    ]


def _plain(name: str) -> str:
    """A name in a question whose braces are no fields of it."""
    return name.replace("{", "{{").replace("}", "}}")
