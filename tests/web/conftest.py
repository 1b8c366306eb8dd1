"""A page on a casebook of three simulated months, let in and unlocked, as a browser on this machine would see it."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.doors.kept import keep
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch
from mainstay.story import tell
from mainstay.timeline.reader import read
from mainstay.web.app import application
from mainstay.web.desk import Desk
from mainstay.web.guard import Doorkeeper
from mainstay.worlds import simulate

NOW = Instant.of(datetime(2024, 4, 20, 10, 30, tzinfo=UTC))
WORDS = "four quiet words here"
PORT = 8731
ORIGIN = f"http://127.0.0.1:{PORT}"
FROM_A_FORM = {
    "origin": ORIGIN,
    "sec-fetch-site": "same-origin",
    "sec-fetch-mode": "navigate",
    "content-type": "application/x-www-form-urlencoded",
}


class Page(TestClient):
    """A browser window on the page. `desk`: what is behind it; `fill` sends a form, as its button does."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.doorkeeper = desk, Doorkeeper(PORT, lambda: 0.0)
        super().__init__(
            application(desk, self.doorkeeper), base_url=ORIGIN, client=("127.0.0.1", 50000),
            raise_server_exceptions=False,
        )  # fmt: skip

    def let_in(self) -> "Page":
        """Opened by its one-time address."""
        assert self.get(self.doorkeeper.address().removeprefix(ORIGIN), follow_redirects=False).status_code == 303
        return self

    def fill(self, path: str, **fields: object):
        """What a form of the page sends; the page it leads to."""
        return self.post(path, data=fields, headers=FROM_A_FORM)

    def settled(self, path: str):
        """A page once its story is there."""
        for _ in range(600):
            found = self.get(path)
            if "refresh" not in found.headers:
                return found
            self.desk.story(patience_s=0.2)
        raise AssertionError(f"{path} was never ready")


def opened(path: Path, now: Callable[[], Instant] = lambda: NOW) -> Page:
    """A window on the casebook at a path, let in and unlocked."""
    desk = Desk(path, now, lambda: 0.0)
    desk.unlock(WORDS)
    return Page(desk).let_in()


@pytest.fixture(scope="session")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A casebook of three simulated months with its story kept in it: never opened, only copied."""
    path = tmp_path_factory.mktemp("page") / "anna.mainstay"
    [person] = simulate("two_roles", 1).values()
    early = tuple(one for one in person.records if one.known < Instant.parse("2024-04-15T00:00+02:00"))
    with Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()) as casebook:
        casebook.add(Batch("world", early, person.items, person.anchor), Consent(given_at=NOW), now=NOW)
        keep(casebook, tell(read(casebook, "own_answers", now=NOW), made_at=NOW), NOW)
    return path


@pytest.fixture
def case(three_months: Path, tmp_path: Path) -> Path:
    """A copy of that casebook, to write into."""
    return Path(shutil.copy(three_months, tmp_path / "anna.mainstay"))


@pytest.fixture
def page(case: Path) -> Iterator[Page]:
    """A window on it, let in and unlocked."""
    found = opened(case)
    yield found
    found.desk.close()


@pytest.fixture
def empty_page(tmp_path: Path) -> Iterator[Page]:
    """A window on a casebook in which nothing is on record yet."""
    path = tmp_path / "new.mainstay"
    Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()).close()
    found = opened(path)
    yield found
    found.desk.close()
