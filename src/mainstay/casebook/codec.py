"""What a body looks like in the file: JSON with the fields of its kind. A signal's samples are kept apart (`blocks`).

Both ways are strict: a field too many, too few, or of another type is refused, so nothing is repaired in silence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from mainstay.errors import BadRecord
from mainstay.quantities import Instant
from mainstay.records.kinds import (
    KINDS,
    Attribute,
    Body,
    CheckIn,
    Contact,
    Coverage,
    Episode,
    EpisodeIs,
    Event,
    Is,
    Item,
    Prompt,
    Reaction,
    Signal,
    Statement,
    StatementForm,
)

Fields = dict[str, Any]
Samples = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Times and values of a signal, both (n,)."""

# The years 2 to 9998, as everywhere: the first and last year of the calendar have no room for an offset.
_EARLIEST_US, _LATEST_US = -62_104_060_800_000_000, 253_370_764_800_000_000
_LARGEST_OFFSET_S = 86_400
_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_from_json = json.JSONDecoder().decode


def encode_body(body: Body) -> str:
    """The JSON text of a body; of a signal, without its samples."""
    kind = type(body)
    if kind not in _ENCODERS:
        raise BadRecord(f"{kind.__name__} is no kind of record; it must be one of {', '.join(KINDS)}")
    return _to_json(_ENCODERS[kind](body))


def decode_body(kind: str, text: str, samples: Samples | None = None) -> Body:
    """The body of this kind from its JSON text and samples; refuses whatever `encode_body` would not have written."""
    if kind not in _DECODERS:
        raise BadRecord(f"{kind!r} is no kind of record")
    decode, size = _DECODERS[kind]
    try:
        fields = _from_json(text)
        if type(fields) is not dict or len(fields) != size:
            raise BadRecord(f"a stored {kind} has other fields than it should")
        if kind == "signal":
            return _decode_signal(fields, samples)
        return decode(fields)
    except (KeyError, TypeError, ValueError) as error:
        raise BadRecord(f"a stored {kind} can't be read") from error


def encode_item(item: Item) -> str:
    """The JSON text of an item; refuses a scale without extent."""
    fields = {
        "name": _text("item name", item.name),
        "label": _text("item label", item.label, empty=True),
        "low": _number("lower end of the scale", item.low),
        "high": _number("upper end of the scale", item.high),
        "better": _one_of("better", item.better, ("low", "high")),
        "low_anchor": _text("lower anchor", item.low_anchor, empty=True),
        "high_anchor": _text("upper anchor", item.high_anchor, empty=True),
        "ordinal": _truth("ordinal", item.ordinal),
    }
    if fields["low"] >= fields["high"]:
        raise BadRecord(f"item {item.name!r} needs a scale whose lower end is below its upper end")
    return _to_json(fields)


def decode_item(text: str) -> Item:
    """The item from its JSON text."""
    try:
        item = Item(**_from_json(text))
        encode_item(item)
    except (TypeError, ValueError) as error:
        raise BadRecord("a stored item can't be read") from error
    return item


def checked_instant(name: str, instant: Instant) -> tuple[int, int]:
    """UTC microseconds and local offset in seconds as plain integers; refuses what no clock could show."""
    if type(instant) is not Instant:
        raise BadRecord(f"{name} must be an instant, not {instant!r}")
    moment, offset = _whole(name, instant.utc_us), _whole(name, instant.offset_s)
    if not (_EARLIEST_US <= moment < _LATEST_US and -_LARGEST_OFFSET_S < offset < _LARGEST_OFFSET_S):
        raise BadRecord(f"{name} lies outside what a clock can show ({moment} microseconds, offset {offset} seconds)")
    return moment, offset


def instant_in(name: str, pair: Any) -> Instant:
    """The instant from UTC microseconds and offset; refuses what no clock could show."""
    moment, offset = pair
    instant = Instant(moment, offset)
    checked_instant(name, instant)
    return instant


def checked_text(name: str, value: str) -> str:
    """Text that is not empty."""
    return _text(name, value)


