"""The page of explanations: what is known, what is not, what to do next, and the evidence behind each cause."""

import math
import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser

import pytest

from mainstay.notice.alert import Alert
from mainstay.quantities import CannotSay, Instant
from mainstay.report.explanations_data import account_of
from mainstay.report.explanations_html import explanations_html
from mainstay.report.explanations_replay import Said, hindsight_of, replay_html, replay_lines, said_of
from mainstay.report.explanations_text import explanations_lines
from mainstay.report.explanations_words import ratio_words, sign, sign_words, weight_words
from report import explained

HOSTILE = "</style><script>alert('x')</script><img src=x onerror=alert(1)>\x1b[2J"
TITLE = "What could be behind it, for Sam"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.said, self.open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in ("meta", "rect"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag != "rect":
            assert self.open.pop() == tag

    def handle_data(self, data):
        self.said.append(data)


@pytest.fixture(scope="module")
def told():
    return explained.answers()


@pytest.fixture
def page(told, make):
    return explanations_html(TITLE, told, make.context())


@pytest.fixture
def lines(told, make):
    return explanations_lines(TITLE, told, make.context(), 80)


def test_what_is_known_holds_what_is_certain_and_nothing_else(told):
    account = account_of(told)
    assert account.known == (
        "It takes less to tip over than before.",
        "“visit to mother” eases strain.",
        "“quarrel with the rival” eases strain.",
        explained.QUARRELS,
    )


def test_what_is_not_known_begins_with_the_cause_and_tells_like_reasons_once(told):
    unknown = account_of(told).unknown
    assert unknown[0] == f"Whether “role concealment” is the cause: {explained.SINCE}."
    assert unknown[1] == f"Of “visit to mother” and “quarrel with the rival”: {explained.NO_TRIAL}."
    assert "one time is a candidate" in unknown[2]
    assert any("knows both lives" in one for one in unknown)
    nothing = CannotSay("nothing on record happened once", row="S16")
    assert account_of([*told, nothing]).unknown == unknown


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("established_unexplained", "Why it is so: nothing fits."),
        ("suggested", "Whether “role concealment” is the cause: nothing fits."),
        ("tied", "Which of “role concealment” it is: nothing fits."),
    ],
)
def test_what_is_open_is_said_by_status(told, status, words):
    overall = replace(told[0], status=status, reason="nothing fits")
    assert account_of([overall, *told[1:]]).unknown[0] == words


def test_what_helped_once_is_tried_again_and_what_strained_never(told):
    to_do = [do for do, _ in account_of(told).next]
    assert to_do[0] == (
        "Try once more what seemed to help: “call with an old friend” again, two or three times on days drawn by lot."
    )
    assert "dinner" not in " ".join(to_do)


def test_what_to_do_stands_apart_from_what_it_would_bring(told):
    assert account_of(told).next[1:] == (
        (
            "Note of colleague A whether a part has to be played.",
            "If it has, it goes to 75 %; if not, it goes to 20 %. It takes about 2 minutes.",
        ),
        ("Answer each morning how well you slept, for four weeks.", ""),
    )


def test_without_anything_to_ask_the_whole_says_what_would_change_it(told):
    left = [one for one in told if one.row not in ("S16", "S17")]
    assert account_of(left).next == (("Note with whom a part has to be played.", ""),)


def test_causes_stand_by_weight_with_what_nobody_listed_among_them(told):
    causes = account_of(told).causes
    assert [one.weight for one in causes] == sorted((one.weight for one in causes), reverse=True)
    assert [one.name for one in causes[:2]] == ["role concealment", "an unlisted cause"]
    assert "the stars" not in [one.name for one in causes]
    first = causes[0]
    assert first.speaks_for == (explained.MATRIX[0][0],)
    assert first.speaks_against == ()
    overwork = next(one for one in causes if one.name == "overwork")
    assert overwork.speaks_against == (explained.MATRIX[2][0], explained.MATRIX[1][0])


def test_the_evidence_stands_the_most_telling_first(told):
    evidence = account_of(told).evidence
    assert [one.telling for one in evidence] == sorted((one.telling for one in evidence), reverse=True)


