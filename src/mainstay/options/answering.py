"""What could be done (S20): which options hold up, which are struck out and why, and whether to wait.

Limits come first, from what is written alone. What they leave is simulated under each explanation still standing and
compared in what the person wants. Where nothing is wanted on record, or forecasts are withheld, the limits still hold
and nothing is said of worth. A pure function of the timeline, its fit and what explains it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.explanations.explaining import Explained
from mainstay.futures.scenarios import looked_up
from mainstay.options.limits import Causes, Strike, causes_of, strikes
from mainstay.options.option_answers import Weighed, not_followed, struck_out, weighed_answer
from mainstay.options.option_answers_levers import nothing_written
from mainstay.options.option_answers_whole import not_weighed, on_the_whole
from mainstay.options.outcomes import A_SEASON, Looking, Outcomes, outcomes
from mainstay.options.outcomes_harm import harm_of, least_strain
from mainstay.options.outcomes_judged import Judging, compared_options, judged, must_not_strike, strain_strike
from mainstay.options.outcomes_levers import Followed, Ground, followed, met, standings
from mainstay.options.outcomes_unjudged import Unjudged, unjudged
from mainstay.options.outcomes_waiting import Asked, observable, worth_waiting
from mainstay.options.outcomes_worth import question
from mainstay.options.tornado import middle_of, tornado
from mainstay.options.worth import Question
from mainstay.patterns.shared import Shared
from mainstay.quantities import Answer, CannotSay
from mainstay.records.statements_hypothesis import hypotheses_of
from mainstay.records.statements_option import Option, options_of
from mainstay.records.statements_preference import PreferenceFile, preference_of
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Timeline

Floats = NDArray[np.float64]
ROW = "S20"
NOTHING_WANTED = "nothing is on record of which way it should rather turn out"
HOW_WANTED = "the order in which you would have it turn out: mainstay log CASE preference"


def answers(
    timeline: Timeline,
    fitted: StrainPosterior | CannotSay,
    about_strain: Sequence[Answer],
    explained: Explained | None = None,
    company: Shared | CannotSay | None = None,
    *,
    withheld: str = "",
    looking: Looking = A_SEASON,
) -> tuple[Answer, ...]:
    """S20: one answer on the whole, one for each option, and for each that can't be read.

    `fitted`, `about_strain` (S9 to S12), `explained`, `company` (S13): of the same timeline. `withheld`: why forecasts
    from this record are withheld, where they are; then nothing is said of what an option would be worth.
    """
    written, unread = options_of(timeline)
    options = tuple(one for one in written if one.says.set_aside is None)
    preference, unread_wishes = preference_of(timeline)
    wishes = PreferenceFile() if preference is None else preference.says
    unreadable = tuple(
        CannotSay(
            f"{'an option' if one.form == 'option' else 'preferences'} written {one.written.day_in_words} can't be "
            f"read: {one.reason}",
            row=ROW,
            would_change="the same written anew, in its place",
        )
        for one in (*unread, *unread_wishes)
    )
    if not options:
        followed_from = CannotSay(withheld) if withheld else fitted
        return (nothing_written(timeline, followed_from, about_strain, company, looking), *unreadable)
    causes = Causes() if explained is None else causes_of(explained, hypotheses_of(timeline)[0])
    struck = {one.name: strikes(one.says, wishes, causes) for one in options}
    here = _Here(timeline, wishes, causes, explained, company, looking, _records(timeline))
    left = tuple(one for one in options if not struck[one.name])
    if not left or isinstance(fitted, CannotSay) or withheld:
        why = withheld or (fitted.reason if isinstance(fitted, CannotSay) else "")
        change = fitted.would_change if isinstance(fitted, CannotSay) else ""
        return (*_unweighed(here, options, struck, why, change), *unreadable)
    return (*_weighed(here, fitted, options, struck), *unreadable)


@dataclass(frozen=True, slots=True, eq=False)
class _Here:
    """What the options are judged against. `n`: how many records there are."""

    timeline: Timeline
    wishes: PreferenceFile
    causes: Causes
    explained: Explained | None
    company: Shared | CannotSay | None
    looking: Looking
    n: int

    def notes(self, option: Option) -> tuple[str, ...]:
        """What is told of an option besides: causes that nobody wrote down, and that it comes too late to be seen."""
        notes = [
            f"no possible cause “{name}” is on record, which it rests on"
            for name in option.says.rests_on
            if not self.causes.on_record(name)
        ]
        if 7.0 * option.says.after_weeks >= self.looking.days:
            notes.append(f"it takes effect only after the {self.looking.days} days that are looked ahead")
        return tuple(notes)


def _records(timeline: Timeline) -> int:
    return sum(len(one.ids) for one in timeline.ratings.values()) + sum(
        len(one.ids) for one in timeline.events.values()
    )


Struck = Mapping[str, tuple[Strike, ...]]


def _unweighed(here: _Here, options: Sequence[Option], struck: Struck, why: str, change: str) -> tuple[Answer, ...]:
    """The answers where nothing is said of worth: limits alone."""
    each = tuple(
        struck_out(one, struck[one.name], here.n)
        if struck[one.name]
        else not_followed(one, why, change, here.n, here.notes(one))
        for one in options
    )
    return (not_weighed(options, struck, why, change, here.n), *each)


def _weighed(here: _Here, fitted: StrainPosterior, options: Sequence[Option], struck: Struck) -> tuple[Answer, ...]:
    left = [one for one in options if not struck[one.name]]
    standing = tuple(one for one in standings(here.explained) if one.stands)
    says = [one.says for one in left]
    ground = Ground(here.timeline, fitted, met(here.timeline, fitted, says, here.company), standing)
    read = {one.name: followed(one.says, ground) for one in left}
    kept = [one for one in left if not read[one.name].unfollowed]
    known = looked_up(here.timeline)
    found = outcomes(here.timeline, fitted, [read[one.name] for one in kept], known, here.looking)
    if isinstance(found, CannotSay):
        return _unweighed(here, options, struck, found.reason, found.would_change)
    untold = unjudged(found.split, known)
    return _Weighing(here, fitted, tuple(options), struck, read, found, ground, untold).answers(kept)


@dataclass(frozen=True, slots=True, eq=False)
class _Weighing:
    """Options that were simulated, and what goes with them. `untold`: scenarios whose chance can't be judged."""

    here: _Here
    fitted: StrainPosterior
    options: tuple[Option, ...]
    struck: Struck
    read: Mapping[str, Followed]
    found: Outcomes
    ground: Ground
    untold: tuple[Unjudged, ...]

    @property
    def least(self) -> float:
        """The least change of mean strain that counts, in points."""
        return least_strain(float(self.found.strain.mean()), self.fitted.data.unit)

    def answers(self, kept: Sequence[Option]) -> tuple[Answer, ...]:
        """The whole first, then each option in the order in which it was written."""
        late = self._too_likely(kept)
        struck = {name: (*those, *late.get(name, ())) for name, those in self.struck.items()}
        values = self.found.wants.values
        if isinstance(values, CannotSay):
            why = NOTHING_WANTED if not self.here.wishes.order else values.reason
            return _unweighed(self.here, self.options, struck, why, HOW_WANTED)
        left = [i for i, one in enumerate(kept) if one.name not in late]
        weighed = self._compare([kept[i] for i in left], replace(self.found, of=tuple(self.found.of[i] for i in left)))
        whole = on_the_whole(weighed, self.options, struck, self.here.n)
        return (whole, *(self._answer(one, weighed, struck) for one in self.options))

    def _too_likely(self, kept: Sequence[Option]) -> dict[str, tuple[Strike]]:
        """The options that make what must not happen too likely."""
        asked, strain = self._question(kept, self.found)
        most = self.here.wishes.must_not_chance
        by_strain = [one.name for one in self.untold if one.must_not and one.of_strain]
        found = {
            one.name: must_not_strike(asked, i, most) or strain_strike(asked, i, strain[i], self.least, by_strain)
            for i, one in enumerate(kept, 1)
        }
        return {name: (strike,) for name, strike in found.items() if strike is not None}

    def _question(self, options: Sequence[Option], found: Outcomes) -> tuple[Question, Floats]:
        rng = np.random.default_rng(self.here.looking.seed)
        return question(found, [one.says for one in options], self.ground.causes, found.wants, rng)

    def _compare(self, options: Sequence[Option], found: Outcomes) -> Weighed:
        asked, strain = self._question(options, found)
        says = [one.says for one in options]
        compared = compared_options(asked, np.random.default_rng(self.here.looking.seed))
        waits: tuple[Asked, ...] = ()
        if self.here.explained is not None:
            next_ = observable(self.here.explained, self.here.timeline, self.here.company)
            waits = worth_waiting(compared, says, self.ground.causes, next_, found.days)
        return Weighed(
            options=tuple(options),
            causes=self.ground.causes,
            asked=asked,
            compared=compared,
            judged=judged(compared, says, self._judging(asked, strain, found)),
            strain=strain,
            unit=self.fitted.data.unit_name,
            found=found,
            tornado=tornado(*middle_of(asked)),
            waits=waits,
            notes=tuple(one.said for one in self.untold),
        )

    def _judging(self, asked: Question, strain: Floats, found: Outcomes) -> Judging:
        harms = [harm_of(rows, found.wants.draws, found.wants.must_not, self.least) for rows in found.of]
        return Judging(strain, self.least, asked.weights, harms, self.here.wishes.budget)

    def _answer(self, option: Option, weighed: Weighed, struck: Struck) -> Answer:
        if struck[option.name]:
            return struck_out(option, struck[option.name], self.here.n)
        read, notes = self.read[option.name], self.here.notes(option)
        if read.unfollowed:
            return not_followed(option, "; ".join(read.unfollowed), read.change, self.here.n, notes)
        at = 1 + weighed.options.index(option)
        return weighed_answer(weighed, at, read, notes, self.here.n)
