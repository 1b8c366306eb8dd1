"""`mainstay patterns`: what came before and after what, in words and as JSON, as of any date."""

import json

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.records.kinds import Batch, Event, Record, record_id
from mainstay.worlds.ordinary import MONDAY


@pytest.fixture
def kept(case):
    rng = np.random.default_rng(1)
    first = np.sort(rng.uniform(0.0, 300.0, 160))
    after = first[rng.random(len(first)) < 0.5] + 0.1
    second = np.concatenate([after, rng.uniform(0.0, 300.0, 80)])
    records = []
    for label, times in (("hard day", first), ("late call", second)):
        for day in times:
            moment = MONDAY.plus_days(float(day))
            key = record_id("test", label, str(day))
            records.append(Record(key, label, moment, moment, "test", Event(label, "other")))
    now = MONDAY.plus_days(301)
    with Casebook.open(case, "four quiet words here") as casebook:
        casebook.add(Batch("test", tuple(records)), Consent(given_at=now), now=now)
    return case


def test_what_follows_is_told_with_how_many_pairs_were_tried(kept, mainstay):
    said = mainstay("patterns", kept)
    assert (said.code, said.err) == (0, "")
    text = " ".join(said.out.split())
    assert "After “hard day”, “late call” came" in text
    assert "pairs tried" in text
    assert "because" not in text


def test_the_json_holds_ratio_interval_and_the_cut(kept, mainstay):
    told = json.loads(mainstay("patterns", kept, "--json").out)["answers"]
    assert told[0]["status"] == "found"
    assert told[0]["interval"][0] > 1.0
    early = str(MONDAY.plus_days(9).as_local.date())
    (thin,) = json.loads(mainstay("patterns", kept, "--json", "--as-of", early).out)["answers"]
    assert thin["status"] == "cannot_say"
