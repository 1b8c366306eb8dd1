"""`plan`: how many months on record until a drift could be seen, from what simulated people showed."""

from __future__ import annotations

import json
import math
import shutil
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mainstay
from mainstay.cli import asking
from mainstay.errors import BadRequest
from mainstay.quantities import DAYS_PER_MONTH, CannotSay, Finding
from mainstay.strain import plan as planning
from mainstay.strain.plan import OnRecord, Pace, Shortening, SoFar

if TYPE_CHECKING:
    from mainstay.quantities import Answer
    from mainstay.story import Story

USUAL = Pace(4.0, 2.0)
"""What the general table is told for, unless asked otherwise: acts of relief a week, check-ins a day."""

ACTS_ASKED = (1.0, 2.0, 4.0, 8.0)
LADDER = (3, 6, 9, 12, 18, 24, 36, 48, 60)
FADING = 1.0
"""Logits a year: a refuge that takes away six tenths of strain at first, and four tenths a year later."""

FULLY, LEAST_SHARE = 0.97, 0.05
WIDEST = 100
DOUBLED = "twice as often within a year"
SHARE = "in four of five such lives"
NOTE = (
    "The table gives the chance that it has been seen by then, by acts of relief on record: from simulated people in "
    "whom strain drives what is sought. Real records need longer."
)
UNLOGGED = (
    "How fully things were recorded is not logged. Without that no change will be called found, however long the "
    "record: say it in the mapping, for the months on record too."
)
ALONE = " More months alone may not settle that."
METHOD = "power table of simulated people, e-value within the false-alarm budget"


def plan(
    case: Path | None,
    *,
    prompts: float | None,
    acts: float | None,
    doubling_in: float | None,
    times: float | None,
    as_json: bool,
    as_of: str | None,
) -> None:
    """Say how long until a drift of this size would be seen: in general, or going on from what a casebook holds."""
    effect, words = _effect(doubling_in, times)
    if case is None:
        if as_of is not None:
            raise BadRequest("--as-of needs a casebook: mainstay plan CASE --as-of DATE")
        told = _general(effect, words, prompts, acts)
    else:
        told = _of_case(case, effect, words, prompts=prompts, acts=acts, as_of=as_of)
    if as_json:
        print(json.dumps(told.record(), ensure_ascii=False, indent=1, allow_nan=False))
    else:
        print(told.text(min(shutil.get_terminal_size().columns, WIDEST)), end="")


@dataclass(frozen=True, slots=True)
class Told:
    """A plan in words and in numbers. `columns` head the table; each row is months and the chances under the columns.

    `asides` stand under the claim, `notes` under the table. `answers`: records as docs/reference/answers.md has them.
    """

    title: str
    claim: str
    asides: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[float, ...]], ...]
    notes: tuple[str, ...]
    numbers: Mapping[str, Any]
    answers: tuple[Mapping[str, Any], ...] = ()

    def record(self) -> dict[str, Any]:
        """The plan for other programs: docs/howto/plan.md names the fields."""
        from mainstay.report.answers import SCHEMA_VERSION, plain

        whole = {"claim": self.claim, **self.numbers, "method": METHOD}
        return {
            "mainstay": mainstay.__version__,
            "schema_version": SCHEMA_VERSION,
            "plan": plain(whole),
            "answers": [dict(one) for one in self.answers],
        }

    def text(self, width: int) -> str:
        """Title, claim, table and notes as plain lines."""
        from mainstay.report.words import clean

        def wrapped(line: str, indent: str = "") -> list[str]:
            kept = clean(line).replace(" %", "\u00a0%")
            folded = textwrap.wrap(kept, max(width, 30), initial_indent=indent, subsequent_indent=indent)
            return [one.replace("\u00a0", " ") for one in folded]

        lines = [
            *wrapped(self.title),
            "",
            *(part for line in (self.claim, *self.asides) for part in wrapped(line, "  ")),
        ]
        if self.rows:
            first = max(len(label) for label, _ in self.rows)
            lines += ["", f"    {'on record':<{first}}" + "".join(f"{head:>10}" for head in self.columns)]
            lines += [
                f"    {label:<{first}}" + "".join(f"{_chance(one):>10}" for one in row) for label, row in self.rows
            ]
            lines.append("")
        for note in self.notes:
            lines += wrapped(note, "  ")
        return "\n".join(line.rstrip() for line in lines) + "\n"


