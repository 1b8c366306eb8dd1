import json
from dataclasses import replace

import numpy as np
import pytest

from mainstay.casebook import Casebook, Consent, KeySlotCost
from mainstay.errors import BadRecord, BadRequest
from mainstay.futures.ledger import (
    NAME,
    due,
    from_which,
    ledger_of,
    made,
    read,
    score,
    write_down,
    written,
)
from mainstay.futures.ledger_rules import Rule, rule_of
from mainstay.futures.ledger_tally import apart, fared
from mainstay.futures.paths import Forecast
from mainstay.quantities import CannotSay, Instant, Span
from mainstay.records.kinds import (
    Batch,
    CheckIn,
    Coverage,
    Episode,
    Event,
    Item,
    Reaction,
    Record,
    Statement,
)
from mainstay.records.kinds import Signal as SignalBody
from mainstay.timeline.reader import from_records
from mainstay.timeline.reader import read as read_timeline

ITEM = Item("tension", "How tense?", 1, 7, "low", "not", "very", ordinal=False)
START = Instant.parse("2024-01-01T00:00+00:00")
LEVELS = (0.05, 0.5, 0.95)


def at(day):
    return START.plus_days(day)


def record(name, happened, body, stream="diary"):
    known = happened.end if isinstance(happened, Span) else happened
    return Record(f"{stream}-{name}", stream, happened, known, "d.csv", body)


def answers(days, value=lambda day: 4.0):
    return [record(f"a{day}", at(day + 0.5), CheckIn("tension", value(day))) for day in days]


def quarrels(*days):
    return [record(f"q{day}", at(day), Event("quarrel", "relief"), "acts") for day in days]


def slips(label, *days):
    return [record(f"s{label}{day}", at(day), Event(label, "slip"), "acts") for day in days]


def night_shift(start, end, is_self=False):
    label = "self time" if is_self else "night shift"
    return [record(f"n{label}{start}", Span(at(start), at(end)), Episode(label, "role", is_self), "roles")]


def off(start, end):
    return [record(f"off{start}", Span(at(start), at(end)), Episode("off", "recording-off"), "coverage")]


def timeline(*parts, as_of=40):
    return from_records([one for part in parts for one in part], (ITEM,), "tension", as_of=at(as_of))


def event(rule, due_day, chance=0.7, base=0.5, made_day=None, **rest):
    when = at(due_day - rule_of(rule).days if made_day is None else made_day)
    return Forecast("something", rule, when, at(due_day), "event", chance, base_chance=base, **rest)


def value(rule, due_day, quantiles, base=(), made_day=None):
    when = at(due_day - rule_of(rule).days if made_day is None else made_day)
    return Forecast("something", rule, when, at(due_day), "value", None, LEVELS, quantiles, None, base)


@pytest.mark.parametrize(
    "text",
    [
        "mean(item:tension) over 1 day",
        "mean(item:tension) >= 4.5 over 7 days",
        "mean(item:tension) < -2 over 7 days",
        "any(event:a visit (long)) over 28 days",
        "count(slips) over 7 days",
        "count(event:quarrel) >= 3 over 7 days",
        "hours(self) < 2 over 7 days",
        "hours(role:night shift) over 28 days",
        "share_of_days(event:quarrel) over 28 days",
    ],
)
def test_a_rule_is_written_as_it_is_read(text):
    assert str(rule_of(text)) == text
    assert rule_of(str(rule_of(text))) == rule_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "mean(tension) over 1 day", "mean(item:tension)", "mean(item:) over 1 day", "any(event:x) >= 2 over 1 day",
        "hours(event:x) over 1 day", "mean(self) over 1 day", "count(event:x) over 0 days",
        "count(event:x) over 999 days", "count(event:x) > 1 over 1 day",
        "mean(item:x) >= 1e9 over 1 day", "__import__('os') over 1 day",
        "mean(item:" + "x" * 300 + ") over 1 day",
    ],
)  # fmt: skip
def test_what_is_no_rule_is_refused_with_examples(text):
    with pytest.raises(BadRecord):
        rule_of(text)


