"""Photographs the page of the demo's simulated person, for these documents: `python docs/page.py [folder of the demo]`.

Writes docs/page/*.png, light and dark, as wide as a desk and as wide as a phone. Every number in them is invented.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "page"
DESK = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
SHOWN = {"today": "/", "patterns": "/patterns", "record": "/record", "consent": "/consent"}
SCHEMES = ("light", "dark")
WAIT_MS = 300_000


def photographed(browser: Browser, opened: str) -> None:
    """Every picture, from the page that the one-time address opens."""
    base = opened.partition("/open?")[0]
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.goto(opened)
    wanted = [(f"{name}-{scheme}", path, DESK, scheme) for name, path in SHOWN.items() for scheme in SCHEMES]
    wanted += [(f"{name}-phone-light", SHOWN[name], PHONE, "light") for name in ("today", "record")]
    for name, path, size, scheme in wanted:
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)
        page.goto(base + path)
        page.locator("main h1").filter(has_not_text="One moment").wait_for()
        page.wait_for_load_state("networkidle")
        if path == "/record":
            page.locator("#timeline .plot").wait_for()
            page.locator("#days .year").first.wait_for()
        page.screenshot(path=FOLDER / f"{name}.png")
        print(f"wrote docs/page/{name}.png")


def main() -> int:
    """Serve a copy of the demo, which is left as it is, and photograph its page."""
    demo = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "demo"
    browser_path = shutil.which("chromium")
    if browser_path is None or not demo.is_dir():
        print("This needs Chromium, and the folder that `make demo` writes.", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        copy = shutil.copytree(demo, Path(place) / "demo")
        command = [sys.executable, "-m", "mainstay", "demo", "--page", "--no-browser", "--out", str(copy)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as serving:
            assert serving.stdout is not None
            try:
                found = next(filter(None, (re.search(r"http://\S+/open\?token=\S+", line) for line in serving.stdout)))
                browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox"])
                photographed(browser, found[0])
                browser.close()
            finally:
                serving.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
