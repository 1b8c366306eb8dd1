"""Where a record changed: the Turing change point series, power, false changes and speed, beside ruptures and Focus.

The series are read from a folder (`--data`, or `shared/data/tcpd` beside the project; left out where there is none)
and scored as van den Burg & Williams (2020) do, against all annotators: covering, and F1 with a margin of 5. Every peer
gets each series scaled to variance 1, missing readings filled with the mean. Penalties are the usual ones: log n and
2 log n a change and series. `Dynp` can't choose how many: it is told the annotators' median, which ours is not. Focus
looks on as readings arrive and begins afresh after each alarm.
"""

from __future__ import annotations

import argparse
import itertools
import json
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import numpy as np
import ruptures
from changepoint_online import Focus, Gaussian
from scipy.signal import lfilter
from timing import Job, machine, race, report

from mainstay.notice.segmenting import segments

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data" / "tcpd"
MARGIN = 5
Places = Iterable[int]
Method = Callable[[np.ndarray, float], list[int]]


def matched(true: Places, told: Places, margin: int = MARGIN) -> set[int]:
    """The true places that have a told one within the margin, each told place used once."""
    left, found = set(told), set()
    for place in true:
        near = sorted((abs(place - other), other) for other in left if abs(place - other) <= margin)
        if near:
            found.add(place)
            left.remove(near[0][1])
    return found


def f1(annotated: Mapping[str, Places], told: Places, margin: int = MARGIN) -> float:
    """Precision against all annotators together, recall averaged over them; 0 counts as a place for all."""
    truths = [{0, *places} for places in annotated.values()]
    told = {0, *told}
    precision = len(matched(set().union(*truths), told, margin)) / len(told)
    recall = sum(len(matched(truth, told, margin)) / len(truth) for truth in truths) / len(truths)
    return 2.0 * precision * recall / (precision + recall)


def parts(places: Places, n: int) -> list[tuple[int, int]]:
    """The pieces between these places of n readings."""
    return list(itertools.pairwise([0, *sorted({place for place in places if 0 < place < n}), n]))


def covering(annotated: Mapping[str, Places], told: Places, n: int) -> float:
    """How well the pieces told cover those of each annotator, by the best overlap of each, averaged."""

    def overlap(one: tuple[int, int], other: tuple[int, int]) -> float:
        both = max(0, min(one[1], other[1]) - max(one[0], other[0]))
        return both / (one[1] - one[0] + other[1] - other[0] - both)

    ours = parts(told, n)
    each = [
        sum((b - a) * max(overlap((a, b), other) for other in ours) for a, b in parts(places, n)) / n
        for places in annotated.values()
    ]
    return sum(each) / len(each)


def check_scores() -> None:
    """The worked examples of the study's own scoring."""
    assert matched({1, 10, 20, 23}, {1, 3, 5, 8, 20}) == {1, 10, 20}
    assert f1({"a": [10, 20], "b": [11, 20], "c": [10], "d": [0, 5]}, [10, 20]) == 1.0
    assert math.isclose(f1({"a": [], "b": [10], "c": [50]}, [10]), 0.9090909090909091)
    assert math.isclose(covering({"a": [10, 20], "b": [10], "c": [0, 5]}, [10, 20], 45), 0.7962962962962963)
    assert math.isclose(covering({"a": [], "b": [10], "c": [40]}, [], 45), 0.8189300411522634)


def ours(values: np.ndarray, _: float) -> list[int]:
    return [change.index for change in segments(np.arange(float(len(values))), values).changes]


def none(_values: np.ndarray, _many: float) -> list[int]:
    return []


def scaled(values: np.ndarray) -> np.ndarray:
    filled = np.where(np.isnan(values), np.nanmean(values, axis=0), values)
    return (filled - filled.mean(axis=0)) / filled.std(axis=0)


def penalised(search: str, model: str, times_log_n: float) -> Method:
    def method(values: np.ndarray, _: float) -> list[int]:
        x = scaled(values)
        penalty = times_log_n * math.log(len(x)) * x.shape[1]
        return getattr(ruptures, search)(model=model).fit(x).predict(pen=penalty)[:-1]

    return method


def told_how_many(model: str) -> Method:
    def method(values: np.ndarray, many: float) -> list[int]:
        return ruptures.Dynp(model=model).fit(scaled(values)).predict(n_bkps=int(many))[:-1] if many >= 1 else []

    return method


def focus(values: np.ndarray, _: float) -> list[int]:
    """Focus on the first series, with the threshold 2 log n; begun afresh at each place it tells."""
    x = scaled(values)[:, 0]
    found, start = [], 0
    detector = Focus(Gaussian())
    at = 0
    while at < len(x):
        detector.update(x[at])
        at += 1
        if detector.statistic() >= 2.0 * math.log(len(x)):
            place = start + max(1, int(detector.changepoint()["changepoint"]))
            found.append(place)
            start = at = max(place, start + 1)
            detector = Focus(Gaussian())
    return found


METHODS: dict[str, Method] = {
    "mainstay": ours,
    "no change at all": none,
    **{
        f"ruptures {search} {model}, {times:.0f} log n": penalised(search, model, times)
        for search in ("Pelt", "Binseg", "BottomUp", "Window")
        for model in ("l2", "rbf")
        for times in (1.0, 2.0)
    },
    "ruptures Pelt l1, 1 log n": penalised("Pelt", "l1", 1.0),
    "ruptures Pelt rank, 1 log n": penalised("Pelt", "rank", 1.0),
    "ruptures Pelt ar, 1 log n": penalised("Pelt", "ar", 1.0),
    "ruptures Dynp l2, told how many": told_how_many("l2"),
    "ruptures Dynp rbf, told how many": told_how_many("rbf"),
    "changepoint_online Focus, 2 log n": focus,
}


