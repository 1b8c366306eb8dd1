"""Claims about what is shown before the records are read: it says so, and is brought up to date by itself."""

import time

import pytest

from browser.conftest import NOW
from mainstay.web import first_look

TOMORROW = NOW.plus_days(1)
STOOD = "As it stood on 3 June 2024"


@pytest.fixture
def looked_at(case, opens):
    """The casebook after an evening on which its page was looked at."""
    window = opens(case)
    window.is_let_in()
    window.goes("/")
    for _ in range(1200):
        found = first_look.look(window.desk)
        if found is not None and found.exact and found.kept.figures:
            break
        time.sleep(0.1)
    else:
        raise AssertionError("nothing was kept")
    window.desk.lock()
    return case


def test_the_next_day_it_is_there_at_once_and_brought_up_to_date_by_itself(looked_at, opens):
    window = opens(looked_at, now=TOMORROW)
    window.is_let_in()
    page = window.page
    page.goto(window.origin + "/")
    assert STOOD in page.locator("main").inner_text()
    page.locator("[data-as-it-stood]").wait_for(state="detached")
    assert STOOD not in page.locator("main").inner_text()
    assert not window.faults


def test_what_somebody_is_at_is_never_torn_away(looked_at, opens):
    window = opens(looked_at, now=TOMORROW)
    window.is_let_in()
    page = window.page
    page.goto(window.origin + "/")
    page.get_by_text("How are you now?").click()
    page.get_by_role("link", name="Show it up to date").wait_for()
    assert page.locator("form.check-in").is_visible()
    page.get_by_role("link", name="Show it up to date").click()
    page.locator("[data-as-it-stood]").wait_for(state="detached")


def test_without_scripts_it_looks_again_by_itself(looked_at, opens):
    window = opens(looked_at, now=TOMORROW, scripts=False)
    window.is_let_in()
    window.page.goto(window.origin + "/")
    assert STOOD in window.page.locator("main").inner_text()
    window.page.locator("[data-as-it-stood]").wait_for(state="detached")