def columns(signal: Signal) -> Samples:
    """Times and values; refuses other types or lengths, and times that no clock could show."""
    times, values = np.asarray(signal.times_us), np.asarray(signal.values)
    if times.dtype != np.int64 or values.dtype != np.float64 or times.ndim != 1 or times.shape != values.shape:
        raise BadRecord(
            f"signal {signal.channel!r} needs int64 times and float64 values of one length, "
            f"not {times.dtype} {times.shape} and {values.dtype} {values.shape}"
        )
    if len(times) and not (times.min() >= _EARLIEST_US and times.max() < _LATEST_US):
        raise BadRecord(f"signal {signal.channel!r} has times that no clock can show")
    return times, values


def _text(name: str, value: object, empty: bool = False) -> str:
    if not isinstance(value, str):
        raise BadRecord(f"{name} must be text, not {value!r}")
    if not value and not empty:
        raise BadRecord(f"{name} is empty")
    return value


def _number(name: str, value: object) -> float:
    if type(value) is not float:
        if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
            raise BadRecord(f"{name} must be a number, not {value!r}")
        try:
            value = float(value)
        except OverflowError as error:
            raise BadRecord(f"{name} is larger than a number can be") from error
    if not math.isfinite(value):
        raise BadRecord(f"{name} must be a finite number, not {value!r}; leave out what was not recorded")
    return value


def _whole(name: str, value: object) -> int:
    if type(value) is int:
        return value
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise BadRecord(f"{name} must be a whole number, not {value!r}")
    return int(value)


def _truth(name: str, value: object) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise BadRecord(f"{name} must be true or false, not {value!r}")
    return bool(value)


def _one_of(name: str, value: object, allowed: tuple[Any, ...]) -> Any:
    if value not in allowed:
        raise BadRecord(f"{name} must be one of {', '.join(map(str, allowed))}, not {value!r}")
    return value


def _texts(name: str, values: object) -> list[str]:
    if not isinstance(values, tuple | list):
        raise BadRecord(f"{name} must be a list, not {values!r}")
    return [_text(name, value) for value in values]


def _instant_out(name: str, instant: Instant) -> list[int]:
    return list(checked_instant(name, instant))


_IS = get_args(Is)
_EPISODE_IS = get_args(EpisodeIs)
_FORMS = get_args(StatementForm)


def _encode_check_in(body: CheckIn) -> Fields:
    return {"item": _text("item", body.item), "value": _number("value", body.value)}


def _decode_check_in(fields: Fields) -> CheckIn:
    return CheckIn(_text("item", fields["item"]), _number("value", fields["value"]))


def _encode_event(body: Event) -> Fields:
    return {
        "label": _text("label", body.label),
        "is": _one_of("is", body.is_, _IS),
        "size": None if body.size is None else _number("size", body.size),
        "contacts": _texts("contacts", body.contacts),
        "tags": _texts("tags", body.tags),
    }


def _decode_event(fields: Fields) -> Event:
    size = fields["size"]
    return Event(
        _text("label", fields["label"]),
        _one_of("is", fields["is"], _IS),
        None if size is None else _number("size", size),
        tuple(_texts("contacts", fields["contacts"])),
        tuple(_texts("tags", fields["tags"])),
    )


def _encode_episode(body: Episode) -> Fields:
    return {
        "label": _text("label", body.label),
        "is": _one_of("is", body.is_, _EPISODE_IS),
        "self": _truth("self", body.is_self),
    }


def _decode_episode(fields: Fields) -> Episode:
    return Episode(
        _text("label", fields["label"]), _one_of("is", fields["is"], _EPISODE_IS), _truth("self", fields["self"])
    )


def _encode_signal(body: Signal) -> Fields:
    return {
        "channel": _text("channel", body.channel),
        "unit": _text("unit", body.unit, empty=True),
        "samples": len(columns(body)[0]),
    }


