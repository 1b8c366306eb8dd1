"""Erasing streams: what goes, what stays, and what a receipt is good for. Fault 5 looks into the pages themselves."""

import json
import shutil
from dataclasses import replace

import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.casebook.erasure import ErasureReceipt, destroy
from mainstay.errors import BadRequest, CasebookError, NotACasebook
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record


@pytest.fixture
def filled(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.keep_answers("fit", 1, b"x", ["diary", "acts"], now=now)
    casebook.keep_answers("count", 1, b"x", ["acts"], now=now)
    return casebook


def counts(casebook, *tables):
    return [casebook._connection.execute(f"SELECT count(*) FROM {table}").get for table in tables]


def test_what_would_go_is_what_goes(filled, now):
    taken = filled.would_go(["diary"])
    assert (taken.answers, taken.items, taken.people) == (("fit",), ("tension",), 0)
    filled.erase(["diary"], now=now)
    stored = filled.read("own_answers", now=now)
    assert ({record.stream for record in stored.records}, stored.items, stored.anchor) == ({"acts"}, (), None)
    assert counts(filled, "answer", "item", "anchor", "item_of_stream") == [1, 0, 0, 0]
    assert [one.name for one in filled.streams()] == ["acts"]


def test_a_source_stays_while_another_stream_came_from_it(filled, now):
    filled.erase(["diary"], now=now)
    assert counts(filled, "source") == [1]
    filled.erase(["acts"], now=now)
    empty = ("source", "record", "block", "consent", "terms", "answer", "item", "stream", "met", "bystander")
    assert counts(filled, *empty) == [0] * len(empty)


def test_a_correction_in_another_stream_no_longer_names_what_it_corrected(filled, diary, now):
    first = next(record for record in diary.records if record.stream == "diary")
    correction = Record("c", "acts", now, now, "d.csv", Event("walk", "relief"), first.id)
    filled.add(Batch("d.csv", (correction,)), Consent(given_at=now), now=now)
    filled.erase(["diary"], now=now)
    (kept,) = (record for record in filled.read("own_answers", now=now).records if record.id == "c")
    assert kept.supersedes is None


def test_the_same_file_again_makes_a_stream_with_another_identity(filled, diary, now):
    before = filled._connection.execute("SELECT identity FROM stream WHERE name = 'diary'").get
    receipt = filled.erase(["diary"], now=now)
    assert filled.add(diary, Consent(given_at=now), now=now).new == {"diary": 6}
    assert filled._connection.execute("SELECT identity FROM stream WHERE name = 'diary'").get != before
    assert [identity for identity, _ in receipt.erased] == [before]
    assert filled.replay([receipt], now=now) == ()
    assert len(filled.read("own_answers", now=now).records) == 8


def test_an_erasure_is_on_the_audit_by_identity(filled, now):
    receipt = filled.erase(["diary"], now=now)
    entry = filled.audit_log()[-1]
    assert (entry.action, entry.streams, entry.count) == ("erase", (receipt.erased[0][0],), 6)
    assert filled.verify() == []


@pytest.mark.parametrize("streams", [[], ["nowhere"], ["diary", "nowhere"]])
def test_a_stream_that_is_not_there_is_refused_and_nothing_goes(filled, now, streams):
    with pytest.raises(BadRequest, match="Nothing was erased"):
        filled.erase(streams, now=now)
    assert len(filled.streams()) == 2


def test_a_receipt_reads_back_equal_and_names_every_erasure_so_far(filled, now):
    first = filled.erase(["diary"], now=now)
    second = filled.erase(["acts"], now=now.plus_days(1))
    assert ErasureReceipt.from_json(second.as_json()) == second == filled.receipt()
    assert second.erased[0] == first.erased[0]
    assert [at for _, at in second.erased] == [now, now.plus_days(1)]
    for word in ("diary", "acts", "tension", "quarrel", "d.csv"):
        assert word not in second.as_json()


def test_forged_and_foreign_receipts_are_refused(filled, new_casebook, diary, now):
    receipt = filled.erase(["diary"], now=now)
    identity = filled._connection.execute("SELECT identity FROM stream").get
    forged = [
        replace(receipt, erased=((identity, now),)),
        replace(receipt, erased=(*receipt.erased, (identity, now))),
        replace(receipt, erased=((receipt.erased[0][0], Instant(now.utc_us + 1, now.offset_s)),)),
        replace(receipt, mac="0" * 64),
    ]
    for one in forged:
        with pytest.raises(BadRequest, match="changed"):
            filled.replay([receipt, one], now=now)
    other = new_casebook("other.mainstay")
    other.add(diary, Consent(given_at=now), now=now)
    for use in (other.replay, lambda receipts, now: other.missing(receipts)):
        with pytest.raises(BadRequest, match="another casebook"):
            use([receipt], now=now)
    assert (len(other.streams()), len(filled.streams())) == (2, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"mainstay": "x"},
        {"version": 2},
        {"casebook": "zz"},
        {"casebook": 3},
        {"erased": 3},
        {"erased": [{}]},
        {"mac": ""},
    ],
)
def test_a_file_that_is_no_receipt_is_refused(filled, now, change):
    fields = json.loads(filled.erase(["diary"], now=now).as_json())
    with pytest.raises(BadRequest, match="receipt"):
        ErasureReceipt.from_json(json.dumps(fields | change))


@pytest.mark.parametrize("text", ["", "[]", "null", "3", "{}", "[" * 100_000, '{"mainstay": "erasure receipt"}'])
def test_text_that_is_no_receipt_is_refused(text):
    with pytest.raises(BadRequest, match="receipt"):
        ErasureReceipt.from_json(text)


def test_a_destroyed_casebook_can_not_be_opened_from_what_is_left_on_the_disk(
    filled, passphrase, tmp_path, monkeypatch
):
    from mainstay.casebook import container

    with pytest.raises(CasebookError, match="in use"):
        destroy(filled.path)
    assert len(filled.streams()) == 2
    filled.close()
    kept, remove = tmp_path / "kept", container.remove_parts
    monkeypatch.setattr(container, "remove_parts", lambda path: (shutil.copy(path, kept), remove(path)))
    destroy(filled.path)
    assert not filled.path.exists()
    with pytest.raises(NotACasebook):
        Casebook.open(kept, passphrase)


def test_what_is_no_casebook_is_not_destroyed(tmp_path):
    (tmp_path / "letter").write_text("keep me")
    with pytest.raises(NotACasebook):
        destroy(tmp_path / "letter")
    assert (tmp_path / "letter").read_text() == "keep me"


@pytest.mark.parametrize("odd", [None, 1, [], {}, "x", True, "0001-01-01T00:00:00+14:00"])
@pytest.mark.parametrize("place", ["erased", "at", "stream", "mac", "casebook"])
def test_whatever_a_receipt_holds_instead_it_is_refused_with_words(filled, now, place, odd):
    fields = json.loads(filled.erase(["acts"], now=now).as_json())
    within = fields if place in fields else fields["erased"][0]
    within[place] = odd
    try:
        receipt = ErasureReceipt.from_json(json.dumps(fields))
    except BadRequest as refused:
        assert "no erasure receipt" in str(refused)
    else:
        with pytest.raises(BadRequest, match="changed after it was written"):
            filled.replay([receipt], now=now)
