"""Which of the coordinates that people lend may be told beside each other, so that no few people are left between two.

The mean of a kind (`log_rate`) less that of a label of it (`log_rate:family`) is about whoever has the kind and not the
label. Labels of which that would be fewer than the smallest cell are left out, and so lean on their kind.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mainstay.cohort.group_cells import SMALLEST, Told
from mainstay.strain.many import Summary
from mainstay.strain.pooling import Pooled
from mainstay.strain.population import kind_of


def told_apart(pooled: Pooled, people: Iterable[Summary], smallest: int = SMALLEST) -> Pooled:
    """What is pooled of these people, without the labels that leave 1 to `smallest` - 1 of them to subtraction."""
    rated = [frozenset(one.names) for one in people if any(kind_of(name) == "mean_rating" for name in one.names)]
    kept = {name for name in pooled.of if kind_of(name) not in pooled.of or kind_of(name) == name}
    for kind in sorted(name for name in kept if kind_of(name) == name):
        have = [held for one in rated if (held := {name for name in one if kind_of(name) == kind})]
        labels = [name for name in pooled.of if name != kind and kind_of(name) == kind]
        kept |= _labels(have, labels, smallest)
    return replace(pooled, of={name: one for name, one in pooled.of.items() if name in kept})


def _labels(have: list[set[str]], labels: list[str], smallest: int) -> set[str]:
    """Of these labels of a kind those that may be told beside it, the commonest first. `have`: each person's labels."""
    told, kept = Told(len(have), smallest), list[str]()
    count = {name: sum(name in one for one in have) for name in labels}
    for name in sorted(labels, key=lambda name: (-count[name], name)):
        members = np.array([name in one for one in have], np.bool_)
        if told.may([members]):
            told.add([members])
            kept.append(name)
    # whoever has something of the kind beyond all that is told: the kind less its labels would be about them alone
    while kept and 0 < sum(not one.issubset(kept) for one in have) < smallest:
        kept.pop()
    return set(kept)
