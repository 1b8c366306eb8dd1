"""Erasing as every door speaks of it: what would go, what stays out of reach, and the receipts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from mainstay.errors import BadRequest
from mainstay.records.words import counted

if TYPE_CHECKING:
    from mainstay.casebook import Casebook, StreamOverview
    from mainstay.casebook.bystanders import Bystander
    from mainstay.casebook.erasure import ErasureReceipt

KINDS = {
    "check_in": ("check-in",),
    "event": ("event",),
    "episode": ("stretch of time", "stretches of time"),
    "signal": ("signal",),
    "prompt": ("questionnaire",),
    "coverage": ("note of how fully", "notes of how fully"),
    "contact": ("note of somebody", "notes of somebody"),
    "reaction": ("reaction",),
    "statement": ("thing you wrote", "things you wrote"),
}
MOST_RECEIPT_BYTES = 1 << 24
LIMITS = (
    "What this can't reach: backups and copies of the casebook made earlier (a restored one needs the receipt), files "
    "written by export, tell or share, and what others were shown. A disk may keep old blocks of the file for a while; "
    "they are encrypted, but whoever has them and the passphrase could read them."
)
EVERYTHING = (
    "Its keyslots go first: without them nothing of the file can be opened again, not even with the passphrase. What "
    "this can't reach: backups and copies (each has keyslots of its own), exported and shared files, and old blocks of "
    "the file that a disk may keep for a while."
)
KEEP_IT = (
    "Keep it with your backups: a restored one is given it and erases again. It says nothing of what was in the "
    "records."
)
WHO_SEES = (
    "Only you see these names; whoever else you let in sees the pseudonyms. A name that stands in a label, a tag or a "
    "note is not seen to: it stands there as you wrote it."
)
FORGOTTEN = (
    "The name is not kept again if the same file comes again. It may still stand in labels, tags and notes, in files "
    "you wrote out, and in backups made earlier: after restoring one, do this again."
)
THAT_TOO = "its key, its consent and its name"


def would_go(casebook: Casebook, streams: Iterable[str]) -> list[str]:
    """What erasing these streams takes with it, a line each: first the streams with their records."""
    taken = casebook.would_go(streams)
    chosen = [one for one in casebook.streams() if one.name in set(streams)]
    lines = [f"{one.name}: {held(one)}" for one in chosen]
    if taken.answers:
        lines.append(f"kept answers made from it: {', '.join(taken.answers)}")
    if taken.items:
        lines.append(f"questions that nothing else asks: {', '.join(taken.items)}")
    if taken.people:
        lines.append(f"names of people that nothing else names: {taken.people:,}")
    return [*lines, THAT_TOO]


def held(stream: StreamOverview) -> str:
    """What a stream holds: how many records of which kinds, from when to when."""
    kinds = ", ".join(counted(count, *KINDS[kind]) for kind, count in stream.kinds.items()) or "no records"
    if stream.first is None or stream.last is None:
        return kinds
    return f"{kinds}; {stream.first.day_in_words} to {stream.last.day_in_words}"


def called(one: Bystander) -> str:
    """Somebody's name, or why there is none to see."""
    return one.name or ("name forgotten" if one.forgotten else "name not to be read now")


def receipt_in(content: bytes) -> ErasureReceipt:
    """The receipt that a file holds; refuses (`BadRequest`) what is none."""
    from mainstay.casebook.erasure import ErasureReceipt

    if len(content) > MOST_RECEIPT_BYTES:
        raise BadRequest("it is far too large for a receipt")
    try:
        return ErasureReceipt.from_json(content.decode())
    except UnicodeDecodeError as error:
        raise BadRequest("this file is no erasure receipt") from error
