"""Ten influence diagrams of textbook kind. `published`: the expected utility where a book gives it exactly."""

from dataclasses import dataclass
from math import comb

import numpy as np

from mainstay.options.diagram import Chance, Decision, Diagram, Utility


@dataclass(frozen=True)
class Example:
    """`seen`: (chance, decision): worth of seeing the one before the other, and its value where it is published."""

    name: str
    diagram: Diagram
    published: float | None = None
    seen: tuple[tuple[str, str, float | None], ...] = ()


def table(states, rule):
    """An array over the product of states (each a tuple), filled by a rule of their names."""
    grid = np.empty(tuple(len(one) for one in states))
    for place in np.ndindex(grid.shape):
        grid[place] = rule(*(one[i] for one, i in zip(states, place, strict=True)))
    return grid


OIL, STRUCTURE, YES_NO = ("dry", "wet", "soaking"), ("none", "open", "closed", "not looked"), ("yes", "no")
SEISMIC = {"dry": (0.6, 0.3, 0.1), "wet": (0.3, 0.4, 0.3), "soaking": (0.1, 0.4, 0.5)}


def oil_wildcatter():
    """Raiffa (1968), Decision Analysis; numbers and solution as in Shenoy (1992), Operations Research 40(3): 22.5."""

    def seismic(test, oil, seen):
        if seen == "not looked":
            return float(test == "no")
        return SEISMIC[oil][STRUCTURE.index(seen)] if test == "yes" else 0.0

    payoff = {"dry": -70.0, "wet": 50.0, "soaking": 200.0}
    nodes = (
        Chance("oil", OIL, np.array([0.5, 0.3, 0.2])),
        Decision("test", YES_NO),
        Chance("structure", STRUCTURE, table((YES_NO, OIL, STRUCTURE), seismic), ("test", "oil")),
        Decision("drill", YES_NO, ("structure",)),
        Utility("cost", np.array([-10.0, 0.0]), ("test",)),
        Utility("payoff", table((YES_NO, OIL), lambda d, oil: payoff[oil] * (d == "yes")), ("drill", "oil")),
    )
    # sure: .3 * 50 + .2 * 200 = 55
    return Example("oil wildcatter", Diagram(nodes), 22.5, (("oil", "test", 32.5), ("oil", "drill", None)))


def party():
    """Howard & Abbas (2015), Foundations of Decision Analysis: the party problem, risk-neutral: porch 48, sure +22."""
    where, weather = ("outdoors", "porch", "indoors"), ("sun", "rain")
    worth = np.array([[100.0, 0.0], [90.0, 20.0], [40.0, 50.0]])
    nodes = (
        Chance("weather", weather, np.array([0.4, 0.6])),
        Chance("detector", weather, np.array([[0.8, 0.2], [0.2, 0.8]]), ("weather",)),
        Decision("where", where),
        Utility("party", worth, ("where", "weather")),
    )
    return Example("party problem", Diagram(nodes), 48.0, (("weather", "where", 22.0), ("detector", "where", None)))


def umbrella():
    """The umbrella network of the Netica tutorial (Norsys), after Shachter & Peot (1992): 77 with the forecast."""
    forecast = ("sunny", "cloudy", "rainy")
    nodes = (
        Chance("weather", ("dry", "rain"), np.array([0.7, 0.3])),
        Chance("forecast", forecast, np.array([[0.7, 0.2, 0.1], [0.15, 0.25, 0.6]]), ("weather",)),
        Decision("umbrella", ("take", "leave"), ("forecast",)),
        Utility("satisfaction", np.array([[20.0, 70.0], [100.0, 0.0]]), ("umbrella", "weather")),
    )
    return Example("umbrella", Diagram(nodes), 77.0, (("weather", "umbrella", 14.0),))


