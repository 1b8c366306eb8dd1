"""Options, preferences, leanings and decisions as files: what they hold, what they refuse, which word is the last."""

from types import SimpleNamespace

import pytest

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement, StatementForm
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_decision import DecisionFile, LeaningFile, decisions_of, leanings_of
from mainstay.records.statements_option import LEVERS, OptionFile, Target, options_of, target
from mainstay.records.statements_preference import PreferenceFile, preference_of

OPTION = """
name = "two evenings a week with an old friend"
what = "She comes over, nothing is planned"
disclosed_ok = true
reversible = "yes"
touches = ["her evenings"]
needs = ["her number"]
met = ["her number"]

[[step]]
what = "she says yes"
chance = [0.5, 0.8]

[cost.person]
hours_a_week = [4, 6]

[cost.supporter]
points = [0, 10]
hours_a_week = [4, 6]

[benefit.supporter]
points = [5, 15]

[[changes]]
lever = "acts contact:old friend"
by = [1, 2]

[[changes]]
lever = "hours role:night work"
times = [0.7, 0.9]
"""

PREFERENCE = """
order = ["recovery", "other", "the day job given up"]
must_not = ["breakdown"]
must_not_chance = 0.05
never = ["the mother's home"]
least_chance = 0.5

[limit]
rating = 5.5

[approach]
channel = "a message"
not_roles = ["day job"]

[budget]
hours_a_week = 6
"""


def record(form: StatementForm, toml: str, day: int = 0) -> Record:
    when = Instant(day * 86_400_000_000)
    return Record(f"{form} {day}", "statements", when, when, "by hand", Statement(form, toml))


def timeline(*records: Record) -> SimpleNamespace:
    return SimpleNamespace(others=records)


def test_an_option_is_read_and_written_back_the_same():
    read = parsed(OPTION, OptionFile, "option")
    assert read.step[0].chance == (0.5, 0.8)
    assert read.cost.supporter.points == (0.0, 10.0)
    assert read.cost.person.points is None
    assert read.cost.person.counted.points == (0.0, 0.0)
    assert read.cost.person.written == {"hours_a_week": [4.0, 6.0]}
    assert [target(one.lever).kind for one in read.changes] == ["acts", "hours"]
    assert parsed(as_toml(read), OptionFile, "option") == read


@pytest.mark.parametrize(
    ("lever", "moves"),
    [
        ("hours self", Target("hours", "self", "")),
        ("hours role:night work", Target("hours", "role", "night work")),
        ("acts company:out of town", Target("acts", "company", "out of town")),
        ("demands event:call", Target("demands", "event", "call")),
        ("opportunity event:walk", Target("opportunity", "event", "walk")),
    ],
)
def test_a_lever_moves_what_it_names(lever, moves):
    assert target(lever) == moves
    assert moves.of in LEVERS[moves.kind]


@pytest.mark.parametrize(
    ("was", "now", "why"),
    [
        ("disclosed_ok = true", "", "disclosed_ok"),
        ("disclosed_ok = true", 'disclosed_ok = "yes"', "disclosed_ok"),
        ("chance = [0.5, 0.8]", "chance = [0.8, 0.5]", "from the lower to the higher"),
        ("chance = [0.5, 0.8]", "chance = 0.5", "low and high"),
        ("hours role:night work", "hours night work", "is no lever"),
        ("hours role:night work", "demands self", "is no lever"),
        ("by = [1, 2]", "times = [1, 2]", "moves by occasions a week"),
        ("by = [1, 2]", "by = [1, 2]\ntimes = [1, 2]", "either times or by"),
        ("by = [1, 2]", "", "either times or by"),
        ('met = ["her number"]', 'met = ["a car"]', "not among needs"),
        ("two evenings a week with an old friend", "Nothing is changed", "is taken"),
    ],
)
def test_an_option_that_contradicts_itself_is_refused_with_the_reason(was, now, why):
    assert was in OPTION
    with pytest.raises(BadRecord, match=why):
        parsed(OPTION.replace(was, now, 1), OptionFile, "option")


def test_the_last_word_on_an_option_counts():
    again = OPTION.replace("two evenings", "Two  evenings").replace('"yes"', '"partly"')
    found, unread = options_of(timeline(record("option", OPTION), record("option", again, 2), record("option", "a", 3)))
    assert [(one.id, one.says.reversible) for one in found] == [("option 2", "partly")]
    assert [one.id for one in unread] == ["option 3"]


def test_preferences_stand_whole_as_last_written():
    read = parsed(PREFERENCE, PreferenceFile, "preference")
    assert read.limit is not None
    assert (read.limit.rating, read.limit.days) == (5.5, 14)
    assert parsed(as_toml(read), PreferenceFile, "preference") == read
    assert preference_of(timeline()) == (None, ())
    last, _ = preference_of(timeline(record("preference", "order = []", 4), record("preference", PREFERENCE, 1)))
    assert last is not None
    assert (last.id, last.says) == ("preference 4", PreferenceFile())


@pytest.mark.parametrize(
    ("toml", "why"),
    [
        ('order = ["a", "A "]', "names 'a' twice"),
        ('[approach]\nchannel = "Call"\nnot_channels = ["call"]', "both wished and ruled out"),
        ('[approach]\nrole = "self"\nnot_roles = ["self"]', "both wished and ruled out"),
        ("least_chance = 1.5", "least_chance"),
        ("[limit]\nrating = 5\ndays = 0", "days"),
        ("limit = nan", "limit"),
    ],
)
def test_preferences_that_contradict_themselves_are_refused(toml, why):
    with pytest.raises(BadRecord, match=why):
        parsed(toml, PreferenceFile, "preference")


def test_leanings_and_decisions_come_oldest_first():
    leaning = 'option = "walk"\nsure = [0.4, 0.6]'
    decision = 'option = "walk"\nwould_change = ["rain"]\nlook_again = 2026-03-01'
    told = timeline(record("leaning", leaning, 2), record("leaning", 'option = "run"', 1), record("decision", decision))
    assert [one.says.option for one in leanings_of(told)[0]] == ["run", "walk"]
    (made,) = decisions_of(told)[0]
    assert made.says.look_again is not None
    for kind, text in ((LeaningFile, leaning), (DecisionFile, decision)):
        read = parsed(text, kind, "leaning")
        assert parsed(as_toml(read), kind, "leaning") == read
