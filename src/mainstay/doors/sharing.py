"""What a supporter may see: worked out from what consent covers, shown before, sealed, and what they send back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.doors.dates import FIRST_YEAR, midnight
from mainstay.errors import BadRecord, BadRequest, WrongPassphrase

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.sharing import Observation, SharedAnswer, SharedView, SupporterAnswer
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Batch
    from mainstay.story import Story
    from mainstay.timeline.kinds import Timeline

PURPOSE = "supporter_view"
LONGEST_NAME = 60
KEPT_BACK = ("S19", "S20", "S21", "S22", "S23")
"""What could come, could be done and was tried rest on wishes and limits that were not written for others."""
HONOURED = (
    "From then on Mainstay no longer opens the file. Nothing can stop somebody who has copied what it shows, or who "
    "sets back their clock; and what was given can't be taken back."
)
NOT_IN_IT = (
    "That is all that is in it. Not in it: your records, what you wrote, what could come and what could be done, "
    "the names of people, your passphrase."
)


@dataclass(frozen=True, slots=True)
class Composed:
    """What a supporter would see, the streams it was worked out from by their own names, and those left out.

    `nameless`: for each answer in the view, whether a name in it stands as "somebody". `kept_back`: answers of the kind
    that is never shared.
    """

    view: SharedView
    streams: tuple[str, ...]
    left_out: tuple[str, ...]
    nameless: tuple[bool, ...]
    kept_back: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """A share as a file: its random name and its bytes."""

    share: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What came back: by whom, into which stream, how many observations are new, and what they are."""

    by: str
    stream: str
    new: int
    observations: tuple[Observation, ...]

    @property
    def count(self) -> int:
        """How many observations the file held."""
        return len(self.observations)


def compose(casebook: Casebook, with_whom: str, until: Instant, at: Instant) -> Composed:
    """What a supporter would see at `at`: what may be used is read (`for_them`), told, and put as they see it."""
    from mainstay.story import tell

    timeline, streams = for_them(casebook, until, at)
    return composed(casebook, tell(timeline, made_at=at), streams, with_whom, until)


def for_them(
    casebook: Casebook, until: Instant, at: Instant, option: str = "--until"
) -> tuple[Timeline, tuple[str, ...]]:
    """What consent covers for a supporter's view and nothing else, and from which streams; the read is noted.

    Refuses (`BadRequest`, by the name of the `option`) an end after the end of a consent it would rest on.
    """
    from mainstay.timeline.reader import from_records

    stored = casebook.read(PURPOSE, now=at)
    _within_consent(casebook, until, stored.left_out, option)
    timeline = from_records(
        stored.records, stored.items, stored.anchor, as_of=at, purpose=PURPOSE, left_out=stored.left_out
    )
    return timeline, tuple(sorted({record.stream for record in stored.records}))


def composed(casebook: Casebook, story: Story, streams: tuple[str, ...], with_whom: str, until: Instant) -> Composed:
    """What a supporter would see of a story that was told from what `for_them` gave.

    Answers, no records; people on record, and others something was shared with, are put as "somebody".
    """
    from mainstay.casebook.sharing import SharedAnswer, SharedView
    from mainstay.options.approach import ABOUT as HOW_TO_REACH
    from mainstay.quantities import Finding
    from mainstay.report.labels import in_words
    from mainstay.report.text import sections
    from mainstay.report.words import claim_of, how_sure, would_change

    answers: list[SharedAnswer] = []
    nameless: list[bool] = []
    every = in_words(story.answers, story.timeline)
    told = [one for one in every if one.row not in KEPT_BACK or one.about == HOW_TO_REACH]
    for heading, group in sections(told):
        for answer in group:
            sure = how_sure(answer) if isinstance(answer, Finding) else ""
            said = (claim_of(answer), sure, would_change(answer))
            without = tuple(casebook.nameless(said))
            answers.append(SharedAnswer(heading, *without))
            nameless.append(without != said)
    context = story.context
    view = SharedView(
        with_whom, context.made_at, until, context.as_of, context.known_through, casebook.nameless(streams),
        tuple(answers),
    )  # fmt: skip
    return Composed(view, streams, story.timeline.left_out, tuple(nameless), len(story.answers) - len(told))


def refuse_uncovered(casebook: Casebook, found: Composed, at: Instant) -> None:
    """Refuses (`BadRequest`) what was worked out a while ago from a stream that may no longer be used for it."""
    clock = casebook.clock(at)
    may = {
        stream.name
        for stream in casebook.streams()
        for held in stream.consent
        if held.purpose == PURPOSE and held.valid(clock) and (held.until is None or held.until >= found.view.until)
    }
    gone = [name for name in found.streams if name not in may]
    if gone:
        raise BadRequest(f"what you allow has changed meanwhile ({', '.join(gone)}); look at it anew")


def _within_consent(casebook: Casebook, until: Instant, left_out: tuple[str, ...], option: str) -> None:
    for stream in casebook.streams():
        for held in stream.consent:
            if held.purpose == PURPOSE and held.until and held.until < until and stream.name not in left_out:
                raise BadRequest(
                    f"consent for {stream.name!r} ends on {held.until.as_local:%Y-%m-%d}; choose an earlier {option}, "
                    "or renew that consent first"
                )


