"""Claims about being let in and kept out, as a browser does it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import expect

from web.conftest import WORDS


@contextmanager
def another_site(markup: str, host: str) -> Iterator[str]:
    """A page of somebody else on this machine: the address of it."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = markup.encode()
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is said on the terminal of the tests."""

    other = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    serving = threading.Thread(target=other.serve_forever, daemon=True)
    serving.start()
    try:
        yield f"http://{host}:{other.server_address[1]}/"
    finally:
        other.shutdown()
        other.server_close()
        serving.join()


def test_a_wrong_passphrase_is_said_beside_the_field_and_the_right_one_opens(opens, case):
    window = opens(case)
    page = window.let_in()
    expect(page.get_by_label("Passphrase")).to_be_focused()
    page.keyboard.type("not these words")
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert "does not open it" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Passphrase").get_attribute("aria-invalid") == "true"
    assert page.get_by_label("Passphrase").input_value() == ""
    expect(page.get_by_label("Passphrase")).to_be_focused()
    page.keyboard.type(WORDS)
    page.keyboard.press("Enter")
    assert "anna" in window.at("/").title()
    assert page.locator(".claim").first.inner_text()


def test_locked_by_its_button_every_window_of_the_page_is_left(window):
    other = window.another()
    other.goto(window.origin + "/consent")
    window.goes("/record")
    window.page.get_by_role("button", name="Lock").click()
    window.at("/unlock")
    other.wait_for_url("**/unlock")
    assert not window.desk.is_open
    window.page.go_back()
    assert window.at("/unlock").locator("main").inner_text().startswith("anna.mainstay is locked")


def test_no_other_page_may_show_this_one_inside_it(window):
    for host in ("127.0.0.1", "localhost"):
        with another_site(f"<iframe src='{window.origin}/consent'></iframe>", host) as address:
            page = window.another()
            page.goto(address, wait_until="networkidle")
            shown = [one.locator("body").inner_text() for one in page.frames[1:]]
            assert len(shown) == 1
            assert "Who may use" not in shown[0]
            assert "anna" not in shown[0]


def test_a_form_sent_by_another_page_changes_nothing(window):
    before = window.counted()
    fields = "<input name=label value='planted'><input name=kind value=demand>"
    for host in ("127.0.0.1", "localhost"):
        form = f"<form method=post action='{window.origin}/write/event'>{fields}<button>Win</button></form>"
        with another_site(form, host) as address:
            page = window.another()
            page.goto(address)
            page.get_by_role("button").click()
            page.wait_for_url(window.origin + "/write/event")
            assert "not" in page.locator("body").inner_text()
    assert window.counted() == before


def test_a_script_of_another_page_reads_nothing(window):
    with another_site("<p>Elsewhere</p>", "127.0.0.1") as address:
        page = window.another()
        page.goto(address)
        read = """async (address) => fetch(address, { credentials: "include" }).then((one) => one.text(), () => null)"""
        assert page.evaluate(read, window.origin + "/consent") is None
