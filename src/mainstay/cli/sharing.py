"""`share` and `open`: what a supporter may see, shown first; the file that holds it; and what they send back."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mainstay.cli import asking
from mainstay.cli.files import whole_file
from mainstay.cli.keeping import print_lines
from mainstay.errors import AlreadyThere, BadRecord, BadRequest, UnreadableSource, WrongPassphrase

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.sharing import Observation, Share, SharedView, SupporterAnswer
    from mainstay.quantities import Instant

PURPOSE = "supporter_view"
LONGEST_NAME, WIDEST = 60, 100
KEPT_BACK = ("S19", "S20", "S21", "S22", "S23")
"""What could come, could be done and was tried rest on wishes and limits that were not written for others."""
HONOURED = (
    "From then on Mainstay no longer opens the file. Nothing can stop somebody who has copied what it shows, or who "
    "sets back their clock; and what was given can't be taken back."
)
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
    name, at = _name(with_whom), asking.now()
    ends = _end(until, at)
    if out is None and not preview:
        raise BadRequest("name the file to write (such as for-ben.share), or look first with --preview")
    if out is not None and not preview:
        _refuse_there(out)
    from mainstay.casebook import Casebook

    with Casebook.open(case, asking.passphrase(case)) as casebook:
        found = compose(casebook, name, ends, at)
        print_lines([*view_lines(found.view, _width()), "", *_what_is_not(found.left_out)])
        if preview or out is None:
            print_lines(["", "This is a preview: nothing was written."])
            return
        _write(casebook, found, out, at)
    print_lines(
        [
            "",
            f"Wrote {out}, encrypted under the passphrase you chose for it. It may be seen until {_until(found.view)}. "
            f"{HONOURED}",
            f"Tell {name} the passphrase on another way than the file. To open it: mainstay open {out.name}",
        ]
    )


def _write(casebook: Casebook, found: Composed, out: Path, at: Instant) -> None:
    from mainstay.casebook.sharing import seal_share

    print_lines(["", f"Choose a passphrase for {found.view.with_whom}. It opens this file and nothing else."])
    theirs = asking.share_passphrase(out, twice=True)
    _refuse_own(casebook.path, theirs)
    share_id, content = seal_share(found.view, theirs)
    with whole_file(out) as part:
        part.write_bytes(content)
        # Listed before the file is there: no share is without its entry.
        casebook.note_share(share_id, found.view, found.streams, now=at)


def _refuse_own(case: Path, theirs: str) -> None:
    from mainstay.casebook import keys

    try:
        keys.unlock(case, theirs)
    except WrongPassphrase:
        return
    raise BadRequest("this opens the casebook itself, so with it everything could be read; choose another")


@dataclass(frozen=True, slots=True)
class Composed:
    """What a supporter would see, the streams it was worked out from by their own names, and those left out."""

    view: SharedView
    streams: tuple[str, ...]
    left_out: tuple[str, ...]


def compose(casebook: Casebook, with_whom: str, until: Instant, at: Instant) -> Composed:
    """What a supporter would see at `at`.

    Only streams whose consent covers `supporter_view` are read at all. Answers, no records; people on record, and
    others something was shared with, are put as "somebody". Refuses (`BadRequest`) an end after the end of a consent.
    """
    from mainstay.casebook.sharing import SharedAnswer, SharedView
    from mainstay.options.approach import ABOUT as HOW_TO_REACH
    from mainstay.quantities import Finding
    from mainstay.report.text import sections
    from mainstay.report.words import claim_of, how_sure, would_change
    from mainstay.story import tell
    from mainstay.timeline.reader import from_records

    stored = casebook.read(PURPOSE, now=at)
    _within_consent(casebook, until, stored.left_out)
    aligned = from_records(
        stored.records, stored.items, stored.anchor, as_of=at, purpose=PURPOSE, left_out=stored.left_out
    )
    story = tell(aligned, made_at=at)
    answers = []
    told = [one for one in story.answers if one.row not in KEPT_BACK or one.about == HOW_TO_REACH]
    for heading, group in sections(told):
        for answer in group:
            sure = how_sure(answer) if isinstance(answer, Finding) else ""
            answers.append(SharedAnswer(heading, *casebook.nameless([claim_of(answer), sure, would_change(answer)])))
    streams = tuple(sorted({record.stream for record in stored.records}))
    context, named = story.context, casebook.nameless(streams)
    view = SharedView(with_whom, at, until, context.as_of, context.known_through, named, tuple(answers))
    return Composed(view, streams, stored.left_out)


def _within_consent(casebook: Casebook, until: Instant, left_out: tuple[str, ...]) -> None:
    for stream in casebook.streams():
        for held in stream.consent:
            if held.purpose == PURPOSE and held.until and held.until < until and stream.name not in left_out:
                raise BadRequest(
                    f"consent for {stream.name!r} ends on {held.until.as_local:%Y-%m-%d}; choose an earlier --until, "
                    "or renew that consent first"
                )


def view_lines(view: SharedView, width: int) -> list[str]:
    """A share as it is shown, to the person before and to the supporter after: every field of it, line by line."""
    from mainstay.report.text import wrapped

    lines = [
        f"Shared with: {view.with_whom}",
        f"Made: {view.made_at.day_in_words}",
        f"May be seen until: {_until(view)}",
        f"As of: {view.as_of.day_in_words}; records known through {view.known_through.day_in_words}",
        f"Worked out from: {', '.join(view.streams)}",
    ]
    heading = None
    for one in view.answers:
        if one.heading != heading:
            heading = one.heading
            lines += ["", heading]
        lines += wrapped(one.claim, width, first="  • ", rest="    ")
        for quiet in (one.how_sure, one.would_change):
            lines += wrapped(quiet[:1].upper() + quiet[1:], width, first="      ", rest="      ")
    return lines


def _until(view: SharedView) -> str:
    from mainstay.quantities import Instant

    return f"the end of {Instant(view.until.utc_us - 1, view.until.offset_s).day_in_words}"


def _what_is_not(left_out: tuple[str, ...]) -> list[str]:
    lines = [
        "That is all that is in it. Not in it: your records, what you wrote, what could come and what could be done, "
        "the names of people, your passphrase."
    ]
    if left_out:
        lines.append(f"Not used for it, because you did not allow it for a supporter: {', '.join(left_out)}.")
    return lines


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
        f"{one.made_at.as_local:%Y-%m-%d}: with {one.with_whom}, until {_last_day(one.until)}{over}, "
        f"from {', '.join(streams)}"
    )


def _last_day(until: Instant) -> str:
    from mainstay.quantities import Instant

    return f"{Instant(until.utc_us - 1, until.offset_s).as_local:%Y-%m-%d}"


def take(case: Path, answer_file: Path) -> None:
    """Bring a supporter's answer in: their observations as statements under their name."""
    from mainstay.casebook import Casebook, Consent
    from mainstay.casebook.sharing import open_answer

    at, content = asking.now(), _read(answer_file)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        made = {one.id: one.with_whom for one in casebook.shares()}
        theirs = asking.share_passphrase(answer_file)
        answer = open_answer(content, theirs)
        if answer.share not in made:
            raise BadRequest(f"{answer_file} answers no share of this casebook; nothing was taken in")
        name = made[answer.share]
        batch = as_statements(answer, name, at)
        added = casebook.add(batch, Consent(given_at=at), now=at)
    new = sum(added.new.values())
    lines = [f"Took in {new} of {len(batch.records)} observations by {name}, as the stream 'from {name}'."]
    print_lines([*lines, *(f"  {_day_of(one)}: {one.text}" for one in answer.observations)])


