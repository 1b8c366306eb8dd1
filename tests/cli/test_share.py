"""Claims about `share` and `open` at the door: the preview is what is seen, and only what consent covers is used."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from cli.conftest import Said, diary
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.cli import asking, sharing
from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Contact, Event, Record, Statement

WORDS = "four quiet words here"
NEXT_YEAR = f"{asking.now().as_local.date() + timedelta(days=365)}"
SECRET = "Kneutje"


@pytest.fixture
def shared(case: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A casebook whose diary a supporter may see, and a stream with a person and a note that they may not."""
    monkeypatch.setattr("mainstay.casebook.sharing.KeySlotCost", KeySlotCost.least)
    (folder / "theirs").touch(mode=0o600)
    (folder / "theirs").write_text("a kite over the dunes\n")
    monkeypatch.setenv(asking.SHARE_PASSPHRASE_FILE, str(folder / "theirs"))
    purposes = ("--consent", "own_answers", "--consent", "supporter_view")
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml", *purposes).code == 0
    at = Instant.parse("2024-01-09T12:00+01:00")
    bodies = [Event(SECRET, "relief", None, (SECRET,)), Contact(SECRET), Statement("concern", f'who = "{SECRET}"')]
    records = tuple(Record(f"s{k}", "private", at, at, "by hand", body) for k, body in enumerate(bodies))
    with Casebook.open(case, WORDS) as casebook:
        now = asking.now()
        casebook.add(Batch("by hand", records), Consent(given_at=now), now=now)
    return case


def share(mainstay: Callable[..., Said], case: Path, *more: object) -> Said:
    return mainstay("share", case, "--with", "Ben", "--until", NEXT_YEAR, *more)


def view_of(said: Said) -> list[str]:
    """The lines from "Shared with" up to the empty line before what is not in it, or before the closing words."""
    lines = said.out.splitlines()
    start = lines.index("Shared with: Ben")
    end = next(k for k, line in enumerate(lines) if line.startswith(("That is all", "From then on")))
    return lines[start : end - 1]


