"""`mainstay explain`: what could be behind it, as words, page and JSON, as of any date and replayed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch
from mainstay.report.answers import answers_schema
from mainstay.worlds import simulate

SECRET = "four quiet words here"
NOW = Instant.parse("2026-01-02T12:00+00:00")
BEFORE, AFTER = "2025-06-05", "2025-07-06"
LEAST = KeySlotCost.least()


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The casebook of one simulated person, with a cause of their own that is no longer considered."""
    place = tmp_path_factory.mktemp("lived") / "somebody.mainstay"
    (world,) = simulate("two_roles", 1).values()
    with Casebook.create(place, SECRET, now=NOW, cost=LEAST) as casebook:
        batch = Batch("simulated", world.records, world.items, world.anchor)
        casebook.add(batch, Consent(given_at=NOW), now=NOW)
    return place


@pytest.fixture(autouse=True)
def passphrase(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "passphrase.txt"
    file.touch(mode=0o600)
    file.write_text(SECRET, encoding="utf-8")
    monkeypatch.setenv("MAINSTAY_PASSPHRASE_FILE", str(file))


def test_before_the_call_it_is_certain_and_unexplained(lived, mainstay):
    said = mainstay("explain", lived, "--as-of", BEFORE)
    assert (said.code, said.err) == (0, "")
    text = " ".join(said.out.split())
    assert "What is known" in text
    assert "What is not" in text
    assert "What to do next" in text
    assert "why is not explained by any cause on record" in text
    assert "no part to play” goes with" not in text


def test_after_the_evening_page_and_json_say_the_same_and_claim_no_recovery(lived, mainstay, tmp_path):
    page = tmp_path / "why.html"
    said = mainstay("explain", lived, "--as-of", AFTER, "--html", page, "--json")
    assert said.code == 0
    answers = json.loads(said.out)["answers"]
    checker = Draft202012Validator(answers_schema())
    assert not [error.message for one in answers for error in checker.iter_errors(one)]
    status = {(one["row"], one["about"]): one["status"] for one in answers}
    assert status["S14", "explanation"] == status["S14", "role concealment"] == "unconfirmed"
    assert status["S13", "no_part_to_play"] == "unconfirmed"
    assert status["S13", "knows_both_lives"] == "tied"
    assert status["S16", "evening with the rival"] == "relief_observed_recovery_untested"
    assert "established_explained" not in status.values()
    html = page.read_text(encoding="utf-8")
    assert not re.findall(r"(?:src|href)=[\"']?(?:https?:)?//", html)
    assert "unconfirmed" in html


def test_a_replay_tells_what_became_known_when_and_what_hindsight_adds(lived, mainstay):
    said = mainstay("explain", lived, "--replay", "--from", "2025-05-20", "--as-of", "2025-06-30", "--json")
    assert said.code == 0
    first, last = json.loads(said.out)["replay"]
    assert first["as_of"].startswith("2025-06-01")
    assert first["answers"][0]["status"] == "established_unexplained"
    assert first["hindsight"]["status"] != "established_unexplained"
    assert first["learned"] == []
    assert "mother: no part to play" in last["learned"]
    assert last["answers"][0]["status"] == "unconfirmed"
    assert last["hindsight"] is None


def test_from_without_replay_is_refused(lived, mainstay):
    said = mainstay("explain", lived, "--from", "2025-05-20")
    assert said.code != 0
    assert "--from goes with --replay" in said.err
