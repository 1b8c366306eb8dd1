"""Beiwe: what was handed in, what expired, and sliders that nobody moved."""

import csv

import pytest

from mainstay.errors import BadMapping, NaiveInstant
from mainstay.quantities import Instant
from mainstay.records.kinds import CheckIn, Event, Prompt
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, rows, sample, values

ANSWERS = "question id,question type,question text,question answer options,answer"
TIMINGS = "timestamp,UTC time,question id,survey id,question type,question text,question answer options,answer,event"
SLIDER = "q1,slider,How anxious are you?,min = 0; max = 10"
START = Instant.parse("2024-07-10T08:00:00Z").utc_us // 1000


@pytest.fixture
def study(tmp_path):
    def write(answers=(), timings=(), who="ab12cd34", time="2024-07-10 08_01_00+00_00", header=TIMINGS):
        for folder, name, head, lines in (
            ("survey_answers", time, ANSWERS, answers),
            ("survey_timings", "2024-07-10 08_00_00+00_00", header, timings),
        ):
            if lines:
                place = tmp_path / "data" / who / folder / "s1"
                place.mkdir(parents=True, exist_ok=True)
                (place / f"{name}.csv").write_text("\n".join((head, *lines)))
        return tmp_path / "data"

    return write


def touch(seconds, event, question=SLIDER, answer="", survey="s1"):
    first, rest = question.split(",", 1) if question else ("", ",,")
    return f"{START + seconds * 1000},x,{first},{survey},{rest},{answer},{event}"


def test_a_survey_that_was_handed_in(study):
    opened = [touch(30, "present"), touch(40, "changed", answer="7"), touch(60, "submitted", question="")]
    answers = [
        f"{SLIDER},7",
        "q2,checkbox,Where are you?,[home;work],[home; work]",
        "q3,radio_button,With whom?,[alone;others],NOT_PRESENTED",
        "q4,free_response,Say more,Text-field input type = SINGLE_LINE_TEXT,private words",
        "q5,free_response,Cups?,Text-field input type = NUMERIC,3",
        "q6,slider,How was it?,min = 0; max = 10,4",
    ]
    batch, receipt = read(study(answers, opened), zone="Europe/Amsterdam", now=NOW)
    (prompt,) = bodies(batch, Prompt)
    assert (str(prompt.body.sent), str(prompt.body.answered)) == (
        "2024-07-10T10:00:30+02:00",
        "2024-07-10T10:01:00+02:00",
    )
    assert prompt.body.items == ("How anxious are you?",)
    assert [(one.body.item, one.body.value) for one in bodies(batch, CheckIn)] == [("How anxious are you?", 7.0)]
    assert [(item.low, item.high, item.better) for item in batch.items] == [(0, 10, "low")]
    assert [one.body.label for one in bodies(batch, Event)] == ["home", "work"]
    assert (values(batch, "Cups?"), values(batch, "How was it? (0 to 10)")) == ([3.0], [4.0])
    assert rows(receipt) == (9, 0, 2)
    assert "private" not in repr(batch)


def test_a_slider_that_nobody_moved_is_no_answer(study):
    opened = [touch(30, "present"), touch(50, "unpresent"), touch(60, "submitted", question="")]
    batch, receipt = read(study([f"{SLIDER},0"], opened), zone="UTC", now=NOW)
    assert (bodies(batch, CheckIn), rows(receipt)) == ([], (4, 0, 1))
    assert bodies(batch, Prompt)[0].body.answered is not None


def test_expired_left_and_stored_at_expiry_are_unanswered(study):
    timings = [touch(60, "expired", question=""), touch(7200, "expired", question=""), touch(9000, "present")]
    batch, _ = read(study([f"{SLIDER},5"], timings), zone="UTC", now=NOW)
    assert [one.body.answered for one in bodies(batch, Prompt)] == [None, None, None]


def test_timings_of_android_name_their_events_elsewhere(study):
    header = TIMINGS.removesuffix(",event")
    lines = [
        f"{START},x,Survey first rendered and displayed to user,s1,,,,",
        f"{START + 5000},x,{SLIDER.split(',', maxsplit=1)[0]},s1,slider,How anxious are you?,min = 0; max = 10,4",
        f"{START + 60000},x,User hit submit,s1,,,,",
    ]
    batch, receipt = read(study([f"{SLIDER},4"], lines, header=header), zone="UTC", now=NOW)
    (prompt,) = bodies(batch, Prompt)
    assert prompt.body.answered.utc_us - prompt.body.sent.utc_us == 60_000_000
    assert (len(bodies(batch, CheckIn)), rows(receipt)) == (1, (4, 0, 0))


def test_bad_rows_are_refused(study):
    answers = [f"{SLIDER},x", f"{SLIDER},40", "q1,slider"]
    path = study(answers, ["x,x,q,s1,slider,t,o,,present", touch(0, "changed")])
    batch, receipt = read(path, zone="UTC", now=NOW)
    assert rows(receipt) == (5, 4, 0)
    assert bodies(batch, CheckIn) == []
    unnamed = read(study([f"{SLIDER},4"], time="answers"), zone="UTC", now=NOW)[1]
    assert "no time" in unnamed.refused[-1].reason


def test_it_asks_for_a_zone_and_for_the_person(study):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(study([f"{SLIDER},4"]), now=NOW)
    with pytest.raises(BadMapping, match="2 people"):
        read(study([f"{SLIDER},4"], who="zz99zz99"), zone="UTC", now=NOW)


@pytest.mark.parametrize("who", ["16au2moz", "idr8gqdh"])
def test_the_published_folders_give_the_counts_of_their_files(who):
    path = sample("importers/beiwe/sycamore/sample_dir")
    lines, touches, kept = 0, [], 0
    for file in sorted((path / who).rglob("*.csv")):
        with file.open(newline="") as stream:
            content = list(csv.DictReader(stream))
        lines += len(content)
        touches += [(one["event"], int(one["timestamp"])) for one in content if "event" in one]
        kept += sum(one["answer"].startswith("[") for one in content if "event" not in one)
    batch, receipt = read(path, zone="America/New_York", now=NOW, person=who)
    assert (receipt.rows_read, receipt.rows_refused) == (lines, 0)
    assert len(bodies(batch, Event)) == kept
    ends = [(event, at) for event, at in touches if event in ("submitted", "expired")]
    stored = [
        Instant.parse(file.stem.replace("_", ":")).utc_us // 1000
        for file in (path / who).rglob("survey_answers/*/*.csv")
    ]
    alone = [at for at in stored if all(abs(at - end) > 5000 for _, end in ends)]
    prompts = bodies(batch, Prompt)
    left = len(prompts) - len(ends) - len(alone)
    assert left in (0, 1)
    assert sum(one.body.answered is not None for one in prompts) == len(alone) + sum(e == "submitted" for e, _ in ends)
