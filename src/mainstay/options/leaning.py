"""The first leaning: sealed before the options are first shown weighed, and what can be checked of that afterwards.

The first showing of a set of options is kept in the casebook with a digest of each option's text, and so is the seal
of every leaning that was on record by then: the digest of its record's id, its date and its text. A leaning counts as
a first one only if it was there and says what it said then. A date alone does not do: what is brought in from a file
may carry any. After a decision, or where none of the options is the same, the next showing is a first one again: a new
round.

What is kept goes with the streams it is made from: the options' digests with theirs, the seals also with those of the
leanings, what came out best with every stream that was read. No showing is ever kept in another's place, so consent
that is withdrawn and given back can't make an old showing look as if it had never been.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal, Protocol

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from mainstay.casebook.consent import OWN_ANSWERS
from mainstay.casebook.views import KeptAnswer
from mainstay.errors import BadRecord, BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Record, Statement
from mainstay.records.mapping import problem_in
from mainstay.records.statements import HasStatements, Name, Text
from mainstay.records.statements_decision import Leaning, decisions_of, leanings_of
from mainstay.records.statements_hypothesis import folded
from mainstay.records.statements_option import options_of
from mainstay.timeline.kinds import Timeline
from mainstay.timeline.reader import ReadsForAPurpose, read

SHOWN, SEALED, BEST = "options first shown", "leanings sealed", "what came out best when first shown"
"""The names under which it is kept; the version is the moment of the showing in microseconds."""

_STRICT = ConfigDict(strict=True, hide_input_in_errors=True)
_Digest = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
_Moment = Annotated[int, Field(gt=-(2**55), lt=2**56)]
_Offset = Annotated[int, Field(gt=-86_400, lt=86_400)]

How = Literal["sealed", "not shown yet", "afterwards", "not there", "altered"]


class KeepsAnswers(ReadsForAPurpose, Protocol):
    """A casebook, as far as the first showing of options is kept in it."""

    def keep_answers(
        self, name: str, version: int, payload: bytes, derived_from: Iterable[str], *, now: Instant
    ) -> None:
        """Keeps an answer with the streams it was made from."""

    def kept_answers(self, name: str, *, purpose: str, now: Instant) -> tuple[KeptAnswer, ...]:
        """The answers kept under a name, newest version first."""


@dataclass(frozen=True, slots=True)
class Seal:
    """What a leaning on record was when the options were first shown: its record, when it was written, its digest."""

    id: str
    written: Instant
    digest: str


@dataclass(frozen=True, slots=True)
class Shown:
    """The first showing of a set of options: its round (from 1), when, each option's digest by folded name.

    `names`: the options as they were called; `seals`: the leanings on record by then; `best`: what was recommended,
    None where that is not known (any more).
    """

    round: int
    at: Instant
    options: Mapping[str, str]
    names: tuple[str, ...]
    seals: tuple[Seal, ...] = ()
    best: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a leaning is worth as a first one: how, in which round, and in words."""

    leaning: Leaning
    how: How
    shown: Shown | None
    said: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What became of the options since they were first shown, by name: text changed, added, set aside or gone."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything did."""
        return bool(self.changed or self.added or self.gone)


NO_CHANGES = Changes()


@lru_cache(maxsize=1)
def _kinds() -> dict[str, TypeAdapter[Any]]:
    """What is kept under each name: options with the digests of their texts, seals of leanings, names."""
    return {
        SHOWN: TypeAdapter(list[tuple[Name, _Digest]], config=_STRICT),
        SEALED: TypeAdapter(list[tuple[Text, _Moment, _Offset, _Digest]], config=_STRICT),
        BEST: TypeAdapter(list[Name], config=_STRICT),
    }


def digest_of(text: str, *more: str) -> str:
    """32 hex digits of BLAKE2b over a text and what goes with it."""
    return hashlib.blake2b("\x1f".join((*more, text)).encode(), digest_size=16).hexdigest()


def seal_of(record: Record) -> Seal:
    """The seal of a leaning: its digest is over the record's id, the moment it was written, and its text."""
    if not isinstance(record.body, Statement):
        raise BadRequest(f"the record {record.id} is no statement; only what was written can be sealed")
    return Seal(record.id, record.known, digest_of(record.body.toml, record.id, str(record.known.utc_us)))


