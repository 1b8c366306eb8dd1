"""What every reader must do with what is broken or hostile: end in a receipt or a clear error, in little memory.

`damaged(sample, folder)` gives broken twins of a sample; `outcome(source, path)` reads one and holds the reader to its
promises. A test of a reader hands its own samples to both; `test_readers.py` does so for every reader.
"""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from mainstay.errors import MainstayError
from mainstay.quantities import Instant
from mainstay.records.kinds import Receipt
from mainstay.records.reader import read

NOW = Instant.parse("2026-11-22T00:00+00:00")
ZONE = "Europe/Amsterdam"
MOST_MB = 400
FLIPS = 8
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c SYSTEM "file:///etc/passwd">]><x>&b;&c;</x>'
)


def files_of(sample: Path) -> dict[str, bytes]:
    """The files of a sample, whether it is a file, a folder or a zip, by name."""
    if sample.is_dir():
        found = sorted(path for path in sample.rglob("*") if path.is_file())
        return {path.relative_to(sample).as_posix(): path.read_bytes() for path in found}
    if zipfile.is_zipfile(sample):
        with zipfile.ZipFile(sample) as opened:
            return {one.filename: opened.read(one) for one in opened.infolist() if not one.is_dir()}
    return {sample.name: sample.read_bytes()}


def put(files: dict[str, bytes], folder: Path) -> Path:
    """Files as a folder; a single one as itself."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder if len(files) > 1 or "/" in next(iter(files)) else folder / next(iter(files))


def put_zip(files: dict[str, bytes], path: Path) -> Path:
    """Files as a zip."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return path


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(min(len(changed), 1 + len(changed) // 2_000)):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _shuffled(content: bytes, rng: random.Random) -> bytes:
    lines = content.splitlines(keepends=True)
    rng.shuffle(lines)
    return b"".join(lines)


def _junk(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.randbytes(2_000) + content[at:]


def _recoded(encoding: str):
    return lambda content, _: content.decode("utf-8", "replace").encode(encoding, "replace")


DAMAGES = {
    "cut": _cut,
    "flipped": _flipped,
    "shuffled": _shuffled,
    "junk": _junk,
    "utf-16": _recoded("utf-16"),
    "latin-1": _recoded("latin-1"),
    "empty": lambda content, _: b"",
    "zeros": lambda content, _: bytes(len(content)),
    "entities": lambda content, _: ENTITIES + content,
    "long line": lambda content, _: content.replace(b"\n", b"") * 3,
    "twice": lambda content, _: content + content,
}


def damaged(sample: Path, folder: Path, seed: int = 1) -> Iterator[tuple[str, Path]]:
    """Broken twins of a sample, each with what was done to it: every damage to every file, as files and as a zip."""
    files, rng = files_of(sample), random.Random(seed)
    whole = folder / "zips"
    for name, damage in DAMAGES.items():
        times = FLIPS if name in ("cut", "flipped", "junk") else 1
        for time in range(times):
            broken = {file: damage(content, rng) for file, content in files.items()}
            yield f"{name} {time}", put(broken, folder / f"{name} {time}")
    good = put_zip(files, whole / "good.zip").read_bytes()
    for time in range(FLIPS):
        for name, damage in (("cut", _cut), ("flipped", _flipped)):
            path = whole / f"{name} {time}.zip"
            path.write_bytes(damage(good, rng))
            yield f"zip {name} {time}", path


def bomb(sample: Path, path: Path, megabytes: int = 600) -> Path:
    """A zip of a sample whose files each go on, after what they should hold, with so many megabytes of blanks."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        for name, content in files_of(sample).items():
            with made.open(name, "w", force_zip64=True) as stream:
                stream.write(content)
                for _ in range(megabytes):
                    stream.write(b" " * (1 << 20))
    return path


def outcome(source: str, path: Path) -> Receipt | str:
    """What reading gives: a receipt whose sums hold, or the text of a clear error. Any other exception is a fault."""
    try:
        batch, receipt = read(path, source=source, zone=ZONE, now=NOW)
    except MainstayError as error:
        text = str(error)
        assert len(text) > 15, f"{text!r} says too little"
        assert len(text) < 2_000, f"{text[:200]!r}… says too much"
        return text
    assert receipt.rows_read >= receipt.rows_refused + receipt.rows_empty >= 0
    assert sum(receipt.kept.values()) == len(batch.records)
    assert receipt.rows_refused == 0 or receipt.refused
    assert all(record.known.utc_us <= NOW.utc_us for record in batch.records)
    return receipt


def peak_mb(source: str, path: Path) -> tuple[str, float]:
    """What reading gives in a process of its own, in a word, and the most memory it took, in megabytes."""
    program = (
        "import resource, sys\nfrom pathlib import Path\nfrom checks.readers import outcome\n"
        "said = outcome(sys.argv[1], Path(sys.argv[2]))\n"
        "print(type(said).__name__, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", program, source, str(path)],
        capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(tests)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2_000:]
    word, most = done.stdout.split()
    return word, float(most)


def one_bad_in(rows: int, header: bytes, row: bytes, bad: bytes, footer: bytes = b"") -> io.BytesIO:
    """A file of so many rows of which one, in the middle, is bad."""
    content = io.BytesIO()
    content.write(header)
    content.write(row * (rows // 2))
    content.write(bad)
    content.write(row * (rows - rows // 2 - 1))
    content.write(footer)
    return content
