"""Claims about whether lending helps: each held out, the rest of their record foretold with and without, fairly."""

import math
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from cohort.lenders import NOW, cohort, person
from mainstay.cli import run as command
from mainstay.cli.cohort_lending import tried_in_words
from mainstay.cohort import held_out as holding
from mainstay.cohort.asked import Asked
from mainstay.cohort.held_out import GROUP_TABLE, TABLE, UNITS, Folds, HeldOut, folds_of, held_out, mean_over
from mainstay.cohort.held_out_score import FIRST_SHARE, UNFORESEEN, _compared, _Foretold, before, scored
from mainstay.cohort.lending import GROUP, lent
from mainstay.cohort.running import run
from mainstay.cohort.source import ENDED, ParquetSource
from mainstay.cohort.workers import threads
from mainstay.errors import BadRequest
from mainstay.futures.backtest_cut import cut
from mainstay.quantities import CannotSay
from mainstay.strain.data import strain_data
from mainstay.strain.fitting import fit, fit_data
from mainstay.strain.many import Summary, summary_of
from mainstay.strain.pooling import Pooled, learn_priors
from mainstay.strain.population import PooledPrior
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.priors import PRIORS as USUAL
from mainstay.timeline.reader import from_records

COUNT, DAYS = 24, 40.0
ASKED = Asked("strain", NOW)


@pytest.fixture
def hands():
    here = threads(1)
    yield here
    here.close()


@pytest.fixture(scope="module")
def timeline():
    one = person(3, 60.0)
    return from_records(one.records, one.items, one.anchor, as_of=NOW)


def tried(folder, out, hands):
    """A whole run with lending, and what holding out each lender says."""
    asked = lent(str(folder), out, ASKED, workers=hands)
    run(str(folder), out, asked, workers=hands)
    return held_out(str(folder), out, asked, workers=hands)


@pytest.fixture(scope="module")
def alike(tmp_path_factory):
    """People drawn from one population, forty days each: where they are, what came out, what holding out says."""
    place, here = tmp_path_factory.mktemp("held-out"), threads(1)
    folder = cohort(place / "people", COUNT, days=DAYS, batch=7)
    found = tried(folder, place / "out", here)
    here.close()
    return folder, place / "out", found


def test_among_people_alike_lending_foretells_short_records_better(alike):
    _, out, found = alike
    assert isinstance(found, HeldOut)
    assert found.means["gain"].interval.low > 0.0
    assert found.means["acts_gain"].interval.low > 0.0
    assert "better" in found.verdict
    assert (found.others, found.folds, found.unscored) == (COUNT - 1, 0, 0)
    for name in ("inside_usual", "inside_lent"):
        assert found.means[name].interval.low <= 0.92
        assert found.means[name].interval.high >= 0.88
    people = pl.read_parquet(out / TABLE)
    assert people["person"].to_list() == [f"p{k:03d}" for k in range(COUNT)]
    assert people["gain"].mean() == pytest.approx(found.means["gain"].mean)
    group = pl.read_parquet(out / GROUP / GROUP_TABLE)
    assert group["quantity"].to_list() == list(UNITS.values())
    assert group["people"].to_list() == [20] * 4, "in tens"
    assert "person" not in group.columns


@pytest.mark.long
@pytest.mark.parametrize(
    ("kind", "count", "days", "seed"),
    [
        ("alike", 60, 40.0, 1000), ("alike", 110, 40.0, 9000), ("alike", 60, 90.0, 3000), ("alike", 60, 180.0, 5000),
        ("half", 60, 90.0, 500), ("unlike", 60, 40.0, 500), ("unlike", 60, 90.0, 500), ("unlike", 60, 180.0, 6000),
    ],
)  # fmt: skip
def test_lending_helps_people_alike_and_harms_nobody_on_average(hands, tmp_path, kind, count, days, seed):
    """The table of docs/explanation/pooled.md, a row each."""
    alike = {"alike": 1.0, "half": 0.5, "unlike": 0.0}[kind]
    folder, out = cohort(tmp_path / "people", count, days=days, alike=alike, batch=20, seed=seed), tmp_path / "out"
    found = held_out(str(folder), out, lent(str(folder), out, ASKED, workers=hands), workers=hands)
    assert isinstance(found, HeldOut)
    for name, one in found.means.items():
        print(f"{kind} {count} {days:.0f} {name} {one.mean:+.4f} ({one.interval.low:+.4f} to {one.interval.high:+.4f})")
    assert found.folds == (10 if count > 60 else 0)
    assert found.unscored <= 0.1 * count
    assert found.means["gain"].interval.high > 0.0
    assert found.means["acts_gain"].interval.high > 0.0
    assert abs(found.means["inside_lent"].mean - 0.9) < 0.03
    if kind == "alike" and days < 100:
        assert found.means["gain"].interval.low > 0.0
        assert found.means["acts_gain"].interval.low > 0.0
    if kind == "unlike":
        assert abs(found.means["gain"].mean) < 0.005


