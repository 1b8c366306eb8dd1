"""Published studies as data sets of many people, against counts and figures found without what is tried here.

What is claimed of them stands in the tables of docs/explanation/cohort-real.md and nowhere else. A study that is not
beside the project is skipped.
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from mainstay.cohort.asked import Asked
from mainstay.cohort.gathering import Beside, gather
from mainstay.cohort.gathering_receipt import Gathered
from mainstay.cohort.running import run
from mainstay.cohort.source import ParquetSource
from mainstay.cohort.workers import threads
from mainstay.cohort.writing import write
from mainstay.errors import BadMapping, UnreadableSource
from mainstay.numerics.ou_many import fit_many, many_series
from mainstay.quantities import Instant
from mainstay.records.reader import read
from records.sources.openesm_copies import as_openesm
from records.sources.samples import sample

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "cohort-real.md"
MAPPINGS = ROOT / "docs" / "howto" / "mappings"
NOW = Instant.parse("2026-01-01T00:00+00:00")
BASIS = "published for research; see the study"
FILES = {
    "panic24_jang2024": "panic24_jang2024",
    "fisher2017": "fisher2017/fisher2017_raw_timestamps.csv",
    "bringmann2013": "bringmann2013",
    "fried2021": "fried2021/authors_clean_ema.csv",
    "wright2017": "wright2017/wright2017_interactions.csv",
    "lifesnaps2021": "lifesnaps2021/daily_fitbit_sema_df_unprocessed.csv",
    "studentlife2013": "studentlife2013/stress_ema_raw.csv",
}
COUNTS = ("people", "rows", "refused", "empty", "check-ins", "events", "prompts", "samples")
KINDS = {"check-ins": "check_in", "events": "event", "prompts": "prompt", "samples": "signal"}


def lines(columns: int) -> list[list[str]]:
    """The rows of the page's tables with so many columns, cell by cell."""
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in PAGE.read_text().splitlines()]
    return [row for row in rows if len(row) == columns and row[0].strip("`") in FILES]


def number(cell: str) -> float:
    return float(cell.replace(",", "") or 0)


@dataclass(frozen=True)
class Study:
    """A study gathered: its folder, its receipt, its records."""

    name: str
    folder: Path
    receipt: Gathered
    records: pl.DataFrame


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Study]:
    """Each study, gathered once."""
    held: dict[str, Study] = {}

    def gathered(name: str) -> Study:
        if name not in held:
            path = sample(FILES[name])
            folder = tmp_path_factory.mktemp(name) / "people"
            beside = Beside(path / "neuroticism.csv", "subj_id") if name == "bringmann2013" else None
            receipt = gather(path, folder, basis=BASIS, mapping=MAPPINGS / f"{name}.toml", now=NOW, beside=beside)
            source = ParquetSource(str(folder))
            held[name] = Study(name, folder, receipt, pl.concat([source.frame(part) for part in source.parts()]))
        return held[name]

    return gathered


def test_every_study_stands_in_the_page() -> None:
    assert [row[0].strip("`") for row in lines(1 + len(COUNTS))] == list(FILES)


@pytest.mark.parametrize("row", lines(1 + len(COUNTS)), ids=lambda row: row[0])
def test_what_is_gathered_is_what_the_page_says(row: list[str], studies: Callable[[str], Study]) -> None:
    study = studies(row[0].strip("`"))
    kinds = dict(study.records.group_by("kind").len().iter_rows())
    receipt = study.receipt
    found = {"people": receipt.people, "rows": receipt.rows, "refused": receipt.refused, "empty": receipt.empty}
    found |= {name: kinds.get(kind, 0) for name, kind in KINDS.items()}
    assert found == dict(zip(COUNTS, map(number, row[1:]), strict=True))
    assert study.records["person"].n_unique() == receipt.people


