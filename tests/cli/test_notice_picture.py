"""`mainstay notice --picture`: the picture in each form, whole or not at all."""

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.records.kinds import Batch, CheckIn, Item, Record, record_id
from mainstay.worlds.ordinary import MONDAY

TENSE = Item("tense", "I feel tense", 1.0, 7.0, "low", ordinal=True)


@pytest.fixture
def kept(case):
    rng = np.random.default_rng(4)
    records = []
    for day in np.arange(0.4, 60.0, 0.5):
        moment = MONDAY.plus_days(float(day))
        body = CheckIn(TENSE.name, float(rng.integers(2, 6)))
        records.append(Record(record_id("test", TENSE.name, str(day)), TENSE.name, moment, moment, "test", body))
    now = MONDAY.plus_days(61)
    with Casebook.open(case, "four quiet words here") as casebook:
        batch = Batch("test", tuple(records), (TENSE,), TENSE.name)
        casebook.add(batch, now=now, consent=Consent(purposes=("own_answers",), given_at=now))
    return case


@pytest.mark.parametrize(("suffix", "begins"), [("svg", b"<svg"), ("png", b"\x89PNG"), ("pdf", b"%PDF")])
def test_the_picture_is_written_in_the_form_its_ending_names(kept, mainstay, tmp_path, suffix, begins):
    out = tmp_path / f"notice.{suffix}"
    said = mainstay("notice", kept, "--picture", out)
    assert said.code == 0
    assert out.read_bytes().startswith(begins)
    assert "not encrypted" in said.err
    assert "“tense” is usually about" in " ".join(said.out.split())


def test_the_page_holds_the_answers_too(kept, mainstay, tmp_path):
    out = tmp_path / "notice.html"
    assert mainstay("notice", kept, "--picture", out, "--json").code == 0
    page = out.read_text(encoding="utf-8")
    assert "is usually about" in page
    assert page.count("<svg") == 2


def test_another_ending_is_refused_and_nothing_is_written(kept, mainstay, tmp_path):
    out = tmp_path / "notice.docx"
    said = mainstay("notice", kept, "--picture", out)
    assert said.code == 2
    assert not out.exists()
