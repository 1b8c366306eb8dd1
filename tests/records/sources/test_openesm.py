"""openESM: scales from labels, the better end from constructs, prompts that nobody answered, clocks in three ways."""

import json
import shutil

import pytest

from checks.readers import damaged, outcome
from mainstay.errors import BadMapping, NaiveInstant, UnreadableSource
from mainstay.records.kinds import Event, Prompt, Receipt
from mainstay.records.reader import read
from mainstay.records.sources.openesm_plan import better_of, ends_of
from records.sources.openesm_copies import FISHER_NAMES, STAMPS, as_openesm, fisher_2017, fried_2021
from records.sources.samples import NOW, bodies, rows, values

FIVE = "1 = Not at all \n2 = Slightly\n5 = Extremely"


def feature(name, kind="rating_scale", **told):
    return {"name": name, "variable_type": kind, "assessment_type": "ESM"} | told


FEATURES = [
    feature("id", "categorical"),
    feature("scheduled", "PosixCt"),
    feature("response", "PosixCt"),
    feature("sad", labels=FIVE, construct="sadness, negative affect, affect", details="I felt sad"),
    feature("content", answer_categories="101", construct="positive affect"),
    feature("odd", answer_categories="7"),
    feature("quarrel", "binary", labels="0 = no\n1 = yes"),
    feature("steps", "numeric"),
    feature("note", "freetext"),
    feature("day", "other"),
    feature("beep", "other"),
    feature("gone", "numeric"),
]
ROWS = [
    "7\t2024-03-30 12:00:00\t2024-03-30 12:04:30 CET\t2\t55\t3\t1\t120\twords\t1\t1",
    "7\t2024-03-30 18:00:00\tNA\tNA\tNA\tNA\tNA\tNA\tNA\t1\t2",
    "7\t2024-03-31 12:00:00\t2024-03-31 12:10:00 CEST\t5\t101\tNA\t0\tNA\tNA\t2\t1",
    "8\t2024-03-30 12:00:00\t2024-03-30 12:01:00 CET\t1\t1\t1\t0\t5\tNA\t1\t1",
    "7\t2024-03-31 18:00:00\t2024-03-31 18:10:00 MSK\t5\t7\tNA\t0\tNA\tNA\t2\t2",
]


@pytest.fixture
def dataset(tmp_path):
    def write(lines=ROWS, header=None, **told):
        names = header or [one["name"] for one in FEATURES if one["name"] != "gone"]
        (tmp_path / "0099_nobody_ts.tsv").write_text("\n".join(["\t".join(names), *lines]) + "\n")
        metadata = {"first_author": "Nobody", "dataset_id": "0099", "n_beeps_per_day": "3"}
        metadata |= {"implicit_missingness": "no", "features": FEATURES} | told
        (tmp_path / "0099_nobody_metadata.json").write_text(json.dumps(metadata, indent=2))
        return tmp_path

    return write


def test_a_person_s_answers_prompts_and_what_is_left_out(dataset):
    batch, receipt = read(dataset(), zone="Europe/Amsterdam", person="7", now=NOW)
    assert {item.name: (item.low, item.high, item.better, item.ordinal) for item in batch.items} == {
        "sad": (1, 5, "low", True), "content": (0, 100, "high", False),
    }  # fmt: skip
    assert batch.items[0].label == "I felt sad"
    assert (batch.items[0].low_anchor, batch.items[0].high_anchor) == ("Not at all", "Extremely")
    assert batch.anchor == "sad"
    assert rows(receipt) == (4, 1, 0)
    assert receipt.kept == {"sad": 2, "content": 1, "odd": 1, "quarrel": 1, "steps": 1, "prompts": 3}
    assert [one.reason for one in receipt.refused] == [
        "content is 101, outside its scale 0 to 100",
        "its clock showed MSK, which Europe/Amsterdam did not then: give the zone where this person was",
    ]
    assert [(str(one.body.sent), str(one.body.answered)) for one in bodies(batch, Prompt)] == [
        ("2024-03-30T12:00:00+01:00", "2024-03-30T12:04:30+01:00"),
        ("2024-03-30T18:00:00+01:00", "None"),
        ("2024-03-31T12:00:00+02:00", "2024-03-31T12:10:00+02:00"),
    ]
    assert [str(one.happened) for one in bodies(batch, Event)] == ["2024-03-30T12:04:30+01:00"]
    notes = " ".join(receipt.notes)
    assert "1 row of other people" in notes
    assert "can't be told: odd" in notes
    assert "not kept: note" in notes
    assert "not in 0099_nobody_ts.tsv: gone" in notes
    assert "3 questionnaires of 2 days have no row" in notes


