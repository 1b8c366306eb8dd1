"""What the metadata of an openESM data set say of its columns: scales with their ends, events, measures, times.

The metadata are a JSON file with one entry (`features`) for each column: name, description, variable type, answer
categories, labels such as "1 = not at all", transformation, construct (Siepe and others 2026,
doi:10.3758/s13428-026-03112-y).
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from mainstay.errors import UnreadableSource
from mainstay.records.guessing_words import (
    ANSWERED,
    BEGUN,
    COUNTER,
    DELIVERED,
    GROUPING,
    PLANNED,
    STAMP,
    better_by_name,
    duration_unit,
    measure_unit,
    says,
    words_of,
)
from mainstay.records.kinds import Better, Item
from mainstay.records.sources.wording import better_end, plain

MOST_FEATURES = 10_000
MOST_STEPS = 11
_ENDS = re.compile(r"(?<![\d.])(-?\d{1,4})\s*[=:]\s*([^\n;,]*)")
_FROM_TO = re.compile(r"\((-?\d{1,4})\s*(?:-|to|–)\s*(\d{1,4})\)")
_RESHAPED = re.compile(r"\bcent(?:er|re)|\bsum\b|\bmean\b|\baverag|\bz-|standardi[sz]ed|\blog\b", re.IGNORECASE)
_APART = re.compile(r"not applicable|n/a|no answer|missing|not endorsed", re.IGNORECASE)
_LOW_CONSTRUCTS = frozenset(
    {"negative affect", "psychopathology", "depression", "anxiety", "stress", "pain", "craving"}
)
_HIGH_CONSTRUCTS = frozenset({"positive affect", "well-being", "wellbeing", "life satisfaction"})
_DAY, _CLOCK = frozenset({"day", "date"}), frozenset({"time"})


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where a time stands: one column, or one with the date and one with the clock."""

    columns: tuple[str, ...]


@dataclass
class Plan:
    """What each column becomes; columns are named as the data file names them."""

    title: str
    person: str
    items: dict[str, Item] = field(default_factory=dict)
    events: dict[str, tuple[str, float]] = field(default_factory=dict)
    measures: dict[str, tuple[str, str]] = field(default_factory=dict)
    sent: Stamp | None = None
    answered: Stamp | None = None
    day: str | None = None
    beep: str | None = None
    date: str | None = None
    beeps_a_day: int | None = None
    prompted: bool = True
    left_out: list[str] = field(default_factory=list)
    unmatched: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def metadata_of(content: bytes, file: str) -> dict[str, Any]:
    """The metadata in a JSON file; refuses (`UnreadableSource`) what are none."""
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnreadableSource(f"{file} can't be read as JSON: {error}") from error
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not features or len(features) > MOST_FEATURES:
        raise UnreadableSource(f"{file} is no openESM metadata: it has no list of features")
    if not all(isinstance(one, dict) and isinstance(one.get("name"), str) for one in features):
        raise UnreadableSource(f"{file} is no openESM metadata: a feature has no name")
    return dict(found)


def plan_of(metadata: dict[str, Any], header: Sequence[str], file: str) -> Plan:
    """What the columns of a data file become. Names are compared without case and signs between words.

    Refuses (`UnreadableSource`) a file without the column of people, or with no column that the metadata describe.
    """
    columns = {_key(name): name for name in reversed(header)}
    features = [{key: str(value or "") for key, value in one.items()} for one in metadata["features"]]
    matched = [(columns[_key(one["name"])], one) for one in features if _key(one["name"]) in columns]
    if "id" not in columns or len(matched) < 2:
        raise UnreadableSource(f"{file} has none of the columns that its metadata describe: {', '.join(header[:20])}")
    title = f"openESM {metadata.get('dataset_id', '')} {metadata.get('first_author', '')}".strip()
    plan = Plan(title, columns["id"], day=columns.get("day"), beep=columns.get("beep"))
    plan.unmatched = [one["name"] for one in features if _key(one["name"]) not in columns]
    beeps = str(metadata.get("n_beeps_per_day", ""))
    plan.beeps_a_day = int(beeps) if beeps.isdigit() and int(beeps) > 0 else None
    plan.prompted = "event" not in beeps and metadata.get("implicit_missingness") != "yes"
    moments = [name for name, one in matched if one.get("variable_type") == "PosixCt"]
    stamps = [*moments, *(name for name, one in matched if one.get("variable_type") == "Date")]
    _place_in_time(plan, moments)
    plan.date = next((name for name in stamps if _key(name) == "date"), None)
    for column, one in matched:
        if column not in (*stamps, plan.person, plan.day, plan.beep):
            _put(plan, column, one)
    return plan


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _place_in_time(plan: Plan, stamps: list[str]) -> None:
    """Which columns tell when a questionnaire was sent and answered."""
    found = _stamps(stamps)

    def pick(*hints: frozenset[str]) -> Stamp | None:
        return next((one for hint in hints for one in found if says(words_of(one.columns[-1]), hint)), None)

    plan.sent = pick(DELIVERED, PLANNED)
    begun, answered = pick(BEGUN, frozenset({"created", "creation", "notification"})), pick(ANSWERED)
    plan.answered = answered or (begun if begun != plan.sent else None)
    if plan.sent is None and answered is not None:
        plan.sent = begun if begun != answered else None
    if plan.sent is None and plan.answered is None:
        plan.answered = pick(BEGUN, frozenset({"datetime", "timestamp", "time"}), STAMP - _DAY)


