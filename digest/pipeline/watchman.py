"""Looks whether all goes as it should, and tells operators by mail: once when something is wrong, and once when it is over.

    facts ──alarms.judge──▶ alerts ──beside those that were told──▶ begun, over ──▶ a mail to each operator

What was told is in the database, changed in the same transaction in which the mail is queued. Safe twice, at the same time as
another, and killed at any line.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from digest.model.address import Address
from digest.model.alert import Alert
from digest.model.edition import Edition
from digest.model.issue import CampaignState
from digest.model.keys import Keys
from digest.model.mailing_list import MailingList
from digest.model.message import OwnMail
from digest.pipeline.alarms import Facts, Unwell, judge
from digest.pipeline.checkup import check_feeds
from digest.store import Store, Transaction
from digest.store.messages import NewMessage

PURPOSE = OwnMail.ALERT
BACKUP = "backup"  # its beat

#: From the list that the mail goes out from, what began, what is over, and a salt.
RenderAlerts = Callable[[MailingList, Sequence[Alert], Sequence[Alert], str], Edition]


@dataclass(frozen=True, slots=True)
class Told:
    begun: tuple[Alert, ...] = ()
    over: tuple[Alert, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.begun or self.over)

    @property
    def mark(self) -> str:
        """The same for the same news."""
        said = " ".join([*(f"+{alert.key}" for alert in self.begun), *(f"-{alert.key}" for alert in self.over)])
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Watchman:
    """`operators` get the mails; when there are none, they go to where a list's replies go."""

    store: Store
    render: RenderAlerts
    keys: Keys
    operators: tuple[Address, ...]
    backup_hours: int
    backs_up: bool  # whether there ought to be backups though there was none yet
    now: Callable[[], datetime]

    def look(self) -> Told:
        """Queue the mails that are due."""
        now = self.now()
        with self.store.read() as tx:
            facts = self._facts(tx, now)
            told = _compare(judge(facts, now), tx.watching.open_alerts())
        if not told or not facts.lists:
            return Told()
        mails = [(each, news, self._render(each, news, now)) for each, news in _by_list(facts.lists, told)]
        with self.store.write() as tx:
            done = _record(tx, told, now)
            if done == told:  # else another scheduler was faster with some of it, and the next look tells the rest
                for mailing_list, news, rendered in mails:
                    self._queue(tx, mailing_list, news, rendered, now)
                return told
            _undo(tx, done, now)
        return Told()

    def _facts(self, tx: Transaction, now: datetime) -> Facts:
        backup = tx.watching.beats().get(BACKUP)
        paused = tx.campaigns.in_state(CampaignState.PAUSED)
        return Facts(
            lists={each.id: each for each in tx.lists.all()},
            waiting=tuple(tx.issues.overdue(now)),
            paused=tuple((each, tx.issues.get(each.issue_id).list_id) for each in paused),
            queues=tuple(tx.watching.queues()),
            feeds=tuple(
                Unwell(feed.list_id, feed.id, feed.title or feed.location, checkup.said)
                for feed, checkup in check_feeds(tx, None, now)
                if checkup.needs_care
            ),
            lately=tx.watching.counts_lately(now),
            backed_up_at=backup.at if backup else None,
            backup_due_at=self._backup_due(tx, backup.at if backup else None),
        )

    def _backup_due(self, tx: Transaction, last: datetime | None) -> datetime | None:
        since = last or (tx.instance.made_at() if self.backs_up else None)
        return since + timedelta(hours=self.backup_hours) if since and self.backup_hours else None

    def _render(self, mailing_list: MailingList, news: Told, now: datetime) -> Edition:
        salt = self.keys.tag("alert-salt", f"{mailing_list.id}:{now.isoformat()}".encode()).hex()
        return self.render(mailing_list, news.begun, news.over, salt)  # no transaction is open

    def _queue(self, tx: Transaction, mailing_list: MailingList, news: Told, rendered: Edition, now: datetime) -> None:
        edition = tx.editions.keep(rendered, None, now)
        for operator in self.operators or ((mailing_list.reply_to or mailing_list.sender).address,):
            hashed = self.keys.address_hash(operator)
            key = f"{PURPOSE}:{mailing_list.id}:{now.isoformat()}:{news.mark}:{hashed}"
            tx.messages.add(NewMessage(key, PURPOSE, mailing_list.id, edition.id, operator, hashed), now)


def _compare(alerts: Iterable[Alert], open_ones: Mapping[str, Alert]) -> Told:
    current = {alert.key: alert for alert in alerts}
    begun = tuple(alert for key, alert in current.items() if key not in open_ones)
    return Told(begun, tuple(alert for key, alert in open_ones.items() if key not in current))


def _by_list(lists: Mapping[int, MailingList], told: Told) -> list[tuple[MailingList, Told]]:
    """One mail a list. What is about no list goes out with the first one."""
    first = next(iter(lists))

    def of(alerts: Iterable[Alert], list_id: int) -> tuple[Alert, ...]:
        return tuple(alert for alert in alerts if (alert.list_id or first) == list_id)

    split = [(each, Told(of(told.begun, each.id), of(told.over, each.id))) for each in lists.values()]
    return [(each, news) for each, news in split if news]


def _record(tx: Transaction, told: Told, now: datetime) -> Told:
    """What this transaction changed, and nobody else meanwhile."""
    begun = tuple(alert for alert in told.begun if tx.watching.open_alert(alert, now))
    return Told(begun, tuple(alert for alert in told.over if tx.watching.close_alert(alert.key)))


def _undo(tx: Transaction, done: Told, now: datetime) -> None:
    for alert in done.begun:
        tx.watching.close_alert(alert.key)
    for alert in done.over:
        tx.watching.open_alert(alert, now)
