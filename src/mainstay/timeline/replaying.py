"""One person's records as of several dates: as they were known then, and with what has been learned since.

What has no place in time (what is known of people, what was written down) may become known long after it was true. A
replay leaves it out until then; the view with hindsight puts it back, and nothing else: what had not happened yet stays
unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Contact, Item, Record, Statement
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import ReadsForAPurpose, from_records, known_by

MOST_MONTHS = 120


@dataclass(frozen=True, slots=True, eq=False)
class AsOf:
    """The timeline of one date as it was known then (`then`), and with what is known by now (`with_hindsight`).

    `learned`: what became known since the date before, of people and by statements, in words. `with_hindsight` is None
    where it would be the same.
    """

    then: Timeline
    with_hindsight: Timeline | None
    learned: tuple[str, ...]


def month_ends(first: Instant, last: Instant) -> tuple[Instant, ...]:
    """Local midnights between months after `first`, up to `last`, and `last` itself. Refuses more than ten years."""
    at = first.as_local
    found: list[Instant] = []
    month = datetime(at.year, at.month, 1, tzinfo=at.tzinfo)
    while True:
        month = month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
        moment = Instant.of(month)
        if moment >= last:
            return (*found, last)
        if len(found) == MOST_MONTHS:
            raise BadRequest(f"a replay walks at most {MOST_MONTHS} months; begin it later")
        found.append(moment)


def replayed(
    casebook: ReadsForAPurpose, purpose: str, dates: Sequence[Instant], *, since: Instant, now: Instant
) -> Iterator[AsOf]:
    """The timelines of these dates, ascending, from one read under the consent of the real clock `now`."""
    found = casebook.read(purpose, now=now)
    read = found.records, found.items, found.anchor
    yield from as_of_each(*read, dates, since=since, purpose=purpose, left_out=found.left_out)


def as_of_each(
    records: Iterable[Record],
    items: Sequence[Item],
    anchor: str | None,
    dates: Sequence[Instant],
    *,
    since: Instant | None = None,
    purpose: str = "own_answers",
    left_out: Sequence[str] = (),
) -> Iterator[AsOf]:
    """The same from records in memory. What is known by the last of the dates is what hindsight knows.

    What was known by `since` (without it: by the first date) is not told as learned.
    """
    arrived = tuple(records)
    last_known = [one for one in known_by(arrived, dates[-1]) if isinstance(one.body, Contact | Statement)]
    before = {words for record in known_by(arrived, since or dates[0]) for words in _learned(record, since or dates[0])}
    for date in dates:
        then = from_records(arrived, items, anchor, as_of=date, purpose=purpose, left_out=left_out)
        named = {words: None for record in then.others for words in _learned(record, date)}
        later = [_as_if_known(record, date) for record in last_known]
        same = {words for record in last_known for words in _learned(record, dates[-1])} == set(named)
        rest = tuple(one for one in then.others if not isinstance(one.body, Contact | Statement))
        yield AsOf(
            then,
            None if same else replace(then, others=(*rest, *later)),
            tuple(words for words in named if words not in before),
        )
        before = set(named)


def _learned(record: Record, date: Instant) -> tuple[str, ...]:
    """What a record without a place in time tells, one thing each."""
    if isinstance(record.body, Contact):
        known = (one for one in record.body.attributes if one.known <= date)
        return tuple(f"{record.body.pseudonym}: {one.name.replace('_', ' ')}" for one in known)
    if isinstance(record.body, Statement) and record.known <= date:
        form = record.body.form
        return (f"{'an' if form[0] in 'aeiou' else 'a'} {form} was written ({record.id[:6]})",)
    return ()


def _as_if_known(record: Record, date: Instant) -> Record:
    """The record as if it had been known by this date."""
    body = record.body
    if isinstance(body, Contact):
        body = replace(body, attributes=tuple(replace(one, known=min(one.known, date)) for one in body.attributes))
    return replace(record, body=body, known=min(record.known, date))