def test_held_out_again_it_works_nothing_out(alike, hands, tmp_path, monkeypatch):
    folder, done, first = alike
    out = shutil.copytree(done, tmp_path / "out")
    monkeypatch.setattr(holding, "scored", None)
    assert tried(folder, out, hands) == first
    assert (out / TABLE).read_bytes() == (done / TABLE).read_bytes()


def test_who_withdraws_is_in_no_score(alike, hands, tmp_path):
    """Either consent: to be told about, or to lend. Without `--held-out` nothing of former scores is left at all."""
    folder, done, _ = alike
    out, table = shutil.copytree(done, tmp_path / "out"), pl.read_parquet(done / TABLE)
    assert "p005" in table["person"].to_list()
    left = shutil.copytree(folder, tmp_path / "left")
    about = (left / "cohort.toml").read_text().split("[consent]")[0]
    (left / "cohort.toml").write_text(about + '[consent]\nby = "table"\n')
    streams = pl.concat([pl.read_parquet(one) for one in (left / "records").iterdir()]).select("person", "stream")
    begun = pl.lit(NOW.plus_days(-300).as_utc).cast(pl.Datetime("us", "UTC"))
    never = pl.lit(None, pl.Datetime("us", "UTC"))
    for purpose in ("cohort", "pooled_prior"):
        given = streams.unique().join(pl.DataFrame({"purpose": ["cohort", "pooled_prior"]}), how="cross")
        given = given.filter((pl.col("purpose") != purpose) | (pl.col("person") != "p005"))
        given.select("person", "stream", "purpose", begun.alias("from"), never.alias("until")).write_parquet(
            left / "consent.parquet"
        )
        for one in out.rglob("asked.json"):
            one.write_text(one.read_text().replace(str(folder), str(left)))
        again = tried(left, out, hands)
        assert isinstance(again, HeldOut)
        scores = pl.read_parquet(out / TABLE).filter(person="p005")
        assert scores["gain"].drop_nulls().is_empty()
        assert again.means["gain"].people == COUNT - 1
        folder = left
    line = ["cohort", str(left), "--what", "strain", "--pooled", "--workers", "1", "--out", str(out)]
    assert command(line) == 0
    assert not list(out.rglob("held*out*"))


def test_who_stops_lending_while_lenders_are_held_out_leaves_no_score(alike, hands, tmp_path, monkeypatch):
    folder, done, _ = alike
    out = shutil.copytree(done, tmp_path / "out")
    asked = lent(str(folder), out, ASKED, workers=hands)
    monkeypatch.setattr(holding, "scored", None)
    ended = ParquetSource.ended

    def stopped(self, rests_on, *, now, purpose="cohort"):
        over = {"p005": ENDED} if purpose == "pooled_prior" and "p005" in rests_on else {}
        return ended(self, rests_on, now=now, purpose=purpose) | over

    monkeypatch.setattr(ParquetSource, "ended", stopped)
    found = held_out(str(folder), out, asked, workers=hands)
    assert isinstance(found, CannotSay)
    assert "stopped lending" in found.reason
    assert not list(out.rglob("held*out*"))


def test_whom_no_draw_foresees_is_counted_by_arm_and_told_in_steps():
    folds = folds_of(lenders(60))
    why = [""] * 25 + [UNFORESEEN["lent"]] * 12 + [UNFORESEEN["both"]] * 9 + [UNFORESEEN["usual"]] * 2
    people = pl.DataFrame({"reason": why, "gain": [0.01 * k for k in range(25)] + [None] * 23}).with_columns(
        pl.lit(None, pl.Float64()).alias(name) for name in UNITS if name != "gain"
    )
    found = holding.judged(people, folds)
    assert isinstance(found, HeldOut)
    assert found.unforeseen == {"usual": 10, "lent": 20}
    assert "of 10 to 19 people with the usual priors, of 20 to 29 people with lent" in tried_in_words(found)[0]
    table = holding.as_table(found)
    assert table.select("unforeseen_usual", "unforeseen_lent").row(0) == (10, 20)
    assert "held-out.parquet is not written: fewer than 26" in tried_in_words(found, 26)[-1]


def test_a_density_of_nought_is_put_down_to_the_priors_that_gave_it():
    sound = _Foretold(np.zeros(3), np.zeros(2), np.full(3, 0.5))
    broken = replace(sound, check_ins=np.array([0.0, -np.inf, 0.0]))
    for usual, lent_, arm in ((broken, sound, "usual"), (sound, broken, "lent"), (broken, broken, "both")):
        found = _compared(None, 0.0, usual, lent_)
        assert isinstance(found, CannotSay)
        assert found.reason == UNFORESEEN[arm]


