"""Answers as records: the one form in which page, file, command line and other programs read them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mainstay.errors import BadRequest
from mainstay.quantities import Answer, CannotSay, Finding, Instant, Interval, Span
from mainstay.report.words import cannot_say_sentence

SCHEMA_VERSION = "1.0"

STATUSES: dict[str, str] = {
    "found": "the records support the claim",
    "not_found": "it was looked for with enough evidence, and the records do not support it",
    "cannot_say": "the evidence is too thin for an answer; `reason`, `have` and `need` say why and what is missing",
    "restores": "S12: the refuge lowers strain itself",
    "only_stalls": "S12: the refuge holds strain off for a while and does not lower it",
    "does_nothing": "S12: strain after the refuge is as it would have been without it",
    "established_explained": "S13, S14: the pattern is certain and one explanation is well ahead",
    "established_unexplained": "S13, S14: the pattern is certain and no explanation is well ahead",
    "suggested": "S10, S13, S14, S17: the evidence leans this way and could still turn",
    "unconfirmed": "S13, S14, S16: a candidate that has not yet been put to a test",
    "tied": "S13, S14: the evidence cannot tell two or more candidates apart",
    "parked": "S14: nothing on record could disprove it, so it is set aside",
    "withheld": "S19: a forecast that does no better than the base rate is not shown",
    "struck_out": "S20: a hard limit rules the option out",
    "dominated": "S20: another option is at least as good on every count",
    "recommended": "S20: the option that holds up under every explanation still standing",
    "relief_observed_recovery_untested": "S16, S22: relief at once was seen; recovery of the threshold was not tested",
    "relief": "S22: relief at once was seen in a trial",
    "recovery": "S22: the threshold recovered in a trial",
    "no_effect": "S22: the trial could have seen an effect and saw none",
}

_IDENTITY = (
    "row", "about", "status", "quantity", "estimate", "interval", "level", "probability", "unit", "n", "from",
    "method", "as_of", "known_through", "purpose", "left_out", "have", "need", "need_unit",
)  # fmt: skip
"""What makes an answer that answer. Not its wording, its curves, nor the clock time at which it was made."""


@dataclass(frozen=True, slots=True)
class AnswerContext:
    """What all answers of one telling share: the date they are cut at, what was known through when, when they were
    made (the real clock), the consent purpose, and the streams left out for want of consent.
    """

    as_of: Instant
    known_through: Instant
    made_at: Instant
    purpose: str
    left_out: tuple[str, ...] = ()


def answer_record(answer: Answer, context: AnswerContext) -> dict[str, Any]:
    """One answer as a JSON-safe dictionary with the fields of docs/reference/answers.md.

    The id is the same whenever the same answer is made from the same evidence. Refuses NaN and infinity.
    """
    common = {
        "row": answer.row,
        "about": answer.about,
        "status": answer.status,
        "quantity": answer.quantity,
        "n": answer.n,
        "method": answer.method,
        "assumptions": answer.assumptions,
        "would_change": answer.would_change,
        "as_of": context.as_of,
        "known_through": context.known_through,
        "made_at": context.made_at,
        "purpose": context.purpose,
        "left_out": context.left_out,
    }
    record = plain({**common, **(_of_finding(answer) if isinstance(answer, Finding) else _of_cannot_say(answer))})
    record["id"] = _identity(record)
    return {name: record[name] for name in _ORDER if name in record}


def _of_finding(answer: Finding) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "claim": answer.claim,
        "estimate": answer.estimate,
        "interval": [answer.interval.low, answer.interval.high],
        "level": answer.interval.level,
        "probability": answer.probability,
        "unit": answer.unit,
        "from": answer.evidence,
    }
    if answer.reason:
        fields["reason"] = answer.reason
    return fields | ({"detail": answer.detail} if answer.detail else {})


def _of_cannot_say(answer: CannotSay) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "claim": cannot_say_sentence(answer),
        "estimate": None,
        "interval": None,
        "level": None,
        "probability": None,
        "unit": "",
        "from": (),
        "reason": answer.reason,
    }
    if answer.have is not None:
        fields["have"] = answer.have
    if answer.need is not None:
        fields["need"] = answer.need
    if answer.have is not None or answer.need is not None:
        fields["need_unit"] = answer.unit
    return fields | ({"detail": answer.detail} if answer.detail else {})


_ORDER = (
    "id", "row", "about", "status", "claim", "quantity", "estimate", "interval", "level", "probability", "unit", "n",
    "from", "method", "assumptions", "would_change", "as_of", "known_through", "made_at", "purpose", "left_out",
    "reason", "have", "need", "need_unit", "detail",
)  # fmt: skip


def plain(value: Any, where: str = "answer") -> Any:
    """The value in JSON's own types: NumPy arrays and numbers, instants, spans and intervals are written out.

    `where` names the place for the refusal of NaN, infinity and of types that JSON has no word for.
    """
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist(), where)
    if isinstance(value, Mapping):
        return {str(name): plain(part, f"{where}.{name}") for name, part in value.items()}
    if isinstance(value, tuple | list):
        return [plain(part, f"{where}[{i}]") for i, part in enumerate(value)]
    return _plain_scalar(value, where)


def _plain_scalar(value: Any, where: str) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise BadRequest(f"{where} holds {value}; an answer holds numbers only: leave the place out")
    if isinstance(value, Instant):
        return str(value)
    if isinstance(value, Span):
        return {"start": str(value.start), "end": str(value.end)}
    if isinstance(value, Interval):
        return {"low": value.low, "high": value.high, "level": value.level}
    if value is None or isinstance(value, str | bool | int | float):
        return value
    raise BadRequest(f"{where} holds a {type(value).__name__}, which can't be written as JSON; give numbers and text")


def _identity(record: dict[str, Any]) -> str:
    """32 hex digits over what makes the answer; numbers at nine digits, so that another machine's rounding agrees."""
    said = [[name, _rounded(record[name])] for name in _IDENTITY if name in record]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _rounded(value: Any) -> Any:
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{value:.9g}"
    if isinstance(value, list):
        return [_rounded(part) for part in value]
    return value


