"""Claims about the story that is kept in the casebook."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.cli import telling
from mainstay.doors import kept
from mainstay.errors import CasebookError, NoConsent
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Record, Statement
from mainstay.story import Story, tell
from mainstay.strain.posterior import Curves
from mainstay.timeline.reader import read
from mainstay.worlds import simulate

NOW = Instant.of(datetime(2026, 1, 1, tzinfo=UTC))
WORDS = "four quiet words here"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Story]:
    """A casebook of three simulated months with its story kept in it, and that story."""
    path = tmp_path_factory.mktemp("kept") / "somebody.mainstay"
    [person] = simulate("two_roles", 1).values()
    early = tuple(one for one in person.records if one.known < Instant.parse("2024-04-15T00:00+02:00"))
    with Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()) as casebook:
        casebook.add(Batch("world", early, person.items, person.anchor), Consent(given_at=NOW), now=NOW)
        story = tell(read(casebook, "own_answers", now=NOW), made_at=NOW)
        kept.keep(casebook, story, NOW)
    return path, story


def test_a_kept_story_is_the_story(told: tuple[Path, Story]) -> None:
    path, story = told
    with Casebook.open(path, WORDS) as casebook:
        again = kept.recall(casebook, read(casebook, "own_answers", now=NOW), NOW)
    assert again is not None
    assert again.records() == story.records()
    assert isinstance(story.curves, Curves)
    assert isinstance(again.curves, Curves)
    np.testing.assert_array_equal(again.curves.strain, story.curves.strain)
    np.testing.assert_array_equal(again.curves.unknown, story.curves.unknown)
    assert again.curves.unknown.dtype == bool


def test_a_later_clock_changes_nothing_but_the_date_it_is_told_as_of(told: tuple[Path, Story]) -> None:
    path, story = told
    later = NOW.plus_days(3)
    with Casebook.open(path, WORDS) as casebook:
        again = kept.recall(casebook, read(casebook, "own_answers", now=later), later)
    assert again is not None
    assert (again.context.made_at, again.context.as_of) == (NOW, later)
    assert again.answers == story.answers


def test_after_weeks_of_silence_the_story_is_told_anew(told: tuple[Path, Story]) -> None:
    path, _ = told
    later = Instant.parse("2024-04-15T00:00+02:00").plus_days(21)
    with Casebook.open(path, WORDS) as casebook:
        early = read(casebook, "own_answers", later, now=NOW)
        silent = read(casebook, "own_answers", later.plus_days(14), now=NOW)
    assert kept.fingerprint(early) != kept.fingerprint(silent)
    assert kept.fingerprint(early) == kept.fingerprint(replace(early, as_of=later.plus_days(1)))


def test_a_cut_record_has_no_kept_story(told: tuple[Path, Story]) -> None:
    path, _ = told
    with Casebook.open(path, WORDS) as casebook:
        earlier = read(casebook, "own_answers", Instant.parse("2024-03-01T00:00+01:00"), now=NOW)
        assert kept.recall(casebook, earlier, NOW) is None


def test_other_code_makes_the_story_anew(told: tuple[Path, Story], monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = told
    with Casebook.open(path, WORDS) as casebook:
        timeline = read(casebook, "own_answers", now=NOW)
        monkeypatch.setattr(kept, "_code", lambda: [("fit.py", 1, 1)])
        assert kept.recall(casebook, timeline, NOW) is None


def test_without_valid_consent_a_kept_story_is_not_told(tmp_path: Path) -> None:
    [person] = simulate("two_roles", 1).values()
    batch = Batch("world", person.records[:50], person.items, person.anchor)
    consent = Consent(given_at=NOW, until=NOW.plus_days(7))
    path = tmp_path / "somebody.mainstay"
    with Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()) as casebook:
        casebook.add(batch, consent, now=NOW)
        kept.keep(casebook, tell(read(casebook, "own_answers", now=NOW), made_at=NOW), NOW)
    with pytest.raises(NoConsent):
        telling.story_of(path, WORDS, NOW.plus_days(8), None)


def test_the_second_telling_fits_nothing(
    case: Path, folder: Path, mainstay: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    first = mainstay("tell", case)

    def never(*_: object, **__: object) -> None:
        raise AssertionError("fitted again")

    monkeypatch.setattr("mainstay.story.tell", never)
    assert mainstay("tell", case) == first


def test_a_story_that_can_not_be_kept_is_told_all_the_same(
    case: Path, folder: Path, mainstay: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise CasebookError("there is no room left")

    mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml")
    monkeypatch.setattr("mainstay.doors.telling.keep", no_room)
    said = mainstay("tell", case)
    assert said.code == 0
    assert "there is no room left" in said.err


def test_a_worry_in_a_kept_story_ages_with_the_clock(told: tuple[Path, Story], tmp_path: Path) -> None:
    path, _ = told
    copy = tmp_path / "copy.mainstay"
    copy.write_bytes(path.read_bytes())
    worry = (
        'name = "sleep"\nworry = "I sleep badly"\nreview = 2026-01-02\nlet_go_if = "a calm month passes"\n'
        '[[observable]]\nwhat = "nights"\nif_so = "short"\nif_not = "long"\n'
        '[[observable]]\nwhat = "mornings"\nif_so = "tired"\nif_not = "awake"\n'
    )
    record = Record("worry", "concern", NOW, NOW, "by hand", Statement("concern", worry))
    later = NOW.plus_days(6.0)
    with Casebook.open(copy, WORDS) as casebook:
        casebook.add(Batch("by hand", (record,)), Consent(given_at=NOW), now=NOW)
        kept.keep(casebook, tell(read(casebook, "own_answers", now=NOW), made_at=NOW), NOW)
        again = kept.recall(casebook, read(casebook, "own_answers", now=later), later)
    assert again is not None
    assert again.answers[0].row == "S1"
    assert again.answers[0].detail["review_overdue_days"] == 5
    assert again.alert.raised[-1].row == "S1"