def test_a_mean_is_that_of_all_answers_of_its_days():
    told = timeline(answers(range(30), float))
    found = score(value("mean(item:tension) over 7 days", 14, (8.0, 10.0, 12.0), (1.0, 2.0, 3.0)), told)
    assert (found.status, found.value, found.held) == ("scored", 10.0, True)
    assert found.loss < found.base_loss
    day = score(event("mean(item:tension) >= 9 over 1 day", 10), told)
    assert (day.value, day.came) == (9.0, True)
    assert day.loss == pytest.approx(-np.log(0.7))
    assert score(event("mean(item:tension) < 9 over 1 day", 10), told).came is False


def test_events_hours_and_days_are_counted():
    told = timeline(answers(range(30)), quarrels(3.2, 3.6, 5.1), night_shift(4.0, 4.5), slips("lost", 2.0, 9.0))
    for rule, expected in (
        ("count(event:quarrel) over 7 days", 3.0),
        ("share_of_days(event:quarrel) over 7 days", 2 / 7),
        ("hours(role:night shift) over 7 days", 12.0),
        ("count(slips) over 7 days", 1.0),
    ):
        assert score(value(rule, 7, (0.0, 1.0, 2.0)), told).value == pytest.approx(expected)
    assert score(event("any(event:quarrel) over 1 day", 4), told).came is True
    assert score(event("any(event:quarrel) over 1 day", 5), told).came is False


def test_hours_as_oneself_are_those_of_the_role_that_is():
    told = timeline(answers(range(30)), night_shift(4.0, 4.5), night_shift(5.0, 5.25, is_self=True))
    assert score(value("hours(self) over 7 days", 7, (0.0, 1.0, 2.0)), told).value == pytest.approx(6.0)


def test_what_is_not_due_is_open_and_what_the_record_does_not_reach_is_not_guessed():
    told = timeline(answers(range(30)), quarrels(3.2), as_of=31)
    assert score(event("any(event:quarrel) over 7 days", 33), told).status == "open"
    later = timeline(answers(range(30)), quarrels(3.2), as_of=40)
    found = score(event("any(event:quarrel) over 7 days", 33), later)
    assert (found.status, found.reason, found.came) == ("unscorable", "the record ends before that", None)


@pytest.mark.parametrize("came", [(), (10.5,), (8.2, 12.9)])
def test_where_recording_was_off_it_is_neither_hit_nor_miss_whatever_came(came):
    told = timeline(answers(range(30)), quarrels(1.0, *came), off(9.0, 10.0))
    for rule in ("any(event:quarrel) over 7 days", "count(event:quarrel) < 1 over 7 days"):
        found = score(event(rule, 14), told)
        assert (found.status, found.came, found.loss) == ("unscorable", None, None)
        assert "recording was off" in found.reason


def test_too_little_answered_or_recorded_is_unscorable():
    few = timeline(answers([*range(10), *range(20, 30)]), quarrels(1.0))
    assert "too little was answered" in score(value("mean(item:tension) over 7 days", 14, (1, 2, 3)), few).reason
    assert "nothing was answered" in score(value("mean(item:tension) over 1 day", 14, (1, 2, 3)), few).reason
    half = [record("c", Span(at(7), at(14)), Coverage((), 0.5), "coverage")]
    whole = [record("d", Span(at(0), at(7)), Coverage((), 1.0), "coverage")]
    logged = timeline(answers(range(30)), quarrels(1.0), half, whole)
    assert "by your own log" in score(event("any(event:quarrel) over 7 days", 14), logged).reason
    assert score(event("any(event:quarrel) over 7 days", 7), logged).came is True
    assert "not on record" in score(event("any(event:visit) over 7 days", 14), logged).reason
    assert "not on record" in score(value("hours(role:none) over 7 days", 14, (1, 2, 3)), logged).reason
    assert "not on record" in score(value("mean(item:none) over 7 days", 14, (1, 2, 3)), logged).reason
    assert "begins later" in score(value("mean(item:tension) over 28 days", 14, (1, 2, 3)), logged).reason


