"""What a reader is: how its export is known, what it makes of it, and where a person finds the export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mainstay.records.place import Place
from mainstay.records.sources.intake import Intake


@dataclass(frozen=True, slots=True)
class Source:
    """An app or device whose exports can be read.

    `recognises` looks at names and first bytes only and never raises. `read` gives what it finds to the intake, one
    bad row at a time. `zone`: whether its times are local without saying where. `tried_on`: what the reader was
    tested with; a format that was only read about is said to be so.
    """

    name: str
    title: str
    found_at: str
    recognises: Callable[[Place], bool]
    read: Callable[[Place, Intake], None]
    zone: Literal["written", "asked"] = "written"
    tried_on: Literal["real exports", "published samples", "its description only"] = "published samples"
