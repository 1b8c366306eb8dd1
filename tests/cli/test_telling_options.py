"""`mainstay tell` shows no options weighed before the person has said which they would choose."""

import pytest

OPTION = 'name = "a walk a day"\ndisclosed_ok = true\n\n[[changes]]\nlever = "acts event:walk"\nby = [3, 5]\n'


@pytest.fixture
def with_an_option(mainstay, case, folder, comes):
    assert mainstay("add", case, folder / "diary.csv", "--map", folder / "diary.toml").code == 0
    comes(OPTION)
    assert mainstay("log", case, "option").code == 0
    return case


def test_options_are_held_back_until_a_leaning_is_written(mainstay, with_an_option, comes):
    for _ in range(2):  # the second is told from what was kept
        said = mainstay("tell", with_an_option).out
        assert "1 option on record, not shown here before you have said which you would choose" in said
        assert "mainstay options, which asks for that first" in said
        assert "a walk a day" not in said
    comes('option = "a walk a day"')
    mainstay("log", with_an_option, "leaning")
    assert "not shown here" not in mainstay("tell", with_an_option).out
    comes('option = "nothing is changed"')
    mainstay("log", with_an_option, "leaning")
    told = mainstay("options", with_an_option).out
    assert "was “a walk a day”" in " ".join(told.split())


def test_once_shown_by_options_they_are_told(mainstay, with_an_option):
    assert mainstay("options", with_an_option).code == 0
    assert "not shown here" not in mainstay("tell", with_an_option).out
