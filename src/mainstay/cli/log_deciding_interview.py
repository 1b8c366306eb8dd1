"""The questions behind `log scenario`, `option`, `preference`, `leaning` and `decision`, one at a time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from mainstay.cli.keeping import print_lines
from mainstay.cli.log_hypothesis_interview import _place
from mainstay.cli.log_keeping import asked
from mainstay.doors import noting_reading as reading
from mainstay.errors import BadRequest
from mainstay.records import typed
from mainstay.records.typed import close_to, one_of
from mainstay.records.words import few

if TYPE_CHECKING:
    from datetime import date

    from mainstay.doors.noting import OnRecord
    from mainstay.doors.noting_deciding import Form
    from mainstay.futures.library import StartingSet
    from mainstay.records.statements_decision import DecisionFile, LeaningFile
    from mainstay.records.statements_option import Burden, Change, OptionFile, Reversible, Step
    from mainstay.records.statements_preference import Limit, PreferenceFile
    from mainstay.records.statements_scenario import ScenarioFile

STOPS = "Ctrl-C stops; before the last question nothing is kept."
REVERSIBLE = ("yes", "partly", "no")


def ask(form: Form, known: OnRecord, starting: StartingSet | None) -> Any:
    """Ask for a statement of this form."""
    if form == "preference":
        return _preference(known, starting)
    return {
        "scenario": _scenario,
        "option": _option,
        "leaning": _leaning,
        "decision": _decision,
    }[form](known)


def _scenario(known: OnRecord) -> ScenarioFile:
    from mainstay.records.statements_scenario import ScenarioFile, conditions

    print_lines([
        "A way it could turn out is a rule over what comes: what is looked at, the bound, for how long. As in:",
        "  share_of_time(role:NAME) < 0.05 for 4 weeks",
        "  share_of_time(self) > 1.3 usual for 8 weeks",
        "  strain > limit for 14 days",
        "  rate(slips) > 2 usual for 4 weeks",
        "Several are joined with and.",
        *([f"Roles on record: {few(known.clause_names['role'])}"] if known.clause_names["role"] else []),
        *([f"Events on record: {few(known.clause_names['event'])}"] if known.clause_names["event"] else []),
        STOPS,
        "",
    ])  # fmt: skip

    def rule(said: str) -> str:
        conditions(said)
        return said

    return ScenarioFile(
        name=asked("A short name for it: ", typed.name),
        words=asked("In your words, in a sentence, or Enter: ", typed.line_or_none),
        rule=asked("Its rule: ", rule),
        worth=asked(
            "How good would it be, 0 the worst to 100 the best, such as 40-60? Enter leaves it open: ",
            reading.points_or_none,
        ),
        must_not=_yes("Must it not happen? yes or no: "),
    )


def _option(known: OnRecord) -> OptionFile:
    from mainstay.records.statements_option import Burdens, OptionFile

    print_lines(["What could be done, step by step, and who bears what.", STOPS, ""])
    name = asked("A short name for it: ", typed.name)
    what = asked("What would be done, in a sentence or two? Enter leaves it out: ", typed.line_or_none)
    steps = _steps()
    changes = _changes(known)
    print_lines(["", "What does it cost? Points from 0 (nothing) to 100, low to high, such as 0-10; Enter: not known."])
    person = _burden("you")
    supporter = _burden("whoever helps")
    gain = asked("What would whoever helps gain by it, in points? Enter leaves it open: ", reading.points_or_none)
    return OptionFile(
        name=name,
        what=what,
        step=steps,
        changes=changes,
        cost=Burdens(person=person, supporter=supporter),
        benefit=Burdens(supporter=_points_only(gain)),
        reversible=asked("Can it be undone? yes, partly or no: ", _reversible),
        disclosed_ok=_yes("Would it still do if everybody concerned knew all about it? yes or no: "),
        touches=asked("What of somebody's would it change? Separated by ; or Enter: ", reading.names),
        needs=asked("What must be there first? Separated by ; or Enter: ", reading.names),
        channel=asked(
            "How would it be brought up (a call, a message, face to face)? Enter leaves it out: ",
            reading.name_or_none,
        ),
    )


def _steps() -> tuple[Step, ...]:
    from mainstay.records.statements_option import MOST_STEPS, Step

    print_lines(["", "What has to succeed for it, one step at a time?"])
    found: list[Step] = []
    while len(found) < MOST_STEPS:
        what = asked(f"Step {len(found) + 1}, or Enter if that is all: ", typed.line_or_none)
        if what is None:
            break
        found.append(
            Step(what=what, chance=asked("  Its chance in per cent, low to high, such as 60-80: ", reading.chance))
        )
    return tuple(found)


def _changes(known: OnRecord) -> tuple[Change, ...]:
    from mainstay.records.statements_option import MOST_CHANGES

    people = known.clause_names["company"]
    print_lines([
        "",
        "What would it change, if it succeeds? A lever, then by how much. As in:",
        "  hours role:NAME, hours self, demands event:NAME, opportunity event:NAME",
        "  acts event:NAME, acts contact:WHO, acts company:WHAT IS TRUE OF THEM",
        *([f"Roles on record: {few(known.clause_names['role'])}"] if known.clause_names["role"] else []),
        *([f"What is true of people: {few(people)}"] if people else []),
    ])  # fmt: skip
    found: list[Change] = []
    while len(found) < MOST_CHANGES:
        lever = asked(f"Lever {len(found) + 1}, or Enter if that is all: ", _lever)
        if lever is None:
            break
        found.append(asked("  By how much? A week more, such as 1-2, or times as much, such as x0.5-0.8: ", _by(lever)))
    return tuple(found)


def _lever(said: str) -> str | None:
    from mainstay.records.statements_option import target

    if not said:
        return None
    target(said)
    return said


def _by(lever: str) -> Any:
    from mainstay.records.statements_option import Change

    def change(said: str) -> Change:
        less = said.startswith(("-", "–"))
        ends = reading.ends(said.lstrip("x×-–"), reading.MOST_HOURS)
        if said[:1] in ("x", "×"):
            return Change(lever=lever, times=ends)
        return Change(lever=lever, by=(-ends[1], -ends[0]) if less else ends)

    return change


def _burden(whom: str) -> Burden:
    from mainstay.records.statements_option import Burden

    points = asked(f"For {whom}, in points; 0 is nothing: ", reading.points_or_none)
    hours = asked(f"For {whom}, in hours a week, such as 1-2; 0 is none: ", reading.hours_or_none)
    return Burden(points=points, hours_a_week=hours)


def _points_only(points: tuple[float, float] | None) -> Burden:
    from mainstay.records.statements_option import Burden

    return Burden(points=points)


def _preference(known: OnRecord, starting: StartingSet | None) -> PreferenceFile:
    from mainstay.doors import noting_deciding
    from mainstay.records.statements_preference import Approach, PreferenceFile

    ways = (*noting_deciding.ways(known, starting), "other")
    print_lines([
        "What you want, and what you can't have. It takes the place of what you said before;",
        "a budget, chances and roles ruled out, which only a file can hold, stay as they are.",
        STOPS,
        "",
        "How it could turn out:",
        *(f"  {k}  {name}" for k, name in enumerate(ways, 1)),
    ])  # fmt: skip

    def some(said: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(ways[_place(one, len(ways)) - 1] for one in said.replace(",", " ").split()))

    order = asked("Their numbers, the best first; leave out what is all the same to you: ", some)
    must_not = asked("The numbers of those that must not happen, or Enter for none: ", some)
    before = noting_deciding.wished(known) or PreferenceFile()
    kept = f"Enter keeps {'; '.join(before.never)}, - is nothing" if before.never else "or Enter"
    never = asked(
        f"What must nobody touch, whatever it helps? Separated by ; {kept}: ",
        lambda said: before.never if not said else () if said == "-" else reading.names(said),
    )
    kept = f"Enter keeps {before.limit.rating:g}, - is none" if before.limit else "or Enter"
    limit = asked(
        f"Your limit on the scale strain is told on, as a daily mean; {kept}: ",
        lambda said: before.limit if not said else None if said == "-" else _limit(said, before.limit),
    )
    not_roles = before.approach.not_roles if before.approach else ()
    channel = asked("How do you want to be reached (a message, a call)? Enter leaves it open: ", reading.name_or_none)
    role = asked("In which role? Enter leaves it open: ", lambda said: _but(reading.name_or_none(said), not_roles))
    not_channels = asked("How never? Separated by ; or Enter: ", lambda said: _without(reading.names(said), channel))
    said = channel is not None or role is not None or not_channels or not_roles
    wished = Approach(channel=channel, role=role, not_channels=not_channels, not_roles=not_roles) if said else None
    return replace(before, order=order, must_not=must_not, never=never, limit=limit, approach=wished)


def _but(wished: str | None, never: tuple[str, ...]) -> str | None:
    """A wish that was not ruled out."""
    from mainstay.records.statements_hypothesis import same_name

    if wished is not None and any(same_name(wished, one) for one in never):
        raise BadRequest(f"“{wished}” was ruled out before; another, or Enter")
    return wished


def _without(never: tuple[str, ...], wished: str | None) -> tuple[str, ...]:
    """What is ruled out, of which nothing is wished."""
    for one in never:
        _but(wished, (one,))
    return never


def _limit(said: str, before: Limit | None) -> Limit:
    from mainstay.records.statements_preference import Limit

    rating = reading.rating(said)
    return Limit(rating=rating) if before is None else replace(before, rating=rating)


def _leaning(known: OnRecord) -> LeaningFile:
    from mainstay.records.statements_decision import LeaningFile

    return LeaningFile(
        option=_which("By first feeling, which would it be? ", known),
        why=asked("Why? Enter leaves it out: ", typed.line_or_none),
        sure=asked(
            "How sure are you that it is the best, in per cent, such as 40-60? Enter leaves it out: ", reading.chances
        ),
    )


def _decision(known: OnRecord) -> DecisionFile:
    from mainstay.records.statements_decision import DecisionFile

    def day(said: str) -> date | None:
        return reading.review(said, known.now) if said else None

    return DecisionFile(
        option=_which("What was decided? ", known),
        why=asked("On what grounds? Enter leaves it out: ", typed.line_or_none),
        would_change=asked("What would change it? Separated by ; or Enter: ", reading.names),
        look_again=asked("When will you look at it again? A day, or Enter: ", day),
    )


def _which(question: str, known: OnRecord) -> str:
    from mainstay.doors.noting_deciding import standing
    from mainstay.records.statements_option import NOTHING

    options: tuple[str, ...] = (*(one.name for one in standing("option", known)), NOTHING)
    print_lines([f"  {k}  {name}" for k, name in enumerate(options, 1)])

    def option(said: str) -> str:
        if said in options:
            return said
        if said.isdecimal():
            return options[_place(said, len(options)) - 1]
        raise BadRequest(f"a number from 1 to {len(options)}, or a name{close_to(said, options)}")

    return asked(question, option)


def _yes(question: str) -> bool:
    return asked(question, lambda said: one_of(said, ("yes", "no"))) == "yes"


def _reversible(said: str) -> Reversible:
    return cast("Reversible", one_of(said, REVERSIBLE))
