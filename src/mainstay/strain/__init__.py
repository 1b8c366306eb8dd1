"""The strain-and-threshold model: parameters, likelihood, fit, simulate, and what it can answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.strain.answering import answers as answers
    from mainstay.strain.drawing import curves as curves
    from mainstay.strain.draws import checked as checked
    from mainstay.strain.fitting import fit as fit

_PLACES = {"fit": "fitting", "answers": "answering", "curves": "drawing", "checked": "draws"}


def __getattr__(name: str) -> Any:
    """Import what is asked for when it is asked for: the compiled kernels take half a second to load."""
    if name not in _PLACES:
        raise AttributeError(f"mainstay.strain has no {name!r}")
    from importlib import import_module

    found = getattr(import_module(f"mainstay.strain.{_PLACES[name]}"), name)
    globals()[name] = found
    return found
