"""The style of figures and tables that pages share with the files that reports are written to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response
from starlette.routing import Route

from mainstay.report.explanations_html import EXPLANATIONS_SHEET
from mainstay.report.futures_page import PAGE_SHEET
from mainstay.report.options_html import OPTIONS_SHEET
from mainstay.report.patterns_pictures import PICTURES_SHEET

if TYPE_CHECKING:
    from starlette.requests import Request

SHEET = f"{PAGE_SHEET}{EXPLANATIONS_SHEET}{PICTURES_SHEET}{OPTIONS_SHEET}"


def sheet(request: Request) -> Response:
    """The sheet of all chapters, as the reports have it."""
    return Response(SHEET, media_type="text/css")


ROUTES = (Route("/chapters.css", sheet),)
