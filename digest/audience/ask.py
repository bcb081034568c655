"""The mail that asks "is this your address?": whether it may go, when, and what its link stands for (security S1, S9).

However many forms are filled in with one address, it gets at most one such mail in CONFIRMATION_PAUSE and
CONFIRMATIONS_A_DAY in a day.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.audience.notices import queue_notice
from digest.model.edition import Edition
from digest.model.keys import Keys, token_hash
from digest.model.subscriber import CONFIRMATION_LIFE, CONFIRMATION_PAUSE, CONFIRMATIONS_A_DAY, Subscriber
from digest.store import Transaction
from digest.store.confirmations import Confirmation


@dataclass(frozen=True, slots=True)
class Question:
    """Whom we ask about which lists; `edition` is the mail that does it, not stored yet."""

    subscriber: Subscriber
    list_ids: tuple[int, ...]
    edition: Edition


def ask(tx: Transaction, keys: Keys, question: Question, *, now: datetime, nonce: str) -> bool:
    """Queue the mail and keep the hash of its token. False when it must not go: then nothing is written.

    The caller holds the lock on the subscriber. `nonce` is random; the token is made from it again when the mail is composed.
    """
    made = tx.confirmations.of_subscriber(question.subscriber.id)
    due_at = next_question(made, question.list_ids, now)
    if due_at is None:
        return False
    hashed = token_hash(keys.confirmation_token(nonce))
    tx.confirmations.add(question.subscriber.id, list(question.list_ids), hashed, due_at, due_at + CONFIRMATION_LIFE)
    return queue_notice(
        tx,
        question.edition,
        question.subscriber,
        key=f"confirm:{hashed}",  # not its number, which another may get after an erasure
        now=now,
        due_at=due_at,
        slots={"confirm": nonce},
    )


def next_question(made: Sequence[Confirmation], list_ids: Collection[int], now: datetime) -> datetime | None:
    """When the next mail may go that asks about these lists; None when none may, or none is needed.

    Who asks for a second list shortly after the first gets the second mail, but only after the pause.
    """
    recent = [each for each in made if each.created_at > now - CONFIRMATION_PAUSE]
    today = [each for each in made if each.created_at > now - timedelta(days=1)]
    asked = {number for each in recent if each.used_at is None for number in each.list_ids}
    if asked.issuperset(list_ids) or len(today) >= CONFIRMATIONS_A_DAY:  # the empty set is a subset of any
        return None
    if any(each.created_at > now for each in recent):  # one waits for its time already
        return None
    return max((each.created_at + CONFIRMATION_PAUSE for each in recent), default=now)
