"""Ways into a casebook, and how they are changed. The cost of a guess is taken away, and guesses are counted."""

import hashlib
import subprocess
import sys

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.backends.null import Keyring as NullKeyring
from keyring.errors import KeyringLocked, PasswordDeleteError

from mainstay.casebook import Casebook, Consent, KeySlotCost, container, keys, keyslots, recovery, system_keyring
from mainstay.casebook.container import PAGE_BYTES
from mainstay.casebook.head import HEAD_BYTES
from mainstay.casebook.keyslots import key_for, seal
from mainstay.errors import BadRequest, CasebookError, NotACasebook, WrongPassphrase
from mainstay.quantities import Instant

NOW = Instant(1_700_000_000_000_000, 3600)

OTHER = "three other words"
CHEAP = KeySlotCost.least()


@pytest.fixture(autouse=True)
def guesses(monkeypatch):
    """Every stretching of what was typed, as the kind of cost it had; none of them costs anything."""
    made = []

    def quick(typed, salt, cost):
        made.append(cost)
        return hashlib.blake2b(typed.encode(), key=salt, digest_size=32).digest()

    monkeypatch.setattr(keyslots, "_stretch", quick)
    return made


@pytest.fixture
def path(new_casebook):
    casebook = new_casebook()
    casebook.close()
    return casebook.path


@pytest.fixture
def code(path, passphrase):
    words = recovery.new_code()
    keys.change_recovery(path, passphrase, words, now=NOW, cost=CHEAP)
    return words


def kinds(path):
    return [slot.kind for slot in keys.slots(path)]


def opens(path, words) -> bool:
    try:
        Casebook.open(path, words).close()
    except WrongPassphrase:
        return False
    return True


def test_a_recovery_code_opens_wherever_the_passphrase_does(path, passphrase, code):
    assert kinds(path) == ["passphrase", "recovery"]
    assert opens(path, passphrase)
    assert opens(path, f" {code.upper()} ")
    assert not opens(path, recovery.new_code())


def test_a_new_recovery_code_takes_the_place_of_the_old(path, passphrase, code):
    new = recovery.new_code()
    keys.change_recovery(path, code, new, now=NOW, cost=CHEAP)
    assert kinds(path) == ["passphrase", "recovery"]
    assert [opens(path, words) for words in (passphrase, new, code)] == [True, True, False]


def test_a_code_with_a_wrong_word_is_refused_before_any_guess(path, passphrase, code, guesses):
    guesses.clear()
    with pytest.raises(BadRequest, match="word 1 "):
        keys.change_recovery(path, passphrase, " ".join(["mistyped", *code.split()[1:]]), now=NOW, cost=CHEAP)
    assert guesses == []


def test_a_changed_passphrase_rewrites_the_head_and_notes_it_and_nothing_else(path, passphrase, code):
    before = path.read_bytes()
    keys.change_passphrase(path, passphrase, OTHER, now=NOW, cost=CHEAP)
    after = path.read_bytes()
    assert after[:HEAD_BYTES] != before[:HEAD_BYTES]
    assert len(after) == len(before)
    pages = [
        after[at : at + PAGE_BYTES] != before[at : at + PAGE_BYTES] for at in range(HEAD_BYTES, len(after), PAGE_BYTES)
    ]
    assert sum(pages) <= 3  # the count of changes, and the audit's
    assert [opens(path, words) for words in (passphrase, OTHER, code)] == [False, True, True]


def test_changes_of_what_opens_the_casebook_are_on_the_audit_and_attempts_are_not(path, passphrase):
    keys.change_passphrase(path, passphrase, OTHER, now=NOW, cost=CHEAP)
    keys.change_recovery(path, OTHER, recovery.new_code(), now=NOW, cost=CHEAP)
    with pytest.raises(BadRequest):
        keys.remove(path, OTHER, "keyring", now=NOW)
    keys.remove(path, OTHER, "recovery", now=NOW)
    keys.rotate(path, OTHER, now=NOW, cost=CHEAP)
    with Casebook.open(path, OTHER) as casebook:
        noted = [entry.action for entry in casebook.audit_log()]
        assert casebook.verify() == []
    changes = ["change passphrase", "change recovery code", "remove recovery", "change master key"]
    assert [action for action in noted if action in changes] == changes
    assert "remove keyring" not in noted


