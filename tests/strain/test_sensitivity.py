import pytest

from mainstay import strain
from mainstay.errors import BadRequest
from mainstay.strain.sensitivity import sensitivity
from mainstay.strain.settings import Settings

SHORT = {"days": 200.0}


@pytest.mark.parametrize("name", ["fading:first refuge", "drift:first refuge"])
def test_another_prior_width_gives_what_another_fit_gives(make_timeline, name):
    timeline = make_timeline(0, **SHORT)
    foreseen = sensitivity(strain.fit(timeline), *name.split(":"))
    for scale in (0.5, 2.0):
        mean, sd = strain.fit(timeline, settings=Settings(priors={name: (0.0, scale)})).marginal(*name.split(":"))
        assert foreseen[scale][0] == pytest.approx(mean, abs=0.05 * sd)
        assert foreseen[scale][1] == pytest.approx(sd, rel=0.03)


def test_the_usual_prior_changes_nothing(fitted):
    assert sensitivity(fitted, "pull", "first refuge")[1.0] == pytest.approx(fitted.marginal("pull", "first refuge"))


def test_a_coordinate_that_the_fit_lacks_is_refused(fitted):
    with pytest.raises(BadRequest, match="has no 'fading:nobody'"):
        sensitivity(fitted, "fading", "nobody")
