"""What opens the casebook, and how that is changed: a new passphrase, a recovery code shown once, a way taken away."""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from starlette.routing import Route

from mainstay.doors.passphrases import SHORTEST, refuse_different, refuse_unfit
from mainstay.errors import BadRequest, WrongPassphrase
from mainstay.web.forms import Fields, posted
from mainstay.web.held import NewCode, held_of
from mainstay.web.showing import desk_of, go, show

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

WAYS = {
    "passphrase": "a passphrase",
    "recovery": "a recovery code: twelve words on paper",
    "keyring": "the keyring of a system, where you are logged in",
}
ASKED_BACK = 3
NOT_THAT = "That does not open the casebook, so nothing has changed."


def keys(request: Request) -> Response:
    """What opens it."""
    return _shown(request)


def passphrase(request: Request, fields: Fields) -> Response:
    """A new passphrase in place of the old one."""
    from mainstay.casebook import keys as ways

    new = fields.get("new", "")
    try:
        refuse_unfit(new)
        refuse_different(new, fields.get("again", ""))
    except BadRequest as error:
        return _shown(request, wrong={"new": _sentence(error)}, status=400)
    desk = desk_of(request)
    try:
        with desk.casebook() as book:
            ways.change_passphrase(book.path, fields.get("old", ""), new, now=desk.clock())
    except WrongPassphrase:
        return _shown(request, wrong={"old": NOT_THAT}, status=403)
    return go("/consent/keys", "The new passphrase opens it from now on.", request=request)


def new_code(request: Request, fields: Fields) -> Response:
    """A new recovery code, shown this once; it is not kept before some of its words came back from paper."""
    from mainstay.casebook import recovery

    words = tuple(recovery.new_code().split())
    asked = tuple(sorted(secrets.SystemRandom().sample(range(len(words)), ASKED_BACK)))
    one = NewCode(words, asked)
    key = held_of(desk_of(request)).code(one)
    return _code(request, key, one, words=words)


def keep_code(request: Request, fields: Fields) -> Response:
    """Keep the code whose words were typed back. After three wrong tries it is let go; nothing has changed then."""
    from mainstay.casebook import keys as ways

    desk = desk_of(request)
    codes = held_of(desk).codes
    key = fields.text("key")
    one = codes.get(key)
    if one is None:
        raise BadRequest("that code is no longer waiting to be kept; start again for a new one")
    if any(fields.text(f"word{place}").lower() != one.words[place] for place in one.asked):
        one.left -= 1
        if one.left <= 0:
            del codes[key]
            said = "The words on paper are not those shown. Nothing has changed; start again for a new code."
            return go("/consent/keys", said, request=request)
        return _code(
            request, key, one, wrong={"words": "One of these is another word. Look at your paper."}, status=400
        )
    try:
        with desk.casebook() as book:
            had = any(slot.kind == "recovery" for slot in ways.slots(book.path))
            ways.change_recovery(book.path, fields.get("old", ""), " ".join(one.words), now=desk.clock())
    except WrongPassphrase:
        return _code(request, key, one, wrong={"old": NOT_THAT}, status=403)
    del codes[key]
    said = "From now on these words open it too, wherever the passphrase is asked for."
    return go("/consent/keys", said + (" The code you had before opens it no longer." if had else ""), request=request)


def remove(request: Request, fields: Fields) -> Response:
    """Take a way in away; never the last that works anywhere."""
    from mainstay.casebook import keys as ways

    kind, desk = fields.text("kind"), desk_of(request)
    if kind not in WAYS:
        raise BadRequest("say what shall no longer open it")
    try:
        with desk.casebook() as book:
            ways.remove(book.path, fields.get("old", ""), kind, now=desk.clock())
    except WrongPassphrase:
        return _shown(request, wrong={kind: NOT_THAT}, status=403)
    except BadRequest as error:
        return _shown(request, wrong={kind: _sentence(error)}, status=400)
    return go("/consent/keys", f"It no longer opens with {WAYS[kind]}.", request=request)


def _shown(request: Request, wrong: dict[str, str] | None = None, status: int = 200) -> Response:
    from mainstay.casebook import keys as ways

    desk = desk_of(request)
    with desk.casebook() as book:
        kinds, unfinished = Counter(slot.kind for slot in ways.slots(book.path)), ways.unfinished(book.path)
    there = [(kind, said, kinds[kind]) for kind, said in WAYS.items() if kinds[kind]]
    removable = [kind for kind in ("recovery", "keyring") if kinds[kind]]
    return show(
        request, "keys.html", title="What opens it", cut=None, ways=there, has_code=bool(kinds["recovery"]),
        removable=removable, words=WAYS, unfinished=unfinished, wrong=defaultdict(str, wrong or {}),
        shortest=SHORTEST, status=status,
    )  # fmt: skip


def _code(
    request: Request, key: str, one: NewCode, *, words: tuple[str, ...] = (), wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    return show(
        request, "keys_code.html", title="A recovery code", cut=None, key=key, words=words, asked=one.asked,
        wrong=defaultdict(str, wrong or {}), status=status,
    )  # fmt: skip


def _sentence(error: BadRequest) -> str:
    said = str(error)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")


ROUTES = (
    Route("/consent/keys", keys),
    Route("/consent/keys/passphrase", posted(passphrase), methods=["POST"]),
    Route("/consent/keys/code", posted(new_code), methods=["POST"]),
    Route("/consent/keys/code/keep", posted(keep_code), methods=["POST"]),
    Route("/consent/keys/remove", posted(remove), methods=["POST"]),
)
