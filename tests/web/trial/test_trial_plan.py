"""A trial is planned on the page: what is asked, what can not be, what is kept until it begins."""

import re

import pytest

from mainstay.doors import trials as steps
from mainstay.doors.trials_fields import Known, from_fields
from mainstay.records.kinds import Item
from mainstay.trials.sealing import trials_of
from mainstay.web.pages.trial_plan import Form, typed_as
from web.conftest import NOW, Page
from web.trial.conftest import FIRST, RAIN, SECOND, Clock, kept, ready, the_trial, words


def test_where_no_trial_is_the_page_says_what_one_is_and_how_long_it_would_take(page: Page) -> None:
    shown = words(ready(page, "/trial"))
    assert "only luck stands between the two" in shown
    assert re.search(
        r"a difference of 1 in “tension” would show with a chance of 8 in 10 after \d+ weeks on half of all days", shown
    )
    assert 'href="/trial/plan"' in page.get("/trial").text


def test_told_as_of_an_earlier_day_it_says_nothing_of_the_days_since(page: Page) -> None:
    shown = words(ready(page, "/trial?as_of=2024-03-20"))
    assert "No trial was on record then" in shown
    assert "From your own days" not in shown


def test_an_item_whose_name_no_plan_can_hold_is_refused_at_its_field() -> None:
    for name in ("x" * 300, "tense\u202e"):
        item = Item(name, "", 1.0, 7.0, "low")
        refused = from_fields(FIRST | SECOND | {"outcome": name}, Known((item,), (), (), NOW))
        assert isinstance(refused, tuple)
        assert refused[0].field == "outcome"


def test_on_an_empty_casebook_it_says_how_to_begin(empty_page: Page) -> None:
    for path in ("/trial", "/trial/plan"):
        assert "Nothing is on record yet" in empty_page.get(path).text


def test_each_way_of_dealing_out_the_days_is_told_with_the_time_it_takes(page: Page) -> None:
    first = page.fill("/trial/plan", **FIRST, step="ways")
    shown = ready(page, first.url.path)
    told = words(shown)
    assert len(re.findall(r"About \d+ weeks\.|More than a year", told)) == 4
    weeks = re.search(r'name="contacts.weeks" value="(\d+)"', shown.text)
    assert weeks is not None
    assert f"About {weeks[1]} weeks." in told
    assert "an evening as oneself" not in first.url.path


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tried", "", "This can't be left out"),
        ("outcome", "tensoin", "did you mean 'tension'"),
        ("matters", "much", "'much' is no number"),
        ("matters", "9", "it is answered from 1 to 7"),
        ("better", "more", "less of it is better"),
    ],
)
def test_what_can_not_be_used_is_said_beside_its_field_and_what_was_typed_stays(page, field, value, said) -> None:
    shown = page.fill("/trial/plan", **(FIRST | {field: value}), step="ways")
    assert shown.status_code == 400
    assert said.casefold() in words(shown).casefold()
    assert f'aria-describedby="wrong-{field}"' in shown.text
    if field != "tried":
        assert 'value="an evening as oneself"' in shown.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("blocks.pairs", "x", "A whole number from 1 to 60"),
        ("blocks.pairs", "2", "can be drawn like this"),
        ("start", "2020-01-01", "will not do"),
        ("question", "", "This can't be left out"),
        ("harm", "-1", "A number above 0"),
        ("kind", "both", "one of: contacts, blocks, start"),
    ],
)
def test_of_the_second_page_too_and_nothing_is_kept(page, field, value, said) -> None:
    shown = page.fill("/trial/plan", **(FIRST | SECOND | {field: value, "place": RAIN}), step="keep")
    assert shown.status_code == 400
    assert said.casefold() in words(shown).casefold()
    assert 'value="Rain all day &amp; &lt;b&gt;wind&lt;/b&gt;"' in shown.text
    assert trials_of(page.desk.timeline(None)) == ()


def test_back_to_the_first_questions_keeps_what_was_typed_on_both(page: Page) -> None:
    back = page.fill("/trial/plan", **(FIRST | SECOND), step="back")
    assert 'value="an evening as oneself"' in back.text
    assert '<input type="hidden" name="place" value="the jetty">' in back.text