@pytest.mark.parametrize("name", FILES)
def test_each_person_is_what_add_makes_of_them(name: str, studies: Callable[[str], Study], tmp_path: Path) -> None:
    study = studies(name)
    people = study.records["person"].unique(maintain_order=True).to_list()
    some = [people[0], people[len(people) // 2]]
    path, mapping = sample(FILES[name]), MAPPINGS / f"{name}.toml"
    each = ((who, read(path, mapping, person=who, now=NOW)[0]) for who in some)
    write(each, tmp_path / "each", basis=BASIS, purposes=("cohort",))
    [part] = ParquetSource(str(tmp_path / "each")).parts()
    alone = ParquetSource(str(tmp_path / "each")).frame(part)
    assert study.records.filter(pl.col("person").is_in(some)).equals(alone)


def test_what_the_files_hold_is_counted_alike_without_the_reader(studies: Callable[[str], Study]) -> None:
    snaps = studies("lifesnaps2021").records.filter(pl.col("kind") == "check_in")
    yes = {name: snaps.filter(pl.col("label") == name)["value"].sum() for name in ("tense", "tired", "happy")}
    assert yes == {"tense": 504, "tired": 880, "happy": 627}
    assert snaps.filter(pl.col("label") == "tense").height == 2_290
    stress = studies("studentlife2013")
    with sample(FILES["studentlife2013"]).open() as file:
        own = list({tuple(row.items()) for row in csv.DictReader(file)})
    levels = [dict(row)["level"] for row in own if dict(row)["level"]]
    recoded = [{"5.0": 1, "4.0": 2, "1.0": 3, "2.0": 4, "3.0": 5}[level] for level in levels]
    assert sorted(stress.records["value"].to_list()) == sorted(recoded)


def icc(values: pl.DataFrame) -> float:
    """The share of the variance that lies between people: one-way analysis of variance, unequal sizes."""
    each = values.group_by("person").agg(n=pl.len(), mean=pl.col("value").mean(), var=pl.col("value").var())
    n, mean, var = (each[name].to_numpy().astype(float) for name in ("n", "mean", "var"))
    between = np.sum(n * (mean - np.sum(n * mean) / n.sum()) ** 2) / (len(n) - 1)
    within = np.sum((n - 1) * var) / (n.sum() - len(n))
    size = (n.sum() - np.sum(n**2) / n.sum()) / (len(n) - 1)
    return float((between - within) / (between + (size - 1) * within))


@pytest.mark.parametrize(
    ("name", "openesm", "ratings"), [("bringmann2013", "0010_geschwind", 6), ("fried2021", "0001_fried", 12)]
)
def test_openesm_s_own_figures_come_out_to_the_digit(
    name: str, openesm: str, ratings: int, studies: Callable[[str], Study]
) -> None:
    reference = pl.read_csv(sample("openesm_reference/openesm_item_reference.csv"))
    answers = studies(name).records.filter(pl.col("kind") == "check_in")
    published = reference.filter(
        (pl.col("dataset") == openesm) & pl.col("item").is_in(answers["label"].unique().to_list())
    )
    assert published.height == ratings
    for one in published.iter_rows(named=True):
        given = answers.filter(pl.col("label") == one["item"])
        each = given.group_by("person").agg(mean=pl.col("value").mean(), sd=pl.col("value").std())
        each = each.filter(pl.col("sd") > 0)  # who gives one answer always is not counted there
        found = [icc(given.join(each, on="person", how="semi")), each["mean"].median(), each["sd"].median()]
        assert each.height == one["n_included"]
        assert found == pytest.approx([one["icc"], one["median_mean"], one["median_sd"]], abs=5.1e-5)


def test_the_published_slopes_of_two_weeks_come_out(studies: Callable[[str], Study]) -> None:
    offset = pl.duration(seconds=pl.col("offset_s"))
    days = studies("fried2021").records.with_columns(day=(pl.col("happened") + offset).dt.date().cast(pl.Int32))
    for name, slope in (("worry", -0.0256), ("nervous", -0.0204), ("social_offline", -0.0084)):
        each = days.filter(pl.col("label") == name).group_by("person")
        found = each.agg(slope=pl.cov("day", "value") / pl.col("day").var())["slope"].mean()
        assert found == pytest.approx(slope, abs=1e-4)


@pytest.fixture(scope="module")
def told(studies: Callable[[str], Study], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], pl.DataFrame]:
    """What `recovery` tells of a study, asked once."""
    held: dict[str, pl.DataFrame] = {}

    def asked(name: str) -> pl.DataFrame:
        if name not in held:
            out = tmp_path_factory.mktemp("told") / name
            hands = threads(1)
            done = run(str(studies(name).folder), out, Asked("recovery", NOW), workers=hands)
            hands.close()
            assert done.states["told"] == studies(name).receipt.people
            held[name] = pl.read_parquet(out / "answers.parquet")
        return held[name]

    return asked


@pytest.mark.parametrize("row", lines(5), ids=lambda row: " ".join(row[:2]))
def test_how_fast_ratings_come_back_is_what_the_page_says(row: list[str], told: Callable[[str], pl.DataFrame]) -> None:
    answers = told(row[0].strip("`")).filter(pl.col("about") == row[1])
    found = answers.filter(pl.col("status") == "found")["estimate"]
    assert row[2] == f"{found.len()} of {answers.height}"
    assert found.len() >= 10  # of fewer nothing is told together
    quartiles = [found.quantile(share, "linear") for share in (0.25, 0.75)]
    written = [number(row[3]), *map(number, row[4].split(" to "))]
    assert [found.median(), *quartiles] == pytest.approx(written, rel=0.02, abs=0.06)


@pytest.mark.parametrize("name", FILES)
def test_ratings_dealt_out_anew_have_no_half_life(name: str, studies: Callable[[str], Study], tmp_path: Path) -> None:
    study = studies(name)
    rng = np.random.default_rng(5)
    ratings = study.records.filter(pl.col("kind") == "check_in")
    parts = [
        one.with_columns(value=rng.permutation(one["value"].to_numpy()))
        for one in ratings.partition_by("person", "label", maintain_order=True)
    ]
    (tmp_path / "people" / "records").mkdir(parents=True)
    pl.concat(parts).sort("person", maintain_order=True).write_parquet(
        tmp_path / "people" / "records" / "0.parquet", row_group_size=10_000_000
    )
    for file in ("cohort.toml", "items.parquet"):
        (tmp_path / "people" / file).write_bytes((study.folder / file).read_bytes())
    hands = threads(1)
    run(str(tmp_path / "people"), tmp_path / "told", Asked("recovery", NOW), workers=hands)
    hands.close()
    answers = pl.read_parquet(tmp_path / "told" / "answers.parquet")
    share = (answers["status"] == "found").mean()
    assert share <= 0.05 + 2.5 * np.sqrt(0.05 * 0.95 / answers.height)


def half_lives(ratings: pl.DataFrame, at: str) -> dict[tuple[str, str], float]:
    """The half-life of each person and rating in hours, by the times in the column `at`; only where one is told."""
    ordered = ratings.sort("person", "label", at, maintain_order=True)
    series = ordered.group_by("person", "label", maintain_order=True).len()
    offsets = np.concatenate([[0], np.cumsum(series["len"].to_numpy())]).astype(np.int64)
    fits = fit_many(many_series(ordered[at].to_numpy().astype(float), ordered["value"].to_numpy(), offsets), threads=1)
    names = zip(series["person"], series["label"], strict=True)
    return {name: fits[k].value("half_life") for k, name in enumerate(names) if fits[k].converged}


@pytest.mark.long
@pytest.mark.parametrize(("name", "apart"), [("fisher2017", 4.0), ("fried2021", 3.0)])
def test_the_hour_within_a_day_may_be_supposed_and_the_days_may_not(
    name: str, apart: float, studies: Callable[[str], Study]
) -> None:
    hours = pl.col("happened").dt.timestamp("us") / 3.6e9
    local = hours + pl.col("offset_s") / 3600 - 4.0  # a day ends at four in the morning
    ratings = studies(name).records.filter(pl.col("kind") == "check_in").with_columns(true=hours, day=(local // 24.0))
    ratings = ratings.sort("person", "label", "true")
    ratings = ratings.with_columns(
        by_day=pl.col("day") * 24.0 + pl.int_range(pl.len()).over("person", "label", "day") * apart,
        in_order=pl.int_range(pl.len()).over("person", "label") * apart,
    )
    true = half_lives(ratings, "true")
    ratio = {}
    for at in ("by_day", "in_order"):
        supposed = half_lives(ratings, at)
        ratio[at] = np.array([supposed[one] / true[one] for one in true if one in supposed])
    assert 0.95 <= np.median(ratio["by_day"]) <= 1.05
    assert np.mean((ratio["by_day"] > 1.5) | (ratio["by_day"] < 1 / 1.5)) <= 0.10
    assert np.median(ratio["in_order"]) <= 0.60


def test_rows_that_are_only_in_order_are_refused(tmp_path: Path) -> None:
    origin = "bringmann2016/bringmann2016_esm.csv"
    plan = '[source]\nperson = { column = "subj_id" }\n[[item]]\ncolumn = "Happy"\nlow = 1\nhigh = 100\nbetter = "high"'
    with pytest.raises(BadMapping, match="doesn't say where its time stands"):
        gather(sample(origin), tmp_path / "out", basis=BASIS, mapping=plan, now=NOW)
    study = tmp_path / "study"
    study.mkdir()
    as_openesm(study, "0011", origin, {"subj_id": "id"})
    with pytest.raises(UnreadableSource, match="tells neither days nor times"):
        gather(study, tmp_path / "out", basis=BASIS, zone="Europe/Brussels", now=NOW)
