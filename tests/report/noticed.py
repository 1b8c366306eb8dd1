"""What is noticed, made up: a person, and answers of every row with the detail that the picture draws."""

from dataclasses import replace

import numpy as np

from mainstay.notice.baseline import baseline_answers
from mainstay.notice.reactions import FORESEEN_METHOD
from mainstay.quantities import Interval
from mainstay.records.kinds import Item

HARMED = (7, 8, 31)


def layers(spec):
    return [layer for panel in spec["vconcat"] for layer in panel["layer"]]


def texts(spec):
    found = []
    for layer in layers(spec):
        said = layer["mark"].get("text")
        found += said if isinstance(said, list) else [said] if said else []
    return " ".join(found)


def marks(spec, **look):
    """The marks with these properties, each as many times as it has data."""
    return [
        value
        for layer in layers(spec)
        if all(layer["mark"].get(name) == wanted for name, wanted in look.items())
        for value in layer["data"]["values"]
    ]


def ratings(make, times, values, name="worn", low=1, high=7):
    item = Item(name, name, low, high, "low")
    return make.ratings(item, np.asarray(times, float), np.asarray(values, float), ("x",) * len(times))


def slow(rng, days, a_day=3, middle=4.0):
    times = np.sort((np.arange(days)[:, None] + rng.uniform(0.35, 0.9, (days, a_day))).ravel())
    return times, np.clip(np.round(middle + rng.normal(0, 1, len(times))), 1, 7)


def ordinary(make):
    """Two hundred days of two ratings, demands, acts of relief, slips, and something unrelated."""
    rng = np.random.default_rng(5)
    return make.timeline(
        200,
        ratings=[ratings(make, *slow(rng, 200)), ratings(make, *slow(rng, 200), name="calm")],
        event_list=[
            make.events("deadline", "demand", rng.uniform(0, 200, 150)),
            make.events("swim", "relief", rng.uniform(0, 200, 120)),
            replace(
                make.events("forgot", "slip", rng.uniform(0, 200, 50)), tags={f"forgot{k}": ("harm",) for k in HARMED}
            ),
            make.events("groceries", "control", rng.uniform(0, 200, 90)),
        ],
        gaps=[make.gap(60.0, 66.0, "recording was off")],
    )


def recovery(make, **changes):
    detail = {"half_life_hours_at_start": 8.0, "half_life_hours_at_end": 16.0}
    fields = {"row": "S4", "about": "worn", "estimate": 2.0, "interval": Interval(1.2, 3.3), "detail": detail}
    return make.finding(**{**fields, "claim": "It takes longer to come back to level than it did.", **changes})


def point(week, count, **changes):
    first, last = (np.datetime64("2024-01-08") + 7 * week + k for k in (0, 6))
    known = {"centre": 0.2, "lower_limit": 0.0, "upper_limit": 0.6} if week >= 4 else dict.fromkeys(
        ("centre", "lower_limit", "upper_limit")
    )  # fmt: skip
    made = {
        "from": str(first),
        "to": str(last),
        "count": count,
        "rate": count / 7,
        "low": count / 14,
        "high": count / 5,
    }
    return {**made, **known, **changes}


def change(make, *parts, about="calm", **alert):
    """An alert that stands (S3), about these streams."""
    told = {
        "noticed": "2024-06-20",
        "began": "2024-06-03",
        "began_earliest": "2024-05-20",
        "began_latest": "2024-06-10",
    }
    detail = {"this": {**told, "streams": list(parts), **alert}}
    return make.finding(row="S3", about=about, claim="Since about 3 June calm is lower than before.", detail=detail)


def part(name, *, what="level", before=4.0, after=2.5, share=0.9, **changes):
    made = {"name": name, "what": what, "before": before, "after": after, "share_of_the_evidence": share}
    return {**made, **changes}


def slips(make, **changes):
    detail = {"exposure_unit": "days", "chart": [point(week, week % 3 + (4 if week > 20 else 0)) for week in range(28)]}
    fields = {"row": "S6", "about": "forgot", "status": "not_found", "estimate": 1.1, "interval": Interval(0.7, 1.6)}
    return make.finding(
        **{**fields, "claim": "“forgot” is not twice as frequent as before.", "detail": detail, **changes}
    )


def harm(make, n=3):
    return make.finding(row="S6", about="harm to others", n=n, claim="Harm was noted.", detail={"alarm": False})


def worry(make, **detail):
    told = {"begun": "2024-05-10T10:00:00+02:00", "review": "2024-07-01", "review_overdue_days": 25}
    losses = {"loss": {"waiting": [6, 32], "looking": [4, 19], "acting": [10, 28]}, "could_be_least": ["looking"]}
    return make.finding(
        row="S1", about="too much at once", estimate=76.0, claim="A worry.", detail={**told, **losses, **detail}
    )


def reaction(day, observed, *, unlike=False, other_way=False, **changes):
    made = {
        "when": f"2024-03-{day:02}T10:00+01:00", "cue": f"cue {day}", "role": "nurse", "observed": observed,
        "unit": "own standard deviations", "expected": {"low": 0.2, "middle": 1.0, "high": 1.8}, "chance": 0.4,
        "unlike": unlike, "other_way": other_way,
    }  # fmt: skip
    return {**made, **changes}


def reactions(make, *rows):
    return make.finding(
        row="S5",
        about="cue 4",
        claim="It came out the other way.",
        method=FORESEEN_METHOD,
        detail={"reactions": list(rows)},
    )


def everything(make, person):
    three = reactions(make, reaction(4, -1.2, other_way=True), reaction(5, 0.9), reaction(6, 3.0, unlike=True))
    told = (worry(make), change(make, part("calm")), recovery(make), three, slips(make), harm(make))
    return (*told, *baseline_answers(person))


def days_since_the_first(text):
    return (np.datetime64(text) - np.datetime64("2024-01-08")).astype(int)
