"""The slow, obvious twin of `mainstay.options.diagram`: every plan, and for each plan everything that can happen.

A plan says for each decision, and for each state of knowledge in which it can be reached at all, what to choose. None
of the solver's own work is used, only the nodes.
"""

import itertools

from mainstay.options.diagram import Chance, Decision, Utility


def known(diagram, decision):
    """What is known at a decision: what it sees, and what every earlier decision saw and was."""
    found = []
    for node in diagram.nodes:
        if isinstance(node, Decision):
            found += [name for name in node.parents if name not in found]
            if node.name == decision.name:
                return tuple(found)
            found.append(node.name)
    raise AssertionError(decision)


def happenings(diagram, plan, names):
    """All that can happen to these variables and what they rest on, with its chance, as (dict, chance)."""
    nodes = {node.name: node for node in diagram.nodes}
    order = []

    def place(name):
        node = nodes[name]
        for other in known(diagram, node) if isinstance(node, Decision) else node.parents:
            place(other)
        if name not in order:
            order.append(name)

    for name in names:
        place(name)

    def go(at, so_far, chance):
        if chance == 0.0:
            return
        if at == len(order):
            yield so_far, chance
            return
        node = nodes[order[at]]
        if isinstance(node, Decision):
            choice = plan[node.name][tuple(so_far[name] for name in known(diagram, node))]
            yield from go(at + 1, {**so_far, node.name: choice}, chance)
        else:
            row = node.table[tuple(so_far[name] for name in node.parents)]
            for state in range(len(node.states)):
                yield from go(at + 1, {**so_far, node.name: state}, chance * float(row[state]))

    return go(0, {}, 1.0)


def plans(diagram, plan=None):
    """Every plan."""
    plan = plan or {}
    left = [node for node in diagram.nodes if isinstance(node, Decision) and node.name not in plan]
    if not left:
        yield plan
        return
    first = left[0]
    sees = known(diagram, first)
    situations = sorted({tuple(now[name] for name in sees) for now, _ in happenings(diagram, plan, sees)})
    for choices in itertools.product(range(len(first.states)), repeat=len(situations)):
        yield from plans(diagram, {**plan, first.name: dict(zip(situations, choices, strict=True))})


def worth(diagram, plan):
    """The expected sum of all utilities under a plan."""
    variables = [node.name for node in diagram.nodes if isinstance(node, Chance | Decision)]
    utilities = [node for node in diagram.nodes if isinstance(node, Utility)]
    total = 0.0
    for now, chance in happenings(diagram, plan, variables):
        total += chance * sum(float(node.table[tuple(now[name] for name in node.parents)]) for node in utilities)
    return total


def best(diagram):
    """The highest expected utility of any plan."""
    return max(worth(diagram, plan) for plan in plans(diagram))
