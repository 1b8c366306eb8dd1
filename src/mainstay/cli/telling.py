"""`tell`: one story, as sentences, as JSON, as a picture and as a page."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.files import check_output, whole_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mainstay.casebook.views import StreamOverview
    from mainstay.quantities import Answer, Instant
    from mainstay.report.paper import Paper
    from mainstay.story import Story
    from mainstay.strain.settings import Settings

PICTURES = (".svg", ".png", ".pdf")
PAGES = (".html", ".htm")
FOR_CLINICIAN = "clinician_report"
WIDEST = 100


def tell(
    case: Path,
    *,
    as_json: bool,
    as_of: str | None,
    picture: Path | None,
    html: Path | None,
    pdf: Path | None = None,
    for_clinician: bool = False,
    signals: tuple[str, ...] = (),
    restoring: bool = False,
    thorough: bool = False,
) -> None:
    """Tell the story of a casebook. Files are written before anything is printed, whole or not at all."""
    from mainstay.casebook import Casebook
    from mainstay.doors.telling import OWN, story_in
    from mainstay.strain.settings import Settings

    at = asking.now()
    cut = asking.as_of(as_of, at)
    for path, suffixes in ((picture, PICTURES), (html, PAGES), (pdf, (".pdf",))):
        if path is not None:
            check_output(path, suffixes, case)
    if thorough and sys.stderr.isatty():
        print("Slower draws, where they are called for, take some minutes.", file=sys.stderr)
    asked = Settings(covariates=signals, restoring=restoring) if signals or restoring else None
    secret = asking.passphrase(case)
    with Casebook.open(case, secret) as casebook:
        story = story_in(
            casebook, at, cut, settings=asked, thorough=thorough, shows_options=True,
            purpose=FOR_CLINICIAN if for_clinician else OWN, note=_note,
        )  # fmt: skip
        streams = casebook.streams()
    title = f"What {case.name} tells"
    if picture is not None:
        write_picture(story, picture)
    if html is not None:
        write_page(story, streams, html, title)
    if pdf is not None:
        write_paper(story, streams, pdf, title)
    print_story(story, title, as_json=as_json)
    if thorough:
        print(f"How it was worked out: {how(story)}.", file=sys.stderr)
    for path in (picture, html, pdf):
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
    """Open the casebook, read what consent covers for the person's own answers, and tell it, as every door does."""
    from mainstay.casebook import Casebook
    from mainstay.doors import telling

    with Casebook.open(case, secret) as casebook:
        return telling.story_in(
            casebook, at, cut, settings=settings, thorough=thorough, shows_options=shows_options, note=_note
        )


def _note(said: str) -> None:
    print(said, file=sys.stderr, flush=True)


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


def write_page(story: Story, streams: Sequence[StreamOverview], path: Path, title: str) -> None:
    """Story, picture and consent as one page that needs no network."""
    from mainstay.report.paper_html import paper_html

    paper, answers = _paper(story, streams, title)
    text = paper_html(paper, answers, story.context, story.timeline, curves=story.curves, alert=story.alert)
    with whole_file(path) as part:
        part.write_text(text, encoding="utf-8")


def write_paper(story: Story, streams: Sequence[StreamOverview], path: Path, title: str) -> None:
    """The same as pages to take along."""
    from mainstay.report.paper_pdf import PICTURE_WIDTH, paper_pdf
    from mainstay.report.picture import picture_spec

    paper, _ = _paper(story, streams, title)
    drawn = picture_spec(story.timeline, story.curves, width=PICTURE_WIDTH, brief=True)
    with whole_file(path) as part:
        part.write_bytes(paper_pdf(paper, drawn))


def _paper(story: Story, streams: Sequence[StreamOverview], title: str) -> tuple[Paper, tuple[Answer, ...]]:
    from mainstay.report.labels import in_words
    from mainstay.report.paper import paper_of

    answers = in_words(story.answers, story.timeline)
    paper = paper_of(
        title, answers, story.context, story.timeline, curves=story.curves, streams=streams, alert=story.alert
    )
    return paper, answers
