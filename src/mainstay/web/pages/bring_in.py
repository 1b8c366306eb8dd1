"""Bringing in what a person already has: a file or a place, what it is understood as, and the receipt."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from starlette.responses import Response
from starlette.routing import Route

from mainstay.casebook.consent import PURPOSES
from mainstay.casebook.terms import USES
from mainstay.doors.bringing_in import LEAVE_OUT, OWN, added_lines, exports, refused_in_words
from mainstay.errors import BadRecord, BadRequest
from mainstay.records.words import counted
from mainstay.report.labels import stream_in_words
from mainstay.web.bringing import NAME, Bringing, Wanted, on_the_page
from mainstay.web.forms import Fields, posted
from mainstay.web.showing import desk_of, go, show
from mainstay.web.uploads import LARGEST_BYTES, Upload, can_be_taken, uploaded

if TYPE_CHECKING:
    from starlette.requests import Request

ADD = "/record/add"
LOOK_AGAIN_S = 1
MOST_REFUSED_SHOWN = 200
NOTHING_CHOSEN = "Choose a file, or give a place on this machine."


def add(request: Request) -> Response:
    """Asks for a file or a place; where something is on its way in, on to that."""
    now = _at_hand(request)
    if now is not None and now.stage in ("reading", "asking", "keeping"):
        return go(_path(now))
    return _asked(request, {}, {})


def added(request: Request, fields: Fields, upload: Upload | None) -> Response:
    """Takes a file or a place, and begins to look at it."""
    wrong: dict[str, str] = {}
    desk, typed = desk_of(request), fields.text("place")
    path = None if not typed else _place(typed)
    if (upload is None or upload.size == 0) and path is None:
        wrong["file"] = NOTHING_CHOSEN if upload is None else "That file is empty."
    elif upload is not None and path is not None:
        wrong["place"] = "There is a file above as well; keep one of the two."
    elif path is not None:
        wrong |= _no_place(path, desk.path)
    others = tuple(one for one in fields.all("purpose") if one in PURPOSES and one != OWN)
    there = _at_hand(request)
    if not wrong and there is not None and there.works:
        wrong["file"] = "Something is being read just now. One at a time; try again in a moment."
    if wrong:
        if upload is not None:
            upload.close()
        return _asked(request, dict(fields) | {"purpose": " ".join(others)}, wrong, status=400)
    if there is not None:
        there.close()
    purposes = (OWN, *others) if others else ()
    if upload is not None:
        wanted = Wanted(upload.path, upload.called, purposes)
    else:
        assert path is not None
        wanted = Wanted(path, path.name or str(path), purposes)
    made = Bringing(desk, wanted, upload)
    desk.beside[NAME] = made
    if not desk.is_open:  # locked while the file was arriving
        made.close()
        return go("/unlock")
    made.begin()
    made.wait(0.3)
    return go(_path(made))


def one(request: Request) -> Response:
    """What became of it so far."""
    now = _at_hand(request, request.path_params["key"])
    return _gone(request) if now is None else _shown(request, now, {}, {})


def answered(request: Request, fields: Fields) -> Response:
    """Takes what was said of it: answers, a yes, more of what it is, or that it be dropped."""
    now = _at_hand(request, request.path_params["key"])
    if now is None:
        return _gone(request)
    done = fields.text("do")
    if done == "drop":
        now.close()
        desk_of(request).beside.pop(NAME, None)
        return go(ADD, "Dropped. Nothing was added.", request=request)
    if now.stage == "refused":
        try:
            now.again(**{name: fields.text(name) or None for name in ("zone", "person", "source")})
        except (BadRecord, BadRequest):
            return _shown(
                request, now, dict(fields), {"zone": "No zone has that name; one is written like Europe/Amsterdam."}
            )
    elif now.stage == "asking" and now.proposal is not None:
        wrong = now.answer(
            {(one.about, one.column): fields.text(f"q{k}") for k, one in enumerate(now.proposal.questions)}
        )
        if wrong:
            return _shown(
                request, now, dict(fields), {f"{about} {column}": said for (about, column), said in wrong.items()}
            )
        if done == "keep":
            try:
                now.keep()
            except BadRequest as refused:
                return _shown(request, now, {}, {"": str(refused)})
    now.wait(0.3)
    return go(_path(now))


def _path(now: Bringing) -> str:
    return f"{ADD}/{now.key}"


def _at_hand(request: Request, key: str | None = None) -> Bringing | None:
    held = desk_of(request).beside.get(NAME)
    return held if isinstance(held, Bringing) and key in (None, held.key) and held.stage != "stopped" else None


def _gone(request: Request) -> Response:
    return go(ADD, "That is done or was dropped. What was kept is under Record.", request=request)


def _place(typed: str) -> Path:
    """The path that was typed, a `~` at its beginning as the system has it where it knows whose home is meant."""
    try:
        return Path(typed).expanduser()
    except RuntimeError:
        return Path(typed)


def _no_place(path: Path, case: Path) -> dict[str, str]:
    try:
        if not path.is_absolute():
            return {"place": "Give the whole path, from its very beginning."}
        if not path.exists():
            return {"place": "There is nothing at that place; look at its spelling."}
        if path.samefile(case):
            return {"place": "That is this very casebook."}
    except (OSError, ValueError):
        return {"place": "That place can't be read on this machine."}
    return {}


def _asked(request: Request, typed: dict[str, str], wrong: dict[str, str], status: int = 200) -> Response:
    purposes = [(one, USES[one].text) for one in PURPOSES if one != OWN]
    return show(
        request, "bring_in.html", title="Bring in records", status=status, cut=None, typed=typed,
        wrong=defaultdict(str, wrong), takes_files=can_be_taken(), largest=LARGEST_BYTES,
        own=USES[OWN].text, purposes=purposes, chosen=typed.get("purpose", "").split(), exports=exports(),
        home=str(Path.home() / "export"),
    )  # fmt: skip


def _shown(request: Request, now: Bringing, typed: dict[str, str], wrong: dict[str, str]) -> Response:
    called, status = now.wanted.called, 400 if wrong else 200
    if now.works:
        response = show(request, "bring_in_working.html", title="Bringing it in", cut=None, now=now, called=called)
        response.headers["refresh"] = str(LOOK_AGAIN_S)
        return response
    if now.stage == "asking":
        return show(
            request, "bring_in_preview.html", title="Is this right?", cut=None, status=status, now=now, called=called,
            typed=typed, wrong=defaultdict(str, wrong), proposal=now.proposal, rows=now.rows, zones=_zones(),
            leave_out=LEAVE_OUT, looked_at=counted(now.table.rows if now.table else 0, "row"),
        )  # fmt: skip
    if now.stage == "refused":
        return show(
            request, "bring_in_refused.html", title="That could not be read", cut=None, status=status, now=now,
            called=called, typed=typed, wrong=defaultdict(str, wrong), zones=_zones(), exports=exports(),
        )  # fmt: skip
    receipt, kept = now.receipt, now.added
    assert receipt is not None and kept is not None
    first = receipt.refused[:MOST_REFUSED_SHOWN]
    return show(
        request, "bring_in_receipt.html", title="Brought in", cut=None, called=called, receipt=receipt, added=kept,
        read=counted(receipt.rows_read, "row"), empty=counted(receipt.rows_empty, "row"),
        streams=sorted(receipt.kept.items()), lines=added_lines("your casebook", kept),
        refused_said=refused_in_words(receipt), notes=[on_the_page(one, now.wanted) for one in receipt.notes],
        refused=[(on_the_page(one.place, now.wanted), one.row, one.reason) for one in first],
        more=max(0, len(receipt.refused) - MOST_REFUSED_SHOWN), purposes=now.wanted.purposes or (OWN,), uses=USES,
        stream_in_words=stream_in_words,
    )  # fmt: skip


@cache
def _zones() -> tuple[str, ...]:
    """The zones that are named after places."""
    parts = ("Africa/", "America/", "Antarctica/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/", "Pacific/")
    return tuple(sorted(name for name in available_timezones() if name.startswith(parts)))


ROUTES = (
    Route(ADD, add, methods=["GET"]),
    Route(ADD, uploaded(added), methods=["POST"]),
    Route(ADD + "/{key}", one, methods=["GET"]),
    Route(ADD + "/{key}", posted(answered), methods=["POST"]),
)
