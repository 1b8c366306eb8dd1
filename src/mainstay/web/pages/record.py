"""Record: what is on record, over time and day by day, where it came from, and each record by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from mainstay.doors.dates import midnight
from mainstay.doors.erasing import KINDS
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span, in_words
from mainstay.records.kinds import Coverage, Episode, Prompt, Statement
from mainstay.records.logged import takes_back
from mainstay.report.figure import NARROWEST, WIDEST
from mainstay.report.labels import FOR_MACHINES, stream_in_words
from mainstay.report.picture import picture_svg
from mainstay.report.record_calendar import ROOM, Year, gaps_in_words, key_of, month_table, years
from mainstay.report.record_entries import KIND_IN_WORDS, entry, fields_of, time_on, when
from mainstay.report.record_marks import as_streams, marks
from mainstay.report.record_picture import record_spec
from mainstay.report.words import clean, counted
from mainstay.web.desk import OWN, Working
from mainstay.web.first_look import look
from mainstay.web.pages.write_page import can_be_taken_back, form_of
from mainstay.web.showing import desk_of, rendered, show

if TYPE_CHECKING:
    from starlette.requests import Request

    from mainstay.casebook.views import HeldRecord, StreamOverview
    from mainstay.records.kinds import Item
    from mainstay.timeline.kinds import Timeline
    from mainstay.web.desk import Desk
    from mainstay.web.first_look import Values

NAME, WIDE = "record", 1160
AT_ONCE_S, PATIENCE_S = 0.05, 20.0
"""How long the page waits for its days, and how long what it fetches afterwards may take."""
WEEKS_AROUND = 2


@dataclass(frozen=True, slots=True)
class StreamShown:
    """A stream in the table: what it holds, its first and last day, from where."""

    name: str
    key: str
    holds: str
    ends: tuple[str, ...]
    sources: str


@dataclass(frozen=True, slots=True)
class DaysShown:
    """The calendar, its key, the gaps and the months as they are shown."""

    years: tuple[Year, ...]
    key: tuple[tuple[str, str], ...]
    gaps: tuple[str, ...]
    months: tuple[list[str], list[list[str]]]


def record(request: Request) -> Response:
    """What is on record. The calendar comes with it where it is there at once, and is fetched where it is not."""
    desk = desk_of(request)
    known = _known(desk)
    with desk.casebook() as book:
        covered = book.standing(OWN, now=desk.clock())[1]
        streams = () if known is not None and "streams" in known else book.streams()
    if not streams and known is None:
        return show(request, "record_empty.html", title="Record", cut=None)
    values = known if known is not None and not streams else counts(streams, desk.clock())
    days = known["days"] if known is not None else None
    if days is None and covered:
        found = desk.made("days", _days_shown, patience_s=AT_ONCE_S)
        days = None if isinstance(found, Working) else found
    return show(
        request, "record.html", title="Record", cut=None, readable=bool(covered), room=ROOM,
        left_out=", ".join(one.name for one in streams if one.name not in covered), **(values | {"days": days}),
    )  # fmt: skip


def _known(desk: Desk) -> Values | None:
    """What was kept of the record, where it is as it was then; the story is begun, where it is not yet."""
    found = look(desk)
    if found is None or not found.exact:
        return None
    desk.begin_soon()
    return found.page(NAME)


def counts(streams: tuple[StreamOverview, ...], now: Instant) -> Values:
    """How much there is of what, from when to when and from where."""
    held = [one.extent for one in streams if one.extent is not None]
    first, last = min((one.start for one in held), default=now), max((one.end for one in held), default=now)
    return {
        "claim": _claim(streams, first, last), "streams": [asdict(one) for one in _table(streams)],
        "first": first.as_local.date(), "last": min(last, now).as_local.date(),
    }  # fmt: skip


def said(timeline: Timeline, streams: tuple[StreamOverview, ...]) -> Values:
    """What Record puts into its template; without what is counted where no streams are given."""
    return {"days": asdict(_days_shown(timeline))} | (counts(streams, timeline.as_of) if streams else {})


def _claim(streams: tuple[StreamOverview, ...], first: Instant, last: Instant) -> str:
    count = counted(sum(one.count for one in streams), "record")
    sources = {source for one in streams for source in one.sources}
    come = f"from {counted(len(sources), 'source')}" if len(sources) > 1 else f"from {clean(_in_words(sources))}"
    return f"{count} {come}, between {first.day_in_words} and {last.day_in_words}."


def _table(streams: tuple[StreamOverview, ...]) -> list[StreamShown]:
    """Every stream, the fullest first."""
    return [
        StreamShown(
            stream_in_words(one.name),
            one.identity,
            ", ".join(counted(count, *KINDS[kind]) for kind, count in one.kinds.items()) or "nothing",
            tuple(end.day_in_words if end else "" for end in (one.first, one.last)),
            _in_words(one.sources),
        )
        for one in sorted(streams, key=lambda one: -one.count)
    ]


def _in_words(sources: Iterable[str]) -> str:
    """Where records are from, without the underscores of names made for machines."""
    return ", ".join(sources).replace(FOR_MACHINES, " ")


def _days_shown(timeline: Timeline) -> DaysShown:
    return DaysShown(years(timeline), key_of(timeline), tuple(gaps_in_words(timeline)), month_table(timeline))


def days(request: Request) -> Response:
    """The calendar alone, to be put into the page."""
    found = desk_of(request).made("days", _days_shown, patience_s=PATIENCE_S)
    if isinstance(found, Working):
        return Response(status_code=202)
    return HTMLResponse(rendered(request, "_record_days.html", days=found, room=ROOM))


def all_marks(request: Request) -> Response:
    """Every mark in compact columns, for the timeline."""
    desk = desk_of(request)
    known = look(desk)
    if known is not None and known.exact:
        return Response(known.kept.marks, media_type="application/json")
    found = desk.made("marks", marks_as_json, patience_s=PATIENCE_S)
    return Response(status_code=202) if isinstance(found, Working) else Response(found, media_type="application/json")


def marks_as_json(timeline: Timeline) -> bytes:
    """Every mark of a timeline, as it is sent."""
    return json.dumps(marks(timeline), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def picture(request: Request) -> Response:
    """The same standing still, where no script runs: `?width=1160&dark=1`."""
    asked = request.query_params.get("width", str(WIDE))
    if not (asked.isascii() and asked.isdecimal()) or not NARROWEST <= int(asked[:5]) <= WIDEST:
        raise BadRequest(f"a picture {asked[:20]} pixels wide can't be drawn")
    width = int(asked[:5])
    dark = request.query_params.get("dark") == "1"

    def draw(timeline: Timeline) -> str:
        return picture_svg(record_spec(timeline, as_streams(timeline), width=width, dark=dark))

    found = desk_of(request).made(f"record {width} {dark}", draw, patience_s=PATIENCE_S)
    return Response(status_code=202) if isinstance(found, Working) else Response(found, media_type="image/svg+xml")


def day(request: Request) -> Response:
    """All that is on record for one day: `?on=2024-03-05`."""
    desk = desk_of(request)
    now = desk.clock()
    asked = _day_asked(request.query_params.get("on", ""), now.as_local.date())
    span = Span(midnight(asked), midnight(asked + timedelta(days=1)))
    with desk.casebook() as book:
        held = [one for one in book.between(span.start, span.end, OWN, now=now) if not _takes_back(one)]
    items = _items(request)
    long = [one for one in held if _in_the_background(one, span)]
    return show(
        request, "record_day.html", title=in_words(asked), cut=None, day_in_words=in_words(asked),
        before=asked - timedelta(days=1), after=asked + timedelta(days=1) if asked < now.as_local.date() else None,
        entries=_entries((one for one in held if one not in long), span, items),
        background=_entries((one for one in long if one.corrected_by is None), span, items),
        why=_why_missing(request, span) if len(long) == len(held) else "",
        around=f"{asked - timedelta(weeks=WEEKS_AROUND)}.{asked + timedelta(weeks=WEEKS_AROUND)}",
    )  # fmt: skip


def _day_asked(text: str, today: date) -> date:
    try:
        asked = date.fromisoformat(text.strip())
    except ValueError:
        raise BadRequest(f"{text[:40]!r} is no date; write it as {today}") from None
    if not date(1900, 1, 1) <= asked <= today:
        raise BadRequest(f"{asked} is no day to look back on; choose one up to {today}")
    return asked


def _in_the_background(held: HeldRecord, day_: Span) -> bool:
    """What was asked and answered, how fully things were written down, what goes on before and after: no news."""
    happened = held.record.happened
    through = isinstance(happened, Span) and happened.start < day_.start and happened.end > day_.end
    return isinstance(held.record.body, Coverage | Prompt) or (through and isinstance(held.record.body, Episode))


def _takes_back(held: HeldRecord) -> bool:
    return takes_back(held.record)


def _entries(held: Iterable[HeldRecord], day_: Span, items: dict[str, Item]) -> list[dict[str, object]]:
    """Lines in order of time; what came at one time stands on one line."""
    lines: dict[str, list[dict[str, object]]] = {}
    for one in held:
        part = {"id": one.record.id, "said": entry(one.record, items), "corrected": one.corrected_by is not None}
        lines.setdefault(time_on(one.record.happened, day_), []).append(part)
    return [{"time": at, "parts": parts} for at, parts in lines.items()]


def _items(request: Request) -> dict[str, Item]:
    """The items by name; none while the records are still being read: then their names stand for their questions."""
    found = desk_of(request).made("items", lambda timeline: {k: one.item for k, one in timeline.ratings.items()})
    return {} if isinstance(found, Working) else found


def _why_missing(request: Request, day_: Span) -> str:
    found = desk_of(request).made("gaps", lambda timeline: [(timeline.instant(one.start), timeline.instant(one.end),
                                                             one.reason) for one in timeline.gaps])  # fmt: skip
    if isinstance(found, Working):
        return ""
    return next((why.capitalize() for start, end, why in found if start <= day_.start and day_.end <= end), "")


def one(request: Request) -> Response:
    """One record: what it says, where it is from, when it was known and added, what it corrects or was corrected by."""
    desk = desk_of(request)
    with desk.casebook() as book:
        held = book.record(request.path_params["key"], OWN, now=desk.clock())
        later = None if held.corrected_by is None else book.record(held.corrected_by, OWN, now=desk.clock())
    items = _items(request)
    found = held.record
    begun = found.happened.start if isinstance(found.happened, Span) else found.happened
    return show(
        request, "record_one.html", title="One record", cut=None, kind=KIND_IN_WORDS[found.kind].capitalize(),
        said=entry(found, items), fields=fields_of(found, items), when=when(found.happened),
        day=begun.as_local.date() if begun <= desk.clock() else None, known=when(found.known), added=when(held.added),
        source=found.source, stream=found.stream, id=found.id, supersedes=found.supersedes,
        corrected_by=held.corrected_by, taken_back=when(later.record.known) if later and _takes_back(later) else "",
        toml=found.body.toml if isinstance(found.body, Statement) else "",
        can_correct=bool(form_of(found)), can_take_back=can_be_taken_back(found) and not _takes_back(held),
    )  # fmt: skip


ROUTES = (
    Route("/record", record),
    Route("/record/days", days),
    Route("/record/marks.json", all_marks),
    Route("/record/picture.svg", picture),
    Route("/record/day", day),
    Route("/record/one/{key}", one),
)
