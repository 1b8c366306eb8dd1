"""Who or what an event was with, and what was known of them: the attributes behind S13.

A contact's attributes stand for every event with that contact. The name of an event, or one of its tags, may carry
attributes as well, where somebody gave a contact record that name (a place, an activity). What became known after the
timeline's date is not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mainstay.quantities import Instant
from mainstay.records.kinds import Contact
from mainstay.timeline.kinds import Events, Timeline


@dataclass(frozen=True, slots=True)
class Company:
    """Events of one label in one company: `label` is unique, `event` the label on record, `contacts` who was there.

    `attributes`: what is known of the company, each with when it became known of the first of them.
    """

    label: str
    event: str
    contacts: tuple[str, ...]
    attributes: Mapping[str, Instant]

    @property
    def name(self) -> str:
        """How a person would call it: who was there, or else what it was."""
        return " and ".join(self.contacts) or self.event


def attributes_of(timeline: Timeline) -> dict[str, dict[str, Instant]]:
    """By name (contact, place, activity): its attributes, each with when it became known. First known counts."""
    found: dict[str, dict[str, Instant]] = {}
    for record in timeline.others:
        if isinstance(record.body, Contact):
            known = found.setdefault(record.body.pseudonym, {})
            for one in record.body.attributes:
                if one.known <= timeline.as_of and (one.name not in known or one.known < known[one.name]):
                    known[one.name] = one.known
    return found


def by_company(timeline: Timeline) -> tuple[Timeline, tuple[Company, ...]]:
    """The timeline with the events of a label apart where company differs, and each part's company.

    Events of one company keep their label; else each part is called by label and company. Events of which nobody and
    nothing is known by attribute are left as they are and have no company.
    """
    known = attributes_of(timeline)
    events: dict[str, Events] = {}
    recording = dict(timeline.recording)
    parts: list[Company] = []
    for label, series in timeline.events.items():
        companies = [_company(series, known, i) for i in range(len(series.ids))]
        groups = list(dict.fromkeys(companies))
        for group in groups:
            at = np.array([one == group for one in companies])
            name = label if len(groups) == 1 else f"{label} ({', '.join(group) or 'nobody named'})"
            while name != label and (name in timeline.events or name in events):
                name += " again"
            events[name] = series.where(at, name)
            if label in recording:
                recording[name] = replace(recording[label], label=name)
            carried = _carried(series, known, at, group)
            if carried:
                parts.append(Company(name, label, group, carried))
    return replace(timeline, events=events, recording=recording), tuple(parts)


def _company(series: Events, known: Mapping[str, object], i: int) -> tuple[str, ...]:
    """Who was at one event and is known by attribute."""
    return tuple(sorted(name for name in series.contacts.get(series.ids[i], ()) if name in known))


def _carried(
    series: Events, known: dict[str, dict[str, Instant]], at: NDArray[np.bool_], group: tuple[str, ...]
) -> dict[str, Instant]:
    """The attributes of those who were there, of the event by its label, and of tags that all of the events have."""
    ids = [one for one, inside in zip(series.ids, at, strict=True) if inside]
    tags = set.intersection(*(set(series.tags.get(one, ())) for one in ids)) if ids else set()
    found: dict[str, Instant] = {}
    for name in (*group, series.label, *sorted(tags)):
        for attribute, since in known.get(name, {}).items():
            if attribute not in found or since < found[attribute]:
                found[attribute] = since
    return found
