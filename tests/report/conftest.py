"""Simulated people for the report's tests: invented, quick, and only as faithful as a picture needs."""

from __future__ import annotations

import numpy as np
import pytest

from mainstay.quantities import Finding, Instant, Interval, probability
from mainstay.records.kinds import Item
from mainstay.report.answers import AnswerContext
from mainstay.strain.posterior import Curves
from mainstay.timeline.kinds import Episodes, Events, Gap, Ratings, Recording, Timeline

ORIGIN = Instant.parse("2024-01-08T00:00+01:00")
ITEM = Item("worn", "worn down", 1, 7, "low", "not at all", "completely")


def episodes(label, spans, is_="role", is_self=False):
    starts = np.array([s for s, _ in spans], dtype=float)
    ends = np.array([e for _, e in spans], dtype=float)
    return Episodes(label, is_, is_self, starts, ends, tuple(f"{label}{i}" for i in range(len(spans))))


def events(label, is_, times, sizes=None):
    times = np.sort(np.asarray(times, dtype=float))
    sizes = np.full(len(times), np.nan) if sizes is None else np.asarray(sizes, dtype=float)
    return Events(label, is_, times, sizes, np.zeros(len(times)), tuple(f"{label}{i}" for i in range(len(times))))


def timeline_of(days, *, ratings=(), event_list=(), episode_list=(), recording=(), gaps=(), anchor="worn"):
    as_of = ORIGIN.plus_days(days)
    return Timeline(
        origin=ORIGIN, days=float(days), as_of=as_of, known_through=as_of, purpose="own_answers",
        ratings={r.item.name: r for r in ratings},
        events={e.label: e for e in event_list},
        episodes={e.label: e for e in episode_list},
        samples={}, recording={r.label: r for r in recording}, gaps=tuple(gaps),
        prompts_sent=np.array([]), prompts_answered=np.array([]),
        offset_edges=np.array([0.0]), offset_hours=np.array([1.0]), anchor=anchor,
    )  # fmt: skip


