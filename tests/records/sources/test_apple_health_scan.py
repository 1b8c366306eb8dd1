"""The scan of an Apple Health export gives what a real parser gives, and goes on where that stops."""

import math
import random
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.records.sources import apple_health_scan as scan
from mainstay.records.sources.apple_health_bytes import plain
from mainstay.records.sources.apple_health_scan import REASONS, Scan
from records.sources.apple_export import Read, export, slowly_read


def read(content: bytes, piece: int = 1 << 20) -> tuple[list[Read], Scan]:
    """The records a scan finds, with values as they were written."""
    one, found = Scan(), []
    for rows in one.rows(content[at : at + piece] for at in range(0, len(content), piece)):
        for i in np.flatnonzero(rows.what == scan.RECORD):
            type_, unit, source, zone = (one.names[int(c[i])] for c in (rows.type, rows.unit, rows.source, rows.zone))
            value = one.names[int(rows.word[i])] if np.isnan(rows.value[i]) else repr(float(rows.value[i]))
            found.append(Read(type_, unit, source, value, float(rows.start[i]), float(rows.end[i]), zone))
    return found, one


def as_numbers(records: list[Read]) -> list[Read]:
    def number(value: str) -> str:
        try:
            return repr(float(value))
        except ValueError:
            return value

    return [one._replace(value=number(one.value)) for one in records]


def problems(content: bytes) -> list[str]:
    return [REASONS[int(what)] for rows in Scan().rows([content]) for what in rows.what if what in REASONS]


def inside(*elements: str) -> bytes:
    return ('<HealthData locale="en">' + "".join(elements) + "</HealthData>").encode()


def record(**said: str) -> str:
    when = {"startDate": "2020-01-01 10:00:00 +0100", "endDate": "2020-01-01 10:00:00 +0100"}
    attributes = {"type": "HKQuantityTypeIdentifierHeartRate", "sourceName": "Watch", "value": "61", **when, **said}
    return f"<Record {' '.join(f'{name}={quoteattr(value)}' for name, value in attributes.items())}/>"


@pytest.mark.parametrize("piece", [997, 1 << 20])
def test_it_agrees_with_a_parser_on_an_export_in_the_real_shape(tmp_path, piece):
    content = b"".join(export(3))
    (tmp_path / "export.xml").write_bytes(content)
    found, one = read(content, piece)
    assert found == as_numbers(slowly_read(tmp_path / "export.xml"))
    assert len(found) == 3_000
    assert (one.found, one.ended, one.junk) == (True, True, False)


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")) | st.sampled_from("&<>\"'\n\t/="), max_size=8
)
NUMBERS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=64).map(repr), st.integers(-(10**20), 10**20).map(str)
)
CLOCKS = st.tuples(
    st.dates().filter(lambda d: 1900 <= d.year <= 2100), st.times(), st.integers(-18 * 60 + 1, 18 * 60 - 1)
).map(lambda c: f"{c[0]:%Y-%m-%d} {c[1]:%H:%M:%S} {'-' if c[2] < 0 else '+'}{abs(c[2]) // 60:02d}{abs(c[2]) % 60:02d}")


@st.composite
def elements(draw) -> str:
    moments = sorted([draw(CLOCKS), draw(CLOCKS)], key=lambda text: (text[:19], text))
    said = [("type", "T" + draw(WORDS)), ("sourceName", draw(WORDS)), ("value", draw(WORDS | NUMBERS))]
    said += [("startDate", moments[0]), ("endDate", moments[0]), ("device", draw(WORDS))]
    said = draw(st.permutations(said))
    blank = st.sampled_from([" ", "\n", "\t ", "\r\n  "])
    # an attribute's line feed is written as a reference: a parser makes blanks of the bare ones
    quoted = [
        f"{n}={draw(st.sampled_from(['', ' ']))}{quoteattr(v, {chr(10): '&#10;', chr(9): '&#9;'})}" for n, v in said
    ]
    opened = f"<Record{''.join(draw(blank) + one for one in quoted)}{draw(st.sampled_from(['', ' ']))}"
    children = draw(st.lists(st.sampled_from([
        '<MetadataEntry key="HKTimeZone" value="Europe/Paris"/>', '<MetadataEntry value="3" key="other"/>',
        "<!-- <Record/> -->", '<HeartRateVariabilityMetadataList><InstantaneousBeatsPerMinute bpm="6" time="1"/>'
        "</HeartRateVariabilityMetadataList>", escape("some text > <"),
    ])))  # fmt: skip
    whole = f"{opened}>{''.join(children)}</Record>" if children else f"{opened}/>"
    if draw(st.booleans()):
        return whole
    around = draw(st.sampled_from(["Correlation", "Other"]))
    return f'<{around} type="x">{whole}</{around}>'


