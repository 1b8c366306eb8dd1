"""Claims about noting by hand on the page: each kind is written, refused at its field, put right, taken back."""

import gc
import re
from datetime import timedelta

import pytest

from mainstay.doors import noting
from mainstay.records.kinds import CheckIn, Episode, Event, Statement
from mainstay.web.pages.write_page import FORMS, HELD

SOON = "2024-05-20"


def on_record(page):
    with page.desk.casebook() as book:
        return noting.on_record(book, page.desk.clock())


def statements(page, form):
    return [one for one in on_record(page).standing if isinstance(one.body, Statement) and one.body.form == form]


WORRY = {
    "worry": "She seems to fade", "name": "fading", "review": SOON, "let_go_if": "two calm weeks",
    "observable.0.what": "calls", "observable.0.if_so": "fewer", "observable.0.if_not": "as ever",
    "observable.1.what": "sleep", "observable.1.if_so": "late nights", "observable.1.if_not": "early",
}  # fmt: skip
CAUSE = {
    "cause": "The second job", "name": "second job", "forbids.0.stream": "strain", "forbids.0.direction": "less",
    "forbids.0.when": "in winter", "predicts.0.stream": "demands", "predicts.0.direction": "more",
    "predicts.0.when": "over time", "prior.chance": "10-30",
}  # fmt: skip
WAY = {
    "name": "more of myself", "rule.0.watched": "share_of_time(self)", "rule.0.sign": ">", "rule.0.bound": "1.3",
    "rule.0.unit": "usual", "rule.0.count": "8", "rule.0.span": "weeks",
}  # fmt: skip
OPTION = {
    "name": "evenings off", "disclosed": "yes", "changes.0.lever": "hours self", "changes.0.far": "1-2",
    "changes.0.how": "more", "step.0.what": "ask the boss", "step.0.chance": "60-80", "cost.person.points": "0-10",
}  # fmt: skip
WANTED = {"order.0": "more of myself", "order.1": "other", "never": "my sleep; my friends", "limit.rating": "5"}
SENT = {
    "event": {"label": "a walk by the river", "is": "relief"},
    "role": {"label": "second shift", "from.day": "2024-04-19", "from.time": "07:00", "to.day": "2024-04-19",
             "to.time": "15:30"},
    "stretch": {"label": "the early spring", "from": "2024-03-01", "to": "2024-03-31"},
    "contact": {"name": "Mira", "true.0.what": "knows of it", "true.0.since": "2024-03-01", "true.1.what": "family"},
    "expectation": {"cue": "a smirk", "direction": "more", "size": "1"},
    "reaction": {"cue": "a shrug", "observed": "0.5", "direction": "less", "size": "1"},
    "concern": WORRY, "hypothesis": CAUSE, "scenario": WAY, "option": OPTION, "preference": WANTED,
    "leaning": {"option": "nothing is changed", "sure": "40-60"},
    "decision": {"option": "nothing is changed", "look_again": SOON, "would_change": "a raise; a move"},
}  # fmt: skip


def test_every_kind_has_a_form_with_a_label_for_every_field(page):
    assert set(SENT) == set(FORMS)
    for kind in FORMS:
        shown = page.get(f"/write/{kind}")
        assert shown.status_code == 200
        fields = set(re.findall(r'<(?:input|select|textarea) id="([^"]+)"', shown.text))
        labelled = set(re.findall(r'<label for="([^"]+)"', shown.text))
        assert {one for one in fields if not one.endswith("-which")} <= labelled


@pytest.mark.parametrize("kind", SENT)
def test_what_a_form_is_sent_with_is_on_record_and_said_back(page, kind):
    before = len(on_record(page).standing)
    done = page.fill(f"/write/{kind}", **SENT[kind])
    assert (done.status_code, done.url.path) == (200, "/write"), done.text
    assert "Noted: " in done.text
    assert len(on_record(page).standing) > before


