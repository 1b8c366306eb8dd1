"""The twins: two diaries that look alike. The falling threshold must be found, the denser recording refused."""

import pytest

from calibration import people


def threshold_of_twins(seed):
    """The S11 answers of the falling and of the denser twin."""
    from mainstay import strain
    from mainstay.quantities import Instant
    from mainstay.timeline.reader import from_records
    from mainstay.worlds import simulate

    told = {}
    for name, world in simulate("twins", seed).items():
        timeline = from_records(world.records, world.items, world.anchor, as_of=Instant.parse("2026-06-01T00:00+00:00"))
        answers = strain.answers(timeline, strain.fit(timeline))
        told[name] = next(answer for answer in answers if answer.row == "S11")
    return told["falling_threshold"], told["denser_recording"]


def check(n):
    pairs = people.over(threshold_of_twins, range(1, n + 1))
    found = sum(falling.status == "found" and falling.estimate > 1 for falling, _ in pairs)
    fooled = sum(denser.status == "found" for _, denser in pairs)
    print(f"falling threshold found in {found} of {n}; denser recording found in {fooled} of {n}")
    assert found >= 0.8 * n
    assert fooled == 0
    assert all("recording grew" in denser.claim for _, denser in pairs if denser.status == "not_found")


def test_a_pair_of_twins_is_told_apart():
    check(1)


@pytest.mark.long
def test_twenty_pairs_of_twins_are_told_apart():
    check(20)
