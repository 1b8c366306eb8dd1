"""`mainstay log`: one record by hand, one line back; what is typed wrong is refused and nothing is kept."""

import builtins
import json
from datetime import timedelta

import pytest

from mainstay.casebook import Casebook
from mainstay.cli import asking
from mainstay.doors.noting_times import edge, happened
from mainstay.errors import MainstayError
from mainstay.quantities import Instant, Span
from mainstay.records.kinds import CheckIn, Contact, Episode, Event, Reaction, Statement
from mainstay.records.statements import afterwards_of, expectations_of
from mainstay.records.typed import day_to_come, listed
from mainstay.timeline.reader import from_records

WORDS = "four quiet words here"
SCALE = ("--low", 1, "--high", 7, "--better", "high")
NOON = Instant.parse("2026-06-17T12:00+00:00")


def records_of(case):
    with Casebook.open(case, WORDS) as casebook:
        return casebook.read("own_answers", now=asking.now())


def bodies(case, kind):
    return [one.body for one in records_of(case).records if isinstance(one.body, kind)]


@pytest.fixture
def log(mainstay, case):
    def once(*arguments):
        return mainstay("log", case, *arguments)

    return once


@pytest.fixture
def noted(log):
    def once(*arguments):
        said = log(*arguments)
        assert (said.code, said.err) == (0, ""), said
        assert said.out.splitlines()[-1].startswith("Noted: "), said.out
        assert asking.at_a_terminal() or said.out.count("\n") == 1, said.out
        return said.out

    return once


@pytest.fixture
def typed(monkeypatch):
    """At a terminal, with these answers typed one after the other."""

    def these(*answers):
        left = iter(answers)

        def answer(_):
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(asking, "at_a_terminal", lambda: True)
        monkeypatch.setattr(builtins, "input", answer)
        return left

    return these


def id_in(receipt):
    return receipt.rsplit("(id ", 1)[1].split(")")[0].split(",")[0]


def test_a_check_in_is_kept_with_its_scale_and_told_in_one_line(noted, case):
    assert "mood 4, today" in noted("check-in", "mood", 4, *SCALE, "--question", "How is your mood?", "--anchor")
    noted("check-in", "mood", 6, "--at", "2026-03-01T14:30+01:00")
    held = records_of(case)
    (item,) = held.items
    assert (item.name, item.label, item.low, item.high, item.better) == ("mood", "How is your mood?", 1.0, 7.0, "high")
    assert held.anchor == "mood"
    early = held.records[0]
    assert early.body == CheckIn("mood", 6.0)
    assert (early.stream, early.source) == ("mood", "by hand")
    assert early.happened == Instant.parse("2026-03-01T13:30+00:00")
    assert early.known > early.happened.plus_days(30)
    assert early.happened.offset_s == 3600


def test_a_scale_below_zero_needs_no_trick(noted, case):
    noted("check-in", "balance", -2, "--low", -3, "--high", 3, "--better", "high")
    assert bodies(case, CheckIn) == [CheckIn("balance", -2.0)]


def test_an_item_nobody_described_is_asked_about_at_a_terminal(noted, typed, case):
    typed("1", "x", "7", "up", "HIGH", "4,5")
    noted("check-in", "mood", "--continuous")
    (item,) = records_of(case).items
    assert (item.low, item.high, item.better, item.ordinal) == (1.0, 7.0, "high", False)
    assert bodies(case, CheckIn) == [CheckIn("mood", 4.5)]


def test_without_an_item_every_known_one_is_asked_and_may_be_left_out(noted, typed, case):
    noted("check-in", "mood", 4, *SCALE, "--at", "2026-03-01")
    noted("check-in", "tension", 2, *SCALE[:-1], "low", "--at", "2026-03-01")
    typed("9", "5", "")
    assert "mood 5, today" in noted("check-in")
    assert len(bodies(case, CheckIn)) == 3


