"""What happened once or twice: found under every name, set beside like moments, never more than a candidate."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from calibration import rare as cal
from calibration.reactions import timeline as columns
from mainstay import strain
from mainstay.patterns.rare import RARELY, Beside, Rare, RareExposure, apart, rare
from mainstay.patterns.rare_answers import rare_answers
from mainstay.quantities import CannotSay, Instant
from mainstay.report.answers import AnswerContext, answer_record, answers_schema
from mainstay.strain.exposed import Effect
from mainstay.timeline.kinds import Episodes
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

DAY = Instant.parse("2025-07-02T20:30+02:00")


def record(events, **changes):
    times = np.arange(0.4, 60.0, 0.25)
    return replace(columns(times, [np.ones(len(times))], events, days=60), **changes)


def marked(series, **marks):
    return replace(series, **{kind: {series.ids[i]: names for i, names in of.items()} for kind, of in marks.items()})


def test_rare_things_are_found_by_label_by_company_by_tag_and_as_short_activities():
    one = record({"trip": np.array([20.0]), "visit": np.arange(5.0, 50.0, 5.0)})
    visits = marked(
        one.events["visit"],
        contacts={2: ("aunt",), 3: ("mother",), 4: ("mother",), 5: ("mother",)},
        tags={7: ("feast",)},
    )
    sauna = Episodes("sauna", "activity", False, np.array([30.0]), np.array([30.1]), ("s",))
    week = Episodes("week away", "place", False, np.array([40.0]), np.array([47.0]), ("w",))
    one = replace(one, events={**one.events, "visit": visits}, episodes={"sauna": sauna, "week away": week})
    split, names = apart(one)
    assert set(names) == {"trip", "sauna", "visit (aunt)", "visit (feast)"}
    assert list(split.events["visit (aunt)"].times) == [15.0]
    assert 15.0 not in split.events["visit"].times
    assert len(split.events["visit"].times) == len(visits.times) - 2


def test_marks_of_the_same_events_are_one_thing_and_what_is_common_is_not_rare():
    one = record({"visit": np.arange(5.0, 50.0, 5.0)})
    visits = marked(
        one.events["visit"], contacts={2: ("aunt",)}, tags={2: ("feast",), **dict.fromkeys((0, 1, 3), ("usual",))}
    )
    _, names = apart(replace(one, events={"visit": visits}))
    assert names == ["visit (aunt, feast)"]


def test_what_is_known_to_the_day_only_and_slips_are_left_out():
    one = record({"trip": np.array([20.0]), "slip": np.array([30.0])})
    trip = replace(one.events["trip"], half_widths=np.array([0.5]))
    slip = replace(one.events["slip"], is_="slip")
    _, names = apart(replace(one, events={"trip": trip, "slip": slip}))
    assert names == []


LIKE = Beside(38, 40)


def shown(mean, sd, *, arranged=False, found="found", beside=LIKE):
    effect = Effect("evening", 1, mean, sd, 1.5, 2.7)
    return Rare((RareExposure("evening", (DAY,), effect, found, arranged, beside),), 0, 0.5, "by hand")


@pytest.fixture(scope="module")
def once():
    timeline, truth = cal.something(3, 0.75)
    return timeline, strain.fit(timeline), truth


def said(once, seen):
    (answer,) = rare_answers(once[0], once[1], seen)
    return answer


def test_once_is_a_candidate_with_a_repeat_and_no_more(once):
    for mean, word in ((-1.6, "lower"), (1.6, "higher")):
        answer = said(once, shown(mean, 0.4))
        assert answer.status == "unconfirmed"
        assert word in answer.claim
        assert "drawn by lot" in answer.would_change
    assert "lower than after 38 of 40 comparable moments" in said(once, shown(-1.6, 0.4)).claim
    assert "higher than after 2 of 40 comparable moments" in said(once, shown(1.6, 0.4)).claim


def test_an_arranged_evening_shows_relief_and_leaves_recovery_untested(once):
    answer = said(once, shown(-1.6, 0.4, arranged=True))
    assert answer.status == "relief_observed_recovery_untested"
    assert "has not been tested" in answer.claim
    assert "2 July 2025" in answer.claim
    assert said(once, shown(1.6, 0.4, arranged=True)).status == "unconfirmed"


def test_what_would_not_matter_is_told_so_and_what_is_open_is_not_told(once):
    nothing = said(once, shown(0.05, 0.2, arranged=True, found="not_found"))
    assert nothing.status == "not_found"
    assert nothing.probability > 0.9
    open_ = said(once, shown(-0.5, 0.6, arranged=True, found="cannot_say"))
    assert isinstance(open_, CannotSay)
    assert "1.5 points lower to 0.49 points higher" in open_.reason


def test_answers_are_records_that_any_program_can_read(once):
    checker = Draft202012Validator(answers_schema())
    context = AnswerContext(DAY, DAY, DAY, "own_answers")
    for seen in (shown(-1.6, 0.4, arranged=True), shown(-0.5, 0.6, found="cannot_say", beside=None)):
        written = json.loads(json.dumps(answer_record(said(once, seen), context), allow_nan=False))
        assert not [error.message for error in checker.iter_errors(written)]


def test_an_evening_that_eases_is_seen_to_within_its_interval(once):
    timeline, fitted, truth = once
    (one,) = rare(timeline, fitted).exposures
    assert one.arranged
    assert abs(one.effect.mean - truth) < 2.5 * one.effect.sd
    assert one.beside is None or one.beside.of >= 10


def test_where_nothing_is_rare_or_nothing_shows_strain_nothing_is_said(once):
    timeline, fitted, _ = once
    without = replace(timeline, events={k: v for k, v in timeline.events.items() if len(v.times) > RARELY})
    found = rare(without, fitted)
    assert isinstance(found, CannotSay)
    assert rare_answers(without, fitted)[0].row == "S16"
    assert rare_answers(without, CannotSay("too short"))[0].reason == "too short"


def test_the_more_is_looked_at_the_more_is_asked_of_each(once):
    timeline, fitted, _ = once
    rng = np.random.default_rng(2)
    pattern = timeline.events[cal.ONCE]
    others = {
        f"other {k}": replace(pattern, label=f"other {k}", times=rng.uniform(30, 150, 1), ids=(f"o{k}",), tags={})
        for k in range(14)
    }
    found = rare(replace(timeline, events={**timeline.events, **others}), fitted)
    assert len(found.exposures) == 12
    assert found.not_looked_at == 3
    line = 0.05 / 12
    for one in found.exposures:
        chance = one.effect.chance_it_eases
        assert (one.found == "found") == (min(chance, 1.0 - chance) < line) or one.found == "not_found"
    assert not math.isnan(sum(one.effect.mean for one in found.exposures))


def test_two_roles_the_evening_is_relief_observed_and_the_call_is_not():
    (person,) = simulate("two_roles", 1).values()
    day = Instant.parse("2025-07-03T00:00+00:00")
    timeline = from_records(person.records, person.items, person.anchor, as_of=day)
    evening, call = rare_answers(timeline, strain.fit(timeline))
    assert (evening.about, evening.status) == ("evening with the rival", "relief_observed_recovery_untested")
    assert (call.about, call.status) == ("call with an old friend", "cannot_say")
