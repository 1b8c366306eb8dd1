"""Fault 2: a torn or flipped file gives a clean committed state or a clear error, never a wrong value."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, container
from mainstay.casebook.head import COPY_BYTES, HEAD_BYTES
from mainstay.errors import CasebookError, NotACasebook

BATCHES, IN_FILE = 12, 6
PAGE = container.PAGE_BYTES


@pytest.fixture
def copies(case, monkeypatch):
    """The bytes of a file with six batches and of a log with six more; a trial puts damaged ones side by side."""
    casebook = case.open()
    for number in range(BATCHES):
        case.add(casebook, number)
        if number == IN_FILE - 1:
            casebook._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            monkeypatch.setattr(container, "fold", lambda connection: False)
    file, log = case.path.read_bytes(), case.path.with_name(case.path.name + "-wal").read_bytes()
    casebook.close()
    return file, log


def outcome(case, folder: Path, file: bytes, log: bytes | None) -> int | str:
    """How many batches a damaged copy holds, `told` for a clear error, `wrong` for anything else."""
    folder.mkdir(exist_ok=True)
    copy = folder / "copy"
    container.remove_parts(copy)
    copy.write_bytes(file)
    if log is not None:
        copy.with_name("copy-wal").write_bytes(log)
    try:
        casebook = case.open(copy)
        try:
            found = case.content(casebook)
        finally:
            casebook.close()
    except CasebookError:
        return "told"
    held = len(found) // case.writer.RECORDS_PER_BATCH
    return held if found == case.content_after(held) else "wrong"


def flipped(content: bytes, places: Iterator[tuple[int, int]]) -> Iterator[bytes]:
    for byte, bit in places:
        copy = bytearray(content)
        copy[byte] ^= 1 << bit
        yield bytes(copy)


def places(rng: random.Random, low: int, high: int, count: int) -> Iterator[tuple[int, int]]:
    return ((rng.randrange(low, high), rng.randrange(8)) for _ in range(count))


COUNTS = [pytest.param(20, id="few"), pytest.param(200, id="many", marks=pytest.mark.long)]


def test_undamaged_copies_hold_everything(case, copies, tmp_path):
    assert outcome(case, tmp_path / "t", *copies) == BATCHES


@pytest.mark.parametrize("count", COUNTS)
def test_a_torn_log_gives_a_committed_state(case, copies, tmp_path, count):
    file, log = copies
    rng = random.Random(3)
    found = {outcome(case, tmp_path / "t", file, log[: rng.randrange(len(log))]) for _ in range(count)}
    assert found <= set(range(IN_FILE, BATCHES + 1))


@pytest.mark.parametrize("count", COUNTS)
def test_a_flipped_log_gives_a_committed_state_or_an_error(case, copies, tmp_path, count):
    file, log = copies
    flips = flipped(log, places(random.Random(4), 0, len(log), count))
    found = {outcome(case, tmp_path / "t", file, flip) for flip in flips}
    assert found <= {*range(IN_FILE, BATCHES + 1), "told"}


@pytest.mark.parametrize("count", [pytest.param(60, id="few"), pytest.param(1000, id="many", marks=pytest.mark.long)])
def test_a_flipped_file_gives_its_state_or_an_error(case, copies, tmp_path, count):
    file, _ = copies
    flips = flipped(file, places(random.Random(5), HEAD_BYTES, len(file), count))
    found = [outcome(case, tmp_path / "t", flip, None) for flip in flips]
    assert set(found) <= {IN_FILE, "told"}
    assert found.count("told") > count / 3  # the rest lie in pages that this read did not need


@pytest.mark.parametrize("with_log", [False, True])
def test_every_bit_of_the_first_hundred_bytes_may_flip(case, copies, tmp_path, with_log):
    # Bytes 16 to 23 are plain, so that SQLite can tell its page size before it has a key.
    file, log = copies
    every_third = ((HEAD_BYTES + byte, bit) for byte in range(16, 24) for bit in range(0, 8, 3))
    found = {outcome(case, tmp_path / "t", flip, log if with_log else None) for flip in flipped(file, every_third)}
    assert found <= {BATCHES if with_log else IN_FILE, "told"}


@pytest.mark.parametrize("count", COUNTS)
def test_pages_put_in_each_others_place_are_found(case, copies, tmp_path, count):
    file, _ = copies
    rng = random.Random(6)
    found = set()
    for _ in range(count):
        pages = [file[start : start + PAGE] for start in range(HEAD_BYTES, len(file), PAGE)]
        one, other = rng.sample(range(len(pages)), 2)
        pages[one], pages[other] = pages[other], pages[one]
        found.add(outcome(case, tmp_path / "t", file[:HEAD_BYTES] + b"".join(pages), None))
    assert found <= {IN_FILE, "told"}


def test_pages_of_another_casebook_are_found(case, copies, tmp_path):
    file, _ = copies
    alien = case.key[::-1]
    other = tmp_path / "other"
    container.write_new_file(other, container.read_head(case.path))
    connection = container.connect(other, alien, new=True)
    connection.execute("CREATE TABLE t (a)")
    connection.close()
    page = other.read_bytes()[HEAD_BYTES : HEAD_BYTES + PAGE]
    assert outcome(case, tmp_path / "t", file[:HEAD_BYTES] + page + file[HEAD_BYTES + PAGE :], None) == "told"


@pytest.mark.parametrize("kept", [0, 10, COPY_BYTES, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 100, HEAD_BYTES + PAGE])
def test_a_file_cut_short_is_told(case, copies, tmp_path, kept):
    cut = tmp_path / "cut"
    cut.write_bytes(copies[0][:kept])
    with pytest.raises(CasebookError):
        Casebook.open(cut, "four quiet words here").read("own_answers", now=case.writer.NOW)


@pytest.mark.parametrize("byte", [0, 30, 60, 400, COPY_BYTES - 1, COPY_BYTES, COPY_BYTES + 60])
def test_one_flip_in_the_head_is_harmless(case, copies, tmp_path, byte):
    copy = tmp_path / "copy"
    copy.write_bytes(next(flipped(copies[0], iter([(byte, 2)]))))
    with Casebook.open(copy, "four quiet words here") as casebook:
        assert case.content(casebook) == case.content_after(IN_FILE)


def test_a_head_damaged_twice_is_told(case, copies, tmp_path):
    copy = bytearray(copies[0])
    copy[60] ^= 1
    copy[COPY_BYTES + 60] ^= 1
    path = tmp_path / "copy"
    path.write_bytes(copy)
    with pytest.raises(NotACasebook, match="damaged"):
        Casebook.open(path, "four quiet words here")
