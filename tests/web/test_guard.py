"""Claims about who is let in: what does not come from this machine, to this address, from this page is refused."""

import itertools
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from mainstay.casebook import Casebook, KeySlotCost
from mainstay.web.app import application
from mainstay.web.guard import FRAMES, HEADERS, TOKEN_LIVES_S, Doorkeeper

from .conftest import FROM_A_FORM, NOW, ORIGIN, PORT, WORDS, Page, opened

REFUSED = (400, 401, 403, 404, 405, 421)
FOREIGN_HOSTS = (
    "", "localhost", f"localhost:{PORT}", f"LOCALHOST:{PORT}", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:0",
    f"127.0.0.1:{PORT + 1}", f"127.0.0.1:0{PORT}", f"127.0.0.1:{PORT}.", f"127.0.0.1.:{PORT}",
    f"127.0.0.1:{PORT}:{PORT}",
    f"127.0.0.1:{PORT}/", f"127.0.0.1:{PORT}@evil.example", f"evil.example@127.0.0.1:{PORT}",
    f"user:pass@127.0.0.1:{PORT}",
    f"evil.example:{PORT}", "evil.example", f"127.0.0.1.nip.io:{PORT}", f"7f000001.rbndr.us:{PORT}",
    f"127-0-0-1.sslip.io:{PORT}", f"localtest.me:{PORT}", f"127.1:{PORT}", f"127.0.1:{PORT}", f"0.0.0.0:{PORT}",
    f"0:{PORT}", f"2130706433:{PORT}", f"0x7f000001:{PORT}", f"0x7f.0.0.1:{PORT}", f"0177.0.0.1:{PORT}",
    f"127.0.0.01:{PORT}", f"127.000.000.001:{PORT}", f"127.0.0.2:{PORT}", f"[::1]:{PORT}", "[::1]", f"::1:{PORT}",
    f"[::ffff:127.0.0.1]:{PORT}", f"[0:0:0:0:0:0:0:1]:{PORT}", f"[::]:{PORT}", f"[fe80::1%25lo]:{PORT}",
    f" 127.0.0.1:{PORT}x", f"x127.0.0.1:{PORT}", f"127.0.0.1:{PORT}#", f"127.0.0.1:{PORT}?", f"127.0.0.1;{PORT}",
    f"127.0.0.1,127.0.0.1:{PORT}", f"127.0.0.1:{PORT},evil.example", f"127.0.0.1:{PORT} evil.example",
    f"http://127.0.0.1:{PORT}", f"//127.0.0.1:{PORT}", f"192.168.1.2:{PORT}", f"10.0.0.1:{PORT}",
    f"169.254.169.254:{PORT}",
    f"host.docker.internal:{PORT}", f"mainstay:{PORT}", f"mainstay.local:{PORT}", f"xn--127001-x:{PORT}", "*", "null",
    f"127.0.0.1:+{PORT}", f"127.0.0.1:{PORT}%00", f"127.0.0.1%3A{PORT}",
)  # fmt: skip
FOREIGN_ORIGINS = (
    None, "null", "", ORIGIN.upper(), ORIGIN + "/", f"https://127.0.0.1:{PORT}", "http://127.0.0.1",
    f"http://127.0.0.1:{PORT + 1}",
    f"http://localhost:{PORT}", "https://evil.example", f"{ORIGIN}.evil.example", f"http://evil.example/{ORIGIN}", "file://",
    f"{ORIGIN}, https://evil.example", f"http://[::1]:{PORT}", "chrome-extension://abcdefgh",
)  # fmt: skip
SITES = (None, "same-origin", "same-site", "cross-site", "none", "Same-Origin", "")


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """A window on an empty casebook, for all that is refused before anything is read."""
    path = tmp_path_factory.mktemp("guard") / "anna.mainstay"
    Casebook.create(path, WORDS, now=NOW, cost=KeySlotCost.least()).close()
    found = opened(path)
    yield found
    found.desk.close()


@pytest.fixture
def page(shared):
    """The same window, let in and unlocked again where a test locked it."""
    shared.desk.unlock(WORDS)
    return shared


