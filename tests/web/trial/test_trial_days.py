"""A trial on the page once its days are drawn: noted, looked at, ended; what is shown to whom, and nothing else."""

import re
from datetime import datetime
from html import unescape

from mainstay.casebook.by_hand import keep
from mainstay.doors import trials as steps
from mainstay.records import logged
from web.conftest import Page
from web.trial.conftest import FIRST, RAIN, SECOND, Clock, kept, ready, the_trial, words


def test_pressed_twice_the_days_are_drawn_once(page: Page, begun: str) -> None:
    drawn = the_trial(page, begun).begun
    assert page.fill(f"/trial/{begun}/start").status_code == 200
    assert the_trial(page, begun).begun.id == drawn.id
    assert the_trial(page, begun).wrong == ()


def test_a_calendar_says_nothing_by_itself_and_files_have_neutral_names(page: Page, begun: str) -> None:
    neutral, full = page.get(f"/trial/{begun}/days.ics"), page.get(f"/trial/{begun}/days.ics?full=1")
    assert "SUMMARY:Day B" in neutral.text
    assert not any(one in neutral.text for one in ("evening", "jetty", "oneself"))
    assert "the jetty" in full.text
    table = page.get(f"/trial/{begun}/days.csv")
    assert len(table.text.splitlines()) == 29
    for found, name in ((neutral, "days.ics"), (full, "days.ics"), (table, "days.csv")):
        assert found.headers["content-disposition"] == f'attachment; filename="{name}"'
        assert found.headers["cache-control"] == "no-store"
    assert words(page.get(f"/trial/{begun}/print")).count("an evening as oneself") > 14


def test_a_day_is_noted_in_two_taps_and_the_last_word_counts(page: Page, begun: str, clock: Clock) -> None:
    assert "Did it go like this?" not in page.get("/trial").text
    clock.set(1)
    assert "Today, Mon 22 April" in words(page.get("/trial"))
    noted = page.fill(f"/trial/{begun}/day", day="2024-04-22", kept="yes", back="trials", note=RAIN)
    assert noted.url.path == "/trial"
    assert "Noted: as drawn." in words(noted)
    page.fill(f"/trial/{begun}/day", day="2024-04-22", kept="partly", ticked="place")
    told = page.get(f"/trial/{begun}/days")
    assert "partly as drawn" in words(told)
    assert "checked" in page.get(f"/trial/{begun}/day/2024-04-22").text


def test_missed_days_are_noted_at_once_all_or_none(page: Page, begun: str, clock: Clock) -> None:
    clock.set(5)
    assert "4 earlier days are not noted yet" in words(page.get("/trial"))
    days = [f"2024-04-{k}" for k in (22, 23, 24, 25)]
    said = {f"kept.{day}": "yes" for day in days} | {f"note.{days[0]}": RAIN}
    wrong = page.fill(f"/trial/{begun}/days", **said | {"kept.2024-05-09": "yes"})
    assert wrong.status_code == 400
    assert "still to come" in words(wrong)
    assert unescape(RAIN) in unescape(wrong.text)
    assert [one.says.kind for one in the_trial(page, begun).notes] == []
    assert "Noted: 4 days." in words(page.fill(f"/trial/{begun}/days", **said))
    assert len(the_trial(page, begun).notes) == 4
    assert "<b>wind</b>" not in page.get(f"/trial/{begun}/days").text
    assert "say of a day" in words(page.fill(f"/trial/{begun}/days")).casefold()


def test_a_day_that_contradicts_itself_is_told_with_what_was_typed(page: Page, begun: str, clock: Clock) -> None:
    clock.set(1)
    drawn = steps.arm_on(the_trial(page, begun), datetime(2024, 4, 22).date()).name
    other = next(one.name for one in the_trial(page, begun).protocol.says.arm if one.name != drawn)
    for fields in (
        {"kept": "yes", "instead": other},
        {"kept": "maybe"},
        {"kept": ""},
        {"kept": "no", "note": "x" * 9999},
    ):
        shown = page.fill(f"/trial/{begun}/day", day="2024-04-22", **({"note": "a note"} | fields))
        assert shown.status_code == 400
        assert 'role="alert"' in shown.text
        assert fields.get("note", "a note") in shown.text
    assert page.fill(f"/trial/{begun}/day", day="2024-04-23", kept="yes").status_code == 400
    assert page.fill(f"/trial/{begun}/day", day="yesterday", kept="yes").status_code == 404
    assert the_trial(page, begun).notes == ()


def test_enter_in_the_note_asks_and_decides_nothing(page: Page, begun: str, clock: Clock) -> None:
    clock.set(1)
    first = re.search(r'<button type="submit" name="kept" value="([^"]*)"', page.get("/trial").text)
    assert first is not None
    asked = page.fill(f"/trial/{begun}/day", day="2024-04-22", kept=first[1], note="We went by boat")
    assert asked.status_code == 400
    assert 'value="We went by boat"' in asked.text
    assert the_trial(page, begun).notes == ()


def test_a_plan_written_anew_after_it_began_is_told_and_the_sealed_one_counts(
    page: Page, begun: str, clock: Clock
) -> None:
    text = the_trial(page, begun).protocol.text
    with page.desk.writing() as book:
        now = clock()
        keep(book, (logged.statement("protocol", text.replace("matters = 0.5", "matters = 0.1"), now=now),), now=now)
    shown = words(page.get(f"/trial/{begun}"))
    assert "Its seal: written anew on 21 April 2024, after it began" in shown
    assert "a difference of 0.5 would matter" in shown


