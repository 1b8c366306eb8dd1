"""`mainstay log CASE concern`: a worry asked for, kept, looked at again, let go; told with its age until then."""

import json
from datetime import timedelta

import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.cli import asking
from mainstay.doors.noting_reading import chances, points
from mainstay.errors import BadRequest
from mainstay.records.kinds import Batch, Record, Statement
from mainstay.records.statements import parsed
from mainstay.records.statements_concern import ConcernFile

WORDS = "four quiet words here"
TODAY = asking.now().as_local.date()
REVIEW = str(TODAY + timedelta(days=28))
LATER = str(TODAY + timedelta(days=56))
SIGNS = ("nights", "short ones", "as before", "friends", "they ask", "nobody asks", "")
TOML = f"""
# the usual one
name = "sleep"
worry = "it gets worse"
review = {REVIEW}
let_go_if = "four ordinary weeks pass"

[[observable]]
what = "nights"
if_so = "short ones"
if_not = "as before"

[[observable]]
what = "friends"
if_so = "they ask"
if_not = "nobody asks"
"""


@pytest.fixture
def log(mainstay, case):
    def once(*arguments):
        return mainstay("log", case, "concern", *arguments)

    return once


def statements(case):
    with Casebook.open(case, WORDS) as casebook:
        kept = casebook.read("own_answers", now=asking.now()).records
    return [one for one in kept if isinstance(one.body, Statement) and one.body.form == "concern"]


def files(case):
    return [
        parsed(one.body.toml, ConcernFile, "concern") for one in sorted(statements(case), key=lambda one: one.known)
    ]


def worries(mainstay, case):
    told = json.loads(mainstay("tell", case, "--json").out)["answers"]
    return [one for one in told if one["row"] == "S1"]


def test_a_worry_is_asked_for_one_question_at_a_time(log, typed, case, mainstay):
    asked = typed("it gets worse", "sleep", "", *SIGNS, REVIEW, "four ordinary weeks pass", "20-50",
                  "40-70", "0", "20 to 30", "2 5", "5-10", "20–40")  # fmt: skip
    said = log()
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[-1].startswith("Noted: the worry “sleep” with 2 signs, looked at again on ")
    assert asked[0] == "What worries you? "
    assert len(asked) == 19
    (file,) = files(case)
    assert (file.name, file.worry, str(file.review)) == ("sleep", "it gets worse", REVIEW)
    assert [one.what for one in file.observable] == ["nights", "friends"]
    assert file.likely == (0.2, 0.5)
    assert file.harm.looking.if_not == (2.0, 5.0)
    (answer,) = worries(mainstay, case)
    assert answer["about"] == "sleep"
    assert "was written down today" in answer["claim"]
    assert answer["detail"]["loss"]["waiting"] == [8.0, 35.0]


def test_what_does_not_fit_is_asked_again_and_chances_may_be_left_out(log, typed, case):
    typed("", "a\x1b[2J", "it gets worse", "", "sleep", "next year", "2999-01-01", "yesterday",
          "nights", "short", "as before", "nights", "", "friends", "they ask", "nobody", "",
          "soon", str(TODAY), "9999-12-31", REVIEW, "", "it passes", "200", "50-20", "")  # fmt: skip
    assert log().code == 0
    (file,) = files(case)
    assert (file.since, file.likely, file.harm) == (TODAY - timedelta(days=1), None, None)


def test_a_sign_may_be_tied_to_what_is_on_record(log, typed, case, mainstay):
    scale = ("--low", 1, "--high", 7, "--better", "high")
    mainstay("log", case, "check-in", "mood", 4, *scale)
    mainstay("log", case, "event", "late", "--is", "slip")
    typed("it gets worse", "sleep", "", "nights", "short", "as before", "moood", "mood", "up", "less", "1",
          "late", "more often", "as before", "late", "more", "0.5", "", "", REVIEW, "it passes", "")  # fmt: skip
    said = log()
    assert said.code == 0
    assert "did you mean 'mood'?" in said.out
    mood, late = files(case)[0].observable
    assert (mood.item, mood.expect, mood.by) == ("mood", "less", 1.0)
    assert (late.event, late.expect, late.by) == ("late", "more", None)


def test_the_end_of_typing_keeps_nothing(log, typed, case):
    typed("it gets worse", "sleep")
    said = log()
    assert said.code == 2
    assert "nothing more was typed" in said.err
    assert statements(case) == []


def test_as_toml_it_is_kept_as_written(log, comes, case, folder):
    (folder / "sleep.toml").write_text(TOML)
    comes("")
    assert log("--file", "sleep.toml").code == 0
    assert statements(case)[0].body.toml == TOML
    comes(TOML)
    said = log()
    assert "a worry called 'sleep' is open already" in said.err


def test_what_supporters_noticed_can_be_taken_up(log, typed, case, mainstay):
    at = asking.now().plus_days(-3)
    toml = 'by = "Ben"\nwhen = "2026-03-01"\ntext = "he \\u001b[2J looks tired"\n'
    note = Record("n1", "from Ben", at, at, "answer by Ben", Statement("observation", toml))
    with Casebook.open(case, WORDS) as casebook:
        casebook.add(Batch("answer by Ben", (note,)), Consent(given_at=asking.now()), now=asking.now())
    typed("2", "1", "he may be right", "tired", "", *SIGNS, REVIEW, "it passes", "")
    said = log()
    assert said.code == 0
    assert "1  Ben, 2026-03-01: he  [2J looks tired" in said.out
    (file,) = files(case)
    assert (file.by, file.observation) == ("Ben", "n1")
    assert worries(mainstay, case)[0]["claim"].startswith("Ben's worry “tired”")
    typed("it gets worse", "sleep", "", *SIGNS, REVIEW, "it passes", "")
    assert "What others noticed" not in log().out


