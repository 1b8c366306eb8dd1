"""Claims about a folder of casebooks: each opened by its own key, through its own door, and nobody else's."""

import os
import pickle
import shutil
from dataclasses import replace

import polars as pl
import pytest

from cohort.conftest import NOW
from mainstay.casebook import Casebook, Consent, KeySlotCost, container
from mainstay.cli import asking
from mainstay.cli import run as command
from mainstay.cohort import casebooks, running
from mainstay.cohort.asked import Asked
from mainstay.cohort.casebooks import GONE, MOST, NOT_COVERED, TAKEN_AWAY, CasebookFolder, address_of, batches, key_in
from mainstay.cohort.group_reading import rests_on
from mainstay.cohort.layout import KINDS
from mainstay.cohort.opening import located, opened
from mainstay.cohort.rows import REFUSED, TOLD
from mainstay.cohort.running import ANSWERS, run
from mainstay.cohort.running import PEOPLE as PEOPLES
from mainstay.cohort.source import ENDED, ParquetSource, Refused
from mainstay.cohort.workers import processes, threads
from mainstay.errors import BadRequest
from mainstay.quantities import Instant
from mainstay.records.kinds import Contact, Event, Record, Statement

GIVEN = NOW.plus_days(-30)
EVERYBODY = ("anna", "ben", "carla", "dora")
posix = pytest.mark.skipif(os.name != "posix", reason="modes and locks as POSIX has them")


def words_of(name):
    return f"the quiet words of {name}"


@pytest.fixture(scope="module")
def study(worlds, tmp_path_factory):
    """Four casebooks and their keys; Anna's names somebody, holds a letter to herself, and takes a rating back."""
    place = tmp_path_factory.mktemp("study")
    folder, keys = place / "casebooks", place / "keys"
    folder.mkdir()
    keys.mkdir(mode=0o700)
    for k, name in enumerate(EVERYBODY):
        batch = worlds[f"p{k}"]
        if name == "anna":
            batch = replace(batch, records=(*batch.records, *private(batch.records)))
        with Casebook.create(folder / f"{name}.mainstay", words_of(name), now=GIVEN, cost=KeySlotCost.least()) as one:
            one.add(batch, Consent(purposes=("own_answers", "cohort"), given_at=GIVEN), now=GIVEN)
        (keys / f"{name}.key").write_text(words_of(name) + "\n")
        (keys / f"{name}.key").chmod(0o600)
    return place


def private(records):
    at = GIVEN.plus_days(-1)
    somebody = Event("talk", "relief", None, ("Bertram Q",))
    letter = Statement("observation", "A letter to myself")
    bodies = (somebody, Contact("Bertram Q"), letter)
    found = [Record(f"private-{k}", "check_ins", at, at, "by hand", body) for k, body in enumerate(bodies)]
    back = Statement("retraction", "")
    taken = next(one for one in records if one.id == taken_back(records))
    return [*found, Record("private-back", taken.stream, at, at, "by hand", back, supersedes=taken.id)]


def taken_back(records):
    """The first rating of all."""
    return min((one for one in records if one.kind == "check_in"), key=lambda one: one.known.utc_us).id


@pytest.fixture
def place(study, tmp_path):
    return shutil.copytree(study, tmp_path / "study")


@pytest.fixture
def hands():
    here = threads(2)
    yield here
    here.close()


def at(place):
    return address_of(place / "casebooks", place / "keys")


def everybody(place, **more):
    source = CasebookFolder(at(place))
    return {name: one for part in source.parts() for name, one in source.timelines(part, now=NOW, **more)}


def reason(place, name):
    found = everybody(place)
    assert all(not isinstance(one, Refused) for other, one in found.items() if other != name)
    assert isinstance(found[name], Refused)
    assert str(place) not in found[name].reason
    return found[name].reason


def ends(out):
    return {name: (state, why) for name, state, why, *_ in pl.read_parquet(out / PEOPLES).iter_rows()}


def case(place, name):
    return Casebook.open(place / "casebooks" / f"{name}.mainstay", words_of(name))


