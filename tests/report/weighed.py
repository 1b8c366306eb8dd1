"""Answers of rows S20 and S23 as the chapters write them, made up: a friend who thinks about what could be offered."""

from mainstay.quantities import CannotSay, Finding, Interval

POINTS = (0.0, 0.0)
SHED = "Saturdays in the shed"


def finding(about, status, claim, quantity="gain over leaving things as they are", estimate=4.0, low=1.0, high=8.0,
            **more):  # fmt: skip
    usual = {"row": "S20", "unit": "points", "n": 540, "method": "simulated futures under each explanation"}
    return Finding(
        about=about, status=status, claim=claim, quantity=quantity, estimate=estimate, interval=Interval(low, high),
        **{**usual, **more},
    )  # fmt: skip


def burden(points=POINTS, hours=POINTS, money=POINTS):
    return {"points": list(points), "hours_a_week": list(hours), "money_a_month": list(money)}


def written(steps=(), *, person=None, supporter=None, gives=None, **more):
    low = high = 1.0
    for _, a, b in steps:
        low, high = low * a, high * b
    found = {
        "what": "", "steps": [{"what": what, "chance": [a, b]} for what, a, b in steps],
        "success": {"low": low, "high": high, "said": ""},
        "cost": {"person": person or burden(), "supporter": supporter or burden()},
        "benefit": {"person": burden(), "supporter": gives or burden()},
        "reversible": "yes", "disclosed_ok": True, "after_weeks": 0.0, "channel": "", "struck_by": [], **more,
    }  # fmt: skip
    if steps:
        what, a, b = min(steps, key=lambda one: one[1] + one[2])
        found["weakest"] = {"what": what, "chance": [a, b]}
    return found


def worth(points, low, high, base=52.0, best=0.3, regret=3.0):
    return {
        "expected": {"points": points, "low": low, "high": high},
        "gain": {"points": points - base, "low": low - base - 2, "high": high - base + 2},
        "chance_best": best, "most_regret": regret, "badly": low - 15.0,
    }  # fmt: skip


def recommended():
    steps = (("she hears of it", 0.9, 1.0), ("she says yes", 0.6, 0.8))
    detail = written(
        steps, supporter=burden(hours=(3, 4), points=(0, 5)), gives=burden(points=(5, 20)),
        what="an afternoon of building things, no questions asked", channel="a note", after_weeks=2.0,
    )  # fmt: skip
    said = f"“{SHED}” costs nothing whichever way it goes, and helps if it is “no time of one’s own”."
    return finding(SHED, "recommended", said, reason="it takes 3 to 4 hours a week of the supporter",
                   detail=detail | worth(61, 55, 68, best=0.62, regret=0.5))  # fmt: skip


def standing():
    cleaner = written(person=burden(money=(120, 160)), what="somebody who cleans on Fridays")
    leave = written((("the ward agrees", 0.4, 0.7),), person=burden(money=(300, 400), points=(0, 10)), reversible="no")
    calls = written(person=burden(points=(5, 10)))
    return [
        finding("a cleaner on Fridays", "found", "“a cleaner on Fridays” is better on the whole than leaving things as "
                "they are, though not by much.", detail=cleaner | worth(56, 51, 60, best=0.28)),
        finding("a month of leave", "not_found", "Nothing on record shows that “a month of leave” would be better than "
                "leaving things as they are.", detail=leave | worth(51, 40, 62, best=0.07, regret=9.0)),
        finding("fewer phone calls", "dominated", f"“fewer phone calls” is no better on any count than “{SHED}”, and "
                "worse on some.", detail=calls | worth(50, 46, 55, best=0.0, regret=11)),
    ]  # fmt: skip


def struck(name, *limits, steps=()):
    by = [{"limit": limit, "reason": reason, "change": change} for limit, reason, change in limits]
    return finding(name, "struck_out", f"“{name}” is struck out: {by[0]['reason']}.", "chance that all steps succeed",
                   0.7317, 0.61, 0.82, detail=written(steps, struck_by=by) | worth(73.17, 61, 82))  # fmt: skip


def all_struck():
    hidden = ("hidden", "it would have to be hidden to work", "a way to do it that everybody could know all about")
    never = ("never", "it would touch “her flat”, which must not be touched", "a way that leaves “her flat” as it is")
    steps = ("steps", "too many steps that must all succeed: .28–.41", "fewer steps, or likelier ones")
    chain = (("he is found", 0.7, 0.8), ("he comes", 0.4, 0.5))
    return [
        struck("a surprise visit from her brother", steps, steps=chain),
        struck("swap her shifts unasked", hidden, steps),
        struck("move in with her", never),
    ]  # fmt: skip


def tornado():
    return {
        "ahead": 5.0, "of": f"“{SHED}”",
        "bars": [
            {"what": "the chance of “she says yes”", "low": 2.0, "high": 7.5, "turns": ""},
            {"what": "the weight of “no time of one’s own”", "low": -3.0, "high": 9.0,
             "turns": "below 20 in 100 “a cleaner on Fridays” is the best"},
            {"what": "how good “recovery” is", "low": 4.0, "high": 5.5, "turns": ""},
        ],
    }  # fmt: skip


def whole(**more):
    nothing = {"expected": {"points": 52, "low": 47, "high": 57}, "chance_best": 0.03, "most_regret": 12.0, "badly": 31}
    detail = {
        "begins": "2025-07-08T00:00:00+02:00", "horizon_days": 91, "nothing": nothing, "tornado": tornado(),
        "waiting": "Waiting four weeks for more check-ins would be worth less than what is lost meanwhile.", **more,
    }  # fmt: skip
    return finding("options", "found", f"Of 7 options one holds up: “{SHED}”; 3 are struck out.", "options",
                   detail=detail)  # fmt: skip


def beside():
    few = CannotSay("too few answers to messages are on record", 4, 10, "messages", row="S20", about="how to reach")
    leaning = "The leaning, sealed on 1 July 2025, was “a month of leave”; what comes out now is another."
    cost = "“Saturdays in the shed” is expected to take 3 to 4 hours a week; about one a week can be kept up."
    return [
        few,
        finding("first leaning", "found", leaning, "first leaning and what is recommended", 0.0, 0.0, 0.0),
        finding("supporter", "found", cost, "hours a week", row="S23"),
    ]


def answers():
    """Seven options: one holds up, two still stand, one is dominated, three are struck out."""
    return [whole(), recommended(), *standing(), *all_struck(), *beside()]
