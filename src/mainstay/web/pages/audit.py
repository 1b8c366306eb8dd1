"""The audit on the page: who read what, told by the day; whether the list is whole; checkpoints to keep elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors.auditing import checkpoint_in, done, streams_of, verdict
from mainstay.errors import BadRequest
from mainstay.records.words import counted
from mainstay.web.files import attachment, content_of
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import desk_of, show
from mainstay.web.uploads import Upload, uploaded

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from mainstay.casebook.audit import AuditEntry, Checkpoint

MOST_ENTRIES = 1000
"""How many entries one page tells, together."""
AT_ONCE = 3000
"""Up to so many entries the seals are looked at each time; of more, when asked for: that takes some seconds."""
FEW = 4
NO_CHECKPOINT = "That file is no checkpoint. One is made below, with “Make a checkpoint”."


@dataclass(slots=True)
class Done:
    """One thing done on one day, however often: what, with which streams, how often, when first and last."""

    what: str
    streams: tuple[str, ...]
    first: str
    last: str
    times: int = 1
    records: int = 0

    @property
    def told(self) -> str:
        """The whole of it in a sentence, without the streams."""
        often = f", {self.times} times" if self.times > 1 else ""
        return f"{self.what[:1].upper()}{self.what[1:].rstrip(',')}{often}"


def audit(request: Request) -> Response:
    """Who read what."""
    return _shown(request)


def verify(request: Request, fields: Fields, upload: Upload | None) -> Response:
    """Hold the list against a checkpoint that was kept elsewhere."""
    content = content_of(upload)
    if content is None:
        return _shown(request, wrong="Choose the file of a checkpoint first.", status=400)
    try:
        held = checkpoint_in(content)
    except BadRequest:
        return _shown(request, wrong=NO_CHECKPOINT, status=400)
    return _shown(request, held)


def checkpoint(request: Request, fields: Fields) -> Response:
    """The list as it stands, as a file."""
    desk = desk_of(request)
    with desk.casebook() as book:
        made = book.checkpoint(desk.clock())
    return attachment(made.as_json().encode(), "checkpoint.json", "application/json")


def _shown(request: Request, held: Checkpoint | None = None, wrong: str = "", status: int = 200) -> Response:
    before = request.query_params.get("before", "")
    if before and (not before.isdecimal() or len(before) > 9):
        raise BadRequest("this address is not whole; go back to Consent")
    with desk_of(request).casebook() as book:
        newest = book.audit_log(1)
        total = newest[0].number if newest else 0
        asked = held is not None or "check" in request.query_params or total <= AT_ONCE
        findings = book.verify(held) if asked else []
        since = total - int(before) + 1 if before else 0
        entries = [
            one for one in book.audit_log(MOST_ENTRIES + max(since, 0)) if not before or one.number < int(before)
        ]
        names = {one.identity: one.name for one in book.streams()}
    some = entries[-MOST_ENTRIES:]
    return show(
        request, "audit.html", title="Who read what", cut=None, days=by_day(some, names), whole=not findings,
        verdict=verdict(findings, held, total)[0], findings=findings, held=held is not None, asked=asked,
        older=some[0].number if some and some[0].number > 1 else 0, before=before, wrong=wrong,
        total=counted(total, "entry", "entries"), status=status, few=FEW, here_now=len(names),
    )  # fmt: skip


def by_day(entries: list[AuditEntry], names: dict[str, str]) -> list[tuple[str, list[Done]]]:
    """Each day, the newest first, with what was done on it: the same thing with the same streams once."""
    days: dict[str, dict[tuple[str, tuple[str, ...]], Done]] = {}
    for one in reversed(entries):
        found = days.setdefault(one.at.day_in_words, {})
        what, streams, at = done(one.action, one.purpose), tuple(streams_of(one, names)), f"{one.at.as_local:%H:%M}"
        same = found.get((what, streams))
        if same is None:
            found[what, streams] = Done(what, streams, at, at, records=one.count)
        else:
            same.first, same.times = at, same.times + 1
    return [(day, list(found.values())) for day, found in days.items()]


ROUTES = (
    Route("/consent/audit", audit),
    Route("/consent/audit/verify", uploaded(verify), methods=["POST"]),
    Route("/consent/audit/checkpoint", posted(checkpoint), methods=["POST"]),
)
