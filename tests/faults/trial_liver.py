"""A program that lives a trial by the command line and says so after each command: the victim of the kills.

Called as `trial_liver.py CASE FIRST LAST`: begins the trial where FIRST is 0, then notes each day up to LAST. Its clock
is set to the evening of each day; the trial has 28 of them, from 4 March 2024.
"""

import contextlib
import importlib
import io
import sys
from datetime import UTC, datetime, timedelta

from mainstay.cli import asking, run
from mainstay.quantities import Instant

SUNDAY = datetime(2024, 3, 3, 20, tzinfo=UTC)
DAYS = 28
PLAN = """
name = "evenings"
question = "Does an evening as oneself ease the day?"
start = 2024-03-04
matters = 0.5

[[arm]]
name = "as usual"

[[arm]]
name = "an evening as oneself"

[design]
kind = "blocks"
days = 28

[outcome]
item = "tension"
better = "low"
"""


def evening(day: int) -> Instant:
    """The evening of a day of the trial, counted from 1; 0 is the day before it."""
    return Instant.of(SUNDAY + timedelta(days=day))


def once(*arguments: str) -> int:
    """A command, unheard; its exit code."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        return run(list(arguments))


def main() -> None:
    """Begins, then notes day after day; says "ready", then the number of each day that is noted (0: it has begun)."""
    case, first, last = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    importlib.import_module("mainstay.doors.trials")  # what the commands import is there before the first of them
    print("ready", flush=True)
    for day in range(first, last + 1):
        moment = evening(day)
        asking.now = lambda moment=moment: moment
        done = (
            once("trial", case, "start") if day == 0 else once("trial", case, "fill", "--day", "today", "--kept", "yes")
        )
        if done:
            sys.exit(f"day {day} ended with {done}")
        print(day, flush=True)


if __name__ == "__main__":
    main()
