"""`mainstay consent`: said in plain lines, withdrawn as easily as given."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mainstay.casebook.terms import notice

Run = Callable[..., object]


@pytest.fixture
def kept(case: Path, folder: Path, mainstay: Run) -> Path:
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    return case


def test_giving_tells_what_is_agreed_to_and_until_when(kept: Path, mainstay: Run) -> None:
    said = mainstay("consent", kept, "give", "--purpose", "cohort", "--until", "2999-12-31")
    assert said.code == 0
    assert notice("cohort") in said.out
    assert "cohort, given" in said.out
    assert "until 3000-01-01 00:00" in said.out


def test_one_command_withdraws_everything_and_reads_stop(kept: Path, mainstay: Run) -> None:
    mainstay("consent", kept, "give", "--purpose", "cohort")
    said = mainstay("consent", kept, "withdraw")
    assert said.code == 0
    assert "own_answers, withdrawn" in said.out
    assert "cohort, withdrawn" in said.out
    assert f"mainstay erase {kept}" in said.out
    told = mainstay("tell", kept)
    assert told.code == 2
    assert "give --purpose own_answers" in told.err
    assert "nothing to withdraw" in mainstay("consent", kept, "withdraw").out


def test_adding_more_records_takes_back_no_withdrawal(kept: Path, folder: Path, mainstay: Run) -> None:
    mainstay("consent", kept, "withdraw")
    again = mainstay("add", kept, folder / "diary.csv", "--map", folder / "diary.toml")
    assert "stands: not to be read for own_answers" in again.out
    assert mainstay("tell", kept).code == 2
    asked = mainstay("add", kept, folder / "diary.csv", "--map", folder / "diary.toml", "--consent", "own_answers")
    assert "stands" not in asked.out
    assert mainstay("tell", kept).code == 0


def test_refused_and_renewed_stand_in_the_history(kept: Path, mainstay: Run) -> None:
    assert "cohort, refused" in mainstay("consent", kept, "refuse", "--purpose", "cohort").out
    assert "refused already" in mainstay("consent", kept, "refuse", "--purpose", "cohort").out
    assert "own_answers, renewed" in mainstay("consent", kept, "renew", "--until", "2999-12-31").out
    history = mainstay("consent", kept, "show", "--history").out
    assert [word for word in ("given", "refused", "renewed") if word in history] == ["given", "refused", "renewed"]
    assert "renewed" in mainstay("consent", kept).out


def test_only_the_stream_that_is_named_is_changed(kept: Path, mainstay: Run) -> None:
    stream = mainstay("consent", kept).out.split(":")[0]
    mainstay("consent", kept, "give", stream, "--purpose", "supporter_view")
    shown = mainstay("consent", kept).out
    assert shown.count("supporter_view: given") == 1


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["sell"], "show, give, refuse, renew, withdraw"),
        (["give", "nowhere"], "nowhere"),
        (["show", "nowhere"], "nowhere"),
        (["give", "--purpose", "marketing"], "marketing"),
        (["give", "--until", "2001-01-01"], "has passed"),
        (["give", "--until", "soon"], "no date"),
        (["give", "--until", "9998-12-31"], "four digits"),
        (["withdraw", "--until", "2999-01-01"], "--until goes with"),
        (["give", "--history"], "--history goes with show"),
        (["refuse"], "--purpose"),
        (["renew", "--purpose", "cohort"], "no consent to renew"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(kept: Path, mainstay: Run, arguments: list[str], word: str) -> None:
    said = mainstay("consent", kept, *arguments)
    assert (said.code, said.out) == (2, "")
    assert word in said.err
    assert said.err.count("\n") == 1


def test_an_empty_casebook_has_nothing_to_consent_to(case: Path, mainstay: Run) -> None:
    assert "no records yet" in mainstay("consent", case, "give").out
    assert "Nothing was said" in mainstay("consent", case, "show", "--history").out
