"""Compiled kernels and solvers; no word of the domain."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path


def forget_stale_kernels(folder: Path) -> None:
    """Delete the kernels numba kept in `folder` whose sources, or what these import from it, changed since.

    numba compares a kernel with its own file only: it would run what a changed file used to do, and stop with an
    AttributeError where a class it remembers has moved.
    """
    kept = folder / "__pycache__"
    states = {path.stem: path.stat() for path in folder.glob("*.py")}
    stamps = {name: [state.st_mtime_ns, state.st_size] for name, state in states.items()}
    try:
        before = json.loads((kept / "kernels.json").read_text())
    except (OSError, ValueError):
        before = {}
    changed = {name for name, stamp in stamps.items() if before.get(name) != stamp}
    if not changed:
        return
    quoted = re.compile(r"from mainstay\.numerics\.(\w+) import")
    uses = {name: set(quoted.findall((folder / f"{name}.py").read_text(encoding="utf-8"))) for name in stamps}
    while grown := {name for name in uses if name not in changed and uses[name] & changed}:
        changed |= grown
    for path in [*kept.glob("*.nbi"), *kept.glob("*.nbc")]:
        if path.name.split(".")[0] in changed:
            path.unlink(missing_ok=True)
    kept.mkdir(exist_ok=True)
    (kept / "kernels.json").write_text(json.dumps(stamps))


def kernels_are_kept(kernel: str = "ou_gradient.value_and_gradient") -> bool:
    """Whether the kernels of a fit have been compiled on this machine; if not, the first fit takes a minute more."""
    elsewhere = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(elsewhere) if elsewhere else Path(__file__).parent / "__pycache__"
    return any(folder.rglob(f"{kernel}-*.nbi"))


# where the folder cannot be written, numba keeps its kernels elsewhere
with contextlib.suppress(OSError):
    forget_stale_kernels(Path(__file__).parent)