CANNOT_BE = (
    (("check-in", "mod", 4), "did you mean 'mood'?"),
    (("check-in", "mood", 8), "off the scale of 'mood', which goes from 1 to 7"),
    (("check-in", "mood", "nan"), "off the scale"),
    (("check-in", "mood", 4, "--high", 10), "known on a scale of 1 to 7"),
    (("check-in", "mood", 4, "--better", "up"), "low or high"),
    (("check-in", "x\x1b[2J", 4, *SCALE), "one line"),
    (("check-in", "x" * 201, 4, *SCALE), "one line"),
    (("check-in", "new", 4, "--low", 7, "--high", 1, "--better", "low"), "low end below its high end"),
    (("check-in", "new", 4, "--low", "-inf", "--high", 1, "--better", "low"), "low end below"),
    (("check-in",), "no terminal"),
    (("check-in", "mood"), "no terminal"),
    (("event", "deadline"), "say what it is to you"),
    (("event", "deadline", "--is", "bad"), "none of demand, relief"),
    (("event", "", "--is", "other"), "one line"),
    (("event", "x", "--is", "other", "--size", "-1"), "no size"),
    (("event", "x", "--is", "other", "--size", "1e300"), "no size"),
    (("event", "x", "--is", "relief", "--tag", "harm"), "slips alone"),
    (("event", "x", "--is", "other", "--tag", "a\nb"), "one line"),
    (("event", "x", "--is", "other", "--at", "9999-12-31"), "in the future"),
    (("event", "x", "--is", "other", "--at", "9999-12-31T23:00+00:00"), "years 2 to 9998"),
    (("event", "x", "--is", "other", "--at", "0001-01-01"), "before anybody's records"),
    (("event", "x", "--is", "other", "--at", "soon"), "is no time; write 14:30"),
    (("event", "x", "--is", "other", "--replaces", "abc"), "first 6 letters"),
    (("event", "x", "--is", "other", "--replaces", "abcdef12"), "no record that may be read"),
    (("role", "nurse", "--from", "2026-03-02", "--to", "2026-03-01T10:00"), "can't end"),
    (("expectation", "smirk"), "say which way"),
    (("expectation", "smirk", "--expected", "worse"), "none of less, same and more"),
    (("expectation", "smirk", "--expected", "more"), "--size 1"),
    (("expectation", "smirk", "--expected", "more", "--size", 11), "at most 10"),
    (("expectation", "smirk", "--expected", "same", "--size", 1), "has no size"),
    (("expectation", "smirk", "--expected", "more", "--size", 1, "--item", "moood"), "did you mean 'mood'?"),
    (("reaction", "smirk", "--observed", 1), "nothing was written beforehand"),
    (("reaction", "smirk"), "no terminal"),
    (("reaction", "smirk", "--expected", "more", "--size", 1, "--observed", 99), "at most 10"),
)


def test_what_cannot_be_is_refused_in_one_sentence(noted, log, case):
    noted("check-in", "mood", 4, *SCALE, "--at", "2026-03-01")
    for arguments, why in CANNOT_BE:
        said = log(*arguments)
        assert (said.code, said.out) == (2, ""), said
        assert why in said.err
        assert said.err.count("\n") == 1
    assert len(records_of(case).records) == 1


def test_an_event_means_what_it_meant_before_unless_it_is_said(noted, case):
    noted("event", "deadline", "--is", "demand", "--at", "2026-03-01 09:00")
    assert "deadline (demand), size 2, 3 March 2026" in noted("event", "deadline", "--size", 2, "--at", "2026-03-03")
    assert [one.is_ for one in bodies(case, Event)] == ["demand", "demand"]
    whole_day = records_of(case).records[1].happened
    assert isinstance(whole_day, Span)
    assert whole_day.days == pytest.approx(1.0, abs=0.05)


def test_a_slip_that_did_harm_says_so_and_a_name_stands_under_a_pseudonym(noted, case):
    noted("event", "late", "--is", "slip", "--tag", "harm", "--with", "Benedicta", "--with", "Benedicta")
    (late,) = bodies(case, Event)
    assert (late.is_, late.tags, late.contacts) == ("slip", ("harm",), ("Benedicta",))
    assert b"Benedicta" not in case.read_bytes()  # a short name stands in ciphertext by chance


def test_the_same_again_adds_nothing_and_something_else_must_say_what_it_corrects(noted, log, case):
    first = id_in(noted("check-in", "mood", 4, *SCALE, "--at", "2026-03-01T14:30"))
    again = log("check-in", "mood", 4, "--at", "2026-03-01T14:30")
    assert again.out == "That is on record already; nothing was added.\n"
    other = log("check-in", "mood", 5, "--at", "2026-03-01T14:30")
    assert other.code == 2
    assert f"--replaces {first}" in other.err
    before = asking.now()
    second = id_in(noted("check-in", "mood", 5, "--replaces", first))
    kept = records_of(case)
    wrong, right = sorted(kept.records, key=lambda one: one.known)
    assert right.happened == wrong.happened
    assert right.known > wrong.known
    now = from_records(kept.records, kept.items, None, as_of=asking.now())
    then = from_records(kept.records, kept.items, None, as_of=before)
    assert list(now.ratings["mood"].values) == [5.0]
    assert list(then.ratings["mood"].values) == [4.0]
    late = log("check-in", "mood", 6, "--replaces", first)
    assert f"corrected already, by {second}" in late.err
    assert "correct it as such" in log("event", "x", "--is", "other", "--replaces", second).err


