"""Claims about looking back: as of which days a page can be told, and on which of them an answer changed."""

import re
import time
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import pytest

from mainstay.quantities import CannotSay, Instant
from mainstay.web.desk import Working
from mainstay.web.looking_back import Notable, looking_back, months_on
from mainstay.web.replayed import Walked, day_of, notable_in


@dataclass
class Month:
    as_of: Instant
    overall: CannotSay


def month(day, reason="", **about):
    return Month(Instant.parse(f"{day}T00:00+02:00"), CannotSay(reason or "too little", **about))


def walked(page):
    for _ in range(900):
        found = page.get("/replay")
        if "refresh" not in found.headers:
            return found
        time.sleep(0.1)
    raise AssertionError("the replay was never done")


def test_a_page_offers_the_days_of_its_record_and_no_other(page):
    shown = page.settled("/notice").text
    assert 'min="2024-01-08"' in shown
    assert 'max="2024-04-15"' in shown or 'max="2024-04-14"' in shown
    assert "Look back in time" in shown


def test_a_replay_is_told_as_one_with_the_steps_from_it(page):
    shown = page.settled("/notice?as_of=2024-03-20").text
    assert "Told as of the end of" in shown
    assert 'value="2024-03-20"' in shown
    assert 'href="/notice?as_of=2024-02-20">A month earlier' in shown
    assert 'href="/notice">Back to today' in shown


def test_a_day_to_come_or_no_day_is_refused_in_words(page):
    for day in ("2024-12-01", "yesterday", "2024-02-30"):
        refused = page.get("/notice", params={"as_of": day})
        assert refused.status_code == 400
        assert "the date" in refused.text


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2024, 3, 31), -1, date(2024, 2, 29)),
        (date(2025, 3, 31), -1, date(2025, 2, 28)),
        (date(2024, 12, 31), 1, date(2025, 1, 31)),
        (date(2024, 1, 15), -1, date(2023, 12, 15)),
    ],
)
def test_a_month_on_is_the_same_day_or_the_months_last(day, months, then):
    assert months_on(day, months) == then


def test_a_month_that_ends_at_midnight_is_told_as_of_the_day_before():
    assert day_of(month("2024-03-01")) == date(2024, 2, 29)


def test_days_on_which_the_answer_changed_are_those_told():
    from mainstay.quantities import Finding, Interval

    def led(day, name):
        found = Finding(
            "S14", "explanation", "unconfirmed", "x", "weight", 0.5, Interval(0.4, 0.6, 0.9), "share", 3, "m",
            detail={"leading": (name,)},
        )  # fmt: skip
        return Month(Instant.parse(f"{day}T00:00+02:00"), found)

    months = (month("2024-02-01"), month("2024-03-01"), led("2024-04-01", "season"), led("2024-05-01", "season"))
    assert [(one.day, one.said) for one in notable_in(months)] == [(date(2024, 3, 31), "Unconfirmed: season, 50 %")]


def test_the_year_is_walked_while_somebody_waits_and_each_date_leads_to_its_day(page):
    shown = walked(page).text
    assert "2024-03-31" in re.findall(r"explanations\?as_of=([0-9-]+)", shown)
    held = page.desk.beside["replayed"]
    assert isinstance(held, Walked)
    assert len(held.months) > 1


def test_what_was_walked_is_gone_once_the_casebook_is_locked(page):
    walked(page)
    page.fill("/lock")
    assert "replayed" not in page.desk.beside


def test_while_months_are_to_come_the_page_says_how_many_and_looks_again(page, monkeypatch):
    monkeypatch.setattr(page.desk, "made", lambda *_, **__: Working("soon"))
    shown = page.get("/replay")
    assert shown.headers["refresh"] == "2"
    assert "looks again by itself" in shown.text


def test_as_of_an_earlier_day_no_change_is_told_that_came_later(page):
    page.settled("/notice")
    found = (Notable(date(2024, 2, 29), "early"), Notable(date(2024, 3, 31), "later"))
    asked = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace(desk=page.desk)))
    told = {}
    for day in ("", "2024-03-20"):
        asked.query_params = {"as_of": day} if day else {}
        told[day] = [one.said for one in looking_back(asked, notable=found).notable]
    assert told == {"": ["early", "later"], "2024-03-20": ["early"]}
