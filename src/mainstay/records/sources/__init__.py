"""One reader for each app or device people keep records in, found by what an export holds, not by its name."""

from __future__ import annotations

from importlib import import_module

from mainstay.errors import BadRequest
from mainstay.records.place import Place
from mainstay.records.sources.source import Source

MODULES: tuple[str, ...] = (
    "apple_health",
    "calendar_ics",
    "daylio",
    "m_path",
    "fitbit",
    "garmin",
    "google_fit",
    "activity_watch",
    "beiwe",
    "open_mhealth",
    "openesm",
)
"""Modules of this package, each with a `SOURCE`, in the order in which they are asked; the strictest come first."""


def sources() -> tuple[Source, ...]:
    """Every source there is a reader for."""
    return tuple(import_module(f"mainstay.records.sources.{name}").SOURCE for name in MODULES)


def named(name: str, *others: str) -> Source:
    """The source with this name; refuses another. `others` may be named too, and are taken elsewhere."""
    every = {one.name: one for one in sources()}
    if name not in every:
        raise BadRequest(f"{name!r} is no source; it must be one of {', '.join((*every, *others))}")
    return every[name]


def recognised(place: Place) -> Source | None:
    """The source whose export this is; None where none knows it."""
    return next((one for one in sources() if one.recognises(place)), None)
