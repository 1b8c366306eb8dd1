"""Claims about what Today shows."""

import re

from mainstay.web.drawing import made_ready
from mainstay.web.showing import CHAPTERS


def test_today_says_how_things_stand_and_what_could_be_done(page):
    shown = page.settled("/")
    assert shown.status_code == 200
    assert "What could be done:" in shown.text
    assert "/picture.svg" in shown.text


def test_today_says_in_a_clause_where_each_chapter_stands_and_leads_there(page):
    shown = page.settled("/").text
    stands = shown.split("Where each question stands", 1)[1]
    for place in CHAPTERS[1:]:
        assert re.search(rf'<a href="{place.path}"><span class="name">[^<]+</span> <span>[^<]+</span>', stands), place


def test_today_names_no_command_of_the_terminal(page):
    assert "mainstay " not in re.sub(r"<[^>]*>", "", page.settled("/").text)


def test_as_of_an_earlier_day_every_link_of_the_story_stays_there(page):
    shown = page.settled("/?as_of=2024-03-20").text
    assert "Told as of the end of" in shown
    for place in CHAPTERS:
        assert f'href="{place.path}?as_of=2024-03-20"' in shown
    assert "as_of=2024-03-20" in re.search(r'srcset="([^"]*)"', shown)[1]


def test_an_empty_casebook_says_how_to_begin(empty_page):
    shown = empty_page.get("/")
    assert shown.status_code == 200
    assert "Nothing is on record yet" in shown.text


def test_the_picture_refers_to_nothing_outside_itself(page):
    page.settled("/")
    drawn = page.get("/picture.svg?width=380&dark=1")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "http" not in drawn.text.replace("http://www.w3.org/", "")


def test_the_picture_is_drawn_once_and_anew_for_another_story(page, monkeypatch):
    drawn = []

    def draws(spec):
        drawn.append(spec["description"])
        return "<svg fill='#fffdf9'/>"

    monkeypatch.setattr("mainstay.web.drawing.picture_svg", draws)
    page.settled("/")
    first = [page.get(f"/picture.svg?width=700&dark={dark}").text for dark in (0, 1, 0)]
    assert first == ["<svg fill='#fffdf9'/>", "<svg fill='#16181c'/>", "<svg fill='#fffdf9'/>"]
    assert len(drawn) == 1
    page.settled("/?as_of=2024-03-20")
    page.get("/picture.svg?width=700&as_of=2024-03-20")
    assert len(drawn) == 2


def test_a_picture_that_cant_be_drawn_is_refused_in_words(page):
    page.settled("/")
    for width in ("7", "99999999999999", "²", "wide"):
        refused = page.get("/picture.svg", params={"width": width})
        assert refused.status_code == 400
        assert "pixels wide can" in refused.text


def test_what_was_drawn_is_gone_once_the_casebook_is_locked(page):
    page.settled("/")
    page.get("/picture.svg?width=380")
    assert page.desk.beside
    page.fill("/lock")
    assert not page.desk.beside


def test_a_locked_casebook_shows_nothing_but_the_question_for_the_passphrase(page):
    page.fill("/lock")
    for path in ("/", "/picture.svg", "/nowhere"):
        found = page.get(path)
        assert found.url.path == "/unlock"
        assert "tension" not in found.text


def test_what_draws_is_made_ready_while_the_records_are_read(page):
    page.get("/")
    made_ready().join(60.0)
    assert not made_ready().is_alive()
    assert made_ready() is made_ready()
