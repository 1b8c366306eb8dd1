"""Answers of rows S10 to S17 as the chapters write them, made up: a person after one telling phone call."""

from dataclasses import replace

from mainstay.explanations.weights import UNLISTED
from mainstay.quantities import CannotSay, Finding, Interval

NAMES = ("role concealment", "too little warm company", "overwork", "season", "sleep")
NO_TRIAL = "whether it restores or only stalls can't be told from a record alone"
SINCE = "it has been known only since 11 June 2025, and nobody new was met since"
QUARRELS = "“quarrel with the rival” is sought 3.2 times as often when strain is high."
MATRIX = (
    ("company in which no part has to be played eases 55 % of strain, other company 4 %", 1.39, -1.9, None, None, None),
    ("at the same strain relief is sought 2.5 times as often as a year ago", None, None, -3.2, None, None),
    ("no more is asked than a year ago (0.9 to 1.1 times as much)", None, None, -0.5, None, None),
    ("strain is not shown to be different in winter (by 0.4 points at most)", None, None, None, -0.3, None),
    ("strain is about as high whether sleep was good or not", None, None, None, None, 0.02),
)


def finding(row, about, status, claim, estimate=0.5, low=0.2, high=0.8, **more):
    return Finding(
        row,
        about,
        status,
        claim,
        "weight",
        estimate,
        Interval(low, high),
        n=24,
        **{"unit": "", "method": "m", **more},
    )


def cause(name, says, status, weight, low, high, **detail):
    return finding("S14", name, status, f"{name}: {says}", weight, low, high, detail={"cause": says, **detail})


def matrix():
    return [
        {
            "words": f"what was looked at, {k}",
            "came_out": what,
            "log_ratio": {name: log for name, log in zip(NAMES, logs, strict=True) if log is not None},
            "diagnosticity": 0.2 + 0.2 * k,
            "n": 24,
        }
        for k, (what, *logs) in enumerate(MATRIX)
    ]


def of_the_whole():
    return finding(
        "S14",
        "explanation",
        "unconfirmed",
        "The records are clear that “visit to mother” is sought; “role concealment” fits best, but is unconfirmed: "
        f"{SINCE}.",
        0.61,
        0.35,
        0.8,
        method="evidence ratios against an unlisted cause",
        assumptions=("one of them is the main one",),
        reason=SINCE,
        would_change="Note with whom a part has to be played.",
        detail={
            "matrix": matrix(),
            "leading": ["role concealment"],
            "untested": ["bereavement"],
            "set_aside": {"friends in trouble": "none of them is in trouble, I asked"},
        },
    )


def causes():
    new = "a new person with whom no part has to be played eases no more than others"
    return [
        finding("S14", UNLISTED, "unconfirmed", "Something nobody listed has a weight of 22 %.", 0.22, 0.1, 0.45),
        cause("role concealment", "A part is played.", "unconfirmed", 0.61, 0.35, 0.8, could_speak_against=(new,)),
        cause("too little warm company", "There is too little of it.", "not_found", 0.05, 0.01, 0.12),
        cause("overwork", "It is too much.", "not_found", 0.01, 0.0, 0.03),
        cause("season", "It is the dark half of the year.", "not_found", 0.04, 0.01, 0.1),
        cause("sleep", "Sleep is too short.", "unconfirmed", 0.04, 0.01, 0.1, ask="Answer how well you slept."),
        cause("bereavement", "Somebody was lost.", "unconfirmed", 0.04, 0.01, 0.1, ask="Note the day."),
        replace(
            cause("the stars", "It is written there.", "parked", 0.0, 0.0, 0.0), reason="nothing could speak against it"
        ),
    ]


def patterns():
    return [
        finding("S11", "threshold", "found", "It takes less to tip over than before."),
        finding("S12", "visit to mother", "found", "“visit to mother” eases strain.", reason=NO_TRIAL),
        finding("S12", "quarrel with the rival", "found", "“quarrel with the rival” eases strain.", reason=NO_TRIAL),
        finding("S10", "quarrel with the rival", "found", QUARRELS),
        CannotSay("too few of them are on record", 2, 8, "drinks", row="S12", about="drink", quantity="share eased"),
        finding(
            "S13", "knows_both_lives", "tied", "“knows both lives” is true of the same people as “no part to play”."
        ),
    ]


def once():
    call = "After “call with an old friend” strain was lower; one time is a candidate and proves nothing."
    again = "“call with an old friend” again, two or three times on days drawn by lot"
    return [
        finding("S16", "call with an old friend", "unconfirmed", call, -1.2, -2.0, -0.4, would_change=again),
        finding("S16", "the dinner", "unconfirmed", "It was higher.", 1.2, 0.4, 2.0, would_change="“the dinner” again"),
    ]


def to_ask():
    note = "Note of colleague A whether a part has to be played. If it has, it goes to 75 %; if not, it goes to 20 %."
    return [
        finding("S17", "role concealment", "suggested", note, reason="it takes about 2 minutes"),
        finding("S17", "sleep", "suggested", "Answer each morning how well you slept, for four weeks"),
    ]


def answers():
    """After the call: certain, with a candidate that leads and is unconfirmed."""
    return [of_the_whole(), *causes(), *patterns(), *once(), *to_ask()]