def test_the_terminal_tells_the_three_blocks_first_then_causes_then_evidence(lines):
    places = [lines.index(f"\n{heading}\n") for heading in (
        "What is known", "What is not", "What to do next", "What could be behind it",
        "The evidence, the most telling first", "Set aside until it says what it forbids", "No longer considered",
        "How this was worked out",
    )]  # fmt: skip
    assert places == sorted(places)
    assert "an explanation stands out, unconfirmed. The records are clear" in " ".join(lines.split())
    assert "Role concealment (unconfirmed)" in lines
    assert "Weight 61 % (between 35 and 80 %)" in lines
    assert "Nothing on record yet to test these by: “bereavement”.\n" in lines
    assert "It has 4 % of the weight, which is only what was thought beforehand." in lines
    assert "the stars: It is written there. Nothing could speak against it.\n" in lines
    assert "What is on record says little either way about “sleep”." in lines
    assert "friends in trouble: none of them is in trouble, I asked" in lines


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_no_line_is_wider_than_the_terminal(told, make, width):
    text = explanations_lines(TITLE, told, make.context(), width)
    assert max(len(line) for line in text.splitlines()) <= width


def test_a_status_never_reads_as_code(page, lines):
    for text in (page, lines):
        assert not re.search(r"established_|not_found|cannot_say|only_stalls", text)


def test_the_signs_of_the_matrix_say_which_way_and_how_much(lines):
    signs = [line for line in lines.splitlines() if line.startswith(("  ++", "  −", "     ", "  ·"))]
    assert any(re.match(r"  \+\+ −−\s+Company in which", line) for line in signs)
    assert [sign(log) for log in (1.2, 0.5, 0.1, 0.0, -0.1, -0.5, -1.2, -50.0)] == [
        "++", "+", "·", "·", "·", "−", "−−", "−−",
    ]  # fmt: skip
    assert sign_words(-0.5) == "against"


@pytest.mark.parametrize(
    ("log", "words"),
    [
        (0.0, "as likely"),
        (math.log(3.2), "3.2 times as likely"),
        (-math.log(12), "12 times less likely"),
        (-50.0, "more than 999 times less likely"),
    ],
)
def test_ratios_in_words(log, words):
    assert ratio_words(log) == words


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        ((0.46, 0.3, 0.7), "46 % (between 30 and 70 %)"),
        ((0.03, 0.004, 0.12), "3 % (12 % at most)"),
        ((0.001, 0.0, 0.006), "less than 1 %"),
        ((0.97, 0.9, 0.998), "97 % (between 90 and more than 99 %)"),
    ],
)
def test_weights_in_words(weight, words):
    assert weight_words(*weight) == words


def test_the_page_is_whole_fetches_nothing_and_runs_nothing(page):
    seen = Page(page)
    assert seen.open == []
    assert not {"script", "link", "img", "iframe", "object"} & set(seen.tags)
    assert not [one for one in seen.attributes if one[1] in ("src", "href", "srcset") or one[1].startswith("on")]
    assert "http" not in re.sub(r"http-equiv", "", page)
    assert "default-src 'none'" in page


def test_nothing_in_the_matrix_is_told_by_colour_alone(page):
    cells = re.findall(
        r"<td class='(\w+)'><span aria-hidden='true'>([^<]+)</span><span class='heard'>([^<]+)</span>", page
    )
    assert ("for2", "++", "clearly for") in cells
    assert ("against2", "−−", "clearly against") in cells
    assert {tone: mark for tone, mark, _ in cells} == {
        "for2": "++", "against2": "−−", "against": "−", "none": "·",
    }  # fmt: skip
    assert page.count("<span class='heard'>says nothing of it</span>") == 25 - len(cells)


def test_every_table_has_headers_for_rows_and_columns(page):
    for table in re.findall(r"<table.*?</table>", page, flags=re.DOTALL):
        rows = re.findall(r"<tr.*?</tr>", table, flags=re.DOTALL)
        assert rows[0].count("scope='col'") == len(re.findall(r"<t[hd]", rows[0]))
        assert all("scope='row'" in row for row in rows[1:])


def test_numbers_and_workings_are_folded_away(page):
    folded = "".join(re.findall(r"<details.*?</details>", page, flags=re.DOTALL))
    assert "times as likely what came out" in folded.replace("How many times", "times")
    assert "4.0 times as likely" in folded
    assert "4.0 times as likely" not in page.replace(folded, "").split("<details>")[0]
    assert "Evidence ratios against an unlisted cause" in folded


@pytest.mark.parametrize("row", ["S14", "S16", "S17"])
def test_text_from_records_is_never_markup(told, make, row):
    hostile = [
        replace(one, claim=HOSTILE, reason=HOSTILE, would_change=HOSTILE, method=HOSTILE, about=one.about or HOSTILE)
        if one.row == row
        else one
        for one in told
    ]
    text = explanations_html(HOSTILE, hostile, make.context(left_out=(HOSTILE,)))
    assert not {"script", "img"} & set(Page(text).tags)
    assert "\x1b" not in text
    assert "\x1b" not in explanations_lines(HOSTILE, hostile, make.context(), 80)


