"""Claims about the scale strain is told on: a table brought in sets it where there is none, and never moves it."""

from .test_bring_in import send, settled

MOODS = "time,mood\n" + "".join(f"2024-03-{day:02d} 21:00,{day % 5 + 1}\n" for day in range(1, 29))


def brought_in(page):
    shown = settled(page, send(page, MOODS, "mood.csv"))
    assert "mood = " in shown.text
    kept = settled(page, page.fill(shown.url.path, do="keep", q0="Europe/Amsterdam"))
    assert "Brought in" in kept.text


def test_a_guessed_table_leaves_strain_on_the_scale_it_was_told_on(page):
    before = page.desk.timeline().anchor
    assert before not in (None, "mood")
    brought_in(page)
    now = page.desk.timeline()
    assert (now.anchor, "mood" in now.ratings) == (before, True)


def test_the_first_table_says_what_strain_is_told_on(empty_page):
    brought_in(empty_page)
    assert empty_page.desk.timeline().anchor == "mood"
