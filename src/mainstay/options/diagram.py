"""Small influence diagrams, solved exactly: what to do at each decision, and what it is worth to know something.

    chance     X: P(x | parents)             decision   D: chosen knowing its parents, and all that was known before
    utility    u(parents); several add up    expected   max over plans of E[ sum of u ]

Decisions come in the order in which they are given, and nothing seen or done is forgotten (no-forgetting). With I_k
what is seen before decision k and not before an earlier one,

    EU = sum_I0 max_D1 sum_I1 max_D2 … max_Dn sum_In  prod P  sum u

and variables are taken out from the right, one at a time: chances are multiplied and summed over, utilities added,

    out of chance X:   p' = sum_x prod p,   u' = sum_x (prod p) (sum u) / p'
    out of decision D: p' = prod p (the same for all d by then),   u' = max_d sum u

(Howard & Matheson 1984; Shachter 1986; Jensen, Jensen & Dittmer 1994). What it is worth to see X before a decision is
the expected utility of the diagram with that arrow, less that without: EVPI where X is the thing itself, EVSI where it
is an observation of it. It is refused for what the decision acts on: that can't be seen before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRequest

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
MOST_CELLS = 10_000_000
IMPOSSIBLE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Chance:
    """What is not in anybody's hand. `table`: (states of each parent in order …, own states), rows sum to 1."""

    name: str
    states: tuple[str, ...]
    table: Floats
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What is chosen. `parents`: what is seen before it, besides what earlier decisions saw and were."""

    name: str
    states: tuple[str, ...]
    parents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Utility:
    """What it is worth. `table`: (states of each parent in order …)."""

    name: str
    table: Floats
    parents: tuple[str, ...] = ()


Node = Chance | Decision | Utility


@dataclass(frozen=True, slots=True, eq=False)
class Strategy:
    """What to choose: `choices` (states of each of `depends_on` in order …), the position of the chosen state.

    `depends_on`: those of the things known then that the choice really turns on. Of equals the first is chosen, and
    where what is known could not come up.
    """

    decision: str
    depends_on: tuple[str, ...]
    choices: Whole


@dataclass(frozen=True, slots=True, eq=False)
class Solved:
    """Expected utility of the best plan, and the plan, decision by decision."""

    expected: float
    strategies: Mapping[str, Strategy]


@dataclass(frozen=True, slots=True, eq=False)
class _Potential:
    over: tuple[str, ...]
    chance: Floats
    utility: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """Chance, decision and utility nodes; decisions in the order in which they are made."""

    nodes: tuple[Node, ...]

    def __post_init__(self) -> None:
        names = [one.name for one in self.nodes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadRequest(f"two nodes are called {twice[0]!r}; give each a name of its own")
        for one in self.nodes:
            self._check(one)
        self._before()

    @property
    def variables(self) -> dict[str, Chance | Decision]:
        """Chance and decision nodes by name."""
        return {one.name: one for one in self.nodes if not isinstance(one, Utility)}

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """The decisions, in order."""
        return tuple(one for one in self.nodes if isinstance(one, Decision))

    def _check(self, one: Node) -> None:
        variables = self.variables
        for parent in one.parents:
            if parent not in variables:
                raise BadRequest(f"{one.name!r} rests on {parent!r}, which is neither a chance nor a decision here")
        if isinstance(one, Decision):
            return
        shape = tuple(len(variables[parent].states) for parent in one.parents)
        if isinstance(one, Chance):
            shape = (*shape, len(one.states))
        if one.table.shape != shape:
            raise BadRequest(f"the table of {one.name!r} has shape {one.table.shape}; by its parents it is {shape}")
        if not np.isfinite(one.table).all():
            raise BadRequest(f"the table of {one.name!r} holds what is no number")
        if isinstance(one, Chance) and ((one.table < 0.0).any() or np.abs(one.table.sum(axis=-1) - 1.0).max() > 1e-9):
            raise BadRequest(f"the chances of {one.name!r} do not sum to 1 for each state of its parents")

    def known_at(self, decision: str) -> tuple[str, ...]:
        """What is known when a decision is made: seen then or before, and chosen before."""
        found: dict[str, None] = {}
        for one in self.decisions:
            found.update(dict.fromkeys(one.parents))
            if one.name == decision:
                return tuple(found)
            found[one.name] = None
        raise BadRequest(f"there is no decision {decision!r} here; there are {[one.name for one in self.decisions]}")

    def _before(self) -> tuple[str, ...]:
        """The variables, each after what it rests on. Refuses circles, also those made by not forgetting."""
        rests_on = {name: set(one.parents) for name, one in self.variables.items()}
        for one in self.decisions:
            rests_on[one.name] |= set(self.known_at(one.name))
        placed: list[str] = []
        while rests_on:
            free = [name for name, parents in rests_on.items() if parents <= set(placed)]
            if not free:
                raise BadRequest(
                    f"{', '.join(map(repr, rests_on))} rest on one another in a circle; what a decision acts on can't "
                    "be seen before it"
                )
            placed += free
            for name in free:
                del rests_on[name]
        return tuple(placed)

    def solved(self) -> Solved:
        """The best plan and what it is worth."""
        potentials = self._potentials()
        strategies: dict[str, Strategy] = {}
        seen = set(self.known_at(self.decisions[-1].name)) if self.decisions else set()
        latest = [name for name in self.variables if name not in seen and name not in {d.name for d in self.decisions}]
        potentials = self._summed_out(potentials, latest)
        for i in range(len(self.decisions) - 1, -1, -1):
            one = self.decisions[i]
            potentials, strategies[one.name] = self._chosen(potentials, one)
            earlier = set(self.known_at(self.decisions[i - 1].name)) | {self.decisions[i - 1].name} if i else set()
            new = [name for name in self.known_at(one.name) if name not in earlier]
            potentials = self._summed_out(potentials, [n for n in new if isinstance(self.variables[n], Chance)])
        chance, expected = 1.0, 0.0
        for potential in potentials:
            chance *= float(potential.chance)
            expected += float(potential.utility)
        return Solved(chance * expected, strategies)

    def _potentials(self) -> list[_Potential]:
        found = []
        for one in self.nodes:
            if isinstance(one, Chance):
                found.append(_Potential((*one.parents, one.name), one.table, np.zeros(one.table.shape)))
            elif isinstance(one, Utility):
                found.append(_Potential(one.parents, np.ones(one.table.shape), one.table))
        return found

    def _summed_out(self, potentials: list[_Potential], names: Sequence[str]) -> list[_Potential]:
        left = list(names)
        while left:
            name = min(left, key=lambda one: (self._cells(potentials, one), one))
            left.remove(name)
            joined, others = self._joined(potentials, name)
            chance = joined.chance.sum(axis=-1)
            weighed = (joined.chance * joined.utility).sum(axis=-1)
            utility = np.divide(weighed, chance, out=np.zeros_like(weighed), where=chance > 0.0)
            potentials = [*others, _Potential(joined.over[:-1], chance, utility)]
        return potentials

    def _chosen(self, potentials: list[_Potential], one: Decision) -> tuple[list[_Potential], Strategy]:
        joined, others = self._joined(potentials, one.name)
        best = np.argmax(np.round(joined.utility, 9), axis=-1)
        made = _Potential(joined.over[:-1], joined.chance.max(axis=-1), joined.utility.max(axis=-1))
        return [*others, made], _strategy(one.name, joined.over[:-1], np.where(made.chance > 0.0, best, IMPOSSIBLE))

    def _over(self, potentials: list[_Potential], name: str) -> tuple[str, ...]:
        over = dict.fromkeys(other for one in potentials if name in one.over for other in one.over)
        over.pop(name, None)
        return (*over, name)

    def _cells(self, potentials: list[_Potential], name: str) -> int:
        return int(np.prod([len(self.variables[one].states) for one in self._over(potentials, name)]))

    def _joined(self, potentials: list[_Potential], name: str) -> tuple[_Potential, list[_Potential]]:
        """All potentials over a variable as one, the variable last; and the others."""
        over = self._over(potentials, name)
        cells = self._cells(potentials, name)
        if cells > MOST_CELLS:
            raise BadRequest(f"to take out {name!r} needs a table of {cells} cells; this is for small diagrams")
        shape = tuple(len(self.variables[one].states) for one in over)
        chance, utility = np.ones(shape), np.zeros(shape)
        for one in potentials:
            if name in one.over:
                chance = chance * _spread(one.chance, one.over, over)
                utility = utility + _spread(one.utility, one.over, over)
        return _Potential(over, chance, utility), [one for one in potentials if name not in one.over]


def _strategy(decision: str, over: tuple[str, ...], choices: Whole) -> Strategy:
    """The choices without the axes along which they don't change; what can't come up changes nothing."""
    kept: list[str] = []
    for axis in range(len(over) - 1, -1, -1):
        highest = choices.max(axis=axis, keepdims=True)
        if ((choices == highest) | (choices == IMPOSSIBLE)).all():
            choices = np.squeeze(highest, axis=axis)
        else:
            kept.append(over[axis])
    return Strategy(decision, tuple(reversed(kept)), np.asarray(np.maximum(choices, 0)))


def _spread(table: Floats, own: tuple[str, ...], over: tuple[str, ...]) -> Floats:
    """The table with its axes in the order of `over` and one of length 1 for each variable it lacks."""
    places = [own.index(name) for name in over if name in own]
    shape = [table.shape[own.index(name)] if name in own else 1 for name in over]
    return np.asarray(np.transpose(table, places).reshape(shape))


def worth_of_seeing(diagram: Diagram, name: str, before: str) -> float:
    """What it is worth, before costs, to see a chance node before a decision: EVPI, or EVSI for an observation."""
    if not isinstance(diagram.variables.get(name), Chance):
        raise BadRequest(f"{name!r} is no chance node of this diagram, so nothing can be learnt by seeing it")
    if name in diagram.known_at(before):
        return 0.0
    nodes = tuple(
        replace(one, parents=(*one.parents, name)) if isinstance(one, Decision) and one.name == before else one
        for one in diagram.nodes
    )
    return max(Diagram(nodes).solved().expected - diagram.solved().expected, 0.0)