def test_there_are_as_many_hosts_and_combinations_as_the_measure_asks_for():
    assert len(set(FOREIGN_HOSTS)) >= 50
    assert len(FOREIGN_ORIGINS) * len(SITES) >= 20


def test_another_host_is_not_answered(page):
    for host, method in itertools.product(FOREIGN_HOSTS, ("GET", "POST")):
        found = page.request(method, "/", headers={"host": host} | (FROM_A_FORM if method == "POST" else {}))
        assert found.status_code == 421, host
        assert "anna" not in found.text


def test_two_hosts_are_not_answered(page):
    found = page.get("/", headers=[("host", f"127.0.0.1:{PORT}"), ("host", "evil.example")])
    assert found.status_code == 421


def test_nothing_changes_but_from_a_form_of_this_page(page):
    for origin, site in itertools.product(FOREIGN_ORIGINS, SITES):
        headers = {"content-type": FROM_A_FORM["content-type"]}
        headers |= {} if origin is None else {"origin": origin}
        headers |= {} if site is None else {"sec-fetch-site": site}
        assert page.post("/lock", headers=headers).status_code == 403, headers
        assert page.desk.is_open


@pytest.mark.parametrize("site", ["same-site", "cross-site", "none", "Same-Origin", "", "same-origin, cross-site"])
def test_our_own_origin_from_another_site_is_no_form_of_this_page(page, site):
    assert page.post("/lock", headers=FROM_A_FORM | {"sec-fetch-site": site}).status_code == 403
    assert page.desk.is_open


@pytest.mark.parametrize("site", ["same-site", "cross-site", "", "SAME-ORIGIN"])
@pytest.mark.parametrize("path", ["/", "/picture.svg", "/static/mainstay.js", "/open", "/unlock", "/awake"])
def test_another_page_can_neither_show_nor_embed_this_one(page, site, path):
    assert page.get(path, headers={"sec-fetch-site": site}).status_code == 403


@pytest.mark.parametrize("origin", [one for one in FOREIGN_ORIGINS if one is not None])
def test_a_script_of_another_origin_reads_nothing(page, origin):
    found = page.get("/", headers={"origin": origin})
    assert found.status_code == 403
    assert "access-control-allow-origin" not in found.headers


@pytest.mark.parametrize("where", FRAMES)
def test_the_page_opens_in_no_frame(page, where):
    assert page.get("/", headers={"sec-fetch-dest": where}).status_code == 403
    for path in ("/", "/unlock", "/nowhere", "/static/mainstay.css"):
        found = page.get(path)
        assert found.headers["x-frame-options"] == "DENY"
        assert "frame-ancestors 'none'" in found.headers["content-security-policy"]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "post"])
def test_other_methods_do_nothing(page, method):
    sent = page.build_request(method, "/lock", headers=FROM_A_FORM)
    sent.method = method
    assert page.send(sent).status_code in (403, 405)
    assert page.desk.is_open


@pytest.mark.parametrize("client", ["127.0.0.2", "::1", "192.168.1.5", "10.0.0.1", "0.0.0.0", "", "localhost", "unix"])
def test_only_this_machine_is_answered(page, client):
    away = TestClient(application(page.desk, page.doorkeeper), base_url=ORIGIN, client=(client, 1))
    away.cookies = page.cookies
    assert away.get("/").status_code == 403


def window(page: Page) -> TestClient:
    """Another window that was not let in."""
    return TestClient(application(page.desk, page.doorkeeper), base_url=ORIGIN, client=("127.0.0.1", 50001))


@pytest.mark.parametrize(
    "path", ["/", "/unlock", "/picture.svg", "/static/mainstay.css", "/awake", "/nowhere", "/record/add"]
)
def test_a_window_that_was_not_let_in_sees_nothing_not_even_whose_page_it_is(page, path):
    found = window(page).get(path)
    assert found.status_code == 401
    assert "anna" not in found.text
    assert window(page).post(path, headers=FROM_A_FORM).status_code == 401