def _decode_signal(fields: Fields, samples: Samples | None = None) -> Signal:
    if samples is None:
        raise BadRecord("a stored signal has lost its samples")
    times, values = samples
    if len(times) != _whole("samples", fields["samples"]):
        raise BadRecord("a stored signal has another number of samples than it should")
    return Signal(_text("channel", fields["channel"]), _text("unit", fields["unit"], empty=True), times, values)


def _encode_prompt(body: Prompt) -> Fields:
    return {
        "sent": _instant_out("sent", body.sent),
        "answered": None if body.answered is None else _instant_out("answered", body.answered),
        "items": _texts("items", body.items),
    }


def _decode_prompt(fields: Fields) -> Prompt:
    answered = fields["answered"]
    return Prompt(
        instant_in("sent", fields["sent"]),
        None if answered is None else instant_in("answered", answered),
        tuple(_texts("items", fields["items"])),
    )


def _encode_coverage(body: Coverage) -> Fields:
    intensity = _number("intensity", body.intensity)
    if not 0.0 <= intensity <= 1.0:
        raise BadRecord(f"intensity of recording must lie between 0 and 1, not {intensity}")
    opportunity = None if body.opportunity is None else _texts("opportunity", body.opportunity)
    return {"labels": _texts("labels", body.labels), "intensity": intensity, "opportunity": opportunity}


def _decode_coverage(fields: Fields) -> Coverage:
    opportunity = fields["opportunity"]
    body = Coverage(
        tuple(_texts("labels", fields["labels"])),
        _number("intensity", fields["intensity"]),
        None if opportunity is None else tuple(_texts("opportunity", opportunity)),
    )
    _encode_coverage(body)
    return body


def _encode_contact(body: Contact) -> Fields:
    attributes = [[_text("attribute", a.name), *_instant_out("known", a.known)] for a in body.attributes]
    return {"pseudonym": _text("pseudonym", body.pseudonym), "attributes": attributes}


def _decode_contact(fields: Fields) -> Contact:
    if type(fields["attributes"]) is not list:
        raise BadRecord("a stored contact has other attributes than it should")
    attributes = tuple(
        Attribute(_text("attribute", name), instant_in("known", known)) for name, *known in fields["attributes"]
    )
    return Contact(_text("pseudonym", fields["pseudonym"]), attributes)


def _encode_reaction(body: Reaction) -> Fields:
    return {
        "cue": _text("cue", body.cue),
        "role": _text("role", body.role, empty=True),
        "expected_direction": _one_of(
            "expected direction", _whole("expected direction", body.expected_direction), (-1, 0, 1)
        ),
        "expected_size": _number("expected size", body.expected_size),
        "observed": _number("observed", body.observed),
    }


def _decode_reaction(fields: Fields) -> Reaction:
    body = Reaction(**fields)
    _encode_reaction(body)
    return body


def _encode_statement(body: Statement) -> Fields:
    return {"form": _one_of("form", body.form, _FORMS), "toml": _text("statement", body.toml, empty=True)}


def _decode_statement(fields: Fields) -> Statement:
    return Statement(_one_of("form", fields["form"], _FORMS), _text("statement", fields["toml"], empty=True))


_ENCODERS: dict[type, Callable[[Any], Fields]] = {
    CheckIn: _encode_check_in,
    Event: _encode_event,
    Episode: _encode_episode,
    Signal: _encode_signal,
    Prompt: _encode_prompt,
    Coverage: _encode_coverage,
    Contact: _encode_contact,
    Reaction: _encode_reaction,
    Statement: _encode_statement,
}
_DECODERS: dict[str, tuple[Callable[[Fields], Body], int]] = {
    "check_in": (_decode_check_in, 2),
    "event": (_decode_event, 5),
    "episode": (_decode_episode, 3),
    "signal": (_decode_signal, 3),
    "prompt": (_decode_prompt, 3),
    "coverage": (_decode_coverage, 3),
    "contact": (_decode_contact, 2),
    "reaction": (_decode_reaction, 5),
    "statement": (_decode_statement, 2),
}
