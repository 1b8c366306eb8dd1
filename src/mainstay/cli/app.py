"""The commands: names, arguments and help. What a command does is imported when it runs, so that help starts light."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import mainstay
from mainstay.cli import safeguards
from mainstay.cli.explain import explain
from mainstay.cli.futures import futures
from mainstay.cli.gather import of_many
from mainstay.cli.leaving import Case, leaving
from mainstay.cli.log import log
from mainstay.cli.noticing import notice
from mainstay.cli.options import options as weigh_options
from mainstay.cli.patterns import patterns
from mainstay.cli.record import record
from mainstay.cli.roles import roles
from mainstay.cli.trial import trial
from mainstay.worlds import WORLDS

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help="What wears you down and what restores you, from your own records, on your own machine.\n\n"
    "Begin with: mainstay demo",
    epilog="Nothing leaves this machine. The passphrase is asked for, or read from the file that "
    "MAINSTAY_PASSPHRASE_FILE names; it is never an argument.",
)

app.add_typer(leaving)


def _list_exports(asked: bool) -> None:
    if asked:
        from mainstay.cli.listing import exports

        exports()
        raise typer.Exit


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"mainstay {mainstay.__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """The options that belong to no command."""


@app.command(
    short_help="Simulate a person, tell their story and draw the picture.", epilog="Example:  mainstay demo --out demo"
)
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write.")] = Path("demo"),
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another simulated person.")] = 1,
    again: Annotated[bool, typer.Option("--again", help="Replace an earlier demo in that folder.")] = False,
    page: Annotated[bool, typer.Option("--page", help="Open the page of the demo that is in that folder.")] = False,
    browser: Annotated[bool, typer.Option(help="With --page: open it in this system's browser.")] = True,
) -> None:
    """Simulate a person with two roles, keep their casebook, tell their story, draw the picture, offer the page."""
    from mainstay.cli import demo as the_demo

    if page:
        the_demo.page(out, opens=browser)
    else:
        the_demo.demo(out, seed=seed, again=again)


@app.command(short_help="Make a new casebook: one encrypted file.", epilog="Example:  mainstay new anna.mainstay")
def new(case: Case) -> None:
    """Make a new casebook: one encrypted file. Asks for a passphrase twice; nobody can recover it for you."""
    from mainstay.cli.keeping import new as run

    run(case)


@app.command(
    short_help="Read records into the casebook; print a receipt.",
    epilog="Example:  mainstay add anna.mainstay diary.csv --map diary.toml --zone Europe/Amsterdam",
)
def add(
    case: Case,
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="An app's export (file, folder or zip), a CSV or Parquet file, or a folder with mainstay.toml.",
            show_default=False,
        ),
    ],
    *,
    mapping: Annotated[
        Path | None, typer.Option("--map", metavar="MAP.toml", help="What the columns mean. A folder brings its own.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of the clock that wrote the times: Europe/Amsterdam.")
    ] = None,
    person: Annotated[
        str | None,
        typer.Option(metavar="WHO", help="Which of several people in the file, as the file names them."),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option("--as", metavar="SOURCE", help="Whose export it is, where that is not seen: see --list."),
    ] = None,
    guess: Annotated[
        bool,
        typer.Option(
            "--guess",
            help="Propose a mapping for an unknown CSV or Parquet file; show rows as understood, keep nothing unasked.",
        ),
    ] = False,
    _: Annotated[
        bool,
        typer.Option(
            "--list",
            callback=_list_exports,
            is_eager=True,
            help="List the exports that are known, and where each is found.",
        ),
    ] = False,
    consent: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PURPOSE", help="What the records may be read for; may be repeated. [default: own_answers]"
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--every-refusal", help="Print every refused row, not the first 20.")] = False,
) -> None:
    """Read records into the casebook and print a receipt: what was read, kept and refused, and why.

    The same file twice adds nothing.
    """
    from mainstay.cli.keeping import add as run

    purposes = tuple(consent or ())
    if guess:
        from mainstay.cli.guessing import guess as propose

        propose(case, path, out=mapping, zone=zone, person=person, source=source, purposes=purposes)
        return
    run(case, path, mapping=mapping, zone=zone, person=person, source=source, purposes=purposes, every=every)


app.command(
    short_help="Show and change what the records may be read for.",
    epilog="Example:  mainstay consent anna.mainstay withdraw diary",
)(safeguards.consent)
app.command(
    short_help="Show who read what, and check that list.",
    epilog="Example:  mainstay audit anna.mainstay --verify checkpoint.json",
)(safeguards.audit)


@app.command(
    short_help="See and change what opens the casebook.",
    epilog="Example:  mainstay key anna.mainstay recovery",
)
def key(
    case: Case,
    action: Annotated[
        str,
        typer.Argument(
            metavar="show|passphrase|recovery|rotate|keyring|remove", help="What to do.", show_default="show"
        ),
    ] = "show",
    kind: Annotated[
        str | None,
        typer.Argument(
            metavar="[passphrase|recovery|keyring]",
            help="With remove: what shall no longer open it.",
            show_default=False,
        ),
    ] = None,
    *,
    recovery: Annotated[
        bool, typer.Option("--recovery", help="With passphrase: it is forgotten, use the recovery code.")
    ] = False,
    without_recovery: Annotated[
        bool, typer.Option("--without-recovery", help="With rotate: make no new recovery code; the old one goes.")
    ] = False,
) -> None:
    """See and change what opens the casebook.

    \b
    show        what opens it; no passphrase is asked
    passphrase  another passphrase
    recovery    a new recovery code: twelve words on paper that open it too
    rotate      a new key for all that is inside, if somebody may know the old words
    keyring     let this system's keyring open it while you are logged in
    remove      take one of these away again

    In a script the new passphrase is read from the file that MAINSTAY_NEW_PASSPHRASE_FILE names.
    """
    from mainstay.cli.keys import key as run

    run(case, action, kind, recovery=recovery, without_recovery=without_recovery)


app.command(
    short_help="Say and draw what is on record.", epilog="Example:  mainstay record anna.mainstay --picture anna.png"
)(record)
app.command(short_help="Hours in each role, declared and inferred.", epilog="Example:  mainstay roles anna.mainstay")(
    roles
)


@app.command(
    short_help="Tell the story: what strains, what restores.",
    epilog="Example:  mainstay tell anna.mainstay --picture anna.svg",
)
def tell(
    case: Case,
    *,
    json: Annotated[bool, typer.Option("--json", help="The answers as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="What could be told at the end of that day (this machine's clock), such as 2025-03-01; "
            "or a time with its offset.",
        ),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(metavar="OUT.svg|png|pdf", help="Draw the picture into this file.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option(metavar="OUT.html", help="Write story and picture as one page that needs no network.")
    ] = None,
    pdf: Annotated[
        Path | None,
        typer.Option(
            metavar="OUT.pdf", help="Write it as pages to take along: in short, evidence, methods, limits, consent."
        ),
    ] = None,
    for_clinician: Annotated[
        bool, typer.Option("--for-clinician", help="Use only what you allowed for a clinician's report.")
    ] = False,
    signal: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="A signal on record that may feed strain, such as sleep; may be repeated."),
    ] = None,
    draws: Annotated[
        bool, typer.Option("--draws", help="Where the usual arithmetic fails its check, take slower draws (minutes).")
    ] = False,
    restoring: Annotated[
        bool,
        typer.Option("--restoring", help="Also ask whether refuges or hours as yourself restore (best in a trial)."),
    ] = False,
) -> None:
    """Tell the whole story in plain sentences: what strains, what restores, and whether it takes less to tip over.

    Each answer says how sure it is and from what, or why it can't be said. Pictures and pages are not encrypted.
    """
    from mainstay.cli.telling import tell as run

    run(
        case,
        as_json=json,
        as_of=as_of,
        picture=picture,
        html=html,
        pdf=pdf,
        for_clinician=for_clinician,
        signals=tuple(dict.fromkeys(signal or ())),
        restoring=restoring,
        thorough=draws,
    )


app.command(short_help="What is changing, against your own past.", epilog="Example:  mainstay notice anna.mainstay")(
    notice
)
app.command(
    short_help="What is sought, what helps, and what came before what.",
    epilog="Example:  mainstay patterns anna.mainstay",
)(patterns)
app.command(
    short_help="Why, as far as it can be said, and what would tell more.",
    epilog="Example:  mainstay explain anna.mainstay --replay",
)(explain)
app.command(
    short_help="How it could turn out, and how likely each way is.",
    epilog="Example:  mainstay futures anna.mainstay --weeks 26",
)(futures)
app.command(
    "options",
    short_help="What could be done, what is struck out and why.",
    epilog="Example:  mainstay options anna.mainstay --record decision.html",
)(weigh_options)


@app.command(
    short_help="How long until a change could be seen.",
    epilog="Example:  mainstay plan anna.mainstay --doubling-in 12",
)
def plan(
    case: Annotated[
        Path | None,
        typer.Argument(metavar="CASE", help="Your casebook; without one, a table for anybody.", show_default=False),
    ] = None,
    *,
    prompts: Annotated[
        float | None, typer.Option("--prompts-a-day", metavar="N", help="Check-ins a day from now on.")
    ] = None,
    acts: Annotated[
        float | None, typer.Option("--acts-a-week", metavar="N", help="Acts of relief on record a week from now on.")
    ] = None,
    doubling_in: Annotated[
        float | None,
        typer.Option(metavar="MONTHS", help="Help comes to be sought twice as often in so many months. [default: 12]"),
    ] = None,
    times: Annotated[
        float | None,
        typer.Option("--drift", metavar="TIMES", help="The same, as how many times as often within a year."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="The plan as JSON, for other programs.")] = False,
    as_of: Annotated[
        str | None, typer.Option(metavar="DATE", help="What could have been planned at the end of that day.")
    ] = None,
) -> None:
    """Say how many months on record it takes until a change could be seen, and what would shorten that most.

    With a casebook it goes on from what is on record: its months, its pace, and how sure its own answer is by now.
    """
    from mainstay.cli.planning import plan as run

    run(case, prompts=prompts, acts=acts, doubling_in=doubling_in, times=times, as_json=json, as_of=as_of)


@app.command(
    short_help="Erase records with all that came from them.",
    epilog="Example:  mainstay erase anna.mainstay watch --receipt /media/stick/anna.erased.json",
)
def erase(
    case: Case,
    streams: Annotated[
        list[str] | None, typer.Argument(metavar="STREAM…", help="What to erase, by its name.", show_default=False)
    ] = None,
    *,
    receipt: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where the receipt goes; alone, it is written again. [default: CASE.erased.json]"
        ),
    ] = None,
    replay: Annotated[
        list[Path] | None,
        typer.Option("--replay", metavar="FILE", help="Erase again what this receipt names; may be repeated."),
    ] = None,
    everything: Annotated[bool, typer.Option("--everything", help="Destroy the whole casebook.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: you know what goes.")] = False,
) -> None:
    """Erase streams of records: records, key, consent, and the answers and questions that came with them alone.

    What goes is shown, and its name must be typed. A small receipt is written; an older copy needs it to erase again.
    """
    from mainstay.cli import erasing

    if everything:
        erasing.refuse_with_everything(streams or [], receipt, replay or [])
        erasing.everything(case, yes=yes)
    else:
        erasing.erase(case, tuple(streams or ()), receipt=receipt, replay=tuple(replay or ()), yes=yes)


@app.command(
    short_help="Whose names are kept; forget one.", epilog="Example:  mainstay people anna.mainstay --forget Ben"
)
def people(
    case: Case,
    *,
    forget: Annotated[str | None, typer.Option(metavar="NAME", help="Drop this name; the pseudonym stays.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="With --forget: don't ask.")] = False,
) -> None:
    """List the people in your records, with the pseudonym that others see, or drop somebody's name for good."""
    from mainstay.cli.erasing import people as run

    run(case, forget=forget, yes=yes)


