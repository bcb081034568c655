"""What stops a step, and the exit code it ends with. Expected outcomes (a 550, an unchanged feed) are values, not these.

DigestError            1  it failed, and the sentence says what to do
├── BadInput           2  what the caller gave cannot be used: an address, a date, a file, a name
│   ├── BadSetting     2  the same, in digest.toml or the environment
│   └── NotFound       2  no list, issue or subscriber of that name
├── WrongState         1  it exists, but this cannot be done to it now
│   └── Outdated       1  it was changed since it was looked at
├── LintFailed         1  a mail does not pass its checks
└── TryLater          75  nothing is wrong with the request: locked, busy, unreachable (EX_TEMPFAIL of sysexits.h)
"""


class DigestError(Exception):
    """One clear sentence that names the thing and what to do; `str(error)` is shown to people as it is.

    What readers may see has its values apart, as %(name)s in the sentence, so that a page can say it in their language:
    `BadInput("There is no list named %(name)s.", name=name)`.
    """

    exit_code = 1

    def __init__(self, sentence: str = "", **values: object) -> None:
        super().__init__(sentence % values if values else sentence)
        self.sentence = sentence
        self.values = values


class BadInput(DigestError):
    exit_code = 2


class BadSetting(BadInput):
    """A setting that is unknown, missing or wrong."""


class NotFound(BadInput):
    """A name or number that stands for nothing here."""


class WrongState(DigestError):
    """The thing exists, but is in a state in which this cannot be done to it."""


class Outdated(WrongState):
    """What was decided on is not there any more: somebody changed it meanwhile."""


class LintFailed(DigestError):
    """A mail does not pass its checks, so it does not go out unless an operator says so."""


class TryLater(DigestError):
    exit_code = 75


class SenderBusy(TryLater):
    """Another process is sending from this database; what is due is in good hands."""
