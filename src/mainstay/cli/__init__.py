"""The command line: parse, call the chapters, render. Misuse is one sentence on the error stream and exit code 2."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from mainstay.errors import MainstayError

MISUSE, STOPPED = 2, 130


def main() -> None:
    """The `mainstay` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run the command line once and return its exit code: 0 for every answer, 2 for misuse, 130 if stopped."""
    try:
        _never_choke_on_a_letter()
        from mainstay.cli.app import app

        app(list(arguments), prog_name="mainstay")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
        return _stopped() if code == STOPPED else code
    except KeyboardInterrupt:
        return _stopped()
    except (MainstayError, OSError) as refused:
        return _answered(refused)
    return 0


def _answered(refused: MainstayError | OSError) -> int:
    if isinstance(refused, MainstayError):
        return _refuse(str(refused))
    if isinstance(refused, BrokenPipeError):
        # whoever was reading has stopped (as `| head` does); that is no fault, and Python must not complain at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    from mainstay.cli.files import as_sentence

    return _refuse(as_sentence(refused))


def _refuse(reason: str) -> int:
    # one line without control characters: a reason may quote what a file holds
    said = "".join(letter if letter.isprintable() else " " for letter in reason)
    print(f"mainstay: {said}", file=sys.stderr)
    return MISUSE


def _stopped() -> int:
    after_the_key = "\n" if sys.stderr.isatty() else ""
    print(f"{after_the_key}mainstay: stopped, as you asked; nothing was left half-written", file=sys.stderr)
    return STOPPED


def _never_choke_on_a_letter() -> None:
    """A terminal that can't show a letter shows a question mark in its place."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