def test_a_casebook_says_what_the_same_records_say_as_a_data_set(place, worlds, data_set, tmp_path, hands):
    """But for the rating that Anna took back, which the data set doesn't know of."""
    run(at(place), tmp_path / "casebooks", Asked("recovery", NOW), workers=hands)
    run(str(data_set), tmp_path / "data", Asked("recovery", NOW), workers=hands)
    one, other = (pl.read_parquet(tmp_path / name / ANSWERS) for name in ("casebooks", "data"))
    names = dict(zip((f"p{k}" for k in range(len(EVERYBODY))), EVERYBODY, strict=True))
    other = other.with_columns(person=pl.col("person").replace(names)).filter(pl.col("person").is_in(EVERYBODY))
    one, other = one.sort("person", "about"), other.sort("person", "about")
    back = next(r.body.item for r in worlds["p0"].records if r.id == taken_back(worlds["p0"].records))
    hers = (pl.col("person") == "anna") & (pl.col("about") == back)
    assert one.filter(hers)["n"].item() == other.filter(hers)["n"].item() - 1
    one, other = one.filter(~hers), other.filter(~hers)
    assert one.select("person", "about", "status", "n").equals(other.select("person", "about", "status", "n"))
    assert one.filter(pl.col("status") == "found").height > 0
    for name in ("estimate", "low", "high"):
        assert ((one[name] - other[name]).abs() <= 1e-4 * one[name].abs()).fill_null(True).all()
    assert ends(tmp_path / "casebooks") == dict.fromkeys(EVERYBODY, (TOLD, ""))


def test_contacts_and_what_was_written_stay_in_the_casebook(place):
    with case(place, "anna") as anna:
        stored = anna.read("cohort", now=NOW)
    assert {"contact", "statement"} <= {one.kind for one in stored.records}
    assert {one.kind for one in casebooks.kept(stored.records)} <= set(KINDS)
    timeline = everybody(place)["anna"]
    assert all(not events.contacts for events in timeline.events.values())
    assert "talk" in timeline.events
    assert {one.kind for one in timeline.others} <= {"reaction"}


def test_a_read_is_on_the_casebooks_own_list(place):
    before = {}
    for name in EVERYBODY:
        with case(place, name) as one:
            before[name] = len(one.audit_log())
    everybody(place)
    for name in EVERYBODY:
        with case(place, name) as one:
            new = one.audit_log()[before[name] :]
            assert [(entry.action, entry.purpose) for entry in new] == [("read", "cohort")]
            assert one.verify() == []


def test_without_consent_for_it_nothing_is_read_and_the_refusal_is_on_the_list(place):
    with case(place, "ben") as ben:
        ben.withdraw([], ["cohort"], now=NOW.plus_days(-1))
    assert reason(place, "ben") == NOT_COVERED
    with case(place, "ben") as ben:
        assert (ben.audit_log()[-1].action, ben.audit_log()[-1].purpose) == ("read refused", "cohort")


def test_consent_goes_by_stream(place):
    with case(place, "ben") as ben:
        left = [one.name for one in ben.streams() if one.name != "check_ins"]
        ben.withdraw(left, ["cohort"], now=NOW.plus_days(-1))
    found = everybody(place)["ben"]
    assert found.ratings
    assert not found.events
    assert set(found.left_out) == set(left)
    assert isinstance(everybody(place, purpose="pooled_prior")["ben"], Refused)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda key: key.write_text("other words\n"), "this passphrase does not open the casebook"),
        (lambda key: key.unlink(), "there is no key for it"),
        (lambda key: key.write_text("one\ntwo\n"), "its key is not one line"),
        (lambda key: key.write_text("\n"), "the passphrase is empty"),
        (lambda key: key.write_bytes(b"\xff\xfe\x00"), "its key can't be read"),
        pytest.param(lambda key: key.chmod(0o640), "can be read by others", marks=posix),
    ],
)
def test_a_key_that_does_not_open_costs_one_person_alone(place, spoil, said):
    spoil(place / "keys" / "carla.key")
    assert said in reason(place, "carla")


