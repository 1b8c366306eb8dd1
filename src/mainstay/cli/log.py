"""`log`: one record by hand. Names, arguments and help, as in `app`; the work is imported when it is done."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mainstay.cli.leaving import Case

log = typer.Typer(
    rich_markup_mode=None,
    no_args_is_help=True,
    subcommand_metavar="KIND …",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="When it happened: 14:30, yesterday 21:15, 2026-03-01. [default: now]"),
]
Replaces = Annotated[
    str | None,
    typer.Option(
        "--replaces",
        metavar="ID",
        help="Say the record with this id anew; its receipt shows it. Without a time, its time stays.",
    ),
]
Role = Annotated[str, typer.Option("--role", metavar="ROLE", help="The role you are in when it comes.")]
Expected = Annotated[str | None, typer.Option(metavar="less|same|more", help="Which way.")]
Size = Annotated[float | None, typer.Option(metavar="N", help="How far, in your usual swings: 1 as on most days.")]
File = Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Take it from this file, as it is written.")]


def _trimmed(name: str | None) -> str | None:
    return None if name is None else name.strip()


@log.callback()
def case_of(context: typer.Context, case: Case) -> None:
    """Note one thing by hand, and get a line that says what was noted.

    What you worry about or write of somebody is asked for, or comes by standard input: a shell keeps what is typed
    after a command. For one kind: mainstay log CASE KIND --help
    """
    context.obj = case


@log.command(
    "check-in",
    short_help="An answer to a question you ask yourself again and again.",
    epilog="Example:  mainstay log anna.mainstay check-in mood 4",
    context_settings={"ignore_unknown_options": True},
)
def check_in(
    context: typer.Context,
    item: Annotated[
        str | None, typer.Argument(metavar="ITEM", help="What you answer; none: all, in turn.", show_default=False)
    ] = None,
    value: Annotated[float | None, typer.Argument(metavar="VALUE", help="Your answer.", show_default=False)] = None,
    *,
    at: At = None,
    low: Annotated[float | None, typer.Option(metavar="N", help="A new item: the lowest number of its scale.")] = None,
    high: Annotated[float | None, typer.Option(metavar="N", help="The highest number.")] = None,
    better: Annotated[str | None, typer.Option(metavar="low|high", help="Which end is better.")] = None,
    question: Annotated[str | None, typer.Option(metavar="TEXT", help="The question as it is asked.")] = None,
    continuous: Annotated[
        bool, typer.Option("--continuous", help="A new item: any number in between, not steps.")
    ] = False,
    anchor: Annotated[bool, typer.Option("--anchor", help="Strain is told on this item's scale.")] = False,
    replaces: Replaces = None,
) -> None:
    """Note an answer. An item that is new is described once: --low 1 --high 7 --better high, or asked for it."""
    from mainstay.cli.log_plain import check_in as run

    run(
        context.obj, _trimmed(item), value, at=at, low=low, high=high, better=better, question=question,
        continuous=continuous, anchor=anchor, replaces=replaces,
    )  # fmt: skip


@log.command(
    short_help="Something that happened.",
    epilog="Example:  mainstay log anna.mainstay event deadline --is demand --at 09:00",
)
def event(
    context: typer.Context,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What you call it.", show_default=False)],
    *,
    is_: Annotated[
        str | None,
        typer.Option(
            "--is", metavar="demand|relief|slip|control|other", help="What it is to you. [default: as it was before]"
        ),
    ] = None,
    size: Annotated[float | None, typer.Option(metavar="N", help="How big, if you keep sizes.")] = None,
    contacts: Annotated[
        list[str] | None, typer.Option("--with", metavar="WHO", help="With whom; in the casebook under a pseudonym.")
    ] = None,
    tags: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="TAG", help="May be repeated. A slip tagged harm did harm to somebody else."),
    ] = None,
    at: At = None,
    replaces: Replaces = None,
) -> None:
    """Note something that happened: a demand, an act of relief, a slip, a control, or anything else."""
    from mainstay.cli.log_plain import event as run

    run(
        context.obj, label.strip(), is_=is_, size=size, contacts=tuple(contacts or ()), tags=tuple(tags or ()), at=at,
        replaces=replaces,
    )  # fmt: skip


@log.command(
    short_help="From when to when you were in a role.",
    epilog="Example:  mainstay log anna.mainstay role nurse --from 07:00 --to 15:30",
)
def role(
    context: typer.Context,
    label: Annotated[str, typer.Argument(metavar="LABEL", help="What you call the role.", show_default=False)],
    *,
    start: Annotated[str, typer.Option("--from", metavar="TIME", help="When it began.", show_default=False)],
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="When it was over. [default: now]")] = None,
    is_self: Annotated[
        bool | None,
        typer.Option(
            "--self/--not-self", help="Time as yourself, with no part to play. [default: as before]", show_default=False
        ),
    ] = None,
    replaces: Replaces = None,
) -> None:
    """Note a stretch in a role."""
    from mainstay.cli.log_plain import role as run

    run(context.obj, label.strip(), start=start, end=end, is_self=is_self, replaces=replaces)


@log.command(
    short_help="A time of two weeks or more, under your own name for it.",
    epilog="Example:  mainstay log anna.mainstay stretch --from 2025-11-20 --to 2026-02-28",
)
def stretch(
    context: typer.Context,
    label: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="What you call it; none: asked for.", show_default=False),
    ] = None,
    *,
    start: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="Its first day.", show_default=False)
    ] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="DATE", help="Its last day. [default: now]")] = None,
    replaces: Replaces = None,
) -> None:
    """Name a stretch of the past, such as “the winter with A.”: now can be likened to it. The same name may come again.

    The name is asked for, or comes by standard input: a shell keeps what is typed after a command.
    """
    from mainstay.cli.log_stretch import stretch as run

    run(context.obj, _trimmed(label), start=start, end=end, replaces=replaces)


@log.command(short_help="Somebody, and what is true of them.", epilog="Example:  mainstay log anna.mainstay contact")
def contact(
    context: typer.Context,
    *,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Since when you have known it. [default: now]")
    ] = None,
) -> None:
    """Note who somebody is to you. You are asked; in a script: the name, then one attribute a line, on standard input.

    The name is kept under a pseudonym, and others never see it.
    """
    from mainstay.cli.log_plain import contact as run

    run(context.obj, since=since)


@log.command(
    short_help="What you expect when a cue comes, written before.",
    epilog="Example:  mainstay log anna.mainstay expectation smirk --role rival --expected more --size 1",
)
def expectation(
    context: typer.Context,
    cue: Annotated[
        str | None, typer.Argument(metavar="CUE", help="What it is about; none: TOML.", show_default=False)
    ] = None,
    *,
    role: Role = "",
    expected: Expected = None,
    size: Size = None,
    item: Annotated[str | None, typer.Option(metavar="ITEM", help="The item on which it would be seen.")] = None,
    file: File = None,
    replaces: Replaces = None,
) -> None:
    """Write down what you expect when a cue comes. It counts from now on, for what comes later."""
    from mainstay.cli.log_expecting import expectation as run

    run(
        context.obj,
        _trimmed(cue),
        role=role.strip(),
        item=_trimmed(item),
        direction=expected,
        size=size,
        file=file,
        replaces=replaces,
    )


@log.command(
    short_help="What came, against what you expected.",
    epilog="Example:  mainstay log anna.mainstay reaction smirk --role rival --observed -1",
)
def reaction(
    context: typer.Context,
    cue: Annotated[str, typer.Argument(metavar="CUE", help="What it was a reaction to.", show_default=False)],
    *,
    role: Role = "",
    observed: Annotated[
        float | None,
        typer.Option(metavar="N", help="What came, in your usual swings: above 0 more, below 0 less."),
    ] = None,
    expected: Expected = None,
    size: Size = None,
    at: At = None,
    replaces: Replaces = None,
) -> None:
    """Note a reaction. What you expected is taken from what you wrote before.

    Where nothing was written before, --expected and --size say it now, and it is marked as written afterwards.
    """
    from mainstay.cli.log_expecting import reaction as run

    run(
        context.obj,
        cue.strip(),
        role=role.strip(),
        observed=observed,
        direction=expected,
        size=size,
        at=at,
        replaces=replaces,
    )


@log.command(
    short_help="A worry: what would show it, and when to look again.",
    epilog="Example:  mainstay log anna.mainstay concern",
)
def concern(
    context: typer.Context,
    *,
    file: File = None,
    close: Annotated[str | None, typer.Option(metavar="NUMBER", help="Let this worry go; 1 is the oldest.")] = None,
    review: Annotated[
        str | None, typer.Option(metavar="NUMBER", help="Look at this worry now, and set another day for it.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="With --review: that day.")] = None,
    replaces: Annotated[
        str | None, typer.Option("--replaces", metavar="NUMBER", help="Say this worry anew; its beginning stays.")
    ] = None,
) -> None:
    """Write a worry down, let one go, or move the day on which it is looked at again.

    You are asked what worries you, what would be seen if it were so and if it were not, when to look again, when to let
    it go, and what waiting, looking and acting may cost. In a script it comes as TOML by standard input or --file.
    """
    from mainstay.cli.log_concern import concern as run

    run(context.obj, file=file, replaces=replaces, close=close, review=review, on=on)


@log.command(
    short_help="A possible cause: what it predicts, and what would speak against it.",
    epilog="Example:  mainstay log anna.mainstay hypothesis",
)
def hypothesis(
    context: typer.Context,
    *,
    file: File = None,
    set_aside: Annotated[
        str | None,
        typer.Option("--set-aside", metavar="NUMBER|NAME", help="No longer consider this cause; you are asked why."),
    ] = None,
    replaces: Annotated[
        str | None,
        typer.Option("--replaces", metavar="NUMBER|NAME", help="Say this cause of yours anew; 1 is the oldest."),
    ] = None,
) -> None:
    """Write down what might be behind it all, to be weighed against the records by mainstay explain.

    You are asked for the cause, what would be seen if it were so, what must not be seen then, and how likely you hold
    it to be. In a script it comes as TOML by standard input or --file; with --set-aside, the reason by standard input.
    The causes that come with Mainstay can be set aside too, by name.
    """
    from mainstay.cli.log_hypothesis import hypothesis as run

    run(context.obj, file=file, replaces=replaces, set_aside=set_aside)


SetAside = Annotated[
    str | None,
    typer.Option("--set-aside", metavar="NUMBER|NAME", help="No longer consider this one; you are asked why."),
]


@log.command(
    short_help="A way it could turn out, and whether it must not.",
    epilog="Example:  mainstay log anna.mainstay scenario",
)
def scenario(context: typer.Context, *, file: File = None, set_aside: SetAside = None) -> None:
    """Write down a way it could turn out, as a rule over what comes: mainstay futures tells how likely it is.

    You are asked; in a script it comes as TOML by standard input or --file. The same name again takes its place.
    """
    from mainstay.cli.log_deciding import write as run

    run(context.obj, "scenario", file=file, set_aside=set_aside)


@log.command(
    short_help="Something that could be done: its steps, and who bears what.",
    epilog="Example:  mainstay log anna.mainstay option",
)
def option(context: typer.Context, *, file: File = None, set_aside: SetAside = None) -> None:
    """Write down something that could be done: mainstay options weighs it against leaving things as they are.

    You are asked; in a script it comes as TOML by standard input or --file. The same name again takes its place.
    """
    from mainstay.cli.log_deciding import write as run

    run(context.obj, "option", file=file, set_aside=set_aside)


@log.command(
    short_help="What you want, what you can't have, and how to reach you.",
    epilog="Example:  mainstay log anna.mainstay preference",
)
def preference(context: typer.Context, *, file: File = None) -> None:
    """Write down what you want: the order among the ways it could turn out, limits, and how you want to be reached.

    You are asked; in a script it comes as TOML by standard input or --file. It replaces what was said before, whole.
    """
    from mainstay.cli.log_deciding import write as run

    run(context.obj, "preference", file=file)


@log.command(
    short_help="What you would do by first feeling, before the options are weighed.",
    epilog="Example:  mainstay log anna.mainstay leaning",
)
def leaning(context: typer.Context, *, file: File = None) -> None:
    """Write down which option it would be, before you see them weighed: afterwards the two are laid side by side.

    You are asked; in a script it comes as TOML by standard input or --file.
    """
    from mainstay.cli.log_deciding import write as run

    run(context.obj, "leaning", file=file)


@log.command(
    short_help="What was decided, why, and when to look again.",
    epilog="Example:  mainstay log anna.mainstay decision",
)
def decision(context: typer.Context, *, file: File = None) -> None:
    """Write down what was decided: mainstay options --record makes one page of it.

    You are asked; in a script it comes as TOML by standard input or --file.
    """
    from mainstay.cli.log_deciding import write as run

    run(context.obj, "decision", file=file)
