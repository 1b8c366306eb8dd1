"""Claims about what people lend each other: only those who agreed, only what they are like, nobody after leaving."""

import json
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from cohort.lenders import NOW, cohort
from mainstay.cli import run as command
from mainstay.cli.cohort_lending import in_words
from mainstay.cohort import asked as asking
from mainstay.cohort import lending
from mainstay.cohort.asked import Asked
from mainstay.cohort.lending import GROUP, LENT, PRIORS, Lent, as_row, from_row, lenders, lent, run_lent
from mainstay.cohort.lending_file import as_file, from_file, rounded
from mainstay.cohort.lending_told import told_apart
from mainstay.cohort.parts import Parts
from mainstay.cohort.rows import REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, run
from mainstay.cohort.running import PEOPLE as PEOPLES
from mainstay.cohort.source import ENDED, ParquetSource
from mainstay.cohort.workers import processes, threads
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain.many import Summary
from mainstay.strain.pooling import EFFECTS, Pooled, learn_priors
from mainstay.strain.population import FLOOR, PooledPrior, kind_of
from mainstay.strain.priors import PRIORS as USUAL

COUNT, DAYS = 24, 30.0
LEAVES, KEEPS_TO_SELF = "p003", "p010"
ASKED = Asked("strain", NOW)
LATER = NOW.plus_days(10)


@pytest.fixture
def hands():
    here = threads(1)
    yield here
    here.close()


@pytest.fixture(scope="session")
def people(tmp_path_factory):
    """Twenty-four people of a month; consent by table; one of them lends nothing, one leaves ten days later."""
    folder = cohort(tmp_path_factory.mktemp("lending") / "people", COUNT, days=DAYS, batch=5)
    about = (folder / "cohort.toml").read_text().split("[consent]")[0]
    (folder / "cohort.toml").write_text(about + '[consent]\nby = "table"\n')
    frame = pl.concat([pl.read_parquet(one) for one in sorted((folder / "records").iterdir())])
    streams = frame.select("person", "stream").unique(maintain_order=True)
    begun = NOW.plus_days(-300).as_utc
    tables = [
        streams.with_columns(
            purpose=pl.lit(purpose), until=pl.lit(None, pl.Datetime("us", "UTC")),
            **{"from": pl.lit(begun).cast(pl.Datetime("us", "UTC"))},
        )
        for purpose in ("cohort", "pooled_prior")
    ]  # fmt: skip
    kept = (pl.col("purpose") == "cohort") | (pl.col("person") != KEEPS_TO_SELF)
    over = (pl.col("purpose") == "pooled_prior") & (pl.col("person") == LEAVES)
    until = pl.when(over).then(pl.lit(LATER.plus_days(-1).as_utc)).otherwise("until")
    consent = pl.concat(tables).filter(kept).with_columns(until.cast(pl.Datetime("us", "UTC")).alias("until"))
    consent.select("person", "stream", "purpose", "from", "until").write_parquet(folder / "consent.parquet")
    return folder


@pytest.fixture(scope="session")
def done(people, tmp_path_factory):
    """A finished run in which they lend each other."""
    out, here = tmp_path_factory.mktemp("lent") / "out", threads(1)
    run_lent(str(people), out, ASKED, workers=here)
    here.close()
    return out


def pooled(people, out, hands, now=NOW, clock=None):
    return run_lent(str(people), out, replace(ASKED, now=now), workers=hands, clock=clock)


def held(people, out):
    kept = Parts(out / LENT, str(people), Asked("lending", NOW, NOW))
    return lenders(kept, ParquetSource(str(people)).parts())


def test_only_those_who_agreed_to_lend_do(people, done):
    assert set(held(people, done)) == {f"p{k:03d}" for k in range(COUNT)} - {KEEPS_TO_SELF}
    told = pl.read_parquet(done / PEOPLES)
    assert told["state"].to_list() == [TOLD] * COUNT


def test_what_is_lent_is_what_people_are_like_and_nothing_else(done):
    said = json.loads((done / GROUP / PRIORS).read_text())
    kinds = {kind_of(name) for name in said["of"]}
    assert {"log_recovery_rate", "log_rating_noise", "mean_rating"} <= kinds
    assert not kinds & (EFFECTS | {"drift", "fading", "growth", "habit", "restoring", "wander", "start"})
    assert said["people"] == 20, "in tens: of 23 people, twenty and some"
    assert all(set(one) == {"mean", "sd"} for one in said["of"].values())


