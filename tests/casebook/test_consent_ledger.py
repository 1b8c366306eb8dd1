"""What is said of consent is kept as it was said, with what was agreed to; the last word holds."""

import json
from pathlib import Path

import jsonschema
import pytest

from faults.ledgers import in_memory
from mainstay.casebook import PURPOSES, Consent
from mainstay.casebook.terms import Terms
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Instant

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "reference" / "consent.schema.json").read_text())


@pytest.fixture
def casebook(diary, now):
    held = in_memory()
    held.add(diary, Consent(given_at=now), now=now)
    yield held
    held.close()


def test_every_agreement_is_a_record_that_its_schema_knows(casebook, now):
    casebook.give((), Consent(purposes=PURPOSES, given_at=now, until=now.plus_days(9)), now=now)
    casebook.give(("acts",), Consent(given_at=now, terms=Terms(controller="A clinic", jurisdiction="loc:NL")), now=now)
    records = [one.terms for one in casebook.consents()]
    for record in records:
        jsonschema.validate(record, SCHEMA)
        assert set(record) == set(SCHEMA["properties"])
    identities = {stream.name: stream.identity for stream in casebook.streams()}
    assert records[0]["streams"] == sorted(identities.values())
    assert records[-1]["streams"] == [identities["acts"]]
    assert (records[-1]["controller"], records[-1]["jurisdiction"]) == ("A clinic", "loc:NL")
    assert not any("diary" in json.dumps(record) for record in records)


def test_for_ones_own_answers_nobody_else_is_named(casebook):
    record = casebook.consents()[0].terms
    assert record["recipients"] == []
    assert record["controller"] == record["subject"] == record["grantor"]


def test_one_agreement_about_several_streams_is_kept_once(casebook):
    assert len({one.stream for one in casebook.consents()}) == 2
    assert casebook._connection.execute("SELECT count(*) FROM terms").get == 1


def test_a_renewal_goes_on_on_the_same_terms(casebook, now):
    casebook.give(
        (), Consent(purposes=("cohort",), given_at=now, until=now.plus_days(1), terms=Terms(language="nl")), now=now
    )
    renewed = casebook.renew(("acts",), ("cohort",), until=now.plus_days(5), now=now.plus_days(2))
    assert [one.event for one in renewed] == ["expired", "expired", "renewed"]
    assert renewed[-1].terms["language"] == "nl"
    assert renewed[-1].terms["valid_until"] == now.plus_days(5).as_local.isoformat(timespec="microseconds")
    assert casebook.read("cohort", now=now.plus_days(3)).left_out == ("diary",)


def test_what_has_run_out_is_noted_once_and_dated_when_it_did(casebook, now):
    casebook.give((), Consent(given_at=now, until=now.plus_days(1)), now=now)
    for _ in range(2):
        with pytest.raises(NoConsent):
            casebook.read("own_answers", now=now.plus_days(2))
    ended = [one for one in casebook.consents() if one.event == "expired"]
    assert {(one.stream, one.at, one.noted) for one in ended} == {
        (name, now.plus_days(1), now.plus_days(2)) for name in ("diary", "acts")
    }
    assert len(ended) == 2


def test_a_consent_dated_before_the_withdrawal_undoes_nothing(casebook, diary, now):
    casebook.withdraw(now=now.plus_days(1))
    for say in (lambda said: casebook.give((), said, now=now), lambda said: casebook.add(diary, said, now=now)):
        with pytest.raises(BadRequest, match="was withdrawn later"):
            say(Consent(given_at=now))
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=now)
    casebook.add(diary, Consent(given_at=now, only_where_unsaid=True), now=now)
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=now)


def test_what_was_withdrawn_is_not_renewed(casebook, now):
    casebook.withdraw(now=now)
    with pytest.raises(BadRequest, match="give it anew"):
        casebook.renew((), now=now)


def test_an_end_that_has_passed_renews_nothing(casebook, now):
    with pytest.raises(BadRequest, match="has passed"):
        casebook.renew((), until=now, now=now)


def test_a_purpose_or_stream_that_is_not_there_is_named(casebook, now):
    with pytest.raises(BadRequest, match="marketing"):
        casebook.withdraw((), ("marketing",), now=now)
    with pytest.raises(BadRequest, match="nowhere"):
        casebook.withdraw(("nowhere",), now=now)


@pytest.mark.parametrize("fields", [{"controller": ""}, {"recipients": ("",)}, {"language": 5}])
def test_terms_need_texts(fields):
    with pytest.raises(BadRequest, match=next(iter(fields))):
        Terms(**fields)


def test_a_record_of_the_first_schema_has_no_terms(casebook, now):
    casebook._connection.execute("UPDATE consent SET terms = NULL")
    assert [one.terms for one in casebook.consents()] == [None, None]
    assert casebook.renew((), now=now)[-1].terms["purpose"] == "own_answers"


def test_a_consent_noted_before_there_was_an_audit_still_sets_the_clock(casebook, now):
    casebook._connection.execute("DELETE FROM audit")
    assert casebook.clock(Instant(0)) == now