def test_a_forgotten_passphrase_is_replaced_by_means_of_the_code(path, passphrase, code):
    keys.change_passphrase(path, code, OTHER, now=NOW, cost=CHEAP)
    assert [opens(path, words) for words in (passphrase, OTHER, code)] == [False, True, True]


def test_nothing_of_a_passphrase_that_was_changed_stays_in_the_file(path, passphrase):
    gone = keys.slots(path)[0]
    keys.change_passphrase(path, passphrase, OTHER, now=NOW, cost=CHEAP)
    assert gone.salt.hex().encode() not in path.read_bytes()


def test_only_what_opens_the_casebook_may_change_what_opens_it(path, code):
    before = path.read_bytes()
    for change in (
        lambda: keys.change_passphrase(path, "wrong words", OTHER, now=NOW, cost=CHEAP),
        lambda: keys.change_recovery(path, "wrong words", recovery.new_code(), now=NOW, cost=CHEAP),
        lambda: keys.remove(path, "wrong words", "recovery", now=NOW),
        lambda: keys.rotate(path, "wrong words", now=NOW, cost=CHEAP),
    ):
        with pytest.raises(WrongPassphrase, match=r"^this passphrase does not open the casebook$"):
            change()
    assert path.read_bytes() == before


def test_the_last_way_in_by_words_stays(path, passphrase, code):
    keys.remove(path, passphrase, "passphrase", now=NOW)
    assert kinds(path) == ["recovery"]
    assert not opens(path, passphrase)
    with pytest.raises(BadRequest, match="only one left"):
        keys.remove(path, code, "recovery", now=NOW)
    with pytest.raises(BadRequest, match="no way in of the kind 'passphrase'; what it has: recovery"):
        keys.remove(path, code, "passphrase", now=NOW)
    assert opens(path, code)


def test_how_many_guesses_are_made_depends_on_what_was_typed_and_never_on_what_opens(path, passphrase, code, guesses):
    def count(words):
        guesses.clear()
        opens(path, words)
        return len(guesses)

    assert count(passphrase) == count("wrong words") == count("eleven words " * 4) == 1
    assert count(code) == count(recovery.new_code()) == 2


def test_a_wrong_passphrase_says_the_same_whatever_is_wrong(path, passphrase, code):
    keys.remove(path, passphrase, "passphrase", now=NOW)
    for words in (passphrase, recovery.new_code(), system_keyring.new_secret()):
        with pytest.raises(WrongPassphrase, match=r"^this passphrase does not open the casebook$"):
            Casebook.open(path, words)


def test_two_programs_changing_slots_at_once_lose_neither_change(path, passphrase, monkeypatch):
    monkeypatch.undo()  # the other programs pay the cost, so this one does
    path.unlink()
    from mainstay.quantities import Instant

    Casebook.create(path, passphrase, now=Instant(0), cost=CHEAP).close()
    codes = [recovery.new_code() for _ in range(2)]
    keys.change_recovery(path, passphrase, codes[0], now=NOW, cost=CHEAP)
    program = (
        "import sys; from pathlib import Path; from mainstay.casebook import KeySlotCost, keys\n"
        "from mainstay.quantities import Instant\n"
        "what, path, secret, *new = sys.argv[1:]\n"
        "for one in new:\n"
        "    getattr(keys, what)(Path(path), secret, one, now=Instant(0), cost=KeySlotCost.least())\n"
        "    secret = one\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", program, what, str(path), *words])
        for what, words in (
            ("change_passphrase", [passphrase, OTHER]),
            ("change_recovery", codes),
        )
    ]
    assert [process.wait() for process in running] == [0, 0]
    assert sorted(kinds(path)) == ["passphrase", "recovery"]
    assert [opens(path, words) for words in (OTHER, codes[1], passphrase, codes[0])] == [
        True,
        True,
        False,
        False,
    ]


def content(casebook, now):
    return casebook.read("own_answers", now=now).records


@pytest.fixture
def filled(path, passphrase, diary, now):
    with Casebook.open(path, passphrase) as casebook:
        casebook.add(diary, Consent(given_at=now), now=now)
    return path


