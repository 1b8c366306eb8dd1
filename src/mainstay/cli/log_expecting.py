"""`log expectation` and `log reaction`: what is expected is written before its cue, then held against what came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import asked, keep, toml_from
from mainstay.doors.noting_times import happened, when_in_words
from mainstay.errors import BadRequest
from mainstay.records.typed import number, one_of

if TYPE_CHECKING:
    from mainstay.records.statements import ExpectationFile

DIRECTIONS = ("less", "same", "more")


def expectation(
    case: Path,
    cue: str | None,
    *,
    role: str,
    item: str | None,
    direction: str | None,
    size: float | None,
    file: Path | None,
    replaces: str | None,
) -> None:
    """Write down what is expected when a cue comes: by options, asked, or as TOML from a file or standard input."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting
    from mainstay.doors.noting_expecting import expectation as noted
    from mainstay.doors.noting_expecting import expectation_file
    from mainstay.records.statements import ExpectationFile, parsed

    ask = asking.at_a_terminal()
    written: ExpectationFile | None = None
    toml = None
    if file is not None and cue is not None:
        raise BadRequest("a file says its cue itself; leave out the cue or --file")
    _check_direction(direction, size)
    if cue is not None and direction is None and not ask:
        raise BadRequest("say which way: --expected less, same or more")
    if cue is None and (file is not None or not ask):
        toml = toml_from(file)
        written = parsed(toml, ExpectationFile, "expectation")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        now = asking.now()
        known = noting.on_record(casebook, now)
        if written is None:
            if cue is None:
                cue = asked("What is it about, in a word or two? ", lambda said: _a_name("a cue", said))
                role = role or asked("In which role does it come? Enter for any: ", _a_role)
            toward, far = _asked_for(direction, size, "What do you expect")
            written = expectation_file(cue, role, toward, far, item)
        wrong, written_at = noting.to_correct(replaces, known.records), asking.now()
        keep(casebook, case, noted(written, known, now=written_at, toml=toml, replaces=wrong), at=now)


def _a_name(what: str, said: str) -> str:
    from mainstay.records import logged

    logged.one_line(what, said)
    return said


def _a_role(said: str) -> str:
    return _a_name("a role", said) if said else ""


def reaction(
    case: Path,
    cue: str,
    *,
    role: str,
    observed: float | None,
    direction: str | None,
    size: float | None,
    at: str | None,
    replaces: str | None,
) -> None:
    """Note what came, against what was expected before. Without that, an expectation made now is marked as such."""
    from mainstay.casebook import Casebook
    from mainstay.doors import noting
    from mainstay.doors.noting_expecting import expected_before, why_unexpected
    from mainstay.doors.noting_expecting import reaction as noted

    now = asking.now()
    when = happened(at, now)
    _check_direction(direction, size)
    if observed is None and not asking.at_a_terminal():
        raise BadRequest("there is no terminal to ask on; say what came: --observed 1.5, in your usual swings")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        known = noting.on_record(casebook, now)
        wrong = noting.to_correct(replaces, known.records)
        when = wrong.happened if wrong is not None and at is None else when
        before = expected_before(cue, role, when, known)
        if before is not None and (direction is not None or size is not None):
            raise BadRequest(
                f"what was expected was written {when_in_words(before.written, now)}, before it came, and stands; "
                "leave out --expected and --size"
            )
        expected = None
        if before is None:
            if direction is None:
                _say_unexpected(why_unexpected(cue, role, known, now))
            expected = _asked_for(direction, size, "What would you have expected")
        if observed is None:
            observed = asked("What came, in your usual swings (1: more, as on most days; -1: less; 0: none)? ", number)
        note = noted(cue, role, observed, when, known, now=now, expected=expected, replaces=wrong)
        keep(casebook, case, note, at=now)


def _say_unexpected(why: str) -> None:
    """Says that nothing was written before this reaction; without a terminal to ask on, refuses it."""
    if not asking.at_a_terminal():
        raise BadRequest(
            f"{why}. To keep it all the same, say what you would have expected (--expected less, same or more, "
            "--size 1): it is marked as written afterwards"
        )
    print_lines([f"{why[0].upper()}{why[1:]}. It can be kept, marked as written afterwards. Ctrl-C stops."])


def _check_direction(direction: str | None, size: float | None) -> None:
    if direction is not None and direction not in DIRECTIONS:
        raise BadRequest(f"{direction!r} is none of less, same and more")
    if direction == "same" and size:
        raise BadRequest("“same” has no size; leave it out")
    if direction in ("less", "more") and size is None and not asking.at_a_terminal():
        raise BadRequest("say how far, in your usual swings: --size 1")
    if direction is None and size is not None:
        raise BadRequest("say which way: --expected less, same or more")


def _asked_for(direction: str | None, size: float | None, question: str) -> tuple[int, float]:
    """Which way and how far; what was not said is asked."""
    from mainstay.doors import noting_reading
    from mainstay.doors.noting_expecting import WORDS

    toward = WORDS[direction or asked(f"{question}: less, same or more? ", lambda said: one_of(said, DIRECTIONS))]
    if toward == 0:
        return toward, 0.0
    if size is None:
        size = asked(
            "How far, in your usual swings (1 as on most days, 2 rare)? ",
            lambda said: noting_reading.size(number(said)),
        )
    return toward, noting_reading.size(size)