def test_nobody_can_be_told_from_what_may_be_shared(done):
    for place in (done / GROUP).iterdir():
        assert b"p00" not in place.read_bytes()
        assert b"p01" not in place.read_bytes()


def test_everybody_is_told_with_what_the_others_lend(people, done, hands, tmp_path):
    run(str(people), tmp_path / "usual", ASKED, workers=hands)
    one, other = (pl.read_parquet(out / ANSWERS).drop_nulls("low") for out in (done, tmp_path / "usual"))
    both = one.join(other, on=["person", "row", "about", "quantity"])
    assert both.height > COUNT
    assert (both["estimate"] != both["estimate_right"]).mean() > 0.8
    width = ((both["high"] - both["low"]) / (both["high_right"] - both["low_right"])).to_numpy()
    assert np.log(width[width > 0.0]).mean() < 0.0


def test_the_second_time_says_the_same_and_works_nothing_out(people, done, hands, tmp_path, monkeypatch):
    out = shutil.copytree(done, tmp_path / "out")
    files = [out / ANSWERS, out / PEOPLES, out / GROUP / PRIORS]
    before = [one.read_bytes() for one in files]
    monkeypatch.setitem(asking.BESIDE, "lending", None)
    monkeypatch.setitem(asking.WHAT, "strain", None)
    pooled(people, out, hands)
    assert [one.read_bytes() for one in files] == before


def test_a_run_stopped_among_the_lenders_goes_on_to_the_same_priors(people, done, hands, tmp_path, monkeypatch):
    keep, count = Parts.keep, []

    def stopped(self, part, table):
        count.append(part)
        if len(count) > 2:
            raise KeyboardInterrupt
        keep(self, part, table)

    monkeypatch.setattr(Parts, "keep", stopped)
    with pytest.raises(KeyboardInterrupt):
        lent(str(people), tmp_path / "out", ASKED, workers=hands)
    monkeypatch.setattr(Parts, "keep", keep)
    assert not (tmp_path / "out" / GROUP / PRIORS).exists()
    asked = lent(str(people), tmp_path / "out", ASKED, workers=hands)
    assert (tmp_path / "out" / GROUP / PRIORS).read_bytes() == (done / GROUP / PRIORS).read_bytes()
    assert asked.as_of == NOW


def test_who_withdraws_is_in_neither_the_priors_nor_what_rests_on_them(people, done, hands, tmp_path):
    out = shutil.copytree(done, tmp_path / "out")
    before = json.loads((out / "asked.json").read_text())["priors"]
    others = {name: one for name, one in held(people, out).items() if name != LEAVES}
    pooled(people, out, hands, now=LATER)
    assert set(held(people, out)) == set(others)
    assert (out / GROUP / PRIORS).read_bytes() == as_file(
        rounded(told_apart(learn_priors(others.values()), others.values()))
    )
    after = json.loads((out / "asked.json").read_text())
    assert after["priors"] != before
    assert after["as_of"] == NOW.as_local.isoformat(), "still told as of the beginning"
    one, other = (pl.read_parquet(place / ANSWERS).drop_nulls("low") for place in (out, done))
    assert (one["estimate"] != other["estimate"]).any()
    kept = pl.concat([pl.read_ipc(part) for part in (out / LENT / "parts").iterdir()]).filter(person=LEAVES)
    assert kept.select("state", "reason", "rests_on").rows() == [(REFUSED, ENDED, None)]
    assert pl.read_parquet(out / PEOPLES).filter(person=LEAVES)["state"].item() == TOLD, "asked still, lending no more"


def test_who_withdraws_while_answers_are_worked_out_is_taken_out_of_them(people, done, hands, tmp_path):
    """The clock reaches the day they leave after the first pass: the same comes out as where they had left before."""
    out, left = shutil.copytree(done, tmp_path / "out"), shutil.copytree(done, tmp_path / "left")
    looks = []

    def clock():
        looks.append(1)
        return LATER if len(looks) > 1 else NOW

    asked, _ = pooled(people, out, hands, clock=clock)
    pooled(people, left, hands, now=LATER)
    assert asked.given.mark == json.loads((left / "asked.json").read_text())["priors"]
    assert (out / GROUP / PRIORS).read_bytes() == (left / GROUP / PRIORS).read_bytes()
    one, other = (pl.read_parquet(place / ANSWERS) for place in (out, left))
    assert one.equals(other)


