"""Claims about the model card: it is of this run, of no single person, and quotes no figure that isn't in its page."""

import json
import re
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cohort.conftest import NOW
from mainstay.cli import run as command
from mainstay.cohort.asked import WHAT, Asked
from mainstay.cohort.held_out import HeldOut, Mean
from mainstay.cohort.lending import GROUP, Lent
from mainstay.cohort.model_card import CARD, SHARED, Run, card, people_in_words, write_card
from mainstay.cohort.model_card_text import ASKED, KNOWN, MODELS, PAGE
from mainstay.cohort.parts import PARTS
from mainstay.cohort.rows import FAILED, REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, PEOPLE, run
from mainstay.cohort.workers import threads
from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay, Interval
from mainstay.strain.pooling import Pooled
from mainstay.strain.population import PooledPrior
from mainstay.strain.priors import PRIORS

HEADINGS = (
    "Model details", "Intended use", "Factors", "Data", "Metrics", "Quantitative analyses", "Ethical considerations",
    "Caveats and recommendations", "Files",
)  # fmt: skip
LEFT, NEVER = "left the study by hand", "walked in from the street"


def table(*states):
    """What became of people: (state, reason, how many) each."""
    rows = [(state, reason) for state, reason, count in states for _ in range(count)]
    return pl.DataFrame(
        {
            "person": [f"p{k:03d}" for k in range(len(rows))],
            "state": [state for state, _ in rows],
            "reason": [reason for _, reason in rows],
            "records": [100 + k if state == TOLD else None for k, (state, _) in enumerate(rows)],
            "days": [30.0 + k if state == TOLD else None for k, (state, _) in enumerate(rows)],
        }
    )


@pytest.fixture
def finished(data_set, tmp_path):
    """A run's folder as it is when the run is done, with made-up tables: call it with what became of people."""

    def made(people, what="strain", streams=None, failing=0, **more):
        out = tmp_path / "out"
        (out / PARTS).mkdir(parents=True, exist_ok=True)
        (out / GROUP).mkdir(exist_ok=True)
        (out / "asked.json").write_text(json.dumps({"as_of": NOW.as_local.isoformat()}))
        people.write_parquet(out / PEOPLE)
        told = people.filter(pl.col("state") == TOLD)["person"].to_list()
        pl.DataFrame(
            {
                "person": told, "status": ["found"] * len(told),
                "failed_check": ["clock" if k < failing else None for k in range(len(told))],
            },
            schema={"person": pl.String(), "status": pl.String(), "failed_check": pl.String()},
        ).write_parquet(out / ANSWERS)  # fmt: skip
        rests_on = [json.dumps(one) for one in streams or [["diary"]] * people.height]
        pl.DataFrame({"rests_on": rests_on}).write_ipc(out / PARTS / "a.arrow")
        return Run(str(data_set), out, Asked(what, NOW), **more)

    return made


def section(text, name):
    return text.split(f"\n## {name}\n")[1].split("\n## ")[0]


@pytest.mark.parametrize("what", list(WHAT))
def test_a_card_has_the_headings_of_its_kind_and_says_what_it_must_not_be_used_for(finished, what):
    text = card(finished(table((TOLD, "", 40)), what))
    assert tuple(re.findall(r"^## (.*)$", text, re.MULTILINE)) == HEADINGS
    assert text.startswith(f"# Model card: {ASKED[what]}")
    assert MODELS[what][0] in text
    uses = section(text, "Intended use")
    for one in ("Watching somebody", "Diagnosis or crisis", "Not for employers"):
        assert one in uses
    assert "None" not in text
    assert "nan" not in text


def test_every_figure_that_is_known_stands_in_its_page():
    page = re.sub(r"\s+", " ", (Path(__file__).parents[2] / PAGE).read_text())
    for sentences in KNOWN.values():
        for sentence, given in sentences:
            assert given or not re.search(r"\d", sentence), "a figure without its page"
            for one in given:
                assert one in page, one


@pytest.mark.parametrize(
    "states",
    [
        ((TOLD, "", 37), (REFUSED, LEFT, 3)), ((TOLD, "", 40), (REFUSED, LEFT, 12), (REFUSED, NEVER, 2)),
        ((TOLD, "", 4), (FAILED, LEFT, 40)), ((TOLD, "", 95), (FAILED, NEVER, 1), (REFUSED, LEFT, 19)),
    ],
)  # fmt: skip
def test_no_count_of_people_is_told_nor_can_be_had_by_subtraction(finished, states):
    people = table(*states)
    text = section(card(finished(people)), "Data")
    for count in (people.height, *(count for _, _, count in states)):
        assert not re.search(rf"(?<!than )(?<!to )\b{count} (people|person)", text)
    for low, high in re.findall(r"(\d+) to (\d+) people", text):
        assert int(low) % 10 == 0
        assert int(high) - int(low) == 9
    for state, reason, count in states:
        if reason:
            assert (reason in text) == (count >= 10), "a reason of fewer people isn't even named"
        assert people_in_words(count, 10) in text, state


