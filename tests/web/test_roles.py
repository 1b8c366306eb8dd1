"""Claims about the roles: hours declared and inferred, settled by one click, and what was settled can be taken back."""

import re
from itertools import pairwise

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.records.kinds import Batch, Coverage, Episode
from mainstay.timeline.inferring import infer_roles
from mainstay.timeline.inferring_stretches import stretches
from mainstay.web.desk import OWN
from mainstay.worlds.ordinary import MONDAY, TENSION
from timeline.lives import ROLES, life

from .conftest import WORDS, opened

LATER = MONDAY.plus_days(130)


@pytest.fixture(scope="module")
def person():
    return life(1)


@pytest.fixture
def page(person, tmp_path):
    """A window on a life of which some days were never declared."""
    path = tmp_path / "life.mainstay"
    with Casebook.create(path, WORDS, now=MONDAY, cost=KeySlotCost.least()) as book:
        batch = Batch("test", person.records, (TENSION,), TENSION.name)
        book.add(batch, Consent(given_at=LATER), now=LATER)
    found = opened(path, lambda: LATER)
    yield found
    found.desk.close()


def settled(page, address="/record/roles"):
    """The page once the roles are worked out."""
    page.desk.made("roles", infer_roles, patience_s=60.0)
    return page.get(address).text


def first_stretch(shown):
    """From, to of the first stretch that can be settled."""
    return tuple(re.search(rf'name="{end}" value="([^"]+)"', shown).group(1) for end in ("from", "to"))


def by_hand(page, kind):
    with page.desk.casebook() as book:
        records = book.read(OWN, now=LATER).records
    return [one for one in records if one.source == "by hand" and isinstance(one.body, kind)]


def test_hours_declared_and_inferred_stand_side_by_side(page):
    shown = settled(page)
    for role in ROLES:
        assert role in shown
    assert "inferred</th>" in shown
    assert "Tested on" in shown
    assert "stands in no record" in shown


def test_one_click_settles_a_stretch_and_it_shows_as_noted_by_hand(page):
    begun, over = first_stretch(settled(page))
    answer = page.fill("/record/roles", **{"from": begun, "to": over, "role": ROLES[1]})
    assert "Noted: in the role" in answer.text
    (kept,) = by_hand(page, Episode)
    assert kept.body.label == ROLES[1]
    assert str(kept.happened.start) == begun
    assert "noted by hand" in settled(page, f"/record/roles?week={begun[:10]}")


def test_the_settled_hours_are_no_longer_inferred(page):
    begun, over = first_stretch(settled(page))
    page.fill("/record/roles", **{"from": begun, "to": over, "role": ROLES[0]})
    found = page.desk.made("roles", infer_roles, patience_s=60.0)
    (kept,) = by_hand(page, Episode)
    origin = page.desk.timeline().origin
    assert not stretches(found, kept.happened.start.days_since(origin), kept.happened.end.days_since(origin))


def test_no_role_settles_too(page):
    begun, over = first_stretch(settled(page))
    page.fill("/record/roles", **{"from": begun, "to": over, "role": ""})
    (kept,) = by_hand(page, Coverage)
    assert set(kept.body.labels) == set(ROLES)
    found = page.desk.made("roles", infer_roles, patience_s=60.0)
    origin = page.desk.timeline().origin
    assert not stretches(found, kept.happened.start.days_since(origin), kept.happened.end.days_since(origin))


def test_what_was_settled_can_be_taken_back(page):
    begun, over = first_stretch(settled(page))
    page.fill("/record/roles", **{"from": begun, "to": over, "role": ROLES[0]})
    (kept,) = by_hand(page, Episode)
    page.fill("/record/roles/back", id=kept.id)
    assert "noted by hand" not in settled(page, f"/record/roles?week={begun[:10]}")
    origin = page.desk.timeline().origin
    found = page.desk.made("roles", infer_roles, patience_s=60.0)
    assert stretches(found, kept.happened.start.days_since(origin), kept.happened.end.days_since(origin))


@pytest.mark.parametrize(
    ("begun", "over", "role"),
    [
        ("", "", "first role"),
        ("2024-05-02T09:00+00:00", "2024-05-02T08:00+00:00", "first role"),
        ("2024-05-02T09:00+00:00", "2024-05-12T08:00+00:00", "first role"),
        ("2024-05-02T09:00+00:00", "2024-05-02T10:00+00:00", "a role nobody has"),
        ("2034-05-02T09:00+00:00", "2034-05-02T10:00+00:00", "first role"),
    ],
)
def test_what_is_no_stretch_or_no_role_is_refused_and_nothing_is_kept(page, begun, over, role):
    answer = page.fill("/record/roles", **{"from": begun, "to": over, "role": role})
    assert answer.status_code == 400
    assert not by_hand(page, Episode)


def test_records_of_another_source_are_not_taken_back_here(page, person):
    theirs = next(one for one in person.records if isinstance(one.body, Episode) and one.body.is_ == "role")
    assert page.fill("/record/roles/back", id=theirs.id).status_code == 400


def test_a_look_changes_nothing(page):
    with page.desk.casebook() as book:
        before = len(book.read(OWN, now=LATER).records)
    settled(page)
    page.get("/record/roles?week=2024-02-01")
    with page.desk.casebook() as book:
        assert len(book.read(OWN, now=LATER).records) == before


def test_without_any_role_it_says_how_to_note_one(empty_page):
    found = empty_page.get("/record/roles")
    assert found.status_code == 200
    assert 'href="/write"' in found.text


def test_stretches_cover_the_inferred_hours_once(person):
    found = infer_roles(person.timeline)
    parts = stretches(found, 0.0, person.timeline.days)
    assert sum(one.end - one.start for one in parts) * 24 == pytest.approx(float(found.hours[found.open_cells].sum()))
    assert all(before.end <= after.start + 1e-9 for before, after in pairwise(parts))
    assert all(sum(one.chances) == pytest.approx(1.0, abs=1e-6) for one in parts)