def answers_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one answer; docs/reference/answers.schema.json is its copy."""
    text, number, many = {"type": "string"}, {"type": "number"}, {"type": "array", "items": {"type": "string"}}
    moment = {"type": "string", "format": "date-time"}
    numbers = {"estimate": number, "interval": _interval_schema(), "level": _share(), "probability": _share()}
    fields: dict[str, Any] = {
        "id": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
        "row": {"type": "string", "pattern": "^(S[1-9][0-9]?)?$"},
        **dict.fromkeys(("about", "claim", "quantity", "unit", "method", "would_change", "purpose"), text),
        "status": {"enum": list(STATUSES)},
        **{name: {"anyOf": [kind, {"type": "null"}]} for name, kind in numbers.items()},
        "n": {"type": "integer", "minimum": 0},
        **dict.fromkeys(("from", "assumptions", "left_out"), many),
        **dict.fromkeys(("as_of", "known_through", "made_at"), moment),
        "reason": text,
        "have": number,
        "need": number,
        "need_unit": text,
        "detail": {"type": "object"},
    }
    optional = ("reason", "have", "need", "need_unit", "detail")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Mainstay answer, version {SCHEMA_VERSION}",
        "type": "object",
        "properties": {name: fields[name] for name in _ORDER},
        "required": [name for name in _ORDER if name not in optional],
        "additionalProperties": False,
        "if": {"properties": {"status": {"const": "cannot_say"}}},
        "then": {"required": ["reason"], "properties": {name: {"type": "null"} for name in numbers}},
        "else": {"properties": {"estimate": number, "interval": _interval_schema(), "level": _share()}},
    }


def _interval_schema() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


def _share() -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": 1}