def _stamps(names: list[str]) -> list[Stamp]:
    """Times as they stand: a `…_day` and a `…_time` of one thing belong together."""
    found = []
    for name in names:
        words = words_of(name)
        rest = [word for word in words if word not in _DAY | _CLOCK]
        clock = next(
            (
                other
                for other in names
                if says(words, _DAY)
                and says(words_of(other), _CLOCK)
                and rest
                and [word for word in words_of(other) if word not in _DAY | _CLOCK] == rest
            ),
            None,
        )
        found.append(Stamp((name, clock) if clock else (name,)))
    paired = {one.columns[1] for one in found if len(one.columns) > 1}
    return [one for one in found if one.columns[0] not in paired and _key(one.columns[0]) != "date"]


def _put(plan: Plan, column: str, one: dict[str, str]) -> None:
    kind, words = one.get("variable_type", ""), words_of(one["name"])
    unit = measure_unit(words) or duration_unit(words) or "as recorded"
    unit = "as recorded" if unit == "unsaid" else unit
    if kind == "rating_scale":
        item = _item(one)
        if isinstance(item, Item):
            plan.items[column] = item
        else:
            plan.measures[column] = (one["name"], item)
            plan.unsure.append(one["name"])
    elif says(words, COUNTER) or says(words, GROUPING):
        plan.left_out.append(one["name"])
    elif kind == "binary":
        plan.events[column] = (one["name"], _yes(one))
    elif kind.startswith("numeric"):
        plan.measures[column] = (one["name"], unit)
    else:
        plan.left_out.append(one["name"])


def _item(one: dict[str, str]) -> Item | str:
    """The item that a rating scale is; or the unit of a signal, where its ends or its better end can't be told."""
    ends = ends_of(one)
    if ends is None:
        return "as recorded"
    better = better_of(one)
    if better is None:
        return f"{ends[0]:g} to {ends[1]:g}"
    low, high, anchors = ends
    told = [one.get("details", ""), one.get("description", ""), one["name"]]
    label = next(plain(text) for text in told if text and not text.lower().startswith("unclear"))[:300]
    return Item(one["name"], label, low, high, better, *anchors, high - low < MOST_STEPS)


def ends_of(one: dict[str, str]) -> tuple[float, float, tuple[str, str]] | None:
    """The ends of a rating scale with their words, from its labels; None where they don't tell or it was reshaped.

    Answer categories without labels tell the ends of 0 to 100 (101 of them), 0 to 10 (11) and 1 to 100 (100) alone:
    seven steps may be 1 to 7 or 0 to 6.
    """
    if _RESHAPED.search(one.get("transformation", "")):
        return None
    for text in (one.get("labels", ""), one.get("coding", "")):
        found = [(float(value), words.strip()) for value, words in _ENDS.findall(text) if not _APART.search(words)]
        if len(found) >= 2:
            (low, first), (high, last) = min(found), max(found)
            return (low, high, (first[:80], last[:80])) if low < high else None
        between = _FROM_TO.search(text)
        if between and float(between[1]) < float(between[2]):
            return float(between[1]), float(between[2]), ("", "")
    known = {"101": (0.0, 100.0), "11": (0.0, 10.0), "100": (1.0, 100.0)}
    ends = known.get(one.get("answer_categories", "").strip())
    return (*ends, ("", "")) if ends else None


def better_of(one: dict[str, str]) -> Better | None:
    """Which end is better, by the constructs that a column is said to measure, else by its words; None: not told."""
    constructs = {part.strip().lower() for part in one.get("construct", "").split(",")}
    low, high = bool(constructs & _LOW_CONSTRUCTS), bool(constructs & _HIGH_CONSTRUCTS)
    if low != high:
        return "low" if low else "high"
    by_words = better_end(one.get("details") or one.get("description", ""))
    named = better_by_name(one["name"])
    return by_words or (named[0] if named else None)


def _yes(one: dict[str, str]) -> float:
    """The number that says yes: 1, unless the labels give 1 to no."""
    labels = {float(value): words.strip().lower() for value, words in _ENDS.findall(one.get("labels", ""))}
    turned = labels.get(1.0, "").startswith("no") and any(words.startswith("yes") for words in labels.values())
    return next(value for value, words in labels.items() if words.startswith("yes")) if turned else 1.0
