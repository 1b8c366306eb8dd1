"""Claims about the commands when they are used as meant."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import mainstay as package
from mainstay.cli import asking
from mainstay.worlds import WORLDS

Run = Callable[..., "Said"]  # noqa: F821 - tests/cli/conftest.py
COMMANDS = [
    "demo",
    "new",
    "add",
    "consent",
    "audit",
    "key",
    "record",
    "roles",
    "tell",
    "notice",
    "patterns",
    "explain",
    "futures",
    "options",
    "plan",
    "erase",
]
COMMANDS += ["people", "serve", "gather", "cohort", "simulate", "export", "import"]
COMMANDS += ["backup", "restore", "share", "open", "log", "trial"]


def take(mainstay: Run, case: Path, folder: Path, *more: str) -> str:
    said = mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml", *more)
    assert (said.code, said.err) == (0, "")
    return said.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(mainstay: Run, command: str) -> None:
    said = mainstay(command, "--help")
    assert said.code == 0
    assert f"Example:  mainstay {command}" in said.out


def test_only_what_is_built_is_offered(mainstay: Run) -> None:
    listed = mainstay("--help").out.split("Commands:")[1].split("Nothing leaves")[0]
    assert [line.split()[0] for line in listed.splitlines() if line.strip()] == COMMANDS


def test_the_version_is_printed(mainstay: Run) -> None:
    assert mainstay("--version").out == f"mainstay {package.__version__}\n"


def test_python_m_mainstay_is_the_same_command() -> None:
    done = subprocess.run([sys.executable, "-m", "mainstay", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout == f"mainstay {package.__version__}\n"


def test_the_passphrase_is_never_an_option(mainstay: Run) -> None:
    for command in COMMANDS:
        assert "--pass" not in mainstay(command, "--help").out


def test_the_receipt_says_what_was_read_and_kept(case: Path, folder: Path, mainstay: Run) -> None:
    printed = take(mainstay, case, folder)
    assert "Read 15 rows from diary." in printed
    assert "Added 17 new records" in printed
    assert "Refused" not in printed


def test_a_refused_row_is_named_with_its_reason(case: Path, folder: Path, mainstay: Run) -> None:
    with (folder / "diary.csv").open("a") as diary:
        diary.write("2024-03-31T02:30,4,0,0\n2024-04-01T09:00,70,0,0\n")
    printed = take(mainstay, case, folder)
    assert "row 16: " in printed
    assert "clocks were put forward" in printed
    assert "row 17: " in printed


def test_many_refusals_are_counted_and_printed_when_asked(case: Path, folder: Path, mainstay: Run) -> None:
    with (folder / "diary.csv").open("a") as diary:
        diary.writelines(f"2024-02-{day:02}T09:00,99,0,0\n" for day in range(1, 28))
    assert "… and 7 more" in take(mainstay, case, folder)
    assert take(mainstay, case, folder, "--every-refusal").count(", row ") == 27


def test_adding_twice_changes_nothing(case: Path, folder: Path, mainstay: Run) -> None:
    take(mainstay, case, folder)
    before = mainstay("tell", case, "--json").out
    assert "Added 0 new records" in (again := take(mainstay, case, folder))
    assert "17 were there already" in again
    assert answers(mainstay("tell", case, "--json").out) == answers(before)


def test_one_record_is_told_as_too_little(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.csv").write_text("when,tension,deadline,walk\n2024-01-08T09:00,4,0,0\n")
    take(mainstay, case, folder)
    said = mainstay("tell", case)
    assert (said.code, said.err) == (0, "")
    assert "Cannot say" in said.out


def test_asking_for_draws_says_what_became_of_them(case: Path, folder: Path, mainstay: Run) -> None:
    (folder / "diary.csv").write_text("when,tension,deadline,walk\n2024-01-08T09:00,4,0,0\n")
    take(mainstay, case, folder)
    said = mainstay("tell", case, "--draws")
    assert said.code == 0
    assert "How it was worked out: " in said.err


def test_three_days_are_told_as_too_little_with_what_is_needed(case: Path, folder: Path, mainstay: Run) -> None:
    take(mainstay, case, folder)
    thin = [one for one in answers(mainstay("tell", case, "--json").out) if one["status"] == "cannot_say"]
    assert thin[0]["need"] > thin[0]["have"]
    assert thin[0]["need_unit"] == "days"


def test_json_is_json_alone_even_with_a_picture(case: Path, folder: Path, mainstay: Run) -> None:
    take(mainstay, case, folder)
    said = mainstay("tell", case, "--json", "--picture", "anna.svg")
    assert answers(said.out)
    assert "anna.svg" in said.err
    assert (folder / "anna.svg").read_text().lstrip().startswith("<svg")


@pytest.mark.parametrize(("name", "magic"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG"), ("a.pdf", b"%PDF")])
def test_the_picture_is_what_its_name_says(case: Path, folder: Path, mainstay: Run, name: str, magic: bytes) -> None:
    take(mainstay, case, folder)
    assert mainstay("tell", case, "--picture", name).code == 0
    assert magic in (folder / name).read_bytes()[:200]


def test_as_of_replays_what_was_known_by_then(case: Path, folder: Path, mainstay: Run) -> None:
    take(mainstay, case, folder)
    told = answers(mainstay("tell", case, "--json", "--as-of", "2024-01-09").out)
    assert all(one["known_through"].startswith("2024-01-09") for one in told)
    said = mainstay("tell", case, "--as-of", "2024-01-01")
    assert said.code == 2
    assert "choose a later date" in said.err


def test_consent_is_shown_per_stream_and_purpose(case: Path, folder: Path, mainstay: Run) -> None:
    assert "no records yet" in mainstay("consent", case).out
    take(mainstay, case, folder, "--consent", "own_answers", "--consent", "cohort")
    printed = mainstay("consent", case, "show").out
    assert "own_answers: given" in printed
    assert "cohort: given" in printed
    assert "until withdrawn" in printed


def test_without_consent_for_own_answers_nothing_is_told(case: Path, folder: Path, mainstay: Run) -> None:
    take(mainstay, case, folder, "--consent", "cohort")
    said = mainstay("tell", case)
    assert said.code == 2
    assert "own_answers" in said.err


def test_a_name_given_by_a_record_can_not_steer_the_terminal(case: Path, folder: Path, mainstay: Run) -> None:
    mapping = (folder / "diary.toml").read_text().replace('"walk"\nis', '"wa\\u001B[2Jlk"\nis')
    (folder / "diary.toml").write_text(mapping)
    assert "\x1b" not in take(mainstay, case, folder)
    assert "\x1b" not in mainstay("consent", case).out
    assert "\x1b" not in mainstay("tell", case).out


@pytest.mark.parametrize("world", ["two_roles", "twins"])
def test_a_simulated_folder_is_taken_as_it_is(case: Path, folder: Path, mainstay: Run, world: str) -> None:
    said = mainstay("simulate", world, "--seed", 3, "--out", folder / "somebody")
    assert said.code == 0
    place = next(path.parent for path in sorted((folder / "somebody").rglob("mainstay.toml")))
    added = mainstay("add", case, place)
    assert (added.code, added.err) == (0, "")
    assert "Refused" not in added.out


def test_help_lists_every_world(mainstay: Run) -> None:
    printed = mainstay("simulate", "--help").out
    assert all(name in printed for name in WORLDS)


def test_the_demo_ends_with_a_picture_a_page_and_a_casebook_that_opens(
    folder: Path, mainstay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = mainstay("demo", "--out", folder / "demo")
    assert said.code == 0
    assert str(folder / "demo" / "picture.svg") in said.out
    assert "demo --page" in said.out
    for name in ("picture.svg", "picture.png", "story.html", "story.pdf", "somebody.mainstay", "SIMULATED.txt"):
        assert (folder / "demo" / name).stat().st_size > 0
    monkeypatch.setenv(asking.PASSPHRASE_FILE, str(folder / "demo" / "passphrase.txt"))
    assert answers(mainstay("tell", folder / "demo" / "somebody.mainstay", "--json").out)


def answers(printed: str) -> list[dict[str, object]]:
    """The answers in JSON output, without the clock's time at which they were made."""
    whole = json.loads(printed)
    return [
        {name: value for name, value in one.items() if name not in ("made_at", "as_of", "id")}
        for one in whole["answers"]
    ]


def test_a_value_that_changed_since_it_was_added_is_said(case: Path, folder: Path, mainstay: Run) -> None:
    added = ("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    assert mainstay(*added).code == 0
    assert "differ" not in mainstay(*added).out
    text = (folder / "diary.csv").read_text()
    (folder / "diary.csv").write_text(text.replace("T09:00,2", "T09:00,7", 1))
    said = mainstay(*added)
    assert "1 of those differ from what is held (tension)" in said.out
