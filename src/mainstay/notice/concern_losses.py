"""What waiting, looking and acting would cost, from stated chances and harms: ranges, and which course costs least.

With chance p that the worry is so, harm a if it is so and b if not, a course loses L = p a + (1 - p) b on average.
p, a and b are stated as low and high; L is linear in each, so its bounds are at their ends. Two courses share the same
p: one costs at most as much as another over the whole range if p (a - a') + (1 - p)(b - b') is at most 0 at both ends
of p, with its own harms at their highest and the other's at their lowest. No likelihoods are made up and no weights
within a range: what the ranges leave open stays open (imprecise probability, Walley 1991; maximality, Troffaes 2007).
"""

from __future__ import annotations

from dataclasses import dataclass

from mainstay.records.statements_concern import COURSES, Harm, Harms

Range = tuple[float, float]
SAME = 1e-9


@dataclass(frozen=True, slots=True)
class Weighed:
    """`loss` of each course in points (low, high). `least`: the course that costs least whatever holds within what was
    stated, the gentlest of equals; None where that depends. `could`: the courses that may cost least.

    `turns`: with all harms at the middle of their ranges, (course, up to which chance it costs least), in order of the
    chance; more than one where it depends on how likely the worry is. `middle`: which costs least where the chance is
    in the middle too. `hinges`: the harms (course, "if_so" or "if_not")
    that alone would change it, with the chance and all others in the middle, the widest first.
    """

    loss: dict[str, Range]
    least: str | None
    could: tuple[str, ...]
    turns: tuple[tuple[str, float], ...]
    middle: str
    hinges: tuple[tuple[str, str], ...]


def weighed(likely: Range, harm: Harms) -> Weighed:
    """The losses of the three courses and what the choice between them depends on. `likely`: low and high chance."""
    harms: dict[str, Harm] = {course: getattr(harm, course) for course in COURSES}
    loss = {course: _loss(likely, one) for course, one in harms.items()}
    least = next((one for one in COURSES if all(_never_dearer(likely, harms[one], harms[d]) for d in COURSES)), None)
    could = tuple(one for one in COURSES if _may_be_least(likely, harms, one))
    middle = {course: (_mid(one.if_so), _mid(one.if_not)) for course, one in harms.items()}
    usual = _least_at(_mid(likely), middle)
    return Weighed(loss, least, could, _turns(likely, middle), usual, _hinges(likely, harms, middle, usual))


def _mid(ends: Range) -> float:
    return 0.5 * (ends[0] + ends[1])


def _loss(likely: Range, harm: Harm) -> Range:
    low = min(p * harm.if_so[0] + (1.0 - p) * harm.if_not[0] for p in likely)
    high = max(p * harm.if_so[1] + (1.0 - p) * harm.if_not[1] for p in likely)
    return low, high


def _never_dearer(likely: Range, one: Harm, other: Harm) -> bool:
    """Whether one course costs at most as much as another at every chance and harm within the ranges."""
    if one is other:
        return True
    so, not_so = one.if_so[1] - other.if_so[0], one.if_not[1] - other.if_not[0]
    return all(p * so + (1.0 - p) * not_so <= SAME for p in likely)


def _may_be_least(likely: Range, harms: dict[str, Harm], course: str) -> bool:
    """Whether at some chance, with its harms at their lowest and the others' at their highest, it costs least."""
    low, high = likely
    mine = harms[course]
    for other in COURSES:
        if other == course:
            continue
        so, not_so = mine.if_so[0] - harms[other].if_so[1], mine.if_not[0] - harms[other].if_not[1]
        # not_so + p (so - not_so) <= 0
        slope = so - not_so
        if abs(slope) <= SAME:
            if not_so > SAME:
                return False
        elif slope > 0.0:
            high = min(high, -not_so / slope)
        else:
            low = max(low, -not_so / slope)
    return low <= high + SAME


def _least_at(p: float, middle: dict[str, Range]) -> str:
    return min(COURSES, key=lambda one: (round(p * middle[one][0] + (1.0 - p) * middle[one][1], 9), COURSES.index(one)))


def _turns(likely: Range, middle: dict[str, Range]) -> tuple[tuple[str, float], ...]:
    edges = {likely[0], likely[1]}
    for i, one in enumerate(COURSES):
        for other in COURSES[i + 1 :]:
            so, not_so = (middle[one][k] - middle[other][k] for k in (0, 1))
            if abs(so - not_so) > SAME and likely[0] < (p := -not_so / (so - not_so)) < likely[1]:
                edges.add(p)
    bounds = sorted(edges)
    found: list[tuple[str, float]] = []
    for low, high in zip(bounds, bounds[1:] or bounds, strict=False):
        course = _least_at(0.5 * (low + high), middle)
        if found and found[-1][0] == course:
            found[-1] = (course, high)
        else:
            found.append((course, high))
    return tuple(found)


def _hinges(likely: Range, harms: dict[str, Harm], middle: dict[str, Range], usual: str) -> tuple[tuple[str, str], ...]:
    p = _mid(likely)
    found: list[tuple[float, str, str]] = []
    for course, harm in harms.items():
        for k, (name, weight) in enumerate((("if_so", p), ("if_not", 1.0 - p))):
            ends: Range = getattr(harm, name)
            changed = {
                _least_at(p, middle | {course: (end, middle[course][1]) if k == 0 else (middle[course][0], end)})
                for end in ends
            }
            if changed != {usual}:
                found.append((weight * (ends[1] - ends[0]), course, name))
    return tuple((course, name) for _, course, name in sorted(found, key=lambda one: -one[0]))
