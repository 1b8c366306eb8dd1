"""Where a casebook may lie."""

import os
import struct
import sys
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, KeySlotCost, places
from mainstay.errors import CasebookError
from mainstay.quantities import Instant

TABLE = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:41 / /u/anna/share rw,relatime shared:20 - nfs4 server:/export rw,vers=4.2
31 22 0:42 / /u/anna/with\\040space rw - cifs //server/anna rw
32 22 0:43 / /u/anna/share/inner rw - xfs /dev/sdb1 rw
33 22 0:44 / /mnt/c rw - 9p drvfs rw
34 22 0:45 / /u/anna/remote rw,nosuid shared:3 master:2 - fuse.sshfs anna@elsewhere: rw
35 22 0:46 / /auto rw - autofs systemd-1 rw
36 35 0:47 / /auto rw - nfs server:/auto rw
37 22 0:48 / /u/anna/tresor rw - fuse.gocryptfs /u/anna/.tresor rw
a line that means nothing
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/u/anna/case", "ext4"),
        ("/u/anna/share/case", "nfs4"),
        ("/u/anna/shared/case", "ext4"),
        ("/u/anna/with space/case", "cifs"),
        ("/u/anna/share/inner/case", "xfs"),
        ("/mnt/c/Users/anna/case", "9p"),
        ("/u/anna/remote/case", "fuse.sshfs"),
        ("/auto/case", "nfs"),
        ("/u/anna/tresor/case", "fuse.gocryptfs"),
    ],
)
def test_the_deepest_and_latest_mount_over_a_path_holds(path, kind):
    assert places.of_mount_table(TABLE, Path(path)) == kind


@pytest.fixture
def lying_on(monkeypatch):
    """Makes this machine say that every path lies on the given kind of file system."""

    def say(kind):
        monkeypatch.setitem(places._ASKED, sys.platform, lambda _: kind)

    return say


@pytest.mark.parametrize(
    "kind", ["nfs", "nfs4", "cifs", "smb3", "9p", "fuse.sshfs", "smbfs", "afpfs", "a network drive"]
)
def test_a_network_share_is_refused_before_anything_is_written_or_asked(tmp_path, lying_on, kind):
    Casebook.create(tmp_path / "case", "some quiet words", now=Instant(0), cost=KeySlotCost.least()).close()
    before = (tmp_path / "case").read_bytes()
    lying_on(kind)
    with pytest.raises(CasebookError, match=f"network share \\({kind}\\)"):
        Casebook.create(tmp_path / "other", "some quiet words", now=Instant(0), cost=KeySlotCost.least())
    with pytest.raises(CasebookError, match="network share"):
        Casebook.open(tmp_path / "case", "wrong words, never tried")
    assert [path.name for path in tmp_path.iterdir()] == ["case"]
    assert (tmp_path / "case").read_bytes() == before


@pytest.mark.parametrize("kind", ["ext4", "apfs", "btrfs", "tmpfs", "fuse.gocryptfs", "zfs", None])
def test_a_disk_of_this_machine_is_not(tmp_path, lying_on, kind):
    lying_on(kind)
    places.refuse_network_share(tmp_path / "case")
    assert places.file_system(tmp_path / "case") == kind


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")
def test_a_link_to_another_disk_is_followed(tmp_path):
    link = tmp_path / "link"
    link.symlink_to("/proc")
    assert places.file_system(link / "case") == "proc"
    assert places.file_system(tmp_path / "no" / "such" / "folder") == places.file_system(tmp_path)


def test_what_macos_answers_is_read_at_its_place():
    answer = struct.pack(
        "<IiQQQQQ2iIIII16s1024s", 4096, 4096, 1, 1, 1, 1, 1, 0, 0, 501, 7, 0, 0, b"smbfs", b"/Volumes/x"
    )
    assert places.of_statfs(answer.ljust(4096, b"\0")) == "smbfs"


@pytest.mark.parametrize(
    ("folder", "laid", "program"),
    [
        ("Dropbox", None, "Dropbox"),
        ("Dropbox (Personal)", None, "Dropbox"),
        ("renamed", ".dropbox.cache", "Dropbox"),
        ("OneDrive - University", None, "OneDrive"),
        ("Google Drive", None, "Google Drive"),
        ("mine", ".tmp.driveupload", "Google Drive"),
        ("Library/Mobile Documents/com~apple~CloudDocs", None, "iCloud"),
        ("Library/CloudStorage/Box-Box", None, "a cloud drive"),
        ("files", ".sync_0123456789ab.db", "Nextcloud"),
        ("files", ".nextcloudsync.log", "Nextcloud"),
        ("files", ".stfolder", "Syncthing"),
        ("files", None, None),
        ("my Dropbox notes", None, None),
    ],
)
def test_a_folder_that_is_synchronised_is_known_by_its_marks(tmp_path, folder, laid, program):
    top = tmp_path / folder
    (top / "deep" / "er").mkdir(parents=True)
    if laid is not None:
        (top / laid).touch()
    assert places.synchronised_by(top / "deep" / "er" / "case.mainstay") == program
    assert places.synchronised_by(top / "case.mainstay") == program


def test_the_settings_folder_of_such_a_program_marks_nothing(tmp_path):
    (tmp_path / ".dropbox").mkdir()
    assert places.synchronised_by(tmp_path / "case") is None


def as_nobody(work) -> None:
    """Runs `work` as a user without rights, in a process of its own; it must return True."""
    child = os.fork()
    if child == 0:
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            os._exit(0 if work() else 1)
        except BaseException:
            import traceback

            traceback.print_exc()
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("what", ["folder", "file"])
def test_a_place_that_may_only_be_read_is_refused_clearly_and_nothing_is_lost(tmp_path, what):
    import tempfile

    words = "some quiet words"
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to other users
        folder = Path(name)
        path = folder / "case"
        Casebook.create(path, words, now=Instant(0), cost=KeySlotCost.least()).close()
        Casebook.open(path, words).close()
        before = path.read_bytes()
        path.chmod(0o644 if what == "file" else 0o666)
        folder.chmod(0o777 if what == "file" else 0o755)
        if os.geteuid() != 0:
            path.chmod(0o444 if what == "file" else 0o666)
            folder.chmod(0o777 if what == "file" else 0o555)

        def refused() -> bool:
            with pytest.raises(CasebookError, match="can't be opened for writing; check its permissions"):
                Casebook.open(path, words)
            if what == "folder":
                with pytest.raises(CasebookError, match=r"permissions|can't be written"):
                    Casebook.create(folder / "new", words, now=Instant(0), cost=KeySlotCost.least())
            return True

        as_nobody(refused)
        folder.chmod(0o700)
        assert path.read_bytes() == before
        path.chmod(0o600)
        Casebook.open(path, words).close()
