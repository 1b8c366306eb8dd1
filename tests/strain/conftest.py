import numpy as np
import pytest

from mainstay.timeline.reader import from_records
from mainstay.worlds.ordinary import MONDAY, ordinary_parameters, ordinary_person


def ordinary_timeline(seed=0, *, days=365.0, drift=0.8, noise=0.5, recording=(0.9, 0.9), acts_per_week=4.0, **year):
    """An ordinary simulated person's timeline; recording intensity runs from the first value to the second, by week."""
    if recording is not None:
        weeks = int(days / 7)
        year["recording"] = {"": (np.linspace(0, days, weeks + 1), np.linspace(*recording, weeks))}
    parameters = ordinary_parameters(acts_per_week, drift, noise)
    records, items, anchor = ordinary_person(seed, parameters, days=days, **year)
    return from_records(records, items, anchor, as_of=MONDAY.plus_days(days + 1))


@pytest.fixture(scope="session")
def make_timeline():
    return ordinary_timeline


@pytest.fixture(scope="session")
def year(make_timeline):
    return make_timeline(0)


@pytest.fixture(scope="session")
def fitted(year):
    from mainstay import strain

    return strain.fit(year)
