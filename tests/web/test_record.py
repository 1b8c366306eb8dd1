"""Claims about Record: it opens at once, says where everything came from, and leads to every day and every record."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.quantities import Span
from mainstay.records import logged
from mainstay.records.kinds import Batch, CheckIn, Event, Signal
from mainstay.report.labels import stream_in_words
from mainstay.report.record_calendar import days_of, looks
from mainstay.report.record_marks import MINUTES_PER_DAY, marks
from mainstay.timeline.reader import from_records
from mainstay.web.desk import OWN

from .conftest import NOW, WORDS, opened

DAY = "2024-03-05"


def one_of(page, kind):
    """A record of a kind, from the casebook itself."""
    with page.desk.casebook() as book:
        return next(one for one in book.read(OWN, now=NOW).records if isinstance(one.body, kind))


def in_the_casebook(case, batch):
    """Adds to a casebook that no page has open."""
    with Casebook.open(case, WORDS) as book:
        book.add(batch, Consent(given_at=NOW), now=NOW)


def test_the_record_says_how_much_there_is_of_what_and_from_where(page):
    shown = page.get("/record").text
    with page.desk.casebook() as book:
        streams = book.streams()
    assert f"{sum(one.count for one in streams):,} records" in shown
    for one in streams:
        assert stream_in_words(one.name) in shown
        assert one.sources[0] in shown


def test_an_empty_casebook_says_how_to_bring_something_in(empty_page):
    shown = empty_page.get("/record")
    assert "Nothing is on record yet" in shown.text
    assert 'href="/record/add"' in shown.text


def test_the_record_opens_before_the_records_are_read_and_the_days_follow(page):
    assert "Your days are being counted" in page.get("/record").text or 'class="year"' in page.get("/record").text
    assert 'class="year"' in page.get("/record/days").text
    assert 'class="year"' in page.get("/record").text


def test_the_timeline_holds_every_mark_at_its_local_minute(page):
    held = json.loads(page.get("/record/marks.json").text)
    timeline = page.desk.timeline()
    items = [one for one in held["lanes"] if one["kind"] == "item"]
    assert sum(len(one["times"]) for one in items) == sum(len(one.times) for one in timeline.ratings.values())
    anchor = timeline.ratings[timeline.anchor]
    assert items[0]["name"] == anchor.item.label
    minutes = np.cumsum(items[0]["times"])
    assert np.abs(minutes - timeline.local_days(anchor.times) * MINUTES_PER_DAY).max() <= 0.5
    assert items[0]["values"] == anchor.values.tolist()
    stretches = [one for one in held["lanes"] if one["kind"] == "stretch"]
    assert sum(stretches[0]["lengths"]) / 60 == pytest.approx(stretches[0]["hours"], rel=0.01)


def test_a_signal_is_told_by_the_day(page):
    found = page.desk.timeline()
    day = from_records([_steps(found.origin)], (), None, as_of=found.origin.plus_days(3))
    (lane,) = marks(day)["lanes"]
    assert lane["values"] == [10.0, 30.0]
    assert np.cumsum(lane["times"]).tolist() == [720, 720 + 1440]


def _steps(origin):
    hours = np.array([9.0, 10.0, 33.0, 34.0])
    times = origin.utc_us + (hours * 3_600_000_000).astype(np.int64)
    body = Signal("steps", "count", times, np.array([5.0, 15.0, 25.0, 35.0]))
    template = logged.event("x", "other", origin, now=origin.plus_days(3))
    return replace(template, happened=Span(origin, origin.plus_days(1.5)), known=origin.plus_days(1.5), body=body)


def test_what_records_hold_stays_text_on_every_page(case):
    named = "<script>alert(1)</script>"
    wrong = logged.event(named, "other", NOW.plus_days(-1), now=NOW)
    in_the_casebook(case, Batch("by hand", (wrong,)))
    page = opened(case)
    on = NOW.plus_days(-1).as_local.date()
    for address in (f"/record/day?on={on}", f"/record/one/{wrong.id}", "/record"):
        assert named not in page.get(address).text
    assert "&lt;script&gt;" in page.get(f"/record/day?on={on}").text
    page.desk.close()


def test_a_day_lists_what_happened_in_order_and_leads_to_each_record(page):
    shown = page.get(f"/record/day?on={DAY}").text
    assert "5 March 2024" in shown
    times = re.findall(r'class="time">(\d\d:\d\d)', shown.split("<details>")[0])
    assert times == sorted(times)
    key = re.search(r"/record/one/([0-9a-f]{32})", shown).group(1)
    assert page.get(f"/record/one/{key}").status_code == 200


def test_a_day_without_records_says_why_where_it_is_known(page):
    before = page.desk.timeline().origin.plus_days(-30).as_local.date()
    shown = page.get(f"/record/day?on={before}").text
    assert "Nothing is on record for this day" in shown


@pytest.mark.parametrize("on", ["", "yesterday", "2024-02-31", "9999-01-01", "0001-01-01", "2024-03-05T10:00"])
def test_what_is_no_day_to_look_back_on_is_refused_in_words(page, on):
    found = page.get(f"/record/day?on={on}")
    assert found.status_code == 400
    assert "is no date" in found.text or "is no day to look back on" in found.text


def test_a_record_says_when_it_was_known_and_where_it_is_from(page):
    answer = one_of(page, CheckIn)
    shown = page.get(f"/record/one/{answer.id}").text
    assert f"{answer.body.value:g}" in shown
    assert answer.source in shown
    assert "Known since" in shown
    assert NOW.day_in_words in shown  # when it was added


def test_a_corrected_record_leads_to_what_stands_in_its_place(case):
    page = opened(case)
    wrong = one_of(page, Event)
    page.desk.close()
    right = logged.event("another", wrong.body.is_, wrong.happened, now=NOW, replaces=wrong)
    in_the_casebook(case, Batch("by hand", (right,)))
    page = opened(case)
    assert f"/record/one/{right.id}" in page.get(f"/record/one/{wrong.id}").text
    assert f"/record/one/{wrong.id}" in page.get(f"/record/one/{right.id}").text
    happened = wrong.happened.as_local.date()
    assert 'class="corrected"' in page.get(f"/record/day?on={happened}").text
    page.desk.close()


def test_an_id_that_nobody_has_is_told_in_words(page):
    found = page.get(f"/record/one/{'0' * 32}")
    assert found.status_code == 400
    assert "no record that may be read has this id" in found.text


def test_without_consent_only_names_and_counts_are_shown(page):
    known = one_of(page, CheckIn)
    with page.desk.writing() as book:
        book.withdraw((), (OWN,), now=NOW)
    shown = page.get("/record").text
    assert "Not shown, because it may not be used" in shown
    assert 'id="timeline"' not in shown
    for address in ("/record/marks.json", "/record/days", f"/record/day?on={DAY}", f"/record/one/{known.id}"):
        assert page.get(address).status_code == 403


def test_a_locked_casebook_gives_no_marks(page):
    page.get("/record/marks.json")
    page.fill("/lock")
    for address in ("/record", "/record/marks.json", "/record/days", f"/record/day?on={DAY}"):
        assert page.get(address).url.path == "/unlock"


def test_the_still_picture_refers_to_nothing_outside_itself(page):
    drawn = page.get("/record/picture.svg?width=380")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "http" not in drawn.text.replace("http://www.w3.org/", "")


def test_the_calendar_has_every_day_once_and_its_shade_follows_the_answers(page):
    timeline = page.desk.timeline()
    days = days_of(timeline)
    found = looks(days)
    assert len(found) == int(np.ceil(timeline.days))
    share = days.answered / np.maximum(days.sent, 1)
    assert set(found[(days.sent > 0) & (share >= 0.75)]) == {"shade3"}
    assert days.sent.sum() == len(timeline.prompts_sent)


def test_a_record_can_be_put_right_and_taken_back_from_its_own_page(page):
    answer = one_of(page, CheckIn)
    shown = page.get(f"/record/one/{answer.id}").text
    assert f'href="/write/correct/{answer.id}"' in shown
    page.fill("/write/take-back", of=answer.id)
    assert "This was taken back on" in page.get(f"/record/one/{answer.id}").text


def test_every_stream_leads_to_who_may_use_it(page):
    shown = page.get("/record").text
    with page.desk.casebook() as book:
        keys = [one.identity for one in book.streams()]
    for key in keys:
        assert f'href="/consent/stream/{key}"' in shown


def test_of_many_years_the_earlier_ones_are_one_click_away(case):
    long_ago = [logged.event("moved house", "other", NOW.plus_days(-365 * k), now=NOW) for k in range(1, 5)]
    in_the_casebook(case, Batch("by hand", tuple(long_ago)))
    page = opened(case)
    shown = page.get("/record/days").text
    assert "3 earlier years" in shown
    assert shown.count('class="year"') == 5
    page.desk.close()
