"""`share` and `open`: what a supporter may see, shown first; the file that holds it; and what they send back."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.files import whole_file
from mainstay.cli.keeping import print_lines
from mainstay.doors.sharing import (
    HONOURED,
    Composed,
    compose,
    date_of,
    day_of,
    end_of,
    last_day,
    name_of,
    seal,
    take_in,
    until_words,
    view_lines,
    what_is_not,
)
from mainstay.errors import AlreadyThere, BadRequest, UnreadableSource

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.sharing import Observation, Share
    from mainstay.quantities import Instant

WIDEST = 100
FOR_THE_SUPPORTER = (
    "Somebody who trusts you chose what you see here. It is theirs, and it is no way to watch them: it shows what "
    "stands here and nothing else."
)
HOW_TO_ANSWER = (
    "What did you notice? Write one line for each thing; begin with the day if it was not today (2026-03-01 …). "
    "An empty line ends."
)


def share(case: Path, out: Path | None, *, with_whom: str | None, until: str | None, preview: bool) -> None:
    """Show what a supporter would see and, unless it is a preview, write it into a file of its own."""
    if with_whom is None or until is None:
        raise BadRequest("say whom it is for and how long it may be seen: --with NAME --until DATE")
    name, at = name_of(with_whom), asking.now()
    ends = end_of(until, at)
    if out is None and not preview:
        raise BadRequest("name the file to write (such as for-ben.share), or look first with --preview")
    if out is not None and not preview:
        _refuse_there(out)
    from mainstay.casebook import Casebook

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        found = compose(casebook, name, ends, at)
        print_lines([*view_lines(found.view, _width()), "", *what_is_not(found.left_out)])
        if preview or out is None:
            print_lines(["", "This is a preview: nothing was written."])
            return
        _write(casebook, found, out, at)
    print_lines(
        [
            "",
            f"Wrote {out}, encrypted under the passphrase you chose for it. It may be seen until "
            f"{until_words(found.view)}. {HONOURED}",
            f"Tell {name} the passphrase on another way than the file. To open it: mainstay open {out.name}",
        ]
    )


def _write(casebook: Casebook, found: Composed, out: Path, at: Instant) -> None:
    print_lines(["", f"Choose a passphrase for {found.view.with_whom}. It opens this file and nothing else."])
    sealed = seal(casebook.path, found.view, asking.share_passphrase(out, twice=True))
    with whole_file(out) as part:
        part.write_bytes(sealed.content)
        # Listed before the file is there: no share is without its entry.
        casebook.note_share(sealed.share, found.view, found.streams, now=at)


def shares(case: Path) -> None:
    """List the shares that were made: when, with whom, until when, from which streams."""
    from mainstay.casebook import Casebook

    at = asking.now()
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        found = casebook.shares()
    print_lines([_listed(one, at) for one in found] or ["Nothing was shared from this casebook."])


def _listed(one: Share, at: Instant) -> str:
    there = [name for name in one.streams if name is not None]
    gone = len(one.streams) - len(there)
    streams = [*there, *([f"{gone} since erased"] if gone else [])]
    over = "" if at < one.until else " (over)"
    return (
        f"{one.made_at.as_local:%Y-%m-%d}: with {one.with_whom}, until {last_day(one.until)}{over}, "
        f"from {', '.join(streams)}"
    )


def take(case: Path, answer_file: Path) -> None:
    """Bring a supporter's answer in: their observations as statements under their name."""
    from mainstay.casebook import Casebook

    at, content = asking.now(), _read(answer_file)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        taken = take_in(casebook, content, asking.share_passphrase(answer_file), at)
    lines = [f"Took in {taken.new} of {taken.count} observations by {taken.by}, as the stream '{taken.stream}'."]
    print_lines([*lines, *(f"  {day_of(one)}: {one.text}" for one in taken.observations)])


def open_(file: Path, *, answer: Path | None) -> None:
    """Show what was shared; with `answer`, take down what the supporter noticed and seal it for the way back."""
    from mainstay.casebook.sharing import open_share, seal_answer

    content, at = _read(file), asking.now()
    if answer is not None:
        _refuse_there(answer)
    opened = open_share(content, asking.share_passphrase(file), now=at)
    print_lines([FOR_THE_SUPPORTER, "", *view_lines(opened.view, _width()), "", HONOURED])
    if answer is None:
        return
    if sys.stdin.isatty():
        print_lines(["", HOW_TO_ANSWER])
    observations = observed(sys.stdin, at, stop_at_empty=sys.stdin.isatty())
    with whole_file(answer) as part:
        part.write_bytes(seal_answer(opened, observations, now=at))
    print_lines(
        [
            "",
            f"Wrote {answer} with {len(observations)} observation{'' if len(observations) == 1 else 's'}, encrypted "
            "under the same passphrase. Give it back to the person who shared this with you.",
        ]
    )


def observed(lines: Iterable[str], at: Instant, *, stop_at_empty: bool) -> tuple[Observation, ...]:
    """One observation a line: a day (or none: now) and what was noticed. Refuses a day to come, and no line at all."""
    from mainstay.casebook.sharing import MOST_OBSERVATIONS, Observation
    from mainstay.quantities import Span
    from mainstay.report.words import clean

    found: list[Observation] = []
    for line in lines:
        text = clean(line.strip())
        if not text:
            if stop_at_empty:
                break
            continue
        begins = re.match(r"(\d{4}-\d{2}-\d{2})[\s:,]+(.+)", text)
        day = date_of(begins[1]) if begins else None
        if begins is None or day == at.as_local.date():
            found.append(Observation(at, begins[2] if begins else text))
        else:
            assert day is not None
            start, end = asking.midnight(day), asking.midnight(day + timedelta(days=1))
            found.append(Observation(Span(start, end), begins[2]))
        if len(found) > MOST_OBSERVATIONS:
            break
    if not found:
        raise BadRequest("nothing was written down, so there is no answer")
    return tuple(found)


def _refuse_there(out: Path) -> None:
    if out.exists() or out.is_symlink():
        raise AlreadyThere(f"{out} is already there; choose another name")
    if not out.absolute().parent.is_dir():
        raise BadRequest(f"there is no folder {out.parent}; make it first")


def _read(path: Path) -> bytes:
    from mainstay.casebook.head import MAGIC
    from mainstay.casebook.sharing import MOST_BYTES

    if not path.is_file():
        raise UnreadableSource(f"there is no file at {path}; check the path")
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if content.startswith(MAGIC):
        raise UnreadableSource(f"{path} is a casebook, not a shared file; to see what it tells: mainstay tell {path}")
    return content


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)
