"""Claims about what a page refers to: nothing but itself, and no part of it runs or draws what was typed."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

import mainstay.web
from mainstay.web import locking, pages

HERE = Path(mainstay.web.__file__).parent
SHIPPED = sorted([*(HERE / "templates").rglob("*.html"), *(HERE / "static").rglob("*.*")])
KNOWN_NAMES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink", "http://www.w3.org/1999/xhtml",
               "http://www.w3.org/XML/1998/namespace", "http://www.w3.org/2000/xmlns/")  # fmt: skip
LOADS = ("src", "href", "action", "formaction", "data", "poster", "srcset", "ping", "manifest", "background", "cite")
BROWSERS_SEND = ("text", "search", "email", "tel", "url", "")


class Seen(HTMLParser):
    """What one page refers to, and what would run in it."""

    def __init__(self) -> None:
        super().__init__()
        self.refers: list[str] = []
        self.runs: list[str] = []
        self.open_forms: list[dict[str, str | None]] = []
        self.kept_by_browser: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self._inside = tag
        for name, value in attrs:
            if name in LOADS and value:
                self.refers += [one.strip().split(" ")[0] for one in value.split(",")] if name == "srcset" else [value]
            if name.startswith("on") or name == "style" or (value or "").strip().lower().startswith("javascript:"):
                self.runs.append(f"{tag} {name}={value}")
        if tag in ("style", "iframe", "object", "embed", "base", "applet", "frame"):
            self.runs.append(tag)
        if tag == "form":
            self.open_forms.append(held)
        if tag == "textarea" or (tag == "input" and (held.get("type") or "") in BROWSERS_SEND):
            around = self.open_forms[-1].get("autocomplete") if self.open_forms else None
            if "off" not in (held.get("autocomplete"), around):
                self.kept_by_browser.append(str(held.get("name")))
        if tag == "meta" and (held.get("http-equiv") or "").lower() == "refresh":
            self.refers += str(held.get("content")).split("url=")[1:]  # without one, a page looks at itself again

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""
        if tag == "form" and self.open_forms:
            self.open_forms.pop()

    def handle_data(self, data: str) -> None:
        if self._inside == "script" and data.strip():
            self.runs.append("script: " + data[:60])


def plain_paths() -> list[str]:
    """Every address of the page that can be asked for as it stands."""
    routes = [*locking.ROUTES, *(route for one in pages.ALL for route in one.ROUTES)]
    return sorted({one.path for one in routes if "{" not in one.path and "GET" in (one.methods or {"GET"})} - {"/open"})


@pytest.mark.parametrize("file", SHIPPED, ids=lambda one: one.name)
def test_what_is_shipped_names_no_other_machine(file):
    text = file.read_text(encoding="utf-8")
    for known in KNOWN_NAMES:
        text = text.replace(known, "")
    assert not re.findall(r"(?:https?:|wss?:|ftp:)?//[a-z0-9-]+\.[a-z]{2,}", text, re.IGNORECASE)
    assert not re.findall(r"@import|sourceMappingURL|navigator\.sendBeacon|eval\(|new Function|document\.write", text)
    assert len(re.findall(r"innerHTML = ", text)) == len(
        re.findall(r"innerHTML = await (?:found|answer)\.text\(\)", text)
    )
    assert not re.findall(r"url\((?!['\"]?(?:/static/|data:))", text)


def test_no_page_refers_to_anything_outside_runs_what_was_typed_or_lets_the_browser_keep_it(page):
    wrong: dict[str, list[str]] = {}
    for path in (*plain_paths(), "/nowhere", "/?as_of=x"):
        found = page.get(path)
        if not found.headers.get("content-type", "").startswith("text/html"):
            continue
        seen = Seen()
        seen.feed(found.text)
        wrong[path] = [one for one in seen.refers if not re.match(r"(?:/(?!/)|#|\?)", one)] + seen.runs
        wrong[path] += [f"kept by the browser: {one}" for one in seen.kept_by_browser]
        if found.text.startswith("<!doctype html>"):  # else a part of a page
            assert '<body spellcheck="false">' in found.text
            assert 'translate="no"' in found.text
    assert len(wrong) >= 5
    assert {path: found for path, found in wrong.items() if found} == {}


def test_an_address_names_nothing_of_what_is_on_record(page):
    for path in plain_paths():
        assert re.fullmatch(r"/[a-z0-9_./-]*", path), path