def refuse_unreadable(name: str, payload: bytes) -> None:
    """Refuses (`BadRecord`) bytes that `mark_shown` would not have kept under that name."""
    try:
        _kinds()[name].validate_json(payload)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise BadRecord(f"{name!r} says nothing that can be read: {problem_in(first, {})}") from error


def mark_shown(
    casebook: KeepsAnswers, timeline: Timeline, *, now: Instant, recommended: Sequence[str] | None = None
) -> Shown | None:
    """Keeps that the options were shown weighed, before they are; gives the round this showing belongs to.

    The first showing of a round stands: a later one changes nothing. None where no option is on record. `recommended`:
    the options that came out as recommended. Refuses a timeline for another purpose than the person's own answers.
    """
    if timeline.purpose != OWN_ANSWERS:
        raise BadRequest(f"options are first shown to the person; this was read for {timeline.purpose}")
    # a replay shows options too, and the leanings written since its date are sealed with the rest
    current = timeline if timeline.as_of == now else read(casebook, OWN_ANSWERS, now=now)
    texts = _options(current)
    if not texts:
        return None
    rounds = rounds_of(casebook, current, now=now)
    if rounds and _same_round(rounds[-1], texts, _decided(current)):
        return rounds[-1]
    sealed = [record for record, _ in _statements(current, "leaning")]
    streams = {record.stream for record, _ in _statements(current, "option")}
    seals = [[one.id, one.written.utc_us, one.written.offset_s, one.digest] for one in map(seal_of, sealed)]
    with_leanings = {record.stream for record in sealed} | streams
    casebook.keep_answers(SEALED, now.utc_us, _bytes(seals), with_leanings, now=now)
    if recommended is not None:
        every = {record.stream for record in casebook.read(OWN_ANSWERS, now=now).records}
        casebook.keep_answers(BEST, now.utc_us, _bytes(list(recommended)), every, now=now)
    casebook.keep_answers(SHOWN, now.utc_us, _bytes(list(texts.items())), streams, now=now)
    return rounds_of(casebook, current, now=now)[-1]


def rounds_of(casebook: KeepsAnswers, timeline: Timeline, *, now: Instant) -> tuple[Shown, ...]:
    """The first showings on record, oldest first. What consent does not cover (any more) is not among them.

    They are taken by the clock, whatever date the timeline is cut at, as consent is: a replay shows options as well.
    """
    seals = {one.version: one for one in casebook.kept_answers(SEALED, purpose=OWN_ANSWERS, now=now)}
    best = {one.version: one for one in casebook.kept_answers(BEST, purpose=OWN_ANSWERS, now=now)}
    decided = _decided(timeline)
    found: list[Shown] = []
    for kept in reversed(casebook.kept_answers(SHOWN, purpose=OWN_ANSWERS, now=now)):
        texts = dict(json.loads(kept.payload))
        before = [one for one in decided if one <= kept.made_at]
        if found and _same_round(found[-1], texts, before):
            continue
        sealed = json.loads(seals[kept.version].payload) if kept.version in seals else []
        came_out = tuple(json.loads(best[kept.version].payload)) if kept.version in best else None
        options = {folded(name): digest for name, digest in texts.items()}
        theirs = tuple(Seal(id_, Instant(us, offset_s), digest) for id_, us, offset_s, digest in sealed)
        found.append(Shown(len(found) + 1, kept.made_at, options, tuple(texts), theirs, came_out))
    return tuple(found)


def first_shown(casebook: KeepsAnswers, timeline: Timeline, *, now: Instant) -> Shown | None:
    """The first showing of the options that are on the timeline; None where they were not shown yet."""
    rounds = rounds_of(casebook, timeline, now=now)
    return rounds[-1] if rounds and _same_round(rounds[-1], _options(timeline), _decided(timeline)) else None


def round_at(rounds: Sequence[Shown], moment: Instant) -> Shown | None:
    """The last round that had begun by a moment; None before the first."""
    begun = [one for one in rounds if one.at <= moment]
    return begun[-1] if begun else None


