"""A trial step by step, as any door takes it: from the fields of a form to its end."""

from datetime import UTC, date, datetime, timedelta

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.casebook.by_hand import keep
from mainstay.doors import trials as steps
from mainstay.doors.trials_checks import plan_lines
from mainstay.doors.trials_fields import READ, fields_of
from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.statements import parsed
from mainstay.records.statements_protocol import ProtocolFile

SUNDAY = datetime(2024, 3, 3, 20, tzinfo=UTC)
TENSION = logged.described("tension", 1.0, 7.0, "low")
FORM = {
    "tried": "an evening as oneself", "what": "", "place": "a café", "clothes": "", "people": "", "usual": "",
    "outcome": "Tension", "better": "", "matters": "0,5", "kind": "blocks", "period": "1", "washout": "",
    "pairs": "14", "start": "tomorrow", "harm": "", "question": "Does it ease the day?", "name": "evenings",
}  # fmt: skip


def at(days: float) -> Instant:
    return Instant.of(SUNDAY + timedelta(days=days))


@pytest.fixture
def casebook(tmp_path):
    """A casebook with two answers and a walk on record."""
    with Casebook.create(tmp_path / "a.mainstay", "four quiet words", now=at(-9), cost=KeySlotCost.least()) as opened:
        answers = tuple(logged.check_in(TENSION, 4.0, at(-k), now=at(-k)) for k in (3, 2))
        keep(opened, answers, now=at(-1), items=(TENSION,), anchor="tension")
        keep(opened, (logged.event("walk", "relief", at(-2), now=at(-2)),), now=at(-1))
        yield opened


def planned(casebook, **fields):
    return steps.plan_from_fields(FORM | fields, steps.on_record(casebook, now=at(0)))


@pytest.fixture
def begun(casebook):
    """A trial of 28 days that begins tomorrow."""
    steps.keep_plan(casebook, planned(casebook), steps.on_record(casebook, now=at(0)), now=at(0))
    return steps.start(casebook, now=at(0.01)).trial


def test_a_form_makes_a_plan_that_reads_back_the_same(casebook) -> None:
    plan = planned(casebook)
    assert plan.refused == ()
    assert parsed(plan.text, ProtocolFile, "protocol") == plan.says
    assert plan.says.start == date(2024, 3, 4)
    assert (plan.says.outcome.item, plan.says.outcome.better, plan.says.matters) == ("tension", "low", 0.5)
    assert [one.name for one in plan.says.arm] == ["as usual", "an evening as oneself"]
    assert plan.allowed.days == 28
    kept = steps.keep_plan(casebook, plan, steps.on_record(casebook, now=at(0)), now=at(0))
    assert kept.added.new == {"protocol": 1}
    assert kept.trial.begun is None


def test_every_field_that_can_not_be_used_is_named_with_its_reason(casebook) -> None:
    bad = {"usual": "An evening as oneself", "outcome": "tensoin", "matters": "-1", "pairs": "9" * 5000, "weeks": "x",
           "start": "yesterday", "name": "a\nb", "nonsense": "1"}  # fmt: skip
    refused = {one.field: one.why for one in planned(casebook, **bad).refused}
    assert set(refused) == {"usual", "outcome", "better", "matters", "pairs", "start", "name", "nonsense"}
    assert "did you mean 'tension'" in refused["outcome"]
    assert "1 to 60" in refused["pairs"]
    with pytest.raises(BadRequest):
        steps.keep_plan(casebook, planned(casebook, **bad), steps.on_record(casebook, now=at(0)), now=at(0))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"matters": "7"}, "matters"),
        ({"pairs": "2"}, "design"),
        ({"better": "more"}, "better"),
        ({"kind": "x"}, "kind"),
    ],
)
def test_what_contradicts_the_record_or_can_not_be_drawn_is_refused_by_field(casebook, fields, field) -> None:
    assert field in [one.field for one in planned(casebook, **fields).refused]


@pytest.mark.parametrize("more", [{"kind": "contacts", "a_week": "2", "weeks": "6"}, {"kind": "start", "weeks": "20"}])
def test_each_way_of_dealing_out_the_days_has_fields_of_its_own(casebook, more) -> None:
    plan = planned(casebook, **more, outcome="walk", better="more")
    assert plan.refused == ()
    assert plan.says.outcome.event == "walk"
    assert set(fields_of(more["kind"])) <= set(READ)


