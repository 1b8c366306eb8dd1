"""Claims about Explanations: what could be behind it, and what stands behind each answer."""

import re


def test_the_whole_stands_first_then_what_is_known_what_is_not_and_what_to_do(page):
    shown = page.settled("/explanations").text
    places = [shown.index(one) for one in ("lead-claim", "What is known", "What is not", "What to do next")]
    assert places == sorted(places)


def test_each_answer_is_told_with_what_it_rests_on(page):
    every = page.settled("/explanations").text.split("Each answer, and what it rests on", 1)[1]
    assert every.count("<article") >= 1
    assert "<dt>What would change it</dt>" in every


def test_what_cannot_be_said_names_what_it_is_about(page):
    text = page.settled("/explanations").text
    untested = re.findall(r"Cannot say: nothing is on record that would test it\.([^<]*)", text)
    assert len(untested) == 1
    assert "This concerns" in untested[0]
    assert "“sleep”" in untested[0]


def test_a_cause_of_ones_own_can_be_written_down_from_here(page):
    assert 'href="/write/hypothesis"' in page.settled("/explanations").text


def test_no_command_and_no_style_of_its_own_stands_on_any_chapter(page):
    for path in ("/notice", "/patterns", "/explanations", "/futures", "/options"):
        shown = page.settled(path).text
        assert "mainstay " not in re.sub(r"<[^>]*>", "", shown), path
        assert "style=" not in shown, path
        assert "onclick" not in shown, path
