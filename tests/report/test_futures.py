"""What could come, as words and page: chances with ranges, curves with tables, and nothing of what is withheld."""

import re
from dataclasses import replace

import pytest

from mainstay.quantities import CannotSay
from mainstay.report.futures_data import ahead_of
from mainstay.report.futures_fared import NONE_BY_THEN, NONE_YET, fared_lines
from mainstay.report.futures_figures import chances_figure, fan_figure, held_figure, survival_figure
from mainstay.report.futures_html import fan_table, futures_html, survival_table
from mainstay.report.futures_text import NOTHING, futures_lines
from mainstay.report.futures_words import chance_and_range, chance_words, ordinal, range_words, span_words
from mainstay.report.picture import picture_svg
from report import foreseen
from report.test_explanations import Page

HOSTILE = "</style><script>alert('x')</script><img src=x onerror=alert(1)>\x1b[2J\u202egnorw\u0000"
TITLE = "What could come, for Sam"


@pytest.fixture(scope="module")
def told():
    return foreseen.answers()


@pytest.fixture
def page(told, make):
    return futures_html(TITLE, told, make.context(), fared=foreseen.fared())


@pytest.fixture
def lines(told, make):
    return futures_lines(TITLE, told, make.context(), 80, fared=foreseen.fared())


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (0.0, "fewer than 1 in 100"), (0.005, "about 1 in 100"), (0.012, "about 1 in 100"), (0.07, "about 7 in 100"),
        (0.34, "about 34 in 100"), (0.93, "about 93 in 100"), (0.995, "about 99 in 100"), (1.0, "more than 99 in 100"),
    ],
)  # fmt: skip
def test_a_chance_is_so_many_in_so_many_and_never_none_or_all(chance, words):
    assert chance_words(chance) == words


def test_the_words_for_a_chance_are_never_far_from_it():
    for k in range(9, 92):
        few, of = re.fullmatch(r"about (\d+) in (\d+)", chance_words(k / 100.0)).groups()
        assert abs(int(few) / int(of) - k / 100.0) <= 0.051


def test_a_range_is_in_100_and_told_once_where_its_ends_read_alike():
    assert chance_and_range(0.34, 0.2, 0.45) == "about 34 in 100 (20 to 45)"
    assert range_words(0.2, 0.204) == "20 in 100"
    assert range_words(0.0, 0.003) == "fewer than 1 in 100"
    assert chance_and_range(0.0, 0.0, 0.01) == "fewer than 1 in 100"
    assert chance_and_range(0.0, 0.0, 0.03) == "fewer than 1 in 100 (at most 3)"
    assert chance_and_range(0.999, 0.99, 1.0) == "more than 99 in 100"
    assert chance_and_range(0.999, 0.97, 1.0) == "more than 99 in 100 (at least 97)"


def test_spans_and_ranks_in_words():
    assert [span_words(days) for days in (1, 10, 91)] == ["1 day", "10 days", "13 weeks"]
    assert [ordinal(k) for k in (1, 2, 3, 4, 11, 12, 21)] == ["1st", "2nd", "3rd", "4th", "11th", "12th", "21st"]


def test_the_likeliest_stands_first_as_the_headline_says(told):
    turns = ahead_of(told).turns
    assert [one.name for one in turns] == [
        "both kept, slips growing", "nights given up", "other", "breakdown", "time for oneself again",
    ]  # fmt: skip
    assert [one.must_not for one in turns] == [False, False, False, True, False]


