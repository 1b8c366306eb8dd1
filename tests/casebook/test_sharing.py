"""The sealed file for a supporter: what it refuses, what it binds, when it ends; and the answer that comes back."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.casebook import Consent, KeySlotCost
from mainstay.casebook.sharing import (
    LONGEST_OBSERVATION,
    MAGIC,
    Observation,
    SharedAnswer,
    SharedView,
    open_answer,
    open_share,
    seal_answer,
    seal_share,
)
from mainstay.errors import BadRequest, MainstayError, NoConsent, UnreadableSource, WrongPassphrase
from mainstay.quantities import Instant, Span

NOW = Instant(1_700_000_000_000_000, 3600)
UNTIL = NOW.plus_days(30)
WORDS, LEAST = "a kite over the dunes", KeySlotCost.least()
VIEW = SharedView(
    "Ben",
    NOW,
    UNTIL,
    NOW,
    NOW.plus_days(-1),
    ("diary", "acts"),
    (
        SharedAnswer("What adds strain", "Deadlines add strain.", "90 % sure", ""),
        SharedAnswer("", "Cannot say.", "", ""),
    ),
)


@pytest.fixture(scope="module")
def sealed() -> tuple[str, bytes]:
    return seal_share(VIEW, WORDS, LEAST)


def test_what_was_sealed_is_what_is_seen_field_by_field(sealed):
    opened = open_share(sealed[1], WORDS, now=NOW.plus_days(1))
    assert opened.view == VIEW
    assert (opened.view.until.offset_s, opened.share) == (3600, sealed[0])


def test_another_passphrase_opens_nothing_and_nothing_more_is_said(sealed):
    with pytest.raises(WrongPassphrase) as told:
        open_share(sealed[1], "a kite over the dune", now=NOW)
    assert str(told.value) == "this passphrase does not open the file"


def test_it_ends_to_the_microsecond_and_a_clock_before_its_making_opens_nothing(sealed):
    assert open_share(sealed[1], WORDS, now=Instant(UNTIL.utc_us - 1)).view == VIEW
    with pytest.raises(NoConsent, match="until"):
        open_share(sealed[1], WORDS, now=UNTIL)
    with pytest.raises(NoConsent, match="ahead"):
        open_share(sealed[1], WORDS, now=Instant(NOW.utc_us - 1))


def test_a_share_that_ends_before_it_begins_is_refused():
    with pytest.raises(BadRequest, match="end"):
        seal_share(replace(VIEW, until=NOW), WORDS, LEAST)


def test_nothing_of_it_is_readable_and_its_length_does_not_tell_how_much(sealed):
    content = sealed[1]
    for word in (b"Ben", b"Deadlines", b"diary", b"2023"):
        assert word not in content
    more = replace(VIEW, answers=VIEW.answers * 5)
    assert len(seal_share(more, WORDS, LEAST)[1]) == len(content)


def head_of(content: bytes) -> tuple[dict, int]:
    size = int.from_bytes(content[len(MAGIC) : len(MAGIC) + 4], "little")
    start = len(MAGIC) + 4
    return json.loads(content[start : start + size]), start + size


def with_head(content: bytes, head: dict) -> bytes:
    text = json.dumps(head).encode()
    return MAGIC + len(text).to_bytes(4, "little") + text + content[head_of(content)[1] :]


def test_the_head_is_bound_to_what_it_opens(sealed):
    head, _ = head_of(sealed[1])
    assert with_head(sealed[1], head) == sealed[1]
    for change in ({"extra": 1}, {"form": 0}):
        with pytest.raises(UnreadableSource):
            open_share(with_head(sealed[1], head | change), WORDS, now=NOW)
    other, content = seal_share(replace(VIEW, with_whom="Eve"), WORDS, LEAST)
    for swapped in ({"share": other}, {"slot": head_of(content)[0]["slot"]}):
        with pytest.raises(MainstayError):
            open_share(with_head(sealed[1], head | swapped), WORDS, now=NOW)


@pytest.mark.parametrize("memory", [65_536, 4096, 2048, 1, 0, "64"])
def test_a_file_can_not_ask_for_all_memory(sealed, memory):
    head, _ = head_of(sealed[1])
    head["slot"]["cost"]["memory_mib"] = memory
    with pytest.raises(UnreadableSource):
        open_share(with_head(sealed[1], head), WORDS, now=NOW)


def test_a_newer_form_is_told(sealed):
    with pytest.raises(UnreadableSource, match="newer"):
        open_share(with_head(sealed[1], head_of(sealed[1])[0] | {"form": 2}), WORDS, now=NOW)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"x",
        MAGIC,
        MAGIC + b"\xff\xff\xff\xff",
        MAGIC + b"\x02\x00\x00\x00{}",
        MAGIC + b"\x02\x00\x00\x00[]",
        b"SQLite",
    ],
)
def test_something_else_is_no_share(content):
    with pytest.raises(UnreadableSource):
        open_share(content, WORDS, now=NOW)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_no_flipped_bit_and_no_cut_goes_unnoticed(sealed, data):
    content = bytearray(sealed[1])
    # Flips in the keyslot cost a whole try at the passphrase; most are made behind it.
    start = data.draw(st.sampled_from([0, head_of(sealed[1])[1]]), label="from")
    place = data.draw(st.integers(start, len(content) - 1), label="place")
    if data.draw(st.booleans(), label="cut"):
        content = content[:place]
    else:
        content[place] ^= 1 << data.draw(st.integers(0, 7), label="bit")
    with pytest.raises(MainstayError):
        open_share(bytes(content), WORDS, now=NOW)


def test_an_answer_comes_back_whole_under_the_same_passphrase(sealed):
    later = NOW.plus_days(2)
    opened = open_share(sealed[1], WORDS, now=later)
    seen = (
        Observation(later, "laughed on the phone"),
        Observation(Span(NOW, NOW.plus_days(1)), 'said "fine", wasn’t'),
    )
    content = seal_answer(opened, seen, now=later)
    back = open_answer(content, WORDS)
    assert (back.share, back.made_at, back.observations) == (sealed[0], later, seen)
    assert b"laughed" not in content
    with pytest.raises(WrongPassphrase):
        open_answer(content, "something else")
    assert open_answer(seal_answer(opened, seen, now=later), WORDS).answer != back.answer


def test_share_and_answer_are_not_taken_for_each_other(sealed):
    opened = open_share(sealed[1], WORDS, now=NOW)
    answer = seal_answer(opened, (Observation(NOW, "x"),), now=NOW)
    with pytest.raises(UnreadableSource, match="--take"):
        open_share(answer, WORDS, now=NOW)
    with pytest.raises(UnreadableSource, match="is a share"):
        open_answer(sealed[1], WORDS)
    renamed = with_head(sealed[1], head_of(sealed[1])[0] | {"kind": "answer"})
    with pytest.raises(UnreadableSource, match="damaged"):
        open_answer(renamed, WORDS)


@pytest.mark.parametrize(
    "seen",
    [
        (),
        (Observation(NOW, ""),),
        (Observation(NOW, "two\nlines"),),
        (Observation(NOW, "x" * (LONGEST_OBSERVATION + 1)),),
        (Observation(NOW.plus_days(1), "to come"),),
        (Observation(NOW, "x"),) * 1001,
    ],
)
def test_an_answer_that_is_none_is_refused_on_either_side(sealed, seen, monkeypatch):
    opened = open_share(sealed[1], WORDS, now=NOW)
    with pytest.raises(BadRequest):
        seal_answer(opened, seen, now=NOW)
    from mainstay.casebook import sharing

    monkeypatch.setattr(sharing, "_bounded", lambda observations: observations)
    monkeypatch.setattr(
        sharing,
        "_observation_out",
        lambda one, now: {"text": one.text, "start": sharing.moment(one.happened), "end": None},
    )
    forged = seal_answer(opened, seen, now=NOW)
    monkeypatch.undo()
    with pytest.raises(BadRequest):
        open_answer(forged, WORDS)


def test_shares_are_listed_also_when_a_stream_is_erased(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(purposes=("own_answers", "supporter_view"), given_at=now), now=now)
    view = replace(VIEW, made_at=now, until=now.plus_days(30))
    casebook.note_share("a" * 32, view, ["acts", "diary"], now=now)
    [share] = casebook.shares()
    assert (share.id, share.with_whom, share.streams) == ("a" * 32, "Ben", ("acts", "diary"))
    assert (share.made_at, share.until) == (now, now.plus_days(30))
    casebook.erase(["acts"], now=now)
    assert casebook.shares()[0].streams == (None, "diary")


def test_a_share_stands_on_the_audit_without_a_name(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.note_share("a" * 32, VIEW, ["acts"], now=now)
    entry = casebook.audit_log()[-1]
    [acts] = [stream.identity for stream in casebook.streams() if stream.name == "acts"]
    assert (entry.action, entry.purpose, entry.streams, entry.count) == ("share", "supporter_view", (acts,), 2)
    assert "Ben" not in repr(entry)