def series(folder: Path) -> list[tuple[str, np.ndarray, dict[str, list[int]]]]:
    annotated = json.loads((folder / "annotations.json").read_text())
    found = []
    for file in sorted(folder.glob("datasets/*/*.json")):
        told = json.loads(file.read_text())
        columns = [[math.nan if x is None else x for x in one["raw"]] for one in told["series"]]
        found.append((told["name"], np.array(columns, float).T, annotated[told["name"]]))
    return found


def on_annotated(folder: Path) -> None:
    """Mean covering and F1 of every method; of ours, every series."""
    many = series(folder)
    print(f"\n{len(many)} annotated series{'':<24}{'covering':>10}{'F1':>8}")
    scores: dict[str, tuple[float, float]] = {}
    for name, method in METHODS.items():
        cover, score = [], []
        for title, values, annotated in many:
            places = method(values, float(np.median([len(one) for one in annotated.values()])))
            cover.append(covering(annotated, places, len(values)))
            score.append(f1(annotated, places))
            if name == "mainstay":
                print(f"    {title:<40}{cover[-1]:>8.3f}{score[-1]:>8.3f}  {places}")
        scores[name] = (float(np.mean(cover)), float(np.mean(score)))
    for name, (cover_mean, score_mean) in sorted(scores.items(), key=lambda pair: -pair[1][0]):
        print(f"  {name:<42}{cover_mean:>8.3f}{score_mean:>8.3f}")


def autoregressive(rng: np.random.Generator, n: int, keep: float) -> np.ndarray:
    return lfilter([math.sqrt(1.0 - keep * keep)], [1.0, -keep], rng.normal(size=n + 100))[100:]


def auc(shifts: np.ndarray, nulls: np.ndarray) -> float:
    at = np.sort(nulls)
    below = np.searchsorted(at, shifts, "left") + np.searchsorted(at, shifts, "right")
    return float(below.sum() / (2.0 * len(shifts) * len(nulls)))


def gained(x: np.ndarray, model: str) -> float:
    """By how much ruptures' best single split lowers its cost."""
    search = ruptures.Binseg(model=model, min_size=5, jump=1).fit(x)
    place = search.predict(n_bkps=1)
    none = np.asarray(search.cost.error(0, len(x))).item()
    return none - np.asarray(search.cost.sum_of_costs(place)).item()


def power(count: int, n: int = 1400) -> None:
    """AUC of one shift of 0.3 sd at a place between a fifth and four fifths of 1,400 readings, autocorrelation .4."""

    def scores(x: np.ndarray) -> tuple[float, ...]:
        cusum = np.abs(np.cumsum(x - x.mean())).max() / (x.std() * math.sqrt(len(x)))
        found = segments(np.arange(float(len(x))), x)
        return found.log_evidence, float(cusum), gained(x / x.std(), "l2"), gained(x, "rank")

    rng, shifts, nulls = np.random.default_rng(1), [], []
    for _ in range(count):
        nulls.append(scores(autoregressive(rng, n, 0.4)))
        x = autoregressive(rng, n, 0.4)
        x[int(rng.uniform(0.2, 0.8) * n) :] += 0.3
        shifts.append(scores(x))
    print(f"\none shift of 0.3 sd in {n:,} readings, autocorrelation .4: AUC over {count} + {count} series")
    for k, name in enumerate(("mainstay", "OLS-CUSUM", "ruptures l2, one split", "ruptures rank, one split")):
        print(f"  {name:<42}{auc(np.array(shifts)[:, k], np.array(nulls)[:, k]):>8.3f}")


def false_changes(count: int, n: int = 365) -> None:
    """Share of autocorrelated series without a change in which any is told."""
    print(f"\nno change in {n} readings: share of {count} series in which one is told, by autocorrelation")
    for name in (
        "mainstay",
        "ruptures Pelt l2, 2 log n",
        "ruptures Pelt rbf, 2 log n",
        "changepoint_online Focus, 2 log n",
    ):
        shares = []
        for keep in (0.0, 0.4, 0.8):
            rng = np.random.default_rng(2)
            told = [bool(METHODS[name](autoregressive(rng, n, keep)[:, None], 0.0)) for _ in range(count)]
            shares.append(float(np.mean(told)))
        print(f"  {name:<42}{shares[0]:>8.2f}{shares[1]:>8.2f}{shares[2]:>8.2f}")


def speed(n: int) -> None:
    """One item with three changes of level and autocorrelation .4."""
    rng = np.random.default_rng(3)
    steps = np.searchsorted([n // 3, n // 2, 4 * n // 5], np.arange(n), "right") % 2
    x = autoregressive(rng, n, 0.4) + 1.5 * steps
    column = x[:, None]
    jobs: dict[str, Job] = {
        "mainstay": lambda: ours(column, 0.0),
        "ruptures Pelt l2, every fifth reading": lambda: METHODS["ruptures Pelt l2, 2 log n"](column, 0.0),
        "ruptures Binseg l2, every fifth reading": lambda: METHODS["ruptures Binseg l2, 2 log n"](column, 0.0),
    }
    if n <= 1000:
        jobs["ruptures Pelt rbf, every fifth reading"] = lambda: METHODS["ruptures Pelt rbf, 2 log n"](column, 0.0)
    report(f"{n:,} readings of one item", race(jobs))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=BESIDE)
    parser.add_argument("--series", type=int, default=200, help="simulated series a kind")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    check_scores()
    print(f"change points; {machine()}")
    if (given.data / "annotations.json").exists():
        on_annotated(given.data)
    else:
        print(f"\nno annotated series at {given.data}: left out")
    power(given.series)
    false_changes(given.series // 2)
    for n in (365, 3650):
        speed(n)


if __name__ == "__main__":
    main()
