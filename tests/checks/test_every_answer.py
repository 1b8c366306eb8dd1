"""What every answer must be, whichever chapter gave it: one suite over the stories of several simulated people."""

import re
from datetime import UTC, datetime

import pytest
from jsonschema import Draft202012Validator

from mainstay.quantities import Finding, Instant
from mainstay.report.answers import answers_schema
from mainstay.report.text import quiet_lines
from mainstay.report.words import claim_of
from mainstay.story import Story, tell
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

NOW = Instant.of(datetime(2026, 1, 1, tzinfo=UTC))
PEOPLE = {
    "a week": ("two_roles", "", "2024-01-15"),
    "three months": ("two_roles", "", "2024-04-08"),
    "ten months": ("two_roles", "", "2024-11-08"),
    "nothing restores": ("nothing_restores", "", "2024-07-01"),
    "denser recording": ("twins", "denser_recording", "2024-09-01"),
}
# a person at midnight should need none of these, nor should anything here sound like a clinic
JARGON = re.compile(
    r"\b(nan|(?-i:None(?! of))|inf|null|logit|log odds|hazard|posterior|prior|laplace|kappa|parameter|sd|covariate|"
    r"p-value|significan\w*|disorder\w*|diagnos\w*|symptom\w*|depress\w*|burnout|patholog\w*|patient\w*|e[+-]\d+)\b",
    re.IGNORECASE,
)


@pytest.fixture(scope="module", params=PEOPLE)
def story(request: pytest.FixtureRequest) -> Story:
    """The story of one simulated person as of one date."""
    world, folder, day = PEOPLE[request.param]
    person = simulate(world, 2)[folder]
    cut = Instant.parse(f"{day}T12:00", person.zone)
    return tell(from_records(person.records, person.items, person.anchor, as_of=cut), made_at=NOW)


def test_it_keeps_the_schema(story: Story) -> None:
    checker = Draft202012Validator(answers_schema())
    for record in story.records():
        assert not [error.message for error in checker.iter_errors(record)]


def test_its_identity_is_its_own(story: Story) -> None:
    ids = [record["id"] for record in story.records()]
    assert len(set(ids)) == len(ids)


def test_its_claim_is_one_sentence_that_begins_and_ends_as_one(story: Story) -> None:
    for answer in story.answers:
        claim = claim_of(answer)
        assert re.match(r"[A-Z“]", claim), claim
        assert claim.endswith((".", "?")), claim
        assert "  " not in claim, claim
        assert ".." not in claim, claim


def test_it_has_no_jargon_and_no_diagnosis(story: Story) -> None:
    for answer in story.answers:
        for line in (claim_of(answer), *quiet_lines(answer)):
            found = JARGON.search(line)
            assert not found, f"{found.group() if found else ''}: {line}"


def test_a_finding_lies_in_its_interval_and_says_from_how_much(story: Story) -> None:
    for answer in story.answers:
        if isinstance(answer, Finding):
            assert answer.estimate in answer.interval, answer.claim
            assert answer.n > 0, answer.claim
            assert answer.method, answer.claim
            assert answer.would_change, answer.claim


def test_what_can_not_be_said_has_a_reason_and_needs_more_than_there_is(story: Story) -> None:
    for answer in story.answers:
        if not isinstance(answer, Finding):
            assert answer.reason
            if answer.have is not None and answer.need is not None:
                assert answer.need > answer.have, answer.reason
                assert answer.unit, answer.reason
