"""`gather`: a study's tables made into a data set of many people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay.cli.cohort import cohort

LARGEST_KEY = 1_000
ASKED = "cohort"
LENT_ALONE = (
    "These people lend to others (pooled_prior), and nothing may be asked about themselves. If they agreed to that as "
    "well, gather again with --purpose cohort --purpose pooled_prior."
)


def gather(
    study: Annotated[
        Path,
        typer.Argument(metavar="STUDY", help="A table, a folder of tables, or one of openESM.", show_default=False),
    ],
    *,
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder of the data set.", show_default=False)],
    basis: Annotated[
        str, typer.Option(metavar="TEXT", help="What the people agreed to, and where that stands.", show_default=False)
    ],
    purpose: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PURPOSE", help="What it covers: cohort, pooled_prior, or both (give it twice). [default: cohort]"
        ),
    ] = None,
    mapping: Annotated[
        Path | None,
        typer.Option("--map", metavar="MAP.toml", help="What the columns mean. A folder may bring its own."),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ZONE", help="The zone of the clock that wrote the times: Europe/Amsterdam.")
    ] = None,
    characteristics: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A table of what is known once of each person.")
    ] = None,
    person: Annotated[str | None, typer.Option(metavar="COLUMN", help="With it: its column of people.")] = None,
    pseudonyms: Annotated[
        Path | None, typer.Option(metavar="KEYFILE", help="Hash people's names with the secret 32 bytes in this file.")
    ] = None,
    batch: Annotated[int, typer.Option(metavar="N", min=1, help="How many people are worked out together.")] = 100,
) -> None:
    """Make a data set of many people, for `mainstay cohort`, out of a study's tables or a data set of openESM.

    Each person's rows become what `mainstay add` makes of them. Nobody is looked at without consent: --basis says
    what people agreed to, and stands in the data set. The files are not encrypted.
    """
    from mainstay.cli import asking
    from mainstay.cli.files import whole_folder
    from mainstay.cli.keeping import print_lines
    from mainstay.cli.progress import bar
    from mainstay.cohort.gathering import Beside
    from mainstay.cohort.gathering import gather as gathered
    from mainstay.errors import BadRequest

    if (characteristics is None) != (person is None):
        raise BadRequest("--characteristics FILE and --person COLUMN go together: which column of it names the person")
    purposes = tuple(dict.fromkeys(purpose or (ASKED,)))
    beside = None if characteristics is None or person is None else Beside(characteristics, person)
    with whole_folder(out) as part, bar("Gathering", "records") as tell:
        receipt = gathered(
            study,
            part,
            basis=basis,
            purposes=purposes,
            mapping=mapping,
            zone=zone,
            now=asking.now(),
            beside=beside,
            key=None if pseudonyms is None else _key(pseudonyms),
            batch=batch,
            progress=tell,
        )
        part.chmod(0o700)
    print_lines(receipt.lines())
    print(f"Wrote {out}. It is not encrypted: whoever has it can read it.")
    if ASKED in purposes:
        print(f"Next: mainstay cohort {out} --out told")
    else:
        print(LENT_ALONE)


def of_many(app: typer.Typer) -> None:
    """Give the program its commands about many people."""
    app.command(
        short_help="Make a data set of many people out of a study.",
        epilog='Example:  mainstay gather study --map study.toml --basis "consent form v3" --out people',
    )(gather)
    app.command(short_help="The same asked of many people.", epilog="Example:  mainstay cohort people --out told")(
        cohort
    )


def _key(file: Path) -> bytes:
    """The secret in a file. Refuses one that can't be read, or that is larger than any key."""
    from mainstay.errors import BadRequest

    try:
        with file.open("rb") as stream:
            secret = stream.read(LARGEST_KEY)
    except OSError as error:
        raise BadRequest(f"the key {file} can't be read: {error.strerror}") from error
    return secret
