"""Claims about the real server on a real socket: what it answers to raw bytes, and that it says nothing elsewhere."""

import contextlib
import logging
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.errors import BadRequest
from mainstay.web import serving
from mainstay.web.desk import Desk
from mainstay.web.guard import Doorkeeper

from .conftest import NOW, WORDS


class Served:
    """A page that listens, and a cookie that lets in."""

    def __init__(self, path: Path, socket_: socket.socket) -> None:
        self.port = socket_.getsockname()[1]
        self.desk = Desk(path, lambda: NOW, lambda: 0.0)
        self.desk.unlock(WORDS)
        self.keeper = Doorkeeper(self.port, lambda: 0.0)
        self.host = f"127.0.0.1:{self.port}"
        value = self.keeper.exchange(self.keeper.address().split("token=")[1])
        self.cookie = f"{self.keeper.cookie}={value}"
        self.server = serving.server(self.desk, self.keeper)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [socket_]}, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.01)

    def say(self, raw: str | bytes, *, patience_s: float = 5.0) -> str:
        """What comes back for raw bytes, until the other side closes or is silent."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=patience_s) as one:
            with contextlib.suppress(ConnectionError):
                one.sendall(raw.encode("latin-1") if isinstance(raw, str) else raw)
            held = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                while part := one.recv(65536):
                    held += part
                    if b"Content-Length" not in held and b"content-length" not in held:
                        continue
                    if held.split(b"\r\n\r\n", 1)[1:] and len(held.split(b"\r\n\r\n", 1)[1]) >= _length(held):
                        break
            return held.decode("latin-1")

    def get(self, target: str, *lines: str) -> str:
        head = [f"GET {target} HTTP/1.1", f"Host: {self.host}", f"Cookie: {self.cookie}", "Connection: close", *lines]
        return self.say("\r\n".join(head) + "\r\n\r\n")

    def post(self, target: str, body: str, *lines: str) -> str:
        head = [
            f"POST {target} HTTP/1.1", f"Host: {self.host}", f"Cookie: {self.cookie}", f"Origin: http://{self.host}",
            "Connection: close", *(lines or ("Content-Type: application/x-www-form-urlencoded",)),
        ]  # fmt: skip
        if not any("length" in one.lower() or "transfer" in one.lower() for one in lines):
            head.append(f"Content-Length: {len(body)}")
        return self.say("\r\n".join(head) + "\r\n\r\n" + body)


def _length(held: bytes) -> int:
    for line in held.split(b"\r\n\r\n", 1)[0].lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.split(b":")[1])
    return 1 << 60


def status(answer: str) -> int:
    return int(answer.split(" ", 2)[1]) if answer else 0


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    path = tmp_path_factory.mktemp("served") / "anna.mainstay"
    Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()).close()
    with serving.listening(0) as socket_:
        found = Served(path, socket_)
        yield found
        found.server.should_exit = True
        found.thread.join(10)
        found.desk.close()


def test_it_listens_on_this_machines_own_address_only(served):
    with serving.listening(0) as one:
        assert one.getsockname()[0] == "127.0.0.1"
        assert one.family == socket.AF_INET
    with pytest.raises(BadRequest, match="taken"), serving.listening(served.port):
        pass


def test_the_real_server_answers_the_real_request(served):
    answer = served.get("/record/add")
    assert status(answer) == 200
    assert "cache-control: no-store" in answer.lower()
    assert "\r\nserver:" not in answer.lower()


def test_request_lines_of_other_shapes_are_not_answered(served):
    for target in (
        "http://evil.example/", f"http://{served.host}/", f"http://{served.host}/unlock", "evil.example:80", "*",
        "//evil.example/", "///", "/../", "/static/../../../etc/passwd", "/static/..", "/static/%2e%2e/%2e%2e/app.py",
        "\\", "/\\..\\", "?", "#", "/%00", "/%0d%0aset-cookie:%20a=b", "javascript:alert(1)", "file:///etc/passwd",
    ):  # fmt: skip
        answer = served.get(target)
        assert status(answer) in (303, 400, 404, 421), target
        assert "root:" not in answer
        assert "import " not in answer
        assert "\r\nset-cookie" not in answer.lower()


@pytest.mark.parametrize(
    "hosts",
    [[], ["evil.example"], ["{host}", "evil.example"], ["evil.example", "{host}"], ["{host}", "{host}"], [""],
     ["{host}."], ["LOCALHOST"], ["{host}\tx"]],
)  # fmt: skip
def test_hosts_missing_doubled_or_foreign_are_not_answered(served, hosts):
    lines = [f"Host: {one.format(host=served.host)}" for one in hosts]
    answer = served.say(
        "\r\n".join(["GET /unlock HTTP/1.1", f"Cookie: {served.cookie}", "Connection: close", *lines]) + "\r\n\r\n"
    )
    assert status(answer) in (400, 421)


def test_an_older_protocol_without_a_host_is_not_answered(served):
    assert status(served.say(f"GET /unlock HTTP/1.0\r\nCookie: {served.cookie}\r\n\r\n")) == 421


@pytest.mark.parametrize(
    "raw",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"\0" * 100, b"GET\r\n\r\n",
     b"GET / HTTP/9.9\r\n\r\n", b"\r\n" * 50, b"GET / HTTP/1.1\r\nA B: c\r\n\r\n", b"GET / HTTP/1.1\r\n: x\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", b"\xff" * 1000],
)  # fmt: skip
def test_what_is_no_request_gets_no_page(served, raw):
    answer = served.say(raw, patience_s=1.0)
    assert status(answer) in (0, 400, 421)
    assert "anna" not in answer


def test_a_bomb_of_headers_is_refused(served):
    many = "\r\n".join(f"X-{k}: {'y' * 100}" for k in range(2000))
    assert status(served.get("/unlock", many)) in (0, 400, 431)
    assert status(served.get("/unlock", "X: " + "y" * 200_000)) in (0, 400, 431)
    assert status(served.get("/record/add")) == 200


def test_a_request_smuggled_in_another_is_not_answered(served):
    inner = f"GET /record/add HTTP/1.1\r\nHost: {served.host}\r\n\r\n"
    answer = served.post("/awake", inner, "Content-Type: application/x-www-form-urlencoded", "Content-Length: 0",
                         "Transfer-Encoding: chunked")  # fmt: skip
    assert "Bring in records" not in answer
    answer = served.post("/awake", "0\r\n\r\n" + inner, "Content-Type: application/x-www-form-urlencoded",
                         "Content-Length: 4", "Content-Length: 90")  # fmt: skip
    assert status(answer) in (0, 400)


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "application/json", "", "application/x-www-form-urlencodedx",
             "text/html", "application/xml", "multipart/form-data; boundary=x"],
)  # fmt: skip
def test_a_form_of_another_kind_changes_nothing(served, kind):
    assert status(served.post("/lock", "a=b", f"Content-Type: {kind}")) == 400
    assert served.desk.is_open


def test_a_form_that_is_too_large_is_refused_whatever_it_says_of_its_size(served):
    form = "Content-Type: application/x-www-form-urlencoded"
    assert status(served.post("/lock", "a=" + "b" * 400_000, form)) in (0, 400)
    chunk = f"{300_000:x}\r\n" + "a" * 300_000 + "\r\n0\r\n\r\n"
    assert status(served.post("/lock", chunk, form, "Transfer-Encoding: chunked")) in (0, 400)
    assert status(served.post("/lock", "&".join("a=b" for _ in range(2000)), form)) == 400
    assert served.desk.is_open


def test_a_form_that_breaks_off_or_stalls_changes_nothing_and_holds_nobody_up(served, monkeypatch):
    monkeypatch.setattr("mainstay.web.forms.SLOWEST_S", 0.3)
    form = "Content-Type: application/x-www-form-urlencoded"
    assert status(served.post("/lock", "a=b", form, "Content-Length: 5000")) == 400
    assert served.desk.is_open
    lines = (f"Host: {served.host}", f"Cookie: {served.cookie}", f"Origin: http://{served.host}", form)
    head = "\r\n".join(["POST /lock HTTP/1.1", *lines, "Content-Length: 50", "", "a="])
    with socket.create_connection(("127.0.0.1", served.port)) as one:
        one.sendall(head.encode())
    assert served.desk.is_open
    assert status(served.get("/record/add")) == 200


def test_two_hundred_half_open_connections_hold_nobody_up(served):
    with contextlib.ExitStack() as held:
        for _ in range(200):
            held.enter_context(socket.create_connection(("127.0.0.1", served.port))).sendall(b"GET / HT")
        assert status(served.get("/record/add")) == 200


def test_a_web_socket_is_not_opened(served):
    answer = served.get("/", "Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")  # fmt: skip
    assert status(answer) != 101


def test_the_servers_own_words_go_nowhere(served, capfd):
    served.say(b"\xff\xfe canary\r\n\r\n", patience_s=1.0)
    logging.getLogger("uvicorn.error").error("canary")
    logging.getLogger("asyncio").error("canary")
    said = capfd.readouterr()
    assert "canary" not in said.out + said.err
    assert not said.err


def test_idleness_goes_on_while_the_machine_sleeps():
    assert serving.waking_and_sleeping() >= time.monotonic() - 1.0
    assert serving.waking_and_sleeping() <= serving.waking_and_sleeping()
