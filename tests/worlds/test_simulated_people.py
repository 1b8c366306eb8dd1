"""The simulated people are what their descriptions say, and plausible as diaries."""

import itertools
from functools import cache

import numpy as np
import pytest

from mainstay import worlds
from mainstay.errors import BadRequest
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import CheckIn, Contact, Coverage, Episode, Event, Prompt, Reaction
from mainstay.worlds import two_roles as case
from mainstay.worlds.two_roles import CALENDAR, CALL, OFF, SMIRK, VARIANTS, truth_of


@cache
def people(name, seed=1):
    return worlds.simulate(name, seed)


def person(name, folder=""):
    return people(name)[folder]


def bodies(world, kind):
    return [record for record in world.records if isinstance(record.body, kind)]


def days(world, label):
    return np.array([r.happened.days_since(world.truth.origin) for r in bodies(world, Event) if r.body.label == label])


def answers(world):
    return np.array([r.body.value for r in bodies(world, CheckIn) if r.body.item == world.anchor])


def thirds(times, length):
    return np.histogram(times, np.linspace(0, length, 4))[0]


ALL = [("two_roles", ""), ("warmth_restores", ""), ("nothing_restores", "")] + [
    (world, folder)
    for world, folders in (
        ("twins", ("falling_threshold", "denser_recording")),
        ("nulls", ("steady", "tripling_load", "fading_relief", "no_link")),
        ("riddles", ("peaks_only", "tied", "unlisted_cause", "vague_overwork")),
    )
    for folder in folders
]


UNRELIEVED = [("nothing_restores", ""), ("riddles", "peaks_only")]


def test_every_world_has_one_line_and_can_be_simulated():
    assert {name for name, _ in ALL} == set(worlds.WORLDS)
    assert {(name, folder) for name in worlds.WORLDS for folder in people(name)} == set(ALL)


def test_an_unknown_world_is_refused_with_the_names_there_are():
    with pytest.raises(BadRequest, match=r"'moon'.*two_roles, .*nulls"):
        worlds.simulate("moon", 1)


def test_a_negative_seed_is_refused():
    with pytest.raises(BadRequest, match="seed"):
        worlds.simulate("two_roles", -1)


def test_the_same_seed_gives_the_same_person_and_another_seed_another():
    again, other = worlds.simulate("two_roles", 1)[""], worlds.simulate("two_roles", 2)[""]
    assert again.records == person("two_roles").records
    assert other.records != again.records


@pytest.mark.parametrize(("name", "folder"), ALL)
def test_identities_are_unique(name, folder):
    records = person(name, folder).records
    assert len({record.id for record in records}) == len(records)


@pytest.mark.parametrize(("name", "folder"), ALL)
def test_answers_are_whole_points_on_the_scale_and_rarely_cut_off_at_its_ends(name, folder):
    world = person(name, folder)
    scales = {item.name: item for item in world.items}
    for record in bodies(world, CheckIn):
        scale = scales[record.body.item]
        assert scale.low <= record.body.value <= scale.high
        assert record.body.value == round(record.body.value)
    anchor = world.truth.parameters.items[world.anchor]
    rng = np.random.default_rng(0)
    unrounded = anchor.intercept + anchor.slope * world.truth.path_strain
    unrounded = unrounded + anchor.noise_sd * rng.standard_normal(len(unrounded))
    assert np.mean((unrounded < 0.5) | (unrounded > 7.5)) < 0.03


@pytest.mark.parametrize(("name", "folder"), [one for one in ALL if one not in UNRELIEVED])
def test_the_diary_is_plausible(name, folder):
    world = person(name, folder)
    weeks = world.truth.days / 7
    refuges = [label for label, refuge in world.truth.parameters.refuges.items() if np.isfinite(refuge.log_rate)]
    acts = sum(len(days(world, label)) for label in refuges)
    prompts = bodies(world, Prompt)
    answered = np.mean([prompt.body.answered is not None for prompt in prompts])
    assert 3 < acts / weeks < 7.5
    assert 3.0 < answers(world).mean() < 4.0
    assert 3.4 < len(answers(world)) / world.truth.days < 4.2
    assert 0.74 < answered < 0.82


