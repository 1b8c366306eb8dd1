"""The page and other programs at once: each sees what the other did; nothing leaves the machine or lies about."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record

WORDS = "four quiet words here"
CANARY = "zwartewaterkanarie"
NO_NETWORK = """
import signal, socket, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whoever started these tests may have left it ignored
known = socket.socket.connect
def connect(self, address, *rest):
    if self.family != socket.AF_UNIX and not (isinstance(address, tuple) and address[0] == "127.0.0.1"):
        open({told!r}, "a").write(repr(address) + "\\n")
        raise OSError("this test has no network")
    return known(self, address, *rest)
def resolve(host, *rest, **named):
    if host not in ("127.0.0.1", "localhost", None, ""):
        open({told!r}, "a").write(repr(host) + "\\n")
        raise OSError("this test has no network")
    return known_names(host, *rest, **named)
known_names = socket.getaddrinfo
socket.socket.connect, socket.getaddrinfo = connect, resolve
from mainstay.cli import main
sys.argv = ["mainstay", *{arguments!r}]
main()
"""


def now() -> Instant:
    return Instant(time.time_ns() // 1000)


def some(count: int, label: str) -> Batch:
    """Events of the last days under one label, each in the stream that it names."""
    at = now().utc_us
    return Batch(
        "faults",
        tuple(
            Record(f"{label}-{k}", label, one, one, "faults", Event(label, "demand"))
            for k, one in enumerate(Instant(at - (k + 1) * 3_600_000_000) for k in range(count))
        ),
    )  # fmt: skip


class Served:
    """`mainstay serve` as a process of its own, with a home, a temporary folder and sockets that are watched."""

    def __init__(self, case: Path, home: Path) -> None:
        self.case, self.home, self.told = case, home, home / "told-elsewhere"
        for name in ("home", "temporary", "runtime"):
            (home / name).mkdir(exist_ok=True)
        words = home / "words"
        words.write_text(WORDS + "\n")
        words.chmod(0o600)
        self.environment = os.environ | {
            "HOME": str(home / "home"), "TMPDIR": str(home / "temporary"), "XDG_RUNTIME_DIR": str(home / "runtime"),
            "MAINSTAY_PASSPHRASE_FILE": str(words), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1",
            "NUMBA_CACHE_DIR": os.environ.get("NUMBA_CACHE_DIR", str(Path.home() / ".cache" / "numba")),
        }  # fmt: skip
        program = NO_NETWORK.format(told=str(self.told), arguments=["serve", str(case), "--no-browser"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdout is not None
        for line in self.process.stdout:
            found = re.search(r"http://127\.0\.0\.1:(\d+)/open\?token=(\S+)", line)
            if found:
                self.port, token = int(found[1]), found[2]
                break
        self.host = f"127.0.0.1:{self.port}"
        self.cookie = ""
        _, head, _ = self.ask("GET", f"/open?token={token}")
        self.cookie = head["set-cookie"].split(";")[0]

    def ask(self, method: str, path: str, **fields: str) -> tuple[int, dict[str, str], str]:
        """Status, headers and text of one request, as the browser sends it."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Host": self.host, "Cookie": self.cookie}
        body = None
        if method == "POST":
            headers |= {"Origin": f"http://{self.host}", "Content-Type": "application/x-www-form-urlencoded"}
            body = urlencode(fields)
        with contextlib.closing(link):
            link.request(method, path, body, headers)
            answer = link.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()

    def shown(self, path: str) -> str:
        """A page, once it is there."""
        for _ in range(240):
            _, head, text = self.ask("GET", path)
            if "refresh" not in head:
                return text
            time.sleep(0.5)
        raise AssertionError(f"{path} was never ready")

    def command(self, *words: str, **named: str) -> subprocess.CompletedProcess[str]:
        """A command of the command line, in a process of its own."""
        return subprocess.run(
            [sys.executable, "-m", "mainstay", *words], env=self.environment | named, capture_output=True, text=True,
            timeout=300, check=False,
        )  # fmt: skip

    def stop(self) -> tuple[str, str]:
        """What it had said when it was asked to stop."""
        self.process.terminate()
        return self.process.communicate(timeout=30)


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    folder = tmp_path / "kept"
    folder.mkdir()
    path = folder / "anna.mainstay"
    with Casebook.create(path, WORDS, now=now(), cost=KeySlotCost.least()) as casebook:
        casebook.add(some(5, CANARY), Consent(given_at=now()), now=now())
    found = Served(path, tmp_path)
    yield found
    if found.process.poll() is None:
        found.stop()


