"""A program that changes the master key, or opens a casebook in the middle of that, and is killed at a chosen write.

Called as `key_changer.py change CASE OLD_KEY_HEX NEW_KEY_HEX KILL_AT` with the new slots as JSON on standard input, or
as `key_changer.py open CASE KILL_AT` with the passphrases to try. At write, sync, cut or removal number KILL_AT, of the
head, the database or its journals, half of what is to be written is written, and the program is killed. With 0 it is
spared, and says how many there were.
"""

import json
import os
import signal
import sys
from pathlib import Path

import apsw

from mainstay.casebook import Casebook, container, keys
from mainstay.casebook.keyslots import KeySlot
from mainstay.errors import WrongPassphrase
from mainstay.quantities import Instant


class Fate:
    """Counts what reaches the disk, and ends the program at one of it."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at, self.count = kill_at, 0

    def now(self) -> bool:
        """Whether this is the one."""
        self.count += 1
        return self.count == self.kill_at

    def end(self) -> None:
        """The end, as a loss of power or `kill -9` brings it."""
        os.kill(os.getpid(), signal.SIGKILL)


def meet(fate: Fate) -> list[object]:
    """Puts the fate between Mainstay and the disk; what is returned must be kept alive."""

    class Mortal(apsw.VFSFile):
        def xWrite(self, data, offset):  # noqa: N802 - SQLite's name
            if fate.now():
                super().xWrite(bytes(data)[: len(data) // 2], offset)
                fate.end()
            super().xWrite(data, offset)

        def xSync(self, flags):  # noqa: N802
            if fate.now():
                fate.end()
            super().xSync(flags)

        def xTruncate(self, size):  # noqa: N802
            if fate.now():
                fate.end()
            super().xTruncate(size)

    file_system, plain, _ = container._file_system()

    def over(base: str, name: str) -> apsw.VFS:
        class MortalDisk(apsw.VFS):
            def xOpen(self, path, flags):  # noqa: N802
                return Mortal(base, path, flags)

            def xDelete(self, path, sync):  # noqa: N802
                if fate.now():
                    fate.end()
                super().xDelete(path, sync)

        return MortalDisk(name, base=base)

    disks = [file_system, over("mainstay", "mortal"), over(plain, "mortal-plain")]
    container._file_system = lambda: (disks, "mortal-plain", "multipleciphers-mortal")
    return disks


def main() -> None:
    """Does what it was called for."""
    what, path, *rest = sys.argv[1:]
    fate = Fate(int(rest[-1]))
    disks = meet(fate)
    case = Path(path)
    if what == "change":
        head, old, new = container.read_head(case), bytes.fromhex(rest[0]), bytes.fromhex(rest[1])
        fresh = tuple(KeySlot.from_fields(slot) for slot in json.load(sys.stdin))
        keys.change_master_key(case, head, (old,), new, fresh, now=Instant(0))
    else:
        for words in json.load(sys.stdin):
            try:
                Casebook.open(case, words).close()
                break
            except WrongPassphrase:
                continue
    fate.kill_at = 0
    print(fate.count, len(disks), flush=True)


if __name__ == "__main__":
    main()
