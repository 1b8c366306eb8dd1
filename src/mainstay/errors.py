"""Every error Mainstay raises on misuse. Thin evidence is not an error: it is an answer (`CannotSay`).

MainstayError
├── BadRecord            something that arrived can't be a record
│   ├── NaiveInstant         a local time without a zone
│   ├── BadMapping           a mapping file that contradicts itself or its data
│   └── UnreadableSource     a file that can't be read as what it claims to be
├── CasebookError        the encrypted file
│   ├── NotACasebook         not a casebook, or damaged beyond a committed state
│   ├── WrongPassphrase      no keyslot opens with it
│   └── AlreadyThere         a new file would overwrite an old one
├── NoConsent            no valid consent covers this read
└── BadRequest           a command, argument or setting that can't be carried out
"""


class MainstayError(Exception):
    """Base of every error on misuse. Its text says what, which value, and what to do; the doors exit with 2."""


class BadRecord(MainstayError):
    """Something that arrived can't be a record."""


class NaiveInstant(BadRecord):
    """A local time without a zone or offset: it names no instant."""


class BadMapping(BadRecord):
    """A mapping file that contradicts itself or the data it describes."""


class UnreadableSource(BadRecord):
    """A file that can't be read as what it claims to be."""


class CasebookError(MainstayError):
    """Something about the encrypted file itself."""


class NotACasebook(CasebookError):
    """The file is no casebook, or damaged beyond any committed state."""


class WrongPassphrase(CasebookError):
    """No keyslot opens with this passphrase."""


class AlreadyThere(CasebookError):
    """A new file would overwrite an existing one."""


class NoConsent(MainstayError):
    """No valid consent covers this read."""


class BadRequest(MainstayError):
    """A command, argument or setting that can't be carried out."""
