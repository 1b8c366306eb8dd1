"""`mainstay log CASE hypothesis`: a possible cause asked for, kept as written, said anew, set aside with a reason."""

from datetime import timedelta

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.explanations.library import starting_library
from mainstay.records.kinds import Statement
from mainstay.records.statements_hypothesis import hypotheses_of, with_library

WORDS = "four quiet words here"
TODAY = asking.now().as_local.date()
LATER = TODAY + timedelta(days=60)
TOML = f"""
# what my sister thinks
name = "coffee"
cause = "it is the coffee"

[[predicts]]
stream = "strain"
direction = "more"
when = "after event:coffee | tag:coffee"
words = "strain jumps after coffee"

[[forbids]]
stream = "item:sleep"
direction = "same"
when = "over time"

[prior]
chance = [0.1, 0.3]
on = {TODAY}
"""
PLAIN = 'name = "{name}"\ncause = "{cause}"\n'
X = PLAIN.format(name="x", cause="y")


@pytest.fixture
def log(mainstay, case):
    def once(*arguments):
        return mainstay("log", case, "hypothesis", *arguments)

    return once


class Told:
    def __init__(self, records):
        corrected = {one.supersedes for one in records}
        self.others = [one for one in records if one.id not in corrected]


def records(case):
    with Casebook.open(case, WORDS) as casebook:
        return casebook.read("own_answers", now=asking.now()).records


def kept(case):
    """What the person wrote and stands, by name."""
    found, unread = hypotheses_of(Told(records(case)))
    assert not unread
    return {one.name: one.says for one in found}


def a_little_on_record(mainstay, case):
    mainstay("log", case, "check-in", "mood", 4, "--low", 1, "--high", 7, "--better", "high")
    mainstay("log", case, "event", "late train", "--is", "demand", "--tag", "commute")


def test_a_cause_is_asked_for_one_question_at_a_time(log, typed, case, mainstay):
    a_little_on_record(mainstay, case)
    asked = typed("the commute wears me out", "commute", str(TODAY - timedelta(days=40)),
                  "strain jumps after a late train", "1", "more", "4", "Late Train",
                  "my mood sank", "mood", "less", "2", "",
                  "more is asked as well", "4", "more", "1", "",
                  "10-30", "work from home for a week")  # fmt: skip
    said = log()
    assert (said.code, said.err) == (0, "")
    assert "Noted: the possible cause “commute”, which predicts 2 things and forbids 1 thing (id " in said.out
    assert asked[0] == "What might be the cause, in a sentence? "
    assert len(asked) == 20
    file = kept(case)["commute"]
    assert file.since == TODAY - timedelta(days=40)
    assert [(one.stream, one.direction, one.when) for one in file.predicts] == [
        ("strain", "more", "after event:late train"),
        ("item:mood", "less", "since"),
    ]
    assert [(one.stream, one.direction, one.when, one.words) for one in file.forbids] == [
        ("demands", "more", "over time", "more is asked as well")
    ]
    assert file.prior.chance == (0.1, 0.3)
    assert file.prior.on == TODAY
    assert file.ask == "work from home for a week"


def test_what_does_not_fit_is_asked_again(log, typed, case, mainstay):
    a_little_on_record(mainstay, case)
    typed("", "it is the train", "commute", "tomorrow", "2999-01-01", "",
          "strain jumps", "9", "moood", "strain", "up", "more", "12", "3", "trian", "commute", "",
          "", "0-100", "110", "", "")  # fmt: skip
    said = log()
    assert said.code == 0
    assert "did you mean 'mood'?" in said.out
    assert "nothing could speak against it" in said.out.splitlines()[-1]
    file = kept(case)["commute"]
    assert file.predicts[0].when == "after tag:commute"
    assert (file.since, file.prior, file.ask, file.forbids) == (None, None, None, ())


def test_times_are_offered_only_where_there_is_something_to_name(log, typed, case):
    typed("it is the dark", "dark months", "", "worse in winter", "strain", "more", "2", "", "", "", "")
    said = log()
    assert said.code == 0
    assert "  2  in winter, against summer" in said.out
    assert "company" not in said.out.split("and when:")[1]
    assert kept(case)["dark months"].predicts[0].when == "in winter"


def test_nothing_is_kept_where_the_questions_are_not_answered_to_the_end(log, typed, case):
    typed("it is the dark", "dark months", "")
    assert log().code == 2
    assert kept(case) == {}