def test_a_review_moves_the_day_and_keeps_what_was_seen(log, typed, comes, case, mainstay):
    comes(TOML)
    assert log().code == 0
    typed("maybe", "so", "", LATER)
    said = log("--review", "Sleep")
    assert "looked at again on" in said.out
    _, moved = files(case)
    assert [one.seen for one in moved.observable] == ["so", None]
    assert (str(moved.review), moved.moved) == (LATER, 1)
    assert moved.begun == min(one.known for one in statements(case)).as_local
    (answer,) = worries(mainstay, case)
    assert answer["detail"]["signs"][0]["says"] == "as if it were so"
    comes("")
    assert "--on 2026-12-31" in log("--review", "sleep").err
    assert log("--review", "sleep", "--on", REVIEW).code == 0
    assert files(case)[-1].moved == 2


def test_a_worry_let_go_is_no_longer_told_but_was(log, typed, comes, case, mainstay):
    comes(TOML)
    assert log().code == 0
    comes("it was the heating\n")
    assert "the worry “sleep” is let go" in log("--close", "sleep").out
    assert worries(mainstay, case) == []
    assert files(case)[-1].closed.why == "it was the heating"
    said = log("--close", "sleep")
    assert said.code == 2
    assert "no open worry is called 'sleep'; open: none yet" in said.err
    comes(TOML)
    assert log().code == 0
    typed("")
    assert log("--close", "sleep").code == 0
    assert files(case)[-1].closed.why is None


def test_a_worry_said_anew_keeps_its_beginning(log, comes, case, mainstay):
    comes(TOML)
    log()
    (first,) = statements(case)
    comes(TOML.replace("it gets worse", "it is worse"))
    assert log("--replaces", "sleep").code == 0
    (answer,) = worries(mainstay, case)
    assert answer["detail"]["begun"] == str(first.known)
    assert files(case)[-1].worry == "it is worse"
    assert statements(case)[-1].body.toml.endswith(TOML.replace("it gets worse", "it is worse"))


def test_options_that_do_not_go_together_and_hostile_files_are_refused(log, comes, case, folder):
    far = str(TODAY + timedelta(days=4000))
    wrong = (
        (("--close", "a", "--review", "b"), "", "keep one"),
        (("--close", "a", "--file", "x"), "", "leave them out"),
        (("--on", REVIEW), "", "goes with --review"),
        (("--review", "a", "--on", str(TODAY)), "", "choose a day from"),
        (("--review", "a", "--on", REVIEW), "", "no open worry is called 'a'"),
        (("--close", "a"), "x" * 5000, "longer than 4000"),
        (("--close", "a"), "x\x1b[2J", "control characters"),
        (("--replaces", "a"), TOML, "no open worry"),
        (("--file", "absent.toml"), "", "no file at"),
        ((), "", "is empty"),
        ((), "x" * 1_000_000, "longer than 64 kB"),
        ((), "a = " + "[" * 20_000, "nested too deeply"),
        ((), "a = " + "9" * 20_000, "far too long"),
        ((), ".".join("a" * 9000) + " = 1", "there is no such key"),
        ((), TOML.replace(REVIEW, "9999-12-31"), "in the year 9999"),
        ((), TOML.replace(REVIEW, far), "choose a day from"),
        ((), TOML.replace(REVIEW, "2020-01-01"), "choose a day from"),
        ((), TOML.replace("# the", f"since = {REVIEW} #"), "lies in the future"),
        ((), TOML.replace("# the", "begun = 2026-01-01T00:00:00Z #"), "are written by Mainstay"),
        ((), TOML.replace("# the", 'observation = "n9" #'), "no record that may be read"),
        ((), TOML.replace('name = "sleep"', 'name = "a\\u001b[2Jb"'), "control characters"),
        ((), TOML + 'item = "mood"\nexpect = "less"', "no item on record"),
        ((), TOML[: TOML.rindex("[[observable]]")], "2 to 5 signs"),
        ((), TOML + "likely = [0, 1]", "there is no such key"),
        ((), "likely = [0, 1e400]\n" + TOML, "finite"),
    )  # fmt: skip
    for arguments, content, why in wrong:
        comes(content)
        said = log(*arguments)
        assert (said.code, said.out) == (2, ""), (why, said)
        assert why in said.err
        assert said.err.count("\n") == 1
        assert len(said.err) < 700
    assert statements(case) == []


def test_nothing_of_a_worry_stands_readable_in_the_file(log, comes, case):
    comes(TOML)
    log()
    assert b"gets worse" not in case.read_bytes()


def test_the_words_of_a_worry_are_never_an_argument(log, case):
    said = log("it gets worse")
    assert said.code == 2
    assert statements(case) == []


@pytest.mark.parametrize(
    ("said", "found"),
    [("20-50", (0.2, 0.5)), ("20 %", (0.2, 0.2)), ("20,5 to 30", (0.205, 0.3)), ("0", (0.0, 0.0)), ("", None)],
)
def test_a_range_is_read_as_it_is_written(said, found):
    assert chances(said) == (None if found is None else pytest.approx(found))


@pytest.mark.parametrize("said", ["-5", "101", "50-20", "10-20-30", "many", "1e2", "9" * 300])
def test_no_other_range_passes(said):
    with pytest.raises(BadRequest):
        points(said)