def test_a_new_master_key_leaves_nothing_of_the_old(filled, passphrase, code, now):
    old = keys.unlock(filled, passphrase)
    [held] = [content(casebook, now) for casebook in [Casebook.open(filled, passphrase)]]
    pages = filled.read_bytes()[HEAD_BYTES:]
    new_code = recovery.new_code()
    keys.rotate(filled, passphrase, code=new_code, now=NOW, cost=CHEAP)
    assert [opens(filled, words) for words in (passphrase, new_code, code)] == [True, True, False]
    with Casebook.open(filled, passphrase) as casebook:
        assert content(casebook, now) == held
    [key] = keys.unlock(filled, passphrase).master_keys
    assert key != old.master_keys[0]
    with pytest.raises(NotACasebook):
        container.connect(filled, key_for("database", old.master_keys[0], old.head.case_id))
    after = filled.read_bytes()[HEAD_BYTES:]
    assert len(after) == len(pages)
    assert not any(after[at : at + 4096] == pages[at : at + 4096] for at in range(0, len(pages), 4096))
    assert not [there for there in filled.parent.iterdir() if there != filled]


def test_under_a_new_master_key_records_are_added_as_before(filled, passphrase, diary, now):
    keys.rotate(filled, passphrase, now=NOW, cost=CHEAP)
    with Casebook.open(filled, passphrase) as casebook:
        assert sum(casebook.add(diary, Consent(given_at=now), now=now).already.values()) == len(diary.records)
    keys.rotate(filled, passphrase, now=NOW, cost=CHEAP)
    with Casebook.open(filled, passphrase) as casebook:
        assert len(content(casebook, now)) == len(diary.records)


def test_a_master_key_is_not_changed_under_a_program_that_has_the_casebook_open(filled, passphrase, diary, now):
    before = filled.read_bytes()
    with Casebook.open(filled, passphrase) as casebook:
        with pytest.raises(CasebookError, match="open in another program"):
            keys.refuse_in_use(filled, keys.unlock(filled, passphrase))
        with pytest.raises(CasebookError, match="open in another program"):
            keys.rotate(filled, passphrase, now=NOW, cost=CHEAP)
        assert len(content(casebook, now)) == len(diary.records)
    assert not keys.unfinished(filled)
    assert filled.read_bytes()[:HEAD_BYTES] == before[:HEAD_BYTES]
    keys.refuse_in_use(filled, keys.unlock(filled, passphrase))


def test_a_master_key_is_not_changed_by_the_recovery_code(path, code):
    with pytest.raises(BadRequest, match="needs the passphrase itself"):
        keys.rotate(path, code, now=NOW, cost=CHEAP)


def test_a_new_key_that_does_not_open_again_changes_nothing(filled, passphrase, monkeypatch):
    before = filled.read_bytes()
    monkeypatch.setattr(keys, "seal", lambda key, *rest: seal(b"x" * 32, *rest))
    with pytest.raises(CasebookError, match="could not be confirmed; nothing has changed"):
        keys.rotate(filled, passphrase, now=NOW, cost=CHEAP)
    assert filled.read_bytes() == before


def test_who_read_the_head_before_another_program_changed_the_key_gets_in(filled, passphrase, monkeypatch):
    real, read = keys.unlock, []

    def slow(path, secret):
        found = real(path, secret)
        if not read:
            read.append(True)
            keys.rotate(path, passphrase, now=NOW, cost=CHEAP)
        return found

    monkeypatch.setattr(keys, "unlock", slow)
    assert opens(filled, passphrase)
    assert read


def test_a_head_torn_between_its_copies_is_mended_by_the_next_opening(path, passphrase):
    head = container.read_head(path)
    with path.open("r+b") as file:
        file.seek(100)
        file.write(b"torn")
    assert not container.copies_agree(path)
    assert opens(path, passphrase)
    assert container.copies_agree(path)
    assert container.read_head(path).says_the_same(head)


class Memory(KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self):
        super().__init__()
        self.kept, self.locked = {}, False

    def get_password(self, service, username):
        if self.locked:
            raise KeyringLocked("locked")
        return self.kept.get((service, username))

    def set_password(self, service, username, password):
        if self.locked:
            raise KeyringLocked("locked")
        self.kept[service, username] = password

    def delete_password(self, service, username):
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("not there")


@pytest.fixture
def use(monkeypatch):
    """Makes a keyring that of this system."""
    monkeypatch.setattr(system_keyring, "SAFE_BACKENDS", (Memory.__module__,))

    def take(backend):
        monkeypatch.setattr(keyring, "get_keyring", lambda: backend)
        return backend

    return take


