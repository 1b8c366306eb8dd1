"""How each chapter stands: its question answered first in a sentence or two, and in one clause beside the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mainstay.notice.alert import raised_by
from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.words import listed, quoted
from mainstay.report.explanations_data import WHOLE as EXPLANATION
from mainstay.report.explanations_replay import said_of
from mainstay.report.explanations_words import IN_SHORT, begun
from mainstay.report.futures_data import WHOLE as FUTURES
from mainstay.report.grouping import MORE
from mainstay.report.words import claim_of, lowered
from mainstay.strain.load import TOLL

_STOPS = (": ", "; ", " – ", ", nine ")
_FEWEST_LETTERS = 16
_MOST_NAMES = 4
TOO_EARLY = "It is too early to say"
SLOW = ("S11", "S12")
"""What changes slowly, and shows in no stream by itself."""
STRAINS = "what strains and what restores"
NOTHING_YET = "Nothing on record says anything of it yet"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a chapter stands. `said`: a sentence or two; `clause`: a few words, without a full stop."""

    said: str
    clause: str


def noticed(answers: Sequence[Answer]) -> Standing:
    """Notice (S1 to S6): whether something lasting changed, and the first thing that stands out besides.

    Where nothing changed by itself and Patterns (S11, S12) raise the alert, it says how the two go together.
    """
    of_change = [one for one in answers if one.row == "S3"]
    if not of_change:
        return _of_refusals([one for one in answers if one.row in ("S1", "S2", "S4", "S5", "S6")])
    whole = of_change[0]
    besides = [one for one in answers if one.row in ("S3", "S4", "S5", "S6") and one is not whole and _stands_out(one)]
    told = [_sentence(whole), *(_sentence(one) for one in besides[:1])]
    slow = next((one for one in raised_by(answers) if one.row in SLOW), None)
    if slow is None or _stands_out(whole):
        return Standing(" ".join(told), briefly(whole))
    came = lowered(_first_clause(slow.by.strip().removesuffix(".")))
    told.append(f"But slowly, and to be seen only when strain is reckoned with, {came}: Pattern tells of that.")
    return Standing(" ".join(told), f"{briefly(whole)}; but slowly, {came}")


def patterns_found(answers: Sequence[Answer]) -> Standing:
    """Patterns (S9 to S13): what adds strain, what is sought and eases, and whether it takes less to tip over."""
    strains = _strains(answers)
    eases = list(dict.fromkeys(one.about for one in answers if one.row == "S12" and _stands_out(one)))
    threshold = [one for one in answers if one.row == "S11"]
    parts = []
    if strains:
        parts.append(f"{begun(listed(strains))} {'adds' if len(strains) == 1 else 'add'} strain")
    if eases:
        parts.append(f"{quoted(eases[:_MOST_NAMES])} {'eases' if len(eases) == 1 else 'ease'} it")
    told = [f"{'; '.join(parts)}."] if parts else []
    told += [_sentence(one) for one in threshold[:1] if isinstance(one, Finding)]
    if not told:
        return _of_refusals([one for one in answers if one.row in ("S9", "S10", "S11", "S12")], of=STRAINS)
    brief = [f"{quoted(eases[:_MOST_NAMES])} {'eases' if len(eases) == 1 else 'ease'} strain"] if eases else parts[:1]
    brief += [lowered(briefly(one)) for one in threshold[:1] if isinstance(one, Finding)]
    return Standing(" ".join(told), "; ".join(brief))


def _strains(answers: Sequence[Answer]) -> list[str]:
    """What adds strain: hours in roles, and demands, as many as one sentence can hold."""
    of_load = [one for one in answers if isinstance(one, Finding) and one.row == "S9"]
    found = [one for one in of_load if _stands_out(one) and one.estimate > 0]
    roles = [one.about for one in found if one.quantity == TOLL]
    demands = [one.about for one in found if one.unit.startswith("points") and one.quantity != TOLL]
    told = [f"hours as {quoted(roles[:_MOST_NAMES])}"] if roles else []
    return [*(f"“{one}”" for one in demands[:_MOST_NAMES]), *told]


def explained(answers: Sequence[Answer]) -> Standing:
    """Explanations (S14): how the whole stands, and which leads."""
    whole = next((one for one in answers if one.row == "S14" and one.about == EXPLANATION), None)
    if whole is None:
        return _of_refusals([one for one in answers if one.row in ("S14", "S17")])
    said = said_of(whole)
    clause = f"{begun(said.leading)} leads, {said.status}" if said.leading else IN_SHORT[whole.status]
    return Standing(f"{IN_SHORT[whole.status]}. {claim_of(whole)}", clause)


def foreseen(answers: Sequence[Answer]) -> Standing:
    """Futures (S19): the answer on the whole."""
    return _on_the_whole([one for one in answers if one.row == "S19"], FUTURES)


def weighed(answers: Sequence[Answer]) -> Standing:
    """Options (S20): the answer on the whole."""
    return _on_the_whole([one for one in answers if one.row == "S20"], MORE["S20"].headline)


def tried(answers: Sequence[Answer]) -> Standing:
    """Trials (S21, S22): what the last one showed, or that there was none."""
    about = [one for one in answers if one.row in ("S22", "S21")]
    if not about:
        return Standing("Nothing has been put to a trial yet.", "nothing has been put to a trial yet")
    return Standing(_sentence(about[0]), briefly(about[0]))


STANDINGS: dict[str, Callable[[Sequence[Answer]], Standing]] = {
    "/notice": noticed,
    "/patterns": patterns_found,
    "/explanations": explained,
    "/futures": foreseen,
    "/options": weighed,
    "/trial": tried,
}
"""Each chapter by its place on the page, in the order of the story."""


def briefly(answer: Answer) -> str:
    """The first clause of what an answer says, without a full stop; of a refusal, that it is one."""
    if isinstance(answer, CannotSay):
        said = claim_of(answer)
        return said.removesuffix(".") if len(said) <= 70 else "too early to say"
    return _first_clause(answer.claim.strip().removesuffix("."))


def _first_clause(claim: str) -> str:
    """The claim up to its first stop outside quotation marks that leaves enough of a sentence before it."""
    depth = 0
    for k, letter in enumerate(claim):
        depth += (letter == "“") - (letter == "”")
        if depth == 0 and k >= _FEWEST_LETTERS and claim.startswith(_STOPS, k):
            return claim[:k]
    return claim


def _sentence(answer: Answer) -> str:
    return claim_of(answer) if isinstance(answer, CannotSay) else f"{begun(briefly(answer))}."


def _stands_out(answer: Answer) -> bool:
    return isinstance(answer, Finding) and answer.status not in ("not_found", "withheld", "does_nothing")


def _on_the_whole(answers: Sequence[Answer], about: str) -> Standing:
    whole = next((one for one in answers if one.about == about), None)
    return _of_refusals(answers) if whole is None else Standing(claim_of(whole), briefly(whole))


def _of_refusals(answers: Sequence[Answer], of: str = "") -> Standing:
    """Where there is no answer: the first reason that is given. `of`: what it is too early to say."""
    refused = [one for one in answers if isinstance(one, CannotSay)]
    if not refused:
        return Standing(f"{NOTHING_YET}.", "nothing on record yet")
    before = f"{TOO_EARLY} {of}. " if of else ""
    return Standing(before + claim_of(refused[0]), "too early to say")
