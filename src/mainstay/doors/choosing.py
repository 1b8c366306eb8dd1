"""Options before and after they are first shown weighed: who is asked for a leaning, and how it stands afterwards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mainstay.doors.telling import never_shown
from mainstay.errors import CasebookError
from mainstay.options.leaning import first_shown, mark_shown, rounds_of, standings
from mainstay.options.leaning_answers import leaning_answers, not_shown_by_then, recommended_in
from mainstay.records.statements_option import options_of
from mainstay.timeline.reader import read

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Answer, Instant
    from mainstay.timeline.kinds import Timeline

OWN = "own_answers"


def to_lean_on(casebook: Casebook, at: Instant) -> tuple[str, ...]:
    """The names of the options to ask about first: never shown weighed, and no leaning waits for them yet."""
    names = never_shown(casebook, at)
    if not names:
        return ()
    timeline = read(casebook, OWN, None, now=at)
    waits = any(one.how == "not shown yet" for one in standings(timeline, rounds_of(casebook, timeline, now=at)))
    return () if waits else names


def shown_without_leaning(casebook: Casebook, at: Instant) -> None:
    """Keep that the options are shown to somebody who would rather not say which it would be."""
    from mainstay.doors.kept import recall

    timeline = read(casebook, OWN, None, now=at)
    kept = recall(casebook, timeline, at)
    mark_shown(casebook, timeline, now=at, recommended=None if kept is None else recommended_in(kept.answers))


def with_leaning(
    casebook: Casebook,
    timeline: Timeline,
    answers: Sequence[Answer],
    at: Instant,
    *,
    replay: bool,
    note: Callable[[str], None],
) -> tuple[Answer, ...]:
    """The answers about options, with the first leaning beside what came out, as it was by then.

    That they are shown is kept first, where they are. In a replay a showing that came later had not been yet.
    """
    recommended = recommended_in(answers)
    names = {one.name for one in options_of(timeline)[0]}
    try:
        if any(one.about in names for one in answers):
            mark_shown(casebook, timeline, now=at, recommended=recommended)
    except CasebookError as refused:
        note(f"mainstay: note: it is not kept that the options were shown: {refused}")
    rounds, shown = rounds_of(casebook, timeline, now=at), first_shown(casebook, timeline, now=at)
    return (*answers, *(not_shown_by_then if replay else leaning_answers)(timeline, rounds, shown, recommended))