def test_a_role_from_when_to_when_and_as_oneself_as_before(noted, case):
    said = noted("role", "me", "--from", "2026-03-01T20:00", "--to", "2026-03-01T22:30", "--self")
    assert "in the role me, as yourself, 1 March 2026, 20:00 to 22:30" in said
    noted("role", "me", "--from", "2026-03-02", "--to", "2026-03-02")
    noted("role", "me", "--from", "2026-03-03", "--to", "2026-03-03", "--not-self")
    assert bodies(case, Episode) == [Episode("me", "role", one) for one in (True, True, False)]


def test_a_contact_comes_by_standard_input_and_never_as_an_argument(noted, log, monkeypatch, case):
    said(monkeypatch, b"Ben\nknows both lives\nfar\n")
    assert "Ben: knows both lives, far, known since 1 March 2026" in noted("contact", "--since", "2026-03-01")
    (ben,) = bodies(case, Contact)
    assert [one.name for one in ben.attributes] == ["knows both lives", "far"]
    assert log("contact", "Ben").code == 2


def test_a_contact_is_asked_for_at_a_terminal(noted, typed, case):
    typed("", "Ben", "knows both lives", "")
    noted("contact")
    (ben,) = bodies(case, Contact)
    assert (ben.pseudonym, ben.attributes[0].name) == ("Ben", "knows both lives")


@pytest.mark.parametrize(
    ("came", "why"),
    [(b"", "empty"), (b"  \n", "empty"), (b"\xff\xfe\x00", "UTF-8"), (b"x" * 1_000_000, "longer than 64 kB"),
     (b"a\x1b[2Jb\n", "one line"), (b"a\n" * 60, "too many")],
)  # fmt: skip
def test_what_comes_by_standard_input_is_hostile_until_read(log, monkeypatch, came, why, case):
    said(monkeypatch, came)
    refused = log("contact")
    assert refused.code == 2
    assert why in refused.err
    assert records_of(case).records == ()


def said(monkeypatch, content):
    import io

    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_an_expectation_is_written_before_and_the_reaction_refers_to_it(noted, log, case):
    noted("check-in", "mood", 4, *SCALE)
    told = noted("expectation", " smirk", "--role", "rival", "--expected", "more", "--size", 1.5, "--item", "mood")
    assert "when smirk comes as rival, more by 1.5 usual swings on mood" in told
    assert "-1, where more by 1.5 was expected" in noted("reaction", "smirk ", "--role", " rival", "--observed", -1)
    assert bodies(case, Reaction) == [Reaction("smirk", "rival", 1, 1.5, -1.0)]
    kept = records_of(case)
    (one,) = expectations_of(from_records(kept.records, kept.items, None, as_of=asking.now()))
    assert (one.cue, one.role, one.item, one.direction, one.size) == ("smirk", "rival", "mood", 1, 1.5)
    assert one.written < next(r for r in kept.records if isinstance(r.body, Reaction)).happened
    stands = log("reaction", "smirk", "--role", "rival", "--observed", 0, "--expected", "same")
    assert "was written today" in stands.err


def test_an_expectation_written_after_its_cue_is_refused_or_marked(noted, log, case):
    noted("expectation", "smirk", "--role", "rival", "--expected", "more", "--size", 1)
    early = ("reaction", "smirk", "--role", "rival", "--observed", -1, "--at", "2026-03-01T10:00")
    refused = log(*early)
    assert refused.code == 2
    assert "after it came" in refused.err
    assert "written only now" in noted(*early, "--expected", "more", "--size", 1)
    kept = records_of(case)
    found = expectations_of(from_records(kept.records, kept.items, None, as_of=asking.now()))
    (marked,) = [one for one in found if one.afterwards]
    (reaction,) = [one for one in kept.records if isinstance(one.body, Reaction)]
    assert marked.reaction == reaction.id
    assert afterwards_of(found) == {reaction.id}


def test_expectation_and_reaction_are_asked_at_a_terminal(noted, typed, mainstay, case):
    typed("", "smirk", "rival", "maybe", "more", "far", "0", "99", "1.5")
    noted("expectation")
    typed("less", "2", "-1,5")
    asked = mainstay("log", case, "reaction", "frown", "--role", "rival")
    assert "Nothing was written beforehand" in asked.out
    assert bodies(case, Reaction) == [Reaction("frown", "rival", -1, 2.0, -1.5)]


