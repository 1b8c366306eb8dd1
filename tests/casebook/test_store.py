"""Making, opening, adding, reading: what a casebook promises."""

import os
import stat
import subprocess
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest

from mainstay.casebook import Added, Casebook, Consent, KeySlotCost, keys
from mainstay.errors import AlreadyThere, BadRecord, BadRequest, CasebookError, NotACasebook, WrongPassphrase
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, CheckIn, Event, Item, Prompt, Record, Signal, Statement


def one(body, record_id="one", stream="diary", at=0, **fields):
    return Record(record_id, stream, Instant(at, 7200), Instant(at, 7200), "by hand", body, **fields)


def test_what_was_added_is_read_back_in_order_of_time(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    stored = casebook.read("own_answers", now=now)
    assert sorted(stored.records, key=lambda r: r.id) == sorted(diary.records, key=lambda r: r.id)
    assert list(stored.records) == sorted(stored.records, key=lambda r: r.happened)
    assert (stored.items, stored.anchor, stored.left_out) == (diary.items, "tension", ())


def test_it_is_all_there_after_closing_and_opening(new_casebook, diary, now, passphrase):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    before = casebook.read("own_answers", now=now)
    casebook.close()
    with Casebook.open(casebook.path, passphrase) as again:
        assert again.read("own_answers", now=now) == before


def test_a_record_keeps_every_field(new_casebook, now):
    span = Span(Instant(-5, -3600), Instant(10**15, 7200))
    record = Record("a", "s", span, Instant(10**15 + 1, 7200), "source", Event("quarrel", "relief"), "the one before")
    casebook = new_casebook()
    casebook.add(Batch("source", (record,)), Consent(given_at=now), now=now)
    (back,) = casebook.read("own_answers", now=now).records
    assert back == record
    assert (back.happened.start.offset_s, back.happened.end.offset_s, back.known.offset_s) == (-3600, 7200, 7200)


def test_signals_come_back_bit_for_bit(new_casebook, now):
    signal = Signal("heart", "bpm", np.array([3, 1, 2]), np.array([0.1, np.nan, -0.0]))
    other = Signal("heart", "bpm", np.array([4, 5, 6]), np.array([1.0, 2.0, 3.0]))
    casebook = new_casebook()
    casebook.add(Batch("watch", (one(signal, "a"), one(other, "b"))), Consent(given_at=now), now=now)
    first, second = (record.body for record in casebook.read("own_answers", now=now).records)
    assert np.array_equal(first.times_us, signal.times_us)
    assert np.array_equal(first.values.view(np.int64), signal.values.view(np.int64))
    assert np.array_equal(second.values, other.values)


def test_the_same_batch_twice_adds_nothing(new_casebook, diary, now):
    casebook = new_casebook()
    counts = {"diary": 6, "acts": 2}
    assert casebook.add(diary, Consent(given_at=now), now=now) == Added(counts, {})
    assert casebook.add(diary, Consent(given_at=now), now=now) == Added({}, counts)
    assert len(casebook.read("own_answers", now=now).records) == 8


def test_an_id_twice_in_one_batch_counts_once(new_casebook, now):
    batch = Batch("by hand", (one(Event("quarrel", "relief")), one(Event("quarrel", "relief"))))
    assert new_casebook().add(batch, Consent(given_at=now), now=now) == Added({"diary": 1}, {"diary": 1})


def test_progress_runs_from_nothing_to_all(new_casebook, now):
    told = []
    batch = Batch("by hand", tuple(one(Event("quarrel", "relief"), str(k)) for k in range(2500)))
    new_casebook().add(batch, Consent(given_at=now), now=now, progress=lambda *step: told.append(step))
    assert told == [(0, 2500), (1000, 2500), (2000, 2500), (2500, 2500)]


def test_a_batch_that_breaks_off_leaves_nothing(new_casebook, diary, now):
    casebook = new_casebook()

    def stop(done: int, total: int) -> None:
        if done == total:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        casebook.add(diary, Consent(given_at=now), now=now, progress=stop)
    assert casebook.streams() == ()
    assert casebook.add(diary, Consent(given_at=now), now=now).already == {}


@pytest.mark.parametrize(
    "record",
    [
        one(CheckIn("unheard of", 1.0)),
        one(Prompt(Instant(0), None, ("unheard of",))),
        one(CheckIn("tension", float("nan"))),
        one(Event("quarrel", "relief"), record_id=""),
        one(Event("quarrel", "relief"), stream=""),
        one(Event("quarrel", "relief"), supersedes=""),
        one(Event("quarrel", "relief"), at=2**62),
        one(Event("\ud800", "relief")),
        one(Event("quarrel", "relief"), stream="\ud800"),
    ],
)
def test_a_bad_record_is_refused_and_nothing_of_its_batch_stays(new_casebook, diary, now, record):
    casebook = new_casebook()
    with pytest.raises(BadRecord):
        casebook.add(replace(diary, records=(*diary.records, record)), Consent(given_at=now), now=now)
    assert casebook.streams() == ()


@pytest.mark.parametrize("change", [{"low": 1.0}, {"high": 100.0}, {"better": "high"}, {"ordinal": False}])
def test_an_item_on_another_scale_is_refused_by_name(new_casebook, diary, now, change):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    with pytest.raises(BadRecord, match="tension"):
        casebook.add(replace(diary, items=(replace(diary.items[0], **change),)), Consent(given_at=now), now=now)


def test_an_item_may_get_better_words(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    reworded = replace(diary.items[0], label="How tense were you?")
    casebook.add(replace(diary, items=(reworded,)), Consent(given_at=now), now=now)
    assert casebook.read("own_answers", now=now).items == (reworded,)


def test_the_anchor_must_be_an_item(new_casebook, diary, now):
    with pytest.raises(BadRecord, match="anchor"):
        new_casebook().add(replace(diary, anchor="mood"), Consent(given_at=now), now=now)


def test_the_anchor_named_last_holds(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    mood = Item("mood", "", 0.0, 1.0, "high")
    record = one(CheckIn("mood", 1.0), "mood 1")
    casebook.add(Batch("m", (record,), (mood,), "mood"), Consent(given_at=now), now=now)
    casebook.add(Batch("by hand", (one(Statement("concern", ""), "c"),)), Consent(given_at=now), now=now)
    assert casebook.read("own_answers", now=now).anchor == "mood"


def test_an_empty_casebook_reads_as_empty(new_casebook, now):
    stored = new_casebook().read("own_answers", now=now)
    assert (stored.records, stored.items, stored.anchor, stored.left_out) == ((), (), None, ())


def test_streams_tell_kinds_counts_extent_and_consent(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(purposes=("own_answers", "cohort"), given_at=now), now=now)
    acts, check_ins = casebook.streams()
    assert (acts.name, acts.kinds, acts.count) == ("acts", {"event": 2}, 2)
    assert (check_ins.name, check_ins.kinds) == ("diary", {"check_in": 6})
    assert (check_ins.first, check_ins.last) == (now.plus_days(-5), now)
    assert [held.purpose for held in acts.consent] == ["cohort", "own_answers"]


def test_a_wrong_passphrase_says_nothing_more(new_casebook):
    path = new_casebook().path
    with pytest.raises(WrongPassphrase) as told:
        Casebook.open(path, "four quiet words there")
    assert str(told.value) == "this passphrase does not open the casebook"


@pytest.mark.parametrize("content", [b"", b"a diary\n", b"SQLite format 3\x00" + bytes(40_000)])
def test_another_file_is_not_a_casebook(tmp_path, content):
    path = tmp_path / "diary.csv"
    path.write_bytes(content)
    with pytest.raises(NotACasebook, match="not a casebook"):
        Casebook.open(path, "any")
    assert path.read_bytes() == content


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(NotACasebook, match="no casebook at"):
        Casebook.open(tmp_path / "none", "any")
    with pytest.raises(NotACasebook, match="not a file"):
        Casebook.open(tmp_path, "any")


def test_an_existing_file_is_never_overwritten(tmp_path, now):
    path = tmp_path / "precious"
    path.write_text("keep me")
    with pytest.raises(AlreadyThere):
        Casebook.create(path, "any words", now=now, cost=KeySlotCost.least())
    assert path.read_text() == "keep me"


def test_a_log_left_by_an_older_casebook_is_not_taken_up(tmp_path, now):
    (tmp_path / "case-wal").write_bytes(b"old")
    with pytest.raises(AlreadyThere, match="case-wal"):
        Casebook.create(tmp_path / "case", "any words", now=now, cost=KeySlotCost.least())


def test_a_creation_that_fails_leaves_nothing_behind(tmp_path, now, monkeypatch):
    from mainstay.casebook import schema

    monkeypatch.setattr(schema, "bring_up", lambda connection, safe: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        Casebook.create(tmp_path / "case", "any words", now=now, cost=KeySlotCost.least())
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(tmp_path, now):
    with pytest.raises(CasebookError, match="does not exist"):
        Casebook.create(tmp_path / "none" / "case", "any words", now=now)


@pytest.mark.skipif(os.name != "posix", reason="file modes are a thing of POSIX")
def test_only_the_owner_may_read_the_file_and_what_lies_beside_it(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in casebook.path.parent.iterdir()}
    assert len(modes) == 3
    assert set(modes.values()) == {0o600}


def test_a_closed_casebook_is_one_file(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.close()
    assert [path.name for path in casebook.path.parent.iterdir()] == ["case.mainstay"]


def test_a_closed_casebook_says_so(new_casebook, now):
    casebook = new_casebook()
    casebook.close()
    casebook.close()
    with pytest.raises(CasebookError, match="closed"):
        casebook.read("own_answers", now=now)


def test_a_newer_schema_is_refused_with_a_sentence(new_casebook, passphrase):
    casebook = new_casebook()
    casebook._connection.execute("PRAGMA user_version=999")
    casebook.close()
    with pytest.raises(CasebookError, match="newer Mainstay"):
        Casebook.open(casebook.path, passphrase)


@pytest.mark.parametrize("spoilt", ["PRAGMA application_id=7", "PRAGMA application_id=0"])
def test_a_database_of_another_kind_under_a_casebooks_head_is_refused(new_casebook, passphrase, spoilt):
    casebook = new_casebook()
    casebook._connection.execute(spoilt)
    casebook.close()
    with pytest.raises(NotACasebook, match="what is inside is not a casebook"):
        Casebook.open(casebook.path, passphrase)


@pytest.mark.parametrize(
    "spoilt",
    [
        "CREATE TRIGGER t AFTER INSERT ON audit BEGIN UPDATE consent SET event = 'given'; END",
        "CREATE VIEW v AS SELECT 1",
    ],
)
def test_a_casebook_that_would_act_by_itself_is_refused(new_casebook, passphrase, spoilt):
    casebook = new_casebook()
    casebook._connection.execute(spoilt)
    casebook.close()
    with pytest.raises(NotACasebook, match="acts by itself"):
        Casebook.open(casebook.path, passphrase)


def test_what_is_open_never_prints_its_key(new_casebook, passphrase):
    path = new_casebook().path
    unlocked = keys.unlock(path, passphrase)
    (key,) = unlocked.master_keys
    assert repr(key) not in repr(unlocked)


def test_the_safe_settings_hold(new_casebook):
    connection = new_casebook()._connection
    settings = {name: connection.execute(f"PRAGMA {name}").get for name in SAFE}
    assert settings == SAFE


SAFE = {
    "cipher": "chacha20",
    "journal_mode": "wal",
    "synchronous": 2,
    "secure_delete": 1,
    "temp_store": 2,
    "mmap_size": 0,
    "foreign_keys": 1,
}


def test_two_casebooks_open_at_once_see_each_other(new_casebook, diary, now, passphrase):
    first = new_casebook()
    with Casebook.open(first.path, passphrase) as second:
        first.add(diary, Consent(given_at=now), now=now)
        assert len(second.read("own_answers", now=now).records) == 8
    assert len(first.read("own_answers", now=now).records) == 8


@pytest.mark.skipif(os.name != "posix", reason="POSIX drops a process's locks when it closes any handle on a file")
def test_opening_a_second_time_does_not_let_go_of_the_first_ones_lock(new_casebook, diary, now, passphrase):
    first = new_casebook()
    first.add(diary, Consent(given_at=now), now=now)
    Casebook.open(first.path, passphrase).close()
    script = (
        "import fcntl, sys\nfile = open(sys.argv[1], 'r+b')\n"
        "try:\n    fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 510, (1 << 30) + 2)\n    print('free')\n"
        "except OSError:\n    print('held')"
    )
    asked = subprocess.run([sys.executable, "-c", script, str(first.path)], capture_output=True, text=True, check=True)
    assert asked.stdout == "held\n"


def test_a_second_writer_waits_for_the_first(new_casebook, diary, now, passphrase):
    first = new_casebook()
    begun, results = threading.Event(), []

    def other() -> None:
        with Casebook.open(first.path, passphrase) as second:
            begun.wait()
            results.append(second.add(Batch("b", (one(Event("walk", "relief"), "w"),)), Consent(given_at=now), now=now))

    thread = threading.Thread(target=other)
    thread.start()
    first.add(diary, Consent(given_at=now), now=now, progress=lambda *_: begun.set())
    thread.join()
    assert results == [Added({"diary": 1}, {})]
    assert len(first.read("own_answers", now=now).records) == 9


def test_a_writer_that_never_finishes_is_told_of(new_casebook, diary, now, passphrase, monkeypatch):
    from mainstay.casebook import container

    monkeypatch.setattr(container, "_BUSY_MS", 20)
    first = new_casebook()
    with Casebook.open(first.path, passphrase) as second:
        first._connection.execute("BEGIN IMMEDIATE")
        with pytest.raises(CasebookError, match="in use by another program"):
            second.add(diary, Consent(given_at=now), now=now)
        first._connection.execute("ROLLBACK")


def test_kept_answers_come_back_newest_version_first(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    for version, payload in ((1, b"old"), (2, b"draft"), (2, b"new")):
        casebook.keep_answers("fit", version, payload, ("diary", "acts"), now=now)
    kept = casebook.kept_answers("fit", purpose="own_answers", now=now)
    assert [(k.version, k.payload, k.derived_from) for k in kept] == [
        (2, b"new", ("acts", "diary")),
        (1, b"old", ("acts", "diary")),
    ]
    assert casebook.kept_answers("other", purpose="own_answers", now=now) == ()


@pytest.mark.parametrize("origins", [(), ("nowhere",)])
def test_an_answer_must_name_the_streams_it_came_from(new_casebook, diary, now, origins):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    with pytest.raises(BadRequest, match="stream"):
        casebook.keep_answers("fit", 1, b"x", origins, now=now)


@pytest.mark.parametrize("held_by", ["book", "builtins.book", "book = builtins.book = [book]; book.append"])
def test_leaving_without_closing_does_no_harm(new_casebook, passphrase, held_by):
    casebook = new_casebook()
    casebook.close()
    script = (
        "import builtins, sys\nfrom mainstay.casebook import Casebook\n"
        f"book = Casebook.open(sys.argv[1], sys.argv[2])\n{held_by}{'(book)' if 'append' in held_by else ' = book'}"
    )
    command = [sys.executable, "-c", script, str(casebook.path), passphrase]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert [path.name for path in casebook.path.parent.iterdir()] == ["case.mainstay"]


def test_a_file_that_can_not_be_written_to_says_so(new_casebook, passphrase, monkeypatch):
    casebook = new_casebook()
    casebook.close()
    able = os.access
    monkeypatch.setattr("os.access", lambda path, mode: mode != os.W_OK and able(path, mode))
    with pytest.raises(CasebookError, match="can't be opened for writing"):
        Casebook.open(casebook.path, passphrase)


def test_a_record_that_comes_again_with_another_value_is_counted_and_changes_nothing(new_casebook, diary, now):
    casebook = new_casebook()
    casebook.add(diary, Consent(given_at=now), now=now)
    before = casebook.read("own_answers", now=now)
    changed = next(r for r in diary.records if isinstance(r.body, CheckIn))
    other = replace(changed, body=replace(changed.body, value=changed.body.value + 1))
    again = replace(diary, records=tuple(other if r is changed else r for r in diary.records))
    assert casebook.add(again, Consent(given_at=now), now=now).different == {changed.stream: 1}
    assert casebook.read("own_answers", now=now) == before


def test_an_anchor_that_nobody_said_never_takes_the_place_of_one_that_is_there(new_casebook, diary, now):
    mood = Item("mood", "How was the day?", 1, 5, "high")
    given = Batch("app", (one(CheckIn("mood", 4), "m", "app"),), (mood,), "mood", anchor_is_proposed=True)
    said = Batch("again", (one(CheckIn("mood", 4), "n", "app", 1),), (mood,), "mood")
    casebook = new_casebook()
    casebook.add(given, Consent(given_at=now), now=now)
    assert casebook.read("own_answers", now=now).anchor == "mood"
    casebook.add(diary, Consent(given_at=now), now=now)
    casebook.add(replace(given, source="later"), Consent(given_at=now), now=now)
    assert casebook.read("own_answers", now=now).anchor == "tension"
    casebook.add(said, Consent(given_at=now), now=now)
    assert casebook.read("own_answers", now=now).anchor == "mood"
