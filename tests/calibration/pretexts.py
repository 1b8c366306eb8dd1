"""People in whom nothing else behaves like a refuge, in many ways, and people who call a refuge something else.

PYTHONPATH=tests python -m calibration.pretexts NULLS 40      by kind of null: records with any proposal, and how many
                                                              pass only the one or the other condition
PYTHONPATH=tests python -m calibration.pretexts HIDDEN 20     two_roles with its quarrels on record as something else
PYTHONPATH=tests python -m calibration.pretexts POWER 30      an ordinary year, one refuge on record as other
PYTHONPATH=tests python -m calibration.pretexts PULLS 40      by role and by hour: estimates, how often their intervals
                                                              hold the truth, how often a difference is told
PYTHONPATH=tests python -m calibration.pretexts SPEED 5       two_roles: seconds of processor time of both chapters
"""

import sys
import time
from dataclasses import replace

import numpy as np

from calibration.before_after import awake, excited, poisson, process
from mainstay import strain
from mainstay.patterns.pretexts import search
from mainstay.patterns.pretexts_answers import pretext_answers
from mainstay.patterns.refuges import BY_HOUR, BY_ROLE, pulls_by_hour, pulls_by_role, refuge_pattern_answers
from mainstay.patterns.refuges_moments import beside, scene_of
from mainstay.quantities import Instant
from mainstay.records.kinds import Event, Record, record_id
from mainstay.strain.simulate import simulate
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate as world
from mainstay.worlds.life import inside, stretches
from mainstay.worlds.ordinary import MONDAY, REFUGES, ROLES, TENSION, ordinary_parameters, ordinary_year, records_of

DAYS = 365.0
LABELS = ("errand", "outing", "parcel")
QUARREL = "quarrel with the rival"
AFTER_ALL = Instant.parse("2025-07-08T00:00+00:00")


def weekly(rng):
    return rng.choice([1.0, 2.0, 4.0], len(LABELS))


def unrelated(rng, lived):
    return {label: (poisson(rng, DAYS, a, awake), "other") for label, a in zip(LABELS, weekly(rng), strict=True)}


def at_peak_hours(rng, lived):
    """On a share of days, within an hour and a half of the hour of that weekday at which strain is highest."""
    hours = np.rint(lived.path_times * 24.0).astype(int) % 168
    mean = np.bincount(hours, lived.path_strain, 168) / np.bincount(hours, minlength=168)
    waking = np.where((np.arange(168) % 24 >= 9) & (np.arange(168) % 24 < 22), mean, -9.0)
    peak = waking.reshape(7, 24).argmax(axis=1)
    found = {}
    for label, a in zip(LABELS, weekly(rng), strict=True):
        days = np.flatnonzero(rng.random(int(DAYS)) < a / 7.0)
        times = days + (peak[days % 7] + rng.uniform(-1.0, 2.0, len(days))) / 24.0
        found[label] = (np.sort(times), "other")
    return found


def at_the_end_of_a_role(rng, lived):
    """Within the hour and a half after a shift, on a share of them: strain stands high, and then load ends."""
    ends = np.concatenate([one[1] for one in lived.roles.values()])
    found = {}
    for label, a in zip(LABELS, weekly(rng), strict=True):
        some = ends[rng.random(len(ends)) < a * DAYS / 7.0 / len(ends)]
        times = some + rng.uniform(0.0, 1.5, len(some)) / 24.0
        found[label] = (np.sort(times[times < DAYS - 0.1]), "other")
    return found


def sought(rng, lived, when=awake, pulls=(0.5, 1.0, 1.5)):
    """Sought under strain as a refuge is, and easing nothing; `when`: a share of the rate by time."""
    return {
        label: (thinned(rng, lived, lambda _, pull=pull: pull, when, rng.choice([1.0, 2.0, 4.0])), "other")
        for label, pull in zip(LABELS, pulls, strict=True)
    }


def thinned(rng, lived, pull, when, a_week):
    """Times at a rate of e to the pull (by time) times strain, with so many a week on average."""
    times = np.sort(rng.uniform(0.0, DAYS - 0.1, rng.poisson(60.0 * DAYS)))
    strained = np.interp(times, lived.path_times, lived.path_strain - lived.path_strain.mean())
    rate = np.exp(pull(times) * strained) * when(times)
    return times[rng.random(len(times)) < rate * a_week / 7.0 / 60.0 / rate.mean()]


