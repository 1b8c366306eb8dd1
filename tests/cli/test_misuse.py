"""Misuse is answered: one clear sentence on the error stream, exit code 2, nothing half-written, nothing changed."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.cli import asking

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py


def refused(said: object) -> str:
    """The sentence of a refusal, after checking that it is one."""
    assert said.code == 2, said
    assert said.out == ""
    assert said.err.startswith("mainstay: ")
    assert said.err.count("\n") == 1, said.err
    assert "Traceback" not in said.err
    return said.err


def unchanged(case: Path) -> Callable[[], None]:
    """Checks that the casebook and its folder are as they were."""
    before, names = case.read_bytes(), sorted(case.parent.iterdir())

    def check() -> None:
        assert case.read_bytes() == before
        assert sorted(case.parent.iterdir()) == names

    return check


def test_wrong_passphrase_says_nothing_more(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "passphrase").write_text("four other words here\n")
    check = unchanged(case)
    said = refused(mainstay("tell", case))
    assert "does not open the casebook" in said
    assert "other words" not in said
    check()


def test_a_file_that_is_no_casebook(folder: Path, mainstay: Run) -> None:
    (folder / "cat.mainstay").write_bytes(b"not a casebook at all" * 2000)
    refused(mainstay("tell", folder / "cat.mainstay"))
    refused(mainstay("add", folder / "cat.mainstay", folder / "diary.csv", "--map", folder / "diary.toml"))


def test_an_empty_file_is_no_casebook(folder: Path, mainstay: Run) -> None:
    (folder / "empty.mainstay").touch()
    refused(mainstay("tell", folder / "empty.mainstay"))


def test_a_casebook_that_is_not_there_or_is_a_folder(folder: Path, mainstay: Run) -> None:
    assert "mainstay new" in refused(mainstay("tell", folder / "absent.mainstay"))
    refused(mainstay("tell", folder))


def test_new_never_overwrites(case: Path, mainstay: Run) -> None:
    check = unchanged(case)
    assert "already there" in refused(mainstay("new", case))
    check()


def test_new_in_a_folder_that_is_not_there(folder: Path, mainstay: Run) -> None:
    assert "make it first" in refused(mainstay("new", folder / "absent" / "anna.mainstay"))
    assert not (folder / "absent").exists()


@pytest.mark.parametrize("text", ["", "\n", "short\n"])
def test_a_passphrase_too_short_makes_nothing(folder: Path, mainstay: Run, text: str) -> None:
    (folder / "passphrase").write_text(text)
    names = sorted(folder.iterdir())
    assert "passphrase" in refused(mainstay("new", "bert.mainstay"))
    assert sorted(folder.iterdir()) == names


def test_a_passphrase_file_that_is_not_there(case: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(asking.PASSPHRASE_FILE, "absent")
    assert "absent is not there" in refused(mainstay("tell", case))


def test_a_source_that_is_not_there(case: Path, folder: Path, mainstay: Run) -> None:
    assert "absent.csv" in refused(mainstay("add", case, folder / "absent.csv", "--map", folder / "diary.toml"))


def test_a_source_that_is_no_table(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "cat.csv").write_bytes(bytes(range(256)) * 40)
    check = unchanged(case)
    refused(mainstay("add", case, folder / "cat.csv", "--map", folder / "diary.toml"))
    check()


def test_what_the_system_refuses_is_a_sentence(
    case: Path, folder: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "diary.csv")

    monkeypatch.setattr("mainstay.records.reader.read", denied)
    said = refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    assert "diary.csv can't be opened" in said


def test_a_mapping_that_is_a_folder(case: Path, folder: Path, mainstay: Run) -> None:
    refused(mainstay("add", case, folder / "diary.csv", "--map", folder))


def test_a_source_without_a_mapping(case: Path, folder: Path, mainstay: Run) -> None:
    assert "--map" in refused(mainstay("add", case, folder / "diary.csv"))


def test_a_mapping_that_is_not_there(case: Path, folder: Path, mainstay: Run) -> None:
    refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "absent.toml"))


def test_a_mapping_that_is_no_toml(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.toml").write_text("[source\nname = ")
    check = unchanged(case)
    refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    check()


def test_a_mapping_that_names_a_missing_column(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.csv").write_text((folder / "diary.csv").read_text().replace("tension", "tensoin"))
    check = unchanged(case)
    said = refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    assert "tension" in said
    check()


def test_times_without_a_zone(case: Path, folder: Path, mainstay: Run) -> None:
    text = (folder / "diary.toml").read_text().replace('zone = "Europe/Amsterdam"\n', "")
    (folder / "diary.toml").write_text(text)
    check = unchanged(case)
    assert "zone" in refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    check()
    with_zone = ("--zone", "Europe/Amsterdam")
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml", *with_zone).code == 0


def test_a_zone_that_is_none(case: Path, folder: Path, mainstay: Run) -> None:
    arguments = ("add", case, folder / "diary.csv", "--map", folder / "diary.toml", "--zone", "Mars/Olympus")
    assert "no time zone" in refused(mainstay(*arguments))


@pytest.mark.parametrize("text", ["", "when,tension,deadline,walk\n"])
def test_an_empty_file(case: Path, folder: Path, mainstay: Run, text: str) -> None:
    (folder / "diary.csv").write_text(text)
    check = unchanged(case)
    refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    check()


def test_all_values_missing(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.csv").write_text("when,tension,deadline,walk\n2024-01-08T09:00,,,\n2024-01-08T12:00,NA,,\n")
    check = unchanged(case)
    assert "nothing was added" in refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    check()


def test_nothing_but_the_future(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.csv").write_text("when,tension,deadline,walk\n2990-01-08T09:00,4,1,0\n")
    check = unchanged(case)
    said = refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml"))
    assert "row 1" in said
    check()


def test_a_purpose_nobody_can_consent_to(case: Path, folder: Path, mainstay: Run) -> None:
    arguments = ("add", case, folder / "diary.csv", "--map", folder / "diary.toml", "--consent", "marketing")
    check = unchanged(case)
    assert "no purpose" in refused(mainstay(*arguments))
    check()


def test_telling_an_empty_casebook(case: Path, mainstay: Run) -> None:
    assert "nothing on record" in refused(mainstay("tell", case))


def test_a_date_to_come_before_any_passphrase_is_asked(
    case: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(asking.PASSPHRASE_FILE, "absent")
    assert "future" in refused(mainstay("tell", case, "--as-of", "2990-01-01"))


@pytest.mark.parametrize(
    ("option", "name"), [("--picture", "anna.jpg"), ("--html", "anna.txt"), ("--picture", "absent/anna.svg")]
)
def test_an_output_that_can_not_be(case: Path, mainstay: Run, option: str, name: str) -> None:
    check = unchanged(case)
    refused(mainstay("tell", case, option, name))
    check()


def test_what_can_be_done_with_consent_is_named(case: Path, mainstay: Run) -> None:
    assert "withdraw" in refused(mainstay("consent", case, "sell"))


def test_a_world_that_is_not_simulated(folder: Path, mainstay: Run) -> None:
    assert "two_roles" in refused(mainstay("simulate", "three_roles", "--out", folder / "out"))
    assert not (folder / "out").exists()


def test_a_demo_never_replaces_what_it_did_not_make(folder: Path, mainstay: Run) -> None:
    (folder / "mine").mkdir()
    (folder / "mine" / "precious").touch()
    refused(mainstay("demo", "--out", folder / "mine", "--again"))
    refused(mainstay("demo", "--out", folder / "mine"))
    assert (folder / "mine" / "precious").exists()


@pytest.mark.parametrize("arguments", [["nonsense"], ["tell"], ["add", "x"], ["tell", "x", "--no-such-option"]])
def test_a_command_line_that_can_not_be_parsed(mainstay: Run, arguments: list[str]) -> None:
    said = mainstay(*arguments)
    assert (said.code, said.out) == (2, "")
    assert "Error" in said.err


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_a_pipe_is_refused_and_never_waited_for(case: Path, folder: Path, mainstay: Run) -> None:
    os.mkfifo(folder / "pipe")
    os.mkfifo(folder / "pipe.svg")
    refused(mainstay("add", case, folder / "pipe", "--map", folder / "diary.toml"))
    refused(mainstay("add", case, folder / "diary.csv", "--map", folder / "pipe"))
    refused(mainstay("tell", case, "--picture", folder / "pipe.svg"))


@pytest.mark.parametrize("text", ["garbage", "", "2024-13-01", "2024-01-10T10:00"])
def test_a_date_that_is_none_is_refused_with_two_that_are(case: Path, mainstay: Run, text: str) -> None:
    said = refused(mainstay("tell", case, "--as-of", text))
    assert "2024-03-31, or a time with its offset" in said


def test_a_folder_that_can_not_be_written_to_is_named_before_any_work(
    case: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    able = os.access
    monkeypatch.setattr("os.access", lambda path, mode, **more: mode != os.W_OK and able(path, mode, **more))
    monkeypatch.setenv(asking.PASSPHRASE_FILE, "absent")
    assert "can't be written to" in refused(mainstay("tell", case, "--picture", "anna.svg"))


@pytest.mark.parametrize("where", ["mainstay.records.reader.read", "mainstay.casebook.Casebook.add"])
def test_a_stop_is_answered_and_changes_nothing(
    case: Path, folder: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(where, stopped)
    check = unchanged(case)
    said = mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    assert said.code == 130
    assert said.err.strip() == "mainstay: stopped, as you asked; nothing was left half-written"
    check()


def test_records_allowed_for_something_else_are_not_read_and_it_says_how_to_allow_it(
    case: Path, folder: Path, mainstay: Run
) -> None:
    added = ("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    assert mainstay(*added, "--consent", "cohort").code == 0
    assert "give --purpose own_answers" in refused(mainstay("tell", case))
    assert mainstay(*added, "--consent", "own_answers").code == 0
    assert mainstay("tell", case).code == 0
