"""What every test shares: a steady Hypothesis, and no colour or width taken from the terminal that runs the tests."""

import os

from hypothesis import settings

os.environ["COLUMNS"] = "120"
os.environ["NO_COLOR"] = "1"

settings.register_profile("house", deadline=None, print_blob=True, derandomize=True)
settings.load_profile("house")


def pytest_terminal_summary(terminalreporter) -> None:
    """Say which tests a machine without a browser leaves out."""
    from browsers import browser_path

    if browser_path() is None:
        terminalreporter.write_line(
            "Left out: tests/browser (the page in a real browser). It needs Chromium: apt-get install chromium"
        )