@pytest.mark.parametrize(
    ("cell", "happened"),
    [("2024-03-30", "2024-03-30T00:00:00+01:00"), ("2024-03-30T21:15:00Z", "2024-03-30T21:15:00+01:00")],
)
def test_a_date_is_a_whole_day_unless_a_clock_is_written_with_it(dataset, cell, happened):
    features = [feature("id"), feature("date", "Date"), feature("start_date", "Date"), FEATURES[3]]
    folder = dataset([f"7\t{cell}\t2024-01-01\t2"], [one["name"] for one in features], features=features)
    batch, _ = read(folder, zone="Europe/Amsterdam", now=NOW)
    assert str(getattr(batch.records[0].happened, "start", batch.records[0].happened)) == happened


def test_people_are_asked_for_and_so_is_the_zone(dataset):
    with pytest.raises(BadMapping, match="2 people: 7, 8"):
        read(dataset(), zone="Europe/Amsterdam", now=NOW)
    with pytest.raises(NaiveInstant, match="--zone"):
        read(dataset(), person="7", now=NOW)


def test_a_file_with_answered_rows_only_makes_no_prompts(dataset):
    batch, receipt = read(dataset([ROWS[0]]), zone="Europe/Amsterdam", now=NOW)
    assert bodies(batch, Prompt) == []
    assert any("no prompts" in note for note in receipt.notes)
    batch, _ = read(dataset(implicit_missingness="yes"), zone="Europe/Amsterdam", person="7", now=NOW)
    assert bodies(batch, Prompt) == []


def test_a_clock_with_a_z_is_the_person_s_clock_and_that_is_said(dataset):
    lines = [line.replace(" CET", "Z").replace("12:04:30", "12:04:30").replace(" 12:04", "T12:04") for line in ROWS[:2]]
    batch, receipt = read(dataset(lines), zone="America/New_York", now=NOW)
    assert str(bodies(batch, Prompt)[0].body.answered) == "2024-03-30T12:04:30-04:00"
    assert any("end in Z" in note and "hours 12 to 12" in note for note in receipt.notes)


def test_an_answer_before_its_question_is_refused_as_a_prompt_and_kept_as_an_answer(dataset):
    early = ROWS[0].replace("12:04:30", "11:04:30")
    batch, receipt = read(dataset([early, ROWS[1]]), zone="Europe/Amsterdam", now=NOW)
    assert len(bodies(batch, Prompt)) == 1
    assert receipt.kept["sad"] == 1
    assert "before it was sent" in receipt.refused[0].reason


def test_a_data_set_without_dates_says_what_to_do_next(dataset):
    undated = [one for one in FEATURES if one["variable_type"] != "PosixCt"]
    with pytest.raises(UnreadableSource, match=r"counts study days and tells no dates.*--guess"):
        read(dataset(features=undated), zone="UTC", now=NOW)


@pytest.mark.parametrize(
    ("told", "ends"),
    [
        ({"labels": "1 = not at all\n7 = very"}, (1, 7, ("not at all", "very"))),
        ({"labels": "1= not at all  \n7= very\n-1 = not applicable"}, (1, 7, ("not at all", "very"))),
        ({"labels": "-50 = Submissive\n50 = Dominant"}, (-50, 50, ("Submissive", "Dominant"))),
        ({"coding": "Today I was sociable\n\n1 (not at all) to 6 (extremely)"}, None),
        ({"coding": "I feel cheerful (1 - 7)"}, (1, 7, ("", ""))),
        ({"answer_categories": "101"}, (0, 100, ("", ""))),
        ({"answer_categories": "7"}, None),
        ({"labels": "1 = no\n7 = yes", "transformation": "within-person centered"}, None),
        ({"labels": "1 = no\n4 = yes", "transformation": "Sum score"}, None),
    ],
)
def test_the_ends_of_a_scale_come_from_labels_or_are_not_told(told, ends):
    assert ends_of(feature("x", **told)) == ends


@pytest.mark.parametrize(
    ("told", "better"),
    [
        ({"construct": "sadness, negative affect, affect"}, "low"),
        ({"construct": "relaxation, positive affect, affect, neuroticism"}, "high"),
        ({"construct": "Covid", "details": "I was worried about my health"}, "low"),
        ({"construct": "music, activity"}, None),
    ],
)
def test_the_better_end_comes_from_constructs_and_words_or_is_not_told(told, better):
    assert better_of(feature("x", **told)) == better


