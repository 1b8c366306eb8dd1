"""Claims about what the door asks for."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from mainstay.cli import asking
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant

NOON = Instant.of(datetime(2025, 6, 15, 12, tzinfo=timezone(timedelta(hours=2))))
CASE = Path("anna.mainstay")


@pytest.fixture
def secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "passphrase"
    path.touch(mode=0o600)
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(path))
    return path


def test_the_passphrase_is_the_first_line_of_the_file_without_its_end(secret: Path) -> None:
    secret.write_text("four quiet words here\n")
    assert asking.passphrase(CASE, twice=True) == "four quiet words here"


@pytest.mark.parametrize("text", ["", "\n", "   \n"])
def test_an_empty_passphrase_is_refused(secret: Path, text: str) -> None:
    secret.write_text(text)
    with pytest.raises(BadRequest, match="passphrase is empty"):
        asking.passphrase(CASE)


def test_a_short_passphrase_opens_nothing_new(secret: Path) -> None:
    secret.write_text("short")
    with pytest.raises(BadRequest, match="at least 8 characters"):
        asking.passphrase(CASE, twice=True)


def test_a_file_of_several_lines_is_refused_rather_than_cut(secret: Path) -> None:
    secret.write_text("one line\nand another\n")
    with pytest.raises(BadRequest, match="more than one line"):
        asking.passphrase(CASE)


def test_a_file_that_is_no_text_is_refused(secret: Path) -> None:
    secret.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadRequest, match="no text"):
        asking.passphrase(CASE)


def test_a_refusal_never_repeats_the_passphrase(secret: Path) -> None:
    secret.write_text("zq-7\n")
    with pytest.raises(BadRequest) as refused:
        asking.passphrase(CASE, twice=True)
    assert "zq-7" not in str(refused.value)


def test_without_a_terminal_the_way_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(asking.PASSPHRASE_FILE, raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(BadRequest, match="MAINSTAY_PASSPHRASE_FILE"):
        asking.passphrase(CASE)


def test_two_different_passphrases_make_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(asking.PASSPHRASE_FILE, raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    answers = iter(["four quiet words", "four quite words"])
    monkeypatch.setattr(asking, "getpass", lambda _: next(answers))
    with pytest.raises(BadRequest, match="differ"):
        asking.passphrase(CASE, twice=True)


def test_a_date_means_the_end_of_that_day_here() -> None:
    cut = asking.as_of("2025-03-01", NOON)
    assert cut is not None
    here = cut.as_utc.astimezone()
    assert (here.date().isoformat(), here.time().isoformat()) == ("2025-03-01", "23:59:59.999999")


def test_today_means_now() -> None:
    assert asking.as_of("2025-06-15", NOON) == NOON


def test_no_date_means_no_cut() -> None:
    assert asking.as_of(None, NOON) is None


def test_a_time_with_its_offset_is_taken_as_written() -> None:
    assert asking.as_of("2025-03-01T10:00+01:00", NOON) == Instant.parse("2025-03-01T10:00+01:00")


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(BadRequest):
        asking.as_of("2025-03-01T10:00", NOON)


@pytest.mark.parametrize("text", ["2025-06-16", "2025-06-15T13:00+02:00", "9999-12-31"])
def test_a_date_to_come_is_refused(text: str) -> None:
    with pytest.raises(BadRequest, match="future"):
        asking.as_of(text, NOON)


@pytest.mark.parametrize("text", ["soon", "2025-02-30", "", "0001-01-01"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises((BadRecord, BadRequest)):
        asking.as_of(text, NOON)


def test_a_mark_at_the_start_of_the_file_is_no_part_of_the_passphrase(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "passphrase"
    file.touch(mode=0o600)
    file.write_bytes("\ufefffour quiet\u2028words here\r\n".encode())
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(file))
    assert asking.passphrase(Path("anna.mainstay")) == "four quiet\u2028words here"


def test_an_end_of_typing_is_no_passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    def ended(_: str) -> str:
        raise EOFError

    monkeypatch.delenv(asking.PASSPHRASE_FILE, raising=False)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(asking, "getpass", ended)
    with pytest.raises(BadRequest, match="no passphrase was given"):
        asking.passphrase(Path("anna.mainstay"))