app.add_typer(
    log, name="log", short_help="Note one thing by hand.", epilog="Example:  mainstay log anna.mainstay check-in mood 4"
)

app.add_typer(
    trial,
    name="trial",
    short_help="Try one thing, properly: plan, draw by lot, look, report.",
    epilog="Example:  mainstay trial anna.mainstay design",
)


@app.command(
    short_help="Open the page, on this machine only.",
    epilog="Example:  mainstay serve anna.mainstay",
)
def serve(
    case: Case,
    *,
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="The port to answer on. [default: one that is free]")
    ] = 0,
    browser: Annotated[bool, typer.Option(help="Open it in this system's browser.")] = True,
    lock_after: Annotated[
        int, typer.Option(metavar="MINUTES", help="Lock the casebook when nobody has looked for so long.")
    ] = 15,
) -> None:
    """Open the page of a casebook: how things stand, every chapter, and all that can be noted or changed.

    It answers this machine only, and only the window that its one-time address opened. Press Enter for a new address.
    """
    from mainstay.cli.serving import serve as run

    run(case, port=port, opens=browser, minutes=lock_after)


of_many(app)

_WORLDS = "\n".join(f"{name:<17} {what}" for name, what in WORLDS.items())


@app.command(
    short_help="Write the records of a simulated person.",
    help="Write the records of a simulated person whose truth is known, as a folder that `mainstay add` takes.\n\n"
    f"\b\nWorlds:\n{_WORLDS}",
    epilog="Example:  mainstay simulate two_roles --seed 7 --out somebody",
)
def simulate(
    world: Annotated[str, typer.Argument(metavar="WORLD", help="The name of a world.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write.", show_default=False)],
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Another person of the same world.")] = 1,
) -> None:
    """Write the records of a simulated person."""
    from mainstay.cli.simulating import simulate as run

    run(world, out, seed=seed)
