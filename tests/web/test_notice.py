"""Claims about Notice: whether something changes, first in a sentence, then answer by answer."""

import re
from html import unescape

from mainstay.report.grouping import is_count
from mainstay.report.words import clean


def test_the_question_is_answered_before_anything_else(page):
    shown = page.settled("/notice").text
    main = shown.split('<main id="main"', 1)[1]
    heading, claim = main.index("<h1>Is something changing?"), main.index('class="claim lead-claim"')
    assert heading < claim < main.index("<picture>") < main.index("What is usual</h2>")


def test_what_an_answer_rests_on_is_one_click_away(page):
    shown = page.settled("/notice").text
    answer = re.search(r"“tension” is usually.*?</article>", shown, re.DOTALL)[0]
    assert "<summary>What this rests on</summary>" in answer
    for fact in ("From what", "How it was worked out"):
        assert f"<dt>{fact}</dt>" in answer


def test_items_are_named_by_what_they_ask(page):
    shown = page.settled("/notice").text
    assert "as_myself" not in shown
    assert "How much are you yourself right now?" in shown


def test_the_picture_of_what_is_noticed_is_drawn_for_the_day_asked_for(page):
    page.settled("/notice?as_of=2024-03-20")
    drawn = page.get("/notice/picture.svg?width=380&as_of=2024-03-20")
    assert drawn.headers["content-type"].startswith("image/svg+xml")


def test_what_cant_be_said_is_folded_away_where_something_is_said(page):
    shown = page.settled("/notice").text
    thin = re.findall(r'<section class="group">.*?</section>', shown, re.DOTALL)
    beside = [one for one in thin if "cannot-say" in one and 'class="told-answer"' in one]
    assert beside
    for one in beside:
        assert one.index("What can’t be said of it yet") < one.index("cannot-say")


def test_how_often_each_thing_happens_is_told_by_itself_too(page):
    text = unescape(page.settled("/notice").text).replace("\u00a0", " ")
    found = [one for one in page.desk.story(patience_s=60).answers if is_count(one)]
    assert len(found) > 3
    for one in found:
        assert clean(one.claim) in text


def test_an_empty_casebook_says_how_to_begin(empty_page):
    for path in (
        "/notice",
        "/patterns",
        "/explanations",
        "/futures",
        "/options",
        "/replay",
        "/patterns/before-and-after",
    ):
        shown = empty_page.get(path)
        assert shown.status_code == 200
        assert "Nothing is on record yet" in shown.text
