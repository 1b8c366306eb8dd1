"""What could be done, as words and page: what holds up, what is struck out and why, who bears what."""

import re
from dataclasses import replace

import pytest

from mainstay.quantities import CannotSay
from mainstay.report.options_data import deciding_of
from mainstay.report.options_figures import tornado_figure, worth_figure
from mainstay.report.options_html import compared_table, options_html
from mainstay.report.options_text import NOTHING, options_lines
from mainstay.report.options_words import gain_words, signed, span, worth_words
from mainstay.report.picture import picture_svg
from report import weighed
from report.test_explanations import Page
from report.test_futures import HOSTILE

TITLE = "What could be done, for Sam"


@pytest.fixture(scope="module")
def told():
    return weighed.answers()


@pytest.fixture
def page(told, make):
    return options_html(TITLE, told, make.context())


@pytest.fixture
def lines(told, make):
    return options_lines(TITLE, told, make.context(), 80)


def test_what_holds_up_stands_first_and_what_is_struck_out_has_its_reason_first(lines):
    places = [lines.index(f"\n{heading}\n") for heading in (
        "What holds up", "What still stands", "No better than another", "Struck out, and why", "What each is worth",
        "What the order hangs on", "Deciding now or waiting", "How to reach the person", "The first leaning",
        "What it asks of the supporter", "How this was worked out",
    )]  # fmt: skip
    assert places == sorted(places)
    reasons = [line for line in lines.splitlines() if line.startswith("  ✗ ")]
    assert [line[4:24] for line in reasons] == ["It would touch “her ", "It would have to be ", "Too many steps that "]
    assert "      Besides: too many steps that must all succeed: .28–.41.\n" in lines


def test_limits_come_in_their_order_whatever_the_order_of_the_answers(told):
    backwards = deciding_of(list(reversed(told))).struck
    assert [one.name for one in backwards] == [
        "move in with her", "swap her shifts unasked", "a surprise visit from her brother",
    ]  # fmt: skip


def test_of_what_is_struck_out_no_worth_is_told(page, lines):
    for one in (page, lines):
        assert not re.search(r"73|0\.7317", re.sub(r"<style>.*?</style>|<svg.*?</svg>", "", one, flags=re.DOTALL))
    assert "swap her shifts" not in re.search(r"What each is worth.*?Who bears", page, flags=re.DOTALL).group()


def test_who_bears_what_is_told_for_person_and_supporter(lines, page):
    assert "It takes 3 to 4 hours a week and 0 to 5 points of the supporter." in lines
    assert "It gives the supporter 5 to 20 points." in lines
    assert "It takes 120 to 160 a month in money of the person." in lines
    assert "data-label='It takes of the supporter'" in page


def test_the_weakest_link_and_what_the_order_hangs_on_are_told(lines):
    assert "Its weakest link is “she says yes”: 60 to 80 in 100." in lines
    assert "The weight of “no time of one’s own”: from −3 to +9 points ahead; below 20" in lines
    assert "“Saturdays in the shed” is 5 points ahead of the next." in lines


def test_where_nothing_moves_the_best_by_a_point_no_figure_is_drawn(make):
    bars = [{"what": "how good “other” would be", "low": -0.01, "high": 0.08, "turns": "at 56 points"}]
    flat = [weighed.whole(tornado={"ahead": 0.04, "of": "“a”", "bars": bars}), weighed.recommended()]
    text = options_lines(TITLE, flat, make.context(), 80)
    assert "“a” and the next are within a point of each other" in text
    assert "ahead" not in text


def test_what_is_next_to_nothing_is_told_as_that(make):
    detail = {**weighed.recommended().detail, **weighed.worth(52.04, 52.0, 52.1, regret=0.01)}
    detail["gain"] = {"points": 0.04, "low": 0.0, "high": 0.12}
    little = replace(weighed.recommended(), detail=detail)
    text = " ".join(options_lines(TITLE, [little], make.context(), 80).split())
    assert "Less than a point either way against leaving things as they are" in text
    assert "less than a point could be missed at most" in text


def test_what_the_first_sentence_says_of_waiting_is_not_said_again(make):
    wait = "Before anything is chosen for good it is worth knowing more at once: ask her."
    whole = replace(weighed.whole(waiting=wait), claim=wait)
    assert options_lines(TITLE, [whole, weighed.recommended()], make.context(), 200).count("ask her") == 1


def test_an_option_that_can_not_be_followed_says_what_would_change_that(make):
    detail = weighed.written(what="a walk with the dog")
    unread = CannotSay("what “a dog” would do can't be told: no event “walk” is on record", row="S20", about="a dog",
                       would_change="the names in its levers as they are on record", detail=detail)  # fmt: skip
    text = " ".join(options_lines(TITLE, [unread], make.context(), 80).split())
    assert "can't be told: no event “walk” is on record." in text
    assert "What would change this: the names in its levers as they are on record." in text
    assert text.count("on record") == 2


def test_flat_bars_are_no_figure(make):
    bars = [{"what": "how good “other” would be", "low": -0.01, "high": 0.08, "turns": "at 56 points"}]
    flat = [weighed.whole(tornado={"ahead": 0.04, "of": "“a”", "bars": bars}), weighed.recommended()]
    assert "How far the best is ahead" not in options_html(TITLE, flat, make.context())


