"""What became of everybody's rows when a study was gathered: one receipt over all people, with counts and reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from mainstay.records.kinds import Receipt, Record, Signal
from mainstay.records.words import counted, few

MOST_REASONS = 10_000
"""Different reasons that are counted apart; further ones are counted together."""

OTHER_REASONS = "for other reasons"
FEW = 20
_NUMBER = re.compile(r"\d[\d,.]*( rows?)?")


@dataclass(slots=True)
class Gathered:
    """One receipt over everybody: `rows` read, of which `refused` and `empty`, and `nobody` that name no person.

    `kept` counts records by stream, and of signals their samples (`samples` in all); `without` are people of whom
    nothing was kept, with the first reason; `varying` are characteristics that differ within a person, as
    (characteristic, person).
    """

    people: int = 0
    rows: int = 0
    refused: int = 0
    empty: int = 0
    kept: Counter[str] = field(default_factory=Counter)
    samples: int = 0
    nobody: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    without: dict[str, str] = field(default_factory=dict)
    characteristics: dict[str, int] = field(default_factory=dict)
    varying: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    assumed: tuple[str, ...] = ()
    _alike: dict[str, tuple[str, int]] = field(default_factory=dict)
    _first: dict[str, str] = field(default_factory=dict)

    def add(self, person: str, receipt: Receipt, records: Iterable[Record] = ()) -> None:
        """Count one person's receipt. Their refusals count by reason; notes that differ in numbers count as alike.

        `records`: what was kept of them; of a signal each sample counts.
        """
        self.rows += receipt.rows_read
        self.refused += receipt.rows_refused
        self.empty += receipt.rows_empty
        self.kept.update(receipt.kept)
        for record in records:
            if isinstance(record.body, Signal):
                self.kept[record.stream] += len(record.body.values) - 1
                self.samples += len(record.body.values)
        for one in receipt.refused:
            self.because(one.reason)
        if receipt.kept:
            self.people += 1
            for note in receipt.notes:
                first, count = self._alike.get(_without_numbers(note), (note, 0))
                self._alike[_without_numbers(note)] = (first, count + 1)
        else:
            first_reason = receipt.refused[0].reason if receipt.refused else "every cell that is asked for is empty"
            self.without[person] = first_reason

    def because(self, reason: str) -> None:
        """Count a reason why a cell or row was refused; those that differ in numbers only, under the first of them."""
        plain = _without_numbers(reason)
        if plain not in self._first and len(self._first) >= MOST_REASONS:
            self.reasons[OTHER_REASONS] += 1
        else:
            self.reasons[self._first.setdefault(plain, reason)] += 1

    @property
    def all_notes(self) -> tuple[str, ...]:
        """What is to be said beside the counts; what holds of several people once, with how many."""
        of_people = [
            note if count == self.people else f"{note} (this or the like of {counted(count, 'person', 'people')})"
            for note, count in self._alike.values()
        ]
        return (*(f"assumed, not recorded: {one}" for one in self.assumed), *self.notes, *of_people)

    def as_json(self) -> dict[str, Any]:
        """The receipt as plain values, for `gathered.json`."""
        return {
            "people": self.people,
            "rows": {
                "read": self.rows + self.nobody.total(),
                "refused": self.refused,
                "empty": self.empty,
                "naming nobody": dict(self.nobody),
            },
            "records": dict(sorted(self.kept.items())),
            "refused because": dict(self.reasons.most_common()),
            "people of whom nothing was kept": self.without,
            "characteristics": self.characteristics,
            "characteristics that vary within a person": [list(one) for one in self.varying],
            "assumed": list(self.assumed),
            "notes": list(self.all_notes),
        }

    def lines(self) -> list[str]:
        """The receipt in sentences."""
        read = self.rows + self.nobody.total()
        lines = [
            f"Read {counted(read, 'row')}; kept {counted(self.kept.total(), 'record')} of "
            f"{counted(self.people, 'person', 'people')}."
        ]
        width = max((len(name) for name in self.kept), default=0)
        each = ", each sample of a signal as one" if self.samples else ""
        lines += [f"Records, by stream{each}:"] if self.kept else []
        lines += [f"  {name:<{width}}  {count:>11,}" for name, count in sorted(self.kept.items())]
        if self.empty:
            lines.append(f"Nothing to read in {counted(self.empty, 'row')}.")
        for why, count in sorted(self.nobody.items()):
            lines.append(f"Left out {counted(count, 'row')}: each {why}.")
        if self.reasons:
            lines.append(f"Refused {counted(self.refused, 'row')}, and some cells of others (such as):")
            lines += [f"  {count:,}: {reason}" for reason, count in self.reasons.most_common(FEW)]
            more = len(self.reasons) - FEW
            lines += [f"  … and {more:,} more reasons, all in gathered.json"] if more > 0 else []
        if self.without:
            lines.append(f"Of {counted(len(self.without), 'person', 'people')} nothing was kept; they are left out:")
            lines += [f"  {count:,}: {reason}" for reason, count in Counter(self.without.values()).most_common(FEW)]
        for name, known in self.characteristics.items():
            lines.append(f"Characteristic {name}: known of {counted(known, 'person', 'people')}.")
        if self.varying:
            who = few([f"{name} of {person}" for name, person in self.varying])
            lines.append(f"Refused, because a characteristic is one and the same in all rows of a person: {who}.")
        return lines + [f"Note: {note}" for note in self.all_notes]


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("#", text)
