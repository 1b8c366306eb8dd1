"""What the person of `two_roles` wrote when the call had come: what is wished, what could be done, what was decided.

Simulated, as everything else about that person. One option would take her home from somebody, one rests on a cause that
does not carry, one has too many steps, one would have to be hidden; one costs nothing whichever way it goes.
"""

from __future__ import annotations

from datetime import date

from mainstay.worlds.kinds import Written

PREFERENCE = """
order = [
    "time as oneself regained", "other", "both roles kept, slips growing", "rescuer given up", "reporter given up",
    "breakdown",
]
must_not = ["breakdown"]
never = ["her home"]
least_chance = 0.5

[limit]
rating = 4.5
days = 3

[budget]
hours_a_week = 6
money_a_month = 500
"""

THE_MOTHER_MOVES = """
name = "the mother moves to town"
what = "She gives up her home and takes a flat near by, so that visits are easy."
disclosed_ok = true
touches = ["her home"]
reversible = "no"
after_weeks = 8

[[step]]
what = "she agrees"
chance = [0.3, 0.6]

[[step]]
what = "a flat is found"
chance = [0.6, 0.9]

[cost.supporter]
hours_a_week = [2, 4]
money_a_month = [200, 400]

[[changes]]
lever = "acts contact:mother"
by = [1, 2]
"""

TELL_A_COLLEAGUE = """
name = "lean on a colleague"
what = "Ask colleague A, who is kind, for an evening a week, without telling what it is about."
disclosed_ok = true
reversible = "partly"
rests_on = ["too little warm company"]

[[step]]
what = "the colleague has the time"
chance = [0.6, 0.9]

[cost.person]
points = [1, 4]

[[changes]]
lever = "acts contact:colleague A"
by = [1, 2]
"""

BRING_AN_OLD_FRIEND = """
name = "bring the old friend"
what = "The friend who lives far away comes for some weeks."
disclosed_ok = true
after_weeks = 3

[[step]]
what = "the friend can be reached"
chance = [0.70, 0.80]

[[step]]
what = "can get away from work"
chance = [0.55, 0.65]

[[step]]
what = "finds a place to stay"
chance = [0.73, 0.79]

[cost.supporter]
money_a_month = [100, 300]

[[changes]]
lever = "acts contact:old friend"
by = [1, 3]
"""

THE_BAIT = """
name = "the bait"
what = "A staged provocation that makes sure of a quarrel whenever it is needed."
disclosed_ok = false

[[step]]
what = "it is taken for real"
chance = [0.7, 0.9]

[cost.supporter]
hours_a_week = [1, 3]

[[changes]]
lever = "acts event:quarrel with the rival"
by = [1, 2]
"""

THE_INVITATION = """
name = "the open invitation"
what = "An evening a week at the rival's, openly offered, nothing asked in return; to be declined without a word."
disclosed_ok = true
reversible = "yes"
channel = "in person"

[[step]]
what = "it is accepted now and then"
chance = [0.5, 0.8]

[cost.person]
points = [0, 0]

[cost.supporter]
points = [0, 5]
hours_a_week = [3, 5]

[benefit.supporter]
points = [5, 20]

[[changes]]
lever = "acts contact:rival"
by = [0.5, 1]
"""

LEANING = """
option = "bring the old friend"
why = "nobody else would understand"
sure = [0.4, 0.6]
"""

DECISION = """
option = "the open invitation"
why = "it costs nothing, whichever way it goes"
would_change = ["strain is as high as before after four such evenings"]
look_again = 2025-09-01
"""

WISHED, LEANED, LISTED, DECIDED = date(2025, 6, 14), date(2025, 6, 15), date(2025, 6, 18), date(2025, 6, 29)

DECIDING = (
    Written("preference", PREFERENCE, WISHED),
    Written("leaning", LEANING, LEANED),
    *(
        Written("option", toml, LISTED)
        for toml in (THE_MOTHER_MOVES, TELL_A_COLLEAGUE, BRING_AN_OLD_FRIEND, THE_BAIT, THE_INVITATION)
    ),
    Written("decision", DECISION, DECIDED),
)
"""All of it, in the order in which it was written."""
