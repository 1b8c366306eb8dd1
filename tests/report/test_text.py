"""The story on a terminal."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from mainstay.notice.alert import BUDGET, QUIET, Alert, Raised
from mainstay.quantities import CannotSay
from mainstay.report.text import HEADINGS, PLAIN_HEADLINE, headline, sections, story_lines, story_rich
from mainstay.report.words import claim_of
from report import foreseen
from report.weighed import answers as weighed_options

THIN = CannotSay("too few acts", 9, 30, "acts", row="S12", about="visit", quantity="efficacy")


def test_answers_stand_in_the_order_of_the_story(make):
    answers = [THIN, *(make.finding(row=row, claim=f"This of {row}") for row in reversed(HEADINGS))]
    text = story_lines("Sam", answers, make.context())
    places = [text.index(heading) for heading in HEADINGS.values()]
    assert places == sorted(places)


def test_headings_without_answers_are_left_out(make):
    assert HEADINGS["S11"] not in story_lines("Sam", [make.finding()], make.context())


def test_an_answer_of_another_row_is_still_told(make):
    assert "Something else." in story_lines("Sam", [make.finding(row="S24", claim="Something else")], make.context())


def test_what_is_usual_is_told_by_its_claims_alone(make):
    usual = make.finding(row="S2", claim="“sleep” is usually about 7", would_change="more weeks")
    text = story_lines("Sam", [usual], make.context())
    assert "usually about 7." in text
    assert "more weeks" not in text


def test_the_alert_stands_first_with_one_suggestion_and_its_budget(make):
    worse = Raised("look", "S4", "mood", "It takes longer", "swings that fade", "write it down")
    later = Raised("watch", "S1", "work", "A worry waits", "looking at it", "look at it")
    alert = Alert("look", worse.by, (worse, later), worse.action, BUDGET)
    text = story_lines("Sam", [make.finding()], make.context(), alert=alert)
    assert text.index("Worth a look: it takes longer.") < text.index(HEADINGS["S9"])
    assert "Besides: a worry waits." in text
    assert text.count("write it down") == 1
    assert "at most one in 24 months" in " ".join(text.split())


def test_a_quiet_story_says_so_in_one_line(make):
    text = story_lines("Sam", [make.finding()], make.context(), alert=QUIET)
    assert "Quiet: nothing on record calls for attention." in text
    assert "alarm" not in text


def test_every_claim_is_told_with_how_sure_and_from_what(make):
    text = story_lines("Sam", [make.finding(evidence=("2024", "345 stretches"))], make.context())
    assert "90 % sure it lies between 0.08 and 0.16 points an hour" in text
    assert "from 345 stretches" in " ".join(text.split())
    assert "2,710 records" in " ".join(story_lines("Sam", [make.finding(evidence=())], make.context()).split())
    assert "What would change this" in text


def test_thin_evidence_looks_different_without_colour(make):
    text = story_lines("Sam", [make.finding(), THIN], make.context())
    assert "  • An hour" in text
    assert "  ? Cannot say" in text


def test_streams_left_out_are_named(make):
    assert "does not cover it: phone." in story_lines("Sam", [], make.context(left_out=("phone",)))


def test_nothing_on_record_is_said(make):
    assert "add records first" in story_lines("Sam", [], make.context())


@given(width=st.integers(40, 120))
def test_lines_stay_within_the_width(width):
    from mainstay.quantities import Instant
    from mainstay.report.answers import AnswerContext

    context = AnswerContext(Instant(0), Instant(0), Instant(0), "own_answers")
    text = story_lines("A rather long title for somebody's story, told in the evening", [THIN], context, width)
    assert max(len(line) for line in text.splitlines()) <= width


def test_a_percentage_is_not_torn_apart(make):
    text = story_lines("Sam", [make.finding()], make.context(), width=40)
    assert not any(line.endswith("90") or line.strip().startswith("%") for line in text.splitlines())


def test_control_characters_in_records_cannot_steer_the_terminal(make):
    text = story_lines("Sam\x1b[2J", [make.finding(claim="Read\x1b]0;this\x07")], make.context())
    assert "\x1b" not in text
    assert "\x07" not in text


def test_rich_and_plain_say_the_same(make):
    answers = [make.finding(), THIN]
    out = io.StringIO()
    Console(file=out, width=80, highlight=False, no_color=True).print(
        story_rich("Sam", answers, make.context()), end=""
    )
    assert out.getvalue() == story_lines("Sam", answers, make.context())


def test_it_can_be_written_in_an_old_windows_encoding(make):
    story_lines("Sam", [make.finding(), THIN], make.context()).encode("cp1252")


def test_the_headline_is_what_was_found_about_the_threshold(make):
    assert headline([make.finding(), make.finding(row="S11", claim="It takes less")]) == "It takes less"


def test_without_such_a_finding_the_headline_claims_nothing(make):
    assert headline([make.finding(), CannotSay("too few acts", row="S11")]) == PLAIN_HEADLINE


def test_one_reason_for_several_refusals_is_told_once_with_their_names():
    refusals = [
        CannotSay("too little was recorded", row="S9", about=about, quantity=quantity)
        for about, quantity in (("work", "added"), ("recovery", "recovery half-life"), ("visits", "added"))
    ]
    other = CannotSay("too few check-ins", row="S9", about="calls")
    [(_, group)] = sections([refusals[0], other, *refusals[1:]])
    assert [claim_of(answer) for answer in group] == [
        "Cannot say: too little was recorded. This concerns “work”, how long strain takes to fade and “visits”.",
        "Cannot say: too few check-ins.",
    ]


def test_a_reason_that_names_what_it_concerns_is_left_as_it_is():
    whole = [CannotSay("the record is too short", row=row) for row in ("S9", "S9", "S10")]
    assert [group for _, group in sections(whole)] == [whole[:2], whole[2:]]


def test_what_could_come_and_be_done_is_told_in_brief_with_where_there_is_more(make):
    text = story_lines("Sam", [*foreseen.answers(), *weighed_options()], make.context(), 80)
    assert text.count("More: mainstay futures CASE") == text.count("More: mainstay options CASE") == 1
    ahead = text[text.index(HEADINGS["S19"]) : text.index(HEADINGS["S20"])]
    assert "By 7 October 2025" in ahead
    assert "Of “worn down” and “headache” the next days can be told: mainstay futures CASE" in " ".join(ahead.split())
    assert "90 % sure" not in ahead
    assert "nights given up" not in ahead
    done = text[text.index(HEADINGS["S20"]) :]
    assert "Saturdays in the shed" in done
    assert "struck out:" not in done


def test_what_is_not_shown_is_one_line_in_brief(make):
    def withheld(name):
        claim = f"No forecast of “{name}” is shown for tomorrow or next week."
        detail = {"withheld": ["tomorrow", "next week"]}
        return make.finding(
            row="S19", about=name, status="withheld", claim=claim, reason="it may be chance", detail=detail
        )

    whole = make.finding(row="S19", about="futures", status="withheld", claim="It is not shown.", reason=foreseen.WHY)
    said = " ".join(story_lines("Sam", [whole, withheld("sleep"), withheld("worn down")], make.context(), 80).split())
    assert f"{foreseen.WHY[1:]}." in said
    assert "No forecast is shown of “sleep” and “worn down”." in said
    assert "it may be chance" not in said
