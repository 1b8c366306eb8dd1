"""What a report of a trial on one person must say: the items of CENT 2015 and of SCRIBE 2016, in their order.

Sources: Vohra et al. (2015), CONSORT extension for reporting N-of-1 trials (CENT), BMJ 350:h1738; Tate et al. (2016),
The Single-Case Reporting Guideline In BEhavioural Interventions (SCRIBE), Archives of Scientific Psychology 4:1-9. The
wording here is our own and short; the numbers are theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Guideline = Literal["CENT 2015", "SCRIBE 2016"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item of a guideline. `asks`: what it wants said; `fact`: what of a trial answers it ("": a writer must)."""

    guideline: Guideline
    number: str
    asks: str
    fact: str = ""


_CENT = (
    ("1a", "named as an N-of-1 trial in the title", "title"),
    ("1b", "a structured summary", "summary"),
    ("2a.1", "scientific background", ""),
    ("2a.2", "why a trial on one person", "rationale"),
    ("2b", "aims or hypotheses", "question"),
    ("3a", "design: periods, their length, run-in and washout", "design"),
    ("3b", "changes to the methods after it began, and why", "changes"),
    ("4a", "the participant: condition, criteria, what else is there", ""),
    ("4b", "where the records were made", "setting"),
    ("4c", "whether it is research, and ethics approval", ""),
    ("5", "what was done in each kind of period", "arms"),
    ("6a.1", "outcomes named beforehand, how and when assessed", "outcome"),
    ("6a.2", "measurement properties of the outcome", "measure"),
    ("6b", "changes to outcomes after it began", "changes"),
    ("7a", "how the length was decided", "length"),
    ("7b", "looks before the end and rules for stopping", "stopping"),
    ("8a", "whether the order was drawn by lot, why, and how", "drawing"),
    ("8b", "kind of drawing and its restrictions", "restrictions"),
    ("8c", "the whole intended order", "order"),
    ("9", "how the order was kept from being foreseen", "concealment"),
    ("10", "who drew the order and who carried it out", "who"),
    ("11a", "who was blinded", "blinding"),
    ("11b", "how alike what was compared looked", "blinding"),
    ("12a", "how the data were summarised and compared", "analysis"),
    ("12b", "in a series: how trials were put together", "series"),
    ("12c", "carryover, period effects and correlation in time", "correlation"),
    ("13a.1", "periods completed, in which order, and changes", "completed"),
    ("13a.2", "in a series: participants begun, completed, analysed", "series"),
    ("13b", "what is missing, and why", "missing"),
    ("13c", "periods analysed, and those left out", "analysed"),
    ("14a", "dates of the periods", "dates"),
    ("14b", "whether and why it ended early", "ended"),
    ("15", "the time before it began", "baseline"),
    ("16", "numbers of periods and answers analysed", "analysed"),
    ("17a.1", "results of each period, shown", "periods"),
    ("17a.2", "the effect, with its precision", "effect"),
    ("17b", "for yes-or-no outcomes: absolute and relative effects", "binary"),
    ("18", "other analyses, carryover and correlation among them", "others"),
    ("19", "harms", "harms"),
    ("20", "limitations", "limitations"),
    ("21", "for whom else it may hold", "generality"),
    ("22", "interpretation, benefits against harms", ""),
    ("23", "registration", "seal"),
    ("24", "where the protocol is", "seal"),
    ("25", "funding and what else it rests on", ""),
)
_SCRIBE = (
    ("1", "named as a single-case design in the title", "title"),
    ("2", "a summary: question, methods, results, conclusions", "summary"),
    ("3", "scientific background", ""),
    ("4", "aims", "question"),
    ("5", "the design and its rationale", "design"),
    ("6", "changes to the procedure", "changes"),
    ("7", "replication planned", "replication"),
    ("8", "whether and what was drawn by lot, and how", "drawing"),
    ("9", "blinding", "blinding"),
    ("10", "how the participant was chosen", ""),
    ("11", "the participant", ""),
    ("12", "setting", "setting"),
    ("13", "ethics", ""),
    ("14", "measures, and how reliable they are", "measure"),
    ("15", "equipment", "equipment"),
    ("16", "what was done", "arms"),
    ("17", "how far it was carried out as planned", "fidelity"),
    ("18", "analyses", "analysis"),
    ("19", "the sequence that was completed", "completed"),
    ("20", "outcomes and estimates, with the raw data", "effect"),
    ("21", "adverse events", "harms"),
    ("22", "interpretation", ""),
    ("23", "limitations", "limitations"),
    ("24", "for whom else it may hold", "generality"),
    ("25", "where the protocol is", "seal"),
    ("26", "funding and conflicts of interest", ""),
)
ITEMS: tuple[Item, ...] = (
    *(Item("CENT 2015", number, asks, fact) for number, asks, fact in _CENT),
    *(Item("SCRIBE 2016", number, asks, fact) for number, asks, fact in _SCRIBE),
)


def filled(facts: dict[str, str]) -> tuple[tuple[Item, str], ...]:
    """Each item with what the trial says of it; "" where only a writer can."""
    return tuple((item, facts.get(item.fact, "") if item.fact else "") for item in ITEMS)