def after_hard_days(rng, lived):
    found = sought(rng, lived)
    return {label: (times, is_ if label != LABELS[2] else "slip") for label, (times, is_) in found.items()}


def home_on_hard_days(rng, lived):
    """The more strained, the likelier within the hour after a shift: load ends, and none of it is the event's doing."""
    ends = np.sort(np.concatenate([one[1] for one in lived.roles.values()]))

    def just_home(times):
        at = np.searchsorted(ends, times) - 1
        return ((at >= 0) & (times - ends[np.maximum(at, 0)] < 1.0 / 24.0)).astype(float)

    return sought(rng, lived, just_home)


def before_the_night(rng, lived):
    """On hard days between nine and eleven in the evening; the night takes away strain fourfold as fast as the day."""
    return sought(rng, lived, lambda times: np.abs(np.mod(times, 1.0) * 24.0 - 22.0) < 1.0)


def on_the_way_to_a_refuge(rng, lived):
    """Up to an hour and a half before four of five acts of one refuge."""
    acts = lived.acts[REFUGES[0]]
    times = acts[rng.random(len(acts)) < 0.8]
    times = np.sort(times - rng.uniform(0.2, 1.5, len(times)) / 24.0)
    return {"train": (times[times > 0.0], "other")}


def in_bursts(rng, lived):
    found = {}
    grid = np.arange(0.0, DAYS, 0.25)
    for i, (label, a) in enumerate(zip(LABELS, weekly(rng), strict=True)):
        wave = np.exp(0.8 * process(rng, grid, 0.5 ** (1.0 / 24.0)) - 0.32)
        times = (
            excited(rng, DAYS, a, 0.6, rng.uniform(2, 24))
            if i < 2
            else poisson(rng, DAYS, a, lambda t, wave=wave: np.minimum(np.interp(t, grid, wave), 4.0))
        )
        found[label] = (times[times < DAYS - 0.1], "other")
    return found


def recorded_more_and_more(rng, lived):
    found = unrelated(rng, lived)
    return {
        label: (times[rng.random(len(times)) < 0.3 + 0.7 * times / DAYS], is_) for label, (times, is_) in found.items()
    }


NULLS = {
    "unrelated": unrelated,
    "at peak hours": at_peak_hours,
    "at the end of a role": at_the_end_of_a_role,
    "after hard days": after_hard_days,
    "in bursts": in_bursts,
    "recorded more and more": recorded_more_and_more,
    "demands in bursts": lambda rng, lived: {},
    "roles not on record": home_on_hard_days,
    "home on hard days": home_on_hard_days,
    "before the night": before_the_night,
    "on the way to a refuge": on_the_way_to_a_refuge,
}
NIGHTS = "asleep"


class Lived:
    """A simulated year, as the nulls look at it."""

    def __init__(self, schedule, simulated):
        self.roles, self.acts = schedule.roles, simulated.acts
        self.path_times, self.path_strain = simulated.path_times, simulated.path_strain


def event(label, is_, day, number):
    at = MONDAY.plus_days(float(day))
    return Record(record_id("t", label, str(number)), label, at, at, "t", Event(label, is_))


def null(kind: str, seed: int):
    """One person's timeline: their own demands, two refuges, and events that are none."""
    rng = np.random.default_rng([seed, sorted(NULLS).index(kind)])
    schedule = ordinary_year(rng, days=DAYS, check_ins_per_day=5, answered=0.8)
    if kind == "demands in bursts":
        demands = {}
        for label in schedule.demands:
            times = excited(rng, DAYS, 4.0, 0.6, rng.uniform(4, 36))
            demands[label] = (times[times < DAYS - 0.1], rng.gamma(2.0, 0.5, int((times < DAYS - 0.1).sum())))
        schedule = replace(schedule, demands=demands)
    if kind == "recorded more and more":
        schedule = replace(schedule, recording={"": (np.linspace(0, DAYS, 53), np.linspace(0.3, 1.0, 52))})
    truth = ordinary_parameters()
    if kind == "before the night":
        nights = stretches([(day - 1.0 / 24.0, day + 7.0 / 24.0) for day in range(int(DAYS) + 1)], DAYS)
        schedule = replace(schedule, roles={**schedule.roles, NIGHTS: nights}, oneself=NIGHTS)
        truth = replace(truth, recovery_rate_per_day=0.35, own_recovery=np.log(4.0))
    simulated = simulate(truth, schedule, rng)
    schedule = replace(schedule, roles={label: schedule.roles[label] for label in ROLES}, oneself="")
    extra = NULLS[kind](rng, Lived(schedule, simulated))
    if kind == "recorded more and more":  # and nowhere is that written down
        schedule = replace(schedule, recording={})
    if kind == "roles not on record":
        schedule = replace(schedule, roles={})
    records = [
        *records_of(schedule, simulated),
        *(event(label, is_, day, i) for label, (times, is_) in extra.items() for i, day in enumerate(times)),
    ]
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(DAYS + 1))


