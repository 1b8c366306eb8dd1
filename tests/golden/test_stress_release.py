"""The stress release process against published catalogues and what other software said of them.

Targets and their evidence classes stand beside the data, in known_answers.json: REPRO is recomputed there with the
named software from the same files, DESIGN true by how the data were made. A test whose data are absent is skipped.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from mainstay.numerics.self_correcting import fit_stress_release

DATA = Path(__file__).parents[3] / "shared" / "data"
# the manual of R's PtProcess (srm_gif, NthChina): 65 events in the 517 years from 1480, magnitudes above 6
NORTH_CHINA_YEARS, NORTH_CHINA_EVENTS = 517.0, 65


def column(path, name):
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    with path.open(newline="") as file:
        return np.array([float(row[name]) for row in csv.DictReader(file)])


def known(quantity):
    path = DATA / "known_answers.json"
    if not path.exists():
        pytest.skip("known_answers.json is not beside the project")
    [entry] = [
        entry
        for entry in json.loads(path.read_text())
        if entry["dataset"] == "pointprocess_PtProcess" and entry["quantity"] == quantity
    ]
    return entry["value"]


def test_the_constant_rate_of_north_china_is_that_of_ptprocess():
    _, poisson = known("logL; Poisson logL")  # REPRO, PtProcess 3.3-17
    times = np.linspace(4.0, 500.0, NORTH_CHINA_EVENTS)  # a constant rate does not see when
    found = fit_stress_release(times, np.ones(NORTH_CHINA_EVENTS), 0.0, NORTH_CHINA_YEARS)
    assert found.poisson_log_likelihood == pytest.approx(poisson, abs=5e-5)


def test_north_china_fits_as_ptprocess_fits_it():
    stress, poisson = known("logL; Poisson logL")  # REPRO, PtProcess 3.3-17
    path = DATA / "pointprocess_PtProcess" / "NthChina.csv"
    times, magnitudes = column(path, "time"), column(path, "magnitude")
    found = fit_stress_release(times, 10 ** (0.75 * magnitudes), 0.0, NORTH_CHINA_YEARS)
    assert found.converged
    assert found.log_likelihood == pytest.approx(stress, abs=5e-5)
    assert found.poisson_log_likelihood == pytest.approx(poisson, abs=5e-5)


@pytest.mark.parametrize("end", [4018.0, 2500.0])
def test_a_published_catalogue_has_the_likelihood_of_its_intensity_written_out(end):
    path = DATA / "pointprocess_PtProcess" / "Tangshan.csv"
    times, magnitudes = column(path, "time"), column(path, "magnitude")
    inside = times <= end
    times, releases = times[inside], 10 ** (0.75 * magnitudes[inside])
    found = fit_stress_release(times, releases, 0.0, end)
    assert found.converged
    a, b, d = found.theta.estimate
    x, w = np.polynomial.legendre.leggauss(30)
    edges = np.concatenate([[0.0], times, [end]])
    half, middle = 0.5 * np.diff(edges), 0.5 * (edges[1:] + edges[:-1])
    released = np.concatenate([[0.0], np.cumsum(releases)])
    integral = sum(
        wi * float((half * np.exp(a + b * (middle + half * xi) - d * released)).sum())
        for xi, wi in zip(x, w, strict=True)
    )
    before = np.array([releases[times < t].sum() for t in times])
    assert found.log_likelihood == pytest.approx(float((a + b * times - d * before).sum()) - integral, rel=1e-9)


def test_a_stationary_poisson_process_shows_no_self_correction():
    times = column(DATA / "pointprocess_SAPP" / "PoissonData.csv", "value")  # DESIGN: stationary, 5,000 long
    found = fit_stress_release(times, np.ones(len(times)), 0.0, 5000.0)
    assert found.converged
    # one in a hundred of 1,000 simulated Poisson processes of this length gains 16.2; chi-squared's 9.2 does not hold
    assert 2 * (found.log_likelihood - found.poisson_log_likelihood) < 16.2
