"""What the forms for noting by hand share: readers of one answer, and choices from what is on record."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

from mainstay.doors.noting import KINDS_OF_EVENT, Note, OnRecord
from mainstay.doors.noting_times import edge, happened
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records import typed
from mainstay.records.kinds import Record, Statement
from mainstay.records.statements import from_tables
from mainstay.records.typed import day_gone, number
from mainstay.web.pages.write_form import Options

_T = TypeVar("_T")
Reader = Callable[[str, OnRecord], Any]
KINDS_IN_WORDS = {
    "demand": "It asks something of me",
    "relief": "It does me good",
    "slip": "Something I had meant not to do",
    "control": "It has nothing to do with strain",
    "other": "Something else",
}
WHOLE_STREAMS = (
    ("strain", "Strain"),
    ("seeking", "How often relief is sought at the same strain"),
    ("relief", "How much company eases at once"),
    ("demands", "How much is asked of me"),
    ("roles", "Hours in roles"),
    ("self", "Hours as myself"),
    ("slips", "Slips"),
    ("relief acts", "How often relief is sought"),
)
NAMED = {
    "item": "What I answer",
    "event": "What happens",
    "signal": "What is measured",
    "role": "Roles",
    "episode": "Stretches and places",
    "tag": "Tags",
    "company": "What is true of people and places",
}
NAMED_STREAMS = ("item", "event", "signal", "role")


def plain(use: Callable[[str], Any]) -> Reader:
    """A reader that looks at nothing on record."""

    @wraps(use)
    def reader(said: str, known: OnRecord) -> Any:
        return use(said)

    return reader


line = plain(typed.line)
name = plain(typed.name)
a_number = plain(number)


def lines(said: str, known: OnRecord) -> str:
    """A few lines of text."""
    return said.replace("\r\n", "\n")


def gone(said: str, known: OnRecord) -> Any:
    """A day up to today."""
    return day_gone(said, known.now)


def when(said: str, known: OnRecord) -> Instant | Span:
    """When it happened: now, where nothing was said."""
    return happened(said or None, known.now, option="the time")


def begin(said: str, known: OnRecord) -> Instant:
    """When it began."""
    return edge(said or None, known.now, option="the time")


def end(said: str, known: OnRecord) -> Instant:
    """When it was over: now, where nothing was said."""
    return edge(said or None, known.now, option="the time", end=True)


def one_of(*words: str) -> Reader:
    """One of a few values of a field."""

    def read(said: str, known: OnRecord) -> str:
        if said not in words:
            raise BadRequest("choose one of these")
        return said

    return read


def yes(said: str, known: OnRecord) -> bool | None:
    """Whether a box is ticked; nothing where it is not."""
    return True if said else None


def ticked(said: str, known: OnRecord) -> tuple[str, ...] | None:
    """What is ticked; nothing where nothing is."""
    return tuple(typed.name(one) for one in said.split("\n") if one) or None


def moment_typed(at: Instant) -> str:
    """A moment as its two fields have it."""
    return f"{at.as_local:%Y-%m-%d %H:%M}"


def happened_typed(at: Instant | Span) -> str:
    """The same of a day that was named without its time."""
    return f"{at.start.as_local:%Y-%m-%d}" if isinstance(at, Span) else moment_typed(at)


def same_time(said: Instant | Span, before: Record | None) -> Instant | Span:
    """When it happened, where something is put right: as it was on record, if the fields still say so."""
    if before is None or happened_typed(before.happened) != happened_typed(said):
        return said
    return before.happened


def same_span(begun: Instant, over: Instant, before: Record | None) -> tuple[Instant, Instant]:
    """The same of a beginning and an end."""
    if before is None or not isinstance(before.happened, Span):
        return begun, over
    pairs = ((before.happened.start, begun), (before.happened.end, over))
    begun, over = (old if moment_typed(old) == moment_typed(new) else new for old, new in pairs)
    return begun, over


def of_names(*kinds: str, empty: str = "–") -> Callable[[OnRecord], Options]:
    """The names on record of some kinds, to choose one from; first that none is chosen."""

    def choices(known: OnRecord) -> Options:
        found = [(NAMED[kind], [(one, one) for one in known.names[kind]]) for kind in kinds]
        return [("", [("", empty)]), *(group for group in found if group[1])]

    return choices


def of_kinds(*kinds: str, empty: str = "–") -> Callable[[OnRecord], Options]:
    """As `of_names`, each with its kind before it: `event:deadline`."""

    def choices(known: OnRecord) -> Options:
        found = [(NAMED[kind], [(f"{kind}:{one}", one) for one in known.clause_names[kind]]) for kind in kinds]
        return [("", [("", empty)]), *(group for group in found if group[1])]

    return choices


def streams(known: OnRecord) -> Options:
    """What a clause can look at."""
    named = [(NAMED[kind], [(f"{kind}:{one}", one) for one in known.clause_names[kind]]) for kind in NAMED_STREAMS]
    return [("", [("", "–")]), ("In general", list(WHOLE_STREAMS)), *(group for group in named if group[1])]


def words(*pairs: tuple[str, str], empty: str | None = None) -> Callable[[OnRecord], Options]:
    """A few written-out choices; `empty`: the words of none."""
    first = [] if empty is None else [("", empty)]
    return lambda known: [("", [*first, *pairs])]


def names_on_record(*kinds: str) -> Callable[[OnRecord], Sequence[str]]:
    """Names on record, as suggestions while somebody types."""
    return lambda known: tuple(one for kind in kinds for one in known.names[kind])


def kinds_of_event(known: OnRecord) -> Options:
    """What an event may be to the person."""
    return [("", [(one, KINDS_IN_WORDS[one]) for one in KINDS_OF_EVENT])]


def file_of(tables: dict[str, Any], kind: type[_T], use: Callable[[_T], Note]) -> Note | Mapping[str, str]:
    """The note of a statement's tables; where these can't be used, what is wrong by its place in them."""
    found = from_tables(tables, kind)
    if isinstance(found, tuple):
        wrong: dict[str, str] = {}
        for loc, why in found:
            at = ".".join(map(str, loc))
            wrong[at] = f"{wrong[at]}; {why}" if at in wrong else why
        return wrong
    try:
        return use(found)
    except (BadRecord, BadRequest) as refused:
        return {"": str(refused)}


def toml_of(record: Record) -> str:
    """What a statement says, as it was written."""
    assert isinstance(record.body, Statement)
    return record.body.toml
