"""One person's encrypted file: records, consent and kept answers, read through one door."""

from mainstay.casebook.consent import PURPOSES, Consent, ConsentEvent, ConsentHeld
from mainstay.casebook.keyslots import KeySlotCost
from mainstay.casebook.store import Casebook
from mainstay.casebook.views import Added, KeptAnswer, Stored, StreamOverview

__all__ = [
    "PURPOSES",
    "Added",
    "Casebook",
    "Consent",
    "ConsentEvent",
    "ConsentHeld",
    "KeptAnswer",
    "KeySlotCost",
    "Stored",
    "StreamOverview",
]