def test_the_preview_is_line_by_line_what_the_supporter_sees(
    shared: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    before = set(folder.iterdir())
    preview = share(mainstay, shared, "--preview")
    assert preview.code == 0
    assert "nothing was written" in preview.out
    assert set(folder.iterdir()) == before
    assert share(mainstay, shared, folder / "for-ben.share").code == 0
    opened = mainstay("open", folder / "for-ben.share")
    assert opened.code == 0
    assert view_of(opened) == view_of(preview)
    assert any(line.startswith("  • ") for line in view_of(opened))


def test_only_what_consent_covers_is_used_and_the_rest_is_not_even_named(
    shared: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    preview = share(mainstay, shared, "--preview")
    assert SECRET not in preview.out
    assert "did not allow it for a supporter: private" in preview.out
    share(mainstay, shared, folder / "for-ben.share")
    opened = mainstay("open", folder / "for-ben.share")
    assert "private" not in opened.out
    assert SECRET not in opened.out


def test_without_consent_nothing_is_shared(shared: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    with Casebook.open(shared, WORDS) as casebook:
        casebook.withdraw(purposes=["supporter_view"], now=asking.now())
    said = share(mainstay, shared, folder / "for-ben.share")
    assert said.code == 2
    assert "consent" in said.err
    assert not (folder / "for-ben.share").exists()


def test_a_name_that_stands_in_a_label_does_not_get_out(
    shared: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    (folder / "diary.csv").write_text(diary(40))
    mainstay("add", shared, folder / "diary.csv", "--map", folder / "diary.toml")
    days = [Instant.parse("2024-01-09T12:00+01:00").plus_days(day) for day in range(0, 38, 3)]
    visit = Event(f"visit to {SECRET}", "relief", None, (SECRET,))
    stream = f"visits to {SECRET}"
    records = tuple(Record(f"v{at.utc_us}", stream, at, at, "by hand", visit) for at in days)
    with Casebook.open(shared, WORDS) as casebook:
        now = asking.now()
        both = Consent(purposes=("own_answers", "supporter_view"), given_at=now)
        casebook.add(Batch("by hand", records), both, now=now)
        found = sharing.compose(casebook, "Ben", now.plus_days(2), asking.now())
    assert SECRET not in repr(found.view)
    assert "visit to somebody" in repr(found.view.answers)
    assert "visits to somebody" in found.view.streams
    assert stream in found.streams


def test_a_share_does_not_outlast_the_consent_it_rests_on(
    shared: Path, folder: Path, mainstay: Callable[..., Said]
) -> None:
    with Casebook.open(shared, WORDS) as casebook:
        now = asking.now()
        ending = Consent(purposes=("supporter_view",), given_at=now, until=now.plus_days(30))
        casebook.give([stream.name for stream in casebook.streams()], ending, now=now)
    said = share(mainstay, shared, folder / "for-ben.share")
    assert said.code == 2
    assert "choose an earlier --until" in said.err


def test_the_casebooks_own_passphrase_is_refused(shared: Path, folder: Path, mainstay: Callable[..., Said]) -> None:
    (folder / "theirs").write_text(WORDS + "\n")
    said = share(mainstay, shared, folder / "for-ben.share")
    assert said.code == 2
    assert "opens the casebook itself" in said.err
    assert not list(folder.glob("*for-ben*"))


def test_after_its_last_day_it_does_not_open_and_the_limit_is_said(
    shared: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = asking.now()
    made = mainstay("share", shared, folder / "s", "--with", "Ben", "--until", today.as_local.date())
    assert made.code == 0
    assert "Nothing can stop somebody who has copied what it shows" in made.out
    assert mainstay("open", folder / "s").code == 0
    monkeypatch.setattr(asking, "now", lambda: today.plus_days(1))
    late = mainstay("open", folder / "s", "--answer", folder / "a")
    assert late.code == 2
    assert "could be seen until" in late.err
    assert not (folder / "a").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--with", "Ben", "--preview"), "--until"),
        (("--until", NEXT_YEAR, "--preview"), "--with"),
        (("--with", " ", "--until", NEXT_YEAR, "--preview"), "--with"),
        (("--with", "B\x1b[2J", "--until", NEXT_YEAR, "--preview"), "--with"),
        (("--with", "Ben", "--until", "2020-01-01", "--preview"), "over"),
        (("--with", "Ben", "--until", "soon", "--preview"), "soon"),
        (("--with", "Ben", "--until", NEXT_YEAR), "--preview"),
    ],
)
def test_what_is_missing_or_can_not_be_is_said(
    shared: Path, mainstay: Callable[..., Said], arguments: tuple[str, ...], words: str
) -> None:
    said = mainstay("share", shared, *arguments)
    assert (said.code, words in said.err) == (2, True)


def test_what_a_supporter_noticed_comes_back_under_their_name(
    shared: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    share(mainstay, shared, folder / "for-ben.share")
    monkeypatch.setattr("sys.stdin", io.StringIO('2024-01-09 laughed, said "fine"\n\nslept through the film\x1b[2J\n'))
    wrote = mainstay("open", folder / "for-ben.share", "--answer", folder / "from-ben.answer")
    assert wrote.code == 0
    assert "2 observations" in wrote.out
    assert b"laughed" not in (folder / "from-ben.answer").read_bytes()
    took = mainstay("share", shared, "--take", folder / "from-ben.answer")
    assert took.code == 0
    assert "Took in 2 of 2 observations by Ben" in took.out
    assert "Took in 0 of 2" in mainstay("share", shared, "--take", folder / "from-ben.answer").out
    with Casebook.open(shared, WORDS) as casebook:
        records = [one for one in casebook.read("own_answers", now=asking.now()).records if one.stream == "from Ben"]
    assert {one.body.form for one in records} == {"observation"}
    assert records[0].body.toml == 'by = "Ben"\nwhen = "2024-01-09"\ntext = "laughed, said \\"fine\\""\n'
    assert "\x1b" not in records[1].body.toml
    assert records[0].source.startswith("answer by Ben, ")
    listed = mainstay("share", shared, "--list")
    assert f"with Ben, until {NEXT_YEAR}" in listed.out


def test_an_answer_to_a_share_of_somebody_else_is_not_taken_in(
    shared: Path, folder: Path, mainstay: Callable[..., Said], monkeypatch: pytest.MonkeyPatch
) -> None:
    share(mainstay, shared, folder / "for-ben.share")
    monkeypatch.setattr("sys.stdin", io.StringIO("laughed\n"))
    mainstay("open", folder / "for-ben.share", "--answer", folder / "from-ben.answer")
    mainstay("new", folder / "other.mainstay")
    said = mainstay("share", folder / "other.mainstay", "--take", folder / "from-ben.answer")
    assert (said.code, "no share of this casebook" in said.err) == (2, True)
    assert mainstay("share", folder / "other.mainstay", "--list").out == "Nothing was shared from this casebook.\n"


NOON = Instant.of(asking.datetime(2026, 3, 1, 12).astimezone())


def test_days_are_read_and_a_day_to_come_is_refused() -> None:
    today, earlier = sharing.observed(["2026-03-01: tired", "2026-02-27 slept badly"], NOON, stop_at_empty=True)
    assert (today.happened, today.text) == (NOON, "tired")
    assert (str(earlier.happened.start)[:10], str(earlier.happened.end)[:10]) == ("2026-02-27", "2026-02-28")
    with pytest.raises(BadRequest, match="no date"):
        sharing.observed(["2026-02-30 x"], NOON, stop_at_empty=True)
    with pytest.raises(BadRequest, match="nothing was written"):
        sharing.observed(["", "after the empty line"], NOON, stop_at_empty=True)


def test_a_casebook_is_not_opened_as_a_share(shared: Path, mainstay: Callable[..., Said]) -> None:
    said = mainstay("open", shared)
    assert (said.code, "mainstay tell" in said.err) == (2, True)
