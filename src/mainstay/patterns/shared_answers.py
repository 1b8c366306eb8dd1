"""What refuges share (S13), in sentences.

Which company eases and which does not can be certain while nothing known of them says why: then the answer is
*established, unexplained*, and it names what would fit and how often something would fit by chance. An attribute leads
only where a hypothesis on record gives a reason why it should restore. What came to be known after everybody was met
has not been put to a test. Perfectly tied attributes stand side by side, with who would part them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from mainstay.patterns.company import attributes_of
from mainstay.patterns.shared import Shared, shared
from mainstay.patterns.shared_evidence import BY_LOT, SharedAttribute, chance_fit
from mainstay.patterns.shared_shares import Eased
from mainstay.patterns.shared_words import (
    attribute_detail,
    company_detail,
    in_how_many,
    interval,
    listed,
    quoted,
    with_verb,
)
from mainstay.quantities import Answer, CannotSay, Finding, Instant
from mainstay.records.statements_hypothesis import hypotheses_of, same_name
from mainstay.records.words import listed as joined
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.wording import place_of
from mainstay.timeline.kinds import Timeline

LINE = 4.0
"""An attribute known all along leads where it makes the shares this many times likelier than if nothing were shared,

times the number of attributes with a reason. Measured: docs/explanation/what-refuges-share.md.
"""

UNTESTED_LINE = 1.5
"""The same for what became known only after everybody was met: it is called no more than a candidate."""

CLOSE = math.log(3.0)
"""Attributes within a factor of three are not told apart; one that leads is at least that much likelier than chance."""

FEWEST_CERTAIN = 3
NEW_TESTS = 2
QUANTITY = "share of the strain eased, with less without"
PERCENT = "% of the strain"
ASSUMPTIONS = (
    "company counts once, however often it was met",
    "what is not on record of somebody is not true of them",
    "what eases at once, above strain's own fading, in mid-record",
    "among those met; others may differ",
)


def shared_answers(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    reasons: Mapping[str, str],
    found: Shared | CannotSay | None = None,
) -> tuple[Answer, ...]:
    """S13. `reasons`: attributes for which a hypothesis on record says why they should restore, and its name.

    `found`: what `shared` gave for this timeline, where it was worked out already.
    """
    if isinstance(fitted, CannotSay):
        return (replace(fitted, row="S13"),)
    seen = shared(timeline, fitted) if found is None else found
    if isinstance(seen, CannotSay):
        return (replace(seen, row="S13"),)
    say = _Saying(timeline, seen, reasons)
    if refused := say.no_contrast():
        return (refused,)
    lead = say.leader()
    first = (say.unexplained(),) if lead is None else say.led_by(lead)
    return (*first, *(say.contradicted(one) for one in say.reasoned if one != lead and _speaks_against(one)))


class _Saying:
    """One record's shares and the attributes with a reason, put into answers."""

    def __init__(self, timeline: Timeline, seen: Shared, reasons: Mapping[str, str]) -> None:
        self.timeline, self.seen = timeline, seen
        self.certain = [one for one in seen.companies if one.eases is not None]
        self.easing = [one for one in self.certain if one.eases]
        self.others = [one for one in self.certain if not one.eases]
        self.reason = {
            one.name: why for one in seen.attributes for name, why in reasons.items() if same_name(name, one.name)
        }
        self.reasoned = [one for one in seen.attributes if one.name in self.reason]
        self.places = len({frozenset(one.companies_with) for one in self.reasoned})
        self.finding = partial(
            Finding,
            row="S13",
            quantity=QUANTITY,
            unit=PERCENT,
            method=f"{seen.method}; likelihood ratio over company",
            assumptions=ASSUMPTIONS,
        )

    def no_contrast(self) -> Answer | None:
        """The answer where nothing eases for certain, or too little is certain to compare anything."""
        n = sum(one.n for one in self.certain)
        if not self.easing and len(self.others) >= FEWEST_CERTAIN:
            mean, sd = self._mean_of(self.others)
            return self.finding(
                about="",
                status="not_found",
                claim=f"Nobody and nothing that was met eases strain noticeably: not {listed(self.others, 'or')}.",
                quantity="share of the strain eased, on the average",
                estimate=100.0 * mean,
                interval=interval(mean, sd),
                n=n,
                evidence=self._evidence(n),
                would_change=self._would_open(),
                detail=self._detail(),
            )
        if self.easing and self.others and len(self.certain) >= FEWEST_CERTAIN:
            return None
        refuse = partial(
            CannotSay,
            row="S13",
            quantity=QUANTITY,
            n=n,
            method=self.seen.method,
            would_change=self._would_open(),
            detail=self._detail(),
        )
        if self.easing and len(self.certain) >= FEWEST_CERTAIN:
            return refuse(
                f"{listed(self.easing)} all ease strain, so nothing tells what it takes",
                would_change="somebody or something met under strain that does not ease it",
            )
        return refuse(
            "too few of those met are known to ease strain, or not to, for what they share to be told",
            have=len(self.certain),
            need=FEWEST_CERTAIN + 1,
            unit="people, places or activities",
        )

    def leader(self) -> SharedAttribute | None:
        """The attribute with a reason that fits best, unless chance or another without a reason does as well.

        Where company has tested it, it must pass the line; one that nobody has tested yet can only be a candidate.
        """
        best = max(self.reasoned, key=lambda one: one.log_ratio[1.0], default=None)
        if best is None or best.log_ratio[1.0] < CLOSE or min(best.log_ratio.values()) <= 0.0:
            return None
        line = LINE if best.new_since else UNTESTED_LINE
        if math.exp(best.log_ratio[1.0]) < line * self.places:
            return None
        top = max(one.log_ratio[1.0] for one in self.seen.attributes)
        return best if best.log_ratio[1.0] >= top - CLOSE else None

    def unexplained(self) -> Finding:
        """Certain who eases and who doesn't; what fits is named, how often something would by chance, and no reason."""
        mean, sd = self._contrast(self.easing, self.others)
        n = sum(one.n for one in self.certain)
        do, do_not = with_verb(self.easing, "eases", "ease"), with_verb(self.others, "does", "do")
        return self.finding(
            about="",
            status="established_unexplained",
            claim=f"The records are clear that {do} strain and {do_not} not, but not why: {self._what_fits()}.",
            estimate=100.0 * mean,
            interval=interval(mean, sd),
            n=n,
            evidence=self._evidence(n),
            would_change="a reason on record why something they share should restore, and somebody new to try it on",
            detail=self._detail(),
        )

    def _what_fits(self) -> str:
        whole = [one for one in self.seen.attributes if len(one.fits) == len(self.certain)]
        how_many = f"{len(self.certain)} of {len(self.certain)}"
        meant = [one for one in whole if one.name in self.reason]
        if meant:
            fits, why = joined(quoted(one.name) for one in meant), f"“{self.reason[meant[0].name]}”"
            return f"{fits} fits {how_many} and {why} says why it should restore, but {self._by_chance()}"
        if not whole:
            return "nothing that is known of them fits them all"
        fits, chance = joined(quoted(one.name) for one in whole), in_how_many(self.seen.chance)
        by_chance = f"one of {len(self.seen.attributes)} things known would fit so by chance {chance}"
        return f"{fits} fits {how_many}, but {by_chance}, and nothing on record says why it should restore"

    def _by_chance(self) -> str:
        such = f"one of {self.places} such things" if self.places > 1 else "it"
        chance = in_how_many(chance_fit(self.seen.companies, tuple(self.reason)))
        return f"with so few, {such} would fit so by chance {chance}"

    def led_by(self, lead: SharedAttribute) -> tuple[Answer, ...]:
        """The attribute that leads, and those that can't be told from it."""
        same = [one for one in self.seen.attributes if one.name in lead.same_as]
        rivals = [
            one
            for one in self.reasoned
            if one not in (lead, *same) and one.log_ratio[1.0] >= lead.log_ratio[1.0] - CLOSE
        ]
        equals = [one for one in same if one.name in self.reason] + rivals
        first = self._tied(lead, equals) if equals else self._leads(lead)
        return (first, *(self._tied(one, [lead]) for one in (*same, *rivals)))

    def _leads(self, lead: SharedAttribute) -> Finding:
        status, told, why = self._status(lead)
        said = f"{quoted(lead.name)} goes with what eases ({self._fit(lead)}"
        but = f", not {joined(lead.does_not_fit)})" if lead.does_not_fit else ")"
        return self._about(
            lead,
            status,
            f"{said}{but}, and “{self.reason[lead.name]}” says why it should restore; {told}.",
            f"somebody new of whom {quoted(lead.name)} is known to be true, or not true, before they are met",
            why,
        )

    def _status(self, lead: SharedAttribute) -> tuple[str, str, str]:
        """The status of the attribute that leads, what is told of it, and why it is no more than that."""
        if not lead.new_since:
            known = f"it became known only on {lead.known.day_in_words}, and nobody new has put it to a test"
            return "unconfirmed", known, self._by_chance()
        if not lead.does_not_fit and len(self._borne_out(lead)) >= NEW_TESTS:
            return "established_explained", f"{joined(self._borne_out(lead))}, met since, bore it out", ""
        chance = chance_fit(self.seen.companies, tuple(self.reason))
        if chance is None or chance > BY_LOT or self._thought_of_since(lead):
            return "unconfirmed", self._by_chance(), "it could be so by chance, and nobody new has put it to a test"
        return "suggested", self._by_chance(), "fewer than two were met since who bear it out"

    def _thought_of_since(self, lead: SharedAttribute) -> bool:
        """Whether its reason was written down only when everybody of whom it is true had been met."""
        written = self._reason_written(lead)
        met = [one.first_met for one in self.seen.companies if one.name in lead.companies_with]
        return written is not None and all(first < written for first in met)

    def _borne_out(self, lead: SharedAttribute) -> list[str]:
        """Company that was first named and met when the attribute and its reason were on record, and eased."""
        written = self._reason_written(lead)
        return [
            one.name
            for one in self.easing
            if one.name in lead.new_since
            and min(one.attributes.values()) > lead.known
            and (written is None or written <= one.first_met)
        ]

    def _reason_written(self, lead: SharedAttribute) -> Instant | None:
        own, _ = hypotheses_of(self.timeline)
        return next((one.written for one in own if same_name(one.name, self.reason[lead.name])), None)

    def _tied(self, one: SharedAttribute, others: list[SharedAttribute]) -> Finding:
        names = joined(quoted(other.name) for other in others)
        apart = self._who_parts(one, others[0])
        same = bool(set(one.same_as) & {other.name for other in others})
        how = "is true of the very same as" if same else "fits about as well as"
        fit = f"goes with what eases ({self._fit(one)})"
        claim = f"{quoted(one.name)} {fit}, but {how} {names}, so the records can't tell which it is"
        reason = f"; “{self.reason[one.name]}” says why it should restore" if one.name in self.reason else ""
        return self._about(one, "tied", f"{claim}{reason}.", apart, "")

    def _who_parts(self, one: SharedAttribute, other: SharedAttribute) -> str:
        """Who would separate two attributes: known by name if there is anybody of whom only one is true."""
        names = [
            name for name, known in attributes_of(self.timeline).items() if (one.name in known) != (other.name in known)
        ]
        pair = f"{quoted(one.name)} and {quoted(other.name)}"
        if names:
            return f"time under strain with {joined(names, 'or')}, of whom only one of {pair} is true"
        return f"somebody of whom one of {pair} is true and not the other; nobody on record is"

    def contradicted(self, one: SharedAttribute) -> Finding:
        """An attribute with a reason that does not go with what eases: who should fit and doesn't."""
        should = [name for name in one.does_not_fit if name in one.companies_with]
        anyway = [name for name in one.does_not_fit if name not in one.companies_with]
        parts = (
            [f"{joined(sorted(should))} should ease, and {'does' if len(should) == 1 else 'do'} not"] if should else []
        )
        parts += [f"{joined(sorted(anyway))} {'eases' if len(anyway) == 1 else 'ease'} without it"] if anyway else []
        return self._about(
            one,
            "not_found",
            f"{quoted(one.name)} does not tell what eases: {'; '.join(parts)}.",
            "company that fits, and a reason why these do not",
            "",
        )

    def _fit(self, one: SharedAttribute) -> str:
        mean, _ = self._difference(one)
        much = f"about {abs(100.0 * mean):.0f} % {'more' if mean > 0 else 'less'} of the strain"
        return f"{much}; {len(one.fits)} of {len(self._told(one))} fit"

    def _difference(self, one: SharedAttribute) -> tuple[float, float]:
        """The share eased by those certain with the attribute minus by those without it."""
        told = self._told(one)
        inside = [each for each in told if each.name in one.companies_with]
        outside = [each for each in told if each.name not in one.companies_with]
        return self._contrast(inside, outside) if inside and outside else (one.difference, one.difference_sd)

    def _about(self, one: SharedAttribute, status: str, claim: str, would_change: str, reason: str) -> Finding:
        mean, sd = self._difference(one)
        n = sum(each.n for each in self._told(one))
        return self.finding(
            about=one.name,
            status=status,
            claim=claim,
            estimate=100.0 * mean,
            interval=interval(mean, sd),
            n=n,
            evidence=self._evidence(n),
            would_change=would_change,
            reason=reason,
            detail={
                **self._detail(),
                "reason": self.reason.get(one.name),
                "difference_beyond_them": [100.0 * one.difference, 100.0 * one.difference_sd],
            },
        )

    def _told(self, one: SharedAttribute) -> list[Eased]:
        return [each for each in self.certain if each.name in one.fits or each.name in one.does_not_fit]

    def _mean_of(self, group: list[Eased]) -> tuple[float, float]:
        return self._weighted({one.name: 1.0 / len(group) for one in group})

    def _contrast(self, more: list[Eased], less: list[Eased]) -> tuple[float, float]:
        return self._weighted(
            {one.name: 1.0 / len(more) for one in more} | {one.name: -1.0 / len(less) for one in less}
        )

    def _weighted(self, weights: Mapping[str, float]) -> tuple[float, float]:
        w = np.array([weights.get(one.name, 0.0) for one in self.seen.companies])
        mean = float(w @ [one.share for one in self.seen.companies])
        return mean, math.sqrt(float(w @ self.seen.covariance @ w))

    def _evidence(self, n: int) -> tuple[str, ...]:
        return (place_of(self.timeline), f"{n} occasions with {len(self.certain)} people, places or activities")

    def _would_open(self) -> str:
        open_ = [one.name for one in self.seen.companies if one.eases is None]
        if open_:
            return f"more time with {joined(open_, 'or')}, and check-ins before and after"
        return "somebody or something else, with check-ins before and after"

    def _detail(self) -> dict[str, Any]:
        seen = self.seen
        return {
            "companies": [company_detail(one) for one in seen.companies],
            "attributes": [attribute_detail(one) for one in seen.attributes],
            "nothing_shared": seen.nothing,
            "chance_of_such_a_fit": seen.chance,
            "attributes_with_a_reason": self.places,
            "line": LINE,
            "left_out": dict(seen.left_out),
        }


def _speaks_against(one: SharedAttribute) -> bool:
    return bool(one.does_not_fit) and max(one.log_ratio.values()) < -CLOSE