@pytest.mark.parametrize(("name", "folder"), ALL)
def test_a_person_acts_in_one_role_at_a_time(name, folder):
    stretches = sorted(
        (r.happened.start, r.happened.end) for r in bodies(person(name, folder), Episode) if r.body.is_ == "role"
    )
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(stretches))


def test_two_roles_lasts_eighteen_months_from_a_monday():
    world = person("two_roles")
    assert str(world.truth.origin) == "2024-01-08T00:00:00+01:00"
    assert world.truth.origin.as_local.weekday() == 0
    assert str(max(r.happened.end for r in bodies(world, Coverage)))[:10] == "2025-07-07"


@pytest.mark.parametrize("months", [(1, 2, 11, 12), (4, 5, 6, 7)])
def test_the_day_job_keeps_its_hours_by_the_wall_clock_in_winter_and_summer(months):
    begins = [
        record.happened.start.as_local
        for record in bodies(person("two_roles"), Episode)
        if record.body.label == "reporter" and record.happened.start.as_local.month in months
    ]
    hours = np.array([begin.hour + begin.minute / 60 for begin in begins])
    assert hours.mean() == pytest.approx(9.0, abs=4 * 0.3 / np.sqrt(len(hours)))
    assert {begin.weekday() for begin in begins} == {0, 1, 2, 3, 4}


def test_offsets_change_with_the_clocks():
    offsets = {record.happened.offset_s for record in bodies(person("two_roles"), CheckIn)}
    assert offsets == {3600, 7200}
    edges, hours = CALENDAR.offsets
    assert hours.tolist() == [1.0, 2.0, 1.0, 2.0]
    changes = [str(CALENDAR.instant(edge)) for edge in edges[1:-1]]
    assert changes == ["2024-03-31T03:00:00+02:00", "2024-10-27T02:00:00+01:00", "2025-03-30T03:00:00+02:00"]


def test_self_is_a_role_the_person_declares():
    marked = {(r.body.label, r.body.is_self) for r in bodies(person("two_roles"), Episode) if r.body.is_ == "role"}
    assert marked == {("reporter", False), ("rescuer", False), ("self", True)}


def test_quarrels_are_recorded_as_work_in_either_role():
    quarrels = [r.body for r in bodies(person("two_roles"), Event) if r.body.label == case.QUARREL]
    assert {quarrel.tags for quarrel in quarrels} == {("work", "as reporter"), ("work", "as rescuer")}
    assert {quarrel.contacts for quarrel in quarrels} == {("rival",)}


def test_nothing_is_written_down_while_the_phone_is_away():
    world = person("two_roles")
    [away] = [record.happened for record in bodies(world, Episode) if record.body.is_ == "recording-off"]
    assert away.days == OFF[1]
    for record in world.records:
        if not isinstance(record.body, (Coverage, Contact)) and record.happened is not away:
            start = record.happened.start if isinstance(record.happened, Span) else record.happened
            end = record.happened.end if isinstance(record.happened, Span) else record.happened
            assert end <= away.start or start >= away.end


def test_before_the_call_it_is_not_known_with_whom_there_is_no_part_to_play():
    known = {
        attribute.known
        for record in bodies(person("two_roles"), Contact)
        for attribute in record.body.attributes
        if attribute.name == "no_part_to_play"
    }
    assert [str(moment)[:10] for moment in known] == [str(CALL)]
    called = [r for r in bodies(person("two_roles"), Event) if r.body.label == case.PHONE]
    assert [str(record.happened)[:10] for record in called] == [str(CALL)]
    assert all(record.known >= called[0].happened for record in called)


def test_warmth_family_place_and_knowing_can_be_told_apart():
    people_of = {}
    for record in bodies(person("two_roles"), Contact):
        people_of.setdefault(record.body.pseudonym, set()).update(a.name for a in record.body.attributes)
    for attribute in ("family", "warm", "out_of_town"):
        assert {name for name, has in people_of.items() if attribute in has} != {
            name for name, has in people_of.items() if "no_part_to_play" in has
        }


