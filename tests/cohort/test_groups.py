"""Claims about what a run says of its people together: files, consent, small cells, and what is refused."""

import html
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from cohort.conftest import NOW
from cohort.test_group_cells import attack
from mainstay.cli import run as command
from mainstay.cohort import groups
from mainstay.cohort.asked import Asked
from mainstay.cohort.group_files import OF_DIFFERENCES, OF_DISCOVERIES, OF_GROUPS, OF_REASONS, OF_SHRUNKEN
from mainstay.cohort.group_html import BLOCKS, group_html
from mainstay.cohort.group_mean import GroupMean
from mainstay.cohort.group_questions import QUESTIONS
from mainstay.cohort.group_reading import read
from mainstay.cohort.group_words import difference_words, lines, mean_words
from mainstay.cohort.layout import CHARACTERISTICS, COLUMNS, ITEM_COLUMNS, types
from mainstay.cohort.opening import opened
from mainstay.cohort.running import run
from mainstay.cohort.workers import threads
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain import load

PEOPLE, RATINGS = 64, 160
HALF_LIVES = {"young": 6.0, "middle": 7.0, "old": 16.0}


def ratings(half_life, rng):
    """Hours and ratings of an Ornstein-Uhlenbeck process seen with error."""
    hours = np.cumsum(rng.exponential(4.0, RATINGS))
    kept = 0.5 ** (np.diff(hours, prepend=hours[0]) / half_life)
    level = np.zeros(RATINGS)
    for k in range(RATINGS):
        level[k] = (kept[k] * level[k - 1] if k else 0.0) + np.sqrt(1.0 - kept[k] ** 2 * (k > 0)) * rng.normal()
    return hours, 50.0 + 12.0 * level + 5.0 * rng.normal(size=RATINGS)


def made(folder, purposes, lenders=None):
    """A data set of people of three ages, the old of whom recover slowly, written without any reader."""
    rng = np.random.default_rng(6)
    ages = rng.choice(list(HALF_LIVES), PEOPLE, p=[0.4, 0.35, 0.25])
    (folder / "records").mkdir(parents=True)
    raw = {name: pl.Int64() if isinstance(type_, pl.Datetime) else type_ for name, type_ in types(COLUMNS).items()}
    for i, age in enumerate(ages):
        hours, values = ratings(HALF_LIVES[age] * np.exp(0.3 * rng.normal()), rng)
        rows = [
            {"person": f"p{i:02d}", "stream": "diary", "kind": "check_in", "happened": int(1.70e15 + 3.6e9 * hour),
             "offset_s": 0, "label": "mood", "value": value}
            for hour, value in zip(hours, values, strict=True)
        ]  # fmt: skip
        table = pl.DataFrame(rows, schema=raw).cast(types(COLUMNS))
        table.write_parquet(folder / "records" / f"{i:06d}.parquet")
    item = {
        "name": "mood",
        "label": "Mood",
        "low": 0.0,
        "high": 100.0,
        "better": "high",
        "ordinal": False,
        "anchor": True,
    }
    pl.DataFrame([item], schema=types(ITEM_COLUMNS)).write_parquet(folder / "items.parquet")
    near = [age if i % 9 else "old" for i, age in enumerate(ages)]
    score = [None if i % 11 == 0 else float(value) for i, value in enumerate(rng.normal(40.0, 12.0, PEOPLE))]
    people = [f"p{i:02d}" for i in range(PEOPLE)]
    known = {
        "person": people,
        "age": ages.tolist(),
        "age_again": near,
        "score": score,
        "left": [i < 7 for i in range(PEOPLE)],
        "arm": [1.0 + (i % 2) for i in range(PEOPLE)],
    }
    pl.DataFrame(known).write_parquet(folder / CHARACTERISTICS)
    if lenders is None:
        said = f'by = "study"\nbasis = "simulated"\npurposes = {list(purposes)}'.replace("'", '"')
    else:
        start = NOW.plus_days(-300).as_utc
        given = [(one, stream, "cohort", start, None) for one in people for stream in ("diary", "characteristics")]
        given += [(one, "diary", "pooled_prior", start, None) for one in people[:lenders]]
        schema = {"person": pl.String(), "stream": pl.String(), "purpose": pl.String()}
        times = {name: pl.Datetime("us", "UTC") for name in ("from", "until")}
        pl.DataFrame(given, schema=schema | times, orient="row").write_parquet(folder / "consent.parquet")
        said = 'by = "table"'
    (folder / "cohort.toml").write_text(f"form = 1\n[consent]\n{said}\n")
    return folder


def answered(source, out):
    """A finished run."""
    hands = threads(2)
    run(str(source), out, Asked("recovery", NOW), workers=hands)
    hands.close()
    return out


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    return made(tmp_path_factory.mktemp("groups") / "people", ("cohort", "pooled_prior"))


@pytest.fixture(scope="module")
def out(source, tmp_path_factory):
    return answered(source, tmp_path_factory.mktemp("groups") / "out")


