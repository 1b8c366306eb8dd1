"""Claims about what is noted by hand, whichever door it comes in by."""

from datetime import UTC, date, datetime

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.doors import noting, noting_concern, noting_now
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant
from mainstay.records import logged
from mainstay.records.statements_concern import ConcernFile, Observable

NOW = Instant.of(datetime(2026, 3, 1, 12, tzinfo=UTC))
WORRY = ConcernFile(
    name="fading", worry="She seems to fade", review=date(2026, 4, 1), let_go_if="two calm weeks",
    observable=tuple(Observable(what=one, if_so="so", if_not="not") for one in ("calls", "sleep")),
)  # fmt: skip


@pytest.fixture
def casebook(tmp_path):
    with Casebook.create(tmp_path / "a.mainstay", "four quiet words here", now=NOW, cost=KeySlotCost.least()) as found:
        yield found


def later(hours):
    return NOW.plus_days(hours / 24)


def test_what_was_said_anew_and_taken_back_is_gone_with_all_that_went_before(casebook):
    first = noting_concern.write(WORRY, noting.OnRecord((), (), NOW), now=NOW)
    noting.kept(casebook, first, NOW)
    known = noting.on_record(casebook, later(1))
    [worry] = noting_concern.open_worries(known)
    anew = noting_concern.write(WORRY, known, now=later(1), before=worry)
    noting.kept(casebook, anew, later(1))
    noting.kept(casebook, noting.taken_back(anew.records[0], now=later(2)), later(2))
    assert noting_concern.open_worries(noting.on_record(casebook, later(3))) == ()
    assert noting.on_record(casebook, later(3)).standing == ()


def test_a_taking_back_can_be_neither_taken_back_nor_put_right(casebook):
    event = noting.event("x", "other", NOW, now=NOW)
    noting.kept(casebook, event, NOW)
    back = noting.taken_back(event.records[0], now=later(1))
    noting.kept(casebook, back, later(1))
    records = noting.on_record(casebook, later(2)).records
    assert {one.id for one in records} == {event.records[0].id, back.records[0].id}
    with pytest.raises(BadRequest, match="taken back"):
        noting.to_correct(event.records[0].id, records)
    with pytest.raises(BadRecord, match="takes something back already"):
        logged.taken_back(back.records[0], now=later(2))


def test_each_thing_known_of_somebody_keeps_its_own_day():
    note = noting.contact(
        "Mira", [("family", later(-48)), ("knows of it", later(-24)), ("warm", later(-24))], NOW, now=NOW
    )
    assert [[a.name for a in one.body.attributes] for one in note.records] == [["family"], ["knows of it", "warm"]]
    assert [{a.known for a in one.body.attributes} for one in note.records] == [{later(-48)}, {later(-24)}]
    assert {one.known for one in note.records} == {NOW}


def test_a_role_under_way_is_no_record_until_it_is_over(casebook):
    noting_now.begin(casebook, "nurse", NOW)
    assert noting.on_record(casebook, NOW).records == ()
    with pytest.raises(BadRequest, match="under way"):
        noting_now.begin(casebook, "driver", later(1))
    found = noting_now.under_way(casebook)
    note = noting_now.over(noting.on_record(casebook, later(2)), found, later(2))
    assert (note.records[0].happened.start, note.records[0].happened.end) == (NOW, later(2))
    with pytest.raises(BadRequest, match="only just begun"):
        noting_now.over(noting.on_record(casebook, NOW), found, NOW)
    noting_now.forget(casebook, later(2))
    assert noting_now.under_way(casebook) is None
