"""Claims about what a form sends: read whole or refused in words, and never more than a form can hold."""

import asyncio

import pytest
from starlette.requests import Request

from mainstay.errors import BadRequest
from mainstay.web.forms import FORM, MOST_BYTES, MOST_FIELDS, Fields, fields_of


def sent(*parts: bytes, kind: str = FORM, breaks_off: bool = False) -> Request:
    """A request that sends its body in these parts."""
    waiting = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    waiting.append(
        {"type": "http.disconnect"} if breaks_off else {"type": "http.request", "body": b"", "more_body": False}
    )

    async def receive() -> dict:
        return waiting.pop(0)

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", kind.encode())]}, receive)


def read(request: Request) -> Fields:
    return asyncio.run(fields_of(request))


def test_every_value_is_there_by_name_and_in_order():
    found = read(sent(b"a=1&b=&a=2&c=%C3%A9+%26", b"&d=x"))
    assert found["a"] == "2"
    assert found.all("a") == ("1", "2")
    assert found["b"] == ""
    assert found.text("c") == "é &"
    assert found.text("nowhere") == ""
    assert list(found) == ["a", "b", "c", "d"]
    assert len(found) == 4


def test_a_form_without_fields_is_a_form():
    assert len(read(sent())) == 0


@pytest.mark.parametrize("kind", ["text/plain", "multipart/form-data; boundary=x", "application/json", "", FORM + "x"])
def test_another_kind_of_content_is_refused(kind):
    with pytest.raises(BadRequest, match="did not come from a form"):
        read(sent(b"a=1", kind=kind))


def test_the_kind_may_say_its_letters_and_their_case_does_not_matter():
    assert read(sent(b"a=1", kind=FORM.title() + "; charset=utf-8"))["a"] == "1"


def test_more_than_a_form_can_hold_is_refused_before_it_is_held():
    part = b"a=" + b"b" * (MOST_BYTES // 4)
    with pytest.raises(BadRequest, match="more than a form may hold"):
        read(sent(*[part] * 5))
    with pytest.raises(BadRequest, match="can't be read"):
        read(sent(b"&".join([b"a=b"] * (MOST_FIELDS + 1))))


@pytest.mark.parametrize("body", [b"a", b"a=%ff", b"a=\xff", b"=&=&&", b"a=1;b=2&c", "é=1".encode()])
def test_what_is_no_form_is_refused_in_words(body):
    with pytest.raises(BadRequest, match="can't be read"):
        read(sent(body))


def test_what_breaks_off_is_refused_in_words():
    with pytest.raises(BadRequest, match="broke off"):
        read(sent(b"a=1", breaks_off=True))
