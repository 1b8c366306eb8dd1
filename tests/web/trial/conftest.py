"""A window on three months of records by a clock that is set day by day, and a trial planned or begun in it."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import pytest

from mainstay.quantities import Instant
from mainstay.trials.sealing import trials_of
from web.conftest import Page, opened

SUNDAY = datetime(2024, 4, 21, 18, tzinfo=UTC)
FIRST = {"tried": "an evening as oneself", "outcome": "tension", "better": "", "matters": "0,5"}
SECOND = {
    "kind": "blocks", "blocks.period": "1", "blocks.pairs": "14", "blocks.washout": "", "what": "",
    "place": "the jetty", "clothes": "", "people": "", "usual": "", "start": "2024-04-22", "harm": "",
    "question": "Does it ease the day?",
    "name": "evenings",
}  # fmt: skip
RAIN = "Rain all day & <b>wind</b>"


class Clock:
    """Stands where it is set, and goes on by a second whenever it is read."""

    def __init__(self) -> None:
        self.moment = SUNDAY

    def set(self, days: float) -> None:
        self.moment = SUNDAY + timedelta(days=days)

    def __call__(self) -> Instant:
        self.moment += timedelta(seconds=1)
        return Instant.of(self.moment)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def page(case: Path, clock: Clock) -> Iterator[Page]:
    """A window on three months of records, on the evening before the first day of a trial."""
    found = opened(case, clock)
    yield found
    found.desk.close()


def kept(page: Page, **fields: str) -> str:
    """The key of a plan, kept by the form."""
    found = page.fill("/trial/plan", **(FIRST | SECOND | fields), step="keep")
    assert found.status_code == 200, words(found)
    return found.url.path.removeprefix("/trial/")


@pytest.fixture
def begun(page: Page) -> str:
    """The key of a trial of four weeks whose days are drawn."""
    key = kept(page)
    assert "The days are drawn" in page.fill(f"/trial/{key}/start").text
    return key


def words(found) -> str:
    """What a person reads on a page."""
    main = found.text.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]*>", " ", main))).replace("“ ", "“").replace(" ”", "”")


def the_trial(page: Page, key: str):
    return next(one for one in trials_of(page.desk.timeline(None)) if one.protocol.id == key)


def ready(page: Page, path: str):
    """A page of trials once what it waits for is worked out."""
    for _ in range(1200):
        found = page.get(path)
        if "refresh" not in found.headers:
            return found
        time.sleep(0.1)
    raise AssertionError(f"{path} was never ready")
