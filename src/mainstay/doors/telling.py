"""A story from a casebook: recalled where it is kept, told and kept where it is not, the options only where they may be
seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from mainstay.doors.kept import keep, recall
from mainstay.errors import CasebookError
from mainstay.records.words import counted
from mainstay.timeline.reader import read

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.story import Story
    from mainstay.strain.settings import Settings
    from mainstay.timeline.kinds import Timeline

OWN = "own_answers"
GETTING_READY = "Getting ready for this machine: once, about two minutes ..."
"""Said before the first answer after an installation: the arithmetic is compiled then."""
Note = Callable[[str], None]


def story_in(
    casebook: Casebook,
    at: Instant,
    cut: Instant | None,
    *,
    settings: Settings | None = None,
    thorough: bool = False,
    shows_options: bool = False,
    purpose: str = OWN,
    note: Note,
) -> Story:
    """What consent covers for the `purpose`, told. `note` gets what the person should know meanwhile.

    The story as of now for the person's own answers under the usual settings is kept, and told again from there.
    `shows_options`: the options are shown with it, unless the person has not yet said which they would choose.
    """
    aligned = read(casebook, purpose, cut, now=at)
    usual = cut is None and settings is None and not thorough and purpose == OWN
    story = recall(casebook, aligned, at) if usual else None
    if story is None:
        from mainstay.numerics import kernels_are_kept
        from mainstay.story import tell
        from mainstay.strain.settings import USUAL

        if not kernels_are_kept():
            note(GETTING_READY)
        story = tell(aligned, made_at=at, settings=settings or USUAL, thorough=thorough)
        if usual:
            keep_or_note(casebook, story, at, note)
    return with_options(casebook, story, at, replay=cut is not None, note=note) if shows_options else story


def keep_or_note(casebook: Casebook, story: Story, at: Instant, note: Note) -> None:
    """Keep the story for the next time; a casebook that can't take it is no reason not to tell it."""
    try:
        keep(casebook, story, at)
    except CasebookError as refused:
        note(f"mainstay: note: the story is not kept for the next time: {refused}")


def never_shown(casebook: Casebook, at: Instant, timeline: Timeline | None = None) -> tuple[str, ...]:
    """The names of the options on record now, if these were never shown weighed; none where they were.

    `timeline`: what may be read now for the person's own answers, where that is at hand; else it is read.
    """
    from mainstay.options.leaning import first_shown
    from mainstay.records.statements_option import options_of

    if timeline is None:
        if not casebook.streams():
            return ()
        timeline = read(casebook, OWN, None, now=at)
    names = tuple(one.name for one in options_of(timeline)[0] if one.says.set_aside is None)
    return names if names and first_shown(casebook, timeline, now=at) is None else ()


def with_options(casebook: Casebook, story: Story, at: Instant, *, replay: bool, note: Note) -> Story:
    """The story with its options, and that they were shown is kept; without them where no first leaning was asked for.

    Once they were seen weighed there is no first leaning any more: `mainstay options` asks for it. A replay seals
    nothing: it shows them only where they were shown before.
    """
    from mainstay.options.leaning import mark_shown
    from mainstay.options.leaning_answers import recommended_in
    from mainstay.records.statements_decision import leanings_of

    at_hand = story.timeline if story.timeline.purpose == OWN and not replay else None
    if not never_shown(casebook, at, at_hand):
        return story
    if leanings_of(story.timeline)[0] and not replay:
        try:
            mark_shown(casebook, story.timeline, now=at, recommended=recommended_in(story.answers))
        except CasebookError as refused:
            note(f"mainstay: note: it is not kept that the options were shown: {refused}")
        return story
    return without_options(story)


def without_options(story: Story) -> Story:
    """The story with one refusal in place of whatever it says of the options in it."""
    from mainstay.quantities import CannotSay
    from mainstay.records.statements_option import NOTHING, options_of

    names = [one.name for one in options_of(story.timeline)[0] if one.says.set_aside is None]
    if not names:
        return story
    unseen = CannotSay(
        f"{counted(len(names), 'option')} on record, not shown here before you have said which you would choose",
        row="S20",
        about="options",
        would_change="mainstay options, which asks for that first",
    )
    weighed = {"options", NOTHING, *names}
    at_options = [k for k, one in enumerate(story.answers) if one.row in ("S20", "S23") and one.about in weighed]
    kept = [one for k, one in enumerate(story.answers) if k not in at_options]
    place = at_options[0] if at_options else len(kept)
    return replace(story, answers=(*kept[:place], unseen, *kept[place:]))
