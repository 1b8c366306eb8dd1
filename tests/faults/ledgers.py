"""What the tests of consent and audit share: a casebook in memory, without the cost of a passphrase or a disk."""

from pathlib import Path

import apsw

from mainstay.casebook import Casebook, schema
from mainstay.casebook.safe import Safe

MASTER_KEY = bytes(range(32))


def in_memory() -> Casebook:
    """An empty casebook that is never written to a file."""
    connection, safe = apsw.Connection(":memory:"), Safe([MASTER_KEY], bytes(16))
    connection.execute("PRAGMA foreign_keys=ON")
    schema.bring_up(connection, safe)
    return Casebook(Path("in memory"), connection, safe)
