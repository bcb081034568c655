"""A message: one e-mail to one subscriber, a row of the outbox. Its states, its moves, and the rules of retrying.

The order of one message's life, and where a kill leaves it:

    queued ──claim──▶ claimed ──arm──▶ ARMED ──dot, reply──▶ accepted | deferred | bounced | failed
    deferred ─claim─┘    │                └── killed here: the only state in which nobody can know (RFC 1047)
                         └── killed here: no dot was sent, so it is simply queued again
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from digest.model.address import Address
from digest.model.hints import hinted_wait


class OwnMail(StrEnum):
    """Mails that need no subscription, to people of ours or whom they name; a row has it as its purpose."""

    TEST = "test"  # an issue, to an address that an operator names
    SEED = "seed"  # an issue, to a mailbox of ours that gets each one first
    DRAFT_READY = "draft-ready"  # to a list's editors
    FEEDS_NEED_CARE = "feeds-need-care"  # to the operators
    ALERT = "alert"  # to the operators
    LETTER = "letter"  # by a template of the operators', to whom a program named


class MessageState(StrEnum):
    """Where a message stands."""

    QUEUED = "queued"  # owed; never tried, or put back after a crash before its dot
    CLAIMED = "claimed"  # a sender holds it for a limited time; no dot can have been sent
    ARMED = "armed"  # committed as about to be released: the only ambiguous state
    DEFERRED = "deferred"  # 4xx or no answer; due again at a later time
    ACCEPTED = "accepted"  # the next hop said 2xx after the dot. Not proof of arrival
    BOUNCED = "bounced"  # the next hop refused this reader for good
    SUPPRESSED = "suppressed"  # not sent: the reader left or was suppressed after the audience was frozen
    FAILED = "failed"  # not sent: composing failed, or the time to send it ran out
    UNCERTAIN = (
        "uncertain"  # may have gone out, nobody can know, and it is not sent again: by policy, or for want of time
    )

    __hash__ = str.__hash__  # Enum's is written in Python, and states are keys several times in each message


#: Legal moves; every one is an UPDATE … WHERE state IN (what may come before).
MESSAGE_MOVES: dict[MessageState, frozenset[MessageState]] = {
    # Straight to SUPPRESSED when the reader has themselves erased while they wait, to FAILED when an operator stops it all.
    MessageState.QUEUED: frozenset({MessageState.CLAIMED, MessageState.SUPPRESSED, MessageState.FAILED}),
    MessageState.DEFERRED: frozenset({MessageState.CLAIMED, MessageState.SUPPRESSED, MessageState.FAILED}),
    MessageState.CLAIMED: frozenset(
        {
            MessageState.ARMED,
            MessageState.QUEUED,  # the sender died or stopped before the dot
            MessageState.DEFERRED,  # refused for now at MAIL, RCPT or DATA: no dot was needed
            MessageState.BOUNCED,  # refused for good at RCPT
            MessageState.SUPPRESSED,  # arming saw that the reader had left
            MessageState.FAILED,  # composing failed; refused for now, and no time is left; or an operator stopped it all
        }
    ),
    MessageState.ARMED: frozenset(
        {
            MessageState.ACCEPTED,
            MessageState.DEFERRED,  # 4xx after the dot; or no answer, and the policy is to send again
            MessageState.BOUNCED,
            MessageState.FAILED,  # 4xx after the dot, and no time is left
            MessageState.UNCERTAIN,  # no answer, and the policy is to hold, or no time is left to send again
            MessageState.QUEUED,  # recovery after a crash, and the policy is to send again; or the relay went before the dot
        }
    ),
    MessageState.ACCEPTED: frozenset(),
    MessageState.SUPPRESSED: frozenset(),
    # An operator may have those retried who missed an issue.
    MessageState.BOUNCED: frozenset({MessageState.QUEUED}),
    MessageState.FAILED: frozenset({MessageState.QUEUED}),
    MessageState.UNCERTAIN: frozenset({MessageState.QUEUED}),
}

#: Ends without the mail, or without knowing: what an operator may have retried.
MISSED = frozenset({MessageState.BOUNCED, MessageState.FAILED, MessageState.UNCERTAIN})
OPEN = frozenset({MessageState.QUEUED, MessageState.CLAIMED, MessageState.ARMED, MessageState.DEFERRED})

#: Minutes to wait after the first, second, … refusal for now. RFC 5321 §4.5.4.1 asks for 30 and more of a mail server;
#: behind a submission relay the first tries may come sooner (greylisting lets one in after five minutes).
RETRY_MINUTES = (1, 5, 15, 30, 60, 120, 240, 480)
TIME_TO_SEND = timedelta(hours=48)  # for a mail of its own
LEASE = timedelta(minutes=15)  # longer than the ten minutes that a final dot may take (RFC 5321 §4.5.3.2.6)


CERTAIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 §6: authentication
#: x.7.y of RFC 7372 and of Gmail and Microsoft: SPF, DKIM, DMARC, reverse DNS, one-click unsubscribe.
CERTAIN_POLICIES = frozenset({"7.23", "7.25", "7.26", "7.27", "7.30", "7.509", "7.515"})
CERTAIN_STATUSES = frozenset({"5.1.7", "5.1.8", "5.3.4"})  # the sender's address; too big for the relay


@dataclass(frozen=True, slots=True)
class Reply:
    """What the next hop said (RFC 5321 §4.2), or that it said nothing: code 0."""

    code: int
    status: str = ""  # RFC 3463, "5.1.1"; "" when the reply has none
    text: str = ""
    verb: str = field(default="", compare=False)  # what it answers: MAIL, RCPT, DATA or "."; "" when that is not known

    @property
    def silent(self) -> bool:
        """No answer: the connection broke or timed out."""
        return self.code == 0

    @property
    def accepted(self) -> bool:
        return 200 <= self.code < 300

    @property
    def permanent(self) -> bool:
        # RFC 5321 §4.5.3.1.10: 552 at RCPT means "too many recipients" in old servers, a full mailbox in others: as 452.
        return 500 <= self.code < 600 and (self.code != 552 or self.too_big)

    @property
    def too_big(self) -> bool:
        """Refused for its size, which no waiting mends: RFC 3463 §3.3 and §3.4, and 552 at MAIL (RFC 1870 §6.1)."""
        return self.status in {"5.2.3", "5.3.4"} or (self.code == 552 and self.verb == "MAIL")

    @property
    def about_us(self) -> bool:
        """A refusal that is about the sender or the mail: it must stop the campaign and never count against a reader.

        x.7.y and 530/535 (authentication) as in RFC 3463 §3.8, RFC 4954 §6; Gmail and Microsoft refuse with 5.7.26 and
        5.7.515. What is refused at MAIL is the sender (no reader was named yet), but for 5.6.7: there the next hop does
        not want the reader's non-ASCII address (RFC 6531 §3.5). 5.1.7, 5.1.8: the sender's address. 5.3.4: too big.
        """
        return self.permanent and (
            self.status[1:].startswith(".7.")
            or self.status in CERTAIN_STATUSES
            or self.code in CERTAIN_CODES
            or (self.verb == "MAIL" and self.status != "5.6.7")
        )

    @property
    def certainly_about_us(self) -> bool:
        """So that one is enough to stop a campaign: all others would be refused alike."""
        return self.about_us and (
            self.code in CERTAIN_CODES
            or self.status[2:] in CERTAIN_POLICIES
            or self.status in CERTAIN_STATUSES
            or self.verb == "MAIL"  # 5.6.7 there is not about us
        )

    def __str__(self) -> str:
        if self.silent:
            return self.text or "no answer"
        return " ".join(part for part in (str(self.code), self.status, self.text) if part)


class Outgoing(NamedTuple):
    """A claimed message, with all that composing it needs: its row and nothing else."""

    id: int
    campaign_id: int | None  # None for a mail of its own (confirmation, welcome, a test)
    edition_id: int
    subscriber_id: int | None  # None for a test to an address that is no subscriber
    list_id: int
    address: Address
    name: str
    attempts: int  # how often it was tried before
    created_at: datetime  # fixed when the row was made: the mail's Date
    slots: Mapping[str, str] = MappingProxyType({})  # what this mail needs beside the reader's own links
    deadline_at: datetime | None = None  # its campaign's; None for TIME_TO_SEND after it was made

    @property
    def deadline(self) -> datetime:
        return self.deadline_at or self.created_at + TIME_TO_SEND


class Settlement(NamedTuple):
    """What became of one attempt, ready to be written down."""

    message_id: int
    state: MessageState
    reply: Reply
    due_at: datetime | None = None  # with DEFERRED only
    relay: str = ""  # that was asked


@dataclass(frozen=True, slots=True)
class Account:
    """Who got it, who did not and why: audience = the sum of all states. Checked at every end, pause and recovery."""

    audience: int
    counts: dict[MessageState, int]

    @property
    def balanced(self) -> bool:
        return self.audience == sum(self.counts.values())

    @property
    def open(self) -> int:
        return sum(self.counts.get(state, 0) for state in OPEN)

    def of(self, state: MessageState) -> int:
        return self.counts.get(state, 0)

    def __str__(self) -> str:
        """`audience 60 = accepted 57 + deferred 0 + bounced 2 + suppressed 1 + failed 0 + uncertain 0`.

        What has no end yet (queued, claimed, armed) is added only when there is any.
        """
        ends = (
            MessageState.ACCEPTED,
            MessageState.DEFERRED,
            MessageState.BOUNCED,
            MessageState.SUPPRESSED,
            MessageState.FAILED,
            MessageState.UNCERTAIN,
        )
        terms = [f"{state} {self.of(state)}" for state in ends]
        waiting = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.ARMED)
        terms += [f"{state} {self.of(state)}" for state in waiting if self.of(state)]
        sign = "=" if self.balanced else "≠"
        return f"audience {self.audience} {sign} " + " + ".join(terms)


def settle(
    message: Outgoing, reply: Reply, *, dot_sent: bool, hold_silence: bool, now: datetime, relay: str = ""
) -> Settlement:
    """Decide what a reply means for a message.

    `dot_sent` says whether the final dot had left when the reply came (or failed to come). `hold_silence` is the policy
    OnCrash.HOLD: silence after the dot is then an uncertain end instead of another try.
    """
    if reply.accepted and dot_sent:
        return accept(message, reply, relay)
    due_at = max(retry_at(message, now), now + (hinted_wait(reply.text) or timedelta()))
    in_time = due_at <= message.deadline
    if reply.silent and dot_sent and (hold_silence or not in_time):
        return Settlement(message.id, MessageState.UNCERTAIN, reply, relay=relay)  # not FAILED: it may have arrived
    if reply.certainly_about_us and message.campaign_id is not None:  # its campaign is paused, and may take its time
        return Settlement(message.id, MessageState.DEFERRED, reply, due_at, relay)
    if reply.permanent and not reply.about_us:
        return Settlement(message.id, MessageState.BOUNCED, reply, relay=relay)
    if not in_time:
        return Settlement(message.id, MessageState.FAILED, reply, relay=relay)
    return Settlement(message.id, MessageState.DEFERRED, reply, due_at, relay)


def accept(message: Outgoing, reply: Reply, relay: str = "") -> Settlement:
    """What `settle` decides for an acceptance, which nearly all replies to a dot are: nothing else need be known."""
    return Settlement(message.id, MessageState.ACCEPTED, reply, None, relay)


def retry_at(message: Outgoing, now: datetime) -> datetime:
    """When to try again: later each time, and spread by up to a quarter so that a crowd does not return at once.

    The spread is a function of the row, not of dice, so that the rule can be tested.
    """
    minutes = RETRY_MINUTES[min(message.attempts, len(RETRY_MINUTES) - 1)]
    digest = hashlib.blake2b(f"{message.id}:{message.attempts}".encode(), digest_size=2).digest()
    spread = int.from_bytes(digest) / 0xFFFF / 4
    return now + timedelta(minutes=minutes * (1 + spread))
