"""The page with five years of records: what the server takes for each address, and what a browser takes to paint.

The person is simulated: the life of `two_roles` lived again and again until five years are full. Their steps are made
up: a number every ten minutes of waking hours.

    PYTHONPATH=src .venv/bin/python benchmarks/page.py [--years 5] [--case FILE.mainstay] [--only /record]
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import Batch, Body, Contact, Prompt, Record, Signal, Statement, record_id
from mainstay.worlds import simulate

WORDS = "four quiet words here"
ADDRESSES = ("/", "/record", "/notice")
WEEKS = 78
EARLIER_DAYS = 7 * 160
"""So that the last of the years is over: what lies in the future is not told."""
TURNS, COLD_TURNS = 5, 5
KEPT_MS = 5000
"""What is shown first is kept beside the page; so long it is given."""
BROWSER = "/usr/bin/chromium"


def later(moment: Instant, days: int) -> Instant:
    """The same local time, whole weeks later."""
    return moment.plus_days(days)


def moved(record: Record, days: int) -> Record:
    """A record as if it had happened whole weeks later."""
    when = record.happened
    happened = Span(later(when.start, days), later(when.end, days)) if isinstance(when, Span) else later(when, days)
    body: Body = record.body
    if isinstance(body, Prompt):
        answered = None if body.answered is None else later(body.answered, days)
        body = Prompt(later(body.sent, days), answered, body.items)
    if isinstance(body, Contact):
        body = replace(body, attributes=tuple(replace(one, known=later(one.known, days)) for one in body.attributes))
    named = record_id(record.source, record.stream, f"{record.id}|{days}")
    return replace(record, id=named, happened=happened, known=later(record.known, days), body=body)


def lived(years: float) -> tuple[Batch, Instant]:
    """Records of so many years, and the moment after the last of them."""
    lives = [simulate("two_roles", seed)[""] for seed in range(1, 2 + int(years * 365.25 / (WEEKS * 7)))]
    first = later(lives[0].truth.origin, -EARLIER_DAYS)
    end = first.plus_days(round(years * 365.25))
    records = [
        moved(one, turn * WEEKS * 7 - EARLIER_DAYS)
        for turn, life in enumerate(lives)
        for one in life.records
        if turn == 0 or not isinstance(one.body, Statement | Contact)
    ]
    records.append(steps(first, end))
    kept = [one for one in records if one.known < end]
    return Batch("world", tuple(kept), lives[0].items, lives[0].anchor), end


def steps(first: Instant, end: Instant) -> Record:
    """Steps every ten minutes from eight to ten, up to an hour before the end."""
    minutes = np.arange(0, int(end.days_since(first) * 1440) - 60, 10, dtype=np.int64)
    waking = minutes[(minutes % 1440 >= 480) & (minutes % 1440 < 1320)]
    values = np.random.default_rng(5).poisson(60, len(waking)).astype(np.float64)
    times = first.utc_us + waking * 60_000_000
    last = Instant(int(times[-1]), first.offset_s)
    body = Signal("steps", "count", times, values)
    return Record(record_id("watch", "steps", "steps"), "steps", Span(first, last), last, "watch", body)


def casebook(path: Path, years: float) -> None:
    """A casebook of so many years, its key slots cheap: opening is not what is measured."""
    batch, end = lived(years)
    with Casebook.create(path, WORDS, now=end, cost=KeySlotCost.least()) as made:
        made.add(batch, Consent(given_at=end), now=end)


def marks(path: Path) -> int:
    """How many records are in it."""
    with Casebook.open(path, WORDS) as opened:
        return sum(one.count for one in opened.streams())


class Served:
    """`mainstay serve` on a casebook, as somebody starts it."""

    def __init__(self, path: Path) -> None:
        secret = path.with_suffix(".words")
        secret.write_text(WORDS + "\n", encoding="utf-8")
        secret.chmod(0o600)
        command = [sys.executable, "-m", "mainstay", "serve", str(path), "--no-browser"]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=os.environ | {"MAINSTAY_PASSPHRASE_FILE": str(secret)}
        )
        assert self.process.stdout is not None
        found = None
        while found is None:
            line = self.process.stdout.readline()
            assert line, "the page did not start"
            found = re.search(r"(http://\S+token=\S+)", line)
        self.address = found.group(1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


PAINTS = """() => {
  const first = (name) => { const one = performance.getEntriesByName(name)[0]; return one ? one.startTime : null; };
  const sent = performance.getEntriesByType('navigation')[0];
  return [sent.responseStart, first('first-contentful-paint'), first('timeline-ready')];
}"""
STEPS = """async (keys) => {
  const plot = document.querySelector('#timeline .plot');
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const took = [];
  for (const key of keys) {
    await drawn();
    const began = performance.now();
    plot.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
    await drawn();
    took.push(performance.now() - began);
  }
  return took;
}"""


class Browser:
    """Chromium without a window, let in to a page that was just started."""

    def __init__(self, path: Path, driver: Any) -> None:
        self.served = Served(path)
        self.browser = driver.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        self.page = self.browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.context.request.get(self.served.address, max_redirects=0)
        self.base = self.served.address.split("/open")[0]
        self.page.goto(self.base + "/static/mark.svg")  # a browser that is open already, as a person's is

    def look(self, address: str) -> tuple[float, ...]:
        """Milliseconds from asking: the first byte, the first paint, and until the timeline can be moved."""
        self.page.goto(self.base + address)
        needed = ("first-contentful-paint", "timeline-ready") if address == "/record" else ("first-contentful-paint",)
        while not self.page.evaluate(f"{list(needed)}.every((one) => performance.getEntriesByName(one).length)"):
            self.page.wait_for_timeout(20)
        return tuple(self.page.evaluate(PAINTS))

    def settle(self) -> None:
        """Wait until what is worked out beside the page is there: until then it looks again by itself."""
        self.page.locator("main h1").filter(has_not_text="One moment").wait_for(timeout=600_000)

    def close(self) -> None:
        """Let go of both."""
        self.browser.close()
        self.served.stop()


def measured(path: Path, driver: Any, addresses: list[str]) -> None:
    """Cold: the first page asked for after opening, five times. Warm: the same again, five times.

    Before that the pages are looked at once, as on an evening before: what they show first is kept then.
    """
    if addresses != ["/record"]:
        first = Browser(path, driver)
        began = time.perf_counter()
        first.look("/")
        first.settle()
        print(f"until the story of this casebook is there: {time.perf_counter() - began:.1f} s")
        for address in addresses:
            first.look(address)
        first.page.wait_for_timeout(KEPT_MS)
        first.close()
    for address in addresses:
        cold = []
        for _ in range(COLD_TURNS):
            one = Browser(path, driver)
            cold.append(one.look(address))
            one.close()
        told("cold", address, cold)
        one = Browser(path, driver)
        one.look(address)
        one.settle()
        told("warm", address, [one.look(address) for _ in range(TURNS)])
        if address == "/record":
            took = one.page.evaluate(STEPS, ["+"] * 8 + ["ArrowLeft"] * 8 + ["-"] * 8)
            print(f"/record: a step of zooming or moving: median {median(took):.0f} ms, slowest {max(took):.0f} ms")
        one.close()


def told(state: str, address: str, rows: list[tuple[float, ...]]) -> None:
    """One line: the medians, and the least and the most."""
    columns = [[one for one in column if one is not None] for column in zip(*rows, strict=True)]
    names = ("first byte", "first paint", "timeline to be moved")
    said = [
        f"{name} {median(column):.0f} ms ({min(column):.0f} to {max(column):.0f})"
        for name, column in zip(names, columns, strict=True)
        if column
    ]
    print(f"{address} {state}: {', '.join(said)}")


def main() -> None:
    """Make the casebook where there is none, measure, print."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--years", type=float, default=5.0)
    asked.add_argument("--case", type=Path)
    asked.add_argument("--only", action="append", choices=ADDRESSES)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as place:
        path = given.case or Path(place) / "years.mainstay"
        if not path.exists():
            casebook(path, given.years)
        print(f"{marks(path):,} records")
        from playwright.sync_api import sync_playwright

        with sync_playwright() as driver:
            measured(path, driver, given.only or list(ADDRESSES))


if __name__ == "__main__":
    main()
