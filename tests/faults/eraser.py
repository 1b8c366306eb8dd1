"""A program that erases one stream of a casebook and says so: the victim of the kills.

Called as `eraser.py CASE MASTER_KEY_HEX STREAM`.
"""

import sys
from pathlib import Path

from mainstay.casebook import Casebook, container
from mainstay.quantities import Instant


def main() -> None:
    """Says `open`, erases, says `erased`."""
    path, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
    casebook = Casebook._under(path, key, container.read_head(path).case_id)
    print("open", flush=True)
    casebook.erase([sys.argv[3]], now=Instant(0))
    print("erased", flush=True)


if __name__ == "__main__":
    main()