def test_a_score_does_not_depend_on_when_it_is_asked_once_the_record_reaches_so_far():
    parts = answers(range(60)), quarrels(*np.arange(0.4, 60, 2.7))
    forecast = event("any(event:quarrel) over 7 days", 21)
    found = [score(forecast, timeline(*parts, as_of=day)) for day in (22, 30, 60)]
    assert found[0].status == "scored"
    assert found[0] == found[1] == found[2]


def test_a_day_is_one_of_the_local_clock_when_clocks_change():
    zone = "Europe/Amsterdam"
    when = [
        Instant.parse(f"2024-{text}", zone) for text in ("03-30T12:00", "03-31T00:30", "03-31T23:30", "04-01T12:00")
    ]
    rows = [record(f"a{k}", moment, CheckIn("tension", float(k))) for k, moment in enumerate(when)]
    told = from_records(rows, (ITEM,), "tension", as_of=when[-1])
    made_at, due_at = Instant.parse("2024-03-30T20:00", zone), Instant.parse("2024-04-01T00:00", zone)
    forecast = Forecast("a", "mean(item:tension) over 1 day", made_at, due_at, "value", None, LEVELS, (0.0, 1.0, 9.0))
    assert score(forecast, told).value == 1.5


def test_the_same_written_twice_on_a_day_counts_once_and_later_days_stand_beside_it():
    told = timeline(answers(range(30)), quarrels(5.0))
    rule = "any(event:quarrel) over 7 days"
    first, again = event(rule, 14, 0.3), replace(event(rule, 14, 0.9), made_as_of=at(7.4))
    other_day = event(rule, 14, 0.8, made_day=8.0)
    found = due((first, again, other_day), told)
    assert [one.forecast.chance for one in found] == [0.3, 0.8]


def test_forecasts_come_back_as_they_were_written():
    every = (
        event("any(event:quarrel) over 7 days", 14, detail={"words": "“so” – 70 %"}),
        value("mean(item:tension) over 1 day", 3, (1.0, 2.5, 4.0), (1.0, 2.0, 3.0)),
    )
    assert read(written(every)) == every


BROKEN = (
    b"", b"{}", b"null", b"[1]", b"[{}]", b"\xff", b'[{"about": "x"}]', b"[" * 100_000, b"[NaN]",
)  # fmt: skip


@pytest.mark.parametrize("payload", BROKEN)
def test_bytes_that_are_no_forecasts_are_refused(payload):
    with pytest.raises(BadRecord):
        read(payload)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("chance", 1.5), ("chance", "0.5"), ("chance", None), ("rule", "rm -rf"), ("rule", "mean(item:x) over 1 day"),
        ("due", [0, 0]), ("due", [1.5, 0]), ("due", ["2024", 0]), ("kind", "value"), ("kind", "other"),
        ("levels", [0.5]), ("about", ""), ("about", "x" * 5000), ("withheld", "no"), ("detail", {"a": 1}),
        ("extra", 1), ("made_as_of", [10**20, 0]), ("base_chance", -0.1), ("chance", True),
    ],
)  # fmt: skip
def test_an_entry_that_was_tampered_with_is_refused(key, wrong):
    row = json.loads(written([event("any(event:quarrel) over 7 days", 14)]))[0]
    with pytest.raises(BadRecord):
        read(json.dumps([{**row, key: wrong}]).encode())


@pytest.mark.parametrize(
    ("key", "wrong"),
    [("quantiles", [3.0, 2.0, 1.0]), ("quantiles", [1.0]), ("levels", [0.0, 0.5, 1.0]), ("chance", 0.5)],
)
def test_a_value_needs_ascending_quantiles_at_its_levels(key, wrong):
    row = json.loads(written([value("mean(item:tension) over 1 day", 3, (1.0, 2.0, 3.0))]))[0]
    with pytest.raises(BadRecord):
        read(json.dumps([{**row, key: wrong}]).encode())