BY = ("age", "age_again", "score", "left", "arm")


@pytest.fixture(scope="module")
def said(source, out):
    return groups.of(opened(str(source)), out, now=NOW, by=BY)


def table(out, name):
    return pl.read_parquet(out / name)


def test_a_run_is_followed_by_its_groups(said, out):
    for name, columns in (
        ("group/groups.parquet", OF_GROUPS), ("group/reasons.parquet", OF_REASONS),
        ("group/differences.parquet", OF_DIFFERENCES), ("shrunken.parquet", OF_SHRUNKEN),
        ("discoveries.parquet", OF_DISCOVERIES),
    ):  # fmt: skip
        assert dict(table(out, name).schema) == types(columns)
    [row] = table(out, "group/groups.parquet").rows(named=True)
    assert row["low"] < row["mean"] < row["high"]
    assert row["next_low"] < row["low"] < row["high"] < row["next_high"]
    assert 6.0 < row["mean"] < 12.0
    assert row["people_asked"] == 60


def test_who_is_slow_is_told_by_group_and_not_by_what_is_not_so(said, out):
    rows = table(out, "group/differences.parquet")
    means = {one["group"]: one["estimate"] for one in rows.filter(pl.col("by") == "age").rows(named=True)}
    assert set(means) == set(HALF_LIVES)
    assert means["old"] > 1.5 * means["young"]
    assert rows.filter(pl.col("by") == "age")["differs"].all()
    assert not rows.filter(pl.col("by") == "score")["differs"].any()


def test_a_column_that_would_give_few_people_away_is_withheld(said, out):
    rows = {one["by"]: one for one in table(out, "group/differences.parquet").rows(named=True)}
    for name in ("age_again", "left"):
        assert rows[name]["reason"]
        assert rows[name]["estimate"] is rows[name]["people"] is rows[name]["by_lot"] is None


def test_the_files_to_share_hold_nobody_and_no_small_cell(said, source, out):
    """The attack: from every table under group/, by all sums and differences of the groups told there."""
    for name in ("groups", "reasons", "differences"):
        found = table(out, f"group/{name}.parquet")
        assert "person" not in found.columns
        for column in (one for one in found.columns if one.startswith("people")):
            assert (found[column].drop_nulls() % 10 == 0).all()
    page = (out / "group" / "group.html").read_text()
    known = table(source, CHARACTERISTICS)
    answers = table(out, "answers.parquet").filter(pl.col("status") == "found")
    for person in known["person"]:
        assert person not in page
    for value in answers["estimate"].to_list():
        assert f"{value:.6g}" not in page
    has = known["person"].is_in(answers["person"].to_list()).to_numpy()
    told = table(out, "group/differences.parquet").filter(pl.col("group").is_not_null())
    sets = [np.ones(int(has.sum()), bool)]
    for by, group in told.select("by", "group").iter_rows():
        values = known[by].cast(pl.String()).to_numpy()[has]
        sets.append(values == group)
    assert len(sets) > 1
    assert attack(sets, int(has.sum())) >= 10


def test_the_page_fetches_and_runs_nothing(said, out):
    page = (out / "group" / "group.html").read_text()
    assert "<script" not in page
    assert not re.search(r"(src|href)=.?https?:", page)
    assert "default-src 'none'" in page
    assert "<svg" in page
    assert "NaN" not in page


def test_lines_for_the_terminal_are_few_and_plain(said):
    told = lines(said)
    assert 3 <= len(told) <= 12
    assert "90 % sure" in told[0]
    assert all("nan" not in one.lower() for one in told)


def test_everybody_is_drawn_towards_those_who_lend(said, out):
    shrunken = table(out, "shrunken.parquet").join(
        table(out, "answers.parquet").select("person", own="estimate"), on="person"
    )
    logs = shrunken.select(pl.col("estimate", "own").log())
    assert logs["estimate"].std() < logs["own"].std()
    assert shrunken["lends"].all()
    assert (shrunken["low"] < shrunken["estimate"]).all()


@pytest.mark.parametrize(("lenders", "drawn"), [(12, 0), (30, PEOPLE)])
def test_only_those_lend_whose_consent_says_so(tmp_path, lenders, drawn):
    source = made(tmp_path / "people", (), lenders=lenders)
    out = answered(source, tmp_path / "out")
    said = groups.of(opened(str(source)), out, now=NOW)
    shrunken = table(out, "shrunken.parquet")
    assert shrunken.height == (0 if drawn == 0 else shrunken["person"].n_unique())
    assert shrunken["lends"].sum() <= lenders
    if drawn == 0:
        assert "are needed" in lines(said)[-1]
    else:
        assert shrunken.height > 0.9 * drawn


