"""What was done against what was drawn: notes first, then events, and a day nobody wrote of is never kept."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from mainstay.errors import BadRequest, UnreadableSource
from mainstay.quantities import CannotSay, Finding
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_protocol import Arm, TrialFile
from mainstay.trials.adherence import UNKNOWN, adherence, adherence_answer, as_done
from mainstay.trials.adherence_table import notes_from_csv
from mainstay.trials.calendar import as_csv
from trials.people import answer, at, begin, done, happened, note, plan, timeline, trial_of
from trials.protocols import START, protocol

SAYS = protocol("contacts", 28, a_week=2)
WITH_EVENT = replace(SAYS, arm=(SAYS.arm[0], Arm(name="evening", event="evening out")))


def lived(*records, says=SAYS, as_of=200):
    planned = plan(says)
    everything = (planned, begin(planned), *records)
    line, trial = timeline(*everything, as_of=as_of), trial_of(*everything, as_of=as_of)
    return adherence(line, trial), trial, line


def test_notes_are_the_word_on_their_day_and_the_last_one_counts() -> None:
    found, trial, _ = lived(
        done(0, "yes", ticked=("place",)), done(1, "partly"), done(2, "no", arm="evening"), done(3, "no"),
        done(0, "no", written_on=5),
    )  # fmt: skip
    assert found.how[:5] == ("no", "partly", "no", "no", "unwritten")
    assert found.lived[:5].tolist() == [UNKNOWN, trial.schedule.arm[1], 1, UNKNOWN, UNKNOWN]
    assert found.noted[:5].tolist() == [True, True, True, True, False]
    assert found.written == 4
    assert found.ticked[0] == ()


def test_days_nobody_wrote_of_are_open_and_days_ahead_are_to_come() -> None:
    found, _, _ = lived(done(0, "yes"), as_of=3)
    assert found.how[:5] == ("kept", "unwritten", "unwritten", "unwritten", "to come")
    assert found.open_days == (1, 2, 3)
    ended, _, _ = lived(done(0, "yes"), note(at(2), kind="ended"))
    assert ended.how[2:4] == ("unwritten", "not reached")
    assert ended.count("to come") == 0


def test_events_tell_how_a_day_went_where_an_arm_names_one() -> None:
    drawn = lived(says=WITH_EVENT)[1].schedule.arm
    answers = [answer(day, 5.0) for day in range(28)]
    evenings = np.flatnonzero(drawn == 1)
    usual = np.flatnonzero(drawn == 0)
    went = [happened("Evening out", int(day)) for day in (*evenings[:5], usual[0])]
    found, _, _ = lived(*answers, *went, says=WITH_EVENT)
    assert [found.how[day] for day in evenings[:5]] == ["kept"] * 5
    assert [(found.how[day], found.lived[day]) for day in evenings[5:]] == [("no", 0)] * 3
    assert (found.how[usual[0]], found.lived[usual[0]]) == ("no", 1)
    assert found.how[usual[1]] == "kept"
    assert not found.noted.any()


def test_an_event_that_was_never_logged_says_nothing_of_any_day() -> None:
    found, _, _ = lived(*(answer(day, 5.0) for day in range(28)), says=WITH_EVENT)
    assert set(found.how) == {"unwritten"}


def test_a_note_goes_before_events() -> None:
    drawn = lived(says=WITH_EVENT)[1].schedule.arm
    day = int(np.flatnonzero(drawn == 1)[0])
    records = [*(answer(k, 5.0) for k in range(28)), happened("evening out", day), done(day, "no", arm="as usual")]
    found, _, _ = lived(*records, says=WITH_EVENT)
    assert (found.how[day], found.lived[day], found.noted[day]) == ("no", 0, True)


def test_as_done_moves_days_that_were_lived_otherwise_and_leaves_out_what_is_unclear() -> None:
    drawn = lived()[1].schedule.arm
    first = int(np.flatnonzero(drawn == 1)[0])
    usual = [int(day) for day in np.flatnonzero(drawn == 0)[:3]]
    found, trial, _ = lived(
        done(first, "no", arm="as usual"), done(usual[0], "no", arm="evening"), done(usual[1], "partly"),
        done(usual[2], "no"),
    )  # fmt: skip
    moved = as_done(trial.schedule, found)
    assert (moved.analysed[first], moved.analysed[usual[0]]) == (0, 1)
    assert (moved.analysed[usual[1:]] == -1).all()
    left = np.setdiff1d(np.arange(28), [first, *usual])
    assert (moved.arm[left] == trial.schedule.arm[left]).all()


def test_the_answer_counts_what_is_written_and_tells_what_is_not() -> None:
    records = (*(done(day, "yes") for day in range(6)), done(6, "no"), done(7, "partly"))
    held, trial, _ = lived(*records, as_of=11)
    answered = adherence_answer(trial, held)
    assert isinstance(answered, Finding)
    assert answered.claim == "6 of 8 days of “evenings” went as drawn. Of 4 days nothing is written."
    assert answered.estimate == 0.75
    assert answered.estimate in answered.interval
    assert (answered.n, answered.row) == (8, "S21")
    assert answered.detail["by_day"][:8] == ["kept"] * 6 + ["no", "partly"]
    nothing = adherence_answer(*reversed(lived(as_of=4)[:2]))
    assert isinstance(nothing, CannotSay)
    assert (nothing.have, nothing.need, nothing.n) == (0, 1, 5)


def table(tmp_path, text):
    path = tmp_path / "done.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_table_is_read_row_by_row_and_every_refused_row_has_its_reason(tmp_path) -> None:
    _, trial, _ = lived()
    drawn = [trial.schedule.arms[arm] for arm in trial.schedule.arm]
    other = "evening" if drawn[0] == "as usual" else "as usual"
    rows = [
        "2026-03-02,yes,,fine",
        "2026-03-03,No,EVENING,",
        "2026-03-04,,,",
        "03/05/2026,yes,,",
        "2026-04-20,yes,,",
        "2026-03-12,yes,,",
        "2026-03-06,maybe,,",
        "2026-03-07,no,lake,",
        f"2026-03-02,yes,{other},",
        "2026-03-02,yes,,fine",
        "2026-03-02,partly,,",
        f"2026-03-08,yes,,{'x' * 5000}",
        "2026-03-09,partly,,\x07 odd \u2028 line",
    ]
    notes, receipt = notes_from_csv(table(tmp_path, "Day,kept,arm,note\n" + "\n".join(rows) + "\n"), trial, as_of=at(9))
    assert [(one.day.day, one.kept, one.arm, one.why) for one in notes] == [
        (2, "yes", None, "fine"),
        (3, "no", "evening", None),
        (9, "partly", None, "odd line"),
    ]
    assert (receipt.rows_read, receipt.rows_empty, receipt.rows_refused) == (13, 1, 8)
    assert receipt.kept == {"trial": 4}
    reasons = {one.row: one.reason for one in receipt.refused}
    assert "is no day; write it as 2026-03-02" in reasons[4]
    assert "no day of the trial" in reasons[5]
    assert "still to come" in reasons[6]
    assert "is not yes, partly or no" in reasons[7]
    assert "is none of" in reasons[8]
    assert "was drawn as" in reasons[9]
    assert "in other words" in reasons[11]
    assert "5,000 characters" in reasons[12]
    for one in notes:
        assert parsed(as_toml(one), TrialFile, "trial") == one


def test_the_same_table_twice_adds_nothing(tmp_path) -> None:
    path = table(tmp_path, "day,kept\n2026-03-02,yes\n2026-03-03,partly\n")
    first, _ = notes_from_csv(path, lived()[1], as_of=at(9))
    written = [note(at(5, f"21:3{k}"), **{"trial": "evenings", "kind": "done", "day": one.day, "kept": one.kept})
               for k, one in enumerate(first)]  # fmt: skip
    again, receipt = notes_from_csv(path, lived(*written)[1], as_of=at(9))
    assert again == ()
    assert receipt.notes == ("2 rows said what was there already",)
    assert receipt.kept == {"trial": 2}


def test_a_row_that_was_refused_is_refused_again_when_the_first_word_is_on_record(tmp_path) -> None:
    path = table(tmp_path, "day,kept\n2026-03-02,yes\n2026-03-02,no\n")
    done = note(at(5, "21:30"), trial="evenings", kind="done", day=date(2026, 3, 2), kept="yes")
    for written in ((), (done,)):
        read, receipt = notes_from_csv(path, lived(*written)[1], as_of=at(9))
        assert [one.kept for one in read] == ([] if written else ["yes"])
        assert [one.reason for one in receipt.refused] == ["2026-03-02 was told before, in other words"]


def test_the_table_that_is_written_comes_back_filled_in(tmp_path) -> None:
    _, trial, _ = lived()
    empty, receipt = notes_from_csv(table(tmp_path, as_csv(trial)), trial, as_of=at(40))
    assert empty == ()
    assert receipt.rows_empty == 28
    filled = as_csv(trial).replace(",yes,,,", ",yes,yes,,")
    notes, receipt = notes_from_csv(table(tmp_path, filled), trial, as_of=at(40))
    assert [one.day for one in notes] == [START + timedelta(days=k) for k in range(28)]
    assert receipt.refused == ()


def test_a_table_without_its_columns_or_a_trial_without_days_is_refused(tmp_path) -> None:
    path = table(tmp_path, "date,done\n2026-03-02,yes\n")
    with pytest.raises(UnreadableSource, match="“day” and “kept”"):
        notes_from_csv(path, lived()[1], as_of=at(9))
    waiting = trial_of(plan(SAYS))
    with pytest.raises(BadRequest, match="no days yet"):
        notes_from_csv(path, waiting, as_of=at(9))
    with pytest.raises(BadRequest, match="no days yet"):
        adherence(timeline(plan(SAYS)), waiting)