def test_before_treatment():
    """Kind: Pauker & Kassirer (1980), NEJM 302: withhold, test or treat. By enumeration."""

    def result(test, ill, seen):
        if seen == "none":
            return float(test == "no")
        right = 0.9 if ill == "ill" else 0.8
        return (right if (seen == "positive") == (ill == "ill") else 1.0 - right) if test == "yes" else 0.0

    seen, ill = ("positive", "negative", "none"), ("ill", "well")
    nodes = (
        Chance("state", ill, np.array([0.3, 0.7])),
        Decision("test", YES_NO),
        Chance("result", seen, table((YES_NO, ill, seen), result), ("test", "state")),
        Decision("treat", YES_NO, ("result",)),
        Utility("harm of the test", np.array([-1.0, 0.0]), ("test",)),
        Utility("health", np.array([[90.0, 85.0], [40.0, 100.0]]), ("treat", "state")),
    )
    return Example("test before treatment", Diagram(nodes), None, (("state", "test", None), ("state", "treat", None)))


DEFECTS = {"peach": 1, "lemon": 6}
TESTS = {"none": 0, "steering": 1, "fuel and electrical": 2, "transmission": 1}


def used_car():
    """Howard (1962), The used car buyer, in Howard & Matheson (1984), vol. 2: fuel and electrical first; 32.87."""
    condition, first, found = tuple(DEFECTS), tuple(TESTS), ("0", "1", "2")
    second, differential = ("stop", "differential"), ("ok", "defect", "not looked")
    buys = ("no", "buy", "buy with guarantee")

    def first_result(test, car, seen):
        k, looked, bad = int(seen), TESTS[test], DEFECTS[car]
        return comb(bad, k) * comb(10 - bad, looked - k) / comb(10, looked) if k <= looked else 0.0

    def second_result(test, before, more, car, seen):
        if test != "transmission" or more == "stop" or before == "2":
            return float(seen == "not looked")
        chance = max(DEFECTS[car] - int(before), 0) / 9.0
        return {"ok": 1.0 - chance, "defect": chance, "not looked": 0.0}[seen]

    gain = np.array([[0.0, 0.0], [60.0, -100.0], [20.0, 40.0]])
    nodes = (
        Chance("condition", condition, np.array([0.8, 0.2])),
        Decision("first test", first),
        Chance("first result", found, table((first, condition, found), first_result), ("first test", "condition")),
        Decision("second test", second, ("first result",)),
        Chance(
            "second result",
            differential,
            table((first, found, second, condition, differential), second_result),
            ("first test", "first result", "second test", "condition"),
        ),
        Decision("buy", buys, ("second result",)),
        Utility("cost of the first", np.array([0.0, -9.0, -13.0, -10.0]), ("first test",)),
        Utility("cost of the second", np.array([0.0, -4.0]), ("second test",)),
        Utility("gain", gain, ("buy", "condition")),
    )
    return Example("used car buyer", Diagram(nodes), 493.0 / 15.0)


DEMAND = np.array([0.1, 0.2, 0.3, 0.25, 0.15])


def newsvendor():
    """Kind: Arrow, Harris & Marschak (1951). Bought at 3, sold at 7, taken back at 1: the fractile is 4 / (4 + 2)."""
    counts = tuple("01234")

    def profit(order, demand):
        sold = min(int(order), int(demand))
        return 7.0 * sold + 1.0 * (int(order) - sold) - 3.0 * int(order)

    nodes = (
        Chance("demand", counts, DEMAND),
        Decision("order", counts),
        Utility("profit", table((counts, counts), profit), ("order", "demand")),
    )
    # three ordered (.6 < 2/3 < .85): 2 sold and 1 left over on average; sure: all of 2.15 asked for
    return Example("newsvendor", Diagram(nodes), 4.0 * 2.0 - 2.0 * 1.0, (("demand", "order", 4.0 * 2.15 - 6.0),))