def test_what_could_not_be_read_back_is_not_written():
    with pytest.raises(BadRequest, match="cannot be written down"):
        written([Forecast("x", "nonsense", at(0), at(1), "event", 0.5)])
    with pytest.raises(BadRequest):
        written([event("any(event:quarrel) over 7 days", 14, float("nan"))])


def test_a_forecast_made_by_its_rule_reads_back():
    one = made("a quarrel", Rule("count", "quarrel", 7, 1.0), at(0), at(7), chance=0.4, base_chance=0.3)
    assert (one.rule, one.kind) == ("any(event:quarrel) over 7 days", "event")
    assert read(written([one])) == (one,)


@pytest.fixture
def kept(tmp_path):
    few = Batch("d.csv", tuple(answers(range(3)) + quarrels(1.0)), (ITEM,))
    with Casebook.create(tmp_path / "a.mainstay", "four quiet words", now=at(3), cost=KeySlotCost.least()) as casebook:
        casebook.add(few, Consent(given_at=at(3)), now=at(3))
        yield casebook


def soon(rule="any(event:quarrel) over 7 days", chance=0.4, day=3.0):
    return event(rule, 20, chance, made_day=day)


def test_what_is_written_down_is_read_back_in_order_and_never_rewritten(kept):
    assert write_down(kept, [soon()], ["diary"], now=at(3)) == (soon(),)
    assert write_down(kept, [soon(chance=0.9)], ["diary"], now=at(3)) == ()
    later = soon(chance=0.6, day=4.0)
    write_down(kept, [later], ["diary"], now=at(4))
    assert ledger_of(kept, now=at(5)).forecasts == (soon(), later)


def test_erasing_a_stream_erases_the_forecasts_made_from_it_and_no_others(kept):
    other = soon("mean(item:tension) >= 5 over 7 days")
    write_down(kept, [soon()], ["diary", "acts"], now=at(3))
    write_down(kept, [other], ["diary"], now=at(3))
    kept.erase(["acts"], now=at(4))
    assert ledger_of(kept, now=at(4)).forecasts == (other,)


def test_a_forecast_is_of_the_streams_that_its_making_sees_and_goes_only_with_them(kept):
    walk = SignalBody("steps", "steps", np.array([at(1.0).utc_us]), np.array([4.0]))
    more = (
        record("r", at(2.0), Reaction("smirk", "rescuer", -1, 1.0, 0.25), "reactions"),
        record("s", Span(at(1.0), at(1.5)), walk, "watch"),
        record("w", at(2.0), Statement("preference", 'order = ["other"]'), "preference"),
        record("l", at(2.0), Statement("leaning", 'option = "a walk"'), "leaning"),
    )
    kept.add(Batch("d.csv", more), Consent(given_at=at(3)), now=at(3))
    scenario = event("first(scenario:breakdown) over 7 days", 20, 0.2, made_day=3.0)
    whole = read_timeline(kept, "own_answers", None, now=at(3))
    found = from_which((soon(), scenario), kept.streams(), whole)
    assert found == (
        ((soon(),), frozenset({"diary", "acts", "watch"})),
        ((scenario,), frozenset({"diary", "acts", "preference"})),
    )
    for some, streams in found:
        write_down(kept, some, streams, now=at(3))
    kept.erase(["reactions", "leaning"], now=at(4))
    assert len(ledger_of(kept, now=at(4)).forecasts) == 2
    kept.erase(["preference"], now=at(4))
    assert ledger_of(kept, now=at(4)).forecasts == (soon(),)
    kept.withdraw(["watch"], now=at(4.5))
    held_back = read_timeline(kept, "own_answers", None, now=at(4.5))
    assert from_which((soon(),), kept.streams(), held_back)[0][1] == {"diary", "acts"}


