"""`trial`: one thing is tried, properly. Names, arguments and help, as in `app`; work is imported when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

trial = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    subcommand_metavar="VERB …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Which = Annotated[
    str | None,
    typer.Argument(metavar="TRIAL", help="Its name; none: the only one, or the last begun.", show_default=False),
]
File = Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Take it from this file, as it is written.")]
Json = Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")]
AsOf = Annotated[str | None, typer.Option(metavar="DATE", help="What could be said at the end of that day.")]


@trial.callback()
def case_of(context: typer.Context, case: Case) -> None:
    """Try one thing, properly: plan it, draw the days by lot, note what was done, look at any time, report.

    In this order: design, start, calendar, fill, look, end, report. For one of them: mainstay trial CASE VERB --help
    """
    context.obj = case


@trial.command(
    short_help="Write down what is tried, on which days, and what would count.",
    epilog="Example:  mainstay trial anna.mainstay design --file evenings.toml",
)
def design(
    context: typer.Context,
    *,
    file: File = None,
    how_long: Annotated[
        bool, typer.Option("--how-long", help="Also say how many weeks it takes, from your own days (some seconds).")
    ] = False,
) -> None:
    """Write down a trial before it begins: asked for, or as TOML by standard input or --file.

    Until it begins it may be written anew; the last one of its name counts.
    """
    from mainstay.cli.trial_planning import design as run

    run(context.obj, file=file, how_long=how_long)


@trial.command(
    short_help="Draw the days by lot and seal the plan.", epilog="Example:  mainstay trial anna.mainstay start evenings"
)
def start(context: typer.Context, name: Which = None) -> None:
    """Draw the days by lot and seal the plan: from now on neither can be changed without that being seen."""
    from mainstay.cli.trial_planning import start as run

    run(context.obj, name)


@trial.command(
    short_help="Write the days to a calendar, a table or a page.",
    epilog="Example:  mainstay trial anna.mainstay calendar evenings --out evenings.ics",
)
def calendar(
    context: typer.Context,
    name: Which = None,
    *,
    out: Annotated[
        Path,
        typer.Option(metavar="OUT.ics|csv|txt", help="The file to write; it is not encrypted.", show_default=False),
    ],
    full: Annotated[
        bool, typer.Option("--full", help="Say in the calendar what each day is; else a neutral title.")
    ] = False,
) -> None:
    """Write the days that were drawn to a calendar (.ics), a table (.csv) or a page to print (.txt).

    Calendars are often shared and synchronised: their entries carry a neutral title unless you ask for more.
    """
    from mainstay.cli.trial_planning import calendar as run

    run(context.obj, name, out=out, full=full)


@trial.command(
    short_help="Note what was done on a day.",
    epilog="Example:  mainstay trial anna.mainstay fill evenings --day yesterday --kept yes",
)
def fill(
    context: typer.Context,
    name: Which = None,
    *,
    day: Annotated[
        str | None, typer.Option(metavar="DAY", help="Which day. [default: asks for each that is open]")
    ] = None,
    kept: Annotated[
        str | None, typer.Option(metavar="yes|partly|no", help="Whether the day was as it was drawn.")
    ] = None,
    instead: Annotated[str | None, typer.Option(metavar="ARM", help="What it was instead.")] = None,
    ticked: Annotated[
        list[str] | None, typer.Option("--tick", metavar="place|clothes|people", help="What of the setting held.")
    ] = None,
    table: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.csv", help="Many days at once: columns day, kept, arm, note.")
    ] = None,
) -> None:
    """Note whether a day was lived as it was drawn. Check-ins are noted as always: mainstay log CASE check-in"""
    from mainstay.cli.trial_filling import Given
    from mainstay.cli.trial_filling import fill as run

    run(context.obj, name, Given(day, kept, instead, tuple(ticked or ())), table)


@trial.command(
    short_help="Look at how it stands; looking costs nothing.",
    epilog="Example:  mainstay trial anna.mainstay look evenings",
)
def look(context: typer.Context, name: Which = None, *, json: Json = False, as_of: AsOf = None) -> None:
    """Say how it stands. The bounds hold however often you look, and limits of harm are checked."""
    from mainstay.cli.trial_telling import look as run

    run(context.obj, name, json=json, as_of=as_of)


@trial.command(
    short_help="End it, before its time or at its time.",
    epilog="Example:  mainstay trial anna.mainstay end evenings",
)
def end(context: typer.Context, name: Which = None) -> None:
    """End a trial; why is asked for, or comes by standard input. Nothing is lost: what was recorded is analysed."""
    from mainstay.cli.trial_filling import end as run

    run(context.obj, name)


@trial.command(
    short_help="What it showed, with everything a reader must know.",
    epilog="Example:  mainstay trial anna.mainstay report evenings --html evenings.html",
)
def report(
    context: typer.Context,
    name: Which = None,
    *,
    json: Json = False,
    as_of: AsOf = None,
    html: Annotated[Path | None, typer.Option(metavar="OUT.html", help="Write it as a page, with its figure.")] = None,
) -> None:
    """Report a trial: both claims, the figure, adherence, and the items of CENT and SCRIBE as far as records go."""
    from mainstay.cli.trial_telling import report as run

    run(context.obj, name, json=json, as_of=as_of, html=html)
