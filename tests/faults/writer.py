"""A program that writes batch after batch and says so after each: the victim of the kills.

Called as `writer.py CASE MASTER_KEY_HEX FIRST`; the tests also take its batches from here, so both speak of the same.
"""

import itertools
import sys
from pathlib import Path

from mainstay.casebook import Casebook, Consent, container
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record

NOW = Instant(0)
CONSENT = Consent(given_at=NOW)
RECORDS_PER_BATCH = 25


def numbered(number: int) -> Batch:
    """Batch `number`: every record carries the number, so half a batch would show."""
    return Batch(
        "faults",
        tuple(
            Record(f"{number}-{k}", "acts", NOW, NOW, "faults", Event(f"act {number} {k}", "relief", float(k)))
            for k in range(RECORDS_PER_BATCH)
        ),
    )


def opened(path: Path, key: bytes) -> Casebook:
    """The casebook under its master key, without the cost of the passphrase."""
    return Casebook._under(path, key, container.read_head(path).case_id)


def main() -> None:
    """Adds batches for ever, saying the number of each once `add` has returned."""
    path, key, first = Path(sys.argv[1]), bytes.fromhex(sys.argv[2]), int(sys.argv[3])
    casebook = opened(path, key)
    for number in itertools.count(first):
        casebook.add(numbered(number), CONSENT, now=NOW)
        print(number, flush=True)
        if number % 20 == 19:
            casebook.close()
            casebook = opened(path, key)


if __name__ == "__main__":
    main()
