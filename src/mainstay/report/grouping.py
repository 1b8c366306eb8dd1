"""The answers under their headings: in the order of the story, and what reads alike told once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.words import listed
from mainstay.report.words import claim_of, number, would_change

HEADINGS: dict[str, str] = {
    "S1": "What somebody worries about",
    "S2": "What is usual",
    "S3": "Has something changed",
    "S4": "Does it take longer to come back to level",
    "S5": "Out of character",
    "S6": "Slips",
    "S9": "What adds strain",
    "S10": "What is sought when it is too much",
    "S11": "Does it take less to tip over than before",
    "S12": "Does relief still help",
    "S13": "What they share",
    "S14": "Why",
    "S15": "Is it like an earlier time",
    "S16": "What happened only once or twice",
    "S17": "What to look at next",
    "S19": "How it could turn out",
    "S20": "What could be done",
    "S21": "How a trial is lived",
    "S22": "What a trial showed",
    "S23": "What support costs and brings",
    "": "What came before and after",
}
"""The rows that are told, in the order of the story."""
OTHER_HEADING = "What else the records say"
WORDS_FOR = {"recovery half-life": "how long strain takes to fade"}
"""How a quantity is named that belongs to no label of the person's own."""


@dataclass(frozen=True, slots=True)
class More:
    """A row that is told in brief: what its headline is about, and where the rest is."""

    headline: str
    where: str


MORE = {"S19": More("futures", "mainstay futures CASE"), "S20": More("options", "mainstay options CASE")}
LIMIT = "own limit"


def sections(answers: Sequence[Answer]) -> list[tuple[str, list[Answer]]]:
    """The answers under their headings, in the order of the story; rows without a heading come last.

    One reason that stands in the way of several things is told once under its heading, with their names; how often
    things happen in a usual week is one sentence.
    """
    told: list[tuple[str, list[Answer]]] = [
        (heading, [answer for answer in answers if answer.row == row]) for row, heading in HEADINGS.items()
    ]
    told.append((OTHER_HEADING, [answer for answer in answers if answer.row not in HEADINGS]))
    return [(heading, _usual_week(once(_in_brief(_causes(group))))) for heading, group in told if group]


def _in_brief(group: list[Answer]) -> list[Answer]:
    """Of what could come and what could be done the headline, what is not shown in a sentence, and where there is more.

    A command of its own tells the rest (`MORE`).
    """
    whole = next((one for one in group if one.row in MORE and one.about == MORE[one.row].headline), None)
    if whole is None:
        return group
    soon = [one for one in group if isinstance(one, Finding) and "horizon" in one.detail]
    told: list[Answer] = [whole]
    told += [one for one in group if isinstance(one, Finding) and one.about == LIMIT and one.status != "withheld"]
    if soon:
        names = _quoted(soon)
        told.append(replace(soon[0], about="", claim=f"Of {names} the next days can be told: {MORE['S19'].where}"))
    held_back = [one for one in group if one.status == "withheld" and one is not whole and one.detail.get("withheld")]
    if held_back:
        told.append(replace(held_back[0], about="", claim=f"No forecast is shown of {_quoted(held_back)}.", reason=""))
    return told


def _quoted(answers: Sequence[Answer]) -> str:
    return listed(list(dict.fromkeys(f"“{one.about}”" for one in answers)))


def _causes(group: list[Answer]) -> list[Answer]:
    """The causes with those that neither lead nor are parked named in one sentence of each kind (S14)."""
    leading = {name for one in group if one.row == "S14" for name in one.detail.get("leading", ())}
    kinds: dict[str, list[Finding]] = {"not_found": [], "unconfirmed": []}
    for one in group:
        if not isinstance(one, Finding) or one.row != "S14" or "cause" not in one.detail:
            continue
        if one.status in kinds and one.about not in leading:
            kinds[one.status].append(one)
    told: list[Answer] = [one for one in group if not any(one is other for some in kinds.values() for other in some)]
    for status, said in (("not_found", "spoken against"), ("unconfirmed", "neither borne out nor ruled out")):
        if some := kinds[status]:
            names = listed([f"“{one.about}”" for one in some])
            verb = "is" if len(some) == 1 else "are"
            claim = f"{names} {verb} {said} by what is on record."
            told.append(replace(some[0], about="", claim=claim, detail={}, evidence=(), reason=""))
    return told


def once(group: Sequence[Answer]) -> list[Answer]:
    """The answers, such as those of one heading, with refusals that read the same put together where the first stood.

    A refusal about what is usual always names its stream: there is one for each.
    """
    alike: dict[tuple[str, str], list[CannotSay]] = {}
    for answer in group:
        if isinstance(answer, CannotSay) and answer.about:
            alike.setdefault((claim_of(answer), would_change(answer)), []).append(answer)
    told: list[Answer] = []
    for answer in group:
        same = alike.get((claim_of(answer), would_change(answer)), []) if isinstance(answer, CannotSay) else []
        if not any(one is answer for one in same) or (len(same) < 2 and answer.row != "S2"):
            told.append(answer)
        elif same[0] is answer:
            claim = f"{claim_of(answer)} This concerns {_names(same)}."
            told.append(replace(same[0], claim=claim, have=None, need=None))
    return told


def _names(answers: Sequence[CannotSay]) -> str:
    return listed(list(dict.fromkeys(WORDS_FOR.get(one.quantity, f"“{one.about}”") for one in answers)))


def is_count(answer: Answer) -> bool:
    """Whether an answer says how often something usually happens."""
    return answer.row == "S2" and isinstance(answer, Finding) and answer.detail.get("kind") == "count"


def _usual_week(group: list[Answer]) -> list[Answer]:
    """The usual levels with those of counts as one sentence, the most frequent first, after the others."""
    counts = [one for one in group if isinstance(one, Finding) and is_count(one)]
    if len(counts) < 2:
        return group
    counts.sort(key=lambda one: -one.estimate)
    week = [f"“{one.about}” {number(one.estimate)} times ({_span(one)})" for one in counts]
    said = f"In a usual week, and in nine of ten: {listed(week)}"
    places = [one for one in group if not any(one is count for count in counts)]
    return [*places, replace(counts[0], about="", claim=said)]


def _span(one: Finding) -> str:
    low, high = one.detail["nine_of_ten"]
    return f"{low:.0f} to {high:.0f}"