def test_the_last_bit_of_what_is_learned_starts_nothing_over(people, done, hands, tmp_path, monkeypatch):
    """Sums differ in their last bits from machine to machine, and from run to run."""
    out = shutil.copytree(done, tmp_path / "out")
    files = [out / ANSWERS, out / PEOPLES, out / GROUP / PRIORS, out / "asked.json"]
    before = [one.read_bytes() for one in files]

    def nearly(fits):
        found = learn_priors(fits)
        return replace(found, of={name: replace(one, mean=one.mean * (1.0 + 3e-16)) for name, one in found.of.items()})

    monkeypatch.setattr(lending, "learn_priors", nearly)
    monkeypatch.setitem(asking.WHAT, "strain", None)
    pooled(people, out, hands)
    assert [one.read_bytes() for one in files] == before


def test_a_folder_in_which_nobody_lent_is_left_as_it_is(people, hands, tmp_path):
    here = cohort(tmp_path / "few", 2, days=20.0)
    run(str(here), tmp_path / "out", ASKED, workers=hands)
    before = sorted(tmp_path.joinpath("out").rglob("*"))
    with pytest.raises(BadRequest, match="nobody lent"):
        lent(str(here), tmp_path / "out", ASKED, workers=hands)
    assert sorted(tmp_path.joinpath("out").rglob("*")) == before


def test_priors_can_be_given_to_others(people, done, hands, tmp_path):
    asked = replace(ASKED, given=lending.from_a_file(done / GROUP / PRIORS))
    run(str(people), tmp_path / "out", asked, workers=hands)
    columns = ["person", "row", "about", "estimate", "low", "high"]
    one, other = (pl.read_parquet(place / ANSWERS).select(columns) for place in (tmp_path / "out", done))
    assert one.equals(other)
    with pytest.raises(BadRequest, match="another priors"):
        run(str(people), tmp_path / "out", ASKED, workers=hands)


def test_no_group_tables_are_made_of_answers_that_lean_on_each_other(people, done, tmp_path, capsys):
    """Their spread over people would come out too small; and no such tables are left from before."""
    line = ["cohort", str(people), "--what", "strain", "--workers", "1", "--out", str(tmp_path / "out")]
    assert command([*line, "--priors", str(done / GROUP / PRIORS)]) == 0
    assert "No group tables" in capsys.readouterr().out
    assert sorted(one.name for one in (tmp_path / "out" / GROUP).iterdir()) == ["model-card.md"]


def test_group_tables_of_before_are_not_left_beside_answers_that_lean_on_each_other(people, done, hands, tmp_path):
    out = shutil.copytree(done, tmp_path / "out")
    stale = [out / name for name in ("group/groups.parquet", "group/group.html", "shrunken.parquet")]
    for one in stale:
        one.write_bytes(b"of before")
    lent(str(people), out, ASKED, workers=hands)
    assert not any(one.exists() for one in stale)
    assert (out / ANSWERS).exists()


def test_of_fewer_lenders_than_the_smallest_cell_no_file_is_written(people, done, hands, tmp_path):
    out = shutil.copytree(done, tmp_path / "out")
    asked = lent(str(people), out, ASKED, workers=hands, smallest=24)
    assert not (out / GROUP / PRIORS).exists()
    assert "priors.json is not written: fewer than 24 people lend." in in_words(asked, None, 24)
    asked = lent(str(people), out, ASKED, workers=hands, smallest=23)
    assert json.loads((out / GROUP / PRIORS).read_text())["people"] == 23
    assert len(in_words(asked, None, 23)) == 1