def test_records_and_days_are_averages_over_ten_people_at_least(finished):
    wide = table((TOLD, "", 30)).with_columns(records=pl.Series([10] * 10 + [100] * 10 + [1000] * 10))
    assert "of the third with the least, the next and the last: 10, 100, 1,000." in card(finished(wide))
    one_far = table((TOLD, "", 25)).with_columns(records=pl.Series([100] * 24 + [1300]))
    assert "1,300" not in card(finished(one_far))
    assert "of the half with the least and that with the most: 100, 200." in card(finished(one_far))
    assert "Records of a person, on average: 110." in card(finished(table((TOLD, "", 15))))
    assert "Records of a person, can't be told of so few." in card(finished(table((TOLD, "", 9))))


def test_a_stream_of_few_people_is_not_even_named(finished):
    streams = [["diary", "watch"]] * 12 + [["diary", "cry for help"]] * 3 + [["diary"]] * 5
    text = section(card(finished(table((TOLD, "", 20)), streams=streams)), "Data")
    assert "diary (20 to 29 people), watch (10 to 19 people); and others, of fewer people." in text
    assert "cry for help" not in text


@pytest.mark.parametrize(
    ("failing", "said"),
    [(0, "in fewer than 10 people"), (9, "in fewer than 10 people"), (20, "in about 50 % of the people told"),
     (35, "in all but fewer than 10 people")],
)  # fmt: skip
def test_how_many_fits_fail_their_checks_is_told_of_many_only(finished, failing, said):
    text = card(finished(table((TOLD, "", 40)), failing=failing))
    assert f"speaks against at least one answer {said}." in text


@pytest.mark.parametrize("told", [0, 1, 9])
def test_of_fewer_than_ten_told_not_even_a_share_is(finished, told):
    text = section(card(finished(table((TOLD, "", told), (REFUSED, LEFT, 40)))), "Quantitative analyses")
    assert "Of fewer than 10 people told nothing more can be said." in text
    assert "%" not in text
    assert "speaks against" not in text


def test_what_people_lent_and_whether_it_helped_are_told(finished):
    of = {"log_noise": PooledPrior(34, -1.0, 0.5, *PRIORS["log_noise"])}
    run = finished(table((TOLD, "", 40)))
    run = replace(run, asked=replace(run.asked, given=Lent(Pooled(34, 0, of), "pooled from those who lend, abc")))
    means = {"gain": Mean(0.0123, Interval(0.004, 0.02), 34), "inside_lent": Mean(0.9, Interval(0.88, 0.92), 34)}
    text = card(replace(run, tried=HeldOut(means, 33, 0, 0, {"usual": 0, "lent": 0})))
    assert "Priors: pooled from those who lend (30 to 39 people), for log noise." in text
    assert "| log density of a check-in, lent less usual | +0.012 | +0.004 to +0.020 |" in text
    assert "better than the usual ones" in text
    assert "34" not in section(text, "Quantitative analyses")
    assert KNOWN["pooled"][0][0] in text
    none = CannotSay("too few people", have=3, need=20, unit="people")
    text = card(
        replace(run, tried=none, asked=replace(run.asked, given=Lent(none, "pooled from those who lend, nobody")))
    )
    assert "fewer than twenty people lend" in text
    assert "Whether lending helped can't be said: too few people." in text
    assert KNOWN["pooled"][0][0] not in text


def test_files_about_single_people_are_told_from_those_that_may_be_shared(finished):
    run = finished(table((TOLD, "", 40)))
    (run.out / GROUP / "priors.json").write_text("{}")
    (run.out / "held_out.parquet").write_bytes(b"")
    shared, apart = section(card(run), "Files").split("About single people")
    assert set(re.findall(r"`group/(.*?)`", shared)) == {CARD, "priors.json"} <= set(SHARED)
    assert re.findall(r"`(.*?)`", apart) == ["answers.parquet", "held_out.parquet", "people.parquet", "parts/"]


def test_every_run_of_the_command_ends_with_its_card(data_set, tmp_path, capsys):
    assert command(["cohort", str(data_set), "--out", str(tmp_path / "out"), "--workers", "1"]) == 0
    assert f"must not be used for: {tmp_path / 'out' / GROUP / CARD}" in capsys.readouterr().out
    text = (tmp_path / "out" / GROUP / CARD).read_text()
    assert "Consent by the study: simulated; nobody is real; for the purposes: cohort." in text
    assert "Asked: fewer than 10 people; told: fewer than 10 people" in text
    assert not re.search(r"\bp\d\b", text), "nobody's name"
    assert str(tmp_path) not in text, "no path of this machine"


def test_a_folder_without_a_finished_run_has_no_card(data_set, tmp_path):
    with pytest.raises(BadRequest, match="no finished run"):
        write_card(Run(str(data_set), tmp_path, Asked("recovery", NOW)))


def test_written_again_it_says_the_same(data_set, tmp_path):
    here = threads(1)
    run(str(data_set), tmp_path / "out", Asked("recovery", NOW), workers=here)
    here.close()
    one = Run(str(data_set), tmp_path / "out", Asked("recovery", NOW))
    first = write_card(one).read_text()
    assert write_card(one).read_text() == first