def test_the_keyring_opens_this_casebook_and_no_other(path, passphrase, use, new_casebook):
    memory = use(Memory())
    assert keys.from_keyring(path) is None
    keys.add_keyring(path, passphrase, now=NOW)
    assert kinds(path) == ["passphrase", "keyring"]
    secret = keys.from_keyring(path)
    assert opens(path, secret)
    assert passphrase not in str(memory.kept)
    other = new_casebook("other")
    assert keys.from_keyring(other.path) is None
    assert not opens(other.path, secret)


def test_on_another_machine_or_when_locked_the_keyring_is_silent(path, passphrase, use):
    memory = use(Memory())
    keys.add_keyring(path, passphrase, now=NOW)
    memory.locked = True
    assert keys.from_keyring(path) is None
    use(Memory())
    assert keys.from_keyring(path) is None
    keys.add_keyring(path, passphrase, now=NOW)  # a second machine
    assert kinds(path) == ["passphrase", "keyring", "keyring"]


def test_again_on_the_same_machine_takes_the_place_of_the_first(path, passphrase, use):
    memory = use(Memory())
    keys.add_keyring(path, passphrase, now=NOW)
    keys.add_keyring(path, passphrase, now=NOW)
    assert kinds(path) == ["passphrase", "keyring"]
    assert len(memory.kept) == 1
    assert opens(path, keys.from_keyring(path))


def test_what_is_removed_or_left_behind_goes_from_the_keyring_too(path, passphrase, use):
    memory = use(Memory())
    for leave in (
        lambda: keys.remove(path, passphrase, "keyring", now=NOW),
        lambda: keys.rotate(path, passphrase, now=NOW, cost=CHEAP),
    ):
        keys.add_keyring(path, passphrase, now=NOW)
        leave()
        assert kinds(path) == ["passphrase"]
        assert memory.kept == {}


def test_the_keyring_alone_is_never_left(path, passphrase, use):
    use(Memory())
    keys.add_keyring(path, passphrase, now=NOW)
    with pytest.raises(BadRequest, match="only one left"):
        keys.remove(path, passphrase, "passphrase", now=NOW)


def test_a_keyring_that_will_not_keep_it_leaves_the_head_as_it_was(path, passphrase, use):
    memory = use(Memory())
    memory.locked = True
    with pytest.raises(BadRequest, match="would not keep the key"):
        keys.add_keyring(path, passphrase, now=NOW)
    assert kinds(path) == ["passphrase"]


class PlaintextKeyring(Memory):
    """What writes plain files says so by where it comes from."""


PlaintextKeyring.__module__ = "keyrings.alt.file"


@pytest.mark.parametrize("backend", [NoKeyring, NullKeyring, PlaintextKeyring])
def test_a_keyring_that_keeps_nothing_or_keeps_it_readable_is_refused(path, passphrase, use, backend):
    unsafe = use(backend())
    with pytest.raises(BadRequest, match="no keyring that keeps a secret sealed"):
        keys.add_keyring(path, passphrase, now=NOW)
    assert kinds(path) == ["passphrase"]
    assert not getattr(unsafe, "kept", {})


def test_of_several_keyrings_the_safe_one_is_used(path, passphrase, use):
    class Chain:
        backends = (PlaintextKeyring(), Memory())

    use(Chain())
    keys.add_keyring(path, passphrase, now=NOW)
    assert [len(backend.kept) for backend in Chain.backends] == [0, 1]


def test_without_the_package_the_way_to_it_is_said(path, passphrase, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(BadRequest, match=r"mainstay\[keyring\]"):
        keys.add_keyring(path, passphrase, now=NOW)


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of POSIX")
def test_while_a_casebook_is_open_no_core_file_is_left(path, passphrase):
    import resource

    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))
    with Casebook.open(path, passphrase):
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, most)


def test_an_old_head_put_back_opens_with_the_old_words_until_the_master_key_is_changed(path, passphrase):
    with path.open("rb") as file:
        old = file.read(HEAD_BYTES)
    keys.change_passphrase(path, passphrase, OTHER, now=NOW, cost=CHEAP)
    assert not opens(path, passphrase)

    def put_back() -> None:
        with path.open("r+b") as file:
            file.write(old)

    with path.open("rb") as file:
        new = file.read(HEAD_BYTES)
    put_back()
    assert opens(path, passphrase)  # as decision 0013 and the threat model say
    with path.open("r+b") as file:
        file.write(new)
    keys.rotate(path, OTHER, now=NOW, cost=CHEAP)
    put_back()
    with pytest.raises((NotACasebook, WrongPassphrase)):
        Casebook.open(path, passphrase)