def standings(timeline: HasStatements, rounds: Sequence[Shown]) -> tuple[Standing, ...]:
    """Each leaning on record, oldest first, and whether it is a first one."""
    records, decided = {record.id: record for record, _ in _statements(timeline, "leaning")}, _decided(timeline)
    return tuple(_standing(one, seal_of(records[one.id]), rounds, decided) for one in leanings_of(timeline)[0])


def first_leaning(timeline: HasStatements, rounds: Sequence[Shown], shown: Shown) -> Standing | None:
    """The leaning that goes with a round: the last one sealed in it, else the first one written after; None: none."""
    theirs = [one for one in standings(timeline, rounds) if one.shown is not None and one.shown.round == shown.round]
    sealed = [one for one in theirs if one.how == "sealed"]
    return sealed[-1] if sealed else theirs[0] if theirs else None


def changes_since(timeline: HasStatements, shown: Shown) -> Changes:
    """What became of the options since they were first shown."""
    now = _options(timeline)
    held = {folded(name): (name, digest) for name, digest in now.items()}
    before = dict(zip(shown.options, shown.names, strict=True))
    return Changes(
        tuple(name for key, (name, digest) in held.items() if shown.options.get(key, digest) != digest),
        tuple(name for key, (name, _) in held.items() if key not in before),
        tuple(name for key, name in before.items() if key not in held),
    )


def _standing(leaning: Leaning, seal: Seal, rounds: Sequence[Shown], decided: Sequence[Instant]) -> Standing:
    day = leaning.written.day_in_words
    for shown in rounds:
        held = [one for one in shown.seals if one.id == seal.id]
        if not held or not _is_for(leaning, shown, rounds, decided):
            continue
        if held[0].digest == seal.digest:
            said = f"written on {day} and sealed before the options were first shown on {shown.at.day_in_words}"
            return Standing(leaning, "sealed", shown, said)
        said = f"dated {day}, but it no longer says what was sealed then: not a first leaning"
        return Standing(leaning, "altered", shown, said)
    begun = round_at(rounds, leaning.written)
    settled = begun is not None and any(begun.at < one < leaning.written for one in decided)
    if begun is not None and not settled:
        return Standing(leaning, "afterwards", begun, _afterwards(day, begun))
    if settled or not rounds:
        return Standing(leaning, "not shown yet", None, f"written on {day}; the options have not been shown yet")
    said = f"dated {day}, but not on record when the options were first shown: not a first leaning"
    return Standing(leaning, "not there", rounds[0], said)


def _is_for(leaning: Leaning, shown: Shown, rounds: Sequence[Shown], decided: Sequence[Instant]) -> bool:
    """Whether a leaning is about a round's question: one of its options, and not of a round that was decided since.

    A name that stands in no round at all may be about any.
    """
    earlier = [one for one in rounds if one.round < shown.round]
    if earlier and any(max(leaning.written, earlier[-1].at) < one <= shown.at for one in decided):
        return False
    name = folded(leaning.says.option)
    return name in shown.options or not any(name in one.options for one in rounds)


def _afterwards(day: str, shown: Shown) -> str:
    return (
        f"written on {day}, after the options were first shown on {shown.at.day_in_words}: not a first leaning"
        if day != shown.at.day_in_words
        else f"written on {day}, after the options were first shown that day: not a first leaning"
    )


def _same_round(shown: Shown, names: Iterable[str], decided: Sequence[Instant]) -> bool:
    """Whether options are still those of a round: one of them at least is, and nothing was decided since."""
    return any(folded(name) in shown.options for name in names) and not any(one > shown.at for one in decided)


def _decided(timeline: HasStatements) -> list[Instant]:
    return [one.written for one in decisions_of(timeline)[0]]


def _options(timeline: HasStatements) -> dict[str, str]:
    """The digest of the text of each option that is considered, by name."""
    texts = {record.id: said.toml for record, said in _statements(timeline, "option")}
    return {one.name: digest_of(texts[one.id]) for one in options_of(timeline)[0] if one.says.set_aside is None}


def _statements(timeline: HasStatements, form: str) -> list[tuple[Record, Statement]]:
    found = [(one, one.body) for one in timeline.others if isinstance(one.body, Statement) and one.body.form == form]
    return sorted(found, key=lambda one: (one[0].known, one[0].id))


def _bytes(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