@pytest.mark.parametrize(
    "kind", [kind for kind in SENT if kind not in ("contact", "event", "role", "stretch", "reaction")]
)
def test_what_is_put_right_starts_from_what_was_written_and_takes_its_place(page, kind):
    page.fill(f"/write/{kind}", **SENT[kind])
    [written] = statements(page, kind)
    shown = page.get(f"/write/correct/{written.id}")
    assert (shown.url.path, shown.url.query) == (f"/write/{kind}", f"of={written.id}".encode())
    fields = dict(re.findall(r'name="([^"]+)"[^>]* value="([^"]*)"', shown.text))
    for name, value in SENT[kind].items():
        assert value in shown.text, name
    assert fields["of"] == written.id
    later = page.desk.clock().plus_days(1 / 24)
    page.desk.clock = lambda: later
    again = page.fill(f"/write/{kind}", **SENT[kind], of=written.id)
    assert (again.status_code, again.url.path) == (200, "/write"), again.text
    [anew] = statements(page, kind)
    assert anew.supersedes == written.id
    without = [line for line in anew.body.toml.splitlines() if not line.startswith(("begun", "moved"))]
    assert without == written.body.toml.splitlines()


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("concern", {"review": "2024-01-01"}, "will not do"),
        ("concern", {"observable.1.what": "", "observable.1.if_so": "", "observable.1.if_not": ""}, "2 to 5 signs"),
        ("concern", {"likely": "20-50"}, "go together"),
        ("hypothesis", {"predicts.0.when": "since"}, "needs a day of its own"),
        ("hypothesis", {"prior.chance": "0-100"}, "nothing is impossible"),
        ("option", {"step.0.chance": "often"}, "numbers from 0 to 100"),
        ("option", {"disclosed": ""}, "be left out"),
        ("scenario", {"rule.0.unit": "a week"}, "a share of time is a number"),
        ("preference", {"order.1": "more of myself"}, "twice"),
        ("event", {"is": ""}, "is new here"),
        ("role", {"to.time": "06:00"}, "before it begins"),
        ("stretch", {"from": "1999-01-01"}, "nothing is on record before"),
        ("expectation", {"size": ""}, "say how far"),
        ("reaction", {"direction": ""}, "nothing was written beforehand"),
        ("decision", {"look_again": "2023-01-01"}, "will not do"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_stays(page, kind, changed, said):
    before = len(on_record(page).records)
    refused = page.fill(f"/write/{kind}", **(SENT[kind] | changed))
    assert refused.status_code == 400
    assert said in refused.text
    kept = next(value for value in (SENT[kind] | changed).values() if value)
    assert kept in refused.text
    assert len(on_record(page).records) == before


def test_an_error_stands_at_the_field_it_is_about(page):
    refused = page.fill("/write/option", **(OPTION | {"step.1.what": "go home", "step.1.chance": "120"}))
    at = re.search(r'id="step-1-chance"[^>]*aria-describedby="[^"]*wrong-step-1-chance', refused.text)
    assert at, refused.text
    assert 'id="wrong-step-1-chance"' in refused.text


def test_another_line_keeps_what_was_typed_and_notes_nothing(page):
    before = len(on_record(page).records)
    more = page.fill("/write/option", **OPTION, another="step")
    assert more.status_code == 200
    assert 'name="step.1.what"' in more.text
    assert "ask the boss" in more.text
    assert len(on_record(page).records) == before


def test_a_check_in_takes_one_tap_for_each_question(page):
    shown = page.get("/write")
    taps = re.findall(r'<input type="radio" name="(item\d+)" value="([^"]+)"', shown.text)
    key, value = taps[0]
    done = page.fill("/write/check-in", **{key: value, "back": "/write"})
    assert "Noted: " in done.text
    latest = max((one for one in on_record(page).standing if isinstance(one.body, CheckIn)), key=lambda one: one.known)
    assert latest.body.value == float(value)


def test_an_answer_off_its_scale_is_refused_at_its_question(page):
    refused = page.fill("/write/check-in", item0="99")
    assert refused.status_code == 400
    assert 'id="wrong-item0"' in refused.text


def test_the_first_question_of_an_empty_casebook_is_described_with_its_answer(empty_page):
    assert "Begin" in empty_page.get("/write").text
    described = {"new.name": "mood", "new.low": "1", "new.high": "7", "new.better": "high", "new.value": "4"}
    assert "Noted: mood 4" in empty_page.fill("/write/check-in", **described).text
    assert 'value="7"' in empty_page.get("/write").text
    for kind in FORMS:
        assert empty_page.get(f"/write/{kind}").status_code == 200


def test_one_tap_notes_an_event_that_is_known(page):
    label = re.search(r'name="label" value="([^"]+)"', page.get("/write").text)[1]
    assert f"Noted: {label}" in page.fill("/write/event", label=label).text


def test_an_event_put_right_keeps_its_time_to_the_microsecond(page):
    event = next(one for one in on_record(page).standing if isinstance(one.body, Event))
    shown = page.get(f"/write/event?of={event.id}")
    sent = dict(re.findall(r'name="(label|when\.day|when\.time|of)" value="([^"]*)"', shown.text))
    page.fill("/write/event", **sent, **{"is": "other"})
    [right] = [one for one in on_record(page).standing if one.supersedes == event.id]
    assert (right.happened, right.body.is_) == (event.happened, "other")


def test_what_is_taken_back_counts_no_more_and_stays_in_a_look_back(page):
    then = page.desk.clock()
    page.fill("/write/event", label="a mistake", **{"is": "other"})
    [event] = [one for one in on_record(page).standing if isinstance(one.body, Event) and one.body.label == "a mistake"]
    page.desk.clock = lambda: then.plus_days(1 / 24)
    done = page.fill("/write/take-back", of=event.id)
    assert "Taken back" in done.text
    assert "a mistake" not in page.desk.timeline().events
    assert "a mistake" in page.desk.timeline(then).events
    again = page.fill("/write/take-back", of=event.id)
    assert again.status_code == 400


def test_what_was_noted_lately_stands_with_its_ways_to_put_it_right(page):
    page.fill("/write/role", **SENT["role"])
    [role] = [
        one for one in on_record(page).standing if isinstance(one.body, Episode) and one.body.label == "second shift"
    ]
    shown = page.get("/write").text
    assert f"/write/role?of={role.id}" in shown
    assert f'name="of" value="{role.id}"' in shown


def test_a_worry_is_let_go_and_its_day_is_moved(page):
    page.fill("/write/concern", **WORRY)
    [first] = statements(page, "concern")
    later = (page.desk.clock().as_local.date() + timedelta(days=60)).isoformat()
    page.fill("/write/concern/review", of=first.id, on=later, seen0="so")
    [moved] = statements(page, "concern")
    assert "moved = 1" in moved.body.toml
    assert 'seen = "so"' in moved.body.toml
    done = page.fill("/write/concern/let-go", of=moved.id, why="two calm weeks came")
    assert "is let go" in done.text
    assert "fading" not in page.get("/write/concern").text


@pytest.mark.parametrize(("kind", "name"), [("hypothesis", "second job"), ("option", "evenings off")])
def test_setting_aside_needs_a_reason(page, kind, name):
    page.fill(f"/write/{kind}", **SENT[kind])
    refused = page.fill(f"/write/{kind}/aside", name=name, why="")
    assert refused.status_code == 400
    assert "say why" in refused.text
    assert "is set aside" in page.fill(f"/write/{kind}/aside", name=name, why="it was not so").text


def test_a_file_is_kept_word_for_word_and_its_problems_are_listed(page):
    text = 'option = "nothing is changed"\nwhy = "first feeling"\n'
    assert "Noted: " in page.fill("/write/leaning/file", toml=text).text
    assert statements(page, "leaning")[0].body.toml == text
    refused = page.fill("/write/leaning/file", toml="option = 3\nsure = [0.9, 0.1]\n")
    assert refused.status_code == 400
    assert len(re.findall(r"<li>(?:option|sure)", refused.text)) == 2


def test_a_form_says_what_the_command_line_says_too(page):
    parked = page.fill("/write/hypothesis", **{"cause": "The weather", "name": "weather"})
    assert "nothing could speak against it" in parked.text


HOSTILE = (
    "'); --", "<script>alert(1)</script>", "{{ 7*7 }}", "nan", "-inf", "1e400", "\u0663", "a\x00b", "\ud7ff\u202e",
    "9" * 500, "x" * 5000, "[[rule]]", 'name = "x"', "00-00-00", "2024-02-30", "0x10", "a|b", "event:", "\t\n\r",
)  # fmt: skip
WITHOUT_PAGE = {
    "role-now": {"label"}, "concern/review": {"of", "on", "seen0"}, "concern/let-go": {"of", "why"},
    "option/aside": {"name", "why"}, "take-back": {"of"}, "option/file": {"toml"},
}  # fmt: skip


@pytest.mark.parametrize("kind", [*FORMS, "check-in", *WITHOUT_PAGE])
def test_hostile_fields_are_answered_in_words_and_never_as_markup(page, kind):
    names = WITHOUT_PAGE.get(kind) or set(re.findall(r'name="([^"]+)"', page.get(f"/write/{kind}").text))
    for value in HOSTILE:
        for also in ({"of", "another"}, set()):
            answered = page.fill(f"/write/{kind}", **dict.fromkeys(names | also, value))
            assert answered.status_code in (200, 400), (value, answered.text)
            assert "<script>alert" not in answered.text


def test_no_name_from_the_records_stands_in_an_address(page):
    page.fill("/write/concern", **WORRY)
    shown = page.get("/write").text + page.get("/write/concern").text
    for address in re.findall(r'(?:href|action)="([^"]+)"', shown):
        assert "fading" not in address


def test_looking_at_forms_reads_the_records_once(page):
    def reads():
        with page.desk.casebook() as book:
            return sum(one.action == "read" for one in book.audit_log())

    page.get("/write")
    before = reads()
    for kind in FORMS:
        page.get(f"/write/{kind}")
    assert reads() == before


def test_a_role_is_begun_with_one_tap_and_noted_when_the_next_begins(page):
    begun = page.desk.clock()
    role = re.search(r'action="/write/role-now".*?name="label" value="([^"]+)"', page.get("/write").text, re.DOTALL)[1]
    before = len(on_record(page).records)
    assert f"You are in {role}" in page.fill("/write/role-now", label=role).text
    assert len(on_record(page).records) == before
    page.desk.clock = lambda: begun.plus_days(2 / 24)
    shown = page.fill("/write/role-now", label="driver")
    assert "Noted: in the role" in shown.text
    assert "You are in driver" in shown.text
    latest = max((one for one in on_record(page).standing if isinstance(one.body, Episode)), key=lambda one: one.known)
    assert (latest.body.label, latest.happened.start) == (role, begun)
    assert "nothing was noted" in page.fill("/write/role-now", forget="yes").text
    assert "You are in driver" not in page.get("/write").text


def test_a_sign_is_tied_to_nothing_that_is_not_offered(page):
    refused = page.fill("/write/concern", **(WORRY | {"observable.0.tied": "what:x", "observable.0.expect": "more"}))
    assert refused.status_code == 400
    assert "choose one of these" in refused.text


def test_a_form_can_hold_no_more_lines_than_what_is_written_may(page):
    many = {f"step.{k}.what": f"step {k}" for k in range(40)} | {f"step.{k}.chance": "50" for k in range(40)}
    shown = page.fill("/write/option", **(OPTION | many), another="step")
    assert 'name="step.11.what"' in shown.text
    assert 'name="step.12.what"' not in shown.text


def test_what_was_read_for_the_forms_goes_when_the_page_is_locked(page):
    page.get("/write")
    with page.desk.casebook() as book:
        assert book in HELD
    held = len(HELD)
    del book
    page.fill("/lock")
    gc.collect()
    assert len(HELD) < held
    assert page.get("/write").url.path == "/unlock"


def test_a_check_in_from_today_leads_back_to_today(page):
    assert page.settled("/").text.count('action="/write/check-in"') == 1
    assert page.fill("/write/check-in", item0="3", back="/").url.path == "/"
    assert page.fill("/write/check-in", item1="4", back="https://example.org/").url.path == "/write"
