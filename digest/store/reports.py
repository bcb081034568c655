"""Queries about what became of an issue: added up once when its campaign is over, and kept, for it takes a look at each message."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, select, update

from digest.model.event import EventKind
from digest.model.message import MISSED, MessageState
from digest.store.tables import campaigns, events, messages

MOST_DOMAINS = 20
MOST_REASONS = 20
MOST_SAID = 120  # characters of a reply


@dataclass(frozen=True, slots=True)
class OfDomain:
    """What became of the messages to one domain of recipients."""

    domain: str
    accepted: int
    deferred: int
    missed: int

    @property
    def messages(self) -> int:
        return self.accepted + self.deferred + self.missed


@dataclass(frozen=True, slots=True)
class OfReason:
    """Messages that ended without the mail for the same reason."""

    state: str
    code: str  # "550 5.1.1"; "" when nobody replied
    said: str  # the reply of one of them
    messages: int


@dataclass(frozen=True, slots=True)
class Breakdown:
    """Where an issue's messages went, and why some did not arrive; the largest first."""

    domains: tuple[OfDomain, ...]
    other: OfDomain  # all other domains
    reasons: tuple[OfReason, ...]


class Reports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def kept(self, campaign_id: int) -> Breakdown | None:
        """None when it was not added up yet."""
        row = self._connection.execute(select(campaigns.c.report).where(campaigns.c.id == campaign_id)).scalar()
        return None if row is None else _from_json(row)

    def keep(self, campaign_id: int, breakdown: Breakdown) -> None:
        """Unless its campaign goes on again."""
        over = campaigns.c.id == campaign_id, campaigns.c.finished_at.is_not(None)
        self._connection.execute(update(campaigns).where(*over).values(report=_to_json(breakdown)))

    def to_add_up(self) -> list[int]:
        """Campaigns that are over, and whose messages nobody has added up."""
        query = select(campaigns.c.id).where(campaigns.c.finished_at.is_not(None), campaigns.c.report.is_(None))
        return list(self._connection.execute(query.order_by(campaigns.c.id)).scalars())

    def add_up(self, campaign_id: int) -> Breakdown:
        """Looks at each message."""
        domains = self._domains(campaign_id)
        rest = domains[MOST_DOMAINS:]
        other = OfDomain(
            "others",
            sum(each.accepted for each in rest),
            sum(each.deferred for each in rest),
            sum(each.missed for each in rest),
        )
        return Breakdown(tuple(domains[:MOST_DOMAINS]), other, self._reasons(campaign_id))

    def unsubscribed(self, list_id: int, start: datetime, days: int) -> list[int]:
        """How many left a list, on each of the days after a moment."""
        ends = [start + timedelta(days=number) for number in range(days + 1)]
        counted = [func.count().filter(events.c.at >= since, events.c.at < until) for since, until in pairwise(ends)]
        query = select(*counted).where(*_told(EventKind.UNSUBSCRIBED, list_id, start, ends[-1]))
        return list(self._connection.execute(query).one())

    def reasons_told(self, list_id: int, start: datetime, days: int) -> Counter[str]:
        """Why, as far as they said."""
        reason = events.c.detail["reason"].as_string()
        until = start + timedelta(days=days)
        query = select(reason, func.count()).where(*_told(EventKind.SAID_WHY, list_id, start, until)).group_by(reason)
        return Counter({str(why): count for why, count in self._connection.execute(query)})

    def words_told(self, list_id: int, start: datetime, days: int, most: int) -> list[str]:
        """In their own words, the newest first."""
        words = events.c.detail["words"].as_string()
        until = start + timedelta(days=days)
        query = select(words).where(*_told(EventKind.SAID_WHY, list_id, start, until), words != "")
        return list(self._connection.execute(query.order_by(events.c.id.desc()).limit(most)).scalars())

    def _domains(self, campaign_id: int) -> list[OfDomain]:
        domain = self._domain()
        counted = [
            func.count().filter(messages.c.state == MessageState.ACCEPTED),
            func.count().filter(messages.c.state == MessageState.DEFERRED),
            func.count().filter(messages.c.state.in_(MISSED)),
        ]
        query = select(domain, *counted).where(messages.c.campaign_id == campaign_id).group_by(domain)
        rows = self._connection.execute(query)
        found = [OfDomain(row[0], row[1], row[2], row[3]) for row in rows]
        return sorted(found, key=lambda each: (-each.messages, each.domain))

    def _domain(self) -> ColumnElement[str]:
        """Of an address: what follows its last @, for a local part in quotes may have one."""
        if self._connection.dialect.name == "sqlite":
            local = func.rtrim(messages.c.address, func.replace(messages.c.address, "@", ""))
            return func.substr(messages.c.address, func.length(local) + 1)
        return func.substring(messages.c.address, "[^@]*$")

    def _reasons(self, campaign_id: int) -> tuple[OfReason, ...]:
        said = func.min(func.substr(messages.c.reply_text, 1, MOST_SAID))
        by = messages.c.state, messages.c.reply_code, messages.c.reply_status
        query = (
            select(*by, said, func.count())
            .where(messages.c.campaign_id == campaign_id, messages.c.state.in_((*MISSED, MessageState.DEFERRED)))
            .group_by(*by)
            .order_by(func.count().desc(), *by)
            .limit(MOST_REASONS)
        )
        return tuple(
            OfReason(state, f"{code or ''} {status}".strip(), text, count)
            for state, code, status, text, count in self._connection.execute(query)
        )


def _told(kind: EventKind, list_id: int, start: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return events.c.kind == kind, events.c.at >= start, events.c.at < until, events.c.list_id == list_id


def _to_json(breakdown: Breakdown) -> dict[str, Any]:
    return {
        "domains": [_row(each) for each in breakdown.domains],
        "other": _row(breakdown.other),
        "reasons": [[each.state, each.code, each.said, each.messages] for each in breakdown.reasons],
    }


def _row(each: OfDomain) -> Sequence[object]:
    return [each.domain, each.accepted, each.deferred, each.missed]


def _from_json(kept: dict[str, Any]) -> Breakdown:
    return Breakdown(
        tuple(OfDomain(*each) for each in kept["domains"]),
        OfDomain(*kept["other"]),
        tuple(OfReason(*each) for each in kept["reasons"]),
    )