def two_lives(days=540, seed=3, *, drift=1.1, off=((212, 226), (401, 405)), denser=False):
    """A reporter and rescuer: strain from both roles and their demands, a threshold that falls, two refuges."""
    rng = np.random.default_rng(seed)
    step = 1 / 8
    times = np.arange(0, days, step)
    day = np.floor(times)
    hour = (times - day) * 24
    weekday = (day % 7).astype(int)
    reporter = (weekday < 5) & (hour >= 9) & (hour < 17)
    night = rng.random(days) < 0.33 + 0.15 * np.arange(days) / days
    rescuer = night[day.astype(int)] & (hour >= 19) & (hour < 23)
    own = (weekday == 6) & (hour >= 10) & (hour < 15)
    slips, alarms, visits, quarrels = [], [], [], []
    strain = np.zeros(len(times))
    s, slow = 0.6, 0.0
    a = np.array([-2.9, -3.3])
    kappa = np.array([0.85, 0.8])
    for i, t in enumerate(times):
        y = (t - days / 2) / 365.25
        slow += -slow / 25 * step + 0.11 * np.sqrt(step) * rng.normal()
        s += (-0.55 * s + 1.5 * reporter[i] + 2.4 * rescuer[i] + 0.12 + slow) * step
        s += 0.35 * np.sqrt(step) * rng.normal()
        if reporter[i] and rng.random() < 0.14:
            slips.append(t)
            s += 0.5
        if rescuer[i] and rng.random() < 0.5:
            alarms.append(t)
            s += 0.6
        for k, (acts, keep) in enumerate(((visits, 0.45), (quarrels, 0.8))):
            if rng.random() < 1 - np.exp(-np.exp(a[k] + kappa[k] * s + drift * y) * step):
                acts.append(t)
                s *= keep
        strain[i] = s
    unknown = np.zeros(len(times), bool)
    for start, end in off:
        unknown |= (times >= start) & (times < end)
    kernel = np.ones(9) / 9
    mean = np.convolve(np.pad(strain, 4, mode="edge"), kernel, "valid") * 0.5 + strain * 0.5
    half = np.where(unknown, 1.3, 0.42)
    mean = np.where(unknown, strain.mean(), mean)
    years = (times - days / 2) / 365.25
    threshold = (np.log(1 / 3) - np.log(np.exp(a).sum()) - drift * years) / kappa.mean()
    spread = 0.18 + 0.3 * np.abs(years) ** 1.3
    curves = Curves(
        times, mean, mean - half, mean + half, threshold, threshold - spread, threshold + spread,
        unknown, 0.90, "points of “worn down”", 1 / 3, "once in three days",
    )  # fmt: skip

    def seen(moments):
        moments = np.array(moments)
        return moments[~np.array([any(s <= t < e for s, e in off) for t in moments], bool)]

    def spans(mask):
        edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(int), [0]))))
        return [(times[i], times[j - 1] + step) for i, j in zip(edges[::2], edges[1::2], strict=True)]

    asked = seen(np.sort(np.floor(rng.random(5 * days) * days) + rng.choice([0.4, 0.5, 0.6, 0.75, 0.9], 5 * days)))
    scale = np.clip(np.round(1.5 + np.interp(asked, times, strain) + rng.normal(0, 0.6, len(asked))), 1, 7)
    edges = np.array([0.0, *[edge for span in off for edge in span], days])
    intensity = np.array([0.75 if i % 2 == 0 else 0.0 for i in range(len(edges) - 1)])
    if denser:
        intensity = np.array([0.4, 0.0, 0.7, 0.0, 1.0])[: len(intensity)]
    line = timeline_of(
        days,
        ratings=[Ratings(ITEM, asked, scale, tuple(f"c{i}" for i in range(len(asked))))],
        event_list=[
            events("deadline", "demand", seen(slips)), events("call-out", "demand", seen(alarms)),
            events("visit to mother", "relief", seen(visits)), events("quarrel with rival", "relief", seen(quarrels)),
        ],
        episode_list=[
            episodes("reporter", spans(reporter)), episodes("rescuer", spans(rescuer)),
            episodes("myself", spans(own), is_self=True),
        ],
        recording=[Recording("", edges, intensity)],
        gaps=[Gap(float(s), float(e), "recording off") for s, e in off if e <= days],
    )  # fmt: skip
    return line, curves


def a_finding(**changes):
    fields = {
        "row": "S9", "about": "rescuer", "status": "found",
        "claim": "An hour as rescuer adds 0.12 points of strain", "quantity": "toll_per_hour", "estimate": 0.12,
        "interval": Interval(0.08, 0.16), "unit": "points an hour", "n": 2710, "method": "strain-and-threshold model",
        "probability": probability(0.98), "evidence": ("a", "b"), "assumptions": ("roles as recorded",),
        "would_change": "More check-ins outside the role",
    }  # fmt: skip
    return Finding(**{**fields, **changes})


def a_context(**changes):
    fields = {
        "as_of": Instant.parse("2025-07-02T00:00+02:00"), "known_through": Instant.parse("2025-07-01T21:00+02:00"),
        "made_at": Instant.parse("2025-08-01T10:00+02:00"), "purpose": "own_answers", "left_out": (),
    }  # fmt: skip
    return AnswerContext(**{**fields, **changes})


@pytest.fixture(scope="session")
def two_lives_record():
    return two_lives()


@pytest.fixture
def make():
    """The builders above, for tests that need their own record."""
    from types import SimpleNamespace

    return SimpleNamespace(
        timeline=timeline_of, episodes=episodes, events=events, two_lives=two_lives, item=ITEM, ratings=Ratings,
        recording=Recording, gap=Gap, finding=a_finding, context=a_context, curves=Curves,
    )  # fmt: skip
