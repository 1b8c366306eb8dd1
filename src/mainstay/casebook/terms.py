"""What is agreed to when consent is given: one small record, with the fields that a consent record is meant to have.

The fields follow ISO/IEC TS 27560:2023; the words with a prefix are those of the W3C Data Privacy Vocabulary 2.0
(`dpv:`, with its extensions `pd:` and `eu-gdpr:`), as its guide to that specification pairs them; see
docs/reference/consent.md. Streams stand here under their identities, never their names.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mainstay.casebook.plain_json import moment
from mainstay.errors import BadRequest, NotACasebook
from mainstay.quantities import Instant

SCHEMA_VERSION = "1"
NOTICE_VERSION = "1"
PERSON = "the person whose casebook this is"
STUDY = "the research group that the person chose"


@dataclass(frozen=True, slots=True)
class Use:
    """What a purpose means: in words, as a term of the vocabulary, with which operations, and by whom."""

    text: str
    term: str
    operations: tuple[str, ...]
    controller: str = PERSON
    recipients: tuple[str, ...] = ()


_OWN = ("dpv:Store", "dpv:Analyse", "dpv:Infer", "dpv:Display")
USES = {
    "own_answers": Use(
        "to work out answers about you, for you alone, on your own machine", "dpv:RequestedServiceProvision", _OWN
    ),
    "supporter_view": Use(
        "to show a supporter you chose what you let them see",
        "dpv:RequestedServiceProvision",
        (*_OWN, "dpv:Share"),
        recipients=("the supporter that the person chose",),
    ),
    "clinician_report": Use(
        "to write a report that you hand to your clinician",
        "dpv:RequestedServiceProvision",
        (*_OWN, "dpv:Share"),
        recipients=("the clinician that the person chose",),
    ),
    "cohort": Use(
        "in a study, analysed in the same way as the records of many others",
        "dpv:ScientificResearch",
        ("dpv:Store", "dpv:Analyse", "dpv:Infer", "dpv:Share"),
        controller=STUDY,
        recipients=(STUDY,),
    ),
    "pooled_prior": Use(
        "to learn from many people what people are like, so that short records can be read better",
        "dpv:ScientificResearch",
        ("dpv:Analyse", "dpv:Infer", "dpv:Aggregate", "dpv:Share"),
        controller=STUDY,
        recipients=(STUDY,),
    ),
}


BY_COMMAND = "with one command, mainstay consent CASE withdraw"
ON_THE_PAGE = "with one button, on this page"


def notice(purpose: str, how: str = BY_COMMAND) -> str:
    """What a person is told before they agree; its version and hash are kept with what they agreed to.

    `how`: what they would do where they are told so, to take it back.
    """
    return (
        f"You allow your records to be used {USES[purpose].text}. You can take this back at any time {how}: from then "
        "on nothing is read. What was made or handed on before stays where it is."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is agreed to. The defaults are true for a person on their own machine; None means: as the purpose has it.

    `lawful_basis`: consent and, for data on health, explicit consent (GDPR art. 6(1)(a) and 9(2)(a)). `jurisdiction`
    such as `loc:NL`; None where nobody said. Refuses an empty text.
    """

    subject: str = PERSON
    grantor: str = PERSON
    grantor_relation: str = "self"
    controller: str | None = None
    recipients: tuple[str, ...] | None = None
    personal_data: tuple[str, ...] = ("pd:Health",)
    special_category: bool = True
    purpose_text: str | None = None
    purpose_term: str | None = None
    operations: tuple[str, ...] | None = None
    lawful_basis: tuple[str, ...] = ("eu-gdpr:A6-1-a", "eu-gdpr:A9-2-a")
    notice_version: str = NOTICE_VERSION
    notice_text: str | None = None
    language: str = "en"
    jurisdiction: str | None = None
    storage: str = "in the person's encrypted casebook, where the person keeps it"
    retention: str = "until the person erases it"
    withdrawal: str = "mainstay consent CASE withdraw"

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            texts = value if isinstance(value, tuple) else (value,)
            if any(not isinstance(text, str | bool | None) or text == "" for text in texts):
                raise BadRequest(f"the terms of a consent need a text for {name}, not {value!r}")

    def agreement(
        self, purpose: str, streams: Iterable[str], valid_from: Instant, valid_until: Instant | None
    ) -> dict[str, Any]:
        """The record of one agreement: these terms, one purpose, streams (by identity), and when it holds."""
        use = USES[purpose]
        told = self.notice_text or notice(purpose)
        fields = {
            "schema_version": SCHEMA_VERSION,
            "subject": self.subject,
            "grantor": self.grantor,
            "grantor_relation": self.grantor_relation,
            "controller": self.controller or use.controller,
            "recipients": list(use.recipients if self.recipients is None else self.recipients),
            "personal_data": list(self.personal_data),
            "special_category": self.special_category,
            "purpose": purpose,
            "purpose_text": self.purpose_text or use.text,
            "purpose_term": self.purpose_term or use.term,
            "operations": list(self.operations or use.operations),
            "lawful_basis": list(self.lawful_basis),
            "notice_version": self.notice_version,
            "notice_sha256": hashlib.sha256(told.encode()).hexdigest(),
            "language": self.language,
            "jurisdiction": self.jurisdiction,
            "storage": self.storage,
            "retention": self.retention,
            "withdrawal": self.withdrawal,
        }
        return covering(fields, streams, valid_from, valid_until)


def covering(
    record: dict[str, Any], streams: Iterable[str], valid_from: Instant, valid_until: Instant | None
) -> dict[str, Any]:
    """The same agreement for these streams and this time: a record of its own, known by the hash of what it says."""
    said = {name: value for name, value in record.items() if name != "record_id"} | {
        "streams": sorted(streams),
        "valid_from": moment(valid_from),
        "valid_until": None if valid_until is None else moment(valid_until),
    }
    return {"record_id": record_id(said), **said}


def record_id(record: dict[str, Any]) -> str:
    """By what an agreement is known: the hash of what it says."""
    said = {name: value for name, value in record.items() if name != "record_id"}
    return hashlib.sha256(_text(said).encode()).hexdigest()[:32]


def keep(connection: Any, record: dict[str, Any]) -> int:
    """The number under which this agreement is kept; the same is kept once."""
    connection.execute(
        "INSERT INTO terms (id, body) VALUES (?, ?) ON CONFLICT DO NOTHING", (record["record_id"], _text(record))
    )
    return int(connection.execute("SELECT number FROM terms WHERE id = ?", (record["record_id"],)).get)


def read(body: str) -> dict[str, Any]:
    """The agreement from the text it was kept as."""
    try:
        record = json.loads(body)
    except ValueError as error:
        raise NotACasebook("the terms of a consent can't be read; restore the casebook from a backup") from error
    if type(record) is not dict:
        raise NotACasebook("the terms of a consent can't be read; restore the casebook from a backup")
    return record


def _text(record: dict[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
