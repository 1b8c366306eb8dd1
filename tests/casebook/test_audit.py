"""Who read what is noted in the same transaction as the read, by identities alone, and sealed one upon another."""

import hashlib
import hmac
import json
import multiprocessing

import pytest

from faults.ledgers import in_memory
from mainstay.casebook import Casebook, Consent, audit
from mainstay.casebook.audit import Checkpoint
from mainstay.casebook.safe import secret
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record


@pytest.fixture
def casebook(diary, now):
    held = in_memory()
    held.add(diary, Consent(given_at=now), now=now)
    yield held
    held.close()


def told(casebook):
    names = {stream.identity: stream.name for stream in casebook.streams()}
    return [
        (one.action, one.purpose, tuple(sorted(names[stream] for stream in one.streams)), one.count)
        for one in casebook.audit_log()
    ]


def test_every_read_and_every_refusal_is_noted(casebook, now):
    both = ("acts", "diary")
    casebook.read("own_answers", now=now)
    with pytest.raises(NoConsent):
        casebook.read("cohort", now=now)
    casebook.keep_answers("forecasts", 1, b"x", both, now=now)
    casebook.kept_answers("forecasts", purpose="own_answers", now=now)
    casebook.kept_answers("nothing", purpose="own_answers", now=now)
    casebook.withdraw(("acts",), now=now)
    assert casebook.kept_answers("forecasts", purpose="own_answers", now=now) == ()
    casebook.read("own_answers", now=now)
    assert told(casebook) == [
        ("add", "", both, 8),
        ("consent given", "own_answers", both, 0),
        ("read", "own_answers", both, 8),
        ("read refused", "cohort", both, 0),
        ("keep answer", "", both, 1),
        ("read answer", "own_answers", both, 1),
        ("consent withdrawn", "own_answers", ("acts",), 0),
        ("read answer refused", "own_answers", both, 0),
        ("read", "own_answers", ("diary",), 6),
    ]


def test_no_name_and_no_value_stands_in_the_log(casebook, now):
    casebook.read("own_answers", now=now)
    whole = repr(casebook._connection.execute("SELECT * FROM audit").fetchall())
    assert not any(word in whole for word in ("diary", "acts", "quarrel", "tension"))


def test_a_read_that_breaks_off_leaves_no_note(casebook, now, monkeypatch):
    before = casebook.audit_log()
    monkeypatch.setattr("mainstay.casebook.rows.records", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        casebook.read("own_answers", now=now)
    assert casebook.audit_log() == before


def test_the_chain_is_hmac_over_the_seal_before_and_the_entry(casebook):
    key, seal = secret(casebook._connection, casebook._safe, "audit"), bytes(32)
    rows = casebook._connection.execute(
        "SELECT number, at_us, at_offset_s, action, purpose, streams, count, mac FROM audit ORDER BY number"
    ).fetchall()
    for *entry, mac in rows:
        seal = hmac.new(key, seal + json.dumps(entry, separators=(",", ":")).encode(), hashlib.sha256).digest()
        assert mac == seal


def test_an_entry_is_never_dated_before_the_one_before_it(casebook, now):
    casebook.read("own_answers", now=now.plus_days(3))
    casebook.read("own_answers", now=now)
    assert [one.at for one in casebook.audit_log(2)] == [now.plus_days(3)] * 2


def test_a_checkpoint_goes_through_json_and_back(casebook, now):
    made = casebook.checkpoint(now)
    assert Checkpoint.from_json(made.as_json()) == made
    assert casebook.verify(Checkpoint.from_json(made.as_json())) == []


def test_a_checkpoint_of_another_casebook_is_told(casebook, now):
    other = in_memory()
    assert "another casebook" in casebook.verify(other.checkpoint(now))[0]
    other.close()


@pytest.mark.parametrize(
    "change",
    [{"number": 0}, {"number": "1"}, {"seal": "00"}, {"seal": 5}, {"at": "today"}, {"version": 2}],
)
def test_what_is_no_checkpoint_is_refused(casebook, now, change):
    fields = json.loads(casebook.checkpoint(now).as_json()) | change
    with pytest.raises(BadRequest):
        Checkpoint.from_json(json.dumps(fields))


def test_what_is_missing_is_named(casebook, now):
    for _ in range(6):
        casebook.read("own_answers", now=now)
    casebook._connection.execute("DELETE FROM audit WHERE number IN (3, 5, 6)")
    assert casebook.verify() == ["entry 3 is missing", "entries 5 to 6 are missing"]


def test_the_log_outlives_the_casebook_being_closed(new_casebook, passphrase, diary, now):
    first = new_casebook()
    first.add(diary, Consent(given_at=now), now=now)
    first.read("own_answers", now=now)
    point = first.checkpoint(now)
    first.close()
    with Casebook.open(first.path, passphrase) as again:
        assert [one.action for one in again.audit_log()] == ["add", "consent given", "read", "checkpoint"]
        assert again.verify(point) == []


def work(path: str, passphrase: str, who: int) -> None:
    at = Instant(1_700_000_000_000_000)
    with Casebook.open(path, passphrase) as casebook:
        for number in range(15):
            record = Record(f"{who} {number}", f"stream {who}", at, at, "hand", Event("walk", "relief"))
            casebook.add(Batch("hand", (record,)), Consent(given_at=at), now=at)
            casebook.read("own_answers", now=at)


def test_two_processes_that_read_and_write_at_once_lose_nothing(new_casebook, passphrase, now):
    casebook = new_casebook()
    context = multiprocessing.get_context("spawn")
    others = [context.Process(target=work, args=(str(casebook.path), passphrase, who)) for who in range(2)]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0]
    assert len(casebook.read("own_answers", now=now).records) == 30
    assert sum(one.action == "read" for one in casebook.audit_log()) == 31
    assert casebook.verify() == []


def test_others_note_what_they_do(casebook, now):
    entry = audit.note(casebook._connection, casebook._safe, "export", "own_answers", ("b", "a", "a"), 3, now)
    assert casebook.audit_log(1) == (entry,)
    assert entry.streams == ("a", "b")
