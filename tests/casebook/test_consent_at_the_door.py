"""Consent: every read names a purpose, and without valid consent for it nothing comes out."""

from dataclasses import replace

import pytest

from mainstay.casebook import Consent
from mainstay.casebook.consent import EVENTS, ConsentHeld
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch


def part(batch: Batch, stream: str) -> Batch:
    records = tuple(record for record in batch.records if record.stream == stream)
    return Batch(batch.source, records, batch.items if stream == "diary" else (), None)


def test_a_stream_without_consent_is_left_out_by_name(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(part(diary, "diary"), Consent(given_at=now), now=now)
    casebook.add(part(diary, "acts"), Consent(purposes=("own_answers", "supporter_view"), given_at=now), now=now)
    stored = casebook.read("supporter_view", now=now)
    assert {record.stream for record in stored.records} == {"acts"}
    assert stored.left_out == ("diary",)
    assert stored.items == ()


def test_no_consent_for_a_purpose_means_no_read(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    with pytest.raises(NoConsent, match="cohort"):
        casebook.read("cohort", now=now)


def test_an_unknown_purpose_is_refused(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    with pytest.raises(BadRequest, match="employer"):
        casebook.read("employer", now=now)
    with pytest.raises(BadRequest, match="employer"):
        casebook.kept_answers("fit", purpose="employer", now=now)


def test_consent_ends_to_the_microsecond(new_casebook, diary, now):
    casebook = new_casebook()
    until = now.plus_days(1)
    casebook.add(diary, Consent(given_at=now, until=until), now=now)
    assert casebook.read("own_answers", now=Instant(until.utc_us - 1)).records
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=until)


def test_consent_that_begins_later_opens_nothing_before(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=Instant(now.utc_us - 2))
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=Instant(now.utc_us - 1))
    assert casebook.read("own_answers", now=now).records


def test_a_clock_set_back_revives_no_consent_that_was_seen_to_end(new_casebook, diary, now):
    casebook = new_casebook()
    until = now.plus_days(1)
    casebook.add(diary, Consent(given_at=now, until=until), now=now)
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=until)
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=now)
    assert casebook.clock(now) == until


def test_the_last_word_holds_also_when_it_allows_less(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.add(diary, Consent(given_at=now, until=now.plus_days(1)), now=now)
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=now.plus_days(2))


def test_saying_the_same_twice_is_noted_once(new_casebook, diary, now):
    casebook = new_casebook()
    for _ in range(2):
        casebook.add(diary, Consent(given_at=now), now=now)
    assert casebook._connection.execute("SELECT count(*) FROM consent").get == 2  # one for each stream


def test_answers_kept_from_a_stream_that_is_no_longer_covered_stay_inside(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(part(diary, "diary"), Consent(given_at=now), now=now)
    casebook.add(part(diary, "acts"), Consent(given_at=now, until=now.plus_days(1)), now=now)
    casebook.keep_answers("fit", 1, b"from both", ("diary", "acts"), now=now)
    casebook.keep_answers("fit", 2, b"from one", ("diary",), now=now)
    kept = casebook.kept_answers("fit", purpose="own_answers", now=now.plus_days(2))
    assert [answer.payload for answer in kept] == [b"from one"]


def test_an_item_nobody_may_see_cannot_be_the_anchor(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(
        replace(part(diary, "diary"), anchor="tension"), Consent(given_at=now, until=now.plus_days(1)), now=now
    )
    casebook.add(part(diary, "acts"), Consent(given_at=now), now=now)
    stored = casebook.read("own_answers", now=now.plus_days(2))
    assert (stored.anchor, stored.items) == (None, ())


@pytest.mark.parametrize(
    "fields", [{"purposes": ()}, {"purposes": ("employer",)}, {"until": Instant(0)}, {"until": Instant(5)}]
)
def test_consent_to_nothing_or_for_no_time_is_refused(fields):
    with pytest.raises(BadRequest):
        Consent(**{"given_at": Instant(5), **fields})


@pytest.mark.parametrize("kind", EVENTS)
def test_only_what_was_given_is_valid(kind):
    assert ConsentHeld("cohort", kind, Instant(0), None).valid(Instant(1)) == (kind in ("given", "renewed"))
