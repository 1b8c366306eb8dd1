"""The questions behind `log concern`, one by one: what it is, what would show it, when to look, what it may cost."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked
from mainstay.doors import noting_concern
from mainstay.doors import noting_reading as reading
from mainstay.errors import BadRequest
from mainstay.records import typed
from mainstay.records.typed import close_to, day_gone, one_of
from mainstay.records.words import few

if TYPE_CHECKING:
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Record
    from mainstay.records.statements_concern import ConcernFile, Harms, Observable

INTRODUCTION = (
    "A worry that is written down can rest until the day you look at it again.",
    "A few questions, one at a time. Ctrl-C stops; before the last one nothing is kept.",
    "",
)
ABOUT_SIGNS = (
    "",
    "What would show it? Two to five things that you, or somebody else, would see.",
)
ABOUT_COSTS = (
    "",
    "What each course would cost you, in points: 0 is nothing, 100 the worst you can think of.",
    "Low to high, such as 10-30; one number where you are sure.",
)
COURSES = {
    "waiting": "Waiting until then",
    "looking": "Looking more closely now",
    "acting": "Acting now as if it were so",
}
MOST_NOTES = 9


def interview(
    known: dict[str, tuple[str, ...]], notes: tuple[Record, ...], taken: set[str], at: Instant
) -> ConcernFile:
    """Ask for a worry. `known`: names on record by what they are; `notes`: of supporters; `taken`: names in use."""
    from mainstay.records.statements_concern import ConcernFile

    print_lines(list(INTRODUCTION))
    note = _note(notes)
    worry = asked("What worries you? ", typed.line)
    name = asked("A short name for it: ", lambda said: _new_name(said, taken))
    since = asked("Since when has it seemed so? A day, or Enter: ", lambda said: day_gone(said, at) if said else None)
    signs = _signs(known)
    print_lines([""])
    review = asked("When will you look at it again? A day: ", lambda said: reading.review(said, at))
    let_go = asked("Finish the sentence. I let it go if ", typed.line)
    likely = asked("How likely is it, in per cent, low to high, such as 20-50? Enter leaves it out: ", reading.chances)
    harm = None if likely is None else _harms()
    by, observation = (None, None) if note is None else (_by(note), note.id)
    return ConcernFile(
        name=name, worry=worry, by=by, observation=observation, since=since, observable=signs, review=review,
        let_go_if=let_go, likely=likely, harm=harm,
    )  # fmt: skip


def _note(notes: tuple[Record, ...]) -> Record | None:
    """What a supporter noticed that this worry takes up, if it does."""
    if not notes:
        return None
    shown = notes[:MOST_NOTES]
    print_lines(["What others noticed, the latest first:", *(f"  {k}  {_line(one)}" for k, one in enumerate(shown, 1))])
    chosen = asked(
        "Is it about one of these? Its number, or Enter for a worry of your own: ",
        lambda said: _place(said, len(shown)),
    )
    return None if chosen is None else shown[chosen - 1]


def _place(said: str, most: int) -> int | None:
    if not said:
        return None
    if not said.isdecimal() or not 1 <= int(said) <= most:
        raise BadRequest(f"a number from 1 to {most}, or Enter")
    return int(said)


def _line(note: Record) -> str:
    told = noting_concern.told_in(note)
    return f"{told.get('by', 'somebody')}, {told.get('when', '')}: {told.get('text', 'this note can not be read')}"


def _by(note: Record) -> str | None:
    by = noting_concern.told_in(note).get("by")
    return by if isinstance(by, str) and by.strip() else None


def _signs(known: dict[str, tuple[str, ...]]) -> tuple[Observable, ...]:
    from mainstay.records.statements_concern import FEWEST_SIGNS, MOST_SIGNS

    print_lines(list(ABOUT_SIGNS))
    names = [f"  {kind}s: {few(some)}" for kind, some in known.items() if some]
    if names:
        print_lines(["A sign may be tied to what is on record, to be looked at for you:", *names])
    signs: list[Observable] = []
    while len(signs) < MOST_SIGNS:
        ends = ", or Enter if that is all" if len(signs) >= FEWEST_SIGNS else ""
        use = partial(_what, so_far={one.what for one in signs}, may_end=bool(ends))
        what = asked(f"Sign {len(signs) + 1}, in a word or two{ends}: ", use)
        if not what:
            break
        signs.append(_sign(what, known))
    return tuple(signs)


def _sign(what: str, known: dict[str, tuple[str, ...]]) -> Observable:
    from mainstay.records.statements_concern import Observable

    if_so = asked("  If it were so, you would see: ", typed.line)
    if_not = asked("  If it were not, you would see: ", typed.line)
    tied: tuple[str, str] | None = None
    if any(known.values()):
        tied = asked("  Which name on record shows it? Enter for none: ", lambda said: _tied(said, known))
    if tied is None:
        return Observable(what=what, if_so=if_so, if_not=if_not)
    kind, name = tied
    expect = asked(f"  If it were so, more or less of “{name}”? ", lambda said: one_of(said, ("more", "less")))
    far = {"item": "how many points on", "event": "how many times as often on"}.get(kind, "how much on")
    least = asked(
        f"  From {far} would it matter? Enter leaves that open: ", lambda said: reading.least_that_matters(said, kind)
    )
    more = {kind: name, "expect": expect, "by": least}
    return Observable(what=what, if_so=if_so, if_not=if_not, **more)  # type: ignore[arg-type]


def _harms() -> Harms:
    from mainstay.records.statements_concern import Harm, Harms

    print_lines(list(ABOUT_COSTS))
    found = {}
    for course, words in COURSES.items():
        if_so = asked(f"{words}, if it is so: ", reading.points)
        if_not = asked(f"{words}, if it is not: ", reading.points)
        found[course] = Harm(if_so=if_so, if_not=if_not)
    return Harms(**found)


def _new_name(said: str, taken: set[str]) -> str:
    if said in taken:
        raise BadRequest("a worry of that name is open already; choose another name")
    return typed.name(said)


def _what(said: str, *, so_far: set[str], may_end: bool) -> str:
    if not said and may_end:
        return ""
    if said in so_far:
        raise BadRequest("that sign is there already; choose another name")
    return typed.name(said)


def _tied(said: str, known: dict[str, tuple[str, ...]]) -> tuple[str, str] | None:
    if not said:
        return None
    kinds = [kind for kind, names in known.items() if said in names]
    if not kinds:
        every = [name for names in known.values() for name in names]
        raise BadRequest(f"nothing on record is called {said[:40]!r}{close_to(said, every)}; a name, or Enter")
    return kinds[0], said