def _chance(share: float) -> str:
    """A chance that fits a column."""
    return "< 1 %" if share < 0.01 else "> 99 %" if share > 0.99 else f"{100 * share:.0f} %"


def _effect(doubling_in: float | None, times: float | None) -> tuple[float, str]:
    """The drift asked about, as a log ratio a year, and in words. Without either: a doubling within a year."""
    from mainstay.report.words import number

    if doubling_in is not None and times is not None:
        raise BadRequest("--doubling-in and --drift say the same thing in two ways; give one of them")
    if times is not None:
        if not 0.01 <= times <= 100.0 or abs(math.log(times)) < 0.05:
            raise BadRequest(
                f"--drift {times:g} is no drift to plan for; say how many times as often within a year, such as 2"
            )
        return math.log(times), f"{number(times)} times as often within a year" if times != 2.0 else DOUBLED
    if doubling_in is None or doubling_in == 12.0:
        return math.log(2.0), DOUBLED
    if not 1.0 <= doubling_in <= 120.0:
        raise BadRequest(f"--doubling-in takes 1 to 120 months, not {doubling_in:g}")
    return 12.0 * math.log(2.0) / doubling_in, f"twice as often within {number(doubling_in)} months"


def _general(effect: float, words: str, prompts: float | None, acts: float | None) -> Told:
    pace = Pace(USUAL.acts_a_week if acts is None else acts, USUAL.prompts_a_day if prompts is None else prompts)
    asked = [pace] if acts is not None else [Pace(one, pace.prompts_a_day) for one in ACTS_ASKED]
    columns = [planning.chances(effect, LADDER, one) for one in asked]
    months = planning.months_until(effect, pace)
    rows = _rows(LADDER, list(zip(*columns, strict=True)))
    heads = [f"{_few(one.acts_a_week)} a week" for one in asked]
    faster = planning.shortenings(effect, pace)
    return Told(
        title="How long until it could be seen whether it takes less to tip over than before",
        claim=f"Suppose help comes to be sought {words}, at the same load. With {_pace_words(pace)}, that would show "
        + (f"after about {months} months on record, {SHARE}." if months else "only after more than five years."),
        asides=(),
        columns=tuple(heads),
        rows=tuple((f"{month} months", chances) for month, chances in rows),
        notes=(*_ways(faster, months, pace), *_fading_note(pace, 2), NOTE, *_beyond(pace, months)),
        numbers=_numbers(
            effect, pace, None, months, rows, faster=faster, acts_asked=[one.acts_a_week for one in asked]
        ),
    )


def _rows(months: Sequence[int], chances: Sequence[tuple[float, ...]]) -> list[tuple[int, tuple[float, ...]]]:
    """The rows up to the first at which nothing is left to gain."""
    rows: list[tuple[int, tuple[float, ...]]] = []
    for month, row in zip(months, chances, strict=True):
        rows.append((month, row))
        if min(row) > 0.95:
            break
    return rows


