"""Claims about every page, as a browser shows it: nothing leaves, nothing breaks, anybody can use it."""

import re
from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from mainstay.web.showing import CHAPTERS, KEEPING

WIDTHS = (360, 1280, 2560)
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
UNFOLD = "document.querySelectorAll('details:not(.menu)').forEach((one) => { one.open = true; })"
LINKS = "[...document.querySelectorAll('a[href]:not([download])')].map((one) => one.getAttribute('href'))"
KEY = re.compile(r"(?<=/)(?:[0-9a-f]{8,}|\d{4}-\d\d-\d\d)(?=/|$)")
FILES = re.compile(r"\.(?:html|ics|csv|svg|json)$")


def every_page(window) -> Iterator[tuple[str, Page]]:
    """Each page that links lead to from the menu, one of its kind: `/record/one/…` is looked at once."""
    ahead, met = [place.path for place in (*CHAPTERS, *KEEPING)], set()
    while ahead:
        path = ahead.pop(0)
        kind = KEY.sub("*", path.partition("?")[0])
        if kind in met or FILES.search(kind):
            continue
        met.add(kind)
        page = window.goes(path)
        page.wait_for_load_state("networkidle")
        ahead += [one for one in page.evaluate(LINKS) if one.startswith("/")]
        yield path, page


def broken(page: Page, axe: Axe, rules: list[str] | None = None) -> list[str]:
    """The rules of accessibility that a page breaks, each with the first element that does."""
    options = {"resultTypes": ["violations"]} | ({"runOnly": rules} if rules else {})
    found = axe.run(page, options=options).response["violations"]
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


def test_every_page_can_be_used_by_anybody_and_asks_nobody_else(opens, case):
    window, axe = opens(case), Axe()
    told = {"/unlock": broken(window.let_in(), axe)}
    window.unlocks()
    for path, page in every_page(window):
        page.evaluate(UNFOLD)
        found = broken(page, axe)
        page.emulate_media(color_scheme="dark")
        found += [f"dark: {one}" for one in broken(page, axe, ["color-contrast"])]
        page.emulate_media(color_scheme="light")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            over = page.evaluate(OVERFLOW)
            found += [f"{over} px too wide at {width} px"] if over > 0 else []
        page.set_viewport_size({"width": 1280, "height": 900})
        told[path] = found + window.faults
        window.faults.clear()
    assert {path: found for path, found in told.items() if found} == {}
    assert window.left == []
    assert len(told) > 40


def test_every_page_can_be_read_without_scripts(opens, case):
    window = opens(case, scripts=False)
    window.unlocks()
    for place in (*CHAPTERS, *KEEPING):
        page = window.goes(place.path)
        assert page.locator("main h1").count() == 1, place.path
        assert len(page.locator("main").inner_text()) > 80, place.path


def test_the_first_tab_goes_to_the_page_itself(window):
    page = window.goes("/consent")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
