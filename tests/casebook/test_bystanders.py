"""People in the records: under pseudonyms, their names for their owner alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mainstay.casebook import Consent
from mainstay.casebook.bystanders import pseudonym, without
from mainstay.casebook.sharing import SharedView
from mainstay.errors import BadRequest, NotACasebook
from mainstay.quantities import Instant
from mainstay.records.kinds import Attribute, Batch, Contact, Event, Record

BOTH = ("own_answers", "supporter_view")


def batch(*bodies, stream="people", start=0):
    at = Instant(0)
    return Batch("s", tuple(Record(f"{stream} {start + k}", stream, at, at, "s", b) for k, b in enumerate(bodies)))


@pytest.fixture
def met(new_casebook, now):
    """A casebook in which Ben was met twice, once under a spelling of his own, and Ada once; and what was added."""
    casebook, added = new_casebook(), batch(
        Event("visit", "relief", None, ("Ben", "Ada")),
        Event("call", "relief", None, (" BEN ",)),
        Contact("Ben", (Attribute("family", Instant(0)),)),
    )  # fmt: skip
    casebook.add(added, Consent(purposes=BOTH, given_at=now), now=now)
    return casebook, added


def people(casebook, purpose, now):
    bodies = [record.body for record in casebook.read(purpose, now=now).records]
    return [body.contacts if isinstance(body, Event) else (body.pseudonym,) for body in bodies]


def test_only_own_answers_get_names(met, now):
    casebook, _ = met
    assert people(casebook, "own_answers", now) == [("Ben", "Ada"), ("Ben",), ("Ben",)]
    (ben, ada), *others = people(casebook, "supporter_view", now)
    assert others == [(ben,), (ben,)]
    assert all(re.fullmatch(r"person-[a-z2-7]{8}", one) for one in (ben, ada))
    assert ben != ada


def test_no_name_stands_in_any_table(met):
    casebook, _ = met
    tables = [name for (name,) in casebook._connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
    everything = repr([casebook._connection.execute(f"SELECT * FROM {name}").fetchall() for name in tables])
    assert "Ben" not in everything
    assert "Ada" not in everything


def test_the_same_file_again_is_known_and_does_not_differ(met, now):
    casebook, added = met
    told = casebook.add(added, Consent(purposes=BOTH, given_at=now), now=now)
    assert (told.new, told.already, told.different) == ({}, {"people": 3}, {})
    changed = batch(Event("visit", "relief", None, ("Ben", "Cleo")))
    assert casebook.add(changed, Consent(purposes=BOTH, given_at=now), now=now).different == {"people": 1}
    assert {one.name for one in casebook.bystanders(now=now)} == {"Ben", "Ada"}


def test_what_was_read_under_pseudonyms_stays_under_them(met, new_casebook, now):
    casebook, _ = met
    bodies = [record.body for record in casebook.read("supporter_view", now=now).records]
    other = new_casebook("other.mainstay")
    other.add(batch(*bodies), Consent(purposes=BOTH, given_at=now), now=now)
    assert people(other, "own_answers", now) == people(casebook, "supporter_view", now)
    assert other.bystanders(now=now) == ()
    casebook.add(batch(*bodies, stream="again"), Consent(purposes=BOTH, given_at=now), now=now)
    assert people(casebook, "own_answers", now)[3:] == people(casebook, "own_answers", now)[:3]


def test_the_people_are_listed_with_where_they_occur(met, now):
    casebook, _ = met
    casebook.add(batch(Event("call", "relief", None, ("Ada",)), stream="calls"), Consent(given_at=now), now=now)
    assert [(one.name, one.streams) for one in casebook.bystanders(now=now)] == [
        ("Ada", ("calls", "people")),
        ("Ben", ("people",)),
    ]


def test_a_forgotten_name_is_gone_and_does_not_come_back(met, now):
    casebook, added = met
    casebook.keep_answers("story", 1, b"Ben helped", ["people"], now=now)
    called = casebook.forget_bystander("ben", now=now)
    assert people(casebook, "own_answers", now)[0] == (called, "Ada")
    assert casebook.kept_answers("story", purpose="own_answers", now=now) == ()
    assert casebook.sweep() == ""
    casebook.add(added, Consent(given_at=now), now=now)
    casebook.add(batch(Event("call", "relief", None, ("Ben",)), start=9), Consent(given_at=now), now=now)
    assert [(one.name, one.pseudonym) for one in casebook.bystanders(now=now) if one.name != "Ada"] == [(None, called)]
    with pytest.raises(BadRequest, match="nobody"):
        casebook.forget_bystander("Ben", now=now)


def test_somebody_can_be_forgotten_by_pseudonym(met, now):
    casebook, _ = met
    (ada, ben) = casebook.bystanders(now=now)
    assert casebook.forget_bystander(ben.pseudonym, now=now) == ben.pseudonym
    assert [one.name for one in casebook.bystanders(now=now)] == ["Ada", None]
    assert ada.name == "Ada"


def test_erasing_a_stream_drops_the_names_that_no_other_uses(met, now):
    casebook, _ = met
    casebook.add(batch(Event("call", "relief", None, ("Ada",)), stream="calls"), Consent(given_at=now), now=now)
    assert casebook.would_go(["people"]).people == 1
    casebook.erase(["people"], now=now)
    assert [one.name for one in casebook.bystanders(now=now)] == ["Ada"]


def test_names_are_not_told_where_none_of_their_streams_may_be_read(met, now):
    casebook, _ = met
    casebook.add(batch(Event("call", "relief", None, ("Ada",)), stream="calls"), Consent(given_at=now), now=now)
    casebook.withdraw(["people"], now=now)
    found = {one.name: (one.streams, one.forgotten) for one in casebook.bystanders(now=now)}
    assert found == {"Ada": (("calls", "people"), False), None: (("people",), False)}
    casebook.withdraw(["calls"], now=now)
    assert {one.name for one in casebook.bystanders(now=now)} == {None}


def test_the_reading_of_names_stands_on_the_audit(met, now):
    casebook, _ = met
    casebook.bystanders(now=now)
    (entry,) = casebook.audit_log(1)
    assert (entry.action, entry.purpose, entry.count) == ("read people", "own_answers", 2)
    assert "Ben" not in repr(casebook.audit_log())


def test_names_of_people_are_put_as_somebody():
    people = {"Jan", "Jan de Vries", "M."}
    said = without("After a quarrel with jan  de vries or Jan, not January or M., it eased", people)
    assert said == "After a quarrel with somebody or somebody, not January or somebody, it eased"
    assert without("Zoe\u0308 left", {"Zo\u00eb"}) == without("Zo\u00eb left", {"Zoe\u0308"}) == "somebody left"
    assert without("person-abcdefgh, person-to-person", set()) == "somebody, person-to-person"


def test_people_and_supporters_are_nowhere_in_what_is_made_nameless(met, now):
    casebook, _ = met
    view = SharedView("Cleo", now, now.plus_days(1), now, now, (), ())
    casebook.note_share("ab" * 16, view, (), now=now)
    assert casebook.nameless(["a call with Ben", "from Cleo"]) == ("a call with somebody", "from somebody")


def test_a_damaged_name_is_told(met, now):
    casebook, _ = met
    casebook._connection.execute("UPDATE bystander SET sealed_name = zeroblob(40)")
    with pytest.raises(NotACasebook, match="damaged"):
        casebook.read("own_answers", now=now)
    assert people(casebook, "supporter_view", now)


@given(st.text(min_size=1, max_size=20))
def test_case_and_spaces_make_no_other_person(name):
    one = pseudonym(bytes(32), name)
    assert pseudonym(bytes(32), f"  {name} ") == one
    assert pseudonym(bytes(31) + b"x", name) != one
    assert re.fullmatch(r"person-[a-z2-7]{8}", one)