def test_a_token_opens_once(page):
    address = page.doorkeeper.address().removeprefix(ORIGIN)
    first, second = window(page), window(page)
    assert first.get(address, follow_redirects=False).status_code == 303
    assert second.get(address, follow_redirects=False).status_code == 403
    assert first.get("/unlock").status_code == 200
    assert second.get("/unlock").status_code == 401


def test_a_token_dies_of_age():
    now = [0.0]
    keeper = Doorkeeper(PORT, lambda: now[0])
    tokens = [keeper.address().split("token=")[1] for _ in range(2)]
    now[0] = TOKEN_LIVES_S - 1
    assert keeper.exchange(tokens[0]) is not None
    now[0] = TOKEN_LIVES_S
    assert keeper.exchange(tokens[1]) is None
    now[0] = 0.0
    assert keeper.exchange(tokens[1]) is None


@pytest.mark.parametrize("change", [
    lambda token: "", lambda token: token[:-1], lambda token: token + "A", lambda token: token.swapcase(),
    lambda token: token[::-1], lambda token: token + "\0", lambda token: " " + token, lambda token: "%00",
    lambda token: "A" * len(token), lambda token: "é" * 43, lambda token: "x" * 10_000,
])  # fmt: skip
def test_what_is_almost_a_token_opens_nothing(change):
    keeper = Doorkeeper(PORT, lambda: 0.0)
    token = keeper.address().split("token=")[1]
    assert keeper.exchange(change(token)) is None
    assert keeper.exchange(token) is not None


def test_ten_thousand_guesses_open_nothing_and_no_two_tokens_are_alike():
    keeper = Doorkeeper(PORT, lambda: 0.0)
    tokens = {keeper.address().split("token=")[1] for _ in range(1000)}
    assert len(tokens) == 1000
    assert min(map(len, tokens)) >= 43
    assert not any(keeper.exchange(f"{guess:043d}") for guess in range(10_000))
    assert not any(keeper.knows([f"{keeper.cookie}={guess:043d}"]) for guess in range(10_000))


def test_secrets_are_held_as_digests_only(page):
    value = page.cookies[page.doorkeeper.cookie]
    assert value not in repr(page.doorkeeper)
    token = page.doorkeeper.address().split("token=")[1]
    assert token not in repr(page.doorkeeper)


def test_the_cookie_is_for_this_port_and_no_script_and_no_other_site(page):
    found = window(page).get(page.doorkeeper.address().removeprefix(ORIGIN), follow_redirects=False)
    said = found.headers["set-cookie"].lower()
    assert said.startswith(f"mainstay-{PORT}=")
    for part in ("httponly", "samesite=strict", "path=/"):
        assert part in said
    assert "domain" not in said
    assert "max-age" not in said
    assert "expires" not in said


@pytest.mark.parametrize("form", [
    "mainstay-{other}={value}", "mainstay={value}", "mainstay-{port}x={value}", "MAINSTAY-{port}={value}",
    "mainstay-{port}={value}x", "mainstay-{port}=", "mainstay-{port}", "{value}", "=mainstay-{port}={value}",
    "mainstay-{port}=\"{value}\"", "mainstay-{port} ={value}", "a=b, mainstay-{port}={value}",
])  # fmt: skip
def test_another_ports_cookie_or_a_bent_one_lets_nobody_in(page, form):
    value = page.cookies[page.doorkeeper.cookie]
    header = form.format(port=PORT, other=PORT + 1, value=value)
    assert window(page).get("/", headers={"cookie": header}).status_code == 401


def test_a_cookie_of_a_former_run_lets_nobody_in(page):
    anew = TestClient(application(page.desk, Doorkeeper(PORT, lambda: 0.0)), base_url=ORIGIN, client=("127.0.0.1", 1))
    anew.cookies = page.cookies
    assert anew.get("/").status_code == 401


def test_the_right_cookie_among_others_lets_in_and_a_wrong_one_beside_it_does_no_harm(page):
    value = page.cookies[page.doorkeeper.cookie]
    name = page.doorkeeper.cookie
    for header in (f"a=b; {name}={value}; c=d", f"{name}=old; {name}={value}"):
        assert window(page).get("/unlock", headers={"cookie": header}, follow_redirects=False).status_code == 303


