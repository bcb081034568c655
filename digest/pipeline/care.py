"""A day before an issue its operator is told which feeds need care: gone, dead, or silent for longer than their rhythm.

One mail for a slot, in the outbox under the slot's own key; none when all is well. Safe twice, at the same time as another,
and killed at any line.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.articles.health import Checkup
from digest.model.address import Address
from digest.model.edition import Edition
from digest.model.feed import Feed
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.message import OwnMail
from digest.pipeline.checkup import check_feeds
from digest.rendering.care import FeedView
from digest.store import Store, Transaction
from digest.store.messages import NewMessage

BEFORE = timedelta(days=1)
PURPOSE = OwnMail.FEEDS_NEED_CARE

RenderCare = Callable[[MailingList, datetime, Sequence[FeedView], str], Edition]  # the text is a salt


@dataclass(frozen=True, slots=True)
class Told:
    """Whose operators were told of how many feeds."""

    mailing_list: MailingList
    feeds: int


@dataclass(frozen=True, slots=True)
class Caretaker:
    """`operators` get the mails; when there are none, they go to where a list's replies go."""

    store: Store
    render: RenderCare
    keys: Keys
    operators: tuple[Address, ...]
    now: Callable[[], datetime]

    def tell(self) -> Iterator[Told]:
        """Queue the mails that are due."""
        now = self.now()
        with self.store.read() as tx:
            soon = [each for each in tx.lists.due(now + BEFORE) if each.next_due_at and each.next_due_at > now]
            waiting = [(each, self._unwell(tx, each, now)) for each in soon if self._is_untold(tx, each)]
        for mailing_list, feeds in waiting:
            if feeds and self._queue(mailing_list, feeds, now):
                yield Told(mailing_list, len(feeds))

    def _is_untold(self, tx: Transaction, mailing_list: MailingList) -> bool:
        return not all(tx.messages.is_made(self._key(mailing_list, each)) for each in self._to(mailing_list))

    def _unwell(self, tx: Transaction, mailing_list: MailingList, now: datetime) -> list[FeedView]:
        checked = check_feeds(tx, mailing_list.id, now)
        return [_view(feed, checkup) for feed, checkup in checked if checkup.needs_care]

    def _queue(self, mailing_list: MailingList, feeds: list[FeedView], now: datetime) -> bool:
        assert mailing_list.next_due_at is not None
        salt = self.keys.tag("care-salt", f"{mailing_list.id}:{mailing_list.next_due_at}".encode()).hex()
        rendered = self.render(mailing_list, mailing_list.next_due_at, feeds, salt)  # no transaction is open
        with self.store.write() as tx:
            edition = tx.editions.keep(rendered, None, now)
            made = [tx.messages.add(self._mail(mailing_list, edition, each), now) for each in self._to(mailing_list)]
        return any(made)

    def _mail(self, mailing_list: MailingList, edition: Edition, operator: Address) -> NewMessage:
        return NewMessage(
            key=self._key(mailing_list, operator),
            purpose=PURPOSE,
            list_id=mailing_list.id,
            edition_id=edition.id,
            address=operator,
            address_hash=self.keys.address_hash(operator),
        )

    def _key(self, mailing_list: MailingList, operator: Address) -> str:
        slot = mailing_list.next_due_at
        return f"care:{mailing_list.id}:{slot:%Y-%m-%dT%H:%M}:{self.keys.address_hash(operator)}"

    def _to(self, mailing_list: MailingList) -> tuple[Address, ...]:
        return self.operators or ((mailing_list.reply_to or mailing_list.sender).address,)


def _view(feed: Feed, checkup: Checkup) -> FeedView:
    return FeedView(feed.id, feed.title or feed.location, feed.location, checkup.health, checkup.said)