def test_hostile_names_in_the_matrix_are_never_markup(told, make):
    row = {"words": HOSTILE, "came_out": HOSTILE, "log_ratio": {HOSTILE: 2.0}, "diagnosticity": 9.0, "n": 1}
    cause = explained.cause(HOSTILE, HOSTILE, "suggested", 0.9, 0.8, 0.95, ask=HOSTILE, could_speak_against=(HOSTILE,))
    overall = replace(told[0], detail={**told[0].detail, "matrix": [row], "set_aside": {HOSTILE: HOSTILE}})
    seen = Page(explanations_html(TITLE, [overall, cause], make.context()))
    assert not {"script", "img"} & set(seen.tags)
    assert "\x1b" not in explanations_lines(TITLE, [overall, cause], make.context(), 80)


def test_with_nothing_on_record_the_page_still_says_what_to_do(make):
    nothing = CannotSay(
        "too little is on record", row="S14", about="explanation", would_change="more of what is sought"
    )
    for answers in ([], [nothing]):
        text = explanations_lines(TITLE, answers, make.context(), 80)
        assert "Nothing is certain yet." in text
        assert Page(explanations_html(TITLE, answers, make.context())).open == []
    assert "Whether there is a pattern cannot be said yet." in text
    assert "More of what is sought." in text


def test_without_a_fit_the_page_says_why_and_what_can_not_be_read(make):
    unfitted = CannotSay("Too few check-ins", 9, 30, "check-ins", row="S14", quantity="explanation")
    unread = CannotSay("a possible cause written 3 May 2025 can't be read: name", row="S14")
    unknown = account_of([unfitted, unread]).unknown
    assert unknown[0] == "Whether there is a pattern: too few check-ins."
    assert unknown[1] == "A possible cause written 3 May 2025 can't be read: name."


def test_an_alert_stands_first(told, make):
    alert = Alert("quiet", "Nothing stands out", "", "", ())
    text = explanations_lines(TITLE, told, make.context(), 80, alert)
    assert text.index("Quiet: nothing stands out.") < text.index("What is known")
    assert "Quiet: nothing stands out." in explanations_html(TITLE, told, make.context(), alert)


@dataclass
class Month:
    as_of: Instant
    overall: object
    tried: tuple
    learned: tuple
    hindsight: object


JUNE, JULY = Instant.parse("2025-06-05T00:00+02:00"), Instant.parse("2025-07-08T00:00+02:00")


def test_a_replay_tells_each_month_what_could_be_said_then(told):
    then = replace(told[0], status="established_unexplained", detail={**told[0].detail, "leading": []})
    evening = explained.finding("S16", "evening", "relief_observed_recovery_untested", "It eased.")
    months = [
        Month(JUNE, then, (), ("mother: warm",), told[0]),
        Month(JULY, told[0], (evening,), tuple(f"p{k}: warm" for k in range(9)), told[0]),
    ]
    assert hindsight_of(months[0]) == Said("unconfirmed", "role concealment", 0.61)
    assert hindsight_of(months[1]) is None
    text = replay_lines(months, 80)
    assert "  5 June 2025       established, unexplained\n" in text
    assert "with what is known now: unconfirmed: role concealment, 61 %" in text
    assert "  8 July 2025       unconfirmed: role concealment, 61 %\n" in text
    assert "relief observed, recovery untested: evening" in text
    assert "and 3 more" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    section = replay_html(months)
    assert Page(section).open == []
    assert section.count("<tr role='row'>") == 3
    assert "With what is known now" in section


def test_what_was_written_is_told_once_for_each_form_without_its_mark():
    learned = (*(f"an option was written ({k:06x})" for k in range(3)), "a leaning was written (b3157a)")
    text = replay_lines([Month(JUNE, CannotSay("too few check-ins"), (), learned, None)])
    assert "became known: an option was written, 3 times; a leaning was written" in " ".join(text.split())


def test_a_month_without_an_answer_is_told_as_such():
    month = Month(JUNE, CannotSay("too few check-ins"), (), (), None)
    assert said_of(month.overall) == Said("cannot be said yet")
    assert "cannot be said yet" in replay_lines([month])
    assert "With what is known now" not in replay_html([month])


def test_a_replay_stands_on_the_page_and_is_never_markup_from_records(told, make):
    hostile = replace(told[0], detail={"leading": [HOSTILE]})
    once = explained.finding("S16", HOSTILE, "relief_observed_recovery_untested", HOSTILE)
    month = Month(JUNE, hostile, (once,), (HOSTILE,), told[0])
    seen = Page(explanations_html(TITLE, told, make.context(), below=replay_html([month])))
    assert seen.open == []
    assert not {"script", "img"} & set(seen.tags)
    assert "\x1b" not in replay_lines([month])