def test_a_plan_may_be_written_anew_until_it_begins_and_not_after(casebook, begun) -> None:
    assert [one.field for one in planned(casebook).refused] == ["name"]
    second = planned(casebook, name="walks")
    for fields in ({}, {"matters": "1"}):
        second = planned(casebook, name="walks", **fields)
        steps.keep_plan(casebook, second, steps.on_record(casebook, now=at(0)), now=at(0.02 + len(fields)))
    trials = steps.on_record(casebook, now=at(2)).trials
    assert [(one.name, one.protocol.says.matters) for one in trials] == [("evenings", 0.5), ("walks", 1.0)]


def test_of_two_beginnings_in_one_moment_the_second_is_refused(casebook, monkeypatch) -> None:
    steps.keep_plan(casebook, planned(casebook), steps.on_record(casebook, now=at(0)), now=at(0))
    drawing = steps.draw_each

    def draw_as_another_door_does(*given):
        monkeypatch.setattr(steps, "draw_each", drawing)
        first.append(steps.start(casebook, now=at(0.01)).trial)
        return drawing(*given)

    first: list = []
    monkeypatch.setattr(steps, "draw_each", draw_as_another_door_does)
    with pytest.raises(BadRequest, match="in the same moment elsewhere"):
        steps.start(casebook, now=at(0.01))
    [trial] = steps.on_record(casebook, now=at(1)).trials
    assert trial.begun.id == first[0].begun.id
    assert trial.wrong == ()
    with pytest.raises(BadRequest, match="has begun on 3 March 2024"):
        steps.start(casebook, now=at(0.02))


def test_days_are_filled_one_by_one_and_what_is_said_last_counts(casebook, begun) -> None:
    assert steps.days_to_fill(begun, now=at(0.1)) == ()
    open_days = steps.days_to_fill(begun, now=at(3))
    assert [one.day.day for one in open_days] == [4, 5, 6]
    assert {one.setting for one in open_days} == {(), (("place", "a café"),)}
    first = steps.day_note(begun, open_days[0].day, "partly", now=at(3))
    second = steps.day_note(begun, open_days[1].day, "Yes", ticked=("place",), now=at(3))
    trial = steps.keep_days(casebook, begun, [first, second], now=at(3)).trial
    assert [one.day.day for one in steps.days_to_fill(trial, now=at(3))] == [6]
    again = steps.day_note(trial, open_days[0].day, "yes", now=at(3))
    steps.keep_days(casebook, trial, [again], now=at(3.01))
    shown = steps.look(casebook, now=at(3.02), noted=False)
    assert shown.standing.adherence.how[:3] == ("kept", "kept", "unwritten")


def test_two_different_notes_of_the_very_same_moment_are_not_both_told_as_kept(casebook, begun) -> None:
    day = begun.protocol.says.start
    for kept in ("yes", "yes"):
        steps.keep_days(casebook, begun, [steps.day_note(begun, day, kept, now=at(2))], now=at(2))
    with pytest.raises(BadRequest, match="in the very same moment"):
        steps.keep_days(casebook, begun, [steps.day_note(begun, day, "no", now=at(2))], now=at(2))


def test_a_day_that_contradicts_what_was_drawn_or_is_to_come_is_refused(begun) -> None:
    day = begun.protocol.says.start
    drawn = steps.arm_on(begun, day).name
    other = next(one.name for one in begun.protocol.says.arm if one.name != drawn)
    for kept, instead, when in (
        ("yes", other, 1),
        ("no", drawn, 1),
        ("no", "x", 1),
        ("maybe", None, 1),
        ("yes", None, 0),
    ):
        with pytest.raises(BadRequest):
            steps.day_note(begun, day, kept, instead=instead, now=at(when))
    with pytest.raises(BadRequest, match="is no day of"):
        steps.day_note(begun, day - timedelta(days=1), "yes", now=at(1))
    with pytest.raises(BadRequest, match="one of: place"):
        steps.day_note(begun, day, "yes", ticked=("weather",), now=at(1))


