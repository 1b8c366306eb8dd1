"""The story as one page."""

import re
from html.parser import HTMLParser

import pytest

from mainstay.notice.alert import Alert, Raised
from mainstay.quantities import CannotSay
from mainstay.report.html import story_html

HOSTILE = "</style><script>alert('x')</script><img src=x onerror=alert(1)>\" onload=\"alert(2)"


class Page(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.said = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.said.append(data)


@pytest.fixture(scope="module")
def story(two_lives_record):
    from mainstay.quantities import Finding, Instant, Interval
    from mainstay.report.answers import AnswerContext

    moment = Instant.parse("2025-07-02T00:00+02:00")
    found = Finding(
        "S11",
        "threshold",
        "found",
        "It takes less to tip over than before",
        "d",
        2.0,
        Interval(1.5, 2.6),
        "times as often",
        185,
        "m",
    )
    thin = CannotSay("too few acts", 9, 30, "acts", row="S12", about="visit", quantity="efficacy")
    context = AnswerContext(moment, moment, moment, "own_answers", ("phone",))
    return story_html("Sam’s year", [found, thin], context, *two_lives_record)


@pytest.fixture(scope="module")
def hostile(two_lives_record):
    from dataclasses import replace

    from mainstay.quantities import Instant
    from mainstay.report.answers import AnswerContext

    timeline, curves = two_lives_record
    events = {HOSTILE + name: replace(e, label=HOSTILE + name) for name, e in timeline.events.items()}
    timeline = replace(timeline, events=events)
    curves = replace(curves, unit=HOSTILE, reference_words=HOSTILE)
    moment = Instant.parse("2025-07-02T00:00+02:00")
    context = AnswerContext(moment, moment, moment, "own_answers", (HOSTILE,))
    thin = CannotSay(HOSTILE, row="S11", method=HOSTILE, would_change=HOSTILE)
    return story_html(HOSTILE, [thin], context, timeline, curves)


def test_the_page_fetches_nothing(story):
    links = set(re.findall(r"https?://[^\"' )<]+", story))
    assert links <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not set(Page(story).tags) & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "form",
        "base",
    }
    assert "@import" not in story
    assert not re.search(r"url\((?!#)", story)


def test_the_policy_forbids_everything_but_its_own_style(story):
    [policy] = [
        value for tag, name, value in Page(story).attributes if tag == "meta" and (value or "").startswith("default")
    ]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_hostile_text_stays_text(hostile):
    page = Page(hostile)
    assert not {"script", "img"} & set(page.tags)
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert page.tags.count("style") == 1


def test_the_picture_comes_for_page_and_phone_with_a_description(story):
    page = Page(story)
    assert page.tags.count("svg") == 2
    labels = [value for tag, name, value in page.attributes if tag == "svg" and name == "aria-label"]
    assert all("It takes less to tip over than before" in label and "threshold" in label.lower() for label in labels)


def test_no_two_elements_share_an_id(story):
    ids = [value for _, name, value in Page(story).attributes if name == "id"]
    assert len(set(ids)) == len(ids)
    used = set(re.findall(r"url\(#([^)]+)\)", story))
    assert used <= set(ids)


def test_the_table_says_what_the_picture_shows(story):
    page = Page(story)
    assert "table" in page.tags
    assert "visit to mother (relief), times" in page.said


def test_headings_are_in_order(story):
    tags = [tag for tag in Page(story).tags if re.fullmatch("h[1-6]", tag)]
    assert tags[0] == "h1"
    assert set(tags[1:]) == {"h2"}


def test_thin_evidence_is_marked_apart(story):
    assert "<article class='cannot-say'><p class='claim'>Cannot say: too few acts." in story


def test_dark_swaps_every_colour_of_the_picture(story):
    from mainstay.report.figure import LIGHT

    svg_colours = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]{6})"', story))
    assert svg_colours <= set(LIGHT.colours())


def test_a_page_without_answers_or_fit_is_still_a_page(make):
    page = story_html("Sam", [], make.context(), make.timeline(3), None)
    assert "add records first" in page


def test_the_alert_is_told_escaped(make, two_lives_record):
    timeline, curves = two_lives_record
    worse = Raised("look", "S3", "mood", HOSTILE, HOSTILE, HOSTILE)
    alert = Alert("look", HOSTILE, (worse,), HOSTILE)
    page = story_html("Sam", [], make.context(), timeline, curves, alert=alert)
    assert "Worth a look" in page
    assert HOSTILE not in page
