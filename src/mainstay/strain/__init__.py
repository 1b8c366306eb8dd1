"""The strain-and-threshold model: parameters, likelihood, fit, simulate, and what it can answer.

The names below are what docs/howto/fit-in-python.md works with, in its order. Each is imported when it is first used:
the compiled kernels take half a second to load. `criticise` and `sensitivity` are named like their own modules, so they
are imported from these.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mainstay.strain.answering import answers as answers
    from mainstay.strain.drawing import curves as curves
    from mainstay.strain.draws import checked as checked
    from mainstay.strain.draws import draw as draw
    from mainstay.strain.draws import summary as summary
    from mainstay.strain.exchange import inference_data as inference_data
    from mainstay.strain.fitting import fit as fit
    from mainstay.strain.many import FitFailed as FitFailed
    from mainstay.strain.many import fit_many as fit_many
    from mainstay.strain.many import summarise_many as summarise_many
    from mainstay.strain.plan import Pace as Pace
    from mainstay.strain.plan import chances as chances
    from mainstay.strain.plan import months_until as months_until
    from mainstay.strain.pooling import fit_pooled as fit_pooled
    from mainstay.strain.pooling import learn_priors as learn_priors
    from mainstay.strain.ragged import flattened as flattened
    from mainstay.strain.settings import Settings as Settings
    from mainstay.strain.settings import Shape as Shape
    from mainstay.strain.shapes import drift_course as drift_course
    from mainstay.strain.shapes import fading_course as fading_course

_PLACES: dict[str, tuple[str, ...]] = {
    "fitting": ("fit",),
    "settings": ("Settings", "Shape"),
    "answering": ("answers",),
    "drawing": ("curves",),
    "shapes": ("drift_course", "fading_course"),
    "draws": ("checked", "draw", "summary"),
    "exchange": ("inference_data",),
    "many": ("FitFailed", "fit_many", "summarise_many"),
    "ragged": ("flattened",),
    "pooling": ("fit_pooled", "learn_priors"),
    "plan": ("Pace", "chances", "months_until"),
}
_HOME = {name: place for place, names in _PLACES.items() for name in names}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"mainstay.strain has no {name!r}")
    found = getattr(import_module(f"mainstay.strain.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
