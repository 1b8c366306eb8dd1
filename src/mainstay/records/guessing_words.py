"""What the name of a column says about it. A name is a hint: what rests on one is told, and the person checks it."""

from __future__ import annotations

import re

from mainstay.records.kinds import Better
from mainstay.records.sources.wording import HIGH_IS_BETTER, LOW_IS_BETTER

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SHORTEST_STUB = 5
"""A word cut off by a short column name (`cheerf`) is known by its beginning from this many letters on."""


def _words_of_pattern(pattern: re.Pattern[str]) -> frozenset[str]:
    return frozenset(word for word in re.findall(r"[a-z]+", pattern.pattern) if len(word) > 2)


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


LOW_WORDS = _words_of_pattern(LOW_IS_BETTER) | _set(
    "agitated anhedonia avoid avoidance avoided blue craving difficult difficulties dizzy down downhearted fear fearful"
    " frightened guilt headache hostile irritability jittery nauseous nausea negative panic restlessness ruminate"
    " rumination shaky shame sleepy soreness strain suspicious symptoms threatened unsatisfied unsatisfy urge"
    " worthless"
)
HIGH_WORDS = _words_of_pattern(HIGH_IS_BETTER) | _set(
    "accepted active alert attentive calmness contentment energy enjoy enjoyment enthusiasm excited inspired interested"
    " joyful lively pleasant pleasantness positive pride proud readiness relaxation strong wellbeing"
)
MILD_HIGH_WORDS = frozenset({"mood", "quality"})
"""Only where no other word of the name speaks: `negative_mood` is no mood that is better high."""

_SMALL = _set("average avg daily general how level mean my now of overall rating score sleep the today")

PERSON = _set(
    "case client connectionid id participant participantid patient person personid pid ppt respondent subj subject"
    " subjectid uid user userid"
)
DELIVERED = _set("beeptime issued notification notified prompt prompted sent trigger triggered")
PLANNED = frozenset({"planned", "sched", "scheduled"})
ANSWERED = _set(
    "answered answer completed completion end ended filled finish finished resp responded response stop stopped"
    " submission submitted"
)
BEGUN = _set("bedtime begin began begun onset opened start started")
ENDED = _set("end ended finish finished out stop stopped wake")
STAMP = _set("at clock created date datetime day epoch time timestamp timestamps tmstmp ts utc when")
STUDY_DAY = frozenset({"day", "dayno", "daynr", "daynum", "dayvar", "studyday"})
BEEP = frozenset({"beep", "beepno", "beepnr", "beepnum", "beepvar"})
COUNTER = _set(
    "beep beepno beepnr beepvar block counter cumsum enum index informat lag nr obs period phase row session tdif trial"
    " wave week weekday"
)
COUNT = _set(
    "amount beers calls cigarettes coffee count cups drinks glasses n num number pills records smoked steps step total"
)
SLEEP = frozenset({"asleep", "bed", "bedtime", "nap", "sleep"})
ACTS = _set(
    "act activities activity categories category company did doing event events label tag tags type what where who with"
)
GROUPING = _set("arm code condition format gender group nationality sex status treatment treat unit")
MOODS = frozenset({"emotion", "feeling", "mood"})
NOTES = _set("comment comments free note notes open remark remarks text")
UNITS: dict[str, str] = {
    "ms": "ms", "millisecond": "ms", "milliseconds": "ms", "s": "s", "sec": "s", "secs": "s", "second": "s",
    "seconds": "s", "min": "minutes", "mins": "minutes", "minute": "minutes", "minutes": "minutes", "h": "hours",
    "hrs": "hours", "hour": "hours", "hours": "hours",
}  # fmt: skip
DURATION = frozenset({"duration", "length", "lasted", "lasting"})
MEASURES: dict[str, str] = {
    "bpm": "bpm", "heart": "bpm", "heartrate": "bpm", "hr": "bpm", "pulse": "bpm", "kg": "kg", "weight": "as recorded",
    "rmssd": "ms", "hrv": "ms", "spo2": "%", "percent": "%", "percentage": "%", "km": "km", "distance": "as recorded",
    "calories": "kcal", "kcal": "kcal", "temp": "as recorded", "temperature": "as recorded", "mg": "mg", "dose": "mg",
    "bmi": "kg/m2", "age": "years", "intensity": "as recorded", "lat": "degrees", "latitude": "degrees",
    "longitude": "degrees", "glucose": "as recorded", "score": "points", "efficiency": "%", "rate": "as recorded",
}  # fmt: skip


def words_of(name: str) -> tuple[str, ...]:
    """The words in a column's name, in lower case: `moodRelaxed_1` is mood, relaxed, 1."""
    return tuple(part.lower() for part in _PARTS.findall(name))


def says(words: tuple[str, ...], known: frozenset[str]) -> bool:
    """Whether a name holds one of these words, or is one of them written together."""
    return not known.isdisjoint(words) or "".join(words) in known


def better_by_name(name: str) -> tuple[Better, str] | None:
    """Which end of a scale is better and by which word of its name; None where no word or two opposite ones tell."""
    words = words_of(name)
    low = [found for word in words if (found := _known(word, LOW_WORDS))]
    high = [found for word in words if (found := _known(word, HIGH_WORDS))]
    if low or high:
        if (low and high) or not {"not", "no", "less", "without", "lack"}.isdisjoint(words):
            return None
        return ("low", low[0]) if low else ("high", high[0])
    mild = [word for word in words if word in MILD_HIGH_WORDS]
    alone = all(word in MILD_HIGH_WORDS | _SMALL or word.isdigit() for word in words)
    return ("high", mild[0]) if mild and alone else None


def _known(word: str, known: frozenset[str]) -> str | None:
    if word in known:
        return word
    if len(word) < _SHORTEST_STUB or word in _SMALL:
        return None
    return next((one for one in sorted(known) if one.startswith(word)), None)


def duration_unit(words: tuple[str, ...]) -> str | None:
    """The unit of a length of time that a name says; `unsaid` where it says only that it is one; None: it is none."""
    unit = next((UNITS[word] for word in reversed(words) if word in UNITS), None)
    if unit is not None and (len(words) > 1 or len(words[0]) > 2):
        return unit
    return "unsaid" if says(words, DURATION) else None


def measure_unit(words: tuple[str, ...]) -> str | None:
    """The unit of a measured quantity that a name speaks of; None where it speaks of none."""
    units = [MEASURES[word] for word in words if word in MEASURES]
    return next((unit for unit in units if unit != "as recorded"), units[0] if units else None)
