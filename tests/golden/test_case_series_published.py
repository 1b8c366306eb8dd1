"""The self-controlled case series against what R's SCCS package says of its own teaching data.

Targets stand beside the data, in known_answers.json (REPRO: recomputed there with the package from the same files; the
risk windows and age bands are those of its manual). A test whose data are absent is skipped. Days are counted in full.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mainstay.numerics.case_series import bands, cut, exposures, fit

DATA = Path(__file__).parents[3] / "shared" / "data"


def known(method):
    path = DATA / "known_answers.json"
    if not path.exists():
        pytest.skip("known_answers.json is not beside the project")
    entries = json.loads(path.read_text())
    [entry] = [one for one in entries if one["dataset"] == "sccs" and one["method"].startswith(method)]
    return entry["value"], entry["tolerance"]


def table(name):
    path = DATA / "sccs" / f"{name}.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def fitted(data, event, factors):
    """Each distinct event of a case is a person of its own, as in the package; `factors` build on who that is."""
    key = np.stack([data["case"], data[event]], 1)
    _, first, who = np.unique(key, axis=0, return_index=True, return_inverse=True)
    who, n = who.ravel(), len(first)
    made = [one(who, n) for one in factors]
    found = cut(data["sta"][first], data["end"][first] + 1.0, np.arange(n), data[event][first], made)
    return fit(found)


def windows(start, edges, dose=None):
    """Exposures at days `start`, in force between the offsets `edges`."""

    def made(who, n):
        level = np.arange(len(edges) - 1) + (0 if dose is None else dose * (len(edges) - 1))
        return exposures(who, start[:, None] + np.array(edges, float), np.tile(level, (len(start), 1)), n)

    return made


def ages(cuts):
    return lambda who, n: bands(cuts, n)


def quantiles(data, event, step):
    first = np.unique(data["case"], return_index=True)[1]
    return np.unique(np.floor(np.quantile(data[event][np.sort(first)], np.arange(step, 0.99, step))))


def test_itp_after_mmr():
    value, tolerance = known("itpdat MMR 0-42 d no age")
    data = table("itpdat")
    found = fitted(data, "itp", [windows(data["mmr"], (0, 43))])
    interval = found.interval(0, 0.95)
    assert [found.relative_incidence[0], interval.low, interval.high] == pytest.approx(value, abs=tolerance)


AGES = (427, 488, 549, 610, 671)


def test_itp_after_mmr_with_age():
    value, tolerance = known("itpdat MMR 0-42 d with age")
    data = table("itpdat")
    found = fitted(data, "itp", [windows(data["mmr"], (0, 43)), ages(AGES)])
    interval = found.interval(0, 0.95)
    assert [found.relative_incidence[0], interval.low, interval.high] == pytest.approx(value, abs=tolerance)


def test_itp_in_three_windows():
    value, tolerance = known("itpdat 0-14")
    data = table("itpdat")
    found = fitted(data, "itp", [windows(data["mmr"], (0, 15, 29, 43)), ages(AGES)])
    assert found.relative_incidence[:3] == pytest.approx(value, abs=tolerance)


def test_convulsions_after_two_vaccines():
    value, tolerance = known("condat")
    data = table("condat")
    factors = [windows(data["hib"], (0, 8, 15)), windows(data["mmr"], (0, 8, 15)), ages(np.arange(387, 708, 20))]
    assert fitted(data, "conv", factors).relative_incidence[:4] == pytest.approx(value, abs=tolerance)


def test_convulsions_after_three_doses_told_apart():
    value, tolerance = known("dtpdat")
    data = table("dtpdat")
    doses = np.stack([data["dtp"], data["dtpd2"], data["dtpd3"]], 1)

    def factor(who, n):
        edges = doses[:, :, None] + np.array([0.0, 4.0, 8.0, 15.0])
        levels = np.broadcast_to(np.arange(9).reshape(3, 3), (len(doses), 3, 3))
        return exposures(np.repeat(who, 3), edges.reshape(-1, 4), levels.reshape(-1, 3), n)

    found = fitted(data, "conv", [factor, ages((57, 85, 113, 141, 169, 197, 225, 253, 281, 309, 337))])
    assert found.relative_incidence[:9] == pytest.approx(value, abs=tolerance)


def test_hip_fractures_on_antidepressants_and_after():
    value, tolerance = known("hipdat")
    data = table("hipdat")
    start, end = data["ad"], data["endad"]

    def factor(who, n):
        edges = np.stack([start, start + 15, start + 43, end + 1, end + 92, end + 183], 1)
        edges[:, 1:3] = np.minimum(edges[:, 1:3], edges[:, 3:4])
        return exposures(who, edges, np.tile(np.arange(5), (len(start), 1)), n)

    found = fitted(data, "frac", [factor, ages(np.unique(np.floor(np.quantile(data["frac"], np.arange(1, 20) / 20))))])
    assert found.relative_incidence[:5] == pytest.approx(value, abs=tolerance)


def test_bleeding_on_painkillers():
    value, tolerance = known("gidat")
    data = table("gidat")

    def factor(who, n):
        return exposures(who, np.stack([data["ns"], data["endns"] + 1], 1), np.zeros((len(who), 1), int), n)

    found = fitted(data, "bleed", [factor, ages(quantiles(data, "bleed", 0.025))])
    interval = found.interval(0, 0.95)
    assert [found.relative_incidence[0], interval.low, interval.high] == pytest.approx(value, abs=tolerance)
