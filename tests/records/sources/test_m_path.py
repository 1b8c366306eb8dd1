"""m-Path: local seconds posing as UTC, beeps as prompts, sliders as check-ins where words say which end is better."""

import csv
from collections import Counter

import pytest

from mainstay.errors import BadMapping
from mainstay.quantities import Instant
from mainstay.records.kinds import CheckIn, Event, Prompt
from mainstay.records.reader import read
from mainstay.records.sources.wording import better_end
from records.sources.samples import NOW, bodies, rows, sample, values

HEADER = (
    "connectionId;legacyCode;code;alias;initials;accountCode;scheduledBeepId;sentBeepId;reminderForOriginalSentBeepId;"
    "questionListName;questionListLabel;fromProtocolName;timeStampScheduled;timeStampSent;timeStampStart;timeStampStop;"
    "originalTimeStampSent;timeZoneOffset;deltaUTC;tense_sliderNegPos;place_multipleChoice_index;"
    "place_multipleChoice_string;place_multipleChoice_likert;own_open"
)
NINE = 1_714_554_000  # 2024-05-01 09:00, as the local clock showed it


def beep(number, *answers, start=NINE + 60, stop=NINE + 90, again="0", offset="7200", sent=NINE):
    times = f"0;{sent};{start};{stop};0" if start else f"0;{sent};;;0"
    ends = "".join(f";{answer}" for answer in answers)  # empty cells at the end are left out
    return f'11;x;"y z";a;b;c;5;{number};{again};day;;study;{times};{offset};0{ends}'


@pytest.fixture
def export(tmp_path):
    def write(*lines):
        (tmp_path / "study_basic.csv").write_text("\ufeff" + "\n".join((HEADER, *lines)) + "\n", encoding="utf-8")
        return tmp_path

    return write


def test_seconds_are_those_of_the_local_clock(export):
    batch, receipt = read(export(beep(1, "40", "1", '"""Home"""', "", '"""secret"""'), beep(2, start=None)), now=NOW)
    first, second = bodies(batch, Prompt)
    assert str(first.body.sent) == "2024-05-01T09:00:00+02:00"
    assert str(first.body.answered) == "2024-05-01T09:01:30+02:00"
    assert (first.body.items, second.body.answered) == (("tense",), None)
    assert first.known == first.body.answered  # who replays the morning at nine does not know it yet
    (answer,) = bodies(batch, CheckIn)
    assert (answer.body.value, str(answer.happened)) == (40.0, "2024-05-01T09:01:30+02:00")
    assert [(one.stream, one.body.label) for one in bodies(batch, Event)] == [("place", "Home")]
    assert [(item.name, item.low, item.high, item.better) for item in batch.items] == [("tense", 0, 100, "low")]
    assert rows(receipt) == (2, 0, 0)
    assert "secret" not in repr(batch.records)


def test_a_clock_that_moved_is_followed(export):
    batch, _ = read(export(beep(1), beep(2, offset="10800", sent=NINE + 3600, start=None)), now=NOW)
    assert len({record.body.sent.utc_us for record in bodies(batch, Prompt)}) == 1


def test_a_beep_answered_through_its_reminder_is_one_prompt(export):
    batch, receipt = read(export(beep(1, start=None), beep(2, "10", again="1")), now=NOW)
    (prompt,) = bodies(batch, Prompt)
    assert prompt.body.answered is not None
    assert rows(receipt) == (2, 0, 0)


def test_an_answer_outside_the_slider_and_an_absurd_clock_are_refused(export):
    _, receipt = read(export(beep(1, "140"), beep(2, "4", offset="999999"), beep(3, "x")), now=NOW)
    assert [one.row for one in receipt.refused] == [1, 2, 3]
    assert rows(receipt) == (3, 1, 0)  # of the first and third the prompt stands


def test_which_end_is_better_is_read_only_from_plain_words():
    assert better_end("<p>How <b>sad</b> do you feel right now?</p>") == "low"
    assert better_end("How happy do you feel?") == "high"
    assert better_end("I am relaxed, handle stress well") is None
    assert better_end("I am not happy") is None
    assert better_end("How was lunch?") is None


def test_the_published_study_names_its_people():
    with pytest.raises(BadMapping, match="20 people"):
        read(sample("importers/mpath"), now=NOW)


def test_the_published_study_gives_the_counts_of_its_file():
    path = sample("importers/mpath")
    with (path / "example_basic.csv").open(encoding="utf-8-sig", newline="") as stream:
        everyone = list(csv.DictReader(stream, delimiter=";"))
    total = 0
    for who, count in Counter(one["connectionId"] for one in everyone).items():
        theirs = [one for one in everyone if one["connectionId"] == who]
        batch, receipt = read(path, now=NOW, person=who)
        assert rows(receipt) == (count, 0, 0)
        assert len(bodies(batch, Prompt)) == sum(one["scheduledBeepId"] != "-1" for one in theirs)
        sad = [float(one["slider_sad_sliderNegPos"]) for one in theirs if one["slider_sad_sliderNegPos"]]
        mine = [record.body.value for record in bodies(batch, CheckIn) if record.body.item == "slider_sad"]
        assert sorted(mine) == sorted(sad)
        assert len(values(batch, "SWLS_1")) == 1
        total += len(bodies(batch, Prompt))
        sent = bodies(batch, Prompt)[0].body.sent
        first = next(one for one in theirs if one["scheduledBeepId"] != "-1")
        assert sent == Instant((int(first["timeStampSent"]) - int(first["timeZoneOffset"])) * 1_000_000)
    assert (total, len(everyone)) == (2201, 2221)
