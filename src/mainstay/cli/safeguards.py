"""The arguments and help of the commands that say what may be read and what was: `consent` and `audit`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Case = Annotated[Path, typer.Argument(metavar="CASE", help="Your casebook, such as anna.mainstay.", show_default=False)]


def consent(
    case: Case,
    action: Annotated[
        str, typer.Argument(metavar="show|give|refuse|renew|withdraw", help="What to do.", show_default="show")
    ] = "show",
    streams: Annotated[
        list[str] | None,
        typer.Argument(metavar="[STREAM]...", help="Which streams. [default: all]", show_default=False),
    ] = None,
    *,
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PURPOSE",
            help="own_answers, supporter_view, clinician_report, cohort or pooled_prior; may be repeated. "
            "[default: own_answers to give, all to renew or withdraw]",
        ),
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="DATE", help="With give and renew: the last day. [default: until withdrawn]")
    ] = None,
    history: Annotated[bool, typer.Option("--history", help="With show: everything that was ever said.")] = False,
) -> None:
    """Show and change what each stream of records may be read for, from when and until when.

    Withdrawing stops reads at once. It can be done for one stream and purpose, or for everything in one go.
    """
    from mainstay.cli.consenting import consent as run

    run(case, action, tuple(streams or ()), purposes=tuple(purpose or ()), until=until, history=history)


def audit(
    case: Case,
    *,
    checkpoint: Annotated[
        Path | None, typer.Option(metavar="OUT.json", help="Write down how the list stands, to keep elsewhere.")
    ] = None,
    verify: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Hold the list against a checkpoint made earlier.")
    ] = None,
    last: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="So many entries. [default: 20; with --json all]")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The list as JSON, for other programs.")] = False,
) -> None:
    """Show who read which streams for what, and when, and check that nothing in that list was changed.

    The exit code is 1 where something was. What was cut off at the end shows only against a checkpoint.
    """
    from mainstay.cli.auditing import audit as run

    run(case, checkpoint=checkpoint, verify=verify, last=last, as_json=json)
