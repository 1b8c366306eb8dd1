"""JSON that leaves the casebook and comes back: written plainly, read as hostile, one field of one type at a time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from mainstay.errors import BadRecord
from mainstay.quantities import Instant

MOST_LISTED = 5_000_000


def dump(held: Any) -> bytes:
    """The JSON text, indented, ending in a newline."""
    return (json.dumps(held, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def moment(instant: Instant) -> str:
    """The instant as ISO 8601 to the microsecond, with the local clock's offset."""
    return instant.as_local.isoformat(timespec="microseconds")


def load(content: bytes, where: str) -> dict[str, Any]:
    """The object in a JSON text; `where` names the text in refusals (`BadRecord`), as in all that follow.

    Refuses also what `dump` would not write (infinities, half characters, endless nesting): it could never leave again.
    """
    try:
        held = json.loads(content)
        dump(held)
    except (ValueError, RecursionError) as error:
        raise BadRecord(f"{where} can't be read as JSON") from error
    if not isinstance(held, dict):
        raise BadRecord(f"{where} holds something else than it should")
    return held


def field(held: Any, name: str, kind: type, where: str) -> Any:
    """The field of this name and exactly this type."""
    if not isinstance(held, Mapping) or type(held.get(name)) is not kind:
        raise BadRecord(f"{where} says nothing that can be read about {name!r}")
    return held[name]


def listed(held: Any, name: str, where: str) -> list[Any]:
    """The list of this name."""
    found: list[Any] = field(held, name, list, where)
    if len(found) > MOST_LISTED:
        raise BadRecord(f"{where} lists more of {name!r} than there could be")
    return found


def texts(held: Any, name: str, where: str) -> tuple[str, ...]:
    """The list of texts of this name."""
    found = listed(held, name, where)
    if not all(isinstance(one, str) for one in found):
        raise BadRecord(f"{where} says nothing that can be read about {name!r}")
    return tuple(found)


def instant(held: Any, name: str, where: str) -> Instant:
    """The instant of this name, as `moment` wrote it."""
    return Instant.parse(field(held, name, str, where))
