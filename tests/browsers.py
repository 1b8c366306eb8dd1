"""Where this machine's Chromium is, for the tests that need a browser."""

import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def browser_path() -> str | None:
    """The browser that MAINSTAY_TEST_BROWSER names, or the first one found; None without one."""
    named = os.environ.get("MAINSTAY_TEST_BROWSER")
    return named or next((path for name in NAMES if (path := shutil.which(name))), None)
