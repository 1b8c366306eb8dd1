"""A real browser on a real server: Debian's Chromium, headless, through Playwright; nothing is downloaded."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from browsers import browser_path
from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch
from mainstay.web.desk import Desk
from mainstay.web.guard import Doorkeeper
from mainstay.web.serving import listening, run, server
from mainstay.worlds import simulate
from web.conftest import WORDS, opened
from web.conftest import Page as Forms

MOMENT = datetime(2024, 6, 3, 18, 30, tzinfo=UTC)
NOW = Instant.of(MOMENT)
WAIT_MS = 120_000
TRIAL = {
    "tried": "an evening as oneself", "outcome": "tension", "better": "", "matters": "0.5", "kind": "blocks",
    "blocks.period": "1", "blocks.pairs": "14", "blocks.washout": "", "what": "", "place": "the jetty", "clothes": "",
    "people": "", "usual": "", "start": "2024-06-01", "harm": "", "question": "Does it ease the day?",
    "name": "evenings",
}  # fmt: skip
NOTED = {
    "/consent/danger": {"words": "Call Ada.", "contact": "Ada 020 000 00 00"},
    "/write/concern": {
        "worry": "She seems to fade", "name": "fading", "review": "2024-07-01", "let_go_if": "two calm weeks",
        "observable.0.what": "calls", "observable.0.if_so": "fewer", "observable.0.if_not": "as ever",
        "observable.1.what": "sleep", "observable.1.if_so": "late nights", "observable.1.if_not": "early",
    },
    "/write/scenario": {
        "name": "more of myself", "rule.0.watched": "share_of_time(self)", "rule.0.sign": ">", "rule.0.bound": "1.3",
        "rule.0.unit": "usual", "rule.0.count": "8", "rule.0.span": "weeks",
    },
    "/write/option": {
        "name": "evenings off", "disclosed": "yes", "changes.0.lever": "hours self", "changes.0.far": "1-2",
        "changes.0.how": "more", "step.0.what": "ask the boss", "step.0.chance": "60-80", "cost.person.points": "0-10",
    },
    "/write/leaning": {"option": "evenings off", "sure": "40-60"},
    "/write/contact": {"name": "Mira", "true.0.what": "knows of it", "true.0.since": "2024-03-01"},
}  # fmt: skip


class Window:
    """A browser window on a server of ours. `left`: every request that was not to our own address; `faults`: what the
    browser complained of."""

    def __init__(self, context: BrowserContext, desk: Desk, doorkeeper: Doorkeeper) -> None:
        self.context, self.desk, self.doorkeeper, self.origin = context, desk, doorkeeper, doorkeeper.origin
        self.left: list[str] = []
        self.faults: list[str] = []
        self.page = self.another()

    def another(self) -> Page:
        """One more window of the same browser."""
        page = self.context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", self._noted)
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", self._heard)
        return page

    def _noted(self, request: Request) -> None:
        if not request.url.startswith((self.origin, "data:", "blob:")):
            self.left.append(request.url)

    def _heard(self, told: ConsoleMessage) -> None:
        if told.type == "error":
            self.faults.append(told.text)

    def goes(self, path: str) -> Page:
        """A page of ours, once its story is told; one that is still worked out looks again by itself."""
        answer = self.page.goto(self.origin + path)
        assert answer is not None
        assert answer.status == 200, f"{path}: {answer.status}"
        return self.settled()

    def settled(self) -> Page:
        """The page that is shown, once it no longer says that it is being worked out."""
        self.page.locator("main h1").filter(has_not_text="One moment").wait_for()
        return self.page

    def at(self, path: str) -> Page:
        """The page at this path, once something that was pressed has led there."""
        self.page.wait_for_url(lambda url: url.removeprefix(self.origin).split("?")[0] == path)
        return self.settled()

    def let_in(self) -> Page:
        """Opened by the one-time address."""
        self.page.goto(self.doorkeeper.address())
        return self.page

    def is_let_in(self) -> None:
        """Let in, with the casebook unlocked; nothing is shown yet."""
        self.context.request.get(self.doorkeeper.address(), max_redirects=0)
        self.desk.unlock(WORDS)

    def unlocks(self) -> Page:
        """Let in and unlocked, as a person does it."""
        self.let_in()
        self.page.get_by_label("Passphrase").fill(WORDS)
        self.page.get_by_role("button", name="Open").click()
        return self.at("/")

    def counted(self) -> int:
        """How many records are in the casebook."""
        with self.desk.casebook() as book:
            return sum(one.count for one in book.streams())


@contextmanager
def served(path: Path, now: Instant) -> Iterator[tuple[Desk, Doorkeeper]]:
    """A casebook behind a real server, as `mainstay serve` starts it."""
    with listening(0) as answering:
        desk, doorkeeper = Desk(path, lambda: now, lambda: 0.0), Doorkeeper(answering.getsockname()[1], lambda: 0.0)
        answers = server(desk, doorkeeper)
        serving = threading.Thread(target=run, args=(desk, answers, answering), daemon=True)
        serving.start()
        try:
            yield desk, doorkeeper
        finally:
            answers.should_exit = True
            serving.join()
            desk.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """The browser; where there is none, the tests that need it are left out, and the last lines say so.

    It ends with its module: Playwright keeps an event loop running in this thread, and no other test may find it.
    """
    found = browser_path()
    if found is None:
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def five_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five simulated months, a trial begun two days ago, a concern, a line for danger; its story is kept in it.

    Never opened, only copied.
    """
    path = tmp_path_factory.mktemp("browser") / "anna.mainstay"
    [person] = simulate("two_roles", 1).values()
    early = tuple(one for one in person.records if one.known < Instant.parse("2024-06-03T12:00+02:00"))
    then = [MOMENT - timedelta(days=3)]
    with Casebook.create(path, WORDS, now=Instant.of(then[0]), cost=KeySlotCost.least()) as casebook:
        kept = Consent(given_at=Instant.of(then[0]))
        casebook.add(Batch("world", early, person.items, person.anchor), kept, now=Instant.of(then[0]))
    forms = opened(path, lambda: Instant.of(then[0]))
    planned = sent(forms, "/trial/plan", TRIAL | {"step": "keep"})
    sent(forms, f"{planned}/start", {})
    then[0] = MOMENT
    for address, fields in NOTED.items():
        sent(forms, address, fields)
    forms.settled("/")
    forms.desk.close()
    return path


def sent(forms: Forms, path: str, fields: dict[str, str]) -> str:
    """Where a form leads that was taken."""
    found = forms.fill(path, **fields)
    assert found.status_code == 200, found.text
    return found.url.path


@pytest.fixture
def case(five_months: Path, tmp_path: Path) -> Path:
    """A copy of that casebook, to write into."""
    return Path(shutil.copy(five_months, tmp_path / "anna.mainstay"))


@pytest.fixture
def opens(chromium: Browser) -> Iterator[Callable[..., Window]]:
    """Serves the casebook at a path and opens a browser on it, with or without JavaScript."""
    with ExitStack() as ends:

        def window(path: Path, *, now: Instant = NOW, scripts: bool = True) -> Window:
            desk, doorkeeper = ends.enter_context(served(path, now))
            context = chromium.new_context(
                viewport={"width": 1280, "height": 900}, java_script_enabled=scripts, reduced_motion="reduce"
            )
            ends.callback(context.close)
            return Window(context, desk, doorkeeper)

        yield window


@pytest.fixture
def window(opens: Callable[..., Window], case: Path) -> Window:
    """A browser of the usual width that is let in, with the casebook unlocked; nothing is shown in it yet."""
    found = opens(case)
    found.is_let_in()
    return found