@given(st.lists(elements(), max_size=6), st.integers(1, 400))
def test_it_agrees_with_a_parser_on_odd_exports_however_they_are_cut(tmp_path_factory, several, piece):
    content = inside(*several)
    path = tmp_path_factory.mktemp("odd") / "export.xml"
    path.write_bytes(content)
    found, one = read(content, piece)
    assert as_numbers(found) == as_numbers(slowly_read(path))
    assert one.ended


@given(NUMBERS)
def test_numbers_are_exact(text):
    [rows] = [rows for rows in Scan().rows([inside(record(value=text))]) if len(rows.what)]
    assert rows.value[0] == float(text) or math.isinf(float(text))


@given(st.binary(max_size=300), st.integers(1, 50))
def test_any_bytes_end_in_rows(content, piece):
    content = b"<HealthData>" + content
    assert read(content, piece)[1].found


@given(st.data())
def test_a_damaged_export_gives_the_same_however_it_is_cut(data):
    content = bytearray(inside(*(record(value=str(i)) for i in range(8))))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(30, len(content) - 1))] = data.draw(st.integers(0, 255))
    whole, _ = read(bytes(content))
    assert read(bytes(content), data.draw(st.integers(1, 90)))[0] == whole


def test_what_is_wrong_with_a_record_is_said():
    assert problems(inside(record(startDate="2020-02-30 10:00:00 +0100")))[0].startswith("its start")
    assert problems(inside(record(endDate="2020-01-01 10:00:00")))[0].startswith("its end")
    assert problems(inside(record(endDate="2019-01-01 10:00:00 +0100"))) == ["ends before it starts"]
    assert problems(inside('<Record type="x"broken/>', record()))[0].startswith("its attributes")
    assert problems(b"<HealthData>" + record().encode()[:-9])[0].startswith("is cut off")
    assert problems(inside("<Record/>")) == ["says no type"]
    assert problems(inside(record(sourceName="x" * 5_000)))[0].startswith("its name")


def test_a_bad_record_costs_only_itself():
    broken = '<Record type="HKQuantity" value="6 <'
    found, _ = read(inside(record(value="1"), broken, record(value="2"), record(value="\x0b"), record(value="3")))
    assert [one.value for one in found] == ["1.0", "2.0", "\x0b", "3.0"]


def test_nothing_outside_the_export_is_a_record_and_what_follows_it_still_is():
    entity = '<!DOCTYPE HealthData [<!ENTITY x "' + record() + '"> <!ELEMENT Record ((Meta|'
    content = entity.encode() + record().encode() + inside(record(value="7")) + b"clinical junk" + record().encode()
    found, one = read(content)
    assert [float(record.value) for record in found] == [7.0, 61.0]
    assert one.junk


def test_no_entity_is_expanded():
    bomb = '<!DOCTYPE HealthData [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    found, _ = read(bomb.encode() + inside(record().replace("Watch", "&b;&f;&amp;&#65;")))
    assert found[0].source == "&b;&f;&A"
    assert plain(b"&#x110000;") in ("\ufffd", "&#x110000;")


def test_many_names_cost_no_more_than_their_rows():
    rng = random.Random(1)
    many = [record(sourceName=f"s{rng.random()}") for _ in range(60_500)]
    found = problems(inside(*many))
    assert 500 <= len(found) < 600
    assert {reason[:8] for reason in found} == {"its name"}
