"""Names that were made for machines are read by people as what they ask."""

from dataclasses import replace

from mainstay.report.labels import in_words


def test_an_item_named_for_machines_is_told_by_its_label(make):
    life, *_ = make.two_lives()
    rated = life.ratings[life.anchor]
    asked = replace(rated, item=replace(rated.item, name="as_myself", label="How much are you yourself?"))
    bare = replace(rated, item=replace(rated.item, name="negative_mood", label=""))
    timeline = replace(life, ratings={**life.ratings, "as_myself": asked, "negative_mood": bare})
    told = [
        make.finding(
            about="as_myself", claim="“as_myself” and “negative_mood” rise", would_change="more of “as_myself”"
        ),
        make.finding(about=life.anchor, claim=f"“{life.anchor}” rises with as_myself"),
    ]
    first, second = in_words(told, timeline)
    assert first.about == "How much are you yourself?"
    assert first.claim == "“How much are you yourself?” and “negative mood” rise"
    assert first.would_change == "more of “How much are you yourself?”"
    assert second == told[1]
    assert in_words(told, life) == tuple(told)
