"""What a model card says whoever is asked: what it is meant for, what it must not be used for, what is known of it.

Every figure stands in the page that it names, and a test holds the two together.
"""

from __future__ import annotations

ASKED = {
    "recovery": "how fast each rating comes back to level",
    "notice": "what is changing",
    "strain": "what strains and what restores",
    "story": "the whole story",
}

MODELS = {
    "recovery": (
        "For each person and each rating by itself: an Ornstein-Uhlenbeck process seen with error, fitted by "
        "restricted maximum likelihood. Told is its half-life in hours, with a 90 % interval.",
    ),
    "notice": (
        "For each person by themselves: what is usual, change points, slower recovery, slips "
        "(docs/explanation/notice.md). Alarms of one person share one budget of false alarms.",
    ),
    "strain": (
        "For each person by themselves: the strain-and-threshold model (docs/explanation/strain-model.md), fitted by "
        "Laplace approximation. Strain is a mean-reverting process fed by roles and demands and lowered by acts of "
        "relief; check-ins see it with error; each act is a point process whose rate rises with strain.",
    ),
    "story": (
        "For each person by themselves: everything `mainstay tell` does; docs/explanation describes its chapters.",
    ),
}  # fmt: skip

MEANT = (
    "For research on groups that agreed to it: to describe how such people differ, and to plan what to ask next.",
    "A person's answers are for that person, and for those to whom they give them.",
)

NOT_FOR = (
    "**Watching somebody.** Not for employers, parents of teenagers, or partners; nobody is to be picked out by it.",
    "**Diagnosis or crisis.** A person is compared with their own past. Nothing here is a diagnosis, and nothing here "
    "may stand between somebody in danger and help.",
    "**Saying more than the records do.** *Cannot say* is a result. It is not to be filled in with the group's mean.",
    "**Causes.** What goes together with strain is told; what would happen if somebody changed it needs a trial.",
    "**Decisions about a person** (insurance, work, care) by an estimate in these tables.",
)

PAGE = "docs/explanation/calibration.md"
KNOWN: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "strain": (
        (
            "On people simulated from the model, a year of five check-ins a day: 90 % intervals held the truth in .84 "
            "to .93 by parameter (200 and 400 people). Tolls of roles lie too low, by .15 to .41 standard errors.",
            (".875 / .917", ".840 / .880", "−.15, −.41"),
        ),
        (
            "Tolls from three months are too sure: their 90 % intervals held the truth in .835 and .815. Lending does "
            "not mend that.",
            ("(.835 and .815)",),
        ),
        (
            "Where the threshold did not fall, none of ten kinds of 200 simulated people gave a false alarm (a rate "
            "under 1.5 %). Where check-ins had moods of their own and nothing else, while demands tripled, .036 did.",
            ("with 0 of 200 the rate is under 1.5 %", "5 of 140 (.036"),
        ),
        (
            "A right model is accused by its own checks in .017 of people. Of real records with several items expect "
            "that the checks fail: each item has moods of its own.",
            ("12 of 700 (.017", "**Expect this of real records with several items**"),
        ),
        (
            "Every one of these figures is of simulated people: real records are worse.",
            ("real records are worse",),
        ),
    ),
    "pooled": (
        (
            "Answers that lean on what others lend look more alike than people are, so that no group tables are made "
            "of them. Means and spreads over people come from a run without.",
            (),
        ),
        (
            "Lent by sixty to people like them, three months each: errors .72 of those with the usual priors, 90 % "
            "intervals held the truth in .913 of the lent coordinates, with and without.",
            ("| like the cohort | 200 | .72 | .78 | .913 / .913",),
        ),
        (
            "People unlike the cohort pay for it: of coordinates more than 3 standard deviations from everybody, "
            "intervals held the truth in .68, against .80 without.",
            (".80 / .68",),
        ),
        (
            "No alarm was added where nothing drifts (0 of 200). Effects are not lent: with them refuges that strain "
            "does not drive were called driven in .106, against .035.",
            ("in 0 of 200 people, with and without", "in .106 instead of .035"),
        ),
    ),
}  # fmt: skip
KNOWN["story"] = KNOWN["strain"]
UNMEASURED = (
    "Nobody's answers were compared with what a clinician finds: it has not been validated clinically.",
    "Who takes part in such a study is not everybody, and those who stop recording are often those worst off.",
)
