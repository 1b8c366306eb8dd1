"""What the person of two_roles wrote, as TOML: five options, and what they want, with a limit that is often near."""

import re

from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement, StatementForm, record_id
from mainstay.worlds.two_roles_deciding import (
    BRING_AN_OLD_FRIEND,
    TELL_A_COLLEAGUE,
    THE_BAIT,
    THE_INVITATION,
    THE_MOTHER_MOVES,
)
from mainstay.worlds.two_roles_deciding import PREFERENCE as AS_WRITTEN

OPTIONS = (THE_MOTHER_MOVES, TELL_A_COLLEAGUE, BRING_AN_OLD_FRIEND, THE_BAIT, THE_INVITATION)
PREFERENCE = re.sub(r"\[limit\]\nrating = [\d.]+\ndays = \d+", "[limit]\nrating = 3.5\ndays = 5", AS_WRITTEN)


def statement(form: StatementForm, toml: str, moment: Instant) -> Record:
    """A statement as a record, written at a moment."""
    return Record(record_id("test", form, toml), "statements", moment, moment, "test", Statement(form, toml))
