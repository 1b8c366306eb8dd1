"""`key`: what opens a casebook, and how that is changed."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path

from mainstay.cli import asking
from mainstay.errors import BadRequest

ACTIONS = ("show", "passphrase", "recovery", "rotate", "keyring", "remove")
_ASKED_BACK, _TRIES = 3, 3
_WAYS = {
    "passphrase": "a passphrase",
    "recovery": "a recovery code: twelve words on paper",
    "keyring": "the keyring of a system, where you are logged in",
}


def key(case: Path, action: str, kind: str | None, *, recovery: bool, without_recovery: bool) -> None:
    """Do one of the `ACTIONS`. Refuses any other, and what belongs to another action."""
    if action not in ACTIONS:
        raise BadRequest(f"{action!r} can't be done with keys; what can be done is: {', '.join(ACTIONS)}")
    for given, option, belongs in (
        (kind is not None, f"{kind!r}", "remove"),
        (recovery, "--recovery", "passphrase"),
        (without_recovery, "--without-recovery", "rotate"),
    ):
        if given and action != belongs:
            raise BadRequest(f"{option} belongs to 'mainstay key {case} {belongs}', not to {action!r}")
    if action == "show":
        _show(case)
    elif action == "passphrase":
        _passphrase(case, recovery=recovery)
    elif action == "recovery":
        _recovery(case)
    elif action == "rotate":
        _rotate(case, without_recovery=without_recovery)
    elif action == "keyring":
        _keyring(case)
    else:
        _remove(case, kind)


def _show(case: Path) -> None:
    from mainstay.casebook import keys

    kinds = Counter(slot.kind for slot in keys.slots(case))
    print(f"{case} opens with:")
    for kind, what in _WAYS.items():
        if kinds[kind]:
            print(f"  {what}" + (f" ({kinds[kind]} of them)" if kinds[kind] > 1 else ""))
    if keys.unfinished(case):
        print("A change of the master key is not finished yet; it goes on when the casebook is opened next.")
    if not kinds["recovery"]:
        print(f"If the passphrase is forgotten, nobody can open it. A second way in: mainstay key {case} recovery")


def _passphrase(case: Path, *, recovery: bool) -> None:
    from mainstay.casebook import keys

    secret = asking.recovery_code(case) if recovery else asking.passphrase(case, keyring=False)
    keys.unlock(case, secret)  # before a new one is thought up and typed
    keys.change_passphrase(case, secret, asking.new_passphrase(case), now=asking.now())
    print(f"{case} opens with the new passphrase from now on.")
    print(
        "A copy of the file made earlier still opens with the old one. If somebody may know that: "
        f"mainstay key {case} rotate"
    )


def _recovery(case: Path) -> None:
    from mainstay.casebook import keys

    _need_a_terminal()
    secret = asking.passphrase(case, keyring=False)
    had_one = any(slot.kind == "recovery" for slot in keys.unlock(case, secret).head.slots)
    keys.change_recovery(case, secret, _new_code_on_paper(case), now=asking.now())
    print(f"From now on these words open {case} too, wherever the passphrase is asked for.")
    if had_one:
        print("The recovery code you had before opens it no longer; you can tear that paper up.")


def _rotate(case: Path, *, without_recovery: bool) -> None:
    from mainstay.casebook import keys

    with_code = any(slot.kind == "recovery" for slot in keys.slots(case)) and not without_recovery
    if with_code:
        _need_a_terminal()
    in_keyring = keys.from_keyring(case) is not None
    secret = asking.passphrase(case, keyring=False)
    keys.refuse_in_use(case, keys.unlock(case, secret))  # before words are written down in vain
    keys.rotate(case, secret, code=_new_code_on_paper(case) if with_code else None, now=asking.now())
    print(f"All of {case} is encrypted under a new key, which has been read back. The passphrase is the same.")
    if in_keyring:
        keys.add_keyring(case, secret, now=asking.now())
        print("This machine's keyring keeps the new key.")
    if with_code:
        print("The recovery code you had before opens it no longer; you can tear that paper up.")
    else:
        print(f"It has no recovery code now. A second way in: mainstay key {case} recovery")
    print("Copies of the file made earlier, backups too, are as they were: the old words still open those.")


def _keyring(case: Path) -> None:
    from mainstay.casebook import keys

    keys.add_keyring(case, asking.passphrase(case, keyring=False), now=asking.now())
    print(f"While you are logged in on this machine, {case} opens without its passphrase.")
    print("Whoever sits down at it then can open the casebook too.")
    print(f"To undo this: mainstay key {case} remove keyring")


def _remove(case: Path, kind: str | None) -> None:
    from mainstay.casebook import keys

    if kind not in _WAYS:
        raise BadRequest(f"say what shall no longer open {case}: mainstay key {case} remove {'|'.join(_WAYS)}")
    keys.remove(case, asking.passphrase(case, keyring=False), kind, now=asking.now())
    print(f"{case} no longer opens with {_WAYS[kind]}.")
    _show(case)


def _need_a_terminal() -> None:
    if not asking.at_a_terminal():
        raise BadRequest(
            "a recovery code is shown once, to be written on paper, and never goes into a file; this needs a terminal"
        )


def _new_code_on_paper(case: Path) -> str:
    """Shows a new code once and has some of it typed back. Refuses, with nothing changed, if that does not succeed."""
    from mainstay.casebook import recovery

    words = recovery.new_code().split()
    print(f"The recovery code for {case}:\n")
    for row in range(0, len(words), 4):
        print("  " + "".join(f"{place + 1:>4}. {words[place]:<10}" for place in range(row, row + 4)).rstrip())
    print(
        "\nWrite these twelve words on paper, in this order, and keep the paper apart from this machine.\n"
        "Whoever has the words and the file can read everything. They are kept nowhere and can't be shown again.\n"
    )
    for place in sorted(secrets.SystemRandom().sample(range(len(words)), _ASKED_BACK)):
        for _ in range(_TRIES):
            if asking.word(f"From your paper, word {place + 1}: ").strip().lower() == words[place]:
                break
            print("That is another word. Look at what you wrote.")
        else:
            raise BadRequest("the words on paper are not those shown; nothing has changed, start again for a new code")
    return " ".join(words)