def test_a_damaged_casebook_costs_one_person_alone(place):
    path = place / "casebooks" / "carla.mainstay"
    held = bytearray(path.read_bytes())
    held[container.HEAD_BYTES : container.HEAD_BYTES + 4_000] = os.urandom(4_000)
    path.write_bytes(held)
    assert "the casebook is damaged" in reason(place, "carla")


def test_what_is_no_casebook_costs_one_person_alone(place):
    (place / "casebooks" / "carla.mainstay").write_bytes(b"no casebook" * 100)
    assert reason(place, "carla")


@posix
def test_a_casebook_in_use_costs_one_person_alone(place, monkeypatch):
    monkeypatch.setattr(container, "_BUSY_MS", 10)
    with case(place, "carla") as carla, carla._writing():
        assert "in use by another program" in reason(place, "carla")


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write anything")
def test_a_casebook_that_cant_note_the_read_is_not_read(place):
    (place / "casebooks" / "carla.mainstay").chmod(0o400)
    assert "can't be opened for writing" in reason(place, "carla")


def test_a_recovery_code_opens_too_and_one_key_may_open_all(study, tmp_path):
    keys = tmp_path / "one.key"
    keys.write_text(words_of("ben"))
    keys.chmod(0o600)
    source = CasebookFolder(address_of(study / "casebooks", keys))
    found = dict(one for part in source.parts() for one in source.timelines(part, now=NOW))
    assert [name for name, one in found.items() if not isinstance(one, Refused)] == ["ben"]


def test_what_travels_holds_no_secret(place, tmp_path, hands):
    source = opened(at(place))
    sent = pickle.dumps((source.address, source.parts(), Asked("recovery", NOW)))
    out = tmp_path / "out"
    run(source.address, out, Asked("recovery", NOW), workers=hands)
    left = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    for name in EVERYBODY:
        assert words_of(name).encode() not in sent + left
    assert b"Bertram" not in left
    assert {path.name for path in out.iterdir()} == {ANSWERS, PEOPLES, "parts", "asked.json", ".at-work"}
    assert {path.suffix for path in (out / "parts").iterdir()} == {".arrow"}
    assert {path.name for path in (place / "casebooks").iterdir()} == {f"{name}.mainstay" for name in EVERYBODY}


def test_one_casebook_more_or_less_makes_few_batches_others():
    names = [f"person-{k:05d}" for k in range(2_000)]
    before = batches(names)
    assert max(map(len, before)) <= MOST
    assert sum(before, ()) == tuple(names)
    for changed in (names[:700] + names[701:], [*names, "person-00700b"], names[1:], names[:-1]):
        after = batches(changed)
        assert sum(after, ()) == tuple(sorted(changed))
        assert len(set(after) - set(before)) <= 3
    assert batches([]) == []


def test_a_casebook_that_comes_or_goes_between_runs_costs_its_batch_alone(place, tmp_path, hands, monkeypatch):
    monkeypatch.setattr(casebooks, "CUT_EVERY", 1)  # everybody a batch of their own
    out = tmp_path / "out"
    run(at(place), out, Asked("recovery", NOW), workers=hands)
    held = {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}
    (place / "casebooks" / "ben.mainstay").rename(place / "casebooks" / "emil.mainstay")
    (place / "keys" / "ben.key").rename(place / "keys" / "emil.key")
    run(at(place), out, Asked("recovery", NOW), workers=hands)
    now = {path.name: path.stat().st_mtime_ns for path in (out / "parts").iterdir()}
    assert len(held.keys() - now.keys()) == len(now.keys() - held.keys()) == 1
    assert len(held.items() & now.items()) == len(EVERYBODY) - 1
    assert ends(out) == dict.fromkeys(("anna", "carla", "dora", "emil"), (TOLD, ""))
    assert "ben" not in pl.read_parquet(out / ANSWERS)["person"].to_list()