def test_one_reaction_has_the_wrong_sign_three_months_before_the_call():
    wrong = [
        record
        for record in bodies(person("two_roles"), Reaction)
        if np.sign(record.body.observed) != record.body.expected_direction
    ]
    assert [str(record.happened)[:10] for record in wrong] == [str(SMIRK)]
    assert (CALL - SMIRK).days == pytest.approx(91, abs=7)


def test_in_two_roles_refuges_are_sought_more_while_strain_does_not_rise():
    world = person("two_roles")
    for label in (case.VISIT, case.QUARREL):
        first, _, last = thirds(world.truth.acts[label], world.truth.days)
        assert last > 1.4 * first
    third = len(world.truth.path_strain) // 3
    assert world.truth.path_strain[-third:].mean() < world.truth.path_strain[:third].mean()


def test_the_evening_at_the_end_eases_strain():
    world = person("two_roles")
    [evening] = world.truth.acts[case.OUT]
    after = np.searchsorted(world.truth.path_times, evening)
    assert world.truth.path_strain[after] < 0.5 * world.truth.path_strain[after - 1]
    assert world.truth.days - evening < 7


def test_in_the_variants_another_truth_restores():
    def shares(name):
        return {
            label: 1 / (1 + np.exp(-refuge.efficacy_logit))
            for label, refuge in truth_of(VARIANTS[name]).refuges.items()
        }

    warm, none = shares("warmth_restores"), shares("nothing_restores")
    assert warm[case.DRINK] > 0.4 < warm[case.VISIT]
    assert warm[case.QUARREL] < 0.05 > warm[case.OUT]
    assert max(none.values()) < 0.05


def test_the_twins_diaries_look_alike():
    falling, denser = person("twins", "falling_threshold"), person("twins", "denser_recording")
    for label in ("visit to a sister", "swim"):
        first, second = days(falling, label), days(denser, label)
        assert len(second) == pytest.approx(len(first), rel=0.25)
        for times in (first, second):
            early, _, late = thirds(times, falling.truth.days)
            assert late > 1.5 * early


def test_the_twins_answer_the_same_prompts():
    sent = [
        [(r.body.sent, r.body.answered) for r in bodies(person("twins", folder), Prompt)]
        for folder in ("falling_threshold", "denser_recording")
    ]
    assert sent[0] == sent[1]


def test_in_the_twin_that_got_denser_nothing_drifts_but_the_recording():
    world = person("twins", "denser_recording")
    assert world.truth.parameters.seeking_drift_per_year == 0.0
    acts = np.concatenate(list(world.truth.acts.values()))
    early, _, late = thirds(acts, world.truth.days)
    assert late == pytest.approx(early, abs=4 * np.sqrt(early + late))
    logged = [record.body.intensity for record in bodies(world, Coverage)]
    assert logged[0] == 0.3
    assert logged[-1] == 1.0
    assert all(later > earlier for earlier, later in itertools.pairwise(logged))


def test_in_the_twin_that_got_denser_even_groceries_are_written_down_more():
    world = person("twins", "denser_recording")
    early, _, late = thirds(days(world, "groceries"), world.truth.days)
    assert late > 1.5 * early


def test_in_the_falling_twin_recording_stays_as_it_is():
    logged = {record.body.intensity for record in bodies(person("twins", "falling_threshold"), Coverage)}
    assert logged == {0.9}


def test_no_null_has_a_drift():
    assert all(world.truth.parameters.seeking_drift_per_year == 0.0 for world in people("nulls").values())


def test_the_load_that_triples_does():
    world = person("nulls", "tripling_load")
    demands = np.concatenate([days(world, label) for label in world.truth.parameters.demands])
    early, _, late = thirds(demands, world.truth.days)
    assert late / early == pytest.approx(2.0, rel=0.3)  # the last third over the first, where the ends are three to one


def test_records_are_known_once_they_have_happened():
    for record in person("two_roles").records:
        end = record.happened.end if isinstance(record.happened, Span) else record.happened
        assert isinstance(end, Instant)
        assert record.known == end