def test_the_terminal_tells_how_it_could_turn_out_then_how_urgent_it_is_then_the_next_days(lines, make):
    places = [lines.index(f"\n{heading}") for heading in (
        "How it could turn out by 7 October 2025, 13 weeks from 8 July 2025", "How urgent it is",
        "The next day and the next week", "What is not shown, and why", "What cannot be said",
        "How forecasts so far fared", "How this was worked out",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "Breakdown (must not happen)" in lines
    assert "Time for oneself again (1st choice)" in lines
    assert re.search(r"\|     ─+█─+ +\| about 34 in 100 \(22 to 47\)", lines)
    assert "If it comes, as likely before as after 10 August 2025." in lines
    rare = [foreseen.whole(), foreseen.turn("a flood", 0.01, 0.0, 0.03, half_by=40)]
    assert "If it comes" not in futures_lines(TITLE, rare, make.context(), 80)
    assert "Must not happen: “breakdown”." in lines
    assert "On 8 July 2025" in lines
    assert "In the week from 8 July 2025 on" in lines
    assert "headache: about 19 in 100 (11 to 30)" in lines
    assert "worn down: about 4.2 (3.0 to 5.4); usually 3.9" in lines
    assert "There are 3 migraines; about 20\n    are needed." in lines


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(told, make, width):
    text = futures_lines(TITLE, told, make.context(), width, fared=foreseen.fared())
    assert max(len(line) for line in text.splitlines()) <= max(width, 30)


def test_of_what_is_withheld_no_number_and_no_curve_is_told(make):
    held_back = foreseen.withheld()
    text = futures_lines(TITLE, held_back, make.context(), 80)
    shown = futures_html(TITLE, held_back, make.context())
    for one in (text, shown):
        assert foreseen.NOT_SHOWN in one
        assert "no better" in one
        assert not re.search(r"0\.73|73|61|82|1 in|in 100", re.sub(r"<style>.*?</style>", "", one, flags=re.DOTALL))
    assert "<svg" not in shown
    assert "<table" not in shown
    ahead = ahead_of(held_back)
    assert (ahead.fan, ahead.survival, ahead.turns, ahead.nexts) == (None, None, (), ())


def test_one_reason_for_several_withheld_is_told_once(make):
    assert futures_lines(TITLE, foreseen.withheld(), make.context(), 80).count(foreseen.NOT_SHOWN) == 1


def test_with_nothing_on_record_it_says_so_without_numbers(make):
    assert NOTHING in futures_lines(TITLE, [], make.context(), 80)
    shown = futures_html(TITLE, [], make.context(), fared=foreseen.nothing_written())
    assert NOTHING in shown
    assert NONE_BY_THEN in shown
    assert "<svg" not in shown
    assert Page(shown).open == []


def test_what_can_not_be_said_is_said_with_its_reason(make):
    thin = [CannotSay("too few check-ins", 9, 30, "check-ins", row="S19", about="futures", quantity="futures")]
    assert "There are 9 check-ins; about 30 are needed." in futures_lines(TITLE, thin, make.context(), 80)


def test_answers_of_other_rows_are_not_told(told, make):
    other = make.finding(claim="An hour as rescuer adds strain")
    assert "rescuer" not in futures_lines(TITLE, [*told, other], make.context(), 80)


def test_how_forecasts_fared_is_told_with_counts(make):
    told = fared_lines(foreseen.fared(), make.context())
    assert told[0] == (
        "112 forecasts so far came due and were held against what happened; 9 wait to come due, the next on 9 Jul 2025."
    )
    assert "Headache tomorrow: 12 of 70 came, about 14 were to be expected." in told
    assert "Worn down tomorrow: 37 of 42 lay in the range given, about 38 were to be expected." in told
    assert told[-1] == "3 forecasts could not be scored: nothing was recorded then."
    now = make.context(as_of=make.context().made_at)
    assert fared_lines(foreseen.nothing_written(), now) == [NONE_YET]
    assert fared_lines(foreseen.nothing_written(), make.context()) == [NONE_BY_THEN]
    once = replace(foreseen.fared().by[0], about="head: ache: tomorrow", n=1, came=1)
    assert "Head: ache, the next day: 1 of 1 came." in fared_lines(foreseen.fared(by=(once,)), make.context())
    many = tuple(replace(once, rule=f"rule {k}") for k in range(15))
    assert "3 other things were forecast, too." in fared_lines(foreseen.fared(by=many), make.context())
    assert fared_lines(replace(foreseen.fared(), n=0, waiting=1, by=(), unscorable={}), now)[0] == (
        "None of the forecasts written down could be held against what happened yet; 1 waits to come due, the next on "
        "9 Jul 2025."
    )


def test_the_page_is_whole_fetches_nothing_and_runs_nothing(page):
    seen = Page(page)
    assert seen.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(seen.tags)
    assert not [one for one in seen.attributes if one[1] in ("src", "href", "srcset") or one[1].startswith("on")]
    assert "http" not in re.sub(r"http-equiv|xmlns(:xlink)?=\"[^\"]*\"", "", page)
    ids = re.findall(r"\bid=\"([^\"]+)\"", page)
    assert len(ids) == len(set(ids))


def test_every_figure_has_words_for_whoever_cannot_see_it_and_a_table(page):
    figures = re.findall(r"<figure.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == 4
    for one in figures:
        assert one.count('role="img" aria-label="') == 2
        assert "The picture as a table" in one
    for table in re.findall(r"<table.*?</table>", page, flags=re.DOTALL):
        rows = re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
        assert rows[0].count("scope='col'") == len(re.findall(r"<t[hd]", rows[0]))
        assert all("scope='row'" in row for row in rows[1:])


def test_tables_tell_weeks_and_the_last_day(told):
    ahead = ahead_of(told)
    head, rows = survival_table(ahead.survival, ahead.begins)
    assert head == ("By", "Limit not yet reached", "Range")
    assert rows[0] == ("8 Jul 2025", "100 in 100", "100 in 100")
    assert rows[-1] == ("7 Oct 2025", "74 in 100", "63 to 83 in 100")
    head, rows = fan_table(ahead.fan, ahead.begins)
    assert head == ("Day", "Middle", "Half of the futures", "Nine in ten")
    assert len(rows) == 14
    assert rows[-1][0] == "7 Oct 2025"


@pytest.mark.parametrize("width", [360, 756])
def test_figures_are_exactly_as_wide_as_asked_and_use_no_alarming_colour(told, width):
    ahead = ahead_of(told)
    specs = [
        chances_figure(ahead, width), fan_figure(ahead.fan, ahead.begins, width),
        survival_figure(ahead.survival, ahead.begins, width), held_figure(foreseen.fared().bins, width),
    ]  # fmt: skip
    for spec in specs:
        svg = picture_svg(spec)
        assert re.search(rf"<svg[^>]*width=\"{width}\"", svg)
        for colour in set(re.findall(r"#[0-9a-f]{6}", svg)):
            red, green, blue = (int(colour[k : k + 2], 16) for k in (1, 3, 5))
            assert red < 140 or max(red, green, blue) - min(red, green, blue) < 40


def test_text_from_records_is_never_markup_nor_steers_a_terminal(told, make):
    hostile = [
        replace(one, claim=HOSTILE, reason=HOSTILE, would_change=HOSTILE, method=HOSTILE,
                about=one.about if one.about in ("futures", "own limit", "other") else HOSTILE)
        for one in told
    ]  # fmt: skip
    hostile[0] = replace(hostile[0], detail={**hostile[0].detail, "order": [HOSTILE, "b"], "must_not": [HOSTILE]})
    shown = futures_html(HOSTILE, hostile, make.context(left_out=(HOSTILE,)), note=HOSTILE)
    assert Page(shown).open == []
    assert not {"script", "img"} & set(Page(shown).tags)
    text = futures_lines(HOSTILE, hostile, make.context(), 80)
    for one in (shown, text):
        assert not re.search(r"[\x00\x1b\u202e]", one)


def test_where_the_limit_is_hardly_ever_reached_no_curve_is_drawn(make):
    flat = {"days": [0, 45, 91], "share": [1.0] * 3, "low": [0.999] * 3, "high": [1.0] * 3}
    shown = futures_html(TITLE, [foreseen.whole(), foreseen.urgency(survival=flat)], make.context())
    assert "not yet reached, of 100" not in shown
    assert "It is not urgent" in shown


def test_many_ways_with_long_names_are_all_drawn(make):
    names = [f"{'a very long way it could turn out ' * 4}{k}" for k in range(20)]
    many = [foreseen.whole(), *(foreseen.turn(name, 0.05, 0.02, 0.09, rank=k + 1) for k, name in enumerate(names))]
    assert Page(futures_html(TITLE, many, make.context())).open == []
    text = futures_lines(TITLE, many, make.context(), 40)
    assert text.count("about 5 in 100") == 20
    assert max(len(line) for line in text.splitlines()) <= 40
