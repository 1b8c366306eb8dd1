"""`mainstay notice`: what is changing, in words and as JSON, as of any date."""

import json

import numpy as np
import pytest

from calibration.resilience import slower
from mainstay.casebook import Casebook, Consent
from mainstay.records.kinds import Batch, CheckIn, Item, Record, record_id
from mainstay.worlds.ordinary import MONDAY

TENSE = Item("tense", "I feel tense", -10.0, 10.0, "low", ordinal=False)


def row(told, name):
    (answer,) = [one for one in told["answers"] if one["row"] == name]
    return answer


@pytest.fixture
def kept(case):
    times, values = slower(np.random.default_rng(1), 900)
    records = []
    for day, value in zip(times, values, strict=True):
        moment = MONDAY.plus_days(float(day))
        body = CheckIn(TENSE.name, float(value))
        records.append(Record(record_id("test", TENSE.name, str(day)), TENSE.name, moment, moment, "test", body))
    now = MONDAY.plus_days(200)
    with Casebook.open(case, "four quiet words here") as casebook:
        batch = Batch("test", tuple(records), (TENSE,), TENSE.name)
        casebook.add(batch, now=now, consent=Consent(purposes=("own_answers",), given_at=now))
    return case


def test_slowing_is_told_in_plain_words_without_a_diagnosis(kept, mainstay):
    said = mainstay("notice", kept)
    assert (said.code, said.err) == (0, "")
    text = " ".join(said.out.split())
    assert "It takes longer to come back to level than it did" in text
    assert "They are not a diagnosis" in text


def test_the_json_holds_the_answer_by_the_contract(kept, mainstay):
    told = json.loads(mainstay("notice", kept, "--json").out)
    assert told["alert"]["tier"] == "look"
    answer = row(told, "S4")
    assert (answer["row"], answer["status"], answer["unit"]) == ("S4", "found", "times as long")
    assert answer["interval"][0] > 1.0
    assert answer["detail"]["false_alarm_budget"] <= 0.05


def test_an_early_date_has_too_little(kept, mainstay):
    early = str(MONDAY.plus_days(9).as_local.date())
    told = json.loads(mainstay("notice", kept, "--json", "--as-of", early).out)
    assert told["alert"]["tier"] == "quiet"
    assert row(told, "S2")["status"] == "cannot_say"
    answer = row(told, "S4")
    assert answer["status"] == "cannot_say"
    assert (answer["need"], answer["need_unit"]) == (60, "answers")


def test_an_empty_casebook_is_told_so(case, mainstay):
    said = mainstay("notice", case)
    assert said.code == 2
    assert "nothing on record yet" in said.err
