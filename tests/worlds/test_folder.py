"""A world is written as a folder that reads back as the same person."""

from collections import Counter

import numpy as np
import pytest

from mainstay import worlds
from mainstay.errors import AlreadyThere
from mainstay.quantities import Instant
from mainstay.records.kinds import Contact, Coverage, Prompt, Reaction
from mainstay.records.mapping import read_mapping
from mainstay.records.reader import read
from mainstay.timeline.reader import from_records

LATER = Instant.parse("2025-10-01T00:00+00:00")
FOLDERS = [("two_roles", ""), ("twins", "denser_recording"), ("nulls", "no_link"), ("riddles", "vague_overwork")]


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda one: "/".join(filter(None, one)))
def written(request, tmp_path_factory):
    name, folder = request.param
    world = worlds.simulate(name, 1)[folder]
    place = tmp_path_factory.mktemp(name)
    worlds.write(world, place)
    batch, receipt = read(place, now=LATER)
    return world, place, batch, receipt


def test_every_row_is_kept(written):
    _, _, _, receipt = written
    assert receipt.rows_refused == receipt.rows_empty == 0
    assert receipt.refused == ()


def test_the_folder_reads_back_with_the_same_counts(written):
    world, _, batch, _ = written
    count = [
        Counter(record.stream for record in records if not isinstance(record.body, Coverage))
        for records in (world.records, batch.records)
    ]
    assert count[0] == count[1]
    assert batch.items == world.items
    assert batch.anchor == world.anchor


def test_the_folder_reads_back_as_the_same_timeline(written):
    world, _, batch, _ = written
    direct = from_records(world.records, world.items, world.anchor, as_of=LATER)
    read_back = from_records(batch.records, batch.items, batch.anchor, as_of=LATER)
    assert (direct.origin, direct.days, direct.anchor) == (read_back.origin, read_back.days, read_back.anchor)
    assert list(direct.ratings) == list(read_back.ratings)
    for name, ratings in direct.ratings.items():
        np.testing.assert_array_equal(ratings.times, read_back.ratings[name].times)
        np.testing.assert_array_equal(ratings.values, read_back.ratings[name].values)
    assert list(direct.events) == list(read_back.events)
    for label, events in direct.events.items():
        np.testing.assert_array_equal(events.times, read_back.events[label].times)
        np.testing.assert_array_equal(events.sizes, read_back.events[label].sizes)
        assert events.is_ == read_back.events[label].is_
    for label, episodes in direct.episodes.items():
        other = read_back.episodes[label]
        np.testing.assert_array_equal(episodes.starts, other.starts)
        np.testing.assert_array_equal(episodes.ends, other.ends)
        assert (episodes.is_, episodes.is_self) == (other.is_, other.is_self)
    hours = np.arange(0.01, direct.days, 0.2)
    np.testing.assert_array_equal(direct.recording[""].at(hours), read_back.recording[""].at(hours))
    np.testing.assert_array_equal(direct.prompts_sent, read_back.prompts_sent)
    np.testing.assert_array_equal(direct.prompts_answered, read_back.prompts_answered)


def test_contacts_reactions_and_prompts_read_back_word_for_word(written):
    world, _, batch, _ = written
    for kind in (Contact, Reaction, Prompt):
        before, after = (
            sorted(
                str((record.happened, record.known, record.body)) for record in records if isinstance(record.body, kind)
            )
            for records in (world.records, batch.records)
        )
        assert before == after


def test_the_truth_says_first_that_it_is_simulated(written):
    _, place, _, _ = written
    assert (place / "TRUTH.md").read_text(encoding="utf-8").startswith("# Simulated; numbers invented\n")
    assert (place / "mainstay.toml").read_text(encoding="utf-8").startswith("# Simulated; numbers invented.")


def test_writing_again_replaces_what_a_simulation_wrote(written):
    world, place, batch, _ = written
    worlds.write(world, place)
    assert read(place, now=LATER)[0].records == batch.records


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "diary.csv").write_text("mine", encoding="utf-8")
    with pytest.raises(AlreadyThere, match="no simulation wrote"):
        worlds.write(worlds.simulate("two_roles", 1)[""], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["diary.csv"]


def test_the_mapping_lists_each_file_that_is_there(written):
    _, place, _, _ = written
    listed = {one.path for one in read_mapping(place / "mainstay.toml").file}
    assert listed == {path.name for path in place.glob("*.csv")}
