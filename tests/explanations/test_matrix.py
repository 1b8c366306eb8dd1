"""The matrix of evidence: one row an observation, the most telling first."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mainstay.explanations.clauses_kinds import Measured, Measures, question_of
from mainstay.explanations.evidence import Sizes
from mainstay.explanations.evidence_scored import scored
from mainstay.explanations.matrix import matrix, matrix_detail, said_of
from mainstay.explanations.weights import unlisted, weigh
from mainstay.records.statements_hypothesis import Clause, Hypothesis, HypothesisFile


def clause(direction, tag, words=None):
    return Clause(stream="strain", direction=direction, when=f"after tag:{tag}", words=words)


A, B = clause("more", "a", "strain jumps after a"), clause("more", "b")
SIZES = Sizes(np.array([2.0, 0.1]), np.diag([0.01, 1.0]), np.ones(2))
SDS = np.sqrt(np.diag(SIZES.covariance))
FOUND = {
    question_of(one, None): Measured(float(SIZES.mean[i]), float(SDS[i]), 1.0, "steps", 9, f"{'ab'[i]}!", "strain", i)
    for i, one in enumerate((A, B))
}


def held(name, *predicts):
    says = HypothesisFile(name=name, cause="c", predicts=predicts, forbids=(clause("less", "a"),))
    return scored(Hypothesis("", None, says), Measures(FOUND, {"strain": SIZES}))


def rows():
    both = [held("one", A), held("two", B)]
    return matrix(both, weigh([*(one.candidate for one in both), unlisted()]))


def test_the_most_telling_row_comes_first_and_says_how_it_came_out():
    first, second = rows()
    assert (first.looked_at, first.came_out, first.n) == ("strain jumps after a", "a!", 9)
    assert first.telling > second.telling
    assert abs(first.log_ratios["one"] - math.log(4.0)) < 0.01
    assert set(second.log_ratios) == {"two"}


def test_the_matrix_tells_a_clause_without_words_as_a_sentence():
    assert rows()[1].looked_at == "strain is higher after “b”"


def test_the_detail_holds_plain_numbers_only():
    detail = matrix_detail(rows())
    assert [sorted(row) for row in detail] == [["came_out", "diagnosticity", "log_ratio", "n", "words"]] * 2
    assert detail[0]["diagnosticity"] >= detail[1]["diagnosticity"]


@pytest.mark.parametrize(
    ("stream", "way", "when", "said"),
    [
        ("strain", "more", "over time", "strain is higher late in the record than early"),
        (
            "seeking",
            "less",
            "since tag:move | tag:new_job",
            "help sought at the same strain is less since “move” or “new job” than before",
        ),
        (
            "relief",
            "same",
            "in company:no_part_to_play",
            "what company eases is the same in company of whom “no part to play” is true",
        ),
        ("event:row", "more", "during role:nurse", "“row” is more during “nurse”"),
    ],
)
def test_a_clause_without_words_of_its_own_is_told_as_a_sentence(stream, way, when, said):
    assert said_of(Clause(stream=stream, direction=way, when=when)) == said
