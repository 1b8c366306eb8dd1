"""What the verbs of `trial` share: finding the trial that is meant, and asking which."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mainstay.cli.log_keeping import Told, close_to, listed
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mainstay.casebook import Casebook
    from mainstay.quantities import Instant
    from mainstay.records.kinds import Item, Record
    from mainstay.trials.sealing import Trial

NONE_YET = "no trial is on record yet; to plan one: mainstay trial CASE design"


def own_trials(
    casebook: Casebook, case: Path, at: Instant
) -> tuple[tuple[Trial, ...], tuple[Record, ...], tuple[Item, ...]]:
    """The trials on record, with the records and items that may be read.

    Refuses where plans or notes may not be read: a trial that looks as if it had not begun would be drawn again.
    """
    from mainstay.trials.sealing import trials_of

    found = casebook.read("own_answers", now=at)
    refuse_hidden(found.left_out, case)
    return trials_of(Told(found.records)), found.records, found.items


def refuse_hidden(left_out: Sequence[str], case: Path) -> None:
    """Refuses where consent leaves out plans or notes."""
    hidden = [name for name in ("protocol", "trial") if name in left_out]
    if hidden:
        raise BadRequest(
            f"consent does not cover what is on record of trials ({', '.join(hidden)}); "
            f"mainstay consent {case} give {' '.join(hidden)}"
        )


def chosen(trials: Sequence[Trial], name: str | None, *, planned: bool = False) -> Trial:
    """The trial that is meant: by its name, else the one begun last, or with `planned` the one that has yet to begin.

    Refuses what is not there, and an open choice.
    """
    from mainstay.records.statements_hypothesis import same_name

    if not trials:
        raise BadRequest(NONE_YET)
    if name is not None:
        found = [one for one in trials if same_name(one.name, name)]
        if not found:
            names = [one.name for one in trials]
            raise BadRequest(f"no trial is called {name[:40]!r}{close_to(name, names)}; there: {listed(names)}")
        return found[-1]
    begun = [one for one in trials if one.begun is not None]
    waiting = [one for one in trials if one.begun is None]
    running = [one for one in begun if one.is_open]
    fitting = (waiting or begun[-1:]) if planned else (running or begun[-1:] or waiting)
    if len(fitting) > 1:
        raise BadRequest(f"several trials could be meant; say which: {listed(one.name for one in fitting)}")
    return fitting[0]
