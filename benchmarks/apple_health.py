"""An Apple Health export in the real shape (made up here): read, beside the peers, each in a process of its own.

Megabytes a second of processor time, once without and once with the start of Python and its libraries, and the most
memory taken. `healthkit-to-sqlite` writes a database and ours makes records; the last two rows say what Python's own
parser takes to walk over the elements and do nothing, and to look at each record's type and value.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from timing import machine

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "records" / "sources"))
from apple_export import export  # noqa: E402

BARE = """
import sys
from xml.etree import ElementTree
for _, element in ElementTree.iterparse(sys.argv[1]):
    element.clear()
"""
LOOKED_AT = """
import sys
from xml.etree import ElementTree
seen = {}
for _, element in ElementTree.iterparse(sys.argv[1]):
    if element.tag == "Record":
        seen.setdefault(element.get("type"), []).append((element.get("startDate"), element.get("value")))
    element.clear()
"""
OURS = """
import sys
from pathlib import Path
from mainstay.records.place import Place
from mainstay.records.sources.apple_health import SOURCE
from mainstay.records.sources.intake import Intake
intake = Intake("Apple Health", None, None)
SOURCE.read(Place(Path(sys.argv[1])), intake)
batch, receipt = intake.finish()
assert receipt.rows_read > 1000 and not receipt.rows_refused, receipt
"""


class Taken(NamedTuple):
    """Seconds of the processor, and the most memory in megabytes."""

    seconds: float
    megabytes: float


def run(*command: str) -> Taken:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{command[:3]} failed")
    return Taken(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--megabytes", type=int, default=500)
    asked.add_argument("--ours-alone", action="store_true", help="without the peers, for large exports")
    asked.add_argument("--turns", type=int, default=2)
    given = asked.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        few, many = (jobs(Path(folder), days, not given.ours_alone) for days in (1, round(given.megabytes / 0.4345)))
        run(*few[1]["mainstay, xml"])  # compiles once
        size = (many[0] - few[0]) / 1e6
        best: dict[str, tuple[Taken, Taken]] = {}
        for _ in range(given.turns):
            for name in many[1]:
                start, taken = run(*few[1][name]), run(*many[1][name])
                before = best.get(name, (start, taken))
                best[name] = (min(before[0], start), min(before[1], taken))
    title = f"an export of {size:,.0f} MB"
    print(f"\n{title:<34}{'MB/s':>8}{'ours is':>10}{'with start':>12}{'ours is':>10}{'peak MB':>10}")
    ours = best["mainstay, xml"]
    for name, (start, taken) in best.items():
        reading = taken.seconds - start.seconds
        alone = f"{size / reading:>8.1f}{reading / (ours[1].seconds - ours[0].seconds):>9.1f}×"
        whole = f"{size / taken.seconds:>12.1f}{taken.seconds / ours[1].seconds:>9.1f}×"
        print(f"  {name:<32}{alone}{whole}{taken.megabytes:>10.0f}")


def jobs(folder: Path, days: int, peers: bool) -> tuple[int, dict[str, tuple[str, ...]]]:
    """How large an export of so many days is, and the commands that read it."""
    xml, packed = folder / f"{days}.xml", folder / f"{days}.zip"
    with xml.open("wb") as stream:
        for piece in export(days):
            stream.write(piece)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as made:
        made.write(xml, "apple_health_export/export.xml")
    python = sys.executable
    named = {"mainstay, xml": (python, "-c", OURS, str(xml)), "mainstay, zip": (python, "-c", OURS, str(packed))}
    if peers:
        fresh = "import pathlib, subprocess, sys; pathlib.Path(sys.argv[-1]).unlink(missing_ok=True)"
        peer = str(Path(python).with_name("healthkit-to-sqlite"))
        command = (peer, "--silent", "--xml", str(xml), str(folder / f"{days}.db"))
        named["healthkit-to-sqlite, xml"] = (
            python, "-c", f"{fresh}; subprocess.run(sys.argv[1:], check=True)", *command,
        )  # fmt: skip
        named["ElementTree, a bare walk"] = (python, "-c", BARE, str(xml))
        named["ElementTree, type and value"] = (python, "-c", LOOKED_AT, str(xml))
    return xml.stat().st_size, named


if __name__ == "__main__":
    main()
