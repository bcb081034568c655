"""What comes back of mails that the next hop had taken: they failed later, or their readers complained; and what follows from it."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from digest.model.message import CERTAIN_STATUSES
from digest.model.subscriber import SuppressionReason

BELIEVED_FOR = timedelta(days=14)  # after the mail was taken: who finds an old one can do nothing with it
COUNTED_FOR = timedelta(days=90)
MANY = 3  # mails that failed for good in that time
MAX_SAID = 200  # characters

#: RFC 3463: there is no such mailbox, it has moved, and its domain takes no mail. One is enough.
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

    @property
    def hard(self) -> bool:
        return self.kind is ReturnKind.FAILED and is_hard(self.status)


def is_hard(status: str) -> bool:
    """For good, and about the reader's mailbox: not our sender, our mail or what is thought of us (5.7.x). Without a status nobody knows."""
    return status.startswith("5.") and not status.startswith("5.7.") and status not in CERTAIN_STATUSES


def judge(returned: Returned, hard_before: int) -> SuppressionReason | None:
    """Whether its address is given up; `hard_before` counts other mails to the reader that failed so within COUNTED_FOR."""
    if returned.kind is ReturnKind.COMPLAINT:
        return SuppressionReason.COMPLAINT
    if returned.hard and (returned.status in NO_MAILBOX or hard_before + 1 >= MANY):
        return SuppressionReason.BOUNCED
    return None