def test_a_mean_that_one_person_bears_is_withheld(source, out):
    found = read(out)
    one = found.questions[0]
    y, sd = 0.01 * one.y, np.ones(len(one.y))
    for sure, says in ((1.0, GroupMean), (1e-4, CannotSay)):
        sd[np.flatnonzero(one.has)[0]] = sure
        near = replace(found, questions=(replace(one, y=y, sd=sd),))
        said = groups.together(near, opened(str(source)), {}, now=NOW, by=BY)
        assert isinstance(said.groups[0].mean, says)
    assert "theirs alone" in said.groups[0].mean.reason
    assert not said.groups[0].differences
    assert not len(said.groups[0].blocks)


def test_recovery_is_withheld_where_most_have_none(source, out):
    found = read(out)
    one = found.questions[0]
    for kept, says in ((40, GroupMean), (31, CannotSay)):
        has = one.has & (np.cumsum(one.has) <= kept)
        few = replace(found, questions=(replace(one, has=has),))
        [group] = groups.together(few, opened(str(source)), {}, now=NOW).groups
        assert isinstance(group.mean, says)
    assert "fewer than half of those asked" in group.mean.reason


def test_who_has_none_is_always_said(said, out):
    told = mean_words(said.groups[0])
    assert any(one.startswith("Asked: 60 people or more; with a size: 60 people or more.") for one in told)
    assert any("half-life can’t be told are not counted in" in one for one in told)
    page = (out / "group" / "group.html").read_text()
    assert "up to 9 may have none" in page
    assert "one can be subtracted from the other" in page


def test_two_numbers_are_two_groups(said, out):
    rows = table(out, "group/differences.parquet").filter(pl.col("by") == "arm")
    assert rows["group"].to_list() == ["1", "2"]
    assert rows["people"].sum() == 60
    score = next(one for name, one in said.groups[0].differences if name == "score")
    assert "for each one more of “score”" in difference_words(said.groups[0], "score", score, said.differs)


def test_blocks_are_explained_only_where_there_are_any(said):
    assert BLOCKS in group_html(said)
    without = replace(said, groups=tuple(replace(one, blocks=np.empty(0)) for one in said.groups))
    assert BLOCKS not in group_html(without)


def test_who_is_named_is_told_with_the_level(source, out):
    found = read(out)
    one = found.questions[0]
    toll = replace(one, row="S9", question=QUESTIONS[load.TOLL], y=9.0 + one.y, sd=np.ones(len(one.y)))
    said = groups.together(replace(found, questions=(toll,)), opened(str(source)), {}, now=NOW)
    told = " ".join(lines(said))
    assert "(named at 5 %, by intervals that lean)" in told  # of two ways one is chosen: half of 10 %
    assert "at most 10 % of those named are false on average; for one alone it may be more" in told
    assert re.search(r"named at 5\s%", html.unescape(group_html(said)))


def test_thin_groups_are_refused_in_files_without_their_count(tmp_path, data_set):
    out = answered(data_set, tmp_path / "out")
    said = groups.of(opened(str(data_set)), out, now=NOW)
    assert not said.groups
    assert said.too_few
    assert table(out, "group/groups.parquet").is_empty()
    assert said.people == 0
    smaller = groups.of(opened(str(data_set)), out, now=NOW, smallest=5)
    assert all(isinstance(one.mean, CannotSay) and one.mean.have is None for one in smaller.groups)


@pytest.mark.parametrize(("asked", "says"), [({"by": ("town",)}, "town"), ({"smallest": 4}, "below 5")])
def test_what_cannot_be_done_is_refused(source, out, asked, says):
    with pytest.raises(BadRequest, match=says):
        groups.of(opened(str(source)), out, now=NOW, **asked)


def test_a_folder_without_answers_is_refused(source, tmp_path):
    with pytest.raises(BadRequest, match="no answers"):
        groups.of(opened(str(source)), tmp_path / "none", now=NOW)


def test_the_command_refuses_at_once_and_writes_all(source, tmp_path, capsys):
    assert command(["cohort", str(source), "--out", str(tmp_path / "no"), "--by", "town"]) != 0
    assert not (tmp_path / "no" / "answers.parquet").exists()
    assert command(["cohort", str(source), "--out", str(tmp_path / "out"), "--by", "age"]) == 0
    told = capsys.readouterr().out
    assert "in the middle" in told
    assert "may be shared" in told
    assert (tmp_path / "out" / "group" / "group.html").exists()


def test_the_same_answers_say_the_same(said, source, out):
    again = groups.of(opened(str(source)), out, now=NOW, by=BY)
    assert isinstance(said.groups[0].mean, GroupMean)
    assert again.groups[0].mean == said.groups[0].mean
    assert lines(again) == lines(said)


def test_every_column_is_in_the_reference():
    page = (Path(__file__).parents[2] / "docs" / "reference" / "cohort.md").read_text()
    for columns in (OF_GROUPS, OF_REASONS, OF_DIFFERENCES, OF_SHRUNKEN, OF_DISCOVERIES):
        for one in columns:
            assert f"| `{one.name}` | {one.meaning[0].lower()}{one.meaning[1:].rstrip('.')} |" in page