def test_a_look_is_kept_but_not_a_look_back_nor_a_report(casebook, begun) -> None:
    steps.look(casebook, now=at(2))
    steps.look(casebook, now=at(3), as_of=at(2.5))
    shown = steps.report(casebook, now=at(3))
    assert shown.report().standing.trial.name == "evenings"
    assert {one.row for one in shown.answers()} == {"S21", "S22"}
    [trial] = steps.on_record(casebook, now=at(3)).trials
    assert [one.says.kind for one in trial.notes] == ["looked"]


def test_an_end_needs_a_reason_and_comes_once(casebook, begun) -> None:
    with pytest.raises(BadRequest, match="a few words"):
        steps.end(casebook, why="  ", now=at(4))
    assert steps.end(casebook, why="we moved", now=at(4)).trial.ended.says.why == "we moved"
    with pytest.raises(BadRequest, match="was ended on 7 March"):
        steps.end(casebook, why="again", now=at(5))


def test_before_it_begins_there_are_no_days_and_nothing_to_look_at(casebook) -> None:
    with pytest.raises(BadRequest, match="no trial is on record"):
        steps.look(casebook, now=at(0))
    plan = planned(casebook)
    trial = steps.keep_plan(casebook, plan, steps.on_record(casebook, now=at(0)), now=at(0)).trial
    for refused in (
        lambda: steps.days_to_fill(trial, now=at(0)),
        lambda: steps.calendar(trial, "ics", now=at(0)),
        lambda: steps.look(casebook, now=at(0)),
        lambda: steps.start(casebook, "walks", now=at(0)),
    ):
        with pytest.raises(BadRequest):
            refused()


def test_without_a_plan_notes_that_are_there_are_told(casebook) -> None:
    note = logged.statement("trial", "trial = 'walks'\nkind = 'looked'", now=at(-1))
    keep(casebook, (note,), now=at(0))
    with pytest.raises(BadRequest, match="left out: 1 note of “walks”, of which no plan is on record"):
        steps.look(casebook, now=at(0))
    assert steps.on_record(casebook, now=at(0)).strays == ("1 note of “walks”, of which no plan is on record",)


def test_a_day_after_the_end_is_refused(casebook, begun) -> None:
    trial = steps.end(casebook, why="we moved", now=at(4)).trial
    with pytest.raises(BadRequest, match="was ended on 7 March 2024, before 2024-03-09"):
        steps.day_note(trial, date(2024, 3, 9), "yes", now=at(9))
    assert len(steps.days_to_fill(trial, now=at(9))) == 4


def test_days_left_out_after_contacts_and_events_never_noted_are_told_at_the_plan(casebook) -> None:
    record = steps.on_record(casebook, now=at(0))
    text = planned(casebook, kind="contacts", a_week="2", weeks="8").text
    loud = text.replace("washout = 0", "washout = 3").replace('place = "a café"', 'event = "wlak"')
    told = " ".join(plan_lines(*_read(loud, record)))
    assert "leave about" in told
    assert "“wlak” has never been noted (did you mean 'walk'?)" in told
    [refused] = steps.plan_from_file(text.replace("washout = 0", "washout = 6"), record).refused
    assert refused.field == "design"
    assert "days to compare with; what would do: fewer days left out" in refused.why
    quiet = text.replace('place = "a café"', 'event = "Walk"')
    assert not any("noted" in one or "leave" in one for one in plan_lines(*_read(quiet, record)))


def test_a_plan_that_asks_for_recovery_first_needs_days_that_could_show_it(casebook) -> None:
    record = steps.on_record(casebook, now=at(0))
    short = planned(casebook).text.replace('claim = "relief"', 'claim = "recovery"')
    [refused] = steps.plan_from_file(short, record).refused
    assert refused.field == "claim"
    assert "4 or more stretches of 14 days" in refused.why
    long = planned(casebook, period="14", pairs="6").text
    plan = _read(long.replace('claim = "relief"', 'claim = "recovery"'), record)
    assert "What counts first is whether it takes more again" in " ".join(plan_lines(*plan))
    assert "What counts first" not in " ".join(plan_lines(*_read(long, record)))


def _read(text, record):
    plan = steps.plan_from_file(text, record)
    assert plan.refused == ()
    return plan.says, plan.allowed, record.known
