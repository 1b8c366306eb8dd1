"""What the names of an Apple Health export mean: channels, units, which amounts add up, stages of sleep, activities."""

from __future__ import annotations

import re

QUANTITY, CATEGORY = "HKQuantityTypeIdentifier", "HKCategoryTypeIdentifier"
SLEEP = CATEGORY + "SleepAnalysis"
MINDFUL = CATEGORY + "MindfulSession"
STATES_OF_MIND = ("HKStateOfMind", "HKStateOfMindSample", "HKDataTypeStateOfMind")

CHANNELS = {
    "HeartRate": "heart rate",
    "RestingHeartRate": "resting heart rate",
    "WalkingHeartRateAverage": "walking heart rate",
    "HeartRateVariabilitySDNN": "heart rate variability",
    "StepCount": "steps",
    "RespiratoryRate": "respiratory rate",
    "OxygenSaturation": "oxygen saturation",
    "ActiveEnergyBurned": "active energy",
    "BasalEnergyBurned": "resting energy",
    "DistanceWalkingRunning": "distance on foot",
    "DistanceCycling": "distance by bicycle",
    "DistanceSwimming": "distance swum",
    "DistanceWheelchair": "distance by wheelchair",
    "AppleExerciseTime": "exercise time",
    "AppleStandTime": "standing time",
    "AppleMoveTime": "moving time",
    "BodyMass": "body weight",
    "VO2Max": "VO2 max",
    "UVExposure": "UV exposure",
}
"""Names of channels, where the export's own name in plain words would not do."""

_ADDING = {
    "StepCount", "ActiveEnergyBurned", "BasalEnergyBurned", "FlightsClimbed", "PushCount", "SwimmingStrokeCount",
    "NikeFuel", "TimeInDaylight", "InhalerUsage", "NumberOfTimesFallen", "NumberOfAlcoholicBeverages",
    "InsulinDelivery", "AppleExerciseTime", "AppleStandTime", "AppleMoveTime",
}  # fmt: skip

_MASS = {"g": 1.0, "kg": 1e3, "mg": 1e-3, "mcg": 1e-6, "oz": 28.349523125, "lb": 453.59237, "st": 6350.29318}
_LENGTH = {"m": 1.0, "km": 1e3, "cm": 0.01, "mm": 1e-3, "mi": 1609.344, "ft": 0.3048, "in": 0.0254, "yd": 0.9144}
_ENERGY = {"kcal": 1.0, "Cal": 1.0, "cal": 1e-3, "kJ": 1 / 4.184, "J": 1 / 4184.0}
_TIME = {"min": 1.0, "s": 1 / 60, "hr": 60.0, "ms": 1 / 60_000}
_SPEED = {"m/s": 1.0, "km/hr": 1 / 3.6, "mi/hr": 0.44704, "ft/s": 0.3048}
_VOLUME = {
    "mL": 1.0, "L": 1e3, "dL": 100.0, "cL": 10.0, "fl_oz_us": 29.5735295625, "fl_oz_imp": 28.4130625,
    "cup_us": 236.5882365, "cup_imp": 284.130625, "pt_us": 473.176473, "pt_imp": 568.26125,
}  # fmt: skip
_PRESSURE = {"mmHg": 1.0, "kPa": 7.500616827, "cmAq": 0.735559, "inHg": 25.4}
_GLUCOSE = {"mg/dL": 1.0, "mmol<180.15588000005408>/L": 18.015588, "mmol<180.1558800000541>/L": 18.015588}

_FAMILIES = (
    ("g", _MASS), ("m", _LENGTH), ("kcal", _ENERGY), ("min", _TIME), ("m/s", _SPEED), ("mL", _VOLUME),
    ("mmHg", _PRESSURE), ("mg/dL", _GLUCOSE),
)  # fmt: skip
_UNITS: dict[str, tuple[str, float, float]] = {
    written: (unit, factor, 0.0) for unit, family in _FAMILIES for written, factor in family.items()
} | {
    "count/min": ("per minute", 1.0, 0.0),
    "count/s": ("per minute", 60.0, 0.0),
    "degC": ("°C", 1.0, 0.0),
    "degF": ("°C", 5 / 9, -160 / 9),
    "K": ("°C", 1.0, -273.15),
    "%": ("%", 100.0, 0.0),  # the export writes shares: 0.97 is 97 %
}
_COUNTED = {
    "StepCount": "steps",
    "HeartRate": "bpm",
    "RestingHeartRate": "bpm",
    "WalkingHeartRateAverage": "bpm",
    "HeartRateRecoveryOneMinute": "bpm",
    "RespiratoryRate": "breaths per minute",
}
_IN_KILOGRAMS = {"BodyMass", "LeanBodyMass"}
_IN_MILLISECONDS = {"HeartRateVariabilitySDNN", "HeartRateVariabilityRMSSD"}

STAGES = {
    "InBed": "in bed",
    "Awake": "awake",
    "Asleep": "asleep",
    "AsleepUnspecified": "asleep",
    "AsleepCore": "light",
    "AsleepDeep": "deep",
    "AsleepREM": "REM",
    "0": "in bed",
    "1": "asleep",
    "2": "awake",
    "3": "light",
    "4": "deep",
    "5": "REM",
}


def in_words(name: str) -> str:
    """A name in camel case as plain words: `SixMinuteWalkTestDistance` is six minute walk test distance."""
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+|[^A-Za-z0-9]+", name)
    return " ".join(part if part.isupper() and len(part) > 1 else part.lower() for part in parts).strip() or name


def channel_of(type_: str) -> str:
    """What a quantity is called here."""
    name = type_.removeprefix(QUANTITY)
    return CHANNELS.get(name, in_words(name))


def adds_up(type_: str) -> bool:
    """Whether amounts of it add up (steps, energy), so that two devices must not both count."""
    name = type_.removeprefix(QUANTITY)
    return name in _ADDING or (name.startswith(("Distance", "Dietary")))


def unit_of(type_: str, written: str) -> tuple[str, float, float]:
    """The unit in which a quantity is kept, and the factor and the constant that bring it there."""
    name = type_.removeprefix(QUANTITY)
    unit, factor, constant = _UNITS.get(written, (written, 1.0, 0.0))
    if unit in ("count", "per minute") and name in _COUNTED:
        return _COUNTED[name], factor, constant
    if unit == "g" and name in _IN_KILOGRAMS:
        return "kg", factor / 1e3, constant
    if unit == "min" and name in _IN_MILLISECONDS:
        return "ms", factor * 60_000, constant
    return unit, factor, constant


def stage_of(word: str) -> str | None:
    """A stage of sleep as it is called here; None for a word that is none."""
    return STAGES.get(word.removeprefix("HKCategoryValueSleepAnalysis"))


def activity_of(type_: str) -> str:
    """What a workout is called here."""
    return in_words(type_.removeprefix("HKWorkoutActivityType"))
