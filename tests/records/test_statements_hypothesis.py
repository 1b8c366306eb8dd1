"""A hypothesis as a file: its small language, what it refuses, and which word on it is the last."""

from dataclasses import replace
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement
from mainstay.records.statements import as_toml, parsed
from mainstay.records.statements_hypothesis import (
    STREAM_KINDS,
    WHOLE,
    Clause,
    Hypothesis,
    HypothesisFile,
    Moment,
    Subject,
    hypotheses_of,
    moments,
    same_name,
    subjects,
    with_library,
)

TOML = """
name = "the dog"
cause = "the dog wakes me at night"
since = 2025-03-01
ask = "let him sleep downstairs for two weeks"

[[predicts]]
stream = "item:rested | item:slept well"
direction = "less"
when = "since"
words = "I am less rested since he came"

[[predicts]]
stream = "strain"
direction = "more"
when = "after event:bad night | tag:dog"

[[forbids]]
stream = "signal:sleep hours"
direction = "more"
when = "over time"

[prior]
chance = [0.2, 0.5]
on = 2025-04-01

[[evidence]]
what = "the neighbours hear him too"
ratio = [1.5, 4]
on = 2025-04-02
"""
PLAIN = 'name = "x"\ncause = "y"\n'
CLAUSE = '[[predicts]]\nstream = "{}"\ndirection = "{}"\nwhen = "{}"\n'
names = st.text(st.characters(codec="ascii", exclude_characters="|:\x00", categories=("L", "N", "Zs")), min_size=1)
names = names.map(str.strip).filter(bool)


def read(text):
    return parsed(text, HypothesisFile, "hypothesis")


def written(text, day, name="r", supersedes=None):
    at = Instant.parse(f"2025-05-{day:02d}T12:00+02:00")
    return Record(f"{name}{day}", "hypothesis", at, at, "by hand", Statement("hypothesis", text), supersedes)


def test_a_whole_file_is_read_as_it_is_written():
    file = read(TOML)
    assert file.predicts[0] == Clause(
        stream="item:rested | item:slept well", direction="less", when="since", words="I am less rested since he came"
    )
    assert file.predicts[1].words is None
    assert file.prior.chance == (0.2, 0.5)
    assert (file.evidence[0].what, file.evidence[0].ratio) == ("the neighbours hear him too", (1.5, 4.0))
    assert read(as_toml(file)) == file


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("strain", (Subject("strain"),)),
        ("relief acts", (Subject("relief acts"),)),
        ("item: Mood | event:late train", (Subject("item", "Mood"), Subject("event", "late train"))),
        ("signal:heart:rate", (Subject("signal", "heart:rate"),)),
    ],
)
def test_a_stream_is_what_is_looked_at_and_its_alternatives(text, found):
    assert subjects(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("over time", (Moment("over time"),)),
        (" in winter ", (Moment("in winter"),)),
        ("since", (Moment("since"),)),
        ("since event:move | tag:move", (Moment("since", "event", "move"), Moment("since", "tag", "move"))),
        ("in company:warm | company:kind", (Moment("in", "company", "warm"), Moment("in", "company", "kind"))),
        ("during role:nurse", (Moment("during", "role", "nurse"),)),
        ("with signal:steps", (Moment("with", "signal", "steps"),)),
        ("after tag:ill", (Moment("after", "tag", "ill"),)),
    ],
)
def test_a_time_stands_once_before_its_alternatives(text, found):
    assert moments(text) == found


@given(kind=st.sampled_from(STREAM_KINDS), name=names)
def test_any_name_can_be_looked_at(kind, name):
    assert subjects(f"{kind}:{name}") == (Subject(kind, name),)
    assert same_name(name.upper().replace(" ", "_"), name.upper())


