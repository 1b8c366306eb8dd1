"""What is on record of trials and counts for none of them is told."""

from mainstay.records import logged
from mainstay.records.statements import Told
from mainstay.report.trials_words import stand_lines
from mainstay.trials.adherence import adherence
from mainstay.trials.sealing_strays import strays, strays_of
from mainstay.trials.standing import stands
from trials.people import answer, at, begin, done, note, plan, timeline, trial_of
from trials.protocols import protocol

SAYS = protocol("contacts", 28, a_week=2)
PLANNED = plan(SAYS)


def test_where_everything_counts_nothing_is_told() -> None:
    records = (
        PLANNED,
        begin(PLANNED),
        done(0, "yes"),
        note(at(20), kind="ended", why="x"),
        done(19, "no", written_on=22),
    )
    assert strays_of(trial_of(*records)) == strays(timeline(*records)) == ()


def test_notes_of_days_that_are_none_of_it_or_had_not_come_do_not_count_and_are_told() -> None:
    records = PLANNED, begin(PLANNED), done(5, "yes", written_on=3), done(-1, "yes", written_on=1), done(2, "yes")
    [told] = strays_of(trial_of(*records))
    assert told.startswith("what is noted of 1 March 2026, 7 March 2026 does not count: it has 28 days from 2 March")
    line = timeline(*records)
    found = adherence(line, trial_of(*records))
    assert [k for k, one in enumerate(found.how) if one == "kept"] == [2]


def test_notes_after_the_end_and_a_second_end_are_told_on_a_look() -> None:
    late = [done(k, "yes") for k in range(21, 26)]
    records = PLANNED, begin(PLANNED), answer(3, 4.0), note(at(20), kind="ended", why="x"), *late
    trial = trial_of(*records, note(at(27), kind="ended", why="y"))
    first, second = strays_of(trial)
    assert first.endswith("and 2 more days does not count: it was ended on 22 March 2026")
    assert second == "ended again on 29 March 2026; the first end counts"
    line = timeline(*records)
    standing = stands(line, trial_of(*records))
    assert standing.adherence.written == 0
    assert any(one.startswith("Left out: what is noted of 23 March 2026") for one in stand_lines(standing))


def test_notes_of_no_trial_notes_before_a_beginning_and_what_can_not_be_read_are_told() -> None:
    astray = note(at(1), trial="evnings", kind="ended")
    early = logged.statement("trial", "trial = 'evenings'\nkind = 'looked'", now=at(-3, "11:00"))
    unreadable = logged.statement("trial", "trial = 'evenings'\nkind = 'eaten'", now=at(2))
    unread, of_none, before = strays(timeline(PLANNED, begin(PLANNED), astray, early, unreadable))
    assert unread.startswith("a note of 4 March 2026 can't be read: ")
    assert of_none == "1 note of “evnings”, of which no plan is on record"
    assert before == "1 note of “evenings”, written before it began"


def test_before_its_first_day_a_look_tells_them_too() -> None:
    astray = note(at(-2, "12:00"), trial="evnings", kind="looked")
    line = timeline(PLANNED, begin(PLANNED), astray, as_of=-1)
    told = stand_lines(stands(line, trial_of(PLANNED, begin(PLANNED), as_of=-1)))
    assert told[1] == "Left out: 1 note of “evnings”, of which no plan is on record."
    assert strays(Told((PLANNED, astray))) == ("1 note of “evnings”, of which no plan is on record",)
