"""Bodies in the file: what goes in comes out, and nothing else comes out."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.casebook.codec import (
    decode_body,
    decode_item,
    encode_body,
    encode_item,
)
from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import (
    KINDS,
    Attribute,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    Event,
    Item,
    Prompt,
    Reaction,
    Signal,
    Statement,
)

words = st.text(min_size=1, max_size=12)
numbers = st.floats(allow_nan=False, allow_infinity=False)
instants = st.builds(
    Instant, st.integers(-62_104_060_800_000_000, 253_370_764_799_999_999), st.integers(-86_399, 86_399)
)
listed = st.lists(words, max_size=3).map(tuple)
bodies = st.one_of(
    st.builds(CheckIn, words, numbers),
    st.builds(
        Event,
        words,
        st.sampled_from(["demand", "relief", "slip", "control", "other"]),
        st.none() | numbers,
        listed,
        listed,
    ),
    st.builds(Episode, words, st.sampled_from(["role", "place", "activity", "sleep", "recording-off"]), st.booleans()),
    st.builds(Prompt, instants, st.none() | instants, listed),
    st.builds(Coverage, listed, st.floats(0, 1), st.none() | listed),
    st.builds(Contact, words, st.lists(st.builds(Attribute, words, instants), max_size=3).map(tuple)),
    st.builds(Reaction, words, st.text(max_size=5), st.sampled_from([-1, 0, 1]), numbers, numbers),
    st.builds(Statement, st.sampled_from(["concern", "hypothesis", "leaning"]), st.text(max_size=40)),
)


def kind_of(body):
    return next(name for name, cls in KINDS.items() if isinstance(body, cls))


@given(bodies)
def test_every_body_comes_back_equal(body):
    text = encode_body(body)
    back = decode_body(kind_of(body), text)
    assert back == body
    assert encode_body(back) == text


@given(instants)
def test_local_offsets_come_back(instant):
    # Instants compare by moment alone, so equality of bodies would not notice a lost offset.
    back = decode_body("prompt", encode_body(Prompt(instant, instant)))
    assert back.sent.as_local.year  # whatever is stored can be shown
    assert (back.sent.offset_s, back.answered.offset_s) == (instant.offset_s, instant.offset_s)


@given(bodies)
def test_a_field_too_many_or_too_few_is_refused(body):
    fields = json.loads(encode_body(body))
    with pytest.raises(BadRecord):
        decode_body(kind_of(body), json.dumps(fields | {"more": 1}))
    fields.popitem()
    with pytest.raises(BadRecord):
        decode_body(kind_of(body), json.dumps(fields))


@given(bodies, st.sampled_from([None, True, 3, "x", [], {}, [[1, 2]], {"a": 1}]), st.data())
def test_a_field_of_another_type_never_passes_unnoticed(body, other, data):
    fields = json.loads(encode_body(body))
    name = data.draw(st.sampled_from(sorted(fields)))
    text = json.dumps(fields | {name: other})
    try:
        back = decode_body(kind_of(body), text)
    except BadRecord:
        return
    assert json.loads(encode_body(back)) == json.loads(text)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"item":"a","value":NaN}', '{"item":"a","value":1e999}'])
def test_text_that_is_no_body_is_refused(text):
    with pytest.raises(BadRecord):
        decode_body("check_in", text)


@pytest.mark.parametrize(
    "body",
    [
        CheckIn("", 1.0),
        CheckIn("tension", float("nan")),
        CheckIn("tension", float("inf")),
        CheckIn("tension", True),
        CheckIn("tension", "3"),
        Event("quarrel", "pleasant"),
        Event("quarrel", "relief", float("nan")),
        Event("quarrel", "relief", contacts="mother"),
        Episode("work", "job"),
        Episode("work", "role", "yes"),
        Prompt("monday", None),
        Prompt(Instant(253_370_764_800_000_000), None),
        Prompt(Instant(-62_104_060_800_000_001), None),
        Prompt(Instant(0, 86_400), None),
        Coverage((), 1.01),
        Coverage((), -0.01),
        Contact(""),
        Reaction("smirk", "rescuer", 2, 1.0, 1.0),
        Reaction("smirk", "rescuer", 0.5, 1.0, 1.0),
        Statement("diary", ""),
        Signal("heart", "bpm", np.zeros(2, np.int64), np.zeros(3)),
        Signal("heart", "bpm", np.zeros(2), np.zeros(2)),
        "not a body",
    ],
)
def test_what_is_no_record_is_refused_at_the_door(body):
    with pytest.raises(BadRecord):
        encode_body(body)


def test_numbers_of_numpy_are_numbers():
    assert decode_body("check_in", encode_body(CheckIn("tension", np.int64(3)))) == CheckIn("tension", 3.0)


def test_a_signal_without_its_samples_is_refused():
    text = encode_body(Signal("heart", "bpm", np.arange(5), np.zeros(5)))
    for lost in (None, (np.arange(4), np.zeros(4))):
        with pytest.raises(BadRecord, match="signal"):
            decode_body("signal", text, lost)


@given(
    st.builds(
        Item,
        words,
        st.text(),
        st.floats(-1e6, 0),
        st.floats(1, 1e6),
        st.sampled_from(["low", "high"]),
        st.text(),
        st.text(),
        st.booleans(),
    )
)
def test_every_item_comes_back_equal(item):
    assert decode_item(encode_item(item)) == item


@pytest.mark.parametrize("scale", [(1.0, 1.0), (2.0, 1.0), (0.0, float("nan"))])
def test_an_item_needs_a_scale_with_extent(scale):
    with pytest.raises(BadRecord):
        encode_item(Item("tension", "", *scale, "low"))
