"""How kernels are compiled: once, kept on disk, and without the interpreter's lock."""

from __future__ import annotations

from typing import Any

ENTRY: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy"}
"""A kernel that Python calls."""
INNER: dict[str, Any] = {**ENTRY, "no_cpython_wrapper": True, "no_cfunc_wrapper": True}
"""A kernel that only other kernels call: without wrappers for Python it compiles in two thirds of the time."""
FAST: dict[str, Any] = {**INNER, "fastmath": {"contract", "reassoc", "nsz", "arcp", "nnan"}}
"""Such a kernel whose sums may be taken in any order; what it is given holds no NaN."""
