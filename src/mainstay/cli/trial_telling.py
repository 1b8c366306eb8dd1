"""`trial` look and report: how a trial stands, and what it showed."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking

if TYPE_CHECKING:
    from mainstay.doors.trials import Shown

PAGES = (".html", ".htm")
WIDEST = 100


def look(case: Path, name: str | None, *, json: bool, as_of: str | None) -> None:
    """Say how a trial stands, and keep that it was looked at; a look back at an earlier day is not kept."""
    from mainstay.casebook import Casebook
    from mainstay.doors import trials as steps
    from mainstay.report.trials_text import look_lines

    at = asking.now()
    cut = asking.as_of(as_of, at)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        shown = steps.look(casebook, name, now=at, as_of=cut)
    if json:
        _print_json(shown)
    else:
        print(look_lines(shown.standing, shown.context, _width()), end="")


def report(case: Path, name: str | None, *, json: bool, as_of: str | None, html: Path | None) -> None:
    """Report a trial, on the terminal and as a page."""
    from mainstay.casebook import Casebook
    from mainstay.cli.files import check_output, whole_file
    from mainstay.doors import trials as steps
    from mainstay.report.trials_html import trial_html
    from mainstay.report.trials_text import report_lines

    at = asking.now()
    cut = asking.as_of(as_of, at)
    if html is not None:
        check_output(html, PAGES, case)
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        shown = steps.report(casebook, name, now=at, as_of=cut)
    if json:
        _print_json(shown)
        return
    told = shown.report()
    if html is not None:
        with whole_file(html) as part:
            part.write_text(trial_html(told, shown.context), encoding="utf-8")
    print(report_lines(told, shown.context, _width()), end="")
    if html is not None:
        print(f"Wrote {html}. It is not encrypted: whoever has it can read it.", file=sys.stderr)


def _print_json(shown: Shown) -> None:
    from mainstay.cli.as_json import told_as_json

    print(told_as_json(shown.answers(), shown.context))


def _width() -> int:
    return min(shutil.get_terminal_size().columns, WIDEST)