def searched(timeline):
    """The search, and how long it took beside the fit."""
    fitted = strain.fit(timeline)
    begun = time.perf_counter()
    return search(timeline, fitted), time.perf_counter() - begun


def proposals(kind: str, people: int, seed: int = 0):
    """Of so many records: the share with a proposal; of all asked, the shares that come with strain, and ease it."""
    any_, comes, eases, asked, slowest = 0, 0, 0, 0, 0.0
    for one in range(seed, seed + people):
        found, seconds = searched(null(kind, one))
        slowest = max(slowest, seconds)
        any_ += bool(found.proposed)
        asked += len(found.asked)
        comes += sum(each.p_comes <= 0.05 for each in found.asked)
        eases += sum(each.p_eases is not None and each.p_eases <= 0.05 for each in found.asked)
    return any_ / people, comes / asked, eases / asked, asked / people, slowest


def renamed(seed: int, is_: str, name: str = "two_roles"):
    """Two roles, its quarrels on record as something else."""
    (one,) = world(name, seed).values()
    timeline = from_records(one.records, one.items, one.anchor, as_of=AFTER_ALL)
    return replace(timeline, events={**timeline.events, QUARREL: replace(timeline.events[QUARREL], is_=is_)})


def hidden(people: int, is_: str, name: str = "two_roles", seed: int = 1):
    """Of so many records: the share in which the quarrel is proposed, and in which anything else is."""
    quarrel = others = 0
    for one in range(seed, seed + people):
        proposed = {each.label for each in searched(renamed(one, is_, name))[0].proposed}
        quarrel += QUARREL in proposed
        others += bool(proposed - {QUARREL})
    return quarrel / people, others / people


def power(acts_per_week: float, days: float, people: int, seed: int = 0):
    """Of so many ordinary records, the share in which a refuge on record as other is proposed; how often it came."""
    found = count = 0
    for one in range(seed, seed + people):
        rng = np.random.default_rng([one, 77])
        schedule = ordinary_year(rng, days=days, check_ins_per_day=5, answered=0.8)
        simulated = simulate(ordinary_parameters(2.0 * acts_per_week), schedule, rng)
        timeline = from_records(
            records_of(schedule, simulated), (TENSION,), TENSION.name, as_of=MONDAY.plus_days(days + 1)
        )
        label = REFUGES[0]
        timeline = replace(timeline, events={**timeline.events, label: replace(timeline.events[label], is_="other")})
        count += len(timeline.events[label].times)
        found += label in {each.label for each in searched(timeline)[0].proposed}
    return found / people, count / people


def sought_in(pulls, seed: int, a_week: float = 3.0):
    """A year in which something marked as relief, which eases nothing, answers to strain by role: pulls by role."""
    rng = np.random.default_rng([seed, 78])
    schedule = ordinary_year(rng, days=DAYS, check_ins_per_day=5, answered=0.8)
    simulated = simulate(ordinary_parameters(), schedule, rng)

    def pull(times):
        found = np.full(len(times), pulls[""])
        for label, part in schedule.roles.items():
            found = np.where(inside(times, part), pulls[label], found)
        return found

    found = thinned(rng, Lived(schedule, simulated), pull, awake, a_week)
    records = [
        *records_of(schedule, simulated),
        *(event("refuge by role", "relief", day, i) for i, day in enumerate(found)),
    ]
    return from_records(records, (TENSION,), TENSION.name, as_of=MONDAY.plus_days(DAYS + 1))


