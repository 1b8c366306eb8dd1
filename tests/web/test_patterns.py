"""Claims about Pattern: what strains and what restores."""

import re


def test_what_strains_and_what_eases_is_said_first(page):
    shown = page.settled("/patterns").text
    lead = re.search(r'class="claim lead-claim">(.*?)</p>', shown)[1]
    assert "what strains" in lead or "add strain" in lead
    assert "<h1>What strains, what restores?</h1>" in shown


def test_the_pictures_stand_on_the_page_without_a_style_of_their_own(page):
    shown = page.settled("/patterns").text
    assert "style=" not in shown
    assert "<style" not in shown
    assert 'href="/chapters.css"' in shown
    sheet = page.get("/chapters.css")
    assert sheet.headers["content-type"].startswith("text/css")
    assert ".company" in sheet.text
    assert "http" not in sheet.text


def test_what_came_before_what_is_worked_out_when_asked_for(page):
    assert 'href="/patterns/before-and-after"' in page.settled("/patterns").text
    shown = page.settled("/patterns/before-and-after")
    assert shown.status_code == 200
    assert "What came before and after" in shown.text
