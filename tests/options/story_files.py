"""What the person of two_roles wrote, as TOML: five options, what they want and can be given, how it could turn out."""

from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement, record_id

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
[cost.supporter]
points = [0, 5]
hours_a_week = [3, 5]
[benefit.supporter]
points = [5, 20]
[[changes]]
lever = "acts contact:rival"
by = [0.5, 1]
"""

OPTIONS = (THE_MOTHER_MOVES, TELL_A_COLLEAGUE, BRING_AN_OLD_FRIEND, THE_BAIT, THE_INVITATION)

PREFERENCE = """
order = ["recovery", "other", "growing_slips", "rescuer given up", "reporter given up", "breakdown"]
never = ["her home"]
least_chance = 0.5
[limit]
rating = 5.0
days = 14
[budget]
hours_a_week = 6
money_a_month = 500
"""


def statement(form: str, toml: str, moment: Instant) -> Record:
    """A statement as a record, written at a moment."""
    return Record(record_id("test", form, toml), "statements", moment, moment, "test", Statement(form, toml))
