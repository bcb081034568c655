"""Mails that failed for good, at once or later, and complaints: what follows from them for an address."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from digest.model.message import CERTAIN_STATUSES, Reply
from digest.model.subscriber import SuppressionReason

BELIEVED_FOR = timedelta(days=14)  # after the mail was taken: who finds an old one can do nothing with it
COUNTED_FOR = timedelta(days=90)
MANY = 3  # days in that time, on which mails failed for good
AGAIN = (
    2  # days are enough when the next hop knows no such mailbox: one set up wrongly says so of everybody, for a while
)
SILENT_FOR = timedelta(days=5)  # then a mail has arrived for all we know: servers try no longer (RFC 5321 §4.5.4.1)
MAX_SAID = 200  # characters

_HARD = ("5.0.", "5.1.", "5.2.", "5.4.")
_NOT_THEIRS = CERTAIN_STATUSES | {"5.2.3"}

#: RFC 3463: there is no such mailbox, it has moved, and its domain takes no mail.
NO_MAILBOX = frozenset({"5.1.1", "5.1.6", "5.1.10"})


class ReturnKind(StrEnum):
    """What a mail says that came back."""

    FAILED = "failed"  # some mail server has given it up (RFC 3464)
    DELAYED = "delayed"  # it is still being tried: nothing follows from it
    COMPLAINT = "complaint"  # its reader told their provider that it is spam (RFC 5965)


@dataclass(frozen=True, slots=True)
class Returned:
    """What is known of it."""

    kind: ReturnKind
    status: str = ""  # RFC 3463, "5.1.1"; "" when it says none
    said: str = ""  # in the words of the mail server, one line


def is_hard(status: str) -> bool:
    """For good, and about the reader's mailbox or its domain (RFC 3463 x.1, x.2, x.4, or x.0 for whatever).

    Not about our sender (5.1.7, 5.1.8), our mail (5.2.3, x.3, x.5, x.6) or what is thought of us (x.7). Without a status nobody knows.
    """
    return status.startswith(_HARD) and status not in _NOT_THEIRS


def is_hard_refusal(reply: Reply) -> bool:
    """The same in the conversation. Without a status these codes are about the mailbox (RFC 5321 §4.2.3), when it is asked for."""
    return is_hard(reply.status) if reply.status else reply.code in {550, 551, 553} and reply.verb in {"RCPT", ""}


def judge(returned: Returned, days_before: int) -> SuppressionReason | None:
    """Whether its address is given up.

    `days_before` counts the other days within COUNTED_FOR on which mails to the reader failed so, since one arrived.
    """
    if returned.kind is ReturnKind.COMPLAINT:
        return SuppressionReason.COMPLAINT
    if returned.kind is not ReturnKind.FAILED or not is_hard(returned.status):
        return None
    return _given_up(days_before + 1, 1 if returned.status in NO_MAILBOX else MANY)


def judge_refusal(reply: Reply, days_before: int) -> SuppressionReason | None:
    """The same of a mail that the next hop refused for good."""
    if not is_hard_refusal(reply):
        return None
    return _given_up(days_before + 1, AGAIN if reply.status in NO_MAILBOX else MANY)


def _given_up(days: int, enough: int) -> SuppressionReason | None:
    return SuppressionReason.BOUNCED if days >= enough else None
