"""What an export carries that no record can give back: forecasts with their dates, first showings and seals."""

import json
from pathlib import Path

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.futures.ledger import ledger_of, made, write_down
from mainstay.futures.ledger_rules import rule_of
from mainstay.options.leaning import first_shown, mark_shown, rounds_of, standings
from mainstay.timeline.reader import read

WORDS = "four quiet words here"
OPTION = 'name = "a month of leave"\ndisclosed_ok = true\n'


@pytest.fixture
def filled(mainstay, case, folder, comes):
    """A casebook with a forecast in its ledger, and an option that was shown after a leaning was written."""
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    for form, text in (("option", OPTION), ("leaning", 'option = "a month of leave"\n')):
        comes(text)
        assert mainstay("log", case, form).code == 0
    at = asking.now()
    with Casebook.open(case, WORDS) as casebook:
        timeline = read(casebook, "own_answers", None, now=at)
        mark_shown(casebook, timeline, now=at, recommended=["a month of leave"])
        rule = rule_of("mean(item:tension) >= 4.5 over 1 day")
        forecast = made("tension: tomorrow", rule, at, at.plus_days(1.5), chance=0.25, base_chance=0.5)
        write_down(casebook, [forecast], ["tension"], now=at)
    return case


def kept(case):
    """The ledger, the first showing, and what each leaning is worth as a first one."""
    at = asking.now()
    with Casebook.open(case, WORDS) as casebook:
        timeline = read(casebook, "own_answers", None, now=at)
        rounds = rounds_of(casebook, timeline, now=at)
        how = [one.how for one in standings(timeline, rounds)]
        return ledger_of(casebook, now=at).forecasts, first_shown(casebook, timeline, now=at), how


@pytest.mark.parametrize("out", ["written", "written.zip"])
def test_the_ledger_and_the_seals_come_back_as_they_were(filled, folder, mainstay, out):
    assert mainstay("export", filled, folder / out, "--yes").code == 0
    said = mainstay("import", folder / "again.mainstay", folder / out)
    assert "What was foreseen, and when options were first shown to you, came with it." in " ".join(said.out.split())
    assert kept(folder / "again.mainstay") == kept(filled)
    forecasts, shown, how = kept(filled)
    assert (len(forecasts), shown.best, how) == (1, ("a month of leave",), ["sealed"])
    twice = mainstay("import", folder / "again.mainstay", folder / out)
    assert "came with it" not in twice.out
    assert kept(folder / "again.mainstay") == kept(filled)


def test_a_backup_holds_them_too(filled, folder, mainstay):
    assert mainstay("backup", filled, folder / "safe.mainstay").code == 0
    assert mainstay("restore", folder / "safe.mainstay", folder / "back.mainstay", "--nothing-erased").code == 0
    assert kept(folder / "back.mainstay") == kept(filled)


def test_what_was_kept_of_a_stream_goes_and_stays_away_with_it(filled, folder, mainstay):
    assert mainstay("export", filled, folder / "written", "--yes").code == 0
    assert mainstay("consent", filled, "withdraw", "tension", "--purpose", "own_answers").code == 0
    assert mainstay("export", filled, folder / "less", "--yes").code == 0
    names = [one["name"] for one in json.loads((folder / "less" / "kept.json").read_text())["kept"]]
    assert "forecasts" not in names
    assert names
    assert mainstay("import", folder / "other.mainstay", folder / "written").code == 0
    with Casebook.open(folder / "other.mainstay", WORDS) as casebook:
        casebook.erase(["leaning"], now=asking.now())
    assert mainstay("import", folder / "other.mainstay", folder / "written").code == 0
    forecasts, shown, how = kept(folder / "other.mainstay")
    assert (len(forecasts), shown.seals, how) == (1, (), [])


def test_an_export_without_them_is_read_as_before(filled, folder, mainstay):
    assert mainstay("export", filled, folder / "written", "--yes").code == 0
    (folder / "written" / "kept.json").unlink()
    assert mainstay("import", folder / "again.mainstay", folder / "written").code == 0
    assert kept(folder / "again.mainstay")[:2] == ((), None)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name": "story"}, "which nothing here keeps"),
        ({"said": [["a"]]}, "says nothing that can be read"),
        ({"said": "text"}, "says nothing that can be read"),
        ({"streams": []}, "does not list"),
        ({"streams": ["unheard of"]}, "does not list"),
        ({"version": -1}, "which is none"),
        ({"version": 2**63}, "which is none"),
        ({"made": "2999-01-01T00:00:00+00:00"}, "lies in the future"),
    ],
)
def test_what_nobody_kept_so_is_refused_whole(filled, folder: Path, mainstay, change, words):
    assert mainstay("export", filled, folder / "written", "--yes").code == 0
    file = folder / "written" / "kept.json"
    held = json.loads(file.read_text())
    place = next(k for k, one in enumerate(held["kept"]) if one["name"] == "options first shown")
    held["kept"][place] |= change
    file.write_text(json.dumps(held))
    said = mainstay("import", folder / "again.mainstay", folder / "written")
    assert said.code != 0
    assert words in said.err
    assert not (folder / "again.mainstay").exists()


def test_a_line_for_danger_comes_along_and_its_coming_is_said_once(case, folder, mainstay):
    """A line that somebody else wrote must not stand there unnoticed."""
    with Casebook.open(case, WORDS) as casebook:
        casebook.keep_setting("danger", '{"words": "Go to Ma.", "contacts": []}', now=asking.now())
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    assert mainstay("export", case, folder / "out", "--yes").code == 0
    said = mainstay("import", folder / "again.mainstay", folder / "out")
    assert "Your line for when you are in danger came with it" in said.out
    assert "in danger" not in mainstay("import", folder / "again.mainstay", folder / "out").out
