"""`tell`: one story, as sentences, as JSON, as a picture and as a page."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.files import check_output, whole_file
from mainstay.errors import CasebookError
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.story import Story
    from mainstay.strain.settings import Settings

PICTURES = (".svg", ".png", ".pdf")
PAGES = (".html", ".htm")
WIDEST = 100


def tell(
    case: Path,
    *,
    as_json: bool,
    as_of: str | None,
    picture: Path | None,
    html: Path | None,
    signals: tuple[str, ...] = (),
    restoring: bool = False,
    thorough: bool = False,
) -> None:
    """Tell the story of a casebook. Files are written before anything is printed, whole or not at all."""
    from mainstay.strain.settings import Settings

    at = asking.now()
    cut = asking.as_of(as_of, at)
    for path, suffixes in ((picture, PICTURES), (html, PAGES)):
        if path is not None:
            check_output(path, suffixes, case)
    if thorough and sys.stderr.isatty():
        print("Slower draws, where they are called for, take some minutes.", file=sys.stderr)
    asked = Settings(covariates=signals, restoring=restoring) if signals or restoring else None
    secret = asking.passphrase(case)
    story = story_of(case, secret, at, cut, settings=asked, thorough=thorough, shows_options=True)
    title = f"What {case.name} tells"
    if picture is not None:
        write_picture(story, picture)
    if html is not None:
        write_page(story, html, title)
    print_story(story, title, as_json=as_json)
    if thorough:
        print(f"How it was worked out: {how(story)}.", file=sys.stderr)
    for path in (picture, html):
        if path is not None:
            print(f"Wrote {path}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def how(story: Story) -> str:
    """How the answers that rest on a fit were worked out: by the usual arithmetic, or by draws."""
    said = dict.fromkeys(answer.method for answer in story.answers if answer.method)
    return "; ".join(said) or "nothing was worked out, for there is too little on record"


def story_of(
    case: Path,
    secret: str,
    at: Instant,
    cut: Instant | None,
    *,
    settings: Settings | None = None,
    thorough: bool = False,
    shows_options: bool = False,
) -> Story:
    """Open the casebook, read what consent covers for the person's own answers, and tell it.

    The story as of now under the usual settings is kept, and told again from there. `shows_options`: the options are
    shown with it, unless the person has not yet said which they would choose.
    """
    from mainstay.casebook import Casebook
    from mainstay.cli.kept import keep, recall
    from mainstay.timeline.reader import read

    with Casebook.open(case, secret) as casebook:
        aligned = read(casebook, "own_answers", cut, now=at)
        usual = cut is None and settings is None and not thorough
        story = recall(casebook, aligned, at) if usual else None
        if story is not None:
            return _with_options(casebook, story, at, replay=False) if shows_options else story
        from mainstay.numerics import kernels_are_kept
        from mainstay.story import tell as tell_timeline
        from mainstay.strain.settings import USUAL

        if not kernels_are_kept():
            print("Getting ready for this machine: once, about two minutes ...", file=sys.stderr, flush=True)
        story = tell_timeline(aligned, made_at=at, settings=settings or USUAL, thorough=thorough)
        if usual:
            try:
                keep(casebook, story, at)
            except CasebookError as refused:
                print(f"mainstay: note: the story is not kept for the next time: {refused}", file=sys.stderr)
        return _with_options(casebook, story, at, replay=cut is not None) if shows_options else story


def never_shown(casebook: Casebook, at: Instant) -> tuple[str, ...]:
    """The names of the options on record now, if these were never shown weighed; none where they were."""
    from mainstay.options.leaning import first_shown
    from mainstay.records.statements_option import options_of
    from mainstay.timeline.reader import read

    if not casebook.streams():
        return ()
    timeline = read(casebook, "own_answers", None, now=at)
    names = tuple(one.name for one in options_of(timeline)[0] if one.says.set_aside is None)
    return names if names and first_shown(casebook, timeline, now=at) is None else ()


def _with_options(casebook: Casebook, story: Story, at: Instant, *, replay: bool) -> Story:
    """The story with its options, and that they were shown is kept; without them where no first leaning was asked for.

    Once they were seen weighed there is no first leaning any more: `mainstay options` asks for it. A replay seals
    nothing: it shows them only where they were shown before.
    """
    from mainstay.options.leaning import mark_shown
    from mainstay.options.leaning_answers import recommended_in
    from mainstay.records.statements_decision import leanings_of

    if not never_shown(casebook, at):
        return story
    if leanings_of(story.timeline)[0] and not replay:
        try:
            mark_shown(casebook, story.timeline, now=at, recommended=recommended_in(story.answers))
        except CasebookError as refused:
            print(f"mainstay: note: it is not kept that the options were shown: {refused}", file=sys.stderr)
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


def print_story(story: Story, title: str, *, as_json: bool = False) -> None:
    """To the terminal in headings and quiet lines; plain where output goes elsewhere; JSON where asked."""
    from mainstay.cli.as_json import told_as_json
    from mainstay.report.labels import in_words
    from mainstay.report.text import story_lines, story_rich

    if as_json:
        print(told_as_json(story.answers, story.context, story.alert))
        return
    width = min(shutil.get_terminal_size().columns, WIDEST)
    answers = in_words(story.answers, story.timeline)
    if sys.stdout.isatty():
        from rich.console import Console

        Console(highlight=False).print(story_rich(title, answers, story.context, width, story.alert), end="")
    else:
        print(story_lines(title, answers, story.context, width, story.alert), end="")


def write_picture(story: Story, path: Path, before: str = "") -> None:
    """The picture under its own headline, in the form its ending names; `before` is said before the headline."""
    from mainstay.report.picture import picture_spec, save_picture
    from mainstay.report.text import headline

    title = f"{before} {headline(story.answers)}".strip()
    with whole_file(path) as part:
        save_picture(picture_spec(story.timeline, story.curves, title=title), part)


def write_page(story: Story, path: Path, title: str) -> None:
    """Story and picture as one page that needs no network."""
    from mainstay.report.html import story_html
    from mainstay.report.labels import in_words

    answers = in_words(story.answers, story.timeline)
    text = story_html(title, answers, story.context, story.timeline, story.curves, alert=story.alert)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")