@pytest.mark.parametrize("content", ["{", "[]", '{"features": []}', '{"features": [{"name": 3}]}', '{"features": 1}'])
def test_metadata_that_are_none_are_refused(dataset, content):
    folder = dataset()
    mark = '"dataset_id" "n_beeps_per_day"'
    (folder / "0099_nobody_metadata.json").write_text(content + " " * 10 + mark)
    with pytest.raises(UnreadableSource, match="metadata"):
        read(folder, zone="UTC", person="7", source="openesm", now=NOW)
    (folder / "0099_nobody_metadata.json").write_text(content)
    with pytest.raises(UnreadableSource, match="lacks"):
        read(folder, zone="UTC", person="7", source="openesm", now=NOW)


def test_two_data_sets_in_one_folder_are_not_read_as_one(dataset):
    folder = dataset()
    for name in ("ts.tsv", "metadata.json"):
        shutil.copy(folder / f"0099_nobody_{name}", folder / f"0098_other_{name}")
    with pytest.raises(UnreadableSource, match="2 data sets"):
        read(folder, zone="UTC", person="7", now=NOW)


def answered(row, columns):
    return any(row[name] not in ("", "NA") for name in columns)


def test_fisher_2017_is_read_with_its_missed_prompts(tmp_path):
    own = fisher_2017(tmp_path)
    items = [name for name in own[0] if name not in ("id", *STAMPS, "lag", "tdif", "cumsumT")]
    for person in ("P004", "P025"):
        theirs = [row for row in own if row["id"] == person]
        batch, receipt = read(tmp_path, zone="America/Los_Angeles", person=person, now=NOW)
        assert receipt.rows_read == len(theirs)
        assert receipt.rows_refused == 0
        assert receipt.kept["prompts"] == len(theirs)
        replies = [one.body.answered for one in bodies(batch, Prompt)]
        assert sum(one is None for one in replies) == sum(not answered(row, items) for row in theirs) > 0
        for name in ("restless", "worried", "energetic", "tension"):
            assert receipt.kept[FISHER_NAMES.get(name, name)] == sum(row[name] not in ("", "NA") for row in theirs)
        assert len(values(batch, "hours")) == sum(row["hours"] not in ("", "NA") for row in theirs)
    assert sum(one.better == "high" for one in batch.items) >= 4


def test_fried_2021_is_read_with_expired_prompts_and_zones_in_letters(tmp_path):
    own = fried_2021(tmp_path)
    for person in ("User #25290", "User #25292"):
        theirs = [row for row in own if row["ID"] == person]
        batch, receipt = read(tmp_path, zone="Europe/Amsterdam", person=person, now=NOW)
        assert (receipt.rows_read, receipt.rows_refused) == (len(theirs), 0)
        assert receipt.kept["prompts"] == len(theirs)
        silent = [one for one in bodies(batch, Prompt) if one.body.answered is None]
        assert len(silent) == sum(row["Duration"] == "Expired" for row in theirs)
        assert receipt.kept["worry"] == sum(row["Q3"] not in ("", "NA") for row in theirs)
        assert receipt.kept["irritable"] == sum(row["Q2"] not in ("", "NA") for row in theirs)


def test_sets_without_dates_are_refused_with_the_next_step(tmp_path):
    for number, origin in (
        ("0010", "bringmann2013/bringmann2013_esm.csv"),
        ("0011", "bringmann2016/bringmann2016_esm.csv"),
        ("0064", "wright2017/wright2017_interactions.csv"),
    ):
        folder = tmp_path / number
        folder.mkdir()
        as_openesm(folder, number, origin, {"subj_id": "id", "dayno": "day", "beepno": "beep", "Date": "date_code"})
        with pytest.raises(UnreadableSource, match=r"counts study days|neither days nor times"):
            read(folder, zone="Europe/Amsterdam", person="10720", now=NOW)


def test_what_is_broken_ends_in_a_receipt_or_a_clear_error(dataset, tmp_path_factory):
    own = [row for row in ROWS if row.startswith("7")]
    said = {what: outcome("openesm", path) for what, path in damaged(dataset(own * 30), tmp_path_factory.mktemp("bad"))}
    assert any(isinstance(one, Receipt) for one in said.values())
    assert isinstance(said["empty 0"], str)
