"""The tutorials, followed as they stand: every command, and every line they show of what it prints."""

import subprocess
import sys

import pytest

from docs.blocks import ROOT, blocks_of, differences

TUTORIALS = ROOT / "docs" / "tutorial"


@pytest.mark.parametrize(
    ("shown", "said", "right"),
    [
        (("a b", "…", "c"), "a b\nx\nc\n", True),
        (("a", "…"), "a\nb", True),
        (("it … is",), "it truly\nis", True),
        (("a broken", "line"), "a\nbroken line", True),
        (("b",), "a\nb", False),
        (("a",), "a\nb", False),
        (("…", "b", "…", "a"), "a\nb", False),
        ((), "a", False),
    ],
)
def test_what_is_shown_is_held_against_what_is_said(shown, said, right) -> None:
    assert (differences(shown, said) == "") is right


def test_from_diary_to_decision_as_it_stands(reader) -> None:
    wrong = reader.follow(TUTORIALS / "diary-to-decision.md")
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.long
def test_the_first_story_as_it_stands(reader) -> None:
    page = TUTORIALS / "first-story.md"
    wrong = reader.follow(page)
    assert not wrong, "\n\n".join(wrong)
    [snippet] = [block for block in blocks_of(page) if block.language == "python"]
    done = subprocess.run([sys.executable, "-c", snippet.text], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "S11 found" in done.stdout


def test_the_first_story_begins_as_it_stands(reader) -> None:
    wrong = reader.follow(TUTORIALS / "first-story.md", most=4)
    assert not wrong, "\n\n".join(wrong)