def test_a_plan_may_be_changed_until_it_begins(page: Page) -> None:
    key = kept(page)
    assert "16,384 ways" in page.get(f"/trial/{key}").text
    again = ready(page, f"/trial/{key}/change")
    assert 'value="the jetty"' in again.text
    assert f'name="was" value="{key}"' in again.text
    anew = page.fill("/trial/plan", **(FIRST | SECOND | {"place": "the lake"}), was=key, step="keep")
    assert "the lake" in anew.text
    [only] = trials_of(page.desk.timeline(None))
    assert only.protocol.says.arm[1].place == "the lake"
    assert page.get(f"/trial/{key}").status_code == 404
    page.fill(f"/trial/{only.protocol.id}/start")
    assert "what was sealed stays" in page.get(f"/trial/{only.protocol.id}/change").text


def test_two_plans_never_share_a_name(page: Page) -> None:
    kept(page)
    shown = page.fill("/trial/plan", **(FIRST | SECOND), step="keep")
    assert "another plan is called so" in words(shown).casefold()
    first = page.fill("/trial/plan", **(FIRST | {"tried": "evenings"}), step="ways")
    assert 'name="name" value="evenings 2"' in ready(page, first.url.path).text


@pytest.mark.parametrize(
    "more",
    [
        {"period": "3", "pairs": "10", "washout": "1"},
        {"period": "1", "pairs": "14", "washout": ""},
        {"kind": "contacts", "a_week": "2", "weeks": "8"},
        {"kind": "start", "weeks": "20", "harm": "2"},
    ],
)
def test_a_plan_goes_back_into_the_form_as_it_came(page: Page, more) -> None:
    with page.desk.casebook() as book:
        known = steps.on_record(book, now=page.desk.clock()).known
    said = {name: value for name, value in (FIRST | SECOND).items() if "." not in name} | more
    says = from_fields(said, known)
    typed = typed_as(says, known)
    assert typed is not None
    assert from_fields(Form(typed).said(), known) == says


def test_a_plan_as_a_file_is_kept_as_it_is_written_or_told_what_of_it_can_not_be(page: Page) -> None:
    text = """name = "three"
question = "Which of two helps?"
start = 2024-04-22
matters = 0.5
[[arm]]
name = "as usual"
[[arm]]
name = "a walk"
[[arm]]
name = "a nap"
[design]
kind = "blocks"
days = 60
[outcome]
item = "tension"
better = "low"
"""
    wrong = page.fill("/trial/plan/file", toml=text.replace("tension", "tensoin"))
    assert wrong.status_code == 400
    assert "outcome: no item on record is called 'tensoin'" in words(wrong)
    assert "kind = &#34;blocks&#34;" in wrong.text
    filed = page.fill("/trial/plan/file", toml=text)
    assert filed.status_code == 200, words(filed)
    key = filed.url.path.removeprefix("/trial/")
    assert the_trial(page, key).protocol.text == text
    assert "a nap" in page.get(f"/trial/{key}/change").text
    assert "textarea" in page.get(f"/trial/{key}/change").text


def test_a_plan_whose_first_day_is_over_is_not_begun_and_nothing_is_drawn(page: Page, clock: Clock) -> None:
    key = kept(page)
    clock.set(3)
    shown = page.get(f"/trial/{key}")
    assert "Its first day is over" in words(shown)
    assert f'action="/trial/{key}/start"' not in shown.text
    assert page.fill(f"/trial/{key}/start").status_code == 400
    assert the_trial(page, key).begun is None


def test_the_setting_that_names_a_role_is_told_before_it_begins(page: Page) -> None:
    key = kept(page, place="the newsroom of the reporter")
    assert "It names reporter. Nothing in the setting should recall a role." in words(page.get(f"/trial/{key}"))


def test_how_long_is_told_for_relief_and_for_recovery_apart(page: Page) -> None:
    key = kept(page)
    assert "the chance that these 28 days show it is" in words(ready(page, f"/trial/{key}"))
    told = words(ready(page, f"/trial/{key}/how-long"))
    assert "To see a difference of 0.5 with a chance of 8 in 10" in told
    assert "whether it takes more to tip over" in told
