"""Fault 7: whatever is said of consent, in whatever order and with whatever clock, nothing is read without it."""

import random
from dataclasses import dataclass, field, replace

import pytest

from faults.ledgers import in_memory
from mainstay.casebook import Consent
from mainstay.errors import BadRequest, NoConsent
from mainstay.quantities import Instant
from mainstay.records.kinds import Batch, Event, Record

STREAMS = ("acts", "diary", "watch")
PURPOSES = ("own_answers", "supporter_view", "cohort")
BATCHES = {
    name: Batch("hand", (Record(f"{name} 1", name, Instant(0), Instant(0), "hand", Event("walk", "relief")),))
    for name in STREAMS
}


@dataclass(frozen=True)
class Word:
    """The last word on one stream and purpose, and its date; a yes may end."""

    said: str
    date: int
    end: int | None = None

    @property
    def yes(self) -> bool:
        return self.said in ("given", "renewed")


@dataclass
class PlainModel:
    """The rules, written out slowly: the time is the latest instant ever noted; what has ended by then is a no."""

    time: int = -(10**9)
    streams: set[str] = field(default_factory=set)
    words: dict[tuple[str, str], Word] = field(default_factory=dict)

    def at(self, now: int) -> "PlainModel":
        """The same at the time of a new note."""
        time = max(self.time, now)
        words = {
            pair: Word("expired", one.end) if one.yes and one.end is not None and one.end <= time else one
            for pair, one in self.words.items()
        }
        return PlainModel(time, set(self.streams), words)

    def may_give(self, pairs, date: int) -> bool:
        return all(one is None or one.yes or date >= one.date for one in (self.words.get(pair) for pair in pairs))

    def renewable(self, pairs):
        found = [pair for pair in pairs if pair in self.words]
        return [pair for pair in found if self.words[pair].yes or self.words[pair].said == "expired"]

    def start_anew(self, pair) -> int:
        return max(self.time, self.words[pair].date) if self.words[pair].yes else self.time

    def readable(self, purpose: str) -> set[str]:
        held = {stream: self.words.get((stream, purpose)) for stream in self.streams}
        return {name for name, one in held.items() if one is not None and one.yes and one.date <= self.time}


def one_sequence(rng: random.Random, steps: int) -> tuple[int, int]:
    """Says and asks things in a random order; how many reads were allowed, and how many refused."""
    casebook, model = in_memory(), PlainModel()
    clock, allowed, refused, asked = 0, 0, 0, 0
    for _ in range(steps):
        clock = max(0, clock + rng.choice((0, 1, 1, 2, 5, -1, -7)))
        now, then = Instant(clock), model.at(clock)
        streams = rng.sample(sorted(model.streams), rng.randint(0, len(model.streams)))
        purposes = rng.sample(PURPOSES, rng.randint(1, 2))
        end = rng.choice((None, clock + rng.randint(1, 6)))
        what = rng.choice(("add", "give", "give", "refuse", "renew", "withdraw", "read", "read", "read"))
        pairs = [(stream, purpose) for stream in streams or model.streams for purpose in purposes]
        if what == "read":
            asked += 1
            model = then
            may = model.readable(purposes[0])
            try:
                stored = casebook.read(purposes[0], now=now)
            except NoConsent:
                refused += 1
                assert model.streams and not may
            else:
                allowed += 1
                assert {record.stream for record in stored.records} == may
                assert set(stored.left_out) == model.streams - may
        elif what in ("add", "give"):
            date = clock - rng.choice((0, 0, 0, 1, 4))
            said = Consent(
                purposes=tuple(purposes),
                given_at=Instant(date),
                until=None if end is None or end <= date else Instant(end),
                only_where_unsaid=what == "add" and rng.random() < 0.5,
            )
            word = Word("given", date, None if said.until is None else said.until.utc_us)
            if what == "add":
                name = rng.choice(STREAMS)
                pairs = [(name, purpose) for purpose in purposes]
            if said.only_where_unsaid:
                pairs = [pair for pair in pairs if pair not in then.words]
            try:
                if what == "add":
                    casebook.add(BATCHES[name], said, now=now)
                    model = then
                    model.streams.add(name)
                elif casebook.give(streams, said, now=now):
                    model = then
            except BadRequest:
                assert not then.may_give(pairs, date)
            else:
                assert then.may_give(pairs, date)
                model.words |= dict.fromkeys(pairs, word)
        elif what == "refuse":
            if casebook.refuse(streams, purposes, now=now):
                new = [pair for pair in pairs if pair not in then.words or then.words[pair].said != "refused"]
                model = replace(then, words=then.words | dict.fromkeys(new, Word("refused", then.time)))
        elif what == "renew":
            found = then.renewable(pairs)
            possible = bool(found) and (end is None or all(end > then.start_anew(pair) for pair in found))
            if end is not None and end <= then.time:
                possible = False
            try:
                casebook.renew(streams, purposes, until=None if end is None else Instant(end), now=now)
            except BadRequest:
                assert not possible
            else:
                assert possible
                model = replace(
                    then,
                    words=then.words | {pair: Word("renewed", then.start_anew(pair), end) for pair in found},
                )
        elif casebook.withdraw(streams, purposes, now=now):
            new = [pair for pair in pairs if pair in then.words and then.words[pair].yes]
            model = replace(then, words=then.words | dict.fromkeys(new, Word("withdrawn", then.time)))
    log = casebook.audit_log()
    assert sum(one.action in ("read", "read refused") for one in log) == asked
    assert casebook.verify() == []
    assert [one.at for one in log] == sorted(one.at for one in log)
    assert_last_words(casebook, model)
    casebook.close()
    return allowed, refused


def assert_last_words(casebook, model: PlainModel) -> None:
    """The ledger's history, read from first to last, ends where the model does."""
    last = {(one.stream, one.purpose): one for one in casebook.consents()}
    assert {pair: (one.event, one.at.utc_us) for pair, one in last.items()} == {
        pair: (one.said, one.date) for pair, one in model.words.items()
    }


@pytest.mark.parametrize("sequences", [150, pytest.param(10_000, marks=pytest.mark.long)])
def test_no_sequence_of_words_and_clocks_reads_without_consent(sequences):
    rng = random.Random(sequences)
    counts = [one_sequence(rng, rng.randint(5, 25)) for _ in range(sequences)]
    assert sum(allowed for allowed, _ in counts) > sequences / 2
    assert sum(refused for _, refused in counts) > sequences / 2