@pytest.mark.parametrize(
    "text", ["", "mood", "item:", "item: | strain", "demand", "role nurse", "company:warm", "strain |"]
)
def test_what_is_no_stream_is_refused_with_what_could_be_written(text):
    with pytest.raises(ValueError, match="is no stream; write one of strain, seeking"):
        subjects(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with one of"),
        ("after", "needs what it is about, as in after event:NAME"),
        ("in company", "write in company:NAME"),
        ("before event:x", "begin with one of"),
        ("after role:x", "write after event:NAME, after tag:NAME"),
        ("with event:x", "write with signal:NAME, with item:NAME"),
        ("since event:a | during tag:b", "write since event:NAME"),
        ("during episode:", "write during role:NAME"),
    ],
)
def test_what_is_no_time_is_refused_with_what_could_be_written(text, why):
    with pytest.raises(ValueError, match=why):
        moments(text)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (PLAIN + CLAUSE.format("strain", "up", "over time"), "direction"),
        (PLAIN + CLAUSE.format("mood", "more", "over time"), "is no stream"),
        (PLAIN + CLAUSE.format("strain", "more", "yesterday"), "is no time"),
        (PLAIN + CLAUSE.format("strain", "more", "since"), "needs a day of its own"),
        (PLAIN + CLAUSE.format("strain", "more", "over time") * 13, "the list is too long"),
        (PLAIN + "[prior]\nchance = [0.5, 0.2]\non = 2025-01-01", "from the lower to the higher"),
        (PLAIN + "[prior]\nchance = 0.5\non = 2025-01-01", "low and high"),
        (PLAIN + "[prior]\nchance = [0.0, 0.2]\non = 2025-01-01", "above 0"),
        (PLAIN + "[prior]\nchance = [0.1, 0.2]", "on"),
        (PLAIN + '[[evidence]]\nwhat = "z"\nratio = [1, 5000]\non = 2025-01-01', "1000"),
        (PLAIN + 'weight = 3', "weight"),
        ('name = ""\ncause = "y"', "name"),
        ('name = "a\\u001b[2J"\ncause = "y"', "control characters"),
        ("name = 1", "name"),
        ("name = [", "TOML"),
    ],
)  # fmt: skip
def test_what_can_not_be_meant_is_refused(text, why):
    with pytest.raises(BadRecord, match=why):
        read(text)


def test_one_that_predicts_and_forbids_nothing_can_be_written_down():
    assert (read(PLAIN).predicts, read(PLAIN).forbids) == ((), ())


@pytest.mark.parametrize("stream", WHOLE)
def test_every_whole_stream_can_be_written(stream):
    assert read(PLAIN + CLAUSE.format(stream, "same", "over time")).predicts[0].stream == stream


def test_the_last_word_on_each_counts_whatever_its_letters():
    first = written(PLAIN.replace('"x"', '"Bad sleep"'), 1)
    other = written(TOML, 2)
    again = written(PLAIN.replace('"x"', '"bad_sleep"').replace('"y"', '"later"'), 3)
    found, unread = hypotheses_of(SimpleNamespace(others=[again, first, other]))
    assert unread == ()
    assert [(one.id, one.name) for one in found] == [("r2", "the dog"), ("r3", "bad_sleep")]
    assert found[1].says.cause == "later"
    assert found[1].written == again.known


def test_what_can_not_be_read_is_told_and_leaves_the_others():
    found, unread = hypotheses_of(SimpleNamespace(others=[written("name = 3", 1), written(TOML, 2)]))
    assert [one.name for one in found] == ["the dog"]
    assert [(one.id, one.form) for one in unread] == [("r1", "hypothesis")]
    assert "name" in unread[0].reason


def test_the_persons_own_take_the_place_of_the_librarys_and_what_is_set_aside_is_left_out():
    library = [HypothesisFile(name=name, cause="z") for name in ("sleep", "dog", "season")]
    own = [
        Hypothesis("a", None, read(PLAIN.replace('"x"', '"Sleep"'))),
        Hypothesis("b", None, replace(read(PLAIN.replace('"x"', '"DOG"')), set_aside="he sleeps")),
    ]
    assert [(one.id, one.name) for one in with_library(own, library)] == [("a", "Sleep"), ("", "season")]
    assert [one.name for one in with_library([], library)] == ["sleep", "dog", "season"]
