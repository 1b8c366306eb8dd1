"""The paper as PDF, tagged for screen readers (PDF/UA), set in memory: nothing readable is laid down on the way."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mainstay.report.figure import Spec
from mainstay.report.paper import Paper
from mainstay.report.picture import picture_svg
from mainstay.report.words import clean

PICTURE_WIDTH = 900
TEMPLATE = Path(__file__).with_name("paper.typ")


def paper_pdf(paper: Paper, picture: Spec | None) -> bytes:
    """The pages as bytes. `picture`: the figure of the first page, in the light colours; None: without.

    What comes from records is data to the typesetter, never part of its program; it is given no file and no package.
    """
    import typst

    held = asdict(paper) | {"picture": "" if picture is None else str(picture["description"])}
    files: Any = {"main.typ": TEMPLATE.read_bytes(), "paper.json": json.dumps(_printable(held)).encode()}
    if picture is not None:
        files["picture.svg"] = picture_svg(picture | {"background": "white"}).encode()
    made: bytes = typst.compile(files, format="pdf", pdf_standards=["ua-1"])
    return made


def _printable(value: object) -> object:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {name: _printable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(part) for part in value]
    return value
