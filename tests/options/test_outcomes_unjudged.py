"""What must not happen where its chance can't tell one option from another: told, and strain decides."""

from mainstay.quantities import Finding
from options.people import PREFERENCE, person

HARDER = (
    'name = "harder"\ndisclosed_ok = true\n[cost.person]\npoints = [0, 0]\n'
    '[[changes]]\nlever = "demands event:emergency"\nby = [4, 6]\n'
)
NOTHING = 'name = "as it is"\ndisclosed_ok = true\n[cost.person]\npoints = [0, 0]\n'


def limited(rating: float, days: int) -> str:
    return PREFERENCE.replace("rating = 3.5\ndays = 5", f"rating = {rating}\ndays = {days}")


def test_what_comes_about_in_nearly_all_futures_leaves_the_judging_to_strain() -> None:
    told = person("nothing_restores").told((HARDER, NOTHING))
    struck = told["harder"].detail["struck_by"][0]
    assert struck["limit"] == "must_not"
    assert struck["reason"].startswith("it would raise strain (by ")
    assert told["as it is"].status == "not_found"
    whole = told["options"]
    assert isinstance(whole, Finding)
    assert "Whether an option makes “breakdown” likelier can't be told" in whole.claim
    assert "what raises strain is struck out instead" in whole.claim


def test_a_limit_that_is_hardly_ever_reached_and_one_off_the_scale_are_told_and_strain_decides() -> None:
    off = "the limit of 45 lies outside the scale of “tension” (1 to 7)"
    for rating, why in ((6.9, "hardly any future"), (45, off)):
        told = person().told((HARDER, NOTHING), limited(rating, 14))
        assert told["harder"].detail["struck_by"][0]["reason"].startswith("it would raise strain")
        assert isinstance(told["options"], Finding)
        assert why in told["options"].claim


def test_a_must_not_of_a_name_nobody_gave_is_told() -> None:
    told = person().told((NOTHING,), PREFERENCE.replace('must_not = ["breakdown"]', 'must_not = ["brekdown"]'))
    assert isinstance(told["options"], Finding)
    assert "“brekdown” likelier can't be told: no way it could turn out has that name." in told["options"].claim


def test_an_allowed_chance_can_be_judged_however_seldom_it_is_now() -> None:
    allowed = limited(6.9, 14).replace("must_not = ", "must_not_chance = 0.5\nmust_not = ")
    told = person().told((HARDER,), allowed)
    assert told["harder"].status != "struck_out"
