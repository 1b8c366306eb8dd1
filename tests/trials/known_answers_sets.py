"""The published single-case sets beside the project, read by name; a test whose set is absent is skipped."""

import json
from pathlib import Path

import polars as pl
import pytest

from mainstay.trials.effect_sizes import Case, cases_from

DATA = Path(__file__).parents[3] / "shared" / "data"
SCAN, SCDHLM = DATA / "singlecase_scan", DATA / "singlecase_scdhlm"

COLUMNS = {
    "GruenkeWilbert2014": {"values": "score"},
    "Huber2014": {"values": "compliance"},
    "Huitema2000": {"values": "score"},
    "Leidig2018": {"values": "academic_engagement"},
    "SSDforR2017": {"values": "esteem", "phase": "pesteem"},
    "Waddell2011": {"values": "score"},
    "exampleA1B1A2B2_zvt": {"values": "zvt", "mt": "day", "phase": "part"},
    "exampleABAB": {"values": "points"},
    "exampleAB_add": {"values": "wellbeing", "mt": "day"},
    "exampleAB_simple": {"values": "score"},
    "example_A24": {"values": "injuries", "mt": "year"},
    "example_stranger": {"values": "minutes", "mt": "episode", "phase": "season"},
}


def table(path: Path) -> pl.DataFrame:
    if not path.exists():
        pytest.skip(f"{path.name} is not beside the project")
    return pl.read_csv(path, infer_schema_length=None, null_values=["NA", ""])


def frame(name: str) -> pl.DataFrame:
    return table(SCAN / f"{name}.csv")


def cases(name: str) -> dict[str, Case]:
    return {case.name: case for case in cases_from(frame(name), **COLUMNS.get(name, {}))}


def comparable(name: str, **where: str) -> pl.DataFrame:
    found = table(SCDHLM / f"{name}.csv")
    for column, value in where.items():
        found = found.filter(pl.col(column) == value)
    return found


def known(dataset: str, method: str) -> dict:
    path = DATA / "known_answers.json"
    if not path.exists():
        pytest.skip("known_answers.json is not beside the project")
    [entry] = [e for e in json.loads(path.read_text()) if e["dataset"] == dataset and e["method"] == method]
    return entry
