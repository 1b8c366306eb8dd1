"""What refuges share: the company is the unit, a fit by chance is told as one, and ties are named."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from mainstay import strain
from mainstay.patterns import shared_evidence
from mainstay.patterns.shared import shared
from mainstay.patterns.shared_evidence import chance_fit, difference, log_ratios, weigh
from mainstay.patterns.shared_shares import Eased, shares
from mainstay.quantities import CannotSay, Instant
from mainstay.records.kinds import Attribute, Contact, Record
from mainstay.timeline.reader import from_records
from mainstay.worlds import simulate

START = Instant.parse("2024-01-08T00:00+01:00")


def company(name, share, attributes=(), sd=0.05, known=0.0, met=1.0):
    return Eased(
        name=name,
        contacts=(name,),
        events=("visit",),
        n=20,
        share=share,
        share_sd=sd,
        strain_before=2.0,
        attributes=dict.fromkeys(attributes, START.plus_days(known)),
        since=dict.fromkeys(attributes, 20),
        first_met=START.plus_days(met),
        parts=(),
        labels_differ=False,
    )


def weighed(companies):
    found, nothing = weigh(companies, np.diag([one.share_sd**2 for one in companies]))
    return {one.name: one for one in found}, nothing


FIVE = (
    company("mother", 0.55, ("family", "knows"), sd=0.03),
    company("rival", 0.34, ("in town", "knows"), sd=0.02),
    company("A", 0.05, ("in town",), sd=0.08),
    company("B", -0.02, ("in town",), sd=0.08),
    company("friend", 0.2, ("knows",), sd=0.5),
)


def test_what_fits_stands_first_and_what_should_fit_and_does_not_is_named():
    found, nothing = weighed(FIVE)
    assert next(iter(found)) == "knows"
    assert set(found["knows"].fits) == {"mother", "rival", "A", "B"}
    assert found["knows"].does_not_fit == ()
    assert set(found["in town"].does_not_fit) == {"mother", "A", "B"}
    assert found["in town"].log_ratio[1.0] < 0.0 < math.log(5.0) < found["knows"].log_ratio[1.0]
    assert nothing + sum(one.weight for one in found.values()) == pytest.approx(1.0)


def test_five_companies_never_earn_more_than_their_number_allows():
    sure = [company(str(i), 0.4 if i < 2 else 0.0, ("a",) if i < 2 else (), sd=0.001) for i in range(5)]
    found, _ = weighed(sure)
    assert found["a"].log_ratio[1.0] <= math.log(60.0)
    often = [company(one.name, one.share, tuple(one.attributes), sd=1e-6) for one in sure]
    assert weighed(often)[0]["a"].log_ratio[1.0] == pytest.approx(found["a"].log_ratio[1.0], abs=0.01)


def test_where_all_ease_alike_or_none_does_no_attribute_earns_anything():
    for share in (0.0, 0.4):
        for size in (1, 2, 3):
            level = [company(str(i), share, ("a",) if i < size else ()) for i in range(5)]
            assert max(weighed(level)[0]["a"].log_ratio.values()) < 0.0


def test_the_ratio_is_that_of_summing_over_who_eases():
    rng = np.random.default_rng(4)
    y, sd, has = rng.uniform(-0.1, 0.6, 4), rng.uniform(0.03, 0.2, 4), np.array([True, True, False, False])
    eases = norm.pdf(y, 0.4, np.hypot(sd, 0.2))
    stays = 0.8 * norm.pdf(y, 0.0, np.hypot(sd, 0.05)) + 0.2 * norm.pdf(y, -0.2, np.hypot(sd, 0.2))
    ruled = alone = 0.0
    for who in itertools.product((True, False), repeat=4):
        told = np.prod(np.where(who, eases, stays))
        off = int((np.array(who) != has).sum())
        ruled += told * np.mean([e**off * (1 - e) ** (4 - off) for e in shared_evidence.EXCEPTIONS])
        k = sum(who)
        alone += told * np.mean([p**k * (1 - p) ** (4 - k) for p in shared_evidence.CHANCES])
    assert log_ratios(y, sd, has)[1.0] == pytest.approx(math.log(ruled / alone), rel=1e-9)


def test_the_difference_is_that_of_joint_gaussian_conditioning():
    y, has = np.array([0.5, 0.4, 0.1]), np.array([True, True, False])
    errors = np.diag([0.05, 0.1, 0.08]) ** 2
    means, sds, weights = [], [], []
    for rho in shared_evidence.EXPLAINED:
        # effects (m, g1, g0, d1, d2, d3) with known variances, observed through y
        prior = np.diag([1.0, rho * 0.09, rho * 0.09] + [(1 - rho) * 0.09] * 3)
        see = np.array([[1, 1, 0, 1, 0, 0], [1, 1, 0, 0, 1, 0], [1, 0, 1, 0, 0, 1]], float)
        total = see @ prior @ see.T + errors
        want = np.array([0, 1, -1, 0, 0, 0], float) @ prior
        gain = np.linalg.solve(total, see @ want)
        means.append(gain @ y)
        sds.append(2 * rho * 0.09 - gain @ see @ want)
        weights.append(np.exp(-0.5 * y @ np.linalg.solve(total, y)) / np.sqrt(np.linalg.det(total)))
    weights = np.array(weights) / np.sum(weights)
    mean = weights @ means
    sd = math.sqrt(weights @ (np.array(sds) + (np.array(means) - mean) ** 2))
    assert difference(y, errors, has) == pytest.approx((mean, sd), rel=1e-6)


def test_chance_is_counted_over_every_arrangement():
    assert chance_fit(FIVE) == pytest.approx(1 / 6)  # of four certain ones, two ease; only "knows" fits all four
    assert chance_fit([company(str(i), 0.0, ("a",)) for i in range(4)]) is None
    many = [company(str(i), 0.4 if i < 12 else 0.0, ("a",) if i < 12 else ()) for i in range(24)]
    assert chance_fit(many) <= 0.001


def test_attributes_of_the_very_same_and_of_the_others_are_told():
    one = [
        company("x", 0.5, ("a", "b")), company("y", 0.4, ("a", "b")),
        company("z", 0.0, ("c",)), company("w", 0.0, ("c",)),
    ]  # fmt: skip
    found, _ = weighed(one)
    assert found["a"].same_as == ("b",)
    assert found["a"].opposite_of == ("c",)
    assert found["a"].weight == found["b"].weight


def test_company_first_met_after_it_was_known_of_them_tests_an_attribute():
    late = company("new", 0.4, ("a",), known=10.0, met=20.0)
    early = company("old", 0.4, ("a",), known=10.0, met=5.0)
    found, _ = weighed([late, early, company("other", 0.0)])
    assert found["a"].new_since == ("new",)


def timeline(world, day, seed=1):
    (person,) = simulate(world, seed).values()
    return from_records(person.records, person.items, person.anchor, as_of=Instant.parse(f"{day}T00:00+00:00"))


def test_two_roles_before_the_call_and_after_it():
    before = timeline("two_roles", "2025-06-10")
    found = shared(before, strain.fit(before))
    assert found.attributes[0].name == "knows_both_lives"
    assert found.attributes[0].does_not_fit == ()
    assert {one.name for one in found.companies} == {"mother", "rival", "colleague A", "colleague B"}
    after = timeline("two_roles", "2025-07-08")
    later = shared(after, strain.fit(after))
    assert later.of("no_part_to_play").same_as == ("knows_both_lives",)
    assert later.of("no_part_to_play").new_since == ()
    rival = next(one for one in later.companies if one.name == "rival")
    assert set(rival.events) == {"quarrel with the rival", "evening with the rival"}
    assert rival.eases is True
    assert rival.since["no_part_to_play"] < rival.n


@pytest.fixture(scope="module")
def lived():
    one = timeline("two_roles", "2024-10-01")
    return one, strain.fit(one)


def among(one, label, name, *attributes):
    """The timeline with everything of a label done together with somebody of whom these attributes are known."""
    series = one.events[label]
    known = tuple(Attribute(attribute, one.origin) for attribute in attributes)
    who = Record(name, "contacts", one.origin, one.origin, "test", Contact(name, known))
    events = {**one.events, label: replace(series, contacts=dict.fromkeys(series.ids, (name,)))}
    return replace(one, events=events, others=(*one.others, who))


def test_demands_slips_and_controls_are_left_out_and_named(lived):
    one, fitted = lived
    for label in ("deadline", "something missed", "groceries"):
        one = among(one, label, f"{label} person", "odd")
    found = shared(one, fitted)
    assert set(found.left_out) == {"deadline", "something missed", "groceries"}
    assert all("noted as" in why for why in found.left_out.values())


def test_one_contact_counts_once_under_several_labels_and_their_difference_is_told(lived):
    one, fitted = lived
    same = dict.fromkeys(one.events["quarrel with the rival"].ids, ("mother",))
    quarrels = replace(one.events["quarrel with the rival"], contacts=same)
    found = shared(replace(one, events={**one.events, "quarrel with the rival": quarrels}), fitted)
    mother = next(each for each in found.companies if each.name == "mother")
    assert len(mother.parts) == 2
    assert mother.n == sum(part.n for part in mother.parts)
    assert min(part.share for part in mother.parts) < mother.share < max(part.share for part in mother.parts)
    assert mother.labels_differ


def test_what_is_known_to_the_half_day_only_is_left_out(lived):
    one, fitted = lived
    visits = one.events["visit to mother"]
    vague = replace(visits, half_widths=np.full(len(visits.times), 0.5))
    found = shares(replace(one, events={**one.events, "visit to mother": vague}), fitted)
    assert found.left_out == {"visit to mother": "its time of day is not on record"}


def test_what_is_not_known_of_anybody_can_not_be_shared():
    (person,) = simulate("two_roles", 1).values()
    kept = [one for one in person.records if one.stream != "contacts"]
    bare = from_records(kept, person.items, person.anchor, as_of=Instant.parse("2024-06-01T00:00+00:00"))
    found = shares(bare, strain.fit(bare))
    assert isinstance(found, CannotSay)
    assert "attribute" in found.reason