def test_a_file_is_kept_as_written_and_says_what_is_not_on_record(log, comes, case, tmp_path):
    path = tmp_path / "coffee.toml"
    path.write_text(TOML, encoding="utf-8")
    said = log("--file", path)
    assert said.code == 0
    assert (
        "Not on record so far, so nothing can be said of it yet: event “coffee” or tag “coffee”, item “sleep”."
        in said.out
    )
    (record,) = [one for one in records(case) if isinstance(one.body, Statement)]
    assert record.body.toml == TOML
    comes(TOML.replace("coffee", "tea"))
    assert log().code == 0
    assert set(kept(case)) == {"coffee", "tea"}


def test_one_of_the_same_name_is_refused_and_said_anew_by_number(log, comes, case):
    comes(TOML)
    assert log().code == 0
    comes(PLAIN.format(name="Coffee", cause="too much of it"))
    said = log()
    assert said.code == 2
    assert "to say it anew: --replaces 'Coffee'" in said.err
    comes(PLAIN.format(name="caffeine", cause="too much of it"))
    assert log("--replaces", "1").code == 0
    assert set(kept(case)) == {"caffeine"}


def test_one_of_the_library_gives_way_to_the_persons_own(log, comes, case):
    comes(PLAIN.format(name="Season", cause="the dark months"))
    said = log()
    assert "which predicts nothing and forbids nothing (id " in said.out
    assert "It takes the place of the one of that name that comes with Mainstay." in said.out
    found = with_library(hypotheses_of(Told(records(case)))[0], starting_library())
    assert [one.says.cause for one in found if one.name.lower() == "season"] == ["the dark months"]


@pytest.mark.parametrize("said", ["Season", "Coffee", "1"])
def test_a_cause_is_set_aside_with_a_reason_and_by_name_or_number(log, comes, case, said):
    comes(TOML)
    log()
    comes("it was no better last summer\n")
    told = log("--set-aside", said)
    assert told.code == 0
    assert "is set aside as a cause" in told.out
    found, _ = hypotheses_of(Told(records(case)))
    aside = [one.says for one in found if one.says.set_aside]
    assert [one.set_aside for one in aside] == ["it was no better last summer"]
    left = {one.name for one in with_library(found, starting_library())}
    assert aside[0].name not in left
    assert len(left) == len(starting_library())


def test_one_set_aside_can_be_taken_up_again(log, comes, typed, case):
    comes(TOML)
    log()
    typed("", "we drink tea now")
    assert log("--set-aside", "coffee").code == 0
    assert kept(case)["coffee"].set_aside == "we drink tea now"
    comes(TOML)
    assert log("--file", "").code == 2
    comes(TOML)
    assert log().code == 0
    assert kept(case)["coffee"].set_aside is None


def test_a_number_means_the_same_wherever_it_is_said(log, comes, case):
    for name in ("coffee", "tea"):
        comes(PLAIN.format(name=name, cause="it"))
        assert log().code == 0
    comes("no longer")
    assert log("--set-aside", "1").code == 0
    comes(PLAIN.format(name="green tea", cause="it"))
    assert log("--replaces", "1").code == 0
    assert set(kept(case)) == {"coffee", "green tea"}


def test_a_reason_is_needed_to_set_one_aside(log, comes, case):
    comes("")
    assert log("--set-aside", "season").code == 2
    comes("   ")
    assert log("--set-aside", "season").code == 2
    comes("an escape \x1b[2J in it")
    assert log("--set-aside", "season").code == 2
    assert kept(case) == {}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ('name = "x"', "cause"),
        (X + '[[forbids]]\nstream = "mood"\ndirection = "more"\nwhen = "over time"', "stream"),
        (X + f"since = {LATER}", "lies in the future"),
        (X + f"[prior]\nchance = [0.1, 0.2]\non = {LATER}", "lies in the future"),
        (X + "[prior]\nchance = [0, 1]\non = 2024-01-01", "chance"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_hold_together_is_refused(log, comes, case, content, why):
    comes(content)
    said = log()
    assert said.code == 2
    assert why in said.err
    assert kept(case) == {}


def test_options_that_do_not_go_together_are_refused(log, case, tmp_path):
    said = log("--set-aside", "season", "--file", tmp_path / "x.toml")
    assert said.code == 2
    assert "leave them out with --set-aside" in said.err


def test_an_unknown_name_is_answered_with_those_on_record(log, comes, case):
    comes("no longer")
    said = log("--set-aside", "seasn")
    assert said.code == 2
    assert "did you mean 'season'?" in said.err
    assert "1 overwork" in said.err
