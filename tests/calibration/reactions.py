"""People in whom nothing is out of character, in many ways, and people in whom one reaction is: how often it is said.

PYTHONPATH=tests python -m calibration.reactions NULLS 100      learned expectations: records with any reaction told
PYTHONPATH=tests python -m calibration.reactions WRITTEN 4000   written expectations: the same
PYTHONPATH=tests python -m calibration.reactions POWER 60       one reaction that is unlike, or the other way
"""

import math
import sys

import numpy as np

from mainstay.notice.expectation import ORDINARY, OWN_TAILS, WIDTH, Foreseen, scored
from mainstay.notice.reactions import _learned_told, _written
from mainstay.notice.reactions_learned import chosen_items, learned, usual_changes
from mainstay.quantities import Instant
from mainstay.records.kinds import Item
from mainstay.timeline.kinds import Episodes, Events, Ratings, Timeline

MONDAY = Instant.parse("2024-01-08T00:00+00:00")
CUES = ("first cue", "second cue", "third cue")
DAYS = 180
HALF_LIFE_HOURS = 6.0


def timeline(times, items, events, roles=(), days=DAYS):
    """A timeline of ratings on a scale of 1 to 7, events and roles alone."""
    ids = tuple(str(k) for k in range(len(times)))
    ratings = {
        f"item {k}": Ratings(Item(f"item {k}", f"Item {k}", 1.0, 7.0, "low"), times, values, ids)
        for k, values in enumerate(items)
    }
    occurred = {
        label: Events(label, "other", at, np.full(len(at), np.nan), np.zeros(len(at)), tuple(map(str, range(len(at)))))
        for label, at in events.items()
    }
    cut = MONDAY.plus_days(float(days))
    return Timeline(
        origin=MONDAY, days=float(days), as_of=cut, known_through=cut, purpose="own_answers", ratings=ratings,
        events=occurred, episodes={role.label: role for role in roles}, samples={}, recording={}, gaps=(),
        prompts_sent=np.empty(0), prompts_answered=np.empty(0), offset_edges=np.array([0.0, float(days)]),
        offset_hours=np.zeros(1), anchor="item 0",
    )  # fmt: skip


def moments(rng, days=DAYS, a_day=6, answered=0.8):
    slots = np.arange(days * a_day)
    times = slots // a_day + (8.0 + 14.0 * (slots % a_day + rng.uniform(size=len(slots))) / a_day) / 24.0
    return times[rng.random(len(times)) < answered]


def process(rng, times, shocks=None, half_life_hours=HALF_LIFE_HOURS):
    """An Ornstein-Uhlenbeck process of variance 1 at these times."""
    keep = np.exp(-math.log(2.0) * 24.0 / half_life_hours * np.diff(times, prepend=times[0] - 1.0))
    x = rng.normal(size=len(times)) if shocks is None else shocks
    for i in range(1, len(times)):
        x[i] = keep[i] * x[i - 1] + math.sqrt(1.0 - keep[i] ** 2) * x[i]
    return x


def on_scale(x):
    return np.clip(np.round(4.0 + 1.2 * x), 1.0, 7.0)


def evenings(days=DAYS):
    starts = np.arange(days) + 18.0 / 24.0
    return (Episodes("carer", "role", False, starts, starts + 5.0 / 24.0, tuple(map(str, range(days)))),)