def test_an_expectation_as_toml_is_kept_as_written(noted, log, monkeypatch, case, folder):
    toml = '# the usual\ncue = "smirk"\nrole = "rival"\ndirection = 1\nsize = 1\nnote = "as ever"\n'
    (folder / "smirk.toml").write_text(toml)
    noted("expectation", "--file", "smirk.toml")
    said(monkeypatch, toml.replace("1", "-1", 1).encode())
    noted("expectation")
    held = bodies(case, Statement)
    assert held[0] == Statement("expectation", toml)
    said(monkeypatch, b"cue = 1")
    assert "cue: must be text" in log("expectation").err
    assert "leave out the cue" in log("expectation", "smirk", "--file", "smirk.toml").err
    assert "no file at" in log("expectation", "--file", "nowhere.toml").err


def test_what_is_logged_is_told_and_shown(noted, mainstay, case):
    noted("check-in", "mood", 4, *SCALE, "--anchor")
    noted("event", "deadline", "--is", "demand")
    told = json.loads(mainstay("tell", case, "--json").out)["answers"]
    assert "cannot_say" in {one["status"] for one in told if one["row"] == "S9"}
    shown = mainstay("record", case).out
    assert "by hand  deadline" in shown
    assert "by hand  mood" in shown


def test_only_a_statement_on_record_is_no_reason_to_fail(noted, mainstay, case):
    noted("expectation", "smirk", "--expected", "same")
    said = mainstay("tell", case)
    assert said.code == 0, said.err


def test_what_was_withdrawn_stays_withdrawn_and_it_is_said(noted, mainstay, case):
    noted("check-in", "mood", 4, *SCALE)
    noted("event", "walk", "--is", "relief")
    assert mainstay("consent", case, "withdraw", "walk").code == 0
    said = mainstay("log", case, "event", "walk", "--is", "relief", "--at", "2026-03-01")
    assert said.code == 0
    assert "what you said of walk stands" in said.out


def test_the_passphrase_is_asked_before_anything_else(mainstay, case, typed, monkeypatch):
    monkeypatch.delenv(asking.PASSPHRASE_FILE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(asking, "getpass", lambda _: "four other words here")
    left = typed("smirk", "rival", "more", "1")
    for kind in ("contact", "expectation", "concern", "check-in"):
        said = mainstay("log", case, kind)
        assert said.code == 2
        assert "does not open" in said.err
    assert next(left) == "smirk"


def test_the_end_of_typing_keeps_nothing(mainstay, typed, case):
    typed("1", "7")
    said = mainstay("log", case, "check-in", "mood")
    assert said.code == 2
    assert "nothing more was typed" in said.err
    assert records_of(case).records == ()


def test_times_are_this_machines_unless_they_bring_an_offset():
    assert happened(None, NOON) == NOON
    assert happened("2026-06-01T10:00+02:00", NOON) == Instant.parse("2026-06-01T08:00+00:00")
    here = NOON.as_utc.astimezone()
    if here.hour >= 2:
        today = happened("1:05", NOON)
        assert (today.as_local.date(), f"{today.as_local:%H:%M}") == (here.date(), "01:05")
    before = happened("yesterday 9:15", NOON)
    assert before.as_local.date() == NOON.as_local.date() - timedelta(days=1)
    assert f"{before.as_local:%H:%M}" == "09:15"
    assert happened("today", NOON).end == NOON
    assert edge("2026-06-01", NOON, option="--to", end=True) == happened("2026-06-01", NOON).end
    assert edge("2026-06-01", NOON, option="--from") == happened("2026-06-01", NOON).start


@pytest.mark.parametrize(
    "text",
    ["", "25:00", "2026-02-30", "2026-06-18", "yesterday 25:00", "tomorrow", "2027-01-01", "1e9", "\x00", "9" * 500],
)
def test_no_other_time_passes(text):
    with pytest.raises(MainstayError):
        happened(text, NOON)


def test_a_day_to_come_is_a_day_to_come():
    assert str(day_to_come("2026-07-01", NOON, within_days=100)) == "2026-07-01"
    for text in ("2026-06-17", "2020-01-01", "9999-12-31", "soon"):
        with pytest.raises(MainstayError):
            day_to_come(text, NOON, within_days=100)


def test_many_names_are_listed_in_part():
    assert listed(f"item {k:02}" for k in range(45)).endswith("item 39, … 5 more")
    assert listed([]) == "none yet"