def test_a_casebook_that_goes_during_a_run_is_said(place, tmp_path, hands):
    source = CasebookFolder(at(place))
    parts = source.parts()
    (place / "casebooks" / "anna.mainstay").unlink()
    found = dict(one for part in parts for one in source.timelines(part, now=NOW))
    assert found["anna"] == Refused("anna", GONE)


@pytest.fixture
def meanwhile(monkeypatch):
    """What happens between the work and the tables."""
    finish, acts = running.engine.run, []

    def then(*given, **more):
        finish(*given, **more)
        for act in acts:
            act()

    monkeypatch.setattr(running.engine, "run", then)
    return acts


@pytest.fixture
def openings(monkeypatch):
    """The casebooks that were opened, in order."""
    found, really = [], Casebook.open.__func__

    def opening(cls, path, passphrase):
        found.append(path.stem)
        return really(cls, path, passphrase)

    monkeypatch.setattr(Casebook, "open", classmethod(opening))
    return found


def test_whoever_withdraws_before_the_tables_is_in_none_and_only_they_are_opened_again(
    place, tmp_path, hands, meanwhile, openings
):
    def withdraws():
        with case(place, "dora") as dora:
            dora.withdraw(["check_ins"], ["cohort"], now=NOW)
        openings.clear()

    meanwhile.append(withdraws)
    out = tmp_path / "out"
    done = run(at(place), out, Asked("recovery", NOW), workers=hands)
    assert done.states == {TOLD: len(EVERYBODY) - 1, REFUSED: 1}
    assert ends(out)["dora"] == (REFUSED, ENDED)
    assert "dora" not in pl.read_parquet(out / ANSWERS)["person"].to_list()
    for part in (out / "parts").iterdir():
        rows = pl.read_ipc(part).filter(pl.col("person") == "dora")
        assert set(rows["state"].to_list()) <= {REFUSED}
    assert openings == ["dora"]


def test_a_casebook_that_was_written_to_without_withdrawing_is_still_told(place, tmp_path, hands, meanwhile):
    def writes():
        with case(place, "dora") as dora:
            dora.read("own_answers", now=NOW)
            dora.withdraw([], ["clinician_report"], now=NOW)

    meanwhile.append(writes)
    assert run(at(place), tmp_path / "out", Asked("recovery", NOW), workers=hands).states == {TOLD: len(EVERYBODY)}


def test_a_withdrawal_while_another_program_holds_the_casebook_open_counts(place, tmp_path, hands, meanwhile):
    with case(place, "dora") as dora:
        meanwhile.append(lambda: dora.withdraw([], ["cohort"], now=NOW))
        run(at(place), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    assert ends(tmp_path / "out")["dora"] == (REFUSED, ENDED)


def test_only_those_lend_to_others_who_agreed_to_that(place, tmp_path, hands, openings):
    over = NOW.plus_days(1)
    for name, until in (("ben", None), ("carla", over)):
        with case(place, name) as one:
            one.give([], Consent(purposes=("pooled_prior",), given_at=GIVEN.plus_days(1), until=until), now=NOW)
    run(at(place), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    read, source = rests_on(tmp_path / "out"), CasebookFolder(at(place))
    openings.clear()
    assert source.ended(read, now=NOW, purpose="pooled_prior") == dict.fromkeys(("anna", "dora"), ENDED)
    assert set(source.ended(read, now=over, purpose="pooled_prior")) == {"anna", "carla", "dora"}
    assert source.ended(read, now=NOW) == {}
    assert openings == []
    with case(place, "ben") as ben:
        ben.withdraw([], ["pooled_prior"], now=NOW)
    assert "ben" in source.ended(read, now=NOW, purpose="pooled_prior")
    assert source.ended(read, now=NOW) == {}


def test_consent_that_runs_out_during_the_run_is_over_at_its_end(place, tmp_path, hands, openings):
    over = NOW.plus_days(1)
    with case(place, "dora") as dora:
        dora.give([], Consent(purposes=("cohort",), given_at=GIVEN.plus_days(1), until=over), now=NOW)
    hands_of = {"workers": hands, "clock": lambda: over}
    assert run(at(place), tmp_path / "a", Asked("recovery", NOW), workers=hands).states == {TOLD: len(EVERYBODY)}
    run(at(place), tmp_path / "b", Asked("recovery", NOW), **hands_of)
    assert ends(tmp_path / "b")["dora"] == (REFUSED, ENDED)


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda place: (place / "casebooks" / "dora.mainstay").unlink(), TAKEN_AWAY),
        (lambda place: (place / "casebooks" / "dora.mainstay").write_bytes(b"x" * 50_000), "once more: "),
    ],
)
def test_a_casebook_that_cant_be_asked_again_is_no_yes(place, tmp_path, hands, meanwhile, spoil, said):
    meanwhile.append(lambda: spoil(place))
    run(at(place), tmp_path / "out", Asked("recovery", NOW), workers=hands)
    state, why = ends(tmp_path / "out")["dora"]
    assert state == REFUSED
    assert said in why
    assert str(place) not in why


