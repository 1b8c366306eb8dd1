"""The seal: what was planned and drawn stays as it was, and what does not fit is told."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.records.statements_protocol import Protocol
from mainstay.trials.drawing import draw_each, sealed_as
from mainstay.trials.sealing import begun_note, stray_notes, trials_of
from trials.people import answer, at, begin, done, note, plan, timeline, trial_of
from trials.protocols import START, protocol, written

SAYS = protocol("contacts", 28, a_week=2)


def test_a_plan_that_has_not_begun_is_a_trial_without_days() -> None:
    trial = trial_of(plan(SAYS))
    assert trial.begun is None
    assert trial.schedule is None
    assert trial.is_open
    assert trial.wrong == ()
    assert trial.space.count == 21**4


def test_what_was_sealed_comes_back_whole() -> None:
    planned = plan(SAYS)
    trial = trial_of(planned, begin(planned), done(0, "yes"), note(at(3), kind="looked", said="nothing yet"))
    assert trial.wrong == ()
    assert trial.repeats
    assert trial.schedule.start == START
    assert [one.says.kind for one in trial.notes] == ["done", "looked"]
    assert sealed_as(trial.schedules) == trial.begun.says.drawn


def test_several_baselines_are_sealed_together() -> None:
    says = protocol("start_by_lot", 40, phases=("as usual", "evening"), least=5, baselines=("sleep",))
    planned = plan(says)
    trial = trial_of(planned, begin(planned))
    assert len(trial.schedules) == 2
    assert trial.wrong == ()
    assert trial.begun.says.drawn.count(".") == 1


def test_a_changed_plan_a_changed_order_and_a_changed_day_no_longer_fit() -> None:
    planned = plan(SAYS)
    begun = begin(planned)
    softer = plan(replace(SAYS, matters=0.1), day=-3)
    for records in (
        (softer, begun),
        (planned, begin(planned, seed=6, digest=trial_of(planned, begun).begun.says.digest)),
        (planned, begin(planned, digest="0" * 32)),
        (planned, begin(planned, said=None, digest=trial_of(planned, begun).begun.says.digest)),
    ):
        [wrong] = trial_of(*records).wrong
        assert "is not what is on record" in wrong


def test_a_correction_after_the_beginning_is_told() -> None:
    planned = plan(SAYS)
    begun = begin(planned)
    corrected = plan(replace(SAYS, matters=0.1), day=5, replaces=planned)
    trial = trial_of(planned, begun, corrected)
    assert trial.protocol.says.matters == 0.1
    assert any("is not what is on record" in one for one in trial.wrong)
    assert any("after the trial began" in one for one in trial.wrong)
    assert trial_of(planned, begun, corrected, as_of=3).wrong == ()


def test_a_plan_written_anew_after_the_beginning_changes_nothing_and_is_told() -> None:
    planned = plan(SAYS)
    trial = trial_of(planned, begin(planned), plan(replace(SAYS, matters=0.1), day=4))
    assert trial.protocol.says.matters == 1.0
    [wrong] = trial.wrong
    assert "written anew on 6 March 2026, after it began" in wrong


def test_the_plan_that_was_there_when_it_began_is_the_one_sealed() -> None:
    first, second = plan(replace(SAYS, matters=3.0), day=-5), plan(SAYS, day=-4)
    trial = trial_of(first, second, begin(second))
    assert trial.protocol.says.matters == 1.0
    assert trial.wrong == ()


def test_a_second_drawing_is_told_and_the_first_counts() -> None:
    planned = plan(SAYS)
    first = begin(planned)
    trial = trial_of(planned, first, begin(planned, day=-1, seed=9))
    assert trial.begun.id == first.id
    [wrong] = trial.wrong
    assert wrong.startswith("drawn again on 1 March 2026")


def test_an_order_that_the_design_cannot_draw_is_told_and_gives_no_days() -> None:
    planned = plan(SAYS)
    trial = trial_of(planned, begin(planned, drawn="1" * 28))
    assert trial.schedules == ()
    assert len(trial.wrong) == 2
    assert "can't be read as drawn" in trial.wrong[1]


def test_days_drawn_after_they_were_lived_are_told() -> None:
    planned = plan(SAYS)
    trial = trial_of(planned, begin(planned, day=3, said=None))
    assert "drawn on 5 March 2026, after its first day, 2 March 2026" in trial.wrong
    backdated = trial_of(planned, begin(planned, day=3, said=START - timedelta(days=2)))
    assert any("but written down on 5 March 2026" in one for one in backdated.wrong)


def test_a_lot_for_days_that_are_over_is_refused() -> None:
    text = written(SAYS)
    held = Protocol("x", at(-3), text, SAYS)
    with pytest.raises(BadRequest, match="which is over"):
        begun_note(held, (), None, day=START + timedelta(days=1))


def test_a_plan_that_cannot_be_drawn_is_there_with_the_reason() -> None:
    trial = trial_of(plan(protocol("blocks", 4)))
    assert isinstance(trial.space, CannotSay)
    assert "only 4 orders" in trial.space.reason


def test_an_ended_trial_keeps_what_is_filled_in_later_and_its_name_may_be_used_again() -> None:
    planned = plan(SAYS)
    ended = note(at(20), kind="ended", why="enough")
    records = [planned, begin(planned), ended, done(19, "yes", written_on=21)]
    [trial] = trials_of(timeline(*records))
    assert not trial.is_open
    assert [one.says.kind for one in trial.notes] == ["done"]
    assert trial.days_lived(at(100)) == 21
    again = plan(replace(SAYS, start=START + timedelta(days=60)), day=40)
    first, second = trials_of(timeline(*records, again))
    assert first.ended is not None
    assert second.begun is None
    begun = begin(again, day=41)
    first, second = trials_of(timeline(*records, again, begun))
    assert first.wrong == second.wrong == ()
    assert second.begun.id == begun.id


def test_as_of_before_the_beginning_the_trial_has_not_begun() -> None:
    planned = plan(SAYS)
    records = planned, begin(planned, day=-1), answer(-3, 4.0)
    assert trial_of(*records, as_of=-2).begun is None
    assert trial_of(*records, as_of=0).begun is not None
    assert trial_of(*records, as_of=0).days_lived(at(0)) == 1
    assert trial_of(*records).days_lived(at(300)) == 28


def test_notes_without_a_plan_are_strays() -> None:
    stray = note(at(1), trial="something else", kind="ended")
    told = timeline(plan(SAYS), stray)
    assert [one.id for one in stray_notes(told)] == [stray.id]
    assert len(trials_of(told)) == 1


def test_a_seed_that_draws_something_else_does_not_repeat() -> None:
    planned = plan(SAYS)
    trial = trial_of(planned, begin(planned))
    elsewhere = sealed_as(draw_each(trial.space, np.random.default_rng(1)))
    assert not trial_of(planned, begin(planned, drawn=elsewhere)).repeats
    assert trial_of(planned, begin(planned, seed=3)).repeats
