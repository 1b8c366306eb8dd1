"""The record of a decision on one page, as data: what was decided, on what, what was expected of it, and what came.

A pure function of the decision, the answers and what is on record: who renders it adds nothing. On what evidence is
told from the answers it is given. Made from a timeline cut at the decision's date they are what was knowable then;
made from a later one they are not, and the record says so (`hindsight`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mainstay.casebook.consent import OWN_ANSWERS
from mainstay.errors import BadRequest
from mainstay.futures.ledger import Scored
from mainstay.options.leaning import NO_CHANGES, Changes, Standing
from mainstay.quantities import Answer, CannotSay, Finding, Instant
from mainstay.records.statements_decision import Decision, decisions_of
from mainstay.records.statements_hypothesis import folded, same_name
from mainstay.records.statements_option import NOTHING, Burden, Option, options_of
from mainstay.timeline.kinds import Timeline

ROW, ABOUT, QUANTITY = "S20", "decision", "decision on record"
METHOD = "the decision as it was written, beside the answers given with it"
BY = "the person whose records these are"
CHOSEN, NOT_WEIGHED = "chosen", "not_weighed"
EVIDENCE_ROWS = ("S11", "S13", "S14", "S12", "S16", "S19", "S4", "S3", "S6", "S9")
"""The rows a decision rests on, those that say what is going on and why first."""
CARRIES = ("found", "restores", "established_explained", "established_unexplained", "suggested", "tied", "unconfirmed",
           "relief_observed_recovery_untested", "only_stalls")  # fmt: skip
MOST_EVIDENCE, MOST_OF_A_ROW, MOST_CHANGES = 12, 3, 6
FORESEEN_DAYS = 31.0
"""Forecasts written so long before a decision, at most, are those it was made with."""


@dataclass(frozen=True, slots=True)
class Considered:
    """One option and how it stood: chosen, recommended, dominated, struck_out (with the reason), or not weighed."""

    name: str
    what: str
    chosen: bool
    status: str
    claim: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One answer the decision rests on: its id and row, its claim, and its estimate; None where it has none."""

    id: str
    row: str
    about: str
    status: str
    claim: str
    estimate: float | None
    low: float | None
    high: float | None
    level: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class Expected:
    """One thing the chosen option was expected to do: what, how much with its interval, and until which day."""

    what: str
    value: float
    low: float
    high: float
    unit: str
    until: str


