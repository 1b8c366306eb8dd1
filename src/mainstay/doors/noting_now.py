"""The role somebody is in just now: said with one tap when it begins, and noted as a stretch when it is over."""

from __future__ import annotations

import json
from dataclasses import dataclass

from mainstay.casebook import Casebook
from mainstay.doors.noting import Note, OnRecord, role
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.logged import one_line


@dataclass(frozen=True, slots=True)
class UnderWay:
    """A role and since when somebody is in it. No record yet: it is kept as a setting until it is over."""

    label: str
    since: Instant


def under_way(casebook: Casebook) -> UnderWay | None:
    """The role that was begun and is not over; None where there is none."""
    held = casebook.setting("role")
    if held is None:
        return None
    try:
        said = json.loads(held)
        return UnderWay(str(said["label"]), Instant.parse(said["since"]))
    except (ValueError, KeyError, TypeError, BadRecord) as error:
        raise BadRecord("the role that was begun can't be read; forget it and note it with its times") from error


def begin(casebook: Casebook, label: str, now: Instant) -> None:
    """From now on in a role. Refuses where one is under way: that is over first."""
    one_line("the role", label)
    if casebook.setting("role") is not None:
        raise BadRequest("a role is under way; say first that it is over")
    casebook.keep_setting("role", json.dumps({"label": label, "since": str(now)}), now=now)


def over(known: OnRecord, found: UnderWay, now: Instant) -> Note:
    """The stretch in a role that is over now. Refuses one that began only now."""
    if now <= found.since:
        raise BadRequest("it has only just begun; forget it instead")
    return role(found.label, Span(found.since, now), known, now=now)


def forget(casebook: Casebook, now: Instant) -> None:
    """No role is under way any more."""
    if casebook.setting("role") is not None:
        casebook.keep_setting("role", None, now=now)