def test_under_twenty_lenders_everybody_keeps_the_usual_priors_and_is_told_why(hands, tmp_path, capsys):
    folder = cohort(tmp_path / "few", 3, days=20.0)
    line = ["cohort", str(folder), "--what", "strain", "--workers", "1", "--out"]
    assert command([*line, str(tmp_path / "lent"), "--pooled", "--held-out"]) == 0
    said = capsys.readouterr().out
    assert "Nothing is lent: too few people to learn from how much people differ (3 of 20" in said
    assert "Whether lending helped can't be said" in said
    assert command([*line, str(tmp_path / "usual")]) == 0
    one, other = (pl.read_parquet(tmp_path / name / ANSWERS) for name in ("lent", "usual"))
    assert one.equals(other)
    assert not (tmp_path / "lent" / GROUP / PRIORS).exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--pooled"], "--what strain"), (["--what", "strain", "--held-out"], "goes with --pooled"),
        (["--what", "strain", "--pooled", "--priors", "x.json"], "choose one"),
        (["--what", "strain", "--priors", "nowhere.json"], "nowhere.json"),
        (["--what", "lending"], "answers of its own"),
        (["--what", "strain", "--pooled", "--by", "age"], "a run of its own"),
    ],
)  # fmt: skip
def test_misuse_is_one_sentence(people, tmp_path, capsys, more, said):
    assert command(["cohort", str(people), "--out", str(tmp_path / "out"), *more]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_a_summary_comes_back_to_the_last_bit():
    rng = np.random.default_rng(3)
    factor = rng.standard_normal((4, 4))
    one = Summary(("a", "b:c", "d", "e"), *rng.standard_normal((1, 4)), factor @ factor.T, *rng.random((2, 4)), -3.25,
                  91.0, 450, 51)  # fmt: skip
    table = pl.DataFrame([as_row(one)], schema=lending.types())
    again = from_row(table.row(0, named=True))
    for name in ("mean", "covariance", "prior_mean", "prior_sd"):
        assert (getattr(again, name) == getattr(one, name)).all()
    assert (again.names, again.log_evidence, again.days, again.readings, again.acts) == (
        one.names, one.log_evidence, one.days, one.readings, one.acts
    )  # fmt: skip


def test_priors_travel_to_workers_small():
    import pickle

    of = {f"log_rate:{k}": PooledPrior(50, -1.5, 0.5, *USUAL["log_rate"]) for k in range(40)}
    assert len(pickle.dumps(Asked("strain", NOW, given=Lent(Pooled(50, 0, of), "a mark")))) < 10_000


def having(*labels):
    names = ("mean_rating:tension", *(f"log_rate:{label}" for label in labels))
    usual, sd = np.array([USUAL[kind_of(name)] for name in names]).T
    return Summary(names, usual, np.diag(0.1 * sd**2), usual, sd, 0.0, 90.0, 200, 9)


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ([(30, "a"), (9, "b")], set()),  # the kind less a: nine people
        ([(30, "a"), (10, "b")], {"a"}),
        ([(30, "a")], {"a"}),
        ([(40, "ab"), (30, "a"), (30, "b"), (3, "c")], {"a"}),  # the kind less a or b: three
        ([(30, "a"), (30, "b"), (3, "c")], {"a"}),
        ([(30, "a"), (1, "ac")], set()),  # all have a; the rest of the kind is one person's
    ],
)
def test_no_few_people_are_left_between_a_kind_and_its_labels(people, told):
    everybody = [having(*labels) for count, labels in people for _ in range(count)]
    found = told_apart(learn_priors(everybody), everybody)
    assert {name for name in found.of if kind_of(name) == "log_rate"} == {"log_rate", *(f"log_rate:{k}" for k in told)}
    assert {"mean_rating", "mean_rating:tension"} <= set(found.of)


@pytest.mark.parametrize("sd", [0.1, 0.11, 0.2, 0.3721, 0.5, 0.99, 1.0, 3.3])
def test_what_is_handed_on_is_in_steps_of_about_a_hundredth_of_its_sd(sd, tmp_path):
    usual, usual_sd = USUAL["log_noise"]
    means = usual + np.linspace(-1.0, 1.0, 4001) * sd
    steps = {rounded(Pooled(40, 0, {"x": PooledPrior(40, m, sd, usual, usual_sd)})).of["x"].mean for m in means}
    apart = np.diff(sorted(steps))
    assert apart.min() >= 0.0099 * sd
    assert apart.max() <= 0.0251 * sd
    least = FLOOR * usual_sd * 1.0001
    place = tmp_path / "priors.json"
    place.write_bytes(as_file(rounded(Pooled(40, 0, {"log_noise": PooledPrior(40, usual, least, usual, usual_sd)}))))
    assert from_file(place).of["log_noise"].sd >= FLOOR * usual_sd * (1.0 - 1e-9)


GOOD = {"form": 1, "people": 40, "of": {"log_recovery_rate": {"mean": -0.4, "sd": 0.5}}}