def ordinary(seed: int):
    """An ordinary year of two refuges that answer to strain by 1 whatever the role and the hour."""
    rng = np.random.default_rng([seed, 79])
    schedule = ordinary_year(rng, days=DAYS, check_ins_per_day=5, answered=0.8)
    simulated = simulate(ordinary_parameters(acts_per_week=6.0), schedule, rng)
    return from_records(records_of(schedule, simulated), (TENSION,), TENSION.name, as_of=MONDAY.plus_days(DAYS + 1))


def pulls(make, truth, people: int, label: str = "", seed: int = 0):
    """By role and by part of the day: mean estimate of each, the share of 90 % intervals that hold the truth, and the

    share of answers that tell a difference. `truth` by name; where a name is not in it, its "" counts.
    """
    estimates, told = {}, {"role": [], "hour": []}
    for one in range(seed, seed + people):
        timeline = make(one)
        fitted = strain.fit(timeline)
        scene = scene_of(timeline, fitted)
        for refuge in fitted.data.refuges if not label else (label,):
            for kind, apart in (("role", pulls_by_role), ("hour", pulls_by_hour)):
                for each in apart(scene, beside(scene, scene.acts(refuge))).pulls:
                    if each.told:
                        off = each.mean - truth.get(each.name, truth[""])
                        estimates.setdefault((kind, each.name), []).append((off, abs(off) < 1.645 * each.sd))
        for answer in refuge_pattern_answers(timeline, fitted):
            if answer.quantity in (BY_ROLE, BY_HOUR) and (not label or answer.about == label):
                told["role" if answer.quantity == BY_ROLE else "hour"].append(answer.status)
    return (
        {key: (len(rows), *(float(x) for x in np.mean(rows, axis=0))) for key, rows in estimates.items()},
        {key: {one: statuses.count(one) / len(statuses) for one in set(statuses)} for key, statuses in told.items()},
    )


def speed(seed: int, is_: str):
    """Seconds of processor time for the answers by role and hour, and for the pretexts, of eighteen months."""
    timeline = renamed(seed, is_)
    fitted = strain.fit(timeline)
    begun = time.process_time()
    refuge_pattern_answers(timeline, fitted)
    between = time.process_time()
    pretext_answers(timeline, fitted)
    return between - begun, time.process_time() - between


BY_ROLES = {"": 0.2, "first role": 0.2, "second role": 1.1}


if __name__ == "__main__":
    what, people = sys.argv[1], int(sys.argv[2])
    if what == "NULLS":
        for kind in sys.argv[3:] or NULLS:
            any_, comes, eases, asked, slowest = proposals(kind, people)
            print(f"{kind:24s} proposed {any_:.3f}   comes with strain {comes:.3f}   and eases {eases:.3f}", end="")
            print(f"   asked {asked:.1f}   slowest {slowest:.2f} s", flush=True)
    elif what == "HIDDEN":
        for name in ("two_roles", "warmth_restores", "nothing_restores"):
            for is_ in ("other", "demand", "relief"):
                print(f"{name} as {is_}: quarrel proposed, anything else:", hidden(people, is_, name), flush=True)
    elif what == "POWER":
        for days in (182.0, 365.0):
            for a_week in (0.5, 1.0, 2.0):
                print(f"{days:g} days, {a_week:g} a week:", power(a_week, days, people), flush=True)
    elif what == "SPEED":
        for is_ in ("relief", "other"):
            print(is_, *(f"{seconds:.2f}" for one in range(people) for seconds in speed(one + 1, is_)), flush=True)
    elif what == "PULLS":
        for title, found in (
            ("alike everywhere", pulls(ordinary, {"": 1.0}, people)),
            ("by role", pulls(lambda one: sought_in(BY_ROLES, one), BY_ROLES, people, "refuge by role")),
        ):
            print(title, found[1])
            for key, (n, off, held) in sorted(found[0].items()):
                if title == "by role" and key[0] == "hour":  # there a mixture of roles
                    continue
                print(f"   {key!s:28s} of {n:3d}: estimate less truth {off:+.2f}, interval held {held:.2f}", flush=True)