def view_lines(view: SharedView, width: int) -> list[str]:
    """A share as it is shown, to the person before and to the supporter after: every field of it, line by line."""
    from mainstay.report.text import wrapped

    lines = [f"{name}: {said}" for name, said in head_of(view)]
    heading = None
    for one in view.answers:
        if one.heading != heading:
            heading = one.heading
            lines += ["", heading]
        lines += wrapped(one.claim, width, first="  • ", rest="    ")
        for quiet in quiet_of(one):
            lines += wrapped(quiet, width, first="      ", rest="      ")
    return lines


def head_of(view: SharedView) -> list[tuple[str, str]]:
    """What stands above the answers of a share: what it is called, and what it says."""
    return [
        ("Shared with", view.with_whom),
        ("Made", view.made_at.day_in_words),
        ("May be seen until", until_words(view)),
        ("As of", f"{view.as_of.day_in_words}; records known through {view.known_through.day_in_words}"),
        ("Worked out from", ", ".join(view.streams)),
    ]


def quiet_of(one: SharedAnswer) -> list[str]:
    """What stands under an answer of a share: how sure it is, and what would change it, as sentences begin."""
    return [quiet[:1].upper() + quiet[1:] for quiet in (one.how_sure, one.would_change) if quiet]


def until_words(view: SharedView) -> str:
    """Until when a share may be seen: "the end of 31 December 2026"."""
    return f"the end of {last_day_in_words(view.until)}"


def last_day(until: Instant) -> str:
    """The last day on which something may be seen: 2026-12-31."""
    return f"{_just_before(until).as_local:%Y-%m-%d}"


def last_day_in_words(until: Instant) -> str:
    """The same in words: "31 December 2026"."""
    return _just_before(until).day_in_words


def _just_before(until: Instant) -> Instant:
    from mainstay.quantities import Instant

    return Instant(until.utc_us - 1, until.offset_s)


def what_is_not(left_out: tuple[str, ...]) -> list[str]:
    """What is not in a share, for the person who makes it."""
    if not left_out:
        return [NOT_IN_IT]
    return [NOT_IN_IT, f"Not used for it, because you did not allow it for a supporter: {', '.join(left_out)}."]


def seal(case: Path, view: SharedView, passphrase: str) -> Sealed:
    """The share as a file. Refuses (`BadRequest`) the casebook's own passphrase: with it everything could be read."""
    from mainstay.casebook import keys
    from mainstay.casebook.sharing import seal_share

    try:
        keys.unlock(case, passphrase)
    except WrongPassphrase:
        return Sealed(*seal_share(view, passphrase))
    raise BadRequest("this opens the casebook itself, so with it everything could be read; choose another")


def take_in(casebook: Casebook, content: bytes, passphrase: str, at: Instant) -> Taken:
    """Bring a supporter's answer in: their observations as statements under their name."""
    from mainstay.casebook import Consent
    from mainstay.casebook.sharing import open_answer

    made = {one.id: one.with_whom for one in casebook.shares()}
    answer = open_answer(content, passphrase)
    if answer.share not in made:
        raise BadRequest("this file answers no share of this casebook; nothing was taken in")
    name = made[answer.share]
    added = casebook.add(as_statements(answer, name, at), Consent(given_at=at), now=at)
    return Taken(name, _stream_of(name), sum(added.new.values()), answer.observations)


def _stream_of(name: str) -> str:
    return f"from {name}"


def as_statements(answer: SupporterAnswer, name: str, at: Instant) -> Batch:
    """The batch of one answer file; the same file again gives the same ids. Refuses one written after `at`."""
    from mainstay.quantities import Span
    from mainstay.records.kinds import Batch, Record, Statement, record_id

    if answer.made_at > at:
        raise BadRecord(f"the answer was written at {answer.made_at}, which lies in the future; check the clocks")
    stream, source = _stream_of(name), f"answer by {name}, {answer.made_at.as_local:%Y-%m-%d}"
    records = []
    for place, one in enumerate(answer.observations):
        quoted = {"by": name, "when": day_of(one), "text": one.text}
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


def day_of(one: Observation) -> str:
    """The day on which something was noticed."""
    from mainstay.quantities import Span

    start = one.happened.start if isinstance(one.happened, Span) else one.happened
    return f"{start.as_local:%Y-%m-%d}"


def date_of(text: str) -> date:
    """A day as it was written. Refuses (`BadRequest`) what is none."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise BadRequest(f"{text!r} is no date; write it as 2026-03-01") from None
    if not FIRST_YEAR <= found.year < 9000:
        raise BadRequest(f"{text!r} is no date of anybody's life; write it as 2026-03-01")
    return found


def end_of(text: str, at: Instant, option: str = "--until") -> Instant:
    """The moment after the last of that day on this machine's clock; refuses a day that is over."""
    day = date_of(text.strip())
    if day < at.as_local.date():
        raise BadRequest(f"{option} {day} is over; choose a day from {at.as_local:%Y-%m-%d} on")
    return midnight(day + timedelta(days=1))


def name_of(text: str, option: str = "--with") -> str:
    """Whom something is for. Refuses (`BadRequest`) no name, a long one, and one on several lines."""
    name = text.strip()
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadRequest(f"{option} needs a name of 1 to {LONGEST_NAME} characters on one line, not {text!r}")
    return name
