"""The whole likelihood against the one written plainly, in NumPy and SciPy, for the benchmark."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from mainstay.strain.coordinates import coordinates
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import log_posterior, start_point

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "strain_fit.py"


def test_the_compiled_likelihood_equals_the_plain_one(make_timeline):
    spec = importlib.util.spec_from_file_location("strain_fit_benchmark", BENCHMARK)
    benchmark = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = benchmark
    spec.loader.exec_module(benchmark)
    place = coordinates(strain_data(make_timeline(0, days=40.0, recording=(1.0, 1.0))))
    at = start_point(place, 0.6) + 0.1 * np.random.default_rng(0).standard_normal(place.size)
    ours = log_posterior(place)(at)[0] - place.log_prior(at)[0]
    assert ours == pytest.approx(benchmark.plain_laplace(place, at), abs=1e-5)
