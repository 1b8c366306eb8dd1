"""`mainstay roles`: declared and inferred hours, how far to trust them, what stays open, and where to declare."""

import json

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent
from mainstay.cli.roles import as_fields, role_lines
from mainstay.records.kinds import Batch
from mainstay.report.roles_words import NO_ROLE, inferred_hours, open_hours
from mainstay.timeline.inferring import infer_roles
from mainstay.worlds.ordinary import MONDAY, TENSION
from timeline.lives import ROLES, life


@pytest.fixture(scope="module")
def person():
    return life(1)


@pytest.fixture(scope="module")
def found(person):
    return infer_roles(person.timeline)


@pytest.fixture
def kept(case, person):
    now = MONDAY.plus_days(130)
    with Casebook.open(case, "four quiet words here") as casebook:
        batch = Batch("test", person.records, (TENSION,), TENSION.name)
        casebook.add(batch, now=now, consent=Consent(purposes=("own_answers",), given_at=now))
    return case


def test_it_says_hours_trust_what_is_open_and_where_to_declare(kept, mainstay):
    said = mainstay("roles", kept)
    assert said.code == 0, said.err
    for part in ("declared", "inferred", *ROLES, NO_ROLE, "Tested on", "Hour and weekday alone", "stay open",
                 "A declaration would help most here", "never facts", "place (seen in"):  # fmt: skip
        assert part in " ".join(said.out.split())


def test_json_holds_the_same_and_every_open_cell(kept, mainstay, found):
    held = json.loads(mainstay("roles", kept, "--json").out)
    assert held["status"] == "found"
    assert len(held["cells"]) == int(found.open_cells.sum())
    assert sum(held["cells"][0]["chance"]) == pytest.approx(1.0, abs=1e-3)
    assert held["tested"]["log_score"] > held["tested"]["clock_log_score"]
    assert held["would_help"][0]["open_hours"] >= held["would_help"][-1]["open_hours"]


def test_a_stricter_confidence_leaves_more_open(kept, mainstay):
    usual, strict = (
        json.loads(mainstay("roles", kept, "--json", "--confidence", c).out)["open_hours"] for c in (0.8, 0.97)
    )
    assert strict > usual
    assert mainstay("roles", kept, "--confidence", "1.5").code == 2
    assert "'pulse'" in mainstay("roles", kept, "--without", "pulse").err


def test_early_in_the_record_it_says_how_many_days_are_needed(kept, mainstay):
    said = mainstay("roles", kept, "--as-of", "2024-01-16")
    assert said.code == 0
    assert "There are 13 declared days; about 14 are needed." in " ".join(said.out.split())
    assert ROLES[0] in said.out


def test_inferred_hours_add_up_to_the_undeclared_ones(found):
    told = inferred_hours(found)
    assert sum(told.values()) == pytest.approx(float(found.hours[found.open_cells].sum()))


def test_open_hours_add_up_and_the_most_open_come_first(person, found):
    rows = open_hours(person.timeline, found)
    left = [row[2] for row in rows]
    assert left == sorted(left, reverse=True)
    undeclared = found.hours * ~found.declared
    assert sum(left) == pytest.approx(float(undeclared[found.decided < 0].sum()))


def test_only_where_it_was_never_stated_which_days_were_declared_does_it_warn(person, found):
    stated = life(1, stated=True)
    for one, inferred, warns in ((person, found, True), (stated, infer_roles(stated.timeline), False)):
        said = " ".join(role_lines("t", one.timeline, inferred, 90))
        assert ("never stated which days" in said) is warns
        assert inferred.stated == pytest.approx(0.0 if warns else 1.0, abs=0.02)


def test_without_any_role_it_says_so(person):
    from dataclasses import replace

    bare = replace(person.timeline, episodes={})
    said = " ".join(role_lines("t", bare, infer_roles(bare), 90))
    assert "No role was ever declared" in said
    assert as_fields(bare, infer_roles(bare))["declared_hours"] == {}


def test_lines_are_no_longer_than_asked_and_steer_no_terminal(person, found):
    lines = role_lines("a\x1b[31m", person.timeline, found, 90)
    assert max(len(line) for line in lines) <= 90
    assert "\x1b" not in "".join(lines)
    assert np.isfinite(found.chance).all()
