"""Claims about what a person does on the page, by mouse and by keyboard, in a real browser."""

import time

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.records.kinds import Batch
from mainstay.trials.sealing import trials_of
from mainstay.worlds.ordinary import MONDAY, TENSION
from timeline.lives import ROLES, life
from web.conftest import WORDS

LATER = MONDAY.plus_days(130)

TEN_SECONDS = 10.0
DIARY = "when,mood,sleep\n" + "".join(f"2024-05-{day:02} 21:00,{1 + day % 7},{6 + day % 3}\n" for day in range(1, 29))


def by_keyboard(page, until: str, most: int = 60) -> int:
    """Tab on to the element that a selector names: how often Tab was pressed."""
    for pressed in range(1, most + 1):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", until):
            return pressed
    raise AssertionError(f"{until} is not reached within {most} presses of Tab")


def test_a_check_in_on_today_takes_less_than_ten_seconds_by_mouse(window):
    page, before = window.goes("/"), window.counted()
    began = time.monotonic()
    page.get_by_text("How are you now?").click()
    questions = page.locator("form.check-in fieldset.taps-of").count()
    for k in range(questions):
        page.locator("form.check-in fieldset.taps-of").nth(k).get_by_role("radio", name="3", exact=True).check()
    page.get_by_role("button", name="Note it").click()
    page.locator("p.told").wait_for()
    assert time.monotonic() - began < TEN_SECONDS
    assert page.url == window.origin + "/"
    assert window.counted() == before + questions


def test_a_check_in_on_today_goes_by_keyboard_alone(window):
    page, before = window.goes("/"), window.counted()
    by_keyboard(page, "details.now > summary")
    page.keyboard.press("Enter")
    asked = page.locator("form.check-in fieldset.taps-of").count()
    page.keyboard.press("Tab")
    for _ in range(asked):
        page.keyboard.press("5")
    assert page.evaluate("document.activeElement.innerText") == "Note it"
    page.keyboard.press("Enter")
    page.locator("p.told").wait_for()
    assert window.counted() == before + asked


def test_a_table_is_brought_in_with_a_preview_and_a_receipt(window):
    page, before = window.goes("/record"), window.counted()
    page.get_by_role("link", name="Bring something in").click()
    window.at("/record/add")
    page.get_by_label("A file").set_input_files({"name": "diary.csv", "mimeType": "text/csv", "buffer": DIARY.encode()})
    page.get_by_role("button", name="Bring it in").click()
    page.get_by_role("heading", name="Is this right?").wait_for()
    assert page.locator("main table tbody tr").count() >= 3
    for field in page.locator("main select").all():
        field.select_option(index=1)
    for field in page.locator("main input[list=zones]").all():
        field.fill("Europe/Amsterdam")
    page.get_by_role("button", name="Keep these records").click()
    page.get_by_role("heading", name="Brought in").wait_for()
    rows = page.get_by_role("region", name="Records found").locator("tbody tr").all_inner_texts()
    found, new = zip(*(map(int, row.split("\t")[1:]) for row in rows), strict=True)
    assert found == new
    assert sum(new) == window.counted() - before >= 28


def test_a_stream_is_withdrawn_and_the_way_back_is_one_click(window):
    page = window.goes("/consent")
    withdraw = page.get_by_role("row").filter(has=page.get_by_role("link", name="check-ins")).get_by_role("button")
    withdraw.first.click()
    window.at("/consent/withdrawn")
    assert "from now on not used for" in page.locator(".claim").inner_text()
    assert window.desk.timeline().left_out == ("check_ins",)
    page.get_by_role("button", name="Undo").click()
    window.at("/consent")
    assert window.desk.timeline().left_out == ()


def test_the_year_is_replayed_by_a_slider_with_mouse_and_keyboard(window):
    page = window.goes("/")
    page.get_by_text("Look back in time").click()
    slider = page.get_by_role("slider")
    box = slider.bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/?as_of=*")
    window.settled()
    middle = page.locator("p.replay time").get_attribute("datetime")
    assert middle in page.url
    assert middle < "2024-05-01"
    page.get_by_role("slider").focus()
    page.keyboard.press("PageUp")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "as_of" in url and middle not in url)
    window.settled()
    assert page.locator("p.replay time").get_attribute("datetime") > middle
    page.locator("p.replay").get_by_role("link", name="Back to today").click()
    assert window.at("/").locator("p.replay").count() == 0


def test_a_trial_is_planned_begun_and_a_day_of_it_noted(window):
    page = window.goes("/trial")
    page.get_by_role("button", name="Yes").click()
    page.locator("p.told").wait_for()
    window.goes("/trial")
    page.get_by_role("link", name="Plan another").click()
    window.at("/trial/plan")
    page.get_by_label("What is tried").fill("no phone after nine")
    page.get_by_label("What should it change?").select_option("tension")
    page.get_by_label("The least difference").fill("1")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("heading", name="How are the days dealt out?").wait_for()
    page.get_by_label("First day").fill("2024-06-05")
    page.get_by_label("A short name for it").fill("screens")
    page.get_by_role("button", name="Keep this plan").click()
    page.get_by_role("heading", name="screens").wait_for()
    page.get_by_role("button", name="Draw the days, and begin").click()
    page.locator("p.told").wait_for()
    begun = {one.name: one.begun is not None for one in trials_of(window.desk.timeline())}
    assert begun == {"evenings": True, "screens": True}


def test_a_role_that_was_inferred_is_settled_with_one_click_and_taken_back_with_another(opens, tmp_path):
    path = tmp_path / "life.mainstay"
    with Casebook.create(path, WORDS, now=MONDAY, cost=KeySlotCost.least()) as book:
        book.add(Batch("test", life(1).records, (TENSION,), TENSION.name), Consent(given_at=LATER), now=LATER)
    window = opens(path, now=LATER)
    window.is_let_in()
    page, before = window.goes("/record/roles"), window.counted()
    page.get_by_role("button", name=f"I was in the role {ROLES[1]}").first.click()
    page.get_by_text("noted by hand").first.wait_for()
    assert "Noted: in the role" in page.locator("p.told").inner_text()
    assert window.counted() > before
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_text("noted by hand").wait_for(state="detached")