def test_looking_is_kept_and_told_again_as_it_was(page: Page, begun: str, clock: Clock) -> None:
    clock.set(10)
    assert "Nobody has looked yet" in words(page.get(f"/trial/{begun}/look"))
    shown = page.fill(f"/trial/{begun}/look")
    assert "days are over" in words(shown)
    clock.set(12)
    assert "9 of 28 days are over" in words(ready(page, f"/trial/{begun}/look"))
    assert [one.says.kind for one in the_trial(page, begun).notes] == ["looked"]
    assert "it was looked at once so far" in words(page.get(f"/trial/{begun}"))


def test_before_its_end_nothing_of_the_report_is_shown(page: Page, begun: str, clock: Clock) -> None:
    clock.set(10)
    assert "told once it is over" in words(page.get(f"/trial/{begun}/report"))
    for path in ("figure.svg", "report.html"):
        assert page.get(f"/trial/{begun}/{path}").status_code == 404


def test_an_end_needs_a_reason_and_is_told(page: Page, begun: str, clock: Clock) -> None:
    clock.set(10)
    asked = page.fill(f"/trial/{begun}/end", why=" ")
    assert asked.status_code == 400
    assert 'aria-describedby="wrong-why"' in asked.text
    ended = page.fill(f"/trial/{begun}/end", why="We moved house")
    assert "We moved house" in words(ready(page, ended.url.path))
    assert page.fill(f"/trial/{begun}/end", why="Again").status_code == 400
    assert "Ended on 1 May 2024" in words(page.get("/trial"))


def test_reading_changes_nothing(page: Page, begun: str, clock: Clock) -> None:
    clock.set(9)
    with page.desk.casebook() as book:
        before = book.stamp("own_answers", now=clock())
    for path in ("", "/days", "/day/2024-04-22", "/look", "/report", "/print", "/days.ics", "/days.csv", "/change"):
        assert ready(page, f"/trial/{begun}{path}").status_code == 200
    for path in ("/trial", "/trial/plan", "/trial/plan/file", "/trial?as_of=2024-04-22"):
        assert ready(page, path).status_code == 200
    with page.desk.casebook() as book:
        assert book.stamp("own_answers", now=clock()) == before


def test_as_of_an_earlier_day_nothing_can_be_done(page: Page, begun: str, clock: Clock) -> None:
    clock.set(9)
    page.fill(f"/trial/{begun}/day", day="2024-04-30", kept="yes")
    for path in ("/trial", f"/trial/{begun}", f"/trial/{begun}/days", f"/trial/{begun}/day/2024-04-22"):
        shown = ready(page, f"{path}?as_of=2024-04-25")
        assert 'method="post"' not in shown.text.partition("<main")[2]
        assert "30 April" not in words(shown)
    assert "Day 4 of 28" in words(page.get("/trial?as_of=2024-04-25"))
    assert "3 of 28 days are over" in words(ready(page, f"/trial/{begun}/look?as_of=2024-04-25"))
    assert "No trial was on record then" in words(ready(page, "/trial?as_of=2024-04-10"))


def test_what_consent_hides_is_not_planned_anew(page: Page, begun: str) -> None:
    with page.desk.writing() as book:
        book.withdraw(["protocol"], ["own_answers"], now=page.desk.clock())
    for path in ("/trial", "/trial/plan", f"/trial/{begun}", f"/trial/{begun}/days.csv"):
        shown = page.get(path)
        assert shown.status_code == 403
        assert 'href="/consent"' in shown.text
        assert "evening" not in shown.text
    assert page.fill("/trial/plan", **(FIRST | SECOND), step="keep").status_code == 403


def test_nothing_of_the_records_stands_in_an_address_and_no_name_is_markup(page: Page, clock: Clock) -> None:
    key = kept(page, tried="<script>alert(1)</script>", name='"><b>loud</b>', what="=1+1")
    page.fill(f"/trial/{key}/start")
    clock.set(2)
    page.fill(f"/trial/{key}/day", day="2024-04-22", kept="no", note="<img src=x>")
    page.fill(f"/trial/{key}/look")
    clock.set(40)
    for path in ("/trial", "", "/days", "/day/2024-04-22", "/look", "/report", "/print", "/report.html"):
        shown = ready(page, path if path == "/trial" else f"/trial/{key}{path}")
        assert shown.status_code == 200
        assert not any(one in shown.text for one in ("<script>alert", "<b>loud", "<img src=x"))
        links = re.findall(r'(?:href|src|action)="(/[^"]*)"', shown.text)
        assert not any(one in " ".join(links) for one in ("loud", "alert", "tension", "%3C"))


def test_of_no_trial_there_is_no_page(page: Page) -> None:
    for path in ("", "/days", "/day/2024-04-22", "/look", "/report", "/print", "/days.ics", "/figure.svg", "/change"):
        assert page.get(f"/trial/{'0' * 32}{path}").status_code == 404
    for path in ("/start", "/day", "/days", "/look", "/end"):
        assert page.fill(f"/trial/{'0' * 32}{path}", day="2024-04-22", kept="yes", why="x").status_code in (400, 404)


def test_of_two_trials_the_one_going_on_stands_first(page: Page, begun: str, clock: Clock) -> None:
    kept(page, name="aside", tried="a walk", start="2024-04-29")
    clock.set(2)
    told = words(page.get("/trial"))
    assert told.index("evenings") < told.index("aside")


def test_today_asks_of_the_trial_that_is_going_on_until_the_day_is_noted(page: Page, begun: str, clock: Clock) -> None:
    clock.set(1.0)
    asked = ready(page, "/")
    assert f'action="/trial/{begun}/day"' in asked.text
    noted = page.fill(f"/trial/{begun}/day", day="2024-04-22", kept="yes", back="today")
    assert noted.url.path == "/"
    assert f'action="/trial/{begun}/day"' not in ready(page, "/").text
    assert f'action="/trial/{begun}/day"' not in ready(page, "/?as_of=2024-04-15").text
