"""Apple Health exports made up in the real shape, of any size, and the slow, obvious way to read one."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

DOCTYPE = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout|ActivitySummary|ClinicalRecord)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
<!ELEMENT Record ((MetadataEntry|HeartRateVariabilityMetadataList)*)>
<!ATTLIST Record type CDATA #REQUIRED unit CDATA #IMPLIED value CDATA #IMPLIED sourceName CDATA #REQUIRED>
]>
"""
ME = '<Me HKCharacteristicTypeIdentifierDateOfBirth="1990-02-02" HKCharacteristicTypeIdentifierBiologicalSex=""/>'
DEVICE = (
    "<<HKDevice: 0x282a45810>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch6,2, software:8.5>"
)
WATCH, PHONE = "Somebody’s Apple Watch", "iPhone"
ZONE = timezone(timedelta(hours=2))
START = datetime(2020, 1, 1, tzinfo=ZONE)
QUANTITY, CATEGORY = "HKQuantityTypeIdentifier", "HKCategoryTypeIdentifier"
STAGES = ("AsleepCore", "AsleepDeep", "AsleepREM", "Awake")


def written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S %z")


def record(
    type_: str, start: datetime, end: datetime, value: str, *, unit: str = "", source: str = WATCH, inside: str = ""
) -> str:
    unit = f' unit="{unit}"' if unit else ""
    device = quoteattr(DEVICE, {'"': "&quot;"})
    opened = (
        f' <Record type="{type_}" sourceName={quoteattr(source)} sourceVersion="8.5" device={device}{unit} '
        f'creationDate="{written(end)}" startDate="{written(start)}" endDate="{written(end)}" value="{value}"'
    )
    return f"{opened}>\n{inside} </Record>\n" if inside else f"{opened}/>\n"


def metadata(key: str, value: str) -> str:
    return f'  <MetadataEntry key="{key}" value="{value}"/>\n'


def _one_type(seed: int, part: int, days: int) -> Iterator[str]:
    for day in range(days):
        rng = random.Random(f"{seed} {part} {day}")
        yield "".join(PARTS[part](rng, START + timedelta(days=day)))


def _heart_rate(rng, day):
    inside = metadata("HKMetadataKeyHeartRateMotionContext", "0")
    for minute in range(0, 1440, 4):
        at = day + timedelta(minutes=minute, seconds=rng.randrange(200))
        yield record(QUANTITY + "HeartRate", at, at, str(rng.randint(48, 140)), unit="count/min", inside=inside)


def _amounts(type_: str, unit: str, digits: int):
    def one_day(rng, day):
        for minute in range(7 * 60, 22 * 60, 9):
            for source in (WATCH, PHONE):
                at = day + timedelta(minutes=minute, seconds=rng.randrange(60))
                value = str(rng.randint(2, 400)) if not digits else f"{rng.random() * 3:.{digits}g}"
                yield record(QUANTITY + type_, at, at + timedelta(minutes=8), value, unit=unit, source=source)

    return one_day


def _variability(rng, day):
    for hour in (3, 9, 15, 21):
        at = day + timedelta(hours=hour)
        beats = "".join(
            f'   <InstantaneousBeatsPerMinute bpm="{rng.randint(50, 70)}" time="8:47:{i:02d},{i + 10} PM"/>\n'
            for i in range(50)
        )
        beats = f"  <HeartRateVariabilityMetadataList>\n{beats}  </HeartRateVariabilityMetadataList>\n"
        value = repr(20 + 60 * rng.random())
        yield record(
            QUANTITY + "HeartRateVariabilitySDNN", at, at + timedelta(minutes=1), value, unit="ms", inside=beats
        )


def _sleep(rng, day):
    at, zone = day + timedelta(hours=22, minutes=rng.randrange(90)), metadata("HKTimeZone", "Europe/Amsterdam")
    type_, value = CATEGORY + "SleepAnalysis", "HKCategoryValueSleepAnalysis"
    yield record(type_, at, at + timedelta(hours=8, minutes=20), value + "InBed", source=PHONE)
    for _ in range(20):
        end = at + timedelta(minutes=rng.randrange(5, 40))
        yield record(type_, at, end, value + rng.choice(STAGES), inside=zone)
        at = end


def _daily(rng, day):
    yield record(
        QUANTITY + "RestingHeartRate", day, day + timedelta(hours=23), str(rng.randint(45, 65)), unit="count/min"
    )
    at = day + timedelta(hours=12)
    yield record(CATEGORY + "MindfulSession", at, at + timedelta(minutes=5), "0")
    yield record(QUANTITY + "OxygenSaturation", at, at, "0.97", unit="%")
    for hour in range(8, 20):
        at = day + timedelta(hours=hour)
        yield record(CATEGORY + "AppleStandHour", at, at + timedelta(hours=1), "HKCategoryValueAppleStandHourStood")


def _workout(rng, day):
    at = day + timedelta(hours=18)
    end = at + timedelta(minutes=rng.randrange(20, 90))
    dates = f'creationDate="{written(end)}" startDate="{written(at)}" endDate="{written(end)}"'
    yield (
        f' <Workout workoutActivityType="HKWorkoutActivityTypeRunning" duration="30.5" durationUnit="min" '
        f'sourceName="{WATCH}" {dates}>\n{metadata("HKTimeZone", "Europe/Amsterdam")}'
        f'  <WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" {dates} sum="250" unit="kcal"/>\n'
        f" </Workout>\n"
    )


PARTS = (
    _heart_rate,
    _amounts("StepCount", "count", 0),
    _amounts("DistanceWalkingRunning", "km", 6),
    _amounts("ActiveEnergyBurned", "kcal", 17),
    _variability,
    _sleep,
    _daily,
    _workout,
)


def export(days: int, seed: int = 1) -> Iterator[bytes]:
    """An export of so many days, piece by piece: about 0.43 MB a day. A day is the same in a longer export."""
    made = written(START + timedelta(days=days + 1))
    yield f'{DOCTYPE}<HealthData locale="en_NL">\n <ExportDate value="{made}"/>\n {ME}\n'.encode()
    for part in range(len(PARTS)):
        for text in _one_type(seed, part, days):
            yield text.encode()
    for day in range(days):
        date = START + timedelta(days=day)
        yield f' <ActivitySummary dateComponents="{date:%Y-%m-%d}" activeEnergyBurned="590.252"/>\n'.encode()
    yield b"</HealthData>\n"


class Read(NamedTuple):
    """A record as anybody would read it."""

    type: str
    unit: str
    source: str
    value: str
    start: float
    end: float
    zone: str


def slowly_read(path) -> list[Read]:
    """Every record of a sound export that does not stand in a correlation: element by element, with a real parser."""
    found, depth = [], 0
    for happened, element in ElementTree.iterparse(path, events=("start", "end")):
        if element.tag == "Correlation":
            depth += 1 if happened == "start" else -1
        elif element.tag == "Record" and happened == "end" and not depth:
            said = element.attrib
            zones = [e.get("value") for e in element if e.tag == "MetadataEntry" and e.get("key") == "HKTimeZone"]
            start, end = (
                datetime.strptime(said[name], "%Y-%m-%d %H:%M:%S %z").astimezone(UTC).timestamp()
                for name in ("startDate", "endDate")
            )
            zone = zones[-1] if zones else ""
            found.append(
                Read(
                    said["type"],
                    said.get("unit", ""),
                    said.get("sourceName", ""),
                    said.get("value", ""),
                    start,
                    end,
                    zone,
                )
            )
    return found
