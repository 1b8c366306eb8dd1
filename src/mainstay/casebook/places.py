"""Where a casebook may lie: not on a network share, and better not in a folder that another program copies away.

On a share two machines would each have shared memory of their own for one write-ahead log, and one would overwrite
the other (sqlite.org/wal.html). A folder that is synchronised works on one machine, but another program may copy the
file while it is being written, and keeps older copies elsewhere.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mainstay.errors import CasebookError

# As /proc/self/mountinfo and statfs name them. 9p and drvfs: the Windows disks as WSL shows them.
NETWORK = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "drvfs",
        "fuse.ceph",
        "fuse.davfs",
        "fuse.davfs2",
        "fuse.glusterfs",
        "fuse.gvfsd-fuse",
        "fuse.juicefs",
        "fuse.moosefs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.smbnetfs",
        "fuse.sshfs",
        "fuse.vmhgfs-fuse",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "orangefs",
        "prl_fs",
        "smb2",
        "smb3",
        "smbfs",
        "vboxsf",
        "vmhgfs",
        "acfs",
        "afpfs",
        "macfuse_sshfs",
        "osxfuse_sshfs",
        "webdav",
    }
)

# (program, names of what it lays into the folder it copies, names of that folder)
_MARKS: tuple[tuple[str, str, str], ...] = (
    ("Dropbox", r"\.dropbox\.cache", r"Dropbox( \(.+\))?"),
    ("OneDrive", r"\.849C9593-D756-4E56-8D6E-42412F2A707B", r"OneDrive( - .+|-.+)?"),
    ("Google Drive", r"\.tmp\.drive(download|upload)", r"(Google Drive|GoogleDrive-.+|My Drive)"),
    ("iCloud", r"", r"(Mobile Documents|com~apple~CloudDocs|iCloudDrive|iCloud Drive)"),
    ("Nextcloud", r"\.nextcloudsync\.log|\._?sync_[0-9a-f]{12}\.db", r"Nextcloud"),
    ("ownCloud", r"\.owncloudsync\.log", r"ownCloud"),
    ("Syncthing", r"\.stfolder", r""),
    ("MEGA", r"\.megaignore", r"MEGA(sync)?"),
    ("pCloud", r"", r"pCloud ?Drive"),
    ("a cloud drive", r"", r"CloudStorage"),
)


def refuse_network_share(path: Path) -> None:
    """Refuses (`CasebookError`) a place at which two programs could lose each other's writing."""
    kind = file_system(path)
    if kind is not None and (kind.lower() in NETWORK or kind == _REMOTE_DRIVE):
        raise CasebookError(
            f"{path} lies on a network share ({kind}), where a casebook can't be kept safely: move it to a disk of "
            "this machine, and keep a copy on the share if you like"
        )


def synchronised_by(path: Path) -> str | None:
    """The program that copies the folder of `path` elsewhere, by the marks such programs leave; None without a mark.

    Of two programs the one whose folder is nearest is named. A program that leaves no mark is not noticed.
    """
    for folder in path.absolute().parents:
        try:
            inside = {entry.name for entry in os.scandir(folder)} if folder.parent != folder else set()
        except OSError:  # a folder that can't be listed shows no marks
            inside = set()
        for program, laid, named in _MARKS:
            if (named and re.fullmatch(named, folder.name)) or any(
                laid and re.fullmatch(laid, name) for name in inside
            ):
                return program
    return None


def file_system(path: Path) -> str | None:
    """The type of the file system that holds `path` or would hold it; None where this system does not say."""
    there = Path(os.path.realpath(path))
    while not there.exists() and there != there.parent:
        there = there.parent
    asked = _ASKED.get(sys.platform)
    return None if asked is None else asked(there)


_REMOTE_DRIVE = "a network drive"
_DRIVE_REMOTE = 4


def _linux(path: Path) -> str | None:
    try:
        table = Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return None
    return of_mount_table(table, path)


def of_mount_table(table: str, path: Path) -> str | None:
    """From a table as /proc/self/mountinfo has it (see proc(5)): the type of the deepest mount over the real `path`.

    Of two mounts on one folder the later covers the earlier.
    """
    found, depth = None, -1
    for line in table.splitlines():
        before, dash, after = line.partition(" - ")
        fields = before.split(" ")
        if not dash or len(fields) < 5 or not after:
            continue
        point = Path(re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), fields[4]))
        if len(point.parts) >= depth and path.is_relative_to(point):
            found, depth = after.split(" ")[0], len(point.parts)
    return found


def _macos(path: Path) -> str | None:
    import ctypes

    system = ctypes.CDLL(None, use_errno=True)
    # On Intel the plain name is the older, smaller structure.
    statfs: Any = getattr(system, "statfs$INODE64", None) or system.statfs
    answer = ctypes.create_string_buffer(4096)
    return None if statfs(os.fsencode(path), answer) != 0 else of_statfs(answer.raw)


def of_statfs(answer: bytes) -> str:
    """The type by name in what macOS's statfs answers (sys/mount.h): 16 bytes after 72 of numbers."""
    return answer[72:88].split(b"\x00")[0].decode("ascii", "replace")


def _windows(path: Path) -> str | None:
    import ctypes

    root = path.anchor
    kernel = ctypes.windll.kernel32  # type: ignore[attr-defined,unused-ignore]
    remote = root.startswith("\\\\") or kernel.GetDriveTypeW(root) == _DRIVE_REMOTE
    return _REMOTE_DRIVE if remote else None


_ASKED: dict[str, Callable[[Path], str | None]] = {"linux": _linux, "darwin": _macos, "win32": _windows}
