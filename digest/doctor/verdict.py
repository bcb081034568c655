"""What one look came to."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How well it is."""

    OK = "ok"
    WARN = "warn"  # mails go out, but something is worse than it could be, or cannot be told from here
    FAIL = "fail"  # mails do not go out, or do not arrive


@dataclass(frozen=True, slots=True)
class Finding:
    check: str  # the name of what was looked at: `--only` takes it
    about: str  # of which domain, relay or file
    verdict: Verdict
    said: str
    do: str = ""  # what to do about it; "" when all is well


def ok(check: str, about: str, said: str) -> Finding:
    return Finding(check, about, Verdict.OK, said)


def warn(check: str, about: str, said: str, do: str) -> Finding:
    return Finding(check, about, Verdict.WARN, said, do)


def fail(check: str, about: str, said: str, do: str) -> Finding:
    return Finding(check, about, Verdict.FAIL, said, do)
