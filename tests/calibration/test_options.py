"""Options on simulated people whose truth is known: what the story's come to, and what following them brings."""

import pytest

from calibration import options as cal

STRUCK = {
    "the mother moves to town": "never",
    "lean on a colleague": "cause",
    "bring the old friend": "steps",
    "the bait": "hidden",
}
PEOPLE = 10


@pytest.mark.long
def test_the_story_comes_out_and_only_where_it_is_true() -> None:
    found = cal.story("two_roles", PEOPLE)
    for name, limit in STRUCK.items():
        assert found[name]["struck_out", limit] >= 0.9 * PEOPLE
    assert found["the open invitation"]["recommended", ""] >= 0.9 * PEOPLE
    for world in ("warmth_restores", "nothing_restores"):
        invitation = cal.story(world, PEOPLE)["the open invitation"]
        assert invitation["recommended", ""] <= 0.1 * PEOPLE
        assert invitation["may not help", ""] >= 0.9 * PEOPLE


@pytest.mark.long
def test_what_is_useless_is_seldom_recommended_and_following_brings_relief() -> None:
    counts, followed, rows = cal.truth(24)
    useless = sum(n for (_, useful, _), n in counts.items() if not useful)
    wrongly = sum(n for (_, useful, status), n in counts.items() if not useful and status == "recommended")
    assert wrongly <= 0.15 * useless
    assert sum(one[1] for one in followed) >= 0.9 * len(followed)
    brought, oracle = (sum(one[i] for one in rows) / len(rows) for i in (1, 2))
    assert brought <= 0.6 * oracle
