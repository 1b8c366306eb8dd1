"""Answers as records: one JSON form for page, file and other programs."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Instant, Interval, Span
from mainstay.report.answers import STATUSES, answer_record, answers_schema, plain

DOCS = Path(__file__).parents[2] / "docs" / "reference"
THIN = CannotSay("too few acts", 9, 30, "acts", row="S12", about="visit", quantity="efficacy")


def errors(record):
    return [error.message for error in Draft202012Validator(answers_schema()).iter_errors(record)]


def test_a_finding_fits_the_schema(make):
    assert errors(answer_record(make.finding(), make.context())) == []


def test_a_cannot_say_fits_the_schema(make):
    assert errors(answer_record(THIN, make.context())) == []


def test_the_schema_is_a_valid_schema():
    Draft202012Validator.check_schema(answers_schema())


def test_the_schema_in_the_documents_is_the_one_in_force():
    assert json.loads((DOCS / "answers.schema.json").read_text(encoding="utf-8")) == answers_schema()


def test_every_status_and_field_is_documented():
    page = (DOCS / "answers.md").read_text(encoding="utf-8")
    undocumented = [name for name in (*STATUSES, *answers_schema()["properties"]) if f"`{name}`" not in page]
    assert undocumented == []


def test_a_finding_without_an_estimate_does_not_fit(make):
    assert errors({**answer_record(make.finding(), make.context()), "estimate": None})


def test_an_unknown_status_does_not_fit(make):
    assert errors({**answer_record(make.finding(), make.context()), "status": "perhaps"})


def test_the_id_does_not_depend_on_when_it_was_made(make):
    later = make.context(made_at=Instant.parse("2026-01-01T00:00+00:00"))
    assert answer_record(make.finding(), make.context())["id"] == answer_record(make.finding(), later)["id"]


def test_the_id_does_not_depend_on_wording(make):
    reworded = make.finding(claim="Said otherwise")
    assert answer_record(make.finding(), make.context())["id"] == answer_record(reworded, make.context())["id"]


@pytest.mark.parametrize(
    "change", [{"estimate": 0.13}, {"about": "reporter"}, {"status": "not_found"}, {"evidence": ("a",)}, {"row": "S10"}]
)
def test_another_answer_has_another_id(make, change):
    assert (
        answer_record(make.finding(), make.context())["id"]
        != answer_record(make.finding(**change), make.context())["id"]
    )


def test_another_date_gives_another_id(make):
    cut = make.context(as_of=Instant.parse("2025-01-01T00:00+01:00"))
    assert answer_record(make.finding(), make.context())["id"] != answer_record(make.finding(), cut)["id"]


def test_what_is_missing_is_told_in_numbers(make):
    record = answer_record(THIN, make.context())
    assert (record["have"], record["need"], record["need_unit"], record["estimate"]) == (9, 30, "acts", None)


def test_curves_from_numpy_become_plain_lists(make):
    detail = {"times": np.arange(3.0), "count": np.int64(4), "flags": np.array([True]), "when": make.context().as_of}
    record = answer_record(make.finding(detail=detail), make.context())
    assert json.loads(json.dumps(record, allow_nan=False))["detail"]["times"] == [0.0, 1.0, 2.0]


def test_nan_in_a_curve_is_refused_by_name(make):
    with pytest.raises(BadRequest, match=r"detail\.curve\[1\]"):
        answer_record(make.finding(detail={"curve": np.array([0.0, np.nan])}), make.context())


def test_what_json_has_no_word_for_is_refused():
    with pytest.raises(BadRequest, match="object"):
        plain(object())


def test_spans_and_intervals_are_written_out(make):
    start = make.context().as_of
    assert plain(Span(start, start.plus_days(1)))["start"] == str(start)
    assert plain(Interval(0.0, 1.0)) == {"low": 0.0, "high": 1.0, "level": 0.9}


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(0.0001, 0.9999), st.text(max_size=40))
def test_every_record_is_json_that_reads_back(estimate, level, text):
    from mainstay.quantities import Finding
    from mainstay.report.answers import AnswerContext

    moment = Instant(0)
    interval = Interval(min(estimate, 0.0), max(estimate, 0.0), level)
    answer = Finding("S9", text, "found", text, "q", estimate, interval, text, 3, text)
    record = answer_record(answer, AnswerContext(moment, moment, moment, "own_answers"))
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    assert errors(record) == []


def test_fields_stand_in_the_contract_s_order(make):
    names = list(answer_record(replace(make.finding(), reason="why", detail={"a": 1}), make.context()))
    assert names == [name for name in answers_schema()["properties"] if name in names]