def test_page_and_command_line_work_on_one_casebook_at_once(served: Served, tmp_path: Path) -> None:
    case = str(served.case)
    assert CANARY in served.shown("/record")
    calendar = tmp_path / "mine.ics"
    calendar.write_text(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\nBEGIN:VEVENT\r\nUID:a@b\r\nDTSTAMP:20240301T000000Z\r\n"
        "DTSTART:20240302T090000Z\r\nDTEND:20240302T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    # the command line withdraws: the page reads no more, until it is given again
    withdrawn = served.command("consent", case, "withdraw", CANARY)
    assert withdrawn.returncode == 0, withdrawn.stderr
    assert served.ask("GET", "/")[0] == 403
    assert served.command("consent", case, "give", CANARY, "--purpose", "own_answers").returncode == 0
    assert served.ask("GET", "/")[0] == 200
    # the command line adds: the page shows it
    added = served.command("add", case, str(calendar))
    assert added.returncode == 0, added.stderr
    assert "calendar" in served.shown("/record").lower()
    # what is done on the page is seen by the command line
    status, head, _ = served.ask("POST", "/record/add/none", do="drop")
    assert (status, head["location"]) == (303, "/record/add")
    assert served.command("record", case).returncode == 0
    # the command line changes the passphrase: the open page goes on, and asks for the new one after locking
    new = tmp_path / "new-words"
    new.write_text("some other words here\n")
    new.chmod(0o600)
    changed = served.command("key", case, "passphrase", MAINSTAY_NEW_PASSPHRASE_FILE=str(new))
    assert changed.returncode == 0, changed.stderr
    assert served.ask("GET", "/record/add")[0] == 200
    served.ask("POST", "/lock")
    assert served.ask("POST", "/unlock", passphrase=WORDS)[0] == 403
    assert served.ask("POST", "/unlock", passphrase="some other words here")[0] == 303
    served.environment |= {"MAINSTAY_PASSPHRASE_FILE": str(new)}
    # a new master key wants the file for itself: it says who is in the way, and works once the page is locked
    rotated = served.command("key", case, "rotate", "--without-recovery", MAINSTAY_NEW_PASSPHRASE_FILE=str(new))
    assert rotated.returncode == 2
    assert "open in another program" in rotated.stderr
    served.ask("POST", "/lock")
    rotated = served.command("key", case, "rotate", "--without-recovery", MAINSTAY_NEW_PASSPHRASE_FILE=str(new))
    assert rotated.returncode == 0, rotated.stderr
    assert served.ask("POST", "/unlock", passphrase="some other words here")[0] == 303
    # the command line erases: nothing of it is shown any more
    erased = served.command("erase", case, CANARY, "--yes", "--receipt", str(tmp_path / "receipt.json"))
    assert erased.returncode == 0, erased.stderr
    assert CANARY not in served.shown("/record")
    assert served.process.poll() is None


FEW = ("/", "/record", "/consent", "/record/add", "/picture.svg", "/nowhere", "/static/mainstay.css")
EVERY = (
    *FEW,
    "/notice",
    "/patterns",
    "/explanations",
    "/futures",
    "/options",
    "/trial",
    "/write",
    "/share",
    "/?as_of=x",
)


@pytest.mark.parametrize("paths", [FEW, pytest.param(EVERY, marks=pytest.mark.long)], ids=["few", "every"])
def test_nothing_is_sent_or_written_elsewhere_and_nothing_logged(served: Served, tmp_path: Path, paths) -> None:
    before = everything_under(tmp_path)
    for path in paths:
        served.shown(path)
    served.ask("POST", "/awake")
    served.ask("POST", "/lock")
    served.ask("POST", "/unlock", passphrase=WORDS)
    out, err = served.stop()
    assert not served.told.exists(), served.told.read_text()
    assert CANARY not in out + err
    assert "Traceback" not in err
    left = everything_under(tmp_path) - before
    assert {one for one in left if not one.startswith(("kept/", "home/.cache/fontconfig"))} == set(), left
    for one in tmp_path.rglob("*"):
        if one.is_file():
            assert CANARY.encode() not in one.read_bytes(), one
    assert sorted(one.name for one in served.case.parent.iterdir()) == [served.case.name]


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
def test_however_it_is_ended_the_casebook_is_closed_and_nothing_left(tmp_path: Path, name: str) -> None:
    path = tmp_path / "kept" / "anna.mainstay"
    path.parent.mkdir()
    Casebook.create(path, WORDS, now=now(), cost=KeySlotCost.least()).close()
    served = Served(path, tmp_path)
    head = 'Content-Disposition: form-data; name="file"; filename="a.csv"'
    form = f"--x\r\n{head}\r\n\r\ntime,a\r\n2024-01-01 10:00,1\r\n--x--\r\n"
    link = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(link):
        known = {"Host": served.host, "Cookie": served.cookie, "Origin": f"http://{served.host}"}
        link.request("POST", "/record/add", form, known | {"Content-Type": "multipart/form-data; boundary=x"})
        assert link.getresponse().status == 303
    assert list((tmp_path / "temporary").glob("mainstay-*"))
    served.process.send_signal(getattr(signal, name))
    out, err = served.process.communicate(timeout=60)
    assert "Traceback" not in out + err
    assert sorted(one.name for one in path.parent.iterdir()) == [path.name]
    assert not list((tmp_path / "temporary").glob("mainstay-*"))


def test_a_killed_page_leaves_the_casebook_whole_and_nothing_readable(served: Served, tmp_path: Path) -> None:
    served.shown("/record")
    served.process.kill()
    served.process.communicate(timeout=30)
    for one in tmp_path.rglob("*"):
        if one.is_file():
            assert CANARY.encode() not in one.read_bytes(), one
    with Casebook.open(served.case, WORDS) as casebook:
        assert sum(sum(stream.kinds.values()) for stream in casebook.streams()) == 5


@pytest.mark.skipif(
    shutil.which("unshare") is None, reason="needs unshare, for a network with nothing but this machine"
)
def test_the_page_is_the_same_without_any_network(tmp_path: Path) -> None:
    path = tmp_path / "anna.mainstay"
    Casebook.create(path, WORDS, now=now(), cost=KeySlotCost.least()).close()
    alone = ["unshare", "--map-root-user", "--net", "--"]
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this machine gives no network namespace")
    program = tmp_path / "alone.py"
    program.write_text(
        "import sys, subprocess\n"
        "subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)\n"
        f"sys.path[:0] = {[str(Path(__file__).parent)]!r}\n"
        "from pathlib import Path\nfrom test_page import Served\n"
        f"served = Served(Path({str(path)!r}), Path({str(tmp_path)!r}))\n"
        "pages = ('/', '/record/add', '/static/mainstay.css', '/static/mainstay.js', '/static/mark.svg')\n"
        "print([served.ask('GET', one)[0] for one in pages])\nserved.stop()\n"
    )
    if shutil.which("ip") is None:
        pytest.skip("needs ip, to bring the loopback up")
    done = subprocess.run(
        [*alone, sys.executable, str(program)], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.stdout.strip() == "[200, 200, 200, 200, 200]", done.stderr


def everything_under(folder: Path) -> set[str]:
    """Every file below a folder, by its path from there."""
    return {str(one.relative_to(folder)) for one in folder.rglob("*")}
