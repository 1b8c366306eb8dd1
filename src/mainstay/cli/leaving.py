"""The commands by which something leaves a casebook or comes back: names, arguments and help, as in `app`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

leaving = typer.Typer(rich_markup_mode=None)

Case = Annotated[Path, typer.Argument(metavar="CASE", help="Your casebook, such as anna.mainstay.", show_default=False)]


@leaving.command(
    short_help="Write your records as ordinary files.",
    epilog="Example:  mainstay export anna.mainstay anna-records.zip",
)
def export(
    case: Case,
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="A new folder, or a file that ends in .zip.", show_default=False)
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask: you know that the files are not encrypted.")] = False,
) -> None:
    """Write everything you may read for your own answers as ordinary files: tables, consent, statements, a README.

    The files are not encrypted. `mainstay import` brings them back.
    """
    from mainstay.cli.porting import export as run

    run(case, out, yes=yes)


@leaving.command(
    "import",
    short_help="Bring an export back, whole.",
    epilog="Example:  mainstay import new.mainstay anna-records.zip",
)
def import_(
    case: Annotated[
        Path, typer.Argument(metavar="CASE", help="A casebook; a new one is made if there is none.", show_default=False)
    ],
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|ZIP", help="What 'mainstay export' wrote.", show_default=False)
    ],
) -> None:
    """Bring an export back: records, questions and consent with its history. What is there already stands."""
    from mainstay.cli.porting import import_ as run

    run(case, source)


@leaving.command(
    short_help="Make an encrypted copy and read it back.",
    epilog="Example:  mainstay backup anna.mainstay /media/stick/anna-backup.mainstay",
)
def backup(
    case: Case,
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.", show_default=False)],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace an earlier backup of this casebook under that name.")
    ] = False,
) -> None:
    """Make an encrypted copy of the casebook, also while it is open elsewhere, and read every page of it back."""
    from mainstay.cli.porting import backup as run

    run(case, out, replace=replace)


@leaving.command(
    short_help="Bring a backup back as a casebook.",
    epilog="Example:  mainstay restore anna-backup.mainstay anna.mainstay --receipts erased.json",
)
def restore(
    source: Annotated[Path, typer.Argument(metavar="BACKUP", help="What 'mainstay backup' wrote.", show_default=False)],
    case: Annotated[Path, typer.Argument(metavar="CASE", help="The casebook to make of it.", show_default=False)],
    *,
    receipts: Annotated[
        list[Path] | None,
        typer.Option("--receipts", metavar="FILE", help="An erasure receipt; may be repeated. The newest is enough."),
    ] = None,
    nothing_erased: Annotated[
        bool, typer.Option("--nothing-erased", help="Nothing was erased since the backup, so there is no receipt.")
    ] = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Where CASE is there: move it aside and put the backup in its place.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="With --replace: don't ask.")] = False,
) -> None:
    """Bring a backup back as a casebook, after reading every page. What was erased since then is erased again."""
    from mainstay.cli.porting import restore as run

    run(source, case, receipts=receipts or [], nothing_erased=nothing_erased, replace=replace, yes=yes)


@leaving.command(
    short_help="Let somebody see answers; take in what they noticed.",
    epilog="Example:  mainstay share anna.mainstay --with Ben --until 2026-12-31 --preview",
)
def share(
    case: Case,
    out: Annotated[
        Path | None, typer.Argument(metavar="OUT", help="The file to write, such as for-ben.share.", show_default=False)
    ] = None,
    *,
    with_whom: Annotated[str | None, typer.Option("--with", metavar="NAME", help="Whom it is for.")] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="The last day on which it may be seen.")] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show exactly what they would see; write nothing.")
    ] = False,
    listed: Annotated[bool, typer.Option("--list", help="List what was shared, with whom and until when.")] = False,
    take: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Take in the answer file that came back from them.")
    ] = None,
) -> None:
    """Let somebody you chose see answers: first shown to you line by line, then written into a file of its own.

    Only what you allowed for a supporter is used (mainstay consent CASE give). The file holds no records and no names,
    has a passphrase of its own and ends on the day you say. A copy of it can't be stopped.
    """
    from mainstay.cli import sharing

    if take is not None:
        sharing.take(case, take)
    elif listed:
        sharing.shares(case)
    else:
        sharing.share(case, out, with_whom=with_whom, until=until, preview=preview)


@leaving.command(
    "open",
    short_help="See what somebody shared with you.",
    epilog="Example:  mainstay open for-ben.share --answer from-ben.answer",
)
def open_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file you were given.", show_default=False)],
    *,
    answer: Annotated[
        Path | None, typer.Option(metavar="OUT", help="Also write down what you noticed, to be sent back in this file.")
    ] = None,
) -> None:
    """See what somebody shared with you. Nothing can be changed in it.

    With --answer you are asked what you noticed; in a script it is read from standard input, one line for each thing.
    """
    from mainstay.cli.sharing import open_ as run

    run(file, answer=answer)
