"""What a hostile reader tried: causes that say what is so anyway, tags dealt by lot, evidence that was not foreseen."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from mainstay import strain
from mainstay.explanations.evidence_since import since
from mainstay.explanations.explaining import Explained, explain
from mainstay.explanations.library import starting_library
from mainstay.patterns.shared import shared
from mainstay.quantities import Instant
from mainstay.records.statements import parsed
from mainstay.records.statements_hypothesis import Hypothesis, HypothesisFile, with_library
from mainstay.strain.posterior import StrainPosterior
from mainstay.timeline.kinds import Samples, Timeline
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

BEFORE, WRITTEN = Instant.parse("2025-06-10T00:00+00:00"), Instant.parse("2024-12-01T00:00+00:00")

SO_ANYWAY = {
    "what is asked adds strain": [("strain", "more", "after event:deadline")],
    "work adds strain": [("strain", "more", "during role:rescuer")],
    "it takes less to tip over than before": [("seeking", "more", "over time")],
    "visits ease": [("strain", "less", "after event:visit to mother")],
    "refuges are sought more often": [("relief acts", "more", "over time")],
}


def hypothesis(name: str, predicts: list[tuple[str, str, str]]) -> Hypothesis:
    """One that forbids the opposite of what it predicts, written half-way."""
    opposite = {"more": "less", "less": "more"}
    clauses = [("predicts", stream, way, when) for stream, way, when in predicts]
    clauses += [("forbids", stream, opposite[way], when) for stream, way, when in predicts]
    text = f'name = "{name}"\ncause = "it is said"\n' + "".join(
        f'[[{kind}]]\nstream = "{stream}"\ndirection = "{way}"\nwhen = "{when}"\n'
        for kind, stream, way, when in clauses
    )
    return Hypothesis("1", WRITTEN, parsed(text, HypothesisFile, "hypothesis"))


@cache
def before_the_call() -> tuple[Timeline, StrainPosterior]:
    (person,) = simulate("two_roles", 1).values()
    timeline = from_records(person.records, person.items, person.anchor, as_of=BEFORE)
    return timeline, strain.fit(timeline)


def explained(timeline: Timeline, *own: Hypothesis) -> Explained:
    fitted = before_the_call()[1]
    return explain(timeline, fitted, with_library(own, starting_library()), shared(timeline, fitted))


def test_what_is_so_whatever_the_cause_explains_nothing():
    timeline, _ = before_the_call()
    own = [hypothesis(name, clauses) for name, clauses in SO_ANYWAY.items()]
    one_for_all = hypothesis("all of it", [clause for clauses in SO_ANYWAY.values() for clause in clauses])
    found = explained(timeline, *own, one_for_all)
    assert found.status == "established_unexplained"
    assert all(max(found.of(name).candidate.logs) <= 0.0 for name in (*SO_ANYWAY, "all of it"))


def test_what_the_fit_holds_still_speaks_against_a_cause_that_forbids_it():
    timeline, _ = before_the_call()
    found = explained(timeline)
    assert found.of("overwork").against is not None
    assert "at the same load help is sought" in found.of("overwork").against.answered.words


@pytest.mark.parametrize("share", [0.1, 0.33])
def test_a_tag_dealt_by_lot_onto_demands_earns_nothing_of_what_demands_do(share):
    timeline, _ = before_the_call()
    events = timeline.events["emergency"]
    lot = np.random.default_rng(3).random(len(events.ids)) < share
    tags = {known: ("full moon",) for known, picked in zip(events.ids, lot, strict=True) if picked}
    tagged = replace(timeline, events={**timeline.events, "emergency": replace(events, tags=tags)})
    found = explained(tagged, hypothesis("full moon", [("strain", "more", "after tag:full moon")]))
    assert found.status == "established_unexplained"


def test_nothing_from_before_a_cause_was_written_counts_as_foreseen():
    timeline, _ = before_the_call()
    day, grid = 300.0, np.arange(0.5, timeline.days)
    moonlight = Samples("moonlight", "", grid, (grid > 200.0).astype(float))
    later = since(replace(timeline, samples={"moonlight": moonlight}), day)
    assert all(one.times.min() >= day for one in (*later.ratings.values(), *later.events.values()))
    assert all(one.times.min() >= day for one in later.samples.values())
    assert all(one.starts.min() >= day for one in later.episodes.values() if one.is_ != "role")


def test_a_ratio_stated_by_hand_is_never_more_than_unconfirmed():
    timeline, _ = before_the_call()
    plain = hypothesis("a feeling", [("strain", "more", "during role:rescuer")])
    text = '\n[[evidence]]\nwhat = "I feel it"\nratio = [1000, 1000]\non = 2024-12-01\n'
    file = parsed(
        'name = "a feeling"\ncause = "it is felt"\n[[forbids]]\nstream = "strain"\ndirection = "less"\n'
        f'when = "during role:rescuer"\n{text}',
        HypothesisFile,
        "hypothesis",
    )
    found = explained(timeline, replace(plain, says=file))
    assert found.leaders == ("a feeling",)
    assert found.status == "unconfirmed"
    assert found.why == "what speaks for it was stated by hand"


def test_two_attributes_of_the_same_people_count_once():
    (person,) = simulate("two_roles", 1).values()
    after = from_records(person.records, person.items, person.anchor, as_of=Instant.parse("2025-06-20T00:00+00:00"))
    fitted = strain.fit(after)
    both = [("relief", "more", "in company:no_part_to_play"), ("relief", "more", "in company:knows_both_lives")]
    found = explain(after, fitted, [hypothesis("both", both), hypothesis("one", both[:1])], shared(after, fitted))
    assert found.of("both").candidate.logs == pytest.approx(found.of("one").candidate.logs)