def as_statements(answer: SupporterAnswer, name: str, at: Instant) -> Any:
    """The batch of one answer file; the same file again gives the same ids. Refuses one written after `at`."""
    from mainstay.quantities import Span
    from mainstay.records.kinds import Batch, Record, Statement, record_id

    if answer.made_at > at:
        raise BadRecord(f"the answer was written at {answer.made_at}, which lies in the future; check the clocks")
    stream, source = f"from {name}", f"answer by {name}, {answer.made_at.as_local:%Y-%m-%d}"
    records = []
    for place, one in enumerate(answer.observations):
        quoted = {"by": name, "when": _day_of(one), "text": one.text}
        toml = "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in quoted.items())
        happened = one.happened
        if isinstance(happened, Span) and happened.end > answer.made_at:
            happened = Span(happened.start, answer.made_at)
        natural = f"{answer.share} {answer.answer} {place}"
        records.append(
            Record(
                record_id("supporter", stream, natural), stream, happened, answer.made_at, source,
                Statement("observation", toml),
            )
        )  # fmt: skip
    return Batch(source, tuple(records))


def _day_of(one: Observation) -> str:
    from mainstay.quantities import Span

    start = one.happened.start if isinstance(one.happened, Span) else one.happened
    return f"{start.as_local:%Y-%m-%d}"


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
        day = _date(begins[1]) if begins else None
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


def _date(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no date; write it as 2026-03-01") from None
    if not asking.FIRST_YEAR <= found.year < 9000:
        raise BadRequest(f"{text!r} is no date of anybody's life; write it as 2026-03-01")
    return found


def _end(text: str, at: Instant) -> Instant:
    """The moment after the last of that day on this machine's clock; refuses a day that is over."""
    day = _date(text.strip())
    if day < at.as_local.date():
        raise BadRequest(f"--until {day} is over; choose a day from {at.as_local:%Y-%m-%d} on")
    return asking.midnight(day + timedelta(days=1))


def _name(text: str) -> str:
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadRequest(f"--with needs a name of 1 to {LONGEST_NAME} characters on one line, not {text!r}")
    return name


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