def at_random(rng, times, values):
    return {cue: np.sort(rng.uniform(0.0, DAYS, DAYS // (k + 1))) for k, cue in enumerate(CUES)}


def when_high(rng, times, values):
    """Cues come after high ratings: whatever follows falls by itself."""
    chance = 1.0 / (1.0 + np.exp(-3.0 * (values - np.quantile(values, 0.85))))
    return {cue: times[rng.random(len(times)) < chance / (k + 2)] + 0.3 / 24.0 for k, cue in enumerate(CUES)}


def plain(rng):
    times = moments(rng)
    x = process(rng, times) + 0.4 * rng.normal(size=len(times))
    return times, on_scale(x), at_random(rng, times, x)


def regression_to_the_mean(rng):
    times = moments(rng)
    x = process(rng, times) + 0.4 * rng.normal(size=len(times))
    return times, on_scale(x), when_high(rng, times, x)


def cues_that_do_something(rng):
    """Each cue adds to strain or takes from it, by a little more or less each time."""
    times = moments(rng)
    x, events = process(rng, times), at_random(rng, times, times)
    for (_, at), effect in zip(events.items(), (1.2, -0.8, 0.6), strict=True):
        for when in at:
            since = np.maximum(times - when, 0.0) * 24.0
            x += np.where(times > when, (effect + 0.4 * rng.normal()) * np.exp(-math.log(2.0) * since / 6.0), 0.0)
    return times, on_scale(x + 0.4 * rng.normal(size=len(times))), events


def rhythm(rng):
    times = moments(rng)
    x = process(rng, times) + 0.4 * rng.normal(size=len(times))
    x += 0.8 * np.cos(2.0 * np.pi * times) + 0.6 * (times % 7.0 > 5.0)
    at_six = np.arange(DAYS) + (18.0 + rng.normal(size=DAYS)) / 24.0
    return times, on_scale(x), {"the six o'clock train": at_six, **at_random(rng, times, x)}


def heavy_tails(rng):
    """Now and then the state jumps: shocks of Student's t with 3 degrees; a continuous scale, not cut off."""
    times = moments(rng)
    x = process(rng, times, rng.standard_t(3, len(times)) / math.sqrt(3.0))
    return times, 4.0 + x + 0.3 * rng.standard_t(3, len(times)), at_random(rng, times, x)


def slow_and_drifting(rng):
    times = moments(rng)
    x = (
        process(rng, times, half_life_hours=48.0)
        + np.linspace(0.0, 1.5, len(times))
        + 0.5 * rng.normal(size=len(times))
    )
    return times, on_scale(0.8 * x), when_high(rng, times, x)


def mostly_at_the_floor(rng):
    times = moments(rng)
    x = 1.3 * process(rng, times) - 1.8 + 0.3 * rng.normal(size=len(times))
    return times, on_scale(x), when_high(rng, times, x)


def noise_that_grows(rng):
    times = moments(rng)
    x = (process(rng, times) + 0.4 * rng.normal(size=len(times))) * np.linspace(0.6, 1.6, len(times))
    return times, on_scale(x), at_random(rng, times, x)


NULLS = {
    one.__name__: one
    for one in (
        plain, regression_to_the_mean, cues_that_do_something, rhythm, heavy_tails, slow_and_drifting,
        mostly_at_the_floor, noise_that_grows,
    )
}  # fmt: skip


def told(record):
    """Every reaction of a record, as it is told."""
    usual = usual_changes(record, chosen_items(record))
    return _learned_told(record, learned(record, usual))


def life(rng, kind, items=1):
    """A record of this kind; further items share the events."""
    times, values, events = NULLS[kind](rng)
    more = [on_scale(0.7 * (values - 4.0) / 1.2 + 0.7 * process(rng, times)) for _ in range(items - 1)]
    return timeline(times, [values, *more], events, evenings())


def any_told(kind, people, items=1, seed=1):
    """Shares of people with any reaction told as unlike, and as the other way; of reactions with chance under .05."""
    some = other = low = count = 0
    for k in range(people):
        judged = [one for one in told(life(np.random.default_rng([seed, k]), kind, items)) if one.chance is not None]
        some += any(one.unlike for one in judged)
        other += any(one.other_way for one in judged)
        low += sum(one.chance <= 0.05 for one in judged)
        count += len(judged)
    return some / people, other / people, low / count, count / people


def reversed_once(rng, size, at=150.0):
    """A cue that always adds 1.2 sd, and once, late, takes away `size`: the record, and when that was."""
    times, cue = moments(rng), np.sort(rng.uniform(0.0, DAYS, DAYS))
    x = process(rng, times)
    daytime = cue[(cue % 1.0 > 10.0 / 24.0) & (cue % 1.0 < 20.0 / 24.0)]
    which = int(np.argmin(np.abs(daytime - at)))
    for k, when in enumerate(daytime):
        effect = -size if k == which else 1.2 + 0.3 * rng.normal()
        since = np.maximum(times - when, 0.0) * 24.0
        x += np.where(times > when, effect * np.exp(-math.log(2.0) * since / 6.0), 0.0)
    values = 4.0 + x + 0.3 * rng.normal(size=len(times))
    return timeline(times, [values], {CUES[0]: daytime}), daytime[which]


def found_once(size, people, seed=2):
    """Shares of people in whom the one reversed reaction is told as unlike, and as the other way."""
    unlike = other = 0
    for k in range(people):
        record, when = reversed_once(np.random.default_rng([seed, k]), size)
        hit = [one for one in told(record) if abs(one.time - when) < 1e-9]
        unlike += any(one.unlike for one in hit)
        other += any(one.other_way for one in hit)
    return unlike / people, other / people


def reactions(rng, count, sd, freedom=None, bias=0.0):
    """Reactions to a handful of cues, each as expected but for noise of this size (own standard deviations)."""
    noise = rng.normal(size=count) if freedom is None else rng.standard_t(freedom, count)
    found = []
    for k in range(count):
        direction, size = int(rng.choice([-1, 1])), float(rng.uniform(0.3, 1.5))
        observed = direction * size + bias + sd * float(noise[k])
        cue = f"cue {rng.integers(5)}"
        found.append(
            Foreseen(str(k), float(k), cue, "", direction, size, observed, ORDINARY, OWN_TAILS, "", "reactions")
        )
    return tuple(found)


WRITTEN = {"exact": 0.3, "as taken": math.hypot(WIDTH, ORDINARY), "inexact": 1.0, "very inexact": 1.5}


def any_written(people, count, sd, freedom=None, bias=0.0, seed=3):
    """Shares of people with any written expectation told as missed, and as missed the other way."""
    some = other = 0
    for k in range(people):
        judged = _written(scored(reactions(np.random.default_rng([seed, k]), count, sd, freedom, bias)))
        some += any(one.unlike for one in judged)
        other += any(one.other_way for one in judged)
    return some / people, other / people


def reversed_written(people, sd, distance, count=6, seed=4):
    """Share of people in whom the last of some reactions, so many own sds off the other way, is told so."""
    other = 0
    for k in range(people):
        *before, last = reactions(np.random.default_rng([seed, k]), count, sd)
        turned = Foreseen(
            last.id, last.time, last.cue, "", 1, 1.0, 1.0 - distance, ORDINARY, OWN_TAILS, "", "reactions"
        )
        other += _written(scored((*before, turned)))[-1].other_way
    return other / people


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or NULLS:
            print(kind, *np.round(any_told(kind, people), 4), flush=True)
        print("plain, four items", *np.round(any_told("plain", people, 4), 4), flush=True)
    elif what == "WRITTEN":
        for count in (5, 12, 40):
            for name, sd in WRITTEN.items():
                print(count, name, *np.round(any_written(people, count, sd), 4), flush=True)
            print(count, "heavy tails", *np.round(any_written(people, count, 0.5, 3.0), 4), flush=True)
            print(count, "off by 0.5", *np.round(any_written(people, count, 0.5, None, 0.5), 4), flush=True)
    else:
        for size in (1.0, 2.0, 3.0, 4.0):
            print("learned: adds 1.2, once takes", size, *np.round(found_once(size, people), 3), flush=True)
        for sd in (0.2, 0.5, 0.7):
            shares = [reversed_written(1000, sd, distance) for distance in (1.5, 2.0, 2.5, 3.0, 4.0)]
            print("written, exact to", sd, "off by 1.5 2 2.5 3 4:", *np.round(shares, 3), flush=True)
