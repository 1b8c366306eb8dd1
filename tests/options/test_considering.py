"""What could be done is said of nobody whose wishes consent leaves out: what they rule out would not be known."""

import pytest

from mainstay.options.considering import considered
from mainstay.quantities import CannotSay, Instant
from mainstay.records import logged
from mainstay.timeline.reader import from_records

MONDAY = Instant.parse("2026-01-05T09:00+01:00")
OPTION = 'name = "a month of leave"\ndisclosed_ok = true\ntouches = ["her home"]\n'


def told(purpose, left_out, *forms):
    texts = {"option": OPTION, "preference": 'never = ["her home"]\n'}
    records = tuple(logged.statement(form, texts[form], now=MONDAY) for form in forms)
    timeline = from_records(records, (), None, as_of=MONDAY.plus_days(1), purpose=purpose, left_out=left_out)
    return considered(timeline, CannotSay("there are too few records"), (), None, "")


@pytest.mark.parametrize(
    ("purpose", "left_out"), [("own_answers", ("preference",)), ("supporter_view", ("preference",))]
)
def test_without_consent_for_what_is_wished_it_is_one_refusal_that_names_no_option(purpose, left_out):
    (one,) = [each for each in told(purpose, left_out, "option") if each.row == "S20"]
    assert isinstance(one, CannotSay)
    assert "a month of leave" not in str(one)
    assert "consent" in one.reason
