"""Consent: every read names a purpose, and without valid consent for it nothing comes out."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mainstay.casebook import PURPOSES, Consent
from mainstay.casebook.consent import ConsentHeld
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


def test_a_clock_set_back_before_consent_was_given_opens_nothing(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    with pytest.raises(NoConsent):
        casebook.read("own_answers", now=Instant(now.utc_us - 1))


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


words = st.builds(
    lambda purposes, at, length: Consent(
        purposes=tuple(sorted(purposes)), given_at=Instant(at), until=None if length is None else Instant(at + length)
    ),
    st.sets(st.sampled_from(PURPOSES), min_size=1),
    st.integers(0, 20),
    st.none() | st.integers(1, 20),
)


@pytest.mark.parametrize("kind", ["given", "withdrawn"])
def test_only_what_was_given_is_valid(kind):
    assert ConsentHeld("cohort", kind, Instant(0), None).valid(Instant(1)) == (kind == "given")


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["diary", "acts"]), words), max_size=6),
    st.sampled_from(PURPOSES),
    st.integers(-1, 45),
)
def test_reads_agree_with_a_plain_model_of_consent(new_casebook, diary, said, purpose, clock):
    casebook = new_casebook(f"{abs(hash((str(said), purpose, clock)))}.mainstay")
    model: dict[str, dict[str, Consent]] = {}
    for stream, consent in said:
        casebook.add(part(diary, stream), consent, now=Instant(0))
        for name in consent.purposes:
            model.setdefault(stream, {})[name] = consent
    may = {
        stream
        for stream, held in model.items()
        if purpose in held
        and held[purpose].given_at.utc_us <= clock
        and (held[purpose].until is None or clock < held[purpose].until.utc_us)
    }
    if model and not may:
        with pytest.raises(NoConsent):
            casebook.read(purpose, now=Instant(clock))
    else:
        stored = casebook.read(purpose, now=Instant(clock))
        assert {record.stream for record in stored.records} == may
        assert set(stored.left_out) == set(model) - may
    casebook.close()
    casebook.path.unlink()
