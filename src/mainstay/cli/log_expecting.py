"""`log expectation` and `log reaction`: what is expected is written before its cue, then held against what came."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from mainstay.cli import asking
from mainstay.cli.keeping import print_lines
from mainstay.cli.log_keeping import (
    Told,
    asked,
    close_to,
    keep,
    listed,
    number,
    one_of,
    own_records,
    to_correct,
    toml_from,
    when_in_words,
)
from mainstay.cli.log_times import happened
from mainstay.errors import BadRequest

if TYPE_CHECKING:
    from mainstay.quantities import Instant, Span
    from mainstay.records.kinds import Record
    from mainstay.records.statements import Expectation, ExpectationFile

WORDS = {"less": -1, "same": 0, "more": 1}
IN_WORDS = {-1: "less", 0: "the same", 1: "more"}
Direction = Literal[-1, 0, 1]


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
    from mainstay.records import logged
    from mainstay.records.statements import ExpectationFile, as_toml, parsed

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
        if written.afterwards:
            raise BadRequest("an expectation is written before its cue; one written afterwards comes with its reaction")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        now = asking.now()
        records, items = own_records(casebook, now)
        if written is None:
            if cue is None:
                cue = asked("What is it about, in a word or two? ", lambda said: _a_name("a cue", said))
                role = role or asked("In which role does it come? Enter for any: ", _a_role)
            toward, far = _asked_for(direction, size, "What do you expect")
            written = _file(cue, role, toward, far, item)
            toml = as_toml(written)
        names = [one.name for one in items]
        if written.item is not None and written.item not in names:
            hint = close_to(written.item, names)
            raise BadRequest(f"{written.item!r} is no item on record{hint}; known: {listed(names)}")
        assert toml is not None
        record = logged.statement("expectation", toml, now=asking.now(), replaces=to_correct(replaces, records))
        keep(casebook, case, (record,), f"when {written.cue} comes{_told(written)}, written {_minute(now)}", at=now)


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
    from mainstay.records import logged, statements
    from mainstay.records.kinds import Reaction
    from mainstay.records.statements import as_toml

    now = asking.now()
    when = happened(at, now)
    _check_direction(direction, size)
    if observed is None and not asking.at_a_terminal():
        raise BadRequest("there is no terminal to ask on; say what came: --observed 1.5, in your usual swings")
    with Casebook.open(case, asking.passphrase(case)) as casebook:
        records, _ = own_records(casebook, now)
        wrong = to_correct(replaces, records)
        when = wrong.happened if wrong is not None and at is None else when
        known = statements.expectations_of(Told(records))
        before = statements.expectation_for(known, cue, role, _start(when))
        if before is not None and (direction is not None or size is not None):
            raise BadRequest(
                f"what was expected was written {when_in_words(before.written, now)}, before it came, and stands; "
                "leave out --expected and --size"
            )
        if before is not None:
            toward, far = before.direction, before.size
        else:
            if direction is None:
                _unexpected(known, cue, role, now)
            toward, far = _asked_for(direction, size, "What would you have expected")
        if observed is None:
            observed = asked("What came, in your usual swings (1: more, as on most days; -1: less; 0: none)? ", number)
        body = Reaction(cue, role, toward, far, observed)
        record = logged.reaction(body, when, now=now, replaces=wrong)
        taken: tuple[Record, ...] = (record,)
        if before is None:
            file = _file(cue, role, toward, far, None, reaction=record.id)
            taken += (logged.statement("expectation", as_toml(file), now=now),)
        expected = f"{IN_WORDS[toward]}{f' by {far:g}' if toward else ''} was expected"
        since = f"written {when_in_words(before.written, now)}" if before is not None else "written only now"
        said = f"{cue} came{f' as {role}' if role else ''}: {observed:g}, where {expected} ({since})"
        keep(casebook, case, taken, f"{said}, {when_in_words(when, now)}", at=now)


def _start(when: Instant | Span) -> Instant:
    from mainstay.quantities import Span

    return when.start if isinstance(when, Span) else when


def _unexpected(known: tuple[Expectation, ...], cue: str, role: str, now: Instant) -> None:
    """Says that nothing was written before this reaction; without a terminal to ask on, refuses it."""
    late = [one for one in known if (one.cue, one.role) == (cue, role) and not one.afterwards]
    if late:
        why = f"what you expected was written {when_in_words(late[-1].written, now)}, after it came"
    else:
        why = f"nothing was written beforehand for this cue in this role{close_to(cue, [one.cue for one in known])}"
    if not asking.at_a_terminal():
        raise BadRequest(
            f"{why}. To keep it all the same, say what you would have expected (--expected less, same or more, "
            "--size 1): it is marked as written afterwards"
        )
    print_lines([f"{why[0].upper()}{why[1:]}. It can be kept, marked as written afterwards. Ctrl-C stops."])


def _check_direction(direction: str | None, size: float | None) -> None:
    if direction is not None and direction not in WORDS:
        raise BadRequest(f"{direction!r} is none of less, same and more")
    if direction == "same" and size:
        raise BadRequest("“same” has no size; leave it out")
    if direction in ("less", "more") and size is None and not asking.at_a_terminal():
        raise BadRequest("say how far, in your usual swings: --size 1")
    if direction is None and size is not None:
        raise BadRequest("say which way: --expected less, same or more")


def _asked_for(direction: str | None, size: float | None, question: str) -> tuple[int, float]:
    """Which way and how far; what was not said is asked."""
    word = direction or asked(f"{question}: less, same or more? ", lambda said: one_of(said, tuple(WORDS)))
    toward = WORDS[word]
    if toward == 0:
        return toward, 0.0
    if size is None:
        size = asked("How far, in your usual swings (1 as on most days, 2 rare)? ", lambda said: _a_size(number(said)))
    return toward, _a_size(size)


def _a_size(size: float) -> float:
    from mainstay.records.logged import MOST_SDS

    if not 0.0 < size <= MOST_SDS:
        raise BadRequest(f"{size:g} is no size; it lies above 0 and is at most {MOST_SDS:g}")
    return size


def _file(
    cue: str, role: str, direction: int, size: float, item: str | None, *, reaction: str | None = None
) -> ExpectationFile:
    from mainstay.records import logged
    from mainstay.records.statements import ExpectationFile

    for what, text in (("the cue", cue), ("the role", role), ("the item", item)):
        if text:
            logged.one_line(what, text)
    return ExpectationFile(
        cue=cue, role=role, direction=cast("Direction", direction), size=size, item=item,
        afterwards=reaction is not None, reaction=reaction,
    )  # fmt: skip


def _told(written: ExpectationFile) -> str:
    far = f" by {written.size:g} usual swings" if written.direction else ""
    role = f" as {written.role}" if written.role else ""
    return f"{role}, {IN_WORDS[written.direction]}{far}{f' on {written.item}' if written.item else ''}"


def _minute(now: Instant) -> str:
    return when_in_words(now, now)