def test_priors_that_say_the_usual_gain_nothing(timeline):
    """Where what is lent is the usual prior itself, or nothing, the scores differ by how far two searches settle."""
    for of in ({}, {kind: PooledPrior(50, *USUAL[kind], *USUAL[kind]) for kind in ("log_rate", "log_recovery_rate")}):
        found = scored(timeline, Pooled(50, 0, of), 1)
        assert not isinstance(found, CannotSay)
        assert found.gain == pytest.approx(0.0, abs=1e-5)
        assert found.acts_gain == pytest.approx(0.0, abs=1e-4)


def test_priors_far_from_the_person_foretell_worse_or_are_left(timeline):
    """Sure of a rating noise a third of this person's: the mixture keeps somebody so unlike near the usual prior."""
    middle, sd = USUAL["log_rating_noise"]
    of = {"log_rating_noise": PooledPrior(50, math.log(0.3), 0.1 * sd, middle, sd)}
    found = scored(timeline, Pooled(50, 0, of), 1)
    assert not isinstance(found, CannotSay)
    assert -0.05 < found.gain < 0.005


def test_the_first_part_knows_nothing_of_what_comes_after(timeline):
    data = strain_data(timeline)
    day = FIRST_SHARE * data.days
    early = before(data, day)
    then = cut(timeline, day)
    assert early.readings == len(then.ratings[timeline.anchor].times)
    acts = sum(int((one.times <= day).sum()) for one in timeline.of_events("relief"))
    assert len(early.problem.event_knot) == acts
    assert early.knots.max() <= day
    later = replace(
        data, problem=data.problem._replace(
            read_value=np.where(data.knots[data.problem.read_knot] > day, 99.0, data.problem.read_value)
        )
    )  # fmt: skip
    one, other = fit_data(early), fit_data(before(later, day))
    assert isinstance(one, StrainPosterior)
    assert isinstance(other, StrainPosterior)
    assert (one.mean == other.mean).all()


def test_a_record_too_short_is_not_scored():
    one = person(3, 18.0)
    found = scored(from_records(one.records, one.items, one.anchor, as_of=NOW), Pooled(50, 0, {}), 1)
    assert isinstance(found, CannotSay)


def lenders(count):
    """Made-up summaries of so many people."""
    names = ("log_recovery_rate", "mean_rating:tension")
    usual, sd = np.array([USUAL[name.split(":")[0]] for name in names]).T
    rng, wide = np.random.default_rng(2), np.diag([0.04, 0.04])
    means = usual + 0.3 * rng.standard_normal((count, 2))
    return {f"p{k}": Summary(names, mean, wide, usual, sd, 0.0, 90.0, 200, 9) for k, mean in enumerate(means)}


def test_nobody_lends_to_themselves():
    people = lenders(30)
    folds = folds_of(people)
    assert isinstance(folds, Folds)
    assert sorted(folds.fold) == sorted(people)
    for name in people:
        others = learn_priors(people[other] for other in sorted(people) if other != name)
        assert folds.priors[folds.fold[name]].of == others.of
    many = lenders(75)
    folds = folds_of(many)
    assert len(folds.priors) == 10
    for k, pooled in enumerate(folds.priors):
        assert pooled.of == learn_priors(many[name] for name in sorted(many) if folds.fold[name] != k).of


def test_of_very_many_two_hundred_are_held_out():
    folds = folds_of(lenders(230))
    assert isinstance(folds, Folds)
    assert len(folds.fold) == 200
    assert {folds.fold[name] for name in folds.fold} == set(range(10))
    assert folds == folds_of(dict(reversed(lenders(230).items())))


@pytest.mark.parametrize("count", [0, 3, 20])
def test_with_twenty_lenders_none_can_be_held_out(count):
    found = folds_of(lenders(count))
    assert isinstance(found, CannotSay)
    assert found.need >= 20


def test_the_interval_of_the_mean_holds_it_in_nine_of_ten():
    rng = np.random.default_rng(5)
    runs = 4000
    for draw in (rng.standard_normal, lambda n: rng.standard_t(3, n)):
        inside = sum(one.interval.low < 0.0 < one.interval.high for one in (mean_over(draw(25)) for _ in range(runs)))
        assert abs(inside / runs - 0.90) < 4.0 * math.sqrt(0.09 / runs)


def test_only_a_run_with_lenders_can_be_tried(hands, tmp_path):
    with pytest.raises(BadRequest, match="--pooled"):
        held_out("nowhere", tmp_path, ASKED, workers=hands)


def test_a_score_is_the_same_however_often_it_is_worked_out(timeline):
    fitted = fit(timeline)
    assert isinstance(fitted, StrainPosterior)
    pooled = learn_priors([summary_of(fitted)] * 25)
    assert scored(timeline, pooled, 7) == scored(timeline, pooled, 7)
