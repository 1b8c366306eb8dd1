"""Mainstay: from a person's own records, on their own machine: what wears them down, what restores them.

The names below are the whole public door, in the order of the story. Each is imported when it is first used.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.casebook import Casebook as Casebook
    from mainstay.casebook import Consent as Consent
    from mainstay.errors import AlreadyThere as AlreadyThere
    from mainstay.errors import BadMapping as BadMapping
    from mainstay.errors import BadRecord as BadRecord
    from mainstay.errors import BadRequest as BadRequest
    from mainstay.errors import CasebookError as CasebookError
    from mainstay.errors import MainstayError as MainstayError
    from mainstay.errors import NaiveInstant as NaiveInstant
    from mainstay.errors import NoConsent as NoConsent
    from mainstay.errors import NotACasebook as NotACasebook
    from mainstay.errors import UnreadableSource as UnreadableSource
    from mainstay.errors import WrongPassphrase as WrongPassphrase
    from mainstay.quantities import Answer as Answer
    from mainstay.quantities import CannotSay as CannotSay
    from mainstay.quantities import Finding as Finding
    from mainstay.quantities import Instant as Instant
    from mainstay.quantities import Interval as Interval
    from mainstay.quantities import Probability as Probability
    from mainstay.quantities import Span as Span
    from mainstay.records.kinds import Batch as Batch
    from mainstay.records.kinds import Item as Item
    from mainstay.records.kinds import Receipt as Receipt
    from mainstay.records.kinds import Record as Record
    from mainstay.records.reader import read as read
    from mainstay.records.reader import read_frames as read_frames
    from mainstay.story import Story as Story
    from mainstay.story import analyse as analyse
    from mainstay.story import tell as tell
    from mainstay.timeline.kinds import Timeline as Timeline
    from mainstay.timeline.reader import from_records as from_records

__version__ = "0.1.0"

_CHAPTERS: dict[str, tuple[str, ...]] = {
    "quantities": ("Instant", "Span", "Interval", "Probability", "Finding", "CannotSay", "Answer"),
    "records.reader": ("read", "read_frames"),
    "records.kinds": ("Item", "Record", "Batch", "Receipt"),
    "casebook": ("Casebook", "Consent"),
    "timeline.reader": ("from_records",),
    "timeline.kinds": ("Timeline",),
    "story": ("Story", "tell", "analyse"),
    "errors": (
        "MainstayError", "BadRecord", "NaiveInstant", "BadMapping", "UnreadableSource", "CasebookError",
        "NotACasebook", "WrongPassphrase", "AlreadyThere", "NoConsent", "BadRequest",
    ),
}  # fmt: skip
_HOME = {name: chapter for chapter, names in _CHAPTERS.items() for name in names}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mainstay' has no attribute {name!r}")
    return getattr(import_module(f"mainstay.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]


def _find_room_for_kernels() -> None:
    """Where neither this package's folder nor the user's can be written, compile into a private folder of this process.

    numba keeps compiled kernels beside the code or in the user's cache, and stops where it can do neither. It reads
    the setting when it is first imported, so it is settled here.
    """
    home = os.path.expanduser("~")  # noqa: PTH111  (pathlib raises where there is no home)
    if "NUMBA_CACHE_DIR" in os.environ or any(os.access(place, os.W_OK) for place in (os.path.dirname(__file__), home)):  # noqa: PTH120
        return
    import atexit
    import shutil
    import tempfile

    private = tempfile.mkdtemp(prefix="mainstay-kernels-")
    os.environ["NUMBA_CACHE_DIR"] = private
    atexit.register(shutil.rmtree, private, ignore_errors=True)


_find_room_for_kernels()
