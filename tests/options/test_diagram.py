"""Influence diagrams: ten of textbook kind and many at random, against every plan and everything that can happen."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mainstay.errors import BadRequest
from mainstay.options.diagram import Chance, Decision, Diagram, Utility, worth_of_seeing
from mainstay.options.waiting import FOR_GOOD, Wait, waiting
from mainstay.options.worth import Question, compare
from oracles.influence_diagram_enumerated import best, plans, worth
from oracles.textbook_diagrams import EXAMPLES

BY_NAME = {one.name: one for one in EXAMPLES}


def with_arrow(diagram, name, decision):
    return Diagram(
        tuple(replace(node, parents=(*node.parents, name)) if node.name == decision else node for node in diagram.nodes)
    )


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one.name)
def test_textbook_diagrams_agree_with_enumeration_and_with_the_books(example) -> None:
    found = example.diagram.solved().expected
    assert found == pytest.approx(best(example.diagram), abs=1e-9)
    if example.published is not None:
        assert found == pytest.approx(example.published, abs=1e-9)


@pytest.mark.parametrize(
    ("example", "seen"),
    [pytest.param(one, seen, id=f"{one.name}: {seen[0]} before {seen[1]}") for one in EXAMPLES for seen in one.seen],
)
def test_what_it_is_worth_to_see_agrees_with_enumeration_and_with_the_books(example, seen) -> None:
    name, decision, published = seen
    found = worth_of_seeing(example.diagram, name, decision)
    assert found == pytest.approx(best(with_arrow(example.diagram, name, decision)) - best(example.diagram), abs=1e-9)
    if published is not None:
        assert found == pytest.approx(published, abs=1e-9)


def test_there_are_ten_and_their_names_differ() -> None:
    assert len(BY_NAME) == len(EXAMPLES) == 10


def chosen(example, decision):
    """The choice by what it turns on, in words."""
    diagram = BY_NAME[example].diagram
    found = diagram.solved().strategies[decision]
    states = [diagram.variables[name].states for name in found.depends_on]
    own = diagram.variables[decision].states
    by_names = {
        tuple(one[i] for one, i in zip(states, place, strict=True)): own[int(found.choices[place])]
        for place in np.ndindex(found.choices.shape)
    }
    return found.depends_on, by_names


def test_strategies_are_those_of_the_books() -> None:
    assert chosen("oil wildcatter", "test") == ((), {(): "yes"})
    sees, drill = chosen("oil wildcatter", "drill")
    assert sees == ("structure",)
    assert [drill[(seen,)] for seen in ("none", "open", "closed", "not looked")] == ["no", "yes", "yes", "yes"]
    assert chosen("party problem", "where") == ((), {(): "porch"})
    assert chosen("umbrella", "umbrella") == (
        ("forecast",), {("sunny",): "leave", ("cloudy",): "leave", ("rainy",): "take"},
    )  # fmt: skip
    assert chosen("used car buyer", "first test") == ((), {(): "fuel and electrical"})
    assert chosen("newsvendor", "order") == ((), {(): "3"})
    assert chosen("investor with a survey", "size") == ((), {(): "large"})
    assert chosen("wait or build", "now") == ((), {(): "wait"})
    assert chosen("wait or build", "next year")[1][("wait", "300")] == "build"


def test_the_used_car_is_bought_without_guarantee_only_if_nothing_was_found() -> None:
    sees, buy = chosen("used car buyer", "buy")
    assert sees == ("first result", "second result")
    assert buy[("0", "not looked")] == "buy"
    assert buy[("1", "not looked")] == buy[("2", "not looked")] == "buy with guarantee"


@st.composite
def diagrams(draw):
    """Up to four chance nodes and two decisions, all of two or three states, with arrows forward only."""
    r = np.random.default_rng(draw(st.integers(0, 100_000)))
    kinds = draw(st.permutations(["c", "d", "c", "d", "c"][: draw(st.integers(3, 5))]))
    nodes, size = [], {}
    for i, kind in enumerate(kinds):
        before = list(size)
        several = int(r.integers(0, 3))
        parents = tuple(r.choice(before, min(several, len(before)), replace=False).tolist()) if before else ()
        states = tuple("abc"[: r.integers(2, 4) if kind == "c" else 2])
        name = f"{kind}{i}"
        if kind == "d":
            nodes.append(Decision(name, states, tuple(one for one in parents if one[0] == "c")))
        else:
            table = r.dirichlet(np.full(len(states), 0.7), size=tuple(size[one] for one in parents))
            # some things are impossible
            table[..., 0] *= r.random() < 0.8
            nodes.append(Chance(name, states, table / table.sum(axis=-1, keepdims=True), parents))
        size[name] = len(states)
    for k in range(int(r.integers(1, 4))):
        over = tuple(r.choice(list(size), int(r.integers(0, min(3, len(size)) + 1)), replace=False).tolist())
        nodes.append(
            Utility(f"u{k}", np.asarray(r.integers(-20, 21, size=tuple(size[one] for one in over)), float), over)
        )
    return Diagram(tuple(nodes))


def feasible(diagram):
    return sum(1 for _ in itertools.islice(plans(diagram), 601)) <= 600


@settings(max_examples=120)
@given(diagrams())
def test_random_diagrams_agree_with_enumeration(diagram) -> None:
    if feasible(diagram):
        assert diagram.solved().expected == pytest.approx(best(diagram), abs=1e-9)


@settings(max_examples=60)
@given(diagrams())
def test_the_strategy_earns_what_was_promised(diagram) -> None:
    found = diagram.solved()

    class Told(dict):
        def __init__(self, decision):
            self.strategy = found.strategies[decision]
            self.sees = diagram.known_at(decision)

        def __getitem__(self, now):
            place = tuple(now[self.sees.index(name)] for name in self.strategy.depends_on)
            return int(self.strategy.choices[place])

    told = {one.name: Told(one.name) for one in diagram.decisions}
    assert worth(diagram, told) == pytest.approx(found.expected, abs=1e-9)


def acted_on(diagram, decision):
    """What a decision acts on, itself too."""
    found = {decision}
    while True:
        more = {node.name for node in diagram.nodes if set(node.parents) & found} - found
        if not more:
            return found
        found |= more


@settings(max_examples=60)
@given(diagrams())
def test_seeing_is_never_worth_less_than_nothing_and_its_source_never_less_than_a_sign_of_it(diagram) -> None:
    first = diagram.decisions[0].name
    roots = [one for one in diagram.nodes if isinstance(one, Chance) and not one.parents]
    for one in roots[:1]:
        sign = Chance("sign", ("x", "y"), np.linspace(0.2, 0.9, 2 * len(one.states)).reshape(-1, 2), (one.name,))
        sign = replace(sign, table=sign.table / sign.table.sum(axis=1, keepdims=True))
        signed = Diagram((sign, *diagram.nodes))
        sure, told = worth_of_seeing(signed, one.name, first), worth_of_seeing(signed, "sign", first)
        assert sure + 1e-9 >= told >= 0.0
    assert {one.name for one in roots}.isdisjoint(acted_on(diagram, first))


def test_waiting_is_the_diagram_of_doing_something_first_and_choosing_anew() -> None:
    r = np.random.default_rng(5)
    for _ in range(20):
        o, h, z = 3, 3, 2
        lost, undo = r.integers(0, 5, size=(o, h)).astype(float), np.array([0.0, 3.0, FOR_GOOD])
        lost[0] = 0.0
        asked = Wait(
            100.0 * r.random((o, h, 1)), r.dirichlet(np.ones(h)), r.dirichlet(np.ones(z), size=h), 0, 2.0, lost, undo
        )  # fmt: skip
        worths = np.empty((o, o, h))
        for first, then in itertools.product(range(o), range(o)):
            moved = 0.0 if first == then else asked.weeks * (lost[first] - lost[then]) - min(undo[first], 1e6)
            worths[first, then] = asked.points[then, :, 0] + moved
        options, causes, outcomes = tuple("nrf"), tuple("abc"), tuple("yz")
        nodes = (
            Chance("cause", causes, asked.weights),
            Decision("first", options),
            Chance("seen", outcomes, asked.chances, ("cause",)),
            Decision("then", options, ("seen",)),
            Utility("worth", worths, ("first", "then", "cause")),
        )
        found = waiting(asked)
        assert Diagram(nodes).solved().expected == pytest.approx(found.first.max(), abs=1e-9)
        once = (
            nodes[0],
            nodes[2],
            Decision("option", options),
            Utility("u", asked.points[..., 0], ("option", "cause")),
        )
        assert worth_of_seeing(Diagram(once), "cause", "option") == pytest.approx(found.evpi, abs=1e-9)
        assert worth_of_seeing(Diagram(once), "seen", "option") == pytest.approx(found.evsi, abs=1e-9)


def test_the_worth_of_options_is_the_diagram_of_causes_success_and_scenarios() -> None:
    r = np.random.default_rng(6)
    for _ in range(20):
        o, h, s = 3, 2, 4
        chances, weights = r.dirichlet(np.ones(s), size=(o, h, 1)), r.dirichlet(np.ones(h))
        success, costs, values = np.append(1.0, r.random(o - 1)), np.append(0.0, 9.0 * r.random(o - 1)), r.random(s)
        twice = [np.repeat(one[:, None], 2, axis=1) for one in (weights, success, costs)]
        asked = Question(chances, 0, 100.0 * values[None], weights, *twice, np.zeros(s, bool))
        options, causes, scenarios = tuple("nab"), tuple("12"), tuple("wxyz")
        by_success = np.stack([chances[:, :, 0], np.broadcast_to(chances[0, :, 0], (o, h, s))], axis=1)
        nodes = (
            Chance("cause", causes, weights),
            Decision("option", options),
            Chance("succeeds", ("yes", "no"), np.stack([success, 1.0 - success], axis=1), ("option",)),
            Chance("turns out", scenarios, by_success, ("option", "succeeds", "cause")),
            Utility("value", 100.0 * values, ("turns out",)),
            Utility("cost", -costs, ("option",)),
        )
        found = compare(asked, r)
        assert Diagram(nodes).solved().expected == pytest.approx(found.expected.max(), abs=1e-9)
        assert best(Diagram(nodes)) == pytest.approx(found.expected.max(), abs=1e-9)


def test_a_diagram_without_decisions_is_an_average() -> None:
    nodes = (Chance("x", ("a", "b"), np.array([0.25, 0.75])), Utility("u", np.array([4.0, 8.0]), ("x",)))
    assert Diagram(nodes).solved().expected == pytest.approx(7.0)


X = Chance("x", ("a", "b"), np.array([0.5, 0.5]))
D = Decision("d", ("p", "q"))


@pytest.mark.parametrize(
    ("nodes", "named"),
    [
        ((X, X), "two nodes are called 'x'"),
        ((X, Utility("u", np.zeros(2), ("y",))), "rests on 'y'"),
        ((X, Utility("u", np.zeros(2), ("u",))), "rests on 'u'"),
        ((X, Utility("u", np.zeros(3), ("x",))), "shape"),
        ((X, Utility("u", np.array([0.0, np.nan]), ("x",))), "no number"),
        ((Chance("y", ("a", "b"), np.array([0.5, 0.6])),), "do not sum to 1"),
        ((Chance("x", ("a", "b"), np.full((2, 2), 0.5), ("d",)), Decision("d", ("p", "q"), ("x",))), "circle"),
    ],
)
def test_what_is_no_diagram_is_refused(nodes, named) -> None:
    with pytest.raises(BadRequest, match=named):
        Diagram(nodes)


def test_what_a_decision_acts_on_cannot_be_seen_before_it() -> None:
    after = Chance("after", ("a", "b"), np.array([[0.5, 0.5], [0.1, 0.9]]), ("d",))
    diagram = Diagram((X, D, after, Utility("u", np.array([1.0, 0.0]), ("after",))))
    with pytest.raises(BadRequest, match="circle"):
        worth_of_seeing(diagram, "after", "d")
    with pytest.raises(BadRequest, match="no chance node"):
        worth_of_seeing(diagram, "d", "d")
    with pytest.raises(BadRequest, match="no decision 'e'"):
        worth_of_seeing(diagram, "x", "e")
    assert worth_of_seeing(diagram, "x", "d") == 0.0


def test_a_diagram_that_would_fill_the_memory_is_refused(monkeypatch) -> None:
    nodes = (X, replace(X, name="y"), replace(X, name="z"), Utility("u", np.zeros((2, 2, 2)), ("x", "y", "z")))
    assert Diagram(nodes).solved().expected == 0.0
    monkeypatch.setattr("mainstay.options.diagram.MOST_CELLS", 7)
    with pytest.raises(BadRequest, match="small diagrams"):
        Diagram(nodes).solved()
