"""A person gets another address; where somebody has that already, two turn out to be one. In the caller's transaction.

What still waits in the outbox goes to the new address. The number of who is merged stays known: links in old mails hold it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, insert, select, update

from digest.model.address import Address
from digest.model.message import MessageState
from digest.model.subscriber import SubscriptionState, outranks
from digest.store.messages import NOBODYS, for_reader
from digest.store.tables import (
    IS_DUE,
    confirmations,
    events,
    fresh_links,
    merged_subscribers,
    messages,
    subscribers,
    subscriptions,
)


class Readdressing:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, *subscriber_ids: int) -> None:
        """Nobody else changes what hangs on these people until this transaction ends. Always in one order, or two would wait for ever."""
        query = select(subscribers.c.id).where(subscribers.c.id.in_(subscriber_ids)).order_by(subscribers.c.id)
        self._connection.execute(query.with_for_update()).all()

    def move(self, subscriber_id: int, address: Address, address_hash: str) -> None:
        """Nobody else may have this address any more."""
        theirs = {"address": str(address), "address_hash": address_hash}
        self._connection.execute(
            update(subscribers).where(subscribers.c.id == subscriber_id).values(**theirs, address_key=address.key)
        )
        for reader in for_reader(subscriber_id):
            self._connection.execute(update(messages).where(reader, IS_DUE).values(**theirs))
        moved = subscriptions.c.subscriber_id == subscriber_id  # no import's any more: it brought another address
        self._connection.execute(update(subscriptions).where(moved).values(import_id=0))

    def merge(self, subscriber_id: int, other_id: int) -> None:
        """All that `other_id` has becomes `subscriber_id`'s; of two subscriptions to a list the stronger one stays.

        Nobody gets an issue twice: the later cursor counts, and of two messages of a campaign one is let go.
        """
        self._merge_subscriptions(subscriber_id, other_id)
        self._merge_messages(subscriber_id, other_id)
        self._connection.execute(delete(fresh_links).where(fresh_links.c.subscriber_id == other_id))
        for table in (confirmations, events, merged_subscribers):
            self._connection.execute(
                update(table).where(table.c.subscriber_id == other_id).values(subscriber_id=subscriber_id)
            )
        self._connection.execute(delete(subscribers).where(subscribers.c.id == other_id))
        self._connection.execute(insert(merged_subscribers).values(id=other_id, subscriber_id=subscriber_id))

    def _merge_subscriptions(self, subscriber_id: int, other_id: int) -> None:
        ours, theirs = self._subscriptions(subscriber_id), self._subscriptions(other_id)
        for list_id, other in theirs.items():
            mine = ours.get(list_id)
            latest = {name: max(getattr(each, name) for each in (other, mine or other)) for name in _LATEST}
            stays, goes = subscriber_id, other_id
            if mine is None or outranks(SubscriptionState(other.state), SubscriptionState(mine.state)):
                stays, goes = other_id, subscriber_id
            self._connection.execute(delete(subscriptions).where(*_one(goes, list_id)))
            kept = update(subscriptions).where(*_one(stays, list_id))
            self._connection.execute(kept.values(subscriber_id=subscriber_id, **latest))

    def _subscriptions(self, subscriber_id: int) -> dict[int, Row[Any]]:
        query = select(subscriptions).where(subscriptions.c.subscriber_id == subscriber_id)
        return {row.list_id: row for row in self._connection.execute(query)}

    def _merge_messages(self, subscriber_id: int, other_id: int) -> None:
        """Of two messages of one campaign that stays which reached somebody, or may; the other one becomes nobody's."""
        mine, theirs = for_reader(subscriber_id)[0], for_reader(other_id)[0]
        self._update(and_(mine, messages.c.state.in_(_IN_VAIN), _of_both(other_id, *_WAITING)), **NOBODYS)
        gone_out = _of_both(other_id, *_REACHED)
        self._update(and_(mine, IS_DUE, gone_out), state=MessageState.SUPPRESSED)
        self._update(and_(theirs, IS_DUE, _of_both(subscriber_id)), state=MessageState.SUPPRESSED)
        self._update(and_(theirs, _of_both(subscriber_id)), subscriber_id=None)  # an erasure finds it by its address
        for rest in for_reader(other_id):
            self._update(rest, subscriber_id=subscriber_id)

    def _update(self, which: ColumnElement[bool], **values: Any) -> None:
        self._connection.execute(update(messages).where(which).values(**values))


_LATEST = ("cursor", "feed_number")  # of a subscription: an ended address of a feed must stay ended
_IN_VAIN = (MessageState.SUPPRESSED, MessageState.FAILED, MessageState.BOUNCED)
_WAITING = (MessageState.QUEUED, MessageState.DEFERRED)
_REACHED = (MessageState.ACCEPTED, MessageState.UNCERTAIN, MessageState.CLAIMED, MessageState.ARMED)


def _of_both(other_id: int, *states: MessageState) -> ColumnElement[bool]:
    """That the other one has a message of the same campaign, in one of these states if some are named."""
    other = messages.alias()
    found = exists().where(other.c.campaign_id == messages.c.campaign_id, other.c.subscriber_id == other_id)
    return found.where(other.c.state.in_(states)) if states else found


def _one(subscriber_id: int, list_id: int) -> tuple[Any, Any]:
    return subscriptions.c.subscriber_id == subscriber_id, subscriptions.c.list_id == list_id