def test_only_what_is_foreseen_now_is_written_down(kept):
    with pytest.raises(BadRequest, match="only what is foreseen now"):
        write_down(kept, [soon(day=2.0)], ["diary"], now=at(3))
    with pytest.raises(BadRequest, match="only what is foreseen now"):
        write_down(kept, [soon(day=3.5)], ["diary"], now=at(3))
    past = replace(soon(), due=at(3.0))
    assert write_down(kept, [past], ["diary"], now=at(3.01)) == ()
    assert ledger_of(kept, now=at(4)).forecasts == ()


def test_a_writing_that_cannot_be_read_is_counted_and_hides_no_other(kept):
    write_down(kept, [soon()], ["diary"], now=at(3))
    kept.keep_answers(NAME, 1, b"[broken", ["diary"], now=at(3))
    found = ledger_of(kept, now=at(4))
    assert (found.forecasts, found.unread) == ((soon(),), 1)


def test_a_writing_held_back_by_consent_is_not_overwritten(kept):
    write_down(kept, [soon()], ["acts"], now=at(3))
    kept.withdraw(["acts"], ["own_answers"], now=at(3.5))
    write_down(kept, [soon(day=4.0)], ["diary"], now=at(4))
    count = kept._connection.execute("SELECT count(*) FROM answer WHERE name = ?", (NAME,)).get
    assert count == 2


def long_record(chance=0.35, days=400, seed=1):
    rng = np.random.default_rng(seed)
    came = np.flatnonzero(rng.random(days) < chance) + 0.5
    return timeline(answers(range(days)), quarrels(*came), as_of=days + 1)


def test_what_was_called_likely_is_set_against_what_came():
    told = long_record()
    foreseen = [event("any(event:quarrel) over 1 day", day, 0.35, 0.6) for day in range(10, 310)]
    found = fared(foreseen, told)
    (said,) = found.bins
    assert (found.n, said.n, said.apart, found.waiting) == (300, 300, 300, 0)
    assert said.low < 0.35 < said.high
    assert found.events.low > 0.0
    assert found.better is True
    assert "better than what is usual" in found.sentence
    worse = fared([replace(one, chance=0.9, base_chance=0.35) for one in foreseen], told)
    assert worse.better is False
    (about,) = found.by
    assert about.expected == pytest.approx(105.0)
    assert about.came == round(said.share * 300)


def test_values_are_told_by_how_many_lay_in_their_range():
    told = timeline(answers(range(200), lambda day: day % 10), as_of=201)
    found = fared(
        [value("mean(item:tension) over 1 day", day, (0.5, 4.0, 8.5), (0.0, 1.0, 2.0)) for day in range(2, 102)], told
    )
    assert found.held.share == pytest.approx(0.8)
    assert found.held.mean == pytest.approx(0.9)
    assert found.held.low < 0.8 < found.held.high


def test_few_forecasts_or_many_of_one_stretch_say_nothing_yet():
    told = long_record()
    few = fared([event("any(event:quarrel) over 1 day", day) for day in range(10, 20)], told)
    assert isinstance(few.bins, CannotSay)
    assert (few.bins.have, few.better) == (10, None)
    crowd = [event("any(event:quarrel) over 28 days", 100, made_day=float(day)) for day in range(10, 70)]
    assert apart(due(crowd, told)) == 1
    assert isinstance(fared(crowd, told).bins, CannotSay)
    assert fared([], told).sentence == "No forecast has come due yet."


def test_what_was_not_shown_is_told_apart():
    told = long_record()
    hidden = [event("any(event:quarrel) over 1 day", day, withheld=True) for day in range(10, 60)]
    waiting = event("any(event:quarrel) over 1 day", 500, made_day=395.0)
    found = fared([*hidden, waiting], told)
    assert (found.n, found.not_shown, found.waiting, found.next_due) == (0, 50, 1, at(500))
