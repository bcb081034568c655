"""Queries for whoever watches: counts, beats, alerts, and the figures of the outbox. None reads more than a few index entries.

But for `queue`, which counts up to MOST_COUNTED of them.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, func, select, update

from digest.model.alert import Alert, AlertKind
from digest.model.feed import FeedState
from digest.model.issue import CampaignState
from digest.model.message import MessageState
from digest.store.dialect import insert_new
from digest.store.tables import IS_DUE, IS_HELD, campaigns, feeds, lists, messages
from digest.store.watch_tables import alerts, beats, counted

MOST_COUNTED = 100_000  # messages of one queue
MOST_NAMED = 50  # domains of recipients
OTHERS = "other"  # in place of the name of any other

#: What became of an attempt: relay, domain of the recipient, state.
Outcome = tuple[str, str, MessageState]


@dataclass(frozen=True, slots=True)
class Beat:
    """When a job was done last, and since when it fails."""

    name: str
    at: datetime
    failing_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits, of one running campaign (by issue) or of the mails of their own (None). At most MOST_COUNTED."""

    issue_id: int | None
    waiting: int
    oldest_due_at: datetime | None


class Watching:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    # What became of attempts.

    def count(self, outcomes: Mapping[Outcome, int], now: datetime) -> None:
        """Add these. The first domains get a name, those with the most first; all later ones are counted together."""
        hour = _hour(now)
        rows = [
            {"relay": relay, "domain": domain, "state": state, "count": count, "hour": hour, "in_hour": count}
            for (relay, domain, state), count in sorted(self._named(outcomes).items())  # two never wait for each other
        ]
        if rows:
            self._connection.execute(_add(insert_new(self._connection, counted)), rows)

    def _named(self, outcomes: Mapping[Outcome, int]) -> Counter[Outcome]:
        names = set(self._connection.execute(select(counted.c.domain).distinct()).scalars()) - {OTHERS}
        sums: Counter[str] = Counter()
        for (_, domain, _), count in outcomes.items():
            sums[domain] += count
        unknown = [domain for domain, _ in sums.most_common() if domain not in names]
        names.update(unknown[: max(0, MOST_NAMED - len(names))])
        named: Counter[Outcome] = Counter()
        for (relay, domain, state), count in outcomes.items():
            named[relay, domain if domain in names else OTHERS, state] += count
        return named

    def counts(self) -> dict[Outcome, int]:
        """Since the database was made."""
        query = select(*_OUTCOME, counted.c.count).order_by(*_OUTCOME)
        return {(relay, domain, MessageState(state)): count for relay, domain, state, count in self._run(query)}

    def counts_lately(self, now: datetime) -> dict[Outcome, int]:
        """In this hour and the one before."""
        this = _hour(now)
        lately = case((counted.c.hour == this, counted.c.in_hour + counted.c.in_hour_before), else_=counted.c.in_hour)
        query = select(*_OUTCOME, lately).where(counted.c.hour >= this - 1).order_by(*_OUTCOME)
        return {(relay, domain, MessageState(state)): count for relay, domain, state, count in self._run(query)}

    def _run(self, query: Select[Any]) -> Sequence[Any]:
        return self._connection.execute(query).all()

    # Beats.

    def beat(self, name: str, now: datetime) -> None:
        """A job was done."""
        new = insert_new(self._connection, beats).values(name=name, at=now)
        done = {"at": new.excluded.at, "failing_since": None}
        self._connection.execute(new.on_conflict_do_update(index_elements=["name"], set_=done))

    def miss(self, name: str, now: datetime) -> None:
        """A job failed. One that was never done has no row yet, and gets none."""
        fails = update(beats).where(beats.c.name == name, beats.c.failing_since.is_(None))
        self._connection.execute(fails.values(failing_since=now))

    def beats(self) -> dict[str, Beat]:
        rows = self._connection.execute(select(beats))
        return {row.name: Beat(row.name, row.at, row.failing_since) for row in rows}

    # Alerts.

    def open_alerts(self) -> dict[str, Alert]:
        """Those that were told and are not over, by key, oldest first."""
        rows = self._connection.execute(select(alerts).order_by(alerts.c.since, alerts.c.key))
        return {row.key: Alert(AlertKind(row.kind), row.key.partition(":")[2], row.said, row.list_id) for row in rows}

    def open_alert(self, alert: Alert, now: datetime) -> bool:
        """False when it is open already."""
        done = self._connection.execute(
            insert_new(self._connection, alerts)
            .values(key=alert.key, kind=alert.kind, list_id=alert.list_id, said=alert.said, since=now)
            .on_conflict_do_nothing(index_elements=["key"])
        )
        return done.rowcount == 1

    def close_alert(self, key: str) -> bool:
        """False when it is over already."""
        return self._connection.execute(delete(alerts).where(alerts.c.key == key)).rowcount == 1

    # Figures.

    def queues(self) -> list[Queue]:
        """What waits: of mails of their own, and of each running campaign."""
        running = select(campaigns.c.id, campaigns.c.issue_id).where(campaigns.c.state == CampaignState.RUNNING)
        found = [(None, messages.c.campaign_id.is_(None))]
        found += [
            (row.issue_id, messages.c.campaign_id == row.id)
            for row in self._connection.execute(running.order_by(campaigns.c.id)).all()
        ]
        return [self._queue(issue_id, whose) for issue_id, whose in found]

    def _queue(self, issue_id: int | None, whose: ColumnElement[bool]) -> Queue:
        some = select(messages.c.id).where(IS_DUE, whose).limit(MOST_COUNTED).subquery()
        waiting = self._connection.execute(select(func.count()).select_from(some)).scalar_one()
        oldest = select(messages.c.due_at).where(IS_DUE, whose).order_by(messages.c.due_at).limit(1)
        return Queue(issue_id, waiting, self._connection.execute(oldest).scalar())

    def held(self) -> int:
        """Messages that senders have in hand: a few for each connection."""
        return int(self._connection.execute(select(func.count()).select_from(messages).where(IS_HELD)).scalar_one())

    def campaigns(self) -> dict[CampaignState, int]:
        query = select(campaigns.c.state, func.count()).group_by(campaigns.c.state)
        found = {CampaignState(state): count for state, count in self._connection.execute(query)}
        return {state: found.get(state, 0) for state in CampaignState}

    def feeds(self) -> dict[tuple[str, str], int]:
        """How many, by list, and gone, failing or well."""
        how = case((feeds.c.state == FeedState.GONE, "gone"), (feeds.c.failures > 0, "failing"), else_="well")
        query = select(lists.c.name, how, func.count()).join(lists, lists.c.id == feeds.c.list_id)
        found = self._connection.execute(query.group_by(lists.c.name, how))
        return {(name, state): count for name, state, count in found}


_OUTCOME = (counted.c.relay, counted.c.domain, counted.c.state)


def _hour(moment: datetime) -> int:
    return int(moment.timestamp()) // 3600


def _add(new: Any) -> Any:
    """To what is there; an hour that is over becomes the hour before."""
    said = new.excluded
    same, next_one = counted.c.hour == said.hour, counted.c.hour == said.hour - 1
    return new.values(in_hour_before=0).on_conflict_do_update(
        index_elements=["relay", "domain", "state"],
        set_={
            "count": counted.c.count + said["count"],
            "hour": said.hour,
            "in_hour": case((same, counted.c.in_hour + said.in_hour), else_=said.in_hour),
            "in_hour_before": case((same, counted.c.in_hour_before), (next_one, counted.c.in_hour), else_=0),
        },
    )
