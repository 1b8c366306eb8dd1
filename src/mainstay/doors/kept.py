"""The last story told, kept in the casebook: telling it again needs no second fit.

It is taken from there only if it was made from the same records by the same code, and consent still covers every stream
it was made from; erasing one of them erases it. A replay at an earlier date is always made anew.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

import mainstay
from mainstay.quantities import Answer, CannotSay, Finding, Interval
from mainstay.report.answers import AnswerContext, plain

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.story import Story
    from mainstay.timeline.kinds import Timeline

NAME, FORM = "story", 1
MOST_WEEKS = 52
MADE_BY = (
    "quantities.py",
    "story.py",
    "explanations",
    "futures",
    "notice",
    "numerics",
    "options",
    "patterns",
    "records",
    "strain",
    "timeline",
    "trials",
)


def recall(casebook: Casebook, timeline: Timeline, at: Instant) -> Story | None:
    """The kept story of exactly this timeline; None where there is none."""
    kept = [one for one in casebook.kept_answers(NAME, purpose=timeline.purpose, now=at) if one.version == FORM]
    held = json.loads(kept[0].payload) if kept else {}
    if held.get("made_from") != fingerprint(timeline):
        return None
    from mainstay.notice.concern import concern_answers
    from mainstay.story import Story
    from mainstay.strain.posterior import Curves

    drawn = held["curves"]
    curves = None if drawn is None else Curves(**{name: _column(name, value) for name, value in drawn.items()})
    made_at = kept[0].made_at
    context = AnswerContext(timeline.as_of, timeline.known_through, made_at, timeline.purpose, timeline.left_out)
    kept_answers = (_answer(one) for one in held["answers"])
    # a worry ages by the clock, whatever else is on record
    told = (*concern_answers(timeline), *(one for one in kept_answers if one.row != "S1"))
    return Story(timeline, told, curves, context)


def last_told(casebook: Casebook, purpose: str, at: Instant) -> tuple[Answer, ...]:
    """The answers of the kept story as they were, whatever was added since; none where none is kept, or may be read."""
    kept = [one for one in casebook.kept_answers(NAME, purpose=purpose, now=at) if one.version == FORM]
    return tuple(_answer(one) for one in json.loads(kept[0].payload)["answers"]) if kept else ()


def keep(casebook: Casebook, story: Story, at: Instant) -> None:
    """Keep a story in place of the one kept before."""
    held = {
        "made_from": fingerprint(story.timeline),
        "answers": [{"kind": type(one).__name__} | plain(asdict(one)) for one in story.answers],
        "curves": None if story.curves is None else plain(_parts(story.curves)),
    }
    streams = {stream.name for stream in casebook.streams()} - set(story.timeline.left_out)
    casebook.keep_answers(NAME, FORM, json.dumps(held, allow_nan=False).encode(), streams, now=at)


def fingerprint(timeline: Timeline) -> str:
    """What a timeline holds and which code would tell it; not the date it is cut at, which moves with the clock.

    But for whole weeks of silence, up to a year of them: what could come is told from the last day on record, and
    after some weeks of nothing it can't be told any more.
    """
    known = hashlib.blake2b(digest_size=16)
    silent = min(timeline.as_of.days_since(timeline.known_through) // 7, MOST_WEEKS)
    _feed(known, [mainstay.__version__, *_code(), silent, replace(timeline, as_of=timeline.known_through)])
    return known.hexdigest()


def _code() -> Iterable[tuple[str, int, int]]:
    home = Path(mainstay.__file__).parent
    for name in MADE_BY:
        place = home / name
        for file in [place] if place.suffix else sorted([*place.glob("*.py"), *place.glob("*/*.toml")]):
            found = file.stat()
            yield file.name, found.st_size, found.st_mtime_ns


def _feed(known: Any, value: Any) -> None:
    """Adds a value to the hash: its kind, its size, and its parts in a fixed order."""
    known.update(f"{type(value).__name__}:".encode())
    if isinstance(value, np.ndarray):
        known.update(f"{value.dtype.str}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value):
        for name, part in _parts(value).items():
            _feed(known, name)
            _feed(known, part)
    elif isinstance(value, dict):
        _feed(known, sorted(value.items()))
    elif isinstance(value, list | tuple):
        known.update(f"{len(value)}:".encode())
        for part in value:
            _feed(known, part)
    else:
        text = repr(value).encode()
        known.update(f"{len(text)}:".encode() + text)


def _parts(value: Any) -> dict[str, Any]:
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _column(name: str, value: Any) -> Any:
    return np.array(value, bool if name == "unknown" else float) if isinstance(value, list) else value


def _answer(held: dict[str, Any]) -> Answer:
    parts: dict[str, Any] = {name: tuple(part) if isinstance(part, list) else part for name, part in held.items()}
    if parts.pop("kind") == "CannotSay":
        return CannotSay(**parts)
    parts["interval"] = Interval(**parts["interval"])
    return Finding(**parts)
