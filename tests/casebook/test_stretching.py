"""Claims about stretching a passphrase: whoever asks at the same time waits, and nobody for ever."""

import threading

from mainstay.casebook.keyslots import KeySlotCost, new_master_key, seal, unseal

LONG_ENOUGH_S = 120.0
CASE = bytes(16)


def test_passphrases_stretched_by_several_threads_at_once_all_open():
    master_key, found = new_master_key(), []
    slot = seal(master_key, "four quiet words here", KeySlotCost.least(), CASE)
    workers = [
        threading.Thread(
            target=lambda: [found.append(unseal(slot, "four quiet words here", CASE)) for _ in range(5)], daemon=True
        )
        for _ in range(4)
    ]
    for one in workers:
        one.start()
    for one in workers:
        one.join(LONG_ENOUGH_S)
    assert not any(one.is_alive() for one in workers)
    assert found == [master_key] * 20
