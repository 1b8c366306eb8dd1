"""What leaves a casebook whole, in the open: which of what is kept goes along, and what may come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from mainstay.errors import BadRecord

if TYPE_CHECKING:
    from mainstay.casebook import Casebook
    from mainstay.casebook.portability import Parcel
    from mainstay.quantities import Instant


def parcel_of(casebook: Casebook, at: Instant) -> Parcel:
    """Everything that may be read for the person's own answers, and what is kept and can't be worked out again."""
    return casebook.take_out(now=at, kept=_what_is_kept())


def refuse_other_kept(parcel: Parcel) -> None:
    """Refuses (`BadRecord`) a parcel that keeps what no Mainstay would have kept."""
    known = _what_is_kept()
    for one in parcel.kept:
        if one.name not in known:
            raise BadRecord(f"kept.json holds {one.name[:40]!r}, which nothing here keeps")
        known[one.name](one.payload)


def _what_is_kept() -> dict[str, Callable[[bytes], object]]:
    """What is kept and can't be worked out again, by name, and what refuses bytes that are nothing of the kind."""
    from mainstay.futures import ledger
    from mainstay.options import leaning

    marked = (leaning.SHOWN, leaning.SEALED, leaning.BEST)
    return {ledger.NAME: ledger.read, **{name: partial(leaning.refuse_unreadable, name) for name in marked}}
