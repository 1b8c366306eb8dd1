"""What is proposed for published data sets, beside what the how-to's mappings say of them; skipped where none is."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from mainstay.errors import UnreadableSource
from mainstay.quantities import Instant
from mainstay.records.guessing import Answers, Proposal, propose
from mainstay.records.guessing_preview import understood
from mainstay.records.reader import read
from mainstay.records.tables import read_table

DATA = Path(__file__).parents[3] / "shared" / "data"
MAPPINGS = Path(__file__).parents[2] / "docs" / "howto" / "mappings"
NOW = Instant.parse("2025-06-01T12:00+02:00")
TABLES = sorted(DATA.glob("*/*.csv"))
TIMED = {
    "bringmann2013_esm", "fisher2017_raw_timestamps", "authors_clean_ema", "fried2021_ema", "esm_days_1_99",
    "daily_fitbit_sema_df_unprocessed", "example_data", "alcohol", "caffeine", "daily_questionnaire_bydate",
    "daily_sleep", "emotion_diary", "panic_events", "smoking_meals_menstruation", "workouts", "fitbit_daily",
    "fitbit_exercise", "fitbit_sleep", "fitbit_sleep_score", "injury", "p03_steps_daily", "reporting", "srpe",
    "wellness", "Daylio_Abid", "stress_ema_raw", "wright2017_interactions", "dailyActivity_merged",
    "hourlySteps_merged", "sleepDay_merged", "weightLogInfo_merged",
}  # fmt: skip
"""Tables of people's days: each tells when. Of the other tables beside them (codebooks, earthquakes) most do not."""


def of(name: str, answers: Answers | None = None) -> tuple[Path, Proposal]:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the project")
    return path, propose(read_table(path), answers or Answers(zone="UTC"))


def said(proposal: Proposal, kind: str) -> dict[str, dict[str, Any]]:
    return {one.get("column") or one.get("label"): one for one in tomllib.loads(proposal.toml).get(kind, [])}


@pytest.mark.parametrize("path", TABLES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_table_gets_a_proposal_that_can_be_read_or_a_clear_refusal(path: Path) -> None:
    table = read_table(path)
    try:
        proposal = propose(table, Answers(zone="UTC"))
    except UnreadableSource as refused:
        assert path.stem not in TIMED, refused
        assert "tells when" in str(refused)
        return
    if proposal.trial is None:
        assert proposal.questions
        return
    rows = understood(table, proposal.trial, zone=None, person=None, now=NOW)
    assert any(one.kept for one in rows) or path.stem not in TIMED


@pytest.mark.parametrize(
    ("name", "mapping"),
    [
        ("kossakowski2017/esm_days_1_99.csv", "kossakowski2017"),
        ("panic24_jang2024/emotion_diary.csv", "panic24_jang2024"),
    ],
)
def test_scales_are_those_of_the_mapping_written_by_hand_or_are_asked(name: str, mapping: str) -> None:
    _, proposal = of(name)
    by_hand = tomllib.loads((MAPPINGS / f"{mapping}.toml").read_text())
    stem = name.rsplit("/", maxsplit=1)[-1].removesuffix(".csv")
    here = [one for one in by_hand["item"] if one.get("file", stem) in (stem, "diary")]
    asked = {one.column for one in proposal.questions}
    found = said(proposal, "item")
    compared = 0
    for item in here:
        if item["column"] in asked:
            continue
        guessed = found[item["column"]]
        assert (guessed["low"], guessed["high"], guessed["better"]) == (item["low"], item["high"], item["better"])
        compared += 1
    assert compared >= 2


def test_time_and_person_are_those_of_the_mappings_written_by_hand() -> None:
    ways = ("time", "date", "date_format", "clock", "person")
    for name, mapping, stem in [
        ("kossakowski2017/esm_days_1_99.csv", "kossakowski2017", None),
        ("selftracker_daylio_abid/Daylio_Abid.csv", "selftracker_daylio_abid", None),
        ("panic24_jang2024/panic_events.csv", "panic24_jang2024", "panic_events.csv"),
        ("panic24_jang2024/caffeine.csv", "panic24_jang2024", "caffeine.csv"),
        ("pmdata2019/wellness.csv", "pmdata2019", "wellness.csv"),
        ("pmdata2019/srpe.csv", "pmdata2019", "srpe.csv"),
        ("pmdata2019/fitbit_sleep.csv", "pmdata2019", "fitbit_sleep.csv"),
    ]:
        _, proposal = of(name)
        by_hand = tomllib.loads((MAPPINGS / f"{mapping}.toml").read_text())
        own = next((one for one in by_hand.get("file", []) if one["path"] == stem), {})
        expected = {key: value for key in ways if (value := own.get(key, by_hand["source"].get(key))) is not None}
        source = tomllib.loads(proposal.toml)["source"]
        assert {key: source[key] for key in ways if key in source} == expected, name


def test_a_scale_whose_words_mislead_shows_the_word_it_went_by() -> None:
    _, proposal = of("pmdata2019/wellness.csv")  # 5 is no stress there, which no name tells
    assert said(proposal, "item")["stress"]["better"] == "low"
    assert '"stress" in its name says that low is better' in proposal.toml


def test_the_table_that_mixes_two_orders_of_day_and_month_is_found_out() -> None:
    assert "mix two orders" in of("fitbit_furberg2016/hourlyIntensities_merged.csv")[1].doubts[0]
    assert of("fitbit_furberg2016/dailySteps_merged.csv")[1].doubts == ()


def test_prompts_and_answers_of_one_person_are_those_of_the_file() -> None:
    path, proposal = of("fisher2017/fisher2017_raw_timestamps.csv", Answers(zone="America/Los_Angeles", person="P004"))
    rows = [line.split(",") for line in path.read_text().splitlines()]
    own = [row for row in rows[1:] if row[0] == "P004"]
    answered = [row for row in own if row[2] not in ("", "NA")]
    batch, receipt = read(path, proposal.plan, person="P004", now=NOW)
    assert receipt.kept["prompts"] == len(own)
    prompts = [one.body for one in batch.records if one.stream == "prompts"]
    assert sum(one.answered is not None for one in prompts) == len(answered)
    assert receipt.kept["restless"] == sum(row[rows[0].index("restless")] not in ("", "NA") for row in own)
