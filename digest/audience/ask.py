"""The mail that asks "is this your address?": whether it may go, when, and what its link stands for (security S1, S9).

However many forms are filled in with one address, its inbox gets one such mail in CONFIRMATION_PAUSE and no more than
CONFIRMATIONS_A_MONTH in a month, for as long as nobody presses the link in one: docs/adr/0011-one-question-a-day.md.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience.notices import queue_notice
from digest.model.edition import Edition
from digest.model.keys import Keys, token_hash
from digest.model.subscriber import (
    ASKED_REMEMBERED,
    CONFIRMATION_LIFE,
    CONFIRMATION_PAUSE,
    CONFIRMATIONS_A_MONTH,
    Subscriber,
)
from digest.store import Transaction
from digest.store.confirmations import Confirmation


@dataclass(frozen=True, slots=True)
class Question:
    """Whom we ask about which lists; `edition` is the mail that does it, not stored yet."""

    subscriber: Subscriber
    list_ids: tuple[int, ...]
    edition: Edition


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is in the outbox."""

    inbox: str
    times: tuple[datetime, ...]  # when the inbox is asked, this one last
    hashed: str  # its token

    @property
    def due_at(self) -> datetime:
        return self.times[-1]


def ask(tx: Transaction, keys: Keys, question: Question, *, now: datetime, nonce: str) -> Asked | None:
    """Queue the mail and keep the hash of its token. None when it must not go: then nothing is written.

    The caller holds the lock on the inbox (`tx.door.asked`), then on the subscriber. `nonce` is random; the token is made
    from it again when the mail is composed.
    """
    inbox = keys.inbox_hash(question.subscriber.address)
    asked = tx.door.asked(inbox)
    due_at = next_question(asked, tx.confirmations.of_subscriber(question.subscriber.id), question.list_ids, now)
    if due_at is None:
        return None
    hashed = token_hash(keys.confirmation_token(nonce))
    made = Asked(inbox, (*_recent(asked, now), due_at), hashed)
    tx.door.remember(inbox, made.times)
    tx.confirmations.add(question.subscriber.id, list(question.list_ids), hashed, due_at, due_at + CONFIRMATION_LIFE)
    key, slots = _key(hashed), {"confirm": nonce}
    queue_notice(tx, question.edition, question.subscriber, key=key, now=now, due_at=due_at, slots=slots)
    return made


def postpone(tx: Transaction, asked: Asked, due_at: datetime) -> None:
    """For the sake of others, who come first."""
    if due_at > asked.due_at:
        tx.door.remember(asked.inbox, (*asked.times[:-1], due_at))
        tx.confirmations.reschedule(asked.hashed, due_at, due_at + CONFIRMATION_LIFE)
        tx.messages.reschedule(_key(asked.hashed), due_at)


def next_question(
    asked: Sequence[datetime], made: Sequence[Confirmation], list_ids: Collection[int], now: datetime
) -> datetime | None:
    """When the next mail may go that asks about these lists; None when none may, or none is needed.

    `asked` is when their inbox was asked and did not answer, `made` are the questions to this subscriber. Who asks for a
    second list shortly after the first gets the second mail, but only after the pause.
    """
    recent = _recent(asked, now)
    if not list_ids or len(recent) >= CONFIRMATIONS_A_MONTH:
        return None
    if any(at > now for at in recent):  # one waits for its time already
        return None
    latest = max(recent, default=None)
    if latest is None or latest + CONFIRMATION_PAUSE <= now:
        return now
    open_ = [each for each in made if each.used_at is None and each.created_at + CONFIRMATION_PAUSE > now]
    covered = {number for each in open_ for number in each.list_ids}
    # Another spelling of an address that was asked just now has no open question of its own, and waits for another day.
    return None if not open_ or covered.issuperset(list_ids) else latest + CONFIRMATION_PAUSE


def answered(tx: Transaction, keys: Keys, subscriber: Subscriber, now: datetime) -> None:
    """They pressed a link, so the inbox is theirs: what was asked before counts no more, and what waits may go at once.

    The caller holds the locks on the inbox and on the subscriber.
    """
    inbox = keys.inbox_hash(subscriber.address)
    waits = any(at > now for at in tx.door.asked(inbox))
    tx.door.remember(inbox, [now] if waits else [])
    if waits:
        for hashed in tx.confirmations.waiting(subscriber.id, now):
            tx.confirmations.reschedule(hashed, now, now + CONFIRMATION_LIFE)
            tx.messages.reschedule(_key(hashed), now)


def _recent(asked: Sequence[datetime], now: datetime) -> list[datetime]:
    return [at for at in asked if at > now - ASKED_REMEMBERED]


def _key(hashed: str) -> str:
    return f"confirm:{hashed}"  # not its number, which another may get after an erasure
