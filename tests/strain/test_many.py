import dataclasses
import threading

import numpy as np
import pytest

from mainstay.errors import BadRequest
from mainstay.quantities import CannotSay
from mainstay.strain import many
from mainstay.strain.data import strain_data
from mainstay.strain.many import FitFailed, Summary, fit_many, summarise_many
from mainstay.strain.posterior import StrainPosterior
from mainstay.strain.ragged import flattened, restored
from mainstay.strain.settings import Settings


@pytest.fixture(scope="module")
def three(make_timeline):
    return [make_timeline(seed, days=60.0) for seed in range(3)]


@pytest.fixture(scope="module")
def summaries(three):
    return list(summarise_many(three, threads=1))


@pytest.fixture(scope="module")
def too_short(make_timeline):
    return make_timeline(9, days=10.0, recording=None)


@pytest.fixture(scope="module")
def broken(three):
    """Laid-out data with more act rates than refuges: no person's."""
    data = strain_data(three[0])
    return dataclasses.replace(data, act_rate=np.full(7, 0.1))


def same(one, other):
    return (
        one.names == other.names
        and np.array_equal(one.mean, other.mean)
        and np.array_equal(one.covariance, other.covariance)
        and one.log_evidence == other.log_evidence
    )


def test_people_come_back_in_order_with_what_fit_gives_each_of_them(three, summaries):
    from mainstay.strain.fitting import fit

    alone = fit(three[1])
    assert np.array_equal(alone.mean, summaries[1].mean)
    assert np.array_equal(alone.covariance, summaries[1].covariance)


def test_results_are_the_same_to_the_last_bit_whatever_the_number_of_threads(three, summaries):
    for threads in (2, 5):
        assert all(same(*pair) for pair in zip(summarise_many(three, threads=threads), summaries, strict=True))


def test_posteriors_keep_their_data_and_summaries_do_not(three):
    (fitted,) = fit_many(three[:1], threads=1)
    assert isinstance(fitted, StrainPosterior)
    assert fitted.data.readings > 0
    assert {field.name for field in dataclasses.fields(Summary)}.isdisjoint({"data", "coordinates"})


def test_one_persons_failure_is_their_answer_and_stops_nobody(three, broken, too_short, summaries):
    found = list(summarise_many([three[0], broken, too_short, three[2]], threads=2))
    assert same(found[0], summaries[0])
    assert same(found[3], summaries[2])
    assert isinstance(found[1], FitFailed)
    assert (found[1].position, found[1].error) == (1, "ValueError")
    assert "start_point" in found[1].trace
    assert isinstance(found[2], CannotSay)


def test_settings_reach_every_fit(three):
    settings = Settings(priors={"drift": (0.0, 0.1)})
    (narrow,) = summarise_many(three[:1], settings, threads=1)
    assert narrow.prior_sd[narrow.names.index("drift:first refuge")] == 0.1


def test_laid_out_data_is_taken_as_it_is(three, summaries):
    (found,) = summarise_many([strain_data(three[0])], threads=1)
    assert same(found, summaries[0])


def test_people_from_a_generator_are_held_only_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr(many, "_summarised", lambda person, _settings: person)
    monkeypatch.setattr(many, "Timeline", int)
    asked = []
    found = summarise_many((asked.append(i) or i for i in range(1000)), threads=2)
    assert next(found) == 0
    assert len(asked) <= 2 * many.AHEAD


def test_nobody_is_fitted_after_the_caller_stops_listening(monkeypatch):
    done, gate = [], threading.Event()
    monkeypatch.setattr(many, "Timeline", int)

    def work(person, _settings):
        done.append(person)
        if person:
            gate.wait(5.0)
        return person

    monkeypatch.setattr(many, "_summarised", work)
    found = summarise_many(iter(range(1000)), threads=2)
    next(found)
    threading.Timer(0.05, gate.set).start()
    found.close()
    assert len(done) <= 2 * many.AHEAD


def test_no_people_give_no_answers():
    assert fit_many([]) == []


def test_fewer_than_one_thread_is_refused():
    with pytest.raises(BadRequest, match="at least one thread, not 0"):
        fit_many([], threads=0)


def test_what_is_no_person_is_refused_by_its_place(three):
    with pytest.raises(BadRequest, match="person 1 is str"):
        fit_many([three[0], "somebody"], threads=2)


def test_flat_arrays_hold_ragged_people_and_give_them_back(three, too_short, broken):
    found = list(summarise_many([three[0], too_short, broken, three[2]], threads=1))
    found[3] = dataclasses.replace(  # somebody with fewer coordinates than the others
        found[3], **{name: getattr(found[3], name)[:-2] for name in ("names", "mean", "prior_mean", "prior_sd")},
        covariance=found[3].covariance[:-2, :-2],
    )  # fmt: skip
    flat = flattened(found)
    again = restored(flat)
    assert list(np.diff(flat.offsets)) == [len(found[0].names), 0, 0, len(found[0].names) - 2]
    assert same(again[0], found[0])
    assert same(again[3], found[3])
    assert (again[1].reason, again[1].have, again[1].need, again[1].unit) == (
        found[1].reason, found[1].have, found[1].need, found[1].unit,
    )  # fmt: skip
    assert again[2] == dataclasses.replace(found[2], trace="")


def test_flat_arrays_of_nobody_are_empty():
    assert restored(flattened([])) == []