@dataclass(frozen=True, slots=True)
class Bears:
    """What somebody bears of the chosen option and what they gain, as low and high."""

    who: str
    cost_points: tuple[float, float]
    cost_hours_a_week: tuple[float, float]
    cost_money_a_month: tuple[float, float]
    benefit_points: tuple[float, float]
    benefit_hours_a_week: tuple[float, float]
    benefit_money_a_month: tuple[float, float]

    @property
    def nothing(self) -> bool:
        """Whether nothing was written of it."""
        return not any(
            any(pair)
            for pair in (
                self.cost_points, self.cost_hours_a_week, self.cost_money_a_month,
                self.benefit_points, self.benefit_hours_a_week, self.benefit_money_a_month,
            )
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Foreseen:
    """One forecast the decision was made with: of what, for when, how likely or between what; and what came.

    `came`: in words; empty where it is not due yet. `withheld`: it was not shown, as no better than the base rate.
    """

    about: str
    made: str
    due: str
    chance: float | None
    low: float | None
    high: float | None
    base_chance: float | None
    withheld: bool
    came: str
    as_expected: bool | None


@dataclass(frozen=True, slots=True)
class Leaned:
    """The leaning before it: towards what, when it was written, whether it was sealed, and whether it was followed."""

    option: str
    written: str
    how: str
    said: str
    followed: bool


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision on one page. Dates are ISO 8601; everything in it is text, numbers, truth values and tuples of them.

    `weighed`: what was told of the chosen option, and `expected` what it was to do; none where it was not weighed.
    `hindsight`: the answers rest on more than was known when it was decided. `evidence_more`: how many other answers
    there were. `look_again_overdue_days`: None without such a day, below 0 before it. `changed`: options whose text was
    changed after they were first shown.
    """

    id: str
    decided: str
    what: str
    why: str
    by: str
    on: str
    as_of: str
    known_through: str
    hindsight: bool
    options: tuple[Considered, ...]
    evidence: tuple[Evidence, ...]
    evidence_more: int
    weighed: Evidence | None
    expected: tuple[Expected, ...]
    foreseen: tuple[Foreseen, ...]
    bears: tuple[Bears, ...]
    reversible: str
    leaning: Leaned | None
    changed: tuple[str, ...]
    would_change: tuple[str, ...]
    look_again: str
    look_again_overdue_days: int | None

    @property
    def struck_out(self) -> tuple[Considered, ...]:
        """The options a hard limit ruled out, each with its reason."""
        return tuple(one for one in self.options if one.status == "struck_out")

    @property
    def came(self) -> tuple[Foreseen, ...]:
        """The forecasts of which it is known what came."""
        return tuple(one for one in self.foreseen if one.came)

    @property
    def plain(self) -> dict[str, Any]:
        """The record in JSON's own types."""
        said: dict[str, Any] = json.loads(json.dumps(asdict(self), allow_nan=False))
        return said


def decision_record(
    timeline: Timeline,
    answers: Sequence[Answer],
    *,
    ids: Sequence[str] = (),
    decision: Decision | None = None,
    standing: Standing | None = None,
    changes: Changes = NO_CHANGES,
    scored: Sequence[Scored] = (),
) -> DecisionRecord | CannotSay:
    """The record of a decision, the last one on record unless another is given.

    `answers`: what was told with it, S20 among them, and `ids` their ids in the same order (none: no ids). `standing`:
    the leaning of its round. `scored`: the ledger's forecasts with what became of each, the open ones too. Refuses
    (`BadRequest`) another number of ids than of answers, and a timeline read for anybody but the person: it holds what
    they wrote. `CannotSay` where no decision is on record.
    """
    if timeline.purpose != OWN_ANSWERS:
        raise BadRequest(f"a decision record is the person's own; these records were read for {timeline.purpose}")
    if ids and len(ids) != len(answers):
        raise BadRequest(f"{len(ids)} ids don't go with {len(answers)} answers; give one for each, or none")
    decisions, unread = decisions_of(timeline)
    made = decision or (decisions[-1] if decisions else None)
    if made is None:
        return CannotSay(
            f"a decision is on record but can't be read: {unread[-1].reason}" if unread else "no decision is on record",
            have=None if unread else 0,
            need=None if unread else 1,
            unit="" if unread else "decisions written down",
            row=ROW,
            about=ABOUT,
            quantity=QUANTITY,
            method=METHOD,
            would_change="a decision written down: mainstay log CASE decision",
        )
    says, numbered = made.says, list(zip(ids or [""] * len(answers), answers, strict=True))
    options = {folded(one.name): one for one in options_of(timeline)[0]}
    chosen = options.get(folded(says.option))
    weighed: dict[str, tuple[str, Answer]] = {}
    for id_, one in numbered:
        if one.row == ROW and (folded(one.about) in options or same_name(one.about, NOTHING)):
            weighed.setdefault(folded(one.about), (id_, one))
    expected = weighed.get(folded(says.option))
    rests, more = _evidence(numbered)
    return DecisionRecord(
        id=made.id,
        decided=says.option,
        what=(chosen.says.what or "") if chosen else "",
        why=says.why or "",
        by=BY,
        on=_day(made.written),
        as_of=str(timeline.as_of),
        known_through=str(timeline.known_through),
        hindsight=timeline.known_through > made.written,
        options=_considered(options, says.option, {name: answer for name, (_, answer) in weighed.items()}),
        evidence=rests,
        evidence_more=more,
        weighed=None if expected is None else _told(*expected),
        expected=() if expected is None else _expected(timeline, expected[1]),
        foreseen=_foreseen(made.written, scored),
        bears=() if chosen is None else _bears(chosen),
        reversible="" if chosen is None else chosen.says.reversible,
        leaning=_leaned(standing, says.option),
        changed=changes.changed,
        would_change=_would_change(says.would_change, None if expected is None else expected[1]),
        look_again="" if says.look_again is None else says.look_again.isoformat(),
        look_again_overdue_days=(
            None if says.look_again is None else (timeline.as_of.as_local.date() - says.look_again).days
        ),
    )


def _day(moment: Instant) -> str:
    return moment.as_local.date().isoformat()


def _considered(options: dict[str, Option], decided: str, answers: dict[str, Answer]) -> tuple[Considered, ...]:
    """The options on record as they stood, leaving things as they are among them; what was decided, if none of them."""
    found = [
        _one(option.name, option.says.what or "", decided, answers.get(name), option.says.set_aside)
        for name, option in options.items()
        if option.says.set_aside is None or same_name(option.name, decided)
    ]
    found.append(_one(NOTHING, "", decided, answers.get(folded(NOTHING)), None))
    if not any(one.chosen for one in found):
        found.insert(0, _one(decided, "", decided, None, None))
    return tuple(found)


def _one(name: str, what: str, decided: str, answer: Answer | None, aside: str | None) -> Considered:
    chosen = same_name(name, decided)
    status = CHOSEN if chosen and answer is None else NOT_WEIGHED if answer is None else answer.status
    claim = "" if answer is None else answer.claim
    reason = "" if answer is None else _struck_by(answer) or answer.reason
    return Considered(name, what, chosen, status, claim, reason or (f"set aside: {aside}" if aside else ""))


def _struck_by(answer: Answer) -> str:
    """The limits that struck an option out, in words."""
    return "; ".join(dict.fromkeys(one["reason"] for one in answer.detail.get("struck_by", ())))


def _expected(timeline: Timeline, answer: Answer) -> tuple[Expected, ...]:
    """What the answer about an option says that it would do: to strain, and to what must not happen."""
    strain, must_not = answer.detail.get("strain"), answer.detail.get("must_not")
    if not strain:
        return ()
    until = _day(timeline.instant(timeline.days + strain["days"]))
    ends = strain["points"], strain["low"], strain["high"]
    found = [Expected("strain on average, if it succeeds", *ends, strain["unit"], until)]
    if must_not and must_not["high"] > 0.0:
        ends = must_not["chance"], must_not["low"], must_not["high"]
        found.append(Expected("chance of what must not happen", *ends, "", until))
    return tuple(found)


def _evidence(numbered: Sequence[tuple[str, Answer]]) -> tuple[tuple[Evidence, ...], int]:
    """What is told on the page, and how many other answers carry something."""
    carrying = [(id_, one) for id_, one in numbered if one.row in EVIDENCE_ROWS and one.status in CARRIES]
    ordered = sorted(carrying, key=lambda pair: EVIDENCE_ROWS.index(pair[1].row))
    kept: list[Evidence] = []
    for id_, one in ordered:
        if len(kept) < MOST_EVIDENCE and sum(other.row == one.row for other in kept) < MOST_OF_A_ROW:
            kept.append(_told(id_, one))
    return tuple(kept), len(carrying) - len(kept)


def _told(id_: str, one: Answer) -> Evidence:
    head = id_, one.row, one.about, one.status, one.claim or one.reason
    if isinstance(one, Finding):
        return Evidence(*head, one.estimate, one.interval.low, one.interval.high, one.interval.level, one.unit)
    return Evidence(*head, None, None, None, None, "")


def _bears(option: Option) -> tuple[Bears, ...]:
    cost, benefit = option.says.cost, option.says.benefit
    pairs = (("the person", cost.person, benefit.person), ("the supporter", cost.supporter, benefit.supporter))
    found = tuple(Bears(who, *_burden(bears), *_burden(gains)) for who, bears, gains in pairs)
    return tuple(one for one in found if not one.nothing)


def _burden(one: Burden) -> tuple[tuple[float, float], tuple[float, float], tuple[float, float]]:
    counted = one.counted
    return counted.points, counted.hours_a_week, counted.money_a_month


def _leaned(standing: Standing | None, decided: str) -> Leaned | None:
    if standing is None:
        return None
    leaning = standing.leaning
    followed = same_name(leaning.says.option, decided)
    return Leaned(leaning.says.option, _day(leaning.written), standing.how, standing.said, followed)


def _would_change(said: Sequence[str], answer: Answer | None) -> tuple[str, ...]:
    more = [answer.would_change.strip()] if answer is not None and answer.would_change.strip() else []
    return tuple(dict.fromkeys([*said, *more]))[:MOST_CHANGES]


def _foreseen(decided: Instant, scored: Sequence[Scored]) -> tuple[Foreseen, ...]:
    """The forecasts it was made with: of each rule and due day the last one written by then, at most a month before."""
    last: dict[tuple[str, str], Scored] = {}
    for one in sorted(scored, key=lambda each: each.forecast.made_as_of):
        made, due = one.forecast.made_as_of, one.forecast.due
        if made <= decided < due and decided.days_since(made) <= FORESEEN_DAYS:
            last[(one.forecast.rule, _day(due))] = one
    return tuple(_outcome(one) for one in sorted(last.values(), key=lambda one: one.forecast.due))


def _outcome(one: Scored) -> Foreseen:
    said = one.forecast
    low, high = (said.quantiles[0], said.quantiles[-1]) if said.quantiles else (None, None)
    words, expected = "", None
    if one.status == "unscorable":
        words = f"the record does not tell: {one.reason}" if one.reason else "the record does not tell"
    elif one.came is not None:
        words = "it came" if one.came else "it did not come"
    elif one.value is not None:
        words = f"{one.value:.3g}, {'inside' if one.held else 'outside'} of what was expected"
        expected = one.held
    return Foreseen(
        said.about,
        _day(said.made_as_of),
        _day(said.due),
        said.chance,
        low,
        high,
        said.base_chance,
        said.withheld,
        words,
        expected,
    )
