"""The whole flow on one screen: records in, answers out.

    records.read -> casebook.add -> timeline.read -> notice, strain.fit -> strain, patterns, explanations
                 -> futures -> options -> trials -> report

The command line walks all of it. A notebook may start from dataframes (`analyse`) or from any timeline (`tell`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.explanations.answering import reasoned
from mainstay.futures.foretelling import foretold
from mainstay.notice.alert import ALARMS, BUDGET, QUIET, TOO_EARLY, Alert, raised_by
from mainstay.notice.answering import answers as notice_answers
from mainstay.options.considering import considered
from mainstay.patterns.answering import with_patterns
from mainstay.quantities import Answer, CannotSay, Finding, Instant
from mainstay.records.kinds import Receipt
from mainstay.report.answers import AnswerContext, answer_record
from mainstay.strain.settings import USUAL, Settings
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import from_records
from mainstay.trials.answering import answers as trial_answers

if TYPE_CHECKING:
    from mainstay.records.mapping import Mapping
    from mainstay.strain.posterior import Curves

SILENT_DAYS = 28.0
SEED = 20
"""The posterior is checked and its bands are drawn at random: the same records must tell the same story."""


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """What one person's records say: the answers in order, the curves of the picture (None without a fit), and when.

    `receipt`: what became of every row, where the story began from dataframes.
    """

    timeline: Timeline
    answers: tuple[Answer, ...]
    curves: Curves | None
    context: AnswerContext
    receipt: Receipt | None = None

    @property
    def alert(self) -> Alert:
        """Quiet, watch, look or act: as high as the answers raise it, with the one thing that the highest suggests."""
        return replace(alert_of(self.answers), note=ended(self.timeline))

    def records(self) -> list[dict[str, Any]]:
        """The answers as JSON-safe dictionaries: the contract with other programs."""
        return [answer_record(answer, self.context) for answer in self.answers]


def tell(timeline: Timeline, *, made_at: Instant, settings: Settings = USUAL, thorough: bool = False) -> Story:
    """Every answer a timeline supports, or why it can't be said, in order. `made_at`: the clock's time.

    `settings`: signals that may feed strain, restoring terms, priors (`mainstay.strain.settings`). `thorough`: where
    the fitted normal fails its check, take slower draws (`mainstay.strain.draws`).
    """
    context = AnswerContext(timeline.as_of, timeline.known_through, made_at, timeline.purpose, timeline.left_out)
    noticed = notice_answers(timeline)
    posterior = strain.fit(timeline, settings)
    curves = None
    if not isinstance(posterior, CannotSay):
        rng = np.random.default_rng(SEED)
        posterior = strain.checked(posterior, rng, thorough)
        curves = strain.curves(posterior, rng)
    about_strain = strain.answers(timeline, posterior)
    patterns = with_patterns(timeline, posterior, about_strain)
    reasons = reasoned(timeline, posterior, about_strain)
    ahead = foretold(timeline, posterior)
    done = considered(timeline, posterior, (*noticed, *about_strain), reasons, ahead.withheld)
    tried = trial_answers(timeline, posterior)
    return Story(timeline, (*noticed, *patterns, *reasons.answers, *ahead.answers, *done, *tried), curves, context)


def alert_of(answers: Sequence[Answer]) -> Alert:
    """The alert of these answers: the highest tier that any of them raises, everything that does, one suggestion."""
    raised = raised_by(answers)
    if raised:
        budget = BUDGET if any(one.row in ALARMS and one.tier != "watch" for one in raised) else ""
        return Alert(raised[0].tier, raised[0].by, raised, raised[0].action, budget)
    watched = [answer for answer in answers if answer.row in ALARMS]
    return QUIET if any(isinstance(answer, Finding) for answer in watched) else TOO_EARLY


def ended(timeline: Timeline) -> str:
    """That nothing has been recorded for four weeks, where that is so: then everything is told as of then."""
    last = timeline.instant(max(timeline.days - 1e-6, 0.0))
    if timeline.as_of.days_since(last) <= SILENT_DAYS:
        return ""
    return f"Nothing is on record since {last.day_in_words}; this is how things stood then."


def analyse(
    frames: Any,
    mapping: Mapping | Path | str,
    *,
    now: datetime | Instant,
    as_of: datetime | Instant | None = None,
    zone: str | None = None,
    person: str | None = None,
    settings: Settings = USUAL,
) -> Story:
    """The same answers from dataframes in memory (polars, pandas, Arrow): no file, no passphrase, nothing written.

    `frames`: one dataframe, or a dictionary of them by the mapping's names. `now` is the clock's time;
    `as_of` cuts the records at an earlier one. Rows that can't be records are left out and stand in the receipt.
    """
    from mainstay.records.reader import read_frames

    clock = _instant(now)
    cut = clock if as_of is None else _instant(as_of)
    if cut > clock:
        raise BadRequest(f"as of {cut} lies in the future; choose a time up to {clock}")
    batch, receipt = read_frames(frames, mapping, zone=zone, now=clock, person=person)
    timeline = from_records(batch.records, batch.items, batch.anchor, as_of=cut)
    return replace(tell(timeline, made_at=clock, settings=settings), receipt=receipt)


def _instant(moment: datetime | Instant) -> Instant:
    if not isinstance(moment, datetime | Instant):
        raise BadRequest(f"{moment!r} is no moment; give a datetime with its zone, such as datetime.now(UTC)")
    return Instant.of(moment) if isinstance(moment, datetime) else moment