def test_each_worth_stands_with_its_range_regret_and_chance_of_being_best(told, lines):
    head, rows = compared_table(deciding_of(told).weighed)
    assert head[1:] == (
        "On average", "Against leaving things as they are", "If it goes badly", "Most that could be missed", "Best",
    )  # fmt: skip
    assert rows[0] == (
        "Saturdays in the shed",
        "61 (55 to 68)",
        "+9 (+1 to +18)",
        "40",
        "less than a point",
        "about 62 in 100",
    )
    assert [row[0] for row in rows][2] == "Nothing is changed"
    assert rows[2][2] == "–"
    assert re.search(r"\| +─+█─+ +\| 61 \(55 to 68\) points", lines)


def test_ranges_and_signs():
    assert [span(one) for one in ((3.0, 5.0), (2.0, 2.0), (0.5, 1.0), (1200.0, 1500.0))] == [
        "3 to 5", "2", "0.5 to 1", "1,200 to 1,500",
    ]  # fmt: skip
    assert [signed(one) for one in (4.0, -1.26, 0.0, 12.4)] == ["+4", "−1.3", "0", "+12"]
    assert worth_words(deciding_of([weighed.recommended()]).choices[0].expected) == "61 (55 to 68)"
    assert gain_words(deciding_of(weighed.standing()).choices[1].gain) == "−1 (−14 to +12)"


def test_with_no_options_on_record_it_says_how_to_write_one(make):
    assert NOTHING.split(".")[0] in options_lines(TITLE, [], make.context(), 80)
    shown = options_html(TITLE, [], make.context())
    assert Page(shown).open == []
    assert "<svg" not in shown
    assert "No option is on record yet" in shown


def test_with_options_alone_nothing_else_is_needed(make):
    few = [weighed.recommended(), *weighed.all_struck()]
    assert Page(options_html(TITLE, few, make.context())).open == []
    assert "Struck out, and why" in options_lines(TITLE, few, make.context(), 80)


def test_the_page_is_whole_fetches_nothing_and_runs_nothing(page):
    seen = Page(page)
    assert seen.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(seen.tags)
    assert not [one for one in seen.attributes if one[1] in ("src", "href", "srcset") or one[1].startswith("on")]
    assert "http" not in re.sub(r"http-equiv|xmlns(:xlink)?=\"[^\"]*\"", "", page)
    ids = re.findall(r"\bid=\"([^\"]+)\"", page)
    assert len(ids) == len(set(ids))
    figures = re.findall(r"<figure.*?</figure>", page, flags=re.DOTALL)
    assert len(figures) == 2
    assert all(one.count('role="img" aria-label="') == 2 and "The picture as a table" in one for one in figures)


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(told, make, width):
    assert max(len(line) for line in options_lines(TITLE, told, make.context(), width).splitlines()) <= width


@pytest.mark.parametrize("width", [360, 756])
def test_figures_are_exactly_as_wide_as_asked_and_draw_their_lines(told, width):
    deciding = deciding_of(told)
    for spec in (worth_figure(deciding.weighed, width), tornado_figure(deciding.tornado, width)):
        svg = picture_svg(spec)
        assert re.search(rf"<svg[^>]*width=\"{width}\"", svg)
        assert 'stroke-dasharray="3,3"' in svg


def test_twenty_options_with_long_names_are_all_told(make):
    one = weighed.recommended()
    names = [f"{'something that could be done for a long time ' * 3}{k}" for k in range(20)]
    many = [weighed.whole(), *(replace(one, about=name, status="found") for name in names)]
    shown = options_html(TITLE, many, make.context())
    assert Page(shown).open == []
    assert shown.count("<article class='option '>") == 20
    assert max(len(line) for line in options_lines(TITLE, many, make.context(), 40).splitlines()) <= 40


def test_text_from_records_is_never_markup_nor_steers_a_terminal(make):
    hostile = [weighed.whole(), *_hostile()]
    hostile[0] = replace(hostile[0], claim=HOSTILE, detail={**hostile[0].detail, "waiting": HOSTILE,
                                                            "tornado": _bars(HOSTILE)})  # fmt: skip
    shown = options_html(HOSTILE, hostile, make.context(), note=HOSTILE)
    assert Page(shown).open == []
    assert not {"script", "img"} & set(Page(shown).tags)
    for one in (shown, options_lines(HOSTILE, hostile, make.context(), 80)):
        assert not re.search(r"[\x00\x1b\u202e]", one)


def _hostile():
    steps = ((HOSTILE, 0.1, 0.2), (HOSTILE, 0.3, 0.4))
    detail = weighed.written(steps, what=HOSTILE, channel=HOSTILE) | weighed.worth(60, 50, 70)
    option = weighed.finding(HOSTILE, "recommended", HOSTILE, reason=HOSTILE, would_change=HOSTILE, detail=detail)
    return [option, weighed.struck(HOSTILE, ("hidden", HOSTILE, HOSTILE)), replace(option, row="S23", method=HOSTILE)]


def _bars(name):
    return {"ahead": 5.0, "of": name, "bars": [{"what": name, "low": -2.0, "high": 7.5, "turns": name}]}