def farmer():
    """Kind: cost and loss (Thompson 1952; Murphy 1977), with insurance taken before the forecast. By enumeration."""
    weather, forecast = ("frost", "mild"), ("frost", "open", "mild")
    harvest = np.array([[[70.0, 85.0], [20.0, 100.0]], [[62.0, 77.0], [60.0, 92.0]]])
    nodes = (
        Decision("insure", ("no", "yes")),
        Chance("weather", weather, np.array([0.35, 0.65])),
        Chance("forecast", forecast, np.array([[0.6, 0.3, 0.1], [0.1, 0.3, 0.6]]), ("weather",)),
        Decision("protect", YES_NO, ("forecast",)),
        Utility("harvest", harvest, ("insure", "protect", "weather")),
    )
    seen = (("weather", "insure", None), ("weather", "protect", None), ("forecast", "insure", None))
    return Example("farmer and weather insurance", Diagram(nodes), None, seen)


def investor():
    """Anderson, Sweeney & Williams, Quantitative Methods for Business: the condominiums; 14.2, and +3.2 if sure.

    The book works the survey out from rounded chances (15.93); exactly, it is 15.82.
    """
    size, demand, report = ("small", "medium", "large"), ("strong", "weak"), ("favourable", "unfavourable")
    nodes = (
        Chance("demand", demand, np.array([0.8, 0.2])),
        Chance("survey", report, np.array([[0.9, 0.1], [0.25, 0.75]]), ("demand",)),
        Decision("size", size),
        Utility("profit", np.array([[8.0, 7.0], [14.0, 5.0], [20.0, -9.0]]), ("size", "demand")),
    )
    return Example("investor with a survey", Diagram(nodes), 14.2, (("demand", "size", 3.2), ("survey", "size", 1.62)))


def two_tests():
    """A cheap test, then a dear one if wished, then treatment; the disease has three states. By enumeration."""
    disease, sign = ("none", "mild", "severe"), ("positive", "negative")
    scan, treatment = ("clear", "shadow", "not made"), ("none", "drug", "operation")
    sensed = {"none": 0.1, "mild": 0.5, "severe": 0.95}

    def seen(made, ill, shown):
        if shown == "not made":
            return float(made == "no")
        return (sensed[ill] if shown == "shadow" else 1.0 - sensed[ill]) if made == "yes" else 0.0

    nodes = (
        Chance("disease", disease, np.array([0.6, 0.3, 0.1])),
        Chance("blood", sign, np.array([[0.2, 0.8], [0.7, 0.3], [0.9, 0.1]]), ("disease",)),
        Decision("scan", YES_NO, ("blood",)),
        Chance("image", scan, table((YES_NO, disease, scan), seen), ("scan", "disease")),
        Decision("treatment", treatment, ("image",)),
        Utility("dose", np.array([-2.0, 0.0]), ("scan",)),
        Utility(
            "health",
            np.array([[100.0, 60.0, 0.0], [95.0, 85.0, 30.0], [70.0, 65.0, 75.0]]),
            ("treatment", "disease"),
        ),
    )
    return Example("two tests in sequence", Diagram(nodes))


def wait_or_build():
    """Dixit & Pindyck (1994), Investment under Uncertainty, ch. 2: 600 at once, 773 if one waits for next year's price.

    1600 to build; a widget a year for ever; 200 now, then 300 or 100 for good; 10 % a year.
    """

    def worth(now, later, price):
        year = 3000.0 if price == "300" else 1000.0
        if now == "build":
            return 200.0 - 1600.0 + year
        return year - 1600.0 / 1.1 if later == "build" else 0.0

    choice, price = ("build", "wait"), ("300", "100")
    nodes = (
        Decision("now", choice),
        Chance("price", price, np.array([0.5, 0.5])),
        Decision("next year", choice, ("price",)),
        Utility("worth", table((choice, choice, price), worth), ("now", "next year", "price")),
    )
    waiting = 0.5 * (3000.0 - 1600.0 / 1.1)
    # sure: built at once if the price will rise, never else
    seen = (("price", "now", 0.5 * (200.0 - 1600.0 + 3000.0) - waiting),)
    return Example("wait or build", Diagram(nodes), waiting, seen)


EXAMPLES = tuple(
    make()
    for make in (
        oil_wildcatter, party, umbrella, test_before_treatment, used_car,
        newsvendor, farmer, investor, two_tests, wait_or_build,
    )
)  # fmt: skip
