"""Claims about Futures: what is shown, what is withheld, and forecasts written down by a button only."""

import re

from mainstay.futures.ledger import ledger_of

from .conftest import NOW


def written(page):
    with page.desk.casebook() as book:
        return ledger_of(book, now=NOW).forecasts


def test_looking_writes_no_forecast_down(page):
    page.settled("/futures")
    assert written(page) == ()


def test_forecasts_are_written_down_by_a_button_and_once_a_day(page):
    first = page.fill("/futures/write-down")
    assert first.status_code == 200
    kept = written(page)
    again = page.fill("/futures/write-down")
    assert written(page) == kept
    assert ("Written down." if kept else "were written down before") in first.text
    assert "were written down before" in again.text


def test_a_figure_of_the_chapter_is_drawn_and_another_is_refused(page):
    shown = page.settled("/futures").text
    for address in re.findall(r'<img src="(/futures/figure/[^"]*)"', shown):
        assert page.get(address.replace("&amp;", "&")).headers["content-type"].startswith("image/svg+xml")
    refused = page.get("/futures/figure/nothing.svg")
    assert refused.status_code == 400
    assert "no such figure" in refused.text