def test_a_file_of_priors_is_read_as_it_was_written(tmp_path):
    means = {"log_rate": -1.0, "log_rate:a walk": -1.2, "rhythm:day cosine": 0.4, "pull:a walk": 1.0}
    of = {name: PooledPrior(41, mean, 0.3, *USUAL[kind_of(name)]) for name, mean in means.items()}
    place = tmp_path / "priors.json"
    place.write_bytes(as_file(Pooled(41, 2, of)))
    found = from_file(place)
    assert set(found.of) == set(of) - {"pull:a walk"}, "effects are not lent"
    assert found.of["log_rate:a walk"] == replace(of["log_rate:a walk"], people=40)
    assert as_file(found) == place.read_bytes()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"form": 2}, "form 1"), ({"of": []}, "form 1"), ({"of": {}}, "0 coordinates"), ({"people": 19}, "19 people"),
        ({"people": True}, "True people"), ({"people": 1e300}, "people"), ({"people": "40"}, "people"),
        ({"of": {"drift:walk": {"mean": 0, "sd": 0.5}}}, "drift:walk"),
        ({"of": {"pull": {"mean": 0, "sd": 0.5}}}, "pull"), ({"of": {"rhythm": {"mean": 0, "sd": 0.5}}}, "rhythm"),
        ({"of": {"log_noise": {"mean": 0.0}}}, "mean and sd"), ({"of": {"log_noise": 3}}, "mean and sd"),
        ({"of": {"log_noise": {"mean": 0.0, "sd": 0.0}}}, "sd 0"),
        ({"of": {"log_noise": {"mean": 0.0, "sd": -1.0}}}, "sd -1"),
        ({"of": {"log_noise": {"mean": 0.0, "sd": 0.9 * FLOOR}}}, "at the least"),
        ({"of": {"log_noise": {"mean": 0.0, "sd": 11.0}}}, "sd 11"),
        ({"of": {"log_noise": {"mean": 7.0, "sd": 1.0}}}, "far from anybody"),
        ({"of": {"log_noise": {"mean": 10**400, "sd": 1.0}}}, "finite"),
        ({"of": {"log_noise": {"mean": float("nan"), "sd": 1.0}}}, "finite"),
        ({"of": {"log_noise": {"mean": 0.0, "sd": float("inf")}}}, "finite"),
        ({"of": {"log_noise": {"mean": "0", "sd": 1.0}}}, "number"),
        ({"of": {"log_noise": {"mean": True, "sd": 1}}}, "number"),
        ({"of": {"log_rate:" + "x" * 200: {"mean": 0.0, "sd": 1.0}}}, "log_rate:x"),
        ({"of": {"log_rate:\x1b[2J": {"mean": 0.0, "sd": 1.0}}}, "nothing that people lend"),
        ({"of": {f"log_rate:{k}": {"mean": 0.0, "sd": 1.0} for k in range(2001)}}, "2,001 coordinates"),
    ],
)  # fmt: skip
def test_what_no_cohort_could_have_lent_is_refused(tmp_path, change, said):
    place = tmp_path / "priors.json"
    place.write_text(json.dumps(GOOD | change))
    with pytest.raises(BadRequest) as refused:
        from_file(place)
    assert said in str(refused.value)
    assert "\x1b" not in str(refused.value)


@pytest.mark.parametrize(
    "held", [b"", b"[]", b"null", b"\xff\xfe", b"{", b"[" * 100_000, b" " * 1_000_001, b'{"form": 1, "form": 1}']
)
def test_what_is_no_file_of_priors_is_refused(tmp_path, held):
    place = tmp_path / "priors.json"
    place.write_bytes(held)
    with pytest.raises(BadRequest, match=r"priors\.json"):
        from_file(place)


def test_lenders_are_drawn_by_lot_where_there_are_many(people, done, monkeypatch):
    everybody = held(people, done)
    monkeypatch.setattr(lending, "MOST_LENDERS", 21)
    some = held(people, done)
    assert len(some) == 21
    assert set(some) < set(everybody)
    assert set(held(people, done)) == set(some)


def test_no_priors_are_lent_but_for_strain(people, hands, tmp_path):
    with pytest.raises(BadRequest, match="takes none"):
        lent(str(people), tmp_path, Asked("notice", NOW), workers=hands)


@pytest.mark.long
def test_processes_learn_the_same_priors(people, done, tmp_path):
    here = processes(2)
    asked = lent(str(people), tmp_path / "out", ASKED, workers=here)
    here.close()
    assert isinstance(asked.given, Lent)
    assert not isinstance(asked.given.pooled, CannotSay)
    assert (tmp_path / "out" / GROUP / PRIORS).read_bytes() == (done / GROUP / PRIORS).read_bytes()


def test_somebody_at_whose_records_the_worker_died_lends_nothing_and_stops_nobody(people, done, tmp_path):
    part, *_ = ParquetSource(str(people)).parts()
    kept = Parts(tmp_path / LENT, str(people), Asked("lending", NOW, NOW))
    sound = (done / LENT / "parts" / kept.place(part).name).read_bytes()
    kept.keep(part, asking.together([sound, asking.took_down("p999")]))
    assert set(lenders(kept, [part])) == set(ParquetSource(str(people)).people(part))
    kept.keep(part, asking.took_down("p999"))
    assert lenders(kept, [part]) == {}
