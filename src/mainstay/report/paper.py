"""The paper to take along: what stands on it. A summary of one page, then evidence, methods, limits, and the consent.

The same for a file of pages (`paper_pdf`) and for a browser (`paper_html`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mainstay.quantities import Answer, CannotSay, Finding
from mainstay.records.words import counted, listed
from mainstay.report.grouping import sections
from mainstay.report.text import HOW_TO_READ, alert_lines, quiet_lines
from mainstay.report.words import between_dates, claim_of, clean, how_sure, percent
from mainstay.strain.posterior import Curves

if TYPE_CHECKING:
    from mainstay.casebook.views import StreamOverview
    from mainstay.notice.alert import Alert
    from mainstay.quantities import Instant
    from mainstay.report.answers import AnswerContext
    from mainstay.timeline.kinds import Timeline

IN_SHORT = ("S11", "S3", "S4", "S6", "S9", "S12", "S13", "S14", "S19", "S20", "S22")
"""The rows of which the summary tells the first that was found, in the order in which a reader asks."""
MOST_POINTS = 8
ASKED = ("own_answers", "clinician_report")
USED_FOR = {"own_answers": "the person’s own answers", "clinician_report": "a clinician’s report"}
NOT_A_DEVICE = (
    "Mainstay is no medical device and makes no diagnosis. Its intervals and alarms were checked on simulated people, "
    "not in a clinical study."
)
SAYS_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer on paper: its claim, the lines under it, whether it could not be said."""

    claim: str
    lines: tuple[str, ...]
    thin: bool


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the paper, in order.

    `facts`: what and its words. `methods`: for each heading how it was worked out, and what was taken for granted.
    `consent`: heads, then rows.
    """

    title: str
    facts: tuple[tuple[str, str], ...]
    alert: tuple[str, ...]
    summary: tuple[tuple[str, str, str], ...]
    evidence: tuple[tuple[str, tuple[Said, ...]], ...]
    methods: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]
    limits: tuple[str, ...]
    consent: tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]


def paper_of(
    title: str,
    answers: Sequence[Answer],
    context: AnswerContext,
    timeline: Timeline,
    *,
    curves: Curves | None,
    streams: Sequence[StreamOverview],
    alert: Alert | None,
) -> Paper:
    """The paper of one story. `streams`: those of the casebook, with the last word on consent for each."""
    told = sections(answers)
    return Paper(
        title=clean(title),
        facts=_facts(context, timeline),
        alert=tuple(alert_lines(alert)) if alert is not None else (),
        summary=_summary(told),
        evidence=tuple((heading, tuple(_said(one) for one in group)) for heading, group in told),
        methods=_methods(told),
        limits=_limits(answers, context, timeline, curves),
        consent=_consent(streams, context.made_at),
    )


def _facts(context: AnswerContext, timeline: Timeline) -> tuple[tuple[str, str], ...]:
    lived = between_dates(timeline.origin, timeline.instant(max(timeline.days - 1e-6, 0.0)))
    ratings = sum(len(one.times) for one in timeline.ratings.values())
    events = sum(len(one.times) for one in timeline.events.values())
    return (
        ("Told as of", context.as_of.day_in_words),
        ("Records", f"{lived}: {counted(ratings, 'rating')} and {counted(events, 'event')}"),
        ("Made", f"{context.made_at.as_local:%Y-%m-%d %H:%M}, on the person’s own machine"),
        ("Read for", USED_FOR.get(context.purpose, context.purpose)),
    )


def _summary(told: Sequence[tuple[str, Sequence[Answer]]]) -> tuple[tuple[str, str, str], ...]:
    """Of each row that matters most the first thing found: under which heading, the claim, and how sure."""
    first: dict[str, tuple[str, str, str]] = {}
    for heading, group in told:
        for one in group:
            if isinstance(one, Finding) and one.row in IN_SHORT and one.row not in first and one.status != "not_found":
                first[one.row] = (heading, claim_of(one), "" if one.row in ("S14", "S19", "S20") else how_sure(one))
    return tuple(first[row] for row in IN_SHORT if row in first)[:MOST_POINTS]


def _said(answer: Answer) -> Said:
    return Said(claim_of(answer), tuple(quiet_lines(answer)), isinstance(answer, CannotSay))


def _methods(
    told: Sequence[tuple[str, Sequence[Answer]]],
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    """Under each heading its methods and assumptions, each once; those of an earlier heading are not repeated."""
    seen: set[str] = set()
    found = []
    for heading, group in told:
        methods = _new((_begun(one.method) for one in group if one.method), seen)
        assumed = _new((_begun(part) for one in group for part in one.assumptions if part), seen)
        if methods or assumed:
            found.append((heading, methods, assumed))
    return tuple(found)


def _new(texts: Iterable[str], seen: set[str]) -> tuple[str, ...]:
    found = tuple(text for text in dict.fromkeys(texts) if text not in seen)
    seen.update(found)
    return found


def _begun(text: str) -> str:
    return clean(text[:1].upper() + text[1:])


def _limits(
    answers: Sequence[Answer], context: AnswerContext, timeline: Timeline, curves: Curves | None
) -> tuple[str, ...]:
    refused = sum(isinstance(one, CannotSay) for one in answers)
    told = [
        HOW_TO_READ,
        f"Of {counted(len(answers), 'question')} put to these records, {refused} can’t be answered from them; each "
        "says why, and what would be needed.",
    ]
    silent = sum(gap.end - gap.start for gap in timeline.gaps)
    if timeline.gaps and timeline.days:
        told.append(
            f"{counted(len(timeline.gaps), 'stretch', 'stretches')} without any record, {silent:.0f} of "
            f"{timeline.days:.0f} days in all."
        )
    if len(timeline.prompts_sent):
        share = len(timeline.prompts_answered) / len(timeline.prompts_sent)
        told.append(f"Of {len(timeline.prompts_sent):,} prompts sent, {percent(share)} were answered.")
    if not timeline.recording:
        told.append("How fully things were recorded was not logged, so denser notes can look like more events.")
    if curves is None:
        told.append("Strain itself could not be estimated: see the reason under the evidence.")
    if context.left_out:
        told.append(f"Left out, because consent does not cover it: {listed([clean(one) for one in context.left_out])}.")
    return (*told, NOT_A_DEVICE)


def _consent(streams: Sequence[StreamOverview], now: Instant) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Which stream may be read for what until when: the last word on each, as it stood when the paper was made."""
    heads = ("Stream", "Holds", "From", "To", *(f"For {USED_FOR[one]}" for one in ASKED))
    rows = []
    for one in streams:
        words = {held.purpose: held for held in one.consent}
        allowed = []
        for purpose in ASKED:
            held = words.get(purpose)
            if held is None:
                allowed.append("not given")
            elif held.valid(now):
                allowed.append("given" if held.until is None else f"given until {held.until.day_in_words}")
            else:
                allowed.append("ended" if held.event in ("given", "renewed", "expired") else held.event)
        first, last = (SAYS_NOTHING if at is None else f"{at.as_local:%Y-%m-%d}" for at in (one.first, one.last))
        rows.append((clean(one.name), f"{one.count:,}", first, last, *allowed))
    return heads, tuple(rows)
