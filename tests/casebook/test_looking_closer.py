"""Claims about looking at one day or one record: through the same door, noted, with what was corrected by what."""

from dataclasses import replace

import pytest

from mainstay.casebook import Consent
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Span
from mainstay.records import logged
from mainstay.records.kinds import Batch, CheckIn, Event, Record


def test_a_day_holds_what_touches_it_and_nothing_else(new_casebook, diary, now):
    casebook = new_casebook()
    long = Record(
        "f" * 32, "acts", Span(now.plus_days(-4.5), now.plus_days(-1.5)), now, "d.csv", Event("away", "other")
    )
    casebook.add(replace(diary, records=(*diary.records, long)), Consent(given_at=now), now=now)
    found = casebook.between(now.plus_days(-2.2), now.plus_days(-1.2), "own_answers", now=now)
    assert {one.record.id for one in found if one.record.stream == "diary"} == {
        one.id for one in diary.records if one.stream == "diary" and one.happened == now.plus_days(-2)
    }
    assert long in [one.record for one in found]
    assert long not in [one.record for one in casebook.between(now.plus_days(-1.5), now, "own_answers", now=now)]


def test_what_was_corrected_says_by_what_and_each_says_when_it_was_added(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    wrong = next(one for one in diary.records if isinstance(one.body, CheckIn))
    right = logged.check_in(diary.items[0], 9.0, wrong.happened, now=now, replaces=wrong)
    later = now.plus_days(1)
    casebook.add(Batch("by hand", (right,)), Consent(given_at=later, only_where_unsaid=True), now=later)
    held = casebook.record(wrong.id, "own_answers", now=later)
    assert (held.corrected_by, held.added) == (right.id, now)
    assert casebook.record(right.id, "own_answers", now=later).added == later


def test_a_record_without_consent_is_not_found_and_a_casebook_without_any_refuses(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    known = next(one for one in diary.records if one.stream == "acts")
    casebook.withdraw(["acts"], ["own_answers"], now=now)
    with pytest.raises(BadRequest):
        casebook.record(known.id, "own_answers", now=now)
    assert not [
        one for one in casebook.between(now.plus_days(-9), now, "own_answers", now=now) if one.record.stream == "acts"
    ]
    casebook.withdraw(["diary"], ["own_answers"], now=now)
    with pytest.raises(NoConsent):
        casebook.between(now.plus_days(-9), now, "own_answers", now=now)


def test_looking_at_a_day_is_on_the_audit(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.between(now.plus_days(-1.2), now.plus_days(-0.2), "own_answers", now=now)
    last = casebook.audit_log()[-1]
    assert (last.action, last.purpose, last.count) == ("read", "own_answers", 2)


def test_a_stream_names_its_sources(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    assert {one.sources for one in casebook.streams()} == {("d.csv",)}
