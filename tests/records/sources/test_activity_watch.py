"""ActivityWatch: which app was in front, when somebody was there; no titles."""

import json

import pytest

from mainstay.errors import NaiveInstant
from mainstay.records.kinds import Episode
from mainstay.records.reader import read
from records.sources.samples import NOW, bodies, rows, sample


def event(at, seconds, **data):
    return {"id": 1, "timestamp": f"2024-07-10T{at}Z", "duration": seconds, "data": data}


WINDOWS = [
    event("08:30:00", 0.0, app="Editor", title="private words"),
    event("08:20:30", 90.0, app="Mail"),
    event("08:10:00.500000", 600.0, app="Mail"),
    event("08:00:00", 600.0, app="Editor", title="private words"),
]
PRESENCE = [event("08:20:00", 900.0, status="afk"), event("08:00:00", 1200.0, status="not-afk")]


@pytest.fixture
def export(tmp_path):
    def write(buckets, **before):
        path = tmp_path / "aw-buckets-export.json"
        path.write_text(json.dumps({**before, "buckets": buckets}))
        return path

    return write


def bucket(name, kind, events):
    return {"id": name, "type": kind, "client": name, "hostname": "h", "events": events}


BOTH = {
    "aw-watcher-window_h": bucket("aw-watcher-window_h", "currentwindow", WINDOWS),
    "aw-watcher-afk_h": bucket("aw-watcher-afk_h", "afkstatus", PRESENCE),
    "aw-watcher-web_h": bucket("aw-watcher-web_h", "web.tab.current", [event("08:00:00", 5, url="https://secret")]),
}


def test_stretches_of_one_app_become_one_episode(export):
    batch, receipt = read(export(BOTH), zone="Europe/Amsterdam", now=NOW)
    assert [(one.stream, one.body.label) for one in bodies(batch, Episode)] == [
        ("apps", "Editor"),
        ("apps", "Mail"),
        ("computer", "at the computer"),
    ]
    mail = bodies(batch, Episode)[1]
    assert str(mail.happened.start) == "2024-07-10T10:10:00+02:00"
    assert mail.happened.days * 86_400 == pytest.approx(719.5)
    assert rows(receipt) == (7, 0, 2)
    assert "private" not in repr(batch) and "secret" not in repr(batch)
    assert any("web" in note for note in receipt.notes)


def test_buckets_in_a_list_and_kinds_told_by_their_names(export):
    listed = read(export(list(BOTH.values())), zone="Europe/Amsterdam", now=NOW)[0]
    unnamed = {name: {"events": one["events"]} for name, one in BOTH.items()}
    named = read(export(unnamed, _note="x"), zone="Europe/Amsterdam", now=NOW)[0]
    assert {one.id for one in listed.records} == {one.id for one in named.records}


def test_bad_events_are_refused_one_by_one(export):
    odd = [7, event("08:00:00", "x", app="Mail"), event("25:00:00", 5, app="Mail"), event("08:00:00", 1e9, app="Mail")]
    odd += [{"duration": 5, "data": {"app": "Mail"}}, event("08:00:00", 60, app="Mail")]
    batch, receipt = read(export({"w": bucket("w", "currentwindow", odd)}), zone="UTC", now=NOW)
    assert (rows(receipt), len(batch.records)) == ((6, 5, 0), 1)


def test_it_asks_for_a_zone(export):
    with pytest.raises(NaiveInstant, match="--zone"):
        read(export(BOTH), now=NOW)


def test_the_sample_gives_the_counts_of_its_file():
    path = sample("importers/activitywatch/synthetic_sample_export.json")
    events = [one for each in json.loads(path.read_text())["buckets"].values() for one in each["events"]]
    batch, receipt = read(path, zone="UTC")
    assert rows(receipt) == (len(events), 0, sum(one["duration"] == 0 for one in events)) == (43, 0, 10)
    assert len(batch.records) == 31