def test_two_windows_share_one_casebook_and_one_lock(page):
    other = Page.__new__(Page)
    TestClient.__init__(other, application(page.desk, page.doorkeeper), base_url=ORIGIN, client=("127.0.0.1", 50002))
    assert other.get(page.doorkeeper.address().removeprefix(ORIGIN)).status_code == 200
    assert other.get("/record/add").url.path == "/record/add"
    page.fill("/lock")
    assert other.get("/record/add").url.path == "/unlock"


ANSWERS = ("/", "/picture.svg", "/nowhere", "/picture.svg?width=x", "/static/mainstay.css", "/static/nowhere",
           "/open?token=x",
           "/unlock", "/awake", "/?as_of=never", "/record/add", "/record/add/none")  # fmt: skip


@pytest.mark.parametrize("path", ANSWERS)
def test_every_answer_carries_every_header_and_is_stored_nowhere(page, path):
    for one in (page, window(page)):
        found = one.get(path, follow_redirects=False)
        for name, value in HEADERS:
            assert found.headers.get_list(name) == [value]
        assert found.headers.get_list("cache-control") == ["no-store"]
        assert "server" not in found.headers


def test_a_fault_of_ours_tells_nothing_of_what_it_stumbled_over(page, monkeypatch, capsys):
    def stumbles(*_: object) -> None:
        raise RuntimeError("canary from the records")

    monkeypatch.setattr(page.desk, "casebook", stumbles)
    found = page.get("/")
    assert found.status_code == 500
    assert found.headers.get_list("cache-control") == ["no-store"]
    said = capsys.readouterr()
    assert "canary" not in found.text + said.out + said.err
    assert "RuntimeError at " in said.err


def test_a_fault_outside_every_page_is_silent_too(page, monkeypatch, capsys):
    def stumbles(*_: object) -> None:
        raise RuntimeError("canary from the records")

    monkeypatch.setattr(page.desk, "touch", stumbles)
    found = page.get("/")
    assert found.status_code == 500
    said = capsys.readouterr()
    assert "canary" not in found.text + said.out + said.err


@pytest.mark.parametrize("path", [
    "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/%2e%2e%2fapp.py",
    "/static//etc/passwd",
    "/static/..\\app.py", "/static/....//app.py", "/static/%252e%252e/app.py", "/static/mainstay.css/../../app.py",
    "/static/%00", "/static/mainstay.css%00.png", "/static/", "/static", "/static/.", "/%2e%2e/etc/passwd",
    "/static/\u2024\u2024/app.py",
])  # fmt: skip
def test_no_path_leads_out_of_what_is_shown_to_all(page, path):
    found = page.get(path)
    assert found.status_code in (404, 400)
    assert "import" not in found.text
    assert "root:" not in found.text
    assert "Traceback" not in found.text


@pytest.mark.parametrize(
    "value", ["a\r\nset-cookie: x=y", "a\nb", "a%0d%0aset-cookie:x=y", "\x00", "\x1b[31m", "a\u2028b"]
)
def test_what_is_sent_never_becomes_a_header(page, value):
    for found in (
        page.get("/", params={"as_of": value}, follow_redirects=False),
        page.fill("/unlock", passphrase=value),
        page.get(f"/record/add/{quote(value)}"),
    ):
        assert "set-cookie" not in found.headers
        assert "\x1b" not in found.text


def test_of_a_hostile_date_nothing_is_shown(page):
    for value in ("<script>alert(1)</script>", "2024-01-01<b>", "9999-99-99", "3024-01-01", "1" * 5000):
        found = page.get("/", params={"as_of": value})
        assert "Told as of" not in found.text
        assert "alert(1)" not in found.text


def test_a_web_socket_is_closed_unanswered(page):
    from starlette.websockets import WebSocketDisconnect

    with pytest.raises(WebSocketDisconnect) as closed, page.websocket_connect("/"):
        pass
    assert closed.value.code == 1008