def _few(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or abs(value - round(value)) < 0.05 else f"{value:.1f}"


def _counted(value: float, noun: str) -> str:
    said = _few(value)
    return f"{said} {noun}{'' if said == '1' else 's'}"


def _pace_words(pace: Pace) -> str:
    hardly = pace.prompts_a_day <= planning.LEAST_PROMPTS
    daily = "hardly any check-ins" if hardly else f"{_counted(pace.prompts_a_day, 'check-in')} a day"
    return f"{_counted(pace.acts_a_week, 'act')} of relief a week and {daily}"


def _ways(faster: Sequence[Shortening], months: int | None, pace: Pace) -> tuple[str, ...]:
    """What would shorten it most, and what the other way would give."""
    worth = [one for one in faster if one.months is not None and (months is None or one.months < months)]
    if not worth:
        return ("Nothing that is noted more often would shorten this; only months do.",)
    said = [f"{_way_words(one, pace)} would bring it to {one.months} months" for one in worth]
    others = [one for one in faster if one not in worth]
    rest = f"; {said[1]}" if len(said) > 1 else f"; {_way_words(others[0], pace)} would hardly help" if others else ""
    return (f"What would shorten it most: {said[0]}{rest}.",)


def _way_words(way: Shortening, pace: Pace) -> str:
    if way.what == "acts":
        acts = f"{_few(way.pace.acts_a_week)} a week on record instead of {_few(pace.acts_a_week)}"
        return f"noting acts of relief that go unnoted ({acts})"
    return f"more check-ins ({_few(way.pace.prompts_a_day)} a day instead of {_few(pace.prompts_a_day)})"


def _fading_note(pace: Pace, refuges: int) -> tuple[str, ...]:
    """The months it takes to see that one refuge eases less, for acts shared evenly among the refuges."""
    months = planning.months_needed(
        FADING, pace.acts_a_week / max(refuges, 1), pace.prompts_a_day, question="fading", refuges=max(refuges, 1)
    )
    longer = f"about {months} months" if months else "over five years"
    return (
        f"To see that what is sought eases less than it used to (about four tenths of the strain, where it was six "
        f"tenths a year before) takes {longer} for each refuge; there check-ins count most.",
    )


def _beyond(pace: Pace, months: int | None) -> tuple[str, ...]:
    """What of the plan goes beyond what was simulated."""
    seen = planning.table()["measured"]
    names = [
        name
        for name, value, (low, high) in (
            ("acts a week", pace.acts_a_week, seen["acts_a_week"]),
            ("check-ins a day", pace.prompts_a_day, seen["prompts_a_day"]),
            ("months", float(months or planning.MOST_MONTHS), seen["months"]),
        )
        if not 0.9 * low <= value <= 1.1 * high
    ]
    if not names:
        return ()
    beyond = f"So many or so few {' and '.join(names)} were not simulated"
    return (f"{beyond}; the figures are carried on from those that were.",)


def _numbers(
    effect: float,
    pace: Pace,
    so_far: SoFar | None,
    months: int | None,
    rows: Sequence[tuple[int, tuple[float, ...]]],
    *,
    faster: Sequence[Shortening],
    acts_asked: Sequence[float],
) -> dict[str, Any]:
    """What the words rest on. Months count from the first day on record; null where it would take over five years."""
    return {
        "times_as_often_a_year": math.exp(effect),
        "log_ratio_a_year": effect,
        "acts_a_week": pace.acts_a_week,
        "prompts_a_day": pace.prompts_a_day,
        "months_on_record": so_far.months if so_far else 0.0,
        "log_ratio_now": so_far.mean if so_far else None,
        "sd_now": so_far.sd if so_far else None,
        "power": planning.POWER,
        "months_needed": months,
        "table": [
            {"months": month, "acts_a_week": each, "chance": chance}
            for month, chances in rows
            for each, chance in zip(acts_asked, chances, strict=True)
        ],
        "shortened": [{"by": one.what, **asdict(one.pace), "months_needed": one.months} for one in faster],
    }


def _of_case(
    case: Path, effect: float, words: str, *, prompts: float | None, acts: float | None, as_of: str | None
) -> Told:
    from mainstay.cli.telling import story_of
    from mainstay.report.answers import answer_record

    at = asking.now()
    story = story_of(case, asking.passphrase(case), at, asking.as_of(as_of, at))
    threshold = next((one for one in story.answers if one.row == "S11"), None)
    have = planning.on_record(story.timeline, threshold)
    title = f"How long until {case.name} could show whether it takes less to tip over than before"
    if have.so_far is None:
        return _from_scratch(title, have, _general(effect, words, prompts, acts))
    if isinstance(threshold, Finding) and (threshold.status == "found" or abs(effect) >= math.log(2.0)):
        numbers = _numbers(effect, have.so_far.pace, have.so_far, None, (), faster=(), acts_asked=())
        said = f"This can be said already. {threshold.claim}"
        return Told(title, said, (), (), (), (), numbers, (answer_record(threshold, story.context),))
    return _going_on(
        title,
        story,
        have,
        today=threshold,
        so_far=have.so_far,
        effect=effect,
        words=words,
        asked=Asked(acts, prompts),
    )


def _from_scratch(title: str, have: OnRecord, general: Told) -> Told:
    """Where the record has next to nothing to go on from: the general plan, counted from now."""
    if have.check_ins and not have.acts:
        lacking = "Nothing on record is marked as relief, so there is nothing to go on from."
    elif not have.check_ins:
        lacking = "There are no check-ins on record, so there is nothing to go on from."
    else:
        lacking = "What is on record is too little to go on from."
    return replace(general, title=title, claim=f"{lacking} This is counted from now. {general.claim}")


@dataclass(frozen=True, slots=True)
class Asked:
    """The pace asked for; None where the record's own is to go on."""

    acts: float | None
    prompts: float | None


def _going_on(
    title: str,
    story: Story,
    have: OnRecord,
    *,
    today: Answer | None,
    so_far: SoFar,
    effect: float,
    words: str,
    asked: Asked,
) -> Told:
    from mainstay.report.answers import answer_record
    from mainstay.report.words import claim_of

    own = so_far.pace
    pace = Pace(
        own.acts_a_week if asked.acts is None else asked.acts,
        own.prompts_a_day if asked.prompts is None else asked.prompts,
    )
    months = planning.months_until(effect, pace, so_far)
    ladder = [one for one in LADDER if one > so_far.months]
    ladder = sorted({*ladder, months} if months else ladder)
    chances = planning.chances(effect, ladder, pace, so_far)
    rows = _rows(ladder, [(one,) for one in chances])
    share = 1.0 if have.recorded_share >= FULLY else have.recorded_share
    most = pace.acts_a_week / max(share, LEAST_SHARE) if have.logged else None
    faster = planning.shortenings(effect, pace, so_far, most_acts=most)
    numbers = _numbers(effect, pace, so_far, months, rows, faster=faster, acts_asked=[pace.acts_a_week])
    unlogged = () if have.told_apart else (UNLOGGED,)
    stands = today if isinstance(today, CannotSay) and not so_far.sd else None
    first = [] if have.told_apart else ["it is logged how fully things were recorded"]
    if stands and stands.need is None:
        first.append("what stands in the way today is settled")
    answer = CannotSay(
        f"whether help comes to be sought {words}, at the same load, can't be seen yet",
        **({"have": round(so_far.months, 1), "need": months, "unit": "months"} if months else {}),  # type: ignore[arg-type]
        row="S11",
        about="threshold",
        quantity="months on record until a drift shows",
        n=have.acts,
        method=METHOD,
        would_change=" ".join(unlogged) or "more months recorded in the same way",
        detail=numbers,
    )

    def when(month: int) -> str:
        # what is still to come begins now, not where the record ended
        return f"{story.context.as_of.plus_days((month - so_far.months) * DAYS_PER_MONTH).as_local:%B %Y}"

    return Told(
        title=title,
        claim=_claim(words, so_far, months, when, first),
        asides=(
            f"On record so far: {_few(so_far.months)} months, with {_pace_words(own)}."
            + (f" From now on: {_pace_words(pace)}." if pace != own else ""),
            *unlogged,
            *([f"Today's answer: {claim_of(stands)}{'' if stands.need else ALONE}"] if stands else []),
        ),
        columns=("chance",),
        rows=tuple((f"{month} months, {when(month)}", row) for month, row in rows),
        notes=(*_ways(faster, months, pace), *_fading_note(pace, have.refuges), NOTE, *_beyond(pace, months)),
        numbers=numbers,
        answers=(answer_record(answer, story.context),),
    )


def _claim(words: str, so_far: SoFar, months: int | None, when: Callable[[int], str], first: Sequence[str] = ()) -> str:
    """The plan in words; `first`: what has to be so before any number of months would do."""
    needs = f"Once {', and '.join(first)}, that" if first else "That"
    supposed = f"Suppose help comes to be sought {words}, at the same load. {needs} would show"
    if months is None:
        return f"{supposed} only after over five years."
    more = max(round(months - so_far.months), 1)
    return f"{supposed} after about {more} more {'month' if more == 1 else 'months'}, in {when(months)}, {SHARE}."