def test_processes_open_them_too(place, tmp_path):
    hands = processes(2)
    try:
        done = run(at(place), tmp_path / "out", Asked("notice", NOW), workers=hands)
    finally:
        hands.close()
    assert done.states == {TOLD: len(EVERYBODY)}


def test_the_command_takes_a_folder_and_where_its_keys_are(place, tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(asking, "now", lambda: NOW)
    (place / "keys" / "ben.key").write_text("other words\n")
    line = ["cohort", str(place / "casebooks"), "--keys", str(place / "keys"), "--out", str(tmp_path / "out")]
    assert command(line) == 0
    said = capsys.readouterr().out
    assert "4 people asked (recovery), 3 told." in said
    assert "1 person refused:\n  1: this passphrase does not open the casebook" in said


def test_casebooks_without_keys_and_keys_without_casebooks_are_one_sentence(place, data_set, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out")]
    for source, more, said in (
        (place / "casebooks", [], "--keys says what opens them"),
        (data_set, ["--keys", str(place / "keys")], "needs no keys"),
        (place / "keys", ["--keys", str(place / "keys")], "holds no casebook"),
        (place / "casebooks", ["--keys", str(place / "nowhere")], "there are no keys"),
        (place / "nowhere", ["--keys", str(place / "keys")], "no folder of casebooks"),
    ):
        assert command(["cohort", str(source), *out, *more]) == 2
        told = capsys.readouterr().err
        assert said in told
        assert len(told.splitlines()) == 1


def test_an_address_comes_back_whatever_the_folders_are_called(tmp_path):
    folder, keys = tmp_path / "a ?&=%#ü b", tmp_path / "k#+? y"
    folder.mkdir()
    keys.mkdir()
    source = CasebookFolder(address_of(folder, keys))
    assert (source.folder, source.keys) == (folder, keys)
    assert isinstance(opened(located(str(folder), keys)), CasebookFolder)
    with pytest.raises(BadRequest, match="where the keys"):
        CasebookFolder(f"{casebooks.SCHEME}{folder}")


def test_a_data_set_is_what_it_was(data_set):
    assert isinstance(opened(located(str(data_set), None)), ParquetSource)


@posix
def test_a_key_is_read_from_the_file_whose_mode_was_looked_at(tmp_path):
    place = tmp_path / "a.key"
    place.write_text("\ufeffsome words\r\n", encoding="utf-8")
    place.chmod(0o600)
    assert key_in(place) == "some words"
    place.chmod(0o604)
    with pytest.raises(BadRequest, match="chmod 600"):
        key_in(place)


def test_instants_are_judged_by_the_casebooks_own_clock(place):
    """Setting the clock back brings no consent back."""
    with case(place, "dora") as dora:
        dora.withdraw([], ["cohort"], now=NOW)
    source = CasebookFolder(at(place))
    earlier = Instant(NOW.plus_days(-1).utc_us, NOW.offset_s)
    found = dict(one for part in source.parts() for one in source.timelines(part, now=earlier))
    assert isinstance(found["dora"], Refused)
