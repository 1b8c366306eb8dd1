"""What every test shares: a steady Hypothesis, and no colour or width taken from the terminal that runs the tests."""

import os

from hypothesis import settings

os.environ["COLUMNS"] = "120"
os.environ["NO_COLOR"] = "1"

settings.register_profile("house", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("house")
